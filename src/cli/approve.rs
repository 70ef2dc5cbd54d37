//! The question before the first write: asked on a terminal, answered in full, refused without one.

use std::io::{self, BufRead, IsTerminal};

use crate::model::Rule;
use crate::plan::{Action, Plan};
use crate::render::{count, escape};

use super::apply::lifted;
use super::args::ApplyArgs;
use super::error::Failure;
use super::output;

/// Lets the apply go on, or says why not.
pub(super) fn approve(args: &ApplyArgs, plan: &Plan) -> Result<(), Failure> {
    if args.auto_approve {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::blocked("nobody can be asked: standard input is not a terminal")
            .hint("review the plan, then run again with `--auto-approve`; nothing was written"));
    }
    let wanted = lifted(args, Rule::Deactivations)
        .map_or_else(|| "yes".to_owned(), |number| number.to_string());
    output::ask(&question(plan, &wanted))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == wanted {
        return Ok(());
    }
    Err(Failure::blocked("not approved; nothing was written"))
}

fn question(plan: &Plan, wanted: &str) -> String {
    let deactivations = plan.count(Action::Deactivate) + plan.count(Action::Freeze);
    format!(
        "\nApply {} to org `{}` at {}, {} losing access?\nType `{wanted}` to go on: ",
        count(plan.ready().count(), "change"),
        escape::terminal(&plan.org.name),
        escape::terminal(&plan.org.instance_url),
        count(deactivations, "user"),
    )
}
