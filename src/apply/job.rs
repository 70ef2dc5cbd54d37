//! Many records of one object as Bulk API 2.0 jobs, and what a job left of them for requests.
//!
//! A job costs about seven calls, however many records it has, and no answer of it can be lost to a
//! timeout. A request of five collections takes a thousand records, is over when its answer comes,
//! and nothing goes on after it. So jobs are for steps in which requests would take more calls.
//! Licences with roles never go by job: it would work on them in parallel.
//!
//! Sources: Bulk API 2.0 and Bulk API Developer Guide, "How Requests Are Processed" (batches of
//! 10,000 records, in parallel; 200 a transaction), "General Guidelines for Data Loads" (users and
//! members of groups compete for locks).

use futures_util::{StreamExt, stream};

use crate::model::AccessKind;
use crate::plan::works_on_roles;
use crate::salesforce::{Error, Fate, IngestOperation, Ingested, Record};

use super::Options;
use super::lanes::Row;
use super::payload::holding_object;
use super::report::Failure;
use super::verdict::{Verdict, Write};
use super::watch::Stop;
use super::work::{Order, Trouble, Work, positions};

/// The records of one batch of a job, which the org works off one after the other.
const BATCH: usize = 10_000;

/// A job for an object.
type Kind = (&'static str, IngestOperation);

impl Work<'_> {
    /// Sends what is many enough, and suits a job, as jobs. What is left comes back.
    pub(super) async fn by_jobs(&self, write: Write, rows: Vec<Row>, order: Order) -> Vec<Row> {
        let least = self.options.jobs_from;
        let Some(kind) = kind(write).filter(|_| order != Order::AsGiven && rows.len() >= least)
        else {
            return rows;
        };
        let with_roles = |row: &Row| order == Order::Roles && works_on_roles(self.plan, row.at);
        let (mut left, plain): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(with_roles);
        if plain.len() < least {
            left.extend(plain);
            return left;
        }
        let jobs = self.cut(write, plain);
        let mut work = stream::iter(jobs.into_iter().map(|rows| self.job(write, kind, rows)))
            .buffer_unordered(self.options.parallelism.max(1));
        while let Some(rest) = work.next().await {
            left.extend(rest);
        }
        left
    }

    /// No account is in two batches, as these run at the same time. An assignment locks none.
    fn cut(&self, write: Write, mut rows: Vec<Row>) -> Vec<Vec<Row>> {
        if write.gives() {
            return vec![rows];
        }
        let account = |row: &Row| self.plan.changes.get(row.at).map(|change| &change.account);
        rows.sort_by(|one, next| account(one).cmp(&account(next)));
        let mut sizes: Vec<usize> = Vec::new();
        for account in rows.chunk_by(|one, next| account(one) == account(next)) {
            match sizes.last_mut().filter(|size| **size + account.len() <= BATCH) {
                Some(size) => *size += account.len(),
                None => sizes.push(account.len()),
            }
        }
        let mut rows = rows.into_iter();
        sizes.into_iter().map(|size| rows.by_ref().take(size).collect()).collect()
    }

    async fn job(&self, write: Write, kind: Kind, rows: Vec<Row>) -> Vec<Row> {
        let at = positions(&rows);
        if self.not_for_jobs.borrow().contains(kind.0) {
            return rows;
        }
        if !self.may_send(&at) {
            return Vec::new();
        }
        let left = self.carry(write, kind, rows).await;
        if !Options::is_coarse(self.plan) {
            self.progress.borrow_mut().landed(&at);
        }
        self.watch.borrow_mut().settled(at.len().saturating_sub(left.len()));
        left
    }

    async fn carry(&self, write: Write, kind: Kind, rows: Vec<Row>) -> Vec<Row> {
        let (rows, troubles) = match write {
            Write::Create("Contact") => self.not_there_yet(rows).await,
            Write::Create(_) | Write::Update(_) | Write::Delete => (rows, Vec::new()),
        };
        let mut left: Vec<Row> = troubles.into_iter().map(|trouble| trouble.row).collect();
        if rows.is_empty() {
            return left;
        }
        let (object, operation) = kind;
        let records: Vec<&Record> = rows.iter().map(|row| &row.record).collect();
        let done = self.writer.ingest(object, operation, &records, &|| self.is_wanted()).await;
        match done {
            Ok(done) => left.extend(self.read(write, rows, done).await),
            Err(error) => left.extend(self.without_job(object, rows, &error)),
        }
        left
    }

    /// Books what a job has done; what it has not comes back.
    async fn read(&self, write: Write, rows: Vec<Row>, done: Ingested) -> Vec<Row> {
        let (mut left, mut asked, mut again) = (Vec::new(), Vec::new(), 0);
        for (row, fate) in rows.into_iter().zip(done.fates) {
            match fate {
                Fate::Answered(answer) => match self.book(write, &row, answer) {
                    Some((Verdict::Ask, trouble)) => asked.push(trouble),
                    Some((_, trouble)) => {
                        again += 1;
                        left.push(trouble.row);
                    }
                    None => {}
                },
                Fate::Untold if write == Write::Create("User") => {
                    asked.push(Trouble { row, failure: untold(&done.job), lost: true });
                }
                // Contacts are looked up before they are sent again; to do anything else twice
                // changes nothing.
                Fate::Untold | Fate::NotForBulk => left.push(row),
            }
        }
        self.progress.borrow_mut().retried(again);
        if !asked.is_empty() {
            for trouble in self.ask(asked).await {
                if trouble.lost {
                    self.give_up(trouble);
                } else {
                    left.push(trouble.row);
                }
            }
        }
        left
    }

    /// A job that was refused, or could not be followed to its end. Of a refused one nothing was
    /// done: the rest of the object goes by requests.
    fn without_job(&self, object: &'static str, rows: Vec<Row>, error: &Error) -> Vec<Row> {
        if error.is_outcome_unknown() {
            for row in rows {
                self.progress.borrow_mut().lost(row.at, Failure::of(error));
            }
            return Vec::new();
        }
        if error.ends_the_work() {
            self.progress.borrow_mut().stop(Stop::Exhausted(Failure::of(error)));
            return Vec::new();
        }
        tracing::info!(code = error.code(), object, "no Bulk job, writing by collections");
        self.not_for_jobs.borrow_mut().insert(object);
        rows
    }

    /// A job of an earlier run that was cut off may still be making contacts, and whoever is made
    /// twice is a contact: nothing else can be. So its end is waited for.
    pub(super) async fn wait_for_jobs(&self) {
        let reader = self.writer.reader();
        let running = match reader.running_jobs(&["Contact"]).await {
            Ok(running) => running,
            // Who may not see jobs may not start them either.
            Err(error) => {
                tracing::info!(code = error.code(), "Bulk jobs cannot be listed");
                return;
            }
        };
        for job in running {
            tracing::warn!(job = job.id, "waiting for a Bulk job of an earlier run");
            if let Err(error) = reader.job_over(&job).await {
                tracing::warn!(code = error.code(), "a Bulk job cannot be followed");
            }
        }
    }
}

