//! How much of an org's portal the files account for.

use std::collections::HashSet;

use crate::model::{Current, CurrentUser, Desired, Username};

/// Active portal users, by whether a file declares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Active portal users of the org.
    pub active: usize,
    /// Those whom a file declares.
    pub declared: usize,
}

impl Coverage {
    /// Those whom the project owns and no file declares, given how many it does not answer for.
    pub const fn undeclared(&self, unmanaged: usize) -> usize {
        self.active.saturating_sub(self.declared + unmanaged)
    }
}

/// An active portal user whom no file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Their username in the org.
    pub username: Username,
    /// Their name.
    pub name: String,
    /// Their account, where they have one.
    pub account: Option<String>,
}

/// Counts the org's active portal users.
pub fn coverage(desired: &Desired, current: &Current, username_suffix: &str) -> Coverage {
    let declared = declared(desired, username_suffix);
    let (mut active, mut known) = (0, 0);
    for user in portal(current) {
        active += 1;
        known += usize::from(declared.contains(&user.username));
    }
    Coverage { active, declared: known }
}

/// The active portal users whom no file declares, by username.
pub fn strangers(desired: &Desired, current: &Current, username_suffix: &str) -> Vec<Stranger> {
    let declared = declared(desired, username_suffix);
    let mut strangers: Vec<Stranger> = portal(current)
        .filter(|user| !declared.contains(&user.username))
        .map(|user| Stranger {
            username: user.username.clone(),
            name: user.name().into_owned(),
            account: user
                .contact
                .as_ref()
                .and_then(|linked| linked.account_name.as_deref().map(str::to_owned)),
        })
        .collect();
    strangers.sort_by(|a, b| a.username.cmp(&b.username));
    strangers
}

fn declared(desired: &Desired, username_suffix: &str) -> HashSet<Username> {
    desired.users.iter().map(|user| user.username.with_suffix(username_suffix)).collect()
}

fn portal(current: &Current) -> impl Iterator<Item = &CurrentUser> {
    current.users.iter().filter(|user| user.active && user.user_type.is_portal())
}
