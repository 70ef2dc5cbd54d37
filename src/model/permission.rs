//! Rights of the login, by the names that Setup shows.
//!
//! Source: field reference of `Profile`, in which every right is a field `Permissions…`. Object
//! Reference, `UserPermissionAccess`: the same fields, for whoever asks.

use std::collections::BTreeMap;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident $field:literal $label:literal;)+) => {
        /// A right that reading or writing portal users may need.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $(#[doc = $label] $name),+
        }

        impl Permission {
            /// Every right, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The field that tells of it.
            pub const fn field(self) -> &'static str {
                match self { $(Self::$name => $field),+ }
            }

            /// Its name in Setup.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),+ }
            }
        }
    };
}

permissions! {
    ViewSetup "PermissionsViewSetup" "View Setup and Configuration";
    ViewRoles "PermissionsViewRoles" "View Roles and Role Hierarchy";
    ViewAllUsers "PermissionsViewAllUsers" "View All Users";
    ViewAllData "PermissionsViewAllData" "View All Data";
    ModifyAllData "PermissionsModifyAllData" "Modify All Data";
    ManageUsers "PermissionsManageUsers" "Manage Users";
    ManageExternalUsers "PermissionsManagePartners" "Manage External Users";
    AssignPermissionSets "PermissionsAssignPermissionSets" "Assign Permission Sets";
    ResetPasswords "PermissionsResetPasswords" "Reset User Passwords and Unlock Users";
    ManageSites "PermissionsManageNetworks" "Create and Set Up Experiences";
}

/// What is known of the login's rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(BTreeMap<Permission, bool>);

impl Permissions {
    /// Rights and whether the login has them.
    pub fn of(known: impl IntoIterator<Item = (Permission, bool)>) -> Self {
        Self(known.into_iter().collect())
    }

    /// Whether the login has a right; nothing, where the org does not say.
    pub fn has(&self, permission: Permission) -> Option<bool> {
        self.0.get(&permission).copied()
    }

    /// Whether the login has one of several rights; nothing, where none is known to be there and not
    /// all are known to be missing.
    pub fn has_any(&self, several: &[Permission]) -> Option<bool> {
        let known: Vec<Option<bool>> = several.iter().map(|one| self.has(*one)).collect();
        if known.contains(&Some(true)) {
            Some(true)
        } else {
            (!known.contains(&None)).then_some(false)
        }
    }
}
