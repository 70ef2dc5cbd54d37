//! The published schemas list a key exactly when the reader takes it.

use std::collections::BTreeSet;
use std::fs;

use portalctl::config;
use serde_json::Value;

use super::EVERY_KEY;
use crate::support::{Portal, assert_valid, package};

const PROJECT: &str = "[project]\nname = \"acme\"\n";
const USERS: &str = "account = \"Acme Corp\"\nprofile = \"Acme Customer\"\n";

/// A table: its file, text that ends inside it, and where the schema describes it.
const TABLES: [(&str, &str, &str); 26] = [
    ("portalctl.toml", "", ""),
    ("portalctl.toml", "[project]\n", "/properties/project"),
    ("portalctl.toml", "[orgs.x]\n", "/properties/orgs/additionalProperties"),
    ("portalctl.toml", "[defaults]\n", "/properties/defaults"),
    ("portalctl.toml", "[on_create]\n", "/properties/on_create"),
    ("portalctl.toml", "[templates.x]\n", "/properties/templates/additionalProperties"),
    ("portalctl.toml", "[contacts]\n", "/properties/contacts"),
    ("portalctl.toml", "[permission_sets]\n", "/properties/permission_sets"),
    ("portalctl.toml", "[safety]\n", "/properties/safety"),
    ("portalctl.toml", "[[allow]]\n", "/properties/allow/items"),
    ("portalctl.toml", "[ownership]\n", "/properties/ownership"),
    ("portalctl.toml", "[ownership.marker]\n", "/properties/ownership/properties/marker"),
    ("portalctl.toml", "[licenses.x]\n", "/properties/licenses/additionalProperties"),
    ("portalctl.toml", "[policy]\n", "/properties/policy"),
    ("dev.toml", "", ""),
    ("dev.toml", "[defaults]\n", "/properties/defaults"),
    ("dev.toml", "[templates.x]\n", "/properties/templates/additionalProperties"),
    ("dev.toml", "[ownership]\n", "/properties/ownership"),
    ("dev.toml", "[safety]\n", "/properties/safety"),
    ("users/acme.toml", "", ""),
    ("users/acme.toml", "[[users]]\n", "/properties/users/items"),
    ("users/acme.toml", "[[rosters]]\n", "/properties/rosters/items"),
    ("users/acme.toml", "[permission_sets]\n", "/properties/permission_sets/oneOf/1"),
    (
        "users/acme.toml",
        "[[permission_sets]]\n",
        "/properties/permission_sets/oneOf/0/items/oneOf/1",
    ),
    ("users/acme.toml", "[[groups]]\n", "/properties/groups/oneOf/0/items/oneOf/1"),
    (
        "users/acme.toml",
        "[[rosters]]\n[rosters.columns]\n",
        "/properties/rosters/items/properties/columns",
    ),
];

/// What the reader says are the keys of the table at the end of this text.
fn taken(file: &str, text: &str) -> BTreeSet<String> {
    let org = "[orgs.dev]\nemulator = \"org.toml\"\noverlay = \"dev.toml\"\n";
    let mut files = [
        ("portalctl.toml", format!("{PROJECT}{org}")),
        ("dev.toml", String::new()),
        ("users/acme.toml", USERS.to_owned()),
    ];
    let spoilt = files.iter_mut().find(|(name, _)| *name == file).unwrap();
    // At the root the key has to stand before any table.
    spoilt.1 = if text.is_empty() {
        format!("qqqqqqqq = 1\n{}", spoilt.1)
    } else if text == "[project]\n" {
        format!("{text}qqqqqqqq = 1\n{org}")
    } else {
        format!("{}{text}qqqqqqqq = 1\n", spoilt.1)
    };
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let portal = Portal::new(&files);
    let loaded = config::load(portal.path());
    let found = loaded.diagnostics.iter().find(|found| found.message.contains("`qqqqqqqq`"));
    let help = found.and_then(|found| found.help.as_deref()).unwrap_or_default();
    let list = help.split_once(" keys ").map_or("", |(_, list)| list);
    let list = list.trim_start_matches("here are ").trim_start_matches("are ");
    list.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

fn described(file: &str, pointer: &str) -> BTreeSet<String> {
    let name = match file {
        "portalctl.toml" => "project",
        "dev.toml" => "overlay",
        _ => "users",
    };
    let path = package().join("schema").join(format!("{name}.schema.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let table = schema.pointer(pointer).unwrap_or_else(|| panic!("{name} {pointer}"));
    assert_eq!(table["additionalProperties"], Value::Bool(false), "{name} {pointer}");
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_key_is_described_exactly_when_it_is_read() {
    for (file, text, pointer) in TABLES {
        let mut described = described(file, pointer);
        if pointer.ends_with("/columns") {
            // They hold tables, and are told by another message.
            for key in ["contact", "fields", "contact_fields"] {
                assert!(described.remove(key));
            }
        }
        assert_eq!(taken(file, text), described, "{file} {text}");
    }
}

/// A TOML document as the JSON that an editor checks against a schema.
fn json(text: &str) -> Value {
    fn of(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(value) => value.into(),
            toml::Value::Datetime(date) => date.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(of).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, inner)| (key, of(inner))).collect()
            }
        }
    }
    of(toml::Value::Table(text.parse().unwrap()))
}

#[test]
fn files_that_are_read_fit_their_schemas() {
    assert_valid(&json(EVERY_KEY), "project.schema.json");
    assert_valid(&json(super::PROJECT), "project.schema.json");
    assert_valid(&json(super::USERS), "users.schema.json");
    let roster = r#"
account = { Ext__c = 1001 }
[[rosters]]
csv = "people.csv"
columns = { username = "E-mail", account = { id = "Account" }, fields = { Badge__c = "Badge" } }
date_format = "%d.%m.%Y"
delimiter = "\t"
permission_sets = { only = [{ name = "A", expires = 2027-01-31 }] }
"#;
    assert_valid(&json(roster), "users.schema.json");
    let overlay = "[defaults]\nlocale = \"en_US\"\n[safety]\nmax_creates = \"5%\"\n";
    assert_valid(&json(overlay), "overlay.schema.json");
}
