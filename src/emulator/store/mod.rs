//! The org in memory: rows of values, and the indexes that keep its rules cheap.

mod assignment;
mod contact;
mod index;
mod seats;
mod user;
mod write;

use std::collections::HashMap;

use jiff::Timestamp;

use super::id::Id;
use super::schema::{Kind, Object, objects};
use super::value::Value;

use index::Index;

/// The values of a record, in the order of the object's fields.
pub(super) type Row = Vec<Value>;

/// When the records of a seed were made: 2026-01-05T09:00:00Z.
const SEEDED: Timestamp = Timestamp::constant(1_767_603_600, 0);

/// The records of one object.
#[derive(Default)]
pub(super) struct Table {
    /// Records in order of creation; a deleted one leaves a gap.
    pub(super) rows: Vec<Option<Row>>,
    by_id: HashMap<Id, usize>,
    pub(super) serial: u64,
}

/// A rule that an administrator of the org has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValidationRule {
    pub(super) object: Object,
    pub(super) field: String,
    pub(super) equals: String,
    pub(super) message: String,
}

/// What can be turned on and off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Knobs {
    /// Setup > Digital Experiences > Settings > Allow using standard external profiles.
    pub(super) standard_external_profiles: bool,
    /// The most rows of a page; absent, 2,000.
    pub(super) page: Option<usize>,
}

/// An org.
pub(super) struct Org {
    tables: Vec<Table>,
    index: Index,
    pub(super) rules: Vec<ValidationRule>,
    pub(super) knobs: Knobs,
    /// The user that the emulator signs everybody in as.
    pub(super) running_user: Option<Id>,
    /// While an org is set up, seats are not counted.
    pub(super) seeding: bool,
    now: fn() -> Timestamp,
}

impl Org {
    pub(super) fn new() -> Self {
        Self {
            tables: objects().iter().map(|_| Table::default()).collect(),
            index: Index::default(),
            rules: Vec::new(),
            knobs: Knobs::default(),
            running_user: None,
            seeding: true,
            now: clock,
        }
    }

    pub(super) fn table(&self, object: Object) -> Option<&Table> {
        self.tables.get(object as usize)
    }

    fn table_mut(&mut self, object: Object) -> Option<&mut Table> {
        self.tables.get_mut(object as usize)
    }

    /// The time. What a seed declares happened at one fixed moment, so that it shows the same on
    /// every day.
    pub(super) fn now(&self) -> Timestamp {
        if self.seeding { SEEDED } else { (self.now)() }
    }

    /// The records of an object, in order of creation.
    pub(super) fn rows(&self, object: Object) -> impl Iterator<Item = &Row> {
        self.table(object).into_iter().flat_map(|table| table.rows.iter().flatten())
    }

    pub(super) fn row(&self, object: Object, id: Id) -> Option<&Row> {
        let table = self.table(object)?;
        table.rows.get(*table.by_id.get(&id)?)?.as_ref()
    }

    /// The value of a field, worked out where it is not stored.
    pub(super) fn value(&self, object: Object, row: &Row, field: usize) -> Value {
        let name = object.info().fields.get(field).map_or("", |field| field.name);
        match (object, name) {
            (Object::User | Object::Contact, "Name") => {
                let part = |name| stored(object, row, name).as_text().unwrap_or_default();
                Value::text(format!("{} {}", part("FirstName"), part("LastName")).trim())
            }
            (Object::User, "AccountId") => self.contact_account(row),
            (Object::User, "UserType") => self.user_type(row),
            (Object::UserLicense, "UsedLicenses") => {
                stored(object, row, "Id").as_id().map_or(Value::Null, |id| self.used_seats(id, row))
            }
            (Object::PermissionSetAssignment, "IsActive") => {
                let over = match stored(object, row, "ExpirationDate") {
                    Value::Moment(end) => *end < self.now(),
                    _ => false,
                };
                Value::Bool(!over)
            }
            _ => row.get(field).cloned().unwrap_or(Value::Null),
        }
    }

    fn contact_account(&self, user: &Row) -> Value {
        stored(Object::User, user, "ContactId")
            .as_id()
            .and_then(|id| self.row(Object::Contact, id))
            .map_or(Value::Null, |contact| stored(Object::Contact, contact, "AccountId").clone())
    }

    fn user_type(&self, user: &Row) -> Value {
        stored(Object::User, user, "ProfileId")
            .as_id()
            .and_then(|id| self.row(Object::Profile, id))
            .map_or(Value::Null, |profile| stored(Object::Profile, profile, "UserType").clone())
    }

    /// Puts a record in place that exists already: while an org is set up or restored.
    pub(super) fn restore(&mut self, object: Object, row: Row) {
        let Some(id) = stored(object, &row, "Id").as_id() else { return };
        self.index.add(object, &row);
        if let Some(table) = self.table_mut(object) {
            table.by_id.insert(id, table.rows.len());
            table.rows.push(Some(row));
            table.serial += 1;
        }
    }

    /// Goes on numbering from here.
    pub(super) fn set_serial(&mut self, object: Object, serial: u64) {
        if let Some(table) = self.table_mut(object) {
            table.serial = table.serial.max(serial);
        }
    }

    /// An id for a new record.
    fn next_id(&mut self, object: Object) -> Id {
        let serial = self.table_mut(object).map_or(0, |table| {
            table.serial += 1;
            table.serial
        });
        Id::new(object.info().prefix, serial)
    }

    /// Replaces a record.
    fn replace(&mut self, object: Object, id: Id, row: Row) {
        let old = self.row(object, id).cloned();
        if let Some(old) = &old {
            self.index.remove(object, old);
        }
        self.index.add(object, &row);
        if let Some(table) = self.table_mut(object)
            && let Some(at) = table.by_id.get(&id).copied()
            && let Some(place) = table.rows.get_mut(at)
        {
            *place = Some(row);
        }
    }

    /// Takes a record away.
    fn remove(&mut self, object: Object, id: Id) {
        if let Some(old) = self.row(object, id).cloned() {
            self.index.remove(object, &old);
        }
        if let Some(table) = self.table_mut(object)
            && let Some(at) = table.by_id.remove(&id)
            && let Some(place) = table.rows.get_mut(at)
        {
            *place = None;
        }
    }
}

/// A stored value, by the field's name.
pub(super) fn stored<'a>(object: Object, row: &'a Row, name: &str) -> &'a Value {
    object.field(name).and_then(|at| row.get(at)).unwrap_or(&Value::Null)
}

/// Stores a value, by the field's name.
pub(super) fn store(object: Object, row: &mut Row, name: &str, value: Value) {
    if let Some(place) = object.field(name).and_then(|at| row.get_mut(at)) {
        *place = value;
    }
}

/// A record without values: yes-or-no fields are never null.
pub(super) fn blank(object: Object) -> Row {
    let empty = |kind| if kind == Kind::Bool { Value::Bool(false) } else { Value::Null };
    object.info().fields.iter().map(|field| empty(field.kind)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the emulator's only clock")]
fn clock() -> Timestamp {
    Timestamp::now()
}
