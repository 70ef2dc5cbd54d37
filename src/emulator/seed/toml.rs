//! Reading the tables of a seed.

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) type Table<'a> = &'a DeTable<'a>;

/// The tables with this name, with their places: one, or a list.
pub(super) fn tables<'a>(tree: Table<'a>, name: &str) -> Vec<(usize, Table<'a>)> {
    let found = tree.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value);
    let table = |value: &'a Spanned<DeValue<'a>>| match value.get_ref() {
        DeValue::Table(table) => Some((value.span().start, table)),
        _ => None,
    };
    match found.map(|value| (value, value.get_ref())) {
        Some((_, DeValue::Array(list))) => list.iter().filter_map(table).collect(),
        Some((value, _)) => table(value).into_iter().collect(),
        None => Vec::new(),
    }
}

pub(super) fn has(table: Table<'_>, key: &str) -> bool {
    table.iter().any(|(name, _)| name.get_ref() == key)
}

pub(super) fn text<'a>(table: Table<'a>, key: &str) -> Option<&'a str> {
    let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    if let DeValue::String(text) = value.get_ref() { Some(text) } else { None }
}

pub(super) fn is_true(table: Table<'_>, key: &str) -> bool {
    let found = table.iter().find(|(name, _)| name.get_ref() == key);
    found.is_some_and(|(_, value)| matches!(value.get_ref(), DeValue::Boolean(true)))
}

/// The elements of a list: texts, or tables.
pub(super) fn list(table: Table<'_>, key: &str) -> Vec<Json> {
    let found = table.iter().find(|(name, _)| name.get_ref() == key);
    match found.map(|(_, value)| json(value.get_ref())) {
        Some(Json::Array(list)) => list,
        _ => Vec::new(),
    }
}

/// A table as JSON.
pub(super) fn object(table: Table<'_>) -> Json {
    Json::Object(
        table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())))
            .collect(),
    )
}

pub(super) fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Boolean(value) => Json::from(*value),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(Json::Null, Json::from),
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Datetime(moment) => Json::from(moment.to_string()),
        DeValue::Array(list) => list.iter().map(|one| json(one.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}
