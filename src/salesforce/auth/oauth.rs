//! The token endpoint, and what its refusals mean.
//!
//! Sources: Salesforce Help, "OAuth Authorization Flows" and "OAuth 2.0 Error Codes"; the texts are
//! those that orgs have been seen to give.

use std::time::Instant;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{AccessToken, Clock, Grant};
use crate::salesforce::Error;
use crate::salesforce::call::Repeat;
use crate::salesforce::http::{Transport, is_loopback, origin};
use crate::salesforce::retry::{self, Failed, Pace};

/// What signing in as an app's own user takes.
#[derive(Debug)]
pub struct ClientCredentials {
    /// Where to sign in: the org's own URL.
    pub login_url: String,
    /// The app's consumer key.
    pub client_id: String,
    /// The app's consumer secret.
    pub client_secret: SecretString,
}

/// What signing in with the long-lived token of an earlier sign-in takes.
#[derive(Debug)]
pub struct RefreshToken {
    /// Where to sign in.
    pub login_url: String,
    /// The app's consumer key.
    pub client_id: String,
    /// The app's consumer secret, if it has one.
    pub client_secret: Option<SecretString>,
    /// The token. An app may give a new one in its place, which is kept for this run.
    pub token: SecretString,
}

/// A request to the token endpoint.
pub(super) struct Request {
    pub(super) way: &'static str,
    pub(super) login: Url,
    pub(super) form: Vec<(&'static str, SecretString)>,
    pub(super) basic: Option<(String, SecretString)>,
    /// What was asked for, for people.
    pub(super) about: String,
    /// Given where the time matters.
    pub(super) clock: Option<Clock>,
}

#[derive(Deserialize)]
struct WireGrant {
    access_token: SecretString,
    instance_url: String,
    refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct WireRefusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// What the token endpoint gave.
pub(super) struct Given {
    pub(super) grant: Grant,
    refresh_token: Option<SecretString>,
}

impl ClientCredentials {
    pub(super) async fn grant(&self, transport: &Transport) -> Result<Grant, Error> {
        let request = Request {
            way: "client credentials",
            login: origin(&self.login_url)?,
            form: vec![("grant_type", "client_credentials".to_owned().into())],
            basic: Some((self.client_id.clone(), self.client_secret.clone())),
            about: format!("at {}", self.login_url),
            clock: None,
        };
        send(request, transport).await.map(|given| given.grant)
    }
}

impl RefreshToken {
    pub(super) async fn grant(&mut self, transport: &Transport) -> Result<Grant, Error> {
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned().into()),
            ("refresh_token", self.token.clone()),
            ("client_id", self.client_id.clone().into()),
        ];
        if let Some(secret) = &self.client_secret {
            form.push(("client_secret", secret.clone()));
        }
        let request = Request {
            way: "refresh token",
            login: origin(&self.login_url)?,
            form,
            basic: None,
            about: format!("at {}", self.login_url),
            clock: None,
        };
        let given = send(request, transport).await?;
        if let Some(token) = given.refresh_token
            && token.expose_secret() != self.token.expose_secret()
        {
            tracing::warn!(
                "the app replaces refresh tokens at every use: the one given is spent, get a new SFDX_AUTH_URL before the next run"
            );
            self.token = token;
        }
        Ok(given.grant)
    }
}

