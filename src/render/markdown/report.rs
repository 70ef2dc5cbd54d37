//! The account of an apply as Markdown.

use crate::apply::{ChangeResult, Failure, Outcome, Report};
use crate::plan::Change;

use crate::render::page;
use crate::render::report::total;
use crate::render::view::View;

use super::document::{Document, List, Worth};
use super::{LEAST_LIMIT, code, head, markdown, marker, row};

/// The report, in at most `limit` bytes.
pub fn report(view: &View<'_>, report: &Report, limit: usize) -> String {
    let limit = limit.max(LEAST_LIMIT);
    let plan = &view.plan;
    let mark = |cut| marker("apply", plan, view.digest(), cut);
    let mut page = Document::default();
    page.text(format!("## {}\n\n", markdown(&page::title(plan))));
    page.text(format!("**{}**\n", total(report)));
    if let Some(stop) = &report.stop {
        let why = stop.cause();
        let help = why.help.as_deref().map(markdown).unwrap_or_default();
        page.text(format!("\nStopped: {} {}. {help}\n", code(&why.code), markdown(&why.message)));
    }
    let results = || plan.changes.iter().zip(&report.results);
    let troubles = results().filter_map(|(change, result)| Some((change, failure(result)?)));
    page.list(List {
        worth: Worth::First,
        title: "\n### What failed\n".to_owned(),
        open: head(["user", "action", "what the server said", "the mend"]),
        items: troubles.map(|(change, why)| trouble(change, why)).collect(),
        gap: ("| \u{2026} | ", " more are not shown here | | |\n"),
        close: String::new(),
    });
    page.list(List {
        worth: Worth::Second,
        title: String::new(),
        open: format!(
            "\n<details><summary>Every change</summary>\n{}",
            head(["user", "name", "account", "action", "outcome"])
        ),
        items: results().map(|(change, result)| ended(change, result)).collect(),
        gap: ("| \u{2026} | ", " more are not shown here | | | |\n"),
        close: "\n</details>\n".to_owned(),
    });
    let cut = page.fit(limit.saturating_sub(mark(true).len()));
    mark(cut) + &page.finish()
}

const fn failure(result: &ChangeResult) -> Option<&Failure> {
    match &result.outcome {
        Outcome::Failed(why) | Outcome::Unknown(why) => Some(why),
        Outcome::Applied | Outcome::Skipped(_) => None,
    }
}

fn trouble(change: &Change, why: &Failure) -> String {
    row([
        &code(change.username.as_str()),
        change.action.as_str(),
        &format!("{} {}", code(&why.code), markdown(&why.message)),
        &why.help.as_deref().map(markdown).unwrap_or_default(),
    ])
}

fn ended(change: &Change, result: &ChangeResult) -> String {
    let outcome = match &result.outcome {
        Outcome::Applied => "applied",
        Outcome::Failed(_) => "failed",
        Outcome::Skipped(_) => "skipped",
        Outcome::Unknown(_) => "unknown",
    };
    row([
        &code(change.username.as_str()),
        &markdown(&change.name),
        &markdown(&change.account),
        change.action.as_str(),
        outcome,
    ])
}
