//! The org → [`Current`]: which queries, in which order, and what their rows mean. Everything is
//! read before anything is compared. It must not judge: what a value means for a declaration is
//! for `plan` to say.

mod access_policies;
mod account_roles;
mod accounts;
mod audit_trail;
mod contacts;
mod described;
mod effect;
mod evidence;
mod examine;
mod groups;
mod holdings;
mod identity;
mod licenses;
mod logins;
mod once;
mod permission_sets;
mod permissions;
mod profiles;
mod row;
mod set_groups;
mod set_licenses;
mod sites;
mod users;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;

use foldhash::fast::RandomState;
use futures_util::future::{Either, select};
use serde::de::DeserializeOwned;
use tokio::try_join;

use crate::model::{
    AccessKind, Account, AccountRole, ApiName, Contact, Current, CurrentUser, Described, Freezes,
    Holding, Org, PermissionSet, PermissionSetGroup, PermissionSetLicense, Profile, PublicGroup,
    Purpose, RecordId, RunningUser, Scope, SetBinding, Sites, Switch, UserId, UserLicense,
};
use crate::salesforce::{Error, Reader, Soql};

pub use contacts::contacts_like;
pub use effect::{Kept, UserOf, held_sets, kept, last_resets, users_like};
pub use evidence::{evidence, resets};
pub use examine::{Examination, Read, examine};
pub use identity::organization;
pub use logins::login_ids;
pub use users::made_since;

use holdings::Matter;
use identity::running_user;

/// Why an org could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OrgError {
    /// A query failed.
    #[error("cannot read {object}: {error}")]
    Query {
        /// What was asked for.
        object: &'static str,
        /// How it failed.
        #[source]
        error: Error,
    },
    /// A row makes no sense.
    #[error("{object} has a row with a bad {field}: `{value}`")]
    Row {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// A field that decides who is who cannot be seen.
    #[error("{object}.{field} cannot be seen")]
    Hidden {
        /// The object.
        object: &'static str,
        /// The field.
        field: ApiName,
    },
    /// Something that must be there cannot be seen. What is invisible is not empty.
    #[error("{what} cannot be seen")]
    Invisible {
        /// What.
        what: &'static str,
        /// The permission that shows it.
        permission: &'static str,
    },
}

impl OrgError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Query { error, .. } => error.hint(),
            Self::Row { .. } => None,
            Self::Hidden { .. } => Some(
                "check the API name, and that field-level security shows the field to this login"
                    .to_owned(),
            ),
            Self::Invisible { permission, .. } => {
                Some(format!("the login needs the permission {permission}"))
            }
        }
    }

    /// Whether the org answered that this login may not ask.
    pub fn is_hidden(&self) -> bool {
        match self {
            Self::Query { error, .. } => is_hidden(error),
            Self::Hidden { .. } | Self::Invisible { .. } => true,
            Self::Row { .. } => false,
        }
    }

    /// What is wrong in one line: without the query, in which the org points at the place, and without
    /// its advice to programmers.
    pub fn gist(&self) -> String {
        let Self::Query { object, error } = self else { return self.to_string() };
        let (text, code) = (error.to_string(), error.code());
        let last = text.lines().last().unwrap_or_default().trim();
        let said = last.split(". ").next().unwrap_or_default().trim_end_matches('.');
        let said = said.strip_prefix(code).unwrap_or(said).trim_start_matches(": ");
        format!("cannot read {object}: {code}: {said}")
    }

    /// A query for an object that failed.
    fn of(object: &'static str) -> impl Fn(Error) -> Self {
        move |error| Self::Query { object, error }
    }
}

/// Whether the org answers that this login may not ask.
/// Source: REST API Developer Guide, "Status Codes and Error Responses"; describe of an object that
/// is out of sight is `NOT_FOUND`.
fn is_hidden(error: &Error) -> bool {
    [
        "INVALID_TYPE",
        "INVALID_FIELD",
        "NOT_FOUND",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
    ]
    .contains(&error.code())
}

