//! Seed file → org. Tables and keys are Salesforce's own API names; parents are named by what
//! people know them by: a profile by name, a user by username, an account by name.
//!
//! The order of tables does not matter. All faults of a file are told at once, with line and column.

mod people;
mod setup;
mod toml;

use std::collections::HashMap;

use ::toml::de::{DeTable, DeValue};
use serde_json::{Map, Value as Json};

use super::app::App;
use super::fault::{Fault, Faults};
use super::id::Id;
use super::schema::{Feature, Object};
use super::state::{custom_field, set_setting};
use super::store::Org;

use toml::{Table, has, is_true, json, list, object, tables, text};

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
        seed.build(tree.get_ref());
    }
    if seed.faults.is_empty() {
        seed.org.seeding = false;
        seed.org.changed = false;
        Ok((seed.org, seed.troubles))
    } else {
        Err(SeedError(seed.faults))
    }
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

    fn fault(&mut self, at: usize, what: &str) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.faults.push(format!("{line}:{column}: {what}"));
    }

    fn build(&mut self, tree: Table<'_>) {
        self.own_schema(tree);
        self.organization(tree);
        self.standard();
        for object in ORDER {
            let name = self.org.schema.info(object).name.clone();
            for (at, table) in tables(tree, &name) {
                if object == Object::USER && is_portal(table) {
                    continue;
                }
                self.record(object, at, table);
            }
        }
        for (at, table) in tables(tree, "User").into_iter().filter(|(_, table)| is_portal(table)) {
            self.portal_user(at, table);
        }
        self.own_records(tree);
        self.apps(tree);
        self.rules(tree);
        self.settings(tree);
        for (name, value) in tree {
            let known = ORDER.iter().any(|o| self.org.schema.info(*o).name == *name.get_ref())
                || OTHERS.contains(&name.get_ref().as_ref())
                || name.get_ref() == "LoginHistory"
                || self
                    .org
                    .schema
                    .named(name.get_ref())
                    .is_some_and(|o| self.org.schema.info(o).custom);
            if !known {
                let what = format!("table `{}` is not known to the emulator", name.get_ref());
                self.fault(value.span().start.min(name.span().start), &what);
            }
        }
    }

    /// The org's own objects and fields come first: rows have room for them from the beginning.
    fn own_schema(&mut self, tree: Table<'_>) {
        let switch = |name: &str| {
            tables(tree, "emulator").first().and_then(|(_, table)| {
                let (_, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
                if let DeValue::Boolean(on) = value.get_ref() { Some(*on) } else { None }
            })
        };
        for (feature, name, default) in [
            (Feature::DigitalExperiences, "digital_experiences", true),
            (Feature::Privacy, "privacy", has(tree, "Individual")),
            (Feature::AccessPolicies, "access_policies", has(tree, "UserAccessPolicy")),
        ] {
            if !switch(name).unwrap_or(default) {
                self.org.schema.switch_off(feature);
            }
        }
        for (at, table) in tables(tree, "CustomObject") {
            let name = text(table, "Name").filter(|name| name.ends_with("__c"));
            let Some(name) = name else {
                self.fault(at, "a CustomObject needs a `Name` that ends in `__c`");
                continue;
            };
            let label = text(table, "Label").map_or_else(|| name.replace("__c", ""), str::to_owned);
            let plural = text(table, "Plural").map_or_else(|| format!("{label}s"), str::to_owned);
            if self.org.schema.add_object(name, &label, &plural).is_none() {
                self.fault(at, &format!("object `{name}` stands here twice"));
            }
        }
        for (at, table) in tables(tree, "CustomField") {
            let owner = text(table, "Object").and_then(|name| self.org.schema.named(name));
            let Some(owner) = owner else {
                self.fault(at, "a CustomField needs an `Object` that exists");
                continue;
            };
            match custom_field(&self.org.schema, &object(table)) {
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
            let info = self.org.schema.info(object);
            let way = info.way(key).and_then(|(field, to)| {
                Some((info.fields.get(field)?.name.to_string(), to.to_vec()))
            });
            match (way, value.get_ref()) {
                (Some((field, to)), DeValue::String(name)) => {
                    match to.iter().find_map(|to| self.find(*to, name)) {
                        Some(id) => {
                            fields.insert(field, Json::from(id.to_string()));
                        }
                        None => {
                            let name_of = |to: &Object| self.org.schema.info(*to).name.to_string();
                            let kinds: Vec<String> = to.iter().map(name_of).collect();
                            let what =
                                format!("{} `{name}` is not in this seed", kinds.join(" or "));
                            self.fault(value.span().start, &what);
                        }
                    }
                }
                (None, value) if info.fields.iter().any(|field| field.name == **key) => {
                    fields.insert(key.to_string(), json(value));
                }
                _ => {
                    let what = format!("`{key}` is not a field of {}", info.name);
                    self.fault(at, &what);
                }
            }
        }
        fields
    }

    fn record(&mut self, object: Object, at: usize, table: Table<'_>) {
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
                for key in ["Username", "Name", "Email", "LastName"] {
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

    /// Records of the org's own objects, and past logins.
    fn own_records(&mut self, tree: Table<'_>) {
        let own: Vec<(Object, String)> = self
            .org
            .schema
            .objects()
            .filter(|info| info.custom || info.object == Object::LOGIN_HISTORY)
            .map(|info| (info.object, info.name.to_string()))
            .collect();
        for (object, name) in own {
            for (at, table) in tables(tree, &name) {
                let fields = self.fields(object, table, &[]);
                self.insert(object, at, &fields);
            }
        }
    }

    /// An app with the key of the one that every org has takes its place.
    fn apps(&mut self, tree: Table<'_>) {
        for (at, table) in tables(tree, "ConnectedApplication") {
            match App::read(&object(table), |name| self.find(Object::USER, name)) {
                Ok(app) => {
                    let apps = &mut self.org.settings.apps;
                    apps.retain(|one| one.key != app.key);
                    apps.push(app);
                }
                Err(what) => self.fault(at, &what),
            }
        }
    }

    fn rules(&mut self, tree: Table<'_>) {
        for (at, table) in tables(tree, "ValidationRule") {
            let object = text(table, "Object").and_then(|name| self.org.schema.named(name));
            let parts =
                (object, text(table, "Field"), text(table, "Equals"), text(table, "Message"));
            let (Some(object), Some(field), Some(equals), Some(message)) = parts else {
                self.fault(at, "a ValidationRule needs `Object`, `Field`, `Equals` and `Message`");
                continue;
            };
            let code = text(table, "Code").unwrap_or("FIELD_CUSTOM_VALIDATION_EXCEPTION");
            self.org.settings.rules.push(super::store::ValidationRule {
                object,
                field: field.to_owned(),
                equals: equals.to_owned(),
                message: message.to_owned(),
                code: code.to_owned(),
            });
        }
        for (at, table) in tables(tree, "DuplicateRule") {
            let object = text(table, "Object").and_then(|name| self.org.schema.named(name));
            let (Some(object), Some(field)) = (object, text(table, "Field")) else {
                self.fault(at, "a DuplicateRule needs `Object` and `Field`");
                continue;
            };
            let alert = text(table, "Action") == Some("Alert");
            let rule = super::store::DuplicateRule { object, field: field.to_owned(), alert };
            self.org.settings.duplicate_rules.push(rule);
        }
        let mut faults = Vec::new();
        for (at, table) in tables(tree, "Fault") {
            match Fault::read(&object(table)) {
                Ok(fault) => faults.push(fault),
                Err(what) => self.fault(at, &what),
            }
        }
        self.troubles.add(faults);
    }

    fn settings(&mut self, tree: Table<'_>) {
        let Some((_, table)) = tables(tree, "emulator").first().copied() else { return };
        for (key, value) in table {
            let (at, key) = (key.span().start, key.get_ref());
            let given = json(value.get_ref());
            let done = match key.as_ref() {
                "digital_experiences" | "privacy" | "access_policies" => given.is_boolean(),
                "invisible" => {
                    for path in list(table, "invisible") {
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
                name => set_setting(&mut self.org.settings, name, &given),
            };
            if !done {
                let what = format!("`{key}` is not a knob of the emulator, or not of this type");
                self.fault(at, &what);
            }
        }
    }
}

fn is_portal(table: Table<'_>) -> bool {
    has(table, "Account") || has(table, "Contact")
}
