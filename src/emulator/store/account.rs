//! Rules of accounts.
//!
//! Source: Object Reference, Account, `IsPartner` and `IsCustomerPortal`: switching one off disables
//! the account's portal users of that kind and takes their roles away, for good.

use super::user::is_outside;
use super::{Org, Row, own_id, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const ACCOUNT: Object = Object::ACCOUNT;

impl Org {
    pub(super) fn check_account(&self, row: &mut Row, old: Option<&Row>) -> Result<(), DmlError> {
        self.own(ACCOUNT, row);
        self.check_owner(ACCOUNT, row, old)
    }

    /// The first portal user makes an account a customer's or a partner's.
    pub(super) fn mark_account(&mut self, user: Id) {
        let Some(row) = self.row(Object::USER, user) else { return };
        let flag = match self.type_of(row) {
            "PowerPartner" => "IsPartner",
            kind if is_outside(kind) => "IsCustomerPortal",
            _ => return,
        };
        let account = self.account_of(row);
        let Some((id, row)) = account.and_then(|id| Some((id, self.row(ACCOUNT, id)?))) else {
            return;
        };
        if !stored(ACCOUNT, row, flag).is_true() {
            let mut row = row.clone();
            store(ACCOUNT, &mut row, flag, Value::Bool(true));
            self.replace(ACCOUNT, id, row);
        }
    }

    pub(super) fn after_account_update(&mut self, account: Id, old: &Row) {
        let off = |org: &Self, flag: &str| {
            let now = org.row(ACCOUNT, account).is_some_and(|r| stored(ACCOUNT, r, flag).is_true());
            stored(ACCOUNT, old, flag).is_true() && !now
        };
        let (partners, customers) = (off(self, "IsPartner"), off(self, "IsCustomerPortal"));
        if !partners && !customers {
            return;
        }
        for user in self.portal_users(account) {
            let partner =
                self.row(Object::USER, user).is_some_and(|row| self.type_of(row) == "PowerPartner");
            if if partner { partners } else { customers } {
                let fields = [("IsPortalEnabled".to_owned(), serde_json::Value::Bool(false))];
                // Nothing can refuse that somebody is disabled.
                let _ = self.update(Object::USER, user, &fields.into_iter().collect());
            }
        }
    }

    fn portal_users(&self, account: Id) -> Vec<Id> {
        self.lookup(Object::CONTACT, "AccountId", &Value::Id(account))
            .filter_map(own_id)
            .filter_map(|contact| self.user_of_contact(contact).and_then(own_id))
            .collect()
    }

    /// An account with portal users stays. The code is documented, the text is assumed.
    pub(super) fn check_account_delete(&self, row: &Row) -> Result<(), DmlError> {
        let used = own_id(row).is_some_and(|id| !self.portal_users(id).is_empty());
        if !used {
            return Ok(());
        }
        let name = stored(ACCOUNT, row, "Name").as_text().unwrap_or_default();
        let text = format!(
            "Your attempt to delete {name} could not be completed because it is associated with portal users. Disable the users first."
        );
        Err(DmlError::new("DELETE_FAILED", text))
    }
}
