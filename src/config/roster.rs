//! `[[rosters]]`: which CSV file declares people, and which of its columns mean what.

use toml::de::DeValue;

use crate::model::{AccessKind, ApiName, Place, UserField};

use super::level::{self, Level, Rank};
use super::reader::{Entry, Fault, Reader};
use super::reference;
use super::values::{self, Object};

/// A `[[rosters]]` entry as it was read.
pub(super) struct Roster {
    /// The CSV file's path in the project folder, and where it is named.
    pub(super) csv: (String, Place),
    /// The mapping of `columns`; absent, columns are named by keys.
    pub(super) columns: Option<Vec<Column>>,
    /// How dates are written, in the language of strftime.
    pub(super) date_format: String,
    /// What stands between cells.
    pub(super) delimiter: u8,
    /// Values for every row.
    pub(super) level: Level,
}

/// What a column holds, and the text that stands at its head.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) target: Target,
    pub(super) header: String,
    pub(super) place: Place,
}

/// What a cell says.
#[derive(Clone, PartialEq)]
pub(super) enum Target {
    Username,
    Field(UserField),
    Custom(Object, ApiName),
    AccountName,
    AccountId,
    AccountExternal(ApiName),
    ContactId,
    ContactExternal(ApiName),
    Profile,
    Template,
    State,
    Starts,
    Expires,
    Access(AccessKind),
    PortalRole,
    Activation,
    RenamedFrom,
}

/// How dates are written unless `date_format` says otherwise.
const ISO: &str = "%Y-%m-%d";

/// Reads one entry of a user file in this folder of the project.
pub(super) fn read(reader: &mut Reader<'_>, item: Entry<'_>, folder: &str) -> Option<Roster> {
    let mut table = reader.table(item)?;
    let csv = match table.take("csv") {
        Some(entry) => {
            let place = reader.place(&entry.span());
            let help = "write the path of a CSV file, relative to this file";
            reader.parsed(entry, |text| beside(folder, text), help).map(|path| (path, place))
        }
        None => {
            let fault = Fault::new("`csv` is missing", "write csv = \"people.csv\"");
            reader.fault(item, fault);
            None
        }
    };
    let columns = table.take("columns").map(|entry| columns(reader, entry));
    let date_format = table
        .take("date_format")
        .and_then(|entry| reader.parsed(entry, date_format, "write a format such as \"%d.%m.%Y\""));
    let delimiter = table.take("delimiter").and_then(|entry| {
        reader.parsed(entry, delimiter, "write one character such as \";\" or \"\\t\"")
    });
    let level = level::read(reader, &mut table, Rank::Roster);
    reader.close(table, Rank::Roster.what());
    Some(Roster {
        csv: csv?,
        columns,
        date_format: date_format.unwrap_or_else(|| ISO.to_owned()),
        delimiter: delimiter.unwrap_or(b','),
        level,
    })
}

/// The path of a file that is named from a folder of the project.
fn beside(folder: &str, text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.ends_with('/') {
        return Err("it is not the path of a file");
    }
    if text.starts_with('/') {
        return Err("the path leaves the project folder");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(text.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("the path leaves the project folder")?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A format that dates survive.
fn date_format(text: &str) -> Result<String, &'static str> {
    let sample = jiff::civil::date(2027, 11, 23);
    let written = jiff::fmt::strtime::format(text, sample).map_err(|_| "it is not a format")?;
    let read = jiff::fmt::strtime::parse(text, written).and_then(|parsed| parsed.to_date());
    if read.is_ok_and(|read| read == sample) {
        return Ok(text.to_owned());
    }
    Err("it does not give day, month and year")
}

fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        [b'"' | b'\n' | b'\r'] => Err("this character has another meaning"),
        [one] if one.is_ascii() => Ok(*one),
        _ => Err("it is not one plain character"),
    }
}

