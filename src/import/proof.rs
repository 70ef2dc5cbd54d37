//! The files, read back, against the picture of the org that they were made from: the next plan must
//! have nothing to do for whoever is in them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::config::Loaded;
use crate::model::{Code, Desired, DesiredUser, Diagnostic, Place, Severity, UserId, Username};
use crate::plan::{Action, Change, Object, Plan, diff, offenders};

use super::files::{Draft, UserFile};
use super::left_out::{LeftOut, Why};
use super::{Org, Selected};

/// What the proof says.
#[derive(Debug, Default)]
pub struct Proof {
    /// Who cannot stay in the files.
    pub refused: Vec<(UserId, LeftOut)>,
    /// Who gets the marker of `[ownership]` with the next plan, and nothing else.
    pub adopted: Vec<Username>,
    /// What the plan says of the org as a whole and a newcomer should know.
    pub said: Vec<Diagnostic>,
}

impl Selected<'_> {
    /// Holds the files against the org. `loaded` is the project with the files as the org sees it,
    /// `found` what is wrong with it in the eyes of any org.
    pub fn proof(&self, draft: &Draft, loaded: &Loaded, found: &[Diagnostic]) -> Proof {
        let files: BTreeMap<&str, &UserFile> =
            draft.files.iter().map(|file| (&*file.path, file)).collect();
        let names: HashMap<UserId, &Username> =
            self.people.iter().map(|one| (one.user.id, &one.user.username)).collect();
        let mut proof = Proof::default();
        let mut refuse = |user: UserId, why: Why, detail: Option<String>| {
            if let Some(name) = names.get(&user) {
                let left = LeftOut { why, username: (*name).clone(), detail };
                proof.refused.push((user, left));
            }
        };
        let errors = found.iter().filter(|one| one.severity == Severity::Error);
        for error in errors.filter(|error| error.code != Code::NoMatch) {
            for user in concerned(error, &files) {
                refuse(user, Why::Invalid(error.code), Some(error.message.clone()));
            }
        }
        if !proof.refused.is_empty() {
            return unique(proof);
        }
        let ours = |one: &&DesiredUser| whose(&one.place, &files).is_some();
        let users: Vec<DesiredUser> = loaded.desired.users.iter().filter(ours).cloned().collect();
        self.org.hold(&Desired { users }, &files, &names, &mut proof);
        unique(proof)
    }
}

/// Whoever is refused is refused once, for the first reason.
fn unique(mut proof: Proof) -> Proof {
    let mut seen = HashSet::new();
    proof.refused.retain(|(user, _)| seen.insert(*user));
    proof
}

type Files<'f> = BTreeMap<&'f str, &'f UserFile>;

/// Whose entry a place is in.
fn whose(place: &Place, files: &Files<'_>) -> Option<UserId> {
    files.get(&*place.file)?.person_at(place.start as usize)
}

/// Whom an error is about: the one in whose entry it is, or else everybody of a new file.
fn concerned(error: &Diagnostic, files: &Files<'_>) -> Vec<UserId> {
    let labels = error.labels.iter().map(|label| &label.place);
    let places: Vec<&Place> = error.place.iter().chain(labels).collect();
    if let Some(user) = places.iter().find_map(|place| whose(place, files)) {
        return vec![user];
    }
    let new = |place: &&Place| files.get(&*place.file).filter(|file| file.before.is_none());
    let file = places.iter().find_map(new);
    file.map(|file| file.entries.iter().map(|(_, user)| *user).collect()).unwrap_or_default()
}

impl Org<'_> {
    /// Plans for these people alone.
    fn hold(
        &self,
        desired: &Desired,
        files: &Files<'_>,
        names: &HashMap<UserId, &Username>,
        proof: &mut Proof,
    ) {
        let source = self.source;
        let plan = diff(desired, source.current, source.policy, source.request);
        let mut refuse = |place: &Place, why: Why, detail: Option<String>| {
            let user = whose(place, files);
            if let Some((user, name)) = user.and_then(|user| Some((user, *names.get(&user)?))) {
                let left = LeftOut { why, username: name.clone(), detail };
                proof.refused.push((user, left));
            }
        };
        let problems = problems(&plan);
        for change in &plan.changes {
            let Some(place) = &change.place else { continue };
            if is_adoption(change) {
                proof.adopted.push(change.username.clone());
            } else if let Some(error) = problems.get(&change.username).filter(|_| change.blocked) {
                refuse(place, Why::Blocked(error.code), Some(error.message.clone()));
            } else {
                refuse(place, Why::Changed, Some(differences(change)));
            }
        }
        let broken: Vec<_> = plan.blockers.iter().map(|blocker| blocker.rule).collect();
        let today = source.request.today;
        for (one, rule) in offenders(&desired.users, &source.policy.rules, &broken, today) {
            refuse(&one.place, Why::Rule(rule), None);
        }
        let general = |one: &&Diagnostic| {
            matches!(one.code, Code::SandboxWithoutSuffix) && one.severity == Severity::Warning
        };
        proof.said = plan.diagnostics.iter().filter(general).cloned().collect();
    }
}

/// Whether a change only writes down that the project answers for the user.
fn is_adoption(change: &Change) -> bool {
    change.action == Action::Adopt
        && !change.blocked
        && change.contact.is_none()
        && change.access.is_empty()
        && change.fields.len() == 1
}

/// The first thing that holds each person up.
fn problems(plan: &Plan) -> HashMap<&Username, &Diagnostic> {
    let errors = plan.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    let mut problems = HashMap::new();
    for error in errors {
        if let Some(username) = &error.username {
            problems.entry(username).or_insert(error);
        }
    }
    problems
}

/// What a change is about, by the names of fields.
fn differences(change: &Change) -> String {
    let fields = change.fields.iter().map(|field| match field.object {
        Object::User => field.field.to_string(),
        Object::Contact => format!("{} of the contact", field.field),
    });
    let lists = change.access.iter().filter(|(_, changes)| !changes.is_empty());
    let mut said: Vec<String> = fields.collect();
    said.extend(lists.map(|(kind, _)| kind.key().to_owned()));
    if said.is_empty() {
        said.push(change.action.as_str().to_owned());
    }
    said.join(", ")
}
