//! Change → the fields that are sent.

use crate::model::{AccessKind, AccountId, ContactId, RecordId, UserId, Username};
use crate::plan::{Change, Datum, Expiry};
use crate::salesforce::{FieldValue, Record};

/// A new contact.
pub(super) fn contact(change: &Change, account: AccountId) -> Record {
    let record = Record::new().set("AccountId", text(account.as_str()));
    change
        .contact_writes()
        .fold(record, |record, (field, value)| record.set(field.clone(), datum(value)))
}

/// Other values for a contact.
pub(super) fn contact_update(change: &Change, id: ContactId) -> Record {
    let record = Record::with_id(id.record());
    change
        .contact_writes()
        .fold(record, |record, (field, value)| record.set(field.clone(), datum(value)))
}

/// A new user. `IsActive` is sent because its default is not documented.
pub(super) fn user(change: &Change, contact: ContactId) -> Record {
    let record = Record::new()
        .set("ContactId", text(contact.as_str()))
        .set("IsActive", FieldValue::Bool(true));
    change
        .user_writes()
        .fold(record, |record, (field, value)| record.set(field.clone(), datum(value)))
}

/// Other values for a user.
pub(super) fn user_update(change: &Change, id: UserId) -> Record {
    let record = Record::with_id(id.record());
    change
        .user_writes()
        .fold(record, |record, (field, value)| record.set(field.clone(), datum(value)))
}

/// Whether a user may sign in at all.
pub(super) fn active(record: Record, active: bool) -> Record {
    record.set("IsActive", FieldValue::Bool(active))
}

/// Another username.
pub(super) fn renamed(id: UserId, username: &Username) -> Record {
    Record::with_id(id.record()).set("Username", text(username.as_str()))
}

/// A freeze set or lifted.
pub(super) fn frozen(login: RecordId, frozen: bool) -> Record {
    Record::with_id(login).set("IsFrozen", FieldValue::Bool(frozen))
}

/// The object whose records give something of a kind to a user.
pub(super) const fn holding_object(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::PermissionSet | AccessKind::PermissionSetGroup => "PermissionSetAssignment",
        AccessKind::PermissionSetLicense => "PermissionSetLicenseAssign",
        AccessKind::Group => "GroupMember",
    }
}

/// A record that gives something to a user.
pub(super) fn holding(
    kind: AccessKind,
    user: UserId,
    what: RecordId,
    expires: Option<Expiry>,
) -> Record {
    let (who, which) = match kind {
        AccessKind::PermissionSet => ("AssigneeId", "PermissionSetId"),
        AccessKind::PermissionSetGroup => ("AssigneeId", "PermissionSetGroupId"),
        AccessKind::PermissionSetLicense => ("AssigneeId", "PermissionSetLicenseId"),
        AccessKind::Group => ("UserOrGroupId", "GroupId"),
    };
    let record = Record::new().set(who, text(user.as_str())).set(which, text(what.as_str()));
    match expires {
        Some(expires) => record.set("ExpirationDate", moment(expires)),
        None => record,
    }
}

/// Another last day for an assignment, or none.
pub(super) fn expiry(assignment: RecordId, expires: Option<Expiry>) -> Record {
    Record::with_id(assignment).set("ExpirationDate", expires.map_or(FieldValue::Null, moment))
}

fn moment(expires: Expiry) -> FieldValue {
    FieldValue::Text(expires.at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

fn datum(datum: &Datum) -> FieldValue {
    match datum {
        Datum::Null => FieldValue::Null,
        Datum::Text(value) => text(value),
        Datum::Bool(value) => FieldValue::Bool(*value),
        Datum::Number(number) => FieldValue::Number(number.get()),
        Datum::Date(day) => FieldValue::Text(day.to_string()),
        Datum::Reference { id, .. } => text(id.as_str()),
    }
}
