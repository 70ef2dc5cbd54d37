//! How far every change has come.

use crate::model::{ContactId, RecordId, UserId};
use crate::plan::{Change, ContactStep, Plan, Stage, Subject};

use super::OnFailure;
use super::report::{Cause, ChangeResult, Failure, Ids, Outcome, Report};
use super::verdict::Write;
use super::watch::Stop;

/// The state of the work.
pub(super) struct Progress {
    changes: Vec<Entry>,
    on_failure: OnFailure,
    stop: Option<Stop>,
    retries: usize,
}

/// The state of one change.
#[derive(Clone)]
struct Entry {
    blocked: bool,
    /// Whether all that happens is that a link is mailed.
    invited: bool,
    user: Option<UserId>,
    contact: Option<ContactId>,
    written: bool,
    /// Records that were written or refused; the change is complete when all were.
    settled: usize,
    planned: usize,
    /// Records of requests that are under way.
    in_flight: usize,
    failure: Option<Failure>,
    lost: Option<Failure>,
}

impl Progress {
    pub(super) fn of(plan: &Plan, stages: &[Stage], on_failure: OnFailure) -> Self {
        let mut changes: Vec<Entry> = plan.changes.iter().map(Entry::of).collect();
        for at in stages.iter().flat_map(Stage::positions) {
            if let Some(entry) = changes.get_mut(at) {
                entry.planned += 1;
            }
        }
        Self { changes, on_failure, stop: None, retries: 0 }
    }

    pub(super) const fn is_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// Nothing more is sent. The first reason is the one reported.
    pub(super) fn stop(&mut self, why: Stop) {
        self.stop.get_or_insert(why);
    }

    /// So many records are sent again.
    pub(super) const fn retried(&mut self, records: usize) {
        self.retries += records;
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
        self.with(at, |entry| entry.user = Some(id));
    }

    pub(super) fn has_contact(&mut self, at: usize, id: ContactId) {
        self.with(at, |entry| entry.contact = Some(id));
    }

    /// A record of the change was written, and has this id.
    pub(super) fn created(&mut self, write: Write, at: usize, id: RecordId) {
        match write {
            Write::Create("User") => self.has_user(at, UserId::of(id)),
            Write::Create("Contact") => self.has_contact(at, ContactId::of(id)),
            Write::Create(_) | Write::Update(_) | Write::Delete => {}
        }
        self.wrote(at);
    }

    /// A record of the change was written, or found as wanted.
    pub(super) fn wrote(&mut self, at: usize) {
        self.with(at, |entry| {
            entry.written = true;
            entry.settled += 1;
        });
    }

    /// A record of the change was refused. The first refusal is the one reported.
    pub(super) fn refused(&mut self, at: usize, failure: Failure) {
        self.with(at, |entry| {
            entry.failure.get_or_insert(failure);
            entry.settled += 1;
        });
        if self.on_failure == OnFailure::Stop {
            self.stop(Stop::FirstFailure);
        }
    }

    /// Something that was written is not as it was written.
    pub(super) fn without_effect(&mut self, at: usize, failure: Failure) {
        self.with(at, |entry| {
            entry.failure.get_or_insert(failure);
        });
    }

    /// A record of the change was sent and nobody knows what became of it.
    pub(super) fn lost(&mut self, at: usize, failure: Failure) {
        self.with(at, |entry| {
            entry.lost.get_or_insert(failure);
        });
        if self.on_failure == OnFailure::Stop {
            self.stop(Stop::FirstFailure);
        }
    }

    /// Requests with records of these changes are about to be sent.
    pub(super) fn in_flight(&mut self, at: &[usize]) {
        for at in at {
            self.with(*at, |entry| entry.in_flight += 1);
        }
    }

    /// They have been answered, or were not sent after all.
    pub(super) fn landed(&mut self, at: &[usize]) {
        for at in at {
            self.with(*at, |entry| entry.in_flight = entry.in_flight.saturating_sub(1));
        }
    }

    fn with(&mut self, at: usize, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.changes.get_mut(at) {
            change(entry);
        }
    }

    /// Positions of the changes that are done so far, with their user.
    pub(super) fn done(&self) -> Vec<(usize, UserId)> {
        let done = |(at, entry): (usize, &Entry)| {
            let applied = matches!(entry.clone().result(None).outcome, Outcome::Applied);
            Some((at, entry.user.filter(|_| applied)?))
        };
        self.changes.iter().enumerate().filter_map(done).collect()
    }

    /// The account so far.
    pub(super) fn report(&self) -> Report {
        let stop = self.stop.as_ref();
        Report {
            results: self.changes.iter().cloned().map(|entry| entry.result(stop)).collect(),
            retries: self.retries,
            stop: self.stop.clone(),
        }
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
            invited: change.is_invitation(),
            user,
            contact,
            written: false,
            settled: 0,
            planned: 0,
            in_flight: 0,
            failure: None,
            lost: None,
        }
    }

    fn result(self, stop: Option<&Stop>) -> ChangeResult {
        let outcome = match (self.lost, self.failure) {
            _ if self.blocked => Outcome::Skipped(Cause::Blocked),
            (Some(lost), _) => Outcome::Unknown(lost),
            (None, _) if self.in_flight > 0 => Outcome::Unknown(in_flight(self.invited)),
            (None, Some(failure)) => Outcome::Failed(failure),
            (None, None) if self.settled >= self.planned => Outcome::Applied,
            (None, None) if self.settled == 0 => {
                let mut failure = stop.map_or_else(not_yet, Stop::failure);
                if self.invited {
                    // Where there is no cool-down, the others would be mailed again.
                    failure.help = Some("invite those again who were not mailed".to_owned());
                }
                Outcome::Skipped(Cause::NotAttempted(failure))
            }
            (None, None) => Outcome::Failed(unfinished(stop)),
        };
        let ids = Ids { user: self.user, contact: self.contact };
        ChangeResult { outcome, ids, written: self.written }
    }
}

fn in_flight(invited: bool) -> Failure {
    let help = if invited {
        "it is not certain that the mail was sent: ask the person before you invite them again"
    } else {
        "run `portalctl plan` to see what became of it"
    };
    Failure {
        code: "IN_FLIGHT".to_owned(),
        message: "a request had been sent and its answer had not come".to_owned(),
        help: Some(help.to_owned()),
    }
}

fn not_yet() -> Failure {
    Failure {
        code: "NOT_ATTEMPTED".to_owned(),
        message: "the work had not come to this change".to_owned(),
        help: Some("run it again for what is left".to_owned()),
    }
}

fn unfinished(stop: Option<&Stop>) -> Failure {
    let failure = stop.map_or_else(not_yet, Stop::failure);
    Failure {
        code: "NOT_FINISHED".to_owned(),
        message: format!("a part was written; of the rest, {}", failure.message),
        help: failure.help,
    }
}
