//! How much of an org has to be read for a set of declarations.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{
    Access, AccessKind, AccountId, AccountRef, ApiName, ContactId, ContactRef, DeclaredState,
    Desired, ExternalRef, Policy, UserField, Username,
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
    /// Whether a declaration freezes or unfreezes somebody.
    pub freezes: bool,
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
    /// The fields of `Contact` by which people are looked for, in order.
    pub match_fields: Vec<ApiName>,
    /// The field of `User` that says who answers for them.
    pub marker: Option<ApiName>,
    /// Former usernames, as they are in the org: their present holders may be renamed.
    pub former: BTreeSet<Username>,
    /// The declared people, by the username they have in the org.
    pub people: HashMap<Username, Person>,
}

/// What a person who has no user yet is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The declared address.
    pub email: Arc<str>,
    /// Declared values of the other fields by which contacts are looked for.
    pub keys: Vec<(ApiName, Box<str>)>,
}

/// Whether a field of `Contact` is always read.
fn is_standard(field: &ApiName) -> bool {
    ["Email", "FirstName", "LastName"].iter().any(|known| field == known)
}

impl Scope {
    fn account(&mut self, wanted: &AccountRef) {
        match wanted {
            AccountRef::Name(name) => {
                self.account_names.insert(Arc::clone(name));
            }
            AccountRef::Id(id) => {
                self.account_ids.insert(*id);
            }
            AccountRef::External(external) => {
                self.account_externals.insert(external.clone());
            }
        }
    }

    /// What these declarations need, in an org that adds `username_suffix`.
    pub fn of(desired: &Desired, policy: &Policy, username_suffix: &str) -> Self {
        let mut scope =
            Self { match_fields: policy.contacts.match_fields.clone(), ..Self::default() };
        if let Some(ownership) = &policy.ownership {
            ownership.accounts.iter().for_each(|account| scope.account(account));
            scope.marker = ownership.marker.as_ref().map(|marker| marker.field.clone());
            scope.user_custom.extend(scope.marker.clone());
        }
        let own = |field: &&ApiName| !is_standard(field);
        scope.contact_custom.extend(policy.contacts.match_fields.iter().filter(own).cloned());
        for user in &desired.users {
            scope.fields.extend(user.fields.keys());
            scope.user_custom.extend(user.custom.keys().cloned());
            scope.contact_custom.extend(user.contact_custom.keys().cloned());
            scope.portal_roles |= user.portal_role.or(user.on_create.portal_role).is_some();
            scope.freezes |= match user.state {
                DeclaredState::Active | DeclaredState::Frozen => true,
                DeclaredState::Inactive | DeclaredState::Unstated => false,
            };
            scope.kinds.extend(declared(&user.access));
            scope.kinds.extend(declared(&user.on_create.access));
            scope.account(&user.account);
            match &user.contact {
                Some(ContactRef::Id(id)) => {
                    scope.contact_ids.insert(*id);
                }
                Some(ContactRef::External(external)) => {
                    scope.contact_custom.insert(external.field.clone());
                    scope.contact_externals.insert(external.clone());
                }
                None => {}
            }
            let former = user.renamed_from.iter();
            scope.former.extend(former.map(|name| name.with_suffix(username_suffix)));
            let keys = scope.match_fields.iter().filter(|field| **field != "Email");
            let keys = keys.filter_map(|field| {
                Some((field.clone(), user.contact_value(field)?.into_boxed_str()))
            });
            let person = Person { email: user.email().into(), keys: keys.collect() };
            scope.people.insert(user.username.with_suffix(username_suffix), person);
        }
        scope
    }
}

fn declared(access: &Access) -> impl Iterator<Item = AccessKind> {
    access.iter().filter(|(_, grants)| grants.is_some()).map(|(kind, _)| kind)
}
