//! The plan and the report as one HTML file: for the artifact of a run, read in a browser or on a
//! phone, without a network.
//!
//! Everybody stands in the page itself; a small script adds search and filters. The page's own
//! policy lets nothing run or load but that script and that style, by their fingerprints, so that a
//! name that got past the escaping could still do nothing.

mod drift;
mod page;
mod plan;
mod report;
mod seats;

pub use drift::drift;
pub use plan::plan;
pub use report::report;

use crate::plan::Change;
use crate::render::highlight::{self, Word};
use crate::render::page::{self as shown, Amount, Line, Tone};

use super::escape::html;

/// What a badge says of a person: symbol, word, and how it is coloured.
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
fn person(
    change: &Change,
    badge: &Badge<'_>,
    license: Option<&str>,
    more: &[(String, String)],
) -> String {
    let account = html(&change.account);
    let license = license.map(|name| format!(" data-license=\"{}\"", html(name)));
    let (tone, word) = (class(badge.tone), badge.word);
    let mut parts = vec![format!(
        "<details class=\"person\" data-action=\"{word}\" data-account=\"{account}\"{}>\n\
         <summary><span class=\"badge {tone}\">{} {word}</span>\
         <span class=\"who\"><b>{}</b><span class=\"mono soft\">{}</span></span>\
         <span class=\"what\">{account}<br>{}</span>\
         <span class=\"more\" aria-hidden=\"true\">\u{203a}</span></summary>\n<dl>",
        license.unwrap_or_default(),
        html(&badge.symbol.to_string()),
        html(&change.name),
        html(change.username.as_str()),
        html(&gist(change)),
    )];
    for (name, value) in more {
        parts.push(format!("<dt>{}</dt><dd>{value}</dd>", html(name)));
    }
    let place = change.place.as_ref();
    let place = place.map(|at| format!("{}:{}", at.file, at.line)).unwrap_or_default();
    parts.push(format!("<dt>Declared in</dt><dd class=\"mono\">{}</dd>", html(&place)));
    if change.org_username != change.username {
        let there = html(change.org_username.as_str());
        parts.push(format!("<dt>Username in the org</dt><dd class=\"mono\">{there}</dd>"));
    }
    for line in shown::lines(change, Amount::All) {
        parts.push(row(&line));
    }
    parts.push("</dl>\n</details>\n".to_owned());
    parts.concat()
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

fn row(line: &Line<'_>) -> String {
    let (name, value) = match line {
        Line::Value { name, before, after } => {
            (html(name), difference(before.as_deref(), after.as_deref()))
        }
        Line::New { name, value } => (html(name), format!("<ins>{}</ins>", html(value))),
        Line::Contact(step) => ("Contact".to_owned(), (*step).to_owned()),
        Line::Held(kind, list) => {
            let one = |held: &shown::Held<'_>| {
                let (tag, text) = (if held.sign == '-' { "del" } else { "ins" }, held.text());
                format!("<{tag}>{}</{tag}>", html(&text))
            };
            ((*kind).to_owned(), list.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Line::Note(text) => ("Before".to_owned(), html(text)),
    };
    format!("<dt>{name}</dt><dd>{value}</dd>")
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
