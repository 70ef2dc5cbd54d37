//! Records by an external id.
//! Source: REST API Developer Guide, "sObject Rows by External ID". A value that ends like a file
//! name is read as one with a format, so addresses cannot be used here.

use serde_json::{Map, Value as Json, json};

use super::{Answer, ApiError, Call, World, rows, wrong_method};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::store::Upserted;

pub(super) fn answer(
    world: &mut World,
    call: &Call,
    (name, field, value): (&str, &str, &str),
    base: &str,
) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    let info = world.org.schema.info(object);
    let at = info.field(field).filter(|at| {
        info.fields.get(*at).is_some_and(|field| field.external_id || field.id_lookup)
    });
    let Some(at) = at else {
        let message =
            format!("Provided external ID field does not exist or is not accessible: {field}");
        return ApiError::new(404, "NOT_FOUND", message).into();
    };
    let Some(value) = without_format(value) else { return ApiError::not_found().into() };
    match call.method.as_str() {
        "PATCH" => match call.object() {
            Ok(fields) => upsert(world, call, (object, at, value), (&fields, base)),
            Err(error) => error.into(),
        },
        "GET" | "HEAD" | "DELETE" => match found(world, object, at, value) {
            Ok(ids) => match ids.as_slice() {
                [] => ApiError::not_found().into(),
                [one] => rows::record(world, call, (object, *one), base),
                several => choices(world, object, several, base),
            },
            Err(answer) => answer,
        },
        method => wrong_method(method, "DELETE,GET,HEAD,PATCH"),
    }
}

fn found(world: &World, object: Object, at: usize, value: &str) -> Result<Vec<Id>, Answer> {
    let info = world.org.schema.info(object);
    let Some(field) = info.fields.get(at) else { return Ok(Vec::new()) };
    let value = world.org.read_key(field, &Json::from(value));
    let value = value.map_err(|error| Answer::refused(&[error]))?;
    Ok(world.org.with_key(object, at, &value).collect())
}

fn upsert(
    world: &mut World,
    call: &Call,
    (object, at, value): (Object, usize, &str),
    (fields, base): (&Map<String, Json>, &str),
) -> Answer {
    let info = world.org.schema.info(object);
    let name = info.fields.get(at).map(|field| field.name.to_string()).unwrap_or_default();
    if fields.keys().any(|key| key.eq_ignore_ascii_case("id") || key.eq_ignore_ascii_case(&name)) {
        let message = format!("The {name} field should not be specified in the sobject data.");
        return ApiError::new(400, "INVALID_FIELD", message).into();
    }
    if call.param("updateOnly") == Some("true") {
        match found(world, object, at, value) {
            Ok(ids) if ids.is_empty() => return ApiError::not_found().into(),
            Ok(_) => {}
            Err(answer) => return answer,
        }
    }
    match world.org.upsert(object, at, &Json::from(value), fields) {
        Ok(Upserted::Created(id)) => {
            let body =
                json!({ "id": id.to_string(), "success": true, "errors": [], "created": true });
            let place = format!("{base}/sobjects/{}/{id}", world.org.schema.info(object).name);
            Answer::json(201, &body).header("location", place)
        }
        Ok(Upserted::Updated(id)) => {
            // Up to version 45 there was no body.
            let version = base.rsplit('v').next().and_then(|text| text.parse::<f32>().ok());
            if version.is_some_and(|version| version < 46.0) {
                return Answer::empty(204);
            }
            let body =
                json!({ "id": id.to_string(), "success": true, "errors": [], "created": false });
            Answer::json(200, &body)
        }
        Ok(Upserted::Several(ids)) => choices(world, object, &ids, base),
        Err(errors) => Answer::refused(&errors),
    }
}

/// Several records have the key: their addresses, and nothing is done.
fn choices(world: &World, object: Object, ids: &[Id], base: &str) -> Answer {
    let name = &world.org.schema.info(object).name;
    let list: Vec<String> = ids.iter().map(|id| format!("{base}/sobjects/{name}/{id}")).collect();
    Answer::json(300, &Json::from(list))
}

/// The value without `.json` or `.xml`; nothing, if it ends in another format.
fn without_format(value: &str) -> Option<&str> {
    let Some((stem, end)) = value.rsplit_once('.') else { return Some(value) };
    match end {
        "json" | "xml" => Some(stem),
        end if end.is_empty() || !end.chars().all(|c| c.is_ascii_alphabetic()) => Some(value),
        _ => None,
    }
}
