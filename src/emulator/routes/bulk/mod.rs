//! Bulk API 2.0: query and ingest jobs; and below [`classic`], Bulk API 1.0.
//! Source: Bulk API 2.0 and Bulk API Developer Guide; codes in upper case without underscores and
//! the form of bodies as recorded.

pub(super) mod classic;
mod csv;
mod ingest;
mod query;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::{Answer, ApiError, Call, World, wrong_method};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::moment_text;
pub(in crate::emulator) use query::ResultRows;

/// The jobs of an org, by id.
#[derive(Default)]
pub(in crate::emulator) struct Jobs {
    queries: BTreeMap<Id, Job<query::Work>>,
    ingests: BTreeMap<Id, Job<ingest::Work>>,
    classics: BTreeMap<Id, classic::Classic>,
    serial: u64,
}

/// A job.
struct Job<W> {
    id: Id,
    operation: String,
    object: String,
    state: State,
    version: String,
    created: Timestamp,
    created_by: Option<Id>,
    layout: csv::Layout,
    work: W,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Failed => "Failed",
            Self::Aborted => "Aborted",
        }
    }

    const fn is_over(self) -> bool {
        matches!(self, Self::JobComplete | Self::Failed | Self::Aborted)
    }
}

/// Everything below `jobs`.
pub(super) fn answer(
    world: &mut World,
    call: &Call,
    rest: &[&str],
    (version, base): (&str, &str),
) -> Answer {
    match rest {
        ["query", rest @ ..] => query::answer(world, call, rest, (version, base)),
        ["ingest", rest @ ..] => ingest::answer(world, call, rest, (version, base)),
        _ => ApiError::not_found().into(),
    }
}

impl<W> Job<W> {
    /// The short form, which answers to changes of the state have.
    fn short(&self) -> Map<String, Json> {
        let moment = moment_text(self.created);
        let json = json!({
            "id": self.id.to_string(),
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by.map(|id| id.to_string()),
            "createdDate": moment,
            "systemModstamp": moment,
            "state": self.state.name(),
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": self.version.trim_start_matches('v').parse::<f64>().unwrap_or(0.0),
        });
        if let Json::Object(map) = json { map } else { Map::new() }
    }

    /// The form of a new job.
    fn fresh(&self) -> Map<String, Json> {
        let mut map = self.short();
        map.insert("lineEnding".to_owned(), Json::from(self.layout.ending_name()));
        map.insert("columnDelimiter".to_owned(), Json::from(self.layout.delimiter_name()));
        map
    }
}

/// A new job, if the request describes one.
fn begin<W>(
    world: &mut World,
    version: &str,
    body: &Map<String, Json>,
    (object, work): (String, W),
) -> Result<Job<W>, ApiError> {
    let layout = csv::Layout::read(body)?;
    world.jobs.serial += 1;
    Ok(Job {
        id: Id::new("750", world.jobs.serial),
        operation: body.get("operation").and_then(Json::as_str).unwrap_or_default().to_owned(),
        object,
        state: State::Open,
        version: version.to_owned(),
        created: world.org.now(),
        created_by: world.org.actor.user.or(world.org.running_user),
        layout,
        work,
    })
}

fn check_supported(world: &World, object: Object) -> Result<(), ApiError> {
    let name = &world.org.schema.info(object).name;
    let refused = world.org.settings.not_in_bulk.iter().any(|one| one == name);
    if refused || object == Object::USER_LICENSE {
        let message = format!("Entity '{name}' is not supported by the Bulk API.");
        return Err(ApiError::new(400, "INVALIDENTITY", message));
    }
    Ok(())
}

/// The state that a PATCH asks for.
fn wanted_state(call: &Call) -> Result<String, ApiError> {
    let body = call.object()?;
    Ok(body.get("state").and_then(Json::as_str).unwrap_or_default().to_owned())
}

fn invalid_state(message: &str) -> Answer {
    ApiError::new(400, "INVALIDJOBSTATE", message).into()
}

fn not_over() -> Answer {
    let message = "Error encountered when deleting the job because the job is not terminated";
    ApiError::new(400, "API_ERROR", message).into()
}
