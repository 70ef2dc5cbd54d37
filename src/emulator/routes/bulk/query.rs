//! Query jobs.

use serde_json::{Map, Value as Json, json};

use super::super::Answer;
use super::{
    ApiError, Call, Job, State, World, begin, check_supported, invalid_state, not_over,
    wanted_state, wrong_method,
};
use crate::emulator::id::Id;
use crate::emulator::soql::{self, Found, Rows};

/// The rows of a result page, unless asked otherwise.
const PAGE: usize = 50_000;
/// The most addresses of result pages in one answer.
const PAGES: usize = 5;

/// What a query job has found.
pub(super) struct Work {
    rows: Rows,
}

pub(super) fn answer(
    world: &mut World,
    call: &Call,
    rest: &[&str],
    (version, base): (&str, &str),
) -> Answer {
    let found = |id: &str| Id::parse(id).filter(|id| world.jobs.queries.contains_key(id));
    match (call.method.as_str(), rest) {
        ("POST", []) => create(world, call, version),
        ("GET", []) => {
            let list: Vec<Json> = world.jobs.queries.values().map(|job| info(job).into()).collect();
            Answer::json(200, &json!({ "done": true, "records": list, "nextRecordsUrl": null }))
        }
        (method, [id, rest @ ..]) => match (found(id), method, rest) {
            (None, ..) => ApiError::not_found().into(),
            (Some(id), "GET", []) => poll(world, id),
            (Some(id), "PATCH", []) => abort(world, call, id),
            (Some(id), "DELETE", []) => delete(world, id),
            (Some(id), "GET", ["results"]) => results(world, call, id, version),
            (Some(id), "GET", ["resultPages" | "resultpages"]) => {
                result_pages(world, call, id, base)
            }
            (Some(_), method, _) => wrong_method(method, "DELETE,GET,HEAD,PATCH"),
        },
        (method, []) => wrong_method(method, "GET,HEAD,POST"),
    }
}

fn create(world: &mut World, call: &Call, version: &str) -> Answer {
    match prepare(world, call, version) {
        Ok(job) => {
            let body = Json::Object(job.fresh());
            world.jobs.queries.insert(job.id, job);
            Answer::json(200, &body)
        }
        Err(error) => error.into(),
    }
}

fn prepare(world: &mut World, call: &Call, version: &str) -> Result<Job<Work>, ApiError> {
    let body = call.object()?;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    let all = match text("operation") {
        "query" => false,
        "queryAll" => true,
        _ => {
            let message = "operation has to be query or queryAll";
            return Err(ApiError::new(400, "INVALIDJOB", message));
        }
    };
    let rows = match soql::run(&world.org, text("query"), all)? {
        Found::Rows(rows) if !rows.has_children() => rows,
        _ => {
            let message =
                "Aggregate Relationships not supported in Bulk V2 Query with CSV content type";
            return Err(ApiError::new(400, "API_ERROR", message));
        }
    };
    check_supported(world, rows.object())?;
    let object = world.org.schema.info(rows.object()).name.to_string();
    let mut job = begin(world, version, &body, (object, Work { rows }))?;
    job.state = State::UploadComplete;
    Ok(job)
}

/// Each look takes the job a step further, so that nobody gets by without waiting.
fn poll(world: &mut World, id: Id) -> Answer {
    let Some(job) = world.jobs.queries.get_mut(&id) else { return ApiError::not_found().into() };
    let answer = Json::Object(info(job));
    job.state = match job.state {
        State::UploadComplete => State::InProgress,
        State::InProgress => State::JobComplete,
        state => state,
    };
    Answer::json(200, &answer)
}

fn info(job: &Job<Work>) -> Map<String, Json> {
    let mut map = job.fresh();
    let done = if job.state == State::JobComplete { job.work.rows.len() } else { 0 };
    let more = json!({
        "jobType": "V2Query",
        "numberRecordsProcessed": done,
        "retries": 0,
        "totalProcessingTime": 0,
        "isPkChunkingSupported": true,
    });
    if let Json::Object(more) = more {
        map.extend(more);
    }
    map
}

fn abort(world: &mut World, call: &Call, id: Id) -> Answer {
    let wanted = match wanted_state(call) {
        Ok(wanted) => wanted,
        Err(error) => return error.into(),
    };
    let Some(job) = world.jobs.queries.get_mut(&id) else { return ApiError::not_found().into() };
    if wanted != "Aborted" {
        return invalid_state("Only Aborted is a state that can be asked for");
    }
    if job.state.is_over() {
        return invalid_state("Aborting already Completed Job not allowed");
    }
    job.state = State::Aborted;
    Answer::json(200, &Json::Object(job.short()))
}

