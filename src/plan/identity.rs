//! Which user of the org every declared person is: by username, by a former username, or by the
//! name that a user has in the midst of a swap. Decided for all at once, since one person's new
//! name may be another's old one. What is not certain is refused.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::{
    Code, ContactRef, CurrentUser, Desired, DesiredUser, Diagnostic, UserField, UserId, Username,
    Value,
};

use super::index::Index;
use super::rename;

/// Who a declared person is.
#[derive(Clone, Debug)]
pub(super) enum Identity<'a> {
    /// Nobody yet.
    New,
    /// The user with the declared username.
    Same(&'a CurrentUser),
    /// A user with another username, who gets the declared one.
    Renamed(&'a CurrentUser),
    /// It is not certain.
    Unclear(Box<Unclear<'a>>),
}

/// Why it is not certain who somebody is.
#[derive(Clone, Debug)]
pub(super) struct Unclear<'a> {
    pub(super) problem: Diagnostic,
    /// Who may be meant.
    pub(super) users: Vec<&'a CurrentUser>,
}

impl<'a> Identity<'a> {
    /// The user that the person is.
    pub(super) const fn certain(&self) -> Option<&'a CurrentUser> {
        match self {
            Self::Same(user) | Self::Renamed(user) => Some(*user),
            Self::New | Self::Unclear(..) => None,
        }
    }

    fn unclear(problem: Diagnostic, users: Vec<&'a CurrentUser>) -> Self {
        Self::Unclear(Box::new(Unclear { problem, users }))
    }

    /// The users that the person is, or may be.
    pub(super) fn users(&self) -> &[&'a CurrentUser] {
        match self {
            Self::New => &[],
            Self::Same(user) | Self::Renamed(user) => std::slice::from_ref(user),
            Self::Unclear(unclear) => &unclear.users,
        }
    }
}

/// What the org calls everybody who is declared, in file order.
pub(super) fn names(desired: &Desired, suffix: &str) -> Vec<Username> {
    desired.users.iter().map(|user| user.username.with_suffix(suffix)).collect()
}

/// Finds out who everybody is, in file order.
pub(super) fn identify<'a>(
    desired: &'a Desired,
    index: &Index<'a>,
    names: &[Username],
    suffix: &str,
) -> Vec<Identity<'a>> {
    let mut search = Search::new(desired, index, names, suffix);
    search.resume_swaps();
    search.follow_renames();
    search.find_swaps();
    search.found
}

struct Search<'a, 'n> {
    people: &'a [DesiredUser],
    names: &'n [Username],
    /// The user who has the declared username.
    own: Vec<Option<&'a CurrentUser>>,
    /// The users who have one of the former usernames.
    formers: Vec<Vec<&'a CurrentUser>>,
    /// The person who is declared under a user's present name.
    declared: HashMap<UserId, usize>,
    /// The person whom a user was found to be by something else than their name.
    claims: HashMap<UserId, usize>,
    settled: Vec<bool>,
    found: Vec<Identity<'a>>,
    /// Users in the midst of a swap, by the name that they are to get.
    interim: Vec<Option<&'a CurrentUser>>,
}

impl<'a, 'n> Search<'a, 'n> {
    fn new(desired: &'a Desired, index: &Index<'a>, names: &'n [Username], suffix: &str) -> Self {
        let people = &desired.users;
        let own: Vec<_> = names.iter().map(|name| index.user(name)).collect();
        // Nearly always nobody had another name, and nobody's place has to be known.
        let renamed = people.iter().any(|one| !one.renamed_from.is_empty());
        let held = own.iter().enumerate().filter(|_| renamed);
        let declared = held.filter_map(|(at, user)| Some((user.as_ref()?.id, at))).collect();
        let formers = people.iter().zip(&own).filter(|_| renamed).map(|(one, own)| {
            if one.renamed_from.is_empty() {
                return Vec::new();
            }
            let mut seen: HashSet<UserId> = own.iter().map(|user| user.id).collect();
            let users = one.renamed_from.iter().filter_map(|name| {
                index.user(&name.with_suffix(suffix)).filter(|user| !index.is_disabled(user))
            });
            users.filter(|user| seen.insert(user.id)).collect()
        });
        Self {
            people,
            names,
            formers: formers.collect(),
            declared,
            claims: HashMap::new(),
            settled: vec![false; people.len()],
            found: own.iter().map(|user| user.map_or(Identity::New, Identity::Same)).collect(),
            interim: interim(index, names),
            own,
        }
    }

