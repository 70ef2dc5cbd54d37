//! All or nothing: what was written since a point can be taken back.
//!
//! Source: Apex Developer Guide, "sObjects That Cannot Be Used Together in DML Operations": setup
//! objects and others do not mix in one transaction, with the exceptions for users given there.

use serde_json::{Map, Value as Json};

use super::{Org, Row, own_id};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;

/// What was written, in order, and what kinds of objects it was.
#[derive(Default)]
pub(super) struct Transaction {
    done: Vec<Step>,
    mails: usize,
    setup: Option<Object>,
    other: Option<Object>,
}

enum Step {
    Made(Object, Id),
    Replaced(Object, Id, Row),
    Removed(Object, u32, Row),
}

/// Fields of a user whose change makes an update a setup operation.
const SETUP_FIELDS: [&str; 6] =
    ["UserRoleId", "IsActive", "ForecastEnabled", "IsPortalEnabled", "Username", "ProfileId"];

impl Org {
    /// Begins a transaction. They do not nest.
    pub(in crate::emulator) fn begin(&mut self) {
        self.transaction = Some(Transaction { mails: self.outbox.len(), ..Transaction::default() });
    }

    /// Keeps what was written.
    pub(in crate::emulator) fn commit(&mut self) {
        self.transaction = None;
    }

    /// Takes everything back.
    pub(in crate::emulator) fn roll_back(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        self.outbox.truncate(transaction.mails);
        for step in transaction.done.into_iter().rev() {
            match step {
                Step::Made(object, id) => {
                    self.take_out(object, id);
                }
                Step::Replaced(object, id, row) => {
                    self.exchange(object, id, row);
                }
                Step::Removed(object, slot, row) => {
                    self.count_active(object, &row, 1);
                    if let Some(table) = self.table_mut(object) {
                        table.bin.retain(|gone| own_id(gone) != own_id(&row));
                        table.put_back(slot, row);
                    }
                }
            }
        }
    }

    /// Setup objects and others do not mix in a transaction.
    pub(super) fn mix(
        &mut self,
        object: Object,
        fields: &Map<String, Json>,
        new: bool,
    ) -> Result<(), DmlError> {
        let setup = self.schema.info(object).setup;
        let touched = |name: &str| fields.keys().any(|key| key.eq_ignore_ascii_case(name));
        let exempt = object == Object::USER
            && if new { !touched("UserRoleId") } else { !SETUP_FIELDS.iter().any(|f| touched(f)) };
        let Some(transaction) = &mut self.transaction else { return Ok(()) };
        let clash = if setup { transaction.other } else { transaction.setup };
        if let Some(first) = clash.filter(|_| !exempt) {
            let name = |object| self.schema.info(object).name.clone();
            return Err(DmlError::new(
                "MIXED_DML_OPERATION",
                format!(
                    "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa): {}, original object: {}",
                    name(object),
                    name(first)
                ),
            ));
        }
        match setup {
            true if exempt => {}
            true => transaction.setup = transaction.setup.or(Some(object)),
            false => transaction.other = transaction.other.or(Some(object)),
        }
        Ok(())
    }

    /// Adds a record.
    pub(super) fn put(&mut self, object: Object, row: Row) {
        self.changed = true;
        self.count_active(object, &row, 1);
        if let (Some(transaction), Some(id)) = (&mut self.transaction, own_id(&row)) {
            transaction.done.push(Step::Made(object, id));
        }
        if let Some(table) = self.table_mut(object) {
            table.push(row);
        }
    }

    /// Replaces a record.
    pub(super) fn replace(&mut self, object: Object, id: Id, row: Row) {
        self.changed = true;
        let old = self.exchange(object, id, row);
        if let (Some(transaction), Some(old)) = (&mut self.transaction, old) {
            transaction.done.push(Step::Replaced(object, id, old));
        }
    }

    /// Takes a record away.
    pub(super) fn remove(&mut self, object: Object, id: Id) {
        self.changed = true;
        let Some((slot, row)) = self.take_out(object, id) else { return };
        let keeps = self.schema.info(object).field("IsDeleted").is_some();
        if keeps && let Some(table) = self.table_mut(object) {
            table.bin.push(row.clone());
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.done.push(Step::Removed(object, slot, row));
        }
    }

    fn exchange(&mut self, object: Object, id: Id, row: Row) -> Option<Row> {
        self.count_active(object, &row, 1);
        let old = self.table_mut(object)?.replace(id, row)?;
        self.count_active(object, &old, -1);
        Some(old)
    }

    fn take_out(&mut self, object: Object, id: Id) -> Option<(u32, Row)> {
        let (slot, row) = self.table_mut(object)?.remove(id)?;
        self.count_active(object, &row, -1);
        Some((slot, row))
    }
}
