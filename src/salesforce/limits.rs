//! What the org has left.
//!
//! Source: REST API Developer Guide, "Limits": needs View Setup and Configuration, is right within
//! five minutes, and costs a call.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Error, Reader};

/// A limit of the org.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Limit {
    /// How much there is.
    pub max: i64,
    /// How much is left.
    pub remaining: i64,
}

/// Limits by name, such as `DailyApiRequests`. Those without numbers are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(BTreeMap<String, Limit>);

impl Limits {
    /// A limit, if the org told it.
    pub fn get(&self, name: &str) -> Option<Limit> {
        self.0.get(name).copied()
    }
}

/// An entry, which may hold nulls and the quotas of single apps beside its own.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    max: Option<i64>,
    remaining: Option<i64>,
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Limits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("limits by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Limits, A::Error> {
                let mut limits = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    let entry: Entry = map.next_value()?;
                    if let (Some(max), Some(remaining)) = (entry.max, entry.remaining) {
                        limits.insert(name, Limit { max, remaining });
                    }
                }
                Ok(Limits(limits))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl Reader {
    /// Everything that the org limits and counts.
    pub async fn limits(&self) -> Result<Limits, Error> {
        self.0.get(&self.0.path("limits")).await
    }
}
