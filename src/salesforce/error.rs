//! What can go wrong between here and the org, with Salesforce's own code and text.
//!
//! Sources: REST API Developer Guide, "Status Codes and Error Responses"; the shapes differ between
//! rows, collections, framework and OAuth, and proxies answer in HTML or not at all.

use serde::Deserialize;

/// A request that failed as a whole.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The server answered with an error.
    #[error("{code}: {message}")]
    Api {
        /// HTTP status.
        status: u16,
        /// Salesforce's own code.
        code: String,
        /// Salesforce's own text, without its HTML.
        message: String,
    },
    /// The server answered with something that is not Salesforce's JSON.
    #[error("the answer with HTTP status {status} is not from the Salesforce API ({what})")]
    Foreign {
        /// HTTP status.
        status: u16,
        /// What it was instead.
        what: &'static str,
    },
    /// An answer that cannot be read.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// A request that never reached the server.
    #[error("cannot reach {host}: {cause}")]
    NotSent {
        /// Where it should have gone.
        host: String,
        /// Why it did not.
        cause: String,
    },
    /// A request whose answer never came: it may have been carried out.
    #[error("no answer from {host}: {cause}")]
    NoAnswer {
        /// Where it went.
        host: String,
        /// What happened to the answer.
        cause: String,
    },
    /// An instance URL that must not or cannot be used.
    #[error("`{url}` cannot be used: {why}")]
    BadUrl {
        /// The URL.
        url: String,
        /// Why.
        why: &'static str,
    },
    /// No API version that both sides know.
    #[error("the org knows API versions {offered}, this program {wanted}")]
    Version {
        /// What the org knows.
        offered: String,
        /// What this program knows, or was told to use.
        wanted: String,
    },
    /// Nobody signed in.
    #[error("cannot sign in by {way}: {what}")]
    SignIn {
        /// The way that was tried.
        way: &'static str,
        /// The server's own code, or one of ours.
        code: String,
        /// What went wrong.
        what: String,
        /// What to do about it.
        help: String,
    },
    /// A result whose further pages are out of reach: the session that it belonged to has ended.
    #[error("the server has forgotten the rest of a result")]
    CursorLost,
    /// A Bulk API job that did not come to its end.
    #[error("Bulk API job {id} is {state}: {message}")]
    Job {
        /// The job, as Setup lists it.
        id: String,
        /// Its last known state.
        state: String,
        /// The server's own text.
        message: String,
        /// Whether records may have been written.
        begun: bool,
    },
    /// Something that cannot stand in a query.
    #[error("{0} cannot be part of a query")]
    Query(String),
    /// The HTTP client cannot be set up.
    #[error("cannot set up HTTP: {0}")]
    Setup(String),
}

/// A record that was refused. Others of the same request may have been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Salesforce's own code.
    pub code: String,
    /// Salesforce's own text, without its HTML.
    pub message: String,
    /// The fields it is about, by API name.
    pub fields: Vec<String>,
}

/// An entry of an error answer, in any of its shapes.
#[derive(Deserialize)]
pub(super) struct WireError {
    #[serde(alias = "errorCode", alias = "statusCode", alias = "error")]
    code: Option<String>,
    #[serde(alias = "error_description")]
    message: Option<String>,
    #[serde(default)]
    fields: Option<Vec<String>>,
}

