//! Independent requests in one.
//! Source: REST API Developer Guide, "Composite Batch": at most 25, each on its own.

use serde_json::{Value as Json, json};

use super::{Answer, ApiError, Call, World};

/// The most requests.
const MOST: usize = 25;

/// `POST composite/batch`.
pub(super) fn answer(world: &mut World, call: &Call) -> Answer {
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let Some(Json::Array(requests)) = body.get("batchRequests") else {
        return ApiError::new(400, "INVALID_INPUT", "batchRequests is a required field").into();
    };
    if requests.len() > MOST {
        let message = "The request can’t contain more than 25 operations.";
        return ApiError::new(400, "LIMIT_EXCEEDED", message).into();
    }
    let halts = body.get("haltOnError") == Some(&Json::Bool(true));
    let mut failed = false;
    let mut results = Vec::new();
    for request in requests {
        if failed && halts {
            results.push(json!({
                "statusCode": 412,
                "result": [{ "errorCode": "BATCH_PROCESSING_HALTED",
                    "message": "Batch processing halted per request" }],
            }));
            continue;
        }
        let answer = one(world, call, request);
        failed |= answer.status >= 400;
        let body = serde_json::from_str::<Json>(&answer.body).unwrap_or(Json::Null);
        results.push(json!({ "statusCode": answer.status, "result": body }));
    }
    Answer::json(200, &json!({ "hasErrors": failed, "results": results }))
}

fn one(world: &mut World, outer: &Call, request: &Json) -> Answer {
    let url = request["url"].as_str().unwrap_or_default().trim_start_matches('/');
    let url = format!("/services/data/{}", url.trim_start_matches("services/data/"));
    let method = request["method"].as_str().unwrap_or("GET");
    let body = match &request["richInput"] {
        Json::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let mut headers = outer.headers.clone();
    headers.remove("content-encoding");
    let call = Call::new(method, &url, headers, body.into());
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        [
            "services",
            "data",
            version,
            rest @ ("sobjects" | "query" | "queryAll" | "limits"),
            more @ ..,
        ] => {
            let mut parts = vec![*rest];
            parts.extend(more);
            super::resource(world, &call, version, &parts)
        }
        _ => ApiError::not_found().into(),
    }
}
