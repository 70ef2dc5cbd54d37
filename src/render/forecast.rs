//! Seats along the days ahead, as text; and what every format says of them.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use jiff::civil::Date;

use crate::model::{Code, Diagnostic};
use crate::plan::{Forecast, LicenseForecast, Plan, SeatPoint};

use super::escape::terminal;
use super::plan::{HANG, finding, heading};
use super::view::View;
use super::{Styles, count, licenses};

/// What is special about a day stands in this column.
const REMARKS: usize = 45;
/// So many days of a licence are shown one by one; of more, those that matter.
const DAYS: usize = 24;

/// Writes the seats now and after the plan, along the days ahead, and last whether they suffice.
pub fn forecast(
    out: &mut dyn Write,
    view: &View<'_>,
    forecast: &Forecast,
    all: bool,
    styles: &Styles,
) -> fmt::Result {
    let plan = &*view.plan;
    heading(out, plan, styles)?;
    licenses::table(out, &plan.licenses, styles)?;
    let moved: Vec<&LicenseForecast> =
        forecast.licenses.iter().filter(|one| is_moved(one)).collect();
    if !moved.is_empty() {
        let title = format!(
            "{:<12}  {:>6}  {:>6}  {:>6}  {:>5}",
            "Days ahead", "used", "total", "free", "use"
        );
        writeln!(out, "{}", styles.strong.apply_to(title))?;
        for license in moved {
            days(out, license, all, styles)?;
        }
        writeln!(out)?;
    }
    let mut any = false;
    for found in findings(plan, forecast) {
        finding(out, found, styles)?;
        any = true;
    }
    if let Some(held_up) = held_up(plan) {
        writeln!(out, "{}", styles.line(&held_up, HANG))?;
        any = true;
    }
    if any {
        writeln!(out)?;
    }
    let style = if is_short(plan, forecast) { &styles.error } else { &styles.strong };
    let verdict = style.apply_to(terminal(&verdict(plan, forecast))).to_string();
    writeln!(out, "{}", styles.line(&verdict, HANG))
}

fn days(out: &mut dyn Write, license: &LicenseForecast, all: bool, styles: &Styles) -> fmt::Result {
    writeln!(out, "{}", terminal(&license.name))?;
    let points = if all { license.points.clone() } else { shown(license) };
    for point in &points {
        let row = format!(
            "  {}  {:>6}  {:>6}  {:>6}  {:>5}",
            point.date,
            point.used,
            license.total,
            free(license, *point),
            percent(license, *point)
        );
        let style = if short(license, *point) > 0 { &styles.error } else { &styles.faint };
        let remarks = remarks(license, *point).join(", ");
        let line = format!("{}  {remarks}", style.apply_to(row));
        writeln!(out, "{}", styles.line(line.trim_end(), REMARKS))?;
    }
    let left = license.points.len() - points.len();
    if left > 0 {
        let more = count(left, "more day");
        let line = format!(
            "  \u{2026} and {more}, none with more seats taken in its month (`-v` lists all)"
        );
        writeln!(out, "{}", styles.line(&line, HANG))?;
    }
    match renewal(license) {
        Some(said) => writeln!(out, "{}", styles.line(&format!("  {said}"), HANG)),
        None => Ok(()),
    }
}

/// Whether anything is to be told of a licence beside what the plan's own table says.
pub(super) fn is_moved(license: &LicenseForecast) -> bool {
    license.points.len() > 1 || license.points.iter().any(|point| point.is_renewal)
}

/// The days that are shown of a licence: all, or of many the day of each month on which the most seats
/// are taken, and those that are told of.
pub(super) fn shown(license: &LicenseForecast) -> Vec<SeatPoint> {
    if license.points.len() <= DAYS {
        return license.points.clone();
    }
    let mut months: BTreeMap<(i16, i8), SeatPoint> = BTreeMap::new();
    for point in &license.points {
        let month = months.entry((point.date.year(), point.date.month())).or_insert(*point);
        if point.used > month.used {
            *month = *point;
        }
    }
    let first_short = license.points.iter().find(|point| short(license, **point) > 0);
    let told = |point: &&SeatPoint| {
        let month = (point.date.year(), point.date.month());
        months.get(&month) == Some(point)
            || point.is_renewal
            || license.points.first() == Some(point)
            || license.points.last() == Some(point)
            || first_short == Some(point)
    };
    license.points.iter().filter(told).copied().collect()
}

/// Seats that are left on a day; below zero, seats that are missing.
pub(super) fn free(license: &LicenseForecast, point: SeatPoint) -> i64 {
    license.total.saturating_sub(point.used)
}

fn short(license: &LicenseForecast, point: SeatPoint) -> i64 {
    free(license, point).min(0).saturating_neg()
}

/// How many of a hundred seats are taken, rounded down.
pub(super) fn percent(license: &LicenseForecast, point: SeatPoint) -> String {
    license.percent(point).map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"))
}

