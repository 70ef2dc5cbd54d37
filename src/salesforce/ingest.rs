//! Many writes of one kind as a Bulk API 2.0 job, with an answer for each record.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Ingest Jobs": one upload a job, nothing happens
//! before it is closed, a complete job may hold failed records, the order of results is not that of
//! the upload, an empty value is ignored and `#N/A` is null.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use foldhash::fast::RandomState;
use reqwest::Method;
use serde::Serialize;

use crate::model::RecordId;

use super::bulk_query::{Job, State};
use super::call::{Call, Repeat, Reply};
use super::error::plain;
use super::{Answer, Error, FieldValue, Record, RecordError, Writer};

/// What a job does with its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngestOperation {
    /// Creates them. These fields together tell them apart in the results.
    Insert {
        /// Such as `Username`.
        key: &'static [&'static str],
    },
    /// Changes them; each has an id.
    Update,
    /// Deletes them; each has an id.
    Delete,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// The job's id, as Setup lists it.
    pub job: String,
    /// What became of each record, in the order they were given.
    pub fates: Vec<Fate>,
}

/// What became of a record of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The job has an answer for it.
    Answered(Answer),
    /// A job cannot hold it: it was not sent.
    NotForBulk,
    /// The job has ended and says nothing about it: the org did not come to it, most likely.
    Untold,
}

/// Most bytes of an upload. The limit is 150 MB in base64.
/// Source: Salesforce Developer Limits Quick Reference, "Bulk API and Bulk API 2.0 Limits".
const UPLOAD: usize = 100_000_000;
const NULL: &str = "#N/A";
/// How often in a row the org may fail to say where a job stands.
const FAILURES: u32 = 5;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    object: &'static str,
    operation: &'static str,
    content_type: &'static str,
    line_ending: &'static str,
    column_delimiter: &'static str,
}

#[derive(Serialize)]
struct Change {
    state: &'static str,
}

impl IngestOperation {
    const fn word(self) -> &'static str {
        match self {
            Self::Insert { .. } => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    const fn key(self) -> &'static [&'static str] {
        match self {
            Self::Insert { key } => key,
            Self::Update | Self::Delete => &["Id"],
        }
    }
}

