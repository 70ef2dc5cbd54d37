//! The inverse of an apply, as declarations: what would have to be declared for the org to be as it
//! was. They are planned like any others, so every check and every limit holds for them as well.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{
    Access, AccessKind, AccountId, AccountRef, Activation, Code, Current, CurrentUser,
    CustomValues, DeclaredProfile, DeclaredState, Desired, DesiredUser, Diagnostic, FieldValues,
    OnCreate, Place, Policy, ProfileName, Scalar, SetGrant, SetMode, SetName, UserField, UserId,
    Username, Value, day_of,
};

use super::change::{Action, Change, Datum, FieldChange, Object};
use super::index::Index;

/// What an apply did to one user, the other way round.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// The username as it was declared.
    pub username: Username,
    /// The user.
    pub user: UserId,
    /// The account's name.
    pub account: String,
    /// Whether they may sign in, if the apply changed that.
    pub state: Option<DeclaredState>,
    /// Values: `before` is what the apply wrote, `after` what was there.
    pub fields: Vec<FieldChange>,
    /// What the apply gave and took.
    pub access: Vec<(AccessKind, Returned)>,
}

impl Undo {
    /// Whether nothing of what was done can be put back: a mail was sent.
    pub fn is_empty(&self) -> bool {
        self.state.is_none() && self.fields.is_empty() && self.access.is_empty()
    }
}

/// What goes back, of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// What the user had, with its last day.
    pub give: Vec<SetGrant>,
    /// What the user did not have.
    pub take: Vec<SetName>,
}

impl Change {
    /// What would undo the change of this user. A contact that was made stays.
    pub fn undo(&self, user: UserId) -> Undo {
        let state = match self.action {
            Action::Create | Action::Reactivate => Some(DeclaredState::Inactive),
            Action::Deactivate => Some(DeclaredState::Unstated),
            Action::Freeze => Some(DeclaredState::Active),
            Action::Unfreeze => Some(DeclaredState::Frozen),
            Action::Rename | Action::Adopt | Action::Update => None,
        };
        let made = self.action == Action::Create;
        let swapped = |field: &FieldChange| FieldChange {
            before: field.after.clone(),
            after: field.before.clone(),
            ..field.clone()
        };
        let returned = |kind| {
            let changes = self.access.get(kind);
            let take = changes.add.iter().map(|set| set.name.clone()).collect();
            let removed = changes.remove.iter().map(|set| (set.name.clone(), None));
            let dated = changes.change.iter().map(|set| (set.name.clone(), set.before));
            let give = removed.chain(dated);
            let give = give.map(|(name, expires)| SetGrant { name, expires }).collect();
            (kind, Returned { give, take })
        };
        let kinds = AccessKind::ALL.into_iter().map(returned);
        Undo {
            username: self.username.clone(),
            user,
            account: self.account.clone(),
            state,
            fields: if made { Vec::new() } else { self.fields.iter().map(swapped).collect() },
            access: kinds.filter(|(_, back)| !made && *back != Returned::default()).collect(),
        }
    }
}

/// The project's settings, as far as they hold for a revert: whoever is not in it is not touched, and
/// exactly what the apply gave goes.
pub fn policy_of_revert(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    policy.ownership = None;
    policy.permission_sets.mode = SetMode::Exact;
    policy
}

/// What has to be declared to undo this. Without the org's state it tells what has to be read; with
/// it, users who are gone are left out, and values that somebody has changed since stay.
pub fn declare(
    undos: &[Undo],
    current: Option<&Current>,
    username_suffix: &str,
) -> (Desired, Vec<Diagnostic>) {
    let (nobody, policy) = (Desired::default(), Policy::default());
    let index = current.map(|current| Index::of(current, &nobody, &policy));
    let users: HashMap<UserId, &CurrentUser> =
        current.into_iter().flat_map(|org| &org.users).map(|user| (user.id, user)).collect();
    let mut revert = Revert { index, suffix: username_suffix, found: Vec::new() };
    let mut desired = Desired::default();
    for undo in undos {
        match (current, users.get(&undo.user)) {
            _ if undo.is_empty() => revert.found.push(
                Diagnostic::new(Code::NothingToUndo, "the mail that was sent cannot be taken back")
                    .about(&undo.username),
            ),
            (Some(_), None) => revert.say(undo, "the user is gone"),
            (_, user) => desired.users.extend(revert.person(undo, user.copied())),
        }
    }
    (desired, revert.found)
}

struct Revert<'a> {
    index: Option<Index<'a>>,
    suffix: &'a str,
    found: Vec<Diagnostic>,
}

