//! The account of an apply, for people.

use std::fmt::{self, Write};

use crate::apply::{Cause, Failure, Outcome, Report};
use crate::plan::Change;

use super::Styles;
use super::count::count;
use super::escape::terminal;
use super::plan::{HANG, hint};
use super::view::View;

/// Writes what became of every change: failures one by one, the rest in numbers.
pub fn report(
    out: &mut dyn Write,
    view: &View<'_>,
    report: &Report,
    styles: &Styles,
) -> fmt::Result {
    let mut any = false;
    for (change, result) in view.plan.changes.iter().zip(&report.results) {
        let (word, failure) = match &result.outcome {
            Outcome::Failed(failure) => ("failed", failure),
            Outcome::Unknown(failure) => ("unknown", failure),
            Outcome::Applied | Outcome::Skipped(_) => continue,
        };
        trouble(out, change, word, failure, styles)?;
        if result.written {
            writeln!(out, "  part of the change was written")?;
        }
        any = true;
    }
    if any {
        writeln!(out)?;
    }
    if let Some(stop) = &report.stop {
        let Failure { code, message, help } = stop.cause();
        let label = format!("stopped[{}]", terminal(&code));
        let line = format!("{}: {}", styles.error.apply_to(label), terminal(&message));
        writeln!(out, "{}", styles.line(&line, HANG))?;
        advice(out, help.as_deref(), styles)?;
        writeln!(out)?;
    }
    writeln!(out, "{}", styles.strong.apply_to(total(report)))
}

fn trouble(
    out: &mut dyn Write,
    change: &Change,
    word: &str,
    failure: &Failure,
    styles: &Styles,
) -> fmt::Result {
    let label = format!("{word}[{}]", terminal(&failure.code));
    let line = format!(
        "{}: {} {}: {}",
        styles.error.apply_to(label),
        change.action.as_str(),
        terminal(change.username.as_str()),
        terminal(&failure.message)
    );
    writeln!(out, "{}", styles.line(&line, HANG))?;
    advice(out, failure.help.as_deref(), styles)
}

fn advice(out: &mut dyn Write, help: Option<&str>, styles: &Styles) -> fmt::Result {
    help.map_or(Ok(()), |help| hint(out, help, styles))
}

/// The last line: `Apply: 3 changes applied, 0 failed.`
pub(super) fn total(report: &Report) -> String {
    let mut parts = vec![
        format!("{} applied", count(report.applied(), "change")),
        format!("{} failed", report.failed()),
    ];
    let blocked = report.count(|o| matches!(o, Outcome::Skipped(Cause::Blocked)));
    let already = report.count(|o| matches!(o, Outcome::Skipped(Cause::AlreadyTrue)));
    let numbers =
        [(already, "true already"), (blocked, "blocked"), (report.left(), "not attempted")];
    for (number, word) in numbers {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    format!("Apply: {}.", parts.join(", "))
}
