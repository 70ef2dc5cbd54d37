//! What is true of a few users now: for `apply`, which looks at what it has written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{ApiName, ContactId, CustomValues, Moment, RecordId, UserId, Username};
use crate::salesforce::{Error, Filter, Reader, Soql};

use super::row;

/// A user, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserOf {
    /// Their id.
    pub id: UserId,
    /// Their username.
    pub username: Username,
    /// Their contact.
    pub contact: Option<ContactId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserRow {
    id: String,
    username: String,
    contact_id: Option<String>,
}

/// What a user and their contact hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Whether the user is active.
    pub active: bool,
    /// The user's values of the fields that were asked for.
    pub user: CustomValues,
    /// Those of the contact.
    pub contact: CustomValues,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeptRow {
    id: row::Id,
    is_active: bool,
    contact: Option<ParentRow>,
    #[serde(rename = "attributes")]
    _attributes: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: row::Rest,
}

/// The same, where no other field is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActiveRow {
    id: row::Id,
    is_active: bool,
}

#[derive(Deserialize)]
struct ParentRow {
    #[serde(rename = "attributes")]
    _attributes: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: row::Rest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResetRow {
    id: row::Id,
    last_password_change_date: Option<row::Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetRow {
    assignee_id: row::Id,
    permission_set_id: Option<row::Id>,
    permission_set_group_id: Option<row::Id>,
}

/// The users who have one of these usernames or one of these contacts.
pub async fn users_like(
    reader: &Reader,
    names: &[&Username],
    contacts: &[ContactId],
) -> Result<Vec<UserOf>, Error> {
    let names = names.iter().map(|name| name.as_str().to_owned()).collect();
    let contacts = contacts.iter().map(|contact| contact.record());
    let mut found = Vec::new();
    for filter in [Filter::one_of("Username", names), Filter::ids("ContactId", contacts)] {
        let query = Soql::select(&["Id", "Username", "ContactId"], "User").filter(filter);
        let rows: Vec<UserRow> = reader.query_packed(&query).await?;
        found.extend(rows.into_iter().filter_map(UserRow::user));
    }
    Ok(found)
}

impl UserRow {
    fn user(self) -> Option<UserOf> {
        Some(UserOf {
            id: UserId::observed(&self.id).ok()?,
            username: Username::observed(&self.username),
            contact: self.contact_id.and_then(|id| ContactId::observed(&id).ok()),
        })
    }
}

/// Whether these users are active, and what they and their contacts hold in these fields.
pub async fn kept<'a>(
    reader: &Reader,
    users: &[UserId],
    of_user: impl Iterator<Item = &'a ApiName>,
    of_contact: impl Iterator<Item = &'a ApiName>,
) -> Result<BTreeMap<UserId, Kept>, Error> {
    let filter = Filter::ids("Id", users.iter().map(|id| id.record()));
    let query = Soql::select(&["Id", "IsActive"], "User").filter(filter);
    let (mut of_user, mut of_contact) = (of_user.peekable(), of_contact.peekable());
    if of_user.peek().is_none() && of_contact.peek().is_none() {
        let rows: Vec<ActiveRow> = reader.query_packed(&query).await?;
        let kept = |row: ActiveRow| {
            Some((UserId::of(row.id.known()?), Kept { active: row.is_active, ..Kept::default() }))
        };
        return Ok(rows.into_iter().filter_map(kept).collect());
    }
    let query = query.also("", of_user).also("Contact.", of_contact);
    let rows: Vec<KeptRow> = reader.query_packed(&query).await?;
    let kept = |row: KeptRow| {
        let contact = row.contact.map(|contact| row::custom(contact.rest)).unwrap_or_default();
        let kept = Kept { active: row.is_active, user: row::custom(row.rest), contact };
        Some((UserId::of(row.id.known()?), kept))
    };
    Ok(rows.into_iter().filter_map(kept).collect())
}

/// When the passwords of these users were set or reset last, by the org's own clock.
pub async fn last_resets(
    reader: &Reader,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Option<Moment>>, Error> {
    let query = Soql::select(&["Id", "LastPasswordChangeDate"], "User")
        .filter(Filter::ids("Id", users.iter().map(|id| id.record())));
    let rows: Vec<ResetRow> = reader.query_packed(&query).await?;
    let reset = |row: ResetRow| {
        let last = row.last_password_change_date.and_then(row::Moment::kept);
        Some((UserId::of(row.id.known()?), last))
    };
    Ok(rows.into_iter().filter_map(reset).collect())
}

/// The permission sets and permission set groups of these users, but for what their profiles own.
pub async fn held_sets(
    reader: &Reader,
    users: &[UserId],
) -> Result<Vec<(UserId, RecordId)>, Error> {
    let fields = ["AssigneeId", "PermissionSetId", "PermissionSetGroupId"];
    let query = Soql::select(&fields, "PermissionSetAssignment")
        .filter(Filter::is("PermissionSet.IsOwnedByProfile", false))
        .filter(Filter::ids("AssigneeId", users.iter().map(|id| id.record())));
    let rows: Vec<SetRow> = reader.query_packed(&query).await?;
    let held = |row: SetRow| {
        let set = row.permission_set_group_id.or(row.permission_set_id)?;
        Some((UserId::of(row.assignee_id.known()?), set.known()?))
    };
    Ok(rows.into_iter().filter_map(held).collect())
}
