//! Seed file → org. Tables and keys are Salesforce's own API names; parents are named by what
//! people know them by: a profile by name, a user by username, an account by name.
//!
//! The order of tables does not matter. All faults of a file are told at once, with line and column.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::id::Id;
use super::schema::{Kind, Object};
use super::store::{Knobs, Org, Row, ValidationRule, blank, store, stored};
use super::value::Value;

/// Why a seed file makes no org: one line a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedError(Vec<String>);

impl std::fmt::Display for SeedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for SeedError {}

/// The objects in the order in which they can be made: parents first.
const ORDER: [Object; 7] = [
    Object::UserLicense,
    Object::Profile,
    Object::PermissionSet,
    Object::UserRole,
    Object::User,
    Object::Account,
    Object::Contact,
];

/// The user that everybody is signed in as.
const RUNNING_USER: &str = "admin@emulator.example";

type Table<'a> = &'a DeTable<'a>;

/// Makes an org.
pub(super) fn read(text: &str) -> Result<Org, SeedError> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut seed = Seed { text, org: Org::new(), faults: Vec::new(), names: HashMap::new() };
    for error in errors {
        seed.fault(error.span().map_or(0, |span| span.start), error.message());
    }
    if seed.faults.is_empty() {
        seed.build(tree.get_ref());
    }
    if seed.faults.is_empty() {
        seed.org.seeding = false;
        Ok(seed.org)
    } else {
        Err(SeedError(seed.faults))
    }
}

/// An org under construction.
struct Seed<'a> {
    text: &'a str,
    org: Org,
    faults: Vec<String>,
    /// Records by what people know them by.
    names: HashMap<(Object, String), Id>,
}

