//! Many writes of one kind as a Bulk API 2.0 job, with an answer for each record.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Ingest Jobs": one upload a job, nothing happens
//! before it is closed, a complete job may hold failed records, the order of results is not that of
//! the upload, an empty value is ignored and `#N/A` is null.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use reqwest::Method;
use serde::Serialize;

use crate::model::RecordId;

use super::bulk_query::{self, Job, State};
use super::call::{Call, Repeat, Reply};
use super::error::plain;
use super::{Answer, Error, FieldValue, Record, RecordError, Writer};

/// What a job does with its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngestOperation {
    /// Creates them. The field tells them apart in the results: each record has a text in it that no
    /// other has.
    Insert {
        /// Such as `Username`.
        key: &'static str,
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
    /// One answer for each record, in the order they were given.
    pub answers: Vec<Answer>,
}

/// Most bytes of an upload. The limit is 150 MB in base64.
/// Source: Salesforce Developer Limits Quick Reference, "Bulk API and Bulk API 2.0 Limits".
const UPLOAD: usize = 100_000_000;
const NULL: &str = "#N/A";

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

    const fn key(self) -> &'static str {
        match self {
            Self::Insert { key } => key,
            Self::Update | Self::Delete => "Id",
        }
    }
}

impl Writer {
    /// Writes records as one job and waits for its end.
    ///
    /// An error means that nothing was written, unless [`Error::is_outcome_unknown`] says otherwise:
    /// then the job was started and could not be followed to its end; its id is in the error.
    pub async fn ingest(
        &self,
        object: &'static str,
        operation: IngestOperation,
        records: &[Record],
    ) -> Result<Ingested, Error> {
        let table = Table::of(operation, records)?;
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
        self.upload(&job, &path, table.csv.clone()).await?;
        self.close(&job, &path).await?;
        let seen = self.outcome(&path, &table).await;
        let answers = seen.map_err(|error| Error::Job {
            id: job.id.clone(),
            state: "not seen to its end".to_owned(),
            message: error.to_string(),
            begun: true,
        })?;
        Ok(Ingested { job: job.id, answers })
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

    async fn outcome(&self, path: &str, table: &Table) -> Result<Vec<Answer>, Error> {
        let job = bulk_query::over(&self.0, path).await?;
        let unprocessed = || {
            Err(RecordError {
                code: "UNPROCESSED".to_owned(),
                message: job
                    .error_message
                    .as_deref()
                    .map_or_else(|| "the job ended before this record".to_owned(), plain),
                fields: Vec::new(),
            })
        };
        let mut answers = table.answers.clone();
        for (kind, failed) in [("successfulResults", false), ("failedResults", true)] {
            let url = self.0.at(&format!("{path}/{kind}"))?;
            let call = Call::get_csv(url);
            let rows = self.0.exchange(&call, |reply| results(&reply.body, table)).await?;
            for (at, id, error) in rows {
                let answer = if failed { Err(refusal(&error)) } else { id.ok_or_else(nameless) };
                if let Some(place) = answers.get_mut(at) {
                    *place = Some(answer);
                }
            }
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(unprocessed)).collect())
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
    key: &'static str,
    at: HashMap<String, usize>,
    /// Those that are settled without the server.
    answers: Vec<Option<Answer>>,
}

impl Table {
    fn of(operation: IngestOperation, records: &[Record]) -> Result<Self, Error> {
        let key = operation.key();
        let columns = columns(operation, records);
        let bad = |error: csv::Error| Error::Setup(error.to_string());
        let mut writer = WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(&columns).map_err(bad)?;
        let mut table =
            Self { csv: Vec::new(), key, at: HashMap::new(), answers: vec![None; records.len()] };
        for (at, record) in records.iter().enumerate() {
            match line(operation, &columns, record) {
                Ok((name, line)) => {
                    if table.at.insert(name.clone(), at).is_some() {
                        return Err(Error::Query(format!("two records with {key} `{name}`")));
                    }
                    writer.write_record(&line).map_err(bad)?;
                }
                Err(error) => {
                    if let Some(place) = table.answers.get_mut(at) {
                        *place = Some(Err(error));
                    }
                }
            }
        }
        table.csv = writer.into_inner().map_err(|error| Error::Setup(error.to_string()))?;
        if table.csv.len() > UPLOAD {
            return Err(Error::Query(format!("an upload of {} bytes", table.csv.len())));
        }
        Ok(table)
    }
}

fn columns(operation: IngestOperation, records: &[Record]) -> Vec<String> {
    let mut columns = match operation {
        IngestOperation::Insert { .. } => Vec::new(),
        IngestOperation::Update => vec!["Id".to_owned()],
        IngestOperation::Delete => return vec!["Id".to_owned()],
    };
    for (name, _) in records.iter().flat_map(Record::fields) {
        if !columns.iter().any(|known| known == name) {
            columns.push(name.to_owned());
        }
    }
    columns
}

/// A record's key, and its line.
fn line(
    operation: IngestOperation,
    columns: &[String],
    record: &Record,
) -> Result<(String, Vec<String>), RecordError> {
    let unfit = |message: &str| RecordError {
        code: "NOT_FOR_BULK".to_owned(),
        message: message.to_owned(),
        fields: Vec::new(),
    };
    let mut line = Vec::with_capacity(columns.len());
    for name in columns {
        let found = record.fields().find(|(field, _)| field == name).map(|(_, value)| value);
        let text = match (found, record.id()) {
            (None, Some(id)) if name == "Id" => id.as_str().to_owned(),
            (None, _) => String::new(),
            (Some(FieldValue::Text(text)), _) if text == NULL => {
                return Err(unfit("the text #N/A means null in a Bulk job"));
            }
            (Some(FieldValue::Text(text)), _) if !text.is_empty() => text.clone(),
            (Some(FieldValue::Bool(value)), _) => value.to_string(),
            (Some(FieldValue::Number(value)), _) => value.to_string(),
            (Some(FieldValue::Null | FieldValue::Text(_)), _) => match operation {
                IngestOperation::Insert { .. } => String::new(),
                IngestOperation::Update | IngestOperation::Delete => NULL.to_owned(),
            },
        };
        line.push(text);
    }
    let key = columns.iter().position(|name| name == operation.key());
    let name = key.and_then(|at| line.get(at)).cloned().unwrap_or_default();
    if name.is_empty() {
        return Err(unfit("the record has no value that tells it apart"));
    }
    Ok((name, line))
}

/// Rows of a result: which record, its id, its error.
type Rows = Vec<(usize, Option<RecordId>, String)>;

fn results(body: &[u8], table: &Table) -> Result<Rows, Error> {
    let bad = |error: csv::Error| Error::Unreadable(error.to_string());
    let mut reader = ReaderBuilder::new().from_reader(body);
    let header = reader.headers().map_err(bad)?.clone();
    let column = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
    let (id, error, key) = (column("sf__Id"), column("sf__Error"), column(table.key));
    let text = |record: &StringRecord, at: Option<usize>| {
        at.and_then(|at| record.get(at)).unwrap_or_default().to_owned()
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let name = text(&record, key);
        let Some(at) = table.at.get(&name) else {
            return Err(Error::Unreadable(format!("a result for `{name}`, which was not sent")));
        };
        let id = RecordId::observed(&text(&record, id)).ok();
        rows.push((*at, id, text(&record, error)));
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
        let refused = table.answers[2].clone().unwrap().unwrap_err();
        assert_eq!(refused.code, "NOT_FOR_BULK");
    }

    #[test]
    fn records_that_could_not_be_told_apart_are_not_sent() {
        let record = || Record::new().set("Username", text("kim@acme.example"));
        let insert = IngestOperation::Insert { key: "Username" };
        assert!(Table::of(insert, &[record(), record()]).is_err());
        let table = Table::of(insert, &[Record::new().set("Alias", text("x"))]).unwrap();
        assert!(table.answers[0].is_some());
    }
}
