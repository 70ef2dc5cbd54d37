//! The order of operations: freezes; deactivations; licence moves; contacts; renames; creations
//! and reactivations; other updates; permission sets; unfreezes. Seats are simulated along it and apply
//! follows it.

use std::mem::take;

use crate::model::{AccessKind, AccountId, ApiName, ByKind, ContactId, RecordId, UserId, Username};

use super::access_change::Expiry;
use super::change::{Action, Change, ContactStep, Datum, FieldChange, Object, Plan, Subject};
use super::rename;

/// The most records that one sObject Collections call takes.
/// Source: REST API Developer Guide, "Use sObject Collections".
pub const COLLECTION: usize = 200;
/// The most records of one transaction that makes the org work on roles. Each such record takes the
/// one lock on group membership; Salesforce advises 50 for moves between accounts.
/// Source: Salesforce Help, "Locking and Concurrency".
pub const WITH_ROLES: usize = 50;
/// Collections, each a transaction, that one call carries.
/// Source: REST API Developer Guide, "Composite".
pub const BATCHES: usize = 5;

/// A step of the work: one kind of request, sent in full before the next begins. Each holds the
/// positions of the changes it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `UserLogin.IsFrozen` becomes true.
    Freeze(Vec<(usize, UserId)>),
    /// `User.IsActive` becomes false.
    Deactivate(Vec<(usize, UserId)>),
    /// Users who change licence.
    MoveLicense(Vec<(usize, UserId)>),
    /// Contacts that exist get other values.
    UpdateContacts(Vec<(usize, ContactId)>),
    /// Contacts are made.
    CreateContacts(Vec<(usize, AccountId)>),
    /// Users get another username. A step holds only names that are free when it begins, so one
    /// plan may have several such steps, and a person may be in two of them.
    Rename(Vec<(usize, UserId, Username)>),
    /// Users are made.
    CreateUsers(Vec<usize>),
    /// `User.IsActive` becomes true, together with whatever else changes.
    Reactivate(Vec<(usize, UserId)>),
    /// Users get other values.
    UpdateUsers(Vec<(usize, UserId)>),
    /// Holdings of one kind end.
    Take(AccessKind, Vec<(usize, RecordId)>),
    /// Assignments get another last day.
    ChangeExpiry(Vec<(usize, RecordId, Option<Expiry>)>),
    /// Something of one kind is given.
    Give(AccessKind, Vec<(usize, RecordId, Option<Expiry>)>),
    /// `UserLogin.IsFrozen` becomes false.
    Unfreeze(Vec<(usize, UserId)>),
    /// People are mailed a link.
    Mail(Vec<usize>),
}

/// A value that is written to a user.
pub type UserWrite<'a> = (&'a ApiName, &'a Datum);
/// A value that is written to a contact.
pub type ContactWrite<'a> = (&'a ApiName, &'a Datum);

impl Change {
    /// What is written to the user along with everything else: all but another username, which
    /// has steps of its own.
    pub fn user_writes(&self) -> impl Iterator<Item = UserWrite<'_>> {
        let exists = matches!(self.subject, Subject::Existing(_));
        self.writes(Object::User).filter(move |(field, _)| !exists || **field != "Username")
    }

    /// What is written to the contact.
    pub fn contact_writes(&self) -> impl Iterator<Item = ContactWrite<'_>> {
        self.writes(Object::Contact)
    }

    fn writes(&self, object: Object) -> impl Iterator<Item = (&ApiName, &Datum)> {
        let of_object = move |field: &&FieldChange| field.object == object;
        self.fields.iter().filter(of_object).map(|field| (&field.field, &field.after))
    }

    /// Whether an active user moves to another licence.
    pub(super) const fn moves_license(&self) -> bool {
        self.seats.frees.is_some() && self.seats.takes.is_some()
    }
}

/// The records of every step, gathered in one walk: there may be very many changes.
#[derive(Default)]
struct Steps {
    freeze: Vec<(usize, UserId)>,
    deactivate: Vec<(usize, UserId)>,
    moves: Vec<(usize, UserId)>,
    update_contacts: Vec<(usize, ContactId)>,
    create_contacts: Vec<(usize, AccountId)>,
    create_users: Vec<usize>,
    reactivate: Vec<(usize, UserId)>,
    update_users: Vec<(usize, UserId)>,
    take: ByKind<Vec<(usize, RecordId)>>,
    days: Vec<(usize, RecordId, Option<Expiry>)>,
    give: ByKind<Vec<(usize, RecordId, Option<Expiry>)>>,
    unfreeze: Vec<(usize, UserId)>,
    mail: Vec<usize>,
}

