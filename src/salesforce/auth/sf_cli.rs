//! The login of the Salesforce CLI. Its files are encrypted and not looked at; it is asked.
//!
//! Source: Salesforce CLI release notes, 2.136.8 (27 May 2026): `org display` writes
//! `[REDACTED] Use 'sf org auth …' to view` in the place of secrets; `sf org auth
//! show-access-token --json` gives the token, also one that it could not refresh.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::process::Command;
use tokio::time::timeout;

use super::{AccessToken, Grant};
use crate::salesforce::Error;
use crate::salesforce::http::origin;

const WAY: &str = "the sf CLI";
/// The CLI may have to talk to the org first.
const PATIENCE: Duration = Duration::from_mins(2);

/// Which login of the CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SfCli {
    /// An alias or a username.
    pub target: String,
}

/// What the CLI prints with `--json`, failures included.
#[derive(Deserialize)]
struct Printed<T> {
    status: Option<i64>,
    result: Option<T>,
    name: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Display {
    instance_url: Option<String>,
    access_token: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    access_token: Option<SecretString>,
}

impl SfCli {
    pub(super) async fn grant(&self, patience: Option<Duration>) -> Result<Grant, Error> {
        let patience = patience.unwrap_or(PATIENCE).max(Duration::from_secs(5));
        let display: Display = self.run(&["org", "display"], patience).await?;
        let url = display.instance_url.ok_or_else(|| unreadable("it names no instance URL"))?;
        origin(&url)?;
        let old = display.access_token.filter(|token| {
            let text = token.expose_secret();
            !text.is_empty() && !text.contains("[REDACTED]")
        });
        let token = match old {
            Some(token) => token,
            None => {
                let shown: Shown =
                    self.run(&["org", "auth", "show-access-token"], patience).await?;
                shown.access_token.ok_or_else(|| unreadable("it shows no access token"))?
            }
        };
        let token = AccessToken::new(WAY, token.expose_secret())?;
        Ok(Grant { token, instance_url: url })
    }

    async fn run<T: DeserializeOwned>(
        &self,
        command: &[&str],
        patience: Duration,
    ) -> Result<T, Error> {
        if self.target.starts_with('-') {
            return Err(unreadable("an alias does not start with `-`"));
        }
        let program = if cfg!(windows) { "sf.cmd" } else { "sf" };
        let run = Command::new(program)
            .args(command)
            .args(["--target-org", &self.target, "--json"])
            // What it would do on the side takes time.
            .env("SF_SKIP_NEW_VERSION_CHECK", "true")
            .env("SF_AUTOUPDATE_DISABLE", "true")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = match timeout(patience, run).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(not_started(&error)),
            Err(_) => return Err(unreadable("it did not answer in time")),
        };
        // What it printed holds a token, so nothing of it is told but its own error.
        let printed: Printed<T> =
            serde_json::from_slice(&output.stdout).map_err(|_| unreadable("it printed no JSON"))?;
        match printed.result {
            Some(result) if printed.status.unwrap_or(0) == 0 => Ok(result),
            _ => Err(self.refused(printed.name, printed.message)),
        }
    }

    fn refused(&self, name: Option<String>, message: Option<String>) -> Error {
        Error::SignIn {
            way: WAY,
            code: name.unwrap_or_else(|| "SF_CLI".to_owned()),
            what: message.unwrap_or_else(|| "it failed without a reason".to_owned()),
            help: format!(
                "`sf org list` shows what the CLI is signed in to; `sf org login web --alias {}` signs in",
                self.target
            ),
        }
    }
}

fn not_started(error: &io::Error) -> Error {
    let (code, what) = if error.kind() == io::ErrorKind::NotFound {
        ("SF_CLI_MISSING", "there is no `sf` on the PATH".to_owned())
    } else {
        ("SF_CLI", format!("`sf` cannot be started: {error}"))
    };
    Error::SignIn {
        way: WAY,
        code: code.to_owned(),
        what,
        help: "install the Salesforce CLI, or sign in by another way".to_owned(),
    }
}

fn unreadable(what: &str) -> Error {
    Error::SignIn {
        way: WAY,
        code: "SF_CLI".to_owned(),
        what: what.to_owned(),
        help: "run `sf org display --json` to see what it says".to_owned(),
    }
}