    /// Whoever has a name of the meantime gets the one that it was made for.
    fn resume_swaps(&mut self) {
        for at in 0..self.people.len() {
            if let Some(user) = self.interim.get(at).copied().flatten() {
                self.claim(at, user);
            }
        }
    }

    fn claim(&mut self, at: usize, user: &'a CurrentUser) {
        self.claims.insert(user.id, at);
        self.settle(at, Identity::Renamed(user));
    }

    fn settle(&mut self, at: usize, identity: Identity<'a>) {
        if let (Some(found), Some(settled)) = (self.found.get_mut(at), self.settled.get_mut(at)) {
            *found = identity;
            *settled = true;
        }
    }

    fn is_settled(&self, at: usize) -> bool {
        self.settled.get(at).copied().unwrap_or(true)
    }

    /// Renames of people whose new name is free, and of those whose name somebody then takes.
    fn follow_renames(&mut self) {
        let free = |at: &usize| self.own.get(*at).copied().flatten().is_none();
        let mut waiting: VecDeque<usize> = (0..self.people.len()).filter(free).collect();
        while let Some(at) = waiting.pop_front() {
            if self.is_settled(at) {
                continue;
            }
            let formers = self.formers.get(at).cloned().unwrap_or_default();
            match formers.as_slice() {
                [] => self.settle(at, Identity::New),
                [user] => waiting.extend(self.rename(at, user)),
                several => self.refuse(at, several),
            }
        }
    }

    /// Takes a user for the person, and says who loses their name by it.
    fn rename(&mut self, at: usize, user: &'a CurrentUser) -> Option<usize> {
        if let Some(other) = self.claims.get(&user.id).copied() {
            self.refuse_both(at, other, user);
            return None;
        }
        let other = self.declared.get(&user.id).copied().filter(|other| *other != at);
        let Some(other) = other.filter(|other| !self.is_settled(*other)) else {
            self.claim(at, user);
            return None;
        };
        let has_another = self.formers.get(other).is_some_and(|formers| !formers.is_empty());
        if has_another || self.likeness(at, user) > self.likeness(other, user) {
            self.claim(at, user);
            return Some(other);
        }
        let other = self.people.get(other).map(|one| &one.username);
        let problem = Diagnostic::new(
            Code::RenameUnclear,
            format!(
                "`{}` may be the person who is renamed, and is declared in their own right",
                user.username
            ),
        )
        .help(format!(
            "rename first: declare `{}` as somebody new when that is done",
            other.map_or("it", Username::as_str)
        ));
        self.settle(at, Identity::unclear(problem, vec![user]));
        None
    }

    /// People who all have somebody else's former name: either they have swapped names already or
    /// they are to do so. What is known of each person beside the name decides.
    fn find_swaps(&mut self) {
        let mut walked = vec![0_usize; self.people.len()];
        for start in 0..self.people.len() {
            let mut path = Vec::new();
            let mut at = start;
            while walked.get(at).is_some_and(|walk| *walk == 0) && !self.is_settled(at) {
                if let Some(walk) = walked.get_mut(at) {
                    *walk = start + 1;
                }
                let Some((user, next)) = self.predecessor(at) else {
                    break;
                };
                path.push((at, user));
                if walked.get(next).is_some_and(|walk| *walk == start + 1) {
                    let ring: Vec<_> =
                        path.iter().copied().skip_while(|(member, _)| *member != next).collect();
                    self.swap(&ring);
                    break;
                }
                at = next;
            }
        }
    }

