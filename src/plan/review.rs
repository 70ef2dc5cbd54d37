//! Whether a plan asks for nothing but what an earlier one, which somebody has reviewed, asked for.

use std::collections::HashMap;
use std::fmt;

use crate::model::{AccessKind, Username};

use super::access_change::SetChanges;
use super::change::{Action, Change, ContactStep, Datum, FieldChange, Object, Plan, Subject};

/// Something that was not reviewed: about whom, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreviewed {
    /// The user.
    pub username: Username,
    /// What it is, as a fragment without a period.
    pub what: String,
}

impl fmt::Display for Unreviewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.username, self.what)
    }
}

/// Everything in a fresh plan that the reviewed one does not hold, or saw otherwise. What the
/// reviewed plan holds and the fresh one does not is not of interest here: it is true already.
pub fn unreviewed(reviewed: &Plan, fresh: &Plan) -> Vec<Unreviewed> {
    let by_name: HashMap<&Username, &Change> =
        reviewed.changes.iter().map(|change| (&change.org_username, change)).collect();
    let mut found = Vec::new();
    for change in &fresh.changes {
        let whats = match by_name.get(&change.org_username) {
            Some(known) => compare(known, change),
            None => vec![format!("{} is not in the reviewed plan", change.action.as_str())],
        };
        let about = |what| Unreviewed { username: change.username.clone(), what };
        found.extend(whats.into_iter().map(about));
    }
    found
}

fn compare(known: &Change, fresh: &Change) -> Vec<String> {
    let mut found = Vec::new();
    match (known.blocked, fresh.blocked) {
        (true, true) => return found,
        (true, false) => return vec!["was blocked when the plan was reviewed".to_owned()],
        (false, true) => return vec!["is blocked now".to_owned()],
        (false, false) => {}
    }
    let made = known.action == Action::Create;
    match (known.subject, fresh.subject) {
        (Subject::New, Subject::New) => {}
        // A run that was cut off has made the user.
        (Subject::New, Subject::Existing(_)) if made => {}
        (Subject::Existing(before), Subject::Existing(now)) if before == now => {}
        (_, Subject::Existing(now)) => found.push(format!("the username now belongs to {now}")),
        (_, Subject::New) => found.push("the user is gone".to_owned()),
    }
    for state in states(fresh) {
        if !states(known).contains(&state) {
            found.push(format!("{} is not in the reviewed plan", state.as_str()));
        }
    }
    found.extend(fresh.fields.iter().filter_map(|field| field_of(known, field)));
    for kind in AccessKind::ALL {
        sets(kind, known.access.get(kind), fresh.access.get(kind), &mut found);
    }
    if fresh.activate && !known.activate {
        found.push("mailing a link is not in the reviewed plan".to_owned());
    }
    found.extend(contact(known.contact, fresh.contact));
    found
}

/// What a change does to whether somebody may sign in.
fn states(change: &Change) -> Vec<Action> {
    let mut states = match change.action {
        Action::Create
        | Action::Deactivate
        | Action::Freeze
        | Action::Reactivate
        | Action::Unfreeze => vec![change.action],
        Action::Rename | Action::Adopt | Action::Update => Vec::new(),
    };
    if change.unfreeze && !states.contains(&Action::Unfreeze) {
        states.push(Action::Unfreeze);
    }
    states
}

/// What is not as reviewed about a field, if anything.
fn field_of(known: &Change, fresh: &FieldChange) -> Option<String> {
    let same = |field: &&FieldChange| field.object == fresh.object && field.field == fresh.field;
    let name = |field: &FieldChange| format!("{}.{}", field.object.as_str(), field.field);
    let Some(reviewed) = known.fields.iter().find(same) else {
        return Some(format!("{} is not in the reviewed plan", name(fresh)));
    };
    if reviewed.after != fresh.after {
        return Some(format!(
            "{} would become {}, reviewed was {}",
            name(fresh),
            shown(&fresh.after),
            shown(&reviewed.after)
        ));
    }
    // A swap of usernames that was cut off has left the user with a name of the meantime.
    let renamed = fresh.object == Object::User && fresh.field == "Username";
    (reviewed.before != fresh.before && !renamed).then(|| {
        format!(
            "{} is {} now, the reviewed plan saw {}",
            name(fresh),
            shown(&fresh.before),
            shown(&reviewed.before)
        )
    })
}

fn shown(value: &Datum) -> String {
    value.text().map_or_else(|| "empty".to_owned(), |text| format!("`{text}`"))
}

fn sets(kind: AccessKind, known: &SetChanges, fresh: &SetChanges, found: &mut Vec<String>) {
    let what = kind.what();
    for add in &fresh.add {
        let day = |expiry: Option<super::Expiry>| expiry.map(|expiry| expiry.day);
        let same = |one: &&super::SetAdd| one.id == add.id && day(one.expires) == day(add.expires);
        if !known.add.iter().any(|one| same(&one)) {
            found.push(format!("giving {what} `{}` is not in the reviewed plan", add.name));
        }
    }
    for end in &fresh.remove {
        if !known.remove.iter().any(|one| one.holding == end.holding) {
            found.push(format!("taking {what} `{}` is not in the reviewed plan", end.name));
        }
    }
    for change in &fresh.change {
        let same = |one: &&super::SetExpiry| {
            one.holding == change.holding
                && one.before == change.before
                && one.after.map(|expiry| expiry.day) == change.after.map(|expiry| expiry.day)
        };
        if !known.change.iter().any(|one| same(&one)) {
            found.push(format!("the last day of {what} `{}` is not as reviewed", change.name));
        }
    }
}

fn contact(known: Option<ContactStep>, fresh: Option<ContactStep>) -> Option<String> {
    let fresh = fresh?;
    let as_reviewed = match (known, fresh) {
        // A run that was cut off has made the contact; what is written to it was compared before.
        (Some(ContactStep::Create(_)), ContactStep::Link(_) | ContactStep::Update(_)) => true,
        (Some(ContactStep::Link(before) | ContactStep::Move(before)), ContactStep::Update(now)) => {
            before == now
        }
        (known, fresh) => known == Some(fresh),
    };
    (!as_reviewed).then(|| format!("contact {} is not in the reviewed plan", fresh.as_str()))
}
