//! What users are given beside their profile: permission sets, groups and licences, public groups.
//! Declared grants against what is held directly. Sets that belong to a profile or come with a
//! group were never read, so they can be neither missed nor removed.
//!
//! `mode` holds for every kind; `ignore` for permission sets and groups of them, which are assigned
//! by the same records. What `[on_create]` gave is never taken away for not being declared.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;
use jiff::civil::Date;

use crate::model::{
    Access, AccessKind, Code, CurrentUser, DesiredUser, Diagnostic, Holding, Profile, RecordId,
    SetBinding, SetGrant, SetMode, SetName, SetPolicy, Today, UserType, day_of, last_second,
    nearest,
};

use super::access_change::{AccessChanges, Expiry, SetAdd, SetChanges, SetExpiry, SetRemove};
use super::index::{Flaw, Offer};
use super::remarks::Remark;
use super::{Planner, globs};

/// What is to be done about a user's access, and what stands in the way.
#[derive(Default)]
pub(super) struct AccessPlan {
    pub(super) changes: AccessChanges,
    pub(super) problems: Vec<Diagnostic>,
    /// What is worth saying once for everybody whom it concerns.
    pub(super) remarks: Vec<Remark>,
}

/// Whose access is compared.
#[derive(Clone, Copy)]
struct Person<'a> {
    declared: &'a DesiredUser,
    /// Their user, unless it is new.
    user: Option<&'a CurrentUser>,
    today: Today,
}

impl Person<'_> {
    /// The day where they are: to look it up takes longer than most of what is compared.
    fn today(&self) -> Date {
        self.today.in_zone(&self.declared.shared.zone)
    }

    /// Whether something that they hold has ended by itself.
    fn is_over(&self, row: &Holding) -> bool {
        row.expires.is_some_and(|at| day_of(at, &self.declared.shared.zone) < self.today())
    }
}

/// Grants of one kind that a user is to have.
struct Wanted<'a> {
    grants: BTreeMap<&'a SetName, &'a SetGrant>,
    /// Names that were given at the user's creation, if it was this program that created it.
    once: BTreeSet<&'a SetName>,
    /// Whether any level has the key.
    managed: bool,
    /// Whether whatever else is held is taken away.
    exact: bool,
}

/// What the files ask for of one kind, and whether it is what is held.
pub(super) struct Asked<'a> {
    /// By name; absent, if no level has the key.
    pub(super) grants: Option<Vec<&'a SetGrant>>,
    /// Whether something is missing, or is held that no file gives and nothing needs. What a pattern
    /// ignores, and what has ended, is neither.
    pub(super) differs: bool,
}

/// The order of planning: which licences are needed follows from the sets.
const KINDS: [AccessKind; 4] = [
    AccessKind::PermissionSet,
    AccessKind::PermissionSetLicense,
    AccessKind::PermissionSetGroup,
    AccessKind::Group,
];

/// Whether nothing is declared of any kind.
fn is_silent(access: &Access) -> bool {
    access.iter().all(|(_, grants)| grants.is_none())
}

/// `[permission_sets] ignore` at work.
pub(crate) struct IgnoredSets(GlobSet);

impl IgnoredSets {
    pub(crate) fn of(policy: &SetPolicy) -> Self {
        Self(globs(&policy.ignore))
    }

    /// Whether something is never looked at.
    pub(crate) fn hold(&self, kind: AccessKind, name: &SetName) -> bool {
        match kind {
            AccessKind::PermissionSet | AccessKind::PermissionSetGroup => {
                // To ask a set of no patterns takes its time as well.
                !self.0.is_empty() && self.0.is_match(name.as_str())
            }
            AccessKind::PermissionSetLicense | AccessKind::Group => false,
        }
    }
}

