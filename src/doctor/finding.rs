//! What the planner has found, grouped: how many people, the first few of them, the mend.

use std::collections::BTreeSet;

use crate::model::{Code, Diagnostic, Severity, Username};

use super::{Check, Group, Status};

/// How many different sentences are told of one kind of finding.
const TOLD: usize = 3;

/// How much a finding weighs here; nothing, if it is background.
pub(super) fn weight(found: &Diagnostic) -> Option<Status> {
    match (found.code, found.severity) {
        // Somebody who is on no live site cannot sign in, which is what is asked here.
        (Code::NoLiveSite, _) | (_, Severity::Error) => Some(Status::Fail),
        (Code::SitesInvisible | Code::FreezesInvisible, _) => Some(Status::Unknown),
        // What is assumed of the three is not documented, or may be old.
        (Code::SeatCounterDiffers | Code::AccessPolicies | Code::PartnerAccount, _)
        | (_, Severity::Warning) => Some(Status::Warn),
        (_, Severity::Note) => None,
    }
}

/// The findings with one of these codes as one check; nothing, if there are none.
pub(super) fn check(
    (group, id): (Group, &str),
    diagnostics: &[Diagnostic],
    codes: &[Code],
) -> Option<Check> {
    let found: Vec<(&Diagnostic, Status)> = diagnostics
        .iter()
        .filter(|found| codes.contains(&found.code))
        .filter_map(|found| Some((found, weight(found)?)))
        .collect();
    let worst = found.iter().map(|(_, status)| *status).max()?;
    // The worst is told first.
    let by_weight = || {
        let of = |wanted| found.iter().filter(move |(_, status)| *status == wanted);
        [Status::Fail, Status::Warn, Status::Unknown].into_iter().flat_map(of)
    };
    let message = told(by_weight().map(|(found, _)| found.message.as_str()));
    let help = by_weight().filter_map(|(found, _)| found.help.as_deref());
    let help = Some(told(help)).filter(|help| !help.is_empty());
    let mut seen = BTreeSet::new();
    let people: Vec<Username> = by_weight()
        .filter_map(|(found, _)| found.username.clone())
        .filter(|name| seen.insert(name.clone()))
        .collect();
    let check = Check::new(group, id, worst, message).maybe_help(help);
    Some(if people.is_empty() { check } else { check.about(&people) })
}

/// Different sentences in one: `a; b; c; and 4 more`.
pub(super) fn told<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    let mut seen = BTreeSet::new();
    let different: Vec<&str> = sentences.filter(|one| seen.insert(*one)).collect();
    let text = different.iter().take(TOLD).copied().collect::<Vec<_>>().join("; ");
    match different.len().saturating_sub(TOLD) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}
