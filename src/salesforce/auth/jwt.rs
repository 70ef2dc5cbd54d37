//! The JWT bearer flow: an assertion, signed by the private key whose certificate the app holds.
//!
//! Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration": RS256;
//! `iss` is the consumer key, `sub` the username, `aud` the login host or the org's own URL, `exp`
//! within three minutes.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::oauth::{self, Request};
use super::{Clock, Grant};
use crate::salesforce::Error;
use crate::salesforce::http::{Transport, is_loopback, origin};

/// What signing in with an assertion takes.
#[derive(Debug)]
pub struct Jwt {
    /// Where to sign in.
    pub login_url: String,
    /// The app's consumer key.
    pub client_id: String,
    /// The username in the org.
    pub username: String,
    /// For whom the assertion is; absent, it follows from the login URL.
    pub audience: Option<String>,
    /// What signs it.
    pub key: PrivateKey,
    /// The time.
    pub clock: Clock,
}

/// How long an assertion is good, in seconds.
const LIFE: i64 = 150;
const PRODUCTION: &str = "https://login.salesforce.com";
const SANDBOX: &str = "https://test.salesforce.com";

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

impl Jwt {
    pub(super) async fn grant(&self, transport: &Transport) -> Result<Grant, Error> {
        let login = origin(&self.login_url)?;
        let mut audiences = match &self.audience {
            Some(audience) => vec![audience.clone()],
            None => audiences(&login, &self.login_url),
        };
        let last = audiences.pop().unwrap_or_default();
        for audience in audiences {
            match self.ask(&login, &audience, transport).await {
                // Which kind of org it is was a guess.
                Err(Error::SignIn { what, .. }) if what.to_lowercase().contains("audience") => {}
                answer => return answer,
            }
        }
        self.ask(&login, &last, transport).await
    }

    async fn ask(
        &self,
        login: &Url,
        audience: &str,
        transport: &Transport,
    ) -> Result<Grant, Error> {
        let claims = Claims {
            iss: &self.client_id,
            sub: &self.username,
            aud: audience,
            exp: (self.clock)().as_second() + LIFE,
        };
        let assertion = self.key.sign(&claims)?;
        let request = Request {
            way: "JWT",
            login: login.clone(),
            form: vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned().into()),
                ("assertion", assertion),
            ],
            basic: None,
            about: format!("username {}, audience {audience}", self.username),
            clock: Some(self.clock),
        };
        oauth::send(request, transport).await.map(|answer| answer.grant)
    }
}

/// The audiences to try for a login URL: the login host of its kind of org, and the URL itself.
fn audiences(login: &Url, text: &str) -> Vec<String> {
    let host = login.host_str().unwrap_or_default().to_lowercase();
    let own = login.as_str().trim_end_matches('/').to_owned();
    match host.as_str() {
        "login.salesforce.com" | "test.salesforce.com" => vec![own],
        _ if is_loopback(login) => vec![own],
        // Members of a site sign in at the site, whose path is part of its name.
        _ if host.ends_with(".my.site.com") => vec![text.trim().trim_end_matches('/').to_owned()],
        // A sandbox is named behind two dashes.
        _ if host.ends_with(".my.salesforce.com")
            && (host.contains("--") || host.contains(".scratch.")) =>
        {
            vec![SANDBOX.to_owned(), own]
        }
        _ if host.ends_with(".my.salesforce.com") => vec![PRODUCTION.to_owned(), own],
        _ => vec![own],
    }
}

/// An RSA key.
pub struct PrivateKey(KeyPair);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

impl PrivateKey {
    /// Reads a key in PEM (PKCS#1 or PKCS#8), or base64 of that or of its DER. Line breaks may be
    /// missing, or written as `\n`, as happens to keys on their way through a pipeline's settings.
    /// What is wrong is told without a word of the text.
    pub fn parse(text: &SecretString) -> Result<Self, Error> {
        let text = text.expose_secret().trim().replace("\\n", "\n").replace("\\r", "");
        let der = if text.contains("-----BEGIN") {
            unwrap_pem(&text)?
        } else {
            let bytes = decode(&text).ok_or_else(|| bad("it is neither PEM nor base64"))?;
            match String::from_utf8(bytes) {
                Ok(inner) if inner.contains("-----BEGIN") => unwrap_pem(&inner)?,
                Ok(_) => return Err(bad("it is base64 of something that is no key")),
                Err(binary) => binary.into_bytes(),
            }
        };
        KeyPair::from_pkcs8(&der)
            .or_else(|_| KeyPair::from_der(&der))
            .map(Self)
            .map_err(|_| bad("it is not an RSA private key of 2048 bits or more"))
    }

    /// The assertion for some claims.
    fn sign(&self, claims: &Claims<'_>) -> Result<SecretString, Error> {
        let claims = serde_json::to_vec(claims).map_err(|error| Error::Setup(error.to_string()))?;
        let mut text = format!(
            "{}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256"}"#),
            BASE64_URL_SAFE_NO_PAD.encode(claims)
        );
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| bad("it cannot sign"))?;
        text.push('.');
        text.push_str(&BASE64_URL_SAFE_NO_PAD.encode(signature));
        Ok(text.into())
    }
}

