//! What many rows have in common, kept once.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Values that were seen. Rows are read on several threads.
pub(super) struct Once<T: ?Sized>(Mutex<HashSet<Arc<T>>>);

impl<T: ?Sized> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: ?Sized + Eq + Hash> Once<T> {
    /// The value as it was seen first.
    pub(super) fn keep(&self, value: Arc<T>) -> Arc<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&value) {
            return Arc::clone(known);
        }
        known.insert(Arc::clone(&value));
        value
    }
}
