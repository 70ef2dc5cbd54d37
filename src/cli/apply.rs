//! `portalctl apply`.

use crate::apply::{OnFailure, Report, Stop};
use crate::model::Rule;
use crate::plan::{Plan, expected_calls};
use crate::render::json::ReportContext;
use crate::render::{Styles, View, markdown};
use crate::salesforce::Usage;
use crate::saved::{Flags, Saved};

use super::args::{ApplyArgs, ApprovalArgs, Format, Global, ReportFile};
use super::carry::{Carry, reserve};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output, write_file};
use super::plan::{self, Asked, Made};
use super::present::Present;
use super::{approve, saved};

pub(super) async fn run(
    global: &Global,
    args: &ApplyArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let reviewed = args.plan.as_deref().map(saved::read).transpose()?;
    let flags = match &reviewed {
        Some(reviewed) => saved::flags(reviewed, &args.approval.allow)?,
        None => plan::flags(&args.approval.allow, &args.selection)?,
    };
    let asked = Asked { flags: &flags, reviewed: reviewed.as_ref(), applied: None };
    let mut made = plan::make(global, &asked, environment, output).await?;
    check_day(global, &made)?;
    if reviewed.is_some() {
        saved::lift(&mut made.plan, &flags);
    }
    let present = Present::new(global, environment, &made.loaded.root);
    let (args, expected) = (&args.approval, args.expect_digest.as_deref());
    let apply = Apply { global, args, environment, output, present: &present };
    let view = present.view(&made.plan);
    apply.show(&view)?;
    present.plan_outputs(&view)?;
    if let Some(reviewed) = &reviewed {
        saved::check(reviewed, &made.plan, (&made.loaded, &made.project))?;
    }
    let planned = reviewed.as_ref().map(|reviewed| present.view(&reviewed.plan));
    let views = Views { fresh: &view, planned: planned.as_ref().unwrap_or(&view) };
    saved::check_digest(expected, views.planned)?;
    let exit = apply.go_on(&made, reviewed.as_ref(), &flags, views).await;
    drop((planned, view));
    // The process ends with this: to take many people apart again is time for nothing.
    std::mem::forget((made.loaded, made.current, made.plan));
    exit
}

/// The day may be chosen in a rehearsal alone.
pub(super) fn check_day(global: &Global, made: &Made) -> Result<(), Failure> {
    if global.today.is_some() && !made.connection.rehearsal {
        return Err(Failure::usage("`--today` cannot be applied to a real org")
            .hint("leave it out, or rehearse on the emulator"));
    }
    Ok(())
}

/// An apply under way.
pub(super) struct Apply<'a> {
    pub(super) global: &'a Global,
    pub(super) args: &'a ApprovalArgs,
    pub(super) environment: &'a Environment,
    pub(super) output: &'a Output,
    pub(super) present: &'a Present<'a>,
}

/// What is shown. A fingerprint takes a while, so it is taken once.
#[derive(Clone, Copy)]
pub(super) struct Views<'a> {
    /// The plan that was made now.
    pub(super) fresh: &'a View<'a>,
    /// The one that was reviewed, if there is one.
    pub(super) planned: &'a View<'a>,
}

