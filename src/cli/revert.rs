//! `portalctl revert`.

use super::apply::{Apply, Views, check_day};
use super::args::{Global, RevertArgs, SelectionArgs};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::Output;
use super::plan::{self, Asked};
use super::present::Present;
use super::saved;

pub(super) async fn run(
    global: &Global,
    args: &RevertArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let applied = saved::read_report(&args.applied)?;
    let flags = plan::flags(&args.approval.allow, &SelectionArgs::default())?;
    let asked = Asked { flags: &flags, reviewed: None, applied: Some(&applied) };
    let made = plan::make(global, &asked, environment, output).await?;
    check_day(global, &made)?;
    let present = Present::new(global, environment, &made.loaded.root);
    let args = &args.approval;
    let apply = Apply { global, args, environment, output, present: &present };
    let view = present.view(&made.plan);
    apply.show(&view)?;
    present.plan_outputs(&view)?;
    apply.go_on(&made, None, &flags, Views { fresh: &view, planned: &view }).await
}
