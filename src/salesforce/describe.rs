//! What an object and its fields are, as the signed-in user may see and change them.
//!
//! Source: REST API Developer Guide, "sObject Describe": a field that the user may not see is
//! missing, and `createable` and `updateable` are the user's rights.

use serde::Deserialize;

use super::{Error, Reader};

/// An object.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Describe {
    /// Its API name.
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub label: String,
    /// Whether the user may create records.
    #[serde(default)]
    pub createable: bool,
    /// Whether the user may change records.
    #[serde(default)]
    pub updateable: bool,
    /// Its fields, in the server's order.
    pub fields: Vec<FieldDescribe>,
}

/// A field.
#[expect(clippy::struct_excessive_bools, reason = "the server describes a field by them")]
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct FieldDescribe {
    /// Its API name.
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub label: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The most characters; 0 where that means nothing.
    #[serde(default)]
    pub length: u32,
    /// Whether the user may set it when a record is created.
    #[serde(default)]
    pub createable: bool,
    /// Whether the user may change it.
    #[serde(default)]
    pub updateable: bool,
    /// Whether it may be empty; only what is said to be required is.
    #[serde(default = "yes")]
    pub nillable: bool,
    /// Whether the server fills it in when a record is created.
    #[serde(default)]
    pub defaulted_on_create: bool,
    /// Whether no two records have the same value.
    #[serde(default)]
    pub unique: bool,
    /// Whether it identifies records for another system.
    #[serde(default)]
    pub external_id: bool,
    /// Whether records can be referred to by it.
    #[serde(default)]
    pub id_lookup: bool,
    /// Whether values that differ in case alone are different.
    #[serde(default)]
    pub case_sensitive: bool,
    /// Whether a query can filter by it.
    #[serde(default)]
    pub filterable: bool,
    /// Whether it is computed.
    #[serde(default)]
    pub calculated: bool,
    /// Whether it holds only values of its list.
    #[serde(default)]
    pub restricted_picklist: bool,
    /// The values of its list.
    #[serde(default)]
    pub picklist_values: Vec<PicklistValue>,
    /// What the record that it refers to is called in a query, such as `Contact`.
    #[serde(default)]
    pub relationship_name: Option<String>,
    /// The objects that it refers to.
    #[serde(default)]
    pub reference_to: Vec<String>,
}

/// A value of a picklist.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PicklistValue {
    /// What records hold.
    pub value: String,
    /// What people see.
    pub label: Option<String>,
    /// Whether it may still be chosen.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether new records get it.
    #[serde(default)]
    pub default_value: bool,
}

const fn yes() -> bool {
    true
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// `id`.
    Id,
    /// `reference`: the id of another record.
    Reference,
    /// `string`, `textarea`, `encryptedstring`, `combobox`.
    Text,
    /// `email`.
    Email,
    /// `phone`.
    Phone,
    /// `url`.
    Url,
    /// `boolean`.
    Boolean,
    /// `int`, `long`.
    Integer,
    /// `double`, `currency`, `percent`.
    Decimal,
    /// `date`.
    Date,
    /// `datetime`.
    DateTime,
    /// `time`.
    Time,
    /// `picklist`.
    Picklist,
    /// `multipicklist`.
    MultiPicklist,
    /// Anything else, by the server's word for it; compound and binary fields are among it.
    Other(String),
}

impl<'de> Deserialize<'de> for FieldType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(match word.as_str() {
            "id" => Self::Id,
            "reference" => Self::Reference,
            "string" | "textarea" | "encryptedstring" | "combobox" => Self::Text,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "url" => Self::Url,
            "boolean" => Self::Boolean,
            "int" | "long" => Self::Integer,
            "double" | "currency" | "percent" => Self::Decimal,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "time" => Self::Time,
            "picklist" => Self::Picklist,
            "multipicklist" => Self::MultiPicklist,
            _ => Self::Other(word),
        })
    }
}

impl Describe {
    /// A field by its API name, whose case does not matter.
    pub fn field(&self, name: &str) -> Option<&FieldDescribe> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

impl Reader {
    /// Describes an object.
    pub async fn describe(&self, object: &str) -> Result<Describe, Error> {
        super::soql::check_name(object)?;
        self.0.get(&self.0.path(&format!("sobjects/{object}/describe"))).await
    }
}
