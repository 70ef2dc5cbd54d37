//! The question before the first write: asked on a terminal, answered in full, refused without one.

use std::io::{self, BufRead, IsTerminal};

use crate::model::Rule;
use crate::plan::{Action, Plan};
use crate::render::{count, escape};
use crate::saved::Flags;

use super::apply::lifted;
use super::args::ApprovalArgs;
use super::error::Failure;
use super::output;

/// Lets the apply go on, or says why not.
pub(super) fn approve(args: &ApprovalArgs, plan: &Plan, flags: &Flags) -> Result<(), Failure> {
    if args.auto_approve {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::blocked("nobody can be asked: standard input is not a terminal")
            .hint("review the plan, then run again with `--auto-approve`; nothing was written"));
    }
    let wanted = lifted(flags, Rule::Deactivations)
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
    let counts: Vec<String> = Action::ALL
        .iter()
        .map(|action| (plan.count(*action), action.as_str()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} to {word}"))
        .collect();
    let losing = match plan.count(Action::Deactivate) + plan.count(Action::Freeze) {
        0 => String::new(),
        number => format!("{} can no longer sign in afterwards.\n", count(number, "user")),
    };
    if plan.invitation.is_some() {
        return format!(
            "\nMail {} a link by org `{}` at {}? A link that was sent cannot be taken back.\nType `{wanted}` to go on: ",
            count(plan.ready().count(), "user"),
            escape::terminal(&plan.org.name),
            escape::terminal(&plan.org.instance_url),
        );
    }
    format!(
        "\nApply {} ({}) to org `{}` at {}?\n{losing}Type `{wanted}` to go on: ",
        count(plan.ready().count(), "change"),
        counts.join(", "),
        escape::terminal(&plan.org.name),
        escape::terminal(&plan.org.instance_url),
    )
}
