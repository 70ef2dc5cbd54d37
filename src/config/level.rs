//! The keys that may stand at a user, in a file, in a template, in `[defaults]` and in
//! `[on_create]`: one level of a declaration, before levels are merged.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::model::{
    AccountId, AccountRef, Code, ContactId, DeclaredState, Diagnostic, Email, FieldValues,
    InvalidName, Kind, Place, ProfileName, SetGrant, SetName, UserField, Value,
};

use super::picklists;
use super::reader::{Entry, Reader, Table};
use toml::de::DeValue;

/// Keys of the format that this version does not carry out.
pub(super) const LATER: &[&str] = &[
    "permission_set_groups",
    "permission_set_licenses",
    "groups",
    "portal_role",
    "fields",
    "contact_fields",
    "activation",
];

/// Where a level stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    User,
    File,
    Template,
    Defaults,
    OnCreate,
}

/// What one level says.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    pub(super) account: Option<AccountRef>,
    pub(super) contact: Option<(ContactId, Place)>,
    pub(super) template: Option<(String, Place)>,
    pub(super) profile: Option<ProfileName>,
    pub(super) state: Option<DeclaredState>,
    pub(super) starts: Option<(Date, Place)>,
    pub(super) expires: Option<(Date, Place)>,
    pub(super) fields: FieldValues,
    pub(super) places: Vec<(UserField, Place)>,
    pub(super) sets: Option<Sets>,
    /// Required keys that stand here, right or wrong.
    pub(super) attempted: BTreeSet<&'static str>,
}

/// The permission sets of one level.
#[derive(Clone, Debug, Default)]
pub(super) struct Sets {
    /// Whether levels further away are left out.
    pub(super) only: bool,
    pub(super) grants: Vec<SetGrant>,
}

impl Rank {
    /// What the level is called in messages.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::User => "a user",
            Self::File => "a user file",
            Self::Template => "a template",
            Self::Defaults => "`[defaults]`",
            Self::OnCreate => "`[on_create]`",
        }
    }

    /// Keys that are refused here by name.
    pub(super) fn later(self) -> Vec<&'static str> {
        let mut later = LATER.to_vec();
        match self {
            Self::OnCreate => later.extend(["account", "template", "state", "starts", "expires"]),
            Self::User => later.push("renamed_from"),
            Self::File => later.push("rosters"),
            Self::Template | Self::Defaults => {}
        }
        later
    }
}

/// Reads the keys of a level out of a table that may hold others as well.
pub(super) fn read(reader: &mut Reader<'_>, table: &mut Table<'_>, rank: Rank) -> Level {
    let mut level = Level::default();
    let required = ["last_name", "account", "profile"];
    level.attempted = required.into_iter().filter(|key| table.has(key)).collect();
    if rank != Rank::OnCreate {
        level.account = table.take("account").and_then(|entry| account(reader, entry));
        level.state = table.take("state").and_then(|entry| state(reader, entry));
        level.starts = table.take("starts").and_then(|entry| day(reader, entry));
        level.expires = table.take("expires").and_then(|entry| day(reader, entry));
    }
    if matches!(rank, Rank::User | Rank::File)
        && let Some(entry) = table.take("template")
    {
        let place = reader.place(&entry.span());
        level.template = reader.string(entry).map(|name| (name.to_owned(), place));
    }
    let names = "profiles are declared by the name that Setup > Profiles shows";
    level.profile =
        table.take("profile").and_then(|entry| reader.parsed(entry, ProfileName::parse, names));
    level.sets = table.take("permission_sets").and_then(|entry| sets(reader, entry));
    for field in UserField::ALL {
        let shareable = field.info().shareable;
        if !shareable && rank != Rank::User {
            refuse_personal(reader, table, *field, rank);
            continue;
        }
        if let Some(entry) = table.take(field.key())
            && let Some(value) = value(reader, entry, *field)
        {
            level.fields.insert(*field, value);
            level.places.push((*field, reader.place(&entry.span())));
        }
    }
    if rank == Rank::User {
        level.contact = table.take("contact").and_then(|entry| contact(reader, entry));
    }
    level
}

/// A key that belongs to one person cannot be given to many.
fn refuse_personal(reader: &mut Reader<'_>, table: &mut Table<'_>, field: UserField, rank: Rank) {
    if let Some(entry) = table.take_unlisted(field.key()) {
        let message =
            format!("`{}` belongs to one user and cannot stand in {}", entry.key, rank.what());
        let found = Diagnostic::new(Code::InvalidValue, message)
            .help("move the key into the `[[users]]` entries it is meant for");
        reader.report(found, &entry.key_span());
    }
}

