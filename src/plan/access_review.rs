//! Who can sign in, with what, who says so, and where files and org differ: what an auditor asks for.
//!
//! Pure, like the plan, and in its words: who is who, what is demanded and who is owned is decided by
//! the same code, and what would be done is looked up in the plan's own changes.

use std::borrow::Cow;

use crate::model::{
    AccessKind, ByKind, Code, Current, CurrentUser, DeclaredProfile, Desired, DesiredUser, Holding,
    Policy, ProjectName, SetGrant, Severity, Today, UserId, Username, day_of,
};

use super::access_row::{
    AccessRow, ActualStanding, DeclaredStanding, Difference, Granted, Grants, Management,
};
use super::change::{Change, Plan, PlannedOrg, Subject};
use super::identity::{self, Identity};
use super::index::{ByHolder, Index, Map, Set};
use super::lifecycle::{self, Found, Wanted};
use super::ownership::{active_portal_users, without_suffix};
use super::person::called;
use super::selection::{Selection, Selector, account_of};
use super::{Planner, Request};

/// What the rows of a review are looked up in.
pub struct Lookup<'a>(Index<'a>);

impl<'a> Lookup<'a> {
    /// Of what is declared and what the org holds.
    pub fn of(desired: &'a Desired, current: &'a Current, policy: &'a Policy) -> Self {
        Self(Index::of(current, desired, policy))
    }
}

/// Everybody who is declared, and every active portal user who is not. Rows are made one at a time:
/// there may be very many.
pub struct AccessReview<'a> {
    planner: Planner<'a>,
    plan: &'a Plan,
    /// What is held beside what plans look at.
    beside: ByHolder<'a>,
    people: Vec<Person<'a>>,
    unmatched_targets: Vec<String>,
    /// What stands in the way of whom.
    hindrances: Map<&'a Username, Vec<Code>>,
}

/// Numbers of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessSummary {
    /// All rows.
    pub people: usize,
    /// Those whom a file declares.
    pub declared: usize,
    /// Those of them in whom files and org differ.
    pub differing: usize,
    /// Those of them whom something stands in the way of.
    pub blocked: usize,
    /// Those whom no file declares and the project owns.
    pub undeclared: usize,
    /// Those whom no file declares and nobody here answers for.
    pub unmanaged: usize,
    /// All who are active and not frozen.
    pub active: usize,
    /// All who are frozen.
    pub frozen: usize,
}

/// Who a row is about.
struct Person<'a> {
    who: Who<'a>,
    change: Option<&'a Change>,
}

enum Who<'a> {
    /// Somebody whom a file declares.
    Declared(&'a DesiredUser, Match<'a>),
    /// A user whom no file declares.
    Stranger { user: &'a CurrentUser, owned: bool },
}

/// The user that a declared person is.
#[derive(Clone, Copy)]
enum Match<'a> {
    Nobody,
    User(&'a CurrentUser),
    Unclear,
}

impl<'a> AccessReview<'a> {
    /// Reviews what a plan of the same input was made of. The plan is that of everybody; `selection`
    /// says whose rows are wanted.
    pub fn of(
        (desired, Lookup(index)): (&'a Desired, &'a Lookup<'a>),
        (policy, request): (&'a Policy, &'a Request),
        selection: &Selection,
        plan: &'a Plan,
    ) -> Self {
        let suffix = request.username_suffix.as_str();
        let names = identity::names(desired, suffix);
        let identities = identity::identify(desired, index, &names, suffix);
        let planner = Planner::new(index, policy, request);
        let mut selector = Selector::of(selection);
        let changes = Changes::of(plan);
        let mut people = Vec::with_capacity(desired.users.len());
        for ((declared, name), identity) in desired.users.iter().zip(&names).zip(&identities) {
            let user = identity.users().first().copied();
            if selector.wants(declared, name, user, index) {
                let change = changes.declared.get(&declared.username).copied();
                people.push(Person { who: Who::Declared(declared, Match::of(identity)), change });
            }
        }
        for user in strangers(index, &identities) {
            if selector.wants_user(user, suffix) {
                let owned = planner.owner.owns(user);
                let change = changes.undeclared.get(&user.id).copied();
                people.push(Person { who: Who::Stranger { user, owned }, change });
            }
        }
        Self {
            planner,
            plan,
            beside: ByHolder::of(&index.current.beside),
            people,
            unmatched_targets: selector.unmatched(),
            hindrances: hindrances(plan),
        }
    }

    /// The plan that says what would be done.
    pub const fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// The project.
    pub const fn project(&self) -> &'a ProjectName {
        &self.plan.project
    }

