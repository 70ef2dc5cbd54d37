//! The standard objects.
//!
//! Source: Object Reference for the Salesforce Platform, one page an object; labels, lengths and
//! flags as describe gives them.

use std::borrow::Cow;

use super::{Access, Computed, Feature, Field, Kind, Name, Object, ObjectInfo, Values, Words};
use crate::emulator::picklists;

impl Object {
    pub(in crate::emulator) const ORGANIZATION: Self = Self(0);
    pub(in crate::emulator) const USER_LICENSE: Self = Self(1);
    pub(in crate::emulator) const PROFILE: Self = Self(2);
    pub(in crate::emulator) const PERMISSION_SET: Self = Self(3);
    pub(in crate::emulator) const USER_ROLE: Self = Self(4);
    pub(in crate::emulator) const USER: Self = Self(5);
    pub(in crate::emulator) const ACCOUNT: Self = Self(6);
    pub(in crate::emulator) const CONTACT: Self = Self(7);
    pub(in crate::emulator) const USER_LOGIN: Self = Self(8);
    pub(in crate::emulator) const PERMISSION_SET_ASSIGNMENT: Self = Self(9);
    pub(in crate::emulator) const PERMISSION_SET_GROUP: Self = Self(10);
    pub(in crate::emulator) const PERMISSION_SET_GROUP_COMPONENT: Self = Self(11);
    pub(in crate::emulator) const PERMISSION_SET_LICENSE: Self = Self(12);
    pub(in crate::emulator) const PERMISSION_SET_LICENSE_ASSIGN: Self = Self(13);
    pub(in crate::emulator) const GROUP: Self = Self(14);
    pub(in crate::emulator) const GROUP_MEMBER: Self = Self(15);
    pub(in crate::emulator) const NETWORK: Self = Self(16);
    pub(in crate::emulator) const NETWORK_MEMBER: Self = Self(17);
    pub(in crate::emulator) const NETWORK_MEMBER_GROUP: Self = Self(18);
    pub(in crate::emulator) const LOGIN_HISTORY: Self = Self(19);
    pub(in crate::emulator) const SETUP_AUDIT_TRAIL: Self = Self(20);
    pub(in crate::emulator) const INDIVIDUAL: Self = Self(21);
    pub(in crate::emulator) const USER_ACCESS_POLICY: Self = Self(22);
    pub(in crate::emulator) const USER_PERMISSION_ACCESS: Self = Self(23);
}

use Object as O;

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn objects() -> Vec<ObjectInfo> {
    vec![
        object(O::ORGANIZATION, ("Organization", "00D"), Access::Update, organization()),
        object(O::USER_LICENSE, ("UserLicense", "100"), Access::Query, user_license()),
        object(O::PROFILE, ("Profile", "00e"), Access::Query, profile()),
        object(O::PERMISSION_SET, ("PermissionSet", "0PS"), Access::Query, permission_set()),
        object(O::USER_ROLE, ("UserRole", "00E"), Access::All, user_role()),
        object(O::USER, ("User", "005"), Access::CreateUpdate, user()),
        data(object(O::ACCOUNT, ("Account", "001"), Access::All, account())),
        data(object(O::CONTACT, ("Contact", "003"), Access::All, contact())),
        object(O::USER_LOGIN, ("UserLogin", "0Yw"), Access::Update, user_login()),
        object(
            O::PERMISSION_SET_ASSIGNMENT,
            ("PermissionSetAssignment", "0Pa"),
            Access::All,
            assignment(),
        ),
        object(O::PERMISSION_SET_GROUP, ("PermissionSetGroup", "0PG"), Access::Query, set_group()),
        object(
            O::PERMISSION_SET_GROUP_COMPONENT,
            ("PermissionSetGroupComponent", "0PM"),
            Access::Query,
            component(),
        ),
        object(
            O::PERMISSION_SET_LICENSE,
            ("PermissionSetLicense", "0PL"),
            Access::Query,
            set_license(),
        ),
        object(
            O::PERMISSION_SET_LICENSE_ASSIGN,
            ("PermissionSetLicenseAssign", "2LA"),
            Access::CreateDelete,
            license_assign(),
        ),
        object(O::GROUP, ("Group", "00G"), Access::All, group()),
        object(O::GROUP_MEMBER, ("GroupMember", "011"), Access::CreateDelete, group_member()),
        site(object(O::NETWORK, ("Network", "0DB"), Access::Update, network())),
        site(object(O::NETWORK_MEMBER, ("NetworkMember", "0DO"), Access::Update, member())),
        site(object(
            O::NETWORK_MEMBER_GROUP,
            ("NetworkMemberGroup", "0DL"),
            Access::CreateUpdate,
            member_group(),
        )),
        object(O::LOGIN_HISTORY, ("LoginHistory", "0Ya"), Access::Query, login_history()),
        object(O::SETUP_AUDIT_TRAIL, ("SetupAuditTrail", "0Ym"), Access::Query, audit_trail()),
        with(
            Feature::Privacy,
            data(object(O::INDIVIDUAL, ("Individual", "0PK"), Access::All, individual())),
        ),
        with(
            Feature::AccessPolicies,
            object(
                O::USER_ACCESS_POLICY,
                ("UserAccessPolicy", "0Uu"),
                Access::Query,
                access_policy(),
            ),
        ),
        user_permission_access(),
    ]
}

