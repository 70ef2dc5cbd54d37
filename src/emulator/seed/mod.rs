//! Seed file → org. Tables and keys are Salesforce's own API names; parents are named by what
//! people know them by: a profile by name, a user by username, an account by name.
//!
//! The order of tables does not matter. All faults of a file are told at once, with line and column.

mod knobs;
mod people;
mod schema;
mod setup;
mod source;
mod toml;

use std::collections::HashMap;

use ::toml::de::DeTable;
use serde_json::{Map, Value as Json};

use jiff::{SignedDuration, Timestamp};

use super::app::App;
use super::fault::{Fault, Faults};
use super::id::Id;
use super::schema::{Feature, Kind, Object, ObjectInfo};
use super::state::{custom_field, set_setting};
use super::store::{Org, clock, own_id};
use super::value::{Value, moment_text};

pub(super) use schema::document as schema;
pub(super) use source::{Source, Table};

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
const ORDER: [Object; 13] = [
    Object::USER_LICENSE,
    Object::PERMISSION_SET_LICENSE,
    Object::PROFILE,
    Object::PERMISSION_SET,
    Object::PERMISSION_SET_GROUP,
    Object::USER_ROLE,
    Object::GROUP,
    Object::NETWORK,
    Object::USER_ACCESS_POLICY,
    Object::INDIVIDUAL,
    Object::USER,
    Object::ACCOUNT,
    Object::CONTACT,
];

/// Tables that are no objects.
const OTHERS: [&str; 8] = [
    "Organization",
    "CustomObject",
    "CustomField",
    "ConnectedApplication",
    "ValidationRule",
    "DuplicateRule",
    "Fault",
    "emulator",
];

/// Keys of a table that stand for records below it, or for setup beside it.
const EXTRAS: [(Object, &[&str]); 5] = [
    (
        Object::USER,
        &[
            "IsFrozen",
            "PermissionSets",
            "PermissionSetGroups",
            "PermissionSetLicenses",
            "Groups",
            "Disabled",
            "DefaultCaseOwner",
        ],
    ),
    (Object::PERMISSION_SET, &["RefusedFor", "Permission"]),
    (Object::PERMISSION_SET_GROUP, &["PermissionSets"]),
    (Object::NETWORK, &["Profiles", "PermissionSets"]),
    (Object::USER_ACCESS_POLICY, &["Revokes"]),
];

/// The user that everybody is signed in as.
pub(super) const RUNNING_USER: &str = "admin@emulator.example";

/// Makes an org, and the trouble it is in for.
pub(super) fn read(text: &str) -> Result<(Org, Faults), SeedError> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut seed = Seed::new(text);
    for error in errors {
        seed.fault(error.span().map_or(0, |span| span.start), error.message());
    }
    if seed.faults.is_empty() {
        seed.build(&toml::File(tree.get_ref()));
    }
    seed.finish()
}

/// Makes an org from another source.
pub(super) fn build(source: &dyn Source) -> Result<(Org, Faults), SeedError> {
    let mut seed = Seed::new("");
    seed.build(source);
    seed.finish()
}

/// An org under construction.
struct Seed<'a> {
    text: &'a str,
    org: Org,
    troubles: Faults,
    faults: Vec<String>,
    /// Records by what people know them by.
    names: HashMap<(Object, String), Id>,
}

impl<'a> Seed<'a> {
    fn new(text: &'a str) -> Self {
        let troubles = Faults::new(Vec::new(), 0);
        Self { text, org: Org::new(), troubles, faults: Vec::new(), names: HashMap::new() }
    }

    fn finish(mut self) -> Result<(Org, Faults), SeedError> {
        if !self.faults.is_empty() {
            return Err(SeedError(self.faults));
        }
        self.org.seeding = false;
        self.org.changed = false;
        Ok((self.org, self.troubles))
    }

