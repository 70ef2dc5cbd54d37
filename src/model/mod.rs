//! The vocabulary: what both sides of the comparison are made of.
//!
//! `config` produces [`Desired`], `org` produces [`Current`], and neither can tell where the other
//! came from. Nothing here reads a file, a clock, an environment or a network, and nothing here is
//! serialisable: shapes that leave the program live at its edges.

mod code;
mod current;
mod desired;
mod diagnostic;
mod field;
mod id;
mod name;
mod nearest;
mod scope;
mod settings;
mod today;

pub use code::Code;
pub use current::{
    Account, Assignment, Contact, Current, CurrentUser, Freeze, LinkedContact, Org, Owner,
    PermissionSet, Profile, RunningUser, UserLicense, UserType,
};
pub use desired::{
    AccountRef, DeclaredProfile, DeclaredState, Desired, DesiredUser, FieldValues, SetGrant,
    SetName, Value,
};
pub use diagnostic::{Diagnostic, Label, Place, Severity};
pub use field::{FieldInfo, Kind, UserField};
pub use id::{
    AccountId, AssignmentId, ContactId, InvalidId, OrgId, PermissionSetId, ProfileId, RecordId,
    UserId, UserLicenseId, UserLoginId,
};
pub use name::{Email, InvalidName, OrgName, ProfileName, ProjectName, Username, is_invisible};
pub use nearest::nearest;
pub use scope::{Person, Scope};
pub use settings::{
    Allow, ApiVersion, AuthKind, ContactPolicy, EmailPolicy, Limit, OrgSettings, OrgTarget, Policy,
    Project, Rule, Safety, SetMode, SetPolicy,
};
pub use today::{Today, day_of, last_second};

#[cfg(test)]
mod tests;
