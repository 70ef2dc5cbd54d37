//! Single records.
//! Source: REST API Developer Guide, "sObject Basic Information" and "sObject Rows".

use serde_json::{Map, Value as Json, json};

use super::{Call, wrong_method};
use crate::emulator::answer::Answer;
use crate::emulator::error::{ApiError, DmlError};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::server::World;
use crate::emulator::soql;

/// `/sobjects/OBJECT`.
pub(super) fn object(
    world: &mut World,
    call: &Call<'_>,
    (method, name): (&str, &str),
    base: &str,
) -> Answer {
    let Some(object) = Object::named(name) else { return ApiError::not_found().into() };
    if method != "POST" {
        return wrong_method(method, "HEAD,GET,POST");
    }
    let fields = match call.object() {
        Ok(fields) => fields,
        Err(error) => return error.into(),
    };
    match world.org.insert(object, &fields) {
        Ok(id) => {
            let body = json!({ "id": id.to_string(), "success": true, "errors": [] });
            let place = format!("{base}/sobjects/{}/{id}", object.info().name);
            Answer::json(201, &body).header("location", place)
        }
        Err(errors) => Answer::refused(&errors),
    }
}

/// `/sobjects/OBJECT/ID`.
pub(super) fn row(
    world: &mut World,
    call: &Call<'_>,
    (method, name, id): (&str, &str, &str),
    base: &str,
) -> Answer {
    let Some(object) = Object::named(name) else { return ApiError::not_found().into() };
    let found = Id::parse(id).filter(|id| world.org.row(object, *id).is_some());
    let Some(id) = found else { return ApiError::not_found().into() };
    match method {
        "GET" => read(world, call, (object, id), base),
        "PATCH" => match call.object() {
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

fn read(world: &World, call: &Call<'_>, (object, id): (Object, Id), base: &str) -> Answer {
    let Some(row) = world.org.row(object, id) else { return ApiError::not_found().into() };
    let all = || object.info().fields.iter().map(|field| field.name.to_owned()).collect();
    let wanted: Vec<String> = call
        .param("fields")
        .map_or_else(all, |list| list.split(',').map(|name| name.trim().to_owned()).collect());
    let mut body = Map::new();
    body.insert("attributes".to_owned(), soql::attributes(object, row, base));
    for name in wanted {
        let field =
            object.field(&name).and_then(|at| Some((at, object.info().fields.get(at)?.name)));
        let Some((at, name)) = field else {
            let message =
                format!("No such column '{name}' on sobject of type {}", object.info().name);
            return Answer::refused(&[DmlError::new("INVALID_FIELD", message)]);
        };
        body.insert(name.to_owned(), world.org.value(object, row, at).json());
    }
    Answer::json(200, &Json::Object(body))
}
