//! Sites, and who is let in.
//!
//! Source: Object Reference, `Network` and `NetworkMemberGroup`: a user is a member of a site if
//! their profile, or a permission set that is assigned to them, was added to it. A login without
//! "Create and Set Up Experiences", "View All Data" or "Modify All Data" sees only its own sites.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::RecordId;

/// What is known of the org's sites.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sites {
    /// None can be seen, which does not mean that there are none.
    #[default]
    Invisible,
    /// These can be seen, at least one.
    Seen(Vec<Site>),
}

impl Sites {
    /// Those that can be seen.
    pub fn seen(&self) -> &[Site] {
        match self {
            Self::Invisible => &[],
            Self::Seen(sites) => sites,
        }
    }
}

/// A site: a `Network`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: Arc<str>,
    /// Whether people can sign in: its status is `Live`.
    pub live: bool,
    /// Whether new members get a welcome mail.
    pub welcomes: bool,
    /// The profiles and permission sets whose people are let in.
    pub admits: BTreeSet<RecordId>,
}
