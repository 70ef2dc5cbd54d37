//! `PermissionSetGroup` rows.

use serde::Deserialize;

use crate::model::{PermissionSetGroup, PermissionSetGroupId, SetName};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "PermissionSetGroup";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    developer_name: String,
    namespace_prefix: Option<String>,
    status: Option<String>,
    has_activation_required: Option<bool>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<PermissionSetGroup>, OrgError> {
    let fields = ["Id", "DeveloperName", "NamespacePrefix", "Status", "HasActivationRequired"];
    let query = Soql::select(&fields, OBJECT);
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let mut groups: Vec<PermissionSetGroup> =
        rows.into_iter().map(Row::group).collect::<Result<_, _>>()?;
    groups.sort_by_key(|group| group.id);
    Ok(groups)
}

impl Row {
    fn group(self) -> Result<PermissionSetGroup, OrgError> {
        Ok(PermissionSetGroup {
            id: row::id(OBJECT, "Id", &self.id, PermissionSetGroupId::observed)?,
            name: SetName::observed(&self.developer_name, self.namespace_prefix.as_deref()),
            session: self.has_activation_required == Some(true),
            failed: self.status.as_deref() == Some("Failed"),
        })
    }
}
