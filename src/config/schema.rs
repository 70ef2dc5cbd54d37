//! The JSON Schema of portalctl.toml and of user files, built from the field catalogue so that it
//! cannot disagree with what is read. It must list a key exactly when the reader takes it.

use serde_json::{Map, Value, json};

use crate::model::{AccessKind, Email, Rule, UserField, Username};

use super::roster;

/// The schema of portalctl.toml, with a newline at the end.
pub fn project() -> serde_json::Result<String> {
    let mut on_create = shared_keys();
    for managed in ["account", "template", "state", "starts", "expires"] {
        on_create.remove(managed);
    }
    let defaults = shared_keys();
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
                "templates": templates(),
                "contacts": contacts_table(),
                "permission_sets": sets_table(),
                "safety": safety_table(),
                "allow": { "type": "array", "items": allow_table() },
                "ownership": ownership_table(),
                "licenses": { "type": "object", "additionalProperties": license_table() },
                "policy": policy_table()
            }
        }),
    )
}

/// The schema of an overlay, with a newline at the end.
pub fn overlay() -> serde_json::Result<String> {
    document(
        "portalctl overlay",
        json!({
            "type": "object",
            "description": "Overrides tables of portalctl.toml by key, for one org.",
            "additionalProperties": false,
            "properties": {
                "defaults": table("Values for every user.", &shared_keys()),
                "templates": templates(),
                "ownership": ownership_table(),
                "safety": safety_table()
            }
        }),
    )
}

fn templates() -> Value {
    let mut template = shared_keys();
    template.remove("template");
    template.insert(
        "extends".to_owned(),
        json!({ "type": "string", "description": "The template that this one adds to." }),
    );
    json!({
        "type": "object",
        "additionalProperties": table("Values for every user with this template.", &template)
    })
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
        record(
            "003",
            "The person's contact; absent, it is found in the account by `[contacts] match`, or made.",
        ),
    );
    let former = json!({ "type": "string", "maxLength": Username::MAX_CHARS });
    user.insert(
        "renamed_from".to_owned(),
        json!({
            "description": "Usernames that the person had, without the org's suffix.",
            "oneOf": [former, { "type": "array", "items": former }]
        }),
    );
    let mut entry = table("One user.", &user);
    if let Some(entry) = entry.as_object_mut() {
        entry.insert("required".to_owned(), json!(["username", "last_name"]));
    }
    keys.insert("rosters".to_owned(), json!({ "type": "array", "items": roster(&keys) }));
    keys.insert("users".to_owned(), json!({ "type": "array", "items": entry }));
    document(
        "portalctl user file",
        table("Values for every user of the file, and the users.", &keys),
    )
}

fn roster(shared: &Map<String, Value>) -> Value {
    let head = |what: &str| json!({ "type": "string", "minLength": 1, "description": what });
    let fields = json!({
        "type": "object",
        "propertyNames": { "pattern": API_NAME },
        "additionalProperties": head("The head of the field's column.")
    });
    let reference = |description: &str| {
        json!({
            "type": "object",
            "description": description,
            "minProperties": 1,
            "maxProperties": 1,
            "propertyNames": { "pattern": API_NAME },
            "additionalProperties": head("The head of the column.")
        })
    };
    let mut columns: Map<String, Value> =
        roster::keys().map(|key| (key.to_owned(), head("The head of the column."))).collect();
    let named = "By id or an external id: `{ id = \"…\" }`, `{ Ext__c = \"…\" }`.";
    columns.insert(
        "account".to_owned(),
        json!({ "oneOf": [head("The head of the column with names."), reference(named)] }),
    );
    columns.insert("contact".to_owned(), reference(named));
    columns.insert("fields".to_owned(), fields.clone());
    columns.insert("contact_fields".to_owned(), fields);
    let mut keys = shared.clone();
    keys.insert("csv".to_owned(), head("The CSV file, relative to this file; one user a row."));
    keys.insert(
        "columns".to_owned(),
        table(
            "Which column holds which key, by the column's head. A column whose head is a key needs no entry; with this table, others are not read.",
            &columns,
        ),
    );
    keys.insert(
        "date_format".to_owned(),
        json!({ "type": "string", "default": "%Y-%m-%d", "description": "How dates are written, as strftime has it." }),
    );
    keys.insert(
        "delimiter".to_owned(),
        json!({ "type": "string", "minLength": 1, "maxLength": 1, "default": "," }),
    );
    let mut roster = table("A CSV file of people, and values for all of them.", &keys);
    if let Some(roster) = roster.as_object_mut() {
        roster.insert("required".to_owned(), json!(["csv"]));
    }
    roster
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
            "description": "The account: its exact name, its id, or an external id.",
            "oneOf": [{ "type": "string", "minLength": 1 }, record("001", "")]
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
    for kind in AccessKind::ALL {
        add(kind.key(), grant_list(kind));
    }
    add(
        "portal_role",
        json!({
            "enum": ["user", "manager", "executive"],
            "description": "The level of the account role, for Customer Community Plus and Partner Community."
        }),
    );
    add(
        "activation",
        json!({
            "enum": ["none", "reset-email"],
            "default": "none",
            "description": "Whether the person is mailed a link after the user was created."
        }),
    );
    add("fields", custom_fields("Other fields of the user by API name; \"\" is none."));
    add("contact_fields", custom_fields("Other fields of the contact by API name; \"\" is none."));
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

fn custom_fields(description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "propertyNames": { "pattern": API_NAME },
        "additionalProperties": {
            "anyOf": [{ "type": ["string", "number", "boolean"] }, { "format": "date" }]
        }
    })
}