/// Reads everything that planning needs from the org that is known to be the right one. The number of
/// queries does not grow with the org; each is as many calls as it has pages.
pub async fn read(reader: &Reader, scope: &Scope<'_>, org: Org) -> Result<Current, OrgError> {
    // What does not depend on each other is read at the same time: an org may be far away, and there
    // may be many pages of users, of holdings and of accounts.
    let described = pin!(described::read(reader));
    let rest = Box::pin(async {
        try_join!(
            running_user(reader),
            licenses::read(reader),
            profiles::read(reader),
            Held::read(reader, scope),
            logins::frozen(reader, scope.freezes),
            audit_trail::switches(reader),
            if_any(!scope.kinds.is_empty(), access_policies::read(reader)),
        )
    });
    // A field that cannot be seen explains most of what else fails.
    let (described, rest) = match select(described, rest).await {
        Either::Left((described, rest)) => (described?, Either::Left(rest)),
        Either::Right((rest, described)) => (described.await?, Either::Right(ready(rest))),
    };
    can_see(scope, &described)?;
    let (rest, (users, places)) = try_join!(rest, residents(reader, scope, &described))?;
    let (running_user, licenses, profiles, held, frozen, switches, access_policies) = rest;
    let contacts = strangers(reader, scope, &users, &described).await?;
    let switches = switches.unwrap_or_default();
    let parts = Parts {
        running_user,
        licenses,
        profiles,
        held,
        frozen,
        switches,
        access_policies,
        described,
        users,
        places,
        contacts,
    };
    Ok(parts.current(org))
}

/// Everything that a picture of an org is put together from.
struct Parts {
    running_user: RunningUser,
    licenses: Vec<UserLicense>,
    profiles: Vec<Profile>,
    held: Held,
    frozen: Freezes,
    switches: BTreeMap<UserId, Switch>,
    access_policies: Vec<Arc<str>>,
    described: Described,
    users: Vec<CurrentUser>,
    places: Places,
    contacts: Vec<Contact>,
}

impl Parts {
    fn current(self, org: Org) -> Current {
        let Held { offers, sites, holdings, beside } = self.held;
        Current {
            org,
            running_user: self.running_user,
            licenses: licenses::counted(self.licenses, &self.profiles, &self.users),
            profiles: self.profiles,
            permission_sets: offers.sets,
            permission_set_groups: offers.set_groups,
            permission_set_licenses: offers.set_licenses,
            groups: offers.groups,
            accounts: self.places.accounts,
            contacts: self.contacts,
            users: self.users,
            holdings,
            beside,
            frozen: self.frozen,
            switches: self.switches,
            described: self.described,
            sites,
            account_roles: self.places.roles,
            access_policies: self.access_policies,
        }
    }
}

/// Users, and accounts with their roles.
async fn residents(
    reader: &Reader,
    scope: &Scope<'_>,
    described: &Described,
) -> Result<(Vec<CurrentUser>, Places), OrgError> {
    let users = users::read(reader, scope, described);
    if scope.purpose != Purpose::Import {
        return try_join!(users, Places::read(reader, scope, described));
    }
    let users = users.await?;
    let mut scope = scope.clone();
    let named = users.iter().filter_map(|user| user.contact.as_ref()?.account_name.clone());
    scope.account_names.extend(named);
    let places = Places::read(reader, &scope, described).await?;
    Ok((users, places))
}

/// Contacts that people could have who have no user yet.
async fn strangers(
    reader: &Reader,
    scope: &Scope<'_>,
    users: &[CurrentUser],
    described: &Described,
) -> Result<Vec<Contact>, OrgError> {
    let known: HashSet<_, RandomState> = users.iter().map(|user| &user.username).collect();
    // Whoever holds a former username may leave a name of today to somebody who is new.
    let strangers = scope.people.iter().filter(|person| {
        let username = person.username.with_suffix(scope.username_suffix);
        !known.contains(&username) || scope.former.contains(&username)
    });
    let custom: Vec<&ApiName> =
        scope.contact_custom.iter().filter(|name| described.contact.get(name).is_some()).collect();
    contacts::read(reader, scope, strangers, &custom).await
}

