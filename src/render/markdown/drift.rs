//! The drift as Markdown, for an issue or a chat.

use crate::drift::Drift;
use crate::plan::Action;

use crate::render::differences::{self, Differing};
use crate::render::page;
use crate::render::view::View;

use super::document::{Document, List, Worth};
use super::plan::note;
use super::{LEAST_LIMIT, code, head, markdown, marker, row};

/// The drift, in at most `limit` bytes.
pub fn drift(view: &View<'_>, drift: &Drift, limit: usize) -> String {
    let limit = limit.max(LEAST_LIMIT);
    let plan = &*view.plan;
    let mark = |cut| marker("drift", plan, view.digest(), cut);
    let mut body = Document::default();
    body.text(format!("## {}\n\n", markdown(&page::title(plan))));
    body.text(format!("**{}**\n", differences::summary_line(plan, drift)));
    body.list(List {
        worth: Worth::First,
        title: "\n### Who differs\n".to_owned(),
        open: head(["", "user", "name", "account", "what", "who and when", "where"]),
        items: differences::people(plan, drift).iter().map(person).collect(),
        gap: ("| \u{2026} | ", " more are not shown here | | | | | |\n"),
        close: String::new(),
    });
    body.list(List {
        worth: Worth::Second,
        title: "\n### Frozen\n".to_owned(),
        open: "\n".to_owned(),
        items: differences::frozen(plan).map(note).collect(),
        gap: ("- \u{2026} ", " more are not shown here\n"),
        close: String::new(),
    });
    let strangers = drift.strangers.iter().flatten().map(|one| {
        let account = one.account.as_deref().unwrap_or_default();
        row([&code(one.username.as_str()), &markdown(&one.name), &markdown(account)])
    });
    body.list(List {
        worth: Worth::Second,
        title: "\n### Active and not declared\n".to_owned(),
        open: head(["user", "name", "account"]),
        items: strangers.collect(),
        gap: ("| \u{2026} | ", " more are not shown here | |\n"),
        close: String::new(),
    });
    let covered: Vec<String> =
        differences::coverage(plan, drift).iter().map(|text| markdown(text)).collect();
    body.text(format!("\n{}\n", covered.join("\n")));
    let cut = body.fit(limit.saturating_sub(mark(true).len()));
    mark(cut) + &body.finish()
}

fn person(one: &Differing<'_>) -> String {
    let lines = one.lines();
    let mut what = Vec::new();
    if lines.is_empty() || one.change.action != Action::Update {
        what.push(one.word().to_owned());
    }
    let mut who = vec![one.main()];
    for (line, said) in lines {
        let (name, is, declared) = differences::is_and_declared(&line);
        let list = |values: &[String]| {
            values.iter().map(|value| code(value)).collect::<Vec<_>>().join(" ")
        };
        let side = |word: &str, values: &[String]| {
            if values.is_empty() { String::new() } else { format!(" {word} {}", list(values)) }
        };
        let (has, lacks) = differences::verbs(&line);
        let sides = [side(has, &is), side(lacks, &declared)];
        let sides: Vec<&str> = sides.iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
        what.push(format!("{}:{}", markdown(&name), sides.join(",")));
        who.extend(said.map(|said| format!("{name}: {said}")));
    }
    let place = one.change.place.as_ref();
    let place = place.map(|at| code(&format!("{}:{}", at.file, at.line))).unwrap_or_default();
    row([
        &code(&one.look.symbol.to_string()),
        &code(one.change.username.as_str()),
        &markdown(&one.change.name),
        &markdown(&one.change.account),
        &what.join("; "),
        &markdown(&who.join("; ")),
        &place,
    ])
}
