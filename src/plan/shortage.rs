//! What follows from seats that are short: a blocker of the whole plan, people who are held back if
//! that was approved, and what would free seats.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::{
    AccessKind, Code, CurrentUser, Desired, Diagnostic, LicenseSettings, Policy, Rule, UserId,
};

use super::Request;
use super::change::{Action, Blocker, Change, LicenseKind, LicenseLine, Subject};
use super::guard::lifts;
use super::index::Index;
use super::seats::{self, Walk, assumed};

/// How many people who could give up a seat are named.
const NAMED: usize = 5;
/// Days without a sign-in after which somebody counts as idle.
const IDLE_DAYS: i64 = 90;

/// Seats of a plan, and what they stop.
pub(super) struct Seats {
    pub(super) lines: Vec<LicenseLine>,
    pub(super) blockers: Vec<Blocker>,
    pub(super) findings: Vec<Diagnostic>,
}

/// Everything that seats are judged by.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) desired: &'a Desired,
    pub(super) policy: &'a Policy,
    pub(super) request: &'a Request,
}

/// Simulates the plan's seats. If a shortage was approved, those who do not fit are held back.
pub(super) fn settle(changes: &mut [Change], ground: Ground<'_>) -> Seats {
    let mut walk = seats::walk(changes, (ground.index, ground.desired), &BTreeSet::new());
    let short = closure(changes, ground, &walk);
    let count = short.len() as u64;
    let mut seats = Seats { lines: Vec::new(), blockers: Vec::new(), findings: Vec::new() };
    if count > 0 {
        seats.findings.extend(way_out(changes, ground, &walk.lines));
        if lifts(Rule::Shortfall, count, ground.policy, ground.request) {
            let lines = walk.lines;
            walk = seats::walk(changes, (ground.index, ground.desired), &short);
            hold_back(changes, &short, &lines, &mut seats.findings);
        } else {
            // The walk notes turns in the changes; those of the whole plan are the ones to keep.
            walk = seats::walk(changes, (ground.index, ground.desired), &BTreeSet::new());
            seats.blockers.push(shortfall(count, &walk.lines));
        }
    }
    seats.blockers.extend(reserve(&walk.lines, ground));
    seats.findings.extend(counters(ground, &walk.lines));
    seats.findings.extend(unknown_licenses(ground));
    seats.lines = walk.lines;
    seats
}

/// Everybody who has to be held back so that the rest fits: holding one back can take away the seat
/// that another waits for.
fn closure(changes: &mut [Change], ground: Ground<'_>, first: &Walk) -> BTreeSet<usize> {
    let mut short = first.short.clone();
    let mut more = !short.is_empty();
    while more {
        let next = seats::walk(changes, (ground.index, ground.desired), &short).short;
        more = !next.is_empty();
        short.extend(next);
    }
    short
}

fn hold_back(
    changes: &mut [Change],
    short: &BTreeSet<usize>,
    lines: &[LicenseLine],
    findings: &mut Vec<Diagnostic>,
) {
    let mut missing: HashMap<&str, &str> = HashMap::new();
    for line in lines {
        for username in &line.short_users {
            missing.entry(username.as_str()).or_insert(&line.name);
        }
    }
    for change in short.iter().copied() {
        let Some(change) = changes.get_mut(change) else { continue };
        change.blocked = true;
        let license = missing.get(change.username.as_str()).copied();
        let message = match license {
            Some(license) => format!("no seat of `{license}` is left"),
            None => "the seat that would become free is not".to_owned(),
        };
        let mut finding = Diagnostic::new(Code::SeatsShort, message)
            .help("deactivate others who have this licence, or buy seats")
            .about(&change.username);
        finding.place.clone_from(&change.place);
        findings.push(finding);
    }
}

/// The shortage as a blocker of the whole plan.
fn shortfall(count: u64, lines: &[LicenseLine]) -> Blocker {
    let part = |line: &LicenseLine| {
        let free = line.total - line.used + line.freed;
        let disabled = if line.active { "" } else { " (disabled)" };
        format!("{}{disabled} needs {} with {free} free", line.name, line.needed)
    };
    let parts: Vec<String> =
        lines.iter().filter(|line| !line.short_users.is_empty()).map(part).collect();
    let what = if count == 1 { "1 seat".to_owned() } else { format!("{count} seats") };
    Blocker {
        rule: Rule::Shortfall,
        count,
        limit: 0,
        message: format!("{what} short: {}", parts.join("; ")),
    }
}

