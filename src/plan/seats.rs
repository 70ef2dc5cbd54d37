//! Seats: signed arithmetic over the org's own counters, along the order in which apply works.
//!
//! Source: Object Reference, `UserLicense`: `UsedLicenses` counts active users. Frozen users keep
//! their seat. An org that uses more than it bought gets nobody in until the balance is positive.

use std::collections::{HashMap, HashSet};

use crate::model::{Code, Diagnostic, ProfileId, RecordId, Rule, UserLicenseId, Username};

use super::Request;
use super::change::{Action, Blocker, Change, Datum, LicenseLine, Object, SeatUse, Subject};
use super::index::Index;

/// Works out who frees and who takes which seat, and who finds none.
pub(super) fn simulate(changes: &mut [Change], index: &Index<'_>) -> Vec<LicenseLine> {
    let mut lines = Lines::of(index);
    for change in changes.iter_mut().filter(|change| !change.blocked) {
        change.seats = lines.seats(change, index);
        lines.count(change.seats);
    }
    let mut lines = lines.all;
    let mut taken: Vec<i64> = lines.iter().map(|line| line.used).collect();
    for change in changes.iter().filter(|c| c.seats.frees.is_some() && c.seats.takes.is_none()) {
        give_back(&mut taken, change.seats);
    }
    let moved = move_licenses(changes, &lines, &mut taken);
    for (at, change) in changes.iter().enumerate() {
        let Some(line) = change.seats.takes else {
            continue;
        };
        let fits = if change.moves_license() {
            moved.contains(&at)
        } else {
            take(&lines, &mut taken, line)
        };
        if let Some(line) = lines.get_mut(line).filter(|_| !fits) {
            line.short_users.push(change.username.clone());
        }
    }
    lines
}

/// Moves users between licences in rounds, so that one who waits for another's seat gets it, and
/// notes the turn of each. Those who find no seat in any order stay where they are.
fn move_licenses(
    changes: &mut [Change],
    lines: &[LicenseLine],
    taken: &mut [i64],
) -> HashSet<usize> {
    let mut moved = HashSet::new();
    let mut waiting: Vec<usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.moves_license())
        .map(|(at, _)| at)
        .collect();
    loop {
        let before = waiting.len();
        waiting.retain(|at| {
            let Some(change) = changes.get_mut(*at) else {
                return false;
            };
            if !change.seats.takes.is_some_and(|line| take(lines, taken, line)) {
                return true;
            }
            give_back(taken, change.seats);
            change.seats.turn = moved.len();
            moved.insert(*at);
            false
        });
        if waiting.len() == before {
            return moved;
        }
    }
}

/// Takes a seat if one is free.
fn take(lines: &[LicenseLine], taken: &mut [i64], line: usize) -> bool {
    let total = lines.get(line).map_or(0, |line| line.total);
    match taken.get_mut(line) {
        Some(taken) if *taken < total => {
            *taken += 1;
            true
        }
        _ => false,
    }
}

fn give_back(taken: &mut [i64], seats: SeatUse) {
    if let Some(taken) = seats.frees.and_then(|line| taken.get_mut(line)) {
        *taken -= 1;
    }
}

/// If the shortage was approved by its exact count, the users who do not fit are held back and the
/// plan goes on without them. Says whether it was.
pub(super) fn hold_back(
    changes: &mut [Change],
    lines: &mut [LicenseLine],
    request: &Request,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let short: u64 = lines.iter().map(|line| line.short_users.len() as u64).sum();
    if short == 0 || request.allow.get(&Rule::Shortfall) != Some(&short) {
        return false;
    }
    let without: HashSet<Username> =
        lines.iter_mut().flat_map(|line| std::mem::take(&mut line.short_users)).collect();
    for change in changes.iter_mut().filter(|change| without.contains(&change.username)) {
        change.blocked = true;
        if let Some(line) = change.seats.frees.and_then(|at| lines.get_mut(at)) {
            line.freed -= 1;
        }
        let Some(line) = change.seats.takes.and_then(|at| lines.get_mut(at)) else {
            continue;
        };
        line.needed -= 1;
        diagnostics.push(
            Diagnostic::new(Code::SeatsShort, format!("no seat of `{}` is left", line.name))
                .help("deactivate others who have this licence, or buy seats")
                .about(&change.username)
                .at(&change.place),
        );
    }
    true
}

