//! The plan as text: who loses access first, then who gets it back, then the rest; seats; what
//! stands in the way; last the summary line.

use std::fmt::{self, Write};

use console::{Style, measure_text_width};

use crate::model::{Diagnostic, Severity};
use crate::plan::{Change, Plan};

use super::escape::terminal;
use super::page::{self, Amount, Line, Look, Tone};
use super::view::View;
use super::{Styles, highlight, invited, licenses};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Up to so many changes are shown with their fields.
    pub fields: usize,
    /// So many people are named in each part of the plan, those who lose access before all others.
    pub people: usize,
}

impl Detail {
    /// The fields, if the plan is short, and as many people as somebody may read.
    pub const AUTO: Self = Self { fields: 40, people: 1000 };
    /// Everything of everybody.
    pub const FULL: Self = Self { fields: usize::MAX, people: usize::MAX };
}

/// Usernames are aligned up to this width.
const NAME_COLUMN: usize = 36;
/// What stands below a person begins in this column.
const INDENT: &str = "             ";
/// What a finding has to say hangs below its label by so many columns.
pub(super) const HANG: usize = 4;

/// Writes the plan.
pub fn plan(out: &mut dyn Write, view: &View<'_>, detail: Detail, styles: &Styles) -> fmt::Result {
    let plan = &*view.plan;
    heading(out, plan, styles)?;
    let page = Page {
        styles,
        fields: plan.changes.len() <= detail.fields,
        people: detail.people,
        column: name_column(plan),
    };
    let mut unnamed = page.ready(out, plan)?;
    unnamed += page.blocked(out, plan)?;
    unnamed += page.findings(out, plan)?;
    legend(out, plan, styles)?;
    licenses::table(out, &plan.licenses, styles)?;
    side_effects(out, plan, styles)?;
    general_notes(out, plan, styles)?;
    blockers(out, plan, styles)?;
    if unnamed > 0 {
        let whole =
            "`-v` lists everything, `--format json` and `--format html` hold the whole plan";
        writeln!(out, "{}\n", styles.hint.apply_to(format!("Not all is listed: {whole}.")))?;
    }
    writeln!(out, "{}", styles.strong.apply_to(page::summary_line(plan)))
}

/// The title, and where the org is.
pub(super) fn heading(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    writeln!(out, "{}", styles.strong.apply_to(terminal(&page::title(plan))))?;
    let place =
        format!("{}, as {}", terminal(&plan.org.instance_url), terminal(plan.org.user.as_str()));
    writeln!(out, "{}\n", styles.faint.apply_to(place))
}

fn name_column(plan: &Plan) -> usize {
    let widths = plan.changes.iter().map(|change| measure_text_width(change.username.as_str()));
    widths.max().unwrap_or(0).min(NAME_COLUMN)
}

/// What every line of people needs.
struct Page<'a> {
    styles: &'a Styles,
    fields: bool,
    people: usize,
    column: usize,
}

impl Page<'_> {
    const fn style(&self, tone: Tone) -> &Style {
        match tone {
            Tone::Takes => &self.styles.removed,
            Tone::Gives => &self.styles.added,
            Tone::Changes => &self.styles.changed,
        }
    }

    /// Users whom nothing stands in the way of. Says how many are not named.
    fn ready(&self, out: &mut dyn Write, plan: &Plan) -> Result<usize, fmt::Error> {
        let (mut room, mut unnamed) = (self.people, 0);
        for look in page::looks(plan) {
            let changes: Vec<_> =
                plan.ready().filter(|change| change.action == look.action).collect();
            let (named, rest) = changes.split_at(changes.len().min(room));
            for change in named {
                self.change(out, change, look)?;
            }
            rest_line(out, rest.len(), &format!("to {}", look.word))?;
            if !changes.is_empty() {
                writeln!(out)?;
            }
            room -= named.len();
            unnamed += rest.len();
        }
        Ok(unnamed)
    }

    fn change(&self, out: &mut dyn Write, change: &Change, look: Look) -> fmt::Result {
        self.person(out, change, (look.symbol, look.word, self.style(look.tone)))?;
        for line in page::lines(change, Amount::Brief) {
            if self.fields || matches!(line, Line::Note(_)) {
                self.line(out, &line)?;
            }
        }
        Ok(())
    }

    fn person(
        &self,
        out: &mut dyn Write,
        change: &Change,
        (symbol, word, style): (char, &str, &Style),
    ) -> fmt::Result {
        let username = terminal(change.username.as_str());
        let pad = " ".repeat(self.column.saturating_sub(measure_text_width(&username)));
        let who = format!("{}, {}", terminal(&change.name), terminal(&change.account));
        let why = page::reasons(change);
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
        let line = format!(
            "{} {username}{pad}  {who}{}",
            style.apply_to(format!("{symbol} {word:<10}")),
            self.styles.faint.apply_to(why)
        );
        writeln!(out, "{}", self.styles.line(&line, INDENT.len()))
    }

    fn line(&self, out: &mut dyn Write, line: &Line<'_>) -> fmt::Result {
        let styles = self.styles;
        let text = match line {
            Line::Value { name, before, after } => {
                let values = highlight::change(before.as_deref(), after.as_deref(), styles);
                format!("{INDENT}{name}: {values}")
            }
            Line::New { name, value } => format!("{INDENT}{name}: {}", terminal(value)),
            Line::Contact(step) => format!("{INDENT}Contact: {step}"),
            Line::Held(kind, list) => {
                let style = |sign: char| match sign {
                    '+' => &styles.added,
                    '-' => &styles.removed,
                    _ => &styles.changed,
                };
                let parts: Vec<String> = list
                    .iter()
                    .map(|one| style(one.sign).apply_to(terminal(&one.text())).to_string())
                    .collect();
                format!("{INDENT}{kind}: {}", parts.join(", "))
            }
            Line::Note(text) => format!("{INDENT}{}", styles.faint.apply_to(terminal(text))),
        };
        writeln!(out, "{}", styles.line(&text, INDENT.len()))
    }

    /// Users whom something stands in the way of, with what and the mend. Says how many are not told.
    fn blocked(&self, out: &mut dyn Write, plan: &Plan) -> Result<usize, fmt::Error> {
        let blocked: Vec<_> = plan.changes.iter().filter(|change| change.blocked).collect();
        let (named, rest) = blocked.split_at(blocked.len().min(self.people));
        for change in named {
            self.person(out, change, ('!', "blocked", &self.styles.error))?;
        }
        rest_line(out, rest.len(), "who are blocked")?;
        let untold = self.told(out, plan, |severity| severity == Severity::Error)?;
        let is_error =
            |found: &Diagnostic| found.username.is_some() && found.severity == Severity::Error;
        if !blocked.is_empty() || plan.diagnostics.iter().any(is_error) {
            writeln!(out)?;
        }
        Ok(rest.len() + untold)
    }

    /// What else is to be said of people. Says how much is not.
    fn findings(&self, out: &mut dyn Write, plan: &Plan) -> Result<usize, fmt::Error> {
        let other = |severity| severity != Severity::Error;
        let untold = self.told(out, plan, other)?;
        if plan.diagnostics.iter().any(|found| found.username.is_some() && other(found.severity)) {
            writeln!(out)?;
        }
        Ok(untold)
    }

    fn told(
        &self,
        out: &mut dyn Write,
        plan: &Plan,
        wanted: impl Fn(Severity) -> bool,
    ) -> Result<usize, fmt::Error> {
        let personal = |found: &&Diagnostic| found.username.is_some() && wanted(found.severity);
        let findings: Vec<_> = plan.diagnostics.iter().filter(personal).collect();
        let (named, rest) = findings.split_at(findings.len().min(self.people));
        for found in named {
            self.finding(out, found)?;
        }
        rest_line(out, rest.len(), "such findings")?;
        Ok(rest.len())
    }

    fn finding(&self, out: &mut dyn Write, found: &Diagnostic) -> fmt::Result {
        finding(out, found, self.styles)
    }
}

