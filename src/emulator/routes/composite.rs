//! Dependent requests in one.
//! Source: REST API Developer Guide, "Composite": at most 25, at most five of which are queries or
//! collections; the whole is a 200 whatever happens inside.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value as Json, json};

use super::reference::{Answers, fill, fill_text};
use super::{Answer, ApiError, Call, World};

/// The most requests.
const MOST: usize = 25;
/// The most queries and collections among them.
const MOST_HEAVY: usize = 5;
const ROLLED_BACK: &str =
    "The transaction was rolled back since another operation in the same transaction failed.";

/// `POST composite`.
pub(super) fn answer(world: &mut World, call: &Call, version: &str) -> Answer {
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    if let Some(key) = body.keys().find(|key| {
        !["allOrNone", "collateSubrequests", "compositeRequest"].contains(&key.as_str())
    }) {
        let message = format!("Unrecognized field \"{key}\" at [line:1, column:1]");
        return ApiError::new(400, "JSON_PARSER_ERROR", message).into();
    }
    let Some(Json::Array(requests)) = body.get("compositeRequest") else {
        return ApiError::new(400, "INVALID_INPUT", "compositeRequest is a required field").into();
    };
    if let Some(message) = too_many(requests) {
        // Whether the answer around it is a 200 is not recorded.
        let error = json!([{ "errorCode": "LIMIT_EXCEEDED", "message": message }]);
        return Answer::json(
            200,
            &json!({ "compositeResponse": [
            { "body": error, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": null }
        ] }),
        );
    }
    let whole = body.get("allOrNone") == Some(&Json::Bool(true));
    let (responses, _) = run(world, call, requests, (whole, version));
    Answer::text(200, list(&responses))
}

/// `{"compositeResponse":[…]}`.
pub(super) fn list(responses: &[Response]) -> String {
    let room = responses.iter().map(|one| one.body.len() + 128).sum();
    let mut text = String::with_capacity(room);
    text.push_str("{\"compositeResponse\":[");
    for (at, response) in responses.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        response.write(&mut text);
    }
    text.push_str("]}");
    text
}

/// The answer to one of the requests. Its body is JSON that is written already, and may be long.
pub(super) struct Response {
    body: String,
    headers: Map<String, Json>,
    status: u16,
    name: Json,
}

impl Response {
    fn of(name: &Json, answer: Answer) -> Self {
        let shown = |name: &str| match name {
            "location" => Some("Location"),
            "etag" => Some("ETag"),
            "last-modified" => Some("Last-Modified"),
            _ => None,
        };
        let headers = answer
            .headers
            .iter()
            .filter_map(|(key, value)| Some((shown(key)?.to_owned(), Json::from(value.as_str()))))
            .collect();
        let body = if answer.is_json() { answer.body } else { Json::Null.to_string() };
        Self { body, headers, status: answer.status, name: name.clone() }
    }

    fn halted(name: &Json, message: &str) -> Self {
        let body = json!([{ "errorCode": "PROCESSING_HALTED", "message": message }]);
        Self { body: body.to_string(), headers: Map::new(), status: 400, name: name.clone() }
    }

    fn write(&self, text: &mut String) {
        let Self { body, headers, status, name } = self;
        let headers = Json::Object(headers.clone());
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{{\"body\":{body},\"httpHeaders\":{headers},\"httpStatusCode\":{status},\"referenceId\":{name}}}"
        );
    }
}

fn too_many(requests: &[Json]) -> Option<String> {
    if requests.len() > MOST {
        return Some("The request can’t contain more than 25 operations.".to_owned());
    }
    let heavy = requests
        .iter()
        .filter_map(|request| request["url"].as_str())
        .filter(|url| url.contains("/query") || url.contains("/composite/sobjects"));
    // The text for this one is assumed.
    (heavy.count() > MOST_HEAVY).then(|| {
        "The request can’t contain more than 5 query or collections operations.".to_owned()
    })
}

/// Carries requests out one after the other; whether all went well.
pub(super) fn run(
    world: &mut World,
    call: &Call,
    requests: &[Json],
    (whole, version): (bool, &str),
) -> (Vec<Response>, bool) {
    if whole {
        world.org.begin();
        world.in_transaction = true;
    }
    let mut answers = Answers::new();
    let is_referred_to = requests.iter().any(has_reference);
    let mut responses = Vec::new();
    let mut all_well = true;
    for request in requests {
        let (response, well) = one(world, call, request, (&answers, version));
        all_well &= well;
        let name = request["referenceId"].as_str().unwrap_or_default();
        if well && is_referred_to {
            let body = serde_json::from_str(&response.body).unwrap_or(Json::Null);
            answers.insert(name.to_owned(), body);
        }
        responses.push(response);
        if whole && !well {
            break;
        }
    }
    if whole {
        world.in_transaction = false;
        if all_well {
            world.org.commit();
        } else {
            world.org.roll_back();
            let failed = responses.pop();
            for response in &mut responses {
                *response = Response::halted(&response.name, ROLLED_BACK);
            }
            responses.extend(failed);
            for request in requests.iter().skip(responses.len()) {
                responses.push(Response::halted(&request["referenceId"], ROLLED_BACK));
            }
        }
    }
    (responses, all_well)
}

/// Whether anything in it may refer to an earlier answer.
fn has_reference(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains("@{"),
        Json::Array(list) => list.iter().any(has_reference),
        Json::Object(map) => map.values().any(has_reference),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

fn one(
    world: &mut World,
    outer: &Call,
    request: &Json,
    (answers, version): (&Answers, &str),
) -> (Response, bool) {
    let name = &request["referenceId"];
    let halt = |message: &str| (Response::halted(name, message), false);
    let Some(url) = request["url"].as_str() else { return halt("url is a required field") };
    let url = match fill_text(url, answers) {
        Ok(url) => url,
        Err(message) => return halt(&message),
    };
    let filled = match &request["body"] {
        Json::Null => Ok(String::new()),
        body if has_reference(body) => fill(body, answers).map(|body| body.to_string()),
        body => Ok(body.to_string()),
    };
    let body = match filled {
        Ok(body) => body.into_bytes(),
        Err(message) => return halt(&message),
    };
    let prefix = format!("/services/data/{version}/");
    if !url.starts_with(&prefix) {
        return (Response::of(name, ApiError::not_found().into()), false);
    }
    let method = request["method"].as_str().unwrap_or("GET");
    let headers = headers(outer, request["httpHeaders"].as_object());
    let call = Call::new(method, &url, headers, body.into());
    let rest: Vec<&str> = call.path.iter().skip(3).map(String::as_str).collect();
    let answer = match rest.as_slice() {
        ["composite", "sobjects", ..] | ["sobjects" | "query" | "queryAll" | "limits", ..] | [] => {
            world.failed = false;
            super::resource(world, &call, version, &rest)
        }
        _ => ApiError::not_found().into(),
    };
    let well = answer.status < 400 && !world.failed;
    world.failed = false;
    (Response::of(name, answer), well)
}

/// The headers of the request inside: those of the outer one, without what is about its body.
fn headers(outer: &Call, own: Option<&Map<String, Json>>) -> HeaderMap {
    let mut headers = outer.headers.clone();
    headers.remove("content-encoding");
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    for (key, value) in own.into_iter().flatten() {
        let name = HeaderName::try_from(key.as_str());
        let value = HeaderValue::try_from(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
    headers
}
