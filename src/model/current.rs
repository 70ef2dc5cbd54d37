//! What the org holds, as far as it was read.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use jiff::Timestamp;

use super::{
    AccessKind, AccountId, AccountRole, ApiName, ContactId, CustomValues, Described, ExternalRef,
    FieldValues, GroupId, HeldRole, Moment, OrgId, PermissionSetGroupId, PermissionSetId,
    PermissionSetLicenseId, ProfileId, RecordId, SetName, Sites, UserId, UserLicenseId, Username,
};

/// The read picture of an org.
#[derive(Clone, Debug)]
pub struct Current {
    /// The org itself.
    pub org: Org,
    /// Who reads it.
    pub running_user: RunningUser,
    /// All user licences.
    pub licenses: Vec<UserLicense>,
    /// All profiles that the login can see.
    pub profiles: Vec<Profile>,
    /// All assignable permission sets: without those that belong to a profile or a group.
    pub permission_sets: Vec<PermissionSet>,
    /// All permission set groups.
    pub permission_set_groups: Vec<PermissionSetGroup>,
    /// All permission set licences.
    pub permission_set_licenses: Vec<PermissionSetLicense>,
    /// All public groups.
    pub groups: Vec<PublicGroup>,
    /// The accounts that declarations name.
    pub accounts: Vec<Account>,
    /// Contacts that a user without an account in the org could be linked to.
    pub contacts: Vec<Contact>,
    /// All users, each once, internal ones included: a username can be held by any of them.
    pub users: Vec<CurrentUser>,
    /// What users hold beside their profile, directly.
    pub holdings: Vec<Holding>,
    /// What they hold of kinds that matter to no declaration, if it was read for a review. Plans do
    /// not look at it.
    pub beside: Vec<Holding>,
    /// Who is frozen.
    pub frozen: Freezes,
    /// The fields that the login can see.
    pub described: Described,
    /// The sites.
    pub sites: Sites,
    /// Roles of the accounts that declarations name, if any declaration asks for one.
    pub account_roles: Vec<AccountRole>,
    /// Names of active user access policies, which may give and take access by themselves.
    pub access_policies: Vec<Arc<str>>,
    /// Who was switched on or off last, by the setup audit trail, as far back as it goes.
    pub switches: BTreeMap<UserId, Switch>,
}

/// `Organization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Org {
    /// The org's id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Whether it is a sandbox or scratch org.
    pub is_sandbox: bool,
    /// Where its API is.
    pub instance_url: String,
}

/// The user that the program signed in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningUser {
    /// Their id.
    pub id: UserId,
    /// Their username.
    pub username: Username,
}

/// `UserLicense`: seats of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLicense {
    /// Its id.
    pub id: UserLicenseId,
    /// Its name, such as `Customer Community`.
    pub name: Arc<str>,
    /// Seats bought.
    pub total: i64,
    /// Seats taken by active users, by the org's own count.
    pub used: i64,
    /// Active users that were found to have the licence, if all could be looked at. The org's own
    /// count can be a day old while more seats are taken than were bought.
    /// Source: Object Reference, `UserLicense`, `UsedLicensesLastUpdated`.
    pub counted: Option<i64>,
    /// Whether it is `Active`; a disabled one gives no seats.
    pub active: bool,
    /// What is paid for.
    pub basis: LicenseBasis,
}

/// What is paid for with a licence.
/// Source: Object Reference, `UserLicense`, `MonthlyLoginsEntitlement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenseBasis {
    /// People. Guessed from the name, if the org does not show its monthly logins.
    Members {
        /// Whether it was guessed.
        guessed: bool,
    },
    /// Logins of all people together; seats are counted beside them.
    Logins {
        /// Logins a month that were bought and used, if the org shows them.
        monthly: Option<(i64, i64)>,
    },
}

/// `Profile`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: ProfileId,
    /// Its name.
    pub name: Arc<str>,
    /// The type of the users who have it.
    pub user_type: UserType,
    /// The licence that it belongs to.
    pub license: UserLicenseId,
}

