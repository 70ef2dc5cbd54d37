//! Ingest jobs.

use std::collections::HashSet;

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::super::Answer;
use super::csv::Line;
use super::{
    ApiError, Call, Job, State, World, begin, check_supported, invalid_state, not_over,
    wanted_state, wrong_method,
};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::store::Upserted;

const OPERATIONS: [&str; 5] = ["insert", "update", "upsert", "delete", "hardDelete"];
/// The value that empties a field; an empty one leaves it alone.
const NULL: &str = "#N/A";

/// An upload and what became of it.
#[derive(Default)]
pub(super) struct Work {
    key: Option<String>,
    upload: Option<Bytes>,
    header: Vec<String>,
    successful: Vec<(Id, bool, Line)>,
    failed: Vec<(Option<Id>, String, Line)>,
    unprocessed: Vec<Line>,
    fault: Option<String>,
}

pub(super) fn answer(
    world: &mut World,
    call: &Call,
    rest: &[&str],
    (version, base): (&str, &str),
) -> Answer {
    let found = |id: &str| Id::parse(id).filter(|id| world.jobs.ingests.contains_key(id));
    match (call.method.as_str(), rest) {
        ("POST", []) => create(world, call, (version, base)),
        ("GET", []) => {
            let list: Vec<Json> = world.jobs.ingests.values().map(|job| info(job).into()).collect();
            Answer::json(200, &json!({ "done": true, "records": list, "nextRecordsUrl": null }))
        }
        (method, [id, rest @ ..]) => match (found(id), method, rest) {
            (None, ..) => ApiError::not_found().into(),
            (Some(id), "PUT", ["batches"]) => upload(world, call, id),
            (Some(id), "PATCH", []) => change(world, call, id),
            (Some(id), "GET", []) => poll(world, id),
            (Some(id), "DELETE", []) => delete(world, id),
            (Some(id), "GET", [kind]) => results(world, id, kind),
            (Some(_), method, _) => wrong_method(method, "DELETE,GET,HEAD,PATCH,PUT"),
        },
        (method, []) => wrong_method(method, "GET,HEAD,POST"),
    }
}

fn create(world: &mut World, call: &Call, (version, base): (&str, &str)) -> Answer {
    match prepare(world, call, version) {
        Ok(job) => {
            let mut body = job.fresh();
            // Without a slash in front, as recorded.
            let url = format!("{}/jobs/ingest/{}/batches", base.trim_start_matches('/'), job.id);
            body.insert("contentUrl".to_owned(), Json::from(url));
            add_key(&mut body, &job);
            world.jobs.ingests.insert(job.id, job);
            Answer::json(200, &Json::Object(body))
        }
        Err(error) => error.into(),
    }
}

fn add_key(body: &mut Map<String, Json>, job: &Job<Work>) {
    if let Some(key) = &job.work.key {
        body.insert("externalIdFieldName".to_owned(), Json::from(key.as_str()));
    }
}

fn prepare(world: &mut World, call: &Call, version: &str) -> Result<Job<Work>, ApiError> {
    let body = call.object()?;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    let invalid = |message: String| ApiError::new(400, "INVALIDJOB", message);
    let Some(object) = world.org.schema.named(text("object")) else {
        let message = format!("Unable to find object: {}", text("object"));
        return Err(ApiError::new(400, "INVALIDJOB", message));
    };
    check_supported(world, object)?;
    let operation = text("operation");
    if !OPERATIONS.contains(&operation) {
        return Err(invalid(format!("Operation '{operation}' is not one that jobs have")));
    }
    let info = world.org.schema.info(object);
    let key = text("externalIdFieldName");
    let is_key = info
        .field(key)
        .and_then(|at| info.fields.get(at))
        .is_some_and(|field| field.external_id || field.id_lookup);
    if operation == "upsert" && !is_key {
        return Err(invalid(format!(
            "InvalidJob : Field name provided, {key} does not match an External ID, Salesforce Id, or indexed field for {}",
            info.name
        )));
    }
    let work = Work { key: (operation == "upsert").then(|| key.to_owned()), ..Work::default() };
    let name = info.name.to_string();
    begin(world, version, &body, (name, work))
}

/// The content, once.
fn upload(world: &mut World, call: &Call, id: Id) -> Answer {
    let Some(job) = world.jobs.ingests.get_mut(&id) else { return ApiError::not_found().into() };
    let kind = call.header("content-type").unwrap_or_default();
    if !kind.starts_with("text/csv") {
        let message = format!("MediaType of '{kind}' is not supported by this resource");
        return ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message).into();
    }
    if job.state != State::Open || job.work.upload.is_some() {
        return ApiError::new(400, "INVALIDJOBSTATE", "Found multiple contents for job").into();
    }
    job.work.upload = Some(call.body.clone());
    Answer::empty(201)
}