impl Apply<'_> {
    /// Everything from the refusals on: the question, the work, the report.
    pub(super) async fn go_on(
        &self,
        made: &Made,
        reviewed: Option<&Saved>,
        flags: &Flags,
        views: Views<'_>,
    ) -> Result<Exit, Failure> {
        let Views { fresh, planned } = views;
        if let Some(why) = refusal(self.args, &made.plan) {
            output::ask(&format!("\nNothing was written: {why}.\n"))?;
            self.present.summary(|limit| markdown::plan(fresh, limit))?;
            return Ok(Exit::Blocked);
        }
        let whole = |report: Report| match reviewed {
            Some(reviewed) => report.of_reviewed(&reviewed.plan, &made.plan),
            None => report,
        };
        if !made.plan.has_changes() {
            let report = whole(Report::of_nothing(&made.plan));
            self.tell(planned, &report, made.connection.client.usage(), reviewed.is_some())?;
            return Ok(Exit::Done);
        }
        made.connection.check_writable(&made.plan.org.name)?;
        within_budget(&made.plan, made.connection.client.usage())?;
        approve::approve(self.args, &made.plan, flags)?;
        let tell = |file: &ReportFile, report: &Report| {
            let usage = made.connection.client.usage();
            self.text(planned, &whole(report.clone()), usage, (file.format, &Styles::new(false)))
        };
        let carry = Carry {
            global: self.global,
            environment: self.environment,
            output: self.output,
            files: &self.args.report,
            match_fields: &made.project.policy.contacts.match_fields,
            tell: &tell,
        };
        #[cfg(feature = "emulator")]
        if let Some(embedded) = &made.connection.embedded {
            embedded.keep()?;
        }
        let on_failure = if self.args.fail_fast { OnFailure::Stop } else { OnFailure::GoOn };
        let carried = carry.out(&made.plan, &made.connection.client, on_failure).await;
        #[cfg(feature = "emulator")]
        if let Some(embedded) = &made.connection.embedded {
            embedded.save()?;
        }
        let carried = carried?;
        let report = whole(carried.report);
        self.tell(planned, &report, made.connection.client.usage(), true)?;
        self.output.say(&made.connection.usage())?;
        Ok(carried.signal.unwrap_or_else(|| exit(&report)))
    }

    /// The plan goes to standard output, unless that is kept for the report.
    pub(super) fn show(&self, view: &View<'_>) -> Result<(), Failure> {
        match self.global.format() {
            format @ (Format::Text | Format::Github) => {
                output::result(&self.present.plan(view, format, &self.output.out)?)
            }
            Format::Json | Format::Markdown | Format::Html | Format::Csv => {
                self.output.say(&self.present.plan(view, Format::Text, &self.output.err)?)
            }
        }
    }

    fn text(
        &self,
        view: &View<'_>,
        report: &Report,
        usage: Usage,
        how: (Format, &Styles),
    ) -> Result<String, Failure> {
        let context = ReportContext {
            reason: self.args.reason.as_deref(),
            approver: self.environment.actor(),
            calls: usage.calls,
            repeats: usage.repeats,
        };
        self.present.report(view, &view.report(report), &context, how)
    }

    /// Tells what was done. What cannot be told in one place is no reason not to tell it in the
    /// others, and changes nothing about what was done.
    fn tell(
        &self,
        view: &View<'_>,
        report: &Report,
        usage: Usage,
        in_text: bool,
    ) -> Result<(), Failure> {
        let shown = &*view.report(report);
        let to_file = |file: &ReportFile| {
            let text = self.text(view, report, usage, (file.format, &Styles::new(false)))?;
            write_file(&file.path, &text)
        };
        let mut told_to = vec![
            self.present.report_outputs(shown),
            self.present.summary(|limit| markdown::report(view, shown, limit)),
        ];
        told_to.extend(self.args.report.iter().map(to_file));
        for failure in told_to.into_iter().filter_map(Result::err) {
            self.output.failure(&failure)?;
        }
        let format = self.global.format();
        if format == Format::Text && !in_text {
            return Ok(());
        }
        output::result(&self.text(view, report, usage, (format, &self.output.out))?)
    }
}

/// Why a plan is not carried out.
fn refusal(args: &ApprovalArgs, plan: &Plan) -> Option<&'static str> {
    if !plan.blockers.is_empty() {
        Some("the plan is blocked as a whole")
    } else if args.fail_fast && plan.is_blocked() {
        Some("a user is blocked and `--fail-fast` is given")
    } else if !plan.has_changes() && plan.is_blocked() {
        Some("all that is left is blocked")
    } else {
        None
    }
}

/// Refuses a plan for which the day has not enough calls left.
fn within_budget(plan: &Plan, usage: Usage) -> Result<(), Failure> {
    let Some(day) = usage.day else { return Ok(()) };
    let expected = expected_calls(plan) as u64;
    let (left, kept) = (day.left(), reserve(usage));
    if expected + kept <= left {
        return Ok(());
    }
    Err(Failure::blocked(format!(
        "applying takes about {expected} API calls; the org has {left} left today, of which {kept} are kept for others"
    ))
    .hint("wait until the 24 hours have moved on, or apply a part; nothing was written"))
}

/// Everything done, 0; something written and something not, 68; every write refused, 1.
fn exit(report: &Report) -> Exit {
    if report.is_complete() {
        Exit::Done
    } else if report.wrote() {
        Exit::Partial
    } else if report.failed() > 0 || matches!(report.stop, Some(Stop::Exhausted(_))) {
        Exit::Error
    } else {
        Exit::Blocked
    }
}

/// The exception to a rule that holds for this run.
pub(super) fn lifted(flags: &Flags, rule: Rule) -> Option<u64> {
    flags.allow.get(&rule).copied()
}
