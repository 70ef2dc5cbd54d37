//! `Account` rows: those that declarations name, with their owners.

use std::collections::HashSet;

use serde::Deserialize;

use crate::model::{Account, AccountId, Owner, Scope};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "Account";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: Option<String>,
    owner: Option<OwnerRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OwnerRow {
    name: Option<String>,
    is_active: Option<bool>,
    user_role_id: Option<String>,
}

pub(super) async fn read(reader: &Reader, scope: &Scope) -> Result<Vec<Account>, OrgError> {
    let names = scope.account_names.iter().map(ToString::to_string).collect();
    let ids = scope.account_ids.iter().map(|id| id.record());
    let mut accounts = Vec::new();
    for filter in [Filter::one_of("Name", names), Filter::ids("Id", ids)] {
        // Without the permission to see roles, asking for `UserRoleId` is an error: an owner whose
        // role cannot be seen is never mistaken for one without.
        let fields = ["Id", "Name", "Owner.Name", "Owner.IsActive", "Owner.UserRoleId"];
        let query = Soql::select(&fields, OBJECT).filter(filter).or_all();
        let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
        for row in rows {
            accounts.push(row.account()?);
        }
    }
    // For a long list all accounts are asked for.
    let names: HashSet<String> =
        scope.account_names.iter().map(|name| name.to_lowercase()).collect();
    accounts.retain(|account: &Account| {
        names.contains(&account.name.to_lowercase()) || scope.account_ids.contains(&account.id)
    });
    accounts.sort_by_key(|account: &Account| account.id);
    accounts.dedup_by_key(|account| account.id);
    Ok(accounts)
}

impl Row {
    fn account(self) -> Result<Account, OrgError> {
        let owner = self.owner.ok_or(OrgError::Invisible {
            what: "an account's owner",
            permission: "View All Users",
        })?;
        Ok(Account {
            id: row::id(OBJECT, "Id", &self.id, AccountId::observed)?,
            name: self.name.unwrap_or_default().into(),
            owner: Owner {
                name: owner.name.unwrap_or_else(|| "somebody".to_owned()),
                has_role: owner.user_role_id.is_some(),
                active: owner.is_active.unwrap_or(true),
            },
        })
    }
}
