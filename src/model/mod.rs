//! The vocabulary: what both sides of the comparison are made of.
//!
//! `config` produces [`Desired`], `org` produces [`Current`], and neither can tell where the other
//! came from. Nothing here reads a file, a clock, an environment or a network, and nothing here is
//! serialisable: shapes that leave the program live at its edges.

mod account_role;
mod api_name;
mod code;
mod current;
mod custom_values;
mod described;
mod desired;
mod diagnostic;
mod evidence;
mod field;
mod id;
mod moment;
mod name;
mod nearest;
mod permission;
mod scalar;
mod scope;
mod settings;
mod site;
mod today;
mod value;

pub use account_role::{AccountRole, HeldRole, PortalKind};
pub use api_name::ApiName;
pub use code::Code;
pub use current::{
    Account, Contact, Current, CurrentUser, Editor, Freeze, Freezes, Holding, LicenseBasis,
    LinkedContact, Org, Owner, PermissionSet, PermissionSetGroup, PermissionSetLicense, Privacy,
    Profile, PublicGroup, RunningUser, SetBinding, Switch, UserLicense, UserType,
};
pub use custom_values::CustomValues;
pub use described::{Described, FieldDef, FieldShape, ObjectFields};
pub use desired::{
    Access, AccessKind, AccountRef, Activation, ByKind, ContactRef, DeclaredProfile, DeclaredState,
    Desired, DesiredUser, ExternalRef, OnCreate, PortalRole, SetGrant, SetName, Shared,
};
pub use diagnostic::{Diagnostic, Label, Place, Severity};
pub use evidence::{Author, Evidence, Trace, TrailRow};
pub use field::{FieldInfo, Kind, UserField};
pub use id::{
    AccountId, ContactId, GroupId, InvalidId, OrgId, PermissionSetGroupId, PermissionSetId,
    PermissionSetLicenseId, ProfileId, RecordId, UserId, UserLicenseId, UserLoginId, UserRoleId,
};
pub use moment::Moment;
pub use name::{Email, InvalidName, OrgName, ProfileName, ProjectName, Username, is_invisible};
pub use nearest::nearest;
pub use permission::{Permission, Permissions};
pub use scalar::{Cell, Number, Scalar};
pub use scope::{Purpose, Scope};
pub use settings::{
    Allow, ApiVersion, AuthKind, ContactPolicy, EmailDomains, EmailPolicy, LicenseSettings, Limit,
    Marker, OrgSettings, OrgTarget, Ownership, Policy, PolicyRules, Project, Rule, Safety, SetMode,
    SetPolicy, Undeclared,
};
pub use site::{Site, Sites};
pub use today::{Today, day_of, last_second};
pub use value::{FieldValues, Value};

#[cfg(test)]
mod tests;
