//! Which way to sign in: what the org's table asks for, else the first that the environment offers.

use std::fs;

use anyhow::Context;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::model::{AuthKind, OrgTarget};
use crate::salesforce::{
    AccessToken, ClientCredentials, Error, Jwt, PrivateKey, RefreshToken, SfCli, SignIn,
};

use super::environment::Environment;
use super::error::Failure;
use super::target::{Place, Target};

/// A way that is open.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) sign_in: SignIn,
    /// It leads to whatever org its secret is for, which need not be the wanted one.
    pub(super) leads_anywhere: bool,
}

/// Chooses a way to sign in to an org that is not embedded.
pub(super) fn choose(target: &Target, environment: &Environment) -> Result<Chosen, Failure> {
    let look = Look { target, environment };
    match target.auth {
        AuthKind::Auto => look.first(),
        AuthKind::AccessToken => look.token()?.ok_or_else(|| {
            missing(target, "auth = \"access-token\"", "SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL")
        }),
        AuthKind::Jwt => look.jwt()?.ok_or_else(|| {
            missing(target, "auth = \"jwt\"", "PORTALCTL_JWT_KEY or PORTALCTL_JWT_KEY_FILE")
        }),
        AuthKind::ClientCredentials => look.client_credentials().ok_or_else(|| {
            let wanted = "PORTALCTL_CLIENT_ID (or `client_id` in the org's table) and PORTALCTL_CLIENT_SECRET";
            missing(target, "auth = \"client-credentials\"", wanted)
        }),
        AuthKind::RefreshToken => look
            .refresh_token()?
            .ok_or_else(|| missing(target, "auth = \"refresh-token\"", "SFDX_AUTH_URL")),
        AuthKind::SfCli => Ok(look.sf_cli()),
    }
}

fn missing(target: &Target, way: &str, wanted: &str) -> Failure {
    let name = &target.name;
    let upper = prefix(name.as_str());
    Failure::error(anyhow::anyhow!("cannot sign in to org `{name}`: {way} has not what it needs"))
        .hint(format!("set {wanted}; for this org alone, write {upper} in the place of PORTALCTL_"))
}

/// `PORTALCTL_PROD_` for org `prod`.
fn prefix(org: &str) -> String {
    let upper: String =
        org.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("PORTALCTL_{}_", upper.to_ascii_uppercase())
}

/// What there is for an org.
struct Look<'a> {
    target: &'a Target,
    environment: &'a Environment,
}

