//! Bulk API 1.0: jobs made of batches, which older clients still read and load with. Content is CSV
//! or JSON; XML and ZIP content is refused.
//! Source: Bulk API 2.0 and Bulk API Developer Guide, part "Bulk API".

mod batch;
mod form;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::{Answer, Call, World};
use crate::emulator::id::Id;
use crate::emulator::value::moment_text;
use batch::{Batch, Stage};
use form::Form;

/// A job of Bulk API 1.0.
pub(super) struct Classic {
    id: Id,
    operation: String,
    object: String,
    key: Option<String>,
    content: Content,
    mode: String,
    state: State,
    version: f64,
    created: Timestamp,
    created_by: Option<Id>,
    batches: Vec<Batch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Csv,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    Aborted,
}

/// Why a request is refused: `exceptionCode` and `exceptionMessage`.
struct Refused(&'static str, String);

type Answered = Result<Answer, Refused>;

const OPERATIONS: [&str; 7] =
    ["insert", "update", "upsert", "delete", "hardDelete", "query", "queryAll"];

/// Everything below `/services/async`; the session was checked.
pub(in crate::emulator::routes) fn answer(
    world: &mut World,
    call: &Call,
    version: &str,
    rest: &[&str],
) -> Answer {
    let form = Form::of(call);
    let known = |id: &str| {
        Id::parse(id)
            .filter(|id| world.jobs.classics.contains_key(id))
            .ok_or_else(|| Refused("InvalidJob", format!("Unable to find job with id: {id}")))
    };
    let answered = match (call.method.as_str(), rest) {
        ("POST", ["job"]) => create(world, call, (version, form)),
        ("GET", ["job", id]) => known(id).map(|id| look(world, id, form)),
        ("POST", ["job", id]) => known(id).and_then(|id| change(world, call, (id, form))),
        (_, ["job", id, "batch", rest @ ..]) => {
            known(id).and_then(|id| batch::answer(world, call, (id, form), rest))
        }
        _ => Err(Refused("InvalidUrl", "Destination URL not reset".to_owned())),
    };
    answered.unwrap_or_else(|refused| refused.answer(form))
}

/// The refusal of a session.
pub(in crate::emulator::routes) fn no_session(call: &Call) -> Answer {
    Refused("InvalidSessionId", "Invalid session id".to_owned()).answer(Form::of(call)).uncounted()
}

/// The refusal of a version.
pub(in crate::emulator::routes) fn no_version(call: &Call, version: &str) -> Answer {
    let text = format!("Invalid version: {version}");
    Refused("InvalidVersion", text).answer(Form::of(call)).uncounted()
}

impl Refused {
    fn answer(self, form: Form) -> Answer {
        let Self(code, message) = self;
        form.document(400, "error", &json!({ "exceptionCode": code, "exceptionMessage": message }))
    }
}

fn create(world: &mut World, call: &Call, (version, form): (&str, Form)) -> Answered {
    let job = prepare(world, &form.read(call)?, version)?;
    let answer = form.document(201, "jobInfo", &job.info());
    world.jobs.classics.insert(job.id, job);
    Ok(answer)
}

fn prepare(world: &mut World, body: &Map<String, Json>, version: &str) -> Result<Classic, Refused> {
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    let invalid = |message: String| Refused("InvalidJob", message);
    let operation = text("operation");
    if !OPERATIONS.contains(&operation) {
        return Err(invalid(format!("Unknown operation: {operation}")));
    }
    let Some(object) = world.org.schema.named(text("object")) else {
        let message = format!("Unable to find object: {}", text("object"));
        return Err(Refused("InvalidJob", message));
    };
    super::check_supported(world, object)
        .map_err(|error| Refused("InvalidEntity", error.message))?;
    let content = match text("contentType") {
        "CSV" => Content::Csv,
        "JSON" => Content::Json,
        other => return Err(invalid(format!("contentType {other} is not held by the emulator"))),
    };
    let info = world.org.schema.info(object);
    let key = text("externalIdFieldName");
    let is_key = info
        .field(key)
        .and_then(|at| info.fields.get(at))
        .is_some_and(|field| field.external_id || field.id_lookup);
    if operation == "upsert" && !is_key {
        let message = format!(
            "Field name provided, {key} does not match an External ID, Salesforce Id, or indexed field for {}",
            info.name
        );
        return Err(invalid(message));
    }
    let object = info.name.to_string();
    world.jobs.serial += 1;
    let serial = body.get("concurrencyMode").is_some_and(|mode| mode == "Serial" || mode == 1);
    Ok(Classic {
        id: Id::new("750", world.jobs.serial),
        operation: operation.to_owned(),
        object,
        key: (operation == "upsert").then(|| key.to_owned()),
        content,
        mode: if serial { "Serial" } else { "Parallel" }.to_owned(),
        state: State::Open,
        version: version.parse().unwrap_or_default(),
        created: world.org.now(),
        created_by: world.org.actor.user.or(world.org.running_user),
        batches: Vec::new(),
    })
}

fn look(world: &mut World, id: Id, form: Form) -> Answer {
    batch::proceed(world, id);
    let info = world.jobs.classics.get(&id).map(Classic::info);
    form.document(200, "jobInfo", &info.unwrap_or_default())
}

/// Closes or aborts a job.
fn change(world: &mut World, call: &Call, (id, form): (Id, Form)) -> Answered {
    let body = form.read(call)?;
    let wanted = body.get("state").and_then(Json::as_str).unwrap_or_default();
    let Some(job) = world.jobs.classics.get_mut(&id) else { return Ok(Answer::empty(404)) };
    job.state = match (wanted, job.state) {
        ("Closed", State::Open | State::Closed) => State::Closed,
        ("Aborted", State::Open | State::Closed) => State::Aborted,
        ("Closed" | "Aborted", State::Aborted) => {
            let message = "Changing the state of an aborted job is not allowed".to_owned();
            return Err(Refused("InvalidJobState", message));
        }
        _ => return Err(Refused("InvalidJob", format!("Unknown job state: {wanted}"))),
    };
    if job.state == State::Aborted {
        job.batches.iter_mut().for_each(Batch::abort);
    }
    Ok(form.document(200, "jobInfo", &job.info()))
}

impl Classic {
    fn info(&self) -> Json {
        let moment = moment_text(self.created);
        let at = |stage: Stage| self.batches.iter().filter(|batch| batch.stage == stage).count();
        let (processed, failed) = self.batches.iter().fold((0, 0), |(processed, failed), batch| {
            let (more, bad) = batch.counts();
            (processed + more, failed + bad)
        });
        let state = match self.state {
            State::Open => "Open",
            State::Closed => "Closed",
            State::Aborted => "Aborted",
        };
        json!({
            "id": self.id.to_string(),
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by.map(|id| id.to_string()),
            "createdDate": moment,
            "systemModstamp": moment,
            "state": state,
            "externalIdFieldName": self.key,
            "concurrencyMode": self.mode,
            "contentType": if self.content == Content::Csv { "CSV" } else { "JSON" },
            "numberBatchesQueued": at(Stage::Queued),
            "numberBatchesInProgress": at(Stage::InProgress),
            "numberBatchesCompleted": at(Stage::Completed),
            "numberBatchesFailed": at(Stage::Failed),
            "numberBatchesTotal": self.batches.len(),
            "numberRecordsProcessed": processed,
            "numberRetries": 0,
            "apiVersion": self.version,
            "numberRecordsFailed": failed,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        })
    }

    fn reads(&self) -> bool {
        matches!(self.operation.as_str(), "query" | "queryAll")
    }
}
