//! `portalctl apply`.

use crate::apply::{Event, OnFailure, Report, execute};
use crate::model::Rule;
use crate::plan::Plan;
use crate::render::json::ReportContext;
use crate::render::{self, Styles, counted};

use super::approve;
use super::args::{ApplyArgs, Format, Global};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output, write_file};
use super::plan::{self, Made};

pub(super) async fn run(
    global: &Global,
    args: &ApplyArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let made = plan::make(global, &args.allow, environment, output).await?;
    if global.today.is_some() && !made.connection.rehearsal {
        return Err(Failure::usage("`--today` cannot be applied to a real org")
            .hint("leave it out, or rehearse on the emulator"));
    }
    show(global, &made.plan, output)?;
    if let Some(exit) = settled(args, &made.plan)? {
        return Ok(exit);
    }
    approve::approve(args, &made.plan)?;
    carry_out(global, args, made, environment, output).await
}

/// The plan goes to standard output, unless that is kept for the report.
fn show(global: &Global, plan: &Plan, output: &Output) -> Result<(), Failure> {
    match global.format() {
        Format::Text => {
            let text = plan::render_plan(global, plan, Format::Text, &output.out)?;
            output::result(&text)
        }
        Format::Json => {
            let text = plan::render_plan(global, plan, Format::Text, &output.err)?;
            output.say(&text)
        }
    }
}

/// The exit of a plan that needs, or allows, no apply.
fn settled(args: &ApplyArgs, plan: &Plan) -> Result<Option<Exit>, Failure> {
    let refuse = |why: &str| {
        output::ask(&format!("\nNothing was written: {why}.\n"))?;
        Ok(Some(Exit::Blocked))
    };
    if !plan.blockers.is_empty() {
        return refuse("the plan is blocked as a whole");
    }
    if args.fail_fast && plan.is_blocked() {
        return refuse("a user is blocked and `--fail-fast` is given");
    }
    if !plan.has_changes() {
        return if plan.is_blocked() {
            refuse("all that is left is blocked")
        } else {
            Ok(Some(Exit::Done))
        };
    }
    Ok(None)
}

async fn carry_out(
    global: &Global,
    args: &ApplyArgs,
    made: Made,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let on_failure = if args.fail_fast { OnFailure::Stop } else { OnFailure::GoOn };
    let writer = made.connection.client.writer();
    let mut told = Ok(());
    let report = execute(&made.plan, &writer, on_failure, &mut |event| {
        if let Event::Step { what, records } = event {
            let line = format!("{what}: {}\n", counted(records, "record", "records"));
            told = output.say(&line);
        }
    })
    .await;
    #[cfg(feature = "emulator")]
    if let Some(embedded) = &made.connection.embedded {
        embedded.save()?;
    }
    told?;
    let context = ReportContext { reason: args.reason.as_deref(), approver: environment.actor() };
    let text =
        |format, styles: &Styles| render_report(&made.plan, &report, &context, (format, styles));
    for file in &args.report {
        write_file(&file.path, &text(file.format, &Styles::new(false))?)?;
    }
    let result = text(global.format(), &output.out)?;
    output::result(&result)?;
    Ok(exit(&report))
}

fn render_report(
    plan: &Plan,
    report: &Report,
    context: &ReportContext<'_>,
    how: (Format, &Styles),
) -> Result<String, Failure> {
    Ok(match how {
        (Format::Json, _) => render::json::report(plan, report, context)?,
        (Format::Text, styles) => {
            let mut text = String::new();
            render::report(&mut text, plan, report, styles)?;
            text
        }
    })
}

/// Everything done, 0; something written and something not, 68; every write refused, 1.
fn exit(report: &Report) -> Exit {
    if report.failed() == 0 && report.skipped() == 0 {
        Exit::Done
    } else if report.wrote() {
        Exit::Partial
    } else if report.failed() > 0 {
        Exit::Error
    } else {
        Exit::Blocked
    }
}

/// The rules that were lifted for this run.
pub(super) fn lifted(args: &ApplyArgs, rule: Rule) -> Option<u64> {
    args.allow.iter().find(|(allowed, _)| *allowed == rule).map(|(_, count)| *count)
}