impl Look<'_> {
    /// The first way that is open. A secret that carries the org's name is for it more than one that
    /// does not.
    fn first(&self) -> Result<Chosen, Failure> {
        match self.target.place {
            Place::SfCli => return Ok(self.sf_cli()),
            Place::Environment => {
                return self.token()?.ok_or_else(|| {
                    Failure::error(anyhow::anyhow!("no way to sign in to org `env`"))
                        .hint("set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL")
                });
            }
            Place::Table(_) => {}
        }
        for own in [true, false] {
            if self.has(own, "ACCESS_TOKEN", "SF_ACCESS_TOKEN")
                && let Some(chosen) = self.token()?
            {
                return Ok(chosen);
            }
            if (self.has(own, "JWT_KEY", "PORTALCTL_JWT_KEY")
                || self.has(own, "JWT_KEY_FILE", "PORTALCTL_JWT_KEY_FILE"))
                && let Some(chosen) = self.jwt()?
            {
                return Ok(chosen);
            }
            if self.has(own, "CLIENT_SECRET", "PORTALCTL_CLIENT_SECRET")
                && let Some(chosen) = self.client_credentials()
            {
                return Ok(chosen);
            }
            if self.has(own, "SFDX_AUTH_URL", "SFDX_AUTH_URL")
                && let Some(chosen) = self.refresh_token()?
            {
                return Ok(chosen);
            }
        }
        Ok(self.sf_cli())
    }

    fn has(&self, own: bool, name: &str, shared: &str) -> bool {
        if own { self.own(name).is_some() } else { self.environment.get(shared).is_some() }
    }

    /// The org's own variable.
    fn own(&self, name: &str) -> Option<&str> {
        match self.target.place {
            Place::Table(_) => {
                let prefix = prefix(self.target.name.as_str());
                self.environment.get(&format!("{prefix}{name}"))
            }
            Place::Environment | Place::SfCli => None,
        }
    }

    /// The org's own variable, else the one for all.
    fn any(&self, name: &str) -> Option<&str> {
        self.own(name).or_else(|| self.environment.get(&format!("PORTALCTL_{name}")))
    }

    fn login_url(&self) -> Option<&str> {
        match &self.target.place {
            Place::Table(OrgTarget::LoginUrl(url)) => Some(url),
            Place::Table(OrgTarget::Emulator(_)) | Place::Environment | Place::SfCli => None,
        }
    }

    fn client_id(&self) -> Option<String> {
        self.any("CLIENT_ID")
            .map(|id| id.trim().to_owned())
            .or_else(|| self.target.client_id.clone())
    }

    fn token(&self) -> Result<Option<Chosen>, Failure> {
        let own = self.own("ACCESS_TOKEN").map(|token| {
            let url = self.own("INSTANCE_URL").or_else(|| self.login_url());
            (token, url)
        });
        let shared = || {
            let token = self.environment.get("SF_ACCESS_TOKEN")?;
            let url = ["SF_ORG_INSTANCE_URL", "SF_INSTANCE_URL"];
            Some((token, url.into_iter().find_map(|name| self.environment.get(name))))
        };
        let Some((token, Some(url))) = own.or_else(shared) else {
            return Ok(None);
        };
        let token = AccessToken::new("access token", token.trim()).map_err(failed)?;
        let sign_in = SignIn::Token { instance_url: url.trim().to_owned(), token };
        Ok(Some(Chosen { sign_in, leads_anywhere: true }))
    }

    fn jwt(&self) -> Result<Option<Chosen>, Failure> {
        let Some(key) = self.key()? else {
            return Ok(None);
        };
        let Some(login_url) = self.login_url() else {
            return Ok(None);
        };
        let need = |value: Option<String>, what: &str| {
            value.ok_or_else(|| missing(self.target, "the way by JWT", what))
        };
        let username = self.any("USERNAME").map(|name| name.trim().to_owned());
        let username = username.or_else(|| self.target.username.clone());
        let audience = self.any("AUDIENCE").or_else(|| self.environment.get("SF_AUDIENCE_URL"));
        let jwt = Jwt {
            login_url: login_url.to_owned(),
            client_id: need(
                self.client_id(),
                "PORTALCTL_CLIENT_ID (or `client_id` in the org's table)",
            )?,
            username: need(username, "PORTALCTL_USERNAME (or `username` in the org's table)")?,
            audience: audience.map(|audience| audience.trim().to_owned()),
            key: PrivateKey::parse(&key).map_err(failed)?,
            clock: now,
        };
        Ok(Some(Chosen { sign_in: SignIn::Jwt(jwt), leads_anywhere: false }))
    }

    /// The private key: its text, else its file.
    fn key(&self) -> Result<Option<SecretString>, Failure> {
        let own = |name| self.own(name).map(str::to_owned);
        let shared =
            |name: &str| self.environment.get(&format!("PORTALCTL_{name}")).map(str::to_owned);
        let read = |file: String| {
            let text = fs::read_to_string(file.trim())
                .with_context(|| format!("cannot read the private key `{}`", file.trim()))
                .map_err(Failure::error)?;
            Ok(Some(SecretString::from(text)))
        };
        if let Some(text) = own("JWT_KEY") {
            return Ok(Some(text.into()));
        }
        if let Some(file) = own("JWT_KEY_FILE") {
            return read(file);
        }
        if let Some(text) = shared("JWT_KEY") {
            return Ok(Some(text.into()));
        }
        shared("JWT_KEY_FILE").map_or(Ok(None), read)
    }

    fn client_credentials(&self) -> Option<Chosen> {
        let secret = self.any("CLIENT_SECRET").map(|secret| SecretString::from(secret.trim()));
        let sign_in = SignIn::ClientCredentials(ClientCredentials {
            login_url: self.login_url()?.to_owned(),
            client_id: self.client_id()?,
            client_secret: secret?,
        });
        Some(Chosen { sign_in, leads_anywhere: false })
    }

    fn refresh_token(&self) -> Result<Option<Chosen>, Failure> {
        let own = self.own("SFDX_AUTH_URL").map(SecretString::from);
        let Some(url) = own.or_else(|| self.environment.secret("SFDX_AUTH_URL")) else {
            return Ok(None);
        };
        let refresh = RefreshToken::from_auth_url(&url).map_err(failed)?;
        Ok(Some(Chosen { sign_in: SignIn::RefreshToken(refresh), leads_anywhere: true }))
    }

    /// The login that the CLI has under the org's username, else under its name.
    fn sf_cli(&self) -> Chosen {
        let name = self.target.username.as_deref().unwrap_or(self.target.name.as_str());
        let sign_in = SignIn::SfCli(SfCli { target: name.to_owned() });
        Chosen { sign_in, leads_anywhere: true }
    }
}

