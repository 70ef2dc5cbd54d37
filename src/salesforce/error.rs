//! What can go wrong between here and the org, with Salesforce's own code and text.
//!
//! Sources: REST API Developer Guide, "Status Codes and Error Responses"; the shapes differ between
//! rows, collections, framework and OAuth, and proxies answer in HTML or not at all.

use serde::Deserialize;

/// A request that failed as a whole.
#[derive(Debug, thiserror::Error)]
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
            Self::Api { code, .. } => code,
            Self::Foreign { .. } => "FOREIGN_ANSWER",
            Self::Unreadable(_) => "UNREADABLE_ANSWER",
            Self::NotSent { .. } => "NOT_SENT",
            Self::NoAnswer { .. } => "NO_ANSWER",
            Self::BadUrl { .. } => "BAD_URL",
            Self::Version { .. } => "API_VERSION",
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
            Self::NotSent { .. }
            | Self::BadUrl { .. }
            | Self::Version { .. }
            | Self::Query(_)
            | Self::Setup(_) => false,
        }
    }

    /// Whether nothing further will succeed: no session, or no calls left today.
    pub fn ends_the_work(&self) -> bool {
        match self {
            Self::Api { status: 401, .. } => true,
            Self::Api { code, message, .. } => {
                code == "REQUEST_LIMIT_EXCEEDED" && message.starts_with("TotalRequests")
            }
            _ => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Api { code, message, .. } => api_hint(code, message)?,
            Self::Foreign { .. } => {
                "check that the instance URL is the org's own (https://….my.salesforce.com) and that no proxy answers in its place"
            }
            Self::NotSent { cause, .. } if cause.contains("ertificate") => {
                "the server's certificate is not trusted on this machine"
            }
            Self::NotSent { .. } => "check SF_ORG_INSTANCE_URL and the network",
            Self::NoAnswer { .. } => "try again; `--timeout SECONDS` waits longer",
            Self::BadUrl { .. } => "use https://; plain http is for this machine alone",
            Self::Version { .. } => "set `[project] api_version` to a version that both know",
            Self::Setup(_) => "install the package `ca-certificates`",
            Self::Unreadable(_) | Self::Query(_) => return None,
        };
        Some(hint.to_owned())
    }
}

fn api_hint(code: &str, message: &str) -> Option<&'static str> {
    Some(match code {
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => {
            "the access token is wrong or has expired: get a new one and set SF_ACCESS_TOKEN"
        }
        "URL_NOT_RESET" => "SF_ORG_INSTANCE_URL is not the org's own: use its My Domain URL",
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
