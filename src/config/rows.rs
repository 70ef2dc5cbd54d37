//! The rows of a roster: one user each, checked cell by cell.

use std::ops::Range;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;

use crate::model::{
    AccountId, AccountRef, ApiName, Cell, Code, ContactId, ContactRef, Diagnostic, ExternalRef,
    Place, ProfileName, Scalar, SetGrant, SetName, UserField, Username, nearest,
};

use super::access::{self, Grants};
use super::level::{ACTIVATIONS, FORMER_HELP, Level, PROFILE_HELP, ROLES, STATES};
use super::reader::Fault;
use super::reference::{self, ACCOUNT_ID, CONTACT_ID};
use super::roster::{self, Column, Roster, Target};
use super::source::is_secret;
use super::users::{USERNAME_HELP, UserEntry};
use super::values::{self, Object};

/// A CSV file that is being read.
pub(super) struct Rows<'a> {
    roster: &'a Roster,
    file: Arc<str>,
    text: &'a str,
    /// Bytes of a byte order mark in front.
    mark: usize,
    /// Columns that are read: index, head and meaning.
    columns: Vec<(usize, Column)>,
    /// How many cells the first row has.
    width: usize,
}

/// Where a row is.
#[derive(Clone)]
struct Row {
    /// The row as a spreadsheet counts: the head is row 1.
    number: u64,
    line: u32,
    bytes: Range<usize>,
}

impl<'a> Rows<'a> {
    /// A file's text, of which nothing was read.
    pub(super) fn new(roster: &'a Roster, text: &'a str) -> Self {
        let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let file = roster.csv.0.as_str().into();
        Self { roster, file, text, mark, columns: Vec::new(), width: 0 }
    }