fn failed(error: Error) -> Failure {
    let hint = error.hint();
    let failure = Failure::error(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

#[expect(clippy::disallowed_methods, reason = "an assertion needs the time of its signing")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrgName;

    const TOKEN: [(&str, &str); 2] =
        [("SF_ACCESS_TOKEN", "00D!x"), ("SF_ORG_INSTANCE_URL", "https://acme.my.salesforce.com")];
    const CREDENTIALS: [(&str, &str); 2] =
        [("PORTALCTL_CLIENT_ID", "app"), ("PORTALCTL_CLIENT_SECRET", "s")];
    const AUTH_URL: (&str, &str) = ("SFDX_AUTH_URL", "force://a::b@acme.my.salesforce.com");

    fn target(auth: AuthKind) -> Target {
        Target {
            name: OrgName::parse("uat-2").unwrap(),
            place: Place::Table(OrgTarget::LoginUrl("https://acme.my.salesforce.com".to_owned())),
            pins: Vec::new(),
            writable: true,
            username_suffix: String::new(),
            email: None,
            auth,
            client_id: None,
            username: None,
        }
    }

    fn way(auth: AuthKind, variables: &[(&str, &str)]) -> &'static str {
        let chosen = choose(&target(auth), &Environment::of(variables));
        chosen.map_or("none", |chosen| chosen.sign_in.way())
    }

    #[test]
    fn the_first_way_that_is_open_is_taken() {
        let mut all = TOKEN.to_vec();
        all.extend(CREDENTIALS);
        all.push(AUTH_URL);
        assert_eq!(way(AuthKind::Auto, &all), "access token");
        assert_eq!(way(AuthKind::Auto, &all[1..]), "client credentials");
        assert_eq!(way(AuthKind::Auto, &all[4..]), "refresh token");
        assert_eq!(way(AuthKind::Auto, &[]), "the sf CLI");
        assert_eq!(way(AuthKind::Auto, &[CREDENTIALS[0]]), "the sf CLI");
    }

    #[test]
    fn a_secret_with_the_orgs_name_comes_first_and_completes_itself() {
        let own = [
            TOKEN[0],
            TOKEN[1],
            CREDENTIALS[0],
            ("PORTALCTL_UAT_2_CLIENT_SECRET", "s"),
            ("PORTALCTL_PROD_SFDX_AUTH_URL", "force://a::b@acme.my.salesforce.com"),
        ];
        assert_eq!(way(AuthKind::Auto, &own), "client credentials");
    }

    #[test]
    fn what_is_asked_for_is_taken_or_missed() {
        let mut all = TOKEN.to_vec();
        all.extend(CREDENTIALS);
        all.push(AUTH_URL);
        for (auth, expected) in [
            (AuthKind::AccessToken, "access token"),
            (AuthKind::ClientCredentials, "client credentials"),
            (AuthKind::RefreshToken, "refresh token"),
            (AuthKind::SfCli, "the sf CLI"),
            (AuthKind::Jwt, "none"),
        ] {
            assert_eq!(way(auth, &all), expected);
        }
        for auth in [AuthKind::AccessToken, AuthKind::ClientCredentials, AuthKind::RefreshToken] {
            assert_eq!(way(auth, &[]), "none");
        }
    }

    #[test]
    fn half_a_way_says_what_is_missing() {
        let error =
            choose(&target(AuthKind::Auto), &Environment::of(&[("PORTALCTL_JWT_KEY", "x")]))
                .unwrap_err();
        let hint = error.hint.unwrap();
        assert!(
            hint.contains("PORTALCTL_CLIENT_ID") && hint.contains("PORTALCTL_UAT_2_"),
            "{hint}"
        );
        let hidden = [("SF_ACCESS_TOKEN", "[REDACTED] Use 'sf org auth'"), TOKEN[1]];
        let error = choose(&target(AuthKind::Auto), &Environment::of(&hidden)).unwrap_err();
        assert!(error.hint.unwrap().contains("show-access-token"));
    }
}