fn object(
    object: Object,
    (name, prefix): (&'static str, &'static str),
    access: Access,
    own: Vec<Field>,
) -> ObjectInfo {
    let mut info = ObjectInfo::new(object, name, prefix);
    info.access = access;
    info.fields.push(id());
    info.fields.extend(own);
    info.fields.extend(system());
    info
}

/// An object of the people's own data, not of setup.
fn data(mut info: ObjectInfo) -> ObjectInfo {
    info.setup = false;
    info.fields.push(deleted());
    info
}

fn site(info: ObjectInfo) -> ObjectInfo {
    with(Feature::DigitalExperiences, info)
}

fn with(feature: Feature, mut info: ObjectInfo) -> ObjectInfo {
    info.feature = Some(feature);
    info
}

/// What an object of the org's own begins with.
pub(super) fn custom_object_fields() -> Vec<Field> {
    let mut fields = vec![id(), text("Name", "Name", 80).defaulted(), owner()];
    fields.extend(system());
    fields.push(deleted());
    fields
}

fn id() -> Field {
    let mut field = Field::standard("Id", "Record ID", Kind::Id).read_only().defaulted();
    field.id_lookup = true;
    field
}

fn system() -> [Field; 5] {
    [
        moment("CreatedDate", "Created Date").read_only().defaulted(),
        to("CreatedById", "Created By ID", &[O::USER], "CreatedBy").read_only().defaulted(),
        moment("LastModifiedDate", "Last Modified Date").read_only().defaulted(),
        to("LastModifiedById", "Last Modified By ID", &[O::USER], "LastModifiedBy")
            .read_only()
            .defaulted(),
        moment("SystemModstamp", "System Modstamp").read_only().defaulted(),
    ]
}

/// Records in the recycle bin are told from others.
fn deleted() -> Field {
    boolean("IsDeleted", "Deleted").read_only()
}

const fn text(name: &'static str, label: &'static str, length: usize) -> Field {
    Field::standard(name, label, Kind::Text(length))
}

const fn boolean(name: &'static str, label: &'static str) -> Field {
    Field::standard(name, label, Kind::Bool).defaulted()
}

const fn number(name: &'static str, label: &'static str) -> Field {
    Field::standard(name, label, Kind::Int)
}

const fn moment(name: &'static str, label: &'static str) -> Field {
    Field::standard(name, label, Kind::Moment)
}

const fn phone(name: &'static str, label: &'static str) -> Field {
    Field::standard(name, label, Kind::Phone(40))
}

const fn to(
    name: &'static str,
    label: &'static str,
    objects: &'static [Object],
    way: &'static str,
) -> Field {
    let kind = Kind::Reference(Cow::Borrowed(objects), Name::Borrowed(way));
    Field::standard(name, label, kind)
}

