//! Sessions: who is signed in.
//! Source: tokens have the form of those of real orgs, fifteen characters of the org's id, `!`, and
//! a secret.

use std::collections::HashMap;

use super::id::Id;
use super::store::Actor;

/// The open sessions of an org.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: HashMap<String, Actor>,
    serial: u64,
    org: String,
}

impl Sessions {
    pub(super) fn new(org: Option<Id>) -> Self {
        let org = org.map(|id| id.short().to_owned()).unwrap_or_default();
        Self { org, ..Self::default() }
    }

    /// Opens a session. The tokens protect nothing, so they follow from their number.
    pub(super) fn open(&mut self, actor: Actor) -> String {
        self.serial += 1;
        let number = if self.serial == 1 { String::new() } else { self.serial.to_string() };
        let token = format!("{}!AQ0AQEmulatedSession{number}", self.org);
        self.open.insert(token.clone(), actor);
        token
    }

    /// Who came with a token.
    pub(super) fn get(&self, token: &str) -> Option<&Actor> {
        self.open.get(token)
    }

    /// Ends a session; false, if it was not open.
    pub(super) fn close(&mut self, token: &str) -> bool {
        self.open.remove(token).is_some()
    }

    /// Ends them all.
    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }
}
