//! Which org answers, asked before anything else, so that a wrong org is never read; and as whom.

use serde::Deserialize;

use crate::model::{Org, OrgId, RunningUser, UserId, Username};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: Option<String>,
    is_sandbox: Option<bool>,
}

/// Asks for the org at `instance_url`. Nothing else is asked before it is known to be the right one.
pub async fn organization(reader: &Reader, instance_url: String) -> Result<Org, OrgError> {
    let query = Soql::select(&["Id", "Name", "IsSandbox"], "Organization");
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of("Organization"))?;
    let first = rows
        .into_iter()
        .next()
        .ok_or(OrgError::Invisible { what: "the Organization", permission: "API Enabled" })?;
    Ok(Org {
        id: row::id("Organization", "Id", &first.id, OrgId::observed)?,
        name: first.name.unwrap_or_default(),
        is_sandbox: first.is_sandbox.unwrap_or(false),
        instance_url,
    })
}

/// Asks for the signed-in user.
pub(super) async fn running_user(reader: &Reader) -> Result<RunningUser, OrgError> {
    let info = reader.user_info().await.map_err(OrgError::of("the signed-in user"))?;
    Ok(RunningUser {
        id: row::id("userinfo", "user_id", &info.user_id, UserId::observed)?,
        username: Username::observed(&info.username),
    })
}
