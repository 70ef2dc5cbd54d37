//! sObject Collections: up to 200 records, an answer for each, in order.
//! Source: REST API Developer Guide, "sObject Collections".

use serde_json::{Map, Value as Json, json};

use super::Call;
use crate::emulator::answer::Answer;
use crate::emulator::error::{ApiError, DmlError};
use crate::emulator::id::Id;
use crate::emulator::schema::{Object, objects};
use crate::emulator::server::World;

/// The most records of a call.
const MOST: usize = 200;
/// The most runs of records of one object in a call.
const MOST_CHUNKS: usize = 10;

/// What became of a record.
type Outcome = Result<Id, Vec<DmlError>>;

/// `POST composite/sobjects`.
pub(super) fn create(world: &mut World, call: &Call<'_>) -> Answer {
    write(world, call, |world, object, record| world.org.insert(object, record))
}

/// `PATCH composite/sobjects`.
pub(super) fn update(world: &mut World, call: &Call<'_>) -> Answer {
    write(world, call, |world, object, record| {
        let text = record.iter().find(|(key, _)| key.eq_ignore_ascii_case("id"));
        let text = text.and_then(|(_, value)| value.as_str()).unwrap_or_default();
        let id = Id::parse(text).filter(|id| id.prefix() == object.info().prefix);
        let id = id.ok_or_else(|| {
            let message = format!("Record ID: id value of incorrect type: {text}");
            vec![DmlError::new("MALFORMED_ID", message).on("Id")]
        })?;
        let mut fields = record.clone();
        fields.retain(|key, _| !key.eq_ignore_ascii_case("id"));
        world.org.update(object, id, &fields).map(|()| id)
    })
}

/// `DELETE composite/sobjects?ids=…`.
pub(super) fn delete(world: &mut World, call: &Call<'_>) -> Answer {
    let ids: Vec<&str> = call.param("ids").unwrap_or_default().split(',').collect();
    if let Some(refusal) = too_many(ids.len()) {
        return refusal;
    }
    let outcomes: Vec<Outcome> = ids
        .into_iter()
        .map(|text| {
            let id = Id::parse(text.trim());
            let object = id.and_then(|id| objects().iter().find(|info| info.prefix == id.prefix()));
            let (Some(id), Some(info)) = (id, object) else {
                let message = format!("malformed id {text}");
                return Err(vec![DmlError::new("MALFORMED_ID", message)]);
            };
            world.org.delete(info.object, id).map(|()| id)
        })
        .collect();
    answer(&outcomes)
}

fn write(
    world: &mut World,
    call: &Call<'_>,
    one: impl Fn(&mut World, Object, &Map<String, Json>) -> Outcome,
) -> Answer {
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let Some(Json::Array(records)) = body.get("records") else {
        return ApiError::new(400, "INVALID_INPUT", "records is a required field").into();
    };
    if let Some(refusal) = too_many(records.len()) {
        return refusal;
    }
    let typed: Option<Vec<(Object, &Map<String, Json>)>> = records.iter().map(typed).collect();
    let Some(typed) = typed else {
        // The text of this refusal is not documented.
        let message = "Every record needs attributes with the type of a known object";
        return ApiError::new(400, "INVALID_INPUT", message).into();
    };
    if let Some(refusal) = mixed(&typed) {
        return refusal;
    }
    if body.get("allOrNone") == Some(&Json::Bool(true)) {
        let message = "allOrNone is not held by this emulator";
        return ApiError::new(400, "FUNCTIONALITY_NOT_ENABLED", message).into();
    }
    let outcomes: Vec<Outcome> =
        typed.into_iter().map(|(object, record)| one(world, object, record)).collect();
    answer(&outcomes)
}

fn typed(record: &Json) -> Option<(Object, &Map<String, Json>)> {
    let fields = record.as_object()?;
    let object = Object::named(fields.get("attributes")?.get("type")?.as_str()?)?;
    Some((object, fields))
}

fn too_many(records: usize) -> Option<Answer> {
    let message = "record limit reached. cannot submit more than 200 records into this call";
    (records > MOST).then(|| ApiError::new(400, "EXCEEDED_ID_LIMIT", message).into())
}

/// Several objects in one call: at most ten runs, and never if one is a setup object. The text of
/// the second refusal is not documented.
fn mixed(records: &[(Object, &Map<String, Json>)]) -> Option<Answer> {
    let mut kinds: Vec<Object> = records.iter().map(|(object, _)| *object).collect();
    kinds.dedup();
    if kinds.len() > MOST_CHUNKS {
        let message = "more than 10 chunks of different objects in this call";
        return Some(ApiError::new(400, "INVALID_INPUT", message).into());
    }
    kinds.sort_unstable();
    kinds.dedup();
    (kinds.len() > 1 && kinds.iter().any(|object| object.info().setup)).then(|| {
        let message = "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa)";
        ApiError::new(400, "MIXED_DML_OPERATION", message).into()
    })
}

fn answer(outcomes: &[Outcome]) -> Answer {
    let one = |outcome: &Outcome| match outcome {
        Ok(id) => json!({ "id": id.to_string(), "success": true, "errors": [] }),
        Err(errors) => {
            let errors: Vec<Json> = errors.iter().map(DmlError::status_json).collect();
            json!({ "success": false, "errors": errors })
        }
    };
    Answer::json(200, &Json::from(outcomes.iter().map(one).collect::<Vec<_>>()))
}
