//! What the org holds, as far as it was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{
    AccountId, AssignmentId, ContactId, FieldValues, OrgId, PermissionSetId, ProfileId, SetName,
    UserId, UserLicenseId, Username,
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
    /// The accounts that declarations name.
    pub accounts: Vec<Account>,
    /// Contacts that a user without an account in the org could be linked to.
    pub contacts: Vec<Contact>,
    /// All users, internal ones included: a username can be held by any of them.
    pub users: Vec<CurrentUser>,
    /// Direct assignments of permission sets.
    pub assignments: Vec<Assignment>,
    /// Who is frozen.
    pub frozen: BTreeMap<UserId, Freeze>,
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    Internal(Arc<str>),
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
            other => Self::Internal(other.into()),
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
    /// The only user licence it can be assigned to, if it is bound to one.
    pub license: Option<UserLicenseId>,
}

/// `Account`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: Arc<str>,
    /// Who owns it.
    pub owner: Owner,
}

/// An account's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The owner's name.
    pub name: String,
    /// Whether they have a role.
    pub has_role: bool,
    /// Whether they are active.
    pub active: bool,
}

/// `Contact`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Its account.
    pub account: Option<AccountId>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: String,
    /// E-mail address.
    pub email: Option<String>,
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
    /// Their full name.
    pub name: String,
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
    /// Who changed the user last.
    pub last_modified_by: Option<UserId>,
    /// When the user was changed last.
    pub last_modified: Option<Timestamp>,
    /// Name of who changed the user last.
    pub last_modified_by_name: Option<Arc<str>>,
}

/// A direct `PermissionSetAssignment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Who holds it.
    pub user: UserId,
    /// What they hold.
    pub set: PermissionSetId,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// A frozen `UserLogin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Who froze the user, if the org says.
    pub by: Option<Arc<str>>,
    /// When.
    pub at: Option<Timestamp>,
}
