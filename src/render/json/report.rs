//! Report → JSON.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::apply::{Cause, ChangeResult, Failure, Outcome, Report, Stop};
use crate::model::{ContactId, Diagnostic, Severity, UserId, Username};
use crate::plan::Change;
use crate::render::view::View;
use crate::saved::InverseEntry;

use super::ReportContext;
use super::plan::{ActionWord, Org};

/// What `portalctl apply --json` prints and `--report json=FILE` writes.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "portalctl apply report")]
pub struct ReportDocument<'a> {
    /// Version of this format. Keys are added in minor versions and removed only in major ones.
    format_version: &'static str,
    /// Version of the program.
    tool_version: &'static str,
    /// `[project] name`.
    project: &'a str,
    /// The org that was written to.
    org: Org<'a>,
    /// Fingerprint of the plan that was carried out.
    digest: String,
    /// Why it was done, from `--reason`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// Who approved it: the pipeline's actor or the user of the operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<&'a str>,
    /// How many changes ended how.
    summary: Summary,
    /// What it took.
    api: Api,
    /// Why the work ended before its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<Stopped>,
    /// Every planned change exactly once, in the plan's order.
    results: Vec<ResultEntry<'a>>,
    /// What would undo what was written: `portalctl revert` plans it.
    inverse: Vec<InverseEntry>,
}

/// API calls.
#[derive(Serialize, JsonSchema)]
struct Api {
    /// Calls made, those that read included.
    calls: u64,
    /// Calls among them that repeated one that had failed.
    repeated_calls: u64,
    /// Records that were sent again, because somebody else had locked them or an answer was lost.
    retried_records: usize,
}

/// Why the work ended before its time.
#[derive(Serialize, JsonSchema)]
struct Stopped {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Stopped {
    fn of(stop: &Stop) -> Self {
        let Failure { code, message, help } = stop.cause();
        Self { code, message, help }
    }
}

/// Numbers of changes.
#[derive(Serialize, JsonSchema)]
struct Summary {
    applied: usize,
    failed: usize,
    skipped: usize,
    /// Changes of which nobody knows; counted among `failed` too.
    unknown: usize,
}

/// What became of one change.
#[derive(Serialize, JsonSchema)]
struct ResultEntry<'a> {
    /// The username as declared.
    username: &'a str,
    /// The username in the org, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    org_username: Option<&'a str>,
    action: ActionWord,
    outcome: OutcomeWord,
    /// The records that exist now.
    ids: Ids<'a>,
    /// What the server said, or why nothing was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorEntry<'a>>,
}

/// How a change ended.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OutcomeWord {
    /// Everything was written.
    Applied,
    /// Something was refused.
    Failed,
    /// Nothing was tried.
    Skipped,
    /// A request was sent, its answer was lost, and the org could not be asked.
    Unknown,
}

/// Ids, 18 characters each.
#[derive(Serialize, JsonSchema)]
struct Ids<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
}

/// An error.
#[derive(Serialize, JsonSchema)]
struct ErrorEntry<'a> {
    /// The server's own code; one of the program's diagnostics for a blocked user.
    code: &'a str,
    /// The server's own message.
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// The first error about each person.
type Causes<'a> = HashMap<&'a Username, &'a Diagnostic>;

impl<'a> ReportDocument<'a> {
    pub(super) fn of(view: &'a View<'_>, report: &'a Report, context: &ReportContext<'a>) -> Self {
        let plan = &*view.plan;
        let results = plan.changes.iter().zip(&report.results);
        let errors = plan.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let causes: Causes<'a> =
            errors.rev().filter_map(|found| Some((found.username.as_ref()?, found))).collect();
        let inverse = plan.changes.iter().zip(&report.results).filter_map(|(change, result)| {
            let user = result.ids.user.filter(|_| result.written)?;
            Some(InverseEntry::of(&change.undo(user)))
        });
        Self {
            inverse: inverse.collect(),
            format_version: super::FORMAT_VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            project: plan.project.as_str(),
            org: Org::of(&plan.org),
            digest: view.digest().to_owned(),
            reason: context.reason,
            approver: context.approver,
            summary: Summary {
                applied: report.applied(),
                failed: report.failed(),
                skipped: report.skipped(),
                unknown: report.count(|outcome| matches!(outcome, Outcome::Unknown(_))),
            },
            api: Api {
                calls: context.calls,
                repeated_calls: context.repeats,
                retried_records: report.retries,
            },
            stopped: report.stop.as_ref().map(Stopped::of),
            results: results
                .map(|(change, result)| ResultEntry::of(change, result, &causes))
                .collect(),
        }
    }
}

impl<'a> ResultEntry<'a> {
    fn of(change: &'a Change, result: &'a ChangeResult, causes: &Causes<'a>) -> Self {
        let (outcome, error) = match &result.outcome {
            Outcome::Applied => (OutcomeWord::Applied, None),
            Outcome::Failed(failure) => (OutcomeWord::Failed, Some(ErrorEntry::of(failure))),
            Outcome::Unknown(failure) => (OutcomeWord::Unknown, Some(ErrorEntry::of(failure))),
            Outcome::Skipped(Cause::Blocked) => {
                (OutcomeWord::Skipped, Some(ErrorEntry::blocked(change, causes)))
            }
            Outcome::Skipped(Cause::AlreadyTrue) => {
                (OutcomeWord::Skipped, Some(ErrorEntry::already_true()))
            }
            Outcome::Skipped(Cause::NotAttempted(why)) => {
                (OutcomeWord::Skipped, Some(ErrorEntry::of(why)))
            }
        };
        let differs = change.org_username.as_str() != change.username.as_str();
        Self {
            username: change.username.as_str(),
            org_username: differs.then(|| change.org_username.as_str()),
            action: ActionWord::of(change.action),
            outcome,
            ids: Ids {
                user: result.ids.user.as_ref().map(UserId::as_str),
                contact: result.ids.contact.as_ref().map(ContactId::as_str),
            },
            error,
        }
    }
}

impl<'a> ErrorEntry<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self { code: &failure.code, message: &failure.message, help: failure.help.as_deref() }
    }

    fn blocked(change: &'a Change, causes: &Causes<'a>) -> Self {
        causes.get(&change.username).map_or(
            Self { code: "BLOCKED", message: "something stands in the way", help: None },
            |found| Self {
                code: found.code.as_str(),
                message: &found.message,
                help: found.help.as_deref(),
            },
        )
    }

    const fn already_true() -> Self {
        Self { code: "ALREADY_TRUE", message: "what was planned is true already", help: None }
    }
}
