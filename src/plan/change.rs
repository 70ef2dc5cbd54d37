//! The plan as a value: complete, ordered, and the only thing that rendering and apply look at.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::{
    AccountId, ApiName, ContactId, Diagnostic, LicenseBasis, Moment, Number, OrgId, Place,
    ProjectName, RecordId, Rule, Scalar, UserId, Username,
};

use super::access_change::AccessChanges;
use super::invite::Invitation;

/// What would have to be done to make the org match the files.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The project.
    pub project: ProjectName,
    /// The org that was read.
    pub org: PlannedOrg,
    /// Every user with something to do or something in the way, in file order.
    pub changes: Vec<Change>,
    /// Declared users with nothing to do.
    pub unchanged: usize,
    /// Active users that the project answers for and no file declares.
    pub undeclared: usize,
    /// Active portal users that the project does not answer for.
    pub unmanaged: usize,
    /// Seats: of every licence of portal profiles, by name; then of the permission set licences that
    /// declarations name or changes touch, by name.
    pub licenses: Vec<LicenseLine>,
    /// Who may be mailed, in file order.
    pub mails: Vec<Mail>,
    /// What stops the whole plan.
    pub blockers: Vec<Blocker>,
    /// What is to be said, in file order, then by code.
    pub diagnostics: Vec<Diagnostic>,
    /// Targets that fit nobody: a mistake of whoever asked.
    pub unmatched_targets: Vec<String>,
    /// Set if all that is planned is to mail people a link.
    pub invitation: Option<Invitation>,
}

/// The org that a plan was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedOrg {
    /// Its name in the project.
    pub name: String,
    /// Its id.
    pub id: OrgId,
    /// Where its API is.
    pub instance_url: String,
    /// Whether it is a sandbox.
    pub is_sandbox: bool,
    /// The user that the program signs in as.
    pub user: Username,
}

/// What happens to one user: one entry a person, whatever it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The username as declared.
    pub username: Username,
    /// The username in the org.
    pub org_username: Username,
    /// First and last name.
    pub name: String,
    /// The account's name.
    pub account: String,
    /// Where the user is declared; nowhere, if the reason is [`Reason::Undeclared`].
    pub place: Option<Place>,
    /// The first that applies, in the order of [`Action`].
    pub action: Action,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Set if something stands in the way of this user; a diagnostic tells what.
    pub blocked: bool,
    /// Who it happens to.
    pub subject: Subject,
    /// Values that are written beside what the action itself says.
    pub fields: Vec<FieldChange>,
    /// What is given and taken beside the profile.
    pub access: AccessChanges,
    /// What happens to the contact.
    pub contact: Option<ContactStep>,
    /// Whether a freeze is lifted along with the action.
    pub unfreeze: bool,
    /// Whether a link is mailed: to a new user after they were created, to another because somebody
    /// invites them.
    pub activate: bool,
    /// When the password of somebody who is invited was set or reset last, as far as the org says. They
    /// are mailed only while that is so.
    pub last_reset: Option<Moment>,
    /// Seats taken and freed.
    pub seats: SeatUse,
    /// Who switched the user off and when, where the org knows.
    pub switched_off: Option<SwitchedOff>,
}

/// What is done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A new user.
    Create,
    /// `IsActive` becomes false.
    Deactivate,
    /// `IsFrozen` becomes true.
    Freeze,
    /// `IsActive` becomes true.
    Reactivate,
    /// `IsFrozen` becomes false.
    Unfreeze,
    /// The user gets another username.
    Rename,
    /// The user gets the project's marker: it exists already and is now owned.
    Adopt,
    /// Fields, sets or the contact change.
    Update,
}