    fn fault(&mut self, at: usize, what: &str) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.faults.push(format!("{line}:{column}: {what}"));
    }

    fn build(&mut self, source: &dyn Source) {
        self.own_schema(source);
        self.organization(source);
        self.standard();
        for object in ORDER {
            let name = self.org.schema.info(object).name.clone();
            let tables = match object {
                Object::USER => source.users(false),
                _ => source.tables(&name),
            };
            for table in tables {
                self.record(object, &table);
            }
        }
        for table in source.users(true) {
            self.portal_user(&table);
        }
        self.own_records(source);
        self.apps(source);
        self.rules(source);
        self.settings(source);
        self.permissions(source);
        for (name, at) in source.names() {
            let known = ORDER.iter().any(|o| self.org.schema.info(*o).name == *name)
                || OTHERS.contains(&name.as_str())
                || name == "LoginHistory"
                || self.org.schema.named(&name).is_some_and(|o| self.org.schema.info(o).custom);
            if !known {
                self.fault(at, &format!("table `{name}` is not known to the emulator"));
            }
        }
    }

    /// The org's own objects and fields come first: rows have room for them from the beginning.
    fn own_schema(&mut self, source: &dyn Source) {
        let knobs = source.table("emulator").unwrap_or_default();
        let switch = |name: &str| knobs.get(name).and_then(Json::as_bool);
        for (feature, name, default) in [
            (Feature::DigitalExperiences, "digital_experiences", true),
            (Feature::Privacy, "privacy", source.table("Individual").is_some()),
            (
                Feature::AccessPolicies,
                "access_policies",
                source.table("UserAccessPolicy").is_some(),
            ),
        ] {
            if !switch(name).unwrap_or(default) {
                self.org.schema.switch_off(feature);
            }
        }
        for table in source.tables("CustomObject") {
            let at = table.at;
            let name = table.text("Name").filter(|name| name.ends_with("__c"));
            let Some(name) = name else {
                self.fault(at, "a CustomObject needs a `Name` that ends in `__c`");
                continue;
            };
            let label = table.text("Label").map_or_else(|| name.replace("__c", ""), str::to_owned);
            let plural = table.text("Plural").map_or_else(|| format!("{label}s"), str::to_owned);
            if self.org.schema.add_object(name, &label, &plural).is_none() {
                self.fault(at, &format!("object `{name}` stands here twice"));
            }
        }
        for table in source.tables("CustomField") {
            let at = table.at;
            let owner = table.text("Object").and_then(|name| self.org.schema.named(name));
            let Some(owner) = owner else {
                self.fault(at, "a CustomField needs an `Object` that exists");
                continue;
            };
            match custom_field(&self.org.schema, &table.json()) {
                Ok(field) => {
                    if !self.org.schema.add_field(owner, field) {
                        self.fault(at, "the object has a field of this name");
                    }
                }
                Err(what) => self.fault(at, &what),
            }
        }
        self.org.prepare();
    }

    /// The record that people know by a name. People and their accounts are found in the org's own
    /// indexes.
    fn find(&self, object: Object, name: &str) -> Option<Id> {
        let keys: &[&str] = match object {
            Object::USER => &["Username"],
            Object::ACCOUNT => &["Name"],
            Object::CONTACT => &["Email"],
            object => return self.names.get(&(object, name.to_lowercase())).copied(),
        };
        let value = Value::text(name);
        keys.iter().find_map(|key| self.org.lookup(object, key, &value).next().and_then(own_id))
    }

    /// A table as a request, its parents found by name.
    fn fields(&mut self, object: Object, table: &Table, skip: &[&str]) -> Map<String, Json> {
        let mut fields = Map::new();
        for entry in &table.entries {
            let key = &*entry.key;
            if skip.contains(&key) {
                continue;
            }
            let info = self.org.schema.info(object);
            if let Some((field, name, to)) = way_of(info, key, &entry.value) {
                match to.iter().find_map(|to| self.find(*to, name)) {
                    Some(id) => {
                        fields.insert(field, Json::from(id.to_string()));
                    }
                    None => {
                        let name_of = |to: &Object| self.org.schema.info(*to).name.to_string();
                        let kinds: Vec<String> = to.iter().map(name_of).collect();
                        let what = format!("{} `{name}` is not in this seed", kinds.join(" or "));
                        self.fault(entry.value_at, &what);
                    }
                }
            } else if let Some(field) = info.fields.iter().find(|field| field.name == key) {
                fields.insert(key.to_owned(), absolute(&field.kind, &entry.value));
            } else {
                let what = format!("`{key}` is not a field of {}", info.name);
                self.fault(entry.at, &what);
            }
        }
        fields
    }

    fn record(&mut self, object: Object, table: &Table) {
        let at = table.at;
        let extras =
            EXTRAS.iter().find(|(one, _)| *one == object).map_or(&[][..], |(_, keys)| keys);
        let mut fields = self.fields(object, table, extras);
        match object {
            Object::USER => {
                people::complete(&mut fields);
                if let Some(id) = self.insert(object, at, &fields) {
                    self.user_extras(at, id, table);
                }
            }
            Object::ACCOUNT | Object::CONTACT | Object::INDIVIDUAL => {
                if object == Object::ACCOUNT
                    && let Some(owner) = self.org.running_user
                {
                    let owner = Json::from(owner.to_string());
                    fields.entry("OwnerId").or_insert(owner);
                }
                self.insert(object, at, &fields);
            }
            _ => self.setup_record(object, at, (&fields, table)),
        }
    }

    fn insert(&mut self, object: Object, at: usize, fields: &Map<String, Json>) -> Option<Id> {
        match self.org.insert(object, fields) {
            Ok(id) => {
                if object == Object::INDIVIDUAL
                    && let Some(name) = fields.get("LastName").and_then(Json::as_str)
                {
                    self.names.entry((object, name.to_lowercase())).or_insert(id);
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

    /// Records of the org's own objects, and past logins.
    fn own_records(&mut self, source: &dyn Source) {
        let own: Vec<(Object, String)> = self
            .org
            .schema
            .objects()
            .filter(|info| info.custom || info.object == Object::LOGIN_HISTORY)
            .map(|info| (info.object, info.name.to_string()))
            .collect();
        for (object, name) in own {
            for table in source.tables(&name) {
                let at = table.at;
                let fields = self.fields(object, &table, &[]);
                self.insert(object, at, &fields);
            }
        }
    }

    /// An app with the key of the one that every org has takes its place.
    fn apps(&mut self, source: &dyn Source) {
        for table in source.tables("ConnectedApplication") {
            let at = table.at;
            match App::read(&table.json(), |name| self.find(Object::USER, name)) {
                Ok(app) => {
                    let apps = &mut self.org.settings.apps;
                    apps.retain(|one| one.key != app.key);
                    apps.push(app);
                }
                Err(what) => self.fault(at, &what),
            }
        }
    }

    fn rules(&mut self, source: &dyn Source) {
        for table in source.tables("ValidationRule") {
            let at = table.at;
            let object = table.text("Object").and_then(|name| self.org.schema.named(name));
            let parts = (object, table.text("Field"), table.text("Equals"), table.text("Message"));
            let (Some(object), Some(field), Some(equals), Some(message)) = parts else {
                self.fault(at, "a ValidationRule needs `Object`, `Field`, `Equals` and `Message`");
                continue;
            };
            let code = table.text("Code").unwrap_or("FIELD_CUSTOM_VALIDATION_EXCEPTION");
            self.org.settings.rules.push(super::store::ValidationRule {
                object,
                field: field.to_owned(),
                equals: equals.to_owned(),
                message: message.to_owned(),
                code: code.to_owned(),
            });
        }
        for table in source.tables("DuplicateRule") {
            let at = table.at;
            let object = table.text("Object").and_then(|name| self.org.schema.named(name));
            let (Some(object), Some(field)) = (object, table.text("Field")) else {
                self.fault(at, "a DuplicateRule needs `Object` and `Field`");
                continue;
            };
            let alert = table.text("Action") == Some("Alert");
            let rule = super::store::DuplicateRule { object, field: field.to_owned(), alert };
            self.org.settings.duplicate_rules.push(rule);
        }
        let mut faults = Vec::new();
        for table in source.tables("Fault") {
            let at = table.at;
            match Fault::read(&table.json()) {
                Ok(fault) => faults.push(fault),
                Err(what) => self.fault(at, &what),
            }
        }
        self.troubles.add(faults);
    }

    fn settings(&mut self, source: &dyn Source) {
        let Some(table) = source.table("emulator") else { return };
        for entry in &table.entries {
            let (at, key, given) = (entry.at, &entry.key, &entry.value);
            let done = match key.as_ref() {
                "digital_experiences" | "privacy" | "access_policies" => given.is_boolean(),
                "lacking" => given.is_array(),
                "invisible" => {
                    for path in table.list("invisible") {
                        let path = path.as_str().unwrap_or_default().to_owned();
                        if !self.org.schema.hide(&path) {
                            self.fault(at, &format!("there is no `{path}` to hide"));
                        }
                    }
                    true
                }
                "chance" => {
                    let seed = given.as_u64().unwrap_or(0);
                    let troubles =
                        std::mem::replace(&mut self.troubles, Faults::new(Vec::new(), 0));
                    self.troubles = troubles.with_seed(seed);
                    given.is_u64()
                }
                name => set_setting(&mut self.org.settings, name, given),
            };
            if !done {
                let what = format!("`{key}` is not a knob of the emulator, or not of this type");
                self.fault(at, &what);
            }
        }
    }
}

/// A key that names a parent by what people know it by: the field, the name, and the objects that
/// the parent may be of.
fn way_of<'a>(
    info: &ObjectInfo,
    key: &str,
    value: &'a Json,
) -> Option<(String, &'a str, Vec<Object>)> {
    let (field, to) = info.way(key)?;
    Some((info.fields.get(field)?.name.to_string(), value.as_str()?, to.to_vec()))
}

/// A date, or `-12d` and `+12d` for so many days before or after today.
fn absolute(kind: &Kind, value: &Json) -> Json {
    let days = value.as_str().filter(|text| text.starts_with(['-', '+']));
    let days = days.and_then(|text| text.strip_suffix('d')?.parse::<i64>().ok());
    // Whole days from this quarter of an hour: in every time zone that is as many days from today, as
    // zones differ by quarters, unless a clock is changed between. Two readings of a file are the same.
    let quarter = |now: Timestamp| Timestamp::from_second(now.as_second().div_euclid(900) * 900);
    let then = days.and_then(|days| {
        let away = SignedDuration::from_hours(days.checked_mul(24)?);
        quarter(clock()).ok()?.checked_add(away).ok()
    });
    match (kind, then) {
        (Kind::Moment, Some(then)) => Json::from(moment_text(then)),
        (Kind::Day, Some(then)) => Json::from(then.strftime("%Y-%m-%d").to_string()),
        _ => value.clone(),
    }
}
