//! How values compare.
//! Source: SOQL and SOSL Reference, "Comparison Operators": text without regard to case, ids by
//! their fifteen significant characters, null only equal to null.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Fault;
use super::ast::{Constant, Literal, Operator};
use super::dates;
use super::lexer::wildcard;
use crate::emulator::id::Id;
use crate::emulator::schema::{Field, Kind};
use crate::emulator::store::{Key, Org};
use crate::emulator::value::Value;

/// A literal made ready for a field.
#[derive(Clone, Debug)]
pub(super) enum Ready {
    Value(Value),
    /// Days from the first up to the second, which is not meant.
    Days(Date, Date),
    /// Moments from the first up to the second, which is not meant.
    Span(Timestamp, Timestamp),
    /// Text in lower case.
    Folded(String),
    /// Text as it is, for fields that an administrator made case-sensitive.
    Exact(String),
}

impl Ready {
    /// The key to look it up by.
    pub(super) fn key(&self) -> Option<Key> {
        match self {
            Self::Value(value) => Key::of(value),
            Self::Folded(text) => Some(Key::Text(text.as_str().into())),
            Self::Exact(text) => Some(Key::folded(text)),
            Self::Days(..) | Self::Span(..) => None,
        }
    }
}

/// Makes a literal ready, or says why the field cannot be compared with it.
pub(super) fn ready(org: &Org, field: &Field, literal: &Literal) -> Result<Ready, Fault> {
    if !field.filterable {
        let message = format!("field '{}' can not be filtered in a query call", field.name);
        return Err(Fault { code: "INVALID_FIELD", at: literal.at, message });
    }
    let wrong = |kind: &str| Fault {
        code: "INVALID_FIELD",
        at: literal.at,
        message: format!(
            "value of filter criterion for field '{}' must be of type {kind} and should {}be enclosed in quotes",
            field.name,
            if kind == "string" { "" } else { "not " }
        ),
    };
    Ok(match (&literal.value, &field.kind) {
        (Constant::Null, Kind::Bool) => Ready::Value(Value::Bool(false)),
        (Constant::Null, _) => Ready::Value(Value::Null),
        (Constant::Bool(value), Kind::Bool) => Ready::Value(Value::Bool(*value)),
        (Constant::Number(number), kind) if kind.is_number() => {
            Ready::Value(Value::Number(*number))
        }
        (Constant::Moment(moment), Kind::Moment) => Ready::Value(Value::Moment(*moment)),
        (Constant::Day(date), Kind::Day) => {
            Ready::Days(*date, date.tomorrow().map_err(|_| wrong("date"))?)
        }
        (Constant::Relative(word, number), Kind::Day | Kind::Moment) => {
            relative(org, &field.kind, word, *number).ok_or_else(|| wrong("date"))?
        }
        (Constant::Text(text), kind) if kind.is_id() => {
            if text.is_empty() {
                return Ok(Ready::Value(Value::Null));
            }
            let id = Id::parse(text).ok_or_else(|| Fault {
                code: "INVALID_QUERY_FILTER_OPERATOR",
                at: literal.at,
                message: format!("invalid ID field: {text}"),
            })?;
            Ready::Value(Value::Id(id))
        }
        (Constant::Text(text), kind) if kind.is_text() => {
            if text.is_empty() {
                Ready::Value(Value::Null)
            } else if field.case_sensitive {
                Ready::Exact(text.clone())
            } else {
                Ready::Folded(text.to_lowercase())
            }
        }
        (_, Kind::Bool) => return Err(wrong("boolean")),
        (_, kind) if kind.is_number() => return Err(wrong("double")),
        (_, Kind::Moment) => return Err(wrong("dateTime")),
        (_, Kind::Day) => return Err(wrong("date")),
        (_, _) => return Err(wrong("string")),
    })
}

/// The stretch that a relative date means to whoever asks.
fn relative(org: &Org, kind: &Kind, word: &str, number: i64) -> Option<Ready> {
    let zone = org.zone();
    let today = org.now().to_zoned(zone.clone()).date();
    let (first, end) = dates::resolve(word, number, today)?;
    if *kind == Kind::Day {
        return Some(Ready::Days(first, end));
    }
    let start = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
    Some(Ready::Span(start(first)?, start(end)?))
}

