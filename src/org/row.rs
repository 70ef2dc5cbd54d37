//! What rows of several objects have in common.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde::Deserialize;

use crate::model::InvalidId;

use super::OrgError;

/// A parent of which only the name is asked.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub(super) name: Option<String>,
}

/// Reads an id.
pub(super) fn id<T>(
    object: &'static str,
    field: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, InvalidId>,
) -> Result<T, OrgError> {
    parse(text).map_err(|_| OrgError::Row { object, field, value: text.to_owned() })
}

/// Reads a moment: `2026-11-23T06:17:00.000+0000`, or with `Z`.
/// Source: REST API Developer Guide, "Valid Date and Time Formats".
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok())
}

/// Counters may come as `12.0`.
#[expect(clippy::cast_possible_truncation, reason = "a counter is far below 2^52")]
pub(super) fn whole(number: f64) -> i64 {
    number.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_both_forms() {
        for text in
            ["2026-11-23T06:17:00.000+0000", "2026-11-23T06:17:00Z", "2026-11-23T07:17:00.000+0100"]
        {
            assert_eq!(moment(text).unwrap().to_string(), "2026-11-23T06:17:00Z");
        }
        assert_eq!(moment("yesterday"), None);
    }
}
