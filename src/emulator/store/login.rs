//! Signing in, as far as records tell of it.
//! Source: Object Reference, `LoginHistory` and `UserLogin`; a frozen user cannot sign in.

use jiff::tz::TimeZone;

use super::{Org, own_id, store, stored};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

impl Org {
    /// Whether a user exists, is active and not frozen.
    pub(in crate::emulator) fn may_sign_in(&self, user: Id) -> bool {
        let row = self.row(Object::USER, user);
        row.is_some_and(|row| stored(Object::USER, row, "IsActive").is_true())
            && !self.login_says(user, "IsFrozen")
    }

    /// The time zone of whoever asks.
    pub(in crate::emulator) fn zone(&self) -> TimeZone {
        let row = self.who().and_then(|id| self.row(Object::USER, id));
        let name = row.and_then(|row| stored(Object::USER, row, "TimeZoneSidKey").as_text());
        name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
    }

    /// Whether a user's password is locked.
    pub(in crate::emulator) fn is_locked_out(&self, user: Id) -> bool {
        self.login_says(user, "IsPasswordLocked")
    }

    fn login_says(&self, user: Id, field: &str) -> bool {
        let login = self.lookup(Object::USER_LOGIN, "UserId", &Value::Id(user)).next();
        login.is_some_and(|row| stored(Object::USER_LOGIN, row, field).is_true())
    }

    /// Notes that a user's password was reset. It is no change of the user's record.
    pub(in crate::emulator) fn password_changed(&mut self, user: Id) {
        let Some(mut row) = self.row(Object::USER, user).cloned() else { return };
        let now = Value::Moment(self.now());
        store(Object::USER, &mut row, "LastPasswordChangeDate", now);
        self.replace(Object::USER, user, row);
    }

    /// Notes that a user has signed in through an app. It is no change of the user's record.
    pub(in crate::emulator) fn signed_in(&mut self, user: Id) {
        let now = Value::Moment(self.now());
        let values = [
            ("UserId", Value::Id(user)),
            ("LoginTime", now.clone()),
            ("LoginType", Value::text("Remote Access 2.0")),
            ("Status", Value::text("Success")),
            ("SourceIp", Value::text("127.0.0.1")),
        ];
        self.add(Object::LOGIN_HISTORY, values);
        let Some(mut row) = self.row(Object::USER, user).cloned() else { return };
        store(Object::USER, &mut row, "LastLoginDate", now);
        if let Some(id) = own_id(&row) {
            self.replace(Object::USER, id, row);
        }
    }
}
