//! The only door to a screen for text from outside: names, messages and files come from people who
//! may not mean well. One door for each medium.

mod html;
mod markdown;
mod workflow;

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::model::is_invisible;

pub(super) use html::html;
pub(super) use markdown::{code, markdown};
pub(super) use workflow::{workflow_message, workflow_property};

/// The text without anything that a terminal would obey or that would change how text around it
/// looks: controls, escapes, changes of direction, invisible characters. Each becomes a visible
/// escape such as `\u{202e}`.
///
/// Logs of pipelines are screens too: `##[…]` and `##vso[…]` anywhere in a line are commands to the
/// runners of GitHub Actions and Azure Pipelines, so of two `#` in a row the second is shown as an
/// escape. Source: Azure Pipelines documentation, "Logging commands".
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '#' if shown.ends_with('#') => shown.push_str("\\u{23}"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a string cannot fail.
            c if is_invisible(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// A line of a file with unsafe characters replaced one by one, so that columns stay where they are.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    let bad = |c: char| is_invisible(c) && c != '\n' && c != '\t';
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    let stand_in = |c: char| match c.len_utf8() {
        // Of the same length in bytes, as places are counted in bytes.
        1 => "?",
        2 => "\u{a4}",
        _ => "\u{fffd}",
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if bad(c) {
            shown.push_str(stand_in(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_becomes_visible() {
        assert_eq!(terminal("Kim\u{1b}[31m\u{202e}Osei\n"), "Kim\\u{1b}[31m\\u{202e}Osei\\n");
        assert_eq!(terminal("Zoë O'Neil 山田"), "Zoë O'Neil 山田");
        assert_eq!(terminal("##vso[task.x] ###"), "#\\u{23}vso[task.x] #\\u{23}#");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_gets_through(text in any::<String>()) {
            prop_assert!(!terminal(&text).chars().any(is_invisible));
            prop_assert!(!terminal(&text).contains("##"));
            prop_assert!(!line(&text).chars().any(|c| is_invisible(c) && c != '\n' && c != '\t'));
            prop_assert_eq!(line(&text).len(), text.chars().map(|c| c.len_utf8().min(if is_invisible(c) { 3 } else { 4 })).sum::<usize>());
        }
    }
}