    /// The only user with a former name of the person who is declared under that name.
    fn predecessor(&self, at: usize) -> Option<(&'a CurrentUser, usize)> {
        self.own.get(at).copied().flatten()?;
        let mut declared = self.formers.get(at)?.iter().filter_map(|user| {
            let other = self.declared.get(&user.id).copied()?;
            (!self.is_settled(other)).then_some((*user, other))
        });
        declared.next().filter(|_| declared.next().is_none())
    }

    fn swap(&mut self, ring: &[(usize, &'a CurrentUser)]) {
        let own = |at: usize| self.own.get(at).copied().flatten();
        let done: i32 = ring.iter().filter_map(|(at, _)| Some(self.likeness(*at, own(*at)?))).sum();
        let ahead: i32 = ring.iter().map(|(at, user)| self.likeness(*at, user)).sum();
        if ahead > done {
            for (at, user) in ring {
                self.claim(*at, user);
            }
        }
    }

    /// How much speaks for a user being this person, beside the username. An address that is only
    /// the username again says nothing.
    fn likeness(&self, at: usize, user: &CurrentUser) -> i32 {
        let Some(person) = self.people.get(at) else { return 0 };
        let same = |field: UserField| {
            let declared = person.fields.get(&field).and_then(Value::text);
            let observed = user.fields.get(&field).and_then(Value::text);
            declared.is_some_and(|one| observed.is_some_and(|other| fold(one) == fold(other)))
        };
        let mut points = 0;
        for (field, weight) in [
            (UserField::LastName, 2),
            (UserField::FirstName, 1),
            (UserField::FederationId, 4),
            (UserField::EmployeeNumber, 4),
        ] {
            points += if same(field) { weight } else { 0 };
        }
        let told = !person.email().eq_ignore_ascii_case(person.username.as_str());
        points += if told && same(UserField::Email) { 3 } else { 0 };
        let contact = user.contact.as_ref().map(|linked| linked.contact.id);
        match (person.contact.as_deref(), contact) {
            (Some(ContactRef::Id(declared)), Some(held)) if *declared == held => points + 100,
            _ => points,
        }
    }

    fn refuse(&mut self, at: usize, candidates: &[&'a CurrentUser]) {
        let names: Vec<String> = candidates.iter().map(|user| described(user)).collect();
        let problem = Diagnostic::new(
            Code::RenameUnclear,
            format!("{} users have a former name: {}", candidates.len(), names.join(", ")),
        )
        .help("leave the right one in `renamed_from`");
        self.settle(at, Identity::unclear(problem, candidates.to_vec()));
    }

    fn refuse_both(&mut self, at: usize, other: usize, user: &'a CurrentUser) {
        for (one, rival) in [(at, other), (other, at)] {
            let rival = self.names.get(rival).map_or("somebody else", Username::as_str);
            let problem = Diagnostic::new(
                Code::RenameUnclear,
                format!("`{}` would be renamed to `{rival}` as well", user.username),
            )
            .help("a user gets one new name: take the former one out of one of the declarations");
            self.settle(one, Identity::unclear(problem, vec![user]));
        }
    }
}

/// The user with a name of the meantime that was made for each of these; an empty list, if there
/// are none.
fn interim<'a>(index: &Index<'a>, names: &[Username]) -> Vec<Option<&'a CurrentUser>> {
    let waiting: HashMap<String, &'a CurrentUser> = index
        .current
        .users
        .iter()
        .filter_map(|user| Some((rename::interim_target(user)?, user)))
        .collect();
    if waiting.is_empty() {
        return Vec::new();
    }
    names.iter().map(|name| waiting.get(&rename::target_mark(name)).copied()).collect()
}

/// A user with what tells people apart.
fn described(user: &CurrentUser) -> String {
    let state = if user.active { "active" } else { "inactive" };
    format!("`{}` ({}, {state})", user.username, user.name())
}

/// A text without case and without the blanks around and inside it.
pub(super) fn fold(text: &str) -> String {
    let text = text.to_lowercase();
    // Nearly all that is folded are addresses, which have no blanks.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text;
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
