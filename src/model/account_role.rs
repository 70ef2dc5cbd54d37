//! Roles of accounts: made by Salesforce, a tree for each account and kind of portal user.
//!
//! Source: Object Reference, `UserRole`; Salesforce Help, articles 005167124 (levels) and 005167126
//! (account role optimization: first users of accounts share a role).

use std::sync::Arc;

use super::{AccountId, PortalRole, UserRoleId, UserType};

/// `UserRole.PortalType`: whose roles they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortalKind {
    /// `CustomerPortal`.
    Customer,
    /// `Partner`.
    Partner,
}

impl PortalKind {
    /// The kind of roles that users of a type have; nothing, if they have none.
    pub const fn of(user_type: &UserType) -> Option<Self> {
        match user_type {
            UserType::PowerCustomerSuccess | UserType::CustomerSuccess => Some(Self::Customer),
            UserType::PowerPartner => Some(Self::Partner),
            UserType::CspLitePortal | UserType::Guest | UserType::Internal => None,
        }
    }

    /// Reads the API's value.
    pub fn observed(text: &str) -> Option<Self> {
        match text {
            "CustomerPortal" => Some(Self::Customer),
            "Partner" => Some(Self::Partner),
            _ => None,
        }
    }
}

impl PortalRole {
    /// Reads the API's value. A role that first users of accounts share, `PersonAccount`, counts as
    /// the lowest level: that is what its holders get with the second user. The User page of the
    /// Object Reference spells it `PersonAcount`.
    pub fn observed(text: &str) -> Option<Self> {
        match text {
            "User" | "Worker" | "PersonAccount" | "PersonAcount" => Some(Self::User),
            "Manager" => Some(Self::Manager),
            "Executive" => Some(Self::Executive),
            _ => None,
        }
    }

    /// The API's value.
    pub const fn api_value(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Manager => "Manager",
            Self::Executive => "Executive",
        }
    }
}

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRole {
    /// Its id.
    pub id: UserRoleId,
    /// Its name, made by Salesforce.
    pub name: Arc<str>,
    /// The account.
    pub account: AccountId,
    /// Whose role it is.
    pub kind: PortalKind,
    /// Its level.
    pub level: PortalRole,
}

/// The role that a user has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeldRole {
    /// Its name.
    pub name: Arc<str>,
    /// Its level, if it is a role of an account.
    pub level: Option<PortalRole>,
}
