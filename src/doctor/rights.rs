//! What the login may do, by the org's own word: which right each part of the job needs, and what
//! goes wrong without it.
//!
//! Sources: Object Reference, special access rules of `User`, `UserLogin`, `Network`, `Profile` and
//! `UserRole`; Salesforce Help, "Manage External Users", "Assign Permission Sets". Object rights, such
//! as View All on accounts, are in no single place that could be asked.

use crate::model::{AccessKind, Activation, Permission};

use super::{Check, Connected, Group, Status};

use Permission as P;

/// A part of the job.
struct Part {
    id: &'static str,
    /// One of these is enough.
    any_of: &'static [Permission],
    /// What is good with it.
    with: &'static str,
    /// What goes wrong without it.
    without: &'static str,
    /// What helps as well and cannot be asked.
    besides: &'static str,
    /// How bad that is.
    weight: Status,
    /// Whether somebody who only plans can do without.
    writes: bool,
    needed: fn(&Connected<'_>) -> bool,
}

const PARTS: [Part; 10] = [
    Part {
        id: "view-setup",
        any_of: &[P::ViewSetup],
        with: "sees profiles, licences and the audit trail",
        without: "profiles, licences and the audit trail may be hidden",
        besides: "",
        weight: Status::Warn,
        writes: false,
        needed: |_| true,
    },
    Part {
        id: "view-roles",
        any_of: &[P::ViewRoles],
        with: "sees whether the owner of an account has a role",
        without: "whether the owner of an account has a role may be hidden",
        besides: "",
        weight: Status::Warn,
        writes: false,
        needed: |_| true,
    },
    Part {
        id: "view-users",
        any_of: &[P::ViewAllUsers, P::ManageUsers, P::ViewAllData, P::ModifyAllData],
        with: "sees every user",
        without: "users may be hidden, and a username that is taken could look free",
        besides: "",
        weight: Status::Warn,
        writes: false,
        needed: |_| true,
    },
    Part {
        id: "view-records",
        any_of: &[P::ViewAllData, P::ModifyAllData],
        with: "sees every account and contact",
        without: "whether it sees every account and contact cannot be asked: a contact that is hidden would be made a second time",
        besides: ", or View All on accounts and contacts",
        weight: Status::Unknown,
        writes: false,
        needed: |_| true,
    },
    Part {
        id: "view-sites",
        any_of: &[P::ManageSites, P::ViewAllData, P::ModifyAllData],
        with: "sees every site",
        without: "only sites that it is a member of are seen; there may be others",
        besides: "",
        weight: Status::Unknown,
        writes: false,
        needed: |_| true,
    },
    Part {
        id: "manage-users",
        any_of: &[P::ManageExternalUsers, P::ManageUsers],
        with: "may create and change portal users",
        without: "it may not create or change portal users",
        besides: "",
        weight: Status::Fail,
        writes: true,
        needed: |_| true,
    },
    Part {
        id: "assign-sets",
        any_of: &[P::AssignPermissionSets],
        with: "may assign permission sets",
        without: "it may not assign the declared permission sets, groups and licences",
        besides: "",
        weight: Status::Fail,
        writes: true,
        needed: |seen| seen.scope.kinds.iter().any(|kind| *kind != AccessKind::Group),
    },
    Part {
        id: "manage-groups",
        any_of: &[P::ManageUsers],
        with: "may change public groups",
        without: "it may not put people into the declared public groups",
        besides: "",
        weight: Status::Fail,
        writes: true,
        needed: |seen| seen.scope.kinds.contains(&AccessKind::Group),
    },
    Part {
        id: "freeze",
        any_of: &[P::ManageUsers],
        with: "may freeze and unfreeze",
        without: "it may not freeze or unfreeze, as files declare",
        besides: "",
        weight: Status::Fail,
        writes: true,
        needed: |seen| seen.scope.freezes,
    },
    Part {
        id: "reset-passwords",
        any_of: &[P::ResetPasswords, P::ManageExternalUsers, P::ManageUsers],
        with: "may send activation mails",
        without: "it may not send the declared activation mails",
        besides: "",
        weight: Status::Fail,
        writes: true,
        needed: activates,
    },
];

/// A check for each part of the job that these files make.
pub(super) fn checks(seen: &Connected<'_>) -> Vec<Check> {
    let known = &seen.found.permissions;
    let parts = PARTS.iter().filter(|part| (part.needed)(seen));
    parts
        .filter(|part| !(part.writes && seen.plan_only))
        .map(|part| part.check(known.has_any(part.any_of)))
        .collect()
}

impl Part {
    fn check(&self, has: Option<bool>) -> Check {
        let names: Vec<&str> = self.any_of.iter().map(|one| one.label()).collect();
        let names = names.join(" or ");
        let check = |status, message| Check::new(Group::Login, self.id, status, message);
        match has {
            Some(true) => check(Status::Ok, self.with.to_owned()),
            Some(false) => check(self.weight, self.without.to_owned())
                .help(format!("give the login {names}{}", self.besides)),
            None => {
                let message = format!("the org does not say whether the login has {names}");
                check(Status::Unknown, message).help(
                    "look at the profile and the permission sets of its user in Setup > Users",
                )
            }
        }
    }
}

fn activates(seen: &Connected<'_>) -> bool {
    let wanted = |activation: &Activation| matches!(activation, Activation::ResetEmail);
    seen.desired
        .users
        .iter()
        .any(|user| wanted(&user.activation) || wanted(&user.on_create.activation))
}
