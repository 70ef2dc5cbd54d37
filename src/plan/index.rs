//! Look-ups over the read picture of the org, each built once.

use std::collections::HashMap;
use std::hash::Hash;

use crate::model::{
    Account, AccountId, AccountRef, Assignment, Contact, ContactId, Current, CurrentUser,
    PermissionSet, PermissionSetId, Profile, ProfileId, SetName, UserId, UserLicense,
    UserLicenseId, Username,
};

/// The org, by every key that planning asks for.
pub(super) struct Index<'a> {
    pub(super) current: &'a Current,
    users: HashMap<&'a Username, &'a CurrentUser>,
    holders: HashMap<ContactId, &'a CurrentUser>,
    accounts_by_name: HashMap<&'a str, Vec<&'a Account>>,
    accounts: HashMap<AccountId, &'a Account>,
    contacts: HashMap<ContactId, &'a Contact>,
    contacts_by_email: HashMap<(AccountId, String), Vec<&'a Contact>>,
    profiles_by_name: HashMap<&'a str, &'a Profile>,
    profiles: HashMap<ProfileId, &'a Profile>,
    licenses: HashMap<UserLicenseId, &'a UserLicense>,
    sets_by_name: HashMap<&'a SetName, &'a PermissionSet>,
    sets: HashMap<PermissionSetId, &'a PermissionSet>,
    assignments: HashMap<UserId, Vec<&'a Assignment>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(current: &'a Current) -> Self {
        let holder = |user: &'a CurrentUser| user.contact.as_ref().map(|c| (c.contact.id, user));
        let by_email = |contact: &'a Contact| {
            Some(((contact.account?, contact.email.as_ref()?.to_lowercase()), contact))
        };
        let sets = &current.permission_sets;
        Self {
            current,
            users: by(&current.users, |user| &user.username),
            holders: current.users.iter().filter_map(holder).collect(),
            accounts_by_name: grouped(current.accounts.iter().map(|a| (&*a.name, a))),
            accounts: by(&current.accounts, |account| account.id),
            contacts: by(&current.contacts, |contact| contact.id),
            contacts_by_email: grouped(current.contacts.iter().filter_map(by_email)),
            profiles_by_name: by(&current.profiles, |profile| &*profile.name),
            profiles: by(&current.profiles, |profile| profile.id),
            licenses: by(&current.licenses, |license| license.id),
            sets_by_name: by(sets, |set| &set.name),
            sets: by(sets, |set| set.id),
            assignments: grouped(current.assignments.iter().map(|row| (row.user, row))),
        }
    }

    pub(super) fn user(&self, username: &Username) -> Option<&'a CurrentUser> {
        self.users.get(username).copied()
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

    pub(super) fn set_named(&self, name: &SetName) -> Option<&'a PermissionSet> {
        self.sets_by_name.get(name).copied()
    }

    pub(super) fn set(&self, id: PermissionSetId) -> Option<&'a PermissionSet> {
        self.sets.get(&id).copied()
    }

    pub(super) fn assignments(&self, user: UserId) -> &[&'a Assignment] {
        self.assignments.get(&user).map(Vec::as_slice).unwrap_or_default()
    }
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