/// `User.UserType`. Source: Object Reference, User.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserType {
    /// `CspLitePortal`: role-less external users, such as Customer Community.
    CspLitePortal,
    /// `PowerCustomerSuccess`: Customer Community Plus.
    PowerCustomerSuccess,
    /// `CustomerSuccess`: the older Customer Portal user.
    CustomerSuccess,
    /// `PowerPartner`: Partner Community.
    PowerPartner,
    /// `Guest`: a site's anonymous visitor.
    Guest,
    /// `Standard` and anything else: not a portal user.
    Internal,
}

impl UserType {
    /// Reads the API's value.
    pub fn observed(text: &str) -> Self {
        match text {
            "CspLitePortal" => Self::CspLitePortal,
            "PowerCustomerSuccess" => Self::PowerCustomerSuccess,
            "CustomerSuccess" => Self::CustomerSuccess,
            "PowerPartner" => Self::PowerPartner,
            "Guest" => Self::Guest,
            _ => Self::Internal,
        }
    }

    /// Whether users of this type are portal users, who may be written.
    pub const fn is_portal(&self) -> bool {
        matches!(
            self,
            Self::CspLitePortal
                | Self::PowerCustomerSuccess
                | Self::CustomerSuccess
                | Self::PowerPartner
        )
    }
}

/// `PermissionSet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionSet {
    /// Its id.
    pub id: PermissionSetId,
    /// Its API name with namespace.
    pub name: SetName,
    /// The licence that a user must have to be given it, if it is bound to one.
    pub license: Option<SetBinding>,
    /// Whether an assignment alone gives nothing, until a session activates it.
    pub session: bool,
}

/// The licence that a permission set was made for.
/// Source: Object Reference, `PermissionSet`, `LicenseId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBinding {
    /// The licence of the user's profile.
    User(UserLicenseId),
    /// A permission set licence that the user holds.
    PermissionSet(PermissionSetLicenseId),
}

/// `PermissionSetGroup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionSetGroup {
    /// Its id.
    pub id: PermissionSetGroupId,
    /// Its API name with namespace.
    pub name: SetName,
    /// Whether its last recalculation failed.
    pub failed: bool,
    /// Whether an assignment alone gives nothing, until a session activates it.
    pub session: bool,
}

/// `PermissionSetLicense`: seats beside those of user licences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionSetLicense {
    /// Its id.
    pub id: PermissionSetLicenseId,
    /// Its API name, `DeveloperName`.
    pub name: SetName,
    /// Its label, `MasterLabel`.
    pub label: Arc<str>,
    /// Seats bought.
    pub total: i64,
    /// Seats taken, by the org's own count.
    pub used: i64,
    /// Whether it is `Active`.
    pub active: bool,
}

/// A public group: `Group` of type `Regular`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicGroup {
    /// Its id.
    pub id: GroupId,
    /// Its API name, `DeveloperName`.
    pub name: SetName,
}

/// `Account`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: Arc<str>,
    /// Who owns it: a few people, whom many accounts have in common.
    pub owner: Arc<Owner>,
    /// Whether it is a person account: account and contact in one.
    pub is_person: bool,
    /// Whether it is enabled for partner users, if the login can see that.
    pub is_partner: Option<bool>,
    /// The external ids by which declarations name it.
    pub externals: Vec<ExternalRef>,
}

/// An account's owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The owner's name.
    pub name: String,
    /// Whether they have a role.
    pub has_role: bool,
    /// Whether they are active.
    pub active: bool,
    /// Whether they are a user inside, not one of the portal.
    pub inside: bool,
}

/// `Contact`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Its account.
    pub account: Option<AccountId>,
    /// First name.
    pub first_name: Option<Arc<str>>,
    /// Last name.
    pub last_name: Arc<str>,
    /// E-mail address.
    pub email: Option<Arc<str>>,
    /// Values of the other fields that declarations ask for.
    pub custom: CustomValues,
}