impl Action {
    /// Every action, in order of precedence.
    pub const ALL: &'static [Self] = &[
        Self::Create,
        Self::Deactivate,
        Self::Freeze,
        Self::Reactivate,
        Self::Unfreeze,
        Self::Rename,
        Self::Adopt,
        Self::Update,
    ];

    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Deactivate => "deactivate",
            Self::Freeze => "freeze",
            Self::Reactivate => "reactivate",
            Self::Unfreeze => "unfreeze",
            Self::Rename => "rename",
            Self::Adopt => "adopt",
            Self::Update => "update",
        }
    }

    /// The action with this name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }
}

/// Why something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The files say so.
    Declared,
    /// `state` says so.
    State,
    /// The last day is over.
    Expired,
    /// The first day is still to come.
    NotStarted,
    /// No file declares the user, and `[ownership] undeclared = "deactivate"` says what follows.
    Undeclared,
    /// The org's own evidence shows that somebody else changed the value last.
    Drift,
    /// Somebody asks for a link to be mailed.
    Invited,
}

impl Reason {
    /// Every reason for which a plan of the declarations does something.
    pub const ALL: &'static [Self] = &[
        Self::Declared,
        Self::State,
        Self::Expired,
        Self::NotStarted,
        Self::Undeclared,
        Self::Drift,
    ];

    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::State => "state",
            Self::Expired => "expired",
            Self::NotStarted => "not-started",
            Self::Undeclared => "undeclared",
            Self::Drift => "drift",
            Self::Invited => "invited",
        }
    }

    /// The reason with this name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }
}

/// Who a change happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Somebody who has no user yet.
    New,
    /// A user of the org.
    Existing(UserId),
}

/// The object that a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// `User`.
    User,
    /// `Contact`.
    Contact,
}

impl Object {
    /// The API name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Contact => "Contact",
        }
    }
}

/// A value before or after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Nothing.
    Null,
    /// A text.
    Text(Arc<str>),
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A day.
    Date(Date),
    /// Another record: shown by name, written by id.
    Reference {
        /// Its id.
        id: RecordId,
        /// Its name.
        name: Arc<str>,
    },
}

impl Datum {
    /// The text for people and JSON.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Bool(value) => Some(Cow::Owned(value.to_string())),
            Self::Number(number) => Some(Cow::Owned(number.get().to_string())),
            Self::Date(day) => Some(Cow::Owned(day.to_string())),
            Self::Reference { name, .. } => Some(Cow::Borrowed(name)),
        }
    }

    /// The text, or nothing if it is empty.
    pub fn of(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.into()) }
    }

    /// The same of a text that is kept already.
    pub fn shared(text: &Arc<str>) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(Arc::clone(text)) }
    }
}

impl From<&Scalar> for Datum {
    fn from(value: &Scalar) -> Self {
        match value {
            Scalar::Null => Self::Null,
            Scalar::Text(text) => Self::Text(text.as_ref().into()),
            Scalar::Bool(value) => Self::Bool(*value),
            Scalar::Number(number) => Self::Number(*number),
            Scalar::Date(day) => Self::Date(*day),
            Scalar::Cell(cell) => Self::Text(cell.text.as_ref().into()),
        }
    }
}

/// A field that gets another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The object.
    pub object: Object,
    /// The field's API name.
    pub field: ApiName,
    /// What the org holds.
    pub before: Datum,
    /// What it will hold.
    pub after: Datum,
}

/// What happens to a user's contact. Its fields are among the change's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactStep {
    /// A contact is made in the account.
    Create(AccountId),
    /// An existing contact gets the new user; its fields may change.
    Link(ContactId),
    /// Fields of the user's contact change.
    Update(ContactId),
    /// The user's contact moves to another account; its fields may change.
    Move(ContactId),
}

impl ContactStep {
    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Link(_) => "link",
            Self::Update(_) => "update",
            Self::Move(_) => "move",
        }
    }
}

