//! Queries and their further pages.
//! Source: REST API Developer Guide, "Query", "Query Options Header"; cursors as documented since
//! API version 56: they live two days, in the session that made them.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::{Answer, ApiError, Call, World, wrong_method};
use crate::emulator::id::Id;
use crate::emulator::schema::Kind;
use crate::emulator::soql::{self, Found, Rows};

/// The most rows of a page.
const PAGE: usize = 2000;
/// How many cursors are kept; the oldest go first.
const CURSORS: usize = 1000;

/// A query that has further pages.
pub(in crate::emulator) struct Cursor {
    rows: Rows,
    session: String,
    base: String,
    size: usize,
}

/// `query` and `queryAll`.
pub(super) fn answer(
    world: &mut World,
    call: &Call,
    (rest, all): (&[&str], bool),
    base: &str,
) -> Answer {
    match (call.method.as_str(), rest) {
        ("GET" | "HEAD", []) if call.param("columns") == Some("true") => columns(world, call),
        ("GET" | "HEAD", []) => first(world, call, all, base),
        ("GET" | "HEAD", [locator]) => next(world, call, locator, base),
        (method, [] | [_]) => wrong_method(method, "HEAD,GET"),
        _ => ApiError::not_found().into(),
    }
}

fn first(world: &mut World, call: &Call, all: bool, base: &str) -> Answer {
    let Some(statement) = call.param("q") else {
        return ApiError::new(400, "MALFORMED_QUERY", "A query string has to be specified").into();
    };
    let rows = match soql::run(&world.org, statement, all) {
        Ok(Found::Rows(rows)) => rows,
        Ok(Found::Count(total)) => return page(total, None, ""),
        Ok(Found::Groups(groups)) => return page(groups.len(), None, &groups.join(",")),
        Err(error) => return error.into(),
    };
    let mut size = page_size(call).min(world.org.settings.page.unwrap_or(PAGE));
    if rows.has_children() {
        // Child rows count as well, so a page holds fewer parents.
        size = size.min(200);
    }
    let serial = world.next_cursor();
    let key = Id::new("01g", serial).to_string();
    let session = call.token().unwrap_or_default().to_owned();
    let cursor = Cursor { rows, session, base: base.to_owned(), size };
    let answer = write(world, &cursor, &key, 0);
    if cursor.rows.len() > size {
        if world.cursors.len() >= CURSORS
            && let Some(oldest) = world.cursors.keys().next().cloned()
        {
            world.cursors.remove(&oldest);
        }
        world.cursors.insert(key, cursor);
    }
    answer
}

/// A further page. A locator belongs to its session and its API version.
fn next(world: &World, call: &Call, locator: &str, base: &str) -> Answer {
    let lost =
        || Answer::from(ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator"));
    let Some((key, offset)) = locator.split_once('-') else { return lost() };
    let (Some(cursor), Ok(offset)) = (world.cursors.get(key), offset.parse::<usize>()) else {
        return lost();
    };
    if Some(cursor.session.as_str()) != call.token() || cursor.base != base {
        return lost();
    }
    write(world, cursor, key, offset)
}

fn write(world: &World, cursor: &Cursor, key: &str, from: usize) -> Answer {
    let total = cursor.rows.len();
    let end = from.saturating_add(cursor.size);
    let next = (end < total).then(|| format!("{}/query/{key}-{end}", cursor.base));
    let mut records = String::new();
    cursor.rows.write((&world.org, &cursor.base), from, cursor.size, &mut records);
    page(total, next, &records)
}

fn page_size(call: &Call) -> usize {
    let size = call.option("sforce-query-options", "batchSize").and_then(|size| size.parse().ok());
    size.unwrap_or(PAGE).clamp(200, PAGE)
}

fn page(total: usize, next: Option<String>, records: &str) -> Answer {
    let mut body = String::with_capacity(records.len() + 128);
    let _ = write!(body, "{{\"totalSize\":{total},\"done\":{}", next.is_none());
    if let Some(next) = next {
        let _ = write!(body, ",\"nextRecordsUrl\":\"{next}\"");
    }
    body.push_str(",\"records\":[");
    body.push_str(records);
    body.push_str("]}");
    Answer::text(200, body)
}

/// What a query would show, for clients that make tables of it.
fn columns(world: &World, call: &Call) -> Answer {
    let statement = call.param("q").unwrap_or_default();
    let list = match soql::run(&world.org, statement, false) {
        Ok(Found::Rows(rows)) => {
            let info = world.org.schema.info(rows.object());
            let mut list: Vec<Json> = Vec::new();
            for column in rows.columns() {
                let mut parts = column.header.split('.');
                let first = parts.next().unwrap_or_default();
                let rest: Vec<&str> = parts.collect();
                let entry = leaf(&column.field, &column.header);
                match rest.as_slice() {
                    [] => list.push(entry),
                    [..] => join(&mut list, first, &rest, entry),
                }
            }
            return Answer::json(
                200,
                &json!({
                    "columnMetadata": list,
                    "entityName": info.name,
                    "groupBy": false,
                    "idSelected": rows.columns().iter().any(|column| column.header == "Id"),
                    "keyPrefix": info.key_prefix(),
                }),
            );
        }
        Ok(Found::Groups(groups)) => {
            let row = groups.first().and_then(|row| serde_json::from_str::<Json>(row).ok());
            let keys = row.as_ref().and_then(Json::as_object);
            keys.into_iter()
                .flat_map(serde_json::Map::keys)
                .filter(|key| *key != "attributes")
                .map(|key| {
                    json!({ "aggregate": true, "columnName": key, "displayName": key,
                    "custom": false, "joinColumns": [] })
                })
                .collect()
        }
        Ok(Found::Count(_)) => Vec::new(),
        Err(error) => return error.into(),
    };
    Answer::json(200, &json!({ "columnMetadata": list, "groupBy": false, "idSelected": false }))
}

fn leaf(field: &crate::emulator::schema::Field, header: &str) -> Json {
    let name = header.rsplit('.').next().unwrap_or_default();
    json!({
        "aggregate": false,
        "apexType": null,
        "booleanType": field.kind == Kind::Bool,
        "columnName": name,
        "custom": field.custom,
        "displayName": name,
        "foreignKeyName": null,
        "insertable": field.create,
        "joinColumns": [],
        "numberType": field.kind.is_number(),
        "textType": field.kind.is_text(),
        "updatable": field.update,
    })
}

/// Puts a column below its parents.
fn join(list: &mut Vec<Json>, parent: &str, rest: &[&str], entry: Json) {
    let at = list.iter().position(|one| one["columnName"] == parent && one["apexType"].is_null());
    let at = at.unwrap_or_else(|| {
        list.push(json!({
            "aggregate": false, "apexType": null, "booleanType": false, "columnName": parent,
            "custom": parent.ends_with("__r"), "displayName": parent, "foreignKeyName": parent,
            "insertable": false, "joinColumns": [], "numberType": false, "textType": false,
            "updatable": false,
        }));
        list.len() - 1
    });
    let Some(Json::Array(below)) = list.get_mut(at).and_then(|one| one.get_mut("joinColumns"))
    else {
        return;
    };
    match rest {
        [first, more @ ..] if !more.is_empty() => join(below, first, more, entry),
        _ => below.push(entry),
    }
}
