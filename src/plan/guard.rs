//! Limits on how much one plan may do. Computed on the plan, so that every way to apply it meets
//! them.

use std::fmt::Write as _;

use crate::model::{Limit, Policy, Rule};

use super::Request;
use super::change::{Action, Blocker, Change, ContactStep, Object, Subject};

/// A percentage never means fewer than this many.
const LEAST: u64 = 3;
/// A percentage never means more than this many.
const MOST: u64 = 500;

/// What limits are weighed with.
#[derive(Clone, Copy)]
pub(super) struct Scales<'a> {
    pub(super) policy: &'a Policy,
    pub(super) request: &'a Request,
    /// The active users that the project answers for: what percentages are of.
    pub(super) base: u64,
    /// How many people may be mailed.
    pub(super) emails: u64,
}

impl Scales<'_> {
    /// The limits that the plan exceeds and nobody has lifted.
    pub(super) fn blockers(&self, changes: &[Change]) -> Vec<Blocker> {
        let safety = &self.policy.safety;
        let limits = [
            (Rule::Deactivations, Some(safety.deactivations)),
            (Rule::Reactivations, Some(safety.reactivations)),
            (Rule::AccessChanges, Some(safety.access_changes)),
            (Rule::Creates, safety.creates),
            (Rule::Updates, safety.updates),
            (Rule::Emails, safety.emails),
        ];
        let limits = limits.into_iter().filter_map(|(rule, limit)| Some((rule, limit?)));
        limits.filter_map(|(rule, limit)| self.blocker(changes, rule, limit)).collect()
    }

    fn blocker(&self, changes: &[Change], rule: Rule, limit: Limit) -> Option<Blocker> {
        let count = match rule {
            Rule::Emails => self.emails,
            _ => counted(changes, rule),
        };
        let allowed = allowance(limit, self.base);
        let of = match limit {
            Limit::Count(_) => String::new(),
            Limit::Percent(percent) => format!(" ({percent}% of {} active users)", self.base),
        };
        let message = format!("{}, at most {allowed} allowed{of}", said(rule, count));
        self.judge(Blocker { rule, count, limit: allowed, message })
    }

    /// Lets a blocker go if it is within its limit, or lifted. Says so if it is lifted for another
    /// number.
    pub(super) fn judge(&self, mut blocker: Blocker) -> Option<Blocker> {
        let (rule, count) = (blocker.rule, blocker.count);
        if count <= blocker.limit || lifts(rule, count, self.policy, self.request) {
            return None;
        }
        if let Some(given) = self.request.allow.get(&rule) {
            let message = &mut blocker.message;
            let _ = write!(message, "; `--allow {}={given}` is for another plan", rule.as_str());
        }
        Some(blocker)
    }
}

/// Whether an exception lets this many through: one for this run by its exact count, a reviewed one
/// up to its count.
pub(super) fn lifts(rule: Rule, count: u64, policy: &Policy, request: &Request) -> bool {
    let day = request.today.in_gmt();
    let reviewed = policy.allows.iter().any(|allow| {
        allow.rule == rule
            && allow.org.as_ref().is_none_or(|org| *org == request.org)
            && day <= allow.expires
            && count <= allow.count
    });
    reviewed || request.allow.get(&rule) == Some(&count)
}

/// How many changes that nothing stands in the way of count for a rule.
pub(super) fn counted(changes: &[Change], rule: Rule) -> u64 {
    changes.iter().filter(|change| !change.blocked && counts(rule, change)).count() as u64
}

fn counts(rule: Rule, change: &Change) -> bool {
    match rule {
        Rule::Deactivations => matches!(change.action, Action::Deactivate | Action::Freeze),
        Rule::Reactivations => {
            matches!(change.action, Action::Reactivate | Action::Unfreeze) || change.unfreeze
        }
        Rule::AccessChanges => is_access_change(change),
        Rule::Creates => change.action == Action::Create,
        Rule::Updates => {
            matches!(change.action, Action::Update | Action::Rename | Action::Adopt)
                && !change.is_invitation()
        }
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

/// What a rule counts, in words.
pub(super) fn said(rule: Rule, count: u64) -> String {
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
        Rule::ForbidPermissionSets => {
            ("user with a forbidden permission set", "users with a forbidden permission set")
        }
        Rule::AllowedEmailDomains => {
            ("address outside the domains", "addresses outside the domains")
        }
        Rule::MaxActivePerAccount => {
            ("account with too many users", "accounts with too many users")
        }
    };
    format!("{count} {}", if count == 1 { one } else { many })
}
