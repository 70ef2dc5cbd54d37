//! What an administrator sets up: licences, profiles, permission sets, roles, groups, sites.

use serde_json::{Map, Value as Json};

use super::{EXTRAS, RUNNING_USER, Seed, Source, Table, people};
use crate::emulator::app::App;
use crate::emulator::id::Id;
use crate::emulator::schema::{Kind, Object};
use crate::emulator::store::{Row, own_id, store, stored};
use crate::emulator::value::Value;

impl Seed<'_> {
    pub(super) fn organization(&mut self, source: &dyn Source) {
        let object = Object::ORGANIZATION;
        let mut row = self.org.blank(object);
        for (field, value) in [
            ("Name", "Emulated Org"),
            ("OrganizationType", "Enterprise Edition"),
            ("InstanceName", "EMU1"),
            ("LanguageLocaleKey", "en_US"),
            ("DefaultLocaleSidKey", "en_US"),
            ("TimeZoneSidKey", "GMT"),
        ] {
            store(object, &mut row, field, Value::text(value));
        }
        let mut id = Id::new(&self.org.schema.info(object).prefix, 1);
        for entry in source.table("Organization").unwrap_or_default().entries {
            let (at, key) = (entry.at, &*entry.key);
            match (key, &entry.value) {
                ("Id", Json::String(text)) => match Id::parse(text) {
                    Some(parsed) if parsed.prefix() == "00D" => id = parsed,
                    _ => self.fault(at, "`Id` is not the id of an Organization"),
                },
                (_, Json::String(text)) if object.standard_field(key).is_some() => {
                    store(object, &mut row, key, Value::text(text));
                }
                ("IsSandbox", Json::Bool(value)) => {
                    store(object, &mut row, key, Value::Bool(*value));
                }
                _ => self.fault(
                    at,
                    &format!("`{key}` is not a field of Organization, or not of this type"),
                ),
            }
        }
        store(object, &mut row, "Id", Value::Id(id));
        self.place(object, row);
    }

    /// What every org has: the internal licence and profiles, and an administrator.
    pub(super) fn standard(&mut self) {
        let license = self.own(Object::USER_LICENSE, "Salesforce", |row| {
            store(Object::USER_LICENSE, row, "TotalLicenses", Value::Number(100.0));
        });
        for profile in ["System Administrator", "Standard User"] {
            self.own(Object::PROFILE, profile, |row| {
                store(Object::PROFILE, row, "UserLicenseId", Value::Id(license));
                store(Object::PROFILE, row, "UserType", Value::text("Standard"));
            });
        }
        let Some(profile) = self.find(Object::PROFILE, "System Administrator") else { return };
        let mut fields = Map::new();
        for (field, value) in [
            ("Username", RUNNING_USER),
            ("LastName", "Administrator"),
            ("CommunityNickname", "admin"),
        ] {
            fields.insert(field.to_owned(), Json::from(value));
        }
        fields.insert("ProfileId".to_owned(), Json::from(profile.to_string()));
        fields.insert("IsActive".to_owned(), Json::from(true));
        people::complete(&mut fields);
        if let Ok(id) = self.org.insert(Object::USER, &fields) {
            self.org.running_user = Some(id);
            self.org.settings.apps.push(App::standard(Some(id)));
            self.names.insert((Object::USER, RUNNING_USER.to_owned()), id);
        }
    }

    /// What the login may do: everything but what `lacking` names.
    pub(super) fn permissions(&mut self, source: &dyn Source) {
        let object = Object::USER_PERMISSION_ACCESS;
        let mut row = self.org.blank(object);
        let id = self.org.next_id(object);
        store(object, &mut row, "Id", Value::Id(id));
        let rights: Vec<String> = self
            .org
            .schema
            .info(object)
            .visible()
            .filter_map(|(_, field)| field.name.strip_prefix("Permissions").map(str::to_owned))
            .collect();
        let knobs = source.table("emulator").unwrap_or_default();
        let lacking: Vec<&str> = knobs.list("lacking").iter().filter_map(Json::as_str).collect();
        for unknown in lacking.iter().filter(|name| !rights.iter().any(|right| right == *name)) {
            self.fault(knobs.at, &format!("there is no permission `{unknown}` to lack"));
        }
        for right in rights.iter().filter(|right| !lacking.contains(&right.as_str())) {
            store(object, &mut row, &format!("Permissions{right}"), Value::Bool(true));
        }
        self.place(object, row);
    }

    /// A record that the API cannot make, put in place as it is.
    pub(super) fn own(&mut self, object: Object, name: &str, fill: impl Fn(&mut Row)) -> Id {
        let id = self.org.next_id(object);
        let mut row = self.org.blank(object);
        store(object, &mut row, "Id", Value::Id(id));
        store(object, &mut row, name_field(object), Value::text(name));
        fill(&mut row);
        finish(object, &mut row);
        self.names.insert((object, name.to_lowercase()), id);
        if object == Object::PERMISSION_SET
            && let Some(namespace) = stored(object, &row, "NamespacePrefix").as_text()
        {
            self.names.insert((object, format!("{namespace}__{name}").to_lowercase()), id);
        }
        self.place(object, row);
        if object == Object::PROFILE {
            self.hidden_set(
                name,
                &[
                    ("ProfileId", Value::Id(id)),
                    ("IsOwnedByProfile", Value::Bool(true)),
                    ("Type", Value::text("Profile")),
                ],
            );
        }
        id
    }

    /// A permission set that the platform keeps for a profile or a group.
    fn hidden_set(&mut self, label: &str, values: &[(&str, Value)]) -> Id {
        let object = Object::PERMISSION_SET;
        let id = self.org.next_id(object);
        let mut row = self.org.blank(object);
        let name = format!("X{}", id.short());
        store(object, &mut row, "Id", Value::Id(id));
        store(object, &mut row, "Name", Value::text(&name));
        store(object, &mut row, "Label", Value::text(label));
        for (field, value) in values {
            store(object, &mut row, field, value.clone());
        }
        self.place(object, row);
        id
    }

    fn place(&mut self, object: Object, mut row: Row) {
        self.org.stamp(object, &mut row, true);
        let serial = self.org.table(object).map_or(0, |table| table.serial);
        self.org.restore(object, row);
        if let Some(table) = self.org.table_serial(object) {
            // The serial was taken with the id.
            *table = serial;
        }
    }

    pub(super) fn setup_record(
        &mut self,
        object: Object,
        at: usize,
        (fields, table): (&Map<String, Json>, &Table),
    ) {
        let key = name_field(object);
        let kind = self.org.schema.info(object).name.to_string();
        let Some(name) = fields.get(key).and_then(Json::as_str).map(str::to_owned) else {
            self.fault(at, &format!("a {kind} needs a `{key}`"));
            return;
        };
        let namespace = fields.get("NamespacePrefix").and_then(Json::as_str);
        let known = namespace.map_or_else(|| name.clone(), |ns| format!("{ns}__{name}"));
        if self.find(object, &known).is_some() && namespace.is_none() {
            self.fault(at, &format!("{kind} `{name}` stands here twice"));
            return;
        }
        let values = self.setup_values(object, at, fields);
        let license = self.license_name(fields);
        let types = license.as_deref().map(user_type);
        let id = self.own(object, &name, |row| {
            for (key, value) in &values {
                store(object, row, key, value.clone());
            }
            if let (Object::PROFILE, Some(kind)) = (object, types) {
                store(object, row, "UserType", Value::text(kind));
            }
        });
        if object == Object::PROFILE && types.is_none() {
            self.fault(at, &format!("profile `{name}` needs a `UserLicense`"));
        }
        let counted = [Object::USER_LICENSE, Object::PERMISSION_SET_LICENSE];
        if counted.contains(&object) && !fields.contains_key("TotalLicenses") {
            self.fault(at, &format!("licence `{name}` needs `TotalLicenses`"));
        }
        self.setup_extras(object, (id, at), table);
    }

    fn setup_values(
        &mut self,
        object: Object,
        at: usize,
        fields: &Map<String, Json>,
    ) -> Vec<(String, Value)> {
        let mut values = Vec::new();
        for (key, value) in fields {
            let kind = object
                .standard_field(key)
                .and_then(|f| self.org.schema.info(object).fields.get(f))
                .map(|field| field.kind.clone());
            let value = match (value, kind) {
                (Json::String(text), Some(Kind::Reference(..))) => Id::parse(text).map(Value::Id),
                (Json::String(text), Some(Kind::Moment)) => {
                    crate::emulator::value::parse_moment(text).map(Value::Moment)
                }
                (Json::String(text), Some(Kind::Day)) => text.parse().ok().map(Value::Day),
                (Json::String(text), Some(kind)) if kind.is_text() => Some(Value::text(text)),
                (Json::Bool(value), Some(Kind::Bool)) => Some(Value::Bool(*value)),
                (Json::Number(number), Some(kind)) if kind.is_number() => {
                    number.as_f64().map(Value::Number)
                }
                _ => None,
            };
            match value {
                Some(value) => values.push((key.clone(), value)),
                None => self.fault(at, &format!("`{key}` is not of the right type")),
            }
        }
        values
    }

    fn setup_extras(&mut self, object: Object, (id, at): (Id, usize), table: &Table) {
        let Some((_, keys)) = EXTRAS.iter().find(|(one, _)| *one == object) else { return };
        if object == Object::PERMISSION_SET_GROUP {
            let label = table.text("DeveloperName").unwrap_or_default().to_owned();
            self.hidden_set(
                &label,
                &[("PermissionSetGroupId", Value::Id(id)), ("Type", Value::text("Group"))],
            );
        }
        for key in *keys {
            for name in table.list(key).iter().filter_map(Json::as_str) {
                let target = match *key {
                    "Profiles" => Object::PROFILE,
                    "RefusedFor" => Object::USER_LICENSE,
                    _ => Object::PERMISSION_SET,
                };
                let Some(found) = self.find(target, name) else {
                    let kind = self.org.schema.info(target).name.to_string();
                    self.fault(at, &format!("{kind} `{name}` is not in this seed"));
                    continue;
                };
                let permission = table.text("Permission").unwrap_or("Read Accounts");
                self.setup_extra(object, (id, found), permission);
            }
        }
    }

    fn setup_extra(&mut self, object: Object, (id, found): (Id, Id), permission: &str) {
        let below = match object {
            Object::PERMISSION_SET => {
                self.org.settings.beyond_license.push((id, found, permission.to_owned()));
                return;
            }
            Object::USER_ACCESS_POLICY => {
                self.org.settings.revoked_sets.push(found);
                return;
            }
            Object::PERMISSION_SET_GROUP => (
                Object::PERMISSION_SET_GROUP_COMPONENT,
                [("PermissionSetGroupId", id), ("PermissionSetId", found)],
            ),
            _ => (Object::NETWORK_MEMBER_GROUP, [("NetworkId", id), ("ParentId", found)]),
        };
        let fields: Map<String, Json> = below
            .1
            .iter()
            .map(|(field, id)| ((*field).to_owned(), Json::from(id.to_string())))
            .collect();
        // Both records exist, so nothing can refuse this.
        let _ = self.org.insert(below.0, &fields);
    }

    fn license_name(&self, fields: &Map<String, Json>) -> Option<String> {
        let id = Id::parse(fields.get("UserLicenseId")?.as_str()?)?;
        let row = self.org.row(Object::USER_LICENSE, id)?;
        own_id(row)?;
        stored(Object::USER_LICENSE, row, "Name").as_text().map(str::to_owned)
    }
}

