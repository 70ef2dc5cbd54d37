//! What can be turned in `[emulator]`: every knob with its default and what it does.

use serde_json::{Map, Value as Json, json};

/// What a knob takes.
#[derive(Clone, Copy)]
enum Kind {
    Switch,
    Number,
    Names,
    Text,
}

/// The knobs: name, kind, default, meaning.
const KNOBS: [(&str, Kind, &str, &str); 28] = [
    ("digital_experiences", Kind::Switch, "true", "Sites, portal fields and their objects exist"),
    ("privacy", Kind::Switch, "if used", "`Individual` exists"),
    ("access_policies", Kind::Switch, "if used", "`UserAccessPolicy` exists"),
    ("invisible", Kind::Names, "none", "Objects and `Object.Field`s that the login cannot see"),
    (
        "lacking",
        Kind::Names,
        "none",
        "Permissions that `UserPermissionAccess` denies the login, such as `ViewSetup`",
    ),
    (
        "standard_external_profiles",
        Kind::Switch,
        "false",
        "Portal users may have the profiles that Salesforce ships",
    ),
    ("account_roles", Kind::Number, "1", "Role levels of an account, 1 to 3"),
    (
        "account_role_optimization",
        Kind::Switch,
        "false",
        "The first role-based user of an account shares a role",
    ),
    ("email_domains", Kind::Names, "all", "Domains that addresses of users are limited to"),
    ("taken_usernames", Kind::Names, "none", "Usernames that are taken in other orgs"),
    (
        "assign_set_licenses",
        Kind::Switch,
        "true",
        "Assigning a set assigns the set licence it needs",
    ),
    (
        "profile_change_removes_members",
        Kind::Switch,
        "false",
        "Another profile ends memberships of the old one's sites",
    ),
    ("reactivation_mail", Kind::Switch, "false", "Switching somebody on again mails them"),
    (
        "plus_to_community",
        Kind::Switch,
        "false",
        "Customer Community Plus may go back to Customer Community",
    ),
    ("license_name_in_error", Kind::Switch, "true", "`License Limit Exceeded` names the licence"),
    ("repeats_in_call", Kind::Number, "12", "How often one call may change the same record"),
    ("daily_calls", Kind::Number, "100000", "API calls of a day"),
    ("page", Kind::Number, "2000", "The most rows of a query's page"),
    ("gzip", Kind::Switch, "true", "Answers are compressed for clients that take that"),
    ("oldest_version", Kind::Number, "31", "The oldest API version that is not retired"),
    ("newest_version", Kind::Number, "68", "The newest API version"),
    ("deprecated_below", Kind::Number, "41", "API versions below this one come with a warning"),
    ("not_in_bulk", Kind::Names, "none", "Objects that the Bulk API does not take"),
    (
        "bulk_reorders",
        Kind::Switch,
        "true",
        "Results of ingest jobs come in another order than the upload",
    ),
    ("session_minutes", Kind::Number, "never", "Minutes after which an unused session ends"),
    (
        "login_host",
        Kind::Switch,
        "false",
        "The server stands for a login host, which takes no client credentials",
    ),
    (
        "expired_assertion",
        Kind::Text,
        "expired authorization code",
        "What an assertion whose time is over is called",
    ),
    ("chance", Kind::Number, "0", "The seed of what happens by chance"),
];

/// The schema of the table of knobs.
pub(super) fn schema() -> Json {
    let one = |(name, kind, default, what): &(&str, Kind, &str, &str)| {
        let text = format!("{what} (default: {default})");
        let json = match kind {
            Kind::Switch => json!({ "type": "boolean", "description": text }),
            Kind::Number => {
                json!({ "type": "integer", "minimum": u8::from(*name != "chance"), "description": text })
            }
            Kind::Text => json!({ "type": "string", "description": text }),
            Kind::Names => {
                json!({ "type": "array", "items": { "type": "string" }, "description": text })
            }
        };
        ((*name).to_owned(), json)
    };
    json!({
        "description": "What is uncertain about the platform, or differs between orgs",
        "type": "object",
        "properties": KNOBS.iter().map(one).collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}
