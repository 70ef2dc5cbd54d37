//! `User` rows: all of them, since a declared username can be held by anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::{
    AccountId, Contact, ContactId, CurrentUser, Described, Editor, FieldValues, HeldRole,
    LinkedContact, Moment, PortalRole, Privacy, ProfileId, Purpose, Scope, UserField, UserId,
    UserType, Username, Value,
};
use crate::salesforce::{ByPath, Filter, Keep, Reader, Soql};

use super::once::Once;
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
struct Row<'a> {
    id: row::Id,
    #[serde(borrow)]
    username: row::Str<'a>,
    name: Option<row::Str<'a>>,
    user_type: Option<Kind>,
    is_active: bool,
    profile_id: Option<row::Id>,
    contact_id: Option<row::Id>,
    contact: Option<ContactRow<'a>>,
    last_modified_by_id: Option<row::Id>,
    last_modified_by: Option<row::Named<row::Str<'a>>>,
    last_modified_date: Option<row::Moment>,
    first_name: Option<row::Str<'a>>,
    last_name: Option<row::Str<'a>>,
    email: Option<row::Str<'a>>,
    alias: Option<row::Str<'a>>,
    community_nickname: Option<row::Str<'a>>,
    time_zone_sid_key: Option<row::Str<'a>>,
    locale_sid_key: Option<row::Str<'a>>,
    language_locale_key: Option<row::Str<'a>>,
    email_encoding_key: Option<row::Str<'a>>,
    title: Option<row::Str<'a>>,
    phone: Option<row::Str<'a>>,
    mobile_phone: Option<row::Str<'a>>,
    department: Option<row::Str<'a>>,
    company_name: Option<row::Str<'a>>,
    employee_number: Option<row::Str<'a>>,
    federation_identifier: Option<row::Str<'a>>,
    user_role: Option<RoleRow>,
    last_login_date: Option<row::Moment>,
    last_password_change_date: Option<row::Moment>,
    individual: Option<IndividualRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContactRow<'a> {
    #[serde(borrow)]
    first_name: Option<row::Str<'a>>,
    last_name: Option<row::Str<'a>>,
    email: Option<row::Str<'a>>,
    account_id: Option<row::Id>,
    account: Option<row::Named<row::Str<'a>>>,
    individual: Option<IndividualRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MadeRow {
    id: row::Id,
    created_date: row::Moment,
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
    let look = Look { declared, common: Common::default() };
    let users = reader.query_by(&query, look).await.map_err(OrgError::of(OBJECT))?;
    let mut users: Vec<CurrentUser> = users.into_iter().collect::<Result<_, _>>()?;
    users.shrink_to_fit();
    users.sort_unstable_by_key(|user| user.id);
    // A row that came twice is one user, whom plans must not take for two.
    users.dedup_by_key(|user| user.id);
    Ok(users)
}