/// The job that makes or changes such records, if one may.
fn kind(write: Write) -> Option<Kind> {
    let insert = |object, key| Some((object, IngestOperation::Insert { key }));
    match write {
        Write::Create(object @ "Contact") => {
            insert(object, &["AccountId", "Email", "LastName", "FirstName"])
        }
        Write::Create(object @ "User") => insert(object, &["Username"]),
        Write::Create(object) => {
            match AccessKind::ALL.into_iter().find(|kind| holding_object(*kind) == object)? {
                AccessKind::PermissionSet | AccessKind::PermissionSetGroup => {
                    insert(object, &["AssigneeId", "PermissionSetId", "PermissionSetGroupId"])
                }
                AccessKind::PermissionSetLicense => {
                    insert(object, &["AssigneeId", "PermissionSetLicenseId"])
                }
                AccessKind::Group => insert(object, &["UserOrGroupId", "GroupId"]),
            }
        }
        Write::Update(object @ ("Contact" | "User")) => Some((object, IngestOperation::Update)),
        Write::Update(_) | Write::Delete => None,
    }
}

fn untold(job: &str) -> Failure {
    Failure {
        code: "JOB_ENDED".to_owned(),
        message: format!(
            "Bulk API job {job} has ended and does not say what became of this record"
        ),
        help: Some("run `portalctl plan` to see what became of it".to_owned()),
    }
}
