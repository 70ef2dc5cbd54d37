//! `UserLicense` rows.

use serde::Deserialize;

use crate::model::{UserLicense, UserLicenseId};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "UserLicense";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: String,
    total_licenses: Option<f64>,
    used_licenses: Option<f64>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<UserLicense>, OrgError> {
    let query = Soql::select(&["Id", "Name", "TotalLicenses", "UsedLicenses"], OBJECT);
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let mut licenses: Vec<UserLicense> =
        rows.into_iter().map(Row::license).collect::<Result<_, _>>()?;
    licenses.sort_by_key(|license| license.id);
    Ok(licenses)
}

impl Row {
    fn license(self) -> Result<UserLicense, OrgError> {
        let (Some(total), Some(used)) = (self.total_licenses, self.used_licenses) else {
            return Err(OrgError::Invisible {
                what: "how many seats a licence has",
                permission: "View Setup and Configuration",
            });
        };
        Ok(UserLicense {
            id: row::id(OBJECT, "Id", &self.id, UserLicenseId::observed)?,
            name: self.name.into(),
            total: row::whole(total),
            used: row::whole(used),
        })
    }
}
