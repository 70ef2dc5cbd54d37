//! `PermissionSet` rows: those that can be assigned to somebody.
//!
//! Source: Object Reference, `PermissionSet`: a profile owns a set of its own, and a permission set
//! group has an aggregate one; neither is assigned directly.

use serde::Deserialize;

use crate::model::{PermissionSet, PermissionSetId, SetName, UserLicenseId};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "PermissionSet";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: String,
    namespace_prefix: Option<String>,
    license_id: Option<String>,
    r#type: Option<String>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<PermissionSet>, OrgError> {
    let query = Soql::select(&["Id", "Name", "NamespacePrefix", "LicenseId", "Type"], OBJECT)
        .filter(Filter::Is("IsOwnedByProfile", false));
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let assignable = rows.into_iter().filter(|row| row.r#type.as_deref() != Some("Group"));
    let mut sets: Vec<PermissionSet> = assignable.map(Row::set).collect::<Result<_, _>>()?;
    sets.sort_by_key(|set| set.id);
    Ok(sets)
}

impl Row {
    fn set(self) -> Result<PermissionSet, OrgError> {
        // The licence may also be a permission set licence, which is no user licence.
        let license = self.license_id.filter(|id| id.starts_with("100"));
        Ok(PermissionSet {
            id: row::id(OBJECT, "Id", &self.id, PermissionSetId::observed)?,
            name: SetName::observed(&self.name, self.namespace_prefix.as_deref()),
            license: license
                .map(|id| row::id(OBJECT, "LicenseId", &id, UserLicenseId::observed))
                .transpose()?,
        })
    }
}