/// The accounts that declarations name, with their roles if any declaration asks for one.
struct Places {
    accounts: Vec<Account>,
    roles: Vec<AccountRole>,
}

impl Places {
    async fn read(
        reader: &Reader,
        scope: &Scope<'_>,
        described: &Described,
    ) -> Result<Self, OrgError> {
        let persons = described.contact.has("IsPersonAccount");
        let accounts = accounts::read(reader, scope, persons).await?;
        let wanted = scope.portal_roles && scope.purpose != Purpose::Import;
        let roles = if_any(wanted, account_roles::read(reader, &accounts)).await?;
        Ok(Self { accounts, roles })
    }
}

/// What the org can give, where it lets people in, and who holds what.
struct Held {
    offers: Offers,
    sites: Sites,
    holdings: Vec<Holding>,
    /// Holdings that matter to no declaration.
    beside: Vec<Holding>,
}

impl Held {
    async fn read(reader: &Reader, scope: &Scope<'_>) -> Result<Self, OrgError> {
        let (offers, sites) = try_join!(Offers::read(reader, scope), sites::read(reader))?;
        let matter = Matter { kinds: &offers.kinds, ways_in: ways_in(&sites) };
        let (holdings, beside) = if scope.purpose == Purpose::Review {
            holdings::all(reader).await?.into_iter().partition(|holding| matter.has(holding))
        } else {
            (holdings::read(reader, &matter).await?, Vec::new())
        };
        Ok(Self { offers, sites, holdings, beside })
    }
}

/// Fields by which people are found or owned must be visible: empty and invisible look the same.
fn can_see(scope: &Scope<'_>, described: &Described) -> Result<(), OrgError> {
    hidden(scope, described).next().map_or(Ok(()), Err)
}

/// Those that cannot be seen.
fn hidden(scope: &Scope<'_>, described: &Described) -> impl Iterator<Item = OrgError> {
    let error = |object, field: &ApiName| OrgError::Hidden { object, field: field.clone() };
    let marker = scope.marker.iter().filter(|field| described.user.get(field).is_none());
    let named = scope.contact_externals.iter().map(|external| &external.field);
    let keys = scope.match_fields.iter().chain(named);
    let keys = keys.filter(|field| described.contact.get(field).is_none());
    marker.map(move |field| error("User", field)).chain(keys.map(move |key| error("Contact", key)))
}

/// The permission sets that let people into a site which is live.
fn ways_in(sites: &Sites) -> Vec<RecordId> {
    let live = sites.seen().iter().filter(|site| site.live);
    let sets = live.flat_map(|site| &site.admits).filter(|id| id.as_str().starts_with("0PS"));
    let sets: BTreeSet<RecordId> = sets.copied().collect();
    sets.into_iter().collect()
}

/// What the org can give to a user beside the profile.
struct Offers {
    /// The kinds of which holdings matter.
    kinds: BTreeSet<AccessKind>,
    sets: Vec<PermissionSet>,
    set_groups: Vec<PermissionSetGroup>,
    set_licenses: Vec<PermissionSetLicense>,
    groups: Vec<PublicGroup>,
}

