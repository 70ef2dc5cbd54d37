//! Rules across files: what no single entry can know.

use std::collections::HashMap;
use std::hash::Hash;

use crate::model::{
    Code, DesiredUser, Diagnostic, OrgName, OrgSettings, Place, UserField, Username, Value,
};

use super::settings::{ProjectFile, unknown_org};
use super::users::UserEntry;

/// Checks that concern the project file alone.
pub(super) fn project(file: &ProjectFile, found: &mut Vec<Diagnostic>) {
    if let Some((name, place)) = &file.default_org
        && !file.orgs.contains_key(name)
    {
        found.push(unknown_org(name, &file.orgs).at(place));
    }
}

/// Usernames that stand twice, or do not fit an org with its suffix.
pub(super) fn usernames<'a>(
    entries: impl Iterator<Item = &'a UserEntry>,
    project: &ProjectFile,
    found: &mut Vec<Diagnostic>,
) {
    let mut first: HashMap<&Username, &Place> = HashMap::new();
    for (username, place) in entries.filter_map(|entry| entry.username.as_ref()) {
        if let Some(earlier) = first.get(username) {
            found.push(
                Diagnostic::new(Code::DuplicateUser, format!("`{username}` is declared twice"))
                    .help("usernames do not differ by case: keep one entry")
                    .at(place)
                    .label(earlier, "first declared here"),
            );
        } else {
            first.insert(username, place);
        }
        for (org, settings) in &project.orgs {
            found.extend(too_long(username, place, (org, settings)));
        }
    }
}

fn too_long(
    username: &Username,
    place: &Place,
    org: (&OrgName, &OrgSettings),
) -> Option<Diagnostic> {
    let (name, settings) = org;
    let length = username.as_str().chars().count() + settings.username_suffix.chars().count();
    (length > Username::MAX_CHARS).then(|| {
        Diagnostic::new(
            Code::InvalidValue,
            format!(
                "with the suffix `{}` of org `{name}` the username has {length} characters, at most {} are allowed",
                settings.username_suffix,
                Username::MAX_CHARS
            ),
        )
        .help("shorten the username or the suffix")
        .at(place)
    })
}

/// Values that an org keeps unique.
pub(super) fn unique_values(users: &[DesiredUser], found: &mut Vec<Diagnostic>) {
    for (field, what) in
        [(UserField::Nickname, "nickname"), (UserField::FederationId, "federation id")]
    {
        let value = |user: &DesiredUser| {
            user.fields.get(&field).and_then(Value::text).map(str::to_lowercase)
        };
        pairs(users, value, found, what);
    }
    pairs(users, |user| user.contact.clone(), found, "contact");
}

fn pairs<K: Eq + Hash>(
    users: &[DesiredUser],
    key: impl Fn(&DesiredUser) -> Option<K>,
    found: &mut Vec<Diagnostic>,
    what: &str,
) {
    let mut first: HashMap<K, &DesiredUser> = HashMap::new();
    for user in users {
        let Some(value) = key(user) else { continue };
        if let Some(earlier) = first.get(&value) {
            let message =
                format!("`{}` and `{}` have the same {what}", earlier.username, user.username);
            found.push(
                Diagnostic::new(Code::DuplicateValue, message)
                    .help(format!("a {what} belongs to one user: change one of them"))
                    .at(&user.place)
                    .label(&earlier.place, "the other user"),
            );
        } else {
            first.insert(value, user);
        }
    }
}
