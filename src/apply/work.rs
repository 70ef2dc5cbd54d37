//! Requests out, one answer a record back, and what follows from it: written, refused, tried again,
//! or asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use crate::plan::{BATCHES, Plan, WITH_ROLES};
use crate::salesforce::{Answer, Batch, Error, Record, Writer, chance};

use super::Options;
use super::lanes::{Lane, Row, lanes};
use super::progress::Progress;
use super::report::Failure;
use super::verdict::{Verdict, Write};
use super::watch::{Stop, Watch};

/// How often a record is sent before somebody in its way has won.
const ROUNDS: u32 = 6;

/// The work under way. Several lanes share it; none holds a borrow while it waits.
pub(super) struct Work<'a> {
    pub(super) plan: &'a Plan,
    pub(super) writer: &'a Writer,
    pub(super) options: &'a Options,
    pub(super) progress: RefCell<Progress>,
    pub(super) watch: RefCell<&'a mut dyn Watch>,
    /// Objects of which the org's Bulk API has refused a job.
    pub(super) not_for_jobs: RefCell<BTreeSet<&'static str>>,
}

/// How the rows of a step depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Not at all.
    Any,
    /// They make the org work on roles, one transaction at a time.
    Roles,
    /// Each may need what the one before it frees.
    AsGiven,
}

/// A row that is to be sent again, and why.
pub(super) struct Trouble {
    pub(super) row: Row,
    pub(super) failure: Failure,
    /// Whether it may have been carried out all the same.
    pub(super) lost: bool,
}

