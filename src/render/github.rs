//! Annotations of GitHub Actions: workflow commands that put a finding at its line.
//!
//! A step shows ten annotations of each kind, so the weightiest come first.
//! Source: GitHub Docs, "Workflow commands for GitHub Actions".

use std::fmt::{self, Write};

use crate::apply::{Outcome, Report};
use crate::drift::Drift;
use crate::model::{Diagnostic, Place, Severity};
use crate::plan::Change;

use super::differences;
use super::escape::{workflow_message, workflow_property};
use super::page::{self, Tone};
use super::report::total;
use super::view::View;

/// How the repository sees the project's files.
#[derive(Clone, Debug, Default)]
pub struct Folder(pub String);

impl Folder {
    fn path(&self, file: &str) -> String {
        if self.0.is_empty() { file.to_owned() } else { format!("{}/{file}", self.0) }
    }
}

/// Findings in the files.
pub fn diagnostics(out: &mut dyn Write, list: &[Diagnostic], folder: &Folder) -> fmt::Result {
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for found in list.iter().filter(|found| found.severity == severity) {
            finding(out, found, folder)?;
        }
    }
    Ok(())
}

/// The plan: what stands in the way as errors, lost access as warnings, the rest as notices; last
/// the summary line.
pub fn plan(out: &mut dyn Write, view: &View<'_>, folder: &Folder) -> fmt::Result {
    let plan = &view.plan;
    for blocker in &plan.blockers {
        let title = format!("Blocked by rule {}", blocker.rule.as_str());
        let text = format!("{}; {}", blocker.message, page::way_out(blocker));
        command(out, "error", None, (&title, &text), folder)?;
    }
    diagnostics(out, &plan.diagnostics, folder)?;
    for look in page::looks(plan) {
        let word = if look.tone == Tone::Takes { "warning" } else { "notice" };
        for change in plan.ready().filter(|change| change.action == look.action) {
            let (title, text) = (format!("To {}", look.word), who(change));
            command(out, word, change.place.as_ref(), (&title, &text), folder)?;
        }
    }
    writeln!(out, "{}", page::summary_line(plan))
}

/// The drift: whoever differs as a warning at their line; last the summary line.
pub fn drift(out: &mut dyn Write, view: &View<'_>, drift: &Drift, folder: &Folder) -> fmt::Result {
    let plan = &view.plan;
    for one in differences::people(plan, drift) {
        let title = format!("Drift: {}", one.word());
        let mut parts = vec![who(one.change)];
        parts.extend(one.lines().iter().map(|(line, _)| differences::sentence(line)));
        parts.push(one.main());
        let text = parts.join("; ");
        command(out, "warning", one.change.place.as_ref(), (&title, &text), folder)?;
    }
    for found in differences::frozen(plan) {
        finding(out, found, folder)?;
    }
    writeln!(out, "{}", differences::summary_line(plan, drift))
}

/// The report: what failed as errors; last the totals.
pub fn report(
    out: &mut dyn Write,
    view: &View<'_>,
    report: &Report,
    folder: &Folder,
) -> fmt::Result {
    for (change, result) in view.plan.changes.iter().zip(&report.results) {
        if let Outcome::Failed(why) | Outcome::Unknown(why) = &result.outcome {
            let title = format!("Could not {}", change.action.as_str());
            let text = format!("{}: {}: {}", who(change), why.code, why.message);
            command(out, "error", change.place.as_ref(), (&title, &text), folder)?;
        }
    }
    writeln!(out, "{}", total(report))
}

fn who(change: &Change) -> String {
    let why = page::reasons(change);
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
    format!("{}, {}, {}{why}", change.username, change.name, change.account)
}

fn finding(out: &mut dyn Write, found: &Diagnostic, folder: &Folder) -> fmt::Result {
    let word = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let who = found.username.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    let help = found.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    let text = format!("{who}{}{help}", found.message);
    command(out, word, found.place.as_ref(), (found.code.as_str(), &text), folder)
}

fn command(
    out: &mut dyn Write,
    word: &str,
    place: Option<&Place>,
    (title, text): (&str, &str),
    folder: &Folder,
) -> fmt::Result {
    let title = workflow_property(title);
    let text = workflow_message(text);
    match place {
        Some(place) => {
            let file = workflow_property(&folder.path(&place.file));
            let (line, column) = (place.line, place.column);
            writeln!(out, "::{word} file={file},line={line},col={column},title={title}::{text}")
        }
        None => writeln!(out, "::{word} title={title}::{text}"),
    }
}
