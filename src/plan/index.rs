//! Look-ups over the read picture of the org, each built once.

use std::collections::HashMap;
use std::hash::Hash;

use crate::model::{
    AccessKind, Account, AccountId, AccountRef, AccountRole, Contact, ContactId, Current,
    CurrentUser, Holding, PortalKind, Profile, ProfileId, RecordId, SetBinding, SetName, UserId,
    UserLicense, UserLicenseId, Username,
};

/// The org, by every key that planning asks for.
pub(super) struct Index<'a> {
    pub(super) current: &'a Current,
    users: HashMap<&'a Username, &'a CurrentUser>,
    users_by_id: HashMap<UserId, &'a CurrentUser>,
    holders: HashMap<ContactId, &'a CurrentUser>,
    accounts_by_name: HashMap<&'a str, Vec<&'a Account>>,
    accounts: HashMap<AccountId, &'a Account>,
    contacts: HashMap<ContactId, &'a Contact>,
    contacts_by_email: HashMap<(AccountId, String), Vec<&'a Contact>>,
    profiles_by_name: HashMap<&'a str, &'a Profile>,
    profiles: HashMap<ProfileId, &'a Profile>,
    licenses: HashMap<UserLicenseId, &'a UserLicense>,
    offers: HashMap<RecordId, Offer<'a>>,
    offers_by_name: HashMap<(AccessKind, &'a SetName), Offer<'a>>,
    holdings: HashMap<UserId, Vec<&'a Holding>>,
    account_roles: HashMap<(AccountId, PortalKind), Vec<&'a AccountRole>>,
}

/// Something that the org can give to a user beside the profile.
#[derive(Clone, Copy)]
pub(super) struct Offer<'a> {
    pub(super) kind: AccessKind,
    pub(super) id: RecordId,
    pub(super) name: &'a SetName,
    /// The licence that its holder must have.
    pub(super) binding: Option<SetBinding>,
    /// Why it may give nothing.
    pub(super) flaw: Option<Flaw>,
}

/// Why something that is given may have no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It has to be activated in a session.
    Session,
    /// The group's last recalculation failed.
    Failed,
    /// The licence is disabled.
    Disabled,
}

