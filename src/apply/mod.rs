//! [`Plan`] → org. Carries out the plan's own steps in the plan's own order and
//! decides nothing.
//!
//! [`execute`] cannot fail: what went wrong is in the [`Report`], where every planned change stands
//! exactly once. A create whose answer was lost is never sent again; the org is asked what became
//! of it.

mod advice;
mod event;
mod payload;
mod progress;
mod report;
mod step;

pub use event::Event;
pub use report::{Cause, ChangeResult, Failure, Ids, Outcome, Report};

use crate::model::AccessKind;
use crate::plan::{Plan, Stage, stages};
use crate::salesforce::Writer;

use progress::Progress;
use step::Step;

/// How to go about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// One user's failure is theirs alone.
    #[default]
    GoOn,
    /// The first failed write stops the rest.
    Stop,
}

/// Carries the plan out. The caller has made sure that no blocker of the whole plan is left.
pub async fn execute(
    plan: &Plan,
    writer: &Writer,
    on_failure: OnFailure,
    emit: &mut dyn FnMut(Event),
) -> Report {
    let mut progress = Progress::of(plan, on_failure);
    for stage in stages(plan) {
        if progress.is_stopped() {
            break;
        }
        emit(Event::Step { what: describe(&stage), records: stage.len() });
        let mut step = Step { plan, writer, progress: &mut progress };
        step.run(&stage).await;
        emit(Event::Done { failed: progress.failed() });
    }
    progress.report()
}

const fn describe(stage: &Stage) -> &'static str {
    match stage {
        Stage::Freeze(_) => "freezing users",
        Stage::Deactivate(_) => "deactivating users",
        Stage::MoveLicense(_) => "moving users to another licence",
        Stage::UpdateContacts(_) => "updating contacts",
        Stage::CreateContacts(_) => "creating contacts",
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
    }
}