/// Whether a value fits.
pub(super) fn holds(value: &Value, operator: Operator, ready: &Ready) -> bool {
    match operator {
        Operator::Equal => equal(value, ready),
        Operator::Unequal => !equal(value, ready),
        Operator::Like => match (value, ready) {
            (Value::Text(text), Ready::Folded(pattern) | Ready::Exact(pattern)) => {
                let text: Vec<char> = text.to_lowercase().chars().collect();
                let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
                like(&text, &pattern)
            }
            _ => false,
        },
        Operator::Less => order(value, ready) == Some(Ordering::Less),
        Operator::LessOrEqual => order(value, ready).is_some_and(Ordering::is_le),
        Operator::Greater => order(value, ready) == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order(value, ready).is_some_and(Ordering::is_ge),
    }
}

/// Whether a value is the literal.
pub(super) fn equal(value: &Value, ready: &Ready) -> bool {
    match (value, ready) {
        (Value::Text(text), Ready::Folded(wanted)) => {
            if text.is_ascii() {
                text.eq_ignore_ascii_case(wanted)
            } else {
                text.to_lowercase() == *wanted
            }
        }
        (Value::Text(text), Ready::Exact(wanted)) => **text == *wanted,
        (value, Ready::Value(wanted)) => value == wanted,
        _ => order(value, ready) == Some(Ordering::Equal),
    }
}

fn order(value: &Value, ready: &Ready) -> Option<Ordering> {
    match (value, ready) {
        (Value::Number(number), Ready::Value(Value::Number(wanted))) => number.partial_cmp(wanted),
        (Value::Moment(moment), Ready::Value(Value::Moment(wanted))) => Some(moment.cmp(wanted)),
        (Value::Moment(moment), Ready::Span(first, end)) => Some(among(moment, first, end)),
        (Value::Day(day), Ready::Days(first, end)) => Some(among(day, first, end)),
        (Value::Text(text), Ready::Folded(wanted)) => Some(text.to_lowercase().cmp(wanted)),
        (Value::Text(text), Ready::Exact(wanted)) => Some((**text).cmp(wanted)),
        (Value::Id(id), Ready::Value(Value::Id(wanted))) => Some(id.cmp(wanted)),
        _ => None,
    }
}

/// Where a value is, seen from a stretch of them.
fn among<T: Ord>(value: &T, first: &T, end: &T) -> Ordering {
    if value < first {
        Ordering::Less
    } else if value < end {
        Ordering::Equal
    } else {
        Ordering::Greater
    }
}

/// `%` for anything, `_` for one character, an escaped one for itself.
fn like(text: &[char], pattern: &[char]) -> bool {
    // Greedy with one point to come back to: linear for patterns with one `%`.
    let (mut at, mut next, mut back) = (0, 0, None);
    while at < text.len() {
        let step = match pattern.get(next) {
            Some('%') => {
                back = Some((next + 1, at));
                next += 1;
                continue;
            }
            Some('_') => Some(1),
            Some(c) if Some(c) == text.get(at) => Some(1),
            Some(c) if wildcard(*c).is_some_and(|c| text.get(at) == Some(&c)) => Some(1),
            _ => None,
        };
        match (step, back) {
            (Some(length), _) => {
                at += 1;
                next += length;
            }
            (None, Some((after, from))) => {
                (next, at) = (after, from + 1);
                back = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern.get(next..).unwrap_or_default().iter().all(|c| *c == '%')
}

/// The order of two values of a field, nulls first, text without regard to case, picklists in the
/// order of setup.
pub(super) fn sort(kind: &Kind, left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| u8::from(!value.is_null());
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            let place = |text: &str| kind.values().and_then(|values| values.position(text));
            match (place(left), place(right)) {
                (Some(left), Some(right)) => left.cmp(&right),
                _ => left.to_lowercase().cmp(&right.to_lowercase()),
            }
        }
        (Value::Number(left), Value::Number(right)) => left.total_cmp(right),
        (Value::Moment(left), Value::Moment(right)) => left.cmp(right),
        (Value::Day(left), Value::Day(right)) => left.cmp(right),
        (Value::Id(left), Value::Id(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => Ordering::Equal,
    })
}
