//! Rules of public groups.
//!
//! Source: Object Reference, `GroupMember`: a membership that exists is answered, not refused.
//! Salesforce Help, "About High-Volume Community or Site Users": they cannot be members.

use super::{Org, Row, own_id, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;

const MEMBER: Object = Object::GROUP_MEMBER;

impl Org {
    pub(super) fn existing_member(&self, object: Object, row: &Row) -> Option<Id> {
        if object != MEMBER {
            return None;
        }
        let group = stored(MEMBER, row, "GroupId");
        self.lookup(MEMBER, "UserOrGroupId", stored(MEMBER, row, "UserOrGroupId"))
            .find(|held| stored(MEMBER, held, "GroupId") == group)
            .and_then(own_id)
    }

    pub(super) fn check_member(&self, row: &Row) -> Result<(), DmlError> {
        let user = stored(MEMBER, row, "UserOrGroupId").as_id();
        let user = user.and_then(|id| self.row(Object::USER, id));
        if user.is_some_and(|user| self.type_of(user) == "CspLitePortal") {
            // The code is documented, the text is assumed.
            return Err(DmlError::new(
                "LIGHT_PORTAL_USER_EXCEPTION",
                "High-volume portal users can't be members of groups",
            ));
        }
        Ok(())
    }
}