/// How many are not named.
fn rest_line(out: &mut dyn Write, rest: usize, what: &str) -> fmt::Result {
    if rest == 0 { Ok(()) } else { writeln!(out, "  \u{2026} and {rest} more {what}") }
}

/// A finding of the plan: what, about whom, where, and the mend.
pub(super) fn finding(out: &mut dyn Write, found: &Diagnostic, styles: &Styles) -> fmt::Result {
    let style = match found.severity {
        Severity::Error => &styles.error,
        Severity::Warning => &styles.warning,
        Severity::Note => &styles.strong,
    };
    let label = format!("{}[{}]", found.severity.as_str(), found.code.as_str());
    let who = found.username.as_ref().map(|name| format!("{}: ", terminal(name.as_str())));
    let label = style.apply_to(label);
    let line = format!("{label}: {}{}", who.unwrap_or_default(), terminal(&found.message));
    writeln!(out, "{}", styles.line(&line, HANG))?;
    if let Some(place) = &found.place {
        let place = format!("{}:{}:{}", terminal(&place.file), place.line, place.column);
        writeln!(out, "  {}", styles.faint.apply_to(format!("--> {place}")))?;
    }
    if let Some(help) = &found.help {
        hint(out, help, styles)?;
    }
    Ok(())
}

/// What to do about it.
pub(super) fn hint(out: &mut dyn Write, help: &str, styles: &Styles) -> fmt::Result {
    let line = format!("  {}", styles.hint.apply_to(format!("help: {}", terminal(help))));
    writeln!(out, "{}", styles.line(&line, HANG))
}

fn legend(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    let mut parts: Vec<String> = page::looks(plan)
        .iter()
        .filter(|look| plan.count(look.action) > 0)
        .map(|look| format!("{} {}", look.symbol, look.word))
        .collect();
    if plan.blocked() > 0 {
        parts.push("! blocked".to_owned());
    }
    if parts.is_empty() {
        return Ok(());
    }
    let line = styles.faint.apply_to(format!("Legend: {}", parts.join("  "))).to_string();
    writeln!(out, "{}\n", styles.line(&line, HANG))
}

/// What happens beside the users themselves.
fn side_effects(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    let mut effects = page::side_effects(plan);
    effects.extend(invited::left_out(plan));
    for effect in &effects {
        writeln!(out, "{}", styles.line(&terminal(effect), HANG))?;
    }
    if effects.is_empty() { Ok(()) } else { writeln!(out) }
}

/// Findings about the project or the org rather than about one person.
fn general_notes(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    let mut any = false;
    for found in plan.diagnostics.iter().filter(|found| found.username.is_none()) {
        finding(out, found, styles)?;
        any = true;
    }
    if let Some(strangers) = page::strangers(plan) {
        writeln!(out, "{}", styles.line(&strangers, HANG))?;
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn blockers(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    for blocker in &plan.blockers {
        let label = format!("blocked[{}]", blocker.rule.as_str());
        let line = format!("{}: {}", styles.error.apply_to(label), terminal(&blocker.message));
        writeln!(out, "{}", styles.line(&line, HANG))?;
        hint(out, &page::way_out(blocker), styles)?;
        writeln!(out)?;
    }
    match page::held_up(plan) {
        Some(line) => writeln!(out, "{}", styles.error.apply_to(format!("{line}."))),
        None => Ok(()),
    }
}
