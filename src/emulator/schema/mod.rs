//! The objects and fields of an org: one table for queries, writes, describe and seeds.
//!
//! The standard objects are the same in every org ([`standard`]); an org adds its own objects and
//! fields behind them, and features that are off hide some. Positions of standard fields therefore
//! hold everywhere.

mod field;
mod standard;

use std::borrow::Cow;
use std::collections::HashMap;
use std::iter;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::value::Value;

use field::Words;
pub(super) use field::{Computed, Field, Kind, Values};

/// A name that is part of the program or of a seed.
pub(super) type Name = Cow<'static, str>;

/// An object, by its place in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Object(u16);

/// What may be done to an object's records over the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Read.
    Query,
    /// Read and change.
    Update,
    /// All but delete.
    CreateUpdate,
    /// All but change.
    CreateDelete,
    /// Everything.
    All,
}

/// Something that an org may have switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    /// Setup > Digital Experiences. Source: Object Reference, `Network`, "Special Access Rules".
    DigitalExperiences,
    /// Data protection and privacy: `Individual`.
    Privacy,
    /// User access policies.
    AccessPolicies,
}

/// Everything that is known of an object.
#[derive(Clone, Debug)]
pub(super) struct ObjectInfo {
    pub(super) object: Object,
    pub(super) name: Name,
    pub(super) label: Name,
    pub(super) plural: Name,
    pub(super) prefix: Name,
    /// A setup object may not share a call with others.
    pub(super) setup: bool,
    pub(super) access: Access,
    pub(super) custom: bool,
    pub(super) fields: Vec<Field>,
    /// The feature is off: the object does not exist.
    pub(super) hidden: bool,
    feature: Option<Feature>,
    /// By their names as they are spelt: nearly everybody spells them so.
    spelt: HashMap<Name, usize, RandomState>,
    positions: HashMap<String, usize>,
    stamps: [Option<usize>; STAMPS.len()],
    /// The positions of fields that no record is without.
    required: Vec<usize>,
    /// The positions of fields that an administrator made unique.
    unique: Vec<usize>,
    /// The positions of yes-or-no fields.
    yes_or_no: Vec<usize>,
}

/// A field that the platform fills in whenever it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    Created,
    CreatedBy,
    Modified,
    ModifiedBy,
    Modstamp,
}

/// Their names, in the same order.
const STAMPS: [&str; 5] =
    ["CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"];

/// The objects of an org.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    objects: Vec<ObjectInfo>,
    names: HashMap<String, Object>,
}

static STANDARD: LazyLock<Schema> = LazyLock::new(|| Schema::of(standard::objects()));

/// What objects of an org's own have in common.
static CUSTOM: LazyLock<Vec<Field>> = LazyLock::new(standard::custom_object_fields);

impl Object {
    /// The place of its records in lists that go by object.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The position of a field that the object has in every org, by its exact name.
    pub(super) fn standard_field(self, name: &str) -> Option<usize> {
        match STANDARD.objects.get(self.index()) {
            Some(info) => info.exact(name),
            None => CUSTOM.iter().position(|field| field.name == name),
        }
    }
}

impl ObjectInfo {
    fn new(object: Object, name: &'static str, prefix: &'static str) -> Self {
        Self {
            object,
            name: Cow::Borrowed(name),
            label: spaced(name).into(),
            plural: plural(&spaced(name)).into(),
            prefix: Cow::Borrowed(prefix),
            setup: true,
            access: Access::Query,
            custom: false,
            fields: Vec::new(),
            hidden: false,
            feature: None,
            spelt: HashMap::default(),
            positions: HashMap::new(),
            stamps: [None; STAMPS.len()],
            required: Vec::new(),
            unique: Vec::new(),
            yes_or_no: Vec::new(),
        }
    }

    /// Whether records can be created over the API.
    pub(super) const fn createable(&self) -> bool {
        matches!(self.access, Access::CreateUpdate | Access::CreateDelete | Access::All)
    }

