//! What a person is given and loses beside their profile, as part of a change.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::{ByKind, RecordId, SetName};

/// What is given and taken, by kind.
pub type AccessChanges = ByKind<SetChanges>;

/// Things of one kind given, taken, and given for another time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetChanges {
    /// What is given, by name.
    pub add: Vec<SetAdd>,
    /// What is taken, by name.
    pub remove: Vec<SetRemove>,
    /// What is given for another time, by name.
    pub change: Vec<SetExpiry>,
}

impl AccessChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.iter().all(|(_, changes)| changes.is_empty())
    }

    /// Whether anything is taken.
    pub fn takes(&self) -> bool {
        self.iter().any(|(_, changes)| !changes.remove.is_empty())
    }
}

impl SetChanges {
    /// Whether nothing changes.
    pub const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty() && self.change.is_empty()
    }
}

/// Something that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAdd {
    /// What is given.
    pub id: RecordId,
    /// Its API name.
    pub name: SetName,
    /// When it ends.
    pub expires: Option<Expiry>,
}

/// Something that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetRemove {
    /// The record that gives it.
    pub holding: RecordId,
    /// Its API name.
    pub name: SetName,
}

/// An assignment whose last day changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetExpiry {
    /// The record that gives it.
    pub holding: RecordId,
    /// Its API name.
    pub name: SetName,
    /// The last day by the org.
    pub before: Option<Date>,
    /// The last day by the files.
    pub after: Option<Expiry>,
}

/// A last day, and the moment that is sent for it: its last second in the user's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The day.
    pub day: Date,
    /// The moment.
    pub at: Timestamp,
}