fn state(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<DeclaredState> {
    let words = [
        ("active", DeclaredState::Active),
        ("inactive", DeclaredState::Inactive),
        ("frozen", DeclaredState::Frozen),
    ];
    reader.word(entry, &words)
}

fn day(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<(Date, Place)> {
    let place = reader.place(&entry.span());
    reader.date(entry).map(|date| (date, place))
}

fn account(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<AccountRef> {
    if let DeValue::Table(_) = entry.raw() {
        let help = "an account's id starts with 001 and has 15 or 18 characters";
        return by_id(reader, entry, AccountId::parse, help).map(AccountRef::Id);
    }
    let name = reader.string(entry)?;
    if name.trim().is_empty() {
        reader.invalid(entry, "the account's name is empty", "write the account's exact name");
        return None;
    }
    Some(AccountRef::Name(name.into()))
}

fn contact(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<(ContactId, Place)> {
    let place = reader.place(&entry.span());
    let help = "a contact's id starts with 003 and has 15 or 18 characters";
    by_id(reader, entry, ContactId::parse, help).map(|id| (id, place))
}

/// `{ id = "…" }`; another key would be an external id.
fn by_id<T, E: std::fmt::Display>(
    reader: &mut Reader<'_>,
    entry: Entry<'_>,
    parse: impl Fn(&str) -> Result<T, E>,
    help: &str,
) -> Option<T> {
    let mut table = reader.table(entry)?;
    let id = table.take("id");
    let rest = table.drain();
    if let Some(external) = rest.first() {
        let message = format!("`{}` by external id is not supported yet", entry.key);
        let found = Diagnostic::new(Code::NotSupported, message)
            .help("name the record by `{ id = \"…\" }`");
        reader.report(found, &external.key_span());
        return None;
    }
    let Some(id) = id else {
        reader.invalid(entry, "the table is empty", "write `{ id = \"…\" }`");
        return None;
    };
    reader.parsed(id, parse, help)
}

fn sets(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Sets> {
    let DeValue::Table(_) = entry.raw() else {
        let DeValue::Array(_) = entry.raw() else {
            reader.items(entry);
            return None;
        };
        return Some(Sets { only: false, grants: grants(reader, entry) });
    };
    let mut table = reader.table(entry)?;
    let only = table.take("only").map(|list| grants(reader, list));
    reader.close(table, &[], "`permission_sets`");
    only.map(|grants| Sets { only: true, grants })
}

fn grants(reader: &mut Reader<'_>, list: Entry<'_>) -> Vec<SetGrant> {
    let mut grants: Vec<SetGrant> = Vec::new();
    for item in reader.items(list) {
        let Some(grant) = grant(reader, item) else {
            continue;
        };
        if grants.iter().any(|other| other.name == grant.name) {
            reader.invalid(
                item,
                &format!("`{}` stands here twice", grant.name),
                "keep one of them",
            );
        } else {
            grants.push(grant);
        }
    }
    grants
}

fn grant(reader: &mut Reader<'_>, item: Entry<'_>) -> Option<SetGrant> {
    let help = "write the API name, such as `Orders_Read` or `ns__Orders_Read`";
    let DeValue::Table(_) = item.raw() else {
        let name = reader.parsed(item, SetName::parse, help)?;
        return Some(SetGrant { name, expires: None });
    };
    let mut table = reader.table(item)?;
    let name = table.take("name");
    let expires = table.take("expires").and_then(|entry| reader.date(entry));
    reader.close(table, &[], "a permission set");
    let Some(name) = name else {
        reader.invalid(item, "`name` is missing", "write `{ name = \"…\", expires = 2027-03-31 }`");
        return None;
    };
    Some(SetGrant { name: reader.parsed(name, SetName::parse, help)?, expires })
}

/// The value of a field, if the org could take it.
fn value(reader: &mut Reader<'_>, entry: Entry<'_>, field: UserField) -> Option<Value> {
    let info = field.info();
    let text = reader.string(entry)?;
    if text.is_empty() {
        if info.clearable {
            return Some(Value::Null);
        }
        reader.invalid(
            entry,
            "it is empty",
            "every user has this field: write a value or leave the key out",
        );
        return None;
    }
    if let Err((fault, help)) = check_text(text, info.max_chars) {
        reader.invalid(entry, &fault, help);
        return None;
    }
    match info.kind {
        Kind::Email => {
            let parse = |text: &str| -> Result<Email, InvalidName> { Email::parse(text) };
            reader
                .parsed(entry, parse, "write an address such as \"kim.osei@acme.example\"")
                .map(|email| Value::from(&email))
        }
        Kind::Picklist => match picklists::check(field, text) {
            Ok(()) => Some(Value::of(text)),
            Err(near) => {
                let help = near.map_or_else(
                    || "see Setup for the values that the org knows".to_owned(),
                    |near| format!("did you mean \"{near}\"?"),
                );
                reader.invalid(entry, &format!("Salesforce has no value \"{text}\" here"), help);
                None
            }
        },
        Kind::Text => Some(Value::of(text)),
    }
}

fn check_text(text: &str, max_chars: usize) -> Result<(), (String, &'static str)> {
    if text.trim() != text {
        return Err((
            "it has blanks around it".to_owned(),
            "remove them: Salesforce would do so too",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(("it contains a control character".to_owned(), "remove the character"));
    }
    let length = text.chars().count();
    if length > max_chars {
        return Err((
            format!("it has {length} characters, the field takes {max_chars}"),
            "shorten it",
        ));
    }
    Ok(())
}