    /// Whether records can be changed over the API.
    pub(super) const fn updateable(&self) -> bool {
        matches!(self.access, Access::Update | Access::CreateUpdate | Access::All)
    }

    /// Whether records can be deleted over the API.
    pub(super) const fn deletable(&self) -> bool {
        matches!(self.access, Access::CreateDelete | Access::All)
    }

    /// The key prefix as describe tells it: an object without records of its own has none.
    pub(super) fn key_prefix(&self) -> Option<&str> {
        Some(&*self.prefix).filter(|prefix| !prefix.is_empty())
    }

    /// The position of a field, visible or not, by its name as it is spelt.
    pub(super) fn exact(&self, name: &str) -> Option<usize> {
        self.spelt.get(name).copied()
    }

    /// The position of a visible field, by its name in any case.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        let lower = || self.positions.get(&name.to_ascii_lowercase()).copied();
        let at = self.exact(name).or_else(lower)?;
        self.fields.get(at).filter(|field| !field.hidden).map(|_| at)
    }

    /// The position of a visible field that the platform fills in.
    pub(super) fn stamp(&self, stamp: Stamp) -> Option<usize> {
        let at = self.stamps.get(stamp as usize).copied().flatten()?;
        self.fields.get(at).filter(|field| !field.hidden).map(|_| at)
    }

    /// The position of the field that a relationship goes through, and where it may lead.
    pub(super) fn way(&self, name: &str) -> Option<(usize, &[Object])> {
        self.fields.iter().enumerate().filter(|(_, field)| !field.hidden).find_map(|(at, field)| {
            match &field.kind {
                Kind::Reference(to, way) if way.eq_ignore_ascii_case(name) => Some((at, &**to)),
                _ => None,
            }
        })
    }

    /// The visible fields with their positions.
    pub(super) fn visible(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields.iter().enumerate().filter(|(_, field)| !field.hidden)
    }

    /// The fields that no record is without, with their positions.
    pub(super) fn required(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.at(&self.required)
    }

    /// The fields that an administrator made unique, with their positions.
    pub(super) fn unique(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.at(&self.unique)
    }

    fn at<'a>(&'a self, places: &'a [usize]) -> impl Iterator<Item = (usize, &'a Field)> {
        places.iter().filter_map(|at| Some((*at, self.fields.get(*at)?)))
    }

    /// A record without values: yes-or-no fields are never null.
    pub(super) fn blank(&self) -> Vec<Value> {
        let mut row: Vec<Value> =
            iter::repeat_with(|| Value::Null).take(self.fields.len()).collect();
        for at in &self.yes_or_no {
            if let Some(place) = row.get_mut(*at) {
                *place = Kind::Bool.empty();
            }
        }
        row
    }

    fn add(&mut self, field: Field) {
        self.spelt.insert(field.name.clone(), self.fields.len());
        self.positions.insert(field.name.to_ascii_lowercase(), self.fields.len());
        for (name, place) in STAMPS.iter().zip(&mut self.stamps) {
            if field.name == *name {
                *place = Some(self.fields.len());
            }
        }
        if field.required {
            self.required.push(self.fields.len());
        }
        if field.unique && field.custom {
            self.unique.push(self.fields.len());
        }
        if matches!(field.kind, Kind::Bool) {
            self.yes_or_no.push(self.fields.len());
        }
        self.fields.push(field);
    }
}

impl Schema {
    /// What every org has.
    pub(super) fn standard() -> Self {
        STANDARD.clone()
    }

    fn of(mut objects: Vec<ObjectInfo>) -> Self {
        let mut names = HashMap::new();
        for info in &mut objects {
            names.insert(info.name.to_ascii_lowercase(), info.object);
            for field in std::mem::take(&mut info.fields) {
                info.add(field);
            }
        }
        Self { objects, names }
    }

    /// Every visible object.
    pub(super) fn objects(&self) -> impl Iterator<Item = &ObjectInfo> {
        self.objects.iter().filter(|info| !info.hidden)
    }

