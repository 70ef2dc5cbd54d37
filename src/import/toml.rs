//! Keys and values as TOML.

use std::fmt::Write as _;

use toml_writer::{ToTomlValue as _, TomlStringBuilder};

use crate::model::{SetGrant, is_invisible};

/// What stands behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A value on one line.
    One(String),
    /// A list.
    List(Vec<String>),
    /// `{ only = [...] }`.
    Only(Vec<String>),
}

impl Item {
    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self::One(string(text))
    }

    /// Pairs of keys and values as an inline table.
    pub(super) fn table(pairs: &[(String, String)]) -> Self {
        let pairs: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        Self::One(format!("{{ {} }}", pairs.join(", ")))
    }
}

/// Writes a key and what stands behind it, in a line. How lines are laid out is for the canonical form
/// to say.
pub(super) fn write(out: &mut String, key: &str, item: &Item) {
    // Writing to a string cannot fail.
    let _ = match item {
        Item::One(value) => writeln!(out, "{key} = {value}"),
        Item::List(items) => writeln!(out, "{key} = [{}]", items.join(", ")),
        Item::Only(items) => writeln!(out, "{key} = {{ only = [{}] }}", items.join(", ")),
    };
}

/// A text in quotes. What cannot be seen is written as a number, for whoever reviews the file.
pub(super) fn string(text: &str) -> String {
    let quoted = TomlStringBuilder::new(text).as_basic().to_toml_value();
    if !quoted.contains(is_invisible) {
        return quoted;
    }
    let mut shown = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        if is_invisible(c) {
            let _ = write!(shown, "\\U{:08X}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A permission set, group or licence.
pub(super) fn grant(grant: &SetGrant) -> String {
    let name = string(grant.name.as_str());
    match grant.expires {
        None => name,
        Some(last) => format!("{{ name = {name}, expires = {last} }}"),
    }
}
