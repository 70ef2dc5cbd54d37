//! An org's settings as JSON and back. The names of switches are those of a seed's `[emulator]`.

use serde_json::{Map, Value as Json, json};

use crate::emulator::app::App;
use crate::emulator::id::Id;
use crate::emulator::store::{DuplicateRule, Org, Settings, ValidationRule};

/// The switches of an org, by name.
type Switch = (&'static str, fn(&mut Settings) -> &mut bool);

const SWITCHES: [Switch; 10] = [
    ("standard_external_profiles", |s| &mut s.standard_external_profiles),
    ("account_role_optimization", |s| &mut s.account_role_optimization),
    ("assign_set_licenses", |s| &mut s.assign_set_licenses),
    ("profile_change_removes_members", |s| &mut s.profile_change_removes_members),
    ("reactivation_mail", |s| &mut s.reactivation_mail),
    ("plus_to_community", |s| &mut s.plus_to_community),
    ("license_name_in_error", |s| &mut s.license_name_in_error),
    ("gzip", |s| &mut s.gzip),
    ("login_host", |s| &mut s.login_host),
    ("bulk_reorders", |s| &mut s.bulk_reorders),
];

/// Lists of names, by name.
type List = (&'static str, fn(&mut Settings) -> &mut Vec<String>);

const LISTS: [List; 3] = [
    ("email_domains", |s| &mut s.email_domains),
    ("taken_usernames", |s| &mut s.taken_usernames),
    ("not_in_bulk", |s| &mut s.not_in_bulk),
];

/// Sets a switch, a list or a number; false, if there is none of this name and type.
pub(in crate::emulator) fn set(settings: &mut Settings, name: &str, value: &Json) -> bool {
    if let (Some((_, switch)), Json::Bool(on)) =
        (SWITCHES.iter().find(|(one, _)| *one == name), value)
    {
        *switch(settings) = *on;
        return true;
    }
    if let (Some((_, list)), Json::Array(values)) =
        (LISTS.iter().find(|(one, _)| *one == name), value)
    {
        *list(settings) = values.iter().filter_map(Json::as_str).map(str::to_lowercase).collect();
        if name == "not_in_bulk" {
            *list(settings) = values.iter().filter_map(Json::as_str).map(str::to_owned).collect();
        }
        return true;
    }
    if let ("expired_assertion", Json::String(text)) = (name, value) {
        settings.expired_assertion.clone_from(text);
        return true;
    }
    let Some(number) = value.as_u64().filter(|number| *number > 0) else { return false };
    let size = usize::try_from(number).unwrap_or(usize::MAX);
    let version = u32::try_from(number).unwrap_or(u32::MAX);
    match name {
        "page" => settings.page = Some(size),
        "account_roles" => settings.account_roles = size.min(3),
        "session_minutes" => settings.session_minutes = Some(number),
        "repeats_in_call" => settings.repeats_in_call = size,
        "daily_calls" => settings.daily_calls = number,
        "oldest_version" => settings.versions.0 = version,
        "deprecated_below" => settings.deprecated_below = version,
        "newest_version" => settings.versions.1 = version,
        _ => return false,
    }
    true
}

pub(super) fn write(org: &Org) -> Json {
    let mut settings = org.settings.clone();
    let mut map = Map::new();
    for (name, switch) in SWITCHES {
        map.insert(name.to_owned(), Json::from(*switch(&mut settings)));
    }
    for (name, list) in LISTS {
        map.insert(name.to_owned(), Json::from(list(&mut settings).clone()));
    }
    for (name, number) in [
        ("page", settings.page.map(|page| page as u64)),
        ("account_roles", Some(settings.account_roles as u64)),
        ("session_minutes", settings.session_minutes),
        ("repeats_in_call", Some(settings.repeats_in_call as u64)),
        ("daily_calls", Some(settings.daily_calls)),
        ("oldest_version", Some(u64::from(settings.versions.0))),
        ("deprecated_below", Some(u64::from(settings.deprecated_below))),
        ("newest_version", Some(u64::from(settings.versions.1))),
    ] {
        map.insert(name.to_owned(), number.map_or(Json::Null, Json::from));
    }
    map.insert("expired_assertion".to_owned(), Json::from(settings.expired_assertion));
    map.insert("apps".to_owned(), settings.apps.iter().map(App::write).collect());
    let name = |object| org.schema.info(object).name.to_string();
    let rules = settings.rules.iter().map(|rule| {
        json!({ "object": name(rule.object), "field": rule.field, "equals": rule.equals,
            "message": rule.message, "code": rule.code })
    });
    map.insert("rules".to_owned(), rules.collect());
    let rules = settings.duplicate_rules.iter().map(
        |rule| json!({ "object": name(rule.object), "field": rule.field, "alert": rule.alert }),
    );
    map.insert("duplicate_rules".to_owned(), rules.collect());
    let beyond = settings.beyond_license.iter().map(|(set, license, permission)| {
        json!([set.to_string(), license.to_string(), permission])
    });
    map.insert("beyond_license".to_owned(), beyond.collect());
    let ids = |ids: &[Id]| Json::from(ids.iter().map(Id::to_string).collect::<Vec<_>>());
    map.insert("case_owners".to_owned(), ids(&settings.case_owners));
    map.insert("revoked_sets".to_owned(), ids(&settings.revoked_sets));
    Json::Object(map)
}

pub(super) fn read(org: &mut Org, json: &Json) {
    for (name, value) in json.as_object().into_iter().flatten() {
        set(&mut org.settings, name, value);
    }
    let list = |key: &str| json[key].as_array().cloned().unwrap_or_default();
    for rule in list("rules") {
        let text = |key: &str| rule[key].as_str().map(str::to_owned);
        let object = rule["object"].as_str().and_then(|name| org.schema.named(name));
        if let (Some(object), Some(field), Some(equals), Some(message), Some(code)) =
            (object, text("field"), text("equals"), text("message"), text("code"))
        {
            org.settings.rules.push(ValidationRule { object, field, equals, message, code });
        }
    }
    for rule in list("duplicate_rules") {
        let object = rule["object"].as_str().and_then(|name| org.schema.named(name));
        if let (Some(object), Some(field)) = (object, rule["field"].as_str()) {
            let (field, alert) = (field.to_owned(), rule["alert"] == true);
            org.settings.duplicate_rules.push(DuplicateRule { object, field, alert });
        }
    }
    for one in list("beyond_license") {
        let id = |at: usize| one[at].as_str().and_then(Id::parse);
        if let (Some(set), Some(license), Some(permission)) = (id(0), id(1), one[2].as_str()) {
            org.settings.beyond_license.push((set, license, permission.to_owned()));
        }
    }
    org.settings.apps =
        list("apps").iter().filter_map(|app| App::read(app, Id::parse).ok()).collect();
    if org.settings.apps.is_empty() {
        org.settings.apps.push(App::standard(org.running_user));
    }
    let ids = |key: &str| -> Vec<Id> {
        list(key).iter().filter_map(|id| id.as_str().and_then(Id::parse)).collect()
    };
    org.settings.case_owners = ids("case_owners");
    org.settings.revoked_sets = ids("revoked_sets");
}
