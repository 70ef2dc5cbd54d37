//! Several records by their ids.
//! Source: REST API Developer Guide, "Get Records with sObject Collections": in the order of the
//! ids, null for what is not there.

use std::fmt::Write;

use serde_json::Value as Json;

use super::{Answer, ApiError, Call, World};
use crate::emulator::id::Id;
use crate::emulator::soql;
use crate::emulator::store::unknown_column;

/// The most ids of a call.
const MOST: usize = 2000;

pub(super) fn answer(world: &World, call: &Call, name: &str, base: &str) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    let (ids, fields) = match wanted(call) {
        Ok(wanted) => wanted,
        Err(error) => return error.into(),
    };
    if ids.len() > MOST {
        let message = "record limit reached. cannot submit more than 2000 records into this call";
        return ApiError::new(400, "EXCEEDED_ID_LIMIT", message).into();
    }
    let info = world.org.schema.info(object);
    let mut positions = Vec::new();
    for name in &fields {
        match info.field(name) {
            Some(at) => positions.push(at),
            None => return Answer::refused(&[unknown_column(name, &info.name)]),
        }
    }
    if !positions.contains(&0) {
        positions.insert(0, 0);
    }
    let mut body = "[".to_owned();
    for (at, text) in ids.iter().enumerate() {
        if at > 0 {
            body.push(',');
        }
        let found = Id::parse(text).and_then(|id| world.org.row(object, id));
        let Some(row) = found else {
            body.push_str("null");
            continue;
        };
        body.push_str("{\"attributes\":");
        soql::attributes(&mut body, &world.org, object, row, base);
        for at in &positions {
            let name = info.fields.get(*at).map_or("", |field| &field.name);
            let _ = write!(body, ",\"{name}\":{}", world.org.value(object, row, *at).json());
        }
        body.push('}');
    }
    body.push(']');
    Answer::text(200, body)
}

fn wanted(call: &Call) -> Result<(Vec<String>, Vec<String>), ApiError> {
    if call.method == "GET" {
        let list = |name: &str| -> Vec<String> {
            let text = call.param(name).unwrap_or_default().split(',');
            text.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
        };
        return Ok((list("ids"), list("fields")));
    }
    let body = call.object()?;
    let list = |name: &str| -> Vec<String> {
        let list = body.get(name).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    Ok((list("ids"), list("fields")))
}
