//! `portalctl plan`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::config::Loaded;
use crate::model::{Current, Project, Rule, Scope, Today};
use crate::org;
use crate::plan::{Plan, Request, declare, diff, policy_of_revert};
use crate::render::markdown;
use crate::saved::{Applied, Flags, Saved};

use super::args::{Global, PlanArgs, SelectionArgs};
use super::connect::{self, Connection};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::present::Present;
use super::project::{self, Chosen, Purpose};
use super::saved;
use super::target::Target;

/// A plan, and what it was made with.
pub(super) struct Made {
    pub(super) plan: Plan,
    pub(super) connection: Connection,
    pub(super) loaded: Loaded,
    pub(super) project: Project,
    /// What was read.
    pub(super) current: Current,
    pub(super) request: Request,
}

/// What a plan is made for.
pub(super) struct Asked<'a> {
    pub(super) flags: &'a Flags,
    /// The plan that it is going to be compared with.
    pub(super) reviewed: Option<&'a Saved>,
    /// The apply whose inverse is planned, in the place of the declarations.
    pub(super) applied: Option<&'a Applied>,
}

pub(super) async fn run(
    global: &Global,
    args: &PlanArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let flags = flags(&args.allow, &args.selection)?;
    let asked = Asked { flags: &flags, reviewed: None, applied: None };
    let made = make(global, &asked, environment, output).await?;
    let present = Present::new(global, environment, &made.loaded.root);
    let view = present.view(&made.plan);
    output::result_by(|out| present.plan_to(out, &view, (global.format(), &output.out)))?;
    present.plan_files(&view, &args.report)?;
    if let Some(path) = &args.out {
        saved::write(path, &made.plan, &flags, (&made.loaded, &made.project))?;
    }
    present.plan_outputs(&view)?;
    present.summary(|limit| markdown::plan(&view, limit))?;
    let exit = if made.plan.is_blocked() {
        Exit::Blocked
    } else if args.detailed_exitcode && made.plan.has_changes() {
        Exit::Changes
    } else {
        Exit::Done
    };
    // The process ends with this: to take a million people apart again is time for nothing.
    std::mem::forget((made.loaded, made.current));
    Ok(exit)
}

/// Loads the files, reads the org, and plans.
pub(super) async fn make(
    global: &Global,
    asked: &Asked<'_>,
    environment: &Environment,
    output: &Output,
) -> Result<Made, Failure> {
    made(global, (asked, |scope| scope), environment, output).await
}

/// The plan for everybody, and what else people can do in the org.
pub(super) async fn make_for_review(
    global: &Global,
    environment: &Environment,
    output: &Output,
) -> Result<Made, Failure> {
    let flags = flags(&[], &SelectionArgs::default())?;
    let asked = Asked { flags: &flags, reviewed: None, applied: None };
    made(global, (&asked, |scope| scope.for_review()), environment, output).await
}

async fn made(
    global: &Global,
    (asked, widen): (&Asked<'_>, fn(Scope<'_>) -> Scope<'_>),
    environment: &Environment,
    output: &Output,
) -> Result<Made, Failure> {
    let planned = asked
        .reviewed
        .map(|reviewed| reviewed.plan.org.name.as_str())
        .or_else(|| asked.applied.map(|applied| applied.org_name.as_str()));
    let Chosen { loaded, project, target, .. } =
        project::load(global, environment, output, Purpose::Plan(planned))?;
    let connection = connect::connect(global, &project, &loaded.root, &target, environment).await?;
    if let Some(reviewed) = asked.reviewed {
        saved::check_org(reviewed, &connection.org)?;
    }
    if let Some(applied) = asked.applied {
        saved::check_applied(applied, &project, &connection.org)?;
    }
    let request = request(global, &project, &target, asked.flags);
    let (plan, current) = match asked.applied {
        Some(applied) => inverse(applied, &project, &connection, &request).await?,
        None => {
            let policy = &project.policy;
            let scope = Scope::of(&loaded.desired, policy, &request.username_suffix);
            let current = read(&widen(scope), &connection).await?;
            (diff(&loaded.desired, &current, policy, &request), current)
        }
    };
    if asked.reviewed.is_none() {
        refuse_unmatched(&plan.unmatched_targets)?;
    }
    output.say(&connection.usage())?;
    Ok(Made { plan, connection, loaded, project, current, request })
}

/// What a plan is made with, beside the two states and the policy.
pub(super) fn request(
    global: &Global,
    project: &Project,
    target: &Target,
    flags: &Flags,
) -> Request {
    Request {
        project: project.name.clone(),
        org: target.name.clone(),
        username_suffix: target.username_suffix.clone(),
        email: target.email,
        allow: flags.allow.clone(),
        selection: flags.selection.clone(),
        today: today(global),
    }
}

async fn read(scope: &Scope<'_>, connection: &Connection) -> Result<Current, Failure> {
    let reader = connection.client.reader();
    org::read(&reader, scope, connection.org.clone())
        .await
        .map_err(|error| connect::read_failed(&error))
}

/// Plans the inverse of an apply.
async fn inverse(
    applied: &Applied,
    project: &Project,
    connection: &Connection,
    request: &Request,
) -> Result<(Plan, Current), Failure> {
    let suffix = &request.username_suffix;
    let policy = policy_of_revert(&project.policy);
    let (needed, _) = declare(&applied.undos, None, suffix);
    let current = read(&Scope::of(&needed, &policy, suffix), connection).await?;
    let (desired, found) = declare(&applied.undos, Some(&current), suffix);
    let mut plan = diff(&desired, &current, &policy, request);
    plan.diagnostics.extend(found);
    Ok((plan, current))
}

/// A target that fits nobody is most likely misspelt, and nothing would look like no changes.
pub(super) fn refuse_unmatched(targets: &[String]) -> Result<(), Failure> {
    let targets: Vec<String> = targets.iter().map(|target| format!("`{target}`")).collect();
    if targets.is_empty() {
        return Ok(());
    }
    Err(Failure::error(anyhow::anyhow!("--target matches nothing: {}", targets.join(", ")))
        .hint("targets are globs over usernames, accounts and user files"))
}

/// The flags that shape a plan.
pub(super) fn flags(allow: &[(Rule, u64)], selection: &SelectionArgs) -> Result<Flags, Failure> {
    let mut exceptions = BTreeMap::new();
    for (rule, count) in allow {
        if exceptions.insert(*rule, *count).is_some() {
            return Err(Failure::usage(format!("`--allow {}` is given twice", rule.as_str())));
        }
    }
    Ok(Flags { allow: exceptions, selection: selection.selection() })
}

#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub(super) fn today(global: &Global) -> Today {
    global.today.map_or_else(|| Today::At(Timestamp::now()), Today::Fixed)
}
