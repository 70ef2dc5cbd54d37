//! Renames in an order in which no username is taken twice: chains from their free end, swaps
//! through a name of the meantime.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

use crate::model::{CurrentUser, UserId, Username};

use super::change::{Change, Object, Plan, Subject};

/// A rename of one step: the change, the user, the new name.
pub(super) type Rename = (usize, UserId, Username);

/// A user who is to be renamed.
struct Move<'a> {
    at: usize,
    user: UserId,
    from: Username,
    to: &'a Username,
}

/// The renames of a plan that nothing stands in the way of, in rounds: every name of a round is
/// free when it begins.
pub(super) fn rounds(plan: &Plan) -> Vec<Vec<Rename>> {
    let moves: Vec<Move<'_>> = plan
        .changes
        .iter()
        .enumerate()
        .filter(|(_, change)| !change.blocked)
        .filter_map(|(at, change)| {
            let (user, from) = renamed(change)?;
            Some(Move { at, user, from, to: &change.org_username })
        })
        .collect();
    let holders: HashMap<&Username, usize> =
        moves.iter().enumerate().map(|(at, one)| (&one.from, at)).collect();
    // Who holds the name that somebody wants. Names are held once, so nobody is waited for twice.
    let waits: Vec<Option<usize>> = moves
        .iter()
        .enumerate()
        .map(|(at, one)| holders.get(one.to).copied().filter(|holder| *holder != at))
        .collect();
    let swaps = swaps(&waits);
    let mut steps: Vec<Vec<Rename>> = Vec::new();
    let mut put = |round: usize, step: Rename| {
        if steps.len() <= round {
            steps.resize_with(round + 1, Vec::new);
        }
        if let Some(steps) = steps.get_mut(round) {
            steps.push(step);
        }
    };
    let turns = turns(&waits, &swaps);
    for (at, one) in moves.iter().enumerate() {
        let turn = turns.get(at).copied().unwrap_or_default();
        if swaps.contains(&at) {
            put(0, (one.at, one.user, interim(one.user, one.to)));
        }
        put(turn, (one.at, one.user, one.to.clone()));
    }
    steps
}

/// The user whom a change renames, and the name they have now.
pub(super) fn renamed(change: &Change) -> Option<(UserId, Username)> {
    let Subject::Existing(user) = change.subject else {
        return None;
    };
    let field = change
        .fields
        .iter()
        .find(|field| field.object == Object::User && field.field == "Username")?;
    Some((user, Username::observed(&field.before.text()?)))
}

/// One of every ring in which each waits for the next: the first in file order.
fn swaps(waits: &[Option<usize>]) -> BTreeSet<usize> {
    let mut seen = vec![0_usize; waits.len()];
    let mut swaps = BTreeSet::new();
    for start in 0..waits.len() {
        let walk = start + 1;
        let mut at = start;
        while let Some(mark) = seen.get_mut(at) {
            if *mark == walk {
                // Back where this walk has been: a ring. Its first member steps aside.
                swaps.insert(ring(waits, at));
            }
            if *mark != 0 {
                break;
            }
            *mark = walk;
            match waits.get(at).copied().flatten() {
                Some(next) => at = next,
                None => break,
            }
        }
    }
    swaps
}

/// The smallest position of the ring that `member` is in.
fn ring(waits: &[Option<usize>], member: usize) -> usize {
    let mut first = member;
    let mut at = member;
    while let Some(next) = waits.get(at).copied().flatten().filter(|next| *next != member) {
        first = first.min(next);
        at = next;
    }
    first
}

/// The round of each: one after that of whom they wait for. Whoever steps aside does so in the
/// first round, frees their name with it, and gets the new one after the last of the ring.
fn turns(waits: &[Option<usize>], swaps: &BTreeSet<usize>) -> Vec<usize> {
    let mut turns: Vec<Option<usize>> = vec![None; waits.len()];
    for start in 0..waits.len() {
        let mut path = Vec::new();
        let mut at = start;
        let mut turn = loop {
            if let Some(known) = turns.get(at).copied().flatten() {
                break known + 1;
            }
            path.push(at);
            match waits.get(at).copied().flatten() {
                None => break 0,
                Some(next) if swaps.contains(&next) => break 1,
                Some(next) => at = next,
            }
        };
        for at in path.into_iter().rev() {
            if let Some(slot) = turns.get_mut(at) {
                *slot = Some(turn);
            }
            turn += 1;
        }
    }
    turns.into_iter().map(Option::unwrap_or_default).collect()
}

/// The domain of names of the meantime. Nobody can have an address there.
/// Source: RFC 2606, "Reserved Top Level DNS Names".
const INTERIM: &str = "@rename.portalctl.invalid";

/// The name that a user has in the midst of a swap: made of their id, and of the name they are to
/// get, so that the next run knows both.
fn interim(user: UserId, to: &Username) -> Username {
    Username::observed(&format!("{}.{}{INTERIM}", user.as_str().to_lowercase(), target_mark(to)))
}

/// What a name of the meantime says of the name that comes after it.
pub(super) fn target_mark(to: &Username) -> String {
    let hash = digest(&SHA256, to.key().as_bytes());
    let mut mark = String::new();
    for byte in hash.as_ref().iter().take(6) {
        // Writing to a string cannot fail.
        let _ = write!(mark, "{byte:02x}");
    }
    mark
}

/// The mark of the name that a user is to get, if they are in the midst of a swap.
pub(super) fn interim_target(user: &CurrentUser) -> Option<String> {
    let name = user.username.as_str();
    if !name.ends_with(INTERIM) {
        return None;
    }
    let (id, mark) = name.strip_suffix(INTERIM)?.split_once('.')?;
    user.id.as_str().eq_ignore_ascii_case(id).then(|| mark.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_begins_at_its_free_end() {
        let waits = [Some(1), Some(2), None];
        assert!(swaps(&waits).is_empty());
        assert_eq!(turns(&waits, &BTreeSet::new()), [2, 1, 0]);
        let waits = [None, Some(0), Some(1)];
        assert_eq!(turns(&waits, &BTreeSet::new()), [0, 1, 2]);
    }

    #[test]
    fn of_every_ring_the_first_steps_aside() {
        let waits = [Some(1), Some(0), None, Some(5), Some(3), Some(4)];
        assert_eq!(swaps(&waits), BTreeSet::from([0, 3]));
        assert_eq!(turns(&waits, &BTreeSet::from([0, 3])), [2, 1, 0, 3, 1, 2]);
    }

    #[test]
    fn a_name_of_the_meantime_is_known_again() {
        let user = UserId::observed("0058d0000000123").unwrap();
        let name = interim(user, &Username::observed("Kim@acme.example"));
        assert_eq!(name, interim(user, &Username::observed("kim@ACME.example")));
        assert!(name.as_str().chars().count() <= Username::MAX_CHARS);
        assert!(Username::parse(name.as_str()).is_ok());
    }
}
