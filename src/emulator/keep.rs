//! Keeping an org in a file, so that it survives a restart.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::state;
use super::store::Org;

/// An org of fewer bytes is written after every change, however long that takes.
const SMALL: usize = 1024 * 1024;
/// How much longer than the writing itself takes the next one of a larger org has to wait.
const PATIENCE: u32 = 10;

/// Writes the org after every request that changed it; a large one less often, so that writing does
/// not take the server's time.
pub(super) struct Keeper {
    file: Option<PathBuf>,
    /// How many bytes were written last.
    size: usize,
    cost: Duration,
    last: Option<Instant>,
}

impl Keeper {
    pub(super) const fn new(file: Option<PathBuf>) -> Self {
        Self { file, size: 0, cost: Duration::ZERO, last: None }
    }

    /// Writes the org if it changed and enough time has passed.
    pub(super) fn keep(&mut self, org: &mut Org) {
        let wait = if self.size < SMALL { Duration::ZERO } else { self.cost * PATIENCE };
        if self.last.is_none_or(|last| last.elapsed() >= wait) {
            self.finish(org);
        }
    }

    /// Writes the org if it changed.
    pub(super) fn finish(&mut self, org: &mut Org) {
        let Some(file) = self.file.as_ref().filter(|_| org.changed) else { return };
        let begun = Instant::now();
        let fresh = file.with_extension("new");
        let text = state::write(org);
        // What cannot be kept is still served.
        let _ = fs::write(&fresh, &text).and_then(|()| fs::rename(&fresh, file));
        org.changed = false;
        self.size = text.len();
        self.cost = begun.elapsed();
        self.last = Some(Instant::now());
    }
}