const fn pick(name: &'static str, label: &'static str, values: &'static str) -> Field {
    Field::standard(name, label, Kind::Picklist(Values::Words(Words::of(values))))
}

fn owner() -> Field {
    to("OwnerId", "Owner ID", &[O::USER], "Owner").defaulted()
}

/// Street, city, state, postal code and country.
fn address(names: [&'static str; 5]) -> [Field; 5] {
    let [street, city, state, code, country] = names;
    [
        Field::standard(street, street, Kind::LongText(255)),
        text(city, city, 40),
        text(state, state, 80),
        text(code, code, 20),
        text(country, country, 80),
    ]
}

fn user_role() -> Vec<Field> {
    vec![
        text("Name", "Name", 80).key(),
        text("DeveloperName", "Developer Name", 80).defaulted(),
        to("ParentRoleId", "Parent Role ID", &[O::USER_ROLE], "ParentRole"),
        pick("PortalType", "Portal Type", "None CustomerPortal Partner").create_only().defaulted(),
        pick("PortalRole", "Portal Role", "Executive Manager User PersonAccount").create_only(),
        to("PortalAccountId", "Account ID", &[O::ACCOUNT], "PortalAccount").create_only().indexed(),
        to("PortalAccountOwnerId", "Owner ID", &[O::USER], "PortalAccountOwner").create_only(),
    ]
}

fn account() -> Vec<Field> {
    let mut fields = vec![
        text("Name", "Account Name", 255).required().indexed(),
        owner(),
        to("ParentId", "Parent Account ID", &[O::ACCOUNT], "Parent").children("ChildAccounts"),
        Field::standard(
            "Type",
            "Account Type",
            Kind::OpenPicklist(Values::Words(Words::of("Prospect Customer Partner Other"))),
        ),
        Field::standard(
            "Industry",
            "Industry",
            Kind::OpenPicklist(Values::Words(Words::of(
                "Agriculture Apparel Banking Biotechnology Chemicals Communications Construction \
             Consulting Education Electronics Energy Engineering Finance Government Healthcare \
             Hospitality Insurance Machinery Manufacturing Media Other Retail Technology",
            ))),
        ),
        text("AccountNumber", "Account Number", 40),
        phone("Phone", "Account Phone"),
        phone("Fax", "Account Fax"),
        Field::standard("Website", "Website", Kind::Url(255)),
        Field::standard("Description", "Account Description", Kind::LongText(32_000))
            .unfilterable(),
        Field::standard("AnnualRevenue", "Annual Revenue", Kind::Currency),
        number("NumberOfEmployees", "Employees"),
        text("Site", "Account Site", 80),
        boolean("IsPartner", "Partner Account")
            .only_with(Feature::DigitalExperiences)
            .update_only(),
        boolean("IsCustomerPortal", "Customer Portal Account")
            .only_with(Feature::DigitalExperiences)
            .update_only(),
    ];
    fields.extend(address([
        "BillingStreet",
        "BillingCity",
        "BillingState",
        "BillingPostalCode",
        "BillingCountry",
    ]));
    fields.extend(address([
        "ShippingStreet",
        "ShippingCity",
        "ShippingState",
        "ShippingPostalCode",
        "ShippingCountry",
    ]));
    fields
}

fn contact() -> Vec<Field> {
    let mut fields = vec![
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80).required(),
        text("Name", "Full Name", 121).computed(Computed::FullName),
        Field::standard("Email", "Email", Kind::Email(80)).key(),
        to("AccountId", "Account ID", &[O::ACCOUNT], "Account").children("Contacts").indexed(),
        owner(),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        phone("Phone", "Business Phone"),
        phone("MobilePhone", "Mobile Phone"),
        Field::standard("Description", "Contact Description", Kind::LongText(32_000))
            .unfilterable(),
        Field::standard("Birthdate", "Birthdate", Kind::Day),
        Field::standard(
            "LeadSource",
            "Lead Source",
            Kind::OpenPicklist(Values::Words(Words::of("Web Referral Partner Other"))),
        ),
        to("ReportsToId", "Reports To ID", &[O::CONTACT], "ReportsTo"),
        to("IndividualId", "Individual ID", &[O::INDIVIDUAL], "Individual")
            .only_with(Feature::Privacy),
    ];
    fields.extend(address([
        "MailingStreet",
        "MailingCity",
        "MailingState",
        "MailingPostalCode",
        "MailingCountry",
    ]));
    fields
}

