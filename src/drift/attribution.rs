//! Which evidence speaks for which difference.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{
    AccessKind, Author, ContactId, Current, Evidence, SetName, Trace, TrailRow, UserId,
};
use crate::plan::{Action, Change, ContactStep, Object, Plan, Reason, SetChanges, Subject};

use super::trail::{Found, Person, Trail, names};

/// Who changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedBy {
    /// Their name.
    pub name: Option<Arc<str>>,
    /// Their username.
    pub username: Option<Arc<str>>,
    /// When.
    pub at: Option<Timestamp>,
    /// How that is known.
    pub via: Via,
    /// Whose session it was, if they were logged in as somebody else.
    pub acting_as: Option<Arc<str>>,
    /// Whether it was the person whom the change is about.
    pub themself: bool,
    /// Whether the evidence names this person and this difference beyond doubt.
    pub certain: bool,
}

/// The kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// `SetupAuditTrail`.
    AuditTrail,
    /// `UserLogin.LastModifiedBy`.
    UserLogin,
    /// `LastModifiedBy` of the record.
    LastModified,
}

impl Via {
    /// The word for JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuditTrail => "setup-audit-trail",
            Self::UserLogin => "user-login",
            Self::LastModified => "last-modified",
        }
    }
}

/// A difference of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The action itself: active, frozen, there at all.
    State,
    /// A field, by its position in the change.
    Field(usize),
    /// Something held.
    Access(AccessKind),
}

/// Who changed one person, difference by difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The differences in the order of the change.
    pub parts: Vec<(Part, Option<ChangedBy>)>,
}

impl Attribution {
    /// Who is named for the whole: who changed the state; else who was last.
    pub fn main(&self) -> Option<&ChangedBy> {
        let state = self.parts.iter().find(|(part, _)| *part == Part::State);
        if let Some((_, by)) = state {
            return by.as_ref();
        }
        self.parts.iter().filter_map(|(_, by)| by.as_ref()).max_by_key(|by| (by.at, by.certain))
    }

    /// Who changed one difference.
    pub fn of(&self, part: Part) -> Option<Option<&ChangedBy>> {
        self.parts.iter().find(|(one, _)| *one == part).map(|(_, by)| by.as_ref())
    }

    /// Whether every difference is known to be older.
    pub fn is_before(&self, since: Timestamp) -> bool {
        !self.parts.is_empty()
            && self
                .parts
                .iter()
                .all(|(_, by)| by.as_ref().and_then(|by| by.at).is_some_and(|at| at < since))
    }
}

const ACTIVATED: &[&str] = &["activateduser"];
const DEACTIVATED: &[&str] = &["deactivateduser", "CSPUserDisabled", "PRMUserDisabled"];
const FROZEN: &[&str] = &["frozeuser"];
const UNFROZEN: &[&str] = &["unfrozeuser"];
const RENAMED: &[&str] = &["changedusername"];
const PROFILE: &[&str] = &[
    "changedprofileforuser",
    "changedprofileforusercusttostd",
    "changedprofileforuserstdtocust",
    "changedprofileforuserstdtostd",
];
const ROLE: &[&str] =
    &["changedroleforuser", "changedroleforuserfromnone", "changedroleforusertonone"];

/// The trail's words for changes of a field; none for what it does not record.
fn field_actions(field: &str) -> &'static [&'static str] {
    match field {
        "Username" => RENAMED,
        "Email" => &["changedemail"],
        "CommunityNickname" => &["changedcommunitynickname"],
        "FederationIdentifier" => &["changedfederationid"],
        "MobilePhone" => &["changedUserPhoneNumber"],
        "ProfileId" => PROFILE,
        "UserRoleId" => ROLE,
        _ => &[],
    }
}

