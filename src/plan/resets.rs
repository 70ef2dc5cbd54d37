//! Resets that the setup audit trail tells of. It names people as they are called, in a sentence of the
//! login's language, so whoever is called the same is taken for meant: nobody is mailed by mistake.

use std::collections::BTreeMap;
use std::ptr;

use jiff::Timestamp;

use crate::model::TrailRow;

/// The rows of the trail that tell of resets.
pub(super) struct Resets<'a> {
    /// By each word of the text.
    by_word: BTreeMap<&'a str, Vec<&'a TrailRow>>,
}

impl<'a> Resets<'a> {
    pub(super) fn of(trail: &'a [TrailRow]) -> Self {
        let mut by_word: BTreeMap<&str, Vec<&TrailRow>> = BTreeMap::new();
        for row in trail {
            for word in words(&row.display) {
                let rows = by_word.entry(word).or_default();
                if rows.last().is_none_or(|last| !ptr::eq(*last, row)) {
                    rows.push(row);
                }
            }
        }
        Self { by_word }
    }

    /// The last of somebody who is called so.
    pub(super) fn last(&self, name: &str) -> Option<Timestamp> {
        // Words such as "User" or "reset" are in every row.
        let rows: Option<Vec<_>> = words(name).map(|word| self.by_word.get(word)).collect();
        let rows = rows?.into_iter().min_by_key(|rows| rows.len())?;
        rows.iter().filter(|row| row.display.contains(name)).map(|row| row.at).max()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