/// Seats that a change frees and takes, as positions in [`Plan::licenses`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatUse {
    /// The licence that the user has in the end.
    pub license: Option<usize>,
    /// The licence that gets a seat back.
    pub frees: Option<usize>,
    /// The licence that gives a seat.
    pub takes: Option<usize>,
    /// The turn of a user who moves between licences: one may wait for another's seat.
    pub turn: usize,
}

/// Who switched a user off, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOff {
    /// Their name.
    pub by: Option<Arc<str>>,
    /// When.
    pub at: Option<Timestamp>,
}

/// Somebody who may be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The username as declared.
    pub username: Username,
    /// Why, at least one.
    pub reasons: Vec<MailReason>,
}

/// Why somebody may be mailed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailReason {
    /// `activation = "reset-email"`.
    Activation,
    /// Somebody asks for it.
    Invited,
    /// This live site welcomes its new members.
    Welcome(Arc<str>),
    /// A new username is told to its owner.
    Username,
}

impl MailReason {
    /// The word for JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Invited => "invited",
            Self::Welcome(_) => "welcome",
            Self::Username => "username",
        }
    }
}

/// What a licence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenseKind {
    /// Profiles: a `UserLicense`.
    User(LicenseBasis),
    /// Permission sets: a `PermissionSetLicense`.
    PermissionSet,
}

impl LicenseKind {
    /// The word for JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::PermissionSet => "permission_set",
        }
    }
}

/// How many seats taken of a hundred make a licence worth a look.
const TIGHT: i64 = 90;

/// Seats of a licence, in signed arithmetic over the org's own counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseLine {
    /// The licence's name; of a permission set licence, its API name.
    pub name: Arc<str>,
    /// What it is for.
    pub kind: LicenseKind,
    /// Whether it gives seats at all.
    pub active: bool,
    /// Seats bought.
    pub total: i64,
    /// Seats taken now.
    pub used: i64,
    /// Seats that the plan gives back.
    pub freed: i64,
    /// Seats that the plan takes.
    pub needed: i64,
    /// Users for whom no seat is left when their turn comes, in file order.
    pub short_users: Vec<Username>,
}

impl LicenseLine {
    /// Seats taken once everything is done.
    pub const fn after(&self) -> i64 {
        self.used - self.freed + self.needed
    }

    /// Whether nine of ten seats or more are taken then.
    pub const fn is_tight(&self) -> bool {
        self.after() > 0 && self.after() * 100 >= self.total * TIGHT
    }
}

/// What stops the whole plan before the first write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The rule.
    pub rule: Rule,
    /// How many changes it counts.
    pub count: u64,
    /// How many it lets through.
    pub limit: u64,
    /// What it says.
    pub message: String,
}

impl Blocker {
    /// The exception that lets exactly this plan through: `RULE=COUNT`.
    pub fn allow(&self) -> String {
        format!("{}={}", self.rule.as_str(), self.count)
    }
}

impl Change {
    /// Whether all that happens to somebody who is there is that a link is mailed to them.
    pub const fn is_invitation(&self) -> bool {
        self.activate && matches!(self.subject, Subject::Existing(_))
    }

    /// Whether the user gets another value in a field.
    pub(super) fn gets(&self, field: &str) -> bool {
        self.fields.iter().any(|one| one.object == Object::User && one.field == field)
    }
}

impl Plan {
    /// The changes that nothing stands in the way of.
    pub fn ready(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| !change.blocked)
    }

    /// How many users nothing stands in the way of get this action.
    pub fn count(&self, action: Action) -> usize {
        self.ready().filter(|change| change.action == action).count()
    }

    /// How many users something stands in the way of.
    pub fn blocked(&self) -> usize {
        self.changes.len() - self.ready().count()
    }

    /// Whether anything is to be done.
    pub fn has_changes(&self) -> bool {
        self.ready().next().is_some()
    }

    /// Whether the plan cannot be applied as declared.
    pub fn is_blocked(&self) -> bool {
        !self.blockers.is_empty() || self.changes.iter().any(|change| change.blocked)
    }
}