/// The shortage as a blocker of the whole plan.
pub(super) fn blockers(lines: &[LicenseLine], held_back: bool) -> Vec<Blocker> {
    let short: Vec<&LicenseLine> =
        lines.iter().filter(|line| !line.short_users.is_empty()).collect();
    let count = short.iter().map(|line| line.short_users.len() as u64).sum();
    if count == 0 || held_back {
        return Vec::new();
    }
    let parts: Vec<String> = short
        .iter()
        .map(|line| {
            format!(
                "{} needs {} with {} free",
                line.name,
                line.needed,
                line.total - line.used + line.freed
            )
        })
        .collect();
    vec![Blocker {
        rule: Rule::Shortfall,
        count,
        limit: 0,
        message: format!("{} short: {}", seats(count), parts.join("; ")),
    }]
}

fn seats(count: u64) -> String {
    if count == 1 { "1 seat".to_owned() } else { format!("{count} seats") }
}

/// The licences that portal profiles belong to, by name.
struct Lines {
    all: Vec<LicenseLine>,
    positions: HashMap<UserLicenseId, usize>,
    by_profile: HashMap<RecordId, usize>,
}

impl Lines {
    fn of(index: &Index<'_>) -> Self {
        let portal = index.current.profiles.iter().filter(|p| p.user_type.is_portal());
        let mut licenses: Vec<_> = portal.filter_map(|p| index.license(p.license)).collect();
        licenses.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        licenses.dedup_by_key(|license| license.id);
        let positions: HashMap<_, _> =
            licenses.iter().enumerate().map(|(at, license)| (license.id, at)).collect();
        let by_profile = index
            .current
            .profiles
            .iter()
            .filter_map(|p| Some((p.id.record(), *positions.get(&p.license)?)))
            .collect();
        let line = |license: &&crate::model::UserLicense| LicenseLine {
            name: license.name.clone(),
            total: license.total,
            used: license.used,
            freed: 0,
            needed: 0,
            short_users: Vec::new(),
        };
        Self { all: licenses.iter().map(line).collect(), positions, by_profile }
    }

    fn count(&mut self, seats: SeatUse) {
        if let Some(line) = seats.frees.and_then(|at| self.all.get_mut(at)) {
            line.freed += 1;
        }
        if let Some(line) = seats.takes.and_then(|at| self.all.get_mut(at)) {
            line.needed += 1;
        }
    }

    fn of_profile(&self, profile: ProfileId, index: &Index<'_>) -> Option<usize> {
        self.positions.get(&index.profile(profile)?.license).copied()
    }

    fn seats(&self, change: &Change, index: &Index<'_>) -> SeatUse {
        let user = match change.subject {
            Subject::New => None,
            Subject::Existing(_) => index.user(&change.org_username),
        };
        let before = user.and_then(|user| self.of_profile(user.profile, index));
        let declared = change.fields.iter().find_map(|field| match &field.after {
            Datum::Reference { id, .. }
                if field.object == Object::User && field.field == "ProfileId" =>
            {
                self.by_profile.get(id).copied()
            }
            _ => None,
        });
        let after = declared.or(before);
        let none = SeatUse { license: after, ..SeatUse::default() };
        match change.action {
            Action::Create | Action::Reactivate => SeatUse { takes: after, ..none },
            Action::Deactivate => SeatUse { frees: before, ..none },
            Action::Freeze | Action::Unfreeze | Action::Update => {
                if before == after {
                    none
                } else {
                    SeatUse { frees: before, takes: after, ..none }
                }
            }
        }
    }
}
