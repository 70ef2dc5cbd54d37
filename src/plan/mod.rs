//! Declared state × org state × a day → [`Plan`]. Pure: no I/O, no clock, no globals, no async.
//!
//! [`diff`] cannot fail. Whatever is unknown, ambiguous or forbidden becomes part of the plan: a
//! diagnostic and a blocked change for one user, a [`Blocker`] for the whole.

mod access;
mod access_change;
mod access_review;
mod access_row;
mod agenda;
mod change;
mod custom;
mod derive;
mod digest;
mod email;
mod fields;
mod forecast;
mod foresight;
mod guard;
mod headcount;
mod identity;
mod index;
mod invite;
mod keyed;
mod left_out;
mod license_move;
mod lifecycle;
mod newcomers;
mod order;
mod ownership;
mod pairing;
mod person;
mod remarks;
mod rename;
mod requirements;
mod resets;
mod revert;
mod review;
mod roles;
mod rules;
mod seats;
mod selection;
mod shortage;
mod waits;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ptr;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::model::{
    Code, Current, CurrentUser, Desired, DesiredUser, Diagnostic, EmailPolicy, FieldValues, Org,
    OrgName, Policy, ProjectName, Rule, Today, Undeclared, Username,
};

pub use access_change::{AccessChanges, Expiry, SetAdd, SetChanges, SetExpiry, SetRemove};
pub use access_review::{AccessReview, AccessSummary, Lookup};
pub use access_row::{
    AccessRow, ActualStanding, DeclaredStanding, Difference, Granted, Grants, Management,
};
pub use change::{
    Action, Blocker, Change, ContactStep, Datum, FieldChange, LicenseKind, LicenseLine, Mail,
    MailReason, Object, Plan, PlannedOrg, Reason, SeatUse, Subject, SwitchedOff,
};
pub use digest::digest;
pub use forecast::{Forecast, LicenseForecast, SeatPoint, forecast};
pub use invite::{Invitation, Invite, LeftOut, Obstacle, Refusal, Whom, invite};
pub use order::{
    BATCHES, COLLECTION, ContactWrite, Stage, UserWrite, WITH_ROLES, expected_calls, stages,
    works_on_roles,
};
pub use revert::{Returned, Undo, declare, policy_of_revert};
pub use review::{Unreviewed, unreviewed};
pub use selection::Selection;

pub(crate) use access::IgnoredSets;
pub(crate) use email::bare as bare_address;
pub(crate) use fields::{HIDDEN, SHARED_WITH_CONTACT};
pub(crate) use index::Index;
pub(crate) use rules::offenders;
pub(crate) use selection::Pattern;

use custom::Demanded;
use guard::Scales;
use identity::Identity;
use index::Set;
use ownership::{Census, Owner};
use pairing::Claims;
use remarks::Remarks;
use selection::Selector;
use shortage::Ground;

/// What a plan is made with, beside the two states and the policy.
#[derive(Clone, Debug)]
pub struct Request {
    /// The project.
    pub project: ProjectName,
    /// The org's name in the project, or `env`.
    pub org: OrgName,
    /// What the org adds to every username.
    pub username_suffix: String,
    /// How addresses are treated; absent, by whether the org is a sandbox.
    pub email: Option<EmailPolicy>,
    /// Exceptions given for this run: each lifts a rule for exactly this count.
    pub allow: BTreeMap<Rule, u64>,
    /// Which part of the plan is wanted.
    pub selection: Selection,
    /// The day.
    pub today: Today,
}

impl Request {
    /// How addresses are treated in the org.
    pub(crate) fn email_in(&self, org: &Org) -> EmailPolicy {
        let by_org =
            if org.is_sandbox { EmailPolicy::KeepInvalid } else { EmailPolicy::AsDeclared };
        self.email.unwrap_or(by_org)
    }
}