fn delete(world: &mut World, id: Id) -> Answer {
    if world.jobs.queries.get(&id).is_some_and(|job| !job.state.is_over()) {
        return not_over();
    }
    world.jobs.queries.remove(&id);
    Answer::empty(204)
}

fn results(world: &World, call: &Call, id: Id, version: &str) -> Answer {
    let Some(job) = world.jobs.queries.get(&id) else { return ApiError::not_found().into() };
    if job.version != version {
        let message = "The API version of the request is not that of the job";
        return ApiError::new(409, "API_ERROR", message).into();
    }
    if job.state != State::JobComplete {
        return ApiError::new(400, "INVALIDJOBSTATE", "The job is not complete").into();
    }
    let from = match call.param("locator").filter(|text| !text.is_empty() && *text != "null") {
        None => Some(0),
        Some(text) => offset(id, text),
    };
    let Some(from) = from else {
        return ApiError::new(400, "INVALIDLOCATOR", "The locator is not one of this job").into();
    };
    let asked = call.param("maxRecords").and_then(|text| text.parse::<usize>().ok());
    let size = asked.filter(|size| *size > 0).unwrap_or(PAGE);
    let rows = &job.work.rows;
    let shown = rows.len().saturating_sub(from).min(size);
    let end = from + shown;
    let mut text = String::new();
    job.layout.line(&mut text, rows.columns().iter().map(|column| column.header.as_str()));
    let next = if end < rows.len() { locator(id, end) } else { "null".to_owned() };
    Answer::csv(200, text)
        .with_rest(ResultRows { job: id, from, end })
        .header("sforce-numberofrecords", shown.to_string())
        .header("sforce-locator", next)
}

/// Rows of a result that are still to be written: a page has tens of megabytes, and goes on its way
/// while the rest of it is made.
#[derive(Clone, Debug)]
pub(in crate::emulator) struct ResultRows {
    job: Id,
    from: usize,
    end: usize,
}

impl ResultRows {
    /// So many rows are written at once.
    const SOME: usize = 256;

    /// Writes some of them. Says whether that was possible: the job may be gone by now, or a row, of
    /// which the header has told already.
    pub(in crate::emulator) fn write_some(&mut self, world: &World, text: &mut String) -> bool {
        let Some(job) = world.jobs.queries.get(&self.job) else { return false };
        let count = self.end.saturating_sub(self.from).min(Self::SOME);
        let layout = (job.layout.delimiter, job.layout.ending());
        let written = job.work.rows.write_csv(&world.org, (self.from, count), layout, text);
        self.from += count;
        written == count
    }

    /// Whether nothing is left.
    pub(in crate::emulator) const fn is_over(&self) -> bool {
        self.from >= self.end
    }
}

/// The addresses of result pages, for whoever fetches several at a time.
fn result_pages(world: &World, call: &Call, id: Id, base: &str) -> Answer {
    let Some(job) = world.jobs.queries.get(&id) else { return ApiError::not_found().into() };
    if job.state != State::JobComplete {
        return ApiError::new(400, "INVALIDJOBSTATE", "The job is not complete").into();
    }
    let first = call.param("locator").and_then(|text| offset(id, text)).unwrap_or(0);
    let total = job.work.rows.len();
    let starts: Vec<usize> = (first..total.max(first + 1)).step_by(PAGE).take(PAGES).collect();
    let path = format!("{base}/jobs/query/{id}");
    let page = |from: &usize| json!({ "resultUrl": format!("{path}/results?locator={}", locator(id, *from)) });
    let end = first + PAGE * PAGES;
    let mut body = json!({
        "resultPages": starts.iter().map(page).collect::<Vec<_>>(),
        "done": end >= total,
    });
    if end < total {
        body["nextRecordsUrl"] =
            Json::from(format!("{path}/resultpages?locator={}", locator(id, end)));
    }
    Answer::json(200, &body)
}

/// A locator says nothing to whoever holds it.
fn locator(id: Id, offset: usize) -> String {
    let serial: String = id.short().chars().skip(9).collect();
    format!("M{serial}{:X}", offset.wrapping_mul(7).wrapping_add(13))
}

fn offset(id: Id, text: &str) -> Option<usize> {
    let serial: String = id.short().chars().skip(9).collect();
    let number = usize::from_str_radix(text.strip_prefix('M')?.strip_prefix(&*serial)?, 16).ok()?;
    let rest = number.checked_sub(13)?;
    (rest % 7 == 0).then_some(rest / 7)
}
