//! Text from outside in Markdown as GitHub and GitLab read it.
//!
//! Escaping by backslash is not enough there: `@team` pings, `#1` and `GH-1` link, bare addresses and
//! `www.` become links, `:tada:` becomes a picture. In a code span none of that happens. So words of
//! letters, digits and a few harmless signs stand as they are, and every other word is a code span.
//!
//! Source: GitHub Flavored Markdown Spec, sections 6.1 to 6.11; GitHub Docs, "Autolinked references
//! and URLs".

use super::terminal;

/// Signs that mean nothing in Markdown, wherever they stand inside a line.
const HARMLESS: &str = ",.;'\"()/?%=+-\u{2013}\u{2014}\u{2019}\u{2026}\u{2192}";

/// The text as part of a line or a table cell.
pub(in crate::render) fn markdown(text: &str) -> String {
    let text = terminal(text);
    let mut shown = String::with_capacity(text.len() + 16);
    // Messages of this program quote values in backticks. Where the quotes do not pair up, only the
    // looks suffer: each piece is written in a safe way whatever it holds.
    for (at, piece) in text.split('`').enumerate() {
        if at % 2 == 1 && !piece.is_empty() {
            span(&mut shown, piece);
        } else {
            words(&mut shown, piece);
        }
    }
    shown
}

fn words(shown: &mut String, text: &str) {
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            shown.push(' ');
        }
        if word.is_empty() || is_tame(word) {
            shown.push_str(word);
        } else if word == "&" {
            shown.push_str("&amp;");
        } else {
            // Brackets and stops around a word stay outside of its code span.
            let core = word.trim_start_matches('(').trim_end_matches([',', '.', ';', ')']);
            let (before, after) = word.split_once(core).unwrap_or(("", ""));
            if core.is_empty() {
                span(shown, word);
            } else {
                shown.push_str(before);
                span(shown, core);
                shown.push_str(after);
            }
        }
    }
}

/// A code span that does not run into one before it.
fn span(shown: &mut String, text: &str) {
    if shown.ends_with('`') {
        shown.push(' ');
    }
    shown.push_str(&code(text));
}

/// Whether a word is only a word: no markup, no link, no mention, no reference.
fn is_tame(word: &str) -> bool {
    let word = word.strip_suffix(':').unwrap_or(word);
    let digit = |c: char| c.is_ascii_digit();
    // An arrow, or a time of day.
    if word == "\u{2192}" || (word.starts_with(digit) && word.chars().all(|c| digit(c) || c == ':'))
    {
        return true;
    }
    let lower = word.to_lowercase();
    let reference = lower.split("gh-").skip(1).any(|rest| rest.starts_with(digit));
    let commit = |part: &str| part.len() >= 7 && part.chars().all(|c| c.is_ascii_hexdigit());
    let item = word.strip_suffix(['.', ')']).is_some_and(|rest| rest.chars().all(digit));
    let domain = word.split('.').skip(1).any(|rest| rest.starts_with(char::is_alphanumeric));
    word.chars().all(|c| c.is_alphanumeric() || HARMLESS.contains(c))
        // A word of signs alone could begin a list, a heading or a line of a table.
        && word.contains(char::is_alphanumeric)
        && !lower.split(|c: char| !c.is_alphanumeric()).any(commit)
        && !(reference || item || domain)
}

/// The text as a code span, wherever it stands.
///
/// A pipe would end a table cell even inside a code span, and parsers do not agree on how a
/// backslash before it is read, so it is shown as an escape.
pub(in crate::render) fn code(text: &str) -> String {
    let text = terminal(text).replace('|', "\\u{7c}");
    let mut fence = String::from("`");
    while text.contains(&fence) {
        fence.push('`');
    }
    let edge = |c: char| c == '`' || c == ' ';
    if text.trim().is_empty() {
        return String::from("`(blank)`");
    }
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use comrak::nodes::NodeValue;
    use comrak::{Arena, Options, parse_document};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn harmless_words_stay_and_others_become_code() {
        assert_eq!(markdown("Zoë O'Neil, Smith & Sons (UK)"), "Zoë O'Neil, Smith &amp; Sons (UK)");
        assert_eq!(markdown("@acme/team"), "`@acme/team`");
        assert_eq!(markdown("see GH-12 or #3"), "see `GH-12` or `#3`");
        assert_eq!(markdown("a|b <img>"), "`a\\u{7c}b` `<img>`");
        assert_eq!(markdown("contact `a b` has `x@y.example`"), "contact `a b` has `x@y.example`");
        assert_eq!(markdown("- [x] www.evil.example"), "`-` `[x]` `www.evil.example`");
    }

    #[test]
    fn a_code_span_holds_backticks() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(markdown("@a`b`@c"), "`@a` `b` `@c`");
    }

    /// A text of pieces that mean something to Markdown or to GitHub.
    fn trouble() -> impl Strategy<Value = String> {
        let pieces = [
            "|",
            "`",
            "``",
            "\\",
            "\\|",
            "@team",
            "#1",
            "GH-1",
            "<img>",
            "<!--",
            "-->",
            "*",
            "_",
            "~~",
            "[x](http://e.example)",
            "![]",
            "www.e.example",
            "https://e.example",
            "a@b.example",
            ":tada:",
            "&amp;",
            "&#64;",
            "\n",
            "\r\n",
            "\t",
            " ",
            "\u{a0}",
            "\u{202e}",
            "\u{1b}[1m",
            "word",
            "1.",
            "- ",
            "=",
            "+",
            "deadbeef1",
            "\"",
            "'",
            "(",
            ")",
        ];
        let piece = proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned);
        proptest::collection::vec(prop_oneof![4 => piece, 1 => any::<String>()], 0..12)
            .prop_map(|pieces| pieces.concat())
    }

    /// The words of a node, with blanks and backticks left out.
    fn bare(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace() && *c != '`').collect()
    }

    proptest! {
        #[test]
        fn a_text_stays_in_its_cell_and_means_nothing(text in trouble()) {
            let page = format!("| a | b |\n| --- | --- |\n| {} | x |\n", markdown(&text));
            let mut options = Options::default();
            options.extension.autolink = true;
            options.extension.table = true;
            options.extension.strikethrough = true;
            let arena = Arena::new();
            let (mut cells, mut said) = (0, String::new());
            for node in parse_document(&arena, &page, &options).descendants() {
                match &node.data.borrow().value {
                    NodeValue::Document | NodeValue::Table(_) | NodeValue::TableRow(_) => {}
                    NodeValue::TableCell => cells += 1,
                    NodeValue::Text(text) => {
                        prop_assert!(!text.contains('@') && !text.contains('#'), "{text}: {page}");
                        said.push_str(text);
                    }
                    NodeValue::Code(code) => said.push_str(&code.literal),
                    other => prop_assert!(false, "{other:?}: {page}"),
                }
            }
            prop_assert_eq!(cells, 4, "{}", page);
            let wanted = format!("ab{}x", terminal(&text).replace('|', "\\u{7c}"));
            prop_assert_eq!(bare(&said).replace("(blank)", ""), bare(&wanted).replace("(blank)", ""));
        }
    }
}
