//! How values compare.
//! Source: SOQL and SOSL Reference, "Comparison Operators": text without regard to case, ids by
//! their fifteen significant characters, null only equal to null.

use std::cmp::Ordering;

use super::Fault;
use super::ast::{Constant, Literal, Operator};
use crate::emulator::id::Id;
use crate::emulator::schema::{Field, Kind};
use crate::emulator::value::Value;

/// A literal made ready for a field.
#[derive(Clone, Debug)]
pub(super) enum Ready {
    Value(Value),
    Day(jiff::civil::Date),
    /// Text in lower case.
    Folded(String),
}

/// Makes a literal ready, or says why the field cannot be compared with it.
pub(super) fn ready(field: &Field, literal: &Literal) -> Result<Ready, Fault> {
    let wrong = |kind: &str| Fault {
        code: "INVALID_FIELD",
        at: literal.at,
        message: format!(
            "value of filter criterion for field '{}' must be of type {kind} and should {}be enclosed in quotes",
            field.name,
            if kind == "string" { "" } else { "not " }
        ),
    };
    Ok(match (&literal.value, field.kind) {
        (Constant::Null, Kind::Bool) => Ready::Value(Value::Bool(false)),
        (Constant::Null, _) => Ready::Value(Value::Null),
        (Constant::Bool(value), Kind::Bool) => Ready::Value(Value::Bool(*value)),
        (Constant::Number(number), Kind::Number) => Ready::Value(Value::Number(*number)),
        (Constant::Moment(moment), Kind::Moment) => Ready::Value(Value::Moment(*moment)),
        (Constant::Date(date), Kind::Moment) => Ready::Day(*date),
        (Constant::Text(text), Kind::Id | Kind::Reference(..)) => {
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
        (Constant::Text(text), Kind::Text(_) | Kind::Email(_) | Kind::Picklist(_)) => {
            if text.is_empty() {
                Ready::Value(Value::Null)
            } else {
                Ready::Folded(text.to_lowercase())
            }
        }
        (_, Kind::Bool) => return Err(wrong("boolean")),
        (_, Kind::Number) => return Err(wrong("double")),
        (_, Kind::Moment) => return Err(wrong("dateTime")),
        (_, _) => return Err(wrong("string")),
    })
}

/// Whether a value fits.
pub(super) fn holds(value: &Value, operator: Operator, ready: &Ready) -> bool {
    match operator {
        Operator::Equal => equal(value, ready),
        Operator::Unequal => !equal(value, ready),
        Operator::Like => match (value, ready) {
            (Value::Text(text), Ready::Folded(pattern)) => {
                let text: Vec<char> = text.to_lowercase().chars().collect();
                let pattern: Vec<char> = pattern.chars().collect();
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
        (Value::Text(text), Ready::Folded(wanted)) => text.to_lowercase() == *wanted,
        (value, Ready::Value(wanted)) => value == wanted,
        _ => order(value, ready) == Some(Ordering::Equal),
    }
}

fn order(value: &Value, ready: &Ready) -> Option<Ordering> {
    match (value, ready) {
        (Value::Number(number), Ready::Value(Value::Number(wanted))) => number.partial_cmp(wanted),
        (Value::Moment(moment), Ready::Value(Value::Moment(wanted))) => Some(moment.cmp(wanted)),
        (Value::Moment(moment), Ready::Day(day)) => {
            Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date().cmp(day))
        }
        (Value::Text(text), Ready::Folded(wanted)) => Some(text.to_lowercase().cmp(wanted)),
        (Value::Id(id), Ready::Value(Value::Id(wanted))) => Some(id.cmp(wanted)),
        _ => None,
    }
}

/// `%` for anything, `_` for one character, either with a backslash for itself.
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
            Some('\\') if pattern.get(next + 1) == text.get(at) => Some(2),
            Some(c) if Some(c) == text.get(at) => Some(1),
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

/// The order of two values, nulls first, text without regard to case.
pub(super) fn sort(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| u8::from(!value.is_null());
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
        (Value::Number(left), Value::Number(right)) => left.total_cmp(right),
        (Value::Moment(left), Value::Moment(right)) => left.cmp(right),
        (Value::Id(left), Value::Id(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => Ordering::Equal,
    })
}
