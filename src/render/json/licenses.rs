//! Seats along the days ahead → JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::Forecast;
use crate::render::forecast::findings;
use crate::render::view::View;

use super::plan::{DiagnosticEntry, License, Org};

/// What `portalctl licenses --json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "portalctl licenses")]
pub struct LicensesDocument<'a> {
    /// Version of this format. Keys are added in minor versions and removed only in major ones.
    format_version: &'static str,
    /// Version of the program.
    tool_version: &'static str,
    /// `[project] name`.
    project: &'a str,
    /// The org that was read.
    org: Org<'a>,
    /// Seats now and after the plan, as in the plan's own document.
    licenses: Vec<License<'a>>,
    /// Seats along the days ahead: of every licence once the plan is carried out, on every day after
    /// on which they change, and on the day of its renewal. By date, then name.
    forecast: Vec<Point<'a>>,
    /// Users whom something stands in the way of: they are counted as they are now.
    blocked: usize,
    /// What is to be said of seats.
    diagnostics: Vec<DiagnosticEntry<'a>>,
}

/// Seats of a licence from a day on.
#[derive(Serialize, JsonSchema)]
struct Point<'a> {
    /// The day on which an apply would bring it about, such as `2027-03-31`.
    date: String,
    name: &'a str,
    /// `user` or `permission_set`.
    kind: &'static str,
    used: i64,
    total: i64,
    /// Whether the contract is renewed on that day.
    renewal: bool,
}

impl<'a> LicensesDocument<'a> {
    pub(super) fn of(view: &'a View<'_>, forecast: &'a Forecast) -> Self {
        let plan = &*view.plan;
        let points = forecast.licenses.iter().flat_map(|license| {
            license.points.iter().map(|point| Point {
                date: point.date.to_string(),
                name: &license.name,
                kind: license.kind.as_str(),
                used: point.used,
                total: license.total,
                renewal: point.is_renewal,
            })
        });
        let mut points: Vec<Point<'a>> = points.collect();
        points.sort_by(|a, b| (&a.date, a.name).cmp(&(&b.date, b.name)));
        Self {
            format_version: super::FORMAT_VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            project: plan.project.as_str(),
            org: Org::of(&plan.org),
            licenses: plan.licenses.iter().map(License::of).collect(),
            forecast: points,
            blocked: plan.blocked(),
            diagnostics: findings(plan, forecast).map(DiagnosticEntry::of).collect(),
        }
    }
}
