//! Seats of user licences and of permission set licences.
//!
//! Source: Object Reference, `UserLicense`: `UsedLicenses` counts active users. Salesforce Help,
//! article 000384813: an org that uses more than it has gets nobody in until the balance is
//! positive, so the arithmetic is signed.

use super::{Org, Row, own_id, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

impl Org {
    /// Seats in use: active users of the licence's profiles, and what the seed says is used
    /// elsewhere.
    pub(super) fn used_seats(&self, license: Id, row: &Row) -> Value {
        let profiles = self.rows(Object::PROFILE).filter(|profile| {
            stored(Object::PROFILE, profile, "UserLicenseId").as_id() == Some(license)
        });
        let active: i64 =
            profiles.filter_map(own_id).filter_map(|profile| self.active.get(&profile)).sum();
        sum(active, stored(Object::USER_LICENSE, row, "UsedLicenses"))
    }

    /// Seats in use of a permission set licence: its assignments, also those of inactive people.
    pub(super) fn used_set_seats(&self, license: Id, row: &Row) -> Value {
        let object = Object::PERMISSION_SET_LICENSE_ASSIGN;
        let held = self.lookup(object, "PermissionSetLicenseId", &Value::Id(license)).count();
        let held = i64::try_from(held).unwrap_or(i64::MAX);
        sum(held, stored(Object::PERMISSION_SET_LICENSE, row, "UsedLicenses"))
    }

    /// Takes a seat, or says that none is left.
    pub(super) fn check_seat(&self, license: Id) -> Result<(), DmlError> {
        let Some(row) = self.row(Object::USER_LICENSE, license).filter(|_| !self.seeding) else {
            return Ok(());
        };
        let total = stored(Object::USER_LICENSE, row, "TotalLicenses");
        if is_full(&self.used_seats(license, row), total) {
            return Err(self.limit(self.license_name(license).unwrap_or_default()));
        }
        Ok(())
    }

    /// An assignment of a permission set licence takes a seat of it, once.
    pub(super) fn check_set_seat(&self, row: &Row) -> Result<(), DmlError> {
        let object = Object::PERMISSION_SET_LICENSE_ASSIGN;
        let user = stored(object, row, "AssigneeId");
        let license = stored(object, row, "PermissionSetLicenseId");
        let held = self
            .lookup(object, "AssigneeId", user)
            .any(|held| stored(object, held, "PermissionSetLicenseId") == license);
        let (Some(user), Some(license)) = (user.as_id(), license.as_id()) else { return Ok(()) };
        if held {
            return Err(DmlError::new(
                "DUPLICATE_VALUE",
                format!(
                    "Duplicate PermissionSetLicenseAssign. Assignee: {user}; Permission Set License: {license}"
                ),
            ));
        }
        self.check_set_license_seat(license)
    }

    /// How an exhausted permission set licence is told is not documented: assumed to be as for user
    /// licences.
    pub(super) fn check_set_license_seat(&self, license: Id) -> Result<(), DmlError> {
        let object = Object::PERMISSION_SET_LICENSE;
        let Some(row) = self.row(object, license).filter(|_| !self.seeding) else { return Ok(()) };
        let total = stored(object, row, "TotalLicenses");
        if is_full(&self.used_set_seats(license, row), total) {
            return Err(
                self.limit(stored(object, row, "MasterLabel").as_text().unwrap_or_default())
            );
        }
        Ok(())
    }

    fn limit(&self, license: &str) -> DmlError {
        let text = if self.settings.license_name_in_error {
            format!("License Limit Exceeded - {license}")
        } else {
            "License Limit Exceeded".to_owned()
        };
        DmlError::new("LICENSE_LIMIT_EXCEEDED", text)
    }
}

fn sum(counted: i64, elsewhere: &Value) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "a number of users is far below 2^52")]
    let counted = counted as f64;
    Value::Number(match elsewhere {
        Value::Number(number) => counted + number,
        _ => counted,
    })
}

fn is_full(used: &Value, total: &Value) -> bool {
    matches!((used, total), (Value::Number(used), Value::Number(total)) if used >= total)
}
