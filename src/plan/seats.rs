//! Seats: signed arithmetic over the org's own counters, along the order in which apply works.
//!
//! Source: Object Reference, `UserLicense`: `UsedLicenses` counts active users. Frozen users keep
//! their seat. An org that uses more than it bought gets nobody in until the balance is positive.
//! Seats of permission set licences are kept by inactive users as well: only taking the licence
//! away gives one back.

use std::collections::{BTreeSet, HashSet};

use crate::model::{AccessKind, Desired, ProfileId, RecordId, SetName, UserLicense, UserLicenseId};

use super::change::{Action, Change, Datum, LicenseKind, LicenseLine, Object, SeatUse, Subject};
use super::index::{Index, Map};

/// What a walk through the work of a plan found.
pub(super) struct Walk {
    /// Seats by licence, with those who find none.
    pub(super) lines: Vec<LicenseLine>,
    /// The changes that find no seat, in file order.
    pub(super) short: BTreeSet<usize>,
}

/// Works out who frees and who takes which seat, and who finds none. Changes in `without` are left
/// out, as blocked ones are.
pub(super) fn walk(
    changes: &mut [Change],
    (index, desired): (&Index<'_>, &Desired),
    without: &BTreeSet<usize>,
) -> Walk {
    let mut lines = Lines::of(index);
    let counted = |at: usize, change: &Change| !change.blocked && !without.contains(&at);
    for (at, change) in changes.iter_mut().enumerate() {
        change.seats =
            if counted(at, change) { lines.seats(change, index) } else { SeatUse::default() };
        lines.count(change.seats);
    }
    let mut walk = Walk { lines: lines.all, short: BTreeSet::new() };
    let mut taken: Vec<i64> = walk.lines.iter().map(|line| line.used).collect();
    for change in changes.iter().filter(|c| c.seats.frees.is_some() && c.seats.takes.is_none()) {
        give_back(&mut taken, change.seats);
    }
    let moved = move_licenses(changes, &walk.lines, &mut taken);
    for (at, change) in changes.iter().enumerate() {
        let Some(line) = change.seats.takes else { continue };
        let fits = if change.moves_license() {
            moved.contains(&at)
        } else {
            take(&walk.lines, &mut taken, line)
        };
        if !fits {
            walk.miss(at, change, line);
        }
    }
    let going = |at: &usize, change: &Change| counted(*at, change);
    let sets: Vec<usize> =
        changes.iter().enumerate().filter(|(at, c)| going(at, c)).map(|(at, _)| at).collect();
    walk.set_licenses(changes, (index, desired), &sets);
    walk
}

impl Walk {
    fn miss(&mut self, at: usize, change: &Change, line: usize) {
        if let Some(line) = self.lines.get_mut(line) {
            line.short_users.push(change.username.clone());
            self.short.insert(at);
        }
    }

    /// Seats of permission set licences: all that are given up first, then those that are taken, by
    /// people who have a seat of their user licence.
    fn set_licenses(
        &mut self,
        changes: &[Change],
        (index, desired): (&Index<'_>, &Desired),
        going: &[usize],
    ) {
        let first = self.lines.len();
        let licenses = set_licenses(changes, (index, desired), going);
        let positions: Map<RecordId, usize> =
            licenses.iter().enumerate().map(|(at, (id, _))| (*id, first + at)).collect();
        self.lines.extend(licenses.into_iter().map(|(_, line)| line));
        let kind = AccessKind::PermissionSetLicense;
        let access =
            |at: &usize| changes.get(*at).map(|change| (*at, change, change.access.get(kind)));
        for (_, _, sets) in going.iter().filter_map(access) {
            for removed in &sets.remove {
                let id = index.offer_named(kind, &removed.name).map(|offer| offer.id);
                if let Some(line) = id.and_then(|id| self.line_of(&positions, id)) {
                    line.freed += 1;
                }
            }
        }
        let mut taken: Vec<i64> = self.lines.iter().map(|line| line.used - line.freed).collect();
        for (at, change, sets) in going.iter().filter_map(access) {
            for added in &sets.add {
                let Some(position) = positions.get(&added.id).copied() else { continue };
                if let Some(line) = self.lines.get_mut(position) {
                    line.needed += 1;
                }
                let without_user = self.short.contains(&at) && change.action == Action::Create;
                if !without_user && !take(&self.lines, &mut taken, position) {
                    self.miss(at, change, position);
                }
            }
        }
    }

    fn line_of(
        &mut self,
        positions: &Map<RecordId, usize>,
        license: RecordId,
    ) -> Option<&mut LicenseLine> {
        self.lines.get_mut(*positions.get(&license)?)
    }
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

/// Takes a seat if one is free. A disabled licence has none to give.
fn take(lines: &[LicenseLine], taken: &mut [i64], line: usize) -> bool {
    let total = lines.get(line).filter(|line| line.active).map(|line| line.total);
    match (taken.get_mut(line), total) {
        (Some(taken), Some(total)) if *taken < total => {
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

/// Seats that count as taken. The org's own counter can be a day old while more are taken than were
/// bought; of it and of the active users that were found, the larger is assumed.
pub(super) fn assumed(license: &UserLicense) -> i64 {
    license.counted.map_or(license.used, |counted| counted.max(license.used))
}

/// The permission set licences that declarations name or changes touch, by name.
fn set_licenses(
    changes: &[Change],
    (index, desired): (&Index<'_>, &Desired),
    going: &[usize],
) -> Vec<(RecordId, LicenseLine)> {
    let kind = AccessKind::PermissionSetLicense;
    let declared = desired.users.iter().filter_map(|user| user.access.get(kind).as_deref());
    let mut names: BTreeSet<&SetName> = declared.flatten().map(|grant| &grant.name).collect();
    for change in going.iter().filter_map(|at| changes.get(*at)) {
        let sets = change.access.get(kind);
        names.extend(sets.add.iter().map(|set| &set.name));
        names.extend(sets.remove.iter().map(|set| &set.name));
    }
    let licenses = index.current.permission_set_licenses.iter();
    let mut found: Vec<_> = licenses.filter(|license| names.contains(&license.name)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    found
        .into_iter()
        .map(|license| {
            let line = LicenseLine {
                name: license.name.as_str().into(),
                kind: LicenseKind::PermissionSet,
                active: license.active,
                total: license.total,
                used: license.used,
                freed: 0,
                needed: 0,
                short_users: Vec::new(),
            };
            (license.id.record(), line)
        })
        .collect()
}

/// The licences that portal profiles belong to, by name.
struct Lines {
    all: Vec<LicenseLine>,
    positions: Map<UserLicenseId, usize>,
    by_profile: Map<RecordId, usize>,
}

impl Lines {
    fn of(index: &Index<'_>) -> Self {
        let portal = index.current.profiles.iter().filter(|p| p.user_type.is_portal());
        let mut licenses: Vec<_> = portal.filter_map(|p| index.license(p.license)).collect();
        licenses.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        licenses.dedup_by_key(|license| license.id);
        let positions: Map<_, _> =
            licenses.iter().enumerate().map(|(at, license)| (license.id, at)).collect();
        let by_profile = index
            .current
            .profiles
            .iter()
            .filter_map(|p| Some((p.id.record(), *positions.get(&p.license)?)))
            .collect();
        let line = |license: &&UserLicense| LicenseLine {
            name: license.name.clone(),
            kind: LicenseKind::User(license.basis),
            active: license.active,
            total: license.total,
            used: assumed(license),
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
            Subject::Existing(id) => index.user_with(id),
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
            Action::Freeze | Action::Unfreeze | Action::Rename | Action::Adopt | Action::Update => {
                if before == after {
                    none
                } else {
                    SeatUse { frees: before, takes: after, ..none }
                }
            }
        }
    }
}