/// Seats that were to stay free and would be taken, by the plan and not before it.
fn reserve(lines: &[LicenseLine], ground: Ground<'_>) -> Option<Blocker> {
    let mut count = 0;
    let mut parts = Vec::new();
    for line in lines {
        let Some(settings) = settings_of(&line.name, ground.policy) else { continue };
        let reserved = i64::try_from(settings.reserve).unwrap_or(i64::MAX);
        let after = line.after() - i64::try_from(line.short_users.len()).unwrap_or(i64::MAX);
        let broken = (reserved - (line.total - after)).min(reserved).min(after - line.used);
        if reserved > 0 && broken > 0 {
            count += broken.unsigned_abs();
            let left = line.total - after;
            parts.push(format!("{} keeps {left} of {reserved} seats free", line.name));
        }
    }
    if count == 0 || lifts(Rule::Reserve, count, ground.policy, ground.request) {
        return None;
    }
    let what =
        if count == 1 { "1 reserved seat".to_owned() } else { format!("{count} reserved seats") };
    let message = format!("{what} would be taken: {}", parts.join("; "));
    Some(Blocker { rule: Rule::Reserve, count, limit: 0, message })
}

/// What `[licenses]` says of the licence with this name.
pub(super) fn settings_of<'a>(license: &str, policy: &'a Policy) -> Option<&'a LicenseSettings> {
    let same = |name: &Arc<str>| name.eq_ignore_ascii_case(license);
    policy.licenses.iter().find(|(name, _)| same(name)).map(|(_, settings)| settings)
}

/// Who or what could free seats, for each licence that has too few.
fn way_out(changes: &[Change], ground: Ground<'_>, lines: &[LicenseLine]) -> Vec<Diagnostic> {
    let today = ground.request.today.in_gmt();
    lines
        .iter()
        .filter(|line| !line.short_users.is_empty())
        .filter_map(|line| {
            let mut parts = Vec::new();
            let holders = match line.kind {
                LicenseKind::User(_) => idle(changes, ground, line, today),
                LicenseKind::PermissionSet => inactive_holders(ground, line),
            };
            if let Some((first, all)) = named(&holders) {
                let held = match (line.kind, all) {
                    (LicenseKind::User(_), 1) => "seat is held by somebody who does not sign in",
                    (LicenseKind::User(_), _) => "seats are held by people who do not sign in",
                    (LicenseKind::PermissionSet, 1) => "seat is held by somebody inactive",
                    (LicenseKind::PermissionSet, _) => "seats are held by inactive people",
                };
                parts.push(format!("{all} {held}: {first}"));
            }
            parts.extend(money(line, ground));
            if parts.is_empty() {
                return None;
            }
            let message = format!("{}: {}", line.name, parts.join("; "));
            Some(Diagnostic::new(Code::SeatsToFree, message).help(match line.kind {
                LicenseKind::User(_) => {
                    "write `state = \"inactive\"` for those who are not needed any more"
                }
                LicenseKind::PermissionSet => {
                    "permission set licences stay with people who are switched off until they are taken away"
                }
            }))
        })
        .collect()
}

/// The first of several people, and the number of all.
fn named(people: &[String]) -> Option<(String, usize)> {
    let first: Vec<&str> = people.iter().take(NAMED).map(String::as_str).collect();
    let more = people.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!first.is_empty()).then(|| (format!("{}{rest}", first.join(", ")), people.len()))
}

