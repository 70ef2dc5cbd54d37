//! Which day it is, for a person in a time zone. Time is handed in; nothing here reads a clock.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The day that `starts` and `expires` are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Today {
    /// A moment: the day differs between time zones.
    At(Timestamp),
    /// A given day, the same in every zone, for rehearsals and tests.
    Fixed(Date),
}

impl Today {
    /// The day in the zone with this Salesforce `TimeZoneSidKey`. A zone that the bundled time zone
    /// database does not know counts as GMT.
    pub fn in_zone(self, key: &str) -> Date {
        match self {
            Self::Fixed(date) => date,
            Self::At(moment) => moment.to_zoned(zone(key)).date(),
        }
    }

    /// The first moment that it may be. Of a given day, that is its beginning in GMT.
    pub fn earliest(self) -> Timestamp {
        match self {
            Self::Fixed(date) => {
                TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
            }
            Self::At(moment) => moment,
        }
    }

    /// The day in GMT.
    pub fn in_gmt(self) -> Date {
        self.in_zone("GMT")
    }
}

/// Looks a zone up in the database that is compiled in, never in the machine's own.
fn zone(key: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(key).unwrap_or(TimeZone::UTC)
}

/// The last second of a day in a zone.
pub fn last_second(day: Date, zone_key: &str) -> Timestamp {
    let end = day.at(23, 59, 59, 0);
    zone(zone_key).to_timestamp(end).unwrap_or(Timestamp::MAX)
}

/// The day that a moment falls on in a zone.
pub fn day_of(moment: Timestamp, zone_key: &str) -> Date {
    moment.to_zoned(zone(zone_key)).date()
}
