//! Batches: what was uploaded, and what became of each row.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::super::csv::Layout;
use super::super::ingest::{self, Task};
use super::{Answer, Answered, Call, Classic, Content, Form, Refused, State, World};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::soql::{self, Found, Rows};
use crate::emulator::value::moment_text;

/// The most rows of a batch.
const ROWS: usize = 10_000;
const COMMAS: Layout = Layout { delimiter: ',', crlf: false };

/// A batch of a job.
pub(super) struct Batch {
    id: Id,
    created: Timestamp,
    pub(super) stage: Stage,
    message: Option<String>,
    request: Bytes,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Queued,
    InProgress,
    Completed,
    Failed,
    NotProcessed,
}

/// What a batch came to.
enum Outcome {
    None,
    Written(Vec<Result<(Id, bool), Vec<DmlError>>>),
    /// The id of the result, and what it holds.
    Read(Id, Rows),
}

impl Batch {
    pub(super) fn abort(&mut self) {
        if matches!(self.stage, Stage::Queued | Stage::InProgress) {
            self.stage = Stage::NotProcessed;
        }
    }

    /// Rows processed, and how many of them failed.
    pub(super) fn counts(&self) -> (usize, usize) {
        match &self.outcome {
            Outcome::None => (0, 0),
            Outcome::Written(rows) => (rows.len(), rows.iter().filter(|row| row.is_err()).count()),
            Outcome::Read(_, rows) => (rows.len(), 0),
        }
    }

    fn info(&self, job: Id) -> Json {
        let moment = moment_text(self.created);
        let (processed, failed) = self.counts();
        let state = match self.stage {
            Stage::Queued => "Queued",
            Stage::InProgress => "InProgress",
            Stage::Completed => "Completed",
            Stage::Failed => "Failed",
            Stage::NotProcessed => "Not Processed",
        };
        json!({
            "id": self.id.to_string(),
            "jobId": job.to_string(),
            "state": state,
            "stateMessage": self.message,
            "createdDate": moment,
            "systemModstamp": moment,
            "numberRecordsProcessed": processed,
            "numberRecordsFailed": failed,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        })
    }
}

/// Everything below a job's `batch`.
pub(super) fn answer(
    world: &mut World,
    call: &Call,
    (job, form): (Id, Form),
    rest: &[&str],
) -> Answered {
    match (call.method.as_str(), rest) {
        ("POST", []) => add(world, call, (job, form)),
        ("GET", []) => {
            proceed(world, job);
            let batches = world.jobs.classics.get(&job).map(|job| job.batches.as_slice());
            let infos: Vec<Json> =
                batches.unwrap_or_default().iter().map(|batch| batch.info(job)).collect();
            Ok(form.document(200, "batchInfoList", &json!({ "batchInfo": infos })))
        }
        ("GET", [id]) => {
            proceed(world, job);
            find(world, job, id).map(|(_, batch)| form.document(200, "batchInfo", &batch.info(job)))
        }
        ("GET", [id, "request"]) => find(world, job, id).map(|(job, batch)| {
            let text = String::from_utf8_lossy(&batch.request).into_owned();
            Answer::text(200, text).kind(kind(job.content))
        }),
        ("GET", [id, "result"]) => results(world, (job, form), id),
        ("GET", [id, "result", result]) => result_rows(world, job, id, result),
        _ => Err(Refused("InvalidUrl", "Destination URL not reset".to_owned())),
    }
}

fn find<'a>(world: &'a World, job: Id, id: &str) -> Result<(&'a Classic, &'a Batch), Refused> {
    let job = world.jobs.classics.get(&job);
    let batch = job.zip(Id::parse(id)).and_then(|(job, id)| {
        job.batches.iter().find(|batch| batch.id == id).map(|batch| (job, batch))
    });
    batch.ok_or_else(|| Refused("InvalidBatch", format!("Unable to find batch with id: {id}")))
}

const fn kind(content: Content) -> &'static str {
    match content {
        Content::Csv => "text/csv",
        Content::Json => "application/json",
    }
}

fn add(world: &mut World, call: &Call, (id, form): (Id, Form)) -> Answered {
    world.jobs.serial += 1;
    let (serial, created) = (world.jobs.serial, world.org.now());
    let Some(job) = world.jobs.classics.get_mut(&id) else { return Ok(Answer::empty(404)) };
    if job.state != State::Open {
        let message = "Can not create batches in a closed or aborted job".to_owned();
        return Err(Refused("InvalidJobState", message));
    }
    let batch = Batch {
        id: Id::new("751", serial),
        created,
        stage: Stage::Queued,
        message: None,
        request: call.body.clone(),
        outcome: Outcome::None,
    };
    let info = batch.info(id);
    job.batches.push(batch);
    // CSV says nothing of how its sender reads; such clients read XML.
    Ok(form.document(201, "batchInfo", &info))
}

/// Each look takes every batch a step further, so that nobody gets by without waiting.
pub(super) fn proceed(world: &mut World, id: Id) {
    let Some(mut job) = world.jobs.classics.remove(&id) else { return };
    let mut batches = std::mem::take(&mut job.batches);
    for batch in &mut batches {
        match batch.stage {
            Stage::Queued => batch.stage = Stage::InProgress,
            Stage::InProgress => match process(world, &job, &batch.request) {
                Ok(outcome) => (batch.stage, batch.outcome) = (Stage::Completed, outcome),
                Err(message) => (batch.stage, batch.message) = (Stage::Failed, Some(message)),
            },
            Stage::Completed | Stage::Failed | Stage::NotProcessed => {}
        }
    }
    job.batches = batches;
    world.jobs.classics.insert(id, job);
}