fn user_login() -> Vec<Field> {
    vec![
        to("UserId", "User ID", &[O::USER], "User").read_only().indexed(),
        boolean("IsFrozen", "Frozen").update_only(),
        boolean("IsPasswordLocked", "Password Locked").update_only(),
    ]
}

fn assignment() -> Vec<Field> {
    vec![
        to("AssigneeId", "Assignee ID", &[O::USER], "Assignee")
            .required()
            .create_only()
            .children("PermissionSetAssignments")
            .indexed(),
        to("PermissionSetId", "Permission Set ID", &[O::PERMISSION_SET], "PermissionSet")
            .create_only()
            .children("Assignments"),
        to(
            "PermissionSetGroupId",
            "Permission Set Group ID",
            &[O::PERMISSION_SET_GROUP],
            "PermissionSetGroup",
        )
        .create_only()
        .children("Assignments"),
        moment("ExpirationDate", "Expiration Date"),
        boolean("IsActive", "Active").computed(Computed::AssignmentActive),
    ]
}

fn organization() -> Vec<Field> {
    vec![
        text("Name", "Name", 80).required(),
        boolean("IsSandbox", "Is Sandbox").read_only(),
        text("OrganizationType", "Edition", 40).read_only(),
        text("InstanceName", "Instance Name", 5).read_only(),
        text("NamespacePrefix", "Namespace Prefix", 15).read_only(),
        moment("TrialExpirationDate", "Trial Expiration Date").read_only(),
        boolean("IsReadOnly", "Is Read Only").read_only(),
        pick("LanguageLocaleKey", "Language", picklists::LANGUAGES),
        pick("DefaultLocaleSidKey", "Locale", picklists::LOCALES),
        pick("TimeZoneSidKey", "Time Zone", picklists::TIME_ZONES),
    ]
}

fn user_license() -> Vec<Field> {
    vec![
        text("Name", "Name", 40).required().key(),
        text("MasterLabel", "Master Label", 40),
        text("LicenseDefinitionKey", "License Def. ID", 40).key(),
        pick("Status", "Status", "Active Disabled"),
        number("TotalLicenses", "Total Licenses").required(),
        number("UsedLicenses", "Used Licenses").computed(Computed::UsedSeats),
        moment("UsedLicensesLastUpdated", "Used Licenses Last Updated"),
        number("MonthlyLoginsEntitlement", "Monthly Logins Allowed")
            .only_with(Feature::DigitalExperiences),
        number("MonthlyLoginsUsed", "Monthly Logins Used").only_with(Feature::DigitalExperiences),
    ]
}

fn profile() -> Vec<Field> {
    vec![
        text("Name", "Name", 255).required().key(),
        pick("UserType", "User Type", USER_TYPES),
        to("UserLicenseId", "User License ID", &[O::USER_LICENSE], "UserLicense").required(),
        Field::standard("Description", "Description", Kind::LongText(255)),
    ]
}

const USER_TYPES: &str = "Standard PowerPartner CSPLitePortal CspLitePortal CustomerSuccess \
                          PowerCustomerSuccess CsnOnly Guest SelfService";

fn permission_set() -> Vec<Field> {
    vec![
        text("Name", "Permission Set Name", 80).required().indexed(),
        text("Label", "Permission Set Label", 80),
        text("NamespacePrefix", "Namespace Prefix", 15),
        to("LicenseId", "License ID", &[O::USER_LICENSE, O::PERMISSION_SET_LICENSE], "License"),
        to("ProfileId", "Profile ID", &[O::PROFILE], "Profile").indexed(),
        to(
            "PermissionSetGroupId",
            "Permission Set Group ID",
            &[O::PERMISSION_SET_GROUP],
            "PermissionSetGroup",
        )
        .indexed(),
        boolean("IsOwnedByProfile", "Is Owned By Profile"),
        boolean("IsCustom", "Is Custom"),
        boolean("HasActivationRequired", "Activation Required"),
        pick("Type", "Permission Set Type", "Regular Standard Session Group Profile"),
        Field::standard("Description", "Description", Kind::LongText(255)),
    ]
}

