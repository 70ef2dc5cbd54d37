//! What goes back: status, headers, body.

use std::io::Write;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value as Json;

use super::error::{ApiError, DmlError};
use super::routes::ResultRows;

/// An answer under construction.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    /// What comes after the body, if it is not whole.
    pub(super) rest: Option<ResultRows>,
    pub(super) kind: Option<&'static str>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Whether it counts against the org's API calls.
    pub(super) counted: bool,
}

const JSON: &str = "application/json;charset=UTF-8";
/// What every answer carries, as recorded.
const COMMON: [(&str, &str); 4] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("vary", "Accept-Encoding"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "none"),
];
/// Shorter bodies are not worth compressing.
const MIN_GZIP: usize = 1024;

impl Answer {
    pub(super) fn json(status: u16, body: &Json) -> Self {
        Self::text(status, body.to_string())
    }

    /// JSON that is written already.
    pub(super) fn text(status: u16, body: String) -> Self {
        Self { body, kind: Some(JSON), ..Self::empty(status) }
    }

    pub(super) fn csv(status: u16, body: String) -> Self {
        Self { kind: Some("text/csv"), ..Self::text(status, body) }
    }

    pub(super) const fn empty(status: u16) -> Self {
        Self {
            status,
            body: String::new(),
            rest: None,
            kind: None,
            headers: Vec::new(),
            counted: true,
        }
    }

    pub(super) fn html(status: u16, body: &str) -> Self {
        let kind = Some("text/html;charset=iso-8859-1");
        Self { body: body.to_owned(), kind, counted: false, ..Self::empty(status) }
    }

    /// Refused records of a single-row request.
    pub(super) fn refused(errors: &[DmlError]) -> Self {
        let status = errors.first().map_or(400, DmlError::status);
        let list: Vec<Json> = errors.iter().map(DmlError::error_json).collect();
        Self::json(status, &Json::from(list))
    }

    /// The body is the beginning of a longer one.
    #[must_use]
    pub(super) fn with_rest(mut self, rest: ResultRows) -> Self {
        self.rest = Some(rest);
        self
    }

    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if self.status < 300 || name != "etag" {
            self.headers.push((name, value.into()));
        }
        self
    }

    /// JSON with line breaks and indents, for whoever asked for them.
    #[must_use]
    pub(super) fn pretty(mut self) -> Self {
        if self.kind == Some(JSON)
            && let Ok(json) = serde_json::from_str::<Json>(&self.body)
        {
            self.body = format!("{json:#}");
        }
        self
    }

    /// Whether there is a body, and it is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.kind == Some(JSON) && !self.body.is_empty()
    }

    #[must_use]
    pub(super) const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    #[must_use]
    pub(super) const fn uncounted(mut self) -> Self {
        self.counted = false;
        self
    }

    /// The answer on the wire, compressed if the client can read that.
    pub(super) fn response(self, gzip: bool) -> Response<Body> {
        let packed = (gzip && self.body.len() >= MIN_GZIP).then(|| pack(self.body.as_bytes()));
        let (body, packed) = match packed.flatten() {
            Some(bytes) => (Body::from(bytes), true),
            None => (Body::from(self.body), false),
        };
        let fresh = !self.headers.iter().any(|(name, _)| *name == "cache-control");
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if packed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(kind) = self.kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, value) in COMMON {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if fresh {
            let value = "no-cache,must-revalidate,max-age=0,no-store,private";
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

fn pack(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        Self::json(error.status, &error.json())
    }
}
