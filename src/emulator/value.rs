//! Values of fields, and how they look in JSON.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use super::id::Id;

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Text(Box<str>),
    Bool(bool),
    Number(f64),
    Id(Id),
    Day(Date),
    Moment(Timestamp),
}

impl Value {
    /// Text; nothing, if it is empty.
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.into()) }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) const fn as_id(&self) -> Option<Id> {
        if let Self::Id(id) = self { Some(*id) } else { None }
    }

    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether a yes-or-no field says yes.
    pub(super) const fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    pub(super) fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::from(&**text),
            Self::Bool(value) => Json::from(*value),
            Self::Number(number) => whole(*number).map_or_else(|| Json::from(*number), Json::from),
            Self::Id(id) => Json::from(id.to_string()),
            Self::Day(day) => Json::from(day.to_string()),
            Self::Moment(moment) => Json::from(moment_text(*moment)),
        }
    }
}

/// Integers are sent without a fraction.
#[expect(clippy::cast_possible_truncation, reason = "checked to be far below 2^52")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

/// `2026-11-23T06:17:00.000+0000`.
/// Source: REST API Developer Guide, "Valid Date and Time Formats".
pub(super) fn moment_text(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// Reads a moment in any form that the API takes.
pub(super) fn parse_moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok()
    })
}
