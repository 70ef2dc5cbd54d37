//! `portalctl licenses`.

use crate::plan::forecast;
use crate::render::{self, escape};

use super::args::{Format, Global, LicensesArgs, SelectionArgs};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::plan::{self, Asked, Made};
use super::present::Present;

pub(super) async fn run(
    global: &Global,
    args: &LicensesArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    if let Format::Html | Format::Github | Format::Csv = global.format() {
        return Err(Failure::usage("`licenses` has no such format")
            .hint("the formats are text, json and markdown"));
    }
    let today = plan::today(global).in_gmt();
    if let Some(until) = args.until.filter(|until| *until < today) {
        return Err(Failure::usage(format!("`--until {until}` is before today, {today}")));
    }
    let flags = plan::flags(&[], &SelectionArgs::default())?;
    let asked = Asked { flags: &flags, reviewed: None, applied: None };
    let Made { plan, loaded, project, current, request, .. } =
        plan::make(global, &asked, environment, output).await?;
    let desired = &loaded.desired;
    let ahead = forecast((desired, &current), &project.policy, &request, &plan, args.until);
    let present = Present::new(global, environment, &loaded.root);
    output::result(&present.licenses(&present.view(&plan), &ahead, &output.out)?)?;
    let Some(warn_at) = args.warn_at else { return Ok(Exit::Done) };
    let mut exit = Exit::Done;
    for license in &ahead.licenses {
        if let Some(warning) = render::warning(license, warn_at) {
            let label = output.err.warning.apply_to("warning:");
            output.say(&format!("{label} {}\n", escape::terminal(&warning)))?;
            exit = Exit::Changes;
        }
    }
    Ok(exit)
}
