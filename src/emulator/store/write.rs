//! Creating, changing and deleting records: what holds for every object comes first, what holds for
//! one object after it.

use serde_json::{Map, Value as Json};

use super::values::{dangling, malformed, read_only};
use super::{Org, Row, own_id, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::{Object, ObjectInfo, Stamp};
use crate::emulator::value::Value;

/// Why a record is refused.
pub(in crate::emulator) type Refusal = Vec<DmlError>;

impl Org {
    /// Creates a record.
    pub(in crate::emulator) fn insert(
        &mut self,
        object: Object,
        fields: &Map<String, Json>,
    ) -> Result<Id, Refusal> {
        let info = self.schema.info(object);
        if !info.createable() && !self.seeding {
            return Err(vec![not_allowed("create", &info.name)]);
        }
        if fields.keys().any(|key| key.eq_ignore_ascii_case("id")) {
            let message = "The Id field should not be specified in the sobject data.";
            return Err(vec![DmlError::new("INVALID_FIELD", message)]);
        }
        self.mix(object, fields, true).map_err(|error| vec![error])?;
        let mut row = self.blank(object);
        let seeding = self.seeding;
        self.set(object, &mut row, fields, |field| field.create || seeding)
            .map_err(|error| vec![error])?;
        self.make(object, row)
    }

    /// Creates a record of the cells of a line, each with the position of its field, outside any
    /// transaction. None is for the id.
    pub(in crate::emulator) fn insert_cells<'c>(
        &mut self,
        object: Object,
        cells: impl Iterator<Item = (usize, &'c str)>,
        null: &str,
    ) -> Result<Id, Refusal> {
        let info = self.schema.info(object);
        if !info.createable() && !self.seeding {
            return Err(vec![not_allowed("create", &info.name)]);
        }
        let mut row = info.blank();
        self.set_cells(object, &mut row, cells, null).map_err(|error| vec![error])?;
        self.make(object, row)
    }

    /// Makes a record of values that its fields can hold, if the rules let it.
    fn make(&mut self, object: Object, mut row: Row) -> Result<Id, Refusal> {
        let info = self.schema.info(object);
        let missing: Vec<&str> = info
            .required()
            .filter(|(at, _)| row.get(*at).is_some_and(Value::is_null))
            .map(|(_, field)| &*field.name)
            .collect();
        if !missing.is_empty() {
            let message = format!("Required fields are missing: [{}]", missing.join(", "));
            let error = DmlError::new("REQUIRED_FIELD_MISSING", message);
            return Err(vec![missing.iter().fold(error, |error, field| error.on(field))]);
        }
        if let Some(existing) = self.existing_member(object, &row) {
            return Ok(existing);
        }
        self.check(object, &mut row, None)?;
        let id = self.next_id(object);
        store(object, &mut row, "Id", Value::Id(id));
        if self.schema.info(object).custom && row.get(1).is_some_and(Value::is_null) {
            // The name of a record that got none is its id.
            store(object, &mut row, "Name", Value::text(id.short()));
        }
        self.stamp(object, &mut row, true);
        self.put(object, row);
        self.after_insert(object, id);
        Ok(id)
    }

    /// Changes a record.
    pub(in crate::emulator) fn update(
        &mut self,
        object: Object,
        id: Id,
        fields: &Map<String, Json>,
    ) -> Result<(), Refusal> {
        let info = self.schema.info(object);
        if !info.updateable() {
            return Err(vec![not_allowed("update", &info.name)]);
        }
        if id.prefix() != info.prefix {
            return Err(vec![malformed("Record ID", &id.to_string()).on("Id")]);
        }
        self.mix(object, fields, false).map_err(|error| vec![error])?;
        let Some(old) = self.row(object, id).cloned() else {
            let gone = || DmlError::new("ENTITY_IS_DELETED", "entity is deleted");
            return Err(vec![if self.is_deleted(object, id) { gone() } else { dangling() }]);
        };
        let mut row = old.clone();
        let seeding = self.seeding;
        self.set(object, &mut row, fields, |field| field.update || seeding)
            .map_err(|error| vec![error])?;
        let info = self.schema.info(object);
        let emptied = info.required().find(|(at, _)| row.get(*at).is_some_and(Value::is_null));
        if let Some((_, field)) = emptied {
            let message = format!("Required fields are missing: [{}]", field.name);
            return Err(vec![DmlError::new("REQUIRED_FIELD_MISSING", message).on(&field.name)]);
        }
        self.check(object, &mut row, Some(&old))?;
        self.stamp(object, &mut row, false);
        self.replace(object, id, row);
        self.after_update(object, id, &old);
        Ok(())
    }

    /// Deletes a record.
    pub(in crate::emulator) fn delete(&mut self, object: Object, id: Id) -> Result<(), Refusal> {
        let info = self.schema.info(object);
        if !info.deletable() {
            return Err(vec![not_allowed("delete", &info.name)]);
        }
        self.mix(object, &Map::new(), false).map_err(|error| vec![error])?;
        let Some(row) = self.row(object, id).cloned() else {
            return Err(vec![DmlError::new("ENTITY_IS_DELETED", "entity is deleted")]);
        };
        self.check_delete(object, &row).map_err(|error| vec![error])?;
        self.remove(object, id);
        self.after_delete(object, &row);
        Ok(())
    }

    /// The object's own rules, then the administrator's.
    fn check(&mut self, object: Object, row: &mut Row, old: Option<&Row>) -> Result<(), Refusal> {
        self.check_unique(object, row, old)
            .and_then(|()| match object {
                Object::USER => self.check_user(row, old),
                Object::CONTACT => self.check_contact(row, old),
                Object::ACCOUNT => self.check_account(row, old),
                Object::PERMISSION_SET_ASSIGNMENT => self.check_assignment(row, old),
                Object::PERMISSION_SET_LICENSE_ASSIGN => self.check_set_seat(row),
                Object::GROUP_MEMBER => self.check_member(row),
                Object::USER_ROLE => self.check_role(row),
                Object::NETWORK_MEMBER_GROUP => {
                    super::site::check_member_group(row);
                    Ok(())
                }
                Object::USER_LOGIN => self.check_login(row),
                object => {
                    self.own(object, row);
                    Ok(())
                }
            })
            .map_err(|error| vec![error])?;
        if self.seeding {
            return Ok(());
        }
        self.check_rules(object, row).map_err(|error| vec![error])?;
        if old.is_none() {
            self.check_duplicates(object, row).map_err(|error| vec![error])?;
        }
        Ok(())
    }

    fn check_rules(&self, object: Object, row: &Row) -> Result<(), DmlError> {
        let info = self.schema.info(object);
        let broken = self.settings.rules.iter().find(|rule| {
            let value = info.field(&rule.field).and_then(|at| row.get(at));
            rule.object == object && value.and_then(Value::as_text) == Some(rule.equals.as_str())
        });
        broken.map_or(Ok(()), |rule| {
            let error = DmlError::coded(&rule.code, &rule.message);
            let own = rule.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION";
            Err(if own { error.on(&rule.field) } else { error })
        })
    }

    /// Fields that an administrator made unique.
    fn check_unique(&self, object: Object, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let own = old.and_then(own_id);
        let info = self.schema.info(object);
        for (at, field) in info.unique() {
            let Some(value) = row.get(at).filter(|value| !value.is_null()) else { continue };
            let exact = |id: &Id| {
                !field.case_sensitive
                    || self.row(object, *id).is_some_and(|other| other.get(at) == Some(value))
            };
            let holder = self.with_key(object, at, value).find(|id| Some(*id) != own && exact(id));
            if let Some(holder) = holder {
                let message = format!(
                    "duplicate value found: {} duplicates value on record with id: {}",
                    field.name,
                    holder.short()
                );
                return Err(DmlError::new("DUPLICATE_VALUE", message).on(&field.name));
            }
        }
        Ok(())
    }

    fn check_duplicates(&self, object: Object, row: &Row) -> Result<(), DmlError> {
        let info = self.schema.info(object);
        for rule in self.settings.duplicate_rules.iter().filter(|rule| rule.object == object) {
            let Some(at) = info.field(&rule.field) else { continue };
            let value = row.get(at).filter(|value| !value.is_null());
            let like: Vec<Id> =
                value.map(|value| self.with_key(object, at, value).collect()).unwrap_or_default();
            if !like.is_empty() && (!rule.alert || !self.settings.save_duplicates) {
                let error = DmlError::new("DUPLICATES_DETECTED", "Use one of these records?");
                return Err(error.duplicates(&info.name, rule.alert, like));
            }
        }
        Ok(())
    }

    /// What belongs to whoever creates it.
    pub(super) fn own(&self, object: Object, row: &mut Row) {
        if let Some(at) = self.schema.info(object).field("OwnerId")
            && let Some(place) = row.get_mut(at)
            && place.is_null()
            && let Some(who) = self.who()
        {
            *place = Value::Id(who);
        }
    }

    fn after_insert(&mut self, object: Object, id: Id) {
        match object {
            Object::USER => self.after_user_insert(id),
            Object::PERMISSION_SET_ASSIGNMENT => self.after_assignment(id),
            Object::PERMISSION_SET_LICENSE_ASSIGN => self.audit_set_license(id, true),
            Object::GROUP_MEMBER => self.audit_member(id),
            Object::NETWORK_MEMBER_GROUP => self.spread_members(id),
            _ => {}
        }
    }

    fn after_update(&mut self, object: Object, id: Id, old: &Row) {
        match object {
            Object::USER => self.after_user_update(id, old),
            Object::USER_LOGIN => self.audit_login(id, old),
            Object::CONTACT => self.after_contact_update(id, old),
            Object::ACCOUNT => self.after_account_update(id, old),
            Object::PERMISSION_SET_ASSIGNMENT => self.audit_expiration(id, old),
            _ => {}
        }
    }

    fn after_delete(&mut self, object: Object, row: &Row) {
        match object {
            Object::PERMISSION_SET_ASSIGNMENT => self.audit_told(self.assignment_told(row, false)),
            Object::PERMISSION_SET_LICENSE_ASSIGN => self.audit_set_license_row(row, false),
            _ => {}
        }
    }

    fn check_delete(&self, object: Object, row: &Row) -> Result<(), DmlError> {
        match object {
            Object::CONTACT => self.check_contact_delete(row),
            Object::ACCOUNT => self.check_account_delete(row),
            Object::PERMISSION_SET_ASSIGNMENT => self.check_assignment_delete(row),
            _ => Ok(()),
        }
    }

    pub(in crate::emulator) fn stamp(&self, object: Object, row: &mut Row, new: bool) {
        let now = Value::Moment(self.now());
        let who = self.who().map_or(Value::Null, Value::Id);
        let info = self.schema.info(object);
        let mut set = |stamp, value: &Value| {
            if let Some(place) = info.stamp(stamp).and_then(|at| row.get_mut(at)) {
                place.clone_from(value);
            }
        };
        set(Stamp::Modified, &now);
        set(Stamp::ModifiedBy, &who);
        set(Stamp::Modstamp, &now);
        if new && stored(object, row, "CreatedDate").is_null() {
            set_created(info, row, (now, who));
        }
    }

    /// A field of the user that requests may not touch after all.
    pub(super) fn refuse_field(&self, object: Object, name: &str) -> DmlError {
        let info = self.schema.info(object);
        info.field(name).and_then(|at| info.fields.get(at)).map_or_else(dangling, read_only)
    }
}

fn set_created(info: &ObjectInfo, row: &mut Row, (when, who): (Value, Value)) {
    for (stamp, value) in [(Stamp::Created, when), (Stamp::CreatedBy, who)] {
        if let Some(place) = info.stamp(stamp).and_then(|at| row.get_mut(at)) {
            *place = value;
        }
    }
}

fn not_allowed(what: &str, object: &str) -> DmlError {
    DmlError::new(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        format!("entity type {object} does not support {what}"),
    )
}
