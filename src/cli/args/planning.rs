//! Flags of the commands that make, show, approve and compare plans.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use crate::model::Rule;
use crate::plan::{Action, Reason, Selection};

use super::Format;
use super::value::{action, allow, digest, pattern, percent, reason, report};

/// `plan`.
#[derive(Args, Debug)]
pub(in crate::cli) struct PlanArgs {
    /// Exit with 2 if there are changes
    #[arg(long)]
    pub(in crate::cli) detailed_exitcode: bool,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,

    /// Lift one rule for exactly this many changes, such as `deactivations=42`
    #[arg(long, value_name = "RULE=COUNT", value_parser = allow)]
    pub(in crate::cli) allow: Vec<(Rule, u64)>,

    /// Save the plan to be applied by `portalctl apply FILE`, also if it is blocked
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,

    /// Write the plan to a file as well, such as `markdown=plan.md`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(in crate::cli) report: Vec<ReportFile>,
}

/// Whose part of a plan or a review is wanted.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct PeopleArgs {
    /// Look at these people alone: a glob over usernames, accounts or user files; repeatable
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub(in crate::cli) target: Vec<String>,

    /// Leave these people out: a glob over usernames, accounts or user files; repeatable
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub(in crate::cli) exclude: Vec<String>,
}

impl PeopleArgs {
    /// What the flags say.
    pub(in crate::cli) fn selection(&self) -> Selection {
        Selection {
            target: self.target.clone(),
            exclude: self.exclude.clone(),
            ..Selection::default()
        }
    }
}

/// Which part of a plan is wanted.
#[derive(Args, Debug, Default)]
pub(in crate::cli) struct SelectionArgs {
    #[command(flatten)]
    pub(in crate::cli) people: PeopleArgs,

    /// Plan these actions alone, such as `create,update`
    #[arg(long, value_name = "ACTION", value_delimiter = ',', value_parser = action)]
    pub(in crate::cli) only: Vec<Action>,

    /// Plan what has one of these reasons alone, such as `expired,not-started`
    #[arg(long, value_name = "REASON", value_delimiter = ',', value_parser = reason)]
    pub(in crate::cli) only_reason: Vec<Reason>,

    /// Deactivate nobody
    #[arg(long)]
    pub(in crate::cli) no_deactivate: bool,
}

impl SelectionArgs {
    /// What the flags say.
    pub(in crate::cli) fn selection(&self) -> Selection {
        Selection {
            only: self.only.clone(),
            only_reason: self.only_reason.clone(),
            no_deactivate: self.no_deactivate,
            ..self.people.selection()
        }
    }
}

/// `apply`.
#[derive(Args, Debug)]
pub(in crate::cli) struct ApplyArgs {
    /// A plan saved by `plan --out`: nothing but what it holds is applied
    #[arg(conflicts_with_all = ["target", "exclude", "only", "only_reason", "no_deactivate"])]
    pub(in crate::cli) plan: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,

    /// Apply only a plan with this digest, as `plan` printed it
    #[arg(long, value_name = "SHA256", value_parser = digest)]
    pub(in crate::cli) expect_digest: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) approval: ApprovalArgs,
}

/// `revert`.
#[derive(Args, Debug)]
pub(in crate::cli) struct RevertArgs {
    /// A report written by `apply --report json=FILE`
    #[arg(id = "applied", value_name = "REPORT")]
    pub(in crate::cli) applied: PathBuf,

    #[command(flatten)]
    pub(in crate::cli) approval: ApprovalArgs,
}

/// How a plan is approved and what is told of it.
#[derive(Args, Debug)]
pub(in crate::cli) struct ApprovalArgs {
    /// Do not ask
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,

    /// Lift one rule for exactly this many changes, such as `deactivations=42`
    #[arg(long, value_name = "RULE=COUNT", value_parser = allow)]
    pub(in crate::cli) allow: Vec<(Rule, u64)>,

    /// Stop before the first write if any user is blocked, and after the first write that fails
    #[arg(long)]
    pub(in crate::cli) fail_fast: bool,

    /// Why this is done, for the report
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,

    /// Write the report to a file as well, such as `json=report.json`; repeatable
    ///
    /// It is written as the work goes on, so that it is there and whole whatever happens.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(in crate::cli) report: Vec<ReportFile>,
}

/// `show`.
#[derive(Args, Debug)]
pub(in crate::cli) struct ShowArgs {
    /// A plan saved by `plan --out`
    #[arg(value_name = "PLAN")]
    pub(in crate::cli) plan: PathBuf,

    /// Write the plan to a file as well, such as `html=plan.html`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(in crate::cli) report: Vec<ReportFile>,
}

/// `drift`.
#[derive(Args, Debug)]
pub(in crate::cli) struct DriftArgs {
    /// Only what changed on this day or later, and what the org cannot date
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) since: Option<Date>,

    /// List the active portal users whom no file declares, too
    #[arg(long)]
    pub(in crate::cli) list_undeclared: bool,

    /// Write the drift to a file as well, such as `markdown=drift.md`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(in crate::cli) report: Vec<ReportFile>,
}

/// `licenses`.
#[derive(Args, Debug)]
pub(in crate::cli) struct LicensesArgs {
    /// Exit with 2 if so much of a licence is in use after the plan or on a day ahead, such as `90%`
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(in crate::cli) warn_at: Option<u8>,

    /// Look no further ahead than this day
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) until: Option<Date>,
}

/// `access`.
#[derive(Args, Debug)]
pub(in crate::cli) struct AccessArgs {
    #[command(flatten)]
    pub(in crate::cli) people: PeopleArgs,
}

/// `doctor`.
#[derive(Args, Debug)]
pub(in crate::cli) struct DoctorArgs {
    /// The login is one that only plans: do not ask for rights to write
    #[arg(long)]
    pub(in crate::cli) plan_only: bool,
}

/// A file that gets a plan or report.
#[derive(Clone, Debug)]
pub(in crate::cli) struct ReportFile {
    pub(in crate::cli) format: Format,
    pub(in crate::cli) path: PathBuf,
}