/// Reads `columns`.
fn columns(reader: &mut Reader<'_>, entry: Entry<'_>) -> Vec<Column> {
    let mut columns = Vec::new();
    for entry in reader.named(Some(entry)) {
        let DeValue::Table(_) = entry.raw() else {
            match target(entry.key) {
                Ok(target) => column(reader, entry, target, &mut columns),
                Err(fault) => reader.fault_at_key(entry, fault),
            }
            continue;
        };
        for inner in reader.named(Some(entry)) {
            match inner_target(entry.key, inner.key) {
                Ok(target) => column(reader, inner, target, &mut columns),
                Err(fault) => reader.fault_at_key(inner, fault),
            }
        }
    }
    columns
}

fn column(reader: &mut Reader<'_>, entry: Entry<'_>, target: Target, columns: &mut Vec<Column>) {
    let place = reader.place(&entry.span());
    let Some(header) = reader.string(entry) else {
        return;
    };
    let header = header.trim();
    if header.is_empty() {
        reader.invalid(entry, "it is empty", "write what stands at the head of the column");
    } else if columns.iter().any(|other| other.target.excludes(&target)) {
        let what = "the record is named by two columns";
        reader.fault_at_key(entry, Fault::new(what, "keep one of them"));
    } else {
        columns.push(Column { target, header: header.to_owned(), place });
    }
}

impl Target {
    /// Whether no row may have both.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let account = |target: &Self| {
            matches!(target, Self::AccountName | Self::AccountId | Self::AccountExternal(_))
        };
        let contact = |target: &Self| matches!(target, Self::ContactId | Self::ContactExternal(_));
        self == other || account(self) && account(other) || contact(self) && contact(other)
    }
}

/// What a column holds that is named by this key.
pub(super) fn target(key: &str) -> Result<Target, Fault> {
    let kind = AccessKind::ALL.into_iter().find(|kind| kind.key() == key);
    let simple = match key {
        "username" => Some(Target::Username),
        "account" => Some(Target::AccountName),
        "profile" => Some(Target::Profile),
        "template" => Some(Target::Template),
        "state" => Some(Target::State),
        "starts" => Some(Target::Starts),
        "expires" => Some(Target::Expires),
        "portal_role" => Some(Target::PortalRole),
        "activation" => Some(Target::Activation),
        "renamed_from" => Some(Target::RenamedFrom),
        _ => UserField::from_key(key).map(Target::Field).or(kind.map(Target::Access)),
    };
    simple.ok_or_else(|| match key {
        "contact" => Fault::new(
            "a contact is not named by a text",
            "write contact = { id = \"Contact ID\" } or { Ext__c = \"…\" }",
        ),
        "fields" | "contact_fields" => Fault::new(
            "it needs a column for each field",
            format!("write {key} = {{ Badge__c = \"Badge\" }}"),
        ),
        _ => match values::person_account(key) {
            Some(fault) => fault,
            None => Fault::new(
                "it is not a key of a user",
                match crate::model::nearest(key, keys()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys are {}", keys().collect::<Vec<_>>().join(", ")),
                },
            ),
        },
    })
}

/// The keys that may name a column.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    let own = [
        "username",
        "account",
        "profile",
        "template",
        "state",
        "starts",
        "expires",
        "portal_role",
        "activation",
        "renamed_from",
    ];
    let fields = UserField::ALL.iter().map(|field| field.key());
    own.into_iter().chain(fields).chain(AccessKind::ALL.into_iter().map(AccessKind::key))
}

/// The same for a key in a table: `account = { id = "…" }`, `fields = { Badge__c = "…" }`.
fn inner_target(outer: &str, key: &str) -> Result<Target, Fault> {
    match (outer, key) {
        ("account", "id") => Ok(Target::AccountId),
        ("contact", "id") => Ok(Target::ContactId),
        ("account", _) => reference::external_field(key).map(Target::AccountExternal),
        ("contact", _) => reference::external_field(key).map(Target::ContactExternal),
        ("fields", _) => {
            values::custom_name(key, Object::User).map(|name| Target::Custom(Object::User, name))
        }
        ("contact_fields", _) => values::custom_name(key, Object::Contact)
            .map(|name| Target::Custom(Object::Contact, name)),
        _ => Err(Fault::new(
            format!("`{outer}` holds no table here"),
            format!("write {outer} = \"what stands at the head of the column\""),
        )),
    }
}