impl Contact {
    /// The text of a field that was read.
    pub fn value(&self, field: &ApiName) -> Option<Cow<'_, str>> {
        if *field == "Email" {
            return self.email.as_deref().map(Cow::Borrowed);
        }
        if *field == "FirstName" {
            return self.first_name.as_deref().map(Cow::Borrowed);
        }
        if *field == "LastName" {
            return Some(Cow::Borrowed(&self.last_name));
        }
        self.custom.get(field).map(|value| Cow::Owned(value.to_string()))
    }
}

/// A user's contact, as read along with the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedContact {
    /// The contact.
    pub contact: Contact,
    /// The name of its account.
    pub account_name: Option<Arc<str>>,
}

/// `User`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser {
    /// Their id.
    pub id: UserId,
    /// Their username, with the org's suffix.
    pub username: Username,
    /// What they are called in full, where it is not their first and last name of `fields`.
    pub other_name: Option<Box<str>>,
    /// Their type.
    pub user_type: UserType,
    /// `IsActive`.
    pub active: bool,
    /// Their profile.
    pub profile: ProfileId,
    /// Their contact; portal users without one were disabled or are contactless.
    pub contact: Option<LinkedContact>,
    /// Values of the fields that declarations set anywhere.
    pub fields: FieldValues,
    /// Values of the other fields that declarations ask for.
    pub custom: CustomValues,
    /// Their role, if any declaration asks for one.
    pub role: Option<Arc<HeldRole>>,
    /// When they signed in last.
    pub last_login: Option<Moment>,
    /// When their password was set or reset last.
    pub last_password: Option<Moment>,
    /// What they, or their contact, asked not to be done with their data.
    pub privacy: Privacy,
    /// Who changed the user last.
    pub last_modified_by: Option<Arc<Editor>>,
    /// When the user was changed last.
    pub last_modified: Option<Moment>,
}

impl CurrentUser {
    /// Their full name.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.other_name {
            Some(name) => Cow::Borrowed(name),
            None => self.fields.full_name(),
        }
    }

    /// Gives them a full name, which is kept where it tells more than first and last name do.
    pub fn set_name(&mut self, name: &str) {
        self.other_name = (!self.fields.are_called(name)).then(|| name.into());
    }
}

/// Who changed a record last. Many users have one in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Editor {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: Option<Arc<str>>,
}

/// Flags of an `Individual` that keep a user out of sites.
/// Source: Salesforce Help, article 000390958.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// `HasOptedOutProcessing`: Don't Process.
    pub opted_out: bool,
    /// `ShouldForget`: Forget this Individual.
    pub forget: bool,
}

/// A record that gives something to a user: a `PermissionSetAssignment` of a set or a group, a
/// `PermissionSetLicenseAssign`, a `GroupMember`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The kind of what is held.
    pub kind: AccessKind,
    /// The record's id.
    pub id: RecordId,
    /// Who holds it.
    pub user: UserId,
    /// What they hold.
    pub what: RecordId,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// What is known of the people who are frozen.
///
/// Source: Object Reference, `UserLogin`: a login without Manage Users sees none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freezes {
    /// Nobody's can be seen, which does not mean that nobody is frozen.
    Invisible,
    /// Whoever is not among these is not frozen.
    Seen(HashMap<UserId, Freeze, RandomState>),
}

impl Default for Freezes {
    fn default() -> Self {
        Self::Seen(HashMap::default())
    }
}

impl Freezes {
    /// The freeze of a user, as far as it can be seen.
    pub fn of(&self, user: UserId) -> Option<&Freeze> {
        match self {
            Self::Invisible => None,
            Self::Seen(freezes) => freezes.get(&user),
        }
    }
}

/// A frozen `UserLogin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Who froze the user, if the org says.
    pub by: Option<Arc<str>>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A user was made active or inactive: a row of `SetupAuditTrail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Whether it was on.
    pub active: bool,
    /// Who did it.
    pub by: Option<UserId>,
    /// Their name.
    pub by_name: Option<Arc<str>>,
    /// When.
    pub at: Option<Timestamp>,
}
