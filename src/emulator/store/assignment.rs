//! Rules of permission set assignments and of logins.
//!
//! Source: Object Reference, `PermissionSetAssignment`, `PermissionSet`, `UserLogin`.

use super::{Org, Row, stored};
use crate::emulator::error::DmlError;
use crate::emulator::schema::Object;

impl Org {
    pub(super) fn check_assignment(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        if old.is_some() {
            return Ok(());
        }
        let id = |name| stored(Object::PermissionSetAssignment, row, name).as_id();
        let (Some(user), Some(set)) = (id("AssigneeId"), id("PermissionSetId")) else {
            let message = "Required fields are missing: [PermissionSetId]";
            return Err(DmlError::new("REQUIRED_FIELD_MISSING", message).on("PermissionSetId"));
        };
        if self.index.assignments.contains(&(user, set)) {
            return Err(DmlError::new(
                "DUPLICATE_VALUE",
                format!(
                    "Duplicate PermissionSetAssignment. Assignee: {user}; Permission Set: {set}"
                ),
            ));
        }
        let Some(set) = self.row(Object::PermissionSet, set) else { return Ok(()) };
        if stored(Object::PermissionSet, set, "IsOwnedByProfile").is_true() {
            return Err(DmlError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"));
        }
        self.check_set_license(set, user)
    }

    /// A set that is bound to a user licence fits that licence alone.
    fn check_set_license(&self, set: &Row, user: crate::emulator::id::Id) -> Result<(), DmlError> {
        let bound = stored(Object::PermissionSet, set, "LicenseId").as_id();
        let Some(row) = self.row(Object::User, user) else { return Ok(()) };
        if bound.is_none() || bound == self.license_of(row) {
            return Ok(());
        }
        let label = stored(Object::PermissionSet, set, "Label").as_text().unwrap_or_default();
        let name = self.value(Object::User, row, Object::User.field("Name").unwrap_or(0));
        Err(DmlError::new(
            "FIELD_INTEGRITY_EXCEPTION",
            format!(
                "Can't assign permission set {label} to user {}. The permission set's license doesn't match the user's license.",
                name.as_text().unwrap_or_default()
            ),
        ))
    }

    /// Nobody can freeze themself.
    pub(super) fn check_login(&self, row: &Row) -> Result<(), DmlError> {
        let frozen = stored(Object::UserLogin, row, "IsFrozen").is_true();
        let own = stored(Object::UserLogin, row, "UserId").as_id() == self.running_user;
        if frozen && own {
            return Err(DmlError::new("CANNOT_FREEZE_SELF", "You can't freeze your own user."));
        }
        Ok(())
    }
}
