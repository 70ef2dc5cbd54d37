//! Creating or changing a record by a key.
//! Source: REST API Developer Guide, "Insert or Update (Upsert) a Record Using an External ID".

use serde_json::{Map, Value as Json};

use super::{Org, Refusal};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;

/// What became of an upsert.
pub(in crate::emulator) enum Upserted {
    Created(Id),
    Updated(Id),
    /// More than one record has the key; nothing was done.
    Several(Vec<Id>),
}

impl Org {
    /// Changes the record whose field at a position has a value, or creates one. A key field that
    /// is `Id` and null means a new record.
    pub(in crate::emulator) fn upsert(
        &mut self,
        object: Object,
        at: usize,
        key: &Json,
        fields: &Map<String, Json>,
    ) -> Result<Upserted, Refusal> {
        let info = self.schema.info(object);
        let Some(field) = info.fields.get(at) else { return Err(Vec::new()) };
        let name = field.name.to_string();
        let mut fields = fields.clone();
        fields.retain(|key, _| !key.eq_ignore_ascii_case(&name) && !key.eq_ignore_ascii_case("id"));
        if at == 0 && (key.is_null() || key.as_str() == Some("")) {
            return self.insert(object, &fields).map(Upserted::Created);
        }
        let value = self.read_key(field, key).map_err(|error| vec![error])?;
        if value.is_null() {
            let message = format!("{name} not specified");
            return Err(vec![DmlError::new("MISSING_ARGUMENT", message)]);
        }
        let found: Vec<Id> = self.with_key(object, at, &value).collect();
        match found.as_slice() {
            [] if at == 0 => Err(vec![DmlError::new(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
            )]),
            [] => {
                fields.insert(name, key.clone());
                self.insert(object, &fields).map(Upserted::Created)
            }
            [one] => {
                let id = *one;
                self.update(object, id, &fields).map(|()| Upserted::Updated(id))
            }
            _ => Ok(Upserted::Several(found)),
        }
    }
}