impl<'a> Index<'a> {
    pub(super) fn of(current: &'a Current) -> Self {
        let holder = |user: &'a CurrentUser| user.contact.as_ref().map(|c| (c.contact.id, user));
        let by_email = |contact: &'a Contact| {
            Some(((contact.account?, contact.email.as_ref()?.to_lowercase()), contact))
        };
        let offers: Vec<Offer<'a>> = offers(current).collect();
        Self {
            current,
            users: by(&current.users, |user| &user.username),
            users_by_id: by(&current.users, |user| user.id),
            holders: current.users.iter().filter_map(holder).collect(),
            accounts_by_name: grouped(current.accounts.iter().map(|a| (&*a.name, a))),
            accounts: by(&current.accounts, |account| account.id),
            contacts: by(&current.contacts, |contact| contact.id),
            contacts_by_email: grouped(current.contacts.iter().filter_map(by_email)),
            profiles_by_name: by(&current.profiles, |profile| &*profile.name),
            profiles: by(&current.profiles, |profile| profile.id),
            licenses: by(&current.licenses, |license| license.id),
            offers_by_name: offers.iter().map(|offer| ((offer.kind, offer.name), *offer)).collect(),
            offers: offers.iter().map(|offer| (offer.id, *offer)).collect(),
            holdings: grouped(current.holdings.iter().map(|row| (row.user, row))),
            account_roles: grouped(
                current.account_roles.iter().map(|role| ((role.account, role.kind), role)),
            ),
        }
    }

    pub(super) fn user(&self, username: &Username) -> Option<&'a CurrentUser> {
        self.users.get(username).copied()
    }

    pub(super) fn user_with(&self, id: UserId) -> Option<&'a CurrentUser> {
        self.users_by_id.get(&id).copied()
    }

    /// The portal user, active or not, who has the contact.
    pub(super) fn holder(&self, contact: ContactId) -> Option<&'a CurrentUser> {
        self.holders.get(&contact).copied()
    }

    /// Every account that a declaration may mean.
    pub(super) fn accounts(&self, wanted: &AccountRef) -> Vec<&'a Account> {
        match wanted {
            AccountRef::Name(name) => {
                self.accounts_by_name.get(&**name).cloned().unwrap_or_default()
            }
            AccountRef::Id(id) => self.accounts.get(id).copied().into_iter().collect(),
            // Configuration refuses external ids until accounts are read with them.
            AccountRef::External(_) => Vec::new(),
        }
    }

    pub(super) fn contact(&self, id: ContactId) -> Option<&'a Contact> {
        self.contacts.get(&id).copied()
    }

    /// Contacts of the account with this address, given in lower case.
    pub(super) fn contacts(&self, account: AccountId, email: String) -> &[&'a Contact] {
        self.contacts_by_email.get(&(account, email)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn profile_named(&self, name: &str) -> Option<&'a Profile> {
        self.profiles_by_name.get(name).copied()
    }

    pub(super) fn profile(&self, id: ProfileId) -> Option<&'a Profile> {
        self.profiles.get(&id).copied()
    }

    pub(super) fn license(&self, id: UserLicenseId) -> Option<&'a UserLicense> {
        self.licenses.get(&id).copied()
    }

    pub(super) fn offer_named(&self, kind: AccessKind, name: &SetName) -> Option<Offer<'a>> {
        self.offers_by_name.get(&(kind, name)).copied()
    }

    pub(super) fn offer(&self, id: RecordId) -> Option<Offer<'a>> {
        self.offers.get(&id).copied()
    }

    /// The API names of everything of a kind.
    pub(super) fn offered(&self, kind: AccessKind) -> impl Iterator<Item = &'a str> + '_ {
        offers(self.current)
            .filter(move |offer| offer.kind == kind)
            .map(|offer| offer.name.as_str())
    }

    /// The roles of an account for one kind of portal user.
    pub(super) fn account_roles(&self, account: AccountId, kind: PortalKind) -> &[&'a AccountRole] {
        self.account_roles.get(&(account, kind)).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn holdings(&self, user: UserId) -> &[&'a Holding] {
        self.holdings.get(&user).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Everything that the org can give, in the order of its ids.
fn offers(current: &Current) -> impl Iterator<Item = Offer<'_>> {
    let sets = current.permission_sets.iter().map(|set| Offer {
        kind: AccessKind::PermissionSet,
        id: set.id.record(),
        name: &set.name,
        binding: set.license,
        flaw: set.session.then_some(Flaw::Session),
    });
    let set_groups = current.permission_set_groups.iter().map(|group| Offer {
        kind: AccessKind::PermissionSetGroup,
        id: group.id.record(),
        name: &group.name,
        binding: None,
        flaw: if group.failed {
            Some(Flaw::Failed)
        } else {
            group.session.then_some(Flaw::Session)
        },
    });
    let licenses = current.permission_set_licenses.iter().map(|license| Offer {
        kind: AccessKind::PermissionSetLicense,
        id: license.id.record(),
        name: &license.name,
        binding: None,
        flaw: (!license.active).then_some(Flaw::Disabled),
    });
    let groups = current.groups.iter().map(|group| Offer {
        kind: AccessKind::Group,
        id: group.id.record(),
        name: &group.name,
        binding: None,
        flaw: None,
    });
    sets.chain(set_groups).chain(licenses).chain(groups)
}

/// Records by a key that is theirs alone.
fn by<'a, T, K: Eq + Hash>(records: &'a [T], key: impl Fn(&'a T) -> K) -> HashMap<K, &'a T> {
    records.iter().map(|record| (key(record), record)).collect()
}

/// Records by a key that several may share.
fn grouped<'a, T, K: Eq + Hash>(pairs: impl Iterator<Item = (K, &'a T)>) -> HashMap<K, Vec<&'a T>> {
    let mut groups: HashMap<K, Vec<&T>> = HashMap::new();
    for (key, record) in pairs {
        groups.entry(key).or_default().push(record);
    }
    groups
}