fn change(world: &mut World, call: &Call, id: Id) -> Answer {
    let wanted = match wanted_state(call) {
        Ok(wanted) => wanted,
        Err(error) => return error.into(),
    };
    let Some(job) = world.jobs.ingests.get_mut(&id) else { return ApiError::not_found().into() };
    job.state = match (wanted.as_str(), job.state) {
        ("UploadComplete", State::Open) => State::UploadComplete,
        ("Aborted", state) if !state.is_over() => State::Aborted,
        ("Aborted", _) => return invalid_state("Aborting already Completed Job not allowed"),
        _ => return invalid_state("The job is not in a state that allows this"),
    };
    let mut body = job.short();
    add_key(&mut body, job);
    Answer::json(200, &Json::Object(body))
}

/// Each look takes the job a step further, so that nobody gets by without waiting.
fn poll(world: &mut World, id: Id) -> Answer {
    let Some(mut job) = world.jobs.ingests.remove(&id) else {
        return ApiError::not_found().into();
    };
    match job.state {
        State::UploadComplete => job.state = State::InProgress,
        State::InProgress => {
            process(world, &mut job);
            job.state = if job.work.fault.is_some() { State::Failed } else { State::JobComplete };
        }
        _ => {}
    }
    let body = Json::Object(info(&job));
    world.jobs.ingests.insert(id, job);
    Answer::json(200, &body)
}

fn info(job: &Job<Work>) -> Map<String, Json> {
    let mut map = job.fresh();
    add_key(&mut map, job);
    let (done, failed) = (job.work.successful.len(), job.work.failed.len());
    let more = json!({
        "jobType": "V2Ingest",
        "retries": 0,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    });
    if let Json::Object(more) = more {
        map.extend(more);
    }
    if job.state != State::Open {
        map.insert("numberRecordsProcessed".to_owned(), Json::from(done + failed));
        map.insert("numberRecordsFailed".to_owned(), Json::from(failed));
    }
    if let Some(fault) = &job.work.fault {
        map.insert("errorMessage".to_owned(), Json::from(fault.as_str()));
    }
    map
}

fn process(world: &mut World, job: &mut Job<Work>) {
    let upload = job.work.upload.take().unwrap_or_default();
    let parsed = job.layout.parse(&upload);
    let (header, rows) = match parsed {
        Ok(parsed) => parsed,
        Err(message) => {
            job.work.fault = Some(format!("InvalidBatch : {message}"));
            return;
        }
    };
    let Some(object) = world.org.schema.named(&job.object) else { return };
    job.work.header.clone_from(&header);
    if let Some(name) = header.iter().find(|name| !is_column(world, object, name)) {
        job.work.fault = Some(format!("InvalidBatch : Field name not found : {name}"));
        job.work.unprocessed = rows;
        return;
    }
    let columns = plain(world, object, &header).filter(|_| job.operation == "insert");
    for row in rows {
        let locked = world.lock_fault().map(|error| vec![error]);
        let done = match (locked, &columns) {
            (Some(errors), _) => Err((None, errors)),
            (None, Some(columns)) => {
                let cells = columns.iter().copied().zip(&row);
                let made = world.org.insert_cells(object, cells, NULL);
                made.map(|id| (id, true)).map_err(|errors| (None, errors))
            }
            (None, None) => one(world, object, job.task(), fields(&header, &row)),
        };
        match done {
            Ok((id, created)) => job.work.successful.push((id, created, row)),
            Err((id, errors)) => job.work.failed.push((id, text_of(&errors), row)),
        }
    }
    if world.org.settings.bulk_reorders {
        // The order of results is not promised to be that of the upload.
        job.work.successful.reverse();
        job.work.failed.reverse();
    }
}

pub(super) fn is_column(world: &World, object: Object, name: &str) -> bool {
    let info = world.org.schema.info(object);
    match name.split_once('.') {
        None => info.field(name).is_some(),
        Some((way, key)) => {
            let way = way.rsplit(':').next().unwrap_or(way);
            info.way(way).is_some_and(|(_, targets)| {
                targets.iter().any(|to| world.org.schema.info(*to).field(key).is_some())
            })
        }
    }
}

/// The positions of the columns' fields, if each is for another field of the record itself, and none
/// for its id.
fn plain(world: &World, object: Object, header: &[String]) -> Option<Vec<usize>> {
    let info = world.org.schema.info(object);
    let columns: Option<Vec<usize>> = header.iter().map(|name| info.field(name)).collect();
    let mut distinct = HashSet::new();
    columns.filter(|columns| columns.iter().all(|at| *at != 0 && distinct.insert(*at)))
}

