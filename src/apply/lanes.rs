//! Rows → requests. Users of one account lock the same rows, so they are neighbours, and no account
//! is ever in two requests at once.
//!
//! Sources: Salesforce Help, "Locking and Concurrency"; "Record-Level Access: Under the Hood" (the
//! parent account of a contact or portal user is locked); REST API Developer Guide, "Composite".

use crate::plan::{BATCHES, COLLECTION, Plan, WITH_ROLES, works_on_roles};
use crate::salesforce::{Record, Writer};

// By this number a plan says how many calls it takes.
const _: () = assert!(BATCHES == Writer::BATCHES);

/// A record to write, and the change it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The change's position in the plan.
    pub(super) at: usize,
    pub(super) record: Record,
}

/// Rows that are sent one request after the other.
pub(super) struct Lane {
    pub(super) rows: Vec<Row>,
    /// The most records of one transaction.
    pub(super) size: usize,
}

/// How a step's rows are sent: lanes of one group at the same time, groups one after the other.
pub(super) fn lanes(
    plan: &Plan,
    rows: Vec<Row>,
    roles: bool,
    parallelism: usize,
) -> Vec<Vec<Lane>> {
    let (mut with_roles, mut without): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| roles && works_on_roles(plan, row.at));
    let account = |row: &Row| plan.changes.get(row.at).map(|change| change.account.as_str());
    with_roles.sort_by(|one, next| account(one).cmp(&account(next)));
    without.sort_by(|one, next| account(one).cmp(&account(next)));
    let mut groups = Vec::new();
    if !with_roles.is_empty() {
        groups.push(vec![Lane { rows: with_roles, size: WITH_ROLES }]);
    }
    if !without.is_empty() {
        let parts = split(without, parallelism, account);
        groups.push(parts.into_iter().map(|rows| Lane { rows, size: COLLECTION }).collect());
    }
    groups
}

/// Cuts rows between accounts into at most so many parts, none of which has a request that is almost
/// empty, but for the last.
fn split<K: PartialEq>(rows: Vec<Row>, parts: usize, key: impl Fn(&Row) -> K) -> Vec<Vec<Row>> {
    let request = COLLECTION * BATCHES;
    let requests = rows.len().div_ceil(request);
    // Calls are dearer than time: a part is worth at least two requests.
    let parts = parts.min(requests / 2).max(1);
    let full = requests.div_ceil(parts) * request;
    let mut sizes = vec![0];
    for account in rows.chunk_by(|one, next| key(one) == key(next)) {
        let has_room = sizes.last().is_some_and(|size| size + account.len() <= full);
        if !has_room && sizes.len() < parts && sizes.last().is_some_and(|size| *size > 0) {
            sizes.push(0);
        }
        if let Some(size) = sizes.last_mut() {
            *size += account.len();
        }
    }
    let mut rows = rows.into_iter();
    sizes.into_iter().map(|size| rows.by_ref().take(size).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(accounts: &[(usize, usize)]) -> Vec<Row> {
        let row = |at| Row { at, record: Record::new() };
        accounts.iter().flat_map(|(account, count)| vec![row(*account); *count]).collect()
    }

    #[test]
    fn an_account_is_in_one_lane_and_requests_are_full() {
        let accounts: Vec<_> = (0..50).map(|account| (account, 200)).collect();
        let lanes = split(rows(&accounts), 4, |row| row.at);
        let even: Vec<usize> = lanes.iter().map(Vec::len).collect();
        assert_eq!(even, [3000, 3000, 3000, 1000]);
        let sizes = |accounts: &[(usize, usize)]| -> Vec<usize> {
            split(rows(accounts), 4, |row| row.at).iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(&[(1, 5000), (2, 10)]), [5000, 10]);
        assert_eq!(sizes(&[(1, 1500), (2, 10)]), [1510], "one lane where two would add a call");
        let uneven: Vec<_> = (0..300).map(|account| (account, 33)).collect();
        assert_eq!(sizes(&uneven), [2970, 2970, 2970, 990]);
        for pair in lanes.windows(2) {
            assert_ne!(pair[0].last().unwrap().at, pair[1].first().unwrap().at);
        }
    }
}