    /// Hands over each row's user, with what is wrong in the row.
    pub(super) fn each(mut self, mut add: impl FnMut(Option<UserEntry>, Vec<Diagnostic>)) {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.roster.delimiter)
            .from_reader(self.text.get(self.mark..).unwrap_or_default().as_bytes());
        let mut record = StringRecord::new();
        let (mut number, mut users) = (0, 0_u64);
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let found = self.problem("the file cannot be read as CSV", error.to_string());
                    return add(None, vec![found]);
                }
            }
            let position = record.position();
            let start = position.map_or(0, csv::Position::byte);
            let line = position.map_or(1, csv::Position::line);
            let first = number == 0;
            let row = self.row(number + 1, line, start..reader.position().byte());
            number = row.number;
            if first {
                let found = self.head(&record, &row);
                if !found.is_empty() {
                    return add(None, found);
                }
                continue;
            }
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            users += 1;
            let mut found = Vec::new();
            let entry = self.user(&record, &row, &mut found);
            add(entry, found);
        }
        if users == 0 {
            let help =
                "add rows, or remove the roster: reading nobody could mean removing everybody";
            let found =
                Diagnostic::new(Code::EmptyRoster, format!("`{}` has no data row", self.file));
            add(None, vec![found.help(help).at(&self.roster.csv.1)]);
        }
    }

    /// The row, without blank lines that were skipped before it and the line end after it.
    fn row(&self, number: u64, line: u64, bytes: Range<u64>) -> Row {
        let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).saturating_add(self.mark);
        let text = self.text.get(at(bytes.start)..at(bytes.end)).unwrap_or_default();
        let blank = text.len() - text.trim_start_matches(['\n', '\r']).len();
        let skipped = text.get(..blank).map_or(0, |blank| blank.matches('\n').count() as u64);
        let start = at(bytes.start) + blank;
        let end =
            start + text.get(blank..).unwrap_or_default().trim_end_matches(['\n', '\r']).len();
        Row { number: number + skipped, line: small(line + skipped), bytes: start..end }
    }

    /// Finds the columns by what stands at their heads.
    fn head(&mut self, record: &StringRecord, row: &Row) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        self.width = record.len();
        let heads: Vec<&str> = record.iter().map(str::trim).collect();
        for column in self.roster.columns.iter().flatten() {
            let mut at = heads.iter().enumerate().filter(|(_, head)| **head == column.header);
            match (at.next(), at.next()) {
                (Some((at, _)), None) => self.columns.push((at, column.clone())),
                (None, _) => found.push(self.no_column(column, &heads)),
                (Some(_), Some((second, _))) => {
                    let what = format!("two columns have the head `{}`", column.header);
                    let fault = Fault::new(what, "rename one of them");
                    found.push(self.fault(row, second, fault, &column.header));
                }
            }
        }
        for (at, head) in heads.iter().enumerate() {
            // Rows are shown where they are wrong. A `Key` may be a customer's.
            if is_secret(head) && !head.eq_ignore_ascii_case("key") {
                let message =
                    format!("column `{head}` holds secrets, which have no place in a file");
                let secret = Diagnostic::new(Code::SecretInFile, message)
                    .help("export the file without the column, and treat its content as exposed");
                found.push(secret.at(&self.cell(row, at)));
                continue;
            }
            match roster::target(head) {
                Ok(target) => self.named_by_key((at, head), target, row, &mut found),
                Err(fault) if self.roster.columns.is_none() => {
                    let help = match nearest(head, roster::keys()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "say by `columns = { … }` which columns mean what: the others are not read then".to_owned(),
                    };
                    let fault = Fault::new(fault.what, help);
                    found.push(self.fault(row, at, fault, head));
                }
                Err(_) => {}
            }
        }
        for (target, key) in
            [(Target::Username, "username"), (Target::Field(UserField::LastName), "last_name")]
        {
            if found.is_empty() && self.columns.iter().all(|(_, column)| column.target != target) {
                let message = format!("`{}` has no column for `{key}`", self.file);
                let help = format!("write columns = {{ {key} = \"what stands at its head\" }}");
                let missing = Diagnostic::new(Code::MissingKey, message).help(help);
                found.push(missing.at(&self.roster.csv.1));
            }
        }
        found
    }

    /// A column whose head is a key, unless `columns` gave that key to another.
    fn named_by_key(
        &mut self,
        (at, head): (usize, &str),
        target: Target,
        row: &Row,
        found: &mut Vec<Diagnostic>,
    ) {
        let taken =
            |(other, column): &(usize, Column)| *other == at || column.target.excludes(&target);
        if !self.columns.iter().any(taken) {
            let place = self.cell(row, at);
            self.columns.push((at, Column { target, header: head.to_owned(), place }));
        } else if self.roster.columns.is_none() {
            let fault = Fault::new("the column stands here twice", "keep one of them");
            found.push(self.fault(row, at, fault, head));
        }
    }

    fn no_column(&self, column: &Column, heads: &[&str]) -> Diagnostic {
        let message = format!("`{}` has no column `{}`", self.file, column.header);
        let help = match nearest(&column.header, heads.iter().copied()) {
            _ if heads.len() == 1 => {
                "the first row is one cell: say by `delimiter` what stands between cells".to_owned()
            }
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("the columns are {}", heads.join(", ")),
        };
        Diagnostic::new(Code::UnknownColumn, message).help(help).at(&column.place)
    }

    /// The user of a row.
    fn user(
        &self,
        record: &StringRecord,
        row: &Row,
        found: &mut Vec<Diagnostic>,
    ) -> Option<UserEntry> {
        if record.len() != self.width {
            let cells = record.len();
            let message =
                format!("row {} has {cells} cells, the first row {}", row.number, self.width);
            let help = "put texts with a delimiter, a quote or a line end in them in double quotes";
            let found_here = Diagnostic::new(Code::InvalidValue, message).help(help);
            found.push(found_here.at(&self.place(row, row.bytes.clone())));
            return None;
        }
        let mut level = Level::default();
        let mut username = None;
        for (at, column) in &self.columns {
            let text = record.get(*at).unwrap_or_default();
            let required =
                matches!(column.target, Target::Username | Target::Field(UserField::LastName));
            if text.is_empty() && !required {
                continue;
            }
            let set = self.set(&mut level, &mut username, column, (text, row, *at));
            if let Err(fault) = set {
                attempt(&mut level, &column.target);
                found.push(self.fault(row, *at, fault, &column.header));
            }
        }
        Some(UserEntry { place: self.place(row, row.bytes.clone()), username, level })
    }

    /// Puts what a cell says where it belongs.
    fn set(
        &self,
        level: &mut Level,
        username: &mut Option<(Username, Place)>,
        column: &Column,
        (text, row, at): (&str, &Row, usize),
    ) -> Result<(), Fault> {
        let place = || self.cell(row, at);
        match &column.target {
            Target::Username => {
                *username = Some((parsed(text, Username::parse, USERNAME_HELP)?, place()));
            }
            Target::Field(field) => {
                level.fields.insert(*field, values::value(*field, text)?);
            }
            Target::Custom(object, name) => {
                let values = match object {
                    Object::User => &mut level.custom,
                    Object::Contact => &mut level.contact_custom,
                };
                values.insert(name.clone(), self.any(text)?);
            }
            Target::AccountName => level.account = Some(reference::account_name(text)?),
            Target::AccountId => {
                level.account = Some(AccountRef::Id(parsed(text, AccountId::parse, ACCOUNT_ID)?));
            }
            Target::AccountExternal(field) => {
                level.account = Some(AccountRef::External(external(field, text)?.into()));
            }
            Target::ContactId => {
                let id = ContactRef::Id(parsed(text, ContactId::parse, CONTACT_ID)?);
                level.contact = Some((id, place()));
            }
            Target::ContactExternal(field) => {
                level.contact =
                    Some((ContactRef::External(external(field, text)?.into()), place()));
            }
            Target::Profile => {
                level.profile = Some(parsed(text, ProfileName::parse, PROFILE_HELP)?);
            }
            Target::Template => level.template = Some((text.into(), place())),
            Target::State => level.state = Some(word(text, STATES)?),
            Target::Starts => level.starts = Some((self.date(text)?, place())),
            Target::Expires => level.expires = Some((self.date(text)?, place())),
            Target::Access(kind) => {
                let mut list: Vec<SetGrant> = Vec::new();
                for name in listed(text) {
                    let name = parsed(name, SetName::parse, access::help(*kind))?;
                    if list.iter().all(|other| other.name != name) {
                        list.push(SetGrant { name, expires: None });
                    }
                }
                *level.access.get_mut(*kind) = Some(Grants { only: false, list });
            }
            Target::PortalRole => level.portal_role = Some(word(text, ROLES)?),
            Target::Activation => level.activation = Some(word(text, ACTIVATIONS)?),
            Target::RenamedFrom => {
                for name in listed(text) {
                    let name = parsed(name, Username::parse, FORMER_HELP)?;
                    level.renamed_from.push((name, place()));
                }
            }
        }
        Ok(())
    }

    /// A value of whatever type the field has.
    fn any(&self, text: &str) -> Result<Scalar, Fault> {
        let value = values::custom_text(text)?;
        let day = self.date(text).ok();
        Ok(match value {
            Scalar::Text(text) => Scalar::Cell(Box::new(Cell { text, day })),
            other => other,
        })
    }

    fn date(&self, text: &str) -> Result<Date, Fault> {
        let format = &self.roster.date_format;
        let read = jiff::fmt::strtime::parse(format, text).and_then(|parsed| parsed.to_date());
        // Two digits of a year are not a year of the first century.
        read.ok().filter(|day| day.year() >= 1000).ok_or_else(|| {
            let what = format!("\"{text}\" is not a date of the form {format}");
            Fault::new(what, "correct the cell, or say by `date_format` how dates are written")
        })
    }

    fn fault(&self, row: &Row, at: usize, fault: Fault, head: &str) -> Diagnostic {
        let message = format!("row {}, column `{head}`: {}", row.number, fault.what);
        Diagnostic::new(fault.code, message).help(fault.help).at(&self.cell(row, at))
    }

    fn problem(&self, message: &str, detail: String) -> Diagnostic {
        let found = Diagnostic::new(Code::FileUnreadable, format!("`{}`: {message}", self.file));
        found.help(detail).at(&self.roster.csv.1)
    }

    /// Where a cell is, with its quotes.
    fn cell(&self, row: &Row, at: usize) -> Place {
        let text = self.text.get(row.bytes.clone()).unwrap_or_default();
        let (mut start, mut quoted, mut cell) = (0, false, 0);
        for (byte, c) in text.bytes().enumerate() {
            match c {
                b'"' => quoted = !quoted,
                c if c == self.roster.delimiter && !quoted => {
                    if cell == at {
                        return self.place(row, row.bytes.start + start..row.bytes.start + byte);
                    }
                    cell += 1;
                    start = byte + 1;
                }
                _ => {}
            }
        }
        self.place(row, row.bytes.start + start..row.bytes.end)
    }

    fn place(&self, row: &Row, bytes: Range<usize>) -> Place {
        let before = self.text.get(row.bytes.start..bytes.start).unwrap_or_default();
        let breaks = before.matches('\n').count();
        let in_line = before.rsplit('\n').next().unwrap_or_default();
        Place {
            file: Arc::clone(&self.file),
            line: row.line.saturating_add(small(breaks as u64)),
            column: small(in_line.chars().count() as u64 + 1),
            start: small(bytes.start as u64),
            end: small(bytes.end as u64),
        }
    }
}

