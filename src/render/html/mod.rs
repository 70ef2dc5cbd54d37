//! The plan and the report as one HTML file: for the artifact of a run, read in a browser or on a
//! phone, without a network.
//!
//! Everybody stands in the page itself; a small script adds search and filters. The page's own
//! policy lets nothing run or load but that script and that style, by their fingerprints, so that a
//! name that got past the escaping could still do nothing.

mod access;
mod drift;
mod page;
mod plan;
mod report;
mod seats;

pub use access::access;
pub use drift::drift;
pub use plan::plan;
pub use report::report;

use crate::plan::Change;
use crate::render::highlight::{self, Word};
use crate::render::page::{self as shown, Amount, Line, Tone};

use super::escape::html;

/// What a badge says of a person: symbol, word, and how it is coloured.
#[derive(Clone, Copy)]
struct Badge<'a> {
    symbol: char,
    word: &'a str,
    tone: Tone,
}

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Takes => "takes",
        Tone::Gives => "gives",
        Tone::Changes => "changes",
    }
}

/// One person: a line to read, and everything else to unfold.
struct Card<'a> {
    name: &'a str,
    username: &'a str,
    account: &'a str,
    badge: Badge<'a>,
    /// The licence that they have in the end.
    license: Option<&'a str>,
    /// What is told at first sight, below the account, one line each.
    gist: Vec<String>,
    /// What is told when it is unfolded: names, and values as HTML.
    rows: Vec<(String, String)>,
}

impl<'a> Card<'a> {
    /// The card of a change, with what is told of it before its values.
    fn of(
        change: &'a Change,
        badge: Badge<'a>,
        license: Option<&'a str>,
        more: Vec<(String, String)>,
    ) -> Self {
        let mut rows = more;
        rows.extend(whereabouts(change));
        rows.extend(shown::lines(change, Amount::All).iter().map(row));
        Self::about(change, badge, license, (vec![gist(change)], rows))
    }

    /// The card of the person that a change is about.
    fn about(
        change: &'a Change,
        badge: Badge<'a>,
        license: Option<&'a str>,
        (gist, rows): (Vec<String>, Vec<(String, String)>),
    ) -> Self {
        Self {
            name: &change.name,
            username: change.username.as_str(),
            account: &change.account,
            badge,
            license,
            gist,
            rows,
        }
    }

    fn html(&self) -> String {
        let account = html(self.account);
        let license = self.license.map(|name| format!(" data-license=\"{}\"", html(name)));
        let (tone, word) = (class(self.badge.tone), self.badge.word);
        let gist = self.gist.iter().filter(|line| !line.is_empty());
        let gist: Vec<String> = gist.map(|line| format!("<br>{}", html(line))).collect();
        let gist = gist.concat();
        let mut parts = vec![format!(
            "<details class=\"person\" data-action=\"{word}\" data-account=\"{account}\"{}>\n\
             <summary><span class=\"badge {tone}\">{} {word}</span>\
             <span class=\"who\"><b>{}</b><span class=\"mono soft\">{}</span></span>\
             <span class=\"what\">{account}{gist}</span>\
             <span class=\"more\" aria-hidden=\"true\">\u{203a}</span></summary>\n<dl>",
            license.unwrap_or_default(),
            html(&self.badge.symbol.to_string()),
            html(self.name),
            html(self.username),
        )];
        for (name, value) in &self.rows {
            parts.push(format!("<dt>{}</dt><dd>{value}</dd>", html(name)));
        }
        parts.push("</dl>\n</details>\n".to_owned());
        parts.concat()
    }
}

/// Where somebody is declared, and under which other name the org has them.
fn whereabouts(change: &Change) -> Vec<(String, String)> {
    let mono = |text: &str| format!("<span class=\"mono\">{}</span>", html(text));
    let mut rows = Vec::new();
    if let Some(at) = &change.place {
        rows.push(("Declared in".to_owned(), mono(&format!("{}:{}", at.file, at.line))));
    }
    if change.org_username != change.username {
        rows.push(("Username in the org".to_owned(), mono(change.org_username.as_str())));
    }
    rows
}

/// A sentence of this program: what it quotes in backticks is shown as code. Where a value has
/// backticks of its own, only the looks suffer.
fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let shown: Vec<String> = pieces
        .map(
            |(at, piece)| {
                if at % 2 == 1 { format!("<code>{}</code>", html(piece)) } else { html(piece) }
            },
        )
        .collect();
    shown.concat()
}

/// Why, or what changes, in a few words.
fn gist(change: &Change) -> String {
    let mut parts: Vec<String> = shown::reasons(change).into_iter().map(str::to_owned).collect();
    for line in shown::lines(change, Amount::Brief) {
        parts.push(match line {
            Line::Value { name, .. } => name.into_owned(),
            Line::New { value, .. } => value.into_owned(),
            Line::Contact(step) => format!("contact: {step}"),
            Line::Held(_, list) => list.iter().map(shown::Held::text).collect::<Vec<_>>().join(" "),
            Line::Note(text) => text,
        });
    }
    parts.join(", ")
}

fn row(line: &Line<'_>) -> (String, String) {
    match line {
        Line::Value { name, before, after } => {
            (name.to_string(), difference(before.as_deref(), after.as_deref()))
        }
        Line::New { name, value } => (name.to_string(), format!("<ins>{}</ins>", html(value))),
        Line::Contact(step) => ("Contact".to_owned(), (*step).to_owned()),
        Line::Held(kind, list) => {
            let one = |held: &shown::Held<'_>| {
                let (tag, text) = (if held.sign == '-' { "del" } else { "ins" }, held.text());
                format!("<{tag}>{}</{tag}>", html(&text))
            };
            ((*kind).to_owned(), list.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Line::Note(text) => ("Before".to_owned(), html(text)),
    }
}

/// `before → after` with what differs marked.
fn difference(before: Option<&str>, after: Option<&str>) -> String {
    let part = |Word { same, text }: &Word, tag: &str| {
        let text = html(text);
        if *same { text } else { format!("<{tag}>{text}</{tag}>") }
    };
    let side = |value: Option<&str>, words: &[Word], tag: &str| match value {
        Some(_) => words.iter().map(|word| part(word, tag)).collect(),
        None => "<span class=\"soft\">(none)</span>".to_owned(),
    };
    let (old, new) = highlight::words(before, after);
    format!("{} \u{2192} {}", side(before, &old, "del"), side(after, &new, "ins"))
}
