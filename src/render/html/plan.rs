//! The plan as a page.

use crate::model::{Diagnostic, Severity};
use crate::plan::{Change, Plan};
use crate::render::invited;
use crate::render::page::{self as shown, Tone};
use crate::render::view::View;

use super::page::{ACTION, Page, section, tile};
use super::seats::seats;
use super::{Badge, Card, class, prose};

/// The plan as one HTML file.
pub fn plan(view: &View<'_>) -> String {
    let plan = &*view.plan;
    Page {
        title: &shown::title(plan),
        kind: "portalctl plan",
        place: &format!("{}, as {}", plan.org.instance_url, plan.org.user),
        summary: &shown::summary_line(plan),
        tiles: tiles(plan),
        before: [stops(plan), seats(&plan.licenses)].concat(),
        people: people(plan),
        after: notes(plan),
        digest: view.digest(),
        filter: ACTION,
    }
    .finish()
}

fn tiles(plan: &Plan) -> String {
    let mut tiles: String = shown::looks(plan)
        .iter()
        .filter(|look| plan.count(look.action) > 0)
        .map(|look| tile(plan.count(look.action), &format!("to {}", look.word), class(look.tone)))
        .collect();
    if plan.blocked() > 0 {
        tiles.push_str(&tile(plan.blocked(), "blocked", "takes"));
    }
    let rest = if plan.invitation.is_some() { "left out" } else { "unchanged" };
    tiles.push_str(&tile(plan.unchanged, rest, "soft"));
    format!("<ul class=\"tiles\">\n{tiles}</ul>\n")
}

/// What stops the plan as a whole.
fn stops(plan: &Plan) -> String {
    let stop = |rule: &str, message: &str, help: &str| {
        format!(
            "<div class=\"stop box\"><strong>Blocked by rule {rule}</strong><p>{}</p><p class=\"soft\">{}</p></div>\n",
            prose(message),
            prose(help)
        )
    };
    plan.blockers
        .iter()
        .map(|blocker| stop(blocker.rule.as_str(), &blocker.message, &shown::way_out(blocker)))
        .collect()
}

/// Those who are held up first, then everybody in the plan's own order of actions.
fn people(plan: &Plan) -> String {
    let mut text = String::new();
    let blocked: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.blocked)
        .map(|change| {
            let badge = Badge { symbol: '!', word: "blocked", tone: Tone::Takes };
            Card::of(change, badge, license(plan, change), hindrances(plan, change)).html()
        })
        .collect();
    if let Some(title) = shown::held_up(plan) {
        text.push_str(&section(&title, &blocked));
    }
    for look in shown::looks(plan) {
        let badge = Badge { symbol: look.symbol, word: look.word, tone: look.tone };
        let people: Vec<String> = plan
            .ready()
            .filter(|change| change.action == look.action)
            .map(|change| Card::of(change, badge, license(plan, change), Vec::new()).html())
            .collect();
        if !people.is_empty() {
            text.push_str(&section(&format!("{} to {}", people.len(), look.word), &people));
        }
    }
    text
}

/// The licence that a user has in the end.
pub(super) fn license<'a>(plan: &'a Plan, change: &Change) -> Option<&'a str> {
    let at = change.seats.license?;
    Some(&*plan.licenses.get(at)?.name)
}

fn hindrances(plan: &Plan, change: &Change) -> Vec<(String, String)> {
    let about = |found: &&Diagnostic| {
        found.severity == Severity::Error && found.username.as_ref() == Some(&change.username)
    };
    let said = |found: &Diagnostic| {
        let help = found
            .help
            .as_deref()
            .map(|help| format!("<br><span class=\"soft\">{}</span>", prose(help)));
        let title = format!("In the way ({})", found.code.as_str());
        (title, format!("{}{}", prose(&found.message), help.unwrap_or_default()))
    };
    plan.diagnostics.iter().filter(about).map(said).collect()
}

fn notes(plan: &Plan) -> String {
    let mut items: Vec<String> = shown::notes(plan).map(note).collect();
    let effects = shown::side_effects(plan).into_iter();
    let effects = effects.chain(invited::left_out(plan)).chain(shown::strangers(plan));
    items.extend(effects.map(|text| format!("<li>{}</li>\n", prose(&text))));
    if items.is_empty() {
        return String::new();
    }
    format!(
        "<section>\n<h2>Notes</h2>\n<ul class=\"notes box\">\n{}</ul>\n</section>\n",
        items.concat()
    )
}

pub(super) fn note(found: &Diagnostic) -> String {
    let who = found.username.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    let help = found.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    format!(
        "<li>{} <code>{}</code> {}</li>\n",
        found.severity.as_str(),
        found.code.as_str(),
        prose(&format!("{who}{}{help}", found.message))
    )
}
