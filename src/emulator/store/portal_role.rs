//! Roles of portal users: made by the platform, one tree an account.
//!
//! Source: Salesforce Help, articles 005167124 (levels and names) and 005167126 (account role
//! optimization); Object Reference, `UserRole`.

use super::{Org, Row, own_id, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const ROLE: Object = Object::USER_ROLE;
const USER: Object = Object::USER;

/// The levels from below.
const LEVELS: [&str; 3] = ["User", "Manager", "Executive"];

impl Org {
    /// A role that a request makes: portal roles get their name from the platform.
    pub(super) fn check_role(&self, row: &mut Row) -> Result<(), DmlError> {
        let text = |row: &Row, name| stored(ROLE, row, name).as_text().map(str::to_owned);
        let portal = text(row, "PortalType").filter(|kind| kind != "None");
        let Some(kind) = portal.filter(|_| !self.seeding) else {
            if stored(ROLE, row, "PortalType").is_null() {
                store(ROLE, row, "PortalType", Value::text("None"));
            }
            return match text(row, "Name") {
                Some(_) => Ok(()),
                None => Err(DmlError::new(
                    "REQUIRED_FIELD_MISSING",
                    "Required fields are missing: [Name]",
                )
                .on("Name")),
            };
        };
        if text(row, "Name").is_some() {
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "Cannot specify system-maintained portal role field: [Name]",
            )
            .on("Name"));
        }
        let level = text(row, "PortalRole").unwrap_or_else(|| "User".to_owned());
        let account = stored(ROLE, row, "PortalAccountId").as_id();
        let name = account.map(|id| self.role_name(id, &kind, &level)).unwrap_or_default();
        store(ROLE, row, "PortalRole", Value::text(&level));
        store(ROLE, row, "Name", Value::text(&name));
        Ok(())
    }

    fn role_name(&self, account: Id, kind: &str, level: &str) -> String {
        let account = self.row(Object::ACCOUNT, account);
        let name = account.and_then(|row| stored(Object::ACCOUNT, row, "Name").as_text());
        let kind = if kind == "Partner" { "Partner" } else { "Customer" };
        let name: String = name.unwrap_or_default().chars().take(60).collect();
        format!("{name} {kind} {level}")
    }

    /// A role given in a request has to fit the user.
    pub(super) fn check_role_of(&self, row: &mut Row, old: Option<&Row>) -> Result<(), DmlError> {
        let wrong = || {
            let text = "role type must match user type";
            DmlError::new("FIELD_INTEGRITY_EXCEPTION", text).on("UserRoleId")
        };
        let kind = self.portal_type(row);
        let level = stored(USER, row, "PortalRole");
        let changed =
            |name: &str| old.is_none_or(|old| stored(USER, old, name) != stored(USER, row, name));
        if changed("PortalRole") && !level.is_null() {
            let at = LEVELS.iter().position(|one| level.as_text() == Some(one));
            // How many levels there are is set up after the users of a seed are there.
            let levels = if self.seeding { LEVELS.len() } else { self.settings.account_roles };
            if kind.is_none() || at.is_none_or(|at| at >= levels) {
                return Err(wrong());
            }
            // The level decides; the role of that level is found or made afterwards.
            store(USER, row, "UserRoleId", Value::Null);
            return Ok(());
        }
        let Some(role) = stored(USER, row, "UserRoleId").as_id() else { return Ok(()) };
        if !changed("UserRoleId") {
            return Ok(());
        }
        let Some(role) = self.row(ROLE, role) else { return Ok(()) };
        let type_of = stored(ROLE, role, "PortalType").as_text().unwrap_or("None");
        let fits = match kind {
            None if self.is_external(row) => false,
            None => type_of == "None",
            Some(kind) => {
                type_of == kind
                    && stored(ROLE, role, "PortalAccountId").as_id() == self.account_of(row)
            }
        };
        if fits { Ok(()) } else { Err(wrong()) }
    }

    /// The kind of portal roles a user has; none for role-less licences and people inside.
    pub(super) fn portal_type(&self, user: &Row) -> Option<&'static str> {
        match self.type_of(user) {
            "PowerPartner" => Some("Partner"),
            "PowerCustomerSuccess" | "CustomerSuccess" => Some("CustomerPortal"),
            _ => None,
        }
    }

    /// An active user with a role-based licence gets the role of their level in their account.
    pub(super) fn give_portal_role(&mut self, user: Id) {
        let Some(row) = self.row(USER, user) else { return };
        let Some(kind) = self.portal_type(row) else {
            let inside = !self.is_external(row);
            if !inside && !stored(USER, row, "UserRoleId").is_null() {
                self.set_role(user, None, None);
            }
            return;
        };
        let missing = stored(USER, row, "UserRoleId").is_null();
        let Some(account) = self.account_of(row).filter(|_| missing) else { return };
        if !stored(USER, row, "IsActive").is_true() {
            return;
        }
        let level = stored(USER, row, "PortalRole").as_text().unwrap_or("User").to_owned();
        if self.settings.account_role_optimization && level == "User" {
            let others = self.role_holders(account, kind, user);
            if others.is_empty() {
                let role = self.shared_role(account, kind);
                self.set_role(user, Some(role), Some("PersonAccount"));
                return;
            }
            let role = self.role(account, kind, &level);
            for other in others {
                self.set_role(other, Some(role), Some("User"));
            }
        }
        let role = self.role(account, kind, &level);
        self.set_role(user, Some(role), Some(&level));
    }

    fn set_role(&mut self, user: Id, role: Option<Id>, level: Option<&str>) {
        if let Some(mut row) = self.row(USER, user).cloned() {
            store(USER, &mut row, "UserRoleId", role.map_or(Value::Null, Value::Id));
            store(USER, &mut row, "PortalRole", level.map_or(Value::Null, Value::text));
            self.replace(USER, user, row);
        }
    }

    /// Other users of the account with a role of this kind.
    fn role_holders(&self, account: Id, kind: &str, but: Id) -> Vec<Id> {
        self.lookup(Object::CONTACT, "AccountId", &Value::Id(account))
            .filter_map(own_id)
            .filter_map(|contact| self.user_of_contact(contact))
            .filter(|user| self.portal_type(user) == Some(kind))
            .filter(|user| !stored(USER, user, "UserRoleId").is_null())
            .filter_map(own_id)
            .filter(|id| *id != but)
            .collect()
    }

    /// The account's role of a level, made if it is not there, with all levels below it.
    fn role(&mut self, account: Id, kind: &str, level: &str) -> Id {
        let mut below = None;
        for one in LEVELS {
            let known = self
                .lookup(ROLE, "PortalAccountId", &Value::Id(account))
                .find(|role| {
                    stored(ROLE, role, "PortalType").as_text() == Some(kind)
                        && stored(ROLE, role, "PortalRole").as_text() == Some(one)
                })
                .and_then(own_id);
            let role = known.unwrap_or_else(|| self.make_role(account, kind, one));
            if let (Some(child), None) = (below, known) {
                self.set_parent(child, role);
            }
            below = Some(role);
            if one == level {
                return role;
            }
        }
        // A level beyond the known ones was refused before.
        below.unwrap_or_else(|| self.make_role(account, kind, "User"))
    }

    fn make_role(&mut self, account: Id, kind: &str, level: &str) -> Id {
        let name = self.role_name(account, kind, level);
        let owner = self
            .row(Object::ACCOUNT, account)
            .map_or(Value::Null, |row| stored(Object::ACCOUNT, row, "OwnerId").clone());
        let parent = owner.as_id().and_then(|id| self.row(USER, id));
        let parent = parent.map_or(Value::Null, |row| stored(USER, row, "UserRoleId").clone());
        let id = self.add(
            ROLE,
            [
                ("Name", Value::text(&name)),
                ("PortalType", Value::text(kind)),
                ("PortalRole", Value::text(level)),
                ("PortalAccountId", Value::Id(account)),
                ("PortalAccountOwnerId", owner),
                ("ParentRoleId", parent),
            ],
        );
        self.audit("createdrole", "", &format!("Created role {name}"));
        id
    }

    fn set_parent(&mut self, role: Id, parent: Id) {
        if let Some(mut row) = self.row(ROLE, role).cloned() {
            store(ROLE, &mut row, "ParentRoleId", Value::Id(parent));
            self.replace(ROLE, role, row);
        }
    }

    /// The role that first users of an owner's accounts share.
    fn shared_role(&mut self, account: Id, kind: &str) -> Id {
        let owner = self
            .row(Object::ACCOUNT, account)
            .and_then(|row| stored(Object::ACCOUNT, row, "OwnerId").as_id());
        let owner_row = owner.and_then(|id| self.row(USER, id));
        let alias = owner_row.and_then(|row| stored(USER, row, "Alias").as_text());
        let word = if kind == "Partner" { "Partner" } else { "Customer" };
        let name = format!("{} {word} Person Account", alias.unwrap_or_default());
        let known = self.lookup(ROLE, "Name", &Value::text(&name)).next().and_then(own_id);
        known.unwrap_or_else(|| {
            self.add(
                ROLE,
                [
                    ("Name", Value::text(&name)),
                    ("PortalType", Value::text(kind)),
                    ("PortalRole", Value::text("PersonAccount")),
                    ("PortalAccountOwnerId", owner.map_or(Value::Null, Value::Id)),
                ],
            )
        })
    }
}