/// The trail's words for what was taken from and given to somebody.
const fn access_actions(kind: AccessKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        AccessKind::PermissionSet => (
            &["PermSetUnassign"],
            &["PermSetAssign", "PermSetAssign_HasExpiration", "PermSetAssignmentExpirationChange"],
        ),
        AccessKind::PermissionSetGroup => (&["PermSetGroupUnassign"], &["PermSetGroupAssign"]),
        AccessKind::PermissionSetLicense => {
            (&["PermSetLicenseUnassign"], &["PermSetLicenseAssign"])
        }
        AccessKind::Group => (&["groupMembership"], &["groupMembership"]),
    }
}

/// Who made each change of the plan necessary, in the plan's order.
pub(super) fn attribute(plan: &Plan, current: &Current, evidence: &Evidence) -> Vec<Attribution> {
    let subjects: HashSet<UserId> = plan.changes.iter().filter_map(existing).collect();
    let names: HashMap<UserId, Cow<'_, str>> = current
        .users
        .iter()
        .filter(|user| subjects.contains(&user.id))
        .map(|user| (user.id, user.name()))
        .collect();
    let court = Court {
        delegates: delegates(current, evidence),
        trail: Trail::new(&evidence.trail, current, &names.values().map(|name| &**name).collect()),
        evidence,
        current,
        names,
        own: current.running_user.id,
    };
    plan.changes.iter().map(|change| court.change(change)).collect()
}

/// The names of the delegates of the trail.
fn delegates(current: &Current, evidence: &Evidence) -> HashMap<String, Arc<str>> {
    let rows = evidence.trail.iter();
    let known: HashSet<String> =
        rows.filter_map(|row| row.delegate.as_ref()).map(|name| name.to_lowercase()).collect();
    if known.is_empty() {
        return HashMap::new();
    }
    let named = current.users.iter().map(|user| (user.username.as_str().to_lowercase(), user));
    named
        .filter(|(username, _)| known.contains(username))
        .map(|(username, user)| (username, user.name().into()))
        .collect()
}

/// What the attribution of one change needs of everything else.
struct Court<'a> {
    trail: Trail<'a>,
    /// Names of those who were logged in as somebody else, by username in lower case.
    delegates: HashMap<String, Arc<str>>,
    evidence: &'a Evidence,
    current: &'a Current,
    /// What the people of the plan are called in the org, and so in the trail.
    names: HashMap<UserId, Cow<'a, str>>,
    /// The user that this program signs in as.
    own: UserId,
}

