//! What tests and rehearsals need and no org offers: the log, the outbox, trouble, the clock,
//! sessions of other people, the whole state.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{Answer, ApiError, Call, Jobs, World};
use crate::emulator::app::CLIENT_ID;
use crate::emulator::fault::Fault;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::session::Session;
use crate::emulator::state;
use crate::emulator::store::{Actor, own_id};
use crate::emulator::value::{Value, moment_text};

/// Everything below `/emulator`. It takes no session.
pub(super) fn answer(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    let answer = match (call.method.as_str(), rest) {
        ("GET", ["requests"]) => {
            let list =
                world.log.requests.iter().map(
                    |one| json!({ "method": one.method, "path": one.path, "status": one.status }),
                );
            Ok(Answer::json(200, &Json::from(list.collect::<Vec<_>>())))
        }
        ("GET", ["outbox"]) => Ok(Answer::json(200, &outbox(world))),
        ("GET", ["state"]) => Ok(Answer::text(200, state::write(&world.org))),
        ("PUT", ["state"]) => restore(world, call),
        ("POST", ["mark"]) => {
            world.mark = Some(state::document(&world.org));
            Ok(Answer::empty(204))
        }
        ("GET", ["diff"]) => diff(world),
        ("POST", ["faults"]) => add_faults(world, call),
        ("DELETE", ["faults"]) => {
            world.faults.clear();
            Ok(Answer::empty(204))
        }
        ("POST", ["clock"]) => set_clock(world, call),
        ("POST", ["sessions"]) => open_session(world, call),
        ("DELETE", ["sessions"]) => {
            world.sessions.close_all();
            Ok(Answer::empty(204))
        }
        _ => Err(ApiError::not_found()),
    };
    answer.unwrap_or_else(Answer::from).uncounted()
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "INVALID_INPUT", message)
}

fn outbox(world: &World) -> Json {
    let list = world.org.outbox.iter().map(|mail| {
        json!({
            "kind": mail.kind.name(),
            "user": mail.user.to_string(),
            "username": world.org.username(mail.user),
            "to": mail.to,
            "at": moment_text(mail.at),
            "site": mail.site,
        })
    });
    Json::from(list.collect::<Vec<_>>())
}

/// Puts the org back to a state that was dumped.
fn restore(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let org = state::read(&String::from_utf8_lossy(&call.body));
    world.org = org.map_err(|error| invalid(error.to_string()))?;
    world.org.changed = true;
    // What was asked of the org before is nothing of this one.
    world.jobs = Jobs::default();
    world.cursors.clear();
    Ok(Answer::empty(204))
}

/// What changed since the mark: records made, changed and gone, by object.
fn diff(world: &World) -> Result<Answer, ApiError> {
    let Some(mark) = &world.mark else { return Err(invalid("there is no mark to compare with")) };
    Ok(Answer::json(200, &state::diff(mark, &state::document(&world.org))))
}

fn add_faults(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let list: Json = serde_json::from_slice(&call.body).map_err(|e| invalid(e.to_string()))?;
    let list = if let Json::Array(list) = list { list } else { vec![list] };
    let faults: Result<Vec<Fault>, String> = list.iter().map(Fault::read).collect();
    world.faults.add(faults.map_err(invalid)?);
    Ok(Answer::empty(204))
}

/// `{"ahead": seconds}` or `{"to": moment}`.
fn set_clock(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body: Json = serde_json::from_slice(&call.body).map_err(|e| invalid(e.to_string()))?;
    if let Some(seconds) = body["ahead"].as_i64() {
        world.org.ahead = SignedDuration::from_secs(seconds);
    } else if let Some(moment) = body["to"].as_str().and_then(|text| text.parse::<Timestamp>().ok())
    {
        let now = world.org.now();
        world.org.ahead = world.org.ahead.saturating_add(moment.duration_since(now));
    } else {
        return Err(invalid("the clock needs `ahead` in seconds or `to` as a moment"));
    }
    Ok(Answer::json(200, &json!({ "now": moment_text(world.org.now()) })))
}

/// `{"username": …, "delegate": …, "app": …, "api": …}`: a session of that user, and a refresh
/// token of theirs for that app; with a delegate, of somebody who is logged in as them; with `api`
/// false, one that the REST API refuses.
fn open_session(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body: Json = serde_json::from_slice(&call.body).map_err(|e| invalid(e.to_string()))?;
    let name = body["username"].as_str().unwrap_or_default();
    let user: Option<Id> =
        world.org.lookup(Object::USER, "Username", &Value::text(name)).next().and_then(own_id);
    let Some(user) = user else { return Err(invalid(format!("there is no user `{name}`"))) };
    let delegate = body["delegate"].as_str().map(str::to_owned);
    let session = Session {
        actor: Actor { user: Some(user), delegate },
        api: body["api"] != false,
        used: world.org.now(),
    };
    let token = world.sessions.open(session);
    let app = body["app"].as_str().unwrap_or(CLIENT_ID);
    let refresh_token = world.sessions.grant(app, user);
    Ok(Answer::json(201, &json!({ "access_token": token, "refresh_token": refresh_token })))
}
