//! sObject Collections: up to 200 records, an answer for each, in order.
//! Source: REST API Developer Guide, "sObject Collections".

use serde_json::{Map, Value as Json, json};

use super::{Answer, ApiError, Call, World};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::store::{Upserted, malformed};

/// The most records of a call.
const MOST: usize = 200;
/// The most runs of records of one object in a call.
const MOST_CHUNKS: usize = 10;

/// What became of a record.
pub(super) struct Done {
    id: Id,
    /// Upserts tell whether the record is new.
    created: Option<bool>,
}

type Outcome = Result<Done, Vec<DmlError>>;
type Record<'a> = (Object, &'a Map<String, Json>);

/// `POST composite/sobjects`.
pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    write(world, call, None, |world, (object, record)| {
        let id = world.org.insert(object, record)?;
        Ok(Done { id, created: None })
    })
}

/// `PATCH composite/sobjects`.
pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let mut seen: Vec<Id> = Vec::new();
    write(world, call, None, |world, (object, record)| {
        let text = record.iter().find(|(key, _)| key.eq_ignore_ascii_case("id"));
        let text = text.and_then(|(_, value)| value.as_str()).unwrap_or_default();
        if text.is_empty() {
            let message = "Id not specified in an update call";
            return Err(vec![DmlError::new("MISSING_ARGUMENT", message).on("Id")]);
        }
        let info = world.org.schema.info(object);
        let id = Id::parse(text).filter(|id| id.prefix() == info.prefix);
        let id = id.ok_or_else(|| vec![malformed(&format!("{} ID", info.label), text).on("Id")])?;
        seen.push(id);
        let most = world.org.settings.repeats_in_call;
        if seen.iter().filter(|one| **one == id).count() > most {
            return Err(vec![DmlError::new(
                "DUPLICATE_VALUE",
                format!(
                    "Maximum number of duplicate updates in one batch ({most} allowed). Attempt to update Id more than once in this Api call: {id}"
                ),
            )]);
        }
        let mut fields = record.clone();
        fields.retain(|key, _| !key.eq_ignore_ascii_case("id"));
        world.org.update(object, id, &fields).map(|()| Done { id, created: None })
    })
}

/// `PATCH composite/sobjects/OBJECT/FIELD`.
pub(super) fn upsert(world: &mut World, call: &Call, name: &str, field: &str) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    let info = world.org.schema.info(object);
    let key = info.field(field).filter(|at| {
        info.fields.get(*at).is_some_and(|field| field.external_id || field.id_lookup)
    });
    let Some(at) = key else {
        let message =
            format!("Provided external ID field does not exist or is not accessible: {field}");
        return ApiError::new(404, "NOT_FOUND", message).into();
    };
    let field = field.to_owned();
    write(world, call, Some(object), |world, (object, record)| {
        let value = record.iter().find(|(key, _)| key.eq_ignore_ascii_case(&field));
        let value = value.map_or(Json::Null, |(_, value)| value.clone());
        match world.org.upsert(object, at, &value, record)? {
            Upserted::Created(id) => Ok(Done { id, created: Some(true) }),
            Upserted::Updated(id) => Ok(Done { id, created: Some(false) }),
            Upserted::Several(_) => {
                let message = format!("{field}: more than one record found for external id field");
                Err(vec![DmlError::new("DUPLICATE_EXTERNAL_ID", message)])
            }
        }
    })
}

/// `DELETE composite/sobjects?ids=…`.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let ids: Vec<&str> = call.param("ids").unwrap_or_default().split(',').collect();
    if let Some(refusal) = too_many(ids.len()) {
        return refusal;
    }
    let known = |text: &str| {
        let id = Id::parse(text.trim())?;
        Some((world.org.schema.prefixed(id.prefix())?, id))
    };
    let parsed: Vec<Option<(Object, Id)>> = ids.iter().map(|text| known(text)).collect();
    let kinds: Vec<Object> = parsed.iter().flatten().map(|(object, _)| *object).collect();
    if let Some(refusal) = mixed(world, kinds) {
        return refusal;
    }
    let whole = call.param("allOrNone") == Some("true");
    let pairs = ids.into_iter().zip(parsed);
    carry_out(world, whole, pairs.collect(), |world, (text, found)| {
        let Some((object, id)) = found else {
            let message = format!("malformed id {text}");
            return Err(vec![DmlError::new("MALFORMED_ID", message)]);
        };
        world.org.delete(object, id).map(|()| Done { id, created: None })
    })
}

