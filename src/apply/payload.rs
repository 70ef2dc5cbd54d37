//! Change → the fields that are sent.

use std::sync::Arc;

use crate::model::{AccessKind, AccountId, ApiName, ContactId, RecordId, UserId, Username};
use crate::plan::{Change, Datum, Expiry};
use crate::salesforce::{FieldValue, Record};

/// A new contact.
pub(super) fn contact(change: &Change, account: AccountId) -> Record {
    let record = Record::new().with_room(1 + change.contact_writes().count());
    record.set("AccountId", FieldValue::Id(account.record())).with(values(change.contact_writes()))
}

/// Other values for a contact.
pub(super) fn contact_update(change: &Change, id: ContactId) -> Record {
    Record::with_id(id.record()).with(values(change.contact_writes()))
}

/// A new user. `IsActive` is sent because its default is not documented.
pub(super) fn user(change: &Change, contact: ContactId) -> Record {
    Record::new()
        .with_room(2 + change.user_writes().count())
        .set("ContactId", FieldValue::Id(contact.record()))
        .set("IsActive", FieldValue::Bool(true))
        .with(values(change.user_writes()))
}

/// Other values for a user.
pub(super) fn user_update(change: &Change, id: UserId) -> Record {
    Record::with_id(id.record()).with(values(change.user_writes()))
}

/// Whether a user may sign in at all.
pub(super) fn active(record: Record, active: bool) -> Record {
    record.set("IsActive", FieldValue::Bool(active))
}

/// Another username.
pub(super) fn renamed(id: UserId, username: &Username) -> Record {
    Record::with_id(id.record()).set("Username", FieldValue::Shared(username.shared()))
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
    let record = Record::new()
        .with_room(2 + usize::from(expires.is_some()))
        .set(who, FieldValue::Id(user.record()))
        .set(which, FieldValue::Id(what));
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

fn values<'a>(
    writes: impl Iterator<Item = (&'a ApiName, &'a Datum)>,
) -> impl Iterator<Item = (ApiName, FieldValue)> {
    writes.map(|(field, value)| (field.clone(), datum(value)))
}

fn datum(datum: &Datum) -> FieldValue {
    match datum {
        Datum::Null => FieldValue::Null,
        Datum::Text(text) => FieldValue::Shared(Arc::clone(text)),
        Datum::Bool(value) => FieldValue::Bool(*value),
        Datum::Number(number) => FieldValue::Number(number.get()),
        Datum::Date(day) => FieldValue::Text(day.to_string()),
        Datum::Reference { id, .. } => FieldValue::Id(*id),
    }
}
