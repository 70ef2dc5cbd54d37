//! The JSON Schema of portalctl.toml and of user files, built from the field catalogue so that it
//! cannot disagree with what is read. It must list a key exactly when the reader takes it.

use serde_json::{Map, Value, json};

use crate::model::{Email, Rule, UserField, Username};

/// The schema of portalctl.toml, with a newline at the end.
pub fn project() -> serde_json::Result<String> {
    let mut on_create = shared_keys();
    for managed in ["account", "template", "state", "starts", "expires"] {
        on_create.remove(managed);
    }
    let mut template = shared_keys();
    template.remove("template");
    template.insert(
        "extends".to_owned(),
        json!({ "type": "string", "description": "The template that this one adds to." }),
    );
    let mut defaults = shared_keys();
    defaults.remove("template");
    document(
        "portalctl.toml",
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["project"],
            "properties": {
                "project": project_table(),
                "orgs": { "type": "object", "additionalProperties": org_table() },
                "defaults": table("Values for every user.", &defaults),
                "on_create": table("Values that are sent when a user is created and never compared.", &on_create),
                "templates": {
                    "type": "object",
                    "additionalProperties": table("Values for every user with this template.", &template)
                },
                "contacts": contacts_table(),
                "permission_sets": sets_table(),
                "safety": safety_table(),
                "allow": { "type": "array", "items": allow_table() }
            }
        }),
    )
}

/// The schema of a user file, with a newline at the end.
pub fn users() -> serde_json::Result<String> {
    let mut keys = shared_keys();
    let mut user = keys.clone();
    user.insert(
        "username".to_owned(),
        json!({
            "type": "string",
            "maxLength": Username::MAX_CHARS,
            "description": "In the form of an e-mail address; the org's `username_suffix` is added on the way out."
        }),
    );
    for field in UserField::ALL {
        user.insert(field.key().to_owned(), field_schema(*field));
    }
    user.insert(
        "contact".to_owned(),
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["id"],
            "properties": { "id": id("003") },
            "description": "The person's contact; absent, it is found in the account by e-mail, or made."
        }),
    );
    let mut entry = table("One user.", &user);
    if let Some(entry) = entry.as_object_mut() {
        entry.insert("required".to_owned(), json!(["username", "last_name"]));
    }
    keys.insert("users".to_owned(), json!({ "type": "array", "items": entry }));
    document(
        "portalctl user file",
        table("Values for every user of the file, and the users.", &keys),
    )
}

fn document(title: &str, body: Value) -> serde_json::Result<String> {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(title));
    if let Value::Object(body) = body {
        schema.extend(body);
    }
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    Ok(text)
}

fn table(description: &str, properties: &Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties
    })
}

/// The keys that may stand at a user, in a file, in a template and in `[defaults]`.
fn shared_keys() -> Map<String, Value> {
    let date = |description: &str| json!({ "description": description, "format": "date" });
    let mut keys = Map::new();
    let mut add = |key: &str, schema: Value| keys.insert(key.to_owned(), schema);
    add(
        "account",
        json!({
            "description": "The account: its exact name, or its id.",
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["id"],
                    "properties": { "id": id("001") }
                }
            ]
        }),
    );
    add("template", json!({ "type": "string", "description": "A `[templates.NAME]` table." }));
    add("profile", json!({ "type": "string", "description": "The profile, by name." }));
    add(
        "state",
        json!({
            "enum": ["active", "inactive", "frozen"],
            "description": "Absent: created active, reactivated if inactive, never unfrozen."
        }),
    );
    add("starts", date("The first day on which the user is to be active."));
    add("expires", date("The last day on which the user is to be active."));
    add("permission_sets", set_list());
    for field in UserField::ALL.iter().filter(|field| field.info().shareable) {
        add(field.key(), field_schema(*field));
    }
    keys
}

fn field_schema(field: UserField) -> Value {
    let info = field.info();
    let length = if field == UserField::Email { Email::MAX_CHARS } else { info.max_chars };
    json!({ "type": "string", "maxLength": length, "description": info.doc })
}

fn set_list() -> Value {
    let items = json!({
        "type": "array",
        "items": {
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name"],
                    "properties": {
                        "name": { "type": "string" },
                        "expires": { "format": "date" }
                    }
                }
            ]
        }
    });
    json!({
        "description": "Permission sets by API name. Lists add up across levels; `{ only = [...] }` replaces.",
        "oneOf": [
            items,
            {
                "type": "object",
                "additionalProperties": false,
                "required": ["only"],
                "properties": { "only": items }
            }
        ]
    })
}

fn id(prefix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}[0-9A-Za-z]{{12}}([0-9A-Za-z]{{3}})?$") })
}

fn project_table() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "pattern": "^[a-z0-9-]+$" },
            "include": {
                "type": "array",
                "items": { "type": "string" },
                "description": "Globs for user files; default: users/**/*.toml."
            },
            "default_org": { "type": "string" },
            "api_version": { "type": "string", "pattern": "^[0-9]+\\.0$" }
        }
    })
}

fn org_table() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "oneOf": [{ "required": ["login_url"] }, { "required": ["emulator"] }],
        "properties": {
            "login_url": { "type": "string" },
            "emulator": { "type": "string", "description": "The seed file of the embedded emulator." },
            "org_id": id("00D"),
            "username_suffix": { "type": "string" },
            "email": { "enum": ["as-declared", "keep-invalid", "append-invalid"] },
            "auth": {
                "enum": ["auto", "access-token", "jwt", "client-credentials", "refresh-token", "sf-cli"],
                "description": "How to sign in. Secrets come from the environment."
            },
            "client_id": { "type": "string", "description": "The consumer key of the app to sign in through." },
            "username": { "type": "string", "description": "The username in the org to sign in as." }
        }
    })
}

fn contacts_table() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "create": { "type": "boolean", "default": true },
            "update": { "type": "boolean", "default": true }
        }
    })
}

fn sets_table() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "mode": { "enum": ["exact", "at-least"], "default": "exact" },
            "ignore": { "type": "array", "items": { "type": "string" } }
        }
    })
}

fn safety_table() -> Value {
    let limit = json!({
        "oneOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^(100|[0-9]{1,2})%$" }
        ]
    });
    let properties: Map<String, Value> = Rule::ALL
        .iter()
        .filter(|rule| **rule != Rule::Shortfall)
        .map(|rule| (format!("max_{}", rule.as_str()), limit.clone()))
        .collect();
    table("Limits on how much one plan may do.", &properties)
}

fn allow_table() -> Value {
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["rule", "count", "reason", "expires"],
        "properties": {
            "rule": { "enum": rules },
            "org": { "type": "string" },
            "count": { "type": "integer", "minimum": 0 },
            "reason": { "type": "string" },
            "expires": { "format": "date" }
        }
    })
}
