//! The HTTP server: takes requests off the wire, hands them to the routes one at a time, and keeps
//! the log.

use std::collections::BTreeMap;
use std::future::ready;
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use bytes::Bytes;
use flate2::read::{GzDecoder, ZlibDecoder};
use futures_util::{Stream, StreamExt, stream};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ServeOptions;
use super::answer::Answer;
use super::app::{CLIENT_ID, CLIENT_SECRET};
use super::call::Call;
use super::connection::{self, Cut};
use super::error::{ApiError, DmlError};
use super::fault::{Faults, Trouble};
use super::id::Id;
use super::keep::Keeper;
use super::log::{Log, LoggedRequest};
use super::routes::{self, Cursor, Jobs, ResultRows};
use super::schema::Object;
use super::session::{Session, Sessions};
use super::state;
use super::store::{Actor, Org, own_id};
use super::tls::Tls;

/// The most bytes of a request's body. Source: Bulk API 2.0 Developer Guide: 150 MB.
const MAX_BODY: usize = 150 * 1024 * 1024;
/// The most bytes of a URL. Source: REST API Developer Guide, "Status Codes": 414.
const MAX_URI: usize = 16_384;

/// Everything that requests share.
pub(super) struct World {
    pub(super) org: Org,
    pub(super) log: Log,
    pub(super) cursors: BTreeMap<String, Cursor>,
    pub(super) jobs: Jobs,
    pub(super) sessions: Sessions,
    pub(super) faults: Faults,
    pub(super) calls: u64,
    /// The state that differences are told from.
    pub(super) mark: Option<Json>,
    /// A composite request has opened a transaction.
    pub(super) in_transaction: bool,
    /// A record of the request was refused.
    pub(super) failed: bool,
    pub(super) scheme: &'static str,
    token: String,
    refusals: Vec<(DmlError, f64)>,
    serial: u64,
    keeper: Keeper,
}

type Shared = Arc<Mutex<World>>;

/// A served org. It is served until this value is dropped.
pub struct Running {
    url: String,
    certificate: Option<String>,
    world: Shared,
    stop: Option<watch::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl World {
    fn new(org: Org, faults: Faults, (log, state): (Option<PathBuf>, Option<PathBuf>)) -> Self {
        let id = org.rows(Object::ORGANIZATION).next().and_then(own_id);
        let mut sessions = Sessions::new(id);
        let used = org.now();
        let token = sessions.open(Session { actor: Actor::default(), api: true, used });
        Self {
            org,
            log: Log { file: log, ..Log::default() },
            cursors: BTreeMap::new(),
            jobs: Jobs::default(),
            sessions,
            faults,
            calls: 0,
            mark: None,
            in_transaction: false,
            failed: false,
            scheme: "http",
            token,
            refusals: Vec::new(),
            serial: 0,
            keeper: Keeper::new(state),
        }
    }

    /// Who came with a session. One that was unused for too long, or whose user was switched off
    /// or frozen, has ended.
    pub(super) fn session(&self, token: &str) -> Option<&Session> {
        let session = self.sessions.get(token)?;
        let minutes = self.org.settings.session_minutes.and_then(|n| i64::try_from(n).ok());
        let idle = self.org.now().duration_since(session.used);
        if minutes.is_some_and(|minutes| idle >= SignedDuration::from_mins(minutes)) {
            return None;
        }
        let user = session.actor.user;
        user.is_none_or(|user| self.org.may_sign_in(user)).then_some(session)
    }

    pub(super) fn org_id(&self) -> Option<Id> {
        self.org.rows(Object::ORGANIZATION).next().and_then(own_id)
    }

    /// A number for a new cursor.
    pub(super) const fn next_cursor(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Whether the org has an API version.
    pub(super) fn serves(&self, version: u32) -> bool {
        let (oldest, newest) = self.org.settings.versions;
        (oldest..=newest).contains(&version)
    }

    /// Whether it had one that was taken away.
    pub(super) const fn retired(&self, version: u32) -> bool {
        version < self.org.settings.versions.0
    }

    /// The refusal of the next record of this request, if scripted trouble has one.
    pub(super) fn lock_fault(&mut self) -> Option<DmlError> {
        for (error, share) in self.refusals.clone() {
            if self.faults.roll() < share {
                return Some(error);
            }
        }
        None
    }
}

pub(super) async fn start(
    org: Org,
    faults: Faults,
    options: ServeOptions,
) -> std::io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let tls = if options.tls { Some(Tls::new()?) } else { None };
    let scheme = if options.tls { "https" } else { "http" };
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let mut world = World::new(org, faults, (options.request_log, options.state));
    world.scheme = scheme;
    let world: Shared = Arc::new(Mutex::new(world));
    let router = Router::new().fallback(handle).with_state(Arc::clone(&world));
    let (stop, stopped) = watch::channel(());
    let (acceptor, certificate) = tls.map(|tls| (tls.acceptor, tls.authority)).unzip();
    let task = tokio::spawn(connection::serve((listener, acceptor), router, stopped));
    Ok(Running { url, certificate, world, stop: Some(stop), task: Some(task) })
}

impl Running {
    /// Where the org is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificate that clients have to trust if the org speaks TLS, in PEM.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// A session.
    pub fn access_token(&self) -> String {
        lock(&self.world).token.clone()
    }