impl Steps {
    fn of(plan: &Plan) -> Self {
        let mut steps = Self::default();
        for (at, change) in plan.changes.iter().enumerate().filter(|(_, one)| !one.blocked) {
            if let Subject::Existing(user) = change.subject {
                steps.add_user(at, change, user);
            }
            match change.contact {
                Some(ContactStep::Create(account)) => steps.create_contacts.push((at, account)),
                Some(_) => steps.update_contacts.extend(updated_contact(change).map(|id| (at, id))),
                None => {}
            }
            if change.action == Action::Create {
                steps.create_users.push(at);
            }
            steps.add_access(at, change);
            if change.activate {
                steps.mail.push(at);
            }
        }
        steps
    }

    fn add_user(&mut self, at: usize, change: &Change, user: UserId) {
        let moves = change.moves_license();
        match change.action {
            Action::Freeze => self.freeze.push((at, user)),
            Action::Deactivate => self.deactivate.push((at, user)),
            Action::Reactivate => self.reactivate.push((at, user)),
            Action::Create | Action::Unfreeze | Action::Rename | Action::Adopt | Action::Update => {
            }
        }
        let whatever_else = match change.action {
            Action::Create | Action::Deactivate | Action::Reactivate => false,
            Action::Freeze | Action::Unfreeze | Action::Rename | Action::Adopt | Action::Update => {
                true
            }
        };
        if moves {
            self.moves.push((at, user));
        } else if whatever_else && change.user_writes().next().is_some() {
            self.update_users.push((at, user));
        }
        if change.unfreeze {
            self.unfreeze.push((at, user));
        }
    }

    fn add_access(&mut self, at: usize, change: &Change) {
        for (kind, sets) in change.access.iter().filter(|(_, sets)| !sets.is_empty()) {
            self.take.get_mut(kind).extend(sets.remove.iter().map(|set| (at, set.holding)));
            self.days.extend(sets.change.iter().map(|set| (at, set.holding, set.after)));
            self.give.get_mut(kind).extend(sets.add.iter().map(|set| (at, set.id, set.expires)));
        }
    }
}

/// The work of a plan, in order, without steps that have nothing to do.
pub fn stages(plan: &Plan) -> Vec<Stage> {
    let mut steps = Steps::of(plan);
    steps.moves.sort_by_key(|(at, _)| plan.changes.get(*at).map(|change| change.seats.turn));
    let mut stages = vec![
        Stage::Freeze(steps.freeze),
        Stage::Deactivate(steps.deactivate),
        Stage::MoveLicense(steps.moves),
        Stage::UpdateContacts(steps.update_contacts),
        Stage::CreateContacts(steps.create_contacts),
    ];
    stages.extend(rename::rounds(plan).into_iter().map(Stage::Rename));
    stages.extend([
        Stage::CreateUsers(steps.create_users),
        Stage::Reactivate(steps.reactivate),
        Stage::UpdateUsers(steps.update_users),
    ]);
    // What ends goes before what is given, so that seats are free; sets end before the licences that
    // they need, and are given after them.
    let kinds = AccessKind::ALL.into_iter();
    stages.extend(kinds.rev().map(|kind| Stage::Take(kind, take(steps.take.get_mut(kind)))));
    stages.push(Stage::ChangeExpiry(steps.days));
    let kinds = AccessKind::ALL.into_iter();
    stages.extend(kinds.map(|kind| Stage::Give(kind, take(steps.give.get_mut(kind)))));
    stages.push(Stage::Unfreeze(steps.unfreeze));
    stages.push(Stage::Mail(steps.mail));
    stages.retain(|stage| !stage.is_empty());
    stages
}

/// The existing contact that a change writes to.
fn updated_contact(change: &Change) -> Option<ContactId> {
    let id = match change.contact? {
        ContactStep::Link(id) | ContactStep::Update(id) | ContactStep::Move(id) => id,
        ContactStep::Create(_) => return None,
    };
    change.contact_writes().next().map(|_| id)
}

