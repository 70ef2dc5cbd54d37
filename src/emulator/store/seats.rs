//! Seats of user licences.
//!
//! Source: Object Reference, `UserLicense`: `UsedLicenses` counts active users. Salesforce Help,
//! article 000384813: an org that uses more than it has gets nobody in until the balance is
//! positive, so the arithmetic is signed.

use super::{Org, Row, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

impl Org {
    /// Seats in use: active users of the licence's profiles, and what the seed says is used
    /// elsewhere.
    pub(super) fn used_seats(&self, license: Id, row: &Row) -> Value {
        let elsewhere = match stored(Object::UserLicense, row, "UsedLicenses") {
            Value::Number(number) => *number,
            _ => 0.0,
        };
        let profiles = self.rows(Object::Profile).filter(|profile| {
            stored(Object::Profile, profile, "UserLicenseId").as_id() == Some(license)
        });
        let active: i64 = profiles
            .filter_map(|profile| stored(Object::Profile, profile, "Id").as_id())
            .filter_map(|profile| self.index.active.get(&profile))
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a number of users is far below 2^52")]
        let active = active as f64;
        Value::Number(active + elsewhere)
    }

    /// Takes a seat, or says that none is left.
    pub(super) fn check_seat(&self, license: Id) -> Result<(), DmlError> {
        let Some(row) = self.row(Object::UserLicense, license).filter(|_| !self.seeding) else {
            return Ok(());
        };
        let total = stored(Object::UserLicense, row, "TotalLicenses");
        match (self.used_seats(license, row), total) {
            (Value::Number(used), Value::Number(total)) if used >= *total => {
                let name = stored(Object::UserLicense, row, "Name").as_text().unwrap_or_default();
                Err(DmlError::new(
                    "LICENSE_LIMIT_EXCEEDED",
                    format!("License Limit Exceeded - {name}"),
                ))
            }
            _ => Ok(()),
        }
    }
}