/// A required key that stands there and is wrong is not missing.
fn attempt(level: &mut Level, target: &Target) {
    match target {
        Target::Field(UserField::LastName) => level.attempted.last_name = true,
        Target::AccountName | Target::AccountId | Target::AccountExternal(_) => {
            level.attempted.account = true;
        }
        Target::Profile => level.attempted.profile = true,
        Target::Username
        | Target::Field(_)
        | Target::Custom(..)
        | Target::ContactId
        | Target::ContactExternal(_)
        | Target::Template
        | Target::State
        | Target::Starts
        | Target::Expires
        | Target::Access(_)
        | Target::PortalRole
        | Target::Activation
        | Target::RenamedFrom => {}
    }
}

fn parsed<T, E: std::fmt::Display>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
    help: &str,
) -> Result<T, Fault> {
    parse(text).map_err(|error| Fault::new(error.to_string(), help))
}

fn external(field: &ApiName, text: &str) -> Result<ExternalRef, Fault> {
    let value = reference::external_value(text)?.into();
    Ok(ExternalRef { field: field.clone(), value })
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Fault> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let what = format!("\"{text}\" is not a value of this key");
        Fault::new(what, format!("the values are {}", known.join(", ")))
    })
}

/// Several values in one cell, as Salesforce writes them: parted by semicolons.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
