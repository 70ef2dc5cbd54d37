//! What all requests go through: the session's token, the count, the repeats.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use crate::model::ApiVersion;

use super::Error;
use super::auth::{Grant, Login};
use super::call::{Answer, Call, Reply};
use super::retry::{self, Failed, Pace};
use super::usage::Counter;

/// The name of this program in the org's logs.
const CALL_OPTIONS: &str = concat!("client=portalctl/", env!("CARGO_PKG_VERSION"));

/// A session with an org.
pub(super) struct Session {
    pub(super) http: reqwest::Client,
    pub(super) base: Url,
    pub(super) version: ApiVersion,
    pub(super) pace: Pace,
    pub(super) counter: Counter,
    /// How many requests run at once.
    pub(super) gate: Semaphore,
    pub(super) parallelism: usize,
    /// From how many rows on a query is a Bulk job.
    pub(super) bulk_from: u64,
    /// How long a query job is waited for, for each page that it stands for.
    pub(super) page_patience: Duration,
    pub(super) login: tokio::sync::Mutex<Login>,
    pub(super) credential: RwLock<Credential>,
    pub(super) warned: Mutex<bool>,
}

/// The token of a session, and which one it is.
#[derive(Clone)]
pub(super) struct Credential {
    authorization: HeaderValue,
    pub(super) number: u32,
}

impl Credential {
    pub(super) fn new(grant: &Grant, number: u32) -> Result<Self, Error> {
        let text = format!("Bearer {}", grant.token.secret().expose_secret());
        let mut authorization = HeaderValue::from_str(&text).map_err(|_| {
            Error::Setup("the access token has a character that no token has".to_owned())
        })?;
        authorization.set_sensitive(true);
        Ok(Self { authorization, number })
    }
}

