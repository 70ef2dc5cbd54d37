//! Rules of contacts.

use super::{Org, Row, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

impl Org {
    /// A contact belongs to whoever creates it, unless told otherwise. One that carries a portal
    /// user must keep an account.
    pub(super) fn check_contact(&self, row: &mut Row, old: Option<&Row>) -> Result<(), DmlError> {
        if stored(Object::Contact, row, "OwnerId").is_null()
            && let Some(owner) = self.running_user
        {
            store(Object::Contact, row, "OwnerId", Value::Id(owner));
        }
        let carries = old
            .and_then(|old| stored(Object::Contact, old, "Id").as_id())
            .is_some_and(|id| self.index.contacts.contains_key(&id));
        if carries && stored(Object::Contact, row, "AccountId").is_null() {
            // Assumed: the text is documented for the user, not for the contact.
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "A portal user's contact record must include an account. Furthermore, the owner of the account must be associated with a role.",
            )
            .on("AccountId"));
        }
        Ok(())
    }
}
