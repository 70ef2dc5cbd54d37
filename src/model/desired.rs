//! What the files declare, merged and checked.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::{
    AccountId, ApiName, ContactId, CustomValues, FieldValues, InvalidName, Place, ProfileName,
    Scalar, UserField, Username, Value,
};

/// Everybody that the project declares, in file order: path bytewise, then line.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The declared users.
    pub users: Vec<DesiredUser>,
}

/// One declared user.
#[derive(Clone, Debug)]
pub struct DesiredUser {
    /// The username without any org's suffix.
    pub username: Username,
    /// Where the entry begins.
    pub place: Place,
    /// The account that the user belongs to.
    pub account: AccountRef,
    /// The contact, if the file names one.
    pub contact: Option<Box<ContactRef>>,
    /// The profile.
    pub profile: DeclaredProfile,
    /// Declared values, compared on every run. Always holds `LastName` and `Email`.
    pub fields: FieldValues,
    /// Declared values of other fields of `User`.
    pub custom: CustomValues,
    /// Declared values of other fields of the linked `Contact`.
    pub contact_custom: CustomValues,
    /// What is given when the user is created and never compared. Shared by all users.
    pub on_create: Arc<OnCreate>,
    /// What `state` says.
    pub state: DeclaredState,
    /// The first day on which the user is to be active.
    pub starts: Option<Date>,
    /// The last day on which the user is to be active.
    pub expires: Option<Date>,
    /// Permission sets, groups and licences, as far as any level declares them. Many users share
    /// one value.
    pub access: Arc<Access>,
    /// The level of the account role, if it is declared.
    pub portal_role: Option<PortalRole>,
    /// Usernames that the person had before, without any org's suffix.
    pub renamed_from: Box<[Username]>,
    /// Whether the person is sent a link after the user was created.
    pub activation: Activation,
    /// What the entry has in common with many others.
    pub shared: Arc<Shared>,
}

/// What many entries have in common, kept once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The zone in which days are meant, a Salesforce `TimeZoneSidKey`.
    pub zone: Arc<str>,
    /// The templates that were used, nearest first.
    pub templates: Box<[Arc<str>]>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { zone: "GMT".into(), templates: Box::default() }
    }
}

/// `[on_create]`: what a new user gets and nobody compares afterwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnCreate {
    /// Values of catalogue fields.
    pub fields: FieldValues,
    /// Values of other fields of `User`.
    pub custom: CustomValues,
    /// Values of other fields of the linked `Contact`.
    pub contact_custom: CustomValues,
    /// Permission sets, groups and licences.
    pub access: Access,
    /// The level of the account role.
    pub portal_role: Option<PortalRole>,
    /// Whether the person is sent a link.
    pub activation: Activation,
}

/// What can be given to a user beside the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessKind {
    /// `permission_set_licenses`.
    PermissionSetLicense,
    /// `permission_sets`.
    PermissionSet,
    /// `permission_set_groups`.
    PermissionSetGroup,
    /// `groups`: public groups.
    Group,
}

impl AccessKind {
    /// Every kind, in the order in which they are given.
    pub const ALL: [Self; 4] =
        [Self::PermissionSetLicense, Self::PermissionSet, Self::PermissionSetGroup, Self::Group];

    /// The key in a user file and in JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::PermissionSetLicense => "permission_set_licenses",
            Self::PermissionSet => "permission_sets",
            Self::PermissionSetGroup => "permission_set_groups",
            Self::Group => "groups",
        }
    }

    /// What one is called.
    pub const fn what(self) -> &'static str {
        match self {
            Self::PermissionSetLicense => "permission set licence",
            Self::PermissionSet => "permission set",
            Self::PermissionSetGroup => "permission set group",
            Self::Group => "public group",
        }
    }
}

/// One value for each kind of access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByKind<T>([T; 4]);

impl<T> ByKind<T> {
    /// The value of a kind.
    pub const fn get(&self, kind: AccessKind) -> &T {
        let [licenses, sets, set_groups, groups] = &self.0;
        match kind {
            AccessKind::PermissionSetLicense => licenses,
            AccessKind::PermissionSet => sets,
            AccessKind::PermissionSetGroup => set_groups,
            AccessKind::Group => groups,
        }
    }

    /// The value of a kind, to be changed.
    pub const fn get_mut(&mut self, kind: AccessKind) -> &mut T {
        let [licenses, sets, set_groups, groups] = &mut self.0;
        match kind {
            AccessKind::PermissionSetLicense => licenses,
            AccessKind::PermissionSet => sets,
            AccessKind::PermissionSetGroup => set_groups,
            AccessKind::Group => groups,
        }
    }

