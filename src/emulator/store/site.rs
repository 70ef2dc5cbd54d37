//! Sites: who is a member, and the mails that come with it.
//!
//! Source: Object Reference, `Network`, `NetworkMember`, `NetworkMemberGroup`; Salesforce Help,
//! "External Member Login Info" (the welcome mail goes with the membership, whatever made it) and
//! article 000390958 (people who opted out of processing do not become members).

use super::{Mail, MailKind, Org, Row, own_id, store, stored};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::value::Value;

const NETWORK: Object = Object::NETWORK;
const MEMBER: Object = Object::NETWORK_MEMBER;
const VIA: Object = Object::NETWORK_MEMBER_GROUP;

/// A way into a site is open from the beginning.
pub(super) fn check_member_group(row: &mut Row) {
    if stored(VIA, row, "AssignmentStatus").is_null() {
        store(VIA, row, "AssignmentStatus", Value::text("Added"));
    }
}

impl Org {
    /// Makes a user a member of every site that admits them. Whether a permission set of a group
    /// admits is not documented; here only sets assigned by themselves do.
    pub(super) fn join_sites(&mut self, user: Id) {
        // Most orgs that people are loaded into let them in later.
        if self.rows(VIA).next().is_none() {
            return;
        }
        let Some(row) = self.row(Object::USER, user) else { return };
        if !stored(Object::USER, row, "IsActive").is_true() || self.opted_out(row) {
            return;
        }
        let mut admits = vec![stored(Object::USER, row, "ProfileId").clone()];
        let assignment = Object::PERMISSION_SET_ASSIGNMENT;
        for held in self.lookup(assignment, "AssigneeId", &Value::Id(user)) {
            if stored(assignment, held, "PermissionSetGroupId").is_null() {
                admits.push(stored(assignment, held, "PermissionSetId").clone());
            }
        }
        for site in self.sites_admitting(&admits) {
            let there = self
                .lookup(MEMBER, "MemberId", &Value::Id(user))
                .any(|row| stored(MEMBER, row, "NetworkId").as_id() == Some(site));
            if !there {
                let values = [("NetworkId", Value::Id(site)), ("MemberId", Value::Id(user))];
                self.add(MEMBER, values);
                self.welcome(user, site);
            }
        }
    }

    fn sites_admitting(&self, keys: &[Value]) -> Vec<Id> {
        let via = self.rows(VIA).filter(|row| {
            stored(VIA, row, "AssignmentStatus").as_text() == Some("Added")
                && keys.contains(stored(VIA, row, "ParentId"))
        });
        let mut sites: Vec<Id> =
            via.filter_map(|row| stored(VIA, row, "NetworkId").as_id()).collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    /// A profile change may take memberships away: sources differ, so a setting decides.
    pub(super) fn leave_sites(&mut self, user: Id, moved: bool) {
        if !moved || !self.settings.profile_change_removes_members {
            return;
        }
        let gone: Vec<Id> =
            self.lookup(MEMBER, "MemberId", &Value::Id(user)).filter_map(own_id).collect();
        for id in gone {
            self.remove(MEMBER, id);
        }
    }

    fn opted_out(&self, user: &Row) -> bool {
        let individual = |object: Object, row: &Row| {
            let id = stored(object, row, "IndividualId").as_id();
            id.and_then(|id| self.row(Object::INDIVIDUAL, id)).is_some_and(|row| {
                stored(Object::INDIVIDUAL, row, "HasOptedOutProcessing").is_true()
                    || stored(Object::INDIVIDUAL, row, "ShouldForget").is_true()
            })
        };
        let contact = stored(Object::USER, user, "ContactId").as_id();
        let contact = contact.and_then(|id| self.row(Object::CONTACT, id));
        individual(Object::USER, user)
            || contact.is_some_and(|row| individual(Object::CONTACT, row))
    }

    /// A site that gets a profile or a permission set takes its people in.
    pub(super) fn spread_members(&mut self, id: Id) {
        if self.seeding {
            return;
        }
        let Some(parent) = self.row(VIA, id).map(|row| stored(VIA, row, "ParentId").clone()) else {
            return;
        };
        let users: Vec<Id> = match parent.as_id().map(|id| id.prefix().to_owned()).as_deref() {
            Some("0PS") => {
                let object = Object::PERMISSION_SET_ASSIGNMENT;
                let held = self
                    .rows(object)
                    .filter(|row| *stored(object, row, "PermissionSetId") == parent);
                held.filter_map(|row| stored(object, row, "AssigneeId").as_id()).collect()
            }
            _ => self
                .rows(Object::USER)
                .filter(|row| *stored(Object::USER, row, "ProfileId") == parent)
                .filter_map(own_id)
                .collect(),
        };
        for user in users {
            self.join_sites(user);
        }
    }

    fn welcome(&mut self, user: Id, site: Id) {
        let Some(row) = self.row(NETWORK, site) else { return };
        let live = stored(NETWORK, row, "Status").as_text() == Some("Live");
        if live && stored(NETWORK, row, "OptionsSendWelcomeEmail").is_true() {
            let name = stored(NETWORK, row, "Name").as_text().unwrap_or_default().to_owned();
            self.mail(MailKind::Welcome, user, Some(name));
        }
    }

    /// Sends a mail to a user's address.
    pub(in crate::emulator) fn mail(&mut self, kind: MailKind, user: Id, site: Option<String>) {
        let Some(row) = self.row(Object::USER, user).filter(|_| !self.seeding) else { return };
        let to = stored(Object::USER, row, "Email").as_text().unwrap_or_default().to_owned();
        self.outbox.push(Mail { kind, user, to, at: self.now(), site });
        self.changed = true;
    }

    pub(super) fn mail_about_update(&mut self, user: Id, old: &Row, on: bool) {
        let Some(row) = self.row(Object::USER, user) else { return };
        let name = |row: &Row| stored(Object::USER, row, "Username").clone();
        let disabled = stored(Object::USER, old, "IsPortalEnabled").is_true()
            && !stored(Object::USER, row, "IsPortalEnabled").is_true();
        if name(row) != name(old) && !disabled {
            self.mail(MailKind::Username, user, None);
        }
        if on && self.settings.reactivation_mail {
            self.mail(MailKind::Reactivation, user, None);
        }
    }
}
