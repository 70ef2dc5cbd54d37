//! Look-ups over the read picture of the org, each built once.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use foldhash::fast::RandomState;

use crate::model::{
    AccessKind, Account, AccountId, AccountRef, AccountRole, ApiName, Contact, ContactId,
    ContactRef, Current, CurrentUser, Desired, ExternalRef, Holding, Policy, PortalKind, Profile,
    ProfileId, RecordId, SetBinding, SetName, UserField, UserId, UserLicense, UserLicenseId,
    Username, Value,
};

use super::identity::fold;
use super::keyed::{ByName, ByUsername};
use super::lifecycle::Found;

/// A map that hashes quickly: planning looks many things up for everybody.
pub(super) type Map<K, V> = HashMap<K, V, RandomState>;
pub(super) type Set<K> = HashSet<K, RandomState>;

/// The org, by every key that planning asks for.
pub(crate) struct Index<'a> {
    pub(super) current: &'a Current,
    /// The fields of the catalogue that the login cannot see.
    pub(super) unseen: BTreeSet<UserField>,
    users: Set<ByUsername<'a>>,
    /// By id: a map of a million would take four times as much.
    users_by_id: Vec<&'a CurrentUser>,
    /// Who has a nickname or federation id, which only one user of an org can have. Most plans ask
    /// for nobody's.
    unique: OnceCell<Map<(UserField, String), At>>,
    /// Who has a contact. Most plans ask for nobody's.
    holders: OnceCell<Map<ContactId, At>>,
    /// The first account with each name.
    accounts_by_name: Set<ByName<'a>>,
    /// All accounts with a name that several have.
    namesakes: Map<&'a str, Vec<&'a Account>>,
    /// By id.
    accounts: Vec<&'a Account>,
    contacts: Map<ContactId, &'a Contact>,
    /// By the fields of `[contacts] match`, within an account.
    contacts_by_key: Map<&'a ApiName, Map<(AccountId, String), Vec<&'a Contact>>>,
    /// By the external ids that declarations use.
    contacts_by_external: Map<&'a ApiName, Map<String, Vec<&'a Contact>>>,
    accounts_by_external: Map<(&'a ApiName, String), Vec<&'a Account>>,
    profiles_by_name: Map<&'a str, &'a Profile>,
    profiles: Map<ProfileId, &'a Profile>,
    licenses: Map<UserLicenseId, &'a UserLicense>,
    offers: Map<RecordId, Offer<'a>>,
    offers_by_name: Map<(AccessKind, &'a SetName), Offer<'a>>,
    holdings: ByHolder<'a>,
    account_roles: Map<(AccountId, PortalKind), Vec<&'a AccountRole>>,
}

/// Where a user is among all, in half of what a reference takes.
type At = u32;

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
    pub(crate) fn of(current: &'a Current, desired: &'a Desired, policy: &'a Policy) -> Self {
        let contacts = &current.contacts;
        let keys = policy.contacts.match_fields.iter().map(|field| {
            let key = |contact: &'a Contact| {
                Some(((contact.account?, contact_value(contact, field)?), contact))
            };
            (field, grouped(contacts.iter().filter_map(key)))
        });
        let externals = external_fields(desired).into_iter().map(|field| {
            let key = |contact: &'a Contact| Some((contact_value(contact, field)?, contact));
            (field, grouped(contacts.iter().filter_map(key)))
        });
        let accounts = current.accounts.iter();
        let key = |one: &'a ExternalRef| (&one.field, fold(&one.value));
        let account_externals = accounts
            .flat_map(|account| account.externals.iter().map(move |one| (key(one), account)));
        let (accounts_by_name, namesakes) = by_name(&current.accounts);
        let offers: Vec<Offer<'a>> = offers(current).collect();
        let seen = |field: &UserField| current.described.user.has(field.api_name());
        Self {
            current,
            unseen: UserField::ALL.iter().copied().filter(|field| !seen(field)).collect(),
            users: current.users.iter().map(ByUsername).collect(),
            users_by_id: by_id(&current.users, |user| user.id),
            unique: OnceCell::new(),
            holders: OnceCell::new(),
            accounts_by_name,
            namesakes,
            accounts: by_id(&current.accounts, |account| account.id),
            contacts: by(&current.contacts, |contact| contact.id),
            contacts_by_key: keys.collect(),
            contacts_by_external: externals.collect(),
            accounts_by_external: grouped(account_externals),
            profiles_by_name: by(&current.profiles, |profile| &*profile.name),
            profiles: by(&current.profiles, |profile| profile.id),
            licenses: by(&current.licenses, |license| license.id),
            offers_by_name: offers.iter().map(|offer| ((offer.kind, offer.name), *offer)).collect(),
            offers: offers.iter().map(|offer| (offer.id, *offer)).collect(),
            holdings: ByHolder::of(&current.holdings),
            account_roles: grouped(
                current.account_roles.iter().map(|role| ((role.account, role.kind), role)),
            ),
        }
    }

    pub(super) fn user(&self, username: &Username) -> Option<&'a CurrentUser> {
        self.users.get(username).map(|found| found.0)
    }

    pub(super) fn user_with(&self, id: UserId) -> Option<&'a CurrentUser> {
        let at = self.users_by_id.binary_search_by_key(&id, |user| user.id).ok()?;
        self.users_by_id.get(at).copied()
    }

    fn user_at(&self, at: At) -> Option<&'a CurrentUser> {
        self.current.users.get(at as usize)
    }

    /// The portal user, active or not, who has the contact.
    pub(super) fn holder(&self, contact: ContactId) -> Option<&'a CurrentUser> {
        let holder = |(at, user): (At, &CurrentUser)| Some((user.contact.as_ref()?.contact.id, at));
        let holders = || (0..).zip(&self.current.users).filter_map(holder).collect();
        self.user_at(*self.holders.get_or_init(holders).get(&contact)?)
    }

    /// Every account that a declaration may mean.
    pub(crate) fn accounts(&self, wanted: &AccountRef) -> Vec<&'a Account> {
        match wanted {
            AccountRef::Name(name) => match self.namesakes.get(&**name) {
                Some(several) => several.clone(),
                None => {
                    self.accounts_by_name.get(&**name).map(|found| found.0).into_iter().collect()
                }
            },
            AccountRef::Id(id) => self.account(*id).into_iter().collect(),
            AccountRef::External(external) => {
                let key = (&external.field, fold(&external.value));
                self.accounts_by_external.get(&key).cloned().unwrap_or_default()
            }
        }
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<&'a Account> {
        let at = self.accounts.binary_search_by_key(&id, |account| account.id).ok()?;
        self.accounts.get(at).copied()
    }

    pub(super) fn contact(&self, id: ContactId) -> Option<&'a Contact> {
        self.contacts.get(&id).copied()
    }

    /// Contacts of the account with this value, folded, in a field of `[contacts] match`.
    pub(super) fn contacts(
        &self,
        account: AccountId,
        field: &ApiName,
        value: &str,
    ) -> &[&'a Contact] {
        let contacts = self.contacts_by_key.get(field);
        contacts
            .and_then(|contacts| contacts.get(&(account, value.to_owned())))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether there are contacts with a value in a field of `[contacts] match`.
    pub(super) fn has_contacts_by(&self, field: &ApiName) -> bool {
        self.contacts_by_key.get(field).is_some_and(|contacts| !contacts.is_empty())
    }

    /// Contacts with an external id that a declaration uses.
    pub(super) fn contacts_with(&self, field: &ApiName, value: &str) -> &[&'a Contact] {
        let contacts = self.contacts_by_external.get(field);
        contacts
            .and_then(|contacts| contacts.get(&fold(value)))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Who has this value in a field that is unique in an org.
    pub(super) fn who_has(&self, field: UserField, value: &str) -> Option<&'a CurrentUser> {
        let unique = || (0..).zip(&self.current.users).flat_map(unique_values).collect();
        self.user_at(*self.unique.get_or_init(unique).get(&(field, value.to_lowercase()))?)
    }

    /// The names of accounts that were read or that a user belongs to.
    pub(super) fn account_names(&self) -> Map<AccountId, &'a str> {
        let of_users = self.current.users.iter().filter_map(|user| {
            let linked = user.contact.as_ref()?;
            Some((linked.contact.account?, linked.account_name.as_deref()?))
        });
        let read = self.current.accounts.iter().map(|account| (account.id, &*account.name));
        of_users.chain(read).collect()
    }

    /// A user whose portal access was switched off for good: inactive, and their contact is gone.
    /// Users with an External Identity licence may be without a contact.
    /// Source: Salesforce Help, "Disable or Deactivate an Experience Cloud User".
    pub(crate) fn is_disabled(&self, user: &CurrentUser) -> bool {
        let license = self.profile(user.profile).and_then(|profile| self.license(profile.license));
        user.user_type.is_portal()
            && user.contact.is_none()
            && !user.active
            && license.is_none_or(|license| &*license.name != "External Identity")
    }

    /// What the org holds of a user.
    pub(super) fn found(&self, user: &CurrentUser) -> Found {
        let frozen = self.current.frozen.of(user.id).is_some();
        match (user.active, frozen) {
            _ if self.is_disabled(user) => Found::Disabled,
            (true, false) => Found::Active,
            (true, true) => Found::Frozen,
            (false, frozen) => Found::Inactive { frozen },
        }
    }

    pub(super) fn profile_named(&self, name: &str) -> Option<&'a Profile> {
        self.profiles_by_name.get(name).copied()
    }

    pub(crate) fn profile(&self, id: ProfileId) -> Option<&'a Profile> {
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

    /// What a user holds of a kind, by name.
    pub(crate) fn held(
        &self,
        user: UserId,
        kind: AccessKind,
    ) -> BTreeMap<&'a SetName, &'a Holding> {
        self.held_of(self.holdings(user).iter().copied().filter(|row| row.kind == kind))
    }

    /// What these rows give, by name. Of several rows for one thing the longest counts.
    pub(super) fn held_of<'r>(
        &self,
        rows: impl Iterator<Item = &'r Holding>,
    ) -> BTreeMap<&'a SetName, &'r Holding> {
        let mut held: BTreeMap<&SetName, &Holding> = BTreeMap::new();
        for row in rows {
            let Some(offer) = self.offer(row.what) else { continue };
            let longer = |other: &&Holding| match (other.expires, row.expires) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(other), Some(one)) => other >= one,
            };
            if !held.get(offer.name).is_some_and(longer) {
                held.insert(offer.name, row);
            }
        }
        held
    }

    pub(super) fn holdings(&self, user: UserId) -> &[&'a Holding] {
        self.holdings.by(user)
    }
}