/// The form of an API name.
const API_NAME: &str = "^[A-Za-z][A-Za-z0-9_]*$";

/// A record by its id or by one external id.
fn record(prefix: &str, description: &str) -> Value {
    let mut schema = json!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": { "id": id(prefix) },
        "propertyNames": { "pattern": API_NAME },
        "additionalProperties": { "type": ["string", "integer"] }
    });
    if let (Some(schema), false) = (schema.as_object_mut(), description.is_empty()) {
        schema.insert("description".to_owned(), json!(description));
    }
    schema
}

fn grant_list(kind: AccessKind) -> Value {
    let mut properties = Map::new();
    properties.insert("name".to_owned(), json!({ "type": "string" }));
    if kind != AccessKind::Group {
        properties.insert("expires".to_owned(), json!({ "format": "date" }));
    }
    let items = json!({
        "type": "array",
        "items": {
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name"],
                    "properties": properties
                }
            ]
        }
    });
    json!({
        "description": format!(
            "Each {} by API name. Lists add up across levels; `{{ only = [...] }}` replaces.",
            kind.what()
        ),
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
            "overlay": {
                "type": "string",
                "description": "A TOML file whose `defaults`, `templates`, `ownership` and `safety` override those of this file, for this org."
            },
            "include": {
                "type": "array",
                "items": { "type": "string" },
                "description": "Further globs for user files of this org alone."
            },
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
            "update": { "type": "boolean", "default": true },
            "match": {
                "type": "array",
                "minItems": 1,
                "items": { "type": "string", "pattern": API_NAME },
                "default": ["Email"],
                "description": "Fields of Contact by which a person is looked for in the account, in order."
            }
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
    let limits =
        ["deactivations", "reactivations", "access_changes", "creates", "updates", "emails"];
    let mut properties: Map<String, Value> =
        limits.iter().map(|what| (format!("max_{what}"), limit.clone())).collect();
    properties.insert(
        "keep_one_active_per_account".to_owned(),
        json!({ "type": "boolean", "default": false }),
    );
    table("Limits on how much one plan may do.", &properties)
}

fn list(description: &str, items: &Value) -> Value {
    json!({ "type": "array", "description": description, "items": items })
}

fn ownership_table() -> Value {
    let text = json!({ "type": "string" });
    let account = json!({ "oneOf": [{ "type": "string", "minLength": 1 }, record("001", "")] });
    json!({
        "type": "object",
        "description": "Which users of the org the project answers for, beside those it declares. Given conditions hold together.",
        "additionalProperties": false,
        "properties": {
            "profiles": list("Users with one of these profiles.", &text),
            "accounts": list("Users of one of these accounts.", &account),
            "marker": {
                "type": "object",
                "description": "A field of User whose value says which project answers for them.",
                "additionalProperties": false,
                "required": ["field", "value"],
                "properties": { "field": { "type": "string", "pattern": API_NAME }, "value": text }
            },
            "undeclared": { "enum": ["report", "deactivate", "ignore"], "default": "report" },
            "protect": list("Usernames that are never deactivated or frozen, as globs.", &text)
        }
    })
}

fn license_table() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "reserve": { "type": "integer", "minimum": 0, "description": "Seats that must stay free." },
            "price": { "type": "number", "minimum": 0, "description": "Money per seat and month." },
            "renewal": { "format": "date", "description": "When the contract is renewed." }
        }
    })
}

fn policy_table() -> Value {
    let text = json!({ "type": "string" });
    let domains = json!({ "type": "array", "minItems": 1, "items": text });
    json!({
        "type": "object",
        "description": "Rules that a plan may not break.",
        "additionalProperties": false,
        "properties": {
            "require_expiry": list("Templates whose users must have `expires`, as globs.", &text),
            "forbid_permission_sets": list("Permission sets that nobody may be given, as globs.", &text),
            "allowed_email_domains": {
                "description": "For all accounts, or by account name; `*` stands for all others.",
                "oneOf": [domains, { "type": "object", "additionalProperties": domains }]
            },
            "max_active_per_account": { "type": "integer", "minimum": 0 }
        }
    })
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
