//! What an org is set up from: tables of records, in the terms of seed files.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

/// A table, and the byte of the file where it begins.
#[derive(Clone, Debug, Default)]
pub(in crate::emulator) struct Table {
    pub(in crate::emulator) at: usize,
    pub(in crate::emulator) entries: Vec<Entry>,
}

/// A key with its value, and the bytes where they begin.
#[derive(Clone, Debug)]
pub(in crate::emulator) struct Entry {
    pub(in crate::emulator) key: Cow<'static, str>,
    pub(in crate::emulator) at: usize,
    pub(in crate::emulator) value: Json,
    pub(in crate::emulator) value_at: usize,
}

/// A seed: a file, or a generated org.
pub(in crate::emulator) trait Source {
    /// The tables of a name, one after the other.
    fn tables<'a>(&'a self, name: &str) -> Box<dyn Iterator<Item = Table> + 'a>;

    /// Every name of tables, and where the first of them is.
    fn names(&self) -> Vec<(String, usize)>;

    /// The users of the portal, or those inside.
    fn users(&self, portal: bool) -> Box<dyn Iterator<Item = Table> + '_> {
        Box::new(self.tables("User").filter(move |table| table.is_portal_user() == portal))
    }

    /// The only table of a name, or the first.
    fn table(&self, name: &str) -> Option<Table> {
        self.tables(name).next()
    }
}

impl Table {
    /// A table that is not from a file.
    pub(in crate::emulator) fn of(entries: Vec<(&'static str, Json)>) -> Self {
        let entry = |(key, value)| Entry { key: Cow::Borrowed(key), at: 0, value, value_at: 0 };
        Self { at: 0, entries: entries.into_iter().map(entry).collect() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether it is somebody of the portal, as a user.
    pub(super) fn is_portal_user(&self) -> bool {
        self.has("Account") || self.has("Contact")
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Json::as_str)
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&Json::Bool(true))
    }

    /// The elements of a list: texts, or tables.
    pub(super) fn list(&self, key: &str) -> &[Json] {
        self.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The table as JSON.
    pub(super) fn json(&self) -> Json {
        let pairs = self.entries.iter().map(|one| (one.key.to_string(), one.value.clone()));
        Json::Object(pairs.collect::<Map<_, _>>())
    }
}
