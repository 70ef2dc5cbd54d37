//! How much of an org has to be read for a set of declarations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    Access, AccessKind, AccountId, AccountRef, ApiName, ContactId, ContactRef, Desired,
    ExternalRef, UserField, Username,
};

/// What to look for in an org.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Fields that are declared anywhere.
    pub fields: BTreeSet<UserField>,
    /// Other fields of `User` that are compared.
    pub user_custom: BTreeSet<ApiName>,
    /// Other fields of `Contact` that are compared.
    pub contact_custom: BTreeSet<ApiName>,
    /// Whether anybody is to have a role of their account.
    pub portal_roles: bool,
    /// Kinds of access that are declared anywhere: an org may be without the others.
    pub kinds: BTreeSet<AccessKind>,
    /// Accounts that are declared by name.
    pub account_names: BTreeSet<Arc<str>>,
    /// Accounts that are declared by id.
    pub account_ids: BTreeSet<AccountId>,
    /// Accounts that are declared by external id.
    pub account_externals: BTreeSet<ExternalRef>,
    /// Contacts that are declared by id.
    pub contact_ids: BTreeSet<ContactId>,
    /// Contacts that are declared by external id.
    pub contact_externals: BTreeSet<ExternalRef>,
    /// The declared people, by the username they have in the org.
    pub people: BTreeMap<Username, Person>,
}

/// What a person who has no user yet is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The declared address.
    pub email: Arc<str>,
}

impl Scope {
    /// What these declarations need, in an org that adds `username_suffix`.
    pub fn of(desired: &Desired, username_suffix: &str) -> Self {
        let mut scope = Self::default();
        for user in &desired.users {
            scope.fields.extend(user.fields.keys());
            scope.user_custom.extend(user.custom.keys().cloned());
            scope.contact_custom.extend(user.contact_custom.keys().cloned());
            scope.portal_roles |= user.portal_role.or(user.on_create.portal_role).is_some();
            scope.kinds.extend(declared(&user.access));
            scope.kinds.extend(declared(&user.on_create.access));
            match &user.account {
                AccountRef::Name(name) => {
                    scope.account_names.insert(Arc::clone(name));
                }
                AccountRef::Id(id) => {
                    scope.account_ids.insert(*id);
                }
                AccountRef::External(external) => {
                    scope.account_externals.insert(external.clone());
                }
            }
            match &user.contact {
                Some(ContactRef::Id(id)) => {
                    scope.contact_ids.insert(*id);
                }
                Some(ContactRef::External(external)) => {
                    scope.contact_externals.insert(external.clone());
                }
                None => {}
            }
            let person = Person { email: user.email().into() };
            scope.people.insert(user.username.with_suffix(username_suffix), person);
        }
        scope
    }
}

fn declared(access: &Access) -> impl Iterator<Item = AccessKind> {
    access.iter().filter(|(_, grants)| grants.is_some()).map(|(kind, _)| kind)
}
