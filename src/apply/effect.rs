//! Accepted but not effective: what was written is looked at once more, because an org can take a
//! value and not keep it, without an error.
//!
//! Sources: Salesforce Help, "User Access Policies" (an active policy takes a set away again) and
//! article 005103627 (a changed address waits for its confirmation).

use std::collections::HashSet;

use crate::model::{AccessKind, RecordId, UserId};
use crate::org;
use crate::plan::{Action, Change};

use super::report::Failure;
use super::work::Work;

impl Work<'_> {
    /// Finds the changes that count as done and are not. Where the org cannot be asked, its answers
    /// stand.
    pub(super) async fn check_effect(&self) {
        let done = self.progress.borrow().done();
        self.check_states(&done).await;
        self.check_sets(&done).await;
    }

    /// Whether users are as active as they were told to be.
    async fn check_states(&self, done: &[(usize, UserId)]) {
        let wanted = |change: &Change| match change.action {
            Action::Create | Action::Reactivate => Some(true),
            Action::Deactivate => Some(false),
            Action::Freeze | Action::Unfreeze | Action::Rename | Action::Adopt | Action::Update => {
                None
            }
        };
        let told: Vec<(usize, UserId, bool)> = done
            .iter()
            .filter_map(|(at, user)| Some((*at, *user, wanted(self.plan.changes.get(*at)?)?)))
            .collect();
        let ids: Vec<UserId> = told.iter().map(|(_, user, _)| *user).collect();
        let Ok(active) = org::active(&self.writer.reader(), &ids).await else { return };
        for (at, user, wanted) in told {
            if active.get(&user).is_some_and(|now| *now != wanted) {
                let state = if wanted { "inactive" } else { "active" };
                self.without_effect(at, &format!("the user is {state}"));
            }
        }
    }

    /// Whether users hold the sets that they were given.
    async fn check_sets(&self, done: &[(usize, UserId)]) {
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
        let Ok(held) = org::held_sets(&self.writer.reader(), &ids).await else { return };
        let held: HashSet<(UserId, RecordId)> = held.into_iter().collect();
        for (at, user) in done {
            for set in given(*at).filter(|set| !held.contains(&(*user, set.id))) {
                let what = format!("`{}` is not assigned", set.name);
                self.without_effect(*at, &what);
            }
        }
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