fn set_group() -> Vec<Field> {
    vec![
        text("DeveloperName", "Name", 80).required().indexed(),
        text("MasterLabel", "Label", 80),
        text("NamespacePrefix", "Namespace Prefix", 15),
        pick("Status", "Status", "Updated Outdated Updating Failed"),
        boolean("HasActivationRequired", "Session Activation Required"),
        Field::standard("Description", "Description", Kind::LongText(255)),
    ]
}

fn component() -> Vec<Field> {
    vec![
        to(
            "PermissionSetGroupId",
            "Permission Set Group ID",
            &[O::PERMISSION_SET_GROUP],
            "PermissionSetGroup",
        )
        .required()
        .children("PermissionSetGroupComponents"),
        to("PermissionSetId", "Permission Set ID", &[O::PERMISSION_SET], "PermissionSet")
            .required(),
    ]
}

fn set_license() -> Vec<Field> {
    vec![
        text("DeveloperName", "Permission Set License Name", 80).required().indexed(),
        text("MasterLabel", "Permission Set License Label", 80),
        text("PermissionSetLicenseKey", "Permission Set License Key", 80).key(),
        pick("Status", "Status", "Active Disabled"),
        number("TotalLicenses", "Total Licenses").required(),
        number("UsedLicenses", "Used Licenses").computed(Computed::UsedSetSeats),
        Field::standard("ExpirationDate", "Expiration Date", Kind::Day),
        boolean("IsAvailableForIntegrations", "Available For Integrations"),
    ]
}

fn license_assign() -> Vec<Field> {
    vec![
        to("AssigneeId", "Assignee ID", &[O::USER], "Assignee")
            .required()
            .children("PermissionSetLicenseAssignments")
            .indexed(),
        to(
            "PermissionSetLicenseId",
            "Permission Set License ID",
            &[O::PERMISSION_SET_LICENSE],
            "PermissionSetLicense",
        )
        .required()
        .children("PermissionSetLicenseAssignments")
        .indexed(),
    ]
}

fn group() -> Vec<Field> {
    vec![
        text("Name", "Name", 40),
        text("DeveloperName", "Developer Name", 80).indexed(),
        pick(
            "Type",
            "Type",
            "Regular Queue Role RoleAndSubordinates Organization AllCustomerPortal PRMOrganization",
        )
        .create_only()
        .defaulted(),
        boolean("DoesIncludeBosses", "Grant Access Using Hierarchies"),
    ]
}

fn group_member() -> Vec<Field> {
    vec![
        to("GroupId", "Group ID", &[O::GROUP], "Group").required().children("GroupMembers"),
        to("UserOrGroupId", "User/Group ID", &[O::USER, O::GROUP], "UserOrGroup")
            .required()
            .indexed(),
    ]
}

fn network() -> Vec<Field> {
    vec![
        text("Name", "Name", 80).required().indexed(),
        pick("Status", "Status", "UnderConstruction Live DownForMaintenance"),
        text("UrlPathPrefix", "URL Path Prefix", 255),
        boolean("OptionsSendWelcomeEmail", "Send Welcome Email"),
        boolean("OptionsSelfRegistrationEnabled", "Self Registration Enabled"),
        to("SelfRegProfileId", "Profile ID", &[O::PROFILE], "SelfRegProfile"),
        Field::standard("EmailSenderAddress", "Sender Address", Kind::Email(80)),
        moment("FirstActivationDate", "First Activation Date").read_only(),
    ]
}

