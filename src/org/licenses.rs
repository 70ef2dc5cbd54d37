//! `UserLicense` rows.
//!
//! Source: Object Reference, `UserLicense`: `MonthlyLoginsEntitlement` and `MonthlyLoginsUsed` are
//! shown only with Digital Experiences and the permission View Setup and Configuration; without an
//! entitlement a licence is paid for by people.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde::Deserialize;

use crate::model::{CurrentUser, LicenseBasis, Profile, ProfileId, UserLicense, UserLicenseId};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row, with_what_is_shown};

const OBJECT: &str = "UserLicense";

/// What every org shows.
const FIELDS: [&str; 4] = ["Id", "Name", "TotalLicenses", "UsedLicenses"];

/// What some orgs show.
const SHOWN: [&str; 3] = ["Status", "MonthlyLoginsEntitlement", "MonthlyLoginsUsed"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: String,
    status: Option<String>,
    total_licenses: Option<f64>,
    used_licenses: Option<f64>,
    monthly_logins_entitlement: Option<f64>,
    monthly_logins_used: Option<f64>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<UserLicense>, OrgError> {
    let (rows, shown) = with_what_is_shown(
        reader,
        |shown| Soql::select(&[&FIELDS, shown].concat(), OBJECT),
        &SHOWN,
        |row: Row| row,
    )
    .await
    .map_err(OrgError::of(OBJECT))?;
    let logins = shown.contains(&"MonthlyLoginsEntitlement");
    let mut licenses: Vec<UserLicense> =
        rows.into_iter().map(|row| row.license(logins)).collect::<Result<_, _>>()?;
    licenses.sort_by_key(|license| license.id);
    Ok(licenses)
}

/// Counts the active users of each licence. All users have to be among `users`.
pub(super) fn counted(
    mut licenses: Vec<UserLicense>,
    profiles: &[Profile],
    users: &[CurrentUser],
) -> Vec<UserLicense> {
    let of_profile: HashMap<ProfileId, UserLicenseId, RandomState> =
        profiles.iter().map(|profile| (profile.id, profile.license)).collect();
    let mut counts: HashMap<UserLicenseId, i64, RandomState> = HashMap::default();
    for user in users.iter().filter(|user| user.active) {
        if let Some(license) = of_profile.get(&user.profile) {
            *counts.entry(*license).or_default() += 1;
        }
    }
    for license in &mut licenses {
        license.counted = Some(counts.get(&license.id).copied().unwrap_or_default());
    }
    licenses
}

impl Row {
    fn license(self, logins: bool) -> Result<UserLicense, OrgError> {
        let (Some(total), Some(used)) = (self.total_licenses, self.used_licenses) else {
            return Err(OrgError::Invisible {
                what: "how many seats a licence has",
                permission: "View Setup and Configuration",
            });
        };
        Ok(UserLicense {
            id: row::id(OBJECT, "Id", &self.id, UserLicenseId::observed)?,
            basis: self.basis(logins),
            name: self.name.into(),
            total: row::whole(total),
            used: row::whole(used),
            counted: None,
            active: self.status.is_none_or(|status| status != "Disabled"),
        })
    }

    fn basis(&self, logins: bool) -> LicenseBasis {
        let number = |number: Option<f64>| row::whole(number.unwrap_or_default());
        match self.monthly_logins_entitlement {
            Some(bought) => LicenseBasis::Logins {
                monthly: Some((row::whole(bought), number(self.monthly_logins_used))),
            },
            None if logins => LicenseBasis::Members { guessed: false },
            None if self.name.ends_with(" Login") => LicenseBasis::Logins { monthly: None },
            None => LicenseBasis::Members { guessed: true },
        }
    }
}