/// Compares what is declared with what the org holds.
pub fn diff(desired: &Desired, current: &Current, policy: &Policy, request: &Request) -> Plan {
    let suffix = request.username_suffix.as_str();
    let names = identity::names(desired, suffix);
    let index = Index::of(current, desired, policy);
    let identities = identity::identify(desired, &index, &names, suffix);
    let mut planner = Planner::new(&index, policy, request);
    let people = desired.users.iter().zip(&names).zip(&identities);
    let mut draft = planner.draft(people.map(|((one, name), identity)| (one, name, identity)));
    let meant = planner.meant(&identities);
    drop(identities);
    let census = ownership::census(&current.users, &index, &planner.owner, &meant);
    planner.undeclared(&census, &mut draft);
    let Planner { mut diagnostics, owner, left, remarks, .. } = planner;
    diagnostics.extend(remarks.findings());
    let Draft { mut changes, unchanged, people, users, selector } = draft;

    waits::hold_names(&mut changes, &index, &mut diagnostics);
    waits::hold_left(&mut changes, &left, request, &mut diagnostics);
    let people = if people.len() == desired.users.len() {
        Cow::Borrowed(desired)
    } else {
        Cow::Owned(Desired { users: people.into_iter().cloned().collect() })
    };
    let ground = Ground { index: &index, desired: &people, policy, request };
    let seats = shortage::settle(&mut changes, ground);
    diagnostics.extend(seats.findings);
    waits::hold_names(&mut changes, &index, &mut diagnostics);
    let foresight = foresight::foresee(&mut changes, (&people, &users), &index, request);
    diagnostics.extend(foresight.findings);
    let emails = foresight.mails.len() as u64;
    let scales = Scales { policy, request, base: census.answered_for, emails };
    let mut blockers = seats.blockers;
    blockers.extend(scales.blockers(&changes));
    blockers.extend(rules::blockers(&people.users, &changes, &index, scales));
    if owner.undeclared != Undeclared::Ignore {
        diagnostics.extend(newcomers::warn(&changes, &census.undeclared));
    }
    diagnostics.extend(project_notes(desired, &current.org, policy, request));
    if !owner.absence_acts() {
        diagnostics.extend(absence_note(desired));
    }
    sort(&mut diagnostics);
    Plan {
        project: request.project.clone(),
        org: planned_org(current, request),
        changes,
        unchanged,
        undeclared: census.undeclared.len(),
        unmanaged: census.unmanaged,
        licenses: seats.lines,
        mails: foresight.mails,
        blockers,
        diagnostics,
        unmatched_targets: selector.unmatched(),
        invitation: None,
    }
}

/// By place in the files, then by code; what has no place comes last.
fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let general = a.place.is_none().cmp(&b.place.is_none());
        general.then_with(|| a.place.cmp(&b.place)).then(a.code.cmp(&b.code))
    });
}

fn planned_org(current: &Current, request: &Request) -> PlannedOrg {
    PlannedOrg {
        name: request.org.as_str().to_owned(),
        id: current.org.id,
        instance_url: current.org.instance_url.clone(),
        is_sandbox: current.org.is_sandbox,
        user: current.running_user.username.clone(),
    }
}

/// What is true of the whole plan rather than of one user, and known as soon as the org is.
pub fn project_notes(
    desired: &Desired,
    org: &Org,
    policy: &Policy,
    request: &Request,
) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    let named = request.org.as_str() != "env";
    let suffixed = !request.username_suffix.is_empty();
    if org.is_sandbox && !suffixed && named && !desired.users.is_empty() {
        notes.push(
            Diagnostic::new(
                Code::SandboxWithoutSuffix,
                format!("org `{}` is a sandbox and has no `username_suffix`", request.org),
            )
            .help(format!(
                "if its usernames end in something like `.{0}`, write `username_suffix = \".{0}\"`",
                request.org
            )),
        );
    }
    let day = request.today.in_gmt();
    for allow in policy.allows.iter().filter(|allow| day > allow.expires) {
        notes.push(
            Diagnostic::new(
                Code::AllowExpired,
                format!("the exception to `{}` ended on {}", allow.rule.as_str(), allow.expires),
            )
            .help("take it out, or have it reviewed again")
            .at(&allow.place),
        );
    }
    notes
}

fn absence_note(desired: &Desired) -> Option<Diagnostic> {
    let note =
        Diagnostic::new(Code::AbsenceDoesNothing, "removing an entry does not remove access")
            .help("to take access away, write `state = \"inactive\"`");
    (!desired.users.is_empty()).then_some(note)
}

