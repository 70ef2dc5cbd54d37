//! Text from outside in HTML.

use super::terminal;

/// The text for an element or a quoted attribute.
pub(in crate::render) fn html(text: &str) -> String {
    let text = terminal(text);
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            c => shown.push(c),
        }
    }
    shown
}
