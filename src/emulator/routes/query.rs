//! Queries and their further pages.
//! Source: REST API Developer Guide, "Query" and "Query Options Header".

use serde_json::{Map, Value as Json};

use super::Call;
use crate::emulator::answer::Answer;
use crate::emulator::error::ApiError;
use crate::emulator::id::Id;
use crate::emulator::server::World;
use crate::emulator::soql;

/// The most rows of a page.
const PAGE: usize = 2000;

/// `GET query?q=…`.
pub(super) fn first(world: &mut World, call: &Call<'_>, base: &str) -> Answer {
    let Some(statement) = call.param("q") else {
        return ApiError::new(400, "MALFORMED_QUERY", "A query string has to be specified").into();
    };
    let answer = match soql::run(&world.org, statement, base) {
        Ok(answer) => answer,
        Err(error) => return error.into(),
    };
    let size = page_size(call).min(world.org.knobs.page.unwrap_or(PAGE));
    if answer.records.len() <= size {
        return page(answer.total, None, answer.records);
    }
    let serial = world.cursors.len() as u64 + 1;
    let locator = format!("{}-{size}", Id::new("01g", serial));
    let records = answer.records.iter().take(size).cloned().collect();
    let next = format!("{base}/query/{locator}");
    world.cursors.insert(Id::new("01g", serial).to_string(), answer.records);
    page(answer.total, Some(next), records)
}

/// `GET query/<locator>`.
pub(super) fn next(world: &World, locator: &str, base: &str) -> Answer {
    let lost =
        || Answer::from(ApiError::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator"));
    let Some((cursor, offset)) = locator.split_once('-') else { return lost() };
    let (Some(rows), Ok(offset)) = (world.cursors.get(cursor), offset.parse::<usize>()) else {
        return lost();
    };
    let size = world.org.knobs.page.unwrap_or(PAGE);
    let records: Vec<Json> = rows.iter().skip(offset).take(size).cloned().collect();
    let end = offset.saturating_add(records.len());
    let next = (end < rows.len()).then(|| format!("{base}/query/{cursor}-{end}"));
    page(rows.len(), next, records)
}

fn page_size(call: &Call<'_>) -> usize {
    let options = call.header("sforce-query-options").unwrap_or_default();
    let size = options.split(',').find_map(|option| {
        let (key, value) = option.split_once('=')?;
        key.trim().eq_ignore_ascii_case("batchSize").then(|| value.trim().parse().ok())?
    });
    size.unwrap_or(PAGE).clamp(200, PAGE)
}

fn page(total: usize, next: Option<String>, records: Vec<Json>) -> Answer {
    let mut body = Map::new();
    body.insert("totalSize".to_owned(), Json::from(total));
    body.insert("done".to_owned(), Json::from(next.is_none()));
    if let Some(next) = next {
        body.insert("nextRecordsUrl".to_owned(), Json::from(next));
    }
    body.insert("records".to_owned(), Json::from(records));
    Answer::json(200, &Json::Object(body))
}
