//! Tables whose every key must mean something: typed getters that note which keys were used, and a
//! last word about the rest.

use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::model::{Code, Diagnostic, Place, nearest};

use super::pairs::Pair;
use super::source::{SourceFile, is_secret, is_secret_text};
use super::values::person_account;

/// Reads one file and collects what is wrong with it.
pub(super) struct Reader<'a> {
    file: &'a SourceFile,
    /// Where in the file the text begins that spans count from.
    begin: usize,
    found: Vec<Diagnostic>,
    secrets: Vec<Range<usize>>,
}

/// A value, and the key it stands under.
#[derive(Clone, Copy)]
pub(super) struct Entry<'d> {
    pub(super) key: &'d str,
    key_span: (usize, usize),
    value: &'d Spanned<DeValue<'d>>,
}

/// What is wrong with a value, as a fragment, and the mend.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) what: String,
    pub(super) help: String,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: Code::InvalidValue, what: what.into(), help: help.into() }
    }

    /// Something that Salesforce has and this program leaves alone.
    pub(super) fn unsupported(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: Code::NotSupported, ..Self::new(what, help) }
    }
}

/// A table of which every key has to be asked for. It has few keys, and there are many tables.
pub(super) struct Table<'d> {
    entries: Vec<Entry<'d>>,
    known: Vec<&'static str>,
    span: Range<usize>,
}

/// About as many keys as a user may have.
const KEYS: usize = 48;

