//! A record to write, and its JSON.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::model::{ApiName, RecordId};

/// Fields to send, in order, and the id of the record if it exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    id: Option<RecordId>,
    fields: Vec<(ApiName, FieldValue)>,
}

/// A value to send.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// Text or a moment in time.
    Text(String),
    /// Text that others hold as well.
    Shared(Arc<str>),
    /// The id of another record.
    Id(RecordId),
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Nothing: clears the field.
    Null,
}

impl FieldValue {
    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Shared(text) => Some(text),
            Self::Id(id) => Some(id.as_str()),
            Self::Bool(_) | Self::Number(_) | Self::Null => None,
        }
    }
}

impl Record {
    /// A record that does not exist yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A record that exists.
    pub fn with_id(id: RecordId) -> Self {
        Self { id: Some(id), fields: Vec::new() }
    }

    /// Adds a field.
    #[must_use]
    pub fn set(mut self, field: impl Into<ApiName>, value: FieldValue) -> Self {
        self.fields.push((field.into(), value));
        self
    }

    /// Adds fields.
    #[must_use]
    pub fn with(mut self, fields: impl IntoIterator<Item = (ApiName, FieldValue)>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Makes room for so many more fields.
    #[must_use]
    pub fn with_room(mut self, fields: usize) -> Self {
        self.fields.reserve_exact(fields);
        self
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &FieldValue)> {
        self.fields.iter().map(|(field, value)| (field.as_str(), value))
    }

    /// The id, if the record exists.
    pub const fn id(&self) -> Option<RecordId> {
        self.id
    }
}

/// A record with its type, as sObject Collections want it.
pub(super) struct Typed<'a> {
    pub(super) object: &'static str,
    pub(super) record: &'a Record,
}

#[derive(Serialize)]
struct Attributes {
    r#type: &'static str,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("attributes", &Attributes { r#type: self.object })?;
        if let Some(id) = &self.record.id {
            map.serialize_entry("id", id.as_str())?;
        }
        for (field, value) in self.record.fields() {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Shared(text) => serializer.serialize_str(text),
            Self::Id(id) => serializer.serialize_str(id.as_str()),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Null => serializer.serialize_unit(),
        }
    }
}
