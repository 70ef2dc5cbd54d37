//! A row of an access review: what the files say of one person, what the org holds, where the two
//! differ, and what a plan would do about it.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::model::{AccessKind, ByKind, Code, Place, PortalRole};

use super::change::{Action, Change, Object, Reason};
use super::lifecycle::{Found, Wanted};

/// One person: somebody declared, or an active portal user whom no file declares.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessRow<'a> {
    /// The username as declared, or as it would be.
    pub username: Cow<'a, str>,
    /// The username in the org, where it differs.
    pub org_username: Option<Cow<'a, str>>,
    /// First and last name, as declared or else by the org.
    pub name: Cow<'a, str>,
    /// The account that they belong to, or would belong to; empty for a user without one.
    pub account: Cow<'a, str>,
    /// The account that they are declared in, where it is another.
    pub declared_account: Option<Cow<'a, str>>,
    /// Who answers for them.
    pub management: Management,
    /// What the files say for the day; absent, if no file declares them.
    pub declared_state: Option<DeclaredStanding>,
    /// What the org holds.
    pub actual_state: ActualStanding,
    /// The declared profile; absent, if it is not managed.
    pub declared_profile: Option<&'a str>,
    /// The profile in the org.
    pub actual_profile: Option<&'a str>,
    /// The user licence that comes with it.
    pub license: Option<&'a str>,
    /// What is given beside the profile.
    pub access: ByKind<Grants<'a>>,
    /// The declared level of the role.
    pub declared_role: Option<PortalRole>,
    /// The level of the role in the org.
    pub actual_role: Option<PortalRole>,
    /// The declared first day.
    pub starts: Option<Date>,
    /// The declared last day.
    pub expires: Option<Date>,
    /// The day in GMT of the last sign-in.
    pub last_login: Option<Date>,
    /// What a plan does first.
    pub action: Option<Action>,
    /// Whether something stands in the way of it.
    pub blocked: bool,
    /// The codes of what does, if it is about this person alone.
    pub blocked_by: Vec<Code>,
    /// Where declaration and org differ.
    pub differs: Vec<Difference>,
    /// Where they are declared.
    pub place: Option<&'a Place>,
}

impl AccessRow<'_> {
    /// Whether anything is to be looked at: a difference, or something in the way.
    pub const fn is_differing(&self) -> bool {
        !self.differs.is_empty() || self.action.is_some() || self.blocked
    }
}

/// Things of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants<'a> {
    /// What the files ask for, by name; absent, if they do not manage the kind.
    pub declared: Option<Vec<Granted<'a>>>,
    /// What is held, by name, whatever pattern ignores it.
    pub actual: Vec<Granted<'a>>,
}

/// Something that is given, perhaps for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted<'a> {
    /// Its API name.
    pub name: &'a str,
    /// The last day.
    pub expires: Option<Date>,
}

impl Granted<'_> {
    /// `Orders_Read until 2027-03-31`.
    pub fn text(&self) -> String {
        match self.expires {
            Some(day) => format!("{} until {day}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// Who answers for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Management {
    /// A file declares them.
    Declared,
    /// No file does, and `[ownership]` covers them.
    Owned,
    /// Nobody whom this project knows.
    Unmanaged,
}

impl Management {
    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Owned => "owned",
            Self::Unmanaged => "unmanaged",
        }
    }
}

/// What the files want of somebody on a day, with the reason where it is a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclaredStanding {
    /// To be able to sign in.
    Active,
    /// Not to be active.
    Inactive,
    /// To be frozen.
    Frozen,
    /// Not to be active yet.
    NotStarted,
    /// To be active no more.
    Expired,
}

impl DeclaredStanding {
    pub(super) const fn of((wanted, reason): (Wanted, Reason)) -> Self {
        match (wanted, reason) {
            (Wanted::Active { .. }, _) => Self::Active,
            (Wanted::Frozen, _) => Self::Frozen,
            (Wanted::Inactive, Reason::Expired) => Self::Expired,
            (Wanted::Inactive, Reason::NotStarted) => Self::NotStarted,
            (Wanted::Inactive, _) => Self::Inactive,
        }
    }

    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Frozen => "frozen",
            Self::NotStarted => "not-started",
            Self::Expired => "expired",
        }
    }
}

/// What the org holds of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActualStanding {
    /// A user who can sign in.
    Active,
    /// A user who is inactive.
    Inactive,
    /// An active user who is frozen.
    Frozen,
    /// No user.
    Absent,
    /// A user whose portal access was switched off for good.
    Disabled,
    /// It is not certain which user is meant; those who may be have rows of their own.
    Unclear,
}

impl ActualStanding {
    pub(super) const fn of(found: Found) -> Self {
        match found {
            Found::Absent => Self::Absent,
            Found::Active => Self::Active,
            Found::Frozen => Self::Frozen,
            Found::Inactive { .. } => Self::Inactive,
            Found::Disabled => Self::Disabled,
        }
    }

    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Frozen => "frozen",
            Self::Absent => "absent",
            Self::Disabled => "disabled",
            Self::Unclear => "unclear",
        }
    }
}

/// Something in which declaration and org differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Whether they can sign in.
    State,
    /// The username.
    Username,
    /// The account.
    Account,
    /// The profile.
    Profile,
    /// The role.
    PortalRole,
    /// Permission sets, groups, licences.
    Access(AccessKind),
    /// Any other value, of the user or of the contact.
    Fields,
}

impl Difference {
    /// The word for JSON: that of a user file, where there is one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Username => "username",
            Self::Account => "account",
            Self::Profile => "profile",
            Self::PortalRole => "portal_role",
            Self::Access(kind) => kind.key(),
            Self::Fields => "fields",
        }
    }

    /// What a change tells of, and what else was seen. Of somebody who is not there only that is said.
    pub(super) fn all(change: Option<&Change>, seen: Vec<Self>) -> Vec<Self> {
        let change = change.filter(|change| change.action != Action::Create);
        let written = change.iter().flat_map(|change| &change.fields).map(|field| {
            match (field.object, field.field.as_str()) {
                (Object::User, "Username") => Self::Username,
                (Object::User, "ProfileId") => Self::Profile,
                (Object::User, "UserRoleId" | "PortalRole") => Self::PortalRole,
                (Object::Contact, "AccountId") => Self::Account,
                (Object::User | Object::Contact, _) => Self::Fields,
            }
        });
        let held = change.iter().flat_map(|change| change.access.iter());
        let held = held.filter(|(_, sets)| !sets.is_empty()).map(|(kind, _)| Self::Access(kind));
        let mut all: Vec<Self> = seen.into_iter().chain(written).chain(held).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
