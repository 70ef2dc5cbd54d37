//! `Profile` rows.

use serde::Deserialize;

use crate::model::{Profile, ProfileId, UserLicenseId, UserType};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "Profile";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: String,
    user_type: Option<String>,
    user_license_id: String,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<Profile>, OrgError> {
    let query = Soql::select(&["Id", "Name", "UserType", "UserLicenseId"], OBJECT);
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let mut profiles: Vec<Profile> =
        rows.into_iter().map(Row::profile).collect::<Result<_, _>>()?;
    profiles.sort_by_key(|profile| profile.id);
    Ok(profiles)
}

impl Row {
    fn profile(self) -> Result<Profile, OrgError> {
        let license = &self.user_license_id;
        Ok(Profile {
            id: row::id(OBJECT, "Id", &self.id, ProfileId::observed)?,
            license: row::id(OBJECT, "UserLicenseId", license, UserLicenseId::observed)?,
            user_type: UserType::observed(self.user_type.as_deref().unwrap_or_default()),
            name: self.name.into(),
        })
    }
}
