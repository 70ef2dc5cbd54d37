//! The setup audit trail, asked about one person.
//!
//! Texts carry ids of 15 characters, a username, or a display name alone; they are in the language of
//! whoever reads them, so what was done is told by `Action` and whom it is about is found in
//! `Display`. Source: `SetupAuditTrail` in the Object Reference; real trails.

use std::collections::{HashMap, HashSet};

use crate::model::{Current, Trace, TrailRow, UserId, Username};

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

/// A row, and how sure it is that it is about the person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) row: &'a TrailRow,
    pub(super) sure: bool,
}

/// The trail, and the names that could be taken for those of the people whom it is asked about.
pub(super) struct Trail<'a> {
    rows: &'a [TrailRow],
    /// How many users have each name.
    namesakes: HashMap<String, usize>,
    /// Names by words in which the names of those people end.
    similar: HashMap<String, Vec<Box<str>>>,
}

impl<'a> Trail<'a> {
    /// The trail, to be asked about people of these names.
    pub(super) fn new(rows: &'a [TrailRow], current: &'a Current, names: &HashSet<&str>) -> Self {
        let mut trail = Self { rows, namesakes: HashMap::new(), similar: HashMap::new() };
        if rows.is_empty() {
            return trail;
        }
        let words: HashSet<&str> = names.iter().copied().map(last_word).collect();
        for user in &current.users {
            let name = user.name();
            if names.contains(&*name) {
                *trail.namesakes.entry(name.to_string()).or_insert(0) += 1;
            }
            for word in name.split(' ').filter(|word| words.contains(word)) {
                trail.similar.entry(word.to_owned()).or_default().push((*name).into());
            }
        }
        trail
    }

    /// The newest row of these actions that is about the person and whose text fits.
    pub(super) fn newest(
        &self,
        actions: &[&str],
        person: Person<'_>,
        fits: impl Fn(&str) -> bool,
    ) -> Option<Found<'a>> {
        self.rows
            .iter()
            .filter(|row| actions.contains(&&*row.action) && fits(&row.display))
            .find_map(|row| {
                let sure = self.about(&row.display, person)? == Match::Sure;
                Some(Found { row, sure })
            })
    }

    /// Whether a text is about the person.
    fn about(&self, display: &str, person: Person<'_>) -> Option<Match> {
        let short = person.id.and_then(|id| display_id(display, id));
        match short {
            Some(true) => return Some(Match::Sure),
            Some(false) => return None,
            None => {}
        }
        if mentions(display, person.username.as_str()) {
            return Some(Match::Sure);
        }
        let name = person.name;
        if name.is_empty() || !holds(display, name) {
            return None;
        }
        // `Kim Osei` is also a part of `Ann Kim Osei`.
        let mut longer = self.similar.get(last_word(name)).into_iter().flatten();
        if longer.any(|other| **other != *name && holds(other, name) && holds(display, other)) {
            return None;
        }
        let namesakes = self.namesakes.get(name).copied().unwrap_or(0);
        Some(if namesakes > 1 { Match::SharedName } else { Match::Sure })
    }

    /// The row of these actions that was written along with a change of this author at this moment.
    pub(super) fn beside(&self, trace: &Trace, actions: &[&str]) -> Option<&'a TrailRow> {
        /// How far apart one save and its row may be.
        const SECONDS: i64 = 5;
        let at = trace.at?;
        self.rows.iter().find(|row| {
            row.by.id == trace.by.id
                && (row.at.as_second() - at.as_second()).abs() <= SECONDS
                && actions.contains(&&*row.action)
        })
    }

    /// A row of the author that tells who was logged in as them when something was changed of which
    /// there is no row. Nobody is blamed for what the author may have done alone: the rows before and
    /// after have to agree, or one of them has to be very near.
    pub(super) fn delegate_near(&self, trace: &Trace) -> Option<&'a TrailRow> {
        /// How long a Login-As session is taken to last at most, in seconds.
        const SESSION: i64 = 2 * 60 * 60;
        /// How near a row has to be to speak alone.
        const NEAR: i64 = 10 * 60;
        let at = trace.at?;
        let apart = |row: &&TrailRow| (row.at.as_second() - at.as_second()).abs();
        let of_author =
            || self.rows.iter().filter(|row| row.by.id == trace.by.id && apart(row) <= SESSION);
        let before = of_author().filter(|row| row.at <= at).min_by_key(apart);
        let after = of_author().filter(|row| row.at > at).min_by_key(apart);
        let nearest = [before, after].into_iter().flatten().min_by_key(apart)?;
        let agree = match (before, after) {
            (Some(before), Some(after)) => before.delegate == after.delegate,
            _ => false,
        };
        (nearest.delegate.is_some() && (agree || apart(&nearest) <= NEAR)).then_some(nearest)
    }
}

fn last_word(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}

/// Whether a text has the username as a word of its own.
fn mentions(display: &str, username: &str) -> bool {
    let edge = |c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | ':' | '.' | '"' | '\'');
    display.split_whitespace().any(|word| word.trim_matches(edge).eq_ignore_ascii_case(username))
}

/// Whether a text is about the set or group: by its API name, with or without its namespace, or by
/// the label that most people give it, the same with spaces.
pub(super) fn names(display: &str, set: &str) -> bool {
    let text = display.to_lowercase();
    let set = set.to_lowercase();
    let bare = set.split_once("__").map_or(&*set, |(_, bare)| bare);
    [&*set, bare, &bare.replace('_', " ")].into_iter().any(|wanted| {
        text.match_indices(wanted).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + wanted.len()..).and_then(|text| text.chars().next());
            // A space after it may begin the rest of a longer label.
            before.is_none_or(|c| !c.is_alphanumeric())
                && after.is_none_or(|c| !c.is_alphanumeric() && c != ' ' && c != '_')
        })
    })
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
    fn a_username_is_a_word_of_its_own() {
        let display = "User kim.osei@acme.example disabled as a Partner user";
        assert!(mentions(display, "Kim.Osei@acme.example"));
        assert!(!mentions(display, "osei@acme.example"));
        assert!(!mentions("For user kim@acme.example.uat, the number", "kim@acme.example"));
        assert!(mentions("For user kim@acme.example, the number", "kim@acme.example"));
    }

    #[test]
    fn a_set_is_told_by_its_name_or_its_usual_label() {
        let display = "Permission set Portal Base: unassigned from user Kim (UserID: [x])";
        assert!(names(display, "Portal_Base"));
        assert!(names(display, "ns__Portal_Base"));
        assert!(!names(display, "Portal"));
        assert!(!names("Permission set Portal Base Plus: assigned to user Kim", "Portal_Base"));
        assert!(names("Added Kim Osei to group Sales_East", "Sales_East"));
    }

    #[test]
    fn a_name_is_found_whole() {
        assert!(holds("Froze user account for Kim Osei", "Kim Osei"));
        assert!(!holds("Froze user account for Kim Oseibon", "Kim Osei"));
        assert!(holds("Changed profile for user Kim Osei from A to B", "Kim Osei"));
    }
}
