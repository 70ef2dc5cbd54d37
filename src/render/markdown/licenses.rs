//! Seats along the days ahead, as Markdown.

use crate::plan::{Forecast, LicenseForecast, SeatPoint};

use crate::render::forecast::{
    findings, free, held_up, is_moved, percent, remarks, renewal, shown, verdict,
};
use crate::render::page;
use crate::render::view::View;

use super::document::{Document, List, Worth};
use super::plan::{note, seats};
use super::{LEAST_LIMIT, head, markdown, marker, row};

/// The forecast, in at most `limit` bytes.
pub fn licenses(view: &View<'_>, forecast: &Forecast, limit: usize) -> String {
    let limit = limit.max(LEAST_LIMIT);
    let plan = &*view.plan;
    let mark = |cut| marker("licenses", plan, view.digest(), cut);
    let mut body = Document::default();
    body.text(format!("## {}\n\n", markdown(&page::title(plan))));
    body.text(format!("**{}**\n", markdown(&verdict(plan, forecast))));
    seats(&mut body, plan);
    for license in forecast.licenses.iter().filter(|license| is_moved(license)) {
        body.list(List {
            worth: Worth::Second,
            title: format!("\n### {}\n", markdown(&license.name)),
            open: head(["from", "used", "total", "free", "use", ""]),
            items: shown(license).into_iter().map(|point| day(license, point)).collect(),
            gap: ("| \u{2026} | ", " more days are not shown here | | | | |\n"),
            close: renewal(license).map(|said| format!("\n{said}\n")).unwrap_or_default(),
        });
    }
    body.list(List {
        worth: Worth::Second,
        title: "\n### Notes\n".to_owned(),
        open: "\n".to_owned(),
        items: findings(plan, forecast).map(note).collect(),
        gap: ("- \u{2026} ", " more are not shown here\n"),
        close: String::new(),
    });
    if let Some(held_up) = held_up(plan) {
        body.text(format!("\n{}\n", markdown(&held_up)));
    }
    let cut = body.fit(limit.saturating_sub(mark(true).len()));
    mark(cut) + &body.finish()
}

fn day(license: &LicenseForecast, point: SeatPoint) -> String {
    row([
        &point.date.to_string(),
        &point.used.to_string(),
        &license.total.to_string(),
        &free(license, point).to_string(),
        &percent(license, point),
        &remarks(license, point).join(", "),
    ])
}
