//! Single records.
//! Source: REST API Developer Guide, "sObject Basic Information", "sObject Rows" and "Conditional
//! Requests": dates have whole seconds, entity tags are for accounts alone.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::{Answer, ApiError, Call, World, describe, wrong_method};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::soql;
use crate::emulator::store::unknown_column;
use crate::emulator::value::Value;

/// `/sobjects/OBJECT`.
pub(super) fn object(world: &mut World, call: &Call, name: &str, base: &str) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    match call.method.as_str() {
        "GET" | "HEAD" => {
            let entry = describe::entry(world.org.schema.info(object), base);
            Answer::json(200, &json!({ "objectDescribe": entry, "recentItems": [] }))
        }
        "POST" => match call.object() {
            Ok(mut fields) => {
                if call.path.last().is_some_and(|last| last == "Id") {
                    fields.retain(|key, _| !key.eq_ignore_ascii_case("id"));
                }
                create(world, object, &fields, base)
            }
            Err(error) => error.into(),
        },
        method => wrong_method(method, "HEAD,GET,POST"),
    }
}

fn create(world: &mut World, object: Object, fields: &Map<String, Json>, base: &str) -> Answer {
    match world.org.insert(object, fields) {
        Ok(id) => {
            let body = json!({ "id": id.to_string(), "success": true, "errors": [] });
            let place = format!("{base}/sobjects/{}/{id}", world.org.schema.info(object).name);
            Answer::json(201, &body).header("location", place)
        }
        Err(errors) => Answer::refused(&errors),
    }
}

/// `/sobjects/OBJECT/ID`.
pub(super) fn row(world: &mut World, call: &Call, (name, id): (&str, &str), base: &str) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    let Some(id) = Id::parse(id) else { return ApiError::not_found().into() };
    record(world, call, (object, id), base)
}

/// A record whose id is known.
pub(super) fn record(
    world: &mut World,
    call: &Call,
    (object, id): (Object, Id),
    base: &str,
) -> Answer {
    let Some(row) = world.org.row(object, id) else {
        if world.org.is_deleted(object, id) {
            let error = ApiError::new(404, "ENTITY_IS_DELETED", "entity is deleted");
            return error.into();
        }
        if call.method == "DELETE" {
            let error = DmlError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
            return Answer { status: 404, ..Answer::refused(&[error]) };
        }
        return ApiError::not_found().into();
    };
    let changed = match world.org.value_of(object, row, "LastModifiedDate") {
        Value::Moment(moment) => moment,
        _ => Timestamp::UNIX_EPOCH,
    };
    if let Some(answer) = precondition(call, object, changed) {
        return answer;
    }
    match call.method.as_str() {
        "GET" | "HEAD" => read(world, call, (object, id), base)
            .header("last-modified", http_date(changed))
            .header("etag", tag(changed)),
        "PATCH" => match call.object() {
            Ok(fields) if fields.keys().any(|key| key.eq_ignore_ascii_case("id")) => {
                let message = "The Id field should not be specified in the sobject data.";
                Answer::refused(&[DmlError::new("INVALID_FIELD", message)])
            }
            Ok(fields) => match world.org.update(object, id, &fields) {
                Ok(()) => Answer::empty(204),
                Err(errors) => Answer::refused(&errors),
            },
            Err(error) => error.into(),
        },
        "DELETE" => match world.org.delete(object, id) {
            Ok(()) => Answer::empty(204),
            Err(errors) => Answer::refused(&errors),
        },
        method => wrong_method(method, "DELETE,GET,HEAD,PATCH"),
    }
}

fn read(world: &World, call: &Call, (object, id): (Object, Id), base: &str) -> Answer {
    let Some(row) = world.org.row(object, id) else { return ApiError::not_found().into() };
    let info = world.org.schema.info(object);
    let wanted: Vec<usize> = match call.param("fields") {
        None => info.visible().map(|(at, _)| at).collect(),
        Some(list) => {
            let mut wanted = Vec::new();
            for name in list.split(',').map(str::trim) {
                match info.field(name) {
                    Some(at) => wanted.push(at),
                    None => return Answer::refused(&[unknown_column(name, &info.name)]),
                }
            }
            wanted
        }
    };
    let mut body = "{\"attributes\":".to_owned();
    soql::attributes(&mut body, &world.org, object, row, base);
    for at in wanted {
        let name = info.fields.get(at).map_or("", |field| &field.name);
        let _ = write!(body, ",\"{name}\":{}", world.org.value(object, row, at).json());
    }
    body.push('}');
    Answer::text(200, body)
}

/// An answer that a condition in the headers asks for instead.
pub(super) fn precondition(call: &Call, object: Object, changed: Timestamp) -> Option<Answer> {
    let date = |name: &str| {
        let text = call.header(name)?;
        Some(jiff::fmt::rfc2822::parse(text).map(|zoned| zoned.timestamp()))
    };
    let reads = matches!(call.method.as_str(), "GET" | "HEAD");
    match date("if-modified-since") {
        Some(Ok(since)) if reads && changed.as_second() <= since.as_second() => {
            return Some(Answer::empty(304));
        }
        Some(Err(_)) if !reads => return Some(bad_date()),
        _ => {}
    }
    match date("if-unmodified-since") {
        Some(Ok(since)) if changed.as_second() > since.as_second() => {
            return Some(Answer::empty(412));
        }
        Some(Err(_)) if !reads => return Some(bad_date()),
        _ => {}
    }
    if object != Object::ACCOUNT {
        return None;
    }
    let own = tag(changed);
    let matches = |name: &str| {
        Some(call.header(name)?.split(',').any(|one| one.trim() == own || one.trim() == "*"))
    };
    match (matches("if-match"), matches("if-none-match")) {
        (Some(false), _) => Some(Answer::empty(412)),
        (_, Some(true)) => Some(Answer::empty(if reads { 304 } else { 412 })),
        _ => None,
    }
}

fn bad_date() -> Answer {
    ApiError::new(400, "INVALID_HEADER", "The date of a condition cannot be read").into()
}

/// `Mon, 23 Nov 2026 10:00:00 GMT`.
pub(super) fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn tag(moment: Timestamp) -> String {
    format!("\"{:x}\"", moment.as_millisecond())
}
