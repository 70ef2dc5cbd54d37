//! What changed inside a value.

use console::Style;
use similar::{ChangeTag, TextDiff};

use super::Styles;
use super::escape::terminal;

/// `before → after`, with the words that differ in colour, if there is colour.
pub(super) fn change(before: Option<&str>, after: Option<&str>, styles: &Styles) -> String {
    let (before, after) = (before.map(terminal), after.map(terminal));
    let (Some(before), Some(after)) = (&before, &after) else {
        let shown = |value: Option<&str>, style: &Style| {
            value.map_or_else(|| "(none)".to_owned(), |value| style.apply_to(value).to_string())
        };
        return format!(
            "{} → {}",
            shown(before.as_deref(), &styles.removed),
            shown(after.as_deref(), &styles.added)
        );
    };
    let (mut old, mut new) = (String::new(), String::new());
    for word in TextDiff::from_words(before.as_ref(), after.as_ref()).iter_all_changes() {
        match word.tag() {
            ChangeTag::Equal => {
                old.push_str(word.value());
                new.push_str(word.value());
            }
            ChangeTag::Delete => old.push_str(&styles.removed.apply_to(word.value()).to_string()),
            ChangeTag::Insert => new.push_str(&styles.added.apply_to(word.value()).to_string()),
        }
    }
    format!("{old} → {new}")
}
