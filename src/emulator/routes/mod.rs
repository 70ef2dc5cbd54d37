//! Request → answer.
//! Source: REST API Developer Guide; the order of checks and the shapes of errors as recorded from
//! orgs.

mod batch;
mod bulk;
mod collections;
mod composite;
mod control;
mod describe;
mod graph;
mod key;
mod limits;
mod oauth;
mod password;
mod query;
mod reference;
mod retrieve;
mod rows;
mod tree;

use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::call::{Call, pairs};
use super::error::ApiError;
use super::server::World;

pub(super) use bulk::{Jobs, ResultRows};
pub(super) use oauth::refused;
pub(super) use query::Cursor;

/// The API versions of the org.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;
/// The versions that the list of them begins with: what clients of today choose from.
const LISTED: std::ops::RangeInclusive<u32> = 58..=68;

/// Answers a request.
pub(super) fn answer(world: &mut World, call: &Call) -> Answer {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["services", "oauth2", "token"] => oauth::token(world, call),
        ["services", "oauth2", "revoke"] => oauth::revoke(world, call),
        ["services", "oauth2", "userinfo"] => oauth::user_info(world, call),
        ["id", _, _] => oauth::identity(world, call),
        ["services", "data"] => versions(world),
        ["services", "data", version, rest @ ..] => {
            match check_version(world, version).and_then(|()| check_session(world, call)) {
                Ok(()) if world.org.settings.login_host => {
                    let text = "Destination URL not reset. The URL returned from login must be set";
                    Answer::from(ApiError::new(400, "URL_NOT_RESET", text)).uncounted()
                }
                Ok(()) => {
                    let answer = resource(world, call, version, rest);
                    if is_deprecated(world, version) { warned(answer) } else { answer }
                }
                Err(answer) => answer,
            }
        }
        ["services", "async", version, rest @ ..] => {
            let numbered = format!("v{version}");
            if check_version(world, &numbered).is_err() {
                bulk::classic::no_version(call, version)
            } else if check_session(world, call).is_err() {
                bulk::classic::no_session(call)
            } else {
                bulk::classic::answer(world, call, version, rest)
            }
        }
        ["emulator", rest @ ..] => control::answer(world, call, rest),
        _ => Answer::from(ApiError::not_found()).uncounted(),
    }
}

fn versions(world: &World) -> Answer {
    let seasons = ["Spring", "Summer", "Winter"];
    let list: Vec<Json> = LISTED
        .filter(|version| world.serves(*version))
        .map(|version| {
            // 58.0 is Summer '23; three releases a year, Winter carries the next year's number.
            let release = version - 57;
            let season = seasons.get((release % 3) as usize).copied().unwrap_or_default();
            let year = 23 + (release + u32::from(season == "Winter")) / 3;
            json!({
                "label": format!("{season} '{year}"),
                "url": format!("/services/data/v{version}.0"),
                "version": format!("{version}.0"),
            })
        })
        .collect();
    Answer::json(200, &Json::from(list)).uncounted()
}

fn check_version(world: &World, text: &str) -> Result<(), Answer> {
    let number = text.strip_prefix('v').and_then(|text| text.strip_suffix(".0"));
    match number.and_then(|number| number.parse::<u32>().ok()) {
        Some(version) if VERSIONS.contains(&version) && world.serves(version) => Ok(()),
        Some(version) if (7..*VERSIONS.start()).contains(&version) || world.retired(version) => {
            // The body of a 410 is not documented.
            Err(Answer::from(ApiError::new(410, "GONE", "The requested resource is gone"))
                .uncounted())
        }
        _ => Err(Answer::from(ApiError::not_found()).uncounted()),
    }
}

fn is_deprecated(world: &World, version: &str) -> bool {
    let number = version.strip_prefix('v').and_then(|text| text.strip_suffix(".0"));
    let number = number.and_then(|text| text.parse::<u32>().ok());
    number.is_some_and(|number| number < world.org.settings.deprecated_below)
}

/// Source: REST API Developer Guide, "API End-of-Life Policy"; the end of the text is assumed.
fn warned(answer: Answer) -> Answer {
    let text = "299 - \"This API is deprecated and will be removed by Summer '28\"";
    answer.header("warning", text)
}

