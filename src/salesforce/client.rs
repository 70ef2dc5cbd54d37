//! A connection to one org: signed in, and of one version.

use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::model::ApiVersion;

use super::auth::{AccessToken, Login, SignIn};
use super::http::{Transport, is_loopback, origin};
use super::retry::Pace;
use super::session::{Credential, Session};
use super::usage::Counter;
use super::{Error, Reader, Usage, Writer, versions};

/// What a connection is made with.
pub struct Connect {
    /// How to sign in.
    pub sign_in: SignIn,
    /// The version to speak; absent, the newest that both sides know.
    pub api_version: Option<ApiVersion>,
    /// Timeouts and certificates.
    pub transport: Transport,
    /// How many requests run at once, at least one.
    pub parallelism: usize,
    /// From how many rows on a query is read through Bulk API 2.0.
    pub bulk_from: u64,
    /// How long a query job is waited for, for each page of 2,000 rows that it stands for.
    pub page_patience: Duration,
}

impl Connect {
    /// Requests that run at once, unless told otherwise. Salesforce counts only those that take more
    /// than 20 seconds, and allows 5 of them in the smallest orgs; those of a plan are short.
    pub const PARALLELISM: usize = 8;
    /// How many of them write: triggers and locks make a call of 200 records a long one.
    pub const WRITES: usize = 4;
    /// Ten pages of 2,000 rows, one after the other, take longer than a Bulk job.
    pub const BULK_FROM: u64 = 20_000;
    /// To read a page takes about so long; a job that takes longer than all of them is given up.
    pub const PAGE_PATIENCE: Duration = Duration::from_secs(2);

    /// A connection with a way to sign in and nothing special.
    pub fn by(sign_in: SignIn) -> Self {
        Self {
            sign_in,
            api_version: None,
            transport: Transport::default(),
            parallelism: Self::PARALLELISM,
            bulk_from: Self::BULK_FROM,
            page_patience: Self::PAGE_PATIENCE,
        }
    }

    /// A connection with a token.
    pub fn new(instance_url: String, token: SecretString) -> Self {
        Self::by(SignIn::Token { instance_url, token: AccessToken::unchecked(token) })
    }
}

/// A session with an org.
#[derive(Clone)]
pub struct Client(Arc<Session>);

impl Client {
    /// Signs in and settles the version. Nothing is sent to a URL that is not allowed.
    pub async fn connect(connect: Connect) -> Result<Self, Error> {
        let mut login = Login::new(connect.sign_in, connect.transport.clone());
        let grant = login.grant().await?;
        let base = origin(&grant.instance_url)?;
        let http = connect.transport.client(&base)?;
        let offered = versions::offered(&http, &base).await?;
        let parallelism = connect.parallelism.max(1);
        let session = Session {
            version: versions::choose(&offered, connect.api_version)?,
            credential: RwLock::new(Credential::new(&grant, 1)?),
            pace: if is_loopback(&base) { Pace::LOOPBACK } else { Pace::NETWORK },
            http,
            base,
            counter: Counter::default(),
            gate: Semaphore::new(parallelism),
            parallelism,
            bulk_from: connect.bulk_from,
            page_patience: connect.page_patience,
            login: tokio::sync::Mutex::new(login),
            warned: Mutex::new(false),
        };
        session.counter.sent();
        tracing::info!(version = %session.version, "connected to {}", session.base.authority());
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

    /// The org's own URL, without a slash at the end.
    pub fn instance_url(&self) -> String {
        self.0.base.as_str().trim_end_matches('/').to_owned()
    }

    /// The API version that is spoken.
    pub fn version(&self) -> ApiVersion {
        self.0.version
    }

    /// Whether the org is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0.base)
    }

    /// Calls made so far, and what the org has left.
    pub fn usage(&self) -> Usage {
        self.0.counter.usage()
    }
}

/// Whether two URLs are of one host; on this machine, of one port as well.
pub fn same_host(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Url::parse(one), Url::parse(other)) else {
        return false;
    };
    let same = one.host_str().map(str::to_lowercase) == other.host_str().map(str::to_lowercase);
    let port = |url: &Url| url.port_or_known_default();
    same && one.host_str().is_some() && (!is_loopback(&one) || port(&one) == port(&other))
}

/// Whether a URL is on this machine.
pub fn is_loopback_url(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use super::same_host;

    #[test]
    fn a_host_is_a_host_and_on_this_machine_a_port_too() {
        assert!(same_host("https://Acme.my.salesforce.com", "https://acme.my.salesforce.com/x"));
        assert!(same_host("http://127.0.0.1:8080", "http://127.0.0.1:8080/"));
        assert!(!same_host("http://127.0.0.1:8080", "http://127.0.0.1:8081"));
        assert!(!same_host("https://acme.my.salesforce.com", "https://acme.example"));
        assert!(!same_host("nonsense", "nonsense"));
    }
}
