//! The account of an apply as a page.

use crate::apply::{ChangeResult, Failure, Outcome, Report};
use crate::render::page::{self as shown, Tone};
use crate::render::report::total;
use crate::render::view::View;

use super::page::{ACTION, Page, section, tile};
use super::plan::license;
use super::{Badge, Card, html};

/// How outcomes are shown, the ones to look at first.
const OUTCOMES: [(&str, char, Tone); 4] = [
    ("failed", '!', Tone::Takes),
    ("unknown", '?', Tone::Takes),
    ("skipped", '-', Tone::Changes),
    ("applied", '+', Tone::Gives),
];

/// The report as one HTML file.
pub fn report(view: &View<'_>, report: &Report) -> String {
    let plan = &*view.plan;
    let tiles = [
        tile(report.applied(), "applied", "gives"),
        tile(report.failed(), "failed", "takes"),
        tile(report.skipped(), "skipped", "changes"),
    ];
    let mut people = String::new();
    for (word, symbol, tone) in OUTCOMES {
        let badge = Badge { symbol, word, tone };
        let ended: Vec<String> = plan
            .changes
            .iter()
            .zip(&report.results)
            .filter(|(_, result)| outcome(result) == word)
            .map(|(change, result)| {
                let mut more = vec![("Action".to_owned(), change.action.as_str().to_owned())];
                more.extend(failure(result).map(|why| ("Server".to_owned(), said(why))));
                Card::of(change, badge, license(plan, change), more).html()
            })
            .collect();
        if !ended.is_empty() {
            people.push_str(&section(&format!("{} {word}", ended.len()), &ended));
        }
    }
    Page {
        title: &shown::title(plan),
        kind: "portalctl apply",
        place: &format!("{}, as {}", plan.org.instance_url, plan.org.user),
        summary: &total(report),
        tiles: format!("<ul class=\"tiles\">\n{}</ul>\n", tiles.concat()),
        before: String::new(),
        people,
        after: String::new(),
        digest: view.digest(),
        filter: ACTION,
    }
    .finish()
}

const fn outcome(result: &ChangeResult) -> &'static str {
    match &result.outcome {
        Outcome::Applied => "applied",
        Outcome::Failed(_) => "failed",
        Outcome::Skipped(_) => "skipped",
        Outcome::Unknown(_) => "unknown",
    }
}

const fn failure(result: &ChangeResult) -> Option<&Failure> {
    match &result.outcome {
        Outcome::Failed(why) | Outcome::Unknown(why) => Some(why),
        Outcome::Applied | Outcome::Skipped(_) => None,
    }
}

fn said(why: &Failure) -> String {
    let help =
        why.help.as_deref().map(|help| format!("<br><span class=\"soft\">{}</span>", html(help)));
    format!("<code>{}</code> {}{}", html(&why.code), html(&why.message), help.unwrap_or_default())
}
