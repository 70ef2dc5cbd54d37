//! Saved plans: `plan --out FILE` writes one, `show FILE` shows it, `apply FILE` goes by it.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::config::Loaded;
use crate::model::{Org, Project, Rule};
use crate::plan::{Plan, unreviewed};
use crate::render::{self, View};
use crate::saved::{Applied, Declared, Edited, Flags, Saved, Unusable};

use super::error::Failure;
use super::output::{self, write_file};

/// Writes a plan for a later apply.
pub(super) fn write(
    path: &Path,
    plan: &Plan,
    flags: &Flags,
    (loaded, project): (&Loaded, &Project),
) -> Result<(), Failure> {
    let declared = Declared::of(plan, &loaded.desired, &project.policy);
    let saved = Saved { plan: plan.clone(), flags: flags.clone(), declared };
    let shown = render::json::plan_value(&View::whole(plan))?;
    write_file(path, &saved.write(&shown)?)
}

/// Reads a plan that was written before.
pub(super) fn read(path: &Path) -> Result<Saved, Failure> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the plan `{}`", path.display()))
        .map_err(Failure::error)?;
    Saved::read(&text).map_err(|why| {
        let failure = match &why {
            Unusable::Edited => Failure::blocked(why.to_string()),
            Unusable::Unreadable(..) | Unusable::Format { .. } => {
                Failure::error(anyhow::anyhow!("{why}"))
            }
        };
        failure
            .context(format!("cannot use the plan `{}`", path.display()))
            .hint("make a new one by `portalctl plan --out FILE`; nothing was written")
    })
}

/// Reads the report of an apply.
pub(super) fn read_report(path: &Path) -> Result<Applied, Failure> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the report `{}`", path.display()))
        .map_err(Failure::error)?;
    Applied::read(&text).map_err(|why| {
        Failure::error(anyhow::anyhow!("{why}"))
            .context(format!("cannot revert `{}`", path.display()))
            .hint("it takes what `portalctl apply --report json=FILE` wrote; nothing was written")
    })
}

/// Refuses a report on another project or org, before anything of this one is read.
pub(super) fn check_applied(
    applied: &Applied,
    project: &Project,
    org: &Org,
) -> Result<(), Failure> {
    if applied.org == org.id && applied.project == project.name.as_str() {
        return Ok(());
    }
    Err(Failure::blocked(format!(
        "the report is about project `{}` and org {}, this is project `{}` and org {}",
        applied.project, applied.org, project.name, org.id
    ))
    .hint("choose the project and org of the report; nothing was written"))
}

/// The flags that hold: the saved ones, and exceptions given now to exactly what was reviewed.
pub(super) fn flags(saved: &Saved, allow: &[(Rule, u64)]) -> Result<Flags, Failure> {
    let mut flags = saved.flags.clone();
    for (rule, count) in allow {
        let reviewed = saved.flags.allow.get(rule).copied().or_else(|| {
            let blocker = saved.plan.blockers.iter().find(|blocker| blocker.rule == *rule)?;
            Some(blocker.count)
        });
        if reviewed != Some(*count) {
            let has = reviewed.map_or_else(
                || "the reviewed plan does not break this rule".to_owned(),
                |count| format!("the reviewed plan counts {count}"),
            );
            return Err(Failure::blocked(format!(
                "`--allow {}={count}` is not for this plan: {has}",
                rule.as_str()
            ))
            .hint("nothing was written"));
        }
        flags.allow.insert(*rule, *count);
    }
    Ok(flags)
}

/// Refuses a plan that was made for another org, before anything of this one is read.
pub(super) fn check_org(saved: &Saved, org: &Org) -> Result<(), Failure> {
    let planned = &saved.plan.org;
    if planned.id == org.id {
        return Ok(());
    }
    Err(Failure::blocked(format!(
        "the plan was made for org {} (`{}` at {}), but {} answered at {}",
        planned.id, planned.name, planned.instance_url, org.id, org.instance_url
    ))
    .hint("choose the org that the plan is for, or make a plan for this one; nothing was written"))
}

/// Refuses to go on if anything is to be done that was not reviewed.
pub(super) fn check(
    saved: &Saved,
    fresh: &Plan,
    (loaded, project): (&Loaded, &Project),
) -> Result<(), Failure> {
    let mut differences: Vec<String> = saved
        .declared
        .edited(&saved.plan, &loaded.desired, &project.policy)
        .into_iter()
        .map(|edited| match edited {
            Edited::Settings => "the settings in portalctl.toml have changed".to_owned(),
            Edited::User(username) => format!("{username}: the declaration has changed"),
        })
        .collect();
    if saved.plan.project != fresh.project {
        differences.push(format!("it is a plan of project `{}`", saved.plan.project));
    }
    differences.extend(unreviewed(&saved.plan, fresh).iter().map(ToString::to_string));
    if differences.is_empty() {
        return Ok(());
    }
    let mut text = "\nSince the plan was reviewed:\n".to_owned();
    for difference in &differences {
        text.push_str("  ");
        text.push_str(&render::escape::terminal(difference));
        text.push('\n');
    }
    text.push('\n');
    output::ask(&text)?;
    Err(Failure::blocked("this is not the plan that was reviewed")
        .hint("make a new one by `portalctl plan --out FILE` and review it; nothing was written"))
}

/// A rule that was lifted for the reviewed plan is lifted for what is left of it.
pub(super) fn lift(plan: &mut Plan, flags: &Flags) {
    plan.blockers.retain(|blocker| {
        flags.allow.get(&blocker.rule).is_none_or(|reviewed| blocker.count > *reviewed)
    });
}

/// Refuses a plan with another digest.
pub(super) fn check_digest(expected: Option<&str>, found: &View<'_>) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected != found.digest() => Err(Failure::blocked(format!(
            "the plan has the digest {}, expected is {expected}",
            found.digest()
        ))
        .hint("review the plan that is shown above; nothing was written")),
        _ => Ok(()),
    }
}
