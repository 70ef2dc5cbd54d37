//! Accepted but not effective: what was written is looked at once more, because an org can take a
//! value and not keep it, without an error.
//!
//! Sources: Salesforce Help, "User Access Policies" (an active policy takes a set away again) and
//! article 005103627 (a changed address waits for its confirmation).

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;
use futures_util::future::join;

use crate::model::{AccessKind, ApiName, CustomValues, RecordId, Scalar, UserId};
use crate::org::{self, Kept};
use crate::plan::{Action, Change, Datum, FieldChange, Object, Subject};

use super::report::Failure;
use super::work::Work;

impl Work<'_> {
    /// Finds the changes that count as done and are not. Where the org cannot be asked, its answers
    /// stand.
    pub(super) async fn check_effect(&self) {
        let done = self.progress.borrow().done();
        let (values, sets) = join(self.lost_values(&done), self.lost_sets(&done)).await;
        for (at, what) in values.into_iter().chain(sets) {
            self.without_effect(at, &what);
        }
    }

    /// Who is not as active as they were told to be, or holds other values than they were given.
    async fn lost_values(&self, done: &[(usize, UserId)]) -> Vec<(usize, String)> {
        let told = |(at, user): &(usize, UserId)| Some((*at, *user, self.plan.changes.get(*at)?));
        let told: Vec<(usize, UserId, &Change)> = done
            .iter()
            .filter_map(told)
            .filter(|(.., change)| is_active(change).is_some() || written(change).next().is_some())
            .collect();
        let ids: Vec<UserId> = told.iter().map(|(_, user, _)| *user).collect();
        let fields = |object| -> BTreeSet<&ApiName> {
            let written = told.iter().flat_map(|(.., change)| written(change));
            written.filter(|field| field.object == object).map(|field| &field.field).collect()
        };
        let (of_user, of_contact) = (fields(Object::User), fields(Object::Contact));
        let reader = self.writer.reader();
        let held = org::kept(&reader, &ids, of_user.into_iter(), of_contact.into_iter()).await;
        let held = held.unwrap_or_default();
        let lost = |(at, user, change): (usize, UserId, &Change)| {
            Some((at, difference(change, held.get(&user)?)?))
        };
        told.into_iter().filter_map(lost).collect()
    }

    /// Who does not hold the sets that they were given.
    async fn lost_sets(&self, done: &[(usize, UserId)]) -> Vec<(usize, String)> {
        let kinds = [AccessKind::PermissionSet, AccessKind::PermissionSetGroup];
        let given = |at: usize| {
            let changes = self.plan.changes.get(at).into_iter();
            changes.flat_map(|change| kinds.iter().flat_map(|kind| &change.access.get(*kind).add))
        };
        let ids: Vec<UserId> = done
            .iter()
            .filter(|(at, _)| given(*at).next().is_some())
            .map(|(_, user)| *user)
            .collect();
        let Ok(held) = org::held_sets(&self.writer.reader(), &ids).await else {
            return Vec::new();
        };
        let held: HashSet<(UserId, RecordId), RandomState> = held.into_iter().collect();
        let mut lost = Vec::new();
        for (at, user) in done {
            let gone = given(*at).filter(|set| !held.contains(&(*user, set.id)));
            lost.extend(gone.map(|set| (*at, format!("`{}` is not assigned", set.name))));
        }
        lost
    }

    fn without_effect(&self, at: usize, what: &str) {
        let failure = Failure {
            code: "NOT_EFFECTIVE".to_owned(),
            message: format!("the org accepted the change, but {what}"),
            help: Some(
                "an automation or a user access policy of the org undoes it: show it to an administrator"
                    .to_owned(),
            ),
        };
        self.progress.borrow_mut().without_effect(at, failure);
    }
}

/// Whether the user is active after the change, if it is about that.
const fn is_active(change: &Change) -> Option<bool> {
    match change.action {
        Action::Create | Action::Reactivate => Some(true),
        Action::Deactivate => Some(false),
        Action::Freeze | Action::Unfreeze | Action::Rename | Action::Adopt | Action::Update => None,
    }
}

/// The values that somebody who was there got. Of those who go only the state is written.
fn written(change: &Change) -> impl Iterator<Item = &FieldChange> {
    let stays = matches!(change.subject, Subject::Existing(_)) && is_active(change) != Some(false);
    let fields = if stays { change.fields.as_slice() } else { &[] };
    fields.iter()
}

/// What is not as it was written.
fn difference(change: &Change, held: &Kept) -> Option<String> {
    match is_active(change) {
        Some(true) if !held.active => return Some("the user is inactive".to_owned()),
        Some(false) if held.active => return Some("the user is active".to_owned()),
        Some(_) | None => {}
    }
    written(change).find_map(|field| {
        let values: &CustomValues = match field.object {
            Object::User => &held.user,
            Object::Contact => &held.contact,
        };
        let now = values.get(&field.field)?;
        let shown = |text: String| {
            if text.is_empty() { "empty".to_owned() } else { format!("`{text}`") }
        };
        let wanted = field.after.text().unwrap_or_default().into_owned();
        (!is_kept(&field.after, now)).then(|| {
            let (now, wanted) = (shown(now.to_string()), shown(wanted));
            format!("{}.{} is {now}, not {wanted}", field.object.as_str(), field.field)
        })
    })
}

/// Whether a value is the one that was written, however the org lays it out. A hidden one may be.
fn is_kept(written: &Datum, now: &Scalar) -> bool {
    match (written, now) {
        (_, Scalar::Text(text)) if &**text == "#N/A" => true,
        (Datum::Null, now) => now.to_string().is_empty() || *now == Scalar::Bool(false),
        (Datum::Reference { id, .. }, Scalar::Text(text)) => {
            RecordId::observed(text).is_ok_and(|now| now == *id)
        }
        (Datum::Number(number), Scalar::Number(now)) => {
            (number.get() - now.get()).abs() <= number.get().abs() * 1e-9
        }
        // A day may come back as the beginning of a moment.
        (Datum::Date(day), now) => now.to_string().starts_with(&day.to_string()),
        (Datum::Text(_) | Datum::Bool(_) | Datum::Number(_) | Datum::Reference { .. }, now) => {
            let written = written.text().unwrap_or_default();
            // Parts of a multi-select come in the order of the picklist.
            parts(&written) == parts(&now.to_string()) || is_moment(&written)
        }
    }
}

fn parts(text: &str) -> BTreeSet<String> {
    text.split([';', '\r', '\n']).map(|part| part.trim().to_lowercase()).collect()
}

/// The org has its own way of writing moments.
fn is_moment(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}