/// Holdings in the order of who holds them: everybody may hold something.
pub(super) struct ByHolder<'a>(Vec<&'a Holding>);

impl<'a> ByHolder<'a> {
    pub(super) fn of(holdings: &'a [Holding]) -> Self {
        Self(by_id(holdings, |row| row.user))
    }

    /// What a user holds.
    pub(super) fn by(&self, user: UserId) -> &[&'a Holding] {
        let first = self.0.partition_point(|row| row.user < user);
        let later = self.0.get(first..).unwrap_or_default();
        let all = later.iter().take_while(|row| row.user == user).count();
        later.get(..all).unwrap_or_default()
    }
}

/// The fields of `Contact` by which declarations name one.
fn external_fields(desired: &Desired) -> BTreeSet<&ApiName> {
    let fields = desired.users.iter().filter_map(|user| match user.contact.as_deref() {
        Some(ContactRef::External(external)) => Some(&external.field),
        Some(ContactRef::Id(_)) | None => None,
    });
    fields.collect()
}

/// A contact's value, in the form in which values are compared.
fn contact_value(contact: &Contact, field: &ApiName) -> Option<String> {
    let folded = fold(&contact.value(field)?);
    (!folded.is_empty()).then_some(folded)
}

/// What a user has that nobody else can have.
fn unique_values(
    (at, user): (At, &CurrentUser),
) -> impl Iterator<Item = ((UserField, String), At)> {
    [UserField::Nickname, UserField::FederationId].into_iter().filter_map(move |field| {
        let value = user.fields.get(&field).and_then(Value::text)?;
        Some(((field, value.to_lowercase()), at))
    })
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

/// Records in the order of their ids, in which they usually are already.
fn by_id<T, I: Ord>(records: &[T], id: impl Fn(&T) -> I) -> Vec<&T> {
    let mut records: Vec<&T> = records.iter().collect();
    records.sort_by_key(|record| id(record));
    records
}

/// Accounts by name. Nearly all have one of their own.
fn by_name(accounts: &[Account]) -> (Set<ByName<'_>>, Map<&str, Vec<&Account>>) {
    let mut firsts: Set<ByName<'_>> =
        Set::with_capacity_and_hasher(accounts.len(), RandomState::default());
    let mut several: Map<&str, Vec<&Account>> = Map::default();
    for account in accounts {
        if !firsts.insert(ByName(account)) {
            let first = firsts.get(&*account.name).map(|first| first.0);
            let all = several.entry(&account.name).or_insert_with(|| first.into_iter().collect());
            all.push(account);
        }
    }
    (firsts, several)
}

/// Records by a key that is theirs alone.
fn by<'a, T, K: Eq + Hash>(records: &'a [T], key: impl Fn(&'a T) -> K) -> Map<K, &'a T> {
    records.iter().map(|record| (key(record), record)).collect()
}

/// Records by a key that several may share.
fn grouped<'a, T, K: Eq + Hash>(pairs: impl Iterator<Item = (K, &'a T)>) -> Map<K, Vec<&'a T>> {
    let mut groups: Map<K, Vec<&T>> = Map::default();
    for (key, record) in pairs {
        groups.entry(key).or_default().push(record);
    }
    groups
}
