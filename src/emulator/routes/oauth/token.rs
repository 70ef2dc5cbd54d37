//! The token endpoint: JWT bearer, client credentials, refresh tokens; and revoking.
//! Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", "OAuth 2.0
//! Client Credentials Flow", "OAuth 2.0 Refresh Token Flow", "OAuth Error Codes"; answers and texts
//! as recorded from orgs.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json};

use super::identity::{address_of, instance_url};
use super::{Answer, Call, World, pairs, refused};
use crate::emulator::app::{App, Permitted};
use crate::emulator::id::Id;
use crate::emulator::jwt::Assertion;
use crate::emulator::schema::Object;
use crate::emulator::session::Session;
use crate::emulator::store::{Actor, own_id, stored};
use crate::emulator::value::Value;

/// The login hosts, which do not take client credentials.
const LOGIN_HOSTS: [&str; 2] = ["login.salesforce.com", "test.salesforce.com"];

/// `error` and `error_description`.
type Refusal = (&'static str, String);

/// What a flow came to.
struct Granted {
    user: Id,
    refresh_token: Option<String>,
    /// The assertion flow's answer lacks what the others' have.
    bare: bool,
}

/// The form of a request to the token endpoint.
struct Form(Vec<(String, String)>);

impl Form {
    /// Form fields; whoever identifies with HTTP Basic means the client's two.
    fn of(call: &Call) -> Self {
        let mut fields = pairs(&String::from_utf8_lossy(&call.body));
        let basic = call.header("authorization").and_then(|header| header.strip_prefix("Basic "));
        let basic = basic.and_then(|text| BASE64_STANDARD.decode(text.trim()).ok());
        let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((key, secret)) = basic.as_deref().and_then(|text| text.split_once(':')) {
            fields.push(("client_id".to_owned(), key.to_owned()));
            fields.push(("client_secret".to_owned(), secret.to_owned()));
        }
        Self(fields)
    }

    fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// `POST /services/oauth2/token`.
pub(in crate::emulator::routes) fn token(world: &mut World, call: &Call) -> Answer {
    if call.method != "POST" {
        return refused("invalid_request", "must use HTTP POST");
    }
    let form = Form::of(call);
    let granted = match form.get("grant_type") {
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => assertion(world, call, &form),
        "client_credentials" => client_credentials(world, call, &form),
        "refresh_token" => refresh(world, &form),
        _ => Err(("unsupported_grant_type", "grant type not supported".to_owned())),
    };
    match granted {
        Ok((app, granted)) => {
            let body = opened(world, call, &app, granted);
            Answer::json(200, &body).header("cache-control", "no-store").uncounted()
        }
        Err((error, description)) => refused(error, &description),
    }
}

/// Opens a session, and says so.
fn opened(world: &mut World, call: &Call, app: &App, granted: Granted) -> Json {
    let actor = Actor { user: Some(granted.user), delegate: None };
    let now = world.org.now();
    let session = Session { actor, api: app.has_scope("api"), used: now };
    let token = world.sessions.open(session);
    world.org.signed_in(granted.user);
    let mut body = Map::new();
    let mut put = |key: &str, text: String| body.insert(key.to_owned(), Json::from(text));
    put("access_token", token);
    put("scope", app.scopes.join(" "));
    put("instance_url", instance_url(world, call));
    put("id", address_of(world, call, Some(granted.user)));
    put("token_type", "Bearer".to_owned());
    if let Some(token) = granted.refresh_token {
        put("refresh_token", token);
    }
    if !granted.bare {
        put("signature", "ZW11bGF0b3I=".to_owned());
        // Text, and milliseconds.
        put("issued_at", now.as_millisecond().to_string());
    }
    Json::Object(body)
}

fn invalid_grant(description: &str) -> Refusal {
    ("invalid_grant", description.to_owned())
}

fn app(world: &World, key: &str) -> Result<App, Refusal> {
    let found = world.org.settings.apps.iter().find(|app| app.key == key);
    found.cloned().ok_or(("invalid_client_id", "client identifier invalid".to_owned()))
}

/// The JWT bearer flow.
fn assertion(world: &World, call: &Call, form: &Form) -> Result<(App, Granted), Refusal> {
    let assertion =
        Assertion::read(form.get("assertion")).ok_or_else(|| invalid_grant("invalid assertion"))?;
    let app = app(world, &assertion.issuer)?;
    let signed = app.certificate.as_ref().is_some_and(|key| assertion.is_signed_with(key));
    if !signed {
        return Err(invalid_grant("invalid assertion"));
    }
    if !assertion.audiences.iter().any(|audience| is_meant(world, call, audience)) {
        return Err(invalid_grant("audience is invalid"));
    }
    // What lies ahead is never too far: the most used client sends milliseconds.
    let now =
        std::time::Duration::try_from(world.org.now().duration_since(jiff::Timestamp::UNIX_EPOCH));
    if now.is_ok_and(|now| assertion.expires < now.as_secs_f64()) {
        return Err(invalid_grant(&world.org.settings.expired_assertion));
    }
    let name = Value::text(&assertion.subject);
    let user = world.org.lookup(Object::USER, "Username", &name).next().and_then(own_id);
    let user = user.ok_or_else(|| invalid_grant("authentication failure"))?;
    admitted(world, &app, user)?;
    if !app.has_scope("refresh_token") && !app.has_scope("offline_access") {
        let text = "The JWT bearer and SAML assertion bearer flows require a refresh_token scope. \
                    Install and preauthorize the app.";
        return Err(("invalid_request", text.to_owned()));
    }
    Ok((app, Granted { user, refresh_token: None, bare: true }))
}

/// Whether an audience is this org: its own address, or the login host of its kind.
fn is_meant(world: &World, call: &Call, audience: &str) -> bool {
    let audience = audience.trim_end_matches('/');
    let sandbox = world
        .org
        .rows(Object::ORGANIZATION)
        .next()
        .is_some_and(|row| stored(Object::ORGANIZATION, row, "IsSandbox").is_true());
    let login = LOGIN_HOSTS.get(usize::from(sandbox)).copied().unwrap_or_default();
    audience == instance_url(world, call) || audience.strip_prefix("https://") == Some(login)
}

/// The client credentials flow.
fn client_credentials(world: &World, call: &Call, form: &Form) -> Result<(App, Granted), Refusal> {
    let host = call.header("host").unwrap_or_default();
    if LOGIN_HOSTS.contains(&host) || world.org.settings.login_host {
        return Err(invalid_grant("request not supported on this domain"));
    }
    let app = known(world, form)?;
    let user = app.run_as.ok_or_else(|| invalid_grant("no client credentials user enabled"))?;
    if app.scopes.is_empty() {
        return Err(invalid_grant("no valid scopes defined"));
    }
    at_work(world, &app, user)?;
    Ok((app, Granted { user, refresh_token: None, bare: false }))
}

/// The refresh token flow.
fn refresh(world: &mut World, form: &Form) -> Result<(App, Granted), Refusal> {
    let app = known(world, form)?;
    let token = form.get("refresh_token");
    let user = match world.sessions.granted(token) {
        Some(grant) if grant.app == app.key => grant.user,
        _ => return Err(invalid_grant("expired access/refresh token")),
    };
    at_work(world, &app, user)?;
    let refresh_token = app.rotates.then(|| world.sessions.replace(token)).flatten();
    Ok((app, Granted { user, refresh_token, bare: false }))
}

/// The app of the form, which has shown its secret.
fn known(world: &World, form: &Form) -> Result<App, Refusal> {
    let app = app(world, form.get("client_id"))?;
    let secret = app.secret.as_deref().unwrap_or_default();
    if app.secret.is_some() && form.get("client_secret") != secret {
        return Err(("invalid_client", "invalid client credentials".to_owned()));
    }
    Ok(app)
}

/// Whether a user may sign in through an app without being asked.
fn admitted(world: &World, app: &App, user: Id) -> Result<(), Refusal> {
    at_work(world, app, user)?;
    match app.permitted {
        _ if app.permits(user) => Ok(()),
        Permitted::AdminApproved => {
            let text = "user is not admin approved to access this app";
            Err(("invalid_app_access", text.to_owned()))
        }
        Permitted::All | Permitted::SelfAuthorize => {
            Err(invalid_grant("user hasn't approved this consumer"))
        }
    }
}

/// Whether a user may sign in at all, from here.
fn at_work(world: &World, app: &App, user: Id) -> Result<(), Refusal> {
    if !world.org.may_sign_in(user) {
        return Err(invalid_grant("inactive user"));
    }
    if world.org.is_locked_out(user) {
        return Err(invalid_grant("user is locked"));
    }
    if !app.admits(Ipv4Addr::LOCALHOST) {
        return Err(invalid_grant("ip restricted"));
    }
    Ok(())
}

/// `POST` or `GET /services/oauth2/revoke`.
pub(in crate::emulator::routes) fn revoke(world: &mut World, call: &Call) -> Answer {
    let form = Form::of(call);
    let token = match form.get("token") {
        "" => call.param("token").unwrap_or_default(),
        token => token,
    };
    if token.is_empty() {
        return refused("unsupported_token_type", "this token type is not supported");
    }
    if world.sessions.close(token) {
        return Answer::empty(200).uncounted();
    }
    refused("invalid_token", "invalid token: the token is expired or was revoked")
}
