//! The plan as Markdown.

use std::borrow::Cow;

use crate::model::{Diagnostic, Place, Severity};
use crate::plan::{Action, Change, LicenseLine, Plan};

use crate::render::count;
use crate::render::invited;
use crate::render::page::{self, Amount, Line, Look, Tone};
use crate::render::view::View;

use super::document::{Document, List, Worth};
use super::{LEAST_LIMIT, code, head, markdown, marker, row};

/// Up to so many people of an action stand open; more are folded.
const OPEN: usize = 50;

/// The plan, in at most `limit` bytes.
pub fn plan(view: &View<'_>, limit: usize) -> String {
    let limit = limit.max(LEAST_LIMIT);
    let notice = truncated();
    let reserve = notice.len() + marker("plan", &view.plan, view.digest(), false).len();
    let mut body = body(&view.plan);
    let cut = body.fit(limit.saturating_sub(reserve));
    let mut text = marker("plan", &view.plan, view.digest(), cut);
    text.push_str(&body.finish());
    if cut {
        text.push_str(&notice);
    }
    if text.len() <= limit { text } else { bare(view) }
}

/// What is left when not even the part fits that is never cut.
fn bare(view: &View<'_>) -> String {
    let summary = page::summary_line(&view.plan);
    format!("{}**{summary}**\n{}", marker("plan", &view.plan, view.digest(), true), truncated())
}

fn truncated() -> String {
    "\n> **This is not the whole plan, so it cannot be approved from here.** It was cut to fit; the \
     whole plan is in the artifact of the run (`--report html=FILE` or `json=FILE`).\n"
        .to_owned()
}

fn body(plan: &Plan) -> Document {
    let mut page = Document::default();
    page.text(format!("## {}\n\n", markdown(&page::title(plan))));
    page.text(format!("**{}**\n", page::summary_line(plan)));
    stops(&mut page, plan);
    for look in page::looks(plan).iter().filter(|look| look.tone == Tone::Takes) {
        people(&mut page, plan, *look, Worth::First);
    }
    if page::seats_are_tight(plan) {
        seats(&mut page, plan);
    }
    let effects = page::side_effects(plan);
    if !effects.is_empty() {
        page.text(format!("\n{}\n", markdown(&effects.join(" "))));
    }
    for look in page::looks(plan).iter().filter(|look| look.tone != Tone::Takes) {
        people(&mut page, plan, *look, Worth::Second);
    }
    details(&mut page, plan);
    notes(&mut page, plan);
    page
}

/// What stops the plan, and whom something stands in the way of.
fn stops(page: &mut Document, plan: &Plan) {
    for blocker in &plan.blockers {
        page.text(format!(
            "\n> [!CAUTION]\n> **Blocked by rule {}**: {}. Help: {}.\n",
            blocker.rule.as_str(),
            markdown(&blocker.message),
            markdown(&page::way_out(blocker)),
        ));
    }
    let Some(held_up) = page::held_up(plan) else { return };
    let errors: Vec<&Diagnostic> = plan
        .diagnostics
        .iter()
        .filter(|found| found.username.is_some() && found.severity == Severity::Error)
        .collect();
    page.list(List {
        worth: Worth::First,
        title: format!("\n### {held_up}\n"),
        open: head(["user", "what stands in the way", "the mend", "where"]),
        items: errors.into_iter().map(problem).collect(),
        gap: ("| \u{2026} | ", " more are not shown here | | |\n"),
        close: String::new(),
    });
}

fn problem(found: &Diagnostic) -> String {
    let place = found.place.as_ref().map(|place| code(&format!("{}:{}", place.file, place.line)));
    row([
        &found.username.as_ref().map(|name| code(name.as_str())).unwrap_or_default(),
        &format!("{} {}", code(found.code.as_str()), markdown(&found.message)),
        &found.help.as_deref().map(markdown).unwrap_or_default(),
        &place.unwrap_or_default(),
    ])
}

fn people(page: &mut Document, plan: &Plan, look: Look, worth: Worth) {
    let changes: Vec<&Change> =
        plan.ready().filter(|change| change.action == look.action).collect();
    let title = format!("\n### {} to {}\n", changes.len(), look.word);
    let fold = changes.len() > OPEN && worth != Worth::First;
    let table = head(["", "user", "name", "account", "what", "where"]);
    let (open, close) = if fold {
        let all = count(changes.len(), "user");
        (format!("\n<details><summary>{all}</summary>\n{table}"), "\n</details>\n")
    } else {
        (table, "")
    };
    page.list(List {
        worth,
        title,
        open,
        items: changes.into_iter().map(|change| person(change, look)).collect(),
        gap: ("| \u{2026} | ", " more are not shown here | | | | |\n"),
        close: close.to_owned(),
    });
}

