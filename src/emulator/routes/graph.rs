//! Graphs of dependent requests, each all or nothing.
//! Source: REST API Developer Guide, "Composite Graph".

use serde_json::{Value as Json, json};

use super::{Answer, ApiError, Call, World, composite};

/// The most graphs, and the most requests of all of them.
const MOST_GRAPHS: usize = 75;
const MOST_NODES: usize = 500;
/// After so many failed graphs the rest are not tried.
const MOST_FAILED: usize = 14;

/// `POST composite/graph`.
pub(super) fn answer(world: &mut World, call: &Call, version: &str) -> Answer {
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let Some(Json::Array(graphs)) = body.get("graphs") else {
        return ApiError::new(400, "INVALID_INPUT", "graphs is a required field").into();
    };
    let nodes = |graph: &Json| graph["compositeRequest"].as_array().map_or(0, Vec::len);
    if graphs.len() > MOST_GRAPHS || graphs.iter().map(nodes).sum::<usize>() > MOST_NODES {
        let message = "The request can’t contain more than 75 graphs or 500 nodes.";
        return ApiError::new(400, "LIMIT_EXCEEDED", message).into();
    }
    let mut failed = 0;
    let mut answers = Vec::new();
    for graph in graphs {
        let requests = graph["compositeRequest"].as_array().map(Vec::as_slice).unwrap_or_default();
        let (responses, well) = if failed >= MOST_FAILED {
            (Vec::new(), false)
        } else {
            composite::run(world, call, requests, (true, version))
        };
        failed += usize::from(!well);
        let response: Json =
            serde_json::from_str(&composite::list(&responses)).unwrap_or(Json::Null);
        answers.push(json!({
            "graphId": graph["graphId"],
            "graphResponse": response,
            "isSuccessful": well,
        }));
    }
    Answer::json(200, &json!({ "graphs": answers }))
}
