//! Checks as text: a line for each, its people and its mend below it; last how many ended how.

use std::fmt::{self, Write};

use console::Style;

use crate::doctor::{Check, Diagnosis, Group, Status};
use crate::model::Username;

use super::Styles;
use super::count::count;
use super::escape::terminal;
use super::page;

/// What is said of a check begins in this column.
const INDENT: usize = 11;

/// Writes the checks.
pub fn doctor(out: &mut dyn Write, diagnosis: &Diagnosis, styles: &Styles) -> fmt::Result {
    if let (Some(project), Some((name, org, user))) = (&diagnosis.project, &diagnosis.org) {
        let title = page::title_of(project, name, (&org.instance_url, org.is_sandbox));
        writeln!(out, "{}", styles.strong.apply_to(terminal(&title)))?;
        let whom = user.as_ref().map(|user| format!(", as {user}")).unwrap_or_default();
        let place = format!("{}{whom}", org.instance_url);
        writeln!(out, "{}\n", styles.faint.apply_to(terminal(&place)))?;
    }
    for group in Group::ALL {
        if let Some(heading) = heading(group) {
            writeln!(out, "\n{}", styles.strong.apply_to(heading))?;
        }
        for one in diagnosis.checks.iter().filter(|check| check.group == group) {
            check(out, one, styles)?;
        }
    }
    let number = |status| diagnosis.count(status);
    let summary = format!(
        "Doctor: {} ok, {}, {} failed, {} unknown.",
        number(Status::Ok),
        count(number(Status::Warn), "warning"),
        number(Status::Fail),
        number(Status::Unknown)
    );
    writeln!(out, "\n{}", styles.strong.apply_to(summary))
}

const fn heading(group: Group) -> Option<&'static str> {
    match group {
        Group::Files => None,
        Group::Login => Some("This login"),
        Group::Org => Some("The org"),
        Group::People => Some("These people"),
    }
}

fn check(out: &mut dyn Write, check: &Check, styles: &Styles) -> fmt::Result {
    let (word, style) = match check.status {
        Status::Ok => ("ok", &styles.added),
        Status::Warn => ("warn", &styles.warning),
        Status::Fail => ("FAIL", &styles.error),
        Status::Unknown => ("unknown", &styles.changed),
    };
    let aside = check.aside.as_ref().map(|aside| format!(" ({aside})")).unwrap_or_default();
    let line = format!(
        "  {} {}: {}{}",
        style.apply_to(format!("{word:<8}")),
        check.id,
        terminal(&check.message),
        terminal(&aside)
    );
    writeln!(out, "{}", styles.line(&line, INDENT))?;
    if let Some(names) = names(check) {
        below(out, &names, &Style::new(), styles)?;
    }
    match &check.help {
        Some(help) => below(out, &format!("help: {help}"), &styles.hint, styles),
        None => Ok(()),
    }
}

fn below(out: &mut dyn Write, text: &str, style: &Style, styles: &Styles) -> fmt::Result {
    let line = format!("{:INDENT$}{}", "", style.apply_to(terminal(text)));
    writeln!(out, "{}", styles.line(&line, INDENT))
}

/// `kim@acme.example, pat@acme.example and 3 more`.
fn names(check: &Check) -> Option<String> {
    let names: Vec<&str> = check.usernames.iter().map(Username::as_str).collect();
    let more = check.count.unwrap_or_default().saturating_sub(names.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("{}{rest}", names.join(", ")))
}