fn write(
    world: &mut World,
    call: &Call,
    only: Option<Object>,
    one: impl FnMut(&mut World, Record<'_>) -> Outcome,
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
    let typed: Option<Vec<Record<'_>>> =
        records.iter().map(|record| typed(world, record, only)).collect();
    let Some(typed) = typed else {
        // The text of this refusal is not documented.
        let message = "Every record needs attributes with the type of a known object";
        return ApiError::new(400, "INVALID_INPUT", message).into();
    };
    if let Some(refusal) = mixed(world, typed.iter().map(|(object, _)| *object).collect()) {
        return refusal;
    }
    let whole = body.get("allOrNone") == Some(&Json::Bool(true));
    carry_out(world, whole, typed, one)
}

fn typed<'a>(world: &World, record: &'a Json, only: Option<Object>) -> Option<Record<'a>> {
    let fields = record.as_object()?;
    let object = world.org.schema.named(fields.get("attributes")?.get("type")?.as_str()?)?;
    only.is_none_or(|only| only == object).then_some((object, fields))
}

/// Does one after the other; if all or none are wanted and one fails, everything is taken back.
fn carry_out<T>(
    world: &mut World,
    whole: bool,
    records: Vec<T>,
    mut one: impl FnMut(&mut World, T) -> Outcome,
) -> Answer {
    let outer = world.in_transaction;
    let own = whole && !outer;
    if own {
        world.org.begin();
    }
    let mut outcomes: Vec<Outcome> = Vec::new();
    for record in records {
        let locked = world.lock_fault();
        outcomes.push(match locked {
            Some(error) => Err(vec![error]),
            None => one(world, record),
        });
    }
    let failed = outcomes.iter().any(Result::is_err);
    if own && failed {
        world.org.roll_back();
    } else if own {
        world.org.commit();
    }
    world.failed |= failed;
    if whole && failed {
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = Err(vec![DmlError::new(
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using AllOrNone header",
            )]);
        }
    }
    answer(&outcomes)
}

fn too_many(records: usize) -> Option<Answer> {
    let message = "record limit reached. cannot submit more than 200 records into this call";
    (records > MOST).then(|| ApiError::new(400, "EXCEEDED_ID_LIMIT", message).into())
}

/// Several objects in one call: at most ten runs, and never if one is a setup object. The text of
/// the second refusal is not documented.
fn mixed(world: &World, mut kinds: Vec<Object>) -> Option<Answer> {
    kinds.dedup();
    if kinds.len() > MOST_CHUNKS {
        let message = "more than 10 chunks of different objects in this call";
        return Some(ApiError::new(400, "INVALID_INPUT", message).into());
    }
    kinds.sort_unstable();
    kinds.dedup();
    (kinds.len() > 1 && kinds.iter().any(|object| world.org.schema.info(*object).setup)).then(|| {
        let message = "DML operation on setup object is not permitted after you have updated a non-setup object (or vice versa)";
        ApiError::new(400, "MIXED_DML_OPERATION", message).into()
    })
}

fn answer(outcomes: &[Outcome]) -> Answer {
    let one = |outcome: &Outcome| match outcome {
        Ok(done) => {
            let mut json = json!({ "id": done.id.to_string(), "success": true, "errors": [] });
            if let (Some(created), Some(json)) = (done.created, json.as_object_mut()) {
                json.insert("created".to_owned(), Json::from(created));
            }
            json
        }
        Err(errors) => {
            let errors: Vec<Json> = errors.iter().map(DmlError::status_json).collect();
            json!({ "success": false, "errors": errors })
        }
    };
    Answer::json(200, &Json::from(outcomes.iter().map(one).collect::<Vec<_>>()))
}
