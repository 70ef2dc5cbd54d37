//! `portalctl plan`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::config::Loaded;
use crate::model::{Project, Rule, Scope, Today};
use crate::org;
use crate::plan::{Plan, Request, diff};
use crate::render::{self, Detail, Styles};

use super::args::{Format, Global, PlanArgs, ReportFile};
use super::connect::{self, Connection};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output, write_file};
use super::project;
use super::target;

/// A plan, and what it was made with.
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) connection: Connection,
}

pub(super) async fn run(
    global: &Global,
    args: &PlanArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let made = make(global, &args.allow, environment, output).await?;
    let text = render_plan(global, &made.plan, global.format(), &output.out)?;
    output::result(&text)?;
    for file in &args.report {
        write_plan(global, &made.plan, file)?;
    }
    Ok(if made.plan.is_blocked() {
        Exit::Blocked
    } else if args.detailed_exitcode && made.plan.has_changes() {
        Exit::Changes
    } else {
        Exit::Done
    })
}

/// Loads the files, reads the org, and plans.
pub(super) async fn make(
    global: &Global,
    allow: &[(Rule, u64)],
    environment: &Environment,
    output: &Output,
) -> Result<Made, Failure> {
    let (loaded, project) = project::load(global, output)?;
    let target = target::choose(global, &project, environment)?;
    let connection = connect::connect(global, &project, &loaded.root, &target, environment).await?;
    let request = Request {
        project: project.name.clone(),
        org: target.name.clone(),
        username_suffix: target.username_suffix.clone(),
        email: target.email,
        allow: exceptions(allow)?,
        today: today(global),
    };
    let plan = read_and_diff(&loaded, &project, &connection, &request).await?;
    Ok(Made { plan, connection })
}

async fn read_and_diff(
    loaded: &Loaded,
    project: &Project,
    connection: &Connection,
    request: &Request,
) -> Result<Plan, Failure> {
    let scope = Scope::of(&loaded.desired, &request.username_suffix);
    let reader = connection.client.reader();
    let current = org::read(&reader, &scope, connection.org.clone(), connection.user.clone())
        .await
        .map_err(|error| connect::read_failed(&error))?;
    Ok(diff(&loaded.desired, &current, &project.policy, request))
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

/// The plan in a format.
pub(super) fn render_plan(
    global: &Global,
    plan: &Plan,
    format: Format,
    styles: &Styles,
) -> Result<String, Failure> {
    Ok(match format {
        Format::Json => render::json::plan(plan)?,
        Format::Text => {
            let detail = if global.verbose { Detail::Full } else { Detail::Auto };
            let mut text = String::new();
            render::plan(&mut text, plan, detail, styles)?;
            text
        }
    })
}

fn write_plan(global: &Global, plan: &Plan, file: &ReportFile) -> Result<(), Failure> {
    let text = render_plan(global, plan, file.format, &Styles::new(false))?;
    write_file(&file.path, &text)
}
