//! What an apply says while it works.

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step begins.
    Step {
        /// What it does, such as `creating users`.
        what: &'static str,
        /// How many records it writes.
        records: usize,
    },
    /// The step is over.
    Done {
        /// How many changes have failed so far.
        failed: usize,
    },
}
