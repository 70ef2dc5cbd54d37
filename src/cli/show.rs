//! `portalctl show`: a saved plan as it was shown when it was made, offline.

use super::args::{Global, ShowArgs};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::present::Present;
use super::{project, saved};

pub(super) fn run(
    global: &Global,
    args: &ShowArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let saved = saved::read(&args.plan)?;
    let present = Present::new(global, environment, &project::folder(global));
    let view = present.view(&saved.plan);
    output::result(&present.plan(&view, global.format(), &output.out)?)?;
    present.plan_files(&view, &args.report)?;
    Ok(Exit::Done)
}
