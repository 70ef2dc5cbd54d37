//! What became of every planned change.

use std::collections::HashMap;

use super::advice;
use super::watch::Stop;
use crate::model::{ContactId, UserId, Username};
use crate::plan::{Change, Plan, Subject};
use crate::salesforce::{Error, RecordError};

/// The account of an apply: one result for each change of the plan, in the plan's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The results.
    pub results: Vec<ChangeResult>,
    /// How many records were sent more than once.
    pub retries: usize,
    /// Why the work ended before its time.
    pub stop: Option<Stop>,
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
    /// What was wanted is true already.
    AlreadyTrue,
    /// The work stopped before.
    NotAttempted(Failure),
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

impl ChangeResult {
    const fn skipped(cause: Cause) -> Self {
        let ids = Ids { user: None, contact: None };
        Self { outcome: Outcome::Skipped(cause), ids, written: false }
    }
}

impl Failure {
    /// A whole request that failed.
    pub fn of(error: &Error) -> Self {
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
    /// The account of a plan of which nothing was to be done.
    pub fn of_nothing(plan: &Plan) -> Self {
        let results = plan.changes.iter().map(|_| ChangeResult::skipped(Cause::Blocked)).collect();
        Self { results, retries: 0, stop: None }
    }

    /// The account of a reviewed plan, of which the plan that was carried out is what was left.
    #[must_use]
    pub fn of_reviewed(self, reviewed: &Plan, carried_out: &Plan) -> Self {
        let names = carried_out.changes.iter().map(|change| &change.org_username);
        let mut results: HashMap<&Username, ChangeResult> = names.zip(self.results).collect();
        let result = |change: &Change| {
            results.remove(&change.org_username).unwrap_or_else(|| {
                let user = match change.subject {
                    Subject::Existing(id) => Some(id),
                    Subject::New => None,
                };
                let ids = Ids { user, contact: None };
                ChangeResult { ids, ..ChangeResult::skipped(Cause::AlreadyTrue) }
            })
        };
        Self { results: reviewed.changes.iter().map(result).collect(), ..self }
    }

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

    /// Changes that are not carried out although nobody is at fault for them but the work's end.
    pub fn left(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped(Cause::NotAttempted(_))))
    }

    /// Whether everything that was planned is true now.
    pub fn is_complete(&self) -> bool {
        let true_now = |outcome: &Outcome| {
            matches!(outcome, Outcome::Applied | Outcome::Skipped(Cause::AlreadyTrue))
        };
        self.count(true_now) == self.results.len()
    }

    /// Whether any record was, or may have been, written.
    pub fn wrote(&self) -> bool {
        self.results
            .iter()
            .any(|result| result.written || matches!(result.outcome, Outcome::Unknown(_)))
    }
}
