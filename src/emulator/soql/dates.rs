//! Relative dates: `TODAY`, `LAST_N_DAYS:30` and their kin → the days they mean.
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals". The days are those of the
//! running user's time zone; fiscal years are taken to be calendar years.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

const UNITS: [&str; 5] = ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];

/// Whether a word wants a number behind it.
pub(super) fn is_counted(word: &str) -> bool {
    counted(word).is_some()
}

/// Whether a word names days by itself.
pub(super) fn is_relative(word: &str) -> bool {
    resolve(word, 0, Date::constant(2026, 1, 5)).is_some()
}

/// The first day that a literal means, and the first that it does not.
pub(super) fn resolve(word: &str, number: i64, today: Date) -> Option<(Date, Date)> {
    if let Some((direction, unit)) = counted(word) {
        return counted_days(direction, unit, number, today);
    }
    let day = |by: i64| -> Option<(Date, Date)> {
        let first = today.checked_add(by.days()).ok()?;
        Some((first, first.tomorrow().ok()?))
    };
    match word {
        "TODAY" => return day(0),
        "YESTERDAY" => return day(-1),
        "TOMORROW" => return day(1),
        "LAST_90_DAYS" => {
            return Some((today.checked_sub(90.days()).ok()?, today.tomorrow().ok()?));
        }
        "NEXT_90_DAYS" => {
            return Some((today.tomorrow().ok()?, today.checked_add(91.days()).ok()?));
        }
        _ => {}
    }
    let (which, unit) = word.split_once('_')?;
    let unit = unit.strip_prefix("FISCAL_").unwrap_or(unit);
    if unit == "DAY" || !UNITS.contains(&unit) {
        return None;
    }
    let by = match which {
        "LAST" => -1,
        "THIS" => 0,
        "NEXT" => 1,
        _ => return None,
    };
    let first = start(unit, today)?.checked_add(length(unit, by)?).ok()?;
    Some((first, first.checked_add(length(unit, 1)?).ok()?))
}

#[derive(Clone, Copy)]
enum Direction {
    Last,
    Next,
    Ago,
}

fn counted(word: &str) -> Option<(Direction, &'static str)> {
    let unit = |text: &str| {
        let text = text.strip_prefix("FISCAL_").unwrap_or(text);
        UNITS.into_iter().find(|unit| text.strip_suffix('S') == Some(*unit))
    };
    if let Some(rest) = word.strip_prefix("LAST_N_") {
        return Some((Direction::Last, unit(rest)?));
    }
    if let Some(rest) = word.strip_prefix("NEXT_N_") {
        return Some((Direction::Next, unit(rest)?));
    }
    let rest = word.strip_prefix("N_")?.strip_suffix("_AGO")?;
    Some((Direction::Ago, unit(rest)?))
}

/// `LAST_N_DAYS` includes today; other units leave the current one out.
fn counted_days(direction: Direction, unit: &str, n: i64, today: Date) -> Option<(Date, Date)> {
    let n = n.clamp(0, 100_000);
    let now = start(unit, today)?;
    let away = |by: i64| now.checked_add(length(unit, by)?).ok();
    match direction {
        Direction::Last if unit == "DAY" => Some((away(-n)?, away(1)?)),
        Direction::Last => Some((away(-n)?, now)),
        Direction::Next => Some((away(1)?, away(n + 1)?)),
        Direction::Ago => Some((away(-n)?, away(1 - n)?)),
    }
}

/// The first day of the unit that a day is in. Weeks begin on Sunday.
fn start(unit: &str, day: Date) -> Option<Date> {
    match unit {
        "DAY" => Some(day),
        "WEEK" => {
            let back = i64::from(day.weekday().since(Weekday::Sunday));
            day.checked_sub(back.days()).ok()
        }
        "MONTH" => Some(day.first_of_month()),
        "QUARTER" => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok(),
        _ => Some(day.first_of_year()),
    }
}

fn length(unit: &str, by: i64) -> Option<Span> {
    let span = Span::new();
    match unit {
        "DAY" => span.try_days(by),
        "WEEK" => span.try_weeks(by),
        "MONTH" => span.try_months(by),
        "QUARTER" => span.try_months(by * 3),
        _ => span.try_years(by),
    }
    .ok()
}
