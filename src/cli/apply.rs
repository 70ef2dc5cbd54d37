//! `portalctl apply`.

use std::fs::OpenOptions;

use anyhow::Context;

use crate::apply::{Event, OnFailure, Report, execute};
use crate::model::Rule;
use crate::plan::Plan;
use crate::render::json::ReportContext;
use crate::render::{Styles, View, counted, markdown};

use super::approve;
use super::args::{ApplyArgs, Format, Global, ReportFile};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output, write_file};
use super::plan::{self, Made};
use super::present::Present;

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
    let present = Present::new(global, environment, &made.root);
    let view = present.view(&made.plan);
    show(&present, &view, global.format(), output)?;
    present.plan_outputs(&view)?;
    if let Some(exit) = settled(args, &made.plan)? {
        present.summary(|limit| markdown::plan(&view, limit))?;
        return Ok(exit);
    }
    made.connection.check_writable(&made.plan.org.name)?;
    approve::approve(args, &made.plan)?;
    can_be_written(&args.report)?;
    let report = carry_out(args, &made, output).await?;
    told(&Told { global, args, environment, output, present: &present }, &view, &report)?;
    output.say(&made.connection.usage())?;
    Ok(exit(&report))
}

/// The plan goes to standard output, unless that is kept for the report.
fn show(
    present: &Present<'_>,
    view: &View<'_>,
    format: Format,
    output: &Output,
) -> Result<(), Failure> {
    match format {
        Format::Text | Format::Github => {
            output::result(&present.plan(view, format, &output.out)?)
        }
        Format::Json | Format::Markdown | Format::Html => {
            output.say(&present.plan(view, Format::Text, &output.err)?)
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

async fn carry_out(args: &ApplyArgs, made: &Made, output: &Output) -> Result<Report, Failure> {
    let on_failure = if args.fail_fast { OnFailure::Stop } else { OnFailure::GoOn };
    let writer = made.connection.client.writer();
    let report = execute(&made.plan, &writer, on_failure, &mut |event| {
        if let Event::Step { what, records } = event {
            // A closed standard error is no reason to stop half-way.
            let _ = output.say(&format!("{what}: {}\n", counted(records, "record", "records")));
        }
    })
    .await;
    #[cfg(feature = "emulator")]
    if let Some(embedded) = &made.connection.embedded {
        embedded.save()?;
    }
    Ok(report)
}

/// What is needed to tell of an apply.
struct Told<'a> {
    global: &'a Global,
    args: &'a ApplyArgs,
    environment: &'a Environment,
    output: &'a Output,
    present: &'a Present<'a>,
}

/// Tells what was done. What cannot be told in one place is no reason not to tell it in the others,
/// and changes nothing about what was done.
fn told(told: &Told<'_>, view: &View<'_>, report: &Report) -> Result<(), Failure> {
    let context =
        ReportContext { reason: told.args.reason.as_deref(), approver: told.environment.actor() };
    let report = &*view.report(report);
    let text =
        |format, styles: &Styles| told.present.report(view, report, &context, (format, styles));
    let to_file =
        |file: &ReportFile| write_file(&file.path, &text(file.format, &Styles::new(false))?);
    let mut told_to = vec![
        told.present.report_outputs(report),
        told.present.summary(|limit| markdown::report(view, report, limit)),
    ];
    told_to.extend(told.args.report.iter().map(to_file));
    for failure in told_to.into_iter().filter_map(Result::err) {
        told.output.failure(&failure)?;
    }
    output::result(&text(told.global.format(), &told.output.out)?)
}

/// Finds out before the first write whether the reports can be written after it.
fn can_be_written(files: &[ReportFile]) -> Result<(), Failure> {
    for file in files {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&file.path)
            .with_context(|| format!("cannot write `{}`; nothing was applied", file.path.display()))
            .map_err(Failure::error)?;
    }
    Ok(())
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
