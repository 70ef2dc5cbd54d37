//! Sessions and refresh tokens: who is signed in, and who may come back.
//! Source: tokens have the form of those of real orgs, fifteen characters of the org's id, `!`, and
//! a secret.

use std::collections::HashMap;

use jiff::Timestamp;

use super::id::Id;
use super::store::Actor;

/// How many refresh tokens of one user and app are good at a time: a further one ends the oldest.
/// Source: Salesforce Help, "Manage OAuth Access Policies for a Connected App".
const GRANTS: usize = 5;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) actor: Actor,
    /// Whether the session may use the REST API.
    pub(super) api: bool,
    /// When it was used last.
    pub(super) used: Timestamp,
}

/// Somebody who may come back without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) token: String,
    /// The consumer key of the app.
    pub(super) app: String,
    pub(super) user: Id,
}

/// The open sessions of an org.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: HashMap<String, Session>,
    grants: Vec<Grant>,
    serial: u64,
    org: String,
}

impl Sessions {
    pub(super) fn new(org: Option<Id>) -> Self {
        let org = org.map(|id| id.short().to_owned()).unwrap_or_default();
        Self { org, ..Self::default() }
    }

    /// Opens a session. The tokens protect nothing, so they follow from their number.
    pub(super) fn open(&mut self, session: Session) -> String {
        self.serial += 1;
        let number = if self.serial == 1 { String::new() } else { self.serial.to_string() };
        let token = format!("{}!AQ0AQEmulatedSession{number}", self.org);
        self.open.insert(token.clone(), session);
        token
    }

    /// Who came with a token.
    pub(super) fn get(&self, token: &str) -> Option<&Session> {
        self.open.get(token)
    }

    /// Activity keeps a session open.
    pub(super) fn touch(&mut self, token: &str, now: Timestamp) {
        if let Some(session) = self.open.get_mut(token) {
            session.used = now;
        }
    }

    /// Lets a user of an app come back.
    pub(super) fn grant(&mut self, app: &str, user: Id) -> String {
        self.serial += 1;
        let token = format!("5Aep861EmulatedRefreshToken{}", self.serial);
        let same: Vec<String> = self
            .grants
            .iter()
            .filter(|grant| grant.app == app && grant.user == user)
            .map(|grant| grant.token.clone())
            .collect();
        if same.len() >= GRANTS {
            self.grants.retain(|grant| Some(&grant.token) != same.first());
        }
        self.grants.push(Grant { token: token.clone(), app: app.to_owned(), user });
        token
    }

    /// Who may come back with a refresh token.
    pub(super) fn granted(&self, token: &str) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.token == token)
    }

    /// Trades a refresh token for a new one.
    pub(super) fn replace(&mut self, token: &str) -> Option<String> {
        let at = self.grants.iter().position(|grant| grant.token == token)?;
        let grant = self.grants.remove(at);
        Some(self.grant(&grant.app, grant.user))
    }

    /// Ends a session, or a refresh token with the sessions of its user; false, if there was none.
    pub(super) fn close(&mut self, token: &str) -> bool {
        if self.open.remove(token).is_some() {
            return true;
        }
        let Some(at) = self.grants.iter().position(|grant| grant.token == token) else {
            return false;
        };
        let grant = self.grants.remove(at);
        self.open.retain(|_, session| session.actor.user != Some(grant.user));
        true
    }

    /// Ends all sessions. Who may come back still may.
    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }
}
