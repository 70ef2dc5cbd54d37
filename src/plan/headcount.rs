//! How many people of every account can sign in, before and after a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{AccountId, CurrentUser, UserId, Username};

use super::change::{Action, Change, ContactStep, Datum, Object, Subject};
use super::index::Index;

/// The people of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heads {
    /// Active now, frozen ones included.
    pub(super) active_before: i64,
    /// Active afterwards.
    pub(super) active_after: i64,
    /// Active and not frozen now.
    pub(super) able_before: i64,
    /// Active and not frozen afterwards.
    pub(super) able_after: i64,
}

/// Counts the active portal users of every account.
pub(super) fn count(changes: &[Change], index: &Index<'_>) -> BTreeMap<AccountId, Heads> {
    let mut accounts: BTreeMap<AccountId, Heads> = BTreeMap::new();
    let portal = |user: &&CurrentUser| user.active && user.user_type.is_portal();
    for user in index.current.users.iter().filter(portal) {
        if let Some(account) = account_of(user) {
            let able = i64::from(!is_frozen(user.id, index));
            let heads = accounts.entry(account).or_default();
            heads.active_before += 1;
            heads.active_after += 1;
            heads.able_before += able;
            heads.able_after += able;
        }
    }
    for change in changes.iter().filter(|change| !change.blocked) {
        apply(change, index, &mut accounts);
    }
    accounts
}

/// The accounts that lose their last active user by a plan: the last of them in file order, and the
/// account's name.
pub(super) fn emptied<'a>(
    changes: &'a [Change],
    index: &Index<'_>,
) -> Vec<(&'a Username, Arc<str>)> {
    let mut last: BTreeMap<AccountId, (&'a Username, Arc<str>)> = BTreeMap::new();
    for change in changes.iter().filter(|change| !change.blocked) {
        let Subject::Existing(id) = change.subject else { continue };
        let Some(user) = index.user_with(id).filter(|user| user.active) else { continue };
        let leaves = change.action == Action::Deactivate || account_after(change, index).is_some();
        if let Some(account) = account_of(user).filter(|_| leaves) {
            let name = user.contact.as_ref().and_then(|linked| linked.account_name.clone());
            last.insert(account, (&change.username, name.unwrap_or_default()));
        }
    }
    if last.is_empty() {
        return Vec::new();
    }
    let heads = count(changes, index);
    last.retain(|id, _| {
        heads.get(id).is_some_and(|heads| heads.active_before > 0 && heads.active_after <= 0)
    });
    let mut emptied: Vec<_> = last.into_values().collect();
    emptied.sort();
    emptied
}

fn apply(change: &Change, index: &Index<'_>, accounts: &mut BTreeMap<AccountId, Heads>) {
    let user = match change.subject {
        Subject::New => None,
        Subject::Existing(id) => index.user_with(id),
    };
    let was_active = user.is_some_and(|user| user.active);
    let was_frozen = user.is_some_and(|user| is_frozen(user.id, index));
    let (active, frozen) = match change.action {
        Action::Create => (true, false),
        Action::Deactivate => (false, was_frozen),
        Action::Freeze => (was_active, true),
        Action::Reactivate => (true, was_frozen && !change.unfreeze),
        Action::Unfreeze => (was_active, false),
        Action::Rename | Action::Adopt | Action::Update => (was_active, was_frozen),
    };
    let mut book = |account: Option<AccountId>, sign: i64, active: bool, frozen: bool| {
        if let Some(heads) = account.map(|id| accounts.entry(id).or_default()).filter(|_| active) {
            heads.active_after += sign;
            heads.able_after += if frozen { 0 } else { sign };
        }
    };
    let before = user.and_then(account_of);
    book(before, -1, was_active, was_frozen);
    book(account_after(change, index).or(before), 1, active, frozen);
}

/// The account that a change puts somebody in.
pub(super) fn account_after(change: &Change, index: &Index<'_>) -> Option<AccountId> {
    match change.contact? {
        ContactStep::Create(account) => Some(account),
        ContactStep::Link(contact) => index.contact(contact)?.account,
        ContactStep::Update(_) => None,
        ContactStep::Move(_) => change.fields.iter().find_map(|field| match &field.after {
            Datum::Reference { id, .. }
                if field.object == Object::Contact && field.field == "AccountId" =>
            {
                Some(AccountId::of(*id))
            }
            _ => None,
        }),
    }
}

pub(super) fn account_of(user: &CurrentUser) -> Option<AccountId> {
    user.contact.as_ref()?.contact.account
}

fn is_frozen(user: UserId, index: &Index<'_>) -> bool {
    index.current.frozen.of(user).is_some()
}
