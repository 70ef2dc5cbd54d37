//! Rules of users.
//!
//! Source: Object Reference, User; Salesforce Help, articles 000385901 (owner's role) and 000386999
//! (licence moves). Texts as orgs send them.

use super::{Org, Row, blank, store, stored};
use crate::emulator::error::DmlError;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const USER: Object = Object::User;

/// Profiles that Salesforce ships for external licences.
const STANDARD_EXTERNAL: [&str; 12] = [
    "Customer Community User",
    "Customer Community Login User",
    "Customer Community Plus User",
    "Customer Community Plus Login User",
    "Partner Community User",
    "Partner Community Login User",
    "External Apps Login User",
    "External Apps Plus User",
    "External Identity User",
    "High Volume Customer Portal User",
    "Gold Partner User",
    "Silver Partner User",
];

impl Org {
    pub(super) fn check_user(&self, row: &mut Row, old: Option<&Row>) -> Result<(), DmlError> {
        self.check_names(row, old)?;
        self.check_profile(row, old)?;
        if old.is_none() {
            self.check_contact_link(row)?;
        }
        self.disable(row, old);
        let license = self.license_of(row);
        let seated =
            |row: &Row| stored(USER, row, "IsActive").is_true().then(|| self.license_of(row));
        let before = old.and_then(seated).flatten();
        if let (Some(after), Some(license)) = (seated(row).flatten(), license)
            && before != Some(after)
        {
            self.check_seat(license)?;
        }
        if old.is_none() && stored(USER, row, "CommunityNickname").is_null() {
            // The platform makes one up; its form is not documented.
            let number = self.table(USER).map_or(0, |table| table.serial) + 1;
            store(USER, row, "CommunityNickname", Value::text(&format!("User{number:012}")));
        }
        Ok(())
    }

