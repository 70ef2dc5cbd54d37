//! [`Plan`] → org. Carries out the plan's own steps in the plan's own order and
//! decides nothing.
//!
//! [`execute`] cannot fail: what went wrong is in the [`Report`], where every planned change stands
//! exactly once. A create whose answer was lost is never sent again; the org is asked what became
//! of it, and looked at again afterwards: an org can accept a value and not keep it.

mod advice;
mod effect;
mod job;
mod lanes;
mod lookup;
mod mail;
mod payload;
mod progress;
mod report;
mod step;
mod verdict;
mod watch;
mod work;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

pub use report::{Cause, ChangeResult, Failure, Ids, Outcome, Report};
pub use watch::{Stop, Unwatched, Watch};

use crate::model::{AccessKind, ApiName};
use crate::plan::{Plan, Stage, stages};
use crate::salesforce::{Connect, Writer};

use progress::Progress;
use work::Work;

/// From how many changes on the account is not exact to the request: until a step is over, everything
/// in it that is not settled counts as unknown.
const COARSE: usize = 20_000;

/// How to go about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// What a failure means for the rest.
    pub on_failure: OnFailure,
    /// How many requests may be under way at once.
    pub parallelism: usize,
    /// How long to wait before something is tried a second time.
    pub pause: Duration,
    /// API calls of the day that are kept for others.
    pub reserve: u64,
    /// From how many records on a step goes by Bulk API job.
    pub jobs_from: usize,
    /// The fields by which a contact is known, tried in this order.
    pub match_fields: Vec<ApiName>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            on_failure: OnFailure::default(),
            parallelism: Connect::WRITES,
            pause: Duration::from_secs(1),
            reserve: 0,
            jobs_from: Self::JOBS_FROM,
            match_fields: vec![ApiName::of("Email")],
        }
    }
}

/// What a failure means for the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// One user's failure is theirs alone.
    #[default]
    GoOn,
    /// The first failed write stops the rest.
    Stop,
}

impl Options {
    /// From how many records on a step goes by Bulk API job, unless told otherwise: a job takes about
    /// seven calls, and ten requests take as many records.
    pub const JOBS_FROM: usize = 10_000;

    /// Whether the account of a plan is exact to the step alone.
    pub fn is_coarse(plan: &Plan) -> bool {
        plan.changes.len() > COARSE
    }
}

/// Carries the plan out. The caller has made sure that no blocker of the whole plan is left.
pub async fn execute(
    plan: &Plan,
    writer: &Writer,
    options: &Options,
    watch: &mut dyn Watch,
) -> Report {
    let stages = stages(plan);
    let progress = RefCell::new(Progress::of(plan, &stages, options.on_failure));
    let not_for_jobs = RefCell::new(BTreeSet::new());
    let watch = RefCell::new(watch);
    let work = Work { plan, writer, options, progress, watch, not_for_jobs };
    if stages.iter().any(|stage| matches!(stage, Stage::CreateContacts(_))) {
        work.wait_for_jobs().await;
    }
    for stage in stages {
        if work.progress.borrow().is_stopped() {
            break;
        }
        work.watch.borrow_mut().begins(describe(&stage), stage.len());
        work.run(&stage).await;
    }
    work.check_effect().await;
    let report = work.progress.borrow().report();
    // The work is over: nothing is left that could be stopped.
    let _ = work.watch.borrow_mut().may_go_on(&|| report.clone());
    report
}

const fn describe(stage: &Stage) -> &'static str {
    match stage {
        Stage::Freeze(_) => "freezing users",
        Stage::Deactivate(_) => "deactivating users",
        Stage::MoveLicense(_) => "moving users to another licence",
        Stage::UpdateContacts(_) => "updating contacts",
        Stage::CreateContacts(_) => "creating contacts",
        Stage::Rename(_) => "renaming users",
        Stage::CreateUsers(_) => "creating users",
        Stage::Reactivate(_) => "reactivating users",
        Stage::UpdateUsers(_) => "updating users",
        Stage::Take(kind, _) => match kind {
            AccessKind::PermissionSet => "removing permission sets",
            AccessKind::PermissionSetGroup => "removing permission set groups",
            AccessKind::PermissionSetLicense => "removing permission set licences",
            AccessKind::Group => "removing from public groups",
        },
        Stage::ChangeExpiry(_) => "changing expiry of permission sets",
        Stage::Give(kind, _) => match kind {
            AccessKind::PermissionSet => "assigning permission sets",
            AccessKind::PermissionSetGroup => "assigning permission set groups",
            AccessKind::PermissionSetLicense => "assigning permission set licences",
            AccessKind::Group => "adding to public groups",
        },
        Stage::Unfreeze(_) => "unfreezing users",
        Stage::Mail(_) => "mailing links",
    }
}