    /// The org that was read.
    pub const fn org(&self) -> &'a PlannedOrg {
        &self.plan.org
    }

    /// Targets that fit nobody: a mistake of whoever asked.
    pub fn unmatched_targets(&self) -> &[String] {
        &self.unmatched_targets
    }

    /// The rows: declared people in file order, then the others by account and username.
    pub fn rows(&self) -> impl Iterator<Item = AccessRow<'_>> {
        self.people.iter().map(|person| match &person.who {
            Who::Declared(declared, user) => self.declared(declared, *user, person.change),
            Who::Stranger { user, owned } => self.stranger(user, *owned, person.change),
        })
    }

    /// How many there are of which kind.
    pub fn summary(&self) -> AccessSummary {
        let mut summary = AccessSummary::default();
        for row in self.rows() {
            summary.people += 1;
            match row.management {
                Management::Declared => {
                    summary.declared += 1;
                    summary.differing += usize::from(row.is_differing());
                    summary.blocked += usize::from(row.blocked);
                }
                Management::Owned => summary.undeclared += 1,
                Management::Unmanaged => summary.unmanaged += 1,
            }
            summary.active += usize::from(row.actual_state == ActualStanding::Active);
            summary.frozen += usize::from(row.actual_state == ActualStanding::Frozen);
        }
        summary
    }

    fn declared<'r>(
        &'r self,
        declared: &'r DesiredUser,
        matched: Match<'r>,
        change: Option<&'r Change>,
    ) -> AccessRow<'r> {
        let judged = lifecycle::wanted(declared, self.planner.request.today);
        let user = matched.user();
        let found = user.map_or(Found::Absent, |user| self.planner.index.found(user));
        let is_new = user.is_none();
        let mut access = self.held(user, &declared.shared.zone);
        let mut seen = Vec::new();
        for kind in AccessKind::ALL {
            let asked = self.planner.asked(declared, user, kind);
            access.get_mut(kind).declared =
                asked.grants.map(|grants| grants.into_iter().map(granted).collect());
            if asked.differs {
                seen.push(Difference::Access(kind));
            }
        }
        let in_org = match user {
            Some(user) => user.username.clone(),
            None => declared.username.with_suffix(&self.planner.request.username_suffix),
        };
        let (account, declared_account) = self.accounts(declared, user);
        let mut row = AccessRow {
            org_username: another(&in_org, &declared.username),
            username: declared.username.as_str().into(),
            name: called(declared, user).into(),
            account,
            declared_account,
            management: Management::Declared,
            declared_state: Some(DeclaredStanding::of(judged)),
            actual_state: match matched {
                Match::Unclear => ActualStanding::Unclear,
                Match::Nobody | Match::User(_) => ActualStanding::of(found),
            },
            declared_profile: match &declared.profile {
                DeclaredProfile::Managed(name) => Some(name.as_str()),
                DeclaredProfile::OnCreate(name) => is_new.then(|| name.as_str()),
            },
            access,
            declared_role: declared
                .portal_role
                .or(declared.on_create.portal_role.filter(|_| is_new)),
            starts: declared.starts,
            expires: declared.expires,
            blocked_by: self.hindrances(change),
            place: Some(&declared.place),
            ..self.observed(user, change)
        };
        let stays = match (found, judged.0) {
            (Found::Active | Found::Frozen, Wanted::Active { .. } | Wanted::Frozen) => true,
            // Of people who do not sign in, or are not to, only that is compared.
            _ => false,
        };
        if !stays {
            seen.clear();
        } else if row.blocked {
            seen.extend(visible(&row));
        }
        let is_clear = !matches!(matched, Match::Unclear);
        if is_clear && !lifecycle::agrees(found, judged.0) {
            seen.push(Difference::State);
        }
        row.differs = Difference::all(change, seen);
        row
    }

    fn stranger<'r>(
        &'r self,
        user: &'r CurrentUser,
        owned: bool,
        change: Option<&'r Change>,
    ) -> AccessRow<'r> {
        let username = without_suffix(&user.username, &self.planner.request.username_suffix);
        AccessRow {
            org_username: another(&user.username, &username),
            username: username.as_str().to_owned().into(),
            name: user.name(),
            account: account_of(user).unwrap_or_default().into(),
            management: if owned { Management::Owned } else { Management::Unmanaged },
            actual_state: ActualStanding::of(self.planner.index.found(user)),
            access: self.held(Some(user), "GMT"),
            ..self.observed(Some(user), change)
        }
    }

    /// What the org and the plan say of a user, or of nobody.
    fn observed<'r>(
        &'r self,
        user: Option<&'r CurrentUser>,
        change: Option<&'r Change>,
    ) -> AccessRow<'r> {
        let index = self.planner.index;
        let profile = user.and_then(|user| index.profile(user.profile));
        let license = profile.and_then(|profile| index.license(profile.license));
        let login = user.and_then(|user| user.last_login);
        AccessRow {
            username: "".into(),
            org_username: None,
            name: "".into(),
            account: "".into(),
            declared_account: None,
            management: Management::Unmanaged,
            declared_state: None,
            actual_state: ActualStanding::Absent,
            declared_profile: None,
            actual_profile: profile.map(|profile| &*profile.name),
            license: license.map(|license| &*license.name),
            access: ByKind::default(),
            declared_role: None,
            actual_role: user.and_then(|user| user.role.as_ref()?.level),
            starts: None,
            expires: None,
            last_login: login.map(|at| Today::At(at.into()).in_gmt()),
            action: change.map(|change| change.action),
            blocked: change.is_some_and(|change| change.blocked),
            blocked_by: Vec::new(),
            differs: Vec::new(),
            place: None,
        }
    }

    /// What a user holds, with the last days in a zone.
    fn held<'r>(&'r self, user: Option<&'r CurrentUser>, zone: &str) -> ByKind<Grants<'r>> {
        let mut access = ByKind::<Grants<'r>>::default();
        let Some(user) = user else { return access };
        let rows: Vec<&Holding> =
            [self.planner.index.holdings(user.id), self.beside.by(user.id)].concat();
        for kind in AccessKind::ALL {
            let held =
                self.planner.index.held_of(rows.iter().copied().filter(|row| row.kind == kind));
            access.get_mut(kind).actual = held
                .into_iter()
                .map(|(name, row)| Granted {
                    name: name.as_str(),
                    expires: row.expires.map(|at| day_of(at, zone)),
                })
                .collect();
        }
        access
    }

    /// The account that somebody belongs to or is to belong to, and the declared one if it is
    /// another.
    fn accounts<'r>(
        &'r self,
        declared: &'r DesiredUser,
        user: Option<&'r CurrentUser>,
    ) -> (Cow<'r, str>, Option<Cow<'r, str>>) {
        let found = self.planner.index.accounts(&declared.account);
        let (id, name) = match found.as_slice() {
            [account] => (Some(account.id), Cow::Borrowed(&*account.name)),
            _ => (None, declared.account.to_string().into()),
        };
        let linked = user.and_then(|user| user.contact.as_ref());
        match linked.and_then(|linked| linked.account_name.as_deref()) {
            None => (name, None),
            Some(own) => {
                let same = id == linked.and_then(|linked| linked.contact.account);
                (own.into(), (!same).then_some(name))
            }
        }
    }

    /// Why somebody is held up.
    fn hindrances(&self, change: Option<&Change>) -> Vec<Code> {
        let blocked = change.filter(|change| change.blocked);
        blocked
            .and_then(|change| self.hindrances.get(&change.username))
            .cloned()
            .unwrap_or_default()
    }
}