impl Planner<'_> {
    /// The access of a user, new if `user` is absent, who has or gets `profile`.
    pub(super) fn access(
        &self,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
        profile: &Profile,
    ) -> AccessPlan {
        let holds_nothing = user.is_none_or(|user| self.index.holdings(user.id).is_empty());
        if holds_nothing && is_silent(&declared.access) && is_silent(&declared.on_create.access) {
            return AccessPlan::default();
        }
        let person = Person { declared, user, today: self.request.today };
        let mut plan = AccessPlan::default();
        let is_named = |kind| {
            let levels = [&declared.access, &declared.on_create.access].into_iter();
            let mut grants = levels.filter_map(|access| access.get(kind).as_deref());
            grants.any(|grants| !grants.is_empty())
        };
        for kind in KINDS {
            // Licences may be needed for what is given of another kind.
            if holds_nothing && !is_named(kind) && kind != AccessKind::PermissionSetLicense {
                continue;
            }
            let wanted = self.wanted(person, kind);
            if kind == AccessKind::Group
                && !wanted.grants.is_empty()
                && profile.user_type == UserType::CspLitePortal
            {
                plan.problems.push(without_groups(profile));
                continue;
            }
            self.kind(&mut plan, (person, profile), kind, &wanted);
            if kind == AccessKind::PermissionSet {
                self.outgrown(&mut plan, (person, profile));
            }
        }
        plan
    }

    fn wanted<'a>(&self, person: Person<'a>, kind: AccessKind) -> Wanted<'a> {
        let declared = person.declared;
        let once = declared.on_create.access.get(kind).as_deref().unwrap_or_default();
        let at_create = if person.user.is_none() { once } else { &[] };
        let managed = declared.access.get(kind).as_deref();
        let grants = at_create.iter().chain(managed.unwrap_or_default());
        Wanted {
            grants: grants.map(|grant| (&grant.name, grant)).collect(),
            once: once.iter().map(|grant| &grant.name).collect(),
            managed: managed.is_some(),
            exact: managed.is_some() && self.policy.permission_sets.mode == SetMode::Exact,
        }
    }

    fn kind(
        &self,
        plan: &mut AccessPlan,
        (person, profile): (Person<'_>, &Profile),
        kind: AccessKind,
        wanted: &Wanted<'_>,
    ) {
        let needed = self.needed(&plan.changes, person, kind);
        let mut changes = SetChanges::default();
        let mut held = self.held(person.user, kind);
        if wanted.grants.is_empty() && needed.is_empty() && held.is_empty() {
            return;
        }
        changes.add.reserve_exact(wanted.grants.len() + needed.len());
        for (name, grant) in &wanted.grants {
            if self.ignored_sets.hold(kind, name) {
                plan.remarks.push(Remark::ignored(kind, name));
                continue;
            }
            let row = held.remove(name);
            if grant.expires.is_some_and(|last| last < person.today()) {
                if row.is_none_or(|row| !needed.contains(&row.what)) {
                    end(&mut changes, person, grant, row);
                }
                continue;
            }
            match row {
                Some(row) => change_expiry(&mut changes, kind, person, (grant, row)),
                None => match self.assignable(kind, grant, profile) {
                    Ok(offer) => {
                        plan.remarks.extend(offer.flaw.and_then(|flaw| Remark::flaw(flaw, offer)));
                        let expires = grant.expires.map(|day| expiry(day, person.declared));
                        changes.add.push(SetAdd {
                            id: offer.id,
                            name: offer.name.clone(),
                            expires,
                        });
                    }
                    Err(problem) => plan.problems.push(problem),
                },
            }
        }
        self.add_needed(&mut changes, &needed, &held, wanted);
        if wanted.exact {
            for (name, row) in held {
                let stays = person.is_over(row)
                    || wanted.once.contains(name)
                    || needed.contains(&row.what)
                    || self.ignored_sets.hold(kind, name);
                if !stays {
                    changes.remove.push(SetRemove { holding: row.id, name: name.clone() });
                }
            }
        }
        changes.add.sort_by(|a, b| a.name.cmp(&b.name));
        changes.remove.sort_by(|a, b| a.name.cmp(&b.name));
        *plan.changes.get_mut(kind) = changes;
    }

    /// What is needed of a kind without being declared.
    fn needed(
        &self,
        changes: &AccessChanges,
        person: Person<'_>,
        kind: AccessKind,
    ) -> BTreeSet<RecordId> {
        match kind {
            AccessKind::PermissionSetLicense => self.needed_licenses(changes, person),
            AccessKind::PermissionSet | AccessKind::PermissionSetGroup | AccessKind::Group => {
                BTreeSet::new()
            }
        }
    }

    /// The permission set licences that the user's permission sets need, once they are as planned.
    /// Some orgs assign them along with the set, others refuse the set without them, so they are
    /// given first.
    fn needed_licenses(&self, changes: &AccessChanges, person: Person<'_>) -> BTreeSet<RecordId> {
        let sets = changes.get(AccessKind::PermissionSet);
        let gone: BTreeSet<&SetName> = sets.remove.iter().map(|set| &set.name).collect();
        let held = self.held(person.user, AccessKind::PermissionSet);
        let stay = held.iter().filter(|(name, row)| !person.is_over(row) && !gone.contains(*name));
        let added = sets.add.iter().map(|set| set.id);
        stay.map(|(_, row)| row.what)
            .chain(added)
            .filter_map(|set| match self.index.offer(set)?.binding? {
                SetBinding::PermissionSet(license) => Some(license.record()),
                SetBinding::User(_) => None,
            })
            .collect()
    }

    fn add_needed(
        &self,
        changes: &mut SetChanges,
        needed: &BTreeSet<RecordId>,
        held: &BTreeMap<&SetName, &Holding>,
        wanted: &Wanted<'_>,
    ) {
        for license in needed {
            let Some(offer) = self.index.offer(*license) else { continue };
            let there = held.contains_key(offer.name)
                || wanted.grants.contains_key(offer.name)
                || changes.add.iter().any(|added| added.id == offer.id);
            if !there && offer.flaw != Some(Flaw::Disabled) {
                changes.add.push(SetAdd { id: offer.id, name: offer.name.clone(), expires: None });
            }
        }
    }

    /// Sets that are made for the licence that the user moves away from, and that stay.
    fn outgrown(&self, plan: &mut AccessPlan, (person, profile): (Person<'_>, &Profile)) {
        let Some(user) = person.user else { return };
        let before = self.index.profile(user.profile).map(|profile| profile.license);
        if before == Some(profile.license) {
            return;
        }
        let sets = plan.changes.get(AccessKind::PermissionSet);
        let gone: BTreeSet<&SetName> = sets.remove.iter().map(|set| &set.name).collect();
        let outgrown: Vec<Remark> = self
            .held(person.user, AccessKind::PermissionSet)
            .into_iter()
            .filter(|(name, _)| !gone.contains(name))
            .filter_map(|(_, row)| self.index.offer(row.what))
            .filter(|offer| match offer.binding {
                Some(SetBinding::User(bound)) => bound != profile.license,
                Some(SetBinding::PermissionSet(_)) | None => false,
            })
            .map(Remark::outgrown)
            .collect();
        plan.remarks.extend(outgrown);
    }

    /// What the files ask for of a kind, for a user who is as they are.
    pub(super) fn asked<'r>(
        &'r self,
        declared: &'r DesiredUser,
        user: Option<&'r CurrentUser>,
        kind: AccessKind,
    ) -> Asked<'r> {
        let person = Person { declared, user, today: self.request.today };
        let wanted = self.wanted(person, kind);
        let needed = self.needed(&AccessChanges::default(), person, kind);
        let held = self.held(user, kind);
        let exceeds = |(name, row): (&&SetName, &&Holding)| {
            let given = wanted.grants.contains_key(name) || wanted.once.contains(name);
            let known = given || needed.contains(&row.what) || self.ignored_sets.hold(kind, name);
            !known && !person.is_over(row)
        };
        let lacks = |(name, grant): (&&SetName, &&SetGrant)| {
            let ended = grant.expires.is_some_and(|last| last < person.today());
            !held.contains_key(name) && !ended && !self.ignored_sets.hold(kind, name)
        };
        Asked {
            differs: wanted.managed
                && (held.iter().any(exceeds) || wanted.grants.iter().any(lacks)),
            grants: (wanted.managed || !wanted.grants.is_empty())
                .then(|| wanted.grants.into_values().collect()),
        }
    }

    /// What the user holds of a kind; nothing, if they are new.
    fn held(&self, user: Option<&CurrentUser>, kind: AccessKind) -> BTreeMap<&SetName, &Holding> {
        user.map(|user| self.index.held(user.id, kind)).unwrap_or_default()
    }

    fn assignable(
        &self,
        kind: AccessKind,
        grant: &SetGrant,
        profile: &Profile,
    ) -> Result<Offer<'_>, Diagnostic> {
        let Some(offer) = self.index.offer_named(kind, &grant.name) else {
            return Err(self.no_such(kind, &grant.name));
        };
        if offer.flaw == Some(Flaw::Disabled) {
            let message = format!("{} `{}` is disabled", kind.what(), offer.name);
            return Err(Diagnostic::new(Code::SetLicenseDisabled, message)
                .help("have Salesforce renew the licence, or leave it out"));
        }
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

    fn no_such(&self, kind: AccessKind, name: &SetName) -> Diagnostic {
        let message = format!("{} `{name}` does not exist in this org", kind.what());
        let packaged = format!("__{name}").to_lowercase();
        let near = self
            .index
            .offered(kind)
            .find(|offered| offered.to_lowercase().ends_with(&packaged))
            .or_else(|| nearest(name.as_str(), self.index.offered(kind)));
        let help = near.map_or_else(
            || "check the API name, with its namespace if it has one".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Diagnostic::new(Code::UnknownPermissionSet, message).help(help)
    }
}

/// Source: Salesforce Help, "About High-Volume Community or Site Users".
fn without_groups(profile: &Profile) -> Diagnostic {
    Diagnostic::new(
        Code::GroupNeedsRole,
        format!("users of profile `{}` cannot be members of public groups", profile.name),
    )
    .help("its licence has no roles: leave `groups` out, or declare a profile of Customer Community Plus or Partner Community")
}

/// A grant whose last day is over: what is held may stay if it has ended by itself.
fn end(changes: &mut SetChanges, person: Person<'_>, grant: &SetGrant, row: Option<&Holding>) {
    if let Some(row) = row.filter(|row| !person.is_over(row)) {
        changes.remove.push(SetRemove { holding: row.id, name: grant.name.clone() });
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
    let before = row.expires.map(|at| day_of(at, &person.declared.shared.zone));
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
    Expiry { day, at: last_second(day, &declared.shared.zone) }
}
