//! What became of every planned change.

use super::advice;
use crate::model::{ContactId, UserId};
use crate::salesforce::{Error, RecordError};

/// The account of an apply: one result for each change of the plan, in the plan's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The results.
    pub results: Vec<ChangeResult>,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeResult {
    /// The outcome.
    pub outcome: Outcome,
    /// The records that exist now.
    pub ids: Ids,
    /// Whether any of its records was written: a failed change can be half done.
    pub written: bool,
}

/// The records of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Their user.
    pub user: Option<UserId>,
    /// Their contact, where the change touched it.
    pub contact: Option<ContactId>,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was written.
    Applied,
    /// Something was refused.
    Failed(Failure),
    /// Nothing was tried.
    Skipped(Cause),
    /// A request was sent, its answer was lost, and the org could not be asked.
    Unknown(Failure),
}

/// Why nothing was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Something stands in the user's way; a diagnostic of the plan tells what.
    Blocked,
    /// The work stopped before.
    NotAttempted,
}

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The server's own code, or one of ours for what never got an answer.
    pub code: String,
    /// The server's own message.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Failure {
    /// A whole request that failed.
    pub(super) fn of(error: &Error) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), help: error.hint() }
    }

    /// A record that was refused.
    pub(super) fn of_record(error: &RecordError) -> Self {
        Self {
            code: error.code.clone(),
            message: error.message.clone(),
            help: advice::on(&error.code, &error.message).map(str::to_owned),
        }
    }
}

impl Report {
    /// How many results fit.
    pub fn count(&self, fits: impl Fn(&Outcome) -> bool) -> usize {
        self.results.iter().filter(|result| fits(&result.outcome)).count()
    }

    /// Changes that were carried out.
    pub fn applied(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Applied))
    }

    /// Changes that were refused, or of which nobody knows.
    pub fn failed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed(_) | Outcome::Unknown(_)))
    }

    /// Changes that were not tried.
    pub fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }

    /// Whether any record was, or may have been, written.
    pub fn wrote(&self) -> bool {
        self.results
            .iter()
            .any(|result| result.written || matches!(result.outcome, Outcome::Unknown(_)))
    }
}
