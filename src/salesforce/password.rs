//! The password reset that mails a link.
//!
//! Source: REST API Developer Guide, "sObject User Password": DELETE resets the password and answers
//! a temporary one, which nobody here looks at.

use super::call::{Call, Repeat};
use super::{Error, Writer};
use crate::model::UserId;

impl Writer {
    /// Resets a user's password, which mails them a link. Never repeated unless it was certainly not
    /// carried out: nobody is mailed twice. The temporary password of the answer is dropped unread.
    pub async fn reset_password(&self, user: UserId) -> Result<(), Error> {
        let url = self.0.at(&format!("sobjects/User/{user}/password"))?;
        let mut call = Call::delete(url, Repeat::IfNotDone);
        call.secret_answer = true;
        self.0.exchange(&call, |_| Ok(())).await
    }
}
