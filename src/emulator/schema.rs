//! The objects and their fields: one table for queries, writes and seeds.
//!
//! Source: Object Reference for the Salesforce Platform, one page an object; labels and lengths as
//! describe gives them.

use std::sync::LazyLock;

use super::picklists;

/// An object that the emulator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Object {
    Organization,
    UserLicense,
    Profile,
    PermissionSet,
    UserRole,
    User,
    Account,
    Contact,
    UserLogin,
    PermissionSetAssignment,
}

/// Everything that is known of an object.
pub(super) struct ObjectInfo {
    pub(super) object: Object,
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    /// A setup object may not share a call with others.
    pub(super) setup: bool,
    access: Access,
    pub(super) fields: Vec<Field>,
}

/// Everything that is known of a field.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) create: bool,
    pub(super) update: bool,
    pub(super) required: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Id,
    Text(usize),
    Email(usize),
    Picklist(&'static str),
    Bool,
    Number,
    Moment,
    /// The object it points to, and the name of the way there.
    Reference(Object, &'static str),
}

impl Field {
    const fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { name, label, kind, create: true, update: true, required: false }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn read_only(mut self) -> Self {
        self.create = false;
        self.update = false;
        self
    }

    const fn create_only(mut self) -> Self {
        self.update = false;
        self
    }

    const fn update_only(mut self) -> Self {
        self.create = false;
        self
    }
}

const fn text(name: &'static str, label: &'static str, length: usize) -> Field {
    Field::new(name, label, Kind::Text(length))
}

const fn boolean(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Bool)
}

const fn to(name: &'static str, label: &'static str, object: Object, way: &'static str) -> Field {
    Field::new(name, label, Kind::Reference(object, way))
}

const fn pick(name: &'static str, label: &'static str, values: &'static str) -> Field {
    Field::new(name, label, Kind::Picklist(values))
}

const fn moment(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Moment)
}

impl ObjectInfo {
    /// Whether records can be created over the API.
    pub(super) const fn createable(&self) -> bool {
        matches!(self.access, Access::CreateUpdate | Access::All)
    }

    /// Whether records can be changed over the API.
    pub(super) const fn updateable(&self) -> bool {
        !matches!(self.access, Access::Query)
    }

    /// Whether records can be deleted over the API.
    pub(super) const fn deletable(&self) -> bool {
        matches!(self.access, Access::All)
    }
}

static OBJECTS: LazyLock<Vec<ObjectInfo>> = LazyLock::new(build);

/// Every object.
pub(super) fn objects() -> &'static [ObjectInfo] {
    &OBJECTS
}

impl Object {
    pub(super) fn info(self) -> &'static ObjectInfo {
        // The table is in the order of the enum.
        OBJECTS.get(self as usize).unwrap_or(&OBJECTS[0])
    }

    /// The object with this name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        objects().iter().find(|info| info.name.eq_ignore_ascii_case(name)).map(|info| info.object)
    }

    /// The position of a field, by its name in any case.
    pub(super) fn field(self, name: &str) -> Option<usize> {
        self.info().fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The position of the field that a relationship goes through, and where it leads.
    pub(super) fn way(self, name: &str) -> Option<(usize, Self)> {
        self.info().fields.iter().enumerate().find_map(|(at, field)| match field.kind {
            Kind::Reference(to, way) if way.eq_ignore_ascii_case(name) => Some((at, to)),
            _ => None,
        })
    }
}

/// What may be done to an object's records over the API.
#[derive(Clone, Copy)]
enum Access {
    Query,
    Update,
    CreateUpdate,
    All,
}

fn build() -> Vec<ObjectInfo> {
    use Access::{All, CreateUpdate, Query, Update};
    use Object as O;
    vec![
        object(O::Organization, "Organization", "00D", (true, Query), organization()),
        object(O::UserLicense, "UserLicense", "100", (true, Query), user_license()),
        object(O::Profile, "Profile", "00e", (true, Query), profile()),
        object(O::PermissionSet, "PermissionSet", "0PS", (true, Query), permission_set()),
        object(O::UserRole, "UserRole", "00E", (true, Query), user_role()),
        object(O::User, "User", "005", (true, CreateUpdate), user()),
        object(O::Account, "Account", "001", (false, All), account()),
        object(O::Contact, "Contact", "003", (false, All), contact()),
        object(O::UserLogin, "UserLogin", "0Yw", (true, Update), user_login()),
        object(
            O::PermissionSetAssignment,
            "PermissionSetAssignment",
            "0Pa",
            (true, All),
            assignment(),
        ),
    ]
}

fn object(
    object: Object,
    name: &'static str,
    prefix: &'static str,
    (setup, access): (bool, Access),
    own: Vec<Field>,
) -> ObjectInfo {
    let mut fields = vec![Field::new("Id", "Record ID", Kind::Id).read_only()];
    fields.extend(own);
    fields.extend([
        moment("CreatedDate", "Created Date").read_only(),
        to("CreatedById", "Created By ID", Object::User, "CreatedBy").read_only(),
        moment("LastModifiedDate", "Last Modified Date").read_only(),
        to("LastModifiedById", "Last Modified By ID", Object::User, "LastModifiedBy").read_only(),
        moment("SystemModstamp", "System Modstamp").read_only(),
    ]);
    ObjectInfo { object, name, prefix, setup, access, fields }
}

