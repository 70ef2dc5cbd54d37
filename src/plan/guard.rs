//! Limits on how much one plan may do. Computed on the plan, so that every way to apply it meets
//! them.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::model::{Current, Desired, Limit, Policy, Rule, Username};

use super::Request;
use super::change::{Action, Blocker, Change, ContactStep, Object, Subject};
use super::index::Index;

/// A percentage never means fewer than this many.
const LEAST: u64 = 3;
/// A percentage never means more than this many.
const MOST: u64 = 500;

/// The limits that the plan exceeds and nobody has lifted.
pub(super) fn blockers(
    changes: &[Change],
    (desired, index): (&Desired, &Index<'_>),
    policy: &Policy,
    request: &Request,
    mailed: u64,
) -> Vec<Blocker> {
    let base = active_declared(desired, index, request);
    let safety = &policy.safety;
    let rules = [
        (Rule::Deactivations, Some(safety.deactivations)),
        (Rule::Reactivations, Some(safety.reactivations)),
        (Rule::AccessChanges, Some(safety.access_changes)),
        (Rule::Creates, safety.creates),
        (Rule::Updates, safety.updates),
        (Rule::Emails, safety.emails),
    ];
    let mut blockers = Vec::new();
    for (rule, limit) in rules {
        let Some(limit) = limit else { continue };
        let count = match rule {
            Rule::Emails => mailed,
            _ => changes.iter().filter(|c| !c.blocked && counts(rule, c)).count() as u64,
        };
        let allowed = allowance(limit, base);
        if count <= allowed || lifted(rule, count, policy, request) {
            continue;
        }
        let of = match limit {
            Limit::Count(_) => String::new(),
            Limit::Percent(percent) => format!(" ({percent}% of {base} active users)"),
        };
        let mut message = format!("{}, at most {allowed} allowed{of}", counted(rule, count));
        if let Some(given) = request.allow.get(&rule) {
            let _ = write!(message, "; `--allow {}={given}` is for another plan", rule.as_str());
        }
        blockers.push(Blocker { rule, count, limit: allowed, message });
    }
    blockers
}

/// Active portal users that no file declares.
pub(super) fn unmanaged(desired: &Desired, current: &Current, request: &Request) -> usize {
    let declared: HashSet<Username> = names(desired, request).collect();
    let unmanaged = |user: &&crate::model::CurrentUser| {
        user.active && user.user_type.is_portal() && !declared.contains(&user.username)
    };
    current.users.iter().filter(unmanaged).count()
}

fn names<'a>(desired: &'a Desired, request: &'a Request) -> impl Iterator<Item = Username> + 'a {
    desired.users.iter().map(|user| user.username.with_suffix(&request.username_suffix))
}

/// The active users that the project answers for.
fn active_declared(desired: &Desired, index: &Index<'_>, request: &Request) -> u64 {
    names(desired, request)
        .filter_map(|name| index.user(&name))
        .filter(|user| user.active && user.user_type.is_portal())
        .count() as u64
}

fn counts(rule: Rule, change: &Change) -> bool {
    match rule {
        Rule::Deactivations => matches!(change.action, Action::Deactivate | Action::Freeze),
        Rule::Reactivations => {
            matches!(change.action, Action::Reactivate | Action::Unfreeze) || change.unfreeze
        }
        Rule::AccessChanges => is_access_change(change),
        Rule::Creates => change.action == Action::Create,
        Rule::Updates => change.action == Action::Update,
        Rule::Shortfall
        | Rule::Emails
        | Rule::Reserve
        | Rule::KeepOneActivePerAccount
        | Rule::RequireExpiry
        | Rule::ForbidPermissionSets
        | Rule::AllowedEmailDomains
        | Rule::MaxActivePerAccount => false,
    }
}

/// Whether somebody who is there loses a set or licence, or changes account or profile.
fn is_access_change(change: &Change) -> bool {
    let existing = matches!(change.subject, Subject::Existing(_));
    let moved = matches!(change.contact, Some(ContactStep::Move(_)));
    let profile = |field: &super::change::FieldChange| {
        field.object == Object::User && field.field == "ProfileId"
    };
    existing && (moved || change.access.takes() || change.fields.iter().any(profile))
}

fn allowance(limit: Limit, base: u64) -> u64 {
    match limit {
        Limit::Count(count) => count,
        Limit::Percent(percent) => (base * u64::from(percent) / 100).clamp(LEAST, MOST),
    }
}

/// Whether an exception lets this many through: one for this run by its exact count, a reviewed one
/// up to its count.
pub(super) fn lifted(rule: Rule, count: u64, policy: &Policy, request: &Request) -> bool {
    let day = request.today.in_gmt();
    let reviewed = policy.allows.iter().any(|allow| {
        allow.rule == rule
            && allow.org.as_ref().is_none_or(|org| *org == request.org)
            && day <= allow.expires
            && count <= allow.count
    });
    reviewed || request.allow.get(&rule) == Some(&count)
}

fn counted(rule: Rule, count: u64) -> String {
    let (one, many) = match rule {
        Rule::Shortfall => ("seat short", "seats short"),
        Rule::Deactivations => ("deactivation", "deactivations"),
        Rule::Reactivations => ("reactivation", "reactivations"),
        Rule::AccessChanges => {
            ("user would lose or change access", "users would lose or change access")
        }
        Rule::Creates => ("creation", "creations"),
        Rule::Updates => ("update", "updates"),
        Rule::Emails => ("person may be mailed", "people may be mailed"),
        Rule::Reserve => ("reserved seat taken", "reserved seats taken"),
        Rule::KeepOneActivePerAccount => ("account without a user", "accounts without a user"),
        Rule::RequireExpiry => ("user without `expires`", "users without `expires`"),
        Rule::ForbidPermissionSets => ("forbidden set", "forbidden sets"),
        Rule::AllowedEmailDomains => {
            ("address outside the domains", "addresses outside the domains")
        }
        Rule::MaxActivePerAccount => {
            ("account with too many users", "accounts with too many users")
        }
    };
    format!("{count} {}", if count == 1 { one } else { many })
}