impl From<WireError> for RecordError {
    fn from(wire: WireError) -> Self {
        Self {
            code: wire.code.unwrap_or_else(|| "UNKNOWN".to_owned()),
            message: plain(&wire.message.unwrap_or_default()),
            fields: wire.fields.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Envelope {
    Many(Vec<WireError>),
    One(WireError),
}

impl Error {
    /// Reads an answer that is not a success.
    pub(super) fn answer(status: u16, body: &[u8]) -> Self {
        let first = match serde_json::from_slice(body) {
            Ok(Envelope::Many(errors)) => errors.into_iter().next(),
            Ok(Envelope::One(error)) => Some(error),
            Err(_) => None,
        };
        match first {
            Some(wire) if wire.code.is_some() => {
                let error = RecordError::from(wire);
                Self::Api { status, code: error.code, message: error.message }
            }
            _ => Self::Foreign { status, what: kind(body) },
        }
    }

    /// Sorts a failure of the HTTP client.
    pub(super) fn transport(host: &str, error: &reqwest::Error) -> Self {
        let (host, cause) = (host.to_owned(), chain(error));
        if error.is_connect() || error.is_builder() {
            Self::NotSent { host, cause }
        } else {
            Self::NoAnswer { host, cause }
        }
    }

    /// A short code for reports: Salesforce's own where there is one.
    pub fn code(&self) -> &str {
        match self {
            Self::Api { code, .. } | Self::SignIn { code, .. } => code,
            Self::Foreign { .. } => "FOREIGN_ANSWER",
            Self::Unreadable(_) => "UNREADABLE_ANSWER",
            Self::NotSent { .. } => "NOT_SENT",
            Self::NoAnswer { .. } => "NO_ANSWER",
            Self::BadUrl { .. } => "BAD_URL",
            Self::Version { .. } => "API_VERSION",
            Self::CursorLost => "INVALID_QUERY_LOCATOR",
            Self::Job { .. } => "JOB_FAILED",
            Self::Query(_) => "BAD_QUERY",
            Self::Setup(_) => "HTTP_SETUP",
        }
    }

    /// Whether the request may have been carried out although it failed.
    pub const fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::Unreadable(_) => true,
            // Salesforce's own 503 means "not taken"; one from a proxy may come after the fact.
            Self::Api { status, .. } => *status >= 500 && *status != 503,
            Self::Foreign { status, .. } => *status >= 500,
            Self::Job { begun, .. } => *begun,
            Self::NotSent { .. }
            | Self::SignIn { .. }
            | Self::CursorLost
            | Self::BadUrl { .. }
            | Self::Version { .. }
            | Self::Query(_)
            | Self::Setup(_) => false,
        }
    }

    /// Whether the session is at its end, so that a new one would help.
    ///
    /// A token without the scope `api`, and an app that is cut off, get a 401 as well, and would get
    /// it again for ever. `userinfo` says the same with a 403 in plain text.
    pub(super) fn is_session_over(&self) -> bool {
        match self {
            Self::Api { status: 401, message, .. } => {
                !FOR_EVER.iter().any(|text| message.contains(text))
            }
            Self::Foreign { status, what } => *status == 401 || *what == BAD_TOKEN,
            _ => false,
        }
    }

    /// Whether the rest of a result is out of reach, so that the query has to start again.
    ///
    /// Source: SOAP API Developer Guide, `INVALID_QUERY_LOCATOR`; the two texts are those of a cursor
    /// that could not be kept for the moment.
    pub(super) fn is_lost_cursor(&self) -> bool {
        match self {
            Self::CursorLost => true,
            Self::Api { code, message, .. } => {
                code == "INVALID_QUERY_LOCATOR"
                    || message.contains("Unable to complete the creation of the query cursor")
                    || message.contains("Failed while fetching query cursor data")
            }
            _ => false,
        }
    }

    /// The cause of a transport failure.
    pub(super) fn cause(&self) -> &str {
        match self {
            Self::NotSent { cause, .. } | Self::NoAnswer { cause, .. } => cause,
            _ => "",
        }
    }

    /// Whether nothing further will succeed: no session, or no calls left today.
    pub fn ends_the_work(&self) -> bool {
        match self {
            Self::SignIn { .. } | Self::Api { status: 401, .. } => true,
            Self::Foreign { status, what } => *status == 401 || *what == BAD_TOKEN,
            Self::Api { code, message, .. } => {
                code == "REQUEST_LIMIT_EXCEEDED" && message.starts_with("TotalRequests")
            }
            _ => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SignIn { help, .. } => return Some(help.clone()),
            Self::Api { status: 410, .. } | Self::Foreign { status: 410, .. } => {
                "the org has retired this API version: set `[project] api_version` to a newer one, or leave it out"
            }
            Self::Api { code, message, .. } => api_hint(code, message)?,
            Self::Foreign { what, .. } if *what == BAD_TOKEN => EXPIRED,
            Self::Foreign { status: 420, .. } => {
                "the edge of Salesforce knows no such org: it may have been deleted, or its URL has changed"
            }
            Self::Foreign { .. } => {
                "check that the instance URL is the org's own (https://….my.salesforce.com) and that no proxy answers in its place"
            }
            Self::NotSent { cause, .. } if cause.contains("ertificate") => {
                "the server's certificate is not trusted on this machine: name the file of its authority by PORTALCTL_CA_FILE"
            }
            Self::NotSent { .. } => "check the URL of the org, the network, and HTTPS_PROXY",
            Self::NoAnswer { .. } => "try again; `--timeout SECONDS` waits longer",
            Self::BadUrl { .. } => "use https://; plain http is for this machine alone",
            Self::Version { .. } => "set `[project] api_version` to a version that both know",
            Self::Setup(what) if what.contains("No CA certificates") => {
                "this machine has no certificates to trust: install the package `ca-certificates`, or name a file by SSL_CERT_FILE or PORTALCTL_CA_FILE"
            }
            Self::CursorLost => "try again: the result changed hands too often",
            Self::Job { .. } => "look at the job in Setup > Bulk Data Load Jobs",
            Self::Setup(_) | Self::Unreadable(_) | Self::Query(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// What a token without a use is told by, whoever asks again.
const FOR_EVER: [&str; 2] =
    ["not valid for use with the REST API", "Connected app is not attached to Agent"];
/// What `userinfo` answers to a bad token.
const BAD_TOKEN: &str = "plain text: Bad_OAuth_Token";
const EXPIRED: &str = "the access token is wrong or has expired: get a new one, or sign in by a way that can be repeated (JWT, client credentials, the sf CLI)";

fn api_hint(code: &str, message: &str) -> Option<&'static str> {
    Some(match code {
        "INVALID_SESSION_ID" if message.contains("not valid for use with the REST API") => {
            "the token may not use the API: give the app the scope `api`, or take a token that is not of the browser"
        }
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => EXPIRED,
        "INSUFFICIENT_ACCESS" if message.contains("Extra Verification") => {
            "the org asks for a high-assurance session: sign in with multi-factor authentication, or relax the policy for this login"
        }
        "URL_NOT_RESET" => "the URL is not that of the token's org: use the org's My Domain URL",
        "GONE" | "UNSUPPORTED_API_VERSION" => {
            "the org has retired this API version: set `[project] api_version` to a newer one, or leave it out"
        }
        "API_DISABLED_FOR_ORG" => "this edition has no API access",
        "API_CURRENTLY_DISABLED" => "the login needs the permission API Enabled",
        "REQUEST_LIMIT_EXCEEDED" if message.starts_with("TotalRequests") => {
            "the org's API calls for 24 hours are used up: go on when the window has moved"
        }
        "REQUEST_LIMIT_EXCEEDED" => "too many long requests run at once: try again in a minute",
        "INVALID_FIELD" => {
            "the field does not exist, its feature is off, or the login may not see it (View Setup and Configuration, View Roles and Role Hierarchy, field-level security)"
        }
        "INVALID_TYPE" => {
            "the object does not exist, its feature is off, or the login may not see it"
        }
        _ => return None,
    })
}

/// Salesforce's texts contain line breaks and entities of HTML.
pub(super) fn plain(text: &str) -> String {
    text.replace("<br>", " ")
        .replace("<br/>", " ")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

fn kind(body: &[u8]) -> &'static str {
    let start = String::from_utf8_lossy(body.get(..body.len().min(200)).unwrap_or_default());
    match start.trim_start().chars().next() {
        _ if start.trim() == "Bad_OAuth_Token" => BAD_TOKEN,
        None => "empty",
        Some('<') => "HTML or XML",
        Some('{' | '[') => "JSON of another kind",
        Some(_) => "plain text",
    }
}

/// The causes behind a failure; the client's own text is only the outermost.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        next = cause.source();
    }
    if parts.is_empty() { "the connection failed".to_owned() } else { parts.join(": ") }
}