/// Whoever comes with a session is its user.
fn check_session(world: &mut World, call: &Call) -> Result<(), Answer> {
    let token = call.token().unwrap_or_default();
    let text = match world.session(token).cloned() {
        Some(session) if session.api => {
            world.sessions.touch(token, world.org.now());
            world.org.actor = session.actor;
            return Ok(());
        }
        // A new session would be refused in the same way.
        Some(_) => "This session is not valid for use with the REST API",
        None => "Session expired or invalid",
    };
    let body = json!([{ "message": text, "errorCode": "INVALID_SESSION_ID" }]);
    Err(Answer::json(401, &body).header("www-authenticate", "Token").uncounted())
}

/// Answers a request below `/services/data/vXX.0/`, whose session was checked.
fn resource(world: &mut World, call: &Call, version: &str, rest: &[&str]) -> Answer {
    if world.calls >= world.org.settings.daily_calls {
        let message = "TotalRequests Limit exceeded.";
        return Answer::from(ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", message)).uncounted();
    }
    let base = format!("/services/data/{version}");
    match rest {
        [] => entry(world, call, &base),
        ["limits", rest @ ..] => limits::answer(world, call, rest),
        ["query" | "queryAll" | "queryall", rest @ ..] => {
            let all = call.path.get(3).is_none_or(|name| name != "query");
            query::answer(world, call, (rest, all), &base)
        }
        ["sobjects", rest @ ..] => sobjects(world, call, rest, &base),
        ["composite", rest @ ..] => composites(world, call, rest, (version, &base)),
        ["jobs", rest @ ..] => bulk::answer(world, call, rest, (version, &base)),
        _ => ApiError::not_found().into(),
    }
}

/// The resources of a version.
fn entry(world: &World, call: &Call, base: &str) -> Answer {
    let names = ["sobjects", "query", "queryAll", "composite", "limits", "jobs"];
    let mut entries: serde_json::Map<String, Json> = names
        .iter()
        .map(|name| ((*name).to_owned(), Json::from(format!("{base}/{name}"))))
        .collect();
    entries.insert("identity".to_owned(), Json::from(oauth::identity_url(world, call)));
    Answer::json(200, &Json::Object(entries))
}

fn sobjects(world: &mut World, call: &Call, rest: &[&str], base: &str) -> Answer {
    match rest {
        [] => describe::global(world, call, base),
        [object] => rows::object(world, call, object, base),
        [object, "describe"] => describe::object(world, call, object, base),
        ["User" | "user", id, "password"] => password::answer(world, call, id),
        [object, "Id"] if call.method == "POST" => rows::object(world, call, object, base),
        [object, id] => rows::row(world, call, (object, id), base),
        [object, field, value] => key::answer(world, call, (object, field, value), base),
        _ => ApiError::not_found().into(),
    }
}

fn composites(
    world: &mut World,
    call: &Call,
    rest: &[&str],
    (version, base): (&str, &str),
) -> Answer {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let names = ["sobjects", "batch", "graph", "tree"];
            let entry =
                |name: &str| (name.to_owned(), Json::from(format!("{base}/composite/{name}")));
            Answer::json(200, &Json::Object(names.into_iter().map(entry).collect()))
        }
        ("POST", []) => composite::answer(world, call, version),
        ("POST", ["batch"]) => batch::answer(world, call),
        ("POST", ["graph"]) => graph::answer(world, call, version),
        ("POST", ["tree", object]) => tree::answer(world, call, object),
        ("POST", ["sobjects"]) => collections::create(world, call),
        ("PATCH", ["sobjects"]) => collections::update(world, call),
        ("DELETE", ["sobjects"]) => collections::delete(world, call),
        ("GET" | "POST", ["sobjects", object]) => retrieve::answer(world, call, object, base),
        ("PATCH", ["sobjects", object, field]) => collections::upsert(world, call, object, field),
        (method, ["sobjects"]) => wrong_method(method, "DELETE,HEAD,PATCH,POST"),
        (method, [] | ["batch" | "graph"] | ["tree", _]) => wrong_method(method, "HEAD,POST"),
        _ => ApiError::not_found().into(),
    }
}

fn wrong_method(method: &str, allowed: &str) -> Answer {
    let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
    ApiError::new(405, "METHOD_NOT_ALLOWED", message).into()
}