/// A row as a request: empty values are left out, `#N/A` is null.
pub(super) fn fields(header: &[String], row: &Line) -> Map<String, Json> {
    let mut fields = Map::new();
    for (name, value) in header.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
        let json = if value == NULL { Json::Null } else { Json::from(value) };
        match name.split_once('.') {
            None => fields.insert(name.clone(), json),
            Some((way, key)) => {
                let way = way.rsplit(':').next().unwrap_or(way);
                let parent = Map::from_iter([(key.to_owned(), json)]);
                fields.insert(way.to_owned(), Json::Object(parent))
            }
        };
    }
    fields
}

/// What is to be done with each row.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) operation: &'a str,
    /// The field that an upsert goes by.
    pub(super) key: Option<&'a str>,
}

impl Job<Work> {
    fn task(&self) -> Task<'_> {
        Task { operation: &self.operation, key: self.work.key.as_deref() }
    }
}

type Refused = (Option<Id>, Vec<DmlError>);

/// Does it with one: the record, and whether it is new.
pub(super) fn one(
    world: &mut World,
    object: Object,
    task: Task<'_>,
    mut fields: Map<String, Json>,
) -> Result<(Id, bool), Refused> {
    if task.operation == "insert" {
        return world.org.insert(object, &fields).map(|id| (id, true)).map_err(|e| (None, e));
    }
    if let Some(key) = task.key {
        let info = world.org.schema.info(object);
        let at = info.field(key).unwrap_or(0);
        let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        let value = found.map_or(Json::Null, |(_, value)| value.clone());
        return match world.org.upsert(object, at, &value, &fields) {
            Ok(Upserted::Created(id)) => Ok((id, true)),
            Ok(Upserted::Updated(id)) => Ok((id, false)),
            Ok(Upserted::Several(_)) => {
                let message = format!("{key}: more than one record found for external id field");
                Err((None, vec![DmlError::new("DUPLICATE_EXTERNAL_ID", message)]))
            }
            Err(errors) => Err((None, errors)),
        };
    }
    let text = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("id"));
    let text = text.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned();
    let Some(id) = Id::parse(&text) else {
        return Err((None, vec![crate::emulator::store::malformed("Record ID", &text).on("Id")]));
    };
    fields.retain(|name, _| !name.eq_ignore_ascii_case("id"));
    let done = if task.operation == "update" {
        world.org.update(object, id, &fields)
    } else {
        world.org.delete(object, id)
    };
    done.map(|()| (id, false)).map_err(|errors| (Some(id), errors))
}

/// `CODE:message:fields --`.
pub(super) fn text_of(errors: &[DmlError]) -> String {
    let one = |error: &DmlError| {
        format!("{}:{}:{} --", error.code, error.message, error.fields.join(", "))
    };
    errors.iter().map(one).collect::<Vec<_>>().join(";")
}

fn results(world: &World, id: Id, kind: &str) -> Answer {
    let Some(job) = world.jobs.ingests.get(&id) else { return ApiError::not_found().into() };
    let (work, layout) = (&job.work, job.layout);
    let mut text = String::new();
    let header = work.header.iter().map(String::as_str);
    let count = match kind.to_ascii_lowercase().as_str() {
        "successfulresults" => {
            layout.line(&mut text, ["sf__Id", "sf__Created"].into_iter().chain(header));
            let mut own_id = String::new();
            for (id, created, row) in &work.successful {
                own_id.clear();
                id.push_to(&mut own_id);
                let own = [own_id.as_str(), if *created { "true" } else { "false" }].into_iter();
                layout.line(&mut text, own.chain(row.iter()));
            }
            work.successful.len()
        }
        "failedresults" => {
            layout.line(&mut text, ["sf__Id", "sf__Error"].into_iter().chain(header));
            for (id, error, row) in &work.failed {
                let id = id.map(|id| id.to_string()).unwrap_or_default();
                let own = [id.as_str(), error.as_str()].into_iter();
                layout.line(&mut text, own.chain(row.iter()));
            }
            work.failed.len()
        }
        "unprocessedrecords" => {
            layout.line(&mut text, header);
            for row in &work.unprocessed {
                layout.line(&mut text, row.iter());
            }
            work.unprocessed.len()
        }
        _ => return ApiError::not_found().into(),
    };
    Answer::csv(200, text).header("sforce-numberofrecords", count.to_string())
}

fn delete(world: &mut World, id: Id) -> Answer {
    let over = |state: State| state.is_over() || state == State::UploadComplete;
    if world.jobs.ingests.get(&id).is_some_and(|job| !over(job.state)) {
        return not_over();
    }
    world.jobs.ingests.remove(&id);
    Answer::empty(204)
}
