//! Rules of contacts.

use super::{Org, Row, own_id, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const CONTACT: Object = Object::CONTACT;

impl Org {
    /// A contact belongs to whoever creates it, unless told otherwise. One that carries a portal
    /// user must keep an account that may have portal users.
    pub(super) fn check_contact(&self, row: &mut Row, old: Option<&Row>) -> Result<(), DmlError> {
        self.own(CONTACT, row);
        self.check_owner(CONTACT, row, old)?;
        let Some(old) = old else { return Ok(()) };
        let account = stored(CONTACT, row, "AccountId");
        if account == stored(CONTACT, old, "AccountId") {
            return Ok(());
        }
        match own_id(old).and_then(|id| self.user_of_contact(id)) {
            Some(_) => self.check_portal_account(account.as_id()),
            None => Ok(()),
        }
    }

    /// Records cannot be given to people who are switched off.
    pub(super) fn check_owner(
        &self,
        object: Object,
        row: &Row,
        old: Option<&Row>,
    ) -> Result<(), DmlError> {
        let owner = stored(object, row, "OwnerId");
        if self.seeding || old.is_some_and(|old| stored(object, old, "OwnerId") == owner) {
            return Ok(());
        }
        let owner = owner.as_id().and_then(|id| self.row(Object::USER, id));
        match owner {
            Some(user) if !stored(Object::USER, user, "IsActive").is_true() => {
                let id = own_id(user).map(|id| id.short().to_owned()).unwrap_or_default();
                let name = self.schema.info(object).label.to_lowercase();
                let text =
                    format!("operation performed with inactive user [{id}] as owner of {name}");
                Err(DmlError::new("INACTIVE_OWNER_OR_USER", text))
            }
            _ => Ok(()),
        }
    }

    /// The portal user follows their contact to another account, into its roles.
    pub(super) fn after_contact_update(&mut self, contact: Id, old: &Row) {
        let Some(row) = self.row(CONTACT, contact) else { return };
        if stored(CONTACT, row, "AccountId") == stored(CONTACT, old, "AccountId") {
            return;
        }
        let Some(user) = self.user_of_contact(contact).and_then(own_id) else { return };
        if let Some(mut row) = self.row(Object::USER, user).cloned() {
            store(Object::USER, &mut row, "UserRoleId", Value::Null);
            self.replace(Object::USER, user, row);
        }
        self.mark_account(user);
        self.give_portal_role(user);
    }

    /// A contact whose user is still there stays. The code is documented, the text is assumed.
    pub(super) fn check_contact_delete(&self, row: &Row) -> Result<(), DmlError> {
        let carries = own_id(row).is_some_and(|id| self.user_of_contact(id).is_some());
        if !carries {
            return Ok(());
        }
        let at = CONTACT.standard_field("Name").unwrap_or(0);
        let name = self.value(CONTACT, row, at);
        let text = format!(
            "Your attempt to delete {} could not be completed because it is associated with a portal user. Disable the user first.",
            name.as_text().unwrap_or_default()
        );
        Err(DmlError::new("DELETE_FAILED", text))
    }
}
