//! Points in time, kept small: a million users may have three of them each.

use std::num::NonZeroU64;

use jiff::Timestamp;

/// A point in time, to the microsecond. `Option<Moment>` takes eight bytes, a third of what
/// `Option<Timestamp>` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(
    /// Microseconds, counted from a day before all that have a date.
    NonZeroU64,
);

const ORIGIN: i64 = i64::MIN;

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(NonZeroU64::new(at.as_microsecond().abs_diff(ORIGIN)).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<Moment> for Timestamp {
    fn from(Moment(since): Moment) -> Self {
        Self::from_microsecond(ORIGIN.saturating_add_unsigned(since.get())).unwrap_or(Self::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_timestamps_in_less_room() {
        assert_eq!(size_of::<Option<Moment>>(), 8);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = [at("-009999-01-02T01:59:59Z"), at("1969-12-31T23:59:59.999999Z")];
        let later = [at("1970-01-01T00:00:00Z"), at("2026-11-23T06:17:00.123Z")];
        let moments: Vec<Moment> = first.into_iter().chain(later).map(Moment::from).collect();
        assert!(moments.is_sorted());
        let back: Vec<Timestamp> = moments.into_iter().map(Timestamp::from).collect();
        assert_eq!(back, [first, later].concat());
    }
}
