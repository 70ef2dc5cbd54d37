//! `Account` rows: those that declarations name, with their owners.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{Account, AccountId, ApiName, ExternalRef, Owner, Scope, UserType};
use crate::salesforce::{Filter, Reader, Soql};

use super::once::Once;
use super::{OrgError, row, with_what_is_shown};

const OBJECT: &str = "Account";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: Option<String>,
    owner: Option<OwnerRow>,
    is_person_account: Option<bool>,
    is_partner: Option<bool>,
    #[serde(rename = "attributes")]
    _attributes: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: row::Rest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OwnerRow {
    name: Option<String>,
    is_active: Option<bool>,
    user_role_id: Option<String>,
    user_type: Option<String>,
}

/// Accounts by name, by id and by external id. `persons`: whether the org has person accounts,
/// and with them the field that tells.
pub(super) async fn read(
    reader: &Reader,
    scope: &Scope<'_>,
    persons: bool,
) -> Result<Vec<Account>, OrgError> {
    let names = scope.account_names.iter().map(ToString::to_string).collect();
    let ids = scope.account_ids.iter().map(|id| id.record());
    let mut filters = vec![Filter::one_of("Name", names), Filter::ids("Id", ids)];
    let mut externals: BTreeMap<&ApiName, Vec<String>> = BTreeMap::new();
    for external in &scope.account_externals {
        externals.entry(&external.field).or_default().push(external.value.to_string());
    }
    let fields: BTreeSet<&ApiName> = externals.keys().copied().chain(&scope.account_keys).collect();
    let fields: Arc<[ApiName]> = fields.into_iter().cloned().collect();
    let owners: Arc<Once<Owner>> = Arc::default();
    for (field, values) in externals {
        filters.push(Filter::one_of(field.as_str().to_owned(), values));
    }
    let mut accounts = Vec::new();
    let mut perhaps = vec!["IsPartner"];
    for filter in filters {
        // Without the permission to see roles, asking for `UserRoleId` is an error: an owner whose
        // role cannot be seen is never mistaken for one without.
        let known =
            ["Id", "Name", "Owner.Name", "Owner.IsActive", "Owner.UserRoleId", "Owner.UserType"];
        let person = persons.then_some("IsPersonAccount");
        let query = |shown: &[&'static str]| {
            let shown = shown.iter().copied().chain(person);
            let columns: Vec<&'static str> = known.into_iter().chain(shown).collect();
            let asked = Soql::select(&columns, OBJECT).also("", fields.iter());
            asked.filter(filter.clone()).or_all()
        };
        let (fields, owners) = (Arc::clone(&fields), Arc::clone(&owners));
        let keep = move |row: Row| row.account(&fields, &owners);
        let (rows, shown) = with_what_is_shown(reader, query, &perhaps, keep)
            .await
            .map_err(OrgError::of(OBJECT))?;
        perhaps = shown;
        for account in rows {
            accounts.push(account?);
        }
    }
    // For a long list all accounts are asked for.
    let names: HashSet<String> =
        scope.account_names.iter().map(|name| name.to_lowercase()).collect();
    let values: HashSet<String> =
        scope.account_externals.iter().map(|one| one.value.to_lowercase()).collect();
    accounts.retain(|account: &Account| {
        !names.is_empty() && names.contains(&account.name.to_lowercase())
            || scope.account_ids.contains(&account.id)
            || account.externals.iter().any(|one| values.contains(&one.value.to_lowercase()))
    });
    accounts.shrink_to_fit();
    accounts.sort_by_key(|account: &Account| account.id);
    accounts.dedup_by_key(|account| account.id);
    Ok(accounts)
}

impl Row {
    fn account(self, fields: &[ApiName], owners: &Once<Owner>) -> Result<Account, OrgError> {
        let values = row::custom(self.rest);
        let external = |field: &ApiName| {
            let value = values.get(field)?.to_string();
            (!value.is_empty()).then(|| ExternalRef { field: field.clone(), value: value.into() })
        };
        let externals = fields.iter().filter_map(external).collect();
        let owner = self.owner.ok_or(OrgError::Invisible {
            what: "an account's owner",
            permission: "View All Users",
        })?;
        Ok(Account {
            id: row::id(OBJECT, "Id", &self.id, AccountId::observed)?,
            name: self.name.unwrap_or_default().into(),
            owner: owners.keep(&Owner {
                name: owner.name.unwrap_or_else(|| "somebody".to_owned()),
                has_role: owner.user_role_id.is_some(),
                active: owner.is_active.unwrap_or(true),
                inside: !owner.user_type.is_some_and(|kind| UserType::observed(&kind).is_portal()),
            }),
            is_person: self.is_person_account.unwrap_or(false),
            is_partner: self.is_partner,
            externals,
        })
    }
}
