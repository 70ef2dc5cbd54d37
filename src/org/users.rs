//! `User` rows: all of them, since a declared username can be held by anybody.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{
    AccountId, Contact, ContactId, CurrentUser, Described, Editor, FieldValues, HeldRole,
    LinkedContact, PortalRole, Privacy, ProfileId, Scope, UserField, UserId, UserType, Username,
    Value,
};
use crate::salesforce::{Reader, Soql};

use super::once::Once;
use super::row::Named;
use super::{OrgError, row};

const OBJECT: &str = "User";

const FIELDS: [&str; 14] = [
    "Id",
    "Username",
    "Name",
    "UserType",
    "IsActive",
    "ProfileId",
    "ContactId",
    "Contact.FirstName",
    "Contact.LastName",
    "Contact.Email",
    "Contact.AccountId",
    "Contact.Account.Name",
    "LastModifiedById",
    "LastModifiedBy.Name",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: row::Id,
    username: row::Text,
    name: Option<String>,
    user_type: Option<Kind>,
    is_active: bool,
    profile_id: Option<row::Id>,
    contact_id: Option<row::Id>,
    contact: Option<ContactRow>,
    last_modified_by_id: Option<row::Id>,
    last_modified_by: Option<Named>,
    last_modified_date: Option<row::Moment>,
    first_name: Option<row::Text>,
    last_name: Option<row::Text>,
    email: Option<row::Text>,
    alias: Option<row::Text>,
    community_nickname: Option<row::Text>,
    time_zone_sid_key: Option<row::Text>,
    locale_sid_key: Option<row::Text>,
    language_locale_key: Option<row::Text>,
    email_encoding_key: Option<row::Text>,
    title: Option<row::Text>,
    phone: Option<row::Text>,
    mobile_phone: Option<row::Text>,
    department: Option<row::Text>,
    company_name: Option<row::Text>,
    employee_number: Option<row::Text>,
    federation_identifier: Option<row::Text>,
    user_role: Option<RoleRow>,
    last_login_date: Option<row::Moment>,
    last_password_change_date: Option<row::Moment>,
    individual: Option<IndividualRow>,
    #[serde(rename = "attributes")]
    _attributes: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: row::Rest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContactRow {
    first_name: Option<row::Text>,
    last_name: Option<row::Text>,
    email: Option<row::Text>,
    account_id: Option<row::Id>,
    account: Option<Named>,
    individual: Option<IndividualRow>,
    #[serde(rename = "attributes")]
    _attributes: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: row::Rest,
}

/// `UserType`.
struct Kind(UserType);

row::from_text!(Kind UserType::observed;);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleRow {
    name: Option<String>,
    portal_role: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndividualRow {
    should_forget: Option<bool>,
    has_opted_out_processing: Option<bool>,
}

/// All users, with the fields that are declared anywhere and that the login can see.
pub(super) async fn read(
    reader: &Reader,
    scope: &Scope<'_>,
    described: &Described,
) -> Result<Vec<CurrentUser>, OrgError> {
    let declared = visible(scope, described);
    let query = query(scope, described, &declared);
    let common = Common::default();
    let users = reader.query_as(&query, move |row: Row| row.user(&declared, &common)).await;
    let users = users.map_err(OrgError::of(OBJECT))?;
    let mut users: Vec<CurrentUser> = users.into_iter().collect::<Result<_, _>>()?;
    users.shrink_to_fit();
    users.sort_unstable_by_key(|user| user.id);
    // A row that came twice is one user, whom plans must not take for two.
    users.dedup_by_key(|user| user.id);
    Ok(users)
}

/// The declared fields that the login can see.
fn visible(scope: &Scope<'_>, described: &Described) -> BTreeSet<UserField> {
    let seen = |field: &&UserField| described.user.has(field.api_name());
    scope.fields.iter().filter(seen).copied().collect()
}

fn query(scope: &Scope<'_>, described: &Described, declared: &BTreeSet<UserField>) -> Soql {
    let mut fields = FIELDS.to_vec();
    fields.push("LastModifiedDate");
    fields.extend(declared.iter().map(|field| field.api_name()));
    let (user, contact) = (&described.user, &described.contact);
    for moment in ["LastLoginDate", "LastPasswordChangeDate"] {
        if user.has(moment) {
            fields.push(moment);
        }
    }
    if scope.portal_roles {
        fields.extend(["UserRole.Name", "UserRole.PortalRole"]);
    }
    let privacy = |parent: &'static [&'static str; 2]| parent.iter().copied();
    if user.has("IndividualId") {
        fields.extend(privacy(&["Individual.ShouldForget", "Individual.HasOptedOutProcessing"]));
    }
    if contact.has("IndividualId") {
        fields.extend(privacy(&[
            "Contact.Individual.ShouldForget",
            "Contact.Individual.HasOptedOutProcessing",
        ]));
    }
    Soql::select(&fields, OBJECT)
        .also("", scope.user_custom.iter().filter(|name| user.get(name).is_some()))
        .also("Contact.", scope.contact_custom.iter().filter(|name| contact.get(name).is_some()))
}

/// What many rows have in common is kept once.
#[derive(Default)]
struct Common {
    names: Once<str>,
    editors: Once<Editor>,
    roles: Once<HeldRole>,
}

impl Row {
    fn user(
        mut self,
        declared: &BTreeSet<UserField>,
        common: &Common,
    ) -> Result<CurrentUser, OrgError> {
        let fields = self.take_fields(declared, common);
        let profile = self.profile_id.ok_or(OrgError::Invisible {
            what: "which profile a user has",
            permission: "View Setup and Configuration",
        })?;
        let privacy = privacy(
            self.individual.as_ref(),
            self.contact.as_ref().and_then(|contact| contact.individual.as_ref()),
        );
        let id = self.id.of((OBJECT, "Id"), UserId::of)?;
        let editor = editor(self.last_modified_by_id, self.last_modified_by)?;
        let mut user = CurrentUser {
            privacy,
            custom: row::custom(self.rest),
            role: self.user_role.map(|role| common.roles.keep(Arc::new(role.held()))),
            last_login: self.last_login_date.and_then(row::Moment::kept),
            last_password: self.last_password_change_date.and_then(row::Moment::kept),
            id,
            profile: profile.of((OBJECT, "ProfileId"), ProfileId::of)?,
            // Whoever changed themself is rarely anybody else's editor.
            last_modified_by: editor
                .map(Arc::new)
                .map(|editor| if editor.id == id { editor } else { common.editors.keep(editor) }),
            last_modified: self.last_modified_date.and_then(row::Moment::kept),
            contact: linked(self.contact_id, self.contact, &fields, common)?,
            username: Username::shared_by(self.username.0),
            other_name: None,
            user_type: self.user_type.map_or_else(|| UserType::observed(""), |kind| kind.0),
            active: self.is_active,
            fields,
        };
        user.set_name(self.name.as_deref().unwrap_or_default());
        Ok(user)
    }

    /// The values of the declared fields.
    fn take_fields(&mut self, declared: &BTreeSet<UserField>, common: &Common) -> FieldValues {
        let mut values = FieldValues::with_capacity(declared.len());
        for field in declared {
            let value = match field {
                UserField::FirstName => &mut self.first_name,
                UserField::LastName => &mut self.last_name,
                UserField::Email => &mut self.email,
                UserField::Alias => &mut self.alias,
                UserField::Nickname => &mut self.community_nickname,
                UserField::TimeZone => &mut self.time_zone_sid_key,
                UserField::Locale => &mut self.locale_sid_key,
                UserField::Language => &mut self.language_locale_key,
                UserField::EmailEncoding => &mut self.email_encoding_key,
                UserField::Title => &mut self.title,
                UserField::Phone => &mut self.phone,
                UserField::MobilePhone => &mut self.mobile_phone,
                UserField::Department => &mut self.department,
                UserField::CompanyName => &mut self.company_name,
                UserField::EmployeeNumber => &mut self.employee_number,
                UserField::FederationId => &mut self.federation_identifier,
            };
            let text = value.take().map(|text| text.0).filter(|text| !text.is_empty());
            let kept = text.map(|text| match field {
                // Very often the username is the address.
                UserField::Email if text == self.username.0 => Arc::clone(&self.username.0),
                field if field.is_common() => common.names.keep(text),
                _ => text,
            });
            values.insert(*field, kept.map_or(Value::Null, Value::Text));
        }
        values
    }
}

impl RoleRow {
    fn held(self) -> HeldRole {
        HeldRole {
            level: self.portal_role.as_deref().and_then(PortalRole::observed),
            name: self.name.unwrap_or_default().into(),
        }
    }
}

/// Who changed the user last.
fn editor(id: Option<row::Id>, named: Option<Named>) -> Result<Option<Editor>, OrgError> {
    let id = id.map(|id| id.of((OBJECT, "LastModifiedById"), UserId::of)).transpose()?;
    let name = named.and_then(|one| one.name).map(|name| name.0);
    Ok(id.map(|id| Editor { id, name }))
}

/// What either of a user's two records says about their data.
fn privacy(own: Option<&IndividualRow>, contact: Option<&IndividualRow>) -> Privacy {
    let any = |flag: fn(&IndividualRow) -> Option<bool>| {
        own.into_iter().chain(contact).any(|row| flag(row) == Some(true))
    };
    Privacy {
        opted_out: any(|row| row.has_opted_out_processing),
        forget: any(|row| row.should_forget),
    }
}

fn linked(
    id: Option<row::Id>,
    contact: Option<ContactRow>,
    user: &FieldValues,
    common: &Common,
) -> Result<Option<LinkedContact>, OrgError> {
    let Some(id) = id else { return Ok(None) };
    let contact = contact.ok_or(OrgError::Invisible {
        what: "a user's contact",
        permission: "View All on contacts, or sharing of them",
    })?;
    let account = contact.account_id.map(|id| id.of((OBJECT, "Contact.AccountId"), AccountId::of));
    let text = |field, text: Option<row::Text>| text.map(|text| one_of(user.get(&field), text.0));
    Ok(Some(LinkedContact {
        contact: Contact {
            id: id.of((OBJECT, "ContactId"), ContactId::of)?,
            account: account.transpose()?,
            first_name: text(UserField::FirstName, contact.first_name),
            last_name: text(UserField::LastName, contact.last_name).unwrap_or_default(),
            email: text(UserField::Email, contact.email),
            custom: row::custom(contact.rest),
        },
        account_name: contact
            .account
            .and_then(|account| account.name)
            .map(|name| common.names.keep(name.0)),
    }))
}

/// A contact's text, shared with its user's where both are the same.
fn one_of(own: Option<&Value>, text: Arc<str>) -> Arc<str> {
    match own {
        Some(Value::Text(own)) if *own == text => Arc::clone(own),
        Some(Value::Text(_) | Value::Null) | None => text,
    }
}