    fn check_names(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let own = old.and_then(|old| stored(USER, old, "Id").as_id());
        let username = stored(USER, row, "Username").as_text().unwrap_or_default();
        if !super::write::looks_like_address(username) {
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "Username must be in the form of an email address (for example, john@acme.com)",
            )
            .on("Username"));
        }
        let taken = |names: &std::collections::HashMap<String, Id>, field| {
            stored(USER, row, field)
                .as_text()
                .and_then(|name| names.get(&name.to_lowercase()))
                .is_some_and(|holder| Some(*holder) != own)
        };
        if taken(&self.index.usernames, "Username") {
            return Err(DmlError::new(
                "DUPLICATE_USERNAME",
                "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address). ",
            )
            .on("Username"));
        }
        if taken(&self.index.nicknames, "CommunityNickname") {
            return Err(DmlError::new(
                "DUPLICATE_COMM_NICKNAME",
                "Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another.",
            )
            .on("CommunityNickname"));
        }
        if taken(&self.index.federation_ids, "FederationIdentifier") {
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "This Federation ID is already in use. Use a different Federation ID.",
            )
            .on("FederationIdentifier"));
        }
        Ok(())
    }

    fn check_profile(&self, row: &Row, old: Option<&Row>) -> Result<(), DmlError> {
        let profile = stored(USER, row, "ProfileId").as_id();
        let name = profile
            .and_then(|id| self.row(Object::Profile, id))
            .and_then(|row| stored(Object::Profile, row, "Name").as_text());
        if name.is_some_and(|name| STANDARD_EXTERNAL.contains(&name))
            && !self.knobs.standard_external_profiles
        {
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow using standard external profiles for self-registration, user creation, and login.",
            )
            .on("ProfileId"));
        }
        let Some(old) = old else { return Ok(()) };
        let (from, to) = (self.license_of(old), self.license_of(row));
        if from == to || self.may_move(old, row) {
            return Ok(());
        }
        Err(DmlError::new(
            "FIELD_INTEGRITY_EXCEPTION",
            "You can only assign profiles that are compatible with the user's license. For a list of compatible licenses and profiles, see the Salesforce Help.",
        )
        .on("ProfileId"))
    }

    /// Between the member and the login variant of a licence, and from a role-less one up. Whether
    /// Customer Community Plus can go back is documented both ways; here it cannot.
    fn may_move(&self, old: &Row, row: &Row) -> bool {
        let family = |row: &Row| {
            let license = self.row(Object::UserLicense, self.license_of(row)?)?;
            let name = stored(Object::UserLicense, license, "Name").as_text()?;
            Some(name.trim_end_matches(" Login").to_owned())
        };
        let (from, to) = (self.type_of(old), self.type_of(row));
        family(old) == family(row)
            || (from == "CspLitePortal" && matches!(&*to, "PowerCustomerSuccess" | "PowerPartner"))
    }

    fn check_contact_link(&self, row: &Row) -> Result<(), DmlError> {
        let contact = stored(USER, row, "ContactId").as_id();
        let kind = self.type_of(row);
        let portal = matches!(
            &*kind,
            "CspLitePortal" | "PowerCustomerSuccess" | "CustomerSuccess" | "PowerPartner"
        );
        let Some(contact) = contact else {
            return if portal && !self.is_external_identity(row) {
                Err(DmlError::new(
                    "INVALID_CROSS_REFERENCE_KEY",
                    "Cannot create a portal user without contact",
                )
                .on("ContactId"))
            } else {
                Ok(())
            };
        };
        if !portal {
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "only portal users can be associated to a contact",
            )
            .on("ContactId"));
        }
        if self.index.contacts.contains_key(&contact) {
            return Err(DmlError::new(
                "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
                "portal user already exists for contact",
            ));
        }
        self.check_account(contact)
    }

    fn check_account(&self, contact: Id) -> Result<(), DmlError> {
        let account = self
            .row(Object::Contact, contact)
            .and_then(|row| stored(Object::Contact, row, "AccountId").as_id())
            .and_then(|id| self.row(Object::Account, id));
        let Some(account) = account else {
            // Documented as an error; this text is known from the user interface.
            return Err(DmlError::new(
                "FIELD_INTEGRITY_EXCEPTION",
                "A portal user's contact record must include an account. Furthermore, the owner of the account must be associated with a role.",
            )
            .on("AccountId"));
        };
        let owner = stored(Object::Account, account, "OwnerId").as_id();
        let owner = owner.and_then(|id| self.row(USER, id));
        if owner.is_none_or(|owner| stored(USER, owner, "UserRoleId").is_null()) {
            return Err(DmlError::new(
                "UNKNOWN_EXCEPTION",
                "portal account owner must have a role",
            ));
        }
        Ok(())
    }

    /// Switching portal access off cannot be undone: the contact is cleared, the user inactive, the
    /// username free again. Source: Salesforce Help, "Disable or Deactivate an Experience Cloud
    /// User"; the form of the new username is not documented.
    fn disable(&self, row: &mut Row, old: Option<&Row>) {
        let enabled = |row: &Row| stored(USER, row, "IsPortalEnabled").is_true();
        let has_contact = !stored(USER, row, "ContactId").is_null();
        match old {
            None => store(USER, row, "IsPortalEnabled", Value::Bool(has_contact)),
            Some(old) if enabled(old) && !enabled(row) => {
                let username = stored(USER, row, "Username").as_text().unwrap_or_default();
                let number = self.table(USER).map_or(0, |table| table.serial);
                let renamed = format!("disabled{number}.{username}");
                store(USER, row, "Username", Value::text(&renamed));
                store(USER, row, "ContactId", Value::Null);
                store(USER, row, "IsActive", Value::Bool(false));
            }
            Some(_) => {}
        }
    }

    /// The licence that a user's profile belongs to.
    pub(super) fn license_of(&self, user: &Row) -> Option<Id> {
        let profile = self.row(Object::Profile, stored(USER, user, "ProfileId").as_id()?)?;
        stored(Object::Profile, profile, "UserLicenseId").as_id()
    }

    fn type_of(&self, user: &Row) -> String {
        self.user_type(user).as_text().unwrap_or_default().to_owned()
    }

    fn is_external_identity(&self, user: &Row) -> bool {
        self.license_of(user)
            .and_then(|id| self.row(Object::UserLicense, id))
            .and_then(|row| stored(Object::UserLicense, row, "Name").as_text())
            == Some("External Identity")
    }

    /// Every user has a login, and an assignment of the set that their profile owns.
    pub(super) fn after_user_insert(&mut self, user: Id) {
        let mut login = blank(Object::UserLogin);
        let id = self.next_id(Object::UserLogin);
        store(Object::UserLogin, &mut login, "Id", Value::Id(id));
        store(Object::UserLogin, &mut login, "UserId", Value::Id(user));
        self.add(Object::UserLogin, id, login);
        let profile = self.row(USER, user).and_then(|row| stored(USER, row, "ProfileId").as_id());
        let owned = self.rows(Object::PermissionSet).find(|set| {
            profile.is_some() && stored(Object::PermissionSet, set, "ProfileId").as_id() == profile
        });
        let Some(set) = owned.and_then(|set| stored(Object::PermissionSet, set, "Id").as_id())
        else {
            return;
        };
        let object = Object::PermissionSetAssignment;
        let mut row = blank(object);
        let id = self.next_id(object);
        store(object, &mut row, "Id", Value::Id(id));
        store(object, &mut row, "AssigneeId", Value::Id(user));
        store(object, &mut row, "PermissionSetId", Value::Id(set));
        self.add(object, id, row);
    }

    /// A record that the platform makes by itself.
    fn add(&mut self, object: Object, id: Id, mut row: Row) {
        self.stamp(object, &mut row, true);
        self.index.add(object, &row);
        if let Some(table) = self.table_mut(object) {
            table.by_id.insert(id, table.rows.len());
            table.rows.push(Some(row));
        }
    }
}
