//! What goes back: status, headers, body.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use serde_json::Value as Json;

use super::error::{ApiError, DmlError};

/// An answer under construction.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) kind: Option<&'static str>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Whether it counts against the org's API calls.
    pub(super) counted: bool,
}

const JSON: &str = "application/json;charset=UTF-8";

impl Answer {
    pub(super) fn json(status: u16, body: &Json) -> Self {
        Self { body: body.to_string(), kind: Some(JSON), ..Self::empty(status) }
    }

    pub(super) const fn empty(status: u16) -> Self {
        Self { status, body: String::new(), kind: None, headers: Vec::new(), counted: true }
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

    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub(super) const fn uncounted(mut self) -> Self {
        self.counted = false;
        self
    }

    pub(super) fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(kind) = self.kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        Self::json(error.status, &error.json())
    }
}
