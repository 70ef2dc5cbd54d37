//! What an import writes, and whom it leaves out.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::import::{Draft, LeftOut, Omitted, UserFile, Why};

use super::escape::terminal;
use super::{Styles, count};

/// The most people, accounts or values that are named one by one.
const NAMED: usize = 5;

/// How far what follows a warning stands in.
const HANG: usize = 4;

/// Writes a line for a file.
pub fn imported(out: &mut dyn Write, file: &UserFile, width: usize) -> fmt::Result {
    let path = terminal(&file.path);
    let added = if file.before.is_some() { " added" } else { "" };
    writeln!(out, "{path:<width$}  {}{added}", count(file.people(), "user"))
}

/// Writes the sum: `declared` people had been declared before.
pub fn import_summary(
    out: &mut dyn Write,
    draft: &Draft,
    declared: usize,
    written: bool,
) -> fmt::Result {
    if draft.files.is_empty() {
        write!(out, "Import: nothing new")?;
    } else {
        let files = count(draft.files.len(), "file");
        write!(out, "Import: {} in {files}", count(draft.people(), "user"))?;
    }
    if !draft.left.is_empty() {
        write!(out, ", {} left out", draft.left.len())?;
    }
    if declared > 0 {
        write!(out, ", {declared} declared before")?;
    }
    writeln!(out, "{}", if written { "." } else { "; nothing was written." })
}

/// Writes whom no file declares and which values are in none, by reason. `mask` names nobody.
pub fn left_out(out: &mut dyn Write, draft: &Draft, styles: &Styles, mask: bool) -> fmt::Result {
    let mut reasons: BTreeMap<Why, Vec<&LeftOut>> = BTreeMap::new();
    for left in &draft.left {
        reasons.entry(left.why).or_default().push(left);
    }
    for (why, left) in reasons {
        let verb = if left.len() == 1 { "is" } else { "are" };
        let users = count(left.len(), "user");
        let lines = if mask { Vec::new() } else { by_detail(&left) };
        warning(out, &format!("{users} {verb} left out: {}", why.said()), &lines, styles)?;
        help(out, why.help(), styles)?;
    }
    omitted(out, &draft.omitted, styles, mask)
}

/// Writes who gets the marker of `[ownership]` with the next plan.
pub fn adopted(out: &mut dyn Write, number: usize, styles: &Styles) -> fmt::Result {
    if number == 0 {
        return Ok(());
    }
    let verb = if number == 1 { "has" } else { "have" };
    let said = format!("{} {verb} no marker of `[ownership]` yet", count(number, "user"));
    warning(out, &said, &[], styles)?;
    help(out, "the next plan writes it, and nothing else of them", styles)
}

/// Writes that nobody is known to be frozen.
pub fn freezes_hidden(out: &mut dyn Write, styles: &Styles) -> fmt::Result {
    warning(out, "who is frozen cannot be seen, so nobody is declared frozen", &[], styles)?;
    help(out, "the login needs the permission Manage Users", styles)
}

/// Writes that other orgs see the files as well.
pub fn shared_by_orgs(out: &mut dyn Write, styles: &Styles) -> fmt::Result {
    warning(out, "every org of the project declares these people from now on", &[], styles)?;
    help(
        out,
        "if they are of this org alone, move the files to where only its own `include` finds them",
        styles,
    )
}

fn omitted(out: &mut dyn Write, omitted: &[Omitted], styles: &Styles, mask: bool) -> fmt::Result {
    if omitted.is_empty() {
        return Ok(());
    }
    let verb = if omitted.len() == 1 { "is" } else { "are" };
    let said = format!(
        "{} {verb} not written, since no file can hold them",
        count(omitted.len(), "value")
    );
    let line = |one: &Omitted| format!("{} of {}: {}", one.key, one.username, one.why);
    let lines = if mask { Vec::new() } else { first(omitted.iter().map(line)) };
    warning(out, &said, &lines, styles)?;
    help(out, "they stay as they are in the org; correct them there to have them managed", styles)
}

/// A line for everybody without a detail, and one for each detail.
fn by_detail(left: &[&LeftOut]) -> Vec<String> {
    let mut details: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for one in left {
        details.entry(one.detail.as_deref()).or_default().push(one.username.as_str());
    }
    first(details.into_iter().map(|(detail, names)| {
        let names = first(names.into_iter().map(str::to_owned)).join(", ");
        detail.map_or_else(|| names.clone(), |detail| format!("{names}: {detail}"))
    }))
}

/// The first of a list, and how many more there are.
fn first(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}

fn warning(out: &mut dyn Write, said: &str, lines: &[String], styles: &Styles) -> fmt::Result {
    let said = terminal(said);
    let line = format!("{} {said}", styles.warning.apply_to("warning:"));
    writeln!(out, "{}", styles.line(&line, HANG))?;
    for text in lines {
        let line = format!("{:HANG$}{}", "", terminal(text));
        writeln!(out, "{}", styles.line(&line, HANG))?;
    }
    Ok(())
}

fn help(out: &mut dyn Write, said: &str, styles: &Styles) -> fmt::Result {
    let line = format!("{} {said}", styles.hint.apply_to("  help:"));
    writeln!(out, "{}", styles.line(&line, HANG))
}