impl Revert<'_> {
    fn say(&mut self, undo: &Undo, what: &str) {
        let found = Diagnostic::new(Code::ChangedSinceApply, format!("{what}: left as it is"));
        self.found.push(found.about(&undo.username));
    }

    fn person(&mut self, undo: &Undo, user: Option<&CurrentUser>) -> Option<DesiredUser> {
        let suffix = self.suffix;
        let name =
            |org_name: &str| Username::observed(org_name.strip_suffix(suffix).unwrap_or(org_name));
        let now = user.map_or_else(|| undo.username.clone(), |user| name(user.username.as_str()));
        let mut person = DesiredUser {
            username: now.clone(),
            place: Place { file: "the report".into(), line: 1, column: 1, start: 0, end: 0 },
            account: AccountRef::Name(Arc::from(undo.account.as_str())),
            contact: None,
            profile: self.profile_now(user)?,
            fields: FieldValues::new(),
            custom: CustomValues::new(),
            contact_custom: CustomValues::new(),
            on_create: Arc::new(OnCreate::default()),
            state: undo.state.unwrap_or_default(),
            starts: None,
            expires: None,
            access: self.access(undo, user).into(),
            portal_role: None,
            renamed_from: Box::default(),
            activation: Activation::None,
            shared: Arc::default(),
        };
        for field in &undo.fields {
            match (field.object, field.field.as_str(), &field.after) {
                (Object::User, "Username", after) => {
                    person.renamed_from = [now.clone()].into();
                    person.username = name(&after.text().unwrap_or_default());
                }
                (Object::User, "ProfileId", Datum::Reference { name, .. }) => {
                    if let Ok(name) = ProfileName::parse(name) {
                        person.profile = DeclaredProfile::Managed(name);
                    }
                }
                (Object::Contact, "AccountId", Datum::Reference { id, .. }) => {
                    person.account = AccountRef::Id(AccountId::of(*id));
                }
                _ => self.value(undo, field, user, &mut person),
            }
        }
        Some(person)
    }

    fn value(
        &mut self,
        undo: &Undo,
        field: &FieldChange,
        user: Option<&CurrentUser>,
        person: &mut DesiredUser,
    ) {
        let known = UserField::ALL.iter().find(|known| field.field == known.api_name());
        match (field.object, known) {
            (Object::User, Some(known)) => {
                let back = value(&field.after);
                let now = user.and_then(|user| user.fields.get(known));
                let kind = known.info().kind;
                let changed = now.is_some_and(|now| {
                    !now.same(&value(&field.before), kind) && !now.same(&back, kind)
                });
                if changed {
                    self.say(undo, &format!("{} was changed since the apply", field.field));
                } else {
                    person.fields.insert(*known, back);
                }
            }
            (Object::User, None) => {
                person.custom.insert(field.field.clone(), scalar(&field.after));
            }
            // The contact follows the user where both have the field.
            (Object::Contact, known) => {
                let shared = known.is_some_and(|known| {
                    undo.fields.iter().any(|other| {
                        other.object == Object::User && other.field == known.api_name()
                    })
                });
                match known {
                    Some(_) if shared => {}
                    Some(known) => {
                        person.fields.insert(*known, value(&field.after));
                    }
                    None => {
                        person.contact_custom.insert(field.field.clone(), scalar(&field.after));
                    }
                }
            }
        }
    }

    /// The profile that the user has, which is not compared; anything where nothing is known yet.
    fn profile_now(&self, user: Option<&CurrentUser>) -> Option<DeclaredProfile> {
        let profile = user.and_then(|user| self.index.as_ref()?.profile(user.profile));
        let name = profile.map_or("not known yet", |profile| &*profile.name);
        ProfileName::parse(name).ok().map(DeclaredProfile::OnCreate)
    }

    /// What the user holds now, without what the apply gave and with what it took.
    fn access(&self, undo: &Undo, user: Option<&CurrentUser>) -> Access {
        let mut access = Access::default();
        for (kind, back) in &undo.access {
            let mut held: Vec<SetGrant> = Vec::new();
            if let (Some(index), Some(user)) = (&self.index, user) {
                for holding in index.holdings(user.id).iter().filter(|one| one.kind == *kind) {
                    let Some(offer) = index.offer(holding.what) else { continue };
                    let expires = holding.expires.map(|at| day_of(at, "GMT"));
                    held.push(SetGrant { name: offer.name.clone(), expires });
                }
            }
            held.retain(|set| !back.take.contains(&set.name));
            held.retain(|set| !back.give.iter().any(|given| given.name == set.name));
            held.extend(back.give.iter().cloned());
            *access.get_mut(*kind) = Some(held.into());
        }
        access
    }
}

fn value(datum: &Datum) -> Value {
    Value::of(&datum.text().unwrap_or_default())
}

fn scalar(datum: &Datum) -> Scalar {
    match datum {
        Datum::Null => Scalar::Null,
        Datum::Text(text) => Scalar::Text(text.as_ref().into()),
        Datum::Bool(value) => Scalar::Bool(*value),
        Datum::Number(number) => Scalar::Number(*number),
        Datum::Date(day) => Scalar::Date(*day),
        Datum::Reference { id, .. } => Scalar::Text(id.as_str().into()),
    }
}