impl Writer {
    /// Writes records as one job and waits for its end. Whenever the org is asked where the job
    /// stands, `go_on` is asked too; if it does not want to, the job is aborted, and what was done by
    /// then stays done.
    ///
    /// An error means that nothing was written, unless [`Error::is_outcome_unknown`] says otherwise:
    /// then the job was started and could not be followed to its end; its id is in the error.
    pub async fn ingest<R: Borrow<Record>>(
        &self,
        object: &'static str,
        operation: IngestOperation,
        records: &[R],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Ingested, Error> {
        let mut table = Table::of(operation, records)?;
        let body = Create {
            object,
            operation: operation.word(),
            content_type: "CSV",
            line_ending: "LF",
            column_delimiter: "COMMA",
        };
        let url = self.0.at("jobs/ingest")?;
        // A job that was made twice and not closed does nothing.
        let call = Call::json(Method::POST, url, &body, Repeat::Safe)?;
        let job: Job = self.0.exchange(&call, Reply::decode).await?;
        let path = format!("jobs/ingest/{}", job.id);
        self.upload(&job, &path, std::mem::take(&mut table.csv)).await?;
        self.close(&job, &path).await?;
        let not_seen = |error: Error| Error::Job {
            id: job.id.clone(),
            state: "not seen to its end".to_owned(),
            message: error.to_string(),
            begun: true,
        };
        let ended = self.follow(&path, go_on).await.map_err(not_seen)?;
        let fates = self.fates(&path, &ended, table).await.map_err(not_seen)?;
        Ok(Ingested { job: job.id, fates })
    }

    /// Uploads the content, once. Until the job is closed nothing happens, so a failure here is a
    /// certain one.
    async fn upload(&self, job: &Job, path: &str, csv: Vec<u8>) -> Result<(), Error> {
        let url = self.0.at(&format!("{path}/batches"))?;
        let call = Call::csv(Method::PUT, url, csv, Repeat::IfNotDone);
        match self.0.exchange(&call, |_| Ok(())).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.give_up(job, path, &error).await),
        }
    }

    async fn close(&self, job: &Job, path: &str) -> Result<(), Error> {
        let Err(error) = self.change(path, "UploadComplete").await else {
            return Ok(());
        };
        // The answer may have been lost, or this was the second time.
        match self.0.get::<Job>(&self.0.path(path)).await {
            Ok(now) if now.state == State::Open => Err(self.give_up(job, path, &error).await),
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Job {
                id: job.id.clone(),
                state: "not seen since it was closed".to_owned(),
                message: error.to_string(),
                begun: error.is_outcome_unknown(),
            }),
        }
    }

    /// Aborts a job that was not closed.
    async fn give_up(&self, job: &Job, path: &str, error: &Error) -> Error {
        // If this fails too, the job stays open and does nothing.
        let _ = self.change(path, "Aborted").await;
        if error.ends_the_work() { error.clone() } else { told(job, error) }
    }

    async fn change(&self, path: &str, state: &'static str) -> Result<(), Error> {
        let url = self.0.at(path)?;
        let call = Call::json(Method::PATCH, url, &Change { state }, Repeat::Safe)?;
        self.0.exchange(&call, |_| Ok(())).await
    }

    /// Waits for the end of a job, or aborts it.
    async fn follow(&self, path: &str, go_on: &dyn Fn() -> bool) -> Result<Job, Error> {
        let mut pause = self.0.pace.short;
        let longest = self.0.pace.short * 30;
        let (mut failures, mut wanted) = (0, true);
        loop {
            match self.0.get::<Job>(&self.0.path(path)).await {
                Ok(job) if job.state.is_over() => return Ok(job),
                Ok(_) if wanted && !go_on() => {
                    wanted = false;
                    // One that is over by now cannot be aborted, and need not be.
                    let _ = self.change(path, "Aborted").await;
                    continue;
                }
                Ok(_) => failures = 0,
                Err(error) if error.ends_the_work() || failures == FAILURES => return Err(error),
                Err(_) => failures += 1,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(longest);
        }
    }

    async fn fates(&self, path: &str, job: &Job, table: Table) -> Result<Vec<Fate>, Error> {
        let Table { mut fates, key, at, .. } = table;
        let none_failed = job.state == State::JobComplete && job.number_records_failed == Some(0);
        for (kind, failed) in [("successfulResults", false), ("failedResults", true)] {
            if failed && none_failed {
                continue;
            }
            let call = Call::get_csv(self.0.at(&format!("{path}/{kind}"))?);
            let rows = self.0.exchange(&call, |reply| results(&reply.body, key, &at)).await?;
            for (at, id, error) in rows {
                let answer = if failed { Err(refusal(&error)) } else { id.ok_or_else(nameless) };
                if let Some(place) = fates.get_mut(at) {
                    *place = Fate::Answered(answer);
                }
            }
        }
        Ok(fates)
    }
}

/// Nothing was written, and why.
fn told(job: &Job, error: &Error) -> Error {
    Error::Job {
        id: job.id.clone(),
        state: "not started".to_owned(),
        message: error.to_string(),
        begun: false,
    }
}

fn nameless() -> RecordError {
    RecordError {
        code: "UNREADABLE_ANSWER".to_owned(),
        message: "written, but the job does not say under which id".to_owned(),
        fields: Vec::new(),
    }
}

/// The upload, and which record is which.
struct Table {
    csv: Vec<u8>,
    key: &'static [&'static str],
    at: HashMap<String, usize, RandomState>,
    /// What is known without the server.
    fates: Vec<Fate>,
}