/// The field that people know a record by.
const fn name_field(object: Object) -> &'static str {
    match object {
        Object::PERMISSION_SET_GROUP
        | Object::PERMISSION_SET_LICENSE
        | Object::GROUP
        | Object::USER_ACCESS_POLICY => "DeveloperName",
        _ => "Name",
    }
}

/// What setup records hold beside what was declared.
fn finish(object: Object, row: &mut Row) {
    let name = stored(object, row, name_field(object)).clone();
    let text = |text: &str| Value::Text(text.into());
    let defaults: Vec<(&str, Value)> = match object {
        Object::USER_LICENSE => vec![("MasterLabel", name), ("Status", text("Active"))],
        Object::PERMISSION_SET_LICENSE => vec![
            ("MasterLabel", name.clone()),
            ("PermissionSetLicenseKey", name),
            ("Status", text("Active")),
        ],
        Object::PERMISSION_SET => {
            vec![("Label", name), ("Type", text("Regular")), ("IsCustom", Value::Bool(true))]
        }
        Object::PERMISSION_SET_GROUP => vec![("MasterLabel", name), ("Status", text("Updated"))],
        Object::USER_ROLE => vec![("PortalType", text("None")), ("DeveloperName", name)],
        Object::GROUP => vec![("Name", name), ("Type", text("Regular"))],
        Object::NETWORK => vec![("Status", text("Live"))],
        Object::USER_ACCESS_POLICY => {
            vec![("Status", text("Active")), ("TriggerType", text("CreateAndUpdate"))]
        }
        _ => Vec::new(),
    };
    for (field, value) in defaults {
        if matches!(stored(object, row, field), Value::Null | Value::Bool(false)) {
            store(object, row, field, value);
        }
    }
}

/// The type of the users of a licence.
/// Source: Salesforce Help, "Experience Cloud User Licenses".
pub(in crate::emulator) fn user_type(license: &str) -> &'static str {
    let is = |start: &str| license.starts_with(start);
    if is("Customer Community Plus") || is("External Apps Plus") || is("Customer Portal Manager") {
        "PowerCustomerSuccess"
    } else if is("Customer Community")
        || is("External")
        || is("High Volume")
        || is("Authenticated Website")
        || is("Overage")
    {
        "CspLitePortal"
    } else if is("Partner") || is("Gold Partner") || is("Silver Partner") || is("Channel Account") {
        "PowerPartner"
    } else if is("Customer Portal User") {
        "CustomerSuccess"
    } else if is("Guest") {
        "Guest"
    } else if is("Chatter") {
        "CsnOnly"
    } else {
        "Standard"
    }
}
