//! Signing in and out, and who one is.
//! Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow"; the shape of errors as recorded.

use serde_json::json;

use super::{Answer, ApiError, Call, World, pairs};
use crate::emulator::schema::Object;
use crate::emulator::server::{CLIENT_ID, CLIENT_SECRET};
use crate::emulator::store::{Actor, stored};

/// `POST /services/oauth2/token`.
pub(super) fn token(world: &mut World, call: &Call) -> Answer {
    let form = pairs(&String::from_utf8_lossy(&call.body));
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, v)| v.as_str());
    if field("grant_type") != Some("client_credentials") {
        return refused("unsupported_grant_type", "grant type not supported");
    }
    if field("client_id") != Some(CLIENT_ID) {
        return refused("invalid_client_id", "client identifier invalid");
    }
    if field("client_secret") != Some(CLIENT_SECRET) {
        return refused("invalid_client", "invalid client credentials");
    }
    let url = instance_url(call);
    let body = json!({
        "access_token": world.sessions.open(Actor::default()),
        "signature": "ZW11bGF0b3I=",
        "scope": "api",
        "instance_url": url,
        "id": identity_url(world, call),
        "token_type": "Bearer",
        "issued_at": world.org.now().as_millisecond().to_string(),
    });
    Answer::json(200, &body).header("cache-control", "no-store").uncounted()
}

/// `POST /services/oauth2/revoke`.
pub(super) fn revoke(world: &mut World, call: &Call) -> Answer {
    let form = pairs(&String::from_utf8_lossy(&call.body));
    let token = form.iter().find(|(key, _)| key == "token").map(|(_, value)| value.as_str());
    let token = token.or_else(|| call.param("token")).unwrap_or_default();
    if world.sessions.close(token) {
        return Answer::empty(200).uncounted();
    }
    refused("invalid_token", "the token is not valid")
}

/// `GET /services/oauth2/userinfo`.
pub(super) fn user_info(world: &World, call: &Call) -> Answer {
    let Some(actor) = call.token().and_then(|token| world.sessions.get(token)) else {
        let mut answer = Answer::html(403, "Bad_OAuth_Token");
        answer.kind = Some("text/plain;charset=UTF-8");
        return answer;
    };
    let user = actor.user.or(world.org.running_user);
    let row = user.and_then(|id| world.org.row(Object::USER, id));
    let text = |name| row.and_then(|row| stored(Object::USER, row, name).as_text());
    let name = user.map(|id| world.org.display_name_of(id));
    let body = json!({
        "sub": identity_url(world, call),
        "user_id": user.map(|id| id.to_string()),
        "organization_id": world.org_id().map(|id| id.to_string()),
        "preferred_username": text("Username"),
        "nickname": text("CommunityNickname"),
        "name": name,
        "email": text("Email"),
        "email_verified": true,
        "given_name": text("FirstName"),
        "family_name": text("LastName"),
        "zoneinfo": text("TimeZoneSidKey"),
        "photos": { "picture": "", "thumbnail": "" },
        "profile": format!("{}/{}", instance_url(call), user.map(|id| id.to_string()).unwrap_or_default()),
        "picture": "",
        "address": {},
        "urls": urls(call),
        "active": true,
        "user_type": "STANDARD",
        "language": text("LanguageLocaleKey"),
        "locale": text("LocaleSidKey"),
        "utcOffset": 0,
        "updated_at": "2026-01-05T09:00:00Z",
        "is_app_installed": true,
    });
    Answer::json(200, &body).uncounted()
}

/// `GET /id/ORG/USER`.
pub(super) fn identity(world: &World, call: &Call) -> Answer {
    let token = call.token().or_else(|| call.param("access_token"));
    let Some(actor) = token.and_then(|token| world.sessions.get(token)) else {
        let mut answer = Answer::html(403, "Bad_OAuth_Token");
        answer.kind = Some("text/plain;charset=UTF-8");
        return answer;
    };
    let user = actor.user.or(world.org.running_user);
    let asked = call.path.get(2).map(String::as_str);
    if asked != user.map(|id| id.to_string()).as_deref() {
        return ApiError::not_found().into();
    }
    let row = user.and_then(|id| world.org.row(Object::USER, id));
    let text = |name| row.and_then(|row| stored(Object::USER, row, name).as_text());
    let body = json!({
        "id": identity_url(world, call),
        "asserted_user": true,
        "user_id": user.map(|id| id.to_string()),
        "organization_id": world.org_id().map(|id| id.to_string()),
        "username": text("Username"),
        "nick_name": text("CommunityNickname"),
        "display_name": user.map(|id| world.org.display_name_of(id)),
        "email": text("Email"),
        "email_verified": true,
        "first_name": text("FirstName"),
        "last_name": text("LastName"),
        "timezone": text("TimeZoneSidKey"),
        "photos": { "picture": "", "thumbnail": "" },
        "addr_street": null,
        "addr_city": null,
        "addr_state": null,
        "addr_country": null,
        "addr_zip": null,
        "mobile_phone": text("MobilePhone"),
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": { "created_date": null, "body": null },
        "urls": urls(call),
        "active": true,
        "user_type": "STANDARD",
        "language": text("LanguageLocaleKey"),
        "locale": text("LocaleSidKey"),
        "utcOffset": 0,
        "last_modified_date": "2026-01-05T09:00:00.000+0000",
        "is_app_installed": true,
    });
    Answer::json(200, &body).uncounted()
}

/// The addresses of the org's interfaces, with a place for the version unless one was asked for.
fn urls(call: &Call) -> serde_json::Value {
    let url = instance_url(call);
    let version = match call.param("version") {
        Some("latest") => "68.0",
        Some(version) => version,
        None => "{version}",
    };
    let data = format!("{url}/services/data/v{version}/");
    json!({
        "enterprise": format!("{url}/services/Soap/c/{version}"),
        "metadata": format!("{url}/services/Soap/m/{version}"),
        "partner": format!("{url}/services/Soap/u/{version}"),
        "rest": data,
        "sobjects": format!("{data}sobjects/"),
        "search": format!("{data}search/"),
        "query": format!("{data}query/"),
        "recent": format!("{data}recent/"),
        "tooling_soap": format!("{url}/services/Soap/T/{version}"),
        "tooling_rest": format!("{data}tooling/"),
        "profile": format!("{url}/"),
        "custom_domain": url,
    })
}

/// The address that tells who somebody is.
pub(super) fn identity_url(world: &World, call: &Call) -> String {
    let actor = call.token().and_then(|token| world.sessions.get(token));
    let user = actor.and_then(|actor| actor.user).or(world.org.running_user);
    let text =
        |id: Option<crate::emulator::id::Id>| id.map(|id| id.to_string()).unwrap_or_default();
    format!("{}/id/{}/{}", instance_url(call), text(world.org_id()), text(user))
}

fn instance_url(call: &Call) -> String {
    format!("http://{}", call.header("host").unwrap_or("127.0.0.1"))
}

fn refused(error: &str, description: &str) -> Answer {
    Answer::json(400, &json!({ "error": error, "error_description": description })).uncounted()
}
