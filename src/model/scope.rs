//! How much of an org has to be read for a set of declarations.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{
    Access, AccessKind, AccountId, AccountRef, ApiName, ContactId, ContactRef, DeclaredState,
    Desired, DesiredUser, ExternalRef, Policy, UserField, Username,
};

/// What an org is read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To be compared with what is declared.
    #[default]
    Plan,
    /// A review of who has what, which tells of access that no file knows: the other kinds, roles and
    /// freezes are to be seen as well.
    Review,
    /// Its users are to be declared: the accounts that they belong to are looked up as well, their
    /// roles are not, and kinds of access that the org is without are no error.
    Import,
}

/// What to look for in an org.
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
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
    /// What it is read for.
    pub purpose: Purpose,
    /// Accounts that are declared by name.
    pub account_names: BTreeSet<Arc<str>>,
    /// Accounts that are declared by id.
    pub account_ids: BTreeSet<AccountId>,
    /// Accounts that are declared by external id.
    pub account_externals: BTreeSet<ExternalRef>,
    /// External ids of accounts that are read whether or not a declaration names one.
    pub account_keys: BTreeSet<ApiName>,
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
    /// The declared people.
    pub people: &'a [DesiredUser],
    /// What the org adds to their usernames.
    pub username_suffix: &'a str,
}

/// Whether a field of `Contact` is always read.
fn is_standard(field: &ApiName) -> bool {
    ["Email", "FirstName", "LastName"].iter().any(|known| field == known)
}

impl<'a> Scope<'a> {
    fn account(&mut self, wanted: &AccountRef) {
        match wanted {
            AccountRef::Name(name) => {
                self.account_names.insert(Arc::clone(name));
            }
            AccountRef::Id(id) => {
                self.account_ids.insert(*id);
            }
            AccountRef::External(external) => {
                self.account_externals.insert((**external).clone());
            }
        }
    }

    /// The same, with whatever else people can do in the org.
    #[must_use]
    pub fn for_review(self) -> Self {
        // Somebody who is frozen cannot sign in, so freezes have to be visible.
        Self { purpose: Purpose::Review, freezes: true, ..self }
    }

    /// What the policy needs, whoever is declared.
    fn of_policy(policy: &Policy) -> Self {
        let mut scope =
            Self { match_fields: policy.contacts.match_fields.clone(), ..Self::default() };
        if let Some(ownership) = &policy.ownership {
            ownership.accounts.iter().for_each(|account| scope.account(account));
            scope.marker = ownership.marker.as_ref().map(|marker| marker.field.clone());
            scope.user_custom.extend(scope.marker.clone());
        }
        let own = |field: &&ApiName| !is_standard(field);
        scope.contact_custom.extend(policy.contacts.match_fields.iter().filter(own).cloned());
        scope
    }

    /// Fields that somebody's declaration gives a value.
    fn values(&mut self, user: &DesiredUser) {
        self.fields.extend(user.fields.keys());
        self.user_custom.extend(user.custom.keys().cloned());
        self.contact_custom.extend(user.contact_custom.keys().cloned());
    }

    /// What has to be read of an org whose users are to be declared: everything that a declaration says
    /// of them, and what these declarations say, of which something may hold for others as well.
    pub fn to_declare(desired: &Desired, policy: &Policy) -> Self {
        let mut scope = Self::of_policy(policy);
        let imported = UserField::ALL.iter().filter(|field| !field.is_own_choice());
        scope.fields.extend(imported);
        desired.users.iter().for_each(|user| scope.values(user));
        scope.kinds.extend(AccessKind::ALL);
        scope.portal_roles = true;
        scope.purpose = Purpose::Import;
        scope
    }

    /// What these declarations need, in an org that adds `username_suffix`.
    pub fn of(desired: &'a Desired, policy: &Policy, username_suffix: &'a str) -> Self {
        let mut scope = Self { people: &desired.users, username_suffix, ..Self::of_policy(policy) };
        let mut accounts: HashSet<&AccountRef, RandomState> = HashSet::default();
        for user in &desired.users {
            scope.values(user);
            scope.portal_roles |= user.portal_role.or(user.on_create.portal_role).is_some();
            scope.freezes |= match user.state {
                DeclaredState::Active | DeclaredState::Frozen => true,
                DeclaredState::Inactive | DeclaredState::Unstated => false,
            };
            scope.kinds.extend(declared(&user.access));
            scope.kinds.extend(declared(&user.on_create.access));
            accounts.insert(&user.account);
            match user.contact.as_deref() {
                Some(ContactRef::Id(id)) => {
                    scope.contact_ids.insert(*id);
                }
                Some(ContactRef::External(external)) => {
                    scope.contact_custom.insert(external.field.clone());
                    scope.contact_externals.insert((**external).clone());
                }
                None => {}
            }
            let former = user.renamed_from.iter();
            scope.former.extend(former.map(|name| name.with_suffix(username_suffix)));
        }
        for account in accounts {
            scope.account(account);
        }
        scope
    }
}

fn declared(access: &Access) -> impl Iterator<Item = AccessKind> {
    access.iter().filter(|(_, grants)| grants.is_some()).map(|(kind, _)| kind)
}