fn person(change: &Change, look: Look) -> String {
    row([
        &code(&look.symbol.to_string()),
        &code(change.username.as_str()),
        &markdown(&change.name),
        &markdown(&change.account),
        &what(change),
        &change.place.as_ref().map(declared_at).unwrap_or_default(),
    ])
}

fn declared_at(place: &Place) -> String {
    code(&format!("{}:{}", place.file, place.line))
}

pub(super) fn seats(page: &mut Document, plan: &Plan) {
    let shown = plan.licenses.iter().filter(|line| line.total != 0 || line.needed != 0);
    page.list(List {
        worth: Worth::First,
        title: "\n### Seats\n".to_owned(),
        open: head(["licence", "total", "used", "freed", "needed", "after", "short"]),
        items: shown.map(license).collect(),
        gap: ("| \u{2026} ", " more | | | | | | |\n"),
        close: String::new(),
    });
    for line in plan.licenses.iter().filter(|line| !line.short_users.is_empty()) {
        let users = count(line.short_users.len(), "user");
        page.list(List {
            worth: Worth::First,
            title: format!("\n{users} without a seat of {}:\n", markdown(&line.name)),
            open: "\n".to_owned(),
            items: line
                .short_users
                .iter()
                .map(|name| format!("- {}\n", code(name.as_str())))
                .collect(),
            gap: ("- \u{2026} ", " more are not shown here\n"),
            close: String::new(),
        });
    }
}

fn license(line: &LicenseLine) -> String {
    let short = line.short_users.len();
    let strong = |number: usize| {
        if number > 0 { format!("**{number}**") } else { number.to_string() }
    };
    row([
        &markdown(&line.name),
        &line.total.to_string(),
        &line.used.to_string(),
        &line.freed.to_string(),
        &line.needed.to_string(),
        &line.after().to_string(),
        &strong(short),
    ])
}

/// Why, and everything that is not only a value of somebody new.
fn what(change: &Change) -> String {
    let mut parts: Vec<String> = Vec::new();
    let reasons = page::reasons(change);
    if !reasons.is_empty() {
        parts.push(reasons.join(", "));
    }
    parts.extend(page::lines(change, Amount::Brief).iter().map(said));
    parts.join("; ")
}

fn said(line: &Line<'_>) -> String {
    let value =
        |value: &Option<Cow<'_, str>>| value.as_deref().map_or_else(|| "(none)".to_owned(), code);
    match line {
        Line::Value { name, before, after } => {
            format!("{} {} \u{2192} {}", markdown(name), value(before), value(after))
        }
        Line::New { name, value } => format!("{} {}", markdown(name), code(value)),
        Line::Contact(step) => format!("contact: {step}"),
        Line::Held(_, list) => {
            list.iter().map(|one| code(&one.text())).collect::<Vec<_>>().join(" ")
        }
        Line::Note(text) => markdown(text),
    }
}

/// Every value of new users, folded.
fn details(page: &mut Document, plan: &Plan) {
    let new = |change: &&Change| change.action == Action::Create;
    let items = plan.ready().filter(new).map(|change| {
        let lines = page::lines(change, Amount::All);
        let values: Vec<String> = lines.iter().map(said).collect();
        row([&code(change.username.as_str()), &values.join(", ")])
    });
    page.list(List {
        worth: Worth::Last,
        title: String::new(),
        open: format!(
            "\n<details><summary>Every value of new users</summary>\n{}",
            head(["user", "values"])
        ),
        items: items.collect(),
        gap: ("| \u{2026} | ", " more are not shown here |\n"),
        close: "\n</details>\n".to_owned(),
    });
}

/// Warnings and notes; last, who is left alone.
fn notes(page: &mut Document, plan: &Plan) {
    let left_out = invited::left_out(plan);
    if !left_out.is_empty() {
        let items = left_out.iter().map(|text| format!("- {}\n", markdown(text)));
        page.text(format!("\n### {} left out\n\n{}", plan.unchanged, items.collect::<String>()));
    }
    page.list(List {
        worth: Worth::Second,
        title: "\n### Notes\n".to_owned(),
        open: "\n".to_owned(),
        items: page::notes(plan).map(note).collect(),
        gap: ("- \u{2026} ", " more are not shown here\n"),
        close: String::new(),
    });
    if let Some(strangers) = page::strangers(plan) {
        page.text(format!("\n{strangers}\n"));
    }
}

pub(super) fn note(found: &Diagnostic) -> String {
    let who = found.username.as_ref().map(|name| format!("{}: ", code(name.as_str())));
    let help = found.help.as_deref().map(|help| format!("; {}", markdown(help)));
    format!(
        "- {} {}: {}{}{}\n",
        found.severity.as_str(),
        code(found.code.as_str()),
        who.unwrap_or_default(),
        markdown(&found.message),
        help.unwrap_or_default()
    )
}
