//! The setup audit trail, asked about one person.
//!
//! Texts carry ids of 15 characters, a username, or a display name alone; they are in the language of
//! whoever reads them, so what was done is told by `Action` and whom it is about is found in
//! `Display`. Source: `SetupAuditTrail` in the Object Reference; real trails.

use std::collections::HashMap;

use crate::model::{Current, TrailRow, UserId, Username};

/// How many characters of an id the trail shows.
const SHORT: usize = 15;

/// How sure it is that a row is about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// By a display name that others have too.
    SharedName,
    /// By id or username, or by a display name that nobody else has.
    Sure,
}

/// Whom rows are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person<'a> {
    pub(super) id: Option<UserId>,
    pub(super) username: &'a Username,
    pub(super) name: &'a str,
}

/// The trail, and how many users have each name.
pub(super) struct Trail<'a> {
    rows: &'a [TrailRow],
    names: HashMap<&'a str, usize>,
}

impl<'a> Trail<'a> {
    pub(super) fn new(rows: &'a [TrailRow], current: &'a Current) -> Self {
        let mut names = HashMap::new();
        for user in &current.users {
            *names.entry(user.name.as_str()).or_insert(0) += 1;
        }
        Self { rows, names }
    }

    /// The newest row of these actions that is about the person. A row about somebody by name alone
    /// counts only where no surer one is as new.
    pub(super) fn newest(
        &self,
        actions: &[&str],
        person: Person<'_>,
    ) -> Option<(&'a TrailRow, Match)> {
        self.newest_with(actions, person, |_| true)
    }

    /// The same, of rows whose text fits.
    pub(super) fn newest_with(
        &self,
        actions: &[&str],
        person: Person<'_>,
        fits: impl Fn(&str) -> bool,
    ) -> Option<(&'a TrailRow, Match)> {
        self.rows
            .iter()
            .filter(|row| actions.contains(&&*row.action) && fits(&row.display))
            .find_map(|row| Some((row, self.about(&row.display, person)?)))
    }

    /// Whether a text is about the person.
    fn about(&self, display: &str, person: Person<'_>) -> Option<Match> {
        let short = person.id.and_then(|id| display_id(display, id));
        match short {
            Some(true) => return Some(Match::Sure),
            Some(false) => return None,
            None => {}
        }
        if holds(&display.to_lowercase(), &person.username.as_str().to_lowercase()) {
            return Some(Match::Sure);
        }
        if person.name.is_empty() || !holds(display, person.name) {
            return None;
        }
        let namesakes = self.names.get(person.name).copied().unwrap_or(0);
        Some(if namesakes > 1 { Match::SharedName } else { Match::Sure })
    }

    /// The row that was written along with a change of this author at this moment.
    pub(super) fn beside(&self, trace: &crate::model::Trace) -> Option<&'a TrailRow> {
        /// How far apart one save and its row may be.
        const SECONDS: i64 = 5;
        let at = trace.at?;
        self.rows.iter().find(|row| {
            row.by.id == trace.by.id && (row.at.as_second() - at.as_second()).abs() <= SECONDS
        })
    }

    /// Who was logged in as the author around then, if the author's nearest row says so.
    pub(super) fn delegate_near(&self, trace: &crate::model::Trace) -> Option<&'a TrailRow> {
        /// How long a Login-As session is taken to last at most.
        const SESSION: i64 = 2 * 60 * 60;
        let at = trace.at?;
        let apart = |row: &&TrailRow| (row.at.as_second() - at.as_second()).abs();
        let nearest = self.rows.iter().filter(|row| row.by.id == trace.by.id).min_by_key(apart)?;
        (apart(&nearest) <= SESSION && nearest.delegate.is_some()).then_some(nearest)
    }
}

/// Whether the id of a user in a text is this one; nothing if the text holds none.
fn display_id(display: &str, id: UserId) -> Option<bool> {
    let short = id.as_str().get(..SHORT)?;
    let shaped = |word: &&str| word.len() >= SHORT && word.starts_with("005");
    let words = display.split(|c: char| !c.is_ascii_alphanumeric());
    let ids: Vec<&str> = words.filter(shaped).collect();
    if ids.is_empty() {
        return None;
    }
    Some(ids.iter().any(|word| word.get(..SHORT) == Some(short)))
}

/// Whether a text holds a word or name, not as a part of a longer one.
fn holds(text: &str, wanted: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(wanted).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + wanted.len()..).and_then(|text| text.chars().next());
        edge(before) && edge(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_fifteen_characters_there() {
        let id = UserId::parse("0052A00000EsOI0QAN").unwrap();
        assert_eq!(display_id("Activated user Kim (UserID: [0052A00000EsOI0])", id), Some(true));
        assert_eq!(display_id("Activated user Kim (UserID: [0052A00000Esoi0])", id), Some(false));
        assert_eq!(display_id("Froze user account for Kim", id), None);
    }

    #[test]
    fn a_name_is_found_whole() {
        assert!(holds("Froze user account for Kim Osei", "Kim Osei"));
        assert!(!holds("Froze user account for Kim Oseibon", "Kim Osei"));
        assert!(holds("Changed profile for user Kim Osei from A to B", "Kim Osei"));
    }
}