impl Work<'_> {
    /// Sends the rows of a step and books every answer.
    pub(super) async fn send(&self, write: Write, rows: Vec<Row>, order: Order) {
        let at = positions(&rows);
        if Options::is_coarse(self.plan) {
            self.progress.borrow_mut().in_flight(&at);
        }
        let rows = self.by_jobs(write, rows, order).await;
        let parallelism = self.options.parallelism;
        let groups = match order {
            Order::Any => lanes(self.plan, rows, false, parallelism),
            Order::Roles => lanes(self.plan, rows, true, parallelism),
            Order::AsGiven => vec![vec![Lane { rows, size: WITH_ROLES }]],
        };
        for group in groups {
            join_all(group.into_iter().map(|lane| self.lane(write, lane))).await;
        }
        if Options::is_coarse(self.plan) {
            self.progress.borrow_mut().landed(&at);
        }
    }

    /// One request after the other; what was in somebody's way goes to the end, in smaller batches.
    async fn lane(&self, write: Write, lane: Lane) {
        let Lane { mut rows, mut size } = lane;
        for round in 1..=ROUNDS {
            let mut again = Vec::new();
            while !rows.is_empty() {
                let rest = rows.split_off(rows.len().min(size * BATCHES));
                let request = std::mem::replace(&mut rows, rest);
                if !self.may_send(&positions(&request)) {
                    return;
                }
                again.extend(self.request(write, request, size).await);
            }
            if again.is_empty() {
                return;
            }
            if round == ROUNDS || self.progress.borrow().is_stopped() {
                for trouble in again {
                    self.give_up(trouble);
                }
                return;
            }
            self.progress.borrow_mut().retried(again.len());
            self.pause(round).await;
            rows = again.into_iter().map(|trouble| trouble.row).collect();
            size = (size / 4).max(1);
        }
    }

    /// Between half and all of a step that doubles.
    pub(super) async fn pause(&self, round: u32) {
        let step = self.options.pause * 2_u32.saturating_pow(round.saturating_sub(1));
        let step = step.min(Duration::from_secs(30));
        tokio::time::sleep(step.mul_f64(0.5 + chance() / 2.0)).await;
    }

    /// Gives the account, in which the request's rows are unknown, and asks whether to go on.
    pub(super) fn may_send(&self, at: &[usize]) -> bool {
        let coarse = Options::is_coarse(self.plan);
        if !coarse {
            self.progress.borrow_mut().in_flight(at);
        }
        let wanted = self.is_wanted();
        if !wanted && !coarse {
            self.progress.borrow_mut().landed(at);
        }
        wanted
    }

    /// Gives the account and asks whether to go on.
    pub(super) fn is_wanted(&self) -> bool {
        if self.progress.borrow().is_stopped() {
            return false;
        }
        if let Some(stop) = self.used_up() {
            self.progress.borrow_mut().stop(stop);
            return false;
        }
        let asked = self.watch.borrow_mut().may_go_on(&|| self.progress.borrow().report());
        let Err(stop) = asked else { return true };
        self.progress.borrow_mut().stop(stop);
        false
    }

    /// Whether the calls of the day are down to what is kept for others.
    fn used_up(&self) -> Option<Stop> {
        let left = self.writer.usage().day?.left();
        (left < self.options.reserve).then(|| {
            Stop::Exhausted(Failure {
                code: "API_RESERVE".to_owned(),
                message: format!(
                    "the org has {left} API calls left today, of which {} are kept for others",
                    self.options.reserve
                ),
                help: Some("run the same command again when the 24 hours have moved on".to_owned()),
            })
        })
    }

    async fn request(&self, write: Write, rows: Vec<Row>, size: usize) -> Vec<Trouble> {
        let at = positions(&rows);
        let troubles = self.exchange(write, rows, size).await;
        if !Options::is_coarse(self.plan) {
            self.progress.borrow_mut().landed(&at);
        }
        self.watch.borrow_mut().settled(at.len() - troubles.len());
        troubles
    }

    async fn exchange(&self, write: Write, rows: Vec<Row>, size: usize) -> Vec<Trouble> {
        let (rows, mut troubles) = match write {
            Write::Create("Contact") => self.not_there_yet(rows).await,
            Write::Create(_) | Write::Update(_) | Write::Delete => (rows, Vec::new()),
        };
        let parts: Vec<&[Row]> = rows.chunks(size.max(1)).collect();
        let batches: Vec<Batch> = parts.iter().map(|part| batch(write, part)).collect();
        let mut asked = Vec::new();
        for (part, answer) in parts.into_iter().zip(self.writer.write_all(&batches).await) {
            match answer {
                Some(Ok(answers)) => {
                    for (row, answer) in part.iter().zip(answers) {
                        match self.book(write, row, answer) {
                            Some((Verdict::Ask, trouble)) => asked.push(trouble),
                            Some((_, trouble)) => troubles.push(trouble),
                            None => {}
                        }
                    }
                }
                Some(Err(error)) => {
                    let lost = self.whole(part, &error);
                    if write == Write::Create("User") && error.is_outcome_unknown() {
                        asked.extend(lost);
                    } else {
                        troubles.extend(lost);
                    }
                }
                // Not sent: the request before it ended the work.
                None => {}
            }
        }
        if !asked.is_empty() {
            troubles.extend(self.ask(asked).await);
        }
        troubles
    }

    /// Books an answer; what is not settled by it comes back.
    pub(super) fn book(
        &self,
        write: Write,
        row: &Row,
        answer: Answer,
    ) -> Option<(Verdict, Trouble)> {
        let mut progress = self.progress.borrow_mut();
        let error = match answer {
            Ok(id) => {
                progress.created(write, row.at, id);
                return None;
            }
            Err(error) => error,
        };
        let verdict = write.verdict(&error);
        let failure = Failure::of_record(&error);
        match verdict {
            Verdict::Done => progress.wrote(row.at),
            Verdict::Refused => progress.refused(row.at, failure),
            Verdict::Again | Verdict::Ask => {
                return Some((verdict, Trouble { row: row.clone(), failure, lost: false }));
            }
        }
        None
    }

    /// A batch that was refused or lost as a whole. What may be sent again comes back.
    fn whole(&self, rows: &[Row], error: &Error) -> Vec<Trouble> {
        let failure = Failure::of(error);
        if error.ends_the_work() {
            self.progress.borrow_mut().stop(Stop::Exhausted(failure));
            return Vec::new();
        }
        let lost = error.is_outcome_unknown();
        if lost || passes(error) {
            let trouble = |row: &Row| Trouble { row: row.clone(), failure: failure.clone(), lost };
            return rows.iter().map(trouble).collect();
        }
        for row in rows {
            self.progress.borrow_mut().refused(row.at, failure.clone());
        }
        Vec::new()
    }

    pub(super) fn give_up(&self, trouble: Trouble) {
        let mut progress = self.progress.borrow_mut();
        if trouble.lost {
            progress.lost(trouble.row.at, trouble.failure);
        } else {
            progress.refused(trouble.row.at, trouble.failure);
        }
    }
}

pub(super) fn positions(rows: &[Row]) -> Vec<usize> {
    rows.iter().map(|row| row.at).collect()
}

/// Whether a request that was certainly not carried out may fare better later.
fn passes(error: &Error) -> bool {
    match error {
        Error::NotSent { .. } => true,
        Error::Api { status, code, .. } => {
            matches!(status, 406 | 420 | 429 | 500..) || code == "REQUEST_LIMIT_EXCEEDED"
        }
        Error::Foreign { status, .. } => matches!(status, 406 | 420 | 429 | 500..),
        _ => false,
    }
}

fn batch(write: Write, rows: &[Row]) -> Batch {
    let records = || rows.iter().map(|row| row.record.clone()).collect();
    match write {
        Write::Create(object) => Batch::Create { object, records: records() },
        Write::Update(object) => Batch::Update { object, records: records() },
        Write::Delete => {
            Batch::Delete { ids: rows.iter().filter_map(|row| Record::id(&row.record)).collect() }
        }
    }
}
