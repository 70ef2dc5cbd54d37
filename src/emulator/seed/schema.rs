//! The JSON Schema of seed files, from the schema of the objects themselves.

use serde_json::{Map, Value as Json, json};

use super::{EXTRAS, ORDER, knobs};
use crate::emulator::schema::{Computed, Field, Kind, Object, ObjectInfo, Schema};
use crate::emulator::state::FIELD_TYPES;

/// Makes the schema.
pub(in crate::emulator) fn document() -> Json {
    let schema = Schema::standard();
    let mut tables = Map::new();
    tables.insert("Organization".to_owned(), organization(&schema));
    for object in ORDER.into_iter().chain([Object::LOGIN_HISTORY]) {
        let info = schema.info(object);
        let table = table(&schema, info);
        tables.insert(info.name.to_string(), json!({ "type": "array", "items": table }));
    }
    for (name, table) in others() {
        tables.insert(name.to_owned(), json!({ "type": "array", "items": table }));
    }
    tables.insert("emulator".to_owned(), knobs::schema());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "portalctl emulator seed",
        "description": "An org for the embedded Salesforce emulator. Tables and keys are Salesforce's \
                        API names; a parent is named by what people know it by.",
        "type": "object",
        "properties": tables,
        "patternProperties": {
            "__c$": {
                "description": "Records of a CustomObject of this file",
                "type": "array",
                "items": { "type": "object" },
            },
        },
        "additionalProperties": false,
    })
}

fn organization(schema: &Schema) -> Json {
    let info = schema.info(Object::ORGANIZATION);
    let mut keys = Map::new();
    keys.insert("Id".to_owned(), json!({ "type": "string", "pattern": "^00D" }));
    for (_, field) in info.visible().filter(|(_, field)| field.kind.is_text()) {
        keys.insert(field.name.to_string(), value(field));
    }
    keys.insert("IsSandbox".to_owned(), json!({ "type": "boolean" }));
    closed(&keys, &[])
}

/// A table with these keys and no others.
fn closed(keys: &Map<String, Json>, required: &[&str]) -> Json {
    json!({
        "type": "object",
        "properties": keys,
        "required": required,
        "additionalProperties": false,
    })
}

/// A record of an object.
fn table(schema: &Schema, info: &ObjectInfo) -> Json {
    let mut keys = Map::new();
    for (_, field) in info.visible() {
        let elsewhere =
            matches!(field.computed, Some(Computed::UsedSeats | Computed::UsedSetSeats));
        if field.kind == Kind::Id
            || field.name == "IsDeleted"
            || (field.computed.is_some() && !elsewhere)
        {
            continue;
        }
        match &field.kind {
            Kind::Reference(to, way) => {
                let names: Vec<&str> = to.iter().map(|to| &*schema.info(*to).name).collect();
                let text = format!("The {} by what people know it by", names.join(" or "));
                keys.insert(way.to_string(), json!({ "type": "string", "description": text }));
            }
            _ => {
                keys.insert(field.name.to_string(), value(field));
            }
        }
    }
    let extras = EXTRAS.iter().find(|(one, _)| *one == info.object);
    for key in extras.map_or(&[][..], |(_, keys)| keys) {
        keys.insert((*key).to_owned(), extra(key));
    }
    if info.object == Object::USER {
        let text = "The Account of a portal user: their contact is found there by e-mail, or made";
        keys.insert("Account".to_owned(), json!({ "type": "string", "description": text }));
    }
    json!({
        "type": "object",
        "properties": keys,
        "patternProperties": { "__[cr]$": {} },
        "required": required(info.object),
        "additionalProperties": false,
    })
}

fn required(object: Object) -> &'static [&'static str] {
    match object {
        Object::USER_LICENSE => &["Name", "TotalLicenses"],
        Object::PERMISSION_SET_LICENSE => &["DeveloperName", "TotalLicenses"],
        Object::PROFILE => &["Name", "UserLicense"],
        Object::PERMISSION_SET_GROUP | Object::GROUP | Object::USER_ACCESS_POLICY => {
            &["DeveloperName"]
        }
        Object::USER => &["Username", "LastName", "Profile"],
        Object::CONTACT | Object::INDIVIDUAL => &["LastName"],
        Object::LOGIN_HISTORY => &["User"],
        _ => &["Name"],
    }
}

fn value(field: &Field) -> Json {
    match &field.kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int => json!({ "type": "integer" }),
        kind if kind.is_number() => json!({ "type": "number" }),
        Kind::Picklist(values) if values.iter().count() <= 20 => {
            json!({ "type": "string", "enum": values.iter().collect::<Vec<_>>() })
        }
        Kind::Day | Kind::Moment => json!({
            "type": "string",
            "description": "A date or datetime, or `-12d` for so many days before the org starts",
        }),
        kind => match kind.length() {
            Some(length) => json!({ "type": "string", "maxLength": length }),
            None => json!({ "type": "string" }),
        },
    }
}

