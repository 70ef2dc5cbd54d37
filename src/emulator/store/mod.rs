//! The org in memory: rows of values, and the rules that writes have to keep.

mod account;
mod assignment;
mod audit;
mod contact;
mod group;
mod login;
mod portal_role;
mod seats;
mod settings;
mod site;
mod table;
mod transaction;
mod upsert;
mod user;
mod values;
mod write;

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::id::Id;
use super::schema::{Computed, Object, Schema};
use super::value::Value;

pub(super) use audit::Actor;
pub(super) use settings::{DuplicateRule, Mail, MailKind, Settings, ValidationRule};
pub(super) use table::{Key, Table};
pub(super) use upsert::Upserted;
pub(super) use values::{malformed, unknown_column};
pub(super) use write::Refusal;

use transaction::Transaction;

/// The values of a record, in the order of the object's fields.
pub(super) type Row = Vec<Value>;

/// When the records of a seed were made: 2026-01-05T09:00:00Z.
pub(super) const SEEDED: Timestamp = Timestamp::constant(1_767_603_600, 0);

/// An org.
pub(super) struct Org {
    pub(super) schema: Schema,
    tables: Vec<Table>,
    /// Active users of each profile.
    active: HashMap<Id, i64>,
    pub(super) settings: Settings,
    /// The user that the emulator signs everybody in as, unless told otherwise.
    pub(super) running_user: Option<Id>,
    /// Whose request is being answered.
    pub(super) actor: Actor,
    /// Every mail that left.
    pub(super) outbox: Vec<Mail>,
    /// While an org is set up, seats are not counted and nobody is mailed.
    pub(super) seeding: bool,
    /// How far the org's clock is ahead of the machine's.
    pub(super) ahead: SignedDuration,
    /// Whether anything was written since the last time somebody asked.
    pub(super) changed: bool,
    transaction: Option<Transaction>,
}

impl Org {
    pub(super) fn new() -> Self {
        let schema = Schema::standard();
        let tables = schema.all().iter().map(Table::new).collect();
        Self {
            schema,
            tables,
            active: HashMap::new(),
            settings: Settings::default(),
            running_user: None,
            actor: Actor::default(),
            outbox: Vec::new(),
            seeding: true,
            ahead: SignedDuration::ZERO,
            changed: false,
            transaction: None,
        }
    }

    /// Makes room for objects and fields that were added to the schema. Only while an org is set
    /// up: rows that exist do not grow.
    pub(super) fn prepare(&mut self) {
        self.tables = self.schema.all().iter().map(Table::new).collect();
    }

    pub(super) fn table(&self, object: Object) -> Option<&Table> {
        self.tables.get(object.index())
    }

    fn table_mut(&mut self, object: Object) -> Option<&mut Table> {
        self.tables.get_mut(object.index())
    }

    /// The time. What a seed declares happened at one fixed moment, so that it shows the same on
    /// every day.
    pub(super) fn now(&self) -> Timestamp {
        match (self.seeding, self.ahead) {
            (true, _) => SEEDED,
            (false, SignedDuration::ZERO) => clock(),
            (false, ahead) => clock().saturating_add(ahead).unwrap_or(SEEDED),
        }
    }

    /// The records of an object, in order of creation.
    pub(super) fn rows(&self, object: Object) -> impl Iterator<Item = &Row> {
        self.table(object).into_iter().flat_map(|table| table.rows.iter().flatten())
    }

    pub(super) fn row(&self, object: Object, id: Id) -> Option<&Row> {
        self.table(object)?.row(id)
    }

    /// The record with this id, whatever its object.
    pub(super) fn find(&self, objects: &[Object], id: Id) -> Option<(Object, &Row)> {
        objects.iter().find_map(|object| Some((*object, self.row(*object, id)?)))
    }