impl Table {
    fn of<R: Borrow<Record>>(operation: IngestOperation, records: &[R]) -> Result<Self, Error> {
        let columns = columns(operation, records);
        let key = operation.key();
        let places: Vec<Option<usize>> =
            key.iter().map(|name| columns.iter().position(|column| column == name)).collect();
        let bad = |error: csv::Error| Error::Setup(error.to_string());
        let mut writer = WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(&columns).map_err(bad)?;
        let mut at = HashMap::with_capacity_and_hasher(records.len(), RandomState::default());
        let mut fates = Vec::with_capacity(records.len());
        let mut line = Vec::with_capacity(columns.len());
        for (place, record) in records.iter().enumerate() {
            line.clear();
            let fits = fill(&mut line, (operation, &columns), record.borrow());
            let mut name = String::new();
            if fits {
                tell_apart(&mut name, &places, |at| line.get(at).map(AsRef::as_ref));
            }
            // Of two records that could not be told apart the first is sent.
            match at.entry(name) {
                Entry::Vacant(entry) if entry.key().chars().any(|c| c != BETWEEN) => {
                    entry.insert(place);
                    writer.write_record(line.iter().map(|text| text.as_bytes())).map_err(bad)?;
                    fates.push(Fate::Untold);
                }
                Entry::Vacant(_) | Entry::Occupied(_) => fates.push(Fate::NotForBulk),
            }
        }
        let csv = writer.into_inner().map_err(|error| Error::Setup(error.to_string()))?;
        if csv.len() > UPLOAD {
            return Err(Error::Query(format!("an upload of {} bytes", csv.len())));
        }
        Ok(Self { csv, key, at, fates })
    }
}

fn columns<R: Borrow<Record>>(operation: IngestOperation, records: &[R]) -> Vec<&str> {
    let mut columns = match operation {
        IngestOperation::Insert { .. } => Vec::new(),
        IngestOperation::Update => vec!["Id"],
        IngestOperation::Delete => return vec!["Id"],
    };
    let first = columns.len();
    for record in records {
        for (at, (name, _)) in record.borrow().fields().enumerate() {
            // Mostly every record has the same fields in the same order.
            let is_there = columns.get(first + at) == Some(&name) || columns.contains(&name);
            if !is_there {
                columns.push(name);
            }
        }
    }
    columns
}

/// Fills the line of a record; false for one that a job cannot hold.
fn fill<'r>(
    line: &mut Vec<Cow<'r, str>>,
    (operation, columns): (IngestOperation, &[&str]),
    record: &'r Record,
) -> bool {
    let mut fields = record.fields().peekable();
    for column in columns {
        // Mostly the fields come in the order of the columns.
        let next = fields.next_if(|(name, _)| name == column);
        let found = next.or_else(|| record.fields().find(|(name, _)| name == column));
        let text = match (found.map(|(_, value)| value), record.id()) {
            (None, Some(id)) if *column == "Id" => Cow::Owned(id.as_str().to_owned()),
            (None, _) => Cow::Borrowed(""),
            (Some(FieldValue::Bool(value)), _) => {
                Cow::Borrowed(if *value { "true" } else { "false" })
            }
            (Some(FieldValue::Number(value)), _) => Cow::Owned(value.to_string()),
            (Some(value), _) => match value.text() {
                // This text would be taken for null.
                Some(NULL) => return false,
                Some(text) if !text.is_empty() => Cow::Borrowed(text),
                Some(_) | None => match operation {
                    IngestOperation::Insert { .. } => Cow::Borrowed(""),
                    IngestOperation::Update | IngestOperation::Delete => Cow::Borrowed(NULL),
                },
            },
        };
        line.push(text);
    }
    true
}

/// Stands between the parts of what tells a record apart.
const BETWEEN: char = '\u{1f}';

/// Writes what tells a record apart.
fn tell_apart<'a>(
    name: &mut String,
    places: &[Option<usize>],
    text: impl Fn(usize) -> Option<&'a str>,
) {
    let part = |place: &Option<usize>| place.and_then(&text).unwrap_or_default();
    name.clear();
    name.reserve(places.iter().map(|place| part(place).len() + BETWEEN.len_utf8()).sum());
    for place in places {
        name.push_str(part(place));
        name.push(BETWEEN);
    }
}

/// Rows of a result: which record, its id, its error.
type Rows = Vec<(usize, Option<RecordId>, String)>;

