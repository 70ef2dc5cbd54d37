//! `[policy]`, and `keep_one_active_per_account`: what must hold whatever the numbers are. A breach
//! stops the whole plan.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use globset::GlobSet;

use crate::model::{
    AccessKind, AccountId, DesiredUser, EmailDomains, PolicyRules, Rule, Today, Username,
};

use super::change::{Action, Blocker, Change};
use super::globs;
use super::guard::{Scales, said};
use super::headcount::{self, Heads};
use super::index::Index;
use super::lifecycle::{self, Wanted};

/// The most offenders that a message names.
const NAMED: usize = 5;

/// The rules that the plan breaks and nobody has lifted. `people` are the declared ones that the
/// plan is about.
pub(super) fn blockers(
    people: &[DesiredUser],
    changes: &[Change],
    index: &Index<'_>,
    scales: Scales<'_>,
) -> Vec<Blocker> {
    let rules = &scales.policy.rules;
    let today = scales.request.today;
    let in_force: Vec<&DesiredUser> =
        people.iter().filter(|one| lifecycle::wanted(one, today).0 != Wanted::Inactive).collect();
    let kept = scales.policy.safety.keep_one_active_per_account;
    let most = rules.max_active_per_account;
    let counted = kept || most.is_some();
    let heads = if counted { headcount::count(changes, index) } else { BTreeMap::new() };
    let found = [
        (Rule::RequireExpiry, without_expiry(rules, &in_force)),
        (Rule::ForbidPermissionSets, forbidden(rules, &in_force, changes)),
        (Rule::AllowedEmailDomains, foreign(&rules.allowed_email_domains, &in_force)),
        (Rule::MaxActivePerAccount, accounts(&heads, index, |heads| crowded(heads, most))),
        (Rule::KeepOneActivePerAccount, accounts(&heads, index, |heads| kept && deserted(heads))),
    ];
    let broken = found.into_iter().filter(|(_, offenders)| !offenders.is_empty());
    broken.filter_map(|(rule, offenders)| scales.judge(breach(rule, &offenders))).collect()
}

/// Those of these people whose declaration breaks one of these rules, with the first that it breaks.
pub(crate) fn offenders<'a>(
    people: &'a [DesiredUser],
    rules: &PolicyRules,
    broken: &[Rule],
    today: Today,
) -> Vec<(&'a DesiredUser, Rule)> {
    let (unbound, sets) = (unbound(rules), globs(&rules.forbid_permission_sets));
    let breaks = |one: &DesiredUser, rule: Rule| match rule {
        Rule::RequireExpiry => unbound(one),
        Rule::ForbidPermissionSets => declared_offence(one, &sets).is_some(),
        Rule::AllowedEmailDomains => is_foreign(&rules.allowed_email_domains, one),
        _ => false,
    };
    let in_force = |one: &&DesiredUser| lifecycle::wanted(one, today).0 != Wanted::Inactive;
    let first = |one| Some((one, broken.iter().copied().find(|rule| breaks(one, *rule))?));
    people.iter().filter(in_force).filter_map(first).collect()
}

fn breach(rule: Rule, offenders: &[String]) -> Blocker {
    let count = offenders.len() as u64;
    let mut list = offenders.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if offenders.len() > NAMED {
        // Writing to a string cannot fail.
        let _ = write!(list, " and {} more", offenders.len() - NAMED);
    }
    Blocker { rule, count, limit: 0, message: format!("{}: {list}", said(rule, count)) }
}

fn without_expiry(rules: &PolicyRules, people: &[&DesiredUser]) -> Vec<String> {
    if rules.require_expiry.is_empty() {
        return Vec::new();
    }
    let unbound = unbound(rules);
    people.iter().filter(|one| unbound(one)).map(|one| one.username.to_string()).collect()
}

/// Whether somebody has a template that demands a last day, and none.
fn unbound(rules: &PolicyRules) -> impl Fn(&DesiredUser) -> bool + use<> {
    let templates = globs(&rules.require_expiry);
    move |one| {
        one.expires.is_none() && one.shared.templates.iter().any(|name| templates.is_match(&**name))
    }
}

/// Whoever declares a forbidden set, or gets one from `[on_create]`.
fn forbidden(rules: &PolicyRules, people: &[&DesiredUser], changes: &[Change]) -> Vec<String> {
    if rules.forbid_permission_sets.is_empty() {
        return Vec::new();
    }
    let sets = globs(&rules.forbid_permission_sets);
    let mut found: BTreeMap<&Username, String> = people
        .iter()
        .filter_map(|one| Some((&one.username, declared_offence(one, &sets)?)))
        .collect();
    for change in changes.iter().filter(|change| change.action == Action::Create) {
        let added = &change.access.get(AccessKind::PermissionSet).add;
        let names = added.iter().map(|set| set.name.as_str());
        if let Some(offence) = offence(&change.username, names, &sets) {
            found.entry(&change.username).or_insert(offence);
        }
    }
    found.into_values().collect()
}

fn declared_offence(one: &DesiredUser, forbidden: &GlobSet) -> Option<String> {
    let grants = one.access.get(AccessKind::PermissionSet).as_deref()?;
    offence(&one.username, grants.iter().map(|grant| grant.name.as_str()), forbidden)
}

fn offence<'a>(
    username: &Username,
    mut sets: impl Iterator<Item = &'a str>,
    forbidden: &GlobSet,
) -> Option<String> {
    let set = sets.find(|name| forbidden.is_match(name))?;
    Some(format!("{username} ({set})"))
}

fn foreign(domains: &EmailDomains, people: &[&DesiredUser]) -> Vec<String> {
    let named = |one: &&DesiredUser| {
        if one.email().eq_ignore_ascii_case(one.username.as_str()) {
            one.username.to_string()
        } else {
            format!("{} ({})", one.username, one.email())
        }
    };
    people.iter().filter(|one| is_foreign(domains, one)).map(named).collect()
}

fn is_foreign(domains: &EmailDomains, one: &DesiredUser) -> bool {
    let own = domains.by_account.get(one.account.to_string().as_str());
    let Some(allowed) = own.or(domains.overall.as_ref()) else {
        return false;
    };
    let domain = one.email().rsplit('@').next().unwrap_or_default();
    !allowed.iter().any(|known| known.trim_start_matches('@').eq_ignore_ascii_case(domain))
}

/// More than allowed, and more than before.
fn crowded(heads: &Heads, most: Option<u64>) -> bool {
    let over = |most: u64| u64::try_from(heads.active_after).is_ok_and(|after| after > most);
    most.is_some_and(over) && heads.active_after > heads.active_before
}

/// Nobody is left who can sign in, and somebody was there.
const fn deserted(heads: &Heads) -> bool {
    heads.able_before > 0 && heads.able_after <= 0
}

fn accounts(
    heads: &BTreeMap<AccountId, Heads>,
    index: &Index<'_>,
    breaks: impl Fn(&Heads) -> bool,
) -> Vec<String> {
    let broken: Vec<AccountId> =
        heads.iter().filter(|(_, heads)| breaks(heads)).map(|(id, _)| *id).collect();
    if broken.is_empty() {
        return Vec::new();
    }
    let names = index.account_names();
    let name = |id: &AccountId| names.get(id).map_or_else(|| id.to_string(), |&n| n.to_owned());
    broken.iter().map(name).collect()
}
