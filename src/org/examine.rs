//! Everything that a plan reads, each question by itself: one that gets no answer stops no other.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::join;

use crate::model::{
    AccessKind, Contact, Current, CurrentUser, Described, Freezes, Org, PermissionSet,
    PermissionSetGroup, Permissions, Profile, PublicGroup, RunningUser, Scope, Sites, Switch,
    UserId, UserLicense,
};
use crate::salesforce::Reader;

use super::holdings::Matter;
use super::{
    Held, Offers, OrgError, Parts, Places, access_policies, audit_trail, described, groups, hidden,
    holdings, if_any, licenses, logins, permission_sets, permissions, profiles, running_user,
    set_groups, set_licenses, sets_matter, sites, strangers, that_matter, users, ways_in,
};

/// What an org answered.
#[derive(Debug)]
pub struct Examination {
    /// Who is signed in.
    pub running_user: Result<RunningUser, OrgError>,
    /// What they may do, as far as the org says.
    pub permissions: Permissions,
    /// The objects that were asked for, in order.
    pub reads: Vec<Read>,
    /// The fields that the login can see.
    pub described: Option<Described>,
    /// What a plan cannot do without and the login cannot see.
    pub unseen: Vec<OrgError>,
    /// The sites.
    pub sites: Option<Sites>,
    /// Live sites in which people can make a user by themselves, where the org says.
    pub self_registering: Option<Vec<Arc<str>>>,
    /// All of it, if it is enough for a plan.
    pub current: Option<Current>,
}

/// An object that was asked for.
#[derive(Debug)]
pub struct Read {
    /// Its API name.
    pub object: &'static str,
    /// How much of it was found; nothing, where the org does not show it.
    pub found: Result<Option<usize>, OrgError>,
}

/// Asks for everything that a plan of these declarations reads, of the org that is known to be the
/// right one.
pub async fn examine(reader: &Reader, scope: &Scope<'_>, org: Org) -> Examination {
    let login = Box::pin(async {
        join!(
            running_user(reader),
            permissions::read(reader),
            described::object(reader, "User"),
            described::object(reader, "Contact"),
        )
    });
    let (login, (mut setup, mut reads)) = join!(login, Box::pin(Setup::ask(reader, scope)));
    let (running_user, permissions, user, contact) = login;
    let permissions = reads.failing("UserPermissionAccess", permissions).unwrap_or_default();
    let user = reads.failing("User", user);
    let contact = reads.failing("Contact", contact);
    let described = user.zip(contact).map(|(user, contact)| Described { user, contact });
    let unseen: Vec<OrgError> = described
        .iter()
        .flat_map(|described| described::missing(described).chain(hidden(scope, described)))
        .collect();
    let held = setup.held(reader, scope, &mut reads).await;
    let people = match described.as_ref().filter(|_| unseen.is_empty()) {
        Some(described) => People::read(reader, scope, described, &mut reads).await,
        None => None,
    };
    let (sites, self_registering) = (setup.sites.clone(), setup.self_registering.take());
    let who = running_user.as_ref().ok();
    let current = setup.picture((who, described.as_ref()), held, people);
    Examination {
        permissions,
        reads: reads.0,
        unseen,
        sites,
        self_registering,
        current: current.map(|parts| parts.current(org)),
        described,
        running_user,
    }
}

/// What an administrator has set up, as far as it can be seen.
struct Setup {
    licenses: Option<Vec<UserLicense>>,
    profiles: Option<Vec<Profile>>,
    sets: Option<Vec<PermissionSet>>,
    set_groups: Option<Vec<PermissionSetGroup>>,
    groups: Option<Vec<PublicGroup>>,
    sites: Option<Sites>,
    self_registering: Option<Vec<Arc<str>>>,
    frozen: Option<Freezes>,
    switches: Option<BTreeMap<UserId, Switch>>,
    access_policies: Option<Vec<Arc<str>>>,
}

