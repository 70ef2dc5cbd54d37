//! Permission sets: what is declared against the direct assignments. Sets that belong to a profile
//! or come with a group were never read, so they can be neither missed nor removed.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{
    Assignment, Code, CurrentUser, DesiredUser, Diagnostic, PermissionSet, Profile, SetGrant,
    SetMode, SetName, day_of, last_second, nearest,
};

use super::Planner;
use super::change::{Expiry, SetAdd, SetChanges, SetExpiry, SetRemove};

/// What is to be done about a user's sets, and what stands in the way.
#[derive(Default)]
pub(super) struct SetPlan {
    pub(super) changes: SetChanges,
    pub(super) problems: Vec<Diagnostic>,
}

impl Planner<'_> {
    /// The sets of a user, new if `user` is absent, who has or gets `profile`.
    pub(super) fn sets(
        &self,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
        profile: &Profile,
    ) -> SetPlan {
        let at_create = if user.is_none() { &*declared.permission_sets_on_create } else { &[] };
        let managed = declared.permission_sets.as_deref();
        let mut wanted: BTreeMap<&SetName, &SetGrant> = BTreeMap::new();
        for grant in at_create.iter().chain(managed.unwrap_or_default()) {
            wanted.insert(&grant.name, grant);
        }
        let mut plan = SetPlan::default();
        let mut held = self.held(user);
        let today = self.request.today.in_zone(&declared.zone);
        for (name, grant) in wanted {
            if self.ignored_sets.is_match(name.as_str()) {
                continue;
            }
            let row = held.remove(name);
            let over = grant.expires.is_some_and(|last| last < today);
            if over {
                self.expired(&mut plan, declared, grant, row);
                continue;
            }
            match row {
                Some(row) => Self::change_expiry(&mut plan, declared, grant, row),
                None => self.add(&mut plan, declared, grant, profile),
            }
        }
        if managed.is_some() && self.policy.permission_sets.mode == SetMode::Exact {
            for (name, row) in held {
                let over = row.expires.is_some_and(|at| day_of(at, &declared.zone) < today);
                if !over && !self.ignored_sets.is_match(name.as_str()) {
                    plan.changes.remove.push(SetRemove { assignment: row.id, name: name.clone() });
                }
            }
        }
        plan.changes.remove.sort_by(|a, b| a.name.cmp(&b.name));
        plan
    }

    /// The user's direct assignments, by set. Of several rows for one set the longest counts.
    fn held(&self, user: Option<&CurrentUser>) -> BTreeMap<&SetName, &Assignment> {
        let mut held = BTreeMap::new();
        for row in user.map(|user| self.index.assignments(user.id)).unwrap_or_default() {
            if let Some(set) = self.index.set(row.set) {
                held.insert(&set.name, *row);
            }
        }
        held
    }

    /// A grant whose last day is over: the assignment may stay if it has ended by itself.
    fn expired(
        &self,
        plan: &mut SetPlan,
        declared: &DesiredUser,
        grant: &SetGrant,
        row: Option<&Assignment>,
    ) {
        let today = self.request.today.in_zone(&declared.zone);
        if let Some(row) = row {
            let ended = row.expires.is_some_and(|at| day_of(at, &declared.zone) < today);
            if !ended {
                plan.changes
                    .remove
                    .push(SetRemove { assignment: row.id, name: grant.name.clone() });
            }
        }
    }

    fn change_expiry(
        plan: &mut SetPlan,
        declared: &DesiredUser,
        grant: &SetGrant,
        row: &Assignment,
    ) {
        let before = row.expires.map(|at| day_of(at, &declared.zone));
        if before != grant.expires {
            plan.changes.change.push(SetExpiry {
                assignment: row.id,
                name: grant.name.clone(),
                before,
                after: grant.expires.map(|day| expiry(day, declared)),
            });
        }
    }

    fn add(&self, plan: &mut SetPlan, declared: &DesiredUser, grant: &SetGrant, profile: &Profile) {
        match self.assignable(grant, profile) {
            Ok(set) => plan.changes.add.push(SetAdd {
                id: set.id,
                name: set.name.clone(),
                expires: grant.expires.map(|day| expiry(day, declared)),
            }),
            Err(problem) => plan.problems.push(problem),
        }
    }

    fn assignable(
        &self,
        grant: &SetGrant,
        profile: &Profile,
    ) -> Result<&PermissionSet, Diagnostic> {
        let Some(set) = self.index.set_named(&grant.name) else {
            let names = self.index.current.permission_sets.iter().map(|set| set.name.as_str());
            let message = format!("permission set `{}` does not exist in this org", grant.name);
            let help = nearest(grant.name.as_str(), names).map_or_else(
                || "check the API name, with its namespace if it has one".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Diagnostic::new(Code::UnknownPermissionSet, message).help(help));
        };
        if set.license.is_some_and(|license| license != profile.license) {
            let license = |id| self.index.license(id).map_or("another licence", |l| &*l.name);
            let message = format!(
                "permission set `{}` is for licence `{}`, profile `{}` has `{}`",
                set.name,
                set.license.map_or("", license),
                profile.name,
                license(profile.license)
            );
            return Err(Diagnostic::new(Code::PermissionSetLicense, message)
                .help("declare a permission set that was made for this licence"));
        }
        Ok(set)
    }
}

fn expiry(day: Date, declared: &DesiredUser) -> Expiry {
    Expiry { day, at: last_second(day, &declared.zone) }
}