impl Court<'_> {
    fn change(&self, change: &Change) -> Attribution {
        let mut parts = Vec::new();
        if has_state(change.action) {
            parts.push((Part::State, self.state(change)));
        }
        if change.action == Action::Create {
            return Attribution { parts };
        }
        for (at, field) in change.fields.iter().enumerate() {
            let by = match field.object {
                Object::User => self.user_field(change, field.field.as_str()),
                Object::Contact => self.contact(change),
            };
            parts.push((Part::Field(at), by));
        }
        for (kind, changes) in change.access.iter() {
            if changes.is_empty() {
                continue;
            }
            let by = self.access(change, kind, changes);
            parts.push((Part::Access(kind), by));
        }
        Attribution { parts }
    }

    fn state(&self, change: &Change) -> Option<ChangedBy> {
        match change.action {
            Action::Create => {
                let declared = change.org_username.as_str().to_lowercase();
                self.renamed_away(change, &declared)
            }
            // A date that came due was nobody's doing.
            Action::Deactivate
                if change
                    .reasons
                    .iter()
                    .any(|reason| matches!(reason, Reason::Expired | Reason::NotStarted)) =>
            {
                None
            }
            Action::Deactivate => self.of_trail_or_user(change, ACTIVATED),
            Action::Reactivate => self.of_trail_or_user(change, DEACTIVATED),
            Action::Freeze => self.login(change, UNFROZEN),
            Action::Unfreeze => self.login(change, FROZEN),
            Action::Rename | Action::Adopt | Action::Update => None,
        }
    }

    /// Somebody whose declared username belonged to a user who has another one now.
    fn renamed_away(&self, change: &Change, declared: &str) -> Option<ChangedBy> {
        let nobody = Person { id: None, username: &change.org_username, name: "" };
        let from = |display: &str| {
            let words: Vec<String> = display.split(' ').map(str::to_lowercase).collect();
            let at = words.iter().position(|word| word == declared);
            // `… from OLD to NEW`: the last word is the new name.
            at.is_some_and(|at| at + 1 < words.len())
        };
        let found = self.trail.newest(RENAMED, nobody, from)?;
        self.of_found(change, Found { sure: true, ..found })
    }

    fn user_field(&self, change: &Change, field: &str) -> Option<ChangedBy> {
        self.of_trail_or_user(change, field_actions(field))
    }

    /// Who the trail names for these actions; who changed the user last, where it says nothing.
    fn of_trail_or_user(&self, change: &Change, actions: &[&str]) -> Option<ChangedBy> {
        match self.newest(change, actions) {
            Some(found) => self.of_found(change, found),
            None => self.last_of_user(change),
        }
    }

    /// Who gave or took what somebody holds. A row that names another set says nothing about this.
    fn access(&self, change: &Change, kind: AccessKind, changes: &SetChanges) -> Option<ChangedBy> {
        let (taken, given) = access_actions(kind);
        let sets = (changes.add.iter().map(|set| (&set.name, taken)))
            .chain(changes.remove.iter().map(|set| (&set.name, given)))
            .chain(changes.change.iter().map(|set| (&set.name, given)));
        let found: Vec<Option<ChangedBy>> = sets
            .map(|(set, actions)| {
                let person = self.person(change);
                let named = |display: &str| names(display, set.as_str());
                let unnamed = |display: &str| !self.names_any(kind, display);
                let found = self.trail.newest(actions, person, named).or_else(|| {
                    let found = self.trail.newest(actions, person, unnamed)?;
                    Some(Found { sure: false, ..found })
                })?;
                self.of_found(change, found)
            })
            .collect();
        let same = |by: &ChangedBy| {
            let other = |one: &Option<ChangedBy>| {
                one.as_ref()
                    .is_none_or(|one| (&one.username, &one.name) != (&by.username, &by.name))
            };
            !found.iter().any(other)
        };
        let newest = found.iter().flatten().max_by_key(|by| by.at)?;
        Some(ChangedBy { certain: newest.certain && same(newest), ..newest.clone() })
    }

    /// Whether a text names any set of the org.
    fn names_any(&self, kind: AccessKind, display: &str) -> bool {
        let any = |mut sets: &mut dyn Iterator<Item = &SetName>| {
            (&mut sets).any(|set| names(display, set.as_str()))
        };
        match kind {
            AccessKind::PermissionSet => {
                any(&mut self.current.permission_sets.iter().map(|set| &set.name))
            }
            AccessKind::PermissionSetGroup => {
                any(&mut self.current.permission_set_groups.iter().map(|set| &set.name))
            }
            AccessKind::PermissionSetLicense => {
                any(&mut self.current.permission_set_licenses.iter().map(|set| &set.name))
            }
            AccessKind::Group => any(&mut self.current.groups.iter().map(|set| &set.name)),
        }
    }

    /// Who changed the user last. What this program wrote itself explains no difference: then the
    /// files have changed since.
    fn last_of_user(&self, change: &Change) -> Option<ChangedBy> {
        let trace = self.evidence.users.get(&existing(change)?)?;
        self.of_trace(change, trace, Via::LastModified)
    }

    fn contact(&self, change: &Change) -> Option<ChangedBy> {
        let trace = self.evidence.contacts.get(&contact_of(change)?)?;
        self.of_trace(change, trace, Via::LastModified)
    }

    /// `UserLogin` is written when somebody is frozen, but also when a password is unlocked, so that
    /// only a row of the trail makes it certain.
    fn login(&self, change: &Change, actions: &[&str]) -> Option<ChangedBy> {
        let found = self.newest(change, actions);
        let trace = self.evidence.logins.get(&existing(change)?);
        let Some(trace) = trace.filter(|trace| trace.by.id != Some(self.own)) else {
            return self.of_found(change, found?);
        };
        let beside = self.trail.beside(trace, actions);
        let same = found.map(|found| found.row).filter(|row| row.by.id == trace.by.id);
        match beside.or(same) {
            Some(row) => Some(ChangedBy { via: Via::UserLogin, ..self.of_row(change, row, true) }),
            None => self.of_trace(change, trace, Via::UserLogin),
        }
    }

    fn person<'c>(&'c self, change: &'c Change) -> Person<'c> {
        let id = existing(change);
        let name = id.and_then(|id| self.names.get(&id)).map_or(&*change.name, |name| name);
        Person { id, username: &change.org_username, name }
    }

    fn newest(&self, change: &Change, actions: &[&str]) -> Option<Found<'_>> {
        self.trail.newest(actions, self.person(change), |_| true)
    }

    /// What this program did itself explains no difference: then the files have changed since.
    fn of_found(&self, change: &Change, found: Found<'_>) -> Option<ChangedBy> {
        let own = found.row.by.id == Some(self.own) && found.row.delegate.is_none();
        (!own).then(|| self.of_row(change, found.row, found.sure))
    }

    fn of_row(&self, change: &Change, row: &TrailRow, certain: bool) -> ChangedBy {
        let by = ChangedBy {
            name: row.by.name.clone(),
            username: row.by.username.clone(),
            at: Some(row.at),
            via: Via::AuditTrail,
            acting_as: None,
            themself: is_self(change, &row.by),
            certain,
        };
        self.acting(by, row)
    }

    /// Who was logged in as the author is the one who did it.
    fn acting(&self, by: ChangedBy, row: &TrailRow) -> ChangedBy {
        let Some(delegate) = &row.delegate else { return by };
        // The reference does not say whether it is a username or a name.
        let username = delegate.contains('@').then(|| Arc::clone(delegate));
        let known = self.delegates.get(&delegate.to_lowercase()).cloned();
        ChangedBy {
            name: if username.is_some() { known } else { Some(Arc::clone(delegate)) },
            username,
            acting_as: row.by.username.clone().or_else(|| row.by.name.clone()),
            themself: false,
            ..by
        }
    }

    fn of_trace(&self, change: &Change, trace: &Trace, via: Via) -> Option<ChangedBy> {
        if trace.by.id == Some(self.own) {
            return None;
        }
        let by = ChangedBy {
            name: trace.by.name.clone(),
            username: trace.by.username.clone(),
            at: trace.at,
            via,
            acting_as: None,
            themself: is_self(change, &trace.by),
            // The last change of a record need not be the one that made the difference.
            certain: false,
        };
        Some(match self.trail.delegate_near(trace) {
            Some(row) => ChangedBy { at: trace.at, via, ..self.acting(by, row) },
            None => by,
        })
    }
}

/// Whether the action itself is a difference, beside the values that it writes.
const fn has_state(action: Action) -> bool {
    match action {
        Action::Create
        | Action::Deactivate
        | Action::Freeze
        | Action::Reactivate
        | Action::Unfreeze => true,
        Action::Rename | Action::Adopt | Action::Update => false,
    }
}

fn is_self(change: &Change, author: &Author) -> bool {
    author.id.is_some() && author.id == existing(change)
}

const fn existing(change: &Change) -> Option<UserId> {
    match change.subject {
        Subject::New => None,
        Subject::Existing(id) => Some(id),
    }
}

const fn contact_of(change: &Change) -> Option<ContactId> {
    match change.contact {
        Some(ContactStep::Update(id) | ContactStep::Move(id) | ContactStep::Link(id)) => Some(id),
        Some(ContactStep::Create(_)) | None => None,
    }
}

/// Whom evidence is needed about.
pub fn subjects(plan: &Plan) -> (Vec<UserId>, Vec<ContactId>) {
    let users = plan.changes.iter().filter_map(existing).collect();
    let contacts = plan.changes.iter().filter_map(contact_of).collect();
    (users, contacts)
}