impl<'a> Match<'a> {
    fn of(identity: &Identity<'a>) -> Self {
        match identity {
            Identity::New => Self::Nobody,
            Identity::Same(user) | Identity::Renamed(user) => Self::User(user),
            Identity::Unclear(_) => Self::Unclear,
        }
    }

    const fn user(self) -> Option<&'a CurrentUser> {
        match self {
            Self::User(user) => Some(user),
            Self::Nobody | Self::Unclear => None,
        }
    }
}

/// The plan's changes, by whom they are about.
struct Changes<'a> {
    declared: Map<&'a Username, &'a Change>,
    undeclared: Map<UserId, &'a Change>,
}

impl<'a> Changes<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut found = Self { declared: Map::default(), undeclared: Map::default() };
        for change in &plan.changes {
            match (&change.place, change.subject) {
                (None, Subject::Existing(user)) => {
                    found.undeclared.insert(user, change);
                }
                _ => {
                    found.declared.insert(&change.username, change);
                }
            }
        }
        found
    }
}

/// What stands in the way of whom, by the plan's own findings.
fn hindrances(plan: &Plan) -> Map<&Username, Vec<Code>> {
    let mut found: Map<&Username, Vec<Code>> = Map::default();
    for finding in plan.diagnostics.iter().filter(|one| one.severity == Severity::Error) {
        if let Some(username) = &finding.username {
            found.entry(username).or_default().push(finding.code);
        }
    }
    found
}

/// The active portal users who are certainly nobody who is declared: whoever only may be has access
/// all the same.
fn strangers<'a>(index: &Index<'a>, identities: &[Identity<'a>]) -> Vec<&'a CurrentUser> {
    let declared: Set<UserId> =
        identities.iter().filter_map(Identity::certain).map(|user| user.id).collect();
    let mut strangers: Vec<_> = active_portal_users(&index.current.users, index)
        .filter(|user| !declared.contains(&user.id))
        .collect();
    strangers.sort_by(|a, b| {
        account_of(a).cmp(&account_of(b)).then_with(|| a.username.cmp(&b.username))
    });
    strangers
}

/// What a row itself shows to differ: a plan does not compare what it cannot find in the org.
fn visible(row: &AccessRow<'_>) -> impl Iterator<Item = Difference> + use<> {
    let differ = |declared: Option<&str>, actual| declared.is_some() && declared != actual;
    let role = row.declared_role.is_some() && row.declared_role != row.actual_role;
    let seen = [
        (Difference::Account, row.declared_account.is_some()),
        (Difference::Profile, differ(row.declared_profile, row.actual_profile)),
        (Difference::PortalRole, role),
    ];
    seen.into_iter().filter(|(_, differs)| *differs).map(|(one, _)| one)
}

fn granted(grant: &SetGrant) -> Granted<'_> {
    Granted { name: grant.name.as_str(), expires: grant.expires }
}

/// The username in the org, if it is not the one of the files.
fn another(in_org: &Username, username: &Username) -> Option<Cow<'static, str>> {
    (in_org.as_str() != username.as_str()).then(|| in_org.as_str().to_owned().into())
}
