//! JSON of a request → values of fields, with the refusals that a value earns by itself.
//!
//! Source: texts as recorded from orgs; the label of the field in the text, its name in `fields`.

use serde_json::{Map, Value as Json};

use super::{Org, Row, own_id};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::{Field, Kind, Object, Values};
use crate::emulator::store::Key;
use crate::emulator::value::{Value, parse_moment};

impl Org {
    /// Takes over the values of a request. An unknown field is told before anything else.
    pub(super) fn set(
        &self,
        object: Object,
        row: &mut Row,
        fields: &Map<String, Json>,
        writable: impl Fn(&Field) -> bool,
    ) -> Result<(), DmlError> {
        let info = self.schema.info(object);
        let mut known = Vec::new();
        for (name, json) in fields.iter().filter(|(name, _)| *name != "attributes") {
            if let Some(at) = info.field(name) {
                known.push((at, json));
            } else if let (Some((at, targets)), Json::Object(_) | Json::Null) =
                (info.way(name), json)
            {
                let id = self.by_key(name, targets, json)?;
                if let (Some(place), Some(id)) = (row.get_mut(at), id) {
                    *place = Value::Id(id);
                }
            } else {
                return Err(unknown_column(name, &info.name));
            }
        }
        for (at, json) in known {
            let Some(field) = info.fields.get(at) else { continue };
            if !writable(field) {
                return Err(read_only(field));
            }
            let value = self.read(field, json)?;
            if let Some(place) = row.get_mut(at) {
                *place = value;
            }
        }
        Ok(())
    }

    /// A parent named by a key of its own: `"Account": {"Key__c": "A-1"}`.
    fn by_key(&self, way: &str, targets: &[Object], json: &Json) -> Result<Option<Id>, DmlError> {
        let Some(given) = json.as_object() else { return Ok(None) };
        let mut keys = given.iter().filter(|(name, _)| *name != "attributes");
        let (Some((name, value)), None) = (keys.next(), keys.next()) else {
            let message = format!("Expected one key field for foreign key {way}");
            return Err(DmlError::new("INVALID_FIELD", message));
        };
        for target in targets {
            let info = self.schema.info(*target);
            let Some(at) = info.field(name) else { continue };
            let Some(field) = info.fields.get(at).filter(|f| f.external_id || f.id_lookup) else {
                continue;
            };
            let value = self.read_key(field, value)?;
            let mut found = self.with_key(*target, at, &value);
            return match (found.next(), found.next()) {
                (Some(id), None) => Ok(Some(id)),
                (None, _) => Err(DmlError::new(
                    "INVALID_FIELD",
                    format!(
                        "Foreign key external ID: {} not found for field {name} in entity {}",
                        key_text(&value),
                        info.name
                    ),
                )),
                (Some(_), Some(_)) => Err(DmlError::new(
                    "DUPLICATE_EXTERNAL_ID",
                    format!("{name}: more than one record found for external id field"),
                )),
            };
        }
        Err(DmlError::new(
            "INVALID_FIELD",
            format!("Field name provided, {name} is not an External ID or indexed field"),
        ))
    }

