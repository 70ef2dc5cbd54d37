//! What has to be unique, and what has to be counted, without looking at every record.

use std::collections::{HashMap, HashSet};

use super::{Row, stored};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;

/// The indexes of an org.
#[derive(Default)]
pub(super) struct Index {
    pub(super) usernames: HashMap<String, Id>,
    pub(super) nicknames: HashMap<String, Id>,
    pub(super) federation_ids: HashMap<String, Id>,
    /// The portal user of each contact, active or not.
    pub(super) contacts: HashMap<Id, Id>,
    /// Active users of each profile.
    pub(super) active: HashMap<Id, i64>,
    pub(super) assignments: HashSet<(Id, Id)>,
}

impl Index {
    pub(super) fn add(&mut self, object: Object, row: &Row) {
        match object {
            Object::User => self.user(row, true),
            Object::PermissionSetAssignment => {
                self.assignments.extend(assignment(row));
            }
            _ => {}
        }
    }

    pub(super) fn remove(&mut self, object: Object, row: &Row) {
        match object {
            Object::User => self.user(row, false),
            Object::PermissionSetAssignment => {
                if let Some(pair) = assignment(row) {
                    self.assignments.remove(&pair);
                }
            }
            _ => {}
        }
    }

    fn user(&mut self, row: &Row, there: bool) {
        let Some(id) = stored(Object::User, row, "Id").as_id() else { return };
        for (names, field) in [
            (&mut self.usernames, "Username"),
            (&mut self.nicknames, "CommunityNickname"),
            (&mut self.federation_ids, "FederationIdentifier"),
        ] {
            if let Some(name) = stored(Object::User, row, field).as_text() {
                let key = name.to_lowercase();
                if there {
                    names.insert(key, id)
                } else {
                    names.remove(&key)
                };
            }
        }
        if let Some(contact) = stored(Object::User, row, "ContactId").as_id() {
            if there {
                self.contacts.insert(contact, id)
            } else {
                self.contacts.remove(&contact)
            };
        }
        if let Some(profile) = stored(Object::User, row, "ProfileId").as_id()
            && stored(Object::User, row, "IsActive").is_true()
        {
            *self.active.entry(profile).or_default() += if there { 1 } else { -1 };
        }
    }
}

fn assignment(row: &Row) -> Option<(Id, Id)> {
    let id = |name| stored(Object::PermissionSetAssignment, row, name).as_id();
    Some((id("AssigneeId")?, id("PermissionSetId")?))
}