    /// The consumer key for the client credentials flow.
    pub const fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// The consumer secret for the client credentials flow.
    pub const fn client_secret(&self) -> &'static str {
        CLIENT_SECRET
    }

    /// The user that everybody is signed in as.
    pub fn username(&self) -> String {
        let world = lock(&self.world);
        world.org.running_user.map(|id| world.org.username(id)).unwrap_or_default()
    }

    /// The whole org as JSON, for [`Emulator::from_state`](super::Emulator::from_state).
    pub fn state(&self) -> String {
        state::write(&lock(&self.world).org)
    }

    /// Keeps the org in a file from now on, as [`ServeOptions::state`] does.
    pub fn keep_in(&self, file: PathBuf) {
        lock(&self.world).keeper = Keeper::new(Some(file));
    }

    /// The requests that were answered.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.world).log.requests.clone()
    }

    /// Answers what is under way, then stops.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            // A server that has failed has stopped, too.
            let _ = task.await;
        }
        let mut world = lock(&self.world);
        let world = &mut *world;
        world.keeper.finish(&mut world.org);
    }
}

/// The world survives a request that panicked: its data is changed in single steps.
fn lock(world: &Shared) -> std::sync::MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn handle(State(world): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let method = parts.method.as_str().to_owned();
    let gzip = parts
        .headers
        .get("accept-encoding")
        .and_then(|value| value.to_str().ok())
        .is_some_and(prefers_gzip);
    let body = to_bytes(body, MAX_BODY).await;
    let control = target.starts_with("/emulator/");
    let troubles = if control { Vec::new() } else { lock(&world).faults.strike(&method, &target) };
    for trouble in &troubles {
        if let Trouble::Slow(milliseconds) = trouble {
            tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
        }
    }
    if troubles.contains(&Trouble::DropBefore) {
        return Cut::Connection.response();
    }
    let shared = &world;
    let mut world = lock(shared);
    let world = &mut *world;
    let answer = match body {
        _ if target.len() > MAX_URI => {
            Answer::html(414, "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>")
        }
        _ if target.len() + size(&parts.headers) > MAX_URI => {
            let reason = "Request Header Fields Too Large";
            let page = format!("<h1>Bad Message 431</h1><pre>reason: {reason}</pre>");
            Answer::html(431, &page)
        }
        Ok(body) => match unpacked(&parts.headers, body) {
            Some(body) => {
                let call = Call::new(&method, &target, parts.headers, body);
                let answer = answer(world, &call, &troubles);
                if call.header("x-prettyprint") == Some("1") { answer.pretty() } else { answer }
            }
            None => {
                ApiError::new(400, "JSON_PARSER_ERROR", "The body cannot be decompressed").into()
            }
        },
        Err(_) => Answer::html(413, "<h1>Request Entity Too Large</h1>"),
    };
    if !control {
        world.log.add(LoggedRequest { method, path: target, status: answer.status });
    }
    world.keeper.keep(&mut world.org);
    finish((world, shared), answer, gzip, &troubles)
}

