//! The HTTP client: one host, one session, one version.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::model::ApiVersion;

use super::{Error, Reader, Writer, retry, versions};

/// What a connection is made with.
pub struct Connect {
    /// The org's own URL.
    pub instance_url: String,
    /// The session.
    pub token: SecretString,
    /// The version to speak; absent, the newest that both sides know.
    pub api_version: Option<ApiVersion>,
    /// How long a request may take; absent, as long as the server's own limits need.
    pub timeout: Option<Duration>,
}

impl Connect {
    /// A connection with nothing special.
    pub fn new(instance_url: String, token: SecretString) -> Self {
        Self { instance_url, token, api_version: None, timeout: None }
    }
}

/// A session with an org.
#[derive(Clone)]
pub struct Client(Arc<Session>);

pub(super) struct Session {
    http: reqwest::Client,
    base: Url,
    authorization: HeaderValue,
    version: ApiVersion,
    pause: Duration,
    calls: AtomicUsize,
}

impl Client {
    /// Checks the URL and settles the version. Nothing is sent to a URL that is not allowed, and the
    /// token is sent to nobody here.
    pub async fn connect(connect: Connect) -> Result<Self, Error> {
        let base = instance(&connect.instance_url)?;
        let loopback = is_loopback(&base);
        let http = http(loopback, connect.timeout)?;
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {}", connect.token.expose_secret())).map_err(
                |_| Error::Setup("the access token has a character that no token has".to_owned()),
            )?;
        authorization.set_sensitive(true);
        let pause = if loopback { Duration::from_millis(5) } else { Duration::from_millis(500) };
        let mut session = Session {
            http,
            base,
            authorization,
            version: ApiVersion::NEWEST,
            pause,
            calls: AtomicUsize::new(0),
        };
        let offered: Vec<versions::Offered> = session.read("/services/data/").await?;
        session.version = versions::choose(&offered, connect.api_version)?;
        Ok(Self(Arc::new(session)))
    }

    /// What can only read.
    pub fn reader(&self) -> Reader {
        Reader(Arc::clone(&self.0))
    }

    /// What can write.
    pub fn writer(&self) -> Writer {
        Writer(Arc::clone(&self.0))
    }

    /// Whether the org is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0.base)
    }
}

impl Session {
    /// A path below the version's root.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/services/data/v{}/{rest}", self.version)
    }

    pub(super) fn url(&self, path: &str) -> Result<Url, Error> {
        let url = self.base.join(path.trim_start_matches('/')).ok();
        // A path from the server must not lead to another host.
        url.filter(|url| url.origin() == self.base.origin())
            .ok_or_else(|| Error::BadUrl { url: path.to_owned(), why: "it leads to another host" })
    }

    /// Reads, and tries again where that is safe and sensible.
    pub(super) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let url = self.url(path)?;
        let mut attempt = 1;
        loop {
            let request = self.http.get(url.clone());
            let error = match self.send(request).await {
                Ok(body) => match decode(&body) {
                    Ok(value) => return Ok(value),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            match retry::wait(attempt, &error, self.pause) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Sends once and gives the body of a success.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Error> {
        let host = || self.base.authority().to_owned();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = request
            .header(AUTHORIZATION, self.authorization.clone())
            .send()
            .await
            .map_err(|error| Error::transport(&host(), &error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| Error::transport(&host(), &error))?;
        if status.is_success() {
            Ok(body.to_vec())
        } else {
            Err(Error::answer(status.as_u16(), &body))
        }
    }

    pub(super) const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Reads an answer.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Checks an instance URL: https, or http on this machine.
fn instance(text: &str) -> Result<Url, Error> {
    let refuse = |why| Error::BadUrl { url: text.to_owned(), why };
    let mut url = Url::parse(text).map_err(|_| refuse("it is not a URL"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(refuse("a token is not sent over plain http")),
        _ => return Err(refuse("it is not an https URL")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it contains a username or password"));
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// On this machine neither certificates nor proxies are wanted, and a machine without any
/// certificates can still use the emulator.
fn http(loopback: bool, timeout: Option<Duration>) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("portalctl/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(50))
        // A write may run for ten minutes on the server.
        .timeout(timeout.unwrap_or(Duration::from_mins(10)));
    let builder =
        if loopback { builder.no_proxy().tls_certs_only([]) } else { builder.https_only(true) };
    builder.build().map_err(|error| Error::Setup(Error::transport("", &error).to_string()))
}
