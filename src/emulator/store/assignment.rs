//! Rules of permission set assignments and of logins.
//!
//! Source: Object Reference, `PermissionSetAssignment`, `PermissionSet`, `UserLogin`.

use super::{Org, Row, own_id, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const ASSIGNMENT: Object = Object::PERMISSION_SET_ASSIGNMENT;
const SET: Object = Object::PERMISSION_SET;

impl Org {
    pub(super) fn check_assignment(
        &self,
        row: &mut Row,
        old: Option<&Row>,
    ) -> Result<(), DmlError> {
        if old.is_some() {
            return Ok(());
        }
        let group = stored(ASSIGNMENT, row, "PermissionSetGroupId").clone();
        if !group.is_null() {
            // A group is assigned through its aggregate set.
            let set = self.lookup(SET, "PermissionSetGroupId", &group).next().and_then(own_id);
            store(ASSIGNMENT, row, "PermissionSetId", set.map_or(Value::Null, Value::Id));
        }
        let id = |name| stored(ASSIGNMENT, row, name).as_id();
        let (Some(user), Some(set)) = (id("AssigneeId"), id("PermissionSetId")) else {
            let message = "Required fields are missing: [PermissionSetId]";
            return Err(DmlError::new("REQUIRED_FIELD_MISSING", message).on("PermissionSetId"));
        };
        if self.holds_set(user, set) {
            return Err(DmlError::new(
                "DUPLICATE_VALUE",
                format!(
                    "Duplicate PermissionSetAssignment. Assignee: {user}; Permission Set: {set}"
                ),
            ));
        }
        let Some(row) = self.row(SET, set) else { return Ok(()) };
        if stored(SET, row, "IsOwnedByProfile").is_true() && !self.seeding {
            return Err(super::values::dangling());
        }
        self.check_set_license(row, user)
    }

    fn holds_set(&self, user: Id, set: Id) -> bool {
        self.lookup(ASSIGNMENT, "AssigneeId", &Value::Id(user))
            .any(|row| stored(ASSIGNMENT, row, "PermissionSetId").as_id() == Some(set))
    }

    /// A set that is bound to a user licence fits that licence alone; one that is bound to a
    /// permission set licence needs that; one beyond the user's licence is refused.
    fn check_set_license(&self, set: &Row, user: Id) -> Result<(), DmlError> {
        let Some(row) = self.row(Object::USER, user) else { return Ok(()) };
        let license = self.license_of(row);
        let refuse = |why: &str| {
            let label = stored(SET, set, "Label").as_text().unwrap_or_default();
            let name =
                self.value(Object::USER, row, Object::USER.standard_field("Name").unwrap_or(0));
            Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                format!(
                    "Can't assign permission set {label} to user {}. {why}",
                    name.as_text().unwrap_or_default()
                ),
            ))
        };
        let beyond = self
            .settings
            .beyond_license
            .iter()
            .find(|(one, of, _)| Some(*one) == own_id(set) && Some(*of) == license);
        if let Some((_, _, permission)) = beyond {
            return refuse(&format!("The user license doesn't allow the permission: {permission}"));
        }
        match stored(SET, set, "LicenseId").as_id() {
            None => Ok(()),
            Some(bound) if bound.prefix() == "100" => {
                if Some(bound) == license {
                    Ok(())
                } else {
                    // The text of this refusal is assumed.
                    refuse("The permission set's license doesn't match the user's license.")
                }
            }
            Some(bound) if self.holds_set_license(user, bound) => Ok(()),
            Some(bound) if self.settings.assign_set_licenses => self.check_set_license_seat(bound),
            Some(_) => refuse("The user license doesn't allow the permission: Read Accounts"),
        }
    }

    fn holds_set_license(&self, user: Id, license: Id) -> bool {
        let object = Object::PERMISSION_SET_LICENSE_ASSIGN;
        self.lookup(object, "AssigneeId", &Value::Id(user))
            .any(|row| stored(object, row, "PermissionSetLicenseId").as_id() == Some(license))
    }

    pub(super) fn after_assignment(&mut self, id: Id) {
        let Some(row) = self.row(ASSIGNMENT, id) else { return };
        let of = |name| stored(ASSIGNMENT, row, name).as_id();
        let (Some(user), Some(set)) = (of("AssigneeId"), of("PermissionSetId")) else { return };
        let told = self.assignment_told(row, true);
        self.audit_told(told);
        let license = self.row(SET, set).and_then(|set| stored(SET, set, "LicenseId").as_id());
        if let Some(license) = license.filter(|id| id.prefix() == "0PL")
            && !self.holds_set_license(user, license)
        {
            let values =
                [("AssigneeId", Value::Id(user)), ("PermissionSetLicenseId", Value::Id(license))];
            self.add(Object::PERMISSION_SET_LICENSE_ASSIGN, values);
        }
        if self.settings.revoked_sets.contains(&set) && !self.seeding {
            // An active user access policy takes it away again, without an error.
            self.remove(ASSIGNMENT, id);
            return;
        }
        self.join_sites(user);
    }

    /// What a profile owns is not taken away from its users.
    pub(super) fn check_assignment_delete(&self, row: &Row) -> Result<(), DmlError> {
        let set = stored(ASSIGNMENT, row, "PermissionSetId").as_id();
        let owned = set
            .and_then(|id| self.row(SET, id))
            .is_some_and(|set| stored(SET, set, "IsOwnedByProfile").is_true());
        if owned { Err(super::values::dangling()) } else { Ok(()) }
    }

    /// Nobody can freeze themself, and nobody can lock a password.
    pub(super) fn check_login(&self, row: &Row) -> Result<(), DmlError> {
        let object = Object::USER_LOGIN;
        let frozen = stored(object, row, "IsFrozen").is_true();
        let own = stored(object, row, "UserId").as_id() == self.who();
        if frozen && own {
            return Err(DmlError::new("CANNOT_FREEZE_SELF", "You can't freeze your own user."));
        }
        let locked = |row: &Row| stored(object, row, "IsPasswordLocked").is_true();
        let before = own_id(row).and_then(|id| self.row(object, id)).is_some_and(locked);
        if locked(row) && !before && !self.seeding {
            return Err(self.refuse_field(object, "IsPasswordLocked"));
        }
        Ok(())
    }
}
