//! How far every change has come.

use crate::model::{ContactId, UserId};
use crate::plan::{Change, ContactStep, Plan, Stage, Subject, stages};

use super::OnFailure;
use super::report::{Cause, ChangeResult, Failure, Ids, Outcome, Report};

/// The state of the work.
pub(super) struct Progress {
    changes: Vec<Entry>,
    on_failure: OnFailure,
    stopped: bool,
}

/// The state of one change.
struct Entry {
    blocked: bool,
    user: Option<UserId>,
    contact: Option<ContactId>,
    written: bool,
    /// Records that were written or refused; the change is complete when all were.
    settled: usize,
    planned: usize,
    failure: Option<Failure>,
    lost: Option<Failure>,
}

impl Progress {
    pub(super) fn of(plan: &Plan, on_failure: OnFailure) -> Self {
        let mut changes: Vec<Entry> = plan.changes.iter().map(Entry::of).collect();
        for at in stages(plan).iter().flat_map(Stage::positions) {
            if let Some(entry) = changes.get_mut(at) {
                entry.planned += 1;
            }
        }
        Self { changes, on_failure, stopped: false }
    }

    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Nothing more is sent.
    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }

    pub(super) fn failed(&self) -> usize {
        self.changes.iter().filter(|entry| entry.failure.is_some()).count()
    }

    pub(super) fn user(&self, at: usize) -> Option<UserId> {
        self.changes.get(at)?.user
    }

    pub(super) fn contact(&self, at: usize) -> Option<ContactId> {
        self.changes.get(at)?.contact
    }

    /// Whether a change has already failed or been lost.
    pub(super) fn has_failed(&self, at: usize) -> bool {
        self.changes.get(at).is_none_or(|entry| entry.failure.is_some() || entry.lost.is_some())
    }

    pub(super) fn has_user(&mut self, at: usize, id: UserId) {
        if let Some(entry) = self.changes.get_mut(at) {
            entry.user = Some(id);
        }
    }

    pub(super) fn has_contact(&mut self, at: usize, id: ContactId) {
        if let Some(entry) = self.changes.get_mut(at) {
            entry.contact = Some(id);
        }
    }

    /// A record of the change was written.
    pub(super) fn wrote(&mut self, at: usize) {
        if let Some(entry) = self.changes.get_mut(at) {
            entry.written = true;
            entry.settled += 1;
        }
    }

    /// A record of the change was refused. The first refusal is the one reported.
    pub(super) fn refused(&mut self, at: usize, failure: Failure) {
        if let Some(entry) = self.changes.get_mut(at) {
            entry.failure.get_or_insert(failure);
            entry.settled += 1;
        }
        if self.on_failure == OnFailure::Stop {
            self.stopped = true;
        }
    }

    /// A record of the change was sent and nobody knows what became of it.
    pub(super) fn lost(&mut self, at: usize, failure: Failure) {
        if let Some(entry) = self.changes.get_mut(at) {
            entry.lost.get_or_insert(failure);
        }
    }

    pub(super) fn report(self) -> Report {
        Report { results: self.changes.into_iter().map(Entry::result).collect() }
    }
}

impl Entry {
    fn of(change: &Change) -> Self {
        let user = match change.subject {
            Subject::New => None,
            Subject::Existing(id) => Some(id),
        };
        let contact = match change.contact {
            Some(ContactStep::Link(id) | ContactStep::Update(id) | ContactStep::Move(id)) => {
                Some(id)
            }
            Some(ContactStep::Create(_)) | None => None,
        };
        Self {
            blocked: change.blocked,
            user,
            contact,
            written: false,
            settled: 0,
            planned: 0,
            failure: None,
            lost: None,
        }
    }

    fn result(self) -> ChangeResult {
        let outcome = match (self.lost, self.failure) {
            _ if self.blocked => Outcome::Skipped(Cause::Blocked),
            (Some(lost), _) => Outcome::Unknown(lost),
            (None, Some(failure)) => Outcome::Failed(failure),
            (None, None) if self.settled >= self.planned => Outcome::Applied,
            (None, None) if self.settled == 0 => Outcome::Skipped(Cause::NotAttempted),
            (None, None) => Outcome::Failed(unfinished()),
        };
        let ids = Ids { user: self.user, contact: self.contact };
        ChangeResult { outcome, ids, written: self.written }
    }
}

fn unfinished() -> Failure {
    Failure {
        code: "NOT_FINISHED".to_owned(),
        message: "the work stopped before everything was written".to_owned(),
        help: Some("run `portalctl apply` again to finish it".to_owned()),
    }
}
