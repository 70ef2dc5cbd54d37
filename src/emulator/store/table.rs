//! The records of one object, with an index for every field that is looked up often.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Row, own_id};
use crate::emulator::id::Id;
use crate::emulator::schema::ObjectInfo;
use crate::emulator::value::Value;

/// The records of one object.
#[derive(Default)]
pub(in crate::emulator) struct Table {
    /// Records in order of creation; a deleted one leaves a gap.
    pub(in crate::emulator) rows: Vec<Option<Row>>,
    /// The recycle bin.
    pub(in crate::emulator) bin: Vec<Row>,
    pub(in crate::emulator) serial: u64,
    by_id: HashMap<Id, u32, RandomState>,
    indexes: Vec<(usize, HashMap<Key, Slots, RandomState>)>,
}

/// A value that can be looked up: text without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::emulator) enum Key {
    Id(Id),
    Text(Box<str>),
}

/// Where the records with a key are. Mostly it is one, which needs no list.
enum Slots {
    One([u32; 1]),
    Many(Vec<u32>),
}

impl Key {
    pub(in crate::emulator) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Id(id) => Some(Self::Id(*id)),
            Value::Text(text) => Some(Self::folded(text)),
            _ => None,
        }
    }

    pub(in crate::emulator) fn folded(text: &str) -> Self {
        Self::Text(text.to_lowercase().into())
    }
}

impl Table {
    pub(super) fn new(info: &ObjectInfo) -> Self {
        let indexed = info.fields.iter().enumerate().filter(|(_, field)| field.indexed);
        Self {
            indexes: indexed.map(|(at, _)| (at, HashMap::default())).collect(),
            ..Self::default()
        }
    }

    pub(super) fn row(&self, id: Id) -> Option<&Row> {
        self.at(*self.by_id.get(&id)?)
    }

    pub(in crate::emulator) fn at(&self, slot: u32) -> Option<&Row> {
        self.rows.get(slot as usize)?.as_ref()
    }

    pub(in crate::emulator) fn slot(&self, id: Id) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// The records with a key in a field, in order of creation; nothing, if it has no index.
    pub(in crate::emulator) fn slots(&self, field: usize, key: &Key) -> Option<&[u32]> {
        let (_, index) = self.indexes.iter().find(|(at, _)| *at == field)?;
        Some(match index.get(key) {
            Some(Slots::One(one)) => one,
            Some(Slots::Many(many)) => many,
            None => &[],
        })
    }

    pub(super) fn push(&mut self, row: Row) {
        let Some(id) = own_id(&row) else { return };
        let slot = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.by_id.insert(id, slot);
        self.index(&row, slot);
        self.rows.push(Some(row));
    }

    pub(super) fn replace(&mut self, id: Id, row: Row) -> Option<Row> {
        let slot = self.slot(id)?;
        let old = self.rows.get_mut(slot as usize)?.take();
        if let Some(old) = &old {
            self.unindex(old, slot);
        }
        self.index(&row, slot);
        *self.rows.get_mut(slot as usize)? = Some(row);
        old
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<(u32, Row)> {
        let slot = self.by_id.remove(&id)?;
        let old = self.rows.get_mut(slot as usize)?.take()?;
        self.unindex(&old, slot);
        Some((slot, old))
    }

    /// Puts a record back where it was.
    pub(super) fn put_back(&mut self, slot: u32, row: Row) {
        let Some(id) = own_id(&row) else { return };
        self.by_id.insert(id, slot);
        self.index(&row, slot);
        if let Some(place) = self.rows.get_mut(slot as usize) {
            *place = Some(row);
        }
    }

    fn index(&mut self, row: &Row, slot: u32) {
        for (field, index) in &mut self.indexes {
            let Some(key) = row.get(*field).and_then(Key::of) else { continue };
            match index.entry(key) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(Slots::One([slot]));
                }
                std::collections::hash_map::Entry::Occupied(mut place) => match place.get_mut() {
                    Slots::One([one]) => {
                        let mut both = vec![*one, slot];
                        both.sort_unstable();
                        place.insert(Slots::Many(both));
                    }
                    Slots::Many(many) => {
                        let at = many.partition_point(|one| *one < slot);
                        many.insert(at, slot);
                    }
                },
            }
        }
    }

    fn unindex(&mut self, row: &Row, slot: u32) {
        for (field, index) in &mut self.indexes {
            let Some(key) = row.get(*field).and_then(Key::of) else { continue };
            let empty = match index.get_mut(&key) {
                Some(Slots::One([one])) => *one == slot,
                Some(Slots::Many(many)) => {
                    many.retain(|one| *one != slot);
                    many.is_empty()
                }
                None => false,
            };
            if empty {
                index.remove(&key);
            }
        }
    }
}
