//! Creating, changing and deleting records: what holds for every object comes first, what holds for
//! one object after it.

use serde_json::{Map, Value as Json};

use super::{Org, Row, blank, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::{Field, Kind, Object};
use crate::emulator::value::{Value, parse_moment};

/// Why a record is refused.
pub(in crate::emulator) type Refusal = Vec<DmlError>;

impl Org {
    /// Creates a record.
    pub(in crate::emulator) fn insert(
        &mut self,
        object: Object,
        fields: &Map<String, Json>,
    ) -> Result<Id, Refusal> {
        if !object.info().createable() {
            return Err(vec![not_allowed("create", object)]);
        }
        let mut row = blank(object);
        self.set(object, &mut row, fields, |field| field.create)?;
        let missing: Vec<&str> = object
            .info()
            .fields
            .iter()
            .zip(&row)
            .filter(|(field, value)| field.required && value.is_null())
            .map(|(field, _)| field.name)
            .collect();
        if !missing.is_empty() {
            let message = format!("Required fields are missing: [{}]", missing.join(", "));
            let error = DmlError::new("REQUIRED_FIELD_MISSING", message);
            return Err(vec![missing.iter().fold(error, |error, field| error.on(field))]);
        }
        self.finish(object, &mut row, None)?;
        let id = self.next_id(object);
        store(object, &mut row, "Id", Value::Id(id));
        self.stamp(object, &mut row, true);
        self.index.add(object, &row);
        if let Some(table) = self.table_mut(object) {
            table.by_id.insert(id, table.rows.len());
            table.rows.push(Some(row));
        }
        if object == Object::User {
            self.after_user_insert(id);
        }
        Ok(id)
    }

    /// Changes a record.
    pub(in crate::emulator) fn update(
        &mut self,
        object: Object,
        id: Id,
        fields: &Map<String, Json>,
    ) -> Result<(), Refusal> {
        if !object.info().updateable() {
            return Err(vec![not_allowed("update", object)]);
        }
        if id.prefix() != object.info().prefix {
            return Err(vec![malformed("Record ID", &id.to_string()).on("Id")]);
        }
        let Some(old) = self.row(object, id).cloned() else {
            return Err(vec![DmlError::new(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
            )]);
        };
        let mut row = old.clone();
        self.set(object, &mut row, fields, |field| field.update)?;
        let emptied =
            object.info().fields.iter().zip(&row).find(|(f, v)| f.required && v.is_null());
        if let Some((field, _)) = emptied {
            let message = format!("Required fields are missing: [{}]", field.name);
            return Err(vec![DmlError::new("REQUIRED_FIELD_MISSING", message).on(field.name)]);
        }
        self.finish(object, &mut row, Some(&old))?;
        self.stamp(object, &mut row, false);
        self.replace(object, id, row);
        Ok(())
    }

    /// Deletes a record.
    pub(in crate::emulator) fn delete(&mut self, object: Object, id: Id) -> Result<(), Refusal> {
        if !object.info().deletable() {
            return Err(vec![not_allowed("delete", object)]);
        }
        if self.row(object, id).is_none() {
            return Err(vec![DmlError::new("ENTITY_IS_DELETED", "entity is deleted")]);
        }
        self.remove(object, id);
        Ok(())
    }

    /// The object's own rules, then the administrator's.
    fn finish(&self, object: Object, row: &mut Row, old: Option<&Row>) -> Result<(), Refusal> {
        match object {
            Object::User => self.check_user(row, old),
            Object::Contact => self.check_contact(row, old),
            Object::PermissionSetAssignment => self.check_assignment(row, old),
            Object::UserLogin => self.check_login(row),
            _ => Ok(()),
        }
        .map_err(|error| vec![error])?;
        let broken = self.rules.iter().find(|rule| {
            rule.object == object
                && stored(object, row, &rule.field).as_text() == Some(rule.equals.as_str())
        });
        match broken.filter(|_| !self.seeding) {
            Some(rule) => {
                let error = DmlError::new("FIELD_CUSTOM_VALIDATION_EXCEPTION", &rule.message);
                Err(vec![error.on(&rule.field)])
            }
            None => Ok(()),
        }
    }

    pub(in crate::emulator) fn stamp(&self, object: Object, row: &mut Row, new: bool) {
        let now = Value::Moment(self.now());
        let who = self.running_user.map_or(Value::Null, Value::Id);
        if new {
            store(object, row, "CreatedDate", now.clone());
            store(object, row, "CreatedById", who.clone());
        }
        store(object, row, "LastModifiedDate", now.clone());
        store(object, row, "LastModifiedById", who);
        store(object, row, "SystemModstamp", now);
    }

    /// Takes over the values of a request. An unknown field is told before anything else.
    fn set(
        &self,
        object: Object,
        row: &mut Row,
        fields: &Map<String, Json>,
        writable: impl Fn(&Field) -> bool,
    ) -> Result<(), Refusal> {
        let given = || fields.iter().filter(|(name, _)| *name != "attributes" && *name != "id");
        let mut known = Vec::new();
        for (name, json) in given() {
            let Some(at) = object.field(name) else {
                let message =
                    format!("No such column '{name}' on sobject of type {}", object.info().name);
                return Err(vec![DmlError::new("INVALID_FIELD", message)]);
            };
            known.push((at, json));
        }
        for (at, json) in known {
            let Some(field) = object.info().fields.get(at) else { continue };
            if !writable(field) {
                return Err(vec![read_only(field)]);
            }
            let value = self.read(field, json).map_err(|error| vec![error])?;
            if let Some(place) = row.get_mut(at) {
                *place = value;
            }
        }
        Ok(())
    }

    /// A value of a request, if the field can hold it.
    fn read(&self, field: &Field, json: &Json) -> Result<Value, DmlError> {
        let text = match (json, field.kind) {
            (Json::Null, Kind::Bool) => return Ok(Value::Bool(false)),
            (Json::Null, _) => return Ok(Value::Null),
            (Json::Bool(value), Kind::Bool) => return Ok(Value::Bool(*value)),
            (Json::Number(number), Kind::Number) => {
                return Ok(number.as_f64().map_or(Value::Null, Value::Number));
            }
            (Json::String(text), _) => text.trim().to_owned(),
            (other, _) => other.to_string(),
        };
        if text.is_empty() {
            return Ok(if field.kind == Kind::Bool { Value::Bool(false) } else { Value::Null });
        }
        match field.kind {
            Kind::Text(length) => fits(field, &text, length),
            Kind::Email(length) => {
                if !looks_like_address(&text) {
                    let message = format!("{}: invalid email address: {text}", field.label);
                    return Err(DmlError::new("INVALID_EMAIL_ADDRESS", message).on(field.name));
                }
                fits(field, &text, length)
            }
            Kind::Picklist(values) => {
                if values.split_whitespace().any(|value| value == text) {
                    return Ok(Value::text(&text));
                }
                let message =
                    format!("{}: bad value for restricted picklist field: {text}", field.label);
                Err(DmlError::new("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message)
                    .on(field.name))
            }
            Kind::Bool => Ok(Value::Bool(text.eq_ignore_ascii_case("true"))),
            Kind::Number => text.parse().map(Value::Number).map_err(|_| unreadable(field, &text)),
            Kind::Moment => {
                parse_moment(&text).map(Value::Moment).ok_or_else(|| unreadable(field, &text))
            }
            Kind::Id => Err(read_only(field)),
            Kind::Reference(object, _) => self.reference(field, &text, object),
        }
    }

    fn reference(&self, field: &Field, text: &str, object: Object) -> Result<Value, DmlError> {
        let prefix = object.info().prefix;
        let id = Id::parse(text).filter(|id| id.prefix() == prefix);
        let id = id.ok_or_else(|| malformed(field.label, text).on(field.name))?;
        if self.row(object, id).is_none() {
            let error = DmlError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
            return Err(error);
        }
        Ok(Value::Id(id))
    }
}

fn fits(field: &Field, text: &str, length: usize) -> Result<Value, DmlError> {
    if text.chars().count() > length {
        let message =
            format!("{}: data value too large: {text} (max length={length})", field.label);
        return Err(DmlError::new("STRING_TOO_LONG", message).on(field.name));
    }
    Ok(Value::text(text))
}

pub(super) fn looks_like_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !text.contains(char::is_whitespace)
        && !domain.contains('@')
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
}

fn malformed(label: &str, text: &str) -> DmlError {
    DmlError::new("MALFORMED_ID", format!("{label}: id value of incorrect type: {text}"))
}

fn unreadable(field: &Field, text: &str) -> DmlError {
    let message = format!("{}: value not of required type: {text}", field.label);
    DmlError::new("INVALID_TYPE_ON_FIELD_IN_RECORD", message).on(field.name)
}

fn read_only(field: &Field) -> DmlError {
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
        field.name
    );
    DmlError::new("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(field.name)
}

fn not_allowed(what: &str, object: Object) -> DmlError {
    DmlError::new(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        format!("entity type {} does not support {what}", object.info().name),
    )
}
