//! `[defaults]`, `[templates]`, `[ownership]` and `[safety]`: what an overlay may override, key by
//! key, for one org.

use std::collections::BTreeMap;

use super::level::{self, Level, Rank};
use super::reader::{Entry, Reader, Table};
use super::rules::{self, OwnershipKeys};
use super::safety::{self, SafetyKeys};
use crate::model::Place;

/// The tables of portalctl.toml or of an overlay.
#[derive(Clone, Default)]
pub(super) struct Layer {
    pub(super) defaults: Level,
    pub(super) templates: BTreeMap<String, Template>,
    pub(super) ownership: Option<OwnershipKeys>,
    pub(super) safety: SafetyKeys,
}

/// A `[templates.NAME]` table.
#[derive(Clone, Default)]
pub(super) struct Template {
    pub(super) level: Level,
    pub(super) extends: Option<(String, Place)>,
}

/// Reads an overlay file.
pub(super) fn overlay(reader: &mut Reader<'_>, mut table: Table<'_>) -> Layer {
    let layer = read(reader, &mut table);
    reader.close(table, "an overlay");
    layer
}

/// Reads the four tables out of a file that may hold others as well.
pub(super) fn read(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Layer {
    let mut layer = Layer::default();
    if let Some(entry) = table.take("defaults") {
        layer.defaults = shared(reader, entry, Rank::Defaults);
    }
    for entry in reader.named(table.take("templates")) {
        layer.templates.extend(template(reader, entry));
    }
    layer.ownership = table.take("ownership").and_then(|entry| rules::ownership(reader, entry));
    if let Some(entry) = table.take("safety") {
        layer.safety = safety::read(reader, entry);
    }
    layer
}

/// A table that is one level of declarations.
pub(super) fn shared(reader: &mut Reader<'_>, entry: Entry<'_>, rank: Rank) -> Level {
    let Some(mut table) = reader.table(entry) else {
        return Level::default();
    };
    let level = level::read(reader, &mut table, rank);
    reader.close(table, rank.what());
    level
}

fn template(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<(String, Template)> {
    let mut table = reader.table(entry)?;
    let extends = table.take("extends").and_then(|entry| {
        let place = reader.place(&entry.span());
        reader.string(entry).map(|name| (name.to_owned(), place))
    });
    let level = level::read(reader, &mut table, Rank::Template);
    reader.close(table, Rank::Template.what());
    Some((entry.key.to_owned(), Template { level, extends }))
}

impl Layer {
    /// These tables, with those of an overlay laid over them.
    pub(super) fn under(&self, overlay: &Self) -> Self {
        let mut templates = self.templates.clone();
        for (name, above) in &overlay.templates {
            let below = templates.remove(name).unwrap_or_default();
            let extends = above.extends.clone().or(below.extends);
            let level = above.level.clone().instead_of(&below.level);
            templates.insert(name.clone(), Template { level, extends });
        }
        let ownership = match (&overlay.ownership, &self.ownership) {
            (Some(above), Some(below)) => Some(above.clone().or(below)),
            (above, below) => above.clone().or_else(|| below.clone()),
        };
        Self {
            defaults: overlay.defaults.clone().instead_of(&self.defaults),
            templates,
            ownership,
            safety: overlay.safety.or(self.safety),
        }
    }
}
