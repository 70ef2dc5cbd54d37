//! A `[[users]]` table as pairs of key and value. A file has a hundred thousand such tables: what
//! parses a whole file into a tree spends most of its time on the tree, and most of the rest on lines
//! that are a key and a short text. Whatever is out of the ordinary is left to it, so nothing here
//! decides what is valid.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};
use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::lexer::Token;
use toml_parser::parser::{EventReceiver, ValidateWhitespace, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source, Span};

/// A key, and what stands under it.
pub(super) type Pair<'t> = (Spanned<DeString<'t>>, Spanned<DeValue<'t>>);

/// Keys of one table.
const MOST_KEYS: usize = 64;
/// Lists and tables inside each other.
const DEEPEST: usize = 8;

/// One table after the other, each in the room of the last.
#[derive(Default)]
pub(super) struct Pairs<'t> {
    tokens: Vec<Token>,
    pairs: Vec<Pair<'t>>,
    open: Vec<Open<'t>>,
}

/// A list or a table that has not ended yet.
struct Open<'t> {
    start: usize,
    /// The key that it stands under, if it does not stand in a list.
    key: Option<Spanned<DeString<'t>>>,
    items: Items<'t>,
}

enum Items<'t> {
    List(DeArray<'t>),
    Table(DeTable<'t>),
}

impl<'t> Pairs<'t> {
    /// The pairs of a text that is a `[[users]]` table and nothing else, and where its header is;
    /// nothing, if it is anything else.
    pub(super) fn of(&mut self, text: &'t str) -> Option<(&[Pair<'t>], Range<usize>)> {
        self.pairs.clear();
        let header = match self.by_lines(text) {
            Some(header) => header,
            None => {
                self.pairs.clear();
                self.by_events((0, text), Header::Awaited)?
            }
        };
        Some((&self.pairs, header))
    }

    /// Reads a table of which each line is whole by itself. What goes on over several lines is not:
    /// it begins with one that is not valid.
    fn by_lines(&mut self, text: &'t str) -> Option<Range<usize>> {
        let header = 0..HEADER.len();
        let mut begin = 0;
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        for end in ends.chain([text.len()]) {
            let line = text.get(begin..end)?;
            let content = content(line);
            if begin == 0 {
                (content == HEADER).then_some(())?;
            } else if let Some((key, value)) = plain_pair(begin, content) {
                is_new(&key, &self.pairs).then(|| self.pairs.push((key, value)))?;
            } else if !content.is_empty() {
                // The mark of byte order stands at the beginning of a file and nowhere else.
                line.is_char_boundary(1).then_some(())?;
                self.by_events((begin, line), Header::Read(header.clone()))?;
            }
            begin = end;
        }
        Some(header)
    }

    /// Adds the pairs of a part of the text. Says where the header is that they stand under.
    fn by_events(
        &mut self,
        (begin, text): (usize, &'t str),
        header: Header,
    ) -> Option<Range<usize>> {
        let source = Source::new(text);
        self.tokens.clear();
        self.tokens.extend(source.lex());
        self.open.clear();
        let (pairs, open) = (&mut self.pairs, &mut self.open);
        let mut events = Events { source, begin, pairs, open, key: None, header, is_odd: false };
        let mut error: Option<ParseError> = None;
        parse_document(&self.tokens, &mut ValidateWhitespace::new(&mut events, source), &mut error);
        match events.header {
            Header::Read(span) if !events.is_odd && error.is_none() => Some(span),
            Header::Read(_) | Header::Open(_) | Header::Awaited => None,
        }
    }
}

const HEADER: &str = "[[users]]";

/// A line without its end.
fn content(line: &str) -> &str {
    let Some(content) = line.strip_suffix('\n') else { return line };
    content.strip_suffix('\r').unwrap_or(content)
}

/// Whether the table has no such key yet, and room for it.
fn is_new(key: &Spanned<DeString<'_>>, pairs: &[Pair<'_>]) -> bool {
    pairs.len() < MOST_KEYS && pairs.iter().all(|(known, _)| known != key)
}

/// A line that is nothing but a bare key and a text that means itself, as most lines are.
fn plain_pair(begin: usize, line: &str) -> Option<Pair<'_>> {
    let (key, rest) = line.split_at_checked(line.bytes().position(|byte| !is_bare(byte))?)?;
    let value = rest.trim_start_matches(' ').strip_prefix("= ").filter(|_| !key.is_empty())?;
    let text = plain(value, Some(Encoding::BasicString))?;
    let (key_end, end) = (begin + key.len(), begin + line.len());
    let value = Spanned::new(end - value.len()..end, DeValue::String(DeString::Borrowed(text)));
    Some((Spanned::new(begin..key_end, DeString::Borrowed(key)), value))
}

/// Where the header of the table is.
enum Header {
    Awaited,
    /// It has begun here.
    Open(usize),
    Read(Range<usize>),
}