/// Asks for a token. Asking twice does no harm.
pub(super) async fn send(request: Request, transport: &Transport) -> Result<Given, Error> {
    let http = transport.client(&request.login)?;
    let pace = if is_loopback(&request.login) { Pace::LOOPBACK } else { Pace::NETWORK };
    let mut attempt = 1;
    loop {
        let error = match once(&http, &request).await {
            Ok(given) => return Ok(given),
            Err(error) => error,
        };
        let failed = Failed { attempt, error: &error, repeat: Repeat::Safe, retry_after: None };
        let Some(pause) = retry::wait(&failed, pace, 0.5) else { return Err(error) };
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

async fn once(http: &reqwest::Client, request: &Request) -> Result<Given, Error> {
    let url = request
        .login
        .join("/services/oauth2/token")
        .map_err(|error| Error::Setup(error.to_string()))?;
    let form: Vec<(&str, &str)> =
        request.form.iter().map(|(name, value)| (*name, value.expose_secret())).collect();
    let mut message = http.post(url.clone()).form(&form).header("accept", "application/json");
    if let Some((id, secret)) = &request.basic {
        message = message.basic_auth(id, Some(secret.expose_secret()));
    }
    let started = Instant::now();
    let lost = |error| Error::transport(request.login.authority(), &error);
    let answer = message.send().await.map_err(lost)?;
    let status = answer.status();
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).map(str::to_owned);
    let body = answer.bytes().await.map_err(lost)?;
    let took = started.elapsed().as_millis();
    tracing::debug!("POST {} {} {took} ms", url.path(), status.as_str());
    if status.is_success() {
        return read(&body, request);
    }
    match serde_json::from_slice::<WireRefusal>(&body) {
        Ok(refusal) => {
            let skew = skew(request.clock, date.as_deref());
            Err(refused(request, &refusal, skew))
        }
        Err(_) => Err(Error::answer(status.as_u16(), &body)),
    }
}

fn read(body: &[u8], request: &Request) -> Result<Given, Error> {
    // Neither the body nor what is wrong with it is told: it holds a token.
    let wire: WireGrant = serde_json::from_slice(body).map_err(|_| Error::SignIn {
        way: request.way,
        code: "UNREADABLE_ANSWER".to_owned(),
        what: "the answer of the token endpoint cannot be read".to_owned(),
        help: "check that the login URL is a Salesforce org and that no proxy answers in its place"
            .to_owned(),
    })?;
    let token = AccessToken::new(request.way, wire.access_token.expose_secret())?;
    // Checked before the token goes there.
    origin(&wire.instance_url)?;
    Ok(Given {
        grant: Grant { token, instance_url: wire.instance_url },
        refresh_token: wire.refresh_token,
    })
}

/// How far this machine's clock is ahead of the server's, in seconds.
fn skew(clock: Option<Clock>, date: Option<&str>) -> i64 {
    let theirs = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    match (clock, theirs) {
        (Some(clock), Some(theirs)) => clock().as_second() - theirs.timestamp().as_second(),
        _ => 0,
    }
}

fn refused(request: &Request, refusal: &WireRefusal, skew: i64) -> Error {
    let WireRefusal { error, error_description: text } = refusal;
    let what = if text.is_empty() { error.clone() } else { format!("{error}: {text}") };
    let help = match clock_help(request, skew, text) {
        Some(help) => help,
        None => format!("{} ({})", advice(error, text), request.about),
    };
    Error::SignIn { way: request.way, code: error.clone(), what, help }
}

/// An assertion is good for minutes: a clock that is wrong makes it worthless.
fn clock_help(request: &Request, skew: i64, text: &str) -> Option<String> {
    request.clock?;
    let minutes = skew.abs() / 60;
    if minutes > 0 {
        let way = if skew > 0 { "ahead of" } else { "behind" };
        return Some(format!(
            "this machine's clock is {minutes} min {way} the server's, and an assertion is good for three: set the clock"
        ));
    }
    let text = text.to_lowercase();
    (text.contains("expired") && !text.contains("refresh token")).then(|| {
        "the assertion had expired when it arrived: set this machine's clock (NTP)".to_owned()
    })
}

/// What to do about a refusal, by its code and, where that is generic, its text.
fn advice(error: &str, text: &str) -> &'static str {
    let text = text.to_lowercase();
    let says = |part: &str| text.contains(part);
    match error {
        _ if says("hasn't approved this consumer") => {
            "approve the app for this user beforehand: in Setup set the app's Permitted Users to \"Admin approved users are pre-authorized\" and assign the app to the user's profile or a permission set"
        }
        "invalid_app_access" => {
            "assign the app to the user's profile or to a permission set that the user has: its policy admits approved users only"
        }
        _ if says("audience") => {
            "the audience does not fit the org: set PORTALCTL_AUDIENCE to https://login.salesforce.com (production), https://test.salesforce.com (sandbox, scratch org) or the org's My Domain URL"
        }
        _ if says("invalid assertion") => {
            "the private key does not belong to the certificate of the app: upload the certificate of this key, or pass the right key"
        }
        "invalid_client_id" => {
            "the org does not know this consumer key: check PORTALCTL_CLIENT_ID and the login URL; a new app takes up to ten minutes to be known"
        }
        "invalid_client" => {
            "the consumer secret is wrong: check PORTALCTL_CLIENT_SECRET; a new app takes up to ten minutes to be known"
        }
        _ if says("ip restricted") || says("ip range") => {
            "this machine's address is not allowed: add it to the login IP ranges of the profile, or relax the app's IP restrictions"
        }
        _ if says("login hours") => "the user's profile does not allow signing in at this hour",
        _ if says("locked") => "the user is locked out: unlock them in Setup",
        "inactive_user" => "the user is inactive: activate them, or sign in as another",
        _ if says("inactive user") => "the user is inactive: activate them, or sign in as another",
        "inactive_org" => "the org is inactive or suspended",
        _ if says("inactive org") => "the org is inactive or suspended",
        _ if says("no client credentials user") => {
            "the app has no user to run as: set one in the app's client credentials flow"
        }
        _ if says("not supported on this domain") => {
            "client credentials work at the org's own URL only: set `login_url` to its My Domain URL (https://….my.salesforce.com)"
        }
        _ if says("no valid scopes") => "give the app the scope `api`",
        _ if says("refresh_token scope") => {
            "give the app the scope `refresh_token` (Perform requests at any time) and approve it again"
        }
        "unsupported_grant_type" => {
            "the app does not allow this flow: enable it in the app's OAuth settings"
        }
        _ if says("expired access/refresh token") => {
            "the refresh token was revoked, replaced or not used for too long: sign in again (`sf org login web`) and take a new SFDX_AUTH_URL"
        }
        _ if says("authentication failure") => {
            "the org has no such user: check PORTALCTL_USERNAME, which in a sandbox ends with the sandbox's name"
        }
        "rate_limit_exceeded" => "too many sign-ins in an hour: wait, and sign in once a run",
        _ => "look at Setup > Login History for the reason",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn request(clock: Option<Clock>) -> Request {
        Request {
            way: "JWT",
            login: Url::parse("https://login.salesforce.com").unwrap(),
            form: vec![("assertion", "hunter2".to_owned().into())],
            basic: Some(("app".to_owned(), "hunter2".to_owned().into())),
            about: "username ci@acme.example".to_owned(),
            clock,
        }
    }

    fn help(error: &str, text: &str, skew: i64) -> String {
        let refusal = WireRefusal { error: error.to_owned(), error_description: text.to_owned() };
        let told = refused(&request(Some(|| Timestamp::UNIX_EPOCH)), &refusal, skew);
        assert!(!format!("{told} {told:?}").contains("hunter2"));
        told.hint().unwrap()
    }

    #[test]
    fn every_refusal_has_advice_of_its_own() {
        let refusals = [
            ("invalid_grant", "user hasn't approved this consumer"),
            ("invalid_app_access", "user is not admin approved to access this app"),
            ("invalid_grant", "audience is invalid"),
            ("invalid_grant", "invalid assertion"),
            ("invalid_client_id", "client identifier invalid"),
            ("invalid_client", "invalid client credentials"),
            ("invalid_grant", "ip restricted"),
            ("invalid_grant", "user is locked"),
            ("invalid_grant", "inactive user"),
            ("invalid_grant", "inactive organization"),
            ("invalid_grant", "invalid login hours"),
            ("invalid_grant", "no client credentials user enabled"),
            ("invalid_grant", "request not supported on this domain"),
            ("invalid_grant", "no valid scopes defined"),
            (
                "invalid_request",
                "The JWT bearer and SAML assertion bearer flows require a refresh_token scope.",
            ),
            ("unsupported_grant_type", "grant type not supported"),
            ("invalid_grant", "expired authorization code"),
            ("invalid_grant", "authentication failure"),
            ("rate_limit_exceeded", ""),
            ("something_new", "of next year"),
        ];
        let mut texts: Vec<String> =
            refusals.iter().map(|(error, text)| help(error, text, 0)).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), refusals.len());
        assert_eq!(
            help("invalid_grant", "Audience validation failed", 0),
            help("invalid_grant", "audience is invalid", 0)
        );
    }

    #[test]
    fn a_wrong_clock_is_told_with_its_size() {
        let ahead = help("invalid_grant", "invalid assertion", 600);
        assert!(ahead.contains("10 min ahead of the server's"), "{ahead}");
        assert!(help("invalid_grant", "invalid assertion", -400).contains("6 min behind"));
        assert!(help("invalid_grant", "invalid assertion", 20).contains("private key"));
        let date = Some("Thu, 01 Jan 1970 00:10:00 GMT");
        assert_eq!(skew(Some(|| Timestamp::UNIX_EPOCH), date), -600);
        assert_eq!(skew(None, date), 0);
    }

    #[test]
    fn a_grant_is_read_whatever_else_is_in_it_and_never_shown() {
        let body = br#"{"access_token":"00D!hunter2","signature":"x","scope":"api","instance_url":"https://acme.my.salesforce.com","id":"y","token_type":"Bearer","issued_at":"1762700400000","token_format":"opaque"}"#;
        let given = read(body, &request(None)).unwrap();
        assert_eq!(given.grant.instance_url, "https://acme.my.salesforce.com");
        assert!(!format!("{:?}", given.grant.token).contains("hunter2"));
        for body in [
            &br#"{"access_token":"00D!hunter2"}"#[..],
            br#"{"access_token":"00D!hunter2","instance_url":"http://acme.my.salesforce.com"}"#,
            br#"{"access_token":"[REDACTED] hunter2","instance_url":"https://acme.example"}"#,
            b"<html>hunter2",
        ] {
            let error = read(body, &request(None)).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
