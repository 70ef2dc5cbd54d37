//! The drift as a page.

use crate::drift::{Drift, Stranger};
use crate::plan::Plan;
use crate::render::differences::{self, Differing};
use crate::render::page as shown;
use crate::render::view::View;

use super::page::{ACTION, Page, section, tile};
use super::plan::{license, note};
use super::{Badge, Card, html, whereabouts};

/// The drift as one HTML file.
pub fn drift(view: &View<'_>, drift: &Drift) -> String {
    let plan = &*view.plan;
    let people = differences::people(plan, drift);
    let cards: Vec<String> = people.iter().map(|one| card(plan, one).html()).collect();
    let covered = drift.coverage;
    let tiles = [
        tile(people.len(), "differ", if people.is_empty() { "soft" } else { "changes" }),
        tile(covered.declared, "declared", "soft"),
        tile(covered.undeclared(plan.unmanaged), "undeclared", "soft"),
        tile(plan.unmanaged, "unmanaged", "soft"),
    ];
    let notes = items(&differences::coverage(plan, drift));
    let title = format!("Who differs ({})", people.len());
    Page {
        title: &shown::title(plan),
        kind: "portalctl drift",
        place: &format!("{}, as {}", plan.org.instance_url, plan.org.user),
        summary: &differences::summary_line(plan, drift),
        tiles: format!("<ul class=\"tiles\">\n{}</ul>\n", tiles.concat()),
        before: String::new(),
        people: if cards.is_empty() { String::new() } else { section(&title, &cards) },
        after: format!(
            "{}{}<section>\n<h2>Coverage</h2>\n<ul class=\"notes box\">\n{notes}</ul>\n</section>\n",
            frozen(plan),
            strangers(drift)
        ),
        digest: view.digest(),
        filter: ACTION,
    }
    .finish()
}

/// Who and when is told at first sight: it is what the page is opened for.
fn card<'a>(plan: &'a Plan, one: &Differing<'a>) -> Card<'a> {
    let badge = Badge { symbol: one.look.symbol, word: one.word(), tone: one.look.tone };
    let (lines, main) = (one.lines(), one.main());
    let mut gist: Vec<String> = lines.iter().map(|(line, _)| differences::sentence(line)).collect();
    gist.push(main);
    let mut rows = whereabouts(one.change);
    for (line, said) in &lines {
        let (name, is, declared) = differences::is_and_declared(line);
        rows.push((name.clone(), html(&differences::compared(line, &is, &declared))));
        rows.extend(said.iter().map(|said| (format!("Who changed {name}"), html(said))));
    }
    Card::about(one.change, badge, license(plan, one.change), (gist, rows))
}

fn items(texts: &[String]) -> String {
    let items: Vec<String> =
        texts.iter().map(|text| format!("<li>{}</li>\n", html(text))).collect();
    items.concat()
}

fn frozen(plan: &Plan) -> String {
    let items: Vec<String> = differences::frozen(plan).map(note).collect();
    if items.is_empty() {
        return String::new();
    }
    let items = items.concat();
    format!("<section>\n<h2>Frozen</h2>\n<ul class=\"notes box\">\n{items}</ul>\n</section>\n")
}

fn strangers(drift: &Drift) -> String {
    let who = |one: &Stranger| {
        let account = one.account.as_deref().unwrap_or("no account");
        format!("{}, {}, {account}", one.username, one.name)
    };
    let people: Vec<String> = drift.strangers.iter().flatten().map(who).collect();
    let items = items(&people);
    if items.is_empty() {
        return items;
    }
    format!(
        "<section>\n<h2>Active and not declared</h2>\n<ul class=\"notes box\">\n{items}</ul>\n</section>\n"
    )
}