impl Setup {
    async fn ask(reader: &Reader, scope: &Scope<'_>) -> (Self, Reads) {
        let sets_matter = sets_matter(&scope.kinds);
        let set_groups_matter = scope.kinds.contains(&AccessKind::PermissionSetGroup);
        let groups_matter = scope.kinds.contains(&AccessKind::Group);
        let (licenses, profiles, sets, set_groups, groups, sites, open, frozen, switches, rules) = join!(
            licenses::read(reader),
            profiles::read(reader),
            if_any(sets_matter, permission_sets::read(reader)),
            if_any(set_groups_matter, set_groups::read(reader)),
            if_any(groups_matter, groups::read(reader)),
            sites::read(reader),
            sites::self_registering(reader),
            logins::frozen(reader, scope.freezes),
            audit_trail::switches(reader),
            if_any(!scope.kinds.is_empty(), access_policies::read(reader)),
        );
        let mut reads = Reads(Vec::new());
        let setup = Self {
            licenses: reads.rows("UserLicense", licenses),
            profiles: reads.rows("Profile", profiles),
            sets: reads.rows_if(sets_matter, "PermissionSet", sets),
            set_groups: reads.rows_if(set_groups_matter, "PermissionSetGroup", set_groups),
            groups: reads.rows_if(groups_matter, "Group", groups),
            sites: reads.keep("Network", sites, |sites| match sites {
                Sites::Seen(sites) => Some(sites.len()),
                Sites::Invisible => None,
            }),
            self_registering: reads.failing("Network", open).flatten(),
            frozen: reads.keep("UserLogin", frozen, |frozen| match frozen {
                Freezes::Seen(frozen) => Some(frozen.len()),
                Freezes::Invisible => None,
            }),
            switches: reads
                .keep("SetupAuditTrail", switches, |rows| rows.as_ref().map(BTreeMap::len))
                .flatten(),
            access_policies: reads.failing("UserAccessPolicy", rules),
        };
        (setup, reads)
    }

    /// Who holds what, if what there is to hold could be seen.
    async fn held(
        &mut self,
        reader: &Reader,
        scope: &Scope<'_>,
        reads: &mut Reads,
    ) -> Option<Held> {
        let (sets, set_groups) = (self.sets.take()?, self.set_groups.take()?);
        let groups = self.groups.take()?;
        let kinds = that_matter(&scope.kinds, &sets);
        let by_set = kinds.contains(&AccessKind::PermissionSetLicense);
        let sites = self.sites.clone().unwrap_or_default();
        let matter = Matter { kinds: &kinds, ways_in: ways_in(&sites) };
        let (set_licenses, holdings) =
            join!(if_any(by_set, set_licenses::read(reader)), holdings::read(reader, &matter),);
        let set_licenses = reads.rows_if(by_set, "PermissionSetLicense", set_licenses);
        let holdings = reads.rows("PermissionSetAssignment", holdings);
        let offers = Offers { kinds, sets, set_groups, set_licenses: set_licenses?, groups };
        Some(Held { offers, sites, holdings: holdings?, beside: Vec::new() })
    }

    /// All of it together, if nothing is missing that a plan cannot do without.
    fn picture(
        self,
        (user, described): (Option<&RunningUser>, Option<&Described>),
        held: Option<Held>,
        people: Option<People>,
    ) -> Option<Parts> {
        let People { users, places, contacts } = people?;
        Some(Parts {
            running_user: user?.clone(),
            licenses: self.licenses?,
            profiles: self.profiles?,
            held: held?,
            frozen: self.frozen.unwrap_or(Freezes::Invisible),
            switches: self.switches.unwrap_or_default(),
            access_policies: self.access_policies.unwrap_or_default(),
            described: described?.clone(),
            users,
            places,
            contacts,
        })
    }
}

/// Users, and whom and what they belong to.
struct People {
    users: Vec<CurrentUser>,
    places: Places,
    contacts: Vec<Contact>,
}

impl People {
    async fn read(
        reader: &Reader,
        scope: &Scope<'_>,
        described: &Described,
        reads: &mut Reads,
    ) -> Option<Self> {
        let (users, places) =
            join!(users::read(reader, scope, described), Places::read(reader, scope, described),);
        let users = reads.rows("User", users);
        let places = reads.keep("Account", places, |places| Some(places.accounts.len()));
        let users = users?;
        let contacts = strangers(reader, scope, &users, described).await;
        let contacts = reads.rows("Contact", contacts);
        Some(Self { users, places: places?, contacts: contacts? })
    }
}

/// What became of each question.
struct Reads(Vec<Read>);

impl Reads {
    /// Notes an answer, and gives it on.
    fn keep<T>(
        &mut self,
        object: &'static str,
        answer: Result<T, OrgError>,
        count: impl Fn(&T) -> Option<usize>,
    ) -> Option<T> {
        let (found, kept) = match answer {
            Ok(answer) => (Ok(count(&answer)), Some(answer)),
            Err(error) => (Err(error), None),
        };
        self.0.push(Read { object, found });
        kept
    }

    /// The same of rows.
    fn rows<T>(&mut self, object: &'static str, rows: Result<Vec<T>, OrgError>) -> Option<Vec<T>> {
        self.keep(object, rows, |rows| Some(rows.len()))
    }

    /// The same of rows that are not always asked for.
    fn rows_if<T>(
        &mut self,
        asked: bool,
        object: &'static str,
        rows: Result<Vec<T>, OrgError>,
    ) -> Option<Vec<T>> {
        if asked { self.rows(object, rows) } else { self.failing(object, rows) }
    }

    /// Notes an answer only if it is none.
    fn failing<T>(&mut self, object: &'static str, answer: Result<T, OrgError>) -> Option<T> {
        answer.map_err(|error| self.0.push(Read { object, found: Err(error) })).ok()
    }
}
