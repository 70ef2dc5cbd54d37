//! The days ahead on which a date of the files or of the org changes what a plan would do, and whom
//! each is about: from one such day to the next everybody's part of the plan stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::model::{AccessKind, DesiredUser, UserId, Username, day_of};

use super::Planner;
use super::identity::Identity;
use super::index::Map;
use super::pairing::Claim;

/// A declared person: the declaration, what the org calls them, and who they are.
pub(super) type Person<'a> = (&'a DesiredUser, &'a Username, &'a Identity<'a>);

/// Who is to be planned anew on which day, by their places in file order.
pub(super) type Agenda = BTreeMap<Date, BTreeSet<usize>>;

/// The days after today, and no later than `until`. People who may be in each other's way are planned
/// together.
pub(super) fn agenda(people: &[Person<'_>], planner: &Planner<'_>, until: Date) -> Agenda {
    let mut days: Vec<BTreeSet<Date>> =
        people.iter().map(|person| days(*person, planner, until)).collect();
    let mut agenda = Agenda::new();
    if days.iter().all(BTreeSet::is_empty) {
        return agenda;
    }
    for group in groups(&parties(people, planner)) {
        let of = |at: &usize| days.get(*at);
        let all: BTreeSet<Date> = group.iter().filter_map(of).flatten().copied().collect();
        for at in group {
            if let Some(days) = days.get_mut(at) {
                days.clone_from(&all);
            }
        }
    }
    for (at, days) in days.into_iter().enumerate() {
        for day in days {
            agenda.entry(day).or_default().insert(at);
        }
    }
    agenda
}

/// The days on which somebody's own part of the plan may become another one: their first day, the day
/// after their last, and the day after the last one of something that they are given or hold and that
/// may take a seat. Each is a day where they are. If it is still to come there on the day that is
/// today in GMT, it counts for the day after.
fn days((declared, _, identity): Person<'_>, planner: &Planner<'_>, until: Date) -> BTreeSet<Date> {
    let zone = &declared.shared.zone;
    let grants = [AccessKind::PermissionSet, AccessKind::PermissionSetLicense]
        .into_iter()
        .flat_map(|kind| [declared.access.get(kind), declared.on_create.access.get(kind)])
        .filter_map(|grants| grants.as_deref())
        .flatten()
        .filter_map(|grant| grant.expires);
    let held = identity.certain().map(|user| planner.index.holdings(user.id)).unwrap_or_default();
    let held = held.iter().filter_map(|row| Some(day_of(row.expires?, zone)));
    let after = |last: Date| last.tomorrow().ok();
    let ends = declared.expires.into_iter().chain(grants).chain(held).filter_map(after);
    let days: BTreeSet<Date> = declared.starts.into_iter().chain(ends).collect();
    if days.is_empty() {
        // Few have dates, and to look up the day of a zone takes a while.
        return days;
    }
    let today = planner.request.today;
    let next = after(today.in_gmt()).unwrap_or(Date::MAX);
    let ahead = today.in_zone(zone);
    let days = days.into_iter().filter(|day| *day > ahead).map(|day| day.max(next));
    days.filter(|day| *day <= until).collect()
}

/// People of whom one may be held up by what is planned for another: those who ask for one contact,
/// and whoever waits for a username with the one who gives it away.
fn parties(people: &[Person<'_>], planner: &Planner<'_>) -> Vec<Vec<usize>> {
    let index = planner.index;
    let mut asking: Map<Claim<'_>, Vec<usize>> = Map::default();
    let mut renamed: Map<UserId, usize> = Map::default();
    for (at, (declared, _, identity)) in people.iter().enumerate() {
        match identity {
            Identity::New => {
                if let [account] = index.accounts(&declared.account).as_slice()
                    && let Some(claim) = planner.claim(declared, account)
                {
                    asking.entry(claim).or_default().push(at);
                }
            }
            Identity::Renamed(user) => {
                renamed.insert(user.id, at);
            }
            Identity::Same(_) | Identity::Unclear(_) => {}
        }
    }
    let mut parties: Vec<Vec<usize>> =
        asking.into_values().filter(|party| party.len() > 1).collect();
    if !renamed.is_empty() {
        for (at, (_, name, _)) in people.iter().enumerate() {
            let holder = index.user(name).and_then(|holder| renamed.get(&holder.id).copied());
            parties.extend(holder.filter(|holder| *holder != at).map(|holder| vec![holder, at]));
        }
    }
    parties
}

/// Parties that have somebody in common, made into one.
fn groups(parties: &[Vec<usize>]) -> Vec<BTreeSet<usize>> {
    let mut joined: Map<usize, Vec<&[usize]>> = Map::default();
    for party in parties {
        for at in party {
            joined.entry(*at).or_default().push(party);
        }
    }
    let mut groups = Vec::new();
    for party in parties {
        let mut group = BTreeSet::new();
        let mut waiting: Vec<&[usize]> = vec![party];
        while let Some(people) = waiting.pop() {
            for at in people {
                // Whose parties are taken out belongs to a group.
                if let Some(others) = joined.remove(at) {
                    group.insert(*at);
                    waiting.extend(others);
                }
            }
        }
        if !group.is_empty() {
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parties_with_somebody_in_common_are_one_group() {
        let parties = [vec![1, 2], vec![5, 6], vec![2, 3], vec![3, 9]];
        assert_eq!(groups(&parties), [BTreeSet::from([1, 2, 3, 9]), BTreeSet::from([5, 6])]);
    }
}
