//! People: users with their contacts, sets, licences, groups and logins.

use serde_json::{Map, Value as Json};

use super::{Seed, Table, absolute};
use crate::emulator::id::Id;
use crate::emulator::schema::{Kind, Object};
use crate::emulator::store::{own_id, stored};
use crate::emulator::value::Value;

/// Keys of a user that are not its fields.
const EXTRAS: [&str; 8] = [
    "IsFrozen",
    "PermissionSets",
    "PermissionSetGroups",
    "PermissionSetLicenses",
    "Groups",
    "Disabled",
    "DefaultCaseOwner",
    "Account",
];

impl Seed<'_> {
    /// A user with `Account` gets a contact there, or the one with their address that the seed
    /// declares.
    pub(super) fn portal_user(&mut self, table: &Table) {
        let at = table.at;
        let mut fields = self.fields(Object::USER, table, &EXTRAS);
        complete(&mut fields);
        if let Some(account) = table.text("Account") {
            let Some(account) = self.find(Object::ACCOUNT, account) else {
                self.fault(at, &format!("Account `{account}` is not in this seed"));
                return;
            };
            if !fields.contains_key("ContactId") {
                let Some(contact) = self.contact_in(at, account, &fields) else { return };
                fields.insert("ContactId".to_owned(), Json::from(contact.to_string()));
            }
        }
        if let Some(user) = self.insert(Object::USER, at, &fields) {
            self.user_extras(at, user, table);
        }
    }

    fn contact_in(&mut self, at: usize, account: Id, user: &Map<String, Json>) -> Option<Id> {
        let email = user.get("Email").and_then(Json::as_str).unwrap_or_default();
        let known = self
            .org
            .lookup(Object::CONTACT, "Email", &Value::text(email))
            .find(|row| stored(Object::CONTACT, row, "AccountId").as_id() == Some(account))
            .and_then(own_id);
        if known.is_some() {
            return known;
        }
        let mut fields = Map::new();
        for key in ["FirstName", "LastName", "Email"] {
            fields.extend(user.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        fields.insert("AccountId".to_owned(), Json::from(account.to_string()));
        self.insert(Object::CONTACT, at, &fields)
    }

    /// What a user has beside fields.
    pub(super) fn user_extras(&mut self, at: usize, user: Id, table: &Table) {
        for (key, object, field, through) in [
            (
                "PermissionSetLicenses",
                Object::PERMISSION_SET_LICENSE,
                "PermissionSetLicenseId",
                Object::PERMISSION_SET_LICENSE_ASSIGN,
            ),
            (
                "PermissionSets",
                Object::PERMISSION_SET,
                "PermissionSetId",
                Object::PERMISSION_SET_ASSIGNMENT,
            ),
            (
                "PermissionSetGroups",
                Object::PERMISSION_SET_GROUP,
                "PermissionSetGroupId",
                Object::PERMISSION_SET_ASSIGNMENT,
            ),
            ("Groups", Object::GROUP, "GroupId", Object::GROUP_MEMBER),
        ] {
            for one in table.list(key) {
                self.give(at, user, (object, field, through), one);
            }
        }
        if table.is_true("IsFrozen") {
            self.freeze(user);
        }
        if table.is_true("DefaultCaseOwner") {
            self.org.settings.case_owners.push(user);
        }
        if table.is_true("Disabled") {
            let fields = Map::from_iter([("IsPortalEnabled".to_owned(), Json::from(false))]);
            if let Err(errors) = self.org.update(Object::USER, user, &fields) {
                for error in errors {
                    self.fault(at, &format!("{}: {}", error.code, error.message));
                }
            }
        }
    }

    /// Gives a user something by name: `"Set"`, or `{ Name = "Set", ExpirationDate = … }`.
    fn give(
        &mut self,
        at: usize,
        user: Id,
        (object, field, through): (Object, &str, Object),
        what: &Json,
    ) {
        let name = what.as_str().or_else(|| what["Name"].as_str()).unwrap_or_default();
        let Some(id) = self.find(object, name) else {
            let kind = self.org.schema.info(object).name.to_string();
            self.fault(at, &format!("{kind} `{name}` is not in this seed"));
            return;
        };
        let holder = if through == Object::GROUP_MEMBER { "UserOrGroupId" } else { "AssigneeId" };
        let mut fields = Map::new();
        fields.insert(holder.to_owned(), Json::from(user.to_string()));
        fields.insert(field.to_owned(), Json::from(id.to_string()));
        if let Some(end) = what.get("ExpirationDate") {
            fields.insert("ExpirationDate".to_owned(), absolute(&Kind::Moment, end));
        }
        self.insert(through, at, &fields);
    }

    fn freeze(&mut self, user: Id) {
        let login = self.org.lookup(Object::USER_LOGIN, "UserId", &Value::Id(user)).next();
        if let Some(id) = login.and_then(own_id) {
            let fields = Map::from_iter([("IsFrozen".to_owned(), Json::from(true))]);
            // The administrator freezes somebody else, which cannot fail.
            let _ = self.org.update(Object::USER_LOGIN, id, &fields);
        }
    }
}

/// What a user needs and a seed may leave out.
pub(super) fn complete(fields: &mut Map<String, Json>) {
    let username = fields.get("Username").cloned().unwrap_or(Json::Null);
    let last = fields.get("LastName").and_then(Json::as_str).unwrap_or("user").to_owned();
    let alias: String = last.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let alias = if alias.is_empty() { "user".to_owned() } else { alias.to_lowercase() };
    for (field, value) in [
        ("Email", username),
        ("Alias", Json::from(alias)),
        ("TimeZoneSidKey", Json::from("America/New_York")),
        ("LocaleSidKey", Json::from("en_US")),
        ("LanguageLocaleKey", Json::from("en_US")),
        ("EmailEncodingKey", Json::from("UTF-8")),
        ("IsActive", Json::from(true)),
    ] {
        fields.entry(field).or_insert(value);
    }
}
