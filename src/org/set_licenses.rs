//! `PermissionSetLicense` rows.

use serde::Deserialize;

use crate::model::{PermissionSetLicense, PermissionSetLicenseId, SetName};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "PermissionSetLicense";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    developer_name: String,
    master_label: Option<String>,
    status: Option<String>,
    total_licenses: Option<f64>,
    used_licenses: Option<f64>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<PermissionSetLicense>, OrgError> {
    let fields = ["Id", "DeveloperName", "MasterLabel", "Status", "TotalLicenses", "UsedLicenses"];
    let rows: Vec<Row> =
        reader.query(&Soql::select(&fields, OBJECT)).await.map_err(OrgError::of(OBJECT))?;
    let mut licenses: Vec<PermissionSetLicense> =
        rows.into_iter().map(Row::license).collect::<Result<_, _>>()?;
    licenses.sort_by_key(|license| license.id);
    Ok(licenses)
}

impl Row {
    fn license(self) -> Result<PermissionSetLicense, OrgError> {
        let name = SetName::observed(&self.developer_name, None);
        Ok(PermissionSetLicense {
            id: row::id(OBJECT, "Id", &self.id, PermissionSetLicenseId::observed)?,
            label: self.master_label.unwrap_or(self.developer_name).into(),
            name,
            total: row::whole(self.total_licenses.unwrap_or_default()),
            used: row::whole(self.used_licenses.unwrap_or_default()),
            active: self.status.as_deref() == Some("Active"),
        })
    }
}
