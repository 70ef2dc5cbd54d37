//! These people: what the planner has found of them, by code.

use crate::model::{AccessKind, Code, Sites, Username};

use super::finding;
use super::readiness::{SEATS, SUFFIX, TAKEN};
use super::{Check, Connected, Group, Status, count};

/// What keeps somebody who is active from signing in.
const WAYS_IN: &[Code] = &[
    Code::NoLiveSite,
    Code::PrivacyFlag,
    Code::Frozen,
    Code::SitesInvisible,
    Code::FreezesInvisible,
];

pub(super) fn checks(seen: &Connected<'_>, files_are_wrong: bool) -> Vec<Check> {
    let Some(plan) = seen.plan else {
        let (why, help) = if files_are_wrong {
            ("not looked at while files are wrong", "mend what `portalctl validate` says")
        } else {
            ("not looked at: not enough of the org can be read", "mend what fails above")
        };
        return vec![
            check("people", Status::Unknown, why).help(format!("{help}, and run it again")),
        ];
    };
    let mut checks = vec![held_up(seen), ways_in(seen)];
    checks.extend(by_code(seen));
    if !plan.blockers.is_empty() {
        let rules: Vec<String> = plan
            .blockers
            .iter()
            .map(|blocker| format!("{}: {}", blocker.rule.as_str(), blocker.message))
            .collect();
        let message = format!("the plan as a whole is stopped: {}", rules.join("; "));
        checks.push(
            check("whole-plan", Status::Warn, message)
                .help("`portalctl plan` says how it is let through, if that is intended"),
        );
    }
    checks
}

fn check(id: &str, status: Status, message: impl Into<String>) -> Check {
    Check::new(Group::People, id, status, message)
}

/// Whom something stands in the way of.
fn held_up(seen: &Connected<'_>) -> Check {
    let changes = seen.plan.map(|plan| plan.changes.as_slice()).unwrap_or_default();
    let blocked: Vec<Username> = changes
        .iter()
        .filter(|change| change.blocked)
        .map(|change| change.username.clone())
        .collect();
    let declared = count(seen.desired.users.len(), "declared user");
    if blocked.is_empty() {
        let message = format!("nothing stands in the way of {declared}");
        return check("held-up", Status::Ok, message);
    }
    let message = format!("something stands in the way of {} of {declared}", blocked.len());
    check("held-up", Status::Fail, message)
        .about(&blocked)
        .help("what it is stands with the failing checks; the others can be applied")
}

/// Whether a permission set that comes with a group lets its holder into a site is not documented;
/// the planner counts only those that are assigned by themselves.
fn ways_in(seen: &Connected<'_>) -> Check {
    let found = finding::check((Group::People, "ways-in"), seen.diagnostics, WAYS_IN);
    let Some(found) = found else {
        return match &seen.found.sites {
            Some(Sites::Seen(_)) => {
                let message = "everybody who is to be active is let into a live site";
                check("ways-in", Status::Ok, message)
            }
            Some(Sites::Invisible) | None => {
                let message = "whether people are let into a site is not known: none can be seen";
                check("ways-in", Status::Unknown, message).help("see what `sites` says")
            }
        };
    };
    let by_group = seen.scope.kinds.contains(&AccessKind::PermissionSetGroup);
    match found.help.as_deref().filter(|_| by_group && found.status == Status::Fail) {
        Some(help) => {
            let aside =
                "sets that come with a group are not counted, though they may let people in";
            let help = format!("{help}; {aside}");
            found.help(help)
        }
        None => found,
    }
}

/// Everything else that was found, a check for each code.
fn by_code(seen: &Connected<'_>) -> Vec<Check> {
    let taken = |code: Code| {
        let by_org = TAKEN.iter().any(|(_, codes, _)| codes.contains(&code));
        by_org || SEATS.contains(&code) || SUFFIX.contains(&code) || WAYS_IN.contains(&code)
    };
    let codes = Code::ALL.iter().filter(|code| !taken(**code));
    codes
        .filter_map(|code| {
            let id = code.as_str().to_lowercase();
            finding::check((Group::People, &id), seen.diagnostics, &[*code])
        })
        .collect()
}
