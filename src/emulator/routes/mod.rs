//! Request → answer.
//! Source: REST API Developer Guide; the order of checks and the shapes of errors as recorded from
//! orgs.

mod collections;
mod oauth;
mod query;
mod rows;

use axum::http::request::Parts;
use serde_json::{Map, Value as Json, json};

use super::answer::Answer;
use super::error::ApiError;
use super::server::World;

/// The API versions of the org.
const VERSIONS: std::ops::RangeInclusive<u32> = 58..=68;
/// Versions below this one are retired.
const RETIRED: u32 = 31;

/// A request, as far as answering it needs.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    /// The decoded parts of the path; empty ones are left out, so doubled slashes do no harm.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: &'a [u8],
    parts: &'a Parts,
}

impl<'a> Call<'a> {
    pub(super) fn new(parts: &'a Parts, body: &'a [u8]) -> Self {
        let path = parts.uri.path().split('/').filter(|part| !part.is_empty());
        Self {
            method: parts.method.as_str(),
            path: path.map(|part| decoded(part, false)).collect(),
            query: pairs(parts.uri.query().unwrap_or_default()),
            body,
            parts,
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as a JSON object.
    fn object(&self) -> Result<Map<String, Json>, ApiError> {
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
        match serde_json::from_slice(self.body) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => {
                Err(fault("Cannot deserialize instance of object at [line:1, column:1]".to_owned()))
            }
            Err(error) => Err(fault(format!(
                "Unexpected character at [line:{}, column:{}]",
                error.line(),
                error.column()
            ))),
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

/// Answers a request.
pub(super) fn answer(world: &mut World, call: &Call<'_>) -> Answer {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["services", "oauth2", "token"] => oauth::token(world, call),
        ["services", "oauth2", "userinfo"] => oauth::user_info(world, call),
        ["services", "data"] => versions(),
        ["services", "data", version, rest @ ..] => {
            match check_version(version).and_then(|()| check_session(world, call)) {
                Ok(()) => resource(world, call, version, rest),
                Err(answer) => answer,
            }
        }
        _ => Answer::from(ApiError::not_found()).uncounted(),
    }
}

fn versions() -> Answer {
    let seasons = ["Spring", "Summer", "Winter"];
    let list: Vec<Json> = VERSIONS
        .map(|version| {
            // 58.0 is Summer '23; three releases a year, Winter carries the next year's number.
            let release = version - 57;
            let season = seasons.get((release % 3) as usize).copied().unwrap_or_default();
            let year = 23 + (release + u32::from(season == "Winter")) / 3;
            json!({
                "label": format!("{season} '{year}"),
                "url": format!("/services/data/v{version}.0"),
                "version": format!("{version}.0"),
            })
        })
        .collect();
    Answer::json(200, &Json::from(list)).uncounted()
}

fn check_version(text: &str) -> Result<(), Answer> {
    let number = text.strip_prefix('v').and_then(|text| text.strip_suffix(".0"));
    match number.and_then(|number| number.parse::<u32>().ok()) {
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(7..RETIRED) => {
            // The body of a 410 is not documented.
            Err(Answer::from(ApiError::new(410, "GONE", "The requested resource is gone"))
                .uncounted())
        }
        _ => Err(Answer::from(ApiError::not_found()).uncounted()),
    }
}

/// Whoever comes with the session is the running user.
fn check_session(world: &World, call: &Call<'_>) -> Result<(), Answer> {
    if is_signed_in(world, call) {
        return Ok(());
    }
    let body =
        json!([{ "message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID" }]);
    Err(Answer::json(401, &body).header("www-authenticate", "Token").uncounted())
}

fn is_signed_in(world: &World, call: &Call<'_>) -> bool {
    let header = call.header("authorization").unwrap_or_default();
    let token = header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("OAuth "));
    token.is_some_and(|token| token.trim() == world.token)
}

fn resource(world: &mut World, call: &Call<'_>, version: &str, rest: &[&str]) -> Answer {
    let base = format!("/services/data/{version}");
    let method = call.param("_HttpMethod").unwrap_or(call.method);
    match (method, rest) {
        ("GET", []) => {
            let names = ["sobjects", "query", "composite", "limits"];
            let entry = |name: &str| (name.to_owned(), Json::from(format!("{base}/{name}")));
            Answer::json(200, &Json::Object(names.into_iter().map(entry).collect()))
        }
        ("GET", ["limits"]) => {
            let left = 100_000 - world.calls.min(100_000);
            Answer::json(200, &json!({ "DailyApiRequests": { "Max": 100_000, "Remaining": left } }))
        }
        ("GET", ["query" | "queryAll"]) => query::first(world, call, &base),
        ("GET", ["query" | "queryAll", locator]) => query::next(world, locator, &base),
        ("POST", ["composite", "sobjects"]) => collections::create(world, call),
        ("PATCH", ["composite", "sobjects"]) => collections::update(world, call),
        ("DELETE", ["composite", "sobjects"]) => collections::delete(world, call),
        (method, ["sobjects", object]) => rows::object(world, call, (method, object), &base),
        (method, ["sobjects", object, id]) => rows::row(world, call, (method, object, id), &base),
        (method, ["query" | "queryAll" | "limits", ..]) => wrong_method(method, "HEAD,GET"),
        (method, ["composite", "sobjects"]) => wrong_method(method, "DELETE,HEAD,PATCH,POST"),
        _ => ApiError::not_found().into(),
    }
}

fn wrong_method(method: &str, allowed: &str) -> Answer {
    let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
    ApiError::new(405, "METHOD_NOT_ALLOWED", message).into()
}