impl<'d> Table<'d> {
    fn of(
        pairs: impl ExactSizeIterator<Item = (&'d Spanned<DeString<'d>>, &'d Spanned<DeValue<'d>>)>,
        span: Range<usize>,
        has_secrets: bool,
    ) -> Self {
        // A reference has one key, a user may have them all.
        let asked = if pairs.len() > 1 { KEYS } else { 1 };
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let name: &'d DeString<'d> = key.get_ref();
            let key_span = (key.span().start, key.span().end);
            if !has_secrets || !is_secret(name) && !looks_secret(value.get_ref()) {
                entries.push(Entry { key: name, key_span, value });
            }
        }
        Self { entries, known: Vec::with_capacity(asked), span }
    }

    /// The value under a key, which is thereby known.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Entry<'d>> {
        self.known.push(key);
        self.take_unlisted(key)
    }

    /// Whether the key stands in the table.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// The value under a key that does not belong here and is not to be suggested.
    pub(super) fn take_unlisted(&mut self, key: &str) -> Option<Entry<'d>> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.swap_remove(at))
    }

    /// All entries, of a table whose keys are names.
    pub(super) fn drain(&mut self) -> Vec<Entry<'d>> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_by_key(|entry| entry.key_span);
        entries
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl<'d> Entry<'d> {
    pub(super) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    pub(super) fn key_span(&self) -> Range<usize> {
        self.key_span.0..self.key_span.1
    }

    pub(super) fn raw(&self) -> &'d DeValue<'d> {
        self.value.get_ref()
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a SourceFile) -> Self {
        Self { file, begin: 0, found: Vec::new(), secrets: Vec::new() }
    }

    /// What is read from now on was parsed by itself: its spans count from here.
    pub(super) fn begin_at(&mut self, begin: usize) {
        self.begin = begin;
    }

    /// What was found, and the spans to be masked.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, Vec<Range<usize>>) {
        (self.found, self.secrets)
    }

    /// A table without its secrets, which [`Self::refuse_secrets`] has told.
    pub(super) fn open<'d>(&self, table: &'d DeTable<'d>, span: Range<usize>) -> Table<'d> {
        Table::of(table.iter(), span, !self.secrets.is_empty())
    }

    /// The same for a table that comes as pairs.
    pub(super) fn open_pairs<'d>(&self, pairs: &'d [Pair<'d>], span: Range<usize>) -> Table<'d> {
        let pairs = pairs.iter().map(|(key, value)| (key, value));
        Table::of(pairs, span, !self.secrets.is_empty())
    }

    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        self.file.place(&self.in_file(span))
    }

    fn in_file(&self, span: &Range<usize>) -> Range<usize> {
        self.begin + span.start..self.begin + span.end
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic, span: &Range<usize>) {
        self.found.push(diagnostic.at(&self.place(span)));
    }

    /// A value that is of the right type and still not allowed.
    pub(super) fn invalid(&mut self, entry: Entry<'_>, fault: &str, help: impl Into<String>) {
        let message = format!("`{}`: {fault}", entry.key);
        self.report(Diagnostic::new(Code::InvalidValue, message).help(help), &entry.span());
    }

    /// The same, said about the key.
    pub(super) fn fault_at_key(&mut self, entry: Entry<'_>, fault: Fault) {
        self.faulty(entry, fault, &entry.key_span());
    }

    /// A value that is of the right type and still not allowed.
    pub(super) fn fault(&mut self, entry: Entry<'_>, fault: Fault) {
        self.faulty(entry, fault, &entry.span());
    }

    fn faulty(&mut self, entry: Entry<'_>, fault: Fault, span: &Range<usize>) {
        let message = format!("`{}`: {}", entry.key, fault.what);
        self.report(Diagnostic::new(fault.code, message).help(fault.help), span);
    }

    /// Names what no file may hold, anywhere in a table, and hides it from everything shown.
    pub(super) fn refuse_secrets(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            self.refuse_secret(key, value);
        }
    }

    /// The same for one of the pairs of a table.
    pub(super) fn refuse_secret(
        &mut self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let name = key.get_ref();
        if is_secret(name) {
            self.secret(name, &key.span(), value.span());
        } else {
            self.refuse_secrets_under((name, &key.span()), value);
        }
    }

    fn refuse_secrets_under(&mut self, key: (&str, &Range<usize>), value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.refuse_secrets(table),
            DeValue::Array(items) => {
                for item in items {
                    self.refuse_secrets_under(key, item);
                }
            }
            text if looks_secret(text) => self.secret(key.0, key.1, value.span()),
            _ => {}
        }
    }

    fn secret(&mut self, name: &str, key: &Range<usize>, value: Range<usize>) {
        self.secrets.push(self.in_file(&value));
        let message = format!("`{name}` holds a secret, which has no place in a file");
        let found = Diagnostic::new(Code::SecretInFile, message)
            .help("remove it, treat it as exposed, and pass a new one through the environment");
        self.report(found, key);
    }

    /// Judges the keys that nobody asked for.
    pub(super) fn close(&mut self, mut table: Table<'_>, what: &str) {
        let known = std::mem::take(&mut table.known);
        for entry in table.drain() {
            if let Some(fault) = person_account(entry.key) {
                self.fault_at_key(entry, fault);
                continue;
            }
            let message = format!("unknown key `{}` in {what}", entry.key);
            let help = match nearest(entry.key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}", list(&known)),
            };
            let found = Diagnostic::new(Code::UnknownKey, message).help(help);
            self.report(found, &entry.key_span());
        }
    }

    fn wrong_type(&mut self, entry: Entry<'_>, wanted: &str) {
        let is = article(entry.raw());
        let message = format!("`{}` is {is}, expected {wanted}", entry.key);
        let help = match (entry.raw(), wanted) {
            (DeValue::String(text), "a date") if text.parse::<Date>().is_ok() => {
                format!("a TOML date is written without quotes: {} = {text}", entry.key)
            }
            (_, "a date") => format!("write {} = 2027-06-30, without quotes or a time", entry.key),
            (DeValue::Datetime(date), "a string") => {
                format!("put it in quotes: {} = \"{date}\"", entry.key)
            }
            (DeValue::String(text), "a list") => {
                format!("put it in brackets: {} = [\"{text}\"]", entry.key)
            }
            (DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_), "a string") => {
                "put the value in quotes".to_owned()
            }
            _ => format!("write {wanted}"),
        };
        self.report(Diagnostic::new(Code::WrongType, message).help(help), &entry.span());
    }

    pub(super) fn string<'d>(&mut self, entry: Entry<'d>) -> Option<&'d str> {
        if let DeValue::String(text) = entry.raw() {
            return Some(text);
        }
        self.wrong_type(entry, "a string");
        None
    }

    pub(super) fn boolean(&mut self, entry: Entry<'_>) -> Option<bool> {
        if let DeValue::Boolean(value) = entry.raw() {
            return Some(*value);
        }
        self.wrong_type(entry, "true or false");
        None
    }

    pub(super) fn date(&mut self, entry: Entry<'_>) -> Option<Date> {
        if let DeValue::Datetime(moment) = entry.raw()
            && let (Some(date), None, None) = (moment.date, moment.time, moment.offset)
        {
            let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
            return Date::new(i16::try_from(date.year).ok()?, month, day).ok();
        }
        self.wrong_type(entry, "a date");
        None
    }

    pub(super) fn count(&mut self, entry: Entry<'_>) -> Option<u64> {
        if let DeValue::Integer(number) = entry.raw()
            && let Ok(count) = u64::from_str_radix(number.as_str(), number.radix())
        {
            return Some(count);
        }
        self.wrong_type(entry, "a whole number, 0 or more");
        None
    }

    pub(super) fn number(&mut self, entry: Entry<'_>) -> Option<f64> {
        let number = match entry.raw() {
            DeValue::Integer(number) => number.to_string().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(entry, "a number");
        }
        number
    }

    pub(super) fn table<'d>(&mut self, entry: Entry<'d>) -> Option<Table<'d>> {
        if let DeValue::Table(table) = entry.raw() {
            return Some(self.open(table, entry.key_span()));
        }
        self.wrong_type(entry, "a table");
        None
    }

    /// The tables below a table of names.
    pub(super) fn named<'d>(&mut self, entry: Option<Entry<'d>>) -> Vec<Entry<'d>> {
        let table = entry.and_then(|entry| self.table(entry));
        table.map(|mut table| table.drain()).unwrap_or_default()
    }

    /// The items of a list, each under the list's own key.
    pub(super) fn items<'d>(&mut self, entry: Entry<'d>) -> Vec<Entry<'d>> {
        if let DeValue::Array(array) = entry.raw() {
            let has_secrets = !self.secrets.is_empty();
            let open =
                |value: &&Spanned<DeValue<'_>>| !has_secrets || !looks_secret(value.get_ref());
            return array.iter().filter(open).map(|value| Entry { value, ..entry }).collect();
        }
        self.wrong_type(entry, "a list");
        Vec::new()
    }

    /// The items of a list; one value stands for a list of one.
    pub(super) fn one_or_more<'d>(&mut self, entry: Entry<'d>) -> Vec<Entry<'d>> {
        if let DeValue::Array(_) = entry.raw() { self.items(entry) } else { vec![entry] }
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(
        &mut self,
        entry: Entry<'_>,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.string(entry)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        // All are named: the one most alike may mean the opposite.
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let help = format!("the values are {}", known.join(", "));
        self.invalid(entry, &format!("\"{text}\" is not a value of this key"), help);
        None
    }

    /// A value that a parser accepts.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        entry: Entry<'_>,
        parse: impl Fn(&str) -> Result<T, E>,
        help: &str,
    ) -> Option<T> {
        let text = self.string(entry)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.invalid(entry, &fault.to_string(), help);
                None
            }
        }
    }
}

fn looks_secret(value: &DeValue<'_>) -> bool {
    value.as_str().is_some_and(is_secret_text)
}

fn list(keys: &[&str]) -> String {
    let mut keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    keys.sort();
    keys.join(", ")
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
