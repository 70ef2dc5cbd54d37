//! Seed files.

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{Entry, Source, Table};

/// A seed file that could be parsed.
pub(super) struct File<'a>(pub(super) &'a DeTable<'a>);

impl Source for File<'_> {
    fn tables<'a>(&'a self, name: &str) -> Box<dyn Iterator<Item = Table> + 'a> {
        let found = self.0.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value);
        match found.map(|value| (value, value.get_ref())) {
            Some((_, DeValue::Array(list))) => Box::new(list.iter().filter_map(table)),
            Some((value, _)) => Box::new(table(value).into_iter()),
            None => Box::new(std::iter::empty()),
        }
    }

    fn names(&self) -> Vec<(String, usize)> {
        self.0
            .iter()
            .map(|(key, value)| {
                (key.get_ref().to_string(), value.span().start.min(key.span().start))
            })
            .collect()
    }
}

fn place(key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Entry {
    Entry {
        key: key.get_ref().to_string().into(),
        at: key.span().start,
        value: json(value.get_ref()),
        value_at: value.span().start,
    }
}

fn table(value: &Spanned<DeValue<'_>>) -> Option<Table> {
    let DeValue::Table(table) = value.get_ref() else { return None };
    let entries = table.iter().map(|(key, value)| place(key, value)).collect();
    Some(Table { at: value.span().start, entries })
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Boolean(value) => Json::from(*value),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(Json::Null, Json::from),
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Datetime(moment) => Json::from(moment.to_string()),
        DeValue::Array(list) => list.iter().map(|one| json(one.get_ref())).collect(),
        DeValue::Table(table) => Json::Object(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())))
                .collect(),
        ),
    }
}