fn results(
    body: &[u8],
    key: &[&str],
    known: &HashMap<String, usize, RandomState>,
) -> Result<Rows, Error> {
    let bad = |error: csv::Error| Error::Unreadable(error.to_string());
    let mut reader = ReaderBuilder::new().from_reader(body);
    let header = reader.headers().map_err(bad)?.clone();
    let column = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
    let (id, error) = (column("sf__Id"), column("sf__Error"));
    let places: Vec<Option<usize>> = key.iter().map(|name| column(name)).collect();
    let mut rows = Vec::new();
    let (mut record, mut name) = (StringRecord::new(), String::new());
    while reader.read_record(&mut record).map_err(bad)? {
        let text = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        tell_apart(&mut name, &places, |at| record.get(at));
        let Some(at) = known.get(&name) else {
            let shown = name.replace(BETWEEN, " ");
            return Err(Error::Unreadable(format!("a result for `{shown}`, which was not sent")));
        };
        rows.push((*at, RecordId::observed(text(id)).ok(), text(error).to_owned()));
    }
    Ok(rows)
}

/// Reads `CODE:message:fields --`. The message may hold colons, and there may be several.
fn refusal(text: &str) -> RecordError {
    let first = text.trim().strip_suffix("--").unwrap_or(text).trim();
    let first = first.split(" --;").next().unwrap_or(first);
    let (code, rest) = first.split_once(':').unwrap_or(("UNKNOWN", first));
    let (message, fields) = rest.rsplit_once(':').unwrap_or((rest, ""));
    let fields = fields.split(',').map(str::trim).filter(|field| !field.is_empty());
    RecordError {
        code: code.trim().to_owned(),
        message: plain(message),
        fields: fields.map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> FieldValue {
        FieldValue::Text(value.to_owned())
    }

    #[test]
    fn a_refusal_is_taken_apart() {
        let error = refusal(
            "DUPLICATE_VALUE:duplicate value found: X duplicates value on record with id: 003:Email, X__c --",
        );
        assert_eq!(error.code, "DUPLICATE_VALUE");
        assert_eq!(
            error.message,
            "duplicate value found: X duplicates value on record with id: 003"
        );
        assert_eq!(error.fields, ["Email", "X__c"]);
        let none = refusal("UNKNOWN_EXCEPTION:portal account owner must have a role: --");
        assert_eq!(none.message, "portal account owner must have a role");
        assert!(none.fields.is_empty());
        assert_eq!(refusal("odd").message, "odd");
    }

    #[test]
    fn what_is_to_be_emptied_is_told_from_what_is_left_alone() {
        let id = |n: u8| RecordId::observed(&format!("00500000000000{n}")).unwrap();
        let records = [
            Record::with_id(id(1))
                .set("Title", FieldValue::Null)
                .set("IsActive", FieldValue::Bool(false)),
            Record::with_id(id(2)).set("Phone", text("a \"b\",\nc")),
            Record::with_id(id(3)).set("Phone", text("#N/A")),
        ];
        let table = Table::of(IngestOperation::Update, &records).unwrap();
        let csv = String::from_utf8(table.csv).unwrap();
        let lines = format!(
            "Id,Title,IsActive,Phone\n{},#N/A,false,\n{},,,\"a \"\"b\"\",\nc\"\n",
            id(1).as_str(),
            id(2).as_str()
        );
        assert_eq!(csv, lines);
        assert_eq!(table.fates, [Fate::Untold, Fate::Untold, Fate::NotForBulk]);
    }

    #[test]
    fn of_records_that_could_not_be_told_apart_one_is_sent() {
        let kim = || Record::new().set("Username", text("kim@acme.example"));
        let insert = IngestOperation::Insert { key: &["Username", "Alias"] };
        let alias = Record::new().set("Alias", text("x"));
        let nobody = Record::new().set("Title", text("x"));
        let table = Table::of(insert, &[kim(), kim(), alias, nobody]).unwrap();
        let sent = [Fate::Untold, Fate::NotForBulk, Fate::Untold, Fate::NotForBulk];
        assert_eq!(table.fates, sent);
    }
}