impl Seed<'_> {
    fn fault(&mut self, at: usize, what: &str) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.faults.push(format!("{line}:{column}: {what}"));
    }

    fn build(&mut self, tree: Table<'_>) {
        self.organization(tree);
        self.standard();
        for object in ORDER {
            for (at, table) in tables(tree, object.info().name) {
                if object == Object::User && is_portal(table) {
                    continue;
                }
                self.record(object, at, table);
            }
        }
        for (at, table) in tables(tree, "User").into_iter().filter(|(_, table)| is_portal(table)) {
            self.portal_user(at, table);
        }
        for (at, table) in tables(tree, "ValidationRule") {
            self.rule(at, table);
        }
        if let Some((_, table)) = tables(tree, "emulator").first() {
            self.knobs(table);
        }
        let known = |name: &str| {
            ORDER.iter().any(|object| object.info().name == name)
                || ["Organization", "ValidationRule", "emulator"].contains(&name)
        };
        for (name, value) in tree {
            if !known(name.get_ref()) {
                let what = format!("table `{}` is not known to the emulator", name.get_ref());
                self.fault(value.span().start.min(name.span().start), &what);
            }
        }
    }

    fn organization(&mut self, tree: Table<'_>) {
        let mut row = blank(Object::Organization);
        for (field, value) in [
            ("Name", "Emulated Org"),
            ("OrganizationType", "Enterprise Edition"),
            ("InstanceName", "EMU1"),
            ("LanguageLocaleKey", "en_US"),
            ("DefaultLocaleSidKey", "en_US"),
            ("TimeZoneSidKey", "GMT"),
        ] {
            store(Object::Organization, &mut row, field, Value::text(value));
        }
        let mut id = Id::new(Object::Organization.info().prefix, 1);
        for (_, table) in tables(tree, "Organization").into_iter().take(1) {
            for (key, value) in table {
                let (at, key) = (key.span().start, key.get_ref());
                match (key.as_ref(), value.get_ref()) {
                    ("Id", DeValue::String(text)) => match Id::parse(text) {
                        Some(parsed) if parsed.prefix() == "00D" => id = parsed,
                        _ => self.fault(at, "`Id` is not the id of an Organization"),
                    },
                    (_, DeValue::String(text)) if Object::Organization.field(key).is_some() => {
                        store(Object::Organization, &mut row, key, Value::text(text));
                    }
                    ("IsSandbox", DeValue::Boolean(value)) => {
                        store(Object::Organization, &mut row, key, Value::Bool(*value));
                    }
                    _ => self.fault(
                        at,
                        &format!("`{key}` is not a field of Organization, or not of this type"),
                    ),
                }
            }
        }
        store(Object::Organization, &mut row, "Id", Value::Id(id));
        self.place(Object::Organization, row);
    }

    /// What every org has: the internal licence and profiles, and an administrator.
    fn standard(&mut self) {
        let license = self.own(Object::UserLicense, "Salesforce", |row| {
            store(Object::UserLicense, row, "TotalLicenses", Value::Number(100.0));
        });
        for profile in ["System Administrator", "Standard User"] {
            self.own(Object::Profile, profile, |row| {
                store(Object::Profile, row, "UserLicenseId", Value::Id(license));
                store(Object::Profile, row, "UserType", Value::text("Standard"));
            });
        }
        let Some(profile) = self.find(Object::Profile, "System Administrator") else { return };
        let mut fields = Map::new();
        for (field, value) in [
            ("Username", RUNNING_USER),
            ("LastName", "Administrator"),
            ("CommunityNickname", "admin"),
        ] {
            fields.insert(field.to_owned(), Json::from(value));
        }
        fields.insert("ProfileId".to_owned(), Json::from(profile.to_string()));
        fields.insert("IsActive".to_owned(), Json::from(true));
        complete_user(&mut fields);
        if let Ok(id) = self.org.insert(Object::User, &fields) {
            self.org.running_user = Some(id);
            self.names.insert((Object::User, RUNNING_USER.to_owned()), id);
        }
    }

    /// A record that the seed does not have to declare.
    fn own(&mut self, object: Object, name: &str, fill: impl Fn(&mut Row)) -> Id {
        let serial = self.org.table(object).map_or(0, |table| table.serial) + 1;
        let id = Id::new(object.info().prefix, serial);
        let mut row = blank(object);
        store(object, &mut row, "Id", Value::Id(id));
        store(object, &mut row, "Name", Value::text(name));
        fill(&mut row);
        finish(object, &mut row);
        self.names.insert((object, name.to_lowercase()), id);
        self.place(object, row);
        if object == Object::Profile {
            self.own_set(id, serial);
        }
        id
    }

    /// The permission set that a profile owns.
    fn own_set(&mut self, profile: Id, serial: u64) {
        let object = Object::PermissionSet;
        let number = self.org.table(object).map_or(0, |table| table.serial) + 1;
        let mut row = blank(object);
        let name = format!("X00e{serial:09}");
        store(object, &mut row, "Id", Value::Id(Id::new(object.info().prefix, number)));
        store(object, &mut row, "Name", Value::text(&name));
        store(object, &mut row, "Label", Value::text(&name));
        store(object, &mut row, "ProfileId", Value::Id(profile));
        store(object, &mut row, "IsOwnedByProfile", Value::Bool(true));
        store(object, &mut row, "Type", Value::text("Profile"));
        self.place(object, row);
    }

    fn place(&mut self, object: Object, mut row: Row) {
        self.org.stamp(object, &mut row, true);
        self.org.restore(object, row);
    }

    fn find(&self, object: Object, name: &str) -> Option<Id> {
        self.names.get(&(object, name.to_lowercase())).copied()
    }

    /// A table as a request, its parents found by name.
    fn fields(&mut self, object: Object, table: Table<'_>, skip: &[&str]) -> Map<String, Json> {
        let mut fields = Map::new();
        for (key, value) in table {
            let (at, key) = (key.span().start, key.get_ref());
            if skip.contains(&key.as_ref()) {
                continue;
            }
            let way = object
                .way(key)
                .and_then(|(field, to)| Some((object.info().fields.get(field)?.name, to)));
            match (way, value.get_ref()) {
                (Some((field, to)), DeValue::String(name)) => match self.find(to, name) {
                    Some(id) => {
                        fields.insert(field.to_owned(), Json::from(id.to_string()));
                    }
                    None => {
                        let what = format!("{} `{name}` is not in this seed", to.info().name);
                        self.fault(value.span().start, &what);
                    }
                },
                (None, value) if object.field(key).is_some() => {
                    fields.insert(key.to_string(), json(value));
                }
                _ => {
                    let what = format!("`{key}` is not a field of {}", object.info().name);
                    self.fault(at, &what);
                }
            }
        }
        fields
    }

    fn record(&mut self, object: Object, at: usize, table: Table<'_>) {
        let skip: &[&str] =
            if object == Object::User { &["IsFrozen", "PermissionSets"] } else { &[] };
        let mut fields = self.fields(object, table, skip);
        match object {
            Object::User => {
                complete_user(&mut fields);
                self.insert(object, at, &fields);
            }
            Object::Account | Object::Contact => {
                if object == Object::Account
                    && let Some(owner) = self.org.running_user
                {
                    let owner = Json::from(owner.to_string());
                    fields.entry("OwnerId").or_insert(owner);
                }
                self.insert(object, at, &fields);
            }
            _ => self.setup_record(object, at, &fields),
        }
    }

    /// Records that the API cannot make are put in place as they are.
    fn setup_record(&mut self, object: Object, at: usize, fields: &Map<String, Json>) {
        let Some(name) = fields.get("Name").and_then(Json::as_str).map(str::to_owned) else {
            self.fault(at, &format!("a {} needs a `Name`", object.info().name));
            return;
        };
        if self.find(object, &name).is_some() {
            self.fault(at, &format!("{} `{name}` stands here twice", object.info().name));
            return;
        }
        let mut values = Vec::new();
        for (key, value) in fields {
            let kind = object.field(key).and_then(|f| object.info().fields.get(f)).map(|f| f.kind);
            let value = match (value, kind) {
                (Json::String(text), Some(Kind::Reference(..))) => Id::parse(text).map(Value::Id),
                (Json::String(text), Some(Kind::Text(_))) => Some(Value::text(text)),
                (Json::Bool(value), Some(Kind::Bool)) => Some(Value::Bool(*value)),
                (Json::Number(number), Some(Kind::Number)) => number.as_f64().map(Value::Number),
                _ => None,
            };
            match value {
                Some(value) => values.push((key.clone(), value)),
                None => self.fault(at, &format!("`{key}` is not of the right type")),
            }
        }
        let types = self.license_name(fields).map(|license| user_type(&license));
        self.own(object, &name, |row| {
            for (key, value) in &values {
                store(object, row, key, value.clone());
            }
            if let (Object::Profile, Some(kind)) = (object, types) {
                store(object, row, "UserType", Value::text(kind));
            }
        });
        if object == Object::Profile && types.is_none() {
            self.fault(at, &format!("profile `{name}` needs a `UserLicense`"));
        }
        if object == Object::UserLicense && !fields.contains_key("TotalLicenses") {
            self.fault(at, &format!("licence `{name}` needs `TotalLicenses`"));
        }
    }

    fn license_name(&self, fields: &Map<String, Json>) -> Option<String> {
        let id = Id::parse(fields.get("UserLicenseId")?.as_str()?)?;
        let row = self.org.row(Object::UserLicense, id)?;
        stored(Object::UserLicense, row, "Name").as_text().map(str::to_owned)
    }

    fn insert(&mut self, object: Object, at: usize, fields: &Map<String, Json>) -> Option<Id> {
        match self.org.insert(object, fields) {
            Ok(id) => {
                for key in ["Username", "Name", "Email"] {
                    if let Some(name) = fields.get(key).and_then(Json::as_str) {
                        self.names.entry((object, name.to_lowercase())).or_insert(id);
                    }
                }
                Some(id)
            }
            Err(errors) => {
                for error in errors {
                    self.fault(at, &format!("{}: {}", error.code, error.message));
                }
                None
            }
        }
    }

    /// A user with `Account` gets a contact there, or the one with their address that the seed
    /// declares.
    fn portal_user(&mut self, at: usize, table: Table<'_>) {
        let skip = ["IsFrozen", "PermissionSets", "Account"];
        let mut fields = self.fields(Object::User, table, &skip);
        complete_user(&mut fields);
        if let Some(account) = text(table, "Account") {
            let Some(account) = self.find(Object::Account, account) else {
                self.fault(at, &format!("Account `{account}` is not in this seed"));
                return;
            };
            let Some(contact) = self.contact_in(at, account, &fields) else { return };
            fields.insert("ContactId".to_owned(), Json::from(contact.to_string()));
        }
        let Some(user) = self.insert(Object::User, at, &fields) else { return };
        for set in strings(table, "PermissionSets") {
            self.assign(at, user, &set);
        }
        if let Some((_, frozen)) = table.iter().find(|(key, _)| key.get_ref() == "IsFrozen")
            && matches!(frozen.get_ref(), DeValue::Boolean(true))
        {
            self.freeze(user);
        }
    }

    fn contact_in(&mut self, at: usize, account: Id, user: &Map<String, Json>) -> Option<Id> {
        let email = user.get("Email").and_then(Json::as_str).unwrap_or_default();
        let known = self.find(Object::Contact, email).filter(|id| {
            self.org.row(Object::Contact, *id).is_some_and(|row| {
                stored(Object::Contact, row, "AccountId").as_id() == Some(account)
            })
        });
        if known.is_some() {
            return known;
        }
        let mut fields = Map::new();
        for key in ["FirstName", "LastName", "Email"] {
            fields.extend(user.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        fields.insert("AccountId".to_owned(), Json::from(account.to_string()));
        self.insert(Object::Contact, at, &fields)
    }

    fn assign(&mut self, at: usize, user: Id, set: &str) {
        let Some(id) = self.find(Object::PermissionSet, set) else {
            self.fault(at, &format!("PermissionSet `{set}` is not in this seed"));
            return;
        };
        let mut fields = Map::new();
        fields.insert("AssigneeId".to_owned(), Json::from(user.to_string()));
        fields.insert("PermissionSetId".to_owned(), Json::from(id.to_string()));
        self.insert(Object::PermissionSetAssignment, at, &fields);
    }

    fn freeze(&mut self, user: Id) {
        let login = self
            .org
            .rows(Object::UserLogin)
            .find(|row| stored(Object::UserLogin, row, "UserId").as_id() == Some(user));
        let id = login.and_then(|row| stored(Object::UserLogin, row, "Id").as_id());
        let fields = Map::from_iter([("IsFrozen".to_owned(), Json::from(true))]);
        if let Some(id) = id {
            // The administrator freezes somebody else, which cannot fail.
            let _ = self.org.update(Object::UserLogin, id, &fields);
        }
    }

    fn rule(&mut self, at: usize, table: Table<'_>) {
        let object = text(table, "Object").and_then(Object::named);
        let parts = (object, text(table, "Field"), text(table, "Equals"), text(table, "Message"));
        let (Some(object), Some(field), Some(equals), Some(message)) = parts else {
            self.fault(at, "a ValidationRule needs `Object`, `Field`, `Equals` and `Message`");
            return;
        };
        self.org.rules.push(ValidationRule {
            object,
            field: field.to_owned(),
            equals: equals.to_owned(),
            message: message.to_owned(),
        });
    }

    fn knobs(&mut self, table: Table<'_>) {
        let mut knobs = Knobs::default();
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("standard_external_profiles", DeValue::Boolean(value)) => {
                    knobs.standard_external_profiles = *value;
                }
                ("page", DeValue::Integer(number)) => {
                    knobs.page = number.as_str().parse().ok().filter(|page| *page > 0);
                }
                (key, _) => {
                    let what = format!("`{key}` is not a knob of the emulator");
                    self.fault(value.span().start, &what);
                }
            }
        }
        self.org.knobs = knobs;
    }
}