/// What has been planned of the selected people.
struct Draft<'a> {
    changes: Vec<Change>,
    unchanged: usize,
    /// The selected declared people.
    people: Vec<&'a DesiredUser>,
    /// The user of each of them, if there is one and it is certain.
    users: Vec<Option<&'a CurrentUser>>,
    selector: Selector<'a>,
}

/// What planning one person needs of everything else.
struct Planner<'a> {
    index: &'a Index<'a>,
    policy: &'a Policy,
    request: &'a Request,
    email: EmailPolicy,
    ignored_sets: IgnoredSets,
    defaults: FieldValues,
    demanded: Demanded<'a>,
    owner: Owner<'a>,
    claims: Claims<'a>,
    remarks: Remarks,
    /// People who are to come back and left by themselves.
    left: HashSet<Username>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    fn new(index: &'a Index<'a>, policy: &'a Policy, request: &'a Request) -> Self {
        let mut diagnostics = Vec::new();
        Self {
            owner: Owner::of(policy, index, &mut diagnostics),
            demanded: Demanded::of(&index.current.described),
            defaults: fields::defaults(),
            email: request.email_in(&index.current.org),
            index,
            policy,
            request,
            ignored_sets: IgnoredSets::of(&policy.permission_sets),
            claims: Claims::default(),
            remarks: Remarks::default(),
            left: HashSet::new(),
            diagnostics,
        }
    }

    /// Plans these declared people, who they are and what the org calls them, and keeps what is
    /// selected. Those left out are planned as well: they may have a contact that somebody else must
    /// not get.
    fn draft<'p>(
        &mut self,
        people: impl ExactSizeIterator<Item = (&'a DesiredUser, &'p Username, &'p Identity<'a>)>,
    ) -> Draft<'a>
    where
        'a: 'p,
    {
        let selection = &self.request.selection;
        let mut draft = Draft {
            changes: Vec::new(),
            unchanged: 0,
            people: Vec::with_capacity(people.len()),
            users: Vec::with_capacity(people.len()),
            selector: Selector::of(selection),
        };
        for (declared, name, identity) in people {
            let user = identity.users().first().copied();
            let wanted = draft.selector.wants(declared, name, user, self.index);
            let (said, remarks) = (self.diagnostics.len(), std::mem::take(&mut self.remarks));
            let change = self.person(declared, name, identity);
            if !wanted || change.as_ref().is_some_and(|change| !selection.takes(change)) {
                self.diagnostics.truncate(said);
                self.remarks = remarks;
                continue;
            }
            self.remarks.join(remarks);
            draft.people.push(declared);
            draft.users.push(identity.certain());
            draft.unchanged += usize::from(change.is_none());
            draft.changes.extend(change);
        }
        draft
    }

    /// The users whom declarations mean or may mean, by where they are.
    fn meant<'p>(
        &self,
        identities: impl IntoIterator<Item = &'p Identity<'a>>,
    ) -> Set<*const CurrentUser>
    where
        'a: 'p,
    {
        let meant = identities.into_iter().flat_map(|identity| identity.users().iter().copied());
        let holders = self.claims.holders.iter().copied();
        meant.chain(holders).map(ptr::from_ref).collect()
    }

    /// What becomes of owned users whom no file declares.
    fn undeclared(&mut self, census: &Census<'a>, draft: &mut Draft<'a>) {
        let suffix = self.request.username_suffix.as_str();
        let mut left_alone = Vec::new();
        for user in &census.undeclared {
            if !draft.selector.wants_user(user, suffix) {
                continue;
            }
            let change = ownership::deactivation(user, suffix);
            let spared = self.owner.protects(&change.username, &change.org_username);
            if spared || !self.owner.absence_acts() {
                left_alone.push(change.username);
            } else if self.request.selection.takes(&change) {
                draft.changes.push(change);
            }
        }
        if self.owner.undeclared == Undeclared::Report {
            self.diagnostics.extend(ownership::note(&left_alone));
        }
    }
}

/// Patterns over API names. They were checked when the file was read; one that is none matches
/// nothing.
fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if let Ok(glob) = GlobBuilder::new(pattern).case_insensitive(true).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}