/// Whether an `Accept-Encoding` likes a compressed answer at least as much as a plain one.
/// Source: RFC 9110, section 12.5.3.
fn prefers_gzip(accepted: &str) -> bool {
    let weight = |coding: &str| {
        accepted.split(',').find_map(|part| {
            let (name, weight) = part.split_once(';').unwrap_or((part, ""));
            let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(coding).then(|| weight.unwrap_or(1.0))
        })
    };
    let gzip = weight("gzip").unwrap_or(0.0);
    gzip > 0.0 && gzip >= weight("identity").unwrap_or(0.0)
}

/// The bytes of a request's headers.
fn size(headers: &axum::http::HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// The body as it was before it was compressed.
fn unpacked(headers: &axum::http::HeaderMap, body: Bytes) -> Option<Bytes> {
    let limit = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    let mut text = Vec::new();
    match headers.get("content-encoding").map(axum::http::HeaderValue::as_bytes) {
        Some(b"gzip") => GzDecoder::new(&*body).take(limit).read_to_end(&mut text).ok()?,
        Some(b"deflate") => ZlibDecoder::new(&*body).take(limit).read_to_end(&mut text).ok()?,
        _ => return Some(body),
    };
    Some(text.into())
}

fn answer(world: &mut World, call: &Call, troubles: &[Trouble]) -> Answer {
    world.refusals = troubles.iter().filter_map(Trouble::refusal).collect();
    world.org.settings.save_duplicates = call.allows_duplicates();
    world.failed = false;
    for trouble in troubles {
        let refusal = |message: &str| {
            Answer::from(ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", message)).uncounted()
        };
        match trouble {
            Trouble::Status { status, code: None, text } if text.is_empty() => {
                return Answer::empty(*status).uncounted();
            }
            Trouble::Status { status, code: None, text } => return Answer::html(*status, text),
            Trouble::Status { status, code: Some(code), text } => {
                let body = json!([{ "message": text, "errorCode": code }]);
                return Answer::json(*status, &body).uncounted();
            }
            Trouble::Login { error, text } => return routes::refused(error, text),
            Trouble::Expire => world.sessions.close_all(),
            Trouble::DailyLimit => return refusal("TotalRequests Limit exceeded."),
            Trouble::ConcurrentLimit => {
                return refusal("ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
            }
            _ => {}
        }
    }
    let answer = routes::answer(world, call);
    world.org.actor = Actor::default();
    answer
}

fn finish(
    (world, shared): (&mut World, &Shared),
    mut answer: Answer,
    gzip: bool,
    troubles: &[Trouble],
) -> Response<Body> {
    if answer.counted {
        world.calls += 1;
        let usage = format!("api-usage={}/{}", world.calls, world.org.settings.daily_calls);
        answer = answer.header("sforce-limit-info", usage);
    }
    if troubles.contains(&Trouble::DropAfter) {
        return Cut::Connection.response();
    }
    let truncated = troubles.contains(&Trouble::Truncate);
    let gzip = gzip && world.org.settings.gzip;
    if let Some(mut rest) = answer.rest.take() {
        if !gzip && !truncated {
            let begun = Bytes::from(std::mem::take(&mut answer.body));
            let mut response = answer.response(false);
            *response.body_mut() = Body::from_stream(parts(begun, rest, Arc::clone(shared)));
            return response;
        }
        while !rest.is_over() && rest.write_some(world, &mut answer.body) {}
    }
    if truncated {
        return Cut::Answer(answer).response();
    }
    answer.response(gzip)
}

/// The parts of an answer that is made while it is sent.
fn parts(
    begun: Bytes,
    rest: ResultRows,
    world: Shared,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    let rest = stream::try_unfold((rest, world), async |(mut rest, world)| {
        if rest.is_over() {
            return Ok(None);
        }
        let mut text = String::new();
        if !rest.write_some(&lock(&world), &mut text) {
            return Err(std::io::Error::other("the job is gone"));
        }
        Ok(Some((Bytes::from(text), (rest, world))))
    });
    stream::once(ready(Ok(begun))).chain(rest)
}
