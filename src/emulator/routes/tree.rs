//! Records with their children, all or none.
//! Source: REST API Developer Guide, "sObject Tree": at most 200 records, five levels, five objects.

use serde_json::{Map, Value as Json, json};

use super::{Answer, ApiError, Call, World};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;

/// The most records of a tree.
const MOST: usize = 200;
/// The most levels.
const LEVELS: usize = 5;

/// A record's place below its parent: the parent, and the field that points to it.
type Below = Option<(Id, String)>;

/// `POST composite/tree/OBJECT`.
pub(super) fn answer(world: &mut World, call: &Call, name: &str) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let Some(Json::Array(records)) = body.get("records") else {
        return ApiError::new(400, "INVALID_INPUT", "records is a required field").into();
    };
    if count(records) > MOST {
        let message = "record limit reached. cannot submit more than 200 records into this call";
        return ApiError::new(400, "EXCEEDED_ID_LIMIT", message).into();
    }
    world.org.begin();
    let mut tree = Tree { world, done: Vec::new(), failed: Vec::new() };
    for record in records {
        tree.plant(object, record, None, 1);
    }
    let Tree { done, failed, .. } = tree;
    if failed.is_empty() {
        world.org.commit();
        return Answer::json(201, &json!({ "hasErrors": false, "results": done }));
    }
    world.org.roll_back();
    Answer::json(400, &json!({ "hasErrors": true, "results": failed }))
}

fn count(records: &[Json]) -> usize {
    let below = |record: &Json| -> usize {
        let lists = record.as_object().into_iter().flat_map(Map::values);
        lists.filter_map(|one| one["records"].as_array()).map(|list| count(list)).sum()
    };
    records.len() + records.iter().map(below).sum::<usize>()
}

struct Tree<'a> {
    world: &'a mut World,
    done: Vec<Json>,
    failed: Vec<Json>,
}

impl Tree<'_> {
    fn plant(&mut self, object: Object, record: &Json, below: Below, level: usize) {
        let reference = record["attributes"]["referenceId"].clone();
        let Some(fields) = record.as_object().filter(|_| level <= LEVELS) else {
            let error = DmlError::new("INVALID_INPUT", "No more than 5 levels are allowed");
            self.fail(&reference, &[error]);
            return;
        };
        let is_list = |value: &Json| value["records"].is_array();
        let mut own: Map<String, Json> = fields
            .iter()
            .filter(|(_, value)| !is_list(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some((parent, field)) = below {
            own.insert(field, Json::from(parent.to_string()));
        }
        let id = match self.world.org.insert(object, &own) {
            Ok(id) => id,
            Err(errors) => return self.fail(&reference, &errors),
        };
        self.done.push(json!({ "referenceId": reference, "id": id.to_string() }));
        for (way, list) in fields.iter().filter(|(_, value)| is_list(value)) {
            let schema = &self.world.org.schema;
            let found = schema.children(object).find(|(.., name)| name.eq_ignore_ascii_case(way));
            let found = found.and_then(|(child, at, _)| {
                Some((child, schema.info(child).fields.get(at)?.name.to_string()))
            });
            let Some((child, field)) = found else {
                let message = format!("Unknown child relationship {way}");
                self.fail(&reference, &[DmlError::new("INVALID_FIELD", message)]);
                continue;
            };
            for record in list["records"].as_array().into_iter().flatten() {
                self.plant(child, record, Some((id, field.clone())), level + 1);
            }
        }
    }

    fn fail(&mut self, reference: &Json, errors: &[DmlError]) {
        let errors: Vec<Json> = errors.iter().map(DmlError::status_json).collect();
        self.failed.push(json!({ "referenceId": reference, "errors": errors }));
    }
}
