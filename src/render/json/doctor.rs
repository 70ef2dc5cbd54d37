//! Checks → JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::doctor::{Check, Diagnosis, Group, Status};
use crate::model::{ProjectName, Username};

/// What `portalctl doctor --json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "portalctl doctor")]
pub struct DoctorDocument<'a> {
    /// Version of this format. Keys are added in minor versions and removed only in major ones.
    format_version: &'static str,
    /// Version of the program.
    tool_version: &'static str,
    /// `[project] name`; `null`, if portalctl.toml does not say.
    project: Option<&'a str>,
    /// The org that was looked at; `null`, if none answered.
    org: Option<Org<'a>>,
    /// How many checks ended how.
    summary: Summary,
    /// The checks, by group.
    checks: Vec<Entry<'a>>,
}

/// The org.
#[derive(Serialize, JsonSchema)]
struct Org<'a> {
    /// Its name in the project, or `env`.
    name: &'a str,
    /// Its id, 18 characters.
    id: &'a str,
    /// Where its API is.
    instance_url: &'a str,
    /// Whether it is a sandbox or scratch org.
    is_sandbox: bool,
    /// The user that the program signed in as; `null`, if the org does not say.
    user: Option<&'a str>,
}

/// Numbers of checks.
#[derive(Serialize, JsonSchema)]
struct Summary {
    ok: usize,
    warn: usize,
    fail: usize,
    unknown: usize,
}

/// One check.
#[derive(Serialize, JsonSchema)]
struct Entry<'a> {
    /// What it belongs to.
    group: GroupWord,
    /// Its name, which stays the same: lower case, with hyphens.
    id: &'a str,
    /// How it ended. Only `fail` makes the exit status 1.
    status: StatusWord,
    /// What was found.
    message: &'a str,
    /// What to do about it.
    help: Option<&'a str>,
    /// How many people it concerns, where it concerns people.
    count: Option<usize>,
    /// The first of them, as declared.
    usernames: Vec<&'a str>,
}

/// What a check belongs to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum GroupWord {
    Files,
    Login,
    Org,
    People,
}

/// How a check ended.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum StatusWord {
    Ok,
    Warn,
    Fail,
    Unknown,
}

impl<'a> DoctorDocument<'a> {
    pub(super) fn of(diagnosis: &'a Diagnosis) -> Self {
        let org = diagnosis.org.as_ref().map(|(name, org, user)| Org {
            name,
            id: org.id.as_str(),
            instance_url: &org.instance_url,
            is_sandbox: org.is_sandbox,
            user: user.as_ref().map(Username::as_str),
        });
        Self {
            format_version: super::FORMAT_VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            project: diagnosis.project.as_ref().map(ProjectName::as_str),
            org,
            summary: Summary {
                ok: diagnosis.count(Status::Ok),
                warn: diagnosis.count(Status::Warn),
                fail: diagnosis.count(Status::Fail),
                unknown: diagnosis.count(Status::Unknown),
            },
            checks: diagnosis.checks.iter().map(Entry::of).collect(),
        }
    }
}

impl<'a> Entry<'a> {
    fn of(check: &'a Check) -> Self {
        Self {
            group: match check.group {
                Group::Files => GroupWord::Files,
                Group::Login => GroupWord::Login,
                Group::Org => GroupWord::Org,
                Group::People => GroupWord::People,
            },
            id: &check.id,
            status: match check.status {
                Status::Ok => StatusWord::Ok,
                Status::Warn => StatusWord::Warn,
                Status::Fail => StatusWord::Fail,
                Status::Unknown => StatusWord::Unknown,
            },
            message: &check.message,
            help: check.help.as_deref(),
            count: check.count,
            usernames: check.usernames.iter().map(Username::as_str).collect(),
        }
    }
}
