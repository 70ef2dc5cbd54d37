//! How many API calls were made, and how many the org has left.
//!
//! Source: REST API Developer Guide, "Limit Info Header": `Sforce-Limit-Info: api-usage=18/5000`,
//! used and maximum of the last 24 hours.

use std::sync::atomic::{AtomicU64, Ordering};

/// Calls made and left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Requests sent so far, by everything that shares the session.
    pub calls: u64,
    /// How many of them were repeats.
    pub repeats: u64,
    /// What the org's last answer said of its day; absent, if none said it.
    pub day: Option<Day>,
}

/// The org's calls of 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Made by everybody.
    pub used: u64,
    /// Allowed.
    pub max: u64,
}

impl Day {
    /// Calls left.
    pub const fn left(self) -> u64 {
        self.max.saturating_sub(self.used)
    }

    /// Reads the header.
    fn parse(header: &str) -> Option<Self> {
        let part = header.split(';').find_map(|part| part.trim().strip_prefix("api-usage="))?;
        let (used, max) = part.split_once('/')?;
        Some(Self { used: used.trim().parse().ok()?, max: max.trim().parse().ok()? })
    }
}

/// Counts.
#[derive(Default)]
pub(super) struct Counter {
    calls: AtomicU64,
    repeats: AtomicU64,
    used: AtomicU64,
    max: AtomicU64,
}

impl Counter {
    pub(super) fn sent(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// The next call repeats one that failed.
    pub(super) fn repeated(&self) {
        self.repeats.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what an answer says. Answers may overtake each other, so the highest count holds.
    pub(super) fn note(&self, header: &str) {
        if let Some(day) = Day::parse(header) {
            self.used.fetch_max(day.used, Ordering::Relaxed);
            self.max.store(day.max, Ordering::Relaxed);
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let max = self.max.load(Ordering::Relaxed);
        let day = Day { used: self.used.load(Ordering::Relaxed), max };
        Usage {
            calls: self.calls.load(Ordering::Relaxed),
            repeats: self.repeats.load(Ordering::Relaxed),
            day: (max > 0).then_some(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_with_and_without_an_apps_own_quota() {
        let day = Day { used: 25, max: 5000 };
        for header in
            ["api-usage=25/5000", "api-usage=25/5000; per-app-api-usage=17/250(appName=portalctl)"]
        {
            assert_eq!(Day::parse(header), Some(day));
        }
        assert_eq!(day.left(), 4975);
        for header in ["", "per-app-api-usage=17/250", "api-usage=x/y"] {
            assert_eq!(Day::parse(header), None);
        }
    }

    #[test]
    fn an_answer_that_was_overtaken_takes_nothing_back() {
        let counter = Counter::default();
        assert_eq!(counter.usage().day, None);
        counter.note("api-usage=18/5000");
        counter.note("api-usage=17/5000");
        assert_eq!(counter.usage().day, Some(Day { used: 18, max: 5000 }));
    }
}
