//! What many rows have in common, kept once.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;

/// So many threads can look at the same time, if they look for different values.
const PARTS: usize = 16;

/// Values that were seen. Rows are read on several threads, which would wait for each other at one
/// lock.
pub(super) struct Once<T: ?Sized> {
    hasher: RandomState,
    parts: [Mutex<HashSet<Arc<T>, RandomState>>; PARTS],
}

impl<T: ?Sized> Default for Once<T> {
    fn default() -> Self {
        Self { hasher: RandomState::default(), parts: Default::default() }
    }
}

impl<T: ?Sized + Eq + Hash> Once<T> {
    fn find(&self, value: &T, make: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let part = self.hasher.hash_one(value).to_le_bytes().map(usize::from);
        let Some(part) = self.parts.get(part[0] % PARTS) else { return make() };
        let mut known = part.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(value) {
            return Arc::clone(known);
        }
        let new = make();
        known.insert(Arc::clone(&new));
        new
    }
}

impl<T: Clone + Eq + Hash> Once<T> {
    /// The value as it was seen first.
    pub(super) fn keep(&self, value: &T) -> Arc<T> {
        self.find(value, || Arc::new(value.clone()))
    }
}

impl Once<str> {
    /// A text as it was seen first.
    pub(super) fn text(&self, text: &str) -> Arc<str> {
        self.find(text, || text.into())
    }
}
