//! The licence table: seats before and after, and who finds none.

use std::fmt::{self, Write};

use console::measure_text_width;

use crate::model::LicenseBasis;
use crate::plan::{LicenseKind, LicenseLine};

use super::Styles;
use super::count::count;
use super::escape::terminal;

/// How many people without a seat are named in text; JSON names all.
const NAMED: usize = 20;

/// Writes the table of the licences that have or need seats.
pub(super) fn table(out: &mut dyn Write, lines: &[LicenseLine], styles: &Styles) -> fmt::Result {
    let shown: Vec<&LicenseLine> =
        lines.iter().filter(|line| line.total != 0 || line.used != 0 || line.needed != 0).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let heading = "Seats by licence";
    let names: Vec<String> = shown.iter().map(|line| terminal(&line.name).into_owned()).collect();
    let width = names.iter().map(|name| measure_text_width(name)).max().unwrap_or(0);
    let width = width.max(heading.len());
    let title = format!(
        "{heading:width$}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}",
        "total", "used", "freed", "needed", "after", "short"
    );
    writeln!(out, "{}", styles.strong.apply_to(title))?;
    for (line, name) in shown.iter().zip(&names) {
        let short = line.short_users.len();
        let pad = " ".repeat(width - measure_text_width(name));
        let row = format!(
            "{name}{pad}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6}  {short:>6}",
            line.total,
            line.used,
            line.freed,
            line.needed,
            line.after()
        );
        let style = if short > 0 { &styles.error } else { &styles.faint };
        writeln!(out, "{}", style.apply_to(row))?;
    }
    for line in &shown {
        if let Some(note) = note(line) {
            writeln!(out, "{}", styles.line(&styles.faint.apply_to(note).to_string(), 4))?;
        }
    }
    writeln!(out)?;
    for line in shown.iter().filter(|line| !line.short_users.is_empty()) {
        without_seat(out, line, styles)?;
    }
    Ok(())
}

/// What is special about a licence.
fn note(line: &LicenseLine) -> Option<String> {
    let name = terminal(&line.name);
    match line.kind {
        LicenseKind::PermissionSet => Some(format!("{name} is a permission set licence.")),
        LicenseKind::User(LicenseBasis::Logins { monthly: Some((bought, used)) }) => {
            Some(format!("{name} is paid by logins: {used} of {bought} this month."))
        }
        LicenseKind::User(LicenseBasis::Logins { monthly: None }) => {
            Some(format!("{name} is paid by logins, guessed from its name."))
        }
        LicenseKind::User(LicenseBasis::Members { .. }) => None,
    }
}

fn without_seat(out: &mut dyn Write, line: &LicenseLine, styles: &Styles) -> fmt::Result {
    let short = line.short_users.len();
    let verb = if short == 1 { "does" } else { "do" };
    let title = format!("{} {verb} not fit on {}:", count(short, "user"), terminal(&line.name));
    writeln!(out, "{}", styles.error.apply_to(title))?;
    for username in line.short_users.iter().take(NAMED) {
        writeln!(out, "  {}", terminal(username.as_str()))?;
    }
    if short > NAMED {
        writeln!(out, "  and {} more (all are named in the JSON plan)", short - NAMED)?;
    }
    writeln!(out)
}
