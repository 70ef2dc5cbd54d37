//! What an org knows of who changed what: read apart from its state, as it decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{ContactId, UserId};

/// The evidence about some users and their contacts.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Who changed a `User` last. Any field counts; a login does not.
    pub users: BTreeMap<UserId, Trace>,
    /// Who changed a `Contact` last.
    pub contacts: BTreeMap<ContactId, Trace>,
    /// Who changed a `UserLogin` last: a freeze, or its end.
    pub logins: BTreeMap<UserId, Trace>,
    /// The setup audit trail about users, newest first.
    pub trail: Vec<TrailRow>,
    /// Why there is no trail, if it could not be read.
    pub no_trail: Option<String>,
}

/// Somebody who did something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// Their id.
    pub id: Option<UserId>,
    /// Their name.
    pub name: Option<Arc<str>>,
    /// Their username.
    pub username: Option<Arc<str>>,
}

/// A last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Who.
    pub by: Author,
    /// When.
    pub at: Option<Timestamp>,
}

/// A row of `SetupAuditTrail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailRow {
    /// When.
    pub at: Timestamp,
    /// Whose session it was.
    pub by: Author,
    /// Who was logged in as them, if somebody was: a username.
    pub delegate: Option<Arc<str>>,
    /// What was done, as the org's own word: the same in every language.
    pub action: Box<str>,
    /// The same for people, in the language of the login.
    pub display: Box<str>,
}
