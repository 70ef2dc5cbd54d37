//! The access review as text: how many, and those in whom files and org differ or whom no file
//! declares. The other formats have everybody.

use std::fmt::{self, Write};

use console::{Style, measure_text_width};

use crate::plan::{AccessRow, AccessSummary, DeclaredStanding, Management};

use super::Styles;
use super::access_view::AccessView;
use super::escape::terminal;
use super::plan::Detail;

/// Usernames are aligned up to this width.
const NAME_COLUMN: usize = 32;
/// What stands below a person, or does not fit, begins in this column.
const INDENT: usize = 4;
/// The columns between the username and in what somebody differs.
const STATES: usize = 37;

/// Writes the review: as many people as `detail` says.
pub fn access(
    out: &mut dyn Write,
    view: &AccessView<'_>,
    detail: Detail,
    styles: &Styles,
) -> fmt::Result {
    writeln!(out, "{}", styles.strong.apply_to(terminal(&view.title())))?;
    writeln!(out, "{}\n", styles.faint.apply_to(terminal(&view.place())))?;
    let shown = || view.rows().filter(is_shown);
    let widths = shown().take(detail.people).map(|row| measure_text_width(&row.username));
    let width = widths.max().unwrap_or(0).min(NAME_COLUMN).max("username".len());
    let mut named = 0;
    for row in shown() {
        if named == 0 {
            let columns = line(("username", width), ["declared", "actual", "plan"], "differs");
            writeln!(out, "{}", styles.strong.apply_to(columns))?;
        }
        if named < detail.people {
            person(out, &row, width, styles)?;
        }
        named += 1;
    }
    if named > detail.people {
        writeln!(out, "\u{2026} and {} more (`-v` names all)", named - detail.people)?;
    }
    if named > 0 {
        writeln!(out)?;
    }
    let whole =
        "Everybody and everything is in `--format csv`, `--format json` and `--format html`.";
    writeln!(out, "{}\n", styles.line(&styles.hint.apply_to(whole).to_string(), INDENT))?;
    let total = summary_line(view.summary());
    writeln!(out, "{}", styles.line(&styles.strong.apply_to(total).to_string(), INDENT))
}

fn is_shown(row: &AccessRow<'_>) -> bool {
    row.is_differing() || row.management != Management::Declared
}

fn line((name, width): (&str, usize), [declared, actual, plan]: [&str; 3], last: &str) -> String {
    let pad = " ".repeat(width.saturating_sub(measure_text_width(name)));
    format!("{name}{pad}  {declared:<11}  {actual:<8}  {plan:<10}  {last}").trim_end().to_owned()
}

fn person(out: &mut dyn Write, row: &AccessRow<'_>, width: usize, styles: &Styles) -> fmt::Result {
    let words = [
        row.declared_state.map_or("-", DeclaredStanding::as_str),
        row.actual_state.as_str(),
        row.action.map_or("-", |action| action.as_str()),
    ];
    let text = line((&terminal(&row.username), width), words, &difference(row));
    let style = if row.blocked { styles.error.clone() } else { Style::new() };
    writeln!(out, "{}", styles.line(&style.apply_to(text).to_string(), width + STATES))?;
    let place = row.place.map(|place| format!("{}:{}", place.file, place.line));
    let parts = [Some(&*row.name), Some(&*row.account), place.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let below = format!("{:INDENT$}{}", "", styles.faint.apply_to(terminal(&parts.join(", "))));
    writeln!(out, "{}", styles.line(&below, INDENT))
}

/// In what somebody differs, what stands in the way, and whether a file declares them.
pub(super) fn difference(row: &AccessRow<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    match row.management {
        Management::Declared => {}
        Management::Owned => parts.push("in no file".to_owned()),
        Management::Unmanaged => parts.push("unmanaged".to_owned()),
    }
    parts.extend(row.differs.iter().map(|one| one.as_str().replace('_', " ")));
    if row.blocked {
        let codes: Vec<&str> = row.blocked_by.iter().map(|code| code.as_str()).collect();
        let by = if codes.is_empty() { String::new() } else { format!(" by {}", codes.join(", ")) };
        parts.push(format!("blocked{by}"));
    }
    parts.join(", ")
}

/// `Access: 24 people, 18 of them active, 1 frozen; 3 of 22 declared differ, 1 undeclared, 1 unmanaged.`
pub(super) fn summary_line(summary: AccessSummary) -> String {
    let people = match summary.people {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let verb = if summary.differing == 1 { "differs" } else { "differ" };
    let mut parts = vec![
        format!("Access: {people}, {} active, {} frozen", summary.active, summary.frozen),
        format!("{} of {} declared {verb}", summary.differing, summary.declared),
        format!("{} undeclared, {} unmanaged", summary.undeclared, summary.unmanaged),
    ];
    if summary.blocked > 0 {
        parts.push(format!("{} blocked", summary.blocked));
    }
    format!("{}.", parts.join("; "))
}
