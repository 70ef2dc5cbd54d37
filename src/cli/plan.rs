//! `portalctl plan`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::config::Loaded;
use crate::model::{Current, Desired, Rule, Scope, Today};
use crate::org;
use crate::plan::{Plan, Request, diff};
use crate::render::markdown;

use super::args::{Global, PlanArgs};
use super::connect::{self, Connection};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::present::Present;
use super::project::{self, Chosen};

/// A plan, and what it was made with.
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) connection: Connection,
    /// The project's folder.
    pub(super) root: PathBuf,
}

pub(super) async fn run(
    global: &Global,
    args: &PlanArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let made = make(global, &args.allow, environment, output).await?;
    let present = Present::new(global, environment, &made.root);
    let view = present.view(&made.plan);
    output::result(&present.plan(&view, global.format(), &output.out)?)?;
    present.plan_files(&view, &args.report)?;
    present.plan_outputs(&view)?;
    present.summary(|limit| markdown::plan(&view, limit))?;
    Ok(if made.plan.is_blocked() {
        Exit::Blocked
    } else if args.detailed_exitcode && made.plan.has_changes() {
        Exit::Changes
    } else {
        Exit::Done
    })
}

/// The project and the org, compared.
pub(super) struct Compared {
    pub(super) plan: Plan,
    pub(super) desired: Desired,
    pub(super) current: Current,
    pub(super) request: Request,
    pub(super) connection: Connection,
    pub(super) root: PathBuf,
}

/// Loads the files, reads the org, and plans.
pub(super) async fn make(
    global: &Global,
    allow: &[(Rule, u64)],
    environment: &Environment,
    output: &Output,
) -> Result<Made, Failure> {
    let compared = compare(global, allow, environment, output).await?;
    Ok(Made { plan: compared.plan, connection: compared.connection, root: compared.root })
}

/// The same, with what was compared.
pub(super) async fn compare(
    global: &Global,
    allow: &[(Rule, u64)],
    environment: &Environment,
    output: &Output,
) -> Result<Compared, Failure> {
    let Chosen { loaded, project, target } = project::load(global, environment, output)?;
    let connection = connect::connect(global, &project, &loaded.root, &target, environment).await?;
    let request = Request {
        project: project.name.clone(),
        org: target.name.clone(),
        username_suffix: target.username_suffix.clone(),
        email: target.email,
        allow: exceptions(allow)?,
        today: today(global),
    };
    let current = read(&loaded, &connection, &request).await?;
    let plan = diff(&loaded.desired, &current, &project.policy, &request);
    output.say(&connection.usage())?;
    Ok(Compared { plan, desired: loaded.desired, current, request, connection, root: loaded.root })
}

async fn read(
    loaded: &Loaded,
    connection: &Connection,
    request: &Request,
) -> Result<Current, Failure> {
    let scope = Scope::of(&loaded.desired, &request.username_suffix);
    let reader = connection.client.reader();
    org::read(&reader, &scope, connection.org.clone(), connection.user.clone())
        .await
        .map_err(|error| connect::read_failed(&error))
}

fn exceptions(allow: &[(Rule, u64)]) -> Result<BTreeMap<Rule, u64>, Failure> {
    let mut exceptions = BTreeMap::new();
    for (rule, count) in allow {
        if exceptions.insert(*rule, *count).is_some() {
            return Err(Failure::usage(format!("`--allow {}` is given twice", rule.as_str())));
        }
    }
    Ok(exceptions)
}

#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
fn today(global: &Global) -> Today {
    global.today.map_or_else(|| Today::At(Timestamp::now()), Today::Fixed)
}
