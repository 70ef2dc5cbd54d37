//! Rules across files: what no single entry can know.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};

use crate::model::{
    Code, DesiredUser, Diagnostic, OrgName, OrgSettings, Place, UserField, Username, Value,
};

use super::allow::unknown_org;
use super::files::FilesRead;
use super::settings::ProjectFile;

/// Checks that concern the project file alone.
pub(super) fn project(file: &ProjectFile, found: &mut Vec<Diagnostic>) {
    if let Some((name, place)) = &file.default_org
        && !file.orgs.contains_key(name)
    {
        found.push(unknown_org(name, &file.orgs).at(place));
    }
}

/// Usernames that stand twice, or do not fit an org with its suffix: users that all orgs share
/// must fit each of them, others the org they are declared for.
pub(super) fn usernames(
    read: &FilesRead,
    orgs: &BTreeMap<OrgName, OrgSettings>,
    (org, shared): (Option<&OrgName>, impl Fn(&str) -> bool),
    found: &mut Vec<Diagnostic>,
) {
    let complete = read.users.iter().map(|user| (&user.username, &user.place));
    let incomplete = read.incomplete.iter().map(|(username, place)| (username, place));
    let mut all: Vec<(&Username, &Place)> = complete.chain(incomplete).collect();
    if !read.incomplete.is_empty() {
        all.sort_by_key(|(_, place)| *place);
    }
    for (first, again) in repeated(&all, |(username, _)| Some(*username)) {
        let ((earlier, first), (username, again)) = (first, again);
        let first = read.sources.quoted(first, earlier.as_str());
        let again = read.sources.quoted(again, username.as_str());
        found.push(
            Diagnostic::new(Code::DuplicateUser, format!("`{username}` is declared twice"))
                .help("usernames do not differ by case: keep one entry")
                .at(&again)
                .label(&first, "first declared here"),
        );
    }
    // The longest suffix decides; only then it is asked which orgs are meant.
    let longest = orgs.values().map(|org| chars(&org.username_suffix)).max().unwrap_or(0);
    for (username, place) in all {
        if username.as_str().len() + longest <= Username::MAX_CHARS {
            continue;
        }
        let everywhere = shared(&place.file);
        for (name, settings) in orgs {
            if everywhere || org == Some(name) {
                let long = too_long(username, (name, settings));
                found.extend(long.map(|it| it.at(&read.sources.quoted(place, username.as_str()))));
            }
        }
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn too_long(username: &Username, org: (&OrgName, &OrgSettings)) -> Option<Diagnostic> {
    let (name, settings) = org;
    let length = chars(username.as_str()) + chars(&settings.username_suffix);
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
    })
}

/// Values that an org keeps unique.
pub(super) fn unique_values(users: &[DesiredUser], found: &mut Vec<Diagnostic>) {
    for (field, what) in
        [(UserField::Nickname, "nickname"), (UserField::FederationId, "federation id")]
    {
        let value = |user: &&DesiredUser| {
            user.fields.get(&field).and_then(Value::text).map(str::to_lowercase)
        };
        pairs(users, value, found, what);
    }
    pairs(users, |user| user.contact.as_deref(), found, "contact");
}

fn pairs<'a, K: Eq + Hash>(
    users: &'a [DesiredUser],
    key: impl Fn(&&'a DesiredUser) -> Option<K>,
    found: &mut Vec<Diagnostic>,
    what: &str,
) {
    let with: Vec<&DesiredUser> = users.iter().filter(|user| key(user).is_some()).collect();
    for (earlier, user) in repeated(&with, key) {
        let message =
            format!("`{}` and `{}` have the same {what}", earlier.username, user.username);
        found.push(
            Diagnostic::new(Code::DuplicateValue, message)
                .help(format!("a {what} belongs to one user: change one of them"))
                .at(&user.place)
                .label(&earlier.place, "the other user"),
        );
    }
}

/// Items with the key of an earlier one, each with the first that has it. A map of all keys would
/// be large: there may be a million.
fn repeated<T: Copy, K: Eq + Hash>(items: &[T], key: impl Fn(&T) -> Option<K>) -> Vec<(T, T)> {
    let state = RandomState::new();
    let hash = |(at, item): (usize, &T)| key(item).map(|key| (state.hash_one(key), at));
    let mut hashes: Vec<(u64, usize)> = items.iter().enumerate().filter_map(hash).collect();
    hashes.sort_unstable();
    let mut twice: Vec<(usize, usize)> = Vec::new();
    for alike in hashes.chunk_by(|(a, _), (b, _)| a == b).filter(|alike| alike.len() > 1) {
        let mut first: Vec<(K, usize)> = Vec::new();
        for (_, at) in alike {
            let Some(key) = items.get(*at).and_then(&key) else {
                continue;
            };
            match first.iter().find(|(other, _)| *other == key) {
                Some((_, earlier)) => twice.push((*earlier, *at)),
                None => first.push((key, *at)),
            }
        }
    }
    twice.sort_unstable_by_key(|(_, at)| *at);
    let item = |at: usize| items.get(at).copied();
    twice.into_iter().filter_map(|(first, again)| Some((item(first)?, item(again)?))).collect()
}

/// Former usernames that two users claim.
pub(super) fn renames(users: &[DesiredUser], found: &mut Vec<Diagnostic>) {
    let mut heirs: HashMap<&Username, &DesiredUser> = HashMap::new();
    for user in users {
        for former in &user.renamed_from {
            if *former == user.username {
                let message = format!("`{former}` is renamed from itself");
                let help = "`renamed_from` holds former usernames: remove this one";
                found.push(
                    Diagnostic::new(Code::RenameConflict, message).help(help).at(&user.place),
                );
            } else if let Some(other) = heirs.insert(former, user) {
                let message = format!(
                    "`{}` and `{}` are both renamed from `{former}`",
                    other.username, user.username
                );
                found.push(
                    Diagnostic::new(Code::RenameConflict, message)
                        .help("a user of the org becomes one user: keep the name at one of them")
                        .at(&user.place)
                        .label(&other.place, "the other user"),
                );
            }
        }
    }
    if heirs.is_empty() {
        return;
    }
    for user in users {
        // In a chain or a swap the name is given up by its holder, who has a former name too.
        if let Some(heir) = heirs.get(&user.username)
            && user.renamed_from.is_empty()
        {
            let message = format!(
                "`{}` is declared, and a former name of `{}`",
                user.username, heir.username
            );
            found.push(
                Diagnostic::new(Code::RenameConflict, message)
                    .help("if the rename is done, remove it from `renamed_from`; if not, the name is still taken")
                    .at(&heir.place)
                    .label(&user.place, "declared here"),
            );
        }
    }
}

/// The marker says which project answers for a user: nobody's declaration sets it.
pub(super) fn marker(users: &[DesiredUser], project: &ProjectFile, found: &mut Vec<Diagnostic>) {
    let Some(marker) = project.layer.ownership.as_ref().and_then(|keys| keys.marker()) else {
        return;
    };
    let sets = |user: &&DesiredUser| {
        user.custom.contains_key(&marker.field) || user.on_create.custom.contains_key(&marker.field)
    };
    if let Some(user) = users.iter().find(sets) {
        let message =
            format!("`{}` is the marker of `[ownership]` and set in `fields`", marker.field);
        let help = "remove it from `fields`: the marker is written for every owned user";
        found.push(Diagnostic::new(Code::InvalidValue, message).help(help).at(&user.place));
    }
}