impl Session {
    /// A path below the version's root.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/services/data/v{}/{rest}", self.version)
    }

    /// A URL below the version's root.
    pub(super) fn at(&self, rest: &str) -> Result<Url, Error> {
        self.url(&self.path(rest))
    }

    /// The URL of a path, which may come from the server.
    pub(super) fn url(&self, path: &str) -> Result<Url, Error> {
        let url = self.base.join(&format!("/{}", path.trim_start_matches('/'))).ok();
        // A path from the server must not lead to another host.
        url.filter(|url| url.origin() == self.base.origin() && !path.contains("://"))
            .ok_or_else(|| Error::BadUrl { url: path.to_owned(), why: "it leads to another host" })
    }

    /// Which session it is; a higher number is a later one.
    pub(super) fn number(&self) -> u32 {
        self.credential().number
    }

    fn credential(&self) -> Credential {
        self.credential.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads JSON.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.exchange(&Call::get(self.url(path)?), Reply::decode).await
    }

    /// Sends a request, repeats it where that is safe and sensible, and reads the answer.
    pub(super) async fn exchange<T>(
        &self,
        call: &Call,
        read: impl Fn(&Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.exchange_as_it_comes(call, async |answer| read(&answer.whole().await?)).await
    }

    /// The same, for answers that are read while they are on the wire.
    pub(super) async fn exchange_as_it_comes<T>(
        &self,
        call: &Call,
        read: impl AsyncFn(Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // The gate is never closed.
        let _turn = self.gate.acquire().await;
        let mut attempt = 1;
        let mut signed_in_again = false;
        loop {
            let credential = self.credential();
            if call.bound_to.is_some_and(|number| number != credential.number) {
                return Err(Error::CursorLost);
            }
            let (error, retry_after) = match self.send(call, &credential, &read).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if error.is_session_over() && !signed_in_again {
                if self.sign_in_again(credential.number, &error).await? {
                    signed_in_again = true;
                    continue;
                }
                return Err(error);
            }
            let failed = Failed { attempt, error: &error, repeat: call.repeat, retry_after };
            let Some(pause) = retry::wait(&failed, self.pace, chance()) else {
                return Err(error);
            };
            self.counter.repeated();
            if pause < Duration::from_secs(5) {
                tracing::info!(code = error.code(), attempt, pause = ?pause, "trying again");
            } else {
                // Long enough for somebody to wonder.
                tracing::warn!(code = error.code(), attempt, pause = ?pause, "trying again");
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Sends once, and reads the answer if it is a success. A failure comes with the pause that the
    /// server asked for.
    async fn send<T>(
        &self,
        call: &Call,
        credential: &Credential,
        read: &impl AsyncFn(Answer) -> Result<T, Error>,
    ) -> Result<T, (Error, Option<Duration>)> {
        self.counter.sent();
        let started = Instant::now();
        let answer = self.request(call, credential).send().await.map_err(|error| {
            let error = Error::transport(self.base.authority(), &error);
            trace(call, error.code(), started);
            (error, None)
        })?;
        self.note(answer.headers());
        let answer = Answer::of(answer, call, self.base.authority());
        let status = answer.status;
        let outcome = if status.is_success() {
            read(answer).await.map_err(|error| (error, None))
        } else {
            Err(refusal(answer).await)
        };
        match &outcome {
            Err((error @ (Error::NoAnswer { .. } | Error::NotSent { .. }), _)) => {
                trace(call, error.code(), started);
            }
            Ok(_) | Err(_) => trace(call, status.as_str(), started),
        }
        outcome
    }

    fn request(&self, call: &Call, credential: &Credential) -> RequestBuilder {
        let mut request = self
            .http
            .request(call.method.clone(), call.url.clone())
            .header(AUTHORIZATION, credential.authorization.clone())
            .header(ACCEPT, call.accept)
            .header("sforce-call-options", CALL_OPTIONS);
        for (name, value) in &call.headers {
            request = request.header(name, *value);
        }
        if let Some((kind, body)) = &call.body {
            request = request.header(CONTENT_TYPE, *kind).body(body.clone());
        }
        request
    }

    /// Gets a new session in the place of the one with this number, unless somebody else has done so
    /// already. False, if there is no way to.
    async fn sign_in_again(&self, number: u32, error: &Error) -> Result<bool, Error> {
        let mut login = self.login.lock().await;
        if self.number() != number {
            return Ok(true);
        }
        if !login.can_renew() {
            return Ok(false);
        }
        tracing::info!(code = error.code(), "the session has ended, signing in again");
        let grant = login.grant().await?;
        let fresh = Credential::new(&grant, number + 1)?;
        *self.credential.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    fn note(&self, headers: &HeaderMap) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(usage) = text("sforce-limit-info") {
            self.counter.note(usage);
        }
        let deprecated = text("warning").is_some_and(|warning| warning.starts_with("299"));
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if deprecated && !*warned {
            *warned = true;
            tracing::warn!(version = %self.version, "the org will remove this API version");
        }
    }
}

/// What an answer that is no success says.
async fn refusal(answer: Answer) -> (Error, Option<Duration>) {
    let text = |name| answer.header(name).map(str::to_owned);
    let (wish, date) = (text("retry-after"), text("date"));
    match answer.whole().await {
        Ok(reply) => {
            let pause = wish.and_then(|wish| retry::retry_after(&wish, date.as_deref()));
            (Error::answer(reply.status, &reply.body), pause)
        }
        Err(error) => (error, None),
    }
}

/// Method, path, outcome and time: never the query, which names people, nor a body.
fn trace(call: &Call, outcome: &str, started: Instant) {
    let path = call.url.path();
    let took = started.elapsed().as_millis();
    tracing::debug!("{} {path} {outcome} {took} ms", call.method);
}

/// A number from 0 up to 1, by chance: it spreads the pauses of many clients.
pub fn chance() -> f64 {
    // No secret hangs on it, and a generator of secrets takes 50 ms to begin.
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_le_bytes();
    f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX)
}
