//! What users are given beside their profile: permission sets, groups and licences, public groups.
//! Declared grants against what is held directly. Sets that belong to a profile or come with a
//! group were never read, so they can be neither missed nor removed.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{
    AccessKind, Code, CurrentUser, DesiredUser, Diagnostic, Holding, Profile, SetBinding, SetGrant,
    SetMode, SetName, day_of, last_second, nearest,
};

use super::Planner;
use super::change::{AccessChanges, Expiry, SetAdd, SetChanges, SetExpiry, SetRemove};
use super::index::Offer;

/// What is to be done about a user's access, and what stands in the way.
#[derive(Default)]
pub(super) struct AccessPlan {
    pub(super) changes: AccessChanges,
    pub(super) problems: Vec<Diagnostic>,
}

/// Whose access is compared.
#[derive(Clone, Copy)]
struct Person<'a> {
    declared: &'a DesiredUser,
    /// Their user, unless it is new.
    user: Option<&'a CurrentUser>,
    /// The profile that they have or get.
    profile: &'a Profile,
    today: Date,
}

impl Planner<'_> {
    /// The access of a user, new if `user` is absent, who has or gets `profile`.
    pub(super) fn access(
        &self,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
        profile: &Profile,
    ) -> AccessPlan {
        let today = self.request.today.in_zone(&declared.zone);
        let person = Person { declared, user, profile, today };
        let mut plan = AccessPlan::default();
        for kind in AccessKind::ALL {
            let mut changes = SetChanges::default();
            self.kind(&mut changes, &mut plan.problems, person, kind);
            *plan.changes.get_mut(kind) = changes;
        }
        plan
    }

    fn kind(
        &self,
        changes: &mut SetChanges,
        problems: &mut Vec<Diagnostic>,
        person: Person<'_>,
        kind: AccessKind,
    ) {
        let declared = person.declared;
        let at_create = declared.on_create.access.get(kind).as_deref();
        let at_create = at_create.filter(|_| person.user.is_none()).unwrap_or_default();
        let managed = declared.access.get(kind).as_deref();
        let mut wanted: BTreeMap<&SetName, &SetGrant> = BTreeMap::new();
        for grant in at_create.iter().chain(managed.unwrap_or_default()) {
            wanted.insert(&grant.name, grant);
        }
        let mut held = self.held(person.user, kind);
        for (name, grant) in wanted {
            if self.is_ignored(kind, name) {
                continue;
            }
            let row = held.remove(name);
            if grant.expires.is_some_and(|last| last < person.today) {
                end(changes, person, grant, row);
                continue;
            }
            match row {
                Some(row) => change_expiry(changes, kind, person, (grant, row)),
                None => match self.assignable(kind, grant, person.profile) {
                    Ok(offer) => changes.add.push(SetAdd {
                        id: offer.id,
                        name: offer.name.clone(),
                        expires: grant.expires.map(|day| expiry(day, declared)),
                    }),
                    Err(problem) => problems.push(problem),
                },
            }
        }
        if managed.is_some() && self.policy.permission_sets.mode == SetMode::Exact {
            for (name, row) in held {
                let over = row.expires.is_some_and(|at| day_of(at, &declared.zone) < person.today);
                if !over && !self.is_ignored(kind, name) {
                    changes.remove.push(SetRemove { holding: row.id, name: name.clone() });
                }
            }
        }
        changes.remove.sort_by(|a, b| a.name.cmp(&b.name));
    }

    fn is_ignored(&self, kind: AccessKind, name: &SetName) -> bool {
        kind == AccessKind::PermissionSet && self.ignored_sets.is_match(name.as_str())
    }

    /// What the user holds of a kind, by name. Of several rows for one the longest counts.
    fn held(&self, user: Option<&CurrentUser>, kind: AccessKind) -> BTreeMap<&SetName, &Holding> {
        let mut held: BTreeMap<&SetName, &Holding> = BTreeMap::new();
        let rows = user.map(|user| self.index.holdings(user.id)).unwrap_or_default();
        for row in rows.iter().filter(|row| row.kind == kind) {
            let Some(offer) = self.index.offer(row.what) else { continue };
            let longer = |other: &&Holding| match (other.expires, row.expires) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(other), Some(one)) => other >= one,
            };
            if !held.get(offer.name).is_some_and(longer) {
                held.insert(offer.name, *row);
            }
        }
        held
    }

    fn assignable(
        &self,
        kind: AccessKind,
        grant: &SetGrant,
        profile: &Profile,
    ) -> Result<Offer<'_>, Diagnostic> {
        let Some(offer) = self.index.offer_named(kind, &grant.name) else {
            let message = format!("{} `{}` does not exist in this org", kind.what(), grant.name);
            let help = nearest(grant.name.as_str(), self.index.offered(kind)).map_or_else(
                || "check the API name, with its namespace if it has one".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Diagnostic::new(Code::UnknownPermissionSet, message).help(help));
        };
        if let Some(SetBinding::User(bound)) = offer.binding
            && bound != profile.license
        {
            let license = |id| self.index.license(id).map_or("another licence", |l| &*l.name);
            let message = format!(
                "permission set `{}` is for licence `{}`, profile `{}` has `{}`",
                offer.name,
                license(bound),
                profile.name,
                license(profile.license)
            );
            return Err(Diagnostic::new(Code::PermissionSetLicense, message)
                .help("declare a permission set that was made for this licence"));
        }
        Ok(offer)
    }
}

/// A grant whose last day is over: what is held may stay if it has ended by itself.
fn end(changes: &mut SetChanges, person: Person<'_>, grant: &SetGrant, row: Option<&Holding>) {
    if let Some(row) = row {
        let ended = row.expires.is_some_and(|at| day_of(at, &person.declared.zone) < person.today);
        if !ended {
            changes.remove.push(SetRemove { holding: row.id, name: grant.name.clone() });
        }
    }
}

/// Set licences and groups end when `apply` takes them, the others by themselves.
fn change_expiry(
    changes: &mut SetChanges,
    kind: AccessKind,
    person: Person<'_>,
    (grant, row): (&SetGrant, &Holding),
) {
    match kind {
        AccessKind::PermissionSetLicense | AccessKind::Group => return,
        AccessKind::PermissionSet | AccessKind::PermissionSetGroup => {}
    }
    let before = row.expires.map(|at| day_of(at, &person.declared.zone));
    if before != grant.expires {
        changes.change.push(SetExpiry {
            holding: row.id,
            name: grant.name.clone(),
            before,
            after: grant.expires.map(|day| expiry(day, person.declared)),
        });
    }
}

fn expiry(day: Date, declared: &DesiredUser) -> Expiry {
    Expiry { day, at: last_second(day, &declared.zone) }
}
