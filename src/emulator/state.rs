//! An org as JSON and back: everything, so that a restored org behaves like the one that was kept.

use serde_json::{Map, Value as Json, json};

use super::id::Id;
use super::schema::{Kind, Object, objects};
use super::store::{Knobs, Org, Row, ValidationRule, blank};
use super::value::{Value, parse_moment};

/// The version of the format.
const FORMAT: u64 = 1;

/// Why a kept org cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StateError(String);

/// Writes an org down.
pub(super) fn write(org: &Org) -> String {
    let mut tables = Map::new();
    for info in objects() {
        let rows: Vec<Json> = org.rows(info.object).map(|row| record(info.object, row)).collect();
        let serial = org.table(info.object).map_or(0, |table| table.serial);
        tables.insert(info.name.to_owned(), json!({ "serial": serial, "rows": rows }));
    }
    let rules: Vec<Json> = org
        .rules
        .iter()
        .map(|rule| {
            json!({
                "object": rule.object.info().name,
                "field": rule.field,
                "equals": rule.equals,
                "message": rule.message,
            })
        })
        .collect();
    let document = json!({
        "format": FORMAT,
        "running_user": org.running_user.map(|id| id.to_string()),
        "standard_external_profiles": org.knobs.standard_external_profiles,
        "page": org.knobs.page,
        "rules": rules,
        "tables": tables,
    });
    format!("{document:#}\n")
}

fn record(object: Object, row: &Row) -> Json {
    let fields = object.info().fields.iter().zip(row);
    let given = fields.filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)));
    Json::Object(given.map(|(field, value)| (field.name.to_owned(), value.json())).collect())
}

/// Restores an org.
pub(super) fn read(text: &str) -> Result<Org, StateError> {
    let document: Json =
        serde_json::from_str(text).map_err(|error| StateError(error.to_string()))?;
    if document["format"] != FORMAT {
        return Err(StateError("the file is of another format".to_owned()));
    }
    let mut org = Org::new();
    org.running_user = document["running_user"].as_str().and_then(Id::parse);
    org.knobs = Knobs {
        standard_external_profiles: document["standard_external_profiles"] == true,
        page: document["page"].as_u64().and_then(|page| usize::try_from(page).ok()),
    };
    for rule in document["rules"].as_array().into_iter().flatten() {
        let text = |key: &str| rule[key].as_str().map(str::to_owned);
        let object = rule["object"].as_str().and_then(Object::named);
        if let (Some(object), Some(field), Some(equals), Some(message)) =
            (object, text("field"), text("equals"), text("message"))
        {
            org.rules.push(ValidationRule { object, field, equals, message });
        }
    }
    for info in objects() {
        let table = &document["tables"][info.name];
        for record in table["rows"].as_array().into_iter().flatten() {
            let row = row(info.object, record)
                .ok_or_else(|| StateError(format!("a record of {} makes no sense", info.name)))?;
            org.restore(info.object, row);
        }
        org.set_serial(info.object, table["serial"].as_u64().unwrap_or(0));
    }
    org.seeding = false;
    Ok(org)
}

fn row(object: Object, record: &Json) -> Option<Row> {
    let mut row = blank(object);
    for (name, json) in record.as_object()? {
        let at = object.field(name)?;
        let kind = object.info().fields.get(at)?.kind;
        let value = match (json, kind) {
            (Json::String(text), Kind::Id | Kind::Reference(..)) => Value::Id(Id::parse(text)?),
            (Json::String(text), Kind::Moment) => Value::Moment(parse_moment(text)?),
            (Json::String(text), _) => Value::text(text),
            (Json::Bool(value), _) => Value::Bool(*value),
            (Json::Number(number), _) => Value::Number(number.as_f64()?),
            _ => return None,
        };
        *row.get_mut(at)? = value;
    }
    row.first()?.as_id()?;
    Some(row)
}