    /// The records whose key field has a value.
    pub(in crate::emulator) fn with_key(
        &self,
        object: Object,
        at: usize,
        value: &Value,
    ) -> Box<dyn Iterator<Item = Id> + '_> {
        let Some(table) = self.table(object) else { return Box::new(std::iter::empty()) };
        if at == 0 {
            let id = value.as_id().filter(|id| table.row(*id).is_some());
            return Box::new(id.into_iter());
        }
        match Key::of(value).and_then(|key| table.slots(at, &key).map(<[u32]>::to_vec)) {
            Some(slots) => Box::new(slots.into_iter().filter_map(|slot| own_id(table.at(slot)?))),
            None => {
                let value = value.clone();
                let rows = table.rows.iter().flatten();
                Box::new(rows.filter(move |row| row.get(at) == Some(&value)).filter_map(own_id))
            }
        }
    }

    /// A value of a key field as it stands in a URL or a request.
    pub(in crate::emulator) fn read_key(
        &self,
        field: &Field,
        json: &Json,
    ) -> Result<Value, DmlError> {
        match (&field.kind, json) {
            (Kind::Id, Json::String(text)) => {
                Id::parse(text).map(Value::Id).ok_or_else(|| malformed(&field.label, text).on("Id"))
            }
            _ => self.read(field, json),
        }
    }

    /// A value of a request, if the field can hold it.
    fn read(&self, field: &Field, json: &Json) -> Result<Value, DmlError> {
        let text = match (json, &field.kind) {
            (Json::Null, kind) => return Ok(kind.empty()),
            (Json::Bool(value), Kind::Bool) => return Ok(Value::Bool(*value)),
            (Json::Number(number), kind) if kind.is_number() => {
                return Ok(number.as_f64().map_or(Value::Null, Value::Number));
            }
            (Json::String(text), _) => return self.read_text(field, text),
            (Json::Array(_) | Json::Object(_), kind) => {
                return Err(DmlError::new(
                    "JSON_PARSER_ERROR",
                    format!(
                        "Cannot deserialize instance of {} from {} value",
                        kind_name(kind),
                        if json.is_array() { "START_ARRAY" } else { "START_OBJECT" }
                    ),
                ));
            }
            (other, _) => other.to_string(),
        };
        self.read_text(field, &text)
    }

    /// A value as text, if the field can hold it.
    fn read_text(&self, field: &Field, text: &str) -> Result<Value, DmlError> {
        let text = text.trim();
        if text.is_empty() { Ok(field.kind.empty()) } else { self.parse(field, text) }
    }

    /// Takes over the values of a line: each cell and the field it is for. An empty cell leaves its
    /// field alone, and nothing is written as `null`.
    pub(super) fn set_cells<'c>(
        &self,
        object: Object,
        row: &mut Row,
        cells: impl Iterator<Item = (usize, &'c str)>,
        null: &str,
    ) -> Result<(), DmlError> {
        let info = self.schema.info(object);
        for (at, text) in cells.filter(|(_, text)| !text.is_empty()) {
            let Some(field) = info.fields.get(at) else { continue };
            if !(field.create || self.seeding) {
                return Err(read_only(field));
            }
            let text = if text == null { "" } else { text };
            let value = self.read_text(field, text)?;
            if let Some(place) = row.get_mut(at) {
                *place = value;
            }
        }
        Ok(())
    }

    fn parse(&self, field: &Field, text: &str) -> Result<Value, DmlError> {
        match &field.kind {
            Kind::Text(length)
            | Kind::LongText(length)
            | Kind::Phone(length)
            | Kind::Url(length) => fits(field, text, *length),
            Kind::Email(length) if looks_like_address(text) => fits(field, text, *length),
            Kind::Email(_) => {
                let message = format!("{}: invalid email address: {text}", field.label);
                Err(DmlError::new("INVALID_EMAIL_ADDRESS", message).on(&field.name))
            }
            Kind::Picklist(values) => one_of(field, values, text),
            Kind::OpenPicklist(_) => fits(field, text, 255),
            Kind::Multipicklist(values) => {
                for part in text.split(';') {
                    one_of(field, values, part)?;
                }
                Ok(Value::text(text))
            }
            Kind::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "1" => Ok(Value::Bool(true)),
                "false" | "0" => Ok(Value::Bool(false)),
                _ => Err(unreadable(field, text)),
            },
            Kind::Int | Kind::Number | Kind::Currency | Kind::Percent => {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                number.map(Value::Number).ok_or_else(|| unreadable(field, text))
            }
            Kind::Day => {
                let day = text.get(..10).unwrap_or(text).parse();
                day.map(Value::Day).map_err(|_| unreadable(field, text))
            }
            Kind::Moment => {
                parse_moment(text).map(Value::Moment).ok_or_else(|| unreadable(field, text))
            }
            Kind::Id => Err(read_only(field)),
            Kind::Reference(targets, _) => self.reference(field, text, targets),
        }
    }

    fn reference(&self, field: &Field, text: &str, targets: &[Object]) -> Result<Value, DmlError> {
        let fits = |id: &Id| targets.iter().any(|to| self.schema.info(*to).prefix == id.prefix());
        let id = Id::parse(text).filter(fits);
        let id = id.ok_or_else(|| malformed(&field.label, text).on(&field.name))?;
        if self.find(targets, id).is_none() {
            return Err(dangling());
        }
        Ok(Value::Id(id))
    }
}

fn one_of(field: &Field, values: &Values, text: &str) -> Result<Value, DmlError> {
    if values.contains(text) {
        return Ok(Value::text(text));
    }
    let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
    Err(DmlError::new("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message).on(&field.name))
}

fn fits(field: &Field, text: &str, length: usize) -> Result<Value, DmlError> {
    if text.chars().count() > length {
        let message =
            format!("{}: data value too large: {text} (max length={length})", field.label);
        return Err(DmlError::new("STRING_TOO_LONG", message).on(&field.name));
    }
    Ok(Value::text(text))
}

pub(super) fn looks_like_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    // Nearly all are letters, digits and signs, of which one look at each byte tells enough.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    !local.is_empty()
        && (is_plain || !text.contains(char::is_whitespace))
        && !domain.bytes().any(|byte| byte == b'@')
        && domain.bytes().any(|byte| byte == b'.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.as_bytes().windows(2).any(|two| two == b"..")
}

fn key_text(value: &Value) -> String {
    match value.json() {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

/// An id that nothing has.
pub(super) fn dangling() -> DmlError {
    DmlError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

pub(in crate::emulator) fn malformed(label: &str, text: &str) -> DmlError {
    DmlError::new("MALFORMED_ID", format!("{label}: id value of incorrect type: {text}"))
}

pub(in crate::emulator) fn unknown_column(name: &str, object: &str) -> DmlError {
    let message = format!("No such column '{name}' on sobject of type {object}");
    DmlError::new("INVALID_FIELD", message)
}

fn unreadable(field: &Field, text: &str) -> DmlError {
    let message = format!(
        "Cannot deserialize instance of {} from VALUE_STRING value {text}",
        kind_name(&field.kind)
    );
    DmlError::new("JSON_PARSER_ERROR", message).on(&field.name)
}

const fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean",
        Kind::Int => "int",
        Kind::Number | Kind::Percent => "double",
        Kind::Currency => "currency",
        Kind::Day => "date",
        Kind::Moment => "datetime",
        Kind::Id | Kind::Reference(..) => "reference",
        _ => "string",
    }
}

pub(super) fn read_only(field: &Field) -> DmlError {
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
        field.name
    );
    DmlError::new("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(&field.name)
}