fn member() -> Vec<Field> {
    vec![
        to("NetworkId", "Network ID", &[O::NETWORK], "Network")
            .read_only()
            .children("NetworkMembers"),
        to("MemberId", "User ID", &[O::USER], "Member").read_only().indexed(),
        number("ReputationPoints", "Reputation Points"),
    ]
}

fn member_group() -> Vec<Field> {
    vec![
        to("NetworkId", "Network ID", &[O::NETWORK], "Network").required().create_only(),
        to("ParentId", "Profile or Permission Set ID", &[O::PROFILE, O::PERMISSION_SET], "Parent")
            .required()
            .create_only(),
        pick(
            "AssignmentStatus",
            "Assignment Status",
            "Added AddCalculated WaitingForAdd FailedAdd RemoveCalculated WaitingForRemove \
             FailedRemove",
        )
        .update_only()
        .defaulted(),
    ]
}

fn login_history() -> Vec<Field> {
    vec![
        to("UserId", "User ID", &[O::USER], "User").indexed(),
        moment("LoginTime", "Login Time"),
        text("LoginType", "Login Type", 40),
        text("Status", "Status", 128).unfilterable(),
        text("SourceIp", "Source IP", 39).unfilterable(),
        to("NetworkId", "Network ID", &[O::NETWORK], "Network"),
    ]
}

fn audit_trail() -> Vec<Field> {
    vec![
        text("Action", "Action", 100),
        text("Section", "Section", 64).unfilterable(),
        Field::standard("Display", "Display", Kind::Text(1000)).unfilterable(),
        text("DelegateUser", "Delegate User", 80),
        text("CreatedByContext", "Created By Context", 80),
        text("ResponsibleNamespacePrefix", "Responsible Namespace", 15),
    ]
}

fn individual() -> Vec<Field> {
    vec![
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80).required(),
        text("Name", "Full Name", 121).computed(Computed::FullName),
        boolean("HasOptedOutProcessing", "Don't Process"),
        boolean("ShouldForget", "Forget this Individual"),
    ]
}

/// What whoever asks may do: one row without a history, whose fields come and go with the org's
/// features. Sources: field reference of `Profile` for names and labels; Org Check
/// (SalesforceLabs/OrgCheck) for the query and for `INVALID_FIELD` where an org has no such right.
fn user_permission_access() -> ObjectInfo {
    let mut info = ObjectInfo::new(O::USER_PERMISSION_ACCESS, "UserPermissionAccess", "");
    let with_sites = |field: Field| field.only_with(Feature::DigitalExperiences);
    info.fields = vec![
        id(),
        boolean("PermissionsApiEnabled", "API Enabled").read_only(),
        boolean("PermissionsViewSetup", "View Setup and Configuration").read_only(),
        boolean("PermissionsViewRoles", "View Roles and Role Hierarchy").read_only(),
        boolean("PermissionsViewAllUsers", "View All Users").read_only(),
        boolean("PermissionsViewAllProfiles", "View All Profiles").read_only(),
        boolean("PermissionsViewAllData", "View All Data").read_only(),
        boolean("PermissionsModifyAllData", "Modify All Data").read_only(),
        boolean("PermissionsManageUsers", "Manage Users").read_only(),
        boolean("PermissionsManageInternalUsers", "Manage Internal Users").read_only(),
        with_sites(boolean("PermissionsManagePartners", "Manage External Users").read_only()),
        boolean("PermissionsAssignPermissionSets", "Assign Permission Sets").read_only(),
        boolean("PermissionsResetPasswords", "Reset User Passwords and Unlock Users").read_only(),
        with_sites(
            boolean("PermissionsManageNetworks", "Create and Set Up Experiences").read_only(),
        ),
    ];
    info
}

fn access_policy() -> Vec<Field> {
    vec![
        text("DeveloperName", "API Name", 80).required(),
        text("MasterLabel", "Label", 80),
        pick("Status", "Status", "Design Testing Active Migrate"),
        pick("TriggerType", "Trigger Type", "Create Update CreateAndUpdate"),
    ]
}

