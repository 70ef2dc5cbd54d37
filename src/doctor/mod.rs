//! What was looked at → checks: whether this login can do the job, whether the org is ready, whether
//! these people can sign in. Pure, and no second judge: what the planner has found is grouped here,
//! and what only a look at the login or the org tells is judged here.

mod finding;
mod login;
mod people;
mod readiness;
mod rights;

use crate::model::{ApiVersion, Desired, Diagnostic, Org, Policy, ProjectName, Scope, Username};
use crate::org::Examination;
use crate::plan::Plan;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Whether the files are right.
    Files,
    /// Whether this login can do the job.
    Login,
    /// Whether the org is ready.
    Org,
    /// Whether these people can sign in.
    People,
}

impl Group {
    /// Every group, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Files, Self::Login, Self::Org, Self::People];
}

/// How a check ended, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Nobody here can tell.
    Unknown,
    /// It deserves a look.
    Warn,
    /// It has to be mended.
    Fail,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it belongs to.
    pub group: Group,
    /// Its name, which stays the same.
    pub id: String,
    /// How it ended.
    pub status: Status,
    /// What was found, as a fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// How many people it concerns.
    pub count: Option<usize>,
    /// The first of them, as declared.
    pub usernames: Vec<Username>,
    /// What people are told besides: it moves by looking, so scripts are not.
    pub aside: Option<String>,
}

impl Check {
    fn new(group: Group, id: &str, status: Status, message: impl Into<String>) -> Self {
        Self {
            group,
            id: id.to_owned(),
            status,
            message: message.into(),
            help: None,
            count: None,
            usernames: Vec::new(),
            aside: None,
        }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    fn about(self, people: &[Username]) -> Self {
        Self {
            count: Some(people.len()),
            usernames: people.iter().take(NAMED).cloned().collect(),
            ..self
        }
    }
}

/// How many people are named.
const NAMED: usize = 5;

/// What was found out about the files.
#[derive(Clone, Copy, Debug)]
pub struct Files {
    /// What has to be mended.
    pub errors: usize,
    /// What deserves a look.
    pub warnings: usize,
    /// Users who are declared and could be read.
    pub users: usize,
}

/// Why there was nothing to look at.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// portalctl.toml does not say where to look.
    NoProject,
    /// Nobody could sign in.
    NoLogin {
        /// What went wrong.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Another org answered.
    OtherOrg {
        /// Which.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
}

/// A login and what it found.
#[derive(Debug)]
pub struct Connected<'a> {
    /// The way in which it signed in.
    pub way: &'static str,
    /// The API version that is spoken.
    pub version: ApiVersion,
    /// Whether the project asks for that version.
    pub version_is_set: bool,
    /// API calls, where the org tells of them.
    pub calls: Option<Calls>,
    /// The org.
    pub org: &'a Org,
    /// The org's name in the project.
    pub name: &'a str,
    /// What it adds to usernames.
    pub username_suffix: &'a str,
    /// How sure it is that no other org can answer.
    pub pin: Pin,
    /// The login is one that only plans.
    pub plan_only: bool,
    /// What is declared.
    pub desired: &'a Desired,
    /// What a plan looks for.
    pub scope: &'a Scope<'a>,
    /// What steers a plan.
    pub policy: &'a Policy,
    /// What the org answered.
    pub found: &'a Examination,
    /// The plan, if the files are right and enough could be read.
    pub plan: Option<&'a Plan>,
    /// What the planner has to say.
    pub diagnostics: &'a [Diagnostic],
}

/// API calls of 24 hours.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Those that are left.
    pub left: u64,
    /// All of them.
    pub day: u64,
    /// Both in words.
    pub told: String,
}

/// Whether the org has to have a certain id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// `org_id` or `--org-id` is given.
    Given,
    /// None is given.
    Missing,
    /// None is needed: the org is an emulator, or no table is about it.
    Needless,
}

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The project, if portalctl.toml could be read.
    pub project: Option<ProjectName>,
    /// The org's name in the project, if it answered, with the org and who is signed in.
    pub org: Option<(String, Org, Option<Username>)>,
    /// The checks, by group.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// How many checks ended so.
    pub fn count(&self, status: Status) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }
}

/// The checks.
pub fn checks(files: Files, connected: Result<&Connected<'_>, &Trouble>) -> Vec<Check> {
    let mut checks = vec![about_files(files)];
    match connected {
        Ok(seen) => {
            checks.extend(login::checks(seen));
            checks.extend(readiness::checks(seen));
            checks.extend(people::checks(seen, files.errors > 0));
        }
        Err(trouble) => checks.extend(without(trouble)),
    }
    checks
}

fn about_files(files: Files) -> Check {
    let check = |status, message: String| Check::new(Group::Files, "files", status, message);
    match (files.errors, files.warnings) {
        (0, 0) => check(Status::Ok, format!("{} declared", count(files.users, "user"))),
        (0, warnings) => check(
            Status::Warn,
            format!("{} declared, {}", count(files.users, "user"), count(warnings, "warning")),
        )
        .help("run `portalctl validate`"),
        (errors, _) => check(Status::Fail, count(errors, "error")).help(
            "run `portalctl validate`, which says where; people are not looked at until then",
        ),
    }
}

/// What is left to say where nothing could be looked at.
fn without(trouble: &Trouble) -> [Check; 3] {
    let unseen = |group, id, why: &str| {
        Check::new(group, id, Status::Unknown, format!("not looked at: {why}"))
            .help("mend what fails, and run it again")
    };
    let failed = |group, id, message: &str, help: &Option<String>| {
        Check::new(group, id, Status::Fail, message).maybe_help(help.clone())
    };
    match trouble {
        Trouble::NoProject => {
            let why = "portalctl.toml says where to sign in, and has errors";
            [
                unseen(Group::Login, "sign-in", why),
                unseen(Group::Org, "org", why),
                unseen(Group::People, "people", why),
            ]
        }
        Trouble::NoLogin { message, help } => [
            failed(Group::Login, "sign-in", message, help),
            unseen(Group::Org, "org", "nobody could sign in"),
            unseen(Group::People, "people", "nobody could sign in"),
        ],
        Trouble::OtherOrg { message, help } => [
            unseen(Group::Login, "sign-in", "another org answered"),
            failed(Group::Org, "org-id", message, help),
            unseen(Group::People, "people", "another org answered"),
        ],
    }
}

/// `1 user`, `2 users`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
