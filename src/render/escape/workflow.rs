//! Text from outside in the workflow commands of GitHub Actions: `::error file=…,line=…::message`.
//!
//! Source: GitHub Actions toolkit, `packages/core/src/command.ts`.

use super::terminal;

/// The text for the message of a command.
pub(in crate::render) fn workflow_message(text: &str) -> String {
    // The visible escapes of `terminal` leave no newline; `%` would begin an escape of the runner.
    terminal(text).replace('%', "%25")
}

/// The text for a property of a command.
pub(in crate::render) fn workflow_property(text: &str) -> String {
    workflow_message(text).replace(':', "%3A").replace(',', "%2C")
}
