//! What would become of a file, as a unified diff.

use std::fmt::{self, Write};

use similar::{ChangeTag, TextDiff};

use crate::config::Side;

use super::Styles;
use super::escape::terminal;

/// Writes a unified diff of two texts of one file. What differs in secrets alone looks the same.
pub fn diff(
    out: &mut dyn Write,
    path: &str,
    (before, after): (Side<'_>, Side<'_>),
    styles: &Styles,
) -> fmt::Result {
    let [old, new] = [before.text, after.text].map(lines);
    let [old_shown, new_shown] = [before.shown, after.shown].map(lines);
    let diff = TextDiff::from_slices(&old, &new);
    let path = terminal(path);
    writeln!(out, "{}", styles.strong.apply_to(format!("--- {path}")))?;
    writeln!(out, "{}", styles.strong.apply_to(format!("+++ {path}")))?;
    for hunk in diff.unified_diff().iter_hunks() {
        writeln!(out, "{}", styles.hint.apply_to(hunk.header()))?;
        for change in hunk.iter_changes() {
            let (sign, shown, at, style) = match change.tag() {
                ChangeTag::Equal => (' ', &old_shown, change.old_index(), None),
                ChangeTag::Delete => ('-', &old_shown, change.old_index(), Some(&styles.removed)),
                ChangeTag::Insert => ('+', &new_shown, change.new_index(), Some(&styles.added)),
            };
            let line = at.and_then(|at| shown.get(at)).copied().unwrap_or_default();
            let ended = line.strip_suffix('\n');
            let line = format!("{sign}{}", terminal(ended.unwrap_or(line)));
            match style {
                Some(style) => writeln!(out, "{}", style.apply_to(line))?,
                None => writeln!(out, "{line}")?,
            }
            if ended.is_none() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
