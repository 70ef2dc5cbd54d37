//! The org → [`Current`]: which queries, in which order, and what their rows mean. Everything is
//! read before anything is compared. It must not judge: what a value means for a declaration is
//! for `plan` to say.

mod accounts;
mod contacts;
mod groups;
mod holdings;
mod identity;
mod licenses;
mod logins;
mod permission_sets;
mod profiles;
mod row;
mod set_groups;
mod set_licenses;
mod users;

use std::collections::BTreeSet;

use tokio::try_join;

use crate::model::{AccessKind, Current, Org, RunningUser, Scope};
use crate::salesforce::{Error, Reader};

pub use contacts::contacts_like;
pub use identity::{identify, organization, running_user};
pub use logins::login_ids;
pub use users::users_named;

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
            Self::Invisible { permission, .. } => {
                Some(format!("the login needs the permission {permission}"))
            }
        }
    }

    /// A query for an object that failed.
    fn of(object: &'static str) -> impl Fn(Error) -> Self {
        move |error| Self::Query { object, error }
    }
}

/// Reads everything that planning needs. The number of queries does not grow with the org; each is
/// as many calls as it has pages.
pub async fn read(
    reader: &Reader,
    scope: &Scope,
    org: Org,
    running_user: RunningUser,
) -> Result<Current, OrgError> {
    let (licenses, profiles, users) = try_join!(
        licenses::read(reader),
        profiles::read(reader),
        users::read(reader, &scope.fields),
    )?;
    let kinds = &scope.kinds;
    let (permission_sets, permission_set_groups, permission_set_licenses, groups) = try_join!(
        if_any(kinds.contains(&AccessKind::PermissionSet), permission_sets::read(reader)),
        if_any(kinds.contains(&AccessKind::PermissionSetGroup), set_groups::read(reader)),
        if_any(kinds.contains(&AccessKind::PermissionSetLicense), set_licenses::read(reader)),
        if_any(kinds.contains(&AccessKind::Group), groups::read(reader)),
    )?;
    let known: BTreeSet<_> = users.iter().map(|user| &user.username).collect();
    let strangers = scope.people.iter().filter(|(username, _)| !known.contains(username));
    let addresses = strangers.map(|(_, person)| &*person.email);
    let (holdings, frozen, accounts, contacts) = try_join!(
        holdings::read(reader, kinds),
        logins::frozen(reader),
        accounts::read(reader, scope),
        contacts::read(reader, addresses, &scope.contact_ids),
    )?;
    Ok(Current {
        org,
        running_user,
        licenses,
        profiles,
        permission_sets,
        permission_set_groups,
        permission_set_licenses,
        groups,
        accounts,
        contacts,
        users,
        holdings,
        frozen,
    })
}

/// Reads what is needed, and nothing otherwise.
async fn if_any<T>(
    needed: bool,
    read: impl Future<Output = Result<Vec<T>, OrgError>>,
) -> Result<Vec<T>, OrgError> {
    if needed { read.await } else { Ok(Vec::new()) }
}
