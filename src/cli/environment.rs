//! The environment variables, read once and at one place.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

/// What the process was started with. Many of its values are secrets, so it cannot be printed.
pub(super) struct Environment {
    variables: BTreeMap<String, SecretString>,
}

/// Variables that a command looks at, beside those that start with `PORTALCTL_`.
const KNOWN: [&str; 18] = [
    "SF_TARGET_ORG",
    "SF_ACCESS_TOKEN",
    "SF_ORG_INSTANCE_URL",
    "SF_INSTANCE_URL",
    "SF_AUDIENCE_URL",
    "SFDX_AUTH_URL",
    "SSL_CERT_FILE",
    "NO_COLOR",
    "TERM",
    "CI",
    "USER",
    "LOGNAME",
    "GITHUB_ACTOR",
    "GITHUB_OUTPUT",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "GITLAB_USER_LOGIN",
    "BUILD_REQUESTEDFOREMAIL",
];
/// The program's own; `PORTALCTL_PROD_CLIENT_ID` is that of org `prod`.
const OWN: &str = "PORTALCTL_";

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "this is the place where it is read")]
    pub(super) fn of_the_process() -> Self {
        let ours = |name: &str| name.starts_with(OWN) || KNOWN.contains(&name);
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| ours(name))?;
            Some((name, SecretString::from(value.into_string().ok()?)))
        });
        Self { variables: variables.collect() }
    }

    /// A variable that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.expose_secret();
        (!value.trim().is_empty()).then_some(value)
    }

    /// A secret that is set to something.
    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(|value| SecretString::from(value.trim()))
    }

    /// Who starts the program: the pipeline's actor, else the user of the operating system.
    pub(super) fn actor(&self) -> Option<&str> {
        ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOREMAIL", "USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| self.get(name))
    }

    #[cfg(test)]
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).into());
        Self { variables: variables.iter().map(pair).collect() }
    }
}
