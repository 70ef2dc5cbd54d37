//! What rows of several objects have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::Offset;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value as Json;

use crate::model::{self, ApiName, CustomValues, InvalidId, Number, RecordId, Scalar};

use super::OrgError;

/// A parent of which only the name is asked.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named<T = Text> {
    pub(super) name: Option<T>,
}

/// The columns of a row that a file asked for by name.
pub(super) type Rest = BTreeMap<String, Json>;

/// Values of the columns that a file asked for. What is no single value, such as a parent, is none
/// of them.
pub(super) fn custom(rest: Rest) -> CustomValues {
    rest.into_iter()
        .filter_map(|(name, value)| Some((ApiName::parse(&name).ok()?, scalar(value)?)))
        .collect()
}

fn scalar(value: Json) -> Option<Scalar> {
    Some(match value {
        Json::Null => Scalar::Null,
        Json::Bool(value) => Scalar::Bool(value),
        Json::Number(number) => Scalar::Number(Number::new(number.as_f64()?)?),
        Json::String(text) => Scalar::of(&text),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

/// A text that is kept as it came.
pub(super) struct Text(pub(super) Arc<str>);

/// A text that is looked at where it came.
pub(super) struct Str<'a>(Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(wire: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Str<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
        }
        wire.deserialize_str(Read)
    }
}

/// An id, or what stands in its place.
pub(super) struct Id(Result<RecordId, String>);

/// A moment, unless it is none.
pub(super) struct Moment(pub(super) Option<Timestamp>);

impl Moment {
    /// The moment in the form in which users keep it.
    pub(super) fn kept(self) -> Option<model::Moment> {
        self.0.map(Into::into)
    }
}

impl Id {
    /// The id, unless it is none.
    pub(super) fn known(self) -> Option<RecordId> {
        self.0.ok()
    }

    /// The id of a record of a known kind.
    pub(super) fn of<T>(
        self,
        (object, field): (&'static str, &'static str),
        kind: impl Fn(RecordId) -> T,
    ) -> Result<T, OrgError> {
        self.0.map(kind).map_err(|value| OrgError::Row { object, field, value })
    }
}

/// Values that are made of a text without a copy of it.
macro_rules! from_text {
    ($($name:ident $read:expr;)+) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(wire: D) -> Result<Self, D::Error> {
                struct Read;
                impl serde::de::Visitor<'_> for Read {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a text")
                    }

                    fn visit_str<E>(self, text: &str) -> Result<$name, E> {
                        Ok($name($read(text)))
                    }
                }
                wire.deserialize_str(Read)
            }
        }
    )+};
}

pub(super) use from_text;

from_text! {
    Text Arc::from;
    Id |text: &str| RecordId::observed(text).map_err(|_| text.to_owned());
    Moment moment;
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
    whole_moment(text)
        .or_else(|| text.parse().ok())
        .or_else(|| strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok())
}

/// A moment of GMT in one of the two forms that the API writes. A user has three of them, and reading
/// any form that there is takes ten times as long.
fn whole_moment(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("+0000").or_else(|| text.strip_suffix('Z'))?.as_bytes();
    let (b"-", b"-", b"T", b":", b":", b".", 23) = (
        text.get(4..5)?,
        text.get(7..8)?,
        text.get(10..11)?,
        text.get(13..14)?,
        text.get(16..17)?,
        text.get(19..20)?,
        text.len(),
    ) else {
        return None;
    };
    let number = |digits: Range<usize>| {
        text.get(digits)?.iter().try_fold(0_i16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0'))
        })
    };
    let two = |at: usize| i8::try_from(number(at..at + 2)?).ok();
    let nanoseconds = i32::from(number(20..23)?) * 1_000_000;
    let (year, month, day) = (number(0..4)?, two(5)?, two(8)?);
    let at = DateTime::new(year, month, day, two(11)?, two(14)?, two(17)?, nanoseconds).ok()?;
    Offset::UTC.to_timestamp(at).ok()
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
        for text in ["yesterday", "2026-02-29T06:17:00.000Z", "2026-11-23T25:17:00.000+0000"] {
            assert_eq!(moment(text), None);
        }
    }

    #[test]
    fn a_moment_is_the_same_by_the_short_way() {
        for text in
            ["2026-11-23T06:17:09.123Z", "2028-02-29T23:59:59.999Z", "1969-12-31T00:00:00.000Z"]
        {
            assert_eq!(whole_moment(text), Some(text.parse().unwrap()));
            assert_eq!(whole_moment(&text.replace('Z', "+0000")), whole_moment(text));
        }
    }
}