/// A key that stands for records below a record, or for setup beside it.
fn extra(key: &str) -> Json {
    let names =
        |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    match key {
        "IsFrozen" => json!({ "type": "boolean" }),
        "Disabled" => json!({ "type": "boolean",
            "description": "Portal access was switched off for good: contact cleared, username renamed" }),
        "DefaultCaseOwner" => json!({ "type": "boolean",
            "description": "Setup refers to the user, who therefore cannot be deactivated" }),
        "PermissionSets" | "PermissionSetGroups" | "PermissionSetLicenses" | "Groups" => json!({
            "type": "array",
            "items": { "anyOf": [
                { "type": "string" },
                { "type": "object",
                  "properties": { "Name": { "type": "string" }, "ExpirationDate": { "type": "string" } },
                  "required": ["Name"], "additionalProperties": false },
            ] },
        }),
        "Profiles" => names("Profiles whose people are members of the site"),
        "RefusedFor" => names("User licences that do not allow the set"),
        "Permission" => json!({ "type": "string",
            "description": "The permission that those licences do not allow" }),
        "Revokes" => names("Permission sets that the policy takes away again"),
        _ => json!({}),
    }
}

/// What a key of a table that is no object takes.
enum Takes {
    Text,
    /// The name of something of the org's own.
    Custom,
    Flag,
    Number,
    Texts,
    OneOf(&'static [&'static str]),
}

use Takes::{Custom, Flag, Number, OneOf, Text, Texts};

type Other = (&'static str, &'static [(&'static str, Takes)], &'static [&'static str]);

/// The tables that are no objects: their keys, and which they need.
const OTHERS: [Other; 5] = [
    ("CustomObject", &[("Name", Custom), ("Label", Text), ("Plural", Text)], &["Name"]),
    (
        "CustomField",
        &[
            ("Object", Text),
            ("Name", Custom),
            ("Label", Text),
            ("Type", OneOf(&FIELD_TYPES)),
            ("Length", Number),
            ("Values", Texts),
            ("To", Text),
            ("Required", Flag),
            ("Unique", Flag),
            ("ExternalId", Flag),
            ("CaseSensitive", Flag),
            ("ReadOnly", Flag),
        ],
        &["Object", "Name"],
    ),
    (
        "ConnectedApplication",
        &[
            ("Name", Text),
            ("ConsumerKey", Text),
            ("ConsumerSecret", Text),
            ("Certificate", Text),
            ("RunAs", Text),
            ("PermittedUsers", OneOf(&["All", "SelfAuthorize", "AdminApproved"])),
            ("Users", Texts),
            ("Scopes", Texts),
            ("LoginIpRanges", Texts),
            ("RotateRefreshTokens", Flag),
        ],
        &["ConsumerKey"],
    ),
    (
        "ValidationRule",
        &[("Object", Text), ("Field", Text), ("Equals", Text), ("Message", Text), ("Code", Text)],
        &["Object", "Field", "Equals", "Message"],
    ),
    (
        "DuplicateRule",
        &[("Object", Text), ("Field", Text), ("Action", OneOf(&["Block", "Alert"]))],
        &["Object", "Field"],
    ),
];

impl Takes {
    fn schema(&self) -> Json {
        match self {
            Text => json!({ "type": "string" }),
            Custom => json!({ "type": "string", "pattern": "__c$" }),
            Flag => json!({ "type": "boolean" }),
            Number => json!({ "type": "integer" }),
            Texts => json!({ "type": "array", "items": { "type": "string" } }),
            OneOf(list) => json!({ "enum": list }),
        }
    }
}

fn others() -> impl Iterator<Item = (&'static str, Json)> {
    let table = |(name, keys, required): &Other| {
        let keys = keys.iter().map(|(key, takes)| ((*key).to_owned(), takes.schema())).collect();
        (*name, closed(&keys, required))
    };
    OTHERS.iter().map(table).chain([("Fault", fault())])
}

/// Trouble, also as the control endpoint takes it.
fn fault() -> Json {
    json!({
        "type": "object",
        "properties": {
            "Do": { "enum": crate::emulator::fault::KINDS },
            "Path": { "type": "string", "description": "A part of the path and query of the requests it is for" },
            "Method": { "type": "string" },
            "After": { "type": "integer", "description": "How many of its requests pass first" },
            "Times": { "type": "integer", "description": "How many it hits; left out, all" },
            "Chance": { "type": "number", "description": "How likely it hits one, from 0 to 1" },
            "Status": { "type": "integer" },
            "Code": { "type": "string" },
            "Text": { "type": "string" },
            "Milliseconds": { "type": "integer" },
            "Records": { "type": "number", "description": "How likely it hits a record of the request" },
        },
        "required": ["Do"],
        "additionalProperties": false,
    })
}