fn user() -> Vec<Field> {
    let mut fields = vec![
        text("Username", "Username", 80).required().key().unique(),
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80).required(),
        text("Name", "Full Name", 121).computed(Computed::FullName),
        Field::standard("Email", "Email", Kind::Email(128)).required().key(),
        text("Alias", "Alias", 8).required(),
        text("CommunityNickname", "Nickname", 40).defaulted().unique(),
        pick("TimeZoneSidKey", "Time Zone", picklists::TIME_ZONES).required(),
        pick("LocaleSidKey", "Locale", picklists::LOCALES).required(),
        pick("LanguageLocaleKey", "Language", picklists::LANGUAGES).required(),
        pick("EmailEncodingKey", "Email Encoding", picklists::ENCODINGS).required(),
        to("ProfileId", "Profile ID", &[O::PROFILE], "Profile").required().children("Users"),
        to("UserRoleId", "Role ID", &[O::USER_ROLE], "UserRole").children("Users"),
        to("ContactId", "Contact ID", &[O::CONTACT], "Contact").children("Users").indexed(),
        to("AccountId", "Account ID", &[O::ACCOUNT], "Account")
            .children("Users")
            .computed(Computed::UserAccount),
        pick("UserType", "User Type", USER_TYPES).computed(Computed::UserType),
        boolean("IsActive", "Active"),
        boolean("IsPortalEnabled", "Portal Enabled")
            .update_only()
            .only_with(Feature::DigitalExperiences),
        pick("PortalRole", "Portal Role Level", "Executive Manager User PersonAccount")
            .only_with(Feature::DigitalExperiences),
        text("Title", "Title", 80),
        phone("Phone", "Phone"),
        phone("MobilePhone", "Mobile"),
        phone("Fax", "Fax"),
        phone("Extension", "Extension"),
        text("Department", "Department", 80),
        text("Division", "Division", 80),
        text("CompanyName", "Company Name", 80),
        text("EmployeeNumber", "Employee Number", 20),
        text("FederationIdentifier", "SAML Federation ID", 512).key().unique(),
        Field::standard("AboutMe", "About Me", Kind::LongText(1000)),
        to("ManagerId", "Manager ID", &[O::USER], "Manager"),
    ];
    fields.extend(user_settings());
    fields.extend(address(["Street", "City", "State", "PostalCode", "Country"]));
    fields
}

/// What is set for a user rather than told of them.
fn user_settings() -> Vec<Field> {
    vec![
        boolean("ReceivesInfoEmails", "Info Emails"),
        boolean("ReceivesAdminInfoEmails", "Admin Info Emails"),
        boolean("IsPortalSelfRegistered", "Self-Registered via Customer Portal")
            .create_only()
            .only_with(Feature::DigitalExperiences),
        boolean("IsPrmSuperUser", "Partner Super User").only_with(Feature::DigitalExperiences),
        pick("DigestFrequency", "Chatter Email Highlights Frequency", "D W N").defaulted(),
        pick(
            "DefaultGroupNotificationFrequency",
            "Default Notification Frequency when Joining Groups",
            "P D W N",
        )
        .defaulted(),
        boolean("UserPermissionsMarketingUser", "Marketing User"),
        boolean("UserPermissionsInteractionUser", "Flow User"),
        boolean("UserPermissionsSupportUser", "Service Cloud User"),
        boolean("UserPermissionsKnowledgeUser", "Knowledge User"),
        boolean("UserPreferencesShowTitleToExternalUsers", "ShowTitleToExternalUsers"),
        text("SenderEmail", "Email Sender Address", 80),
        text("SenderName", "Email Sender Name", 80),
        Field::standard("Signature", "Email Signature", Kind::LongText(1333)).unfilterable(),
        number("NumberOfFailedLogins", "Failed Login Attempts").read_only(),
        boolean("HasUserVerifiedEmail", "User Verified Email").read_only(),
        to("IndividualId", "Individual ID", &[O::INDIVIDUAL], "Individual")
            .only_with(Feature::Privacy),
        moment("LastLoginDate", "Last Login").read_only(),
        moment("LastPasswordChangeDate", "Last Password Change or Reset").read_only(),
    ]
}