/// The users who were made from `since` on, and when.
pub async fn made_since(
    reader: &Reader,
    since: Timestamp,
) -> Result<BTreeMap<UserId, Moment>, OrgError> {
    let query =
        Soql::select(&["Id", "CreatedDate"], OBJECT).filter(Filter::Since("CreatedDate", since));
    let rows: Vec<MadeRow> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let made = |row: MadeRow| Some((UserId::of(row.id.known()?), row.created_date.kept()?));
    Ok(rows.into_iter().filter_map(made).collect())
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
    if scope.portal_roles || scope.purpose == Purpose::Review {
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

/// How rows are looked at.
struct Look {
    declared: BTreeSet<UserField>,
    common: Common,
}

impl Keep for Look {
    type Row<'a> = Row<'a>;
    type Kept = Result<CurrentUser, OrgError>;
    const NAMED: bool = true;

    fn keep(&self, row: Row<'_>, named: ByPath) -> Self::Kept {
        row.user(named, &self.declared, &self.common)
    }
}

/// What many rows have in common is kept once.
#[derive(Default)]
struct Common {
    names: Once<str>,
    editors: Once<Editor>,
    roles: Once<HeldRole>,
}

impl Row<'_> {
    fn user(
        self,
        named: ByPath,
        declared: &BTreeSet<UserField>,
        common: &Common,
    ) -> Result<CurrentUser, OrgError> {
        let username: Arc<str> = self.username.deref().into();
        let fields = self.fields(&username, declared, common);
        let (of_contact, of_user) = apart(named);
        let profile = self.profile_id.ok_or(OrgError::Invisible {
            what: "which profile a user has",
            permission: "View Setup and Configuration",
        })?;
        let privacy = privacy(
            self.individual.as_ref(),
            self.contact.as_ref().and_then(|contact| contact.individual.as_ref()),
        );
        let id = self.id.of((OBJECT, "Id"), UserId::of)?;
        let editor = editor(self.last_modified_by_id, self.last_modified_by, common)?;
        let mut user = CurrentUser {
            privacy,
            custom: row::custom(of_user),
            role: self.user_role.map(|role| common.roles.keep(&role.held())),
            last_login: self.last_login_date.and_then(row::Moment::kept),
            last_password: self.last_password_change_date.and_then(row::Moment::kept),
            id,
            profile: profile.of((OBJECT, "ProfileId"), ProfileId::of)?,
            // Whoever changed themself is rarely anybody else's editor.
            last_modified_by: editor.map(|editor| {
                if editor.id == id { Arc::new(editor) } else { common.editors.keep(&editor) }
            }),
            last_modified: self.last_modified_date.and_then(row::Moment::kept),
            contact: linked((self.contact_id, self.contact), of_contact, &fields, common)?,
            username: Username::shared_by(username),
            other_name: None,
            user_type: self.user_type.map_or_else(|| UserType::observed(""), |kind| kind.0),
            active: self.is_active,
            fields,
        };
        user.set_name(self.name.as_deref().unwrap_or_default());
        Ok(user)
    }

    /// The values of the declared fields.
    fn fields(
        &self,
        username: &Arc<str>,
        declared: &BTreeSet<UserField>,
        common: &Common,
    ) -> FieldValues {
        let mut values = FieldValues::with_capacity(declared.len());
        for field in declared {
            let value = match field {
                UserField::FirstName => &self.first_name,
                UserField::LastName => &self.last_name,
                UserField::Email => &self.email,
                UserField::Alias => &self.alias,
                UserField::Nickname => &self.community_nickname,
                UserField::TimeZone => &self.time_zone_sid_key,
                UserField::Locale => &self.locale_sid_key,
                UserField::Language => &self.language_locale_key,
                UserField::EmailEncoding => &self.email_encoding_key,
                UserField::Title => &self.title,
                UserField::Phone => &self.phone,
                UserField::MobilePhone => &self.mobile_phone,
                UserField::Department => &self.department,
                UserField::CompanyName => &self.company_name,
                UserField::EmployeeNumber => &self.employee_number,
                UserField::FederationId => &self.federation_identifier,
            };
            let kept = value.as_deref().filter(|text| !text.is_empty()).map(|text| match field {
                // Very often the username is the address.
                UserField::Email if *text == **username => Arc::clone(username),
                field if field.is_common() => common.names.text(text),
                _ => text.into(),
            });
            values.insert(*field, kept.map_or(Value::Null, Value::Text));
        }
        values
    }
}

/// The columns of contacts and those of users themselves.
fn apart(named: ByPath) -> (row::Rest, row::Rest) {
    let (mut of_contact, mut of_user) = (row::Rest::new(), row::Rest::new());
    for (path, value) in named {
        match path.split_once('.') {
            Some((_, name)) => of_contact.insert(name.to_owned(), value),
            None => of_user.insert(path, value),
        };
    }
    (of_contact, of_user)
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
fn editor(
    id: Option<row::Id>,
    named: Option<row::Named<row::Str<'_>>>,
    common: &Common,
) -> Result<Option<Editor>, OrgError> {
    let id = id.map(|id| id.of((OBJECT, "LastModifiedById"), UserId::of)).transpose()?;
    let name = named.and_then(|one| one.name).map(|name| common.names.text(&name));
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
    (id, contact): (Option<row::Id>, Option<ContactRow<'_>>),
    custom: row::Rest,
    user: &FieldValues,
    common: &Common,
) -> Result<Option<LinkedContact>, OrgError> {
    let Some(id) = id else { return Ok(None) };
    let contact = contact.ok_or(OrgError::Invisible {
        what: "a user's contact",
        permission: "View All on contacts, or sharing of them",
    })?;
    let account = contact.account_id.map(|id| id.of((OBJECT, "Contact.AccountId"), AccountId::of));
    let text = |field, text: Option<row::Str<'_>>| text.map(|text| one_of(user.get(&field), &text));
    Ok(Some(LinkedContact {
        contact: Contact {
            id: id.of((OBJECT, "ContactId"), ContactId::of)?,
            account: account.transpose()?,
            first_name: text(UserField::FirstName, contact.first_name),
            last_name: text(UserField::LastName, contact.last_name).unwrap_or_default(),
            email: text(UserField::Email, contact.email),
            custom: row::custom(custom),
        },
        account_name: contact
            .account
            .and_then(|account| account.name)
            .map(|name| common.names.text(&name)),
    }))
}

/// A contact's text, shared with its user's where both are the same.
fn one_of(own: Option<&Value>, text: &str) -> Arc<str> {
    match own {
        Some(Value::Text(own)) if **own == *text => Arc::clone(own),
        Some(Value::Text(_) | Value::Null) | None => text.into(),
    }
}
