//! Users of an org → user files that declare them as they are, so that the next plan has nothing to do
//! for them. Pure: what is on disk is asked through a closure, and nothing is written.
//!
//! [`Selected::of`] says who is meant, [`Selected::compose`] puts them into files, and
//! [`Selected::proof`] holds the files, read back as configuration, against the very picture of the org
//! that they were made from. Whoever does not stand that is left out, and the rest is composed again.

mod common;
mod entry;
mod files;
mod left_out;
mod person;
mod proof;
mod toml;

use std::collections::HashSet;

use crate::config::Grounds;
use crate::model::{
    ApiName, Current, CurrentUser, DeclaredState, Desired, EmailPolicy, Policy, Scope, UserField,
    UserId, Username,
};
use crate::plan::{IgnoredSets, Index, Pattern, Request};

pub use files::{Draft, Existing, NotIncluded, UserFile};
pub use left_out::{LeftOut, Omitted, Why};
pub use proof::Proof;

use person::Person;

/// Fields that are written wherever they have a value. What is derived when a user is created, and then
/// the person's own choice, is left to them.
fn imported() -> impl Iterator<Item = UserField> {
    UserField::ALL.iter().copied().filter(|field| !field.is_own_choice())
}

/// Whom to import. What is empty is no condition.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Globs over the names of accounts.
    pub accounts: Vec<String>,
    /// Names of profiles.
    pub profiles: Vec<String>,
    /// Whether inactive users are left where they are.
    pub active_only: bool,
}

/// What files are composed from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The org.
    pub current: &'a Current,
    /// What was read of it.
    pub scope: &'a Scope<'a>,
    /// Whom files declare already.
    pub declared: &'a Desired,
    /// The project's policy.
    pub policy: &'a Policy,
    /// What the next plan will be made with.
    pub request: &'a Request,
    /// What stands below all user files.
    pub grounds: &'a Grounds,
    /// An external id of `Account`, for accounts whose name is not theirs alone.
    pub account_key: Option<&'a ApiName>,
}

/// What has to be read of an org to import from it.
pub fn scope(
    declared: &Desired,
    policy: &Policy,
    grounds: &Grounds,
    account_key: Option<&ApiName>,
) -> Scope<'static> {
    let below = grounds.bare();
    let mut scope = Scope::to_declare(declared, policy);
    scope.fields.extend(below.fields.keys());
    scope.user_custom.extend(below.custom.keys().cloned());
    scope.contact_custom.extend(below.contact_custom.keys().cloned());
    scope.account_keys.extend(account_key.cloned());
    // The next plan asks who is frozen where a declaration says so of everybody.
    scope.freezes |= match below.state {
        DeclaredState::Active | DeclaredState::Frozen => true,
        DeclaredState::Inactive | DeclaredState::Unstated => false,
    };
    scope
}

/// The org, looked up.
struct Org<'a> {
    source: Source<'a>,
    index: Index<'a>,
    ignored: IgnoredSets,
    email: EmailPolicy,
}

/// The people who are to be declared.
pub struct Selected<'a> {
    org: Org<'a>,
    /// By account, then by username.
    people: Vec<Person<'a>>,
    left: Vec<LeftOut>,
    declared: usize,
    idle: Vec<String>,
}

impl<'a> Selected<'a> {
    /// Chooses them: portal users whom the filter fits and no file declares.
    pub fn of(source: Source<'a>, filter: &Filter) -> Self {
        let current = source.current;
        let org = Org {
            source,
            index: Index::of(current, source.declared, source.policy),
            ignored: IgnoredSets::of(&source.policy.permission_sets),
            email: source.request.email_in(&current.org),
        };
        let known = declared(source);
        let mut accounts = Pattern::all(&filter.accounts);
        let mut selected =
            Self { org, people: Vec::new(), left: Vec::new(), declared: 0, idle: Vec::new() };
        for user in current.users.iter().filter(|user| user.user_type.is_portal()) {
            // Whose portal access was disabled cannot come back.
            if user.id == current.running_user.id
                || selected.org.index.is_disabled(user)
                || !selected.org.fits(user, filter, &mut accounts)
            {
                continue;
            }
            if known.contains(&user.username) {
                selected.declared += 1;
                continue;
            }
            match Person::of(user, &selected.org) {
                Ok(person) => selected.people.push(person),
                Err(left) => selected.left.push(left),
            }
        }
        selected.idle = Pattern::unmatched(accounts);
        selected.people.sort_by(|a, b| a.order().cmp(&b.order()));
        selected
    }

    /// How many fit the filter and are declared already.
    pub const fn declared(&self) -> usize {
        self.declared
    }

    /// Patterns over accounts that fit no portal user at all.
    pub fn idle(&self) -> &[String] {
        &self.idle
    }

    /// Leaves people out of what is composed next.
    pub fn leave_out(&mut self, refused: Vec<(UserId, LeftOut)>) {
        let gone: HashSet<UserId> = refused.iter().map(|(id, _)| *id).collect();
        self.people.retain(|person| !gone.contains(&person.user.id));
        self.left.extend(refused.into_iter().map(|(_, left)| left));
    }
}

impl Org<'_> {
    fn fits(&self, user: &CurrentUser, filter: &Filter, accounts: &mut [Pattern]) -> bool {
        let name = user.contact.as_ref().and_then(|linked| linked.account_name.as_deref());
        // Every pattern is asked, so that it is known which fits nobody.
        let mut named = false;
        for pattern in accounts.iter_mut() {
            named |= name.is_some_and(|name| pattern.fits(&[name]));
        }
        let profile = self.index.profile(user.profile).map(|profile| &*profile.name);
        (accounts.is_empty() || named)
            && (filter.profiles.is_empty()
                || profile.is_some_and(|name| filter.profiles.iter().any(|one| one == name)))
            && (user.active || !filter.active_only)
    }
}

/// Usernames of the org that a file has something to say about.
fn declared(source: Source<'_>) -> HashSet<Username> {
    let suffix = source.request.username_suffix.as_str();
    let people = source.declared.users.iter();
    let names = people.flat_map(|one| one.renamed_from.iter().chain([&one.username]));
    names.map(|name| name.with_suffix(suffix)).collect()
}
