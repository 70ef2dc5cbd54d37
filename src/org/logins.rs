//! `UserLogin` rows: who is frozen.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Freeze, UserId, UserLoginId};
use crate::salesforce::{Error, Filter, Reader, Soql};

use super::row::Named;
use super::{OrgError, row};

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

pub(super) async fn frozen(reader: &Reader) -> Result<BTreeMap<UserId, Freeze>, OrgError> {
    let query = Soql::select(&["UserId", "LastModifiedBy.Name", "LastModifiedDate"], OBJECT)
        .filter(Filter::is("IsFrozen", true));
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let freeze = |row: Row| {
        let user = row::id(OBJECT, "UserId", &row.user_id, UserId::observed)?;
        let by = row.last_modified_by.and_then(|by| by.name).map(Into::into);
        let at = row.last_modified_date.as_deref().and_then(row::moment);
        Ok((user, Freeze { by, at }))
    };
    rows.into_iter().map(freeze).collect()
}

/// The login records of users.
pub async fn login_ids(
    reader: &Reader,
    users: &[UserId],
) -> Result<BTreeMap<UserId, UserLoginId>, Error> {
    let filter = Filter::ids("UserId", users.iter().map(|id| id.record()));
    let query = Soql::select(&["Id", "UserId"], OBJECT).filter(filter);
    let rows: Vec<LoginRow> = reader.query(&query).await?;
    let login = |row: LoginRow| {
        Some((UserId::observed(&row.user_id).ok()?, UserLoginId::observed(&row.id).ok()?))
    };
    Ok(rows.into_iter().filter_map(login).collect())
}
