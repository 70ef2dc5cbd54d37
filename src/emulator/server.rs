//! The HTTP server: takes requests off the wire, hands them to the routes one at a time, and keeps
//! the log.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ServeOptions;
use super::answer::Answer;
use super::log::{Log, LoggedRequest};
use super::routes::{self, Call};
use super::schema::Object;
use super::state;
use super::store::{Org, stored};

/// The most bytes of a request's body. Source: REST API Developer Guide: 50 MB.
const MAX_BODY: usize = 50 * 1024 * 1024;
/// The most bytes of a URL. Source: REST API Developer Guide, "Status Codes": 414.
const MAX_URI: usize = 16_384;

/// Everything that requests share.
pub(super) struct World {
    pub(super) org: Org,
    pub(super) log: Log,
    pub(super) cursors: HashMap<String, Vec<Json>>,
    pub(super) calls: u64,
    pub(super) token: String,
    state_file: Option<PathBuf>,
}

type Shared = Arc<Mutex<World>>;

/// A served org. It is served until this value is dropped.
pub struct Running {
    url: String,
    world: Shared,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

/// Credentials of an emulated org protect nothing, so they are the same everywhere.
pub(super) const CLIENT_ID: &str = "portalctl-emulator";
/// The secret that goes with it.
pub(super) const CLIENT_SECRET: &str = "emulator-client-secret";

pub(super) async fn start(org: Org, options: ServeOptions) -> std::io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let id = org.rows(Object::Organization).next();
    let id = id.and_then(|row| stored(Object::Organization, row, "Id").as_id());
    let token = id.map(|id| format!("{}!AQ0AQEmulatedSession", id.short())).unwrap_or_default();
    let world: Shared = Arc::new(Mutex::new(World {
        org,
        log: Log { file: options.request_log, ..Log::default() },
        cursors: HashMap::new(),
        calls: 0,
        token,
        state_file: options.state,
    }));
    let router = Router::new().fallback(handle).with_state(Arc::clone(&world));
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        let serve = axum::serve(listener, router);
        // A dropped sender stops the server as well.
        let _ = serve.with_graceful_shutdown(async { _ = stopped.await }).await;
    });
    Ok(Running { url, world, stop: Some(stop), task: Some(task) })
}

impl Running {
    /// Where the org is.
    pub fn url(&self) -> &str {
        &self.url
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
        let row = world.org.running_user.and_then(|id| world.org.row(Object::User, id));
        row.and_then(|row| stored(Object::User, row, "Username").as_text())
            .unwrap_or_default()
            .to_owned()
    }

    /// The whole org as JSON, for [`Emulator::from_state`](super::Emulator::from_state).
    pub fn state(&self) -> String {
        state::write(&lock(&self.world).org)
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
    }
}

/// The world survives a request that panicked: its data is changed in single steps.
fn lock(world: &Shared) -> std::sync::MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn handle(State(world): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let body = to_bytes(body, MAX_BODY).await;
    let mut world = lock(&world);
    let answer = match body {
        _ if target.len() > MAX_URI => {
            Answer::html(414, "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>")
        }
        Ok(body) => {
            let call = Call::new(&parts, &body);
            let answer = routes::answer(&mut world, &call);
            if call.method != "GET"
                && let Some(path) = &world.state_file
            {
                // What cannot be kept is still served.
                let _ = std::fs::write(path, state::write(&world.org));
            }
            answer
        }
        Err(_) => Answer::html(413, "<h1>Request Entity Too Large</h1>"),
    };
    let method = parts.method.as_str().to_owned();
    world.log.add(LoggedRequest { method, path: target, status: answer.status });
    let mut answer = answer;
    if answer.counted {
        world.calls += 1;
        let usage = format!("api-usage={}/100000", world.calls);
        answer = answer.header("sforce-limit-info", usage);
    }
    answer.response()
}
