//! Dependent requests in one.
//! Source: REST API Developer Guide, "Composite": at most 25, at most five of which are queries or
//! collections; the whole is a 200 whatever happens inside.

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
    Answer::json(200, &json!({ "compositeResponse": responses }))
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
) -> (Vec<Json>, bool) {
    if whole {
        world.org.begin();
        world.in_transaction = true;
    }
    let mut answers = Answers::new();
    let mut responses = Vec::new();
    let mut all_well = true;
    for request in requests {
        let (response, well) = one(world, call, request, (&answers, version));
        all_well &= well;
        let name = request["referenceId"].as_str().unwrap_or_default();
        if well {
            answers.insert(name.to_owned(), response["body"].clone());
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
                *response = halted(&response["referenceId"], ROLLED_BACK);
            }
            responses.extend(failed);
            for request in requests.iter().skip(responses.len()) {
                responses.push(halted(&request["referenceId"], ROLLED_BACK));
            }
        }
    }
    (responses, all_well)
}

fn one(
    world: &mut World,
    outer: &Call,
    request: &Json,
    (answers, version): (&Answers, &str),
) -> (Json, bool) {
    let name = &request["referenceId"];
    let halt = |message: &str| (halted(name, message), false);
    let Some(url) = request["url"].as_str() else { return halt("url is a required field") };
    let url = match fill_text(url, answers) {
        Ok(url) => url,
        Err(message) => return halt(&message),
    };
    let body = match fill(&request["body"], answers) {
        Ok(Json::Null) => Vec::new(),
        Ok(body) => body.to_string().into_bytes(),
        Err(message) => return halt(&message),
    };
    let prefix = format!("/services/data/{version}/");
    if !url.starts_with(&prefix) {
        return (response(name, &Answer::from(ApiError::not_found())), false);
    }
    let method = request["method"].as_str().unwrap_or("GET");
    let headers = headers(outer, request["httpHeaders"].as_object());
    let call = Call::new(method, &url, headers, body);
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
    (response(name, &answer), well)
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

fn halted(name: &Json, message: &str) -> Json {
    json!({
        "body": [{ "errorCode": "PROCESSING_HALTED", "message": message }],
        "httpHeaders": {},
        "httpStatusCode": 400,
        "referenceId": name,
    })
}

fn response(name: &Json, answer: &Answer) -> Json {
    let body = serde_json::from_str::<Json>(&answer.body).unwrap_or(Json::Null);
    let shown = |name: &str| match name {
        "location" => Some("Location"),
        "etag" => Some("ETag"),
        "last-modified" => Some("Last-Modified"),
        _ => None,
    };
    let headers: Map<String, Json> = answer
        .headers
        .iter()
        .filter_map(|(key, value)| Some((shown(key)?.to_owned(), Json::from(value.as_str()))))
        .collect();
    json!({
        "body": body,
        "httpHeaders": headers,
        "httpStatusCode": answer.status,
        "referenceId": name,
    })
}
