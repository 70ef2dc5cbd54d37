//! `UserLogin` rows: who is frozen.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Freeze, Freezes, UserId, UserLoginId};
use crate::salesforce::{Error, Filter, Reader, Soql};

use super::row::Named;
use super::{OrgError, row, unless_absent};

const OBJECT: &str = "UserLogin";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    user_id: String,
    last_modified_by: Option<Named>,
    last_modified_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginRow {
    id: String,
    user_id: String,
}

/// Who is frozen. A login that may not see it can do everything else, unless a declaration freezes
/// or unfreezes.
pub(super) async fn frozen(reader: &Reader, needed: bool) -> Result<Freezes, OrgError> {
    let query = Soql::select(&["UserId", "LastModifiedBy.Name", "LastModifiedDate"], OBJECT)
        .filter(Filter::is("IsFrozen", true));
    let rows: Vec<Row> = match unless_absent(reader.query(&query), OBJECT).await? {
        Some(rows) => rows,
        None if needed => {
            return Err(OrgError::Invisible { what: "who is frozen", permission: "Manage Users" });
        }
        None => return Ok(Freezes::Invisible),
    };
    let freeze = |row: Row| {
        let user = row::id(OBJECT, "UserId", &row.user_id, UserId::observed)?;
        let by = row.last_modified_by.and_then(|by| by.name).map(|name| name.0);
        let at = row.last_modified_date.as_deref().and_then(row::moment);
        Ok((user, Freeze { by, at }))
    };
    Ok(Freezes::Seen(rows.into_iter().map(freeze).collect::<Result<_, OrgError>>()?))
}

/// The login records of users.
pub async fn login_ids(
    reader: &Reader,
    users: &[UserId],
) -> Result<BTreeMap<UserId, UserLoginId>, Error> {
    let filter = Filter::ids("UserId", users.iter().map(|id| id.record()));
    let query = Soql::select(&["Id", "UserId"], OBJECT).filter(filter);
    let rows: Vec<LoginRow> = reader.query_packed(&query).await?;
    let login = |row: LoginRow| {
        Some((UserId::observed(&row.user_id).ok()?, UserLoginId::observed(&row.id).ok()?))
    };
    Ok(rows.into_iter().filter_map(login).collect())
}
