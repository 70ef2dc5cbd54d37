//! An org as JSON and back: everything, so that a restored org behaves like the one that was kept.

mod schema;
mod settings;

use serde_json::{Map, Value as Json, json};

pub(super) use schema::{FIELD_TYPES, field as custom_field};
pub(super) use settings::set as set_setting;

use super::id::Id;
use super::schema::{Kind, Object};
use super::store::{Mail, MailKind, Org, Row, own_id};
use super::value::{Value, moment_text, parse_moment};

/// The version of the format.
const FORMAT: u64 = 2;

/// Why a kept org cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StateError(String);

/// Writes an org down.
pub(super) fn write(org: &Org) -> String {
    format!("{:#}\n", document(org))
}

/// An org as a value.
pub(super) fn document(org: &Org) -> Json {
    let mut tables = Map::new();
    for info in org.schema.all() {
        let Some(table) = org.table(info.object) else { continue };
        let rows: Vec<Json> =
            org.rows(info.object).map(|row| record(org, info.object, row)).collect();
        let mut one = Map::from_iter([
            ("serial".to_owned(), Json::from(table.serial)),
            ("rows".to_owned(), Json::from(rows)),
        ]);
        if !table.bin.is_empty() {
            let bin: Vec<Json> =
                table.bin.iter().map(|row| record(org, info.object, row)).collect();
            one.insert("deleted".to_owned(), Json::from(bin));
        }
        tables.insert(info.name.to_string(), Json::Object(one));
    }
    let outbox: Vec<Json> = org.outbox.iter().map(mail).collect();
    json!({
        "format": FORMAT,
        "running_user": org.running_user.map(|id| id.to_string()),
        "ahead": org.ahead.as_secs(),
        "settings": settings::write(org),
        "schema": schema::write(org),
        "outbox": outbox,
        "tables": tables,
    })
}

fn mail(mail: &Mail) -> Json {
    json!({
        "kind": mail.kind.name(),
        "user": mail.user.to_string(),
        "to": mail.to,
        "at": moment_text(mail.at),
        "site": mail.site,
    })
}

fn record(org: &Org, object: Object, row: &Row) -> Json {
    let fields = org.schema.info(object).fields.iter().zip(row);
    let given = fields.filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)));
    Json::Object(given.map(|(field, value)| (field.name.to_string(), value.json())).collect())
}

/// What changed from one state to another: records made, changed and gone, by object.
pub(super) fn diff(before: &Json, after: &Json) -> Json {
    let mut objects = Map::new();
    for (name, table) in after["tables"].as_object().into_iter().flatten() {
        let old = by_id(&before["tables"][name]["rows"]);
        let new = by_id(&table["rows"]);
        let made: Vec<&Json> =
            new.iter().filter(|(id, _)| !old.contains_key(*id)).map(|(_, r)| *r).collect();
        let gone: Vec<&Json> =
            old.iter().filter(|(id, _)| !new.contains_key(*id)).map(|(_, r)| *r).collect();
        let changed: Vec<Json> = new
            .iter()
            .filter_map(|(id, row)| {
                let was = old.get(*id).filter(|was| *was != row)?;
                Some(json!({ "before": was, "after": row }))
            })
            .collect();
        if !(made.is_empty() && gone.is_empty() && changed.is_empty()) {
            let one = json!({ "created": made, "updated": changed, "deleted": gone });
            objects.insert(name.clone(), one);
        }
    }
    Json::Object(objects)
}

fn by_id(rows: &Json) -> std::collections::BTreeMap<&str, &Json> {
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| Some((row["Id"].as_str()?, row))).collect()
}

/// Restores an org.
pub(super) fn read(text: &str) -> Result<Org, StateError> {
    let document: Json =
        serde_json::from_str(text).map_err(|error| StateError(error.to_string()))?;
    if document["format"] != FORMAT {
        return Err(StateError("the file is of another format".to_owned()));
    }
    let mut org = Org::new();
    schema::read(&mut org, &document["schema"])
        .ok_or_else(|| StateError("the schema makes no sense".to_owned()))?;
    org.prepare();
    org.running_user = document["running_user"].as_str().and_then(Id::parse);
    org.ahead = jiff::SignedDuration::from_secs(document["ahead"].as_i64().unwrap_or(0));
    settings::read(&mut org, &document["settings"]);
    let infos: Vec<(Object, String)> =
        org.schema.all().iter().map(|info| (info.object, info.name.to_string())).collect();
    for (object, name) in infos {
        let table = &document["tables"][&name];
        let sense = || StateError(format!("a record of {name} makes no sense"));
        for json in table["rows"].as_array().into_iter().flatten() {
            let row = row(&org, object, json).ok_or_else(sense)?;
            org.restore(object, row);
        }
        for json in table["deleted"].as_array().into_iter().flatten() {
            let row = row(&org, object, json).ok_or_else(sense)?;
            org.restore_deleted(object, row);
        }
        org.set_serial(object, table["serial"].as_u64().unwrap_or(0));
    }
    for json in document["outbox"].as_array().into_iter().flatten() {
        let mail = read_mail(json).ok_or_else(|| StateError("a mail makes no sense".to_owned()))?;
        org.outbox.push(mail);
    }
    org.seeding = false;
    Ok(org)
}

fn read_mail(json: &Json) -> Option<Mail> {
    Some(Mail {
        kind: MailKind::named(json["kind"].as_str()?)?,
        user: Id::parse(json["user"].as_str()?)?,
        to: json["to"].as_str()?.to_owned(),
        at: parse_moment(json["at"].as_str()?)?,
        site: json["site"].as_str().map(str::to_owned),
    })
}

fn row(org: &Org, object: Object, record: &Json) -> Option<Row> {
    let mut row = org.blank(object);
    let info = org.schema.info(object);
    for (name, json) in record.as_object()? {
        // Hidden fields are kept as well.
        let at = info.fields.iter().position(|field| field.name == *name)?;
        let kind = &info.fields.get(at)?.kind;
        let value = match (json, kind) {
            (Json::String(text), kind) if kind.is_id() => Value::Id(Id::parse(text)?),
            (Json::String(text), Kind::Moment) => Value::Moment(parse_moment(text)?),
            (Json::String(text), Kind::Day) => Value::Day(text.parse().ok()?),
            (Json::String(text), _) => Value::text(text),
            (Json::Bool(value), _) => Value::Bool(*value),
            (Json::Number(number), _) => Value::Number(number.as_f64()?),
            _ => return None,
        };
        *row.get_mut(at)? = value;
    }
    own_id(&row)?;
    Some(row)
}
