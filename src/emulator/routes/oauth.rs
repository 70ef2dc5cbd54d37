//! Signing in.
//! Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow"; the shape of errors as recorded.

use serde_json::json;

use super::{Call, pairs};
use crate::emulator::answer::Answer;
use crate::emulator::schema::Object;
use crate::emulator::server::{CLIENT_ID, CLIENT_SECRET, World};
use crate::emulator::store::stored;

/// `POST /services/oauth2/token`.
pub(super) fn token(world: &World, call: &Call<'_>) -> Answer {
    let form = pairs(&String::from_utf8_lossy(call.body));
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
    let (org, user) = ids(world);
    let body = json!({
        "access_token": world.token,
        "signature": "ZW11bGF0b3I=",
        "scope": "api",
        "instance_url": url,
        "id": format!("{url}/id/{org}/{user}"),
        "token_type": "Bearer",
        "issued_at": world.org.now().as_millisecond().to_string(),
    });
    Answer::json(200, &body).header("cache-control", "no-store").uncounted()
}

/// `GET /services/oauth2/userinfo`.
pub(super) fn user_info(world: &World, call: &Call<'_>) -> Answer {
    if !super::is_signed_in(world, call) {
        let mut answer = Answer::html(403, "Bad_OAuth_Token");
        answer.kind = Some("text/plain;charset=UTF-8");
        return answer;
    }
    let (org, user) = ids(world);
    let row = world.org.running_user.and_then(|id| world.org.row(Object::User, id));
    let text = |name| row.and_then(|row| stored(Object::User, row, name).as_text());
    let url = instance_url(call);
    let body = json!({
        "sub": format!("{url}/id/{org}/{user}"),
        "user_id": user,
        "organization_id": org,
        "preferred_username": text("Username"),
        "nickname": text("CommunityNickname"),
        "name": text("LastName"),
        "email": text("Email"),
        "email_verified": true,
        "family_name": text("LastName"),
        "zoneinfo": text("TimeZoneSidKey"),
        "active": true,
        "user_type": "STANDARD",
        "language": text("LanguageLocaleKey"),
        "locale": text("LocaleSidKey"),
    });
    Answer::json(200, &body).uncounted()
}

fn ids(world: &World) -> (String, String) {
    let org = world.org.rows(Object::Organization).next();
    let org = org.and_then(|row| stored(Object::Organization, row, "Id").as_id());
    let text =
        |id: Option<crate::emulator::id::Id>| id.map(|id| id.to_string()).unwrap_or_default();
    (text(org), text(world.org.running_user))
}

fn instance_url(call: &Call<'_>) -> String {
    format!("http://{}", call.header("host").unwrap_or("127.0.0.1"))
}

fn refused(error: &str, description: &str) -> Answer {
    Answer::json(400, &json!({ "error": error, "error_description": description })).uncounted()
}
