//! Rules of users.
//!
//! Source: Object Reference, User; Salesforce Help, articles 000385901 (owner's role), 000386999
//! (licence moves) and "Disable or Deactivate an Experience Cloud User". Texts as orgs send them;
//! where a text is not known, this says so.

use super::values::looks_like_address;
use super::{Key, Org, Row, full_name, own_id, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const USER: Object = Object::USER;

/// User types of people outside.
const EXTERNAL: [&str; 4] =
    ["CspLitePortal", "PowerCustomerSuccess", "CustomerSuccess", "PowerPartner"];

/// Profiles that Salesforce ships for external licences.
const STANDARD_EXTERNAL: [&str; 17] = [
    "Customer Community User",
    "Customer Community Login User",
    "Customer Community Plus User",
    "Customer Community Plus Login User",
    "Partner Community User",
    "Partner Community Login User",
    "External Apps Login User",
    "External Apps Plus User",
    "External Apps Plus Login User",
    "External Identity User",
    "High Volume Customer Portal",
    "High Volume Customer Portal User",
    "Authenticated Website",
    "Customer Portal Manager Standard",
    "Customer Portal Manager Custom",
    "Gold Partner User",
    "Silver Partner User",
];

/// Whether this is a user type of people outside.
pub(super) fn is_outside(kind: &str) -> bool {
    EXTERNAL.contains(&kind)
}

fn integrity(message: &str) -> DmlError {
    DmlError::new("FIELD_INTEGRITY_EXCEPTION", message)
}

impl Org {
    pub(super) fn check_user(&mut self, row: &mut Row, old: Option<&Row>) -> Result<(), DmlError> {
        self.check_names(row, old)?;
        self.check_address(row)?;
        self.check_profile(row, old)?;
        self.check_contact_link(row, old)?;
        self.disable(row, old);
        self.check_deactivation(row, old)?;
        self.check_role_of(row, old)?;
        let seated = |row: &Row| {
            stored(USER, row, "IsActive").is_true().then(|| self.license_of(row)).flatten()
        };
        if let Some(license) = seated(row)
            && old.and_then(seated) != Some(license)
        {
            self.check_seat(license)?;
        }
        if stored(USER, row, "CommunityNickname").is_null() {
            // The platform makes one up; its form is not documented.
            let number = self.table(USER).map_or(0, |table| table.serial) + 1;
            store(USER, row, "CommunityNickname", Value::text(&format!("User{number:012}")));
        }
        for (field, frequency) in
            [("DigestFrequency", "D"), ("DefaultGroupNotificationFrequency", "N")]
        {
            if stored(USER, row, field).is_null() {
                store(USER, row, field, Value::text(frequency));
            }
        }
        self.verify_email(row, old);
        Ok(())
    }

    fn check_names(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let own = old.and_then(own_id);
        let username = stored(USER, row, "Username").as_text().unwrap_or_default();
        if !looks_like_address(username) {
            return Err(integrity(
                "Username must be in the form of an email address (for example, john@acme.com)",
            )
            .on("Username"));
        }
        let taken = |field| {
            let value = stored(USER, row, field);
            !value.is_null() && self.lookup(USER, field, value).any(|holder| own_id(holder) != own)
        };
        let elsewhere =
            self.settings.taken_usernames.iter().any(|name| name.eq_ignore_ascii_case(username));
        if taken("Username") || (elsewhere && old.is_none()) {
            return Err(DmlError::new(
                "DUPLICATE_USERNAME",
                "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address). ",
            )
            .on("Username"));
        }
        if taken("CommunityNickname") {
            return Err(DmlError::new(
                "DUPLICATE_COMM_NICKNAME",
                "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another.",
            )
            .on("CommunityNickname"));
        }
        if taken("FederationIdentifier") {
            let text = "This Federation ID is already in use. Use a different Federation ID.";
            return Err(integrity(text).on("FederationIdentifier"));
        }
        Ok(())
    }

    fn check_address(&self, row: &Row) -> Result<(), DmlError> {
        let domains = &self.settings.email_domains;
        if domains.is_empty() || self.seeding {
            return Ok(());
        }
        let email = stored(USER, row, "Email").as_text().unwrap_or_default().to_lowercase();
        let domain = email.rsplit('@').next().unwrap_or_default();
        if domains.iter().any(|one| one == domain) {
            return Ok(());
        }
        let text =
            format!("Invalid Email Address: Must be in domain(s) {}: Email", domains.join(", "));
        Err(integrity(&text).on("Email"))
    }

    fn check_profile(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let name =
            self.profile_of(row).and_then(|row| stored(Object::PROFILE, row, "Name").as_text());
        if name.is_some_and(|name| STANDARD_EXTERNAL.contains(&name))
            && !self.settings.standard_external_profiles
            && !self.seeding
        {
            return Err(integrity(
                "To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow using standard external profiles for self-registration, user creation, and login.",
            )
            .on("ProfileId"));
        }
        let Some(old) = old else { return Ok(()) };
        if self.license_of(old) == self.license_of(row) || self.may_move(old, row) {
            return Ok(());
        }
        Err(integrity(
            "You can only assign profiles that are compatible with the user's license. For a list of compatible licenses and profiles, see the Salesforce Help.",
        )
        .on("ProfileId"))
    }

    /// Between the member and the login variant of a licence, and from a role-less one up. Whether
    /// Customer Community Plus can go back is documented both ways; here a setting decides.
    fn may_move(&self, old: &Row, row: &Row) -> bool {
        let family = |row: &Row| {
            let name = self.license_name(self.license_of(row)?)?;
            Some(name.trim_end_matches(" Login").to_owned())
        };
        let (from, to) = (self.type_of(old), self.type_of(row));
        family(old) == family(row)
            || (from == "CspLitePortal" && matches!(to, "PowerCustomerSuccess" | "PowerPartner"))
            || (self.settings.plus_to_community
                && (from == "PowerCustomerSuccess" && to == "CspLitePortal"))
            || (from == "CspLitePortal" && to == "CspLitePortal")
    }

    fn check_contact_link(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let contact = stored(USER, row, "ContactId").as_id();
        let external = self.is_external(row);
        if let Some(old) = old {
            let before = stored(USER, old, "ContactId").as_id();
            let on = |row: &Row| stored(USER, row, "IsActive").is_true();
            let orphan = external && contact.is_none() && !self.is_external_identity(row);
            if orphan && on(row) && !on(old) {
                // Whoever was disabled does not come back; this text is that of a new user.
                let text = "Cannot create a portal user without contact";
                return Err(DmlError::new("INVALID_CROSS_REFERENCE_KEY", text).on("ContactId"));
            }
            if before == contact {
                // Roles are made below that of the account's owner. That an owner without one is
                // refused here too is assumed.
                let gets_roles = self.portal_type(old).is_none() && self.portal_type(row).is_some();
                return match contact.filter(|_| gets_roles) {
                    Some(contact) => self.check_portal_account(self.account_of_contact(contact)),
                    None => Ok(()),
                };
            }
            // Documented for contactless users alone; how others are refused is not known.
            if before.is_some() || !self.is_external_identity(old) {
                return Err(self.refuse_field(USER, "ContactId"));
            }
        }
        let Some(contact) = contact else {
            return if external && !self.is_external_identity(row) {
                let text = "Cannot create a portal user without contact";
                Err(DmlError::new("INVALID_CROSS_REFERENCE_KEY", text).on("ContactId"))
            } else {
                Ok(())
            };
        };
        if !external {
            let text = "only portal users can be associated to a contact";
            return Err(integrity(text).on("ContactId"));
        }
        if self.user_of_contact(contact).is_some() {
            return Err(DmlError::new(
                "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
                "portal user already exists for contact",
            ));
        }
        self.check_portal_account(self.account_of_contact(contact))
    }

    fn account_of_contact(&self, contact: Id) -> Option<Id> {
        stored(Object::CONTACT, self.row(Object::CONTACT, contact)?, "AccountId").as_id()
    }

    /// The portal user of a contact, active or not.
    pub(super) fn user_of_contact(&self, contact: Id) -> Option<&Row> {
        self.lookup(USER, "ContactId", &Value::Id(contact)).next()
    }

    /// An account whose contacts may sign in has an owner inside, with a role.
    pub(super) fn check_portal_account(&self, account: Option<Id>) -> Result<(), DmlError> {
        let Some(account) = account.and_then(|id| self.row(Object::ACCOUNT, id)) else {
            // Documented as an error; this text is known from the user interface.
            return Err(integrity(
                "A portal user's contact record must include an account. Furthermore, the owner of the account must be associated with a role.",
            )
            .on("AccountId"));
        };
        let owner = stored(Object::ACCOUNT, account, "OwnerId").as_id();
        let owner = owner.and_then(|id| self.row(USER, id));
        if owner.is_some_and(|owner| self.is_external(owner)) {
            let text = "portal users cannot own partner accounts";
            return Err(DmlError::new("UNKNOWN_EXCEPTION", text));
        }
        if owner.is_none_or(|owner| stored(USER, owner, "UserRoleId").is_null()) {
            let text = "portal account owner must have a role";
            return Err(DmlError::new("UNKNOWN_EXCEPTION", text));
        }
        Ok(())
    }

    /// Switching portal access off cannot be undone: the contact is cleared, the user inactive, the
    /// username free again. The form of the new username is not documented.
    fn disable(&self, row: &mut Row, old: Option<&Row>) {
        let enabled = |row: &Row| stored(USER, row, "IsPortalEnabled").is_true();
        let has_contact = !stored(USER, row, "ContactId").is_null();
        match old {
            None => store(USER, row, "IsPortalEnabled", Value::Bool(has_contact)),
            Some(old) if enabled(old) && !enabled(row) => {
                let username = stored(USER, row, "Username").as_text().unwrap_or_default();
                let mut number = self.table(USER).map_or(0, |table| table.serial);
                let mut renamed = format!("disabled{number}.{username}");
                let taken = |name: &str| {
                    Key::of(&Value::text(name)).is_some()
                        && self.lookup(USER, "Username", &Value::text(name)).next().is_some()
                };
                while taken(&renamed) {
                    number += 1;
                    renamed = format!("disabled{number}.{username}");
                }
                store(USER, row, "Username", Value::text(&renamed));
                store(USER, row, "ContactId", Value::Null);
                store(USER, row, "IsActive", Value::Bool(false));
            }
            Some(_) if has_contact && old.is_some_and(|old| !enabled(old)) => {
                store(USER, row, "IsPortalEnabled", Value::Bool(true));
            }
            Some(_) => {}
        }
    }

    /// Some people cannot be switched off while setup refers to them. The code is not documented.
    fn check_deactivation(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let active = |row: &Row| stored(USER, row, "IsActive").is_true();
        let off = old.is_some_and(active) && !active(row);
        let named = own_id(row).is_some_and(|id| self.settings.case_owners.contains(&id));
        if off && named {
            return Err(integrity(
                "You cannot deactivate this user. You cannot deactivate a user who is the default owner of cases",
            ));
        }
        Ok(())
    }

    /// An address that somebody else changes is unverified for people outside; for people inside it
    /// stays what it was until they confirm. Source: Salesforce Help, article 005103627.
    fn verify_email(&mut self, row: &mut Row, old: Option<&Row>) {
        let Some(old) = old.filter(|_| !self.seeding) else { return };
        if stored(USER, old, "Email") == stored(USER, row, "Email") {
            return;
        }
        if self.is_external(row) {
            store(USER, row, "HasUserVerifiedEmail", Value::Bool(false));
        } else {
            let before = stored(USER, old, "Email").clone();
            let text = format!(
                "Email change attempted for user {} (UserID: [{}]) from {} to {}",
                full_name(USER, row),
                own_id(row).map(|id| id.short().to_owned()).unwrap_or_default(),
                before.as_text().unwrap_or("null"),
                stored(USER, row, "Email").as_text().unwrap_or("null"),
            );
            store(USER, row, "Email", before);
            self.audit("useremailchangesent", "Manage Users", &text);
        }
    }

    /// The licence that a user's profile belongs to.
    pub(super) fn license_of(&self, user: &Row) -> Option<Id> {
        stored(Object::PROFILE, self.profile_of(user)?, "UserLicenseId").as_id()
    }

    pub(super) fn license_name(&self, license: Id) -> Option<&str> {
        stored(Object::USER_LICENSE, self.row(Object::USER_LICENSE, license)?, "Name").as_text()
    }

    pub(super) fn type_of(&self, user: &Row) -> &str {
        let profile = self.profile_of(user);
        profile
            .and_then(|row| stored(Object::PROFILE, row, "UserType").as_text())
            .unwrap_or_default()
    }

    pub(super) fn is_external(&self, user: &Row) -> bool {
        is_outside(self.type_of(user))
    }

    fn is_external_identity(&self, user: &Row) -> bool {
        self.license_of(user).and_then(|id| self.license_name(id)) == Some("External Identity")
    }

    /// Every user has a login, and an assignment of the set that their profile owns.
    pub(super) fn after_user_insert(&mut self, user: Id) {
        self.add(Object::USER_LOGIN, [("UserId", Value::Id(user))]);
        self.assign_profile_set(user);
        self.mark_account(user);
        self.give_portal_role(user);
        self.audit_user(user, None);
        self.join_sites(user);
    }

    pub(super) fn after_user_update(&mut self, user: Id, old: &Row) {
        let Some(row) = self.row(USER, user) else { return };
        let moved = stored(USER, row, "ProfileId") != stored(USER, old, "ProfileId");
        let on =
            stored(USER, row, "IsActive").is_true() && !stored(USER, old, "IsActive").is_true();
        if moved {
            self.exchange_profile_set(user, old);
        }
        // A level that was asked for has no role yet.
        self.give_portal_role(user);
        if moved || on {
            self.leave_sites(user, moved);
            self.join_sites(user);
        }
        self.mail_about_update(user, old, on);
        self.audit_user(user, Some(old));
    }

    fn profile_set(&self, user: &Row) -> Option<Id> {
        let profile = stored(USER, user, "ProfileId");
        self.lookup(Object::PERMISSION_SET, "ProfileId", profile).next().and_then(own_id)
    }

    fn assign_profile_set(&mut self, user: Id) {
        if let Some(set) = self.row(USER, user).and_then(|row| self.profile_set(row)) {
            let values = [("AssigneeId", Value::Id(user)), ("PermissionSetId", Value::Id(set))];
            self.add(Object::PERMISSION_SET_ASSIGNMENT, values);
        }
    }

    fn exchange_profile_set(&mut self, user: Id, old: &Row) {
        let object = Object::PERMISSION_SET_ASSIGNMENT;
        let set = self.profile_set(old).map(Value::Id);
        let held = self.lookup(object, "AssigneeId", &Value::Id(user)).find(|row| {
            set.as_ref().is_some_and(|set| stored(object, row, "PermissionSetId") == set)
        });
        if let Some(id) = held.and_then(own_id) {
            self.remove(object, id);
        }
        self.assign_profile_set(user);
    }
}
