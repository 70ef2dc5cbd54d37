//! What the people of one account have in common stands once, at the top of their file.
//!
//! Lists of a file and of an entry add up, so a list at the top holds what everybody holds. People who
//! are inactive decide nothing: they are written as they are, beside their colleagues.

use std::collections::BTreeMap;

use crate::config::{Ground, value_fits};
use crate::model::{
    AccessKind, AccountRef, DeclaredState, PortalRole, ProfileName, SetGrant, SetMode, UserField,
};

use super::entry::{self, KINDS, zone};
use super::person::{Person, is_same};
use super::toml::{self, Item};
use super::{Org, imported};

/// The top of a file for these people, who are of one account, above what stands below all files.
pub(super) fn top(people: &[&Person<'_>], org: &Org<'_>, bare: &Ground) -> String {
    let mut text = String::new();
    let Some(first) = people.first() else { return text };
    toml::write(&mut text, "account", &account(&first.account));
    let active = |one: &&&Person<'_>| one.state != DeclaredState::Inactive;
    let mut deciding: Vec<&Person<'_>> = people.iter().filter(active).copied().collect();
    if deciding.is_empty() {
        deciding = people.to_vec();
    }
    if let Some(profile) = profile(&deciding).filter(|name| bare.profile.as_ref() != Some(name)) {
        toml::write(&mut text, "profile", &Item::text(profile.as_str()));
    }
    if let Some(level) = role(&deciding, people, bare) {
        toml::write(&mut text, "portal_role", &Item::text(level.as_str()));
    }
    for kind in KINDS {
        if let Some(item) = list(kind, &deciding, org, bare) {
            toml::write(&mut text, kind.key(), &item);
        }
    }
    for field in imported().filter(|field| field.info().shareable) {
        if let Some(value) = value(field, &deciding, people, bare) {
            toml::write(&mut text, field.key(), &Item::text(value));
        }
    }
    text
}

fn account(account: &AccountRef) -> Item {
    match account {
        AccountRef::Name(name) => Item::text(name),
        AccountRef::External(external) => {
            Item::table(&[(external.field.to_string(), toml::string(&external.value))])
        }
        // Nobody is imported by an id: it would be another one in the next org.
        AccountRef::Id(id) => Item::table(&[("id".to_owned(), toml::string(id.as_str()))]),
    }
}

/// The profile that most have.
fn profile<'p>(deciding: &[&'p Person<'_>]) -> Option<&'p ProfileName> {
    let mut counts: BTreeMap<&ProfileName, usize> = BTreeMap::new();
    for person in deciding {
        *counts.entry(&person.profile).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.filter(|(_, count)| 2 * count > deciding.len()).map(|(profile, _)| profile)
}

/// The level that everybody has; nobody can be without one below it.
fn role(deciding: &[&Person<'_>], people: &[&Person<'_>], bare: &Ground) -> Option<PortalRole> {
    let (first, rest) = deciding.split_first()?;
    let level = first.role.filter(|level| bare.portal_role != Some(*level))?;
    let shared = !rest.is_empty() && rest.iter().all(|one| one.role == Some(level));
    (shared && people.iter().all(|one| one.role.is_some())).then_some(level)
}

/// What everybody holds of a kind. Where some hold something and others nothing, an empty list says
/// that all of them are managed.
fn list(kind: AccessKind, deciding: &[&Person<'_>], org: &Org<'_>, bare: &Ground) -> Option<Item> {
    if deciding.len() < 2 {
        return None;
    }
    let mut held = deciding.iter().map(|one| one.grants(kind, zone(one, bare), org));
    let mut common = held.next()?;
    let (mut nobody, mut everybody) = (common.is_empty(), !common.is_empty());
    for grants in held {
        common.retain(|one| grants.contains(one));
        (nobody, everybody) = (nobody && grants.is_empty(), everybody && !grants.is_empty());
    }
    let below = bare.access.get(kind).as_deref();
    let is_void =
        |one: &SetGrant| org.ignored.hold(kind, &one.name) || org.is_over(one.expires, &bare.zone);
    let is_mixed = !nobody && !everybody && below.is_none();
    let exact = org.source.policy.permission_sets.mode == SetMode::Exact;
    entry::list(&common, below, is_void)
        .or_else(|| (is_mixed && exact).then(|| Item::List(Vec::new())))
}

/// A value that all have who are active, where one line at the top is shorter than theirs.
fn value<'p>(
    field: UserField,
    deciding: &[&'p Person<'_>],
    people: &[&'p Person<'_>],
    bare: &Ground,
) -> Option<&'p str> {
    let (first, rest) = deciding.split_first()?;
    let text = first.value(field)?;
    if rest.is_empty() || rest.iter().any(|one| one.value(field) != Some(text)) {
        return None;
    }
    if bare.fields.get(&field).is_some_and(|below| is_same(field, Some(text), below)) {
        return None;
    }
    let sharing = people.iter().filter(|one| one.value(field) == Some(text)).count();
    let without = people.iter().filter(|one| one.value(field).is_none()).count();
    (1 + without < sharing && value_fits(field, text).is_ok()).then_some(text)
}
