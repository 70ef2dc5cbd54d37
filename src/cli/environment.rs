//! The environment variables, read once and at one place.

use std::collections::BTreeMap;

use secrecy::SecretString;

/// What the process was started with.
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
}

/// Variables that a command looks at. Others are never read.
const KNOWN: [&str; 15] = [
    "SF_TARGET_ORG",
    "SF_ACCESS_TOKEN",
    "SF_ORG_INSTANCE_URL",
    "SF_INSTANCE_URL",
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

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "this is the place where it is read")]
    pub(super) fn of_the_process() -> Self {
        let read = |name: &&str| Some(((*name).to_owned(), std::env::var(name).ok()?));
        Self { variables: KNOWN.iter().filter_map(read).collect() }
    }

    /// A variable that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A token and the instance it is for, if both are given.
    pub(super) fn token(&self) -> Option<(SecretString, String)> {
        let token = self.get("SF_ACCESS_TOKEN")?;
        let url = self.get("SF_ORG_INSTANCE_URL").or_else(|| self.get("SF_INSTANCE_URL"))?;
        Some((SecretString::from(token), url.to_owned()))
    }

    /// Who starts the program: the pipeline's actor, else the user of the operating system.
    pub(super) fn actor(&self) -> Option<&str> {
        ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOREMAIL", "USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| self.get(name))
    }
}
