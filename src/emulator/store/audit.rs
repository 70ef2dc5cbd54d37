//! The setup audit trail: what setup changes are called, and who made them.
//!
//! Source: actions, sections and texts as listed from real trails. Ids in texts have 15 characters;
//! some texts name the person by their display name alone.

use super::user::is_outside;
use super::{Org, Row, full_name, own_id, stored};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const USER: Object = Object::USER;
const USERS: &str = "Manage Users";

/// Whose request is being answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::emulator) struct Actor {
    /// The user; absent, the running user.
    pub(in crate::emulator) user: Option<Id>,
    /// Who is logged in as that user.
    pub(in crate::emulator) delegate: Option<String>,
}

/// An action and its text.
type Told = (&'static str, String);

/// What changes of a user's fields are called.
const CHANGES: [(&str, &str, &str); 4] = [
    ("Username", "changedusername", ""),
    ("Email", "changedemail", "email"),
    ("CommunityNickname", "changedcommunitynickname", "nickname"),
    ("FederationIdentifier", "changedfederationid", "federation id"),
];

impl Org {
    /// Who is at work.
    pub(super) fn who(&self) -> Option<Id> {
        self.actor.user.or(self.running_user)
    }

    /// Writes a row of the trail.
    pub(in crate::emulator) fn audit(&mut self, action: &str, section: &str, display: &str) {
        if self.seeding {
            return;
        }
        let delegate = self.actor.delegate.as_deref().map_or(Value::Null, Value::text);
        let values = [
            ("Action", Value::text(action)),
            ("Section", Value::text(section)),
            ("Display", Value::text(display)),
            ("DelegateUser", delegate),
        ];
        self.add(Object::SETUP_AUDIT_TRAIL, values);
    }

    /// A user that was made or changed.
    pub(super) fn audit_user(&mut self, user: Id, old: Option<&Row>) {
        if self.seeding {
            return;
        }
        let Some(row) = self.row(USER, user) else { return };
        let name = full_name(USER, row);
        let Some(old) = old else {
            let (action, section, kind) = match self.type_of(row) {
                "PowerPartner" => {
                    ("createdpartneruser", "Partner Relationship Management", "Partner User")
                }
                kind if is_outside(kind) => {
                    ("createdcustomersuccessuser", "Customer Portal", "Customer User")
                }
                _ => ("createduser", USERS, "user"),
            };
            self.audit(action, section, &["Created new ", kind, " ", &name].concat());
            return;
        };
        let row = row.clone();
        let id = user.short().to_owned();
        if self.audit_disabled(&row, old) {
            return;
        }
        self.audit_switch(&row, old, &name, &id);
        for (field, action, word) in CHANGES {
            let (before, after) = (text_of(old, field), text_of(&row, field));
            if before == after {
                continue;
            }
            let display = if word.is_empty() {
                format!("Changed username for {id} from {before} to {after}")
            } else {
                format!("Changed {word} for user {name} (UserID: [{id}]) from {before} to {after}")
            };
            self.audit(action, USERS, &display);
        }
        let verified = |row: &Row| stored(USER, row, "HasUserVerifiedEmail").is_true();
        if verified(old) && !verified(&row) {
            let text = format!(
                "For user {}, the User Verified Email status changed to unverified",
                text_of(&row, "Username")
            );
            self.audit("changedUserEmailVerifiedStatusUnverified", USERS, &text);
        }
        self.audit_profile_and_role(&row, old, &name);
        self.audit_phone(&row, old);
    }

    fn audit_disabled(&mut self, row: &Row, old: &Row) -> bool {
        let enabled = |row: &Row| stored(USER, row, "IsPortalEnabled").is_true();
        if !enabled(old) || enabled(row) {
            return false;
        }
        let username = text_of(old, "Username");
        let (action, section, kind) = if self.type_of(row) == "PowerPartner" {
            ("PRMUserDisabled", "Partner Relationship Management", "Partner")
        } else {
            ("CSPUserDisabled", "Customer Portal", "Customer Portal")
        };
        self.audit(action, section, &format!("User {username} disabled as a {kind} user"));
        true
    }

    fn audit_switch(&mut self, row: &Row, old: &Row, name: &str, id: &str) {
        let active = |row: &Row| stored(USER, row, "IsActive").is_true();
        let (action, word) = match (active(old), active(row)) {
            (true, false) => ("deactivateduser", "Deactivated"),
            (false, true) => ("activateduser", "Activated"),
            _ => return,
        };
        self.audit(action, USERS, &format!("{word} user {name} (UserID: [{id}])"));
    }

    fn audit_profile_and_role(&mut self, row: &Row, old: &Row, name: &str) {
        let named = |org: &Self, object: Object, value: &Value| {
            let row = value.as_id().and_then(|id| org.row(object, id));
            row.map(|row| stored(object, row, "Name").as_text().unwrap_or_default().to_owned())
        };
        let (from, to) = (stored(USER, old, "ProfileId"), stored(USER, row, "ProfileId"));
        if from != to {
            let from = named(self, Object::PROFILE, from).unwrap_or_default();
            let to = named(self, Object::PROFILE, to).unwrap_or_default();
            let text = format!("Changed profile for user {name} from {from} to {to}");
            self.audit("changedprofileforuser", USERS, &text);
        }
        let (from, to) = (stored(USER, old, "UserRoleId"), stored(USER, row, "UserRoleId"));
        if from != to {
            let from = named(self, Object::USER_ROLE, from);
            let to = named(self, Object::USER_ROLE, to);
            let action = match (&from, &to) {
                (None, _) => "changedroleforuserfromnone",
                (_, None) => "changedroleforusertonone",
                _ => "changedroleforuser",
            };
            let word = |role: Option<String>| role.unwrap_or_else(|| "none".to_owned());
            let (from, to) = (word(from), word(to));
            self.audit(action, USERS, &format!("Changed role for user {name} from {from} to {to}"));
        }
    }

    fn audit_phone(&mut self, row: &Row, old: &Row) {
        let (before, after) = (text_of(old, "MobilePhone"), text_of(row, "MobilePhone"));
        if before != after {
            let user = text_of(row, "Username");
            let text = format!(
                "For user {user}, the mobile phone number was changed from {before} to {after}"
            );
            self.audit("changedUserPhoneNumber", USERS, &text);
        }
    }

    /// Somebody was frozen or let go.
    pub(super) fn audit_login(&mut self, login: Id, old: &Row) {
        let object = Object::USER_LOGIN;
        let Some(row) = self.row(object, login) else { return };
        let frozen = |row: &Row| stored(object, row, "IsFrozen").is_true();
        let user = stored(object, row, "UserId").as_id();
        let name = user.and_then(|id| self.row(USER, id)).map(|row| full_name(USER, row));
        let name = name.unwrap_or_default();
        match (frozen(old), frozen(row)) {
            (false, true) => {
                self.audit("frozeuser", USERS, &format!("Froze user account for {name}"));
            }
            (true, false) => {
                self.audit("unfrozeuser", USERS, &format!("Unfroze user account for {name}"));
            }
            _ => {}
        }
    }

    /// Writes down what was told of somebody's access.
    pub(super) fn audit_told(&mut self, told: Option<Told>) {
        if let Some((action, text)) = told {
            self.audit(action, USERS, &text);
        }
    }

    /// What is told of a set or a group that was assigned or taken away.
    pub(super) fn assignment_told(&self, row: &Row, given: bool) -> Option<Told> {
        if self.seeding {
            return None;
        }
        let object = Object::PERMISSION_SET_ASSIGNMENT;
        let of = |name| stored(object, row, name).as_id();
        let (user, name) = self.person(of("AssigneeId"))?;
        let group = of("PermissionSetGroupId");
        let (kind, label) = match group {
            Some(group) => {
                let row = self.row(Object::PERMISSION_SET_GROUP, group);
                let label = row.map(|row| stored(Object::PERMISSION_SET_GROUP, row, "MasterLabel"));
                ("Permission set group", label)
            }
            None => {
                let row = of("PermissionSetId").and_then(|id| self.row(Object::PERMISSION_SET, id));
                let label = row.map(|row| stored(Object::PERMISSION_SET, row, "Label"));
                ("Permission set", label)
            }
        };
        let label = label.and_then(Value::as_text).unwrap_or_default();
        let word = if given { "assigned to" } else { "unassigned from" };
        let id = user.short();
        let text =
            [kind, " ", label, ": ", word, " user ", &name, " (UserID: [", id, "])"].concat();
        let ends = !stored(object, row, "ExpirationDate").is_null();
        let action = match (group.is_some(), given) {
            (true, true) => "PermSetGroupAssign",
            (true, false) => "PermSetGroupUnassign",
            (false, true) if ends => "PermSetAssign_HasExpiration",
            (false, true) => "PermSetAssign",
            (false, false) => "PermSetUnassign",
        };
        Some((action, text))
    }

    /// The end of an assignment was moved.
    pub(super) fn audit_expiration(&mut self, id: Id, old: &Row) {
        let object = Object::PERMISSION_SET_ASSIGNMENT;
        let Some(row) = self.row(object, id) else { return };
        if stored(object, row, "ExpirationDate") == stored(object, old, "ExpirationDate") {
            return;
        }
        let set = stored(object, row, "PermissionSetId").as_id();
        let label = set
            .and_then(|id| self.row(Object::PERMISSION_SET, id))
            .and_then(|row| stored(Object::PERMISSION_SET, row, "Label").as_text())
            .unwrap_or_default()
            .to_owned();
        let Some((user, name)) = self.person(stored(object, row, "AssigneeId").as_id()) else {
            return;
        };
        let text = format!(
            "Permission set {label}: expiration changed for user {name} (UserID: [{}])",
            user.short()
        );
        self.audit("PermSetAssignmentExpirationChange", USERS, &text);
    }

    pub(super) fn audit_set_license(&mut self, id: Id, given: bool) {
        let row = self.row(Object::PERMISSION_SET_LICENSE_ASSIGN, id).cloned();
        if let Some(row) = row {
            self.audit_set_license_row(&row, given);
        }
    }

    pub(super) fn audit_set_license_row(&mut self, row: &Row, given: bool) {
        let object = Object::PERMISSION_SET_LICENSE_ASSIGN;
        let license = stored(object, row, "PermissionSetLicenseId").as_id();
        let label = license
            .and_then(|id| self.row(Object::PERMISSION_SET_LICENSE, id))
            .and_then(|row| stored(Object::PERMISSION_SET_LICENSE, row, "MasterLabel").as_text())
            .unwrap_or_default()
            .to_owned();
        let Some((user, name)) = self.person(stored(object, row, "AssigneeId").as_id()) else {
            return;
        };
        let (action, word) = if given {
            ("PermSetLicenseAssign", "assigned to")
        } else {
            ("PermSetLicenseUnassign", "unassigned from")
        };
        let text = format!(
            "Permission set license {label}: {word} user {name} (UserID: [{}])",
            user.short()
        );
        self.audit(action, USERS, &text);
    }

    pub(super) fn audit_member(&mut self, id: Id) {
        let object = Object::GROUP_MEMBER;
        let Some(row) = self.row(object, id) else { return };
        let group = stored(object, row, "GroupId").as_id();
        let group = group
            .and_then(|id| self.row(Object::GROUP, id))
            .and_then(|row| stored(Object::GROUP, row, "Name").as_text())
            .unwrap_or_default()
            .to_owned();
        let name = self.person(stored(object, row, "UserOrGroupId").as_id());
        let name = name.map(|(_, name)| name).unwrap_or_default();
        self.audit("groupMembership", "Groups", &format!("Added {name} to group {group}"));
    }

    fn person(&self, user: Option<Id>) -> Option<(Id, String)> {
        let row = self.row(USER, user?)?;
        Some((own_id(row)?, full_name(USER, row)))
    }
}

fn text_of(row: &Row, field: &str) -> String {
    stored(USER, row, field).as_text().unwrap_or("null").to_owned()
}