/// What is special about a day.
pub(super) fn remarks(license: &LicenseForecast, point: SeatPoint) -> Vec<String> {
    let mut remarks = Vec::new();
    if license.points.first() == Some(&point) {
        remarks.push("after the plan".to_owned());
    }
    if license.highest() == Some(point) {
        remarks.push("highest".to_owned());
    }
    if point.is_renewal {
        remarks.push("renewal".to_owned());
    }
    let (free, short) = (free(license, point), short(license, point));
    if short > 0 {
        remarks.push(format!("{short} short"));
    } else if u64::try_from(free).is_ok_and(|free| free < license.settings.reserve) {
        remarks.push(format!("below the reserve of {}", license.settings.reserve));
    }
    remarks
}

/// What the seats that are taken on the day of the renewal cost, and the free ones, where the project
/// has a price.
pub(super) fn renewal(license: &LicenseForecast) -> Option<String> {
    let point = license.points.iter().copied().find(|point| point.is_renewal)?;
    let cost = |seats: i64| license.settings.monthly(u64::try_from(seats).unwrap_or(0));
    let taken = cost(point.used)?;
    let free = free(license, point);
    let rest = match cost(free) {
        Some(cost) if free > 0 => format!(", {free} free ones {cost:.2} more"),
        Some(_) | None => String::new(),
    };
    let seats = count(usize::try_from(point.used).unwrap_or(0), "seat");
    Some(format!("Renewal on {}: {seats} in use cost {taken:.2} a month{rest}.", point.date))
}

/// What is said of seats rather than of people.
pub(super) fn findings<'a>(
    plan: &'a Plan,
    forecast: &'a Forecast,
) -> impl Iterator<Item = &'a Diagnostic> {
    let of_seats = |found: &&Diagnostic| {
        matches!(found.code, Code::SeatsToFree | Code::SeatCounterDiffers | Code::LicenseUnknown)
    };
    plan.diagnostics.iter().filter(of_seats).chain(&forecast.findings)
}

/// Who is not counted.
pub(super) fn held_up(plan: &Plan) -> Option<String> {
    let blocked = plan.blocked();
    let verb = if blocked == 1 { "is" } else { "are" };
    let users = count(blocked, "user");
    (blocked > 0).then(|| {
        format!("{users} {verb} blocked and counted as they are now: `portalctl plan` says why.")
    })
}

/// From when on seats are missing, how many, and the most; nothing, if they suffice.
fn shortage(plan: &Plan, license: &LicenseForecast) -> Option<String> {
    let missing: Vec<(Date, i64)> = license
        .points
        .iter()
        .enumerate()
        .map(|(at, point)| {
            let now = if at == 0 { without_seat(plan, license) } else { 0 };
            (point.date, short(license, *point).max(now))
        })
        .filter(|(_, short)| *short > 0)
        .collect();
    let (from, first) = *missing.first()?;
    let (when, most) = missing.iter().rev().copied().max_by_key(|(_, short)| *short)?;
    let since = match license.points.first() {
        Some(point) if point.date == from => "after the plan".to_owned(),
        Some(_) | None => format!("from {from} on"),
    };
    let worst = if most > first { format!(", {most} on {when}") } else { String::new() };
    Some(format!("{} is {first} short {since}{worst}", license.name))
}

/// People for whom the plan finds no seat.
fn without_seat(plan: &Plan, license: &LicenseForecast) -> i64 {
    let line = plan
        .licenses
        .iter()
        .find(|line| line.name == license.name && line.kind.as_str() == license.kind.as_str());
    line.map_or(0, |line| i64::try_from(line.short_users.len()).unwrap_or(i64::MAX))
}

fn is_short(plan: &Plan, forecast: &Forecast) -> bool {
    forecast.licenses.iter().any(|license| shortage(plan, license).is_some())
}

/// The last line: which seats run short and when, or that none do.
pub(super) fn verdict(plan: &Plan, forecast: &Forecast) -> String {
    let short: Vec<String> =
        forecast.licenses.iter().filter_map(|license| shortage(plan, license)).collect();
    if !short.is_empty() {
        return format!("Seats: {}.", short.join("; "));
    }
    let last = forecast.licenses.iter().flat_map(|one| &one.points).map(|point| point.date).max();
    match last.filter(|_| forecast.licenses.iter().any(is_moved)) {
        Some(last) => format!("Seats: enough through {last}, the last day foreseen."),
        None => "Seats: enough, and nothing changes them on the days foreseen.".to_owned(),
    }
}

/// Where a licence reaches a share of its seats first, as a sentence; nothing, if it never does.
pub fn warning(license: &LicenseForecast, warn_at: u8) -> Option<String> {
    let point = license.reaching(warn_at)?;
    let LicenseForecast { name, total, .. } = license;
    let when = if license.points.first() == Some(&point) {
        "after the plan".to_owned()
    } else {
        format!("from {} on", point.date)
    };
    let share = license.percent(point).map(|percent| format!(" ({percent}%)")).unwrap_or_default();
    Some(format!("{name}: {} of {total} seats are in use {when}{share}", point.used))
}
