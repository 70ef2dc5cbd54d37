//! `PermissionSet` rows: those that can be assigned to somebody.
//!
//! Source: Object Reference, `PermissionSet`: a profile owns a set of its own, and a permission set
//! group has an aggregate one; neither is assigned directly.

use serde::Deserialize;

use crate::model::{
    PermissionSet, PermissionSetId, PermissionSetLicenseId, SetBinding, SetName, UserLicenseId,
};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row, with_what_is_shown};

const OBJECT: &str = "PermissionSet";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: String,
    namespace_prefix: Option<String>,
    license_id: Option<String>,
    r#type: Option<String>,
    has_activation_required: Option<bool>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<PermissionSet>, OrgError> {
    let query = |shown: &[&'static str]| {
        let fields = ["Id", "Name", "NamespacePrefix", "LicenseId"];
        Soql::select(&[&fields, shown].concat(), OBJECT)
            .filter(Filter::is("IsOwnedByProfile", false))
    };
    let (rows, _) =
        with_what_is_shown(reader, query, &["Type", "HasActivationRequired"], |row: Row| row)
            .await
            .map_err(OrgError::of(OBJECT))?;
    let assignable = rows.into_iter().filter(|row| row.r#type.as_deref() != Some("Group"));
    let mut sets: Vec<PermissionSet> = assignable.map(Row::set).collect::<Result<_, _>>()?;
    sets.sort_by_key(|set| set.id);
    Ok(sets)
}

impl Row {
    fn set(self) -> Result<PermissionSet, OrgError> {
        Ok(PermissionSet {
            id: row::id(OBJECT, "Id", &self.id, PermissionSetId::observed)?,
            name: SetName::observed(&self.name, self.namespace_prefix.as_deref()),
            license: self.license_id.as_deref().map(binding).transpose()?.flatten(),
            session: self.has_activation_required == Some(true)
                || self.r#type.as_deref() == Some("Session"),
        })
    }
}

/// The licence may be a user licence or a permission set licence, told apart by the id's prefix.
fn binding(id: &str) -> Result<Option<SetBinding>, OrgError> {
    match id.get(..3) {
        Some("100") => row::id(OBJECT, "LicenseId", id, UserLicenseId::observed)
            .map(SetBinding::User)
            .map(Some),
        Some("0PL") => row::id(OBJECT, "LicenseId", id, PermissionSetLicenseId::observed)
            .map(SetBinding::PermissionSet)
            .map(Some),
        _ => Ok(None),
    }
}
