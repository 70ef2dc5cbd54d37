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
    let (old, new) = words(Some(before), Some(after));
    let shown = |words: &[Word], style: &Style| -> String {
        let word = |Word { same, text }: &Word| {
            if *same { text.clone() } else { style.apply_to(text).to_string() }
        };
        words.iter().map(word).collect()
    };
    format!("{} → {}", shown(&old, &styles.removed), shown(&new, &styles.added))
}

/// A word of a value.
pub(super) struct Word {
    /// Whether the other value has it too.
    pub(super) same: bool,
    pub(super) text: String,
}

/// Both values cut into words.
pub(super) fn words(before: Option<&str>, after: Option<&str>) -> (Vec<Word>, Vec<Word>) {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    for word in TextDiff::from_words(before, after).iter_all_changes() {
        let text = word.value().to_owned();
        match word.tag() {
            ChangeTag::Equal => {
                old.push(Word { same: true, text: text.clone() });
                new.push(Word { same: true, text });
            }
            ChangeTag::Delete => old.push(Word { same: false, text }),
            ChangeTag::Insert => new.push(Word { same: false, text }),
        }
    }
    (old, new)
}
