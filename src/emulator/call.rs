//! What came in: method, path, query, headers, body.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Map, Value as Json};

use super::error::ApiError;

/// A request, as far as answering it needs. The requests inside a composite one are of this kind
/// as well.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// The decoded parts of the path; empty ones are left out, so doubled slashes do no harm.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn new(method: &str, target: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts = path.split('/').filter(|part| !part.is_empty());
        let query = pairs(query);
        let tunnelled = query.iter().find(|(key, _)| key == "_HttpMethod").map(|(_, v)| v.clone());
        Self {
            method: tunnelled.unwrap_or_else(|| method.to_owned()),
            path: parts.map(|part| decoded(part, false)).collect(),
            query,
            headers,
            body,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The session that comes with it. Bulk API 1.0 has a header of its own.
    pub(super) fn token(&self) -> Option<&str> {
        if self.path.get(1).is_some_and(|part| part == "async") {
            return self.header("x-sfdc-session");
        }
        let header = self.header("authorization")?;
        let token = header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("OAuth "))?;
        Some(token.trim())
    }

    /// An option of a header such as `Sforce-Query-Options: batchSize=500`.
    pub(super) fn option(&self, header: &str, key: &str) -> Option<&str> {
        self.header(header)?.split(',').find_map(|option| {
            let (name, value) = option.split_once('=')?;
            name.trim().eq_ignore_ascii_case(key).then(|| value.trim())
        })
    }

    /// Whether the sender insists on records that a duplicate rule would only warn about.
    pub(super) fn allows_duplicates(&self) -> bool {
        let header = self.header("sforce-duplicate-rule-header").unwrap_or_default();
        header.split([',', ';']).any(|option| {
            option.split_once('=').is_some_and(|(key, value)| {
                key.trim().eq_ignore_ascii_case("allowSave") && value.trim() == "true"
            })
        })
    }

    /// The body as a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Json>, ApiError> {
        let kind = self.header("content-type").unwrap_or_default();
        if !kind.starts_with("application/json") {
            let message = format!("MediaType of '{kind}' is not supported by this resource");
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        let fault = |message: String| ApiError::new(400, "JSON_PARSER_ERROR", message);
        if self.body.is_empty() {
            let message = "The HTTP entity body is required, but this request has no entity body.";
            return Err(fault(message.to_owned()));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => {
                Err(fault("Cannot deserialize instance of object at [line:1, column:1]".to_owned()))
            }
            Err(error) => Err(fault(self.misread(&error))),
        }
    }
}

impl Call {
    /// What is wrong with the JSON of the body, in the words of the platform's parser.
    fn misread(&self, error: &serde_json::Error) -> String {
        let (line, column) = (error.line(), error.column());
        let place = format!("at [line:{line}, column:{column}]");
        let text = String::from_utf8_lossy(&self.body);
        let row = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        match row.chars().nth(column.saturating_sub(1)) {
            Some(_) if error.is_eof() => format!("Unexpected end-of-input {place}"),
            Some(c) => {
                format!("Unexpected character ('{c}' (code {})): {error} {place}", u32::from(c))
            }
            None => format!("Unexpected end-of-input {place}"),
        }
    }
}

/// `a=1&b=2`, decoded.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(key, true), decoded(value, true))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// Percent-decoded; in a query, `+` is a blank.
fn decoded(text: &str, query: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' if query => bytes.push(b' '),
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte.unwrap_or(b'?')).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let code = high.zip(low).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                bytes.push(code.unwrap_or(b'?'));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