/// Puts pairs together while their parts come.
struct Events<'t, 'p> {
    source: Source<'t>,
    /// Where in the text of the table the source begins.
    begin: usize,
    pairs: &'p mut Vec<Pair<'t>>,
    open: &'p mut Vec<Open<'t>>,
    key: Option<Spanned<DeString<'t>>>,
    header: Header,
    /// Whether something came that the tree is needed for.
    is_odd: bool,
}

impl<'t> Events<'t, '_> {
    fn place(&self, span: Span) -> Range<usize> {
        self.begin + span.start()..self.begin + span.end()
    }

    fn value(&mut self, span: Range<usize>, value: DeValue<'t>) {
        if self.is_odd {
            return;
        }
        let value = Spanned::new(span, value);
        let again = match self.open.last_mut().map(|open| &mut open.items) {
            Some(Items::List(list)) => {
                list.push(value);
                false
            }
            Some(Items::Table(table)) => match self.key.take() {
                Some(key) => table.insert(key, value).is_some(),
                None => true,
            },
            None => match self.key.take() {
                Some(key) => {
                    let again = !is_new(&key, self.pairs);
                    self.pairs.push((key, value));
                    again
                }
                None => true,
            },
        };
        self.is_odd |= again;
    }

    fn begin(&mut self, span: Span, items: Items<'t>) -> bool {
        let key = self.key.take();
        self.open.push(Open { start: self.place(span).start, key, items });
        self.is_odd |= self.open.len() > DEEPEST;
        !self.is_odd
    }

    fn end(&mut self, span: Span) {
        let Some(Open { start, key, items }) = self.open.pop() else {
            self.is_odd = true;
            return;
        };
        self.key = key;
        let value = match items {
            Items::List(list) => DeValue::Array(list),
            Items::Table(table) => DeValue::Table(table),
        };
        self.value(start..self.place(span).end, value);
    }
}

impl EventReceiver for Events<'_, '_> {
    fn std_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.is_odd = true;
    }

    fn array_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        match self.header {
            Header::Awaited => self.header = Header::Open(self.place(span).start),
            Header::Open(_) | Header::Read(_) => self.is_odd = true,
        }
    }

    fn array_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        match (&self.header, self.key.take()) {
            (Header::Open(start), Some(key)) if key.get_ref() == "users" => {
                self.header = Header::Read(*start..self.place(span).end);
            }
            _ => self.is_odd = true,
        }
    }

    fn inline_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.begin(span, Items::Table(DeTable::new()))
    }

    fn inline_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.end(span);
    }

    fn array_open(&mut self, span: Span, _: &mut dyn ErrorSink) -> bool {
        self.begin(span, Items::List(DeArray::new()))
    }

    fn array_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.end(span);
    }

    fn simple_key(&mut self, span: Span, kind: Option<Encoding>, error: &mut dyn ErrorSink) {
        let Some(text) = self.source.get(span).map(|raw| raw.as_str()) else {
            self.is_odd = true;
            return;
        };
        let mut key = DeString::Borrowed(text);
        // A key that is missing comes as one without letters.
        if kind.is_some() || text.is_empty() || !text.bytes().all(is_bare) {
            Raw::new_unchecked(text, kind, span).decode_key(&mut key, error);
        }
        let key = Spanned::new(self.place(span), key);
        self.is_odd |= self.key.replace(key).is_some();
    }

    fn key_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.is_odd = true;
    }

    fn scalar(&mut self, span: Span, kind: Option<Encoding>, error: &mut dyn ErrorSink) {
        let Some(text) = self.source.get(span).map(|raw| raw.as_str()) else {
            self.is_odd = true;
            return;
        };
        if let Some(text) = plain(text, kind) {
            self.value(self.place(span), DeValue::String(DeString::Borrowed(text)));
            return;
        }
        let mut decoded = DeString::default();
        let value = match Raw::new_unchecked(text, kind, span).decode_scalar(&mut decoded, error) {
            ScalarKind::String => DeValue::String(decoded),
            ScalarKind::Boolean(value) => DeValue::Boolean(value),
            ScalarKind::DateTime | ScalarKind::Float | ScalarKind::Integer(_) => {
                match DeValue::parse(text) {
                    Ok(value) => value.into_inner(),
                    Err(_) => {
                        self.is_odd = true;
                        return;
                    }
                }
            }
        };
        self.value(self.place(span), value);
    }

    fn error(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.is_odd = true;
    }
}

/// What is between the quotes of a text that means itself: nearly all do, and what decodes the others
/// takes its time.
fn plain(text: &str, kind: Option<Encoding>) -> Option<&str> {
    let (Some(Encoding::BasicString), [b'"', inner @ .., b'"']) = (kind, text.as_bytes()) else {
        return None;
    };
    let itself = |byte: u8| byte >= b' ' && byte != b'\\' && byte != b'"' && byte != 0x7f;
    // All are looked at, several at a time.
    let all = inner.iter().fold(true, |so_far, byte| so_far & itself(*byte));
    text.get(1..=inner.len()).filter(|_| all)
}

/// Whether a key may have this byte and no quotes.
const fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