/// The tables with this name: one, or a list.
fn tables<'a>(tree: Table<'a>, name: &str) -> Vec<(usize, Table<'a>)> {
    let found = tree.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value);
    let table = |value: &'a Spanned<DeValue<'a>>| match value.get_ref() {
        DeValue::Table(table) => Some((value.span().start, table)),
        _ => None,
    };
    match found.map(|value| (value, value.get_ref())) {
        Some((_, DeValue::Array(list))) => list.iter().filter_map(table).collect(),
        Some((value, _)) => table(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn is_portal(table: Table<'_>) -> bool {
    table.iter().any(|(key, _)| matches!(key.get_ref().as_ref(), "Account" | "Contact"))
}

fn text<'a>(table: Table<'a>, key: &str) -> Option<&'a str> {
    let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    if let DeValue::String(text) = value.get_ref() { Some(text) } else { None }
}

fn strings(table: Table<'_>, key: &str) -> Vec<String> {
    let found = table.iter().find(|(name, _)| name.get_ref() == key);
    let Some(DeValue::Array(list)) = found.map(|(_, value)| value.get_ref()) else {
        return Vec::new();
    };
    let string = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
    list.iter().filter_map(string).collect()
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Boolean(value) => Json::from(*value),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(Json::Null, Json::from),
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Datetime(moment) => Json::from(moment.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => Json::Null,
    }
}

