//! Field by field: what the files say against what the org holds.

use std::sync::Arc;

use crate::model::{
    ApiName, Contact, CurrentUser, DesiredUser, FieldValues, Kind, Profile, UserField, Username,
    Value,
};

use super::Planner;
use super::change::{Datum, FieldChange, Object};
use super::{derive, email};

/// What the API shows instead of a value that a person hides from others.
/// Source: Object Reference, User, `UserPreferencesShow…ToExternalUsers`.
pub(crate) const HIDDEN: &str = "#N/A";

/// The fields that a user and their contact share.
pub(crate) const SHARED_WITH_CONTACT: [UserField; 3] =
    [UserField::FirstName, UserField::LastName, UserField::Email];

/// What is sent for a new user where no file says anything.
pub(super) fn defaults() -> FieldValues {
    let defaults = UserField::BUILT_IN_DEFAULTS.iter();
    defaults.map(|(field, value)| (*field, Value::of(value))).collect()
}

impl Planner<'_> {
    /// Everything that is sent for a new user, but for the contact's id.
    pub(super) fn new_user(
        &self,
        declared: &DesiredUser,
        org_username: &Username,
        profile: &Profile,
    ) -> Vec<FieldChange> {
        let mut values = FieldValues::with_capacity(UserField::ALL.len());
        values.extend(self.defaults.iter().map(|(field, value)| (*field, value.clone())));
        values.insert(UserField::Alias, Value::of(&derive::alias(declared)));
        values.insert(UserField::Nickname, Value::of(&derive::nickname(declared, org_username)));
        values
            .extend(declared.on_create.fields.iter().map(|(field, value)| (*field, value.clone())));
        values.extend(declared.fields.iter().map(|(field, value)| (*field, value.clone())));
        let address = email::created(self.email, declared.email());
        values.insert(UserField::Email, Value::of(&address));

        // The contact's values come after the user's, and perhaps a marker.
        let mut changes = Vec::with_capacity(values.len() + 3 + SHARED_WITH_CONTACT.len());
        let username = Datum::shared(&org_username.shared());
        changes.push(from_nothing(Object::User, "Username", username));
        for (field, value) in values.iter() {
            if let Value::Text(text) = value {
                changes.push(from_nothing(Object::User, field.api_name(), Datum::shared(text)));
            }
        }
        changes.push(from_nothing(Object::User, "ProfileId", profile_datum(profile)));
        changes
    }

    /// Everything that is sent for a new contact, but for the account's id.
    pub(super) fn new_contact(&self, declared: &DesiredUser) -> Vec<FieldChange> {
        let mut changes = Vec::with_capacity(SHARED_WITH_CONTACT.len());
        for field in shared(declared) {
            let value = match (field, declared.fields.get(&field)) {
                (UserField::Email, _) => Datum::of(&email::created(self.email, declared.email())),
                (_, Some(Value::Text(text))) => Datum::shared(text),
                (_, Some(Value::Null) | None) => continue,
            };
            changes.push(from_nothing(Object::Contact, field.api_name(), value));
        }
        changes
    }

    /// Declared values that an existing user does not have.
    pub(super) fn user_fields(
        &self,
        declared: &DesiredUser,
        user: &CurrentUser,
    ) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        for (field, wanted) in declared.fields.iter() {
            let observed = user.fields.get(field).unwrap_or(&Value::Null);
            if let Some(after) = self.replacement(*field, declared, wanted, observed) {
                changes.push(FieldChange {
                    object: Object::User,
                    field: ApiName::of(field.api_name()),
                    before: datum(observed),
                    after,
                });
            }
        }
        changes
    }

    /// Declared names and address that an existing contact does not have.
    pub(super) fn contact_fields(
        &self,
        declared: &DesiredUser,
        contact: &Contact,
    ) -> Vec<FieldChange> {
        if !self.policy.contacts.update {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for field in shared(declared) {
            let Some(wanted) = declared.fields.get(&field) else {
                continue;
            };
            let observed = match field {
                UserField::FirstName => contact.first_name.as_ref(),
                UserField::LastName => Some(&contact.last_name),
                _ => contact.email.as_ref(),
            };
            let observed = observed.filter(|text| !text.is_empty()).cloned();
            let observed = observed.map_or(Value::Null, Value::Text);
            if let Some(after) = self.replacement(field, declared, wanted, &observed) {
                changes.push(FieldChange {
                    object: Object::Contact,
                    field: ApiName::of(field.api_name()),
                    before: datum(&observed),
                    after,
                });
            }
        }
        changes
    }

    /// What has to be written so that the field holds the declared value; nothing if it does.
    fn replacement(
        &self,
        field: UserField,
        declared: &DesiredUser,
        wanted: &Value,
        observed: &Value,
    ) -> Option<Datum> {
        if observed.text() == Some(HIDDEN) {
            return None;
        }
        match field.info().kind {
            Kind::Email => {
                let address = declared.email();
                let settled =
                    email::settled(self.email, address, observed.text().unwrap_or_default());
                (!settled).then(|| Datum::of(&email::updated(self.email, address)))
            }
            kind @ (Kind::Text | Kind::Picklist) => {
                (!wanted.same(observed, kind)).then(|| datum(wanted))
            }
        }
    }
}

/// The fields that the contact takes over from the user: those without a value of its own.
fn shared(declared: &DesiredUser) -> impl Iterator<Item = UserField> + '_ {
    let own =
        |field: &UserField| declared.contact_custom.contains_key(&ApiName::of(field.api_name()));
    SHARED_WITH_CONTACT.into_iter().filter(move |field| !own(field))
}

/// A profile as a value of `ProfileId`.
pub(super) fn profile_datum(profile: &Profile) -> Datum {
    Datum::Reference { id: profile.id.record(), name: profile.name.clone() }
}

fn from_nothing(object: Object, field: &'static str, after: Datum) -> FieldChange {
    FieldChange { object, field: ApiName::of(field), before: Datum::Null, after }
}

fn datum(value: &Value) -> Datum {
    match value {
        Value::Text(text) => Datum::Text(Arc::clone(text)),
        Value::Null => Datum::Null,
    }
}
