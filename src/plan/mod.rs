//! Declared state × org state × a day → [`Plan`]. Pure: no I/O, no clock, no globals, no async.
//!
//! [`diff`] cannot fail. Whatever is unknown, ambiguous or forbidden becomes part of the plan: a
//! diagnostic and a blocked change for one user, a [`Blocker`] for the whole.

mod access;
mod change;
mod custom;
mod derive;
mod digest;
mod email;
mod fields;
mod foresight;
mod guard;
mod index;
mod license_move;
mod lifecycle;
mod order;
mod pairing;
mod person;
mod remarks;
mod revert;
mod review;
mod roles;
mod seats;
mod shortage;

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::model::{
    Code, Current, Desired, Diagnostic, EmailPolicy, OrgName, Policy, ProjectName, Rule, Today,
};

pub use change::{
    AccessChanges, Action, Blocker, Change, ContactStep, Datum, Expiry, FieldChange, LicenseKind,
    LicenseLine, Mail, MailReason, Object, Plan, PlannedOrg, Reason, SeatUse, SetAdd, SetChanges,
    SetExpiry, SetRemove, Subject, SwitchedOff,
};
pub use digest::digest;
pub use order::{COLLECTION, ContactWrite, Stage, UserWrite, expected_calls, stages};
pub use revert::{Returned, Undo, declare, policy_of_revert};
pub use review::{Unreviewed, unreviewed};

use index::Index;
use pairing::Claims;
use remarks::Remarks;
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
    /// The day.
    pub today: Today,
}

/// Compares what is declared with what the org holds.
pub fn diff(desired: &Desired, current: &Current, policy: &Policy, request: &Request) -> Plan {
    let mut planner = Planner::new(current, policy, request);
    let mut changes = Vec::new();
    let mut unchanged = 0;
    for declared in &desired.users {
        match planner.person(declared) {
            Some(change) => changes.push(change),
            None => unchanged += 1,
        }
    }
    let (mut diagnostics, index) = (planner.diagnostics, planner.index);
    diagnostics.extend(planner.remarks.findings());
    let seats = shortage::settle(&mut changes, Ground { index: &index, desired, policy, request });
    diagnostics.extend(seats.findings);
    let foresight = foresight::foresee(&mut changes, desired, &index, request);
    diagnostics.extend(foresight.findings);
    let mut blockers = seats.blockers;
    let mailed = foresight.mails.len() as u64;
    blockers.extend(guard::blockers(&changes, (desired, &index), policy, request, mailed));
    diagnostics.extend(project_notes(desired, current, request));
    diagnostics.sort_by(|a, b| {
        let general = a.place.is_none().cmp(&b.place.is_none());
        general.then_with(|| a.place.cmp(&b.place)).then(a.code.cmp(&b.code))
    });
    Plan {
        project: request.project.clone(),
        org: PlannedOrg {
            name: request.org.as_str().to_owned(),
            id: current.org.id,
            instance_url: current.org.instance_url.clone(),
            is_sandbox: current.org.is_sandbox,
            user: current.running_user.username.clone(),
        },
        changes,
        unchanged,
        unmanaged: guard::unmanaged(desired, current, request),
        licenses: seats.lines,
        mails: foresight.mails,
        blockers,
        diagnostics,
    }
}

/// What is true of the whole plan rather than of one user.
fn project_notes(desired: &Desired, current: &Current, request: &Request) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    if current.org.is_sandbox && request.username_suffix.is_empty() && request.org.as_str() != "env"
    {
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
    if !desired.users.is_empty() {
        notes.push(
            Diagnostic::new(Code::AbsenceDoesNothing, "removing an entry does not remove access")
                .help("to take access away, write `state = \"inactive\"`"),
        );
    }
    notes
}

/// What planning one person needs of everything else.
struct Planner<'a> {
    index: Index<'a>,
    policy: &'a Policy,
    request: &'a Request,
    email: EmailPolicy,
    ignored_sets: GlobSet,
    claims: Claims<'a>,
    remarks: Remarks,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    fn new(current: &'a Current, policy: &'a Policy, request: &'a Request) -> Self {
        let by_org =
            if current.org.is_sandbox { EmailPolicy::KeepInvalid } else { EmailPolicy::AsDeclared };
        Self {
            index: Index::of(current),
            policy,
            request,
            email: request.email.unwrap_or(by_org),
            ignored_sets: globs(&policy.permission_sets.ignore),
            claims: Claims::default(),
            remarks: Remarks::default(),
            diagnostics: Vec::new(),
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

#[cfg(test)]
mod tests;