impl Stage {
    /// How many records the step writes.
    pub const fn len(&self) -> usize {
        match self {
            Self::Freeze(rows)
            | Self::Deactivate(rows)
            | Self::MoveLicense(rows)
            | Self::Reactivate(rows)
            | Self::UpdateUsers(rows)
            | Self::Unfreeze(rows) => rows.len(),
            Self::UpdateContacts(rows) => rows.len(),
            Self::CreateContacts(rows) => rows.len(),
            Self::Rename(rows) => rows.len(),
            Self::CreateUsers(rows) | Self::Mail(rows) => rows.len(),
            Self::Take(_, rows) => rows.len(),
            Self::ChangeExpiry(rows) | Self::Give(_, rows) => rows.len(),
        }
    }

    /// The changes that the step's records belong to, one for each record.
    pub fn positions(&self) -> Vec<usize> {
        match self {
            Self::Freeze(rows)
            | Self::Deactivate(rows)
            | Self::MoveLicense(rows)
            | Self::Reactivate(rows)
            | Self::UpdateUsers(rows)
            | Self::Unfreeze(rows) => rows.iter().map(|(at, _)| *at).collect(),
            Self::UpdateContacts(rows) => rows.iter().map(|(at, _)| *at).collect(),
            Self::CreateContacts(rows) => rows.iter().map(|(at, _)| *at).collect(),
            Self::Rename(rows) => rows.iter().map(|(at, ..)| *at).collect(),
            Self::CreateUsers(rows) | Self::Mail(rows) => rows.clone(),
            Self::Take(_, rows) => rows.iter().map(|(at, _)| *at).collect(),
            Self::ChangeExpiry(rows) | Self::Give(_, rows) => {
                rows.iter().map(|(at, ..)| *at).collect()
            }
        }
    }

    /// Whether the step writes nothing.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether writing the change's user makes or changes roles: all external licences do but those for
/// high volumes. A licence that is not known is taken for one with roles.
/// Source: Salesforce Help, "Experience Cloud User Licenses".
pub fn works_on_roles(plan: &Plan, at: usize) -> bool {
    let license = plan
        .changes
        .get(at)
        .and_then(|change| change.seats.license)
        .and_then(|line| plan.licenses.get(line));
    let Some(license) = license else { return true };
    let name = license.name.trim_end_matches(" Login");
    !matches!(
        name,
        "Customer Community"
            | "External Identity"
            | "External Apps"
            | "High Volume Customer Portal"
            | "Authenticated Website"
    )
}

/// About so many API calls carrying the plan out will take, when nothing has to be repeated. A step
/// that goes in several parts at once may take one more for each, and one that is large enough for a
/// Bulk job takes fewer.
pub fn expected_calls(plan: &Plan) -> usize {
    let calls = |stage: &Stage| {
        let batches = |records: usize, most: usize| records.div_ceil(most * BATCHES);
        let calls = batches(stage.len(), COLLECTION);
        match stage {
            // Each needs a look first: at the logins by user, at the contacts by address.
            Stage::Freeze(_) | Stage::Unfreeze(_) | Stage::CreateContacts(_) => 2 * calls,
            Stage::MoveLicense(users) => batches(users.len(), WITH_ROLES),
            Stage::CreateUsers(_) | Stage::Reactivate(_) => {
                let positions = stage.positions();
                let with = positions.iter().filter(|at| works_on_roles(plan, **at)).count();
                batches(with, WITH_ROLES) + batches(stage.len() - with, COLLECTION)
            }
            // There is no bulk form of it. Whoever is invited is looked at first.
            Stage::Mail(people) => {
                let invited =
                    |at: &&usize| plan.changes.get(**at).is_some_and(Change::is_invitation);
                people.len() + people.iter().filter(invited).count().div_ceil(COLLECTION)
            }
            Stage::Deactivate(_)
            | Stage::UpdateContacts(_)
            | Stage::Rename(_)
            | Stage::UpdateUsers(_)
            | Stage::Take(..)
            | Stage::ChangeExpiry(_)
            | Stage::Give(..) => calls,
        }
    };
    stages(plan).iter().map(calls).sum()
}