/// What a user needs and a seed may leave out.
fn complete_user(fields: &mut Map<String, Json>) {
    let username = fields.get("Username").cloned().unwrap_or(Json::Null);
    let last = fields.get("LastName").and_then(Json::as_str).unwrap_or("user").to_owned();
    let alias: String = last.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let alias = if alias.is_empty() { "user".to_owned() } else { alias.to_lowercase() };
    for (field, value) in [
        ("Email", username),
        ("Alias", Json::from(alias)),
        ("TimeZoneSidKey", Json::from("America/New_York")),
        ("LocaleSidKey", Json::from("en_US")),
        ("LanguageLocaleKey", Json::from("en_US")),
        ("EmailEncodingKey", Json::from("UTF-8")),
        ("IsActive", Json::from(true)),
    ] {
        fields.entry(field).or_insert(value);
    }
}

/// What setup records hold beside what was declared.
fn finish(object: Object, row: &mut Row) {
    let name = stored(object, row, "Name").clone();
    let defaults: &[(&str, Value)] = match object {
        Object::UserLicense => &[("MasterLabel", name), ("Status", Value::Text("Active".into()))],
        Object::PermissionSet => &[
            ("Label", name),
            ("Type", Value::Text("Regular".into())),
            ("IsCustom", Value::Bool(true)),
        ],
        _ => &[],
    };
    for (field, value) in defaults {
        let empty = matches!(stored(object, row, field), Value::Null | Value::Bool(false));
        if empty {
            store(object, row, field, value.clone());
        }
    }
}

/// The type of the users of a licence.
/// Source: Salesforce Help, "Experience Cloud User Licenses".
fn user_type(license: &str) -> &'static str {
    let is = |start: &str| license.starts_with(start);
    if is("Customer Community Plus") || is("External Apps Plus") || is("Customer Portal Manager") {
        "PowerCustomerSuccess"
    } else if is("Customer Community")
        || is("External")
        || is("High Volume")
        || is("Authenticated Website")
        || is("Overage")
    {
        "CspLitePortal"
    } else if is("Partner") || is("Gold Partner") || is("Silver Partner") || is("Channel Account") {
        "PowerPartner"
    } else if is("Guest") {
        "Guest"
    } else if is("Chatter") {
        "CsnOnly"
    } else {
        "Standard"
    }
}