    /// Each kind with its value, in the order in which they are given.
    pub fn iter(&self) -> impl Iterator<Item = (AccessKind, &T)> {
        AccessKind::ALL.into_iter().zip(&self.0)
    }
}

/// What is declared of each kind. Absent: no level has the key, and nothing is managed. An empty
/// list means "none". Many users share one list.
pub type Access = ByKind<Option<Arc<[SetGrant]>>>;

/// `activation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// Nothing is sent.
    #[default]
    None,
    /// The password is reset after the user was created, which mails a link.
    ResetEmail,
}

/// The level of an account role, from below. Source: Object Reference, `UserRole`, `PortalRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortalRole {
    /// The lowest level.
    User,
    /// `Manager`.
    Manager,
    /// `Executive`.
    Executive,
}

impl PortalRole {
    /// The word in a user file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Manager => "manager",
            Self::Executive => "executive",
        }
    }
}

/// How a file names a contact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactRef {
    /// By its id.
    Id(ContactId),
    /// By an external id.
    External(Arc<ExternalRef>),
}

/// A record named by an external id: `{ Ext__c = "A-1001" }`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalRef {
    /// The field.
    pub field: ApiName,
    /// Its value.
    pub value: Arc<str>,
}

impl fmt::Display for ExternalRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.field, self.value)
    }
}

impl fmt::Display for ContactRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::External(external) => write!(f, "{external}"),
        }
    }
}

impl DesiredUser {
    /// The declared e-mail address; the username where none is declared.
    pub fn email(&self) -> &str {
        match self.fields.get(&UserField::Email) {
            Some(Value::Text(text)) => text,
            Some(Value::Null) | None => self.username.as_str(),
        }
    }

    /// The declared value of a field of the linked contact, by which it may be looked for: what
    /// `contact_fields` says goes before what the user and the contact share. What is sent when a
    /// contact is made counts as declared.
    pub fn contact_value(&self, field: &ApiName) -> Option<String> {
        let text = |value: &Scalar| Some(value.to_string()).filter(|text| !text.trim().is_empty());
        if let Some(own) = self.contact_custom.get(field) {
            return text(own);
        }
        if *field == "Email" {
            return Some(self.email().to_owned());
        }
        let shared = [("FirstName", UserField::FirstName), ("LastName", UserField::LastName)];
        if let Some((_, shared)) = shared.iter().find(|(name, _)| field == name) {
            return self.fields.get(shared)?.text().map(str::to_owned);
        }
        text(self.on_create.contact_custom.get(field)?)
    }

    /// First and last name as one line.
    pub fn name(&self) -> String {
        match self.fields.full_name() {
            Cow::Owned(name) if name.trim().len() == name.len() => name,
            name => name.trim().to_owned(),
        }
    }
}

/// How a profile was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclaredProfile {
    /// At the user, the file, a template or `[defaults]`: compared on every run.
    Managed(ProfileName),
    /// In `[on_create]` alone: given to new users, never compared.
    OnCreate(ProfileName),
}

impl DeclaredProfile {
    /// The profile that a new user gets.
    pub const fn name(&self) -> &ProfileName {
        match self {
            Self::Managed(name) | Self::OnCreate(name) => name,
        }
    }
}

/// How a file names an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountRef {
    /// By its exact name.
    Name(Arc<str>),
    /// By its id.
    Id(AccountId),
    /// By an external id.
    External(Arc<ExternalRef>),
}

impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Id(id) => write!(f, "{id}"),
            Self::External(external) => write!(f, "{external}"),
        }
    }
}

/// `state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeclaredState {
    /// Absent: active, and never unfrozen.
    #[default]
    Unstated,
    /// Active, and unfrozen if need be.
    Active,
    /// Unable to sign in, without a seat.
    Inactive,
    /// Unable to sign in, keeping the seat.
    Frozen,
}

/// The API name of a permission set, with its namespace: `Name` or `ns__Name`. Compared without
/// regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetName {
    folded: Arc<str>,
    text: Arc<str>,
}

impl SetName {
    /// Reads an API name: letters, digits and underscores, beginning with a letter.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let shaped = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !shaped {
            return Err(InvalidName(
                "an API name is made of letters, digits and `_` and begins with a letter"
                    .to_owned(),
            ));
        }
        Ok(Self::observed(text, None))
    }

    /// The name of a set in the org.
    pub fn observed(name: &str, namespace: Option<&str>) -> Self {
        let text = match namespace {
            Some(namespace) => format!("{namespace}__{name}"),
            None => name.to_owned(),
        };
        Self { folded: text.to_lowercase().into(), text: text.into() }
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A declared permission set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetGrant {
    /// The set.
    pub name: SetName,
    /// The last day on which it is held.
    pub expires: Option<Date>,
}
