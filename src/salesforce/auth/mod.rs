//! Ways to sign in. Each ends with a token and the URL that it is for.
//!
//! Nothing is written to disk, and no secret is in a type that can be printed.

mod jwt;
mod oauth;
mod sf_cli;
mod sfdx_url;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use jwt::{Jwt, PrivateKey};
pub use oauth::{ClientCredentials, RefreshToken};
pub use sf_cli::SfCli;

use super::Error;
use super::http::Transport;

/// Tells the time. Time is passed in.
pub type Clock = fn() -> jiff::Timestamp;

/// How to sign in.
#[derive(Debug)]
pub enum SignIn {
    /// With a token that somebody else got. It cannot be renewed.
    Token {
        /// The org's own URL.
        instance_url: String,
        /// The token.
        token: AccessToken,
    },
    /// With an assertion that a private key signs.
    Jwt(Jwt),
    /// As the app's own user.
    ClientCredentials(ClientCredentials),
    /// With the long-lived token of an earlier sign-in.
    RefreshToken(RefreshToken),
    /// With what the Salesforce CLI is signed in to.
    SfCli(SfCli),
}

impl SignIn {
    /// What people call it.
    pub const fn way(&self) -> &'static str {
        match self {
            Self::Token { .. } => "access token",
            Self::Jwt(_) => "JWT",
            Self::ClientCredentials(_) => "client credentials",
            Self::RefreshToken(_) => "refresh token",
            Self::SfCli(_) => "the sf CLI",
        }
    }
}

/// A session's token.
#[derive(Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Takes a token as it was given.
    pub(super) const fn unchecked(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Takes a token, unless it is plainly none: the sf CLI writes `[REDACTED] …` in its place since
    /// version 2.136 (May 2026).
    pub fn new(way: &'static str, text: &str) -> Result<Self, Error> {
        let refuse = |code: &str, what: &str, help: &str| {
            Err(Error::SignIn {
                way,
                code: code.to_owned(),
                what: what.to_owned(),
                help: help.to_owned(),
            })
        };
        if text.contains("[REDACTED]") {
            return refuse(
                "REDACTED_TOKEN",
                "the Salesforce CLI has hidden the token, and `[REDACTED]` is not one",
                "get it by `sf org auth show-access-token --json`",
            );
        }
        if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return refuse(
                "MALFORMED_TOKEN",
                "the access token is empty or holds a blank or a line break",
                "pass the token alone, without quotes",
            );
        }
        Ok(Self(SecretString::from(text)))
    }

    pub(super) const fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken")
    }
}

/// What a sign-in gives.
pub(super) struct Grant {
    pub(super) token: AccessToken,
    pub(super) instance_url: String,
}

/// A way to sign in, for as often as it is needed.
pub(super) struct Login {
    way: SignIn,
    transport: Transport,
}

impl Login {
    pub(super) const fn new(way: SignIn, transport: Transport) -> Self {
        Self { way, transport }
    }

    /// Whether a session that has ended can be followed by another.
    pub(super) const fn can_renew(&self) -> bool {
        !matches!(self.way, SignIn::Token { .. })
    }

    /// Signs in.
    pub(super) async fn grant(&mut self) -> Result<Grant, Error> {
        tracing::info!("signing in by {}", self.way.way());
        match &mut self.way {
            SignIn::Token { instance_url, token } => {
                let token = AccessToken::new("access token", token.secret().expose_secret())?;
                Ok(Grant { token, instance_url: instance_url.clone() })
            }
            SignIn::Jwt(jwt) => jwt.grant(&self.transport).await,
            SignIn::ClientCredentials(credentials) => credentials.grant(&self.transport).await,
            SignIn::RefreshToken(refresh) => refresh.grant(&self.transport).await,
            SignIn::SfCli(cli) => cli.grant(self.transport.timeout).await,
        }
    }
}
