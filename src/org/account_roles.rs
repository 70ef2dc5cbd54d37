//! `UserRole` rows of accounts.

use serde::Deserialize;

use crate::model::{Account, AccountId, AccountRole, PortalKind, PortalRole, UserRoleId};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "UserRole";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: Option<String>,
    portal_type: Option<String>,
    portal_role: Option<String>,
    portal_account_id: Option<String>,
}

/// The roles of these accounts. Roles that several accounts share belong to none.
pub(super) async fn read(
    reader: &Reader,
    accounts: &[Account],
) -> Result<Vec<AccountRole>, OrgError> {
    let fields = ["Id", "Name", "PortalType", "PortalRole", "PortalAccountId"];
    let ids = accounts.iter().map(|account| account.id.record());
    let query = Soql::select(&fields, OBJECT).filter(Filter::ids("PortalAccountId", ids)).or_all();
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let mut roles: Vec<AccountRole> =
        rows.into_iter().filter_map(|row| row.role().transpose()).collect::<Result<_, _>>()?;
    roles.sort_by_key(|role| role.id);
    Ok(roles)
}

impl Row {
    fn role(self) -> Result<Option<AccountRole>, OrgError> {
        let kind = self.portal_type.as_deref().and_then(PortalKind::observed);
        let level = self.portal_role.as_deref().and_then(PortalRole::observed);
        let (Some(kind), Some(level), Some(account)) = (kind, level, self.portal_account_id) else {
            return Ok(None);
        };
        Ok(Some(AccountRole {
            id: row::id(OBJECT, "Id", &self.id, UserRoleId::observed)?,
            name: self.name.unwrap_or_default().into(),
            account: row::id(OBJECT, "PortalAccountId", &account, AccountId::observed)?,
            kind,
            level,
        }))
    }
}