    /// Every object, also those that are switched off.
    pub(super) fn all(&self) -> &[ObjectInfo] {
        &self.objects
    }

    pub(super) fn info(&self, object: Object) -> &ObjectInfo {
        // An `Object` is only made with its entry.
        self.objects.get(object.index()).unwrap_or(&self.objects[0])
    }

    /// The visible object with this name, in any case.
    pub(super) fn named(&self, name: &str) -> Option<Object> {
        let object = *self.names.get(&name.to_ascii_lowercase())?;
        (!self.info(object).hidden).then_some(object)
    }

    /// The visible object with this key prefix.
    pub(super) fn prefixed(&self, prefix: &str) -> Option<Object> {
        self.objects().find(|info| info.prefix == prefix).map(|info| info.object)
    }

    /// The relationships that lead to an object's records from their children: object, position
    /// of the reference, name of the way.
    pub(super) fn children(&self, parent: Object) -> impl Iterator<Item = (Object, usize, &str)> {
        self.objects().flat_map(move |info| {
            info.visible().filter_map(move |(at, field)| match (&field.kind, &field.children) {
                (Kind::Reference(to, _), Some(way)) if to.contains(&parent) => {
                    Some((info.object, at, &**way))
                }
                _ => None,
            })
        })
    }

    /// Adds an object of the org's own; nothing, if the name is taken.
    pub(super) fn add_object(&mut self, name: &str, label: &str, plural: &str) -> Option<Object> {
        if self.names.contains_key(&name.to_ascii_lowercase()) {
            return None;
        }
        let number = u16::try_from(self.objects.len()).ok()?;
        let customs = self.objects.iter().filter(|info| info.custom).count();
        let digit = u32::try_from(customs).ok()?;
        let prefix = format!("a{}{}", digit_of(digit / 36)?, digit_of(digit % 36)?);
        let mut info = ObjectInfo::new(Object(number), "", "");
        info.name = name.to_owned().into();
        info.label = label.to_owned().into();
        info.plural = plural.to_owned().into();
        info.prefix = prefix.into();
        info.setup = false;
        info.access = Access::All;
        info.custom = true;
        for field in standard::custom_object_fields() {
            info.add(field);
        }
        self.names.insert(name.to_ascii_lowercase(), info.object);
        let object = info.object;
        self.objects.push(info);
        Some(object)
    }

    /// Adds a field of the org's own; false, if the object has one of this name.
    pub(super) fn add_field(&mut self, object: Object, field: Field) -> bool {
        let Some(info) = self.objects.get_mut(object.index()) else { return false };
        let fresh = !info.positions.contains_key(&field.name.to_ascii_lowercase());
        if fresh {
            info.add(field);
        }
        fresh
    }

    /// Switches a feature off: its objects and fields do not exist.
    pub(super) fn switch_off(&mut self, feature: Feature) {
        for info in &mut self.objects {
            info.hidden |= info.feature == Some(feature);
            for field in &mut info.fields {
                field.hidden |= field.feature == Some(feature);
            }
        }
    }

    /// Takes an object, or a field of one, out of the login's sight; false, if there is none.
    pub(super) fn hide(&mut self, path: &str) -> bool {
        let (name, field) = path.split_once('.').map_or((path, None), |(o, f)| (o, Some(f)));
        let Some(object) = self.named(name) else { return false };
        let Some(info) = self.objects.get_mut(object.index()) else { return false };
        match field.map(|field| info.field(field)) {
            None => info.hidden = true,
            Some(Some(at)) => {
                if let Some(field) = info.fields.get_mut(at) {
                    field.hidden = true;
                }
            }
            Some(None) => return false,
        }
        true
    }
}

fn digit_of(number: u32) -> Option<char> {
    char::from_digit(number, 36)
}

/// `PermissionSetGroup` → `Permission Set Group`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.push(c);
    }
    text
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}