/// Active people with the licence who have not been seen for long, longest first.
fn idle(changes: &[Change], ground: Ground<'_>, line: &LicenseLine, today: Date) -> Vec<String> {
    let leaving: BTreeSet<UserId> = changes
        .iter()
        .filter(|change| change.action == Action::Deactivate)
        .filter_map(|change| match change.subject {
            Subject::Existing(id) => Some(id),
            Subject::New => None,
        })
        .collect();
    let index = ground.index;
    let of_line = |user: &&CurrentUser| {
        let license = index.profile(user.profile).and_then(|p| index.license(p.license));
        user.active
            && user.user_type.is_portal()
            && !leaving.contains(&user.id)
            && license.is_some_and(|license| license.name == line.name)
    };
    let seen = |user: &CurrentUser| {
        user.last_login.map(|at| Timestamp::from(at).to_zoned(TimeZone::UTC).date())
    };
    let long_ago =
        |day: Date| day.until(today).is_ok_and(|span| i64::from(span.get_days()) > IDLE_DAYS);
    let mut idle: Vec<(Option<Date>, &CurrentUser)> = index
        .current
        .users
        .iter()
        .filter(of_line)
        .map(|user| (seen(user), user))
        .filter(|(seen, _)| seen.is_none_or(long_ago))
        .collect();
    idle.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.username.cmp(&b.1.username)));
    let text = |(seen, user): (Option<Date>, &CurrentUser)| match seen {
        Some(day) => format!("{} (last seen {day})", user.username),
        None => format!("{} (never signed in)", user.username),
    };
    idle.into_iter().map(text).collect()
}

/// Inactive people who still hold a permission set licence.
fn inactive_holders(ground: Ground<'_>, line: &LicenseLine) -> Vec<String> {
    let kind = AccessKind::PermissionSetLicense;
    let current = ground.index.current;
    let license = current.permission_set_licenses.iter().find(|l| l.name.as_str() == &*line.name);
    let Some(license) = license else { return Vec::new() };
    let mut names: Vec<String> = current
        .holdings
        .iter()
        .filter(|row| row.kind == kind && row.what == license.id.record())
        .filter_map(|row| ground.index.user_with(row.user))
        .filter(|user| !user.active)
        .map(|user| user.username.to_string())
        .collect();
    names.sort();
    names
}

/// What more seats cost, where the project says so.
fn money(line: &LicenseLine, ground: Ground<'_>) -> Vec<String> {
    let Some(settings) = settings_of(&line.name, ground.policy) else { return Vec::new() };
    let short = line.short_users.len();
    let mut parts = Vec::new();
    if let Some(sum) = settings.monthly(short as u64) {
        parts.push(format!("{short} more would cost {sum:.2} a month"));
    }
    if let Some(day) = settings.renewal {
        parts.push(format!("the contract is renewed on {day}"));
    }
    parts
}

/// Where the org's own counter and the users that were found differ, and it matters: the counter is
/// refreshed once a day while more seats are taken than were bought.
/// Source: Object Reference, `UserLicense`, `UsedLicensesLastUpdated`.
fn counters(ground: Ground<'_>, lines: &[LicenseLine]) -> Vec<Diagnostic> {
    let touched: BTreeMap<&str, &LicenseLine> = lines
        .iter()
        .filter(|line| line.needed > 0 || line.freed > 0)
        .map(|line| (&*line.name, line))
        .collect();
    ground
        .index
        .current
        .licenses
        .iter()
        .filter(|license| touched.contains_key(&*license.name))
        .filter_map(|license| {
            let counted = license.counted.filter(|counted| *counted != license.used)?;
            let doubtful = license.used > license.total || counted > license.used;
            doubtful.then(|| {
                let message = format!(
                    "the org counts {} seats of `{}` as taken, {counted} active users were found; {} is assumed",
                    license.used, license.name, assumed(license)
                );
                Diagnostic::new(Code::SeatCounterDiffers, message)
                    .help("an org that uses more than it bought refreshes its counter once a day")
            })
        })
        .collect()
}

/// Licences of `[licenses]` that the org does not have.
fn unknown_licenses(ground: Ground<'_>) -> Vec<Diagnostic> {
    let current = ground.index.current;
    let known = |name: &str| {
        current.licenses.iter().any(|license| license.name.eq_ignore_ascii_case(name))
            || current
                .permission_set_licenses
                .iter()
                .any(|license| license.name.as_str().eq_ignore_ascii_case(name))
    };
    // Permission set licences are read only if a declaration needs them.
    let unread = current.permission_set_licenses.is_empty();
    let names = ground.policy.licenses.keys().filter(|name| !unread && !known(name));
    names
        .map(|name| {
            Diagnostic::new(Code::LicenseUnknown, format!("this org has no licence `{name}`"))
                .help("`[licenses]` is by the name that Setup > Company Information shows")
        })
        .collect()
}