fn user_role() -> Vec<Field> {
    vec![text("Name", "Name", 80).required()]
}

fn account() -> Vec<Field> {
    vec![
        text("Name", "Account Name", 255).required(),
        to("OwnerId", "Owner ID", Object::User, "Owner"),
    ]
}

fn contact() -> Vec<Field> {
    vec![
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80).required(),
        text("Name", "Full Name", 121).read_only(),
        Field::new("Email", "Email", Kind::Email(80)),
        to("AccountId", "Account ID", Object::Account, "Account"),
        to("OwnerId", "Owner ID", Object::User, "Owner"),
    ]
}

fn user_login() -> Vec<Field> {
    vec![
        to("UserId", "User ID", Object::User, "User").read_only(),
        boolean("IsFrozen", "Frozen").update_only(),
        boolean("IsPasswordLocked", "Password Locked").update_only(),
    ]
}

fn assignment() -> Vec<Field> {
    vec![
        to("AssigneeId", "Assignee ID", Object::User, "Assignee").required().create_only(),
        to("PermissionSetId", "Permission Set ID", Object::PermissionSet, "PermissionSet")
            .create_only(),
        text("PermissionSetGroupId", "Permission Set Group ID", 18).read_only(),
        moment("ExpirationDate", "Expiration Date"),
        boolean("IsActive", "Active").read_only(),
    ]
}

fn organization() -> Vec<Field> {
    vec![
        text("Name", "Name", 80).required(),
        boolean("IsSandbox", "Is Sandbox"),
        text("OrganizationType", "Edition", 40),
        text("InstanceName", "Instance Name", 5),
        text("NamespacePrefix", "Namespace Prefix", 15),
        moment("TrialExpirationDate", "Trial Expiration Date"),
        text("LanguageLocaleKey", "Language", 40),
        text("DefaultLocaleSidKey", "Locale", 40),
        text("TimeZoneSidKey", "Time Zone", 40),
    ]
}

fn user_license() -> Vec<Field> {
    vec![
        text("Name", "Name", 40).required(),
        text("MasterLabel", "Master Label", 40),
        text("LicenseDefinitionKey", "License Def. ID", 40),
        text("Status", "Status", 40),
        Field::new("TotalLicenses", "Total Licenses", Kind::Number).required(),
        Field::new("UsedLicenses", "Used Licenses", Kind::Number),
    ]
}

fn profile() -> Vec<Field> {
    vec![
        text("Name", "Name", 255).required(),
        text("UserType", "User Type", 40),
        to("UserLicenseId", "User License ID", Object::UserLicense, "UserLicense").required(),
    ]
}

fn permission_set() -> Vec<Field> {
    vec![
        text("Name", "Permission Set Name", 80).required(),
        text("Label", "Permission Set Label", 80),
        text("NamespacePrefix", "Namespace Prefix", 15),
        to("LicenseId", "License ID", Object::UserLicense, "License"),
        to("ProfileId", "Profile ID", Object::Profile, "Profile"),
        boolean("IsOwnedByProfile", "Is Owned By Profile"),
        boolean("IsCustom", "Is Custom"),
        text("Type", "Permission Set Type", 40),
    ]
}

fn user() -> Vec<Field> {
    vec![
        text("Username", "Username", 80).required(),
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80).required(),
        text("Name", "Full Name", 121).read_only(),
        Field::new("Email", "Email", Kind::Email(128)).required(),
        text("Alias", "Alias", 8).required(),
        text("CommunityNickname", "Nickname", 40),
        pick("TimeZoneSidKey", "Time Zone", picklists::TIME_ZONES).required(),
        pick("LocaleSidKey", "Locale", picklists::LOCALES).required(),
        pick("LanguageLocaleKey", "Language", picklists::LANGUAGES).required(),
        pick("EmailEncodingKey", "Email Encoding", picklists::ENCODINGS).required(),
        to("ProfileId", "Profile ID", Object::Profile, "Profile").required(),
        to("UserRoleId", "Role ID", Object::UserRole, "UserRole"),
        to("ContactId", "Contact ID", Object::Contact, "Contact").create_only(),
        to("AccountId", "Account ID", Object::Account, "Account").read_only(),
        text("UserType", "User Type", 40).read_only(),
        boolean("IsActive", "Active"),
        boolean("IsPortalEnabled", "Portal Enabled").update_only(),
        text("Title", "Title", 80),
        text("Phone", "Phone", 40),
        text("MobilePhone", "Mobile", 40),
        text("Department", "Department", 80),
        text("CompanyName", "Company Name", 80),
        text("EmployeeNumber", "Employee Number", 20),
        text("FederationIdentifier", "SAML Federation ID", 512),
        moment("LastLoginDate", "Last Login").read_only(),
    ]
}