impl Offers {
    /// A set may need a permission set licence, so licences matter where such a set exists, and sets
    /// matter where a licence could be taken from somebody whose set needs it.
    async fn read(reader: &Reader, scope: &Scope<'_>) -> Result<Self, OrgError> {
        let optional = scope.purpose == Purpose::Import;
        let review = scope.purpose == Purpose::Review;
        let wanted = |kind| review || scope.kinds.contains(&kind);
        let sets_wanted = review || sets_matter(&scope.kinds);
        let (sets, set_groups, groups) = try_join!(
            if_there(optional, if_any(sets_wanted, permission_sets::read(reader))),
            if_there(
                optional,
                if_any(wanted(AccessKind::PermissionSetGroup), set_groups::read(reader)),
            ),
            if_there(optional, if_any(wanted(AccessKind::Group), groups::read(reader))),
        )?;
        let mut kinds = that_matter(&scope.kinds, &sets);
        let licenses = review || kinds.contains(&AccessKind::PermissionSetLicense);
        let set_licenses = if_there(optional, if_any(licenses, set_licenses::read(reader))).await?;
        if optional {
            // What the org has none of is held by nobody.
            for (kind, is_empty) in [
                (AccessKind::PermissionSet, sets.is_empty()),
                (AccessKind::PermissionSetGroup, set_groups.is_empty()),
                (AccessKind::PermissionSetLicense, set_licenses.is_empty()),
                (AccessKind::Group, groups.is_empty()),
            ] {
                if is_empty {
                    kinds.remove(&kind);
                }
            }
        }
        Ok(Self { kinds, sets, set_groups, set_licenses, groups })
    }
}

/// Kinds that depend on each other.
const RELATED: [AccessKind; 2] = [AccessKind::PermissionSet, AccessKind::PermissionSetLicense];

fn sets_matter(declared: &BTreeSet<AccessKind>) -> bool {
    RELATED.iter().any(|kind| declared.contains(kind))
}

/// The kinds of which holdings matter.
fn that_matter(declared: &BTreeSet<AccessKind>, sets: &[PermissionSet]) -> BTreeSet<AccessKind> {
    let needs_license = |set: &PermissionSet| match set.license {
        Some(SetBinding::PermissionSet(_)) => true,
        Some(SetBinding::User(_)) | None => false,
    };
    let mut kinds = declared.clone();
    if sets_matter(declared) && sets.iter().any(needs_license) {
        kinds.extend(RELATED);
    }
    kinds
}

/// Reads what is needed, and nothing otherwise.
async fn if_any<T>(
    needed: bool,
    read: impl Future<Output = Result<Vec<T>, OrgError>>,
) -> Result<Vec<T>, OrgError> {
    if needed { read.await } else { Ok(Vec::new()) }
}

/// Takes what an org is without for none of it, if that is allowed.
async fn if_there<T>(
    optional: bool,
    rows: impl Future<Output = Result<Vec<T>, OrgError>>,
) -> Result<Vec<T>, OrgError> {
    match rows.await {
        Err(OrgError::Query { error, .. }) if optional && error.code() == "INVALID_TYPE" => {
            Ok(Vec::new())
        }
        rows => rows,
    }
}

/// What is kept of the rows of an object, and those of the fields in `perhaps` that they show: some
/// came with later API versions, others come with a feature or a permission.
async fn with_what_is_shown<R, T>(
    reader: &Reader,
    query: impl Fn(&[&'static str]) -> Soql,
    perhaps: &[&'static str],
    keep: impl Fn(R) -> T + Clone + Send + Sync + 'static,
) -> Result<(Vec<T>, Vec<&'static str>), Error>
where
    R: DeserializeOwned + 'static,
    T: Send + 'static,
{
    let mut asked = perhaps.to_vec();
    loop {
        let error = match reader.query_as(&query(&asked), keep.clone()).await {
            Ok(rows) => return Ok((rows, asked)),
            Err(error) => error,
        };
        let before = asked.len();
        if error.code() == "INVALID_FIELD" {
            let text = error.to_string();
            asked.retain(|field| !text.contains(&format!("'{field}'")));
        }
        if asked.len() == before {
            return Err(error);
        }
    }
}

/// The rows of an object that some orgs, or logins without some permission, are without.
async fn unless_absent<T>(
    rows: impl Future<Output = Result<Vec<T>, Error>>,
    object: &'static str,
) -> Result<Option<Vec<T>>, OrgError> {
    match rows.await {
        Ok(rows) => Ok(Some(rows)),
        Err(error) if error.code() == "INVALID_TYPE" => Ok(None),
        Err(error) => Err(OrgError::of(object)(error)),
    }
}
