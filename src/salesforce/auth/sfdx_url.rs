//! `SFDX_AUTH_URL`: where to sign in, as which app, and with which refresh token, in one text.
//!
//! Source: Salesforce DX Developer Guide, "Authorize an Org Using Its SFDX Authorization URL":
//! `force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST`, the secret may be empty; the saved JSON of the
//! CLI holds it as `sfdxAuthUrl` or `result.sfdxAuthUrl`.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::RefreshToken;
use crate::salesforce::{Error, is_loopback_url};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    sfdx_auth_url: Option<SecretString>,
    result: Option<Inner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    sfdx_auth_url: Option<SecretString>,
}

impl RefreshToken {
    /// Reads an authorization URL, or the CLI's JSON with one in it. The host has no scheme, which
    /// is `https` except on this machine.
    pub fn from_auth_url(text: &SecretString) -> Result<Self, Error> {
        let text = text.expose_secret().trim();
        if text.starts_with('{') {
            let saved: Saved =
                serde_json::from_str(text).map_err(|_| bad("it is JSON of another kind"))?;
            let found = saved.sfdx_auth_url.or_else(|| saved.result?.sfdx_auth_url);
            let url = found.ok_or_else(|| bad("the JSON has no `sfdxAuthUrl`"))?;
            return parse(url.expose_secret().trim());
        }
        parse(text)
    }
}

fn parse(text: &str) -> Result<RefreshToken, Error> {
    if text.contains("[REDACTED]") {
        return Err(bad("the Salesforce CLI has hidden it"));
    }
    let rest =
        text.strip_prefix("force://").ok_or_else(|| bad("it does not start with force://"))?;
    let (credentials, host) = rest.rsplit_once('@').ok_or_else(|| bad("it has no host"))?;
    let parts: Vec<&str> = credentials.split(':').collect();
    let [id, secret, token] = parts[..] else {
        return Err(bad("it has not three credentials with `:` between them"));
    };
    let is_host = |c: char| c.is_ascii_alphanumeric() || ":._-[]".contains(c);
    let host: String = host.chars().take_while(|c| is_host(*c)).collect();
    if id.is_empty() || token.is_empty() || host.is_empty() {
        return Err(bad("a part of it is empty"));
    }
    let plain = format!("http://{host}");
    let login_url = if is_loopback_url(&plain) { plain } else { format!("https://{host}") };
    Ok(RefreshToken {
        login_url,
        client_id: id.to_owned(),
        client_secret: (!secret.is_empty()).then(|| SecretString::from(secret)),
        token: SecretString::from(token),
    })
}

fn bad(what: &str) -> Error {
    Error::SignIn {
        way: "refresh token",
        code: "BAD_AUTH_URL".to_owned(),
        what: format!("SFDX_AUTH_URL cannot be used: {what}"),
        help: "get it by `sf org auth show-sfdx-auth-url`; it looks like force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auth_url_is_read_alone_and_in_the_clis_json() {
        let url = "force://PlatformCLI::5Aep861.x_==@acme.my.salesforce.com";
        for text in [
            url.to_owned(),
            format!("{url}\n"),
            format!(r#"{{"sfdxAuthUrl":"{url}"}}"#),
            format!(r#"{{"status":0,"result":{{"sfdxAuthUrl":"{url}","username":"x"}}}}"#),
        ] {
            let read = RefreshToken::from_auth_url(&text.into()).unwrap();
            assert_eq!(read.login_url, "https://acme.my.salesforce.com");
            assert_eq!(read.client_id, "PlatformCLI");
            assert!(read.client_secret.is_none());
            assert_eq!(read.token.expose_secret(), "5Aep861.x_==");
        }
        let local = RefreshToken::from_auth_url(&"force://a:b:c@127.0.0.1:80".into()).unwrap();
        assert_eq!(local.login_url, "http://127.0.0.1:80");
        assert!(!format!("{local:?}").contains('c'.to_string().repeat(2).as_str()));
    }

    #[test]
    fn what_is_none_is_told_without_its_text() {
        for text in [
            "",
            "hunter2",
            "force://hunter2",
            "force://a:hunter2@h",
            "force://a:b:hunter2@",
            "force://:b:hunter2@h",
            "[REDACTED] Use 'sf org auth show-sfdx-auth-url' to view",
            "{\"hunter2\":",
            "{\"result\":{\"username\":\"hunter2\"}}",
        ] {
            let error = RefreshToken::from_auth_url(&text.into()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
