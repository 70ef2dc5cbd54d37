//! A `[[users]]` table as pairs of key and value. A file has a hundred thousand such tables: what
//! parses a whole file into a tree spends most of its time on the tree. Whatever is out of the
//! ordinary is left to it, so nothing here decides what is valid.

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
        let source = Source::new(text);
        self.tokens.clear();
        self.tokens.extend(source.lex());
        self.pairs.clear();
        self.open.clear();
        let (pairs, open) = (&mut self.pairs, &mut self.open);
        let mut events =
            Events { source, pairs, open, key: None, header: Header::Awaited, is_odd: false };
        let mut error: Option<ParseError> = None;
        parse_document(&self.tokens, &mut ValidateWhitespace::new(&mut events, source), &mut error);
        match events.header {
            Header::Read(span) if !events.is_odd && error.is_none() => Some((&self.pairs, span)),
            Header::Read(_) | Header::Open(_) | Header::Awaited => None,
        }
    }
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
    pairs: &'p mut Vec<Pair<'t>>,
    open: &'p mut Vec<Open<'t>>,
    key: Option<Spanned<DeString<'t>>>,
    header: Header,
    /// Whether something came that the tree is needed for.
    is_odd: bool,
}

impl<'t> Events<'t, '_> {
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
                    let again = self.pairs.iter().any(|(other, _)| *other == key);
                    self.pairs.push((key, value));
                    again || self.pairs.len() > MOST_KEYS
                }
                None => true,
            },
        };
        self.is_odd |= again;
    }

    fn begin(&mut self, span: Span, items: Items<'t>) -> bool {
        let key = self.key.take();
        self.open.push(Open { start: span.start(), key, items });
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
        self.value(start..span.end(), value);
    }
}

impl EventReceiver for Events<'_, '_> {
    fn std_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.is_odd = true;
    }

    fn array_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        match self.header {
            Header::Awaited => self.header = Header::Open(span.start()),
            Header::Open(_) | Header::Read(_) => self.is_odd = true,
        }
    }

    fn array_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        match (&self.header, self.key.take()) {
            (Header::Open(start), Some(key)) if key.get_ref() == "users" => {
                self.header = Header::Read(*start..span.end());
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
        let key = Spanned::new(span.start()..span.end(), key);
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
            self.value(span.start()..span.end(), DeValue::String(DeString::Borrowed(text)));
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
        self.value(span.start()..span.end(), value);
    }

    fn error(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.is_odd = true;
    }
}

/// What is between the quotes of a text that means itself: nearly all do, and what decodes the others
/// takes its time.
fn plain(text: &str, kind: Option<Encoding>) -> Option<&str> {
    let Some(Encoding::BasicString) = kind else { return None };
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let itself = |byte: u8| byte >= b' ' && byte != b'\\' && byte != b'"' && byte != 0x7f;
    inner.bytes().all(itself).then_some(inner)
}

/// Whether a key may have this byte and no quotes.
const fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
