//! What a text consists of, in its order: keys with values, headers, comments, empty lines.

use std::borrow::Cow;

use toml_parser::decoder::Encoding;
use toml_parser::lexer::Token;
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{ParseError, Raw, Source, Span};

/// A piece of a file, a list or an inline table.
pub(super) enum Piece<'t> {
    /// One empty line or more.
    Empty,
    /// A comment on a line of its own.
    Comment(&'t str),
    /// The header of a table.
    Header { text: String, comment: Option<Behind<'t>> },
    /// A value; in a list it has no key.
    Entry { key: Option<String>, value: Value<'t>, comment: Option<Behind<'t>> },
}

/// A value as it is to be written.
pub(super) enum Value<'t> {
    /// Anything but a list or a table.
    Scalar(Cow<'t, str>),
    List(Group<'t>),
    Table(Group<'t>),
}

/// What stands between brackets.
#[derive(Default)]
pub(super) struct Group<'t> {
    pub(super) pieces: Vec<Piece<'t>>,
    /// The comment right behind the opening bracket.
    pub(super) comment: Option<Behind<'t>>,
    /// Whether there is a line end between the pieces.
    pub(super) has_lines: bool,
}

/// A comment with something before it on its line.
#[derive(Clone, Copy)]
pub(super) struct Behind<'t> {
    pub(super) text: &'t str,
    /// The column that it stands in, from 0, if it is set off by more than one blank.
    pub(super) column: Option<usize>,
}

/// The pieces of a text that is valid TOML.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let source = Source::new(text);
    let tokens: Vec<Token> = source.lex().into_vec();
    let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
    // Whoever calls has asked what is wrong.
    let mut error: Option<ParseError> = None;
    parse_document(&tokens, &mut events, &mut error);
    Cutter { source, events: events.iter() }.cut(1).pieces
}

/// Cuts a text into pieces.
struct Cutter<'t, 'e> {
    source: Source<'t>,
    events: std::slice::Iter<'e, Event>,
}

impl<'t> Cutter<'t, '_> {
    /// The pieces up to the end of what has begun, after so many line ends.
    fn cut(&mut self, mut ends: usize) -> Group<'t> {
        let mut group = Group::default();
        let mut key: Option<String> = None;
        let mut header = "";
        while let Some(event) = self.events.next() {
            let text = self.text(event.span());
            let piece = match event.kind() {
                EventKind::Newline => {
                    ends += 1;
                    group.has_lines = true;
                    continue;
                }
                EventKind::SimpleKey => {
                    key.get_or_insert_default().push_str(&plain_key(text, event));
                    continue;
                }
                EventKind::KeySep => {
                    key.get_or_insert_default().push('.');
                    continue;
                }
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    header = text;
                    continue;
                }
                EventKind::StdTableClose | EventKind::ArrayTableClose => {
                    let name = key.take().unwrap_or_default();
                    Piece::Header { text: format!("{header}{name}{text}"), comment: None }
                }
                EventKind::Comment => {
                    let comment = text.trim_end_matches([' ', '\t', '\r']);
                    let behind = Behind { text: comment, column: self.column(event.span()) };
                    if ends == 0 && group.hang(behind) {
                        continue;
                    }
                    Piece::Comment(comment)
                }
                EventKind::Scalar => {
                    let value = Value::Scalar(plain_text(text, event.encoding()));
                    Piece::Entry { key: key.take(), value, comment: None }
                }
                EventKind::ArrayOpen => {
                    let value = Value::List(self.cut(0));
                    Piece::Entry { key: key.take(), value, comment: None }
                }
                EventKind::InlineTableOpen => {
                    let value = Value::Table(self.cut(0));
                    Piece::Entry { key: key.take(), value, comment: None }
                }
                EventKind::ArrayClose | EventKind::InlineTableClose => break,
                EventKind::KeyValSep
                | EventKind::ValueSep
                | EventKind::Whitespace
                | EventKind::Error => continue,
            };
            if ends > 1 && !group.pieces.is_empty() {
                group.pieces.push(Piece::Empty);
            }
            ends = 0;
            group.pieces.push(piece);
        }
        group
    }

    fn text(&self, span: Span) -> &'t str {
        self.source.get(span).map(|raw| raw.as_str()).unwrap_or_default()
    }

    /// Where a comment stands in its line, if that was chosen: one blank is what it has anyway, and a
    /// tab is as wide as every editor likes.
    fn column(&self, comment: Span) -> Option<usize> {
        let before = self.source.input().get(..comment.start())?.rsplit('\n').next()?;
        let chosen = before.ends_with("  ") && !before.contains('\t');
        chosen.then(|| before.chars().count())
    }
}

impl<'t> Group<'t> {
    /// Hangs a comment behind what it follows on its line, if there is something.
    fn hang(&mut self, behind: Behind<'t>) -> bool {
        let place = match self.pieces.last_mut() {
            Some(Piece::Entry { comment, .. } | Piece::Header { comment, .. }) => comment,
            None => &mut self.comment,
            Some(Piece::Comment(_) | Piece::Empty) => return false,
        };
        let is_free = place.is_none();
        place.get_or_insert(behind);
        is_free
    }
}

/// A key without quotes, if it needs none.
fn plain_key<'t>(text: &'t str, event: &Event) -> Cow<'t, str> {
    let Some(encoding) = event.encoding() else { return text.into() };
    let mut name = Cow::Borrowed("");
    let mut error: Option<ParseError> = None;
    Raw::new_unchecked(text, Some(encoding), event.span()).decode_key(&mut name, &mut error);
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_bare) {
        return name;
    }
    plain_text(text, Some(encoding))
}

/// A text in basic quotes, if that takes no escapes.
fn plain_text(text: &str, encoding: Option<Encoding>) -> Cow<'_, str> {
    let inner = || text.strip_prefix('\'')?.strip_suffix('\'');
    match (encoding, inner()) {
        (Some(Encoding::LiteralString), Some(inner)) if !inner.contains(['"', '\\']) => {
            format!("\"{inner}\"").into()
        }
        _ => text.into(),
    }
}