fn unwrap_pem(text: &str) -> Result<Vec<u8>, Error> {
    let cut = || {
        let (_, rest) = text.split_once("-----BEGIN ")?;
        let (label, rest) = rest.split_once("-----")?;
        let (body, _) = rest.split_once("-----END ")?;
        Some((label, body))
    };
    let Some((label, body)) = cut() else {
        return Err(bad("its end is missing"));
    };
    match label {
        "PRIVATE KEY" | "RSA PRIVATE KEY" => {}
        "ENCRYPTED PRIVATE KEY" => return Err(bad("it is locked by a passphrase")),
        "CERTIFICATE" | "PUBLIC KEY" | "RSA PUBLIC KEY" => {
            return Err(bad("it is the public half; the private one is needed"));
        }
        _ => return Err(bad("it is a key of another kind; RSA is needed")),
    }
    if body.contains("ENCRYPTED") {
        return Err(bad("it is locked by a passphrase"));
    }
    decode(body).ok_or_else(|| bad("its text is damaged"))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    BASE64_STANDARD.decode(dense).ok()
}

fn bad(what: &str) -> Error {
    Error::SignIn {
        way: "JWT",
        code: "BAD_PRIVATE_KEY".to_owned(),
        what: format!("the private key cannot be used: {what}"),
        help: "set PORTALCTL_JWT_KEY to the key in PEM (or base64 of it), or PORTALCTL_JWT_KEY_FILE to its file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// The DER of the key inside a PKCS#8 wrapping: what follows its algorithm.
    fn pkcs1(pkcs8: &[u8]) -> Vec<u8> {
        let inner = pkcs8.windows(4).position(|w| w[0] == 0x04 && w[1] == 0x82).unwrap();
        pkcs8[inner + 4..].to_vec()
    }

    fn pem(label: &str, der: &[u8]) -> String {
        let text = BASE64_STANDARD.encode(der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    #[test]
    fn a_key_is_read_in_every_form_that_pipelines_give_it() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let eight = pem("PRIVATE KEY", der.as_ref());
        let one = pem("RSA PRIVATE KEY", &pkcs1(der.as_ref()));
        let claims = Claims { iss: "app", sub: "ci@acme.example", aud: PRODUCTION, exp: 5 };
        for text in [
            eight.clone(),
            one.clone(),
            eight.replace('\n', "\\n"),
            one.replace('\n', " "),
            eight.replace('\n', "\r\n"),
            BASE64_STANDARD.encode(&eight),
            BASE64_STANDARD.encode(&one),
            BASE64_STANDARD.encode(der.as_ref()),
        ] {
            let key = PrivateKey::parse(&text.into()).unwrap();
            let assertion = key.sign(&claims).unwrap();
            let parts: Vec<&str> = assertion.expose_secret().split('.').collect();
            let signed = format!("{}.{}", parts[0], parts[1]);
            let signature = BASE64_URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key())
                .verify(signed.as_bytes(), &signature)
                .unwrap();
            let claims = BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
            assert_eq!(
                String::from_utf8(claims).unwrap(),
                r#"{"iss":"app","sub":"ci@acme.example","aud":"https://login.salesforce.com","exp":5}"#
            );
            assert_eq!(format!("{key:?}"), "PrivateKey");
        }
    }

    #[test]
    fn what_is_no_key_is_told_without_its_text() {
        for (text, expected) in [
            ("", "no key"),
            ("hunter2!", "neither PEM nor base64"),
            ("aHVudGVyMg==", "no key"),
            ("-----BEGIN PRIVATE KEY-----\nhunter2", "its end is missing"),
            ("-----BEGIN PRIVATE KEY-----\nhunter2!\n-----END PRIVATE KEY-----", "damaged"),
            ("-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----", "RSA"),
            ("-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----", "RSA"),
            ("-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----", "public half"),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2\n-----END ENCRYPTED PRIVATE KEY-----",
                "passphrase",
            ),
        ] {
            let error = PrivateKey::parse(&text.into()).unwrap_err();
            let told = format!("{error} {error:?} {:?}", error.hint());
            assert!(told.contains(expected), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn the_audience_follows_from_where_one_signs_in() {
        for (login, audience) in [
            ("https://login.salesforce.com", PRODUCTION),
            ("https://test.salesforce.com/", SANDBOX),
            ("https://acme.my.salesforce.com", PRODUCTION),
            ("https://acme-dev-ed.develop.my.salesforce.com", PRODUCTION),
            ("https://acme--uat.sandbox.my.salesforce.com", SANDBOX),
            ("https://acme--uat.cs42.my.salesforce.com", SANDBOX),
            ("https://x.scratch.my.salesforce.com", SANDBOX),
            ("https://acme.my.site.com/partners/", "https://acme.my.site.com/partners"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("https://salesforce.acme.example", "https://salesforce.acme.example"),
        ] {
            let found = audiences(&origin(login).unwrap(), login);
            assert_eq!(found[0], audience);
            // The org's own address is always meant.
            let own = login.ends_with(".my.salesforce.com").then(|| login.to_owned());
            assert_eq!(found.get(1).cloned(), own);
        }
    }
}
