//! Whether a user may be given a profile of another licence.
//!
//! Sources: Salesforce Help, "Upgrade User Licenses", "Migrate Users Between Licenses" and article
//! 000386999. Whether Customer Community Plus can be turned back into Customer Community is
//! documented both ways; it is assumed that it cannot.

use crate::model::{Code, Diagnostic, Profile, UserLicense, UserType};

/// What a change of profile means for the licence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LicenseMove {
    /// The licence stays, or only turns from paying for people to paying for logins or back.
    Free,
    /// From a licence without roles to one with them: Salesforce makes roles in the account.
    Up,
    /// Between licences without roles: not documented, so the org decides.
    Unproven,
    /// Salesforce refuses it, for this reason.
    Refused(&'static str),
}

impl LicenseMove {
    pub(super) fn between(
        (from, from_license): (&Profile, &UserLicense),
        (to, to_license): (&Profile, &UserLicense),
    ) -> Self {
        if from_license.id == to_license.id || family(from_license) == family(to_license) {
            return Self::Free;
        }
        match (&from.user_type, &to.user_type) {
            (UserType::CspLitePortal, UserType::PowerCustomerSuccess | UserType::PowerPartner) => {
                Self::Up
            }
            (UserType::CspLitePortal, UserType::CspLitePortal) => Self::Unproven,
            (UserType::PowerPartner, _) => {
                Self::Refused("a partner cannot be turned into a customer")
            }
            (UserType::PowerCustomerSuccess, UserType::CspLitePortal) => {
                Self::Refused("a licence with roles cannot be turned into one without")
            }
            (UserType::PowerCustomerSuccess, UserType::PowerPartner) => {
                Self::Refused("a customer with roles cannot be turned into a partner")
            }
            (UserType::CustomerSuccess, _) | (_, UserType::CustomerSuccess) => {
                Self::Refused("users of the old portals need a new user record")
            }
            _ => Self::Refused("the licences are not compatible"),
        }
    }

    /// What is to be said about it.
    pub(super) fn finding(&self, from: &UserLicense, to: &UserLicense) -> Option<Diagnostic> {
        let (from, to) = (&from.name, &to.name);
        match self {
            Self::Free => None,
            Self::Up => Some(
                Diagnostic::new(
                    Code::LicenseMoveUp,
                    format!("the user moves up from licence `{from}` to `{to}`"),
                )
                .help("Salesforce makes roles in the account, and site memberships are worked out anew"),
            ),
            Self::Unproven => Some(
                Diagnostic::new(
                    Code::LicenseMoveUnproven,
                    format!("whether a user can move from licence `{from}` to `{to}` is not documented"),
                )
                .help("the move is tried; if the org refuses it, declare a new user"),
            ),
            Self::Refused(why) => Some(
                Diagnostic::new(
                    Code::LicenseMove,
                    format!("a user cannot move from licence `{from}` to `{to}`: {why}"),
                )
                .help("declare a new user for the new licence and set this one to `state = \"inactive\"`"),
            ),
        }
    }
}

/// A licence without its variant: `Customer Community Login` is paid for by logins.
fn family(license: &UserLicense) -> &str {
    license.name.strip_suffix(" Login").unwrap_or(&license.name)
}
