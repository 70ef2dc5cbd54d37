//! What the fields of an object are, as far as the login may see them.
//!
//! Source: REST API Developer Guide, "sObject Describe": a field that the login may not see is
//! missing, and `createable` and `updateable` are the login's own rights.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ApiName;

/// The fields of `User` and `Contact` that the login can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// Of `User`.
    pub user: ObjectFields,
    /// Of `Contact`.
    pub contact: ObjectFields,
}

/// The fields of one object, by API name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectFields(BTreeMap<ApiName, FieldDef>);

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a right or a property of its own")]
pub struct FieldDef {
    /// Its API name, spelt as the org spells it.
    pub name: ApiName,
    /// What people call it.
    pub label: Arc<str>,
    /// What it holds.
    pub shape: FieldShape,
    /// Whether the login may set it when a record is made.
    pub createable: bool,
    /// Whether the login may change it.
    pub updateable: bool,
    /// Whether it may be empty.
    pub nillable: bool,
    /// Whether the org fills it in when a record is made without it.
    pub defaulted: bool,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldShape {
    /// Text of at most so many characters; 0, where the org gives no limit.
    Text(u32),
    /// An e-mail address, compared without regard to case.
    Email(u32),
    /// Yes or no.
    Bool,
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// A day.
    Date,
    /// A moment.
    Moment,
    /// The id of another record.
    Reference,
    /// One of several values; limited to those given, if any are.
    Picklist(Option<Arc<[Box<str>]>>),
    /// Several of several values, joined by `;`; limited to those given, if any are.
    MultiPicklist(Option<Arc<[Box<str>]>>),
    /// Something that no file can declare, by the org's word for it.
    Other(Box<str>),
}

impl ObjectFields {
    /// Fields by their names.
    pub fn of(fields: impl IntoIterator<Item = FieldDef>) -> Self {
        Self(fields.into_iter().map(|field| (field.name.clone(), field)).collect())
    }

    /// The field with this name, if the login can see it.
    pub fn get(&self, name: &ApiName) -> Option<&FieldDef> {
        self.0.get(name)
    }

    /// Whether the login can see a field.
    pub fn has(&self, name: &'static str) -> bool {
        self.0.contains_key(&ApiName::of(name))
    }

    /// Every field, by name.
    pub fn iter(&self) -> impl Iterator<Item = &FieldDef> {
        self.0.values()
    }
}
