//! What the files said when a plan was made, as fingerprints: enough to tell whether they still say
//! it, and nothing that could be read.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::model::{Desired, DesiredUser, Place, Policy, Shared, Username};
use crate::plan::Plan;

/// Fingerprints of the declarations behind a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Of the project's settings.
    settings: String,
    /// Of the users in the plan, by username.
    users: BTreeMap<String, String>,
}

/// Declarations that are not what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// Ownership, safety, licences or another table of the project file.
    Settings,
    /// A user's entry, or what it inherits.
    User(Username),
}

impl Declared {
    /// The fingerprints of what this plan was made from.
    pub fn of(plan: &Plan, desired: &Desired, policy: &Policy) -> Self {
        let planned = plan.changes.iter().map(|change| change.username.key());
        let mut users: BTreeMap<String, String> =
            planned.map(|name| (name, String::new())).collect();
        for user in &desired.users {
            if let Some(print) = users.get_mut(&user.username.key()) {
                *print = of_user(user);
            }
        }
        Self { settings: of_settings(policy), users }
    }

    /// What has been edited since, as far as the plan is concerned.
    pub fn edited(&self, plan: &Plan, desired: &Desired, policy: &Policy) -> Vec<Edited> {
        let now = Self::of(plan, desired, policy);
        let mut edited = Vec::new();
        if now.settings != self.settings {
            edited.push(Edited::Settings);
        }
        for change in &plan.changes {
            let name = change.username.key();
            if now.users.get(&name) != self.users.get(&name) {
                edited.push(Edited::User(change.username.clone()));
            }
        }
        edited
    }
}

/// A line that moved is not an edit.
fn nowhere() -> Place {
    Place { file: "".into(), line: 0, column: 0, start: 0, end: 0 }
}

fn of_user(user: &DesiredUser) -> String {
    fingerprint(&Entry(user))
}

/// What is declared of a user, wherever it stands. Names and order are part of the format of saved
/// plans, so they are written down here and do not follow the type.
struct Entry<'a>(&'a DesiredUser);

impl Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DesiredUser {
            username,
            place: _,
            account,
            contact,
            profile,
            fields,
            custom,
            contact_custom,
            on_create,
            state,
            starts,
            expires,
            access,
            portal_role,
            renamed_from,
            activation,
            shared,
        } = self.0;
        let Shared { zone, templates } = &**shared;
        f.debug_struct("DesiredUser")
            .field("username", username)
            .field("place", &nowhere())
            .field("account", account)
            .field("contact", contact)
            .field("profile", profile)
            .field("fields", fields)
            .field("custom", custom)
            .field("contact_custom", contact_custom)
            .field("on_create", on_create)
            .field("state", state)
            .field("starts", starts)
            .field("expires", expires)
            .field("zone", zone)
            .field("access", access)
            .field("portal_role", portal_role)
            .field("renamed_from", renamed_from)
            .field("activation", activation)
            .field("templates", templates)
            .finish()
    }
}

fn of_settings(policy: &Policy) -> String {
    let mut policy = policy.clone();
    for allow in &mut policy.allows {
        allow.place = nowhere();
    }
    fingerprint(&policy)
}

fn fingerprint(value: &impl Debug) -> String {
    hex(digest(&SHA256, format!("{value:?}").as_bytes()).as_ref())
}

/// `sha256:` and hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let text = digits.filter_map(|half| char::from_digit(u32::from(half), 16));
    "sha256:".chars().chain(text).collect()
}