fn process(world: &mut World, job: &Classic, request: &[u8]) -> Result<Outcome, String> {
    if job.reads() {
        let statement = String::from_utf8_lossy(request);
        let all = job.operation == "queryAll";
        return match soql::run(&world.org, statement.trim(), all) {
            Ok(Found::Rows(rows)) if !rows.has_children() => {
                world.jobs.serial += 1;
                Ok(Outcome::Read(Id::new("752", world.jobs.serial), rows))
            }
            Ok(_) => Err("FeatureNotEnabled : Aggregate Relationships not supported in Bulk Query"
                .to_owned()),
            Err(error) => Err(format!(
                "InvalidBatch : Failed to process query: {}: {}",
                error.code, error.message
            )),
        };
    }
    let invalid = |message: &str| format!("InvalidBatch : {message}");
    let Some(object) = world.org.schema.named(&job.object) else { return Err(String::new()) };
    let rows = match job.content {
        Content::Csv => {
            let (header, rows) = COMMAS.parse(request).map_err(|error| invalid(&error))?;
            if let Some(name) = header.iter().find(|name| !ingest::is_column(world, object, name)) {
                return Err(invalid(&format!("Field name not found : {name}")));
            }
            rows.iter().map(|row| ingest::fields(&header, row)).collect()
        }
        Content::Json => read_rows(request).ok_or_else(|| invalid("Unable to parse JSON"))?,
    };
    if rows.len() > ROWS {
        return Err("ExceededQuota : Maximum number of records per batch exceeded".to_owned());
    }
    let task = Task { operation: &job.operation, key: job.key.as_deref() };
    let done = rows
        .into_iter()
        .map(|row| ingest::one(world, object, task, row).map_err(|(_, errors)| errors));
    Ok(Outcome::Written(done.collect()))
}

fn read_rows(text: &[u8]) -> Option<Vec<Map<String, Json>>> {
    let Ok(Json::Array(list)) = serde_json::from_slice(text) else { return None };
    let row = |one| match one {
        Json::Object(mut row) => {
            row.remove("attributes");
            Some(row)
        }
        _ => None,
    };
    list.into_iter().map(row).collect()
}

/// For each row what became of it; of a query, the ids of its results.
fn results(world: &World, (job, form): (Id, Form), id: &str) -> Answered {
    let (job, batch) = find(world, job, id)?;
    let not_yet = || Refused("InvalidBatch", "Batch not completed".to_owned());
    match (&batch.outcome, job.content) {
        (Outcome::None, _) => Err(not_yet()),
        (Outcome::Read(result, _), _) => Ok(match form {
            Form::Json => form.document(200, "result-list", &json!([result.to_string()])),
            Form::Xml => {
                form.document(200, "result-list", &json!({ "result": result.to_string() }))
            }
        }),
        (Outcome::Written(rows), Content::Json) => {
            let list: Vec<Json> = rows.iter().map(row_json).collect();
            Ok(Answer::json(200, &Json::from(list)).kind(kind(job.content)))
        }
        (Outcome::Written(rows), Content::Csv) => {
            let mut text = String::new();
            COMMAS.line(&mut text, ["Id", "Success", "Created", "Error"].into_iter());
            for row in rows {
                let (id, created, error) = match row {
                    Ok((id, created)) => (id.to_string(), *created, String::new()),
                    Err(errors) => (String::new(), false, ingest::text_of(errors)),
                };
                let (success, created) = (row.is_ok().to_string(), created.to_string());
                COMMAS.line(&mut text, [&*id, &success, &created, &error].into_iter());
            }
            Ok(Answer::csv(200, text))
        }
    }
}

fn row_json(row: &Result<(Id, bool), Vec<DmlError>>) -> Json {
    match row {
        Ok((id, created)) => {
            json!({ "success": true, "created": created, "id": id.to_string(), "errors": [] })
        }
        Err(errors) => {
            let one = |error: &DmlError| {
                json!({ "message": error.message, "fields": error.fields,
                    "statusCode": error.code, "extendedErrorDetails": null })
            };
            let errors: Vec<Json> = errors.iter().map(one).collect();
            json!({ "success": false, "created": false, "id": null, "errors": errors })
        }
    }
}

/// The rows that a query has found.
fn result_rows(world: &World, job: Id, id: &str, result: &str) -> Answered {
    let (job, batch) = find(world, job, id)?;
    let rows = match &batch.outcome {
        Outcome::Read(own, rows) if Id::parse(result) == Some(*own) => rows,
        _ => {
            let message = format!("Unable to find result with id: {result}");
            return Err(Refused("InvalidBatch", message));
        }
    };
    let mut text = String::new();
    match job.content {
        Content::Csv => {
            COMMAS.line(&mut text, rows.columns().iter().map(|column| column.header.as_str()));
            rows.write_csv(&world.org, (0, rows.len()), (',', "\n"), &mut text);
        }
        Content::Json => {
            let base = format!("/services/data/v{:.1}", job.version);
            text.push('[');
            rows.write((&world.org, &base), 0, rows.len(), &mut text);
            text.push(']');
        }
    }
    Ok(Answer::text(200, text).kind(kind(job.content)))
}
