//! The drift as text.

use std::fmt::{self, Write};

use console::{Style, measure_text_width};

use crate::drift::Drift;

use super::Styles;
use super::differences::{self, Differing};
use super::escape::terminal;
use super::page::Tone;
use super::plan::{finding, heading};
use super::view::View;

/// What stands below a person begins in this column.
const INDENT: usize = 13;

/// Writes who differs, how, and who changed it; how much was compared; last the summary line.
pub fn drift(out: &mut dyn Write, view: &View<'_>, drift: &Drift, styles: &Styles) -> fmt::Result {
    let plan = &*view.plan;
    heading(out, plan, styles)?;
    let people = differences::people(plan, drift);
    let width = people.iter().map(|one| measure_text_width(one.change.username.as_str())).max();
    for one in &people {
        person(out, one, width.unwrap_or(0).min(36), styles)?;
    }
    if !people.is_empty() {
        writeln!(out)?;
    }
    let mut any = false;
    for found in differences::frozen(plan) {
        finding(out, found, styles)?;
        any = true;
    }
    if any {
        writeln!(out)?;
    }
    for stranger in drift.strangers.iter().flatten() {
        let account = stranger.account.as_deref().unwrap_or("no account");
        let who = format!("? undeclared   {}  {}, {account}", stranger.username, stranger.name);
        writeln!(out, "{}", styles.line(&terminal(&who), INDENT))?;
    }
    if drift.strangers.as_ref().is_some_and(|list| !list.is_empty()) {
        writeln!(out)?;
    }
    for sentence in differences::coverage(plan, drift) {
        writeln!(out, "{}", styles.line(&terminal(&sentence), 4))?;
    }
    writeln!(out, "\n{}", styles.strong.apply_to(differences::summary_line(plan, drift)))
}

fn person(out: &mut dyn Write, one: &Differing<'_>, column: usize, styles: &Styles) -> fmt::Result {
    let style = match one.look.tone {
        Tone::Takes => &styles.removed,
        Tone::Gives => &styles.added,
        Tone::Changes => &styles.changed,
    };
    let username = terminal(one.change.username.as_str());
    let pad = " ".repeat(column.saturating_sub(measure_text_width(&username)));
    let line = format!(
        "{} {username}{pad}  {}, {}",
        style.apply_to(format!("{} {:<10}", one.look.symbol, one.word())),
        terminal(&one.change.name),
        terminal(&one.change.account),
    );
    writeln!(out, "{}", styles.line(&line, INDENT))?;
    let mut below = |text: &str, style: &Style, more: usize| {
        let margin = INDENT + more;
        let line = format!("{:margin$}{}", "", style.apply_to(terminal(text)));
        writeln!(out, "{}", styles.line(&line, margin))
    };
    for (line, said) in one.lines() {
        below(&differences::sentence(&line), &Style::new(), 0)?;
        if let Some(said) = said {
            below(&said, &styles.faint, 2)?;
        }
    }
    below(&one.main(), &styles.hint, 0)
}