    /// The records with a value in an indexed field.
    pub(super) fn lookup<'a>(
        &'a self,
        object: Object,
        field: &str,
        value: &Value,
    ) -> impl Iterator<Item = &'a Row> + use<'a> {
        let at = self.schema.info(object).exact(field);
        let table = self.table(object);
        let slots = match (table, at, Key::of(value)) {
            (Some(table), Some(at), Some(key)) => table.slots(at, &key).unwrap_or_default(),
            _ => &[],
        };
        slots.iter().filter_map(move |slot| table?.at(*slot))
    }

    /// The value of a field, worked out where it is not stored.
    pub(super) fn value<'a>(&self, object: Object, row: &'a Row, field: usize) -> Cow<'a, Value> {
        match self.schema.info(object).fields.get(field).and_then(|field| field.computed) {
            None => Cow::Borrowed(row.get(field).unwrap_or(&Value::Null)),
            Some(how) => Cow::Owned(self.computed(how, object, row)),
        }
    }

    /// The value of a field that every record of the object has, custom or not.
    pub(super) fn value_of(&self, object: Object, row: &Row, name: &str) -> Value {
        let at = self.schema.info(object).field(name);
        at.map_or(Value::Null, |at| self.value(object, row, at).into_owned())
    }

    /// Whether a record is in the recycle bin.
    pub(super) fn is_deleted(&self, object: Object, id: Id) -> bool {
        self.table(object).is_some_and(|table| table.bin.iter().any(|row| own_id(row) == Some(id)))
    }

    /// The username of a user.
    pub(super) fn username(&self, id: Id) -> String {
        let row = self.row(Object::USER, id);
        row.and_then(|row| stored(Object::USER, row, "Username").as_text())
            .unwrap_or_default()
            .to_owned()
    }

    fn computed(&self, how: Computed, object: Object, row: &Row) -> Value {
        match how {
            Computed::FullName => Value::text(&full_name(object, row)),
            Computed::UserAccount => self.account_of(row).map_or(Value::Null, Value::Id),
            Computed::UserType => self
                .profile_of(row)
                .map_or(Value::Null, |row| stored(Object::PROFILE, row, "UserType").clone()),
            Computed::UsedSeats => own_id(row).map_or(Value::Null, |id| self.used_seats(id, row)),
            Computed::UsedSetSeats => {
                own_id(row).map_or(Value::Null, |id| self.used_set_seats(id, row))
            }
            Computed::AssignmentActive => {
                let over = match stored(object, row, "ExpirationDate") {
                    Value::Moment(end) => *end < self.now(),
                    _ => false,
                };
                Value::Bool(!over)
            }
        }
    }

    /// The profile of a user.
    pub(super) fn profile_of(&self, user: &Row) -> Option<&Row> {
        self.row(Object::PROFILE, stored(Object::USER, user, "ProfileId").as_id()?)
    }

    /// The account of a user's contact.
    pub(super) fn account_of(&self, user: &Row) -> Option<Id> {
        let contact =
            self.row(Object::CONTACT, stored(Object::USER, user, "ContactId").as_id()?)?;
        stored(Object::CONTACT, contact, "AccountId").as_id()
    }

    /// Puts a record in place as it is: while an org is set up or restored.
    pub(super) fn restore(&mut self, object: Object, row: Row) {
        self.count_active(object, &row, 1);
        if let Some(table) = self.table_mut(object) {
            table.push(row);
        }
    }

    /// Puts a record into the recycle bin, while an org is restored.
    pub(super) fn restore_deleted(&mut self, object: Object, row: Row) {
        if let Some(table) = self.table_mut(object) {
            table.bin.push(row);
        }
    }

    /// The number of the last id of an object.
    pub(super) fn table_serial(&mut self, object: Object) -> Option<&mut u64> {
        self.table_mut(object).map(|table| &mut table.serial)
    }

    /// Goes on numbering from here.
    pub(super) fn set_serial(&mut self, object: Object, serial: u64) {
        if let Some(table) = self.table_mut(object) {
            table.serial = table.serial.max(serial);
        }
    }

    /// An id for a new record.
    pub(super) fn next_id(&mut self, object: Object) -> Id {
        let serial = self.table_mut(object).map_or(0, |table| {
            table.serial += 1;
            table.serial
        });
        Id::new(&self.schema.info(object).prefix, serial)
    }

    /// A record that the platform makes by itself.
    fn add<'n>(&mut self, object: Object, fill: impl IntoIterator<Item = (&'n str, Value)>) -> Id {
        let id = self.next_id(object);
        let mut row = self.blank(object);
        store(object, &mut row, "Id", Value::Id(id));
        for (name, value) in fill {
            store(object, &mut row, name, value);
        }
        self.stamp(object, &mut row, true);
        self.put(object, row);
        id
    }

    /// A record without values.
    pub(super) fn blank(&self, object: Object) -> Row {
        self.schema.info(object).blank()
    }

    /// Keeps the number of active users of each profile.
    fn count_active(&mut self, object: Object, row: &Row, by: i64) {
        if object == Object::USER
            && stored(Object::USER, row, "IsActive").is_true()
            && let Some(profile) = stored(Object::USER, row, "ProfileId").as_id()
        {
            *self.active.entry(profile).or_default() += by;
        }
    }
}

/// The id of a record.
pub(super) fn own_id(row: &Row) -> Option<Id> {
    row.first().and_then(Value::as_id)
}

/// First and last name of a user or a contact.
fn full_name(object: Object, row: &Row) -> String {
    let part = |name| stored(object, row, name).as_text().unwrap_or_default();
    let (first, last) = (part("FirstName"), part("LastName"));
    let blank = if first.is_empty() || last.is_empty() { "" } else { " " };
    let name = [first, blank, last].concat();
    if name.trim().len() == name.len() { name } else { name.trim().to_owned() }
}

/// A stored value of a standard field.
pub(super) fn stored<'a>(object: Object, row: &'a Row, name: &str) -> &'a Value {
    object.standard_field(name).and_then(|at| row.get(at)).unwrap_or(&Value::Null)
}

/// Stores a value in a standard field.
pub(super) fn store(object: Object, row: &mut Row, name: &str, value: Value) {
    if let Some(place) = object.standard_field(name).and_then(|at| row.get_mut(at)) {
        *place = value;
    }
}

#[expect(clippy::disallowed_methods, reason = "the emulator's only clock")]
pub(super) fn clock() -> Timestamp {
    Timestamp::now()
}
