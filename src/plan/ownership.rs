//! Whom the project answers for beside those it declares, and what becomes of them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ptr;

use globset::GlobSet;

use crate::model::{
    AccountId, Code, CurrentUser, Diagnostic, Marker, Policy, ProfileId, Scalar, Undeclared,
    Username,
};

use super::access_change::AccessChanges;
use super::change::{Action, Change, Datum, FieldChange, Object, Reason, SeatUse, Subject};
use super::globs;
use super::index::{Index, Set};

/// `[ownership]`, with its names found in the org.
pub(super) struct Owner<'a> {
    /// Absent, if no condition is given: then only who is declared is answered for.
    owned: Option<Conditions>,
    marker: Option<&'a Marker>,
    pub(super) undeclared: Undeclared,
    protected: GlobSet,
}

/// What holds of owned users, all at once.
struct Conditions {
    profiles: Option<HashSet<ProfileId>>,
    accounts: Option<HashSet<AccountId>>,
}

/// How a user stands to the marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Marked {
    /// There is no marker, or the user has it.
    Settled,
    /// The field is empty.
    Unmarked,
    /// The field says that somebody else answers for the user.
    ByAnother(String),
}

impl<'a> Owner<'a> {
    pub(super) fn of(
        policy: &'a Policy,
        index: &Index<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let Some(ownership) = &policy.ownership else {
            return Self {
                owned: None,
                marker: None,
                undeclared: Undeclared::Ignore,
                protected: GlobSet::empty(),
            };
        };
        let profiles = (!ownership.profiles.is_empty()).then(|| {
            let found = ownership.profiles.iter().filter_map(|name| {
                let profile = index.profile_named(name.as_str());
                if profile.is_none() {
                    diagnostics.push(unknown("profile", name.as_str()));
                }
                profile.map(|profile| profile.id)
            });
            found.collect()
        });
        let accounts = (!ownership.accounts.is_empty()).then(|| {
            let mut found = HashSet::new();
            for wanted in &ownership.accounts {
                match index.accounts(wanted).as_slice() {
                    [account] => {
                        found.insert(account.id);
                    }
                    [] => diagnostics.push(unknown("account", &wanted.to_string())),
                    _ => diagnostics.push(several(&wanted.to_string())),
                }
            }
            found
        });
        let conditions = profiles.is_some() || accounts.is_some() || ownership.marker.is_some();
        Self {
            owned: conditions.then_some(Conditions { profiles, accounts }),
            marker: ownership.marker.as_ref(),
            undeclared: ownership.undeclared,
            protected: globs(&ownership.protect),
        }
    }

    /// Whether the project answers for a user whom it does not declare.
    pub(super) fn owns(&self, user: &CurrentUser) -> bool {
        let Some(owned) = &self.owned else { return false };
        let account = user.contact.as_ref().and_then(|linked| linked.contact.account);
        owned.profiles.as_ref().is_none_or(|profiles| profiles.contains(&user.profile))
            && owned
                .accounts
                .as_ref()
                .is_none_or(|accounts| account.is_some_and(|id| accounts.contains(&id)))
            && self.marked(user) == Marked::Settled
    }

    /// Whether absence from the files acts on anybody.
    pub(super) fn absence_acts(&self) -> bool {
        match self.undeclared {
            Undeclared::Deactivate => self.owned.is_some(),
            Undeclared::Report | Undeclared::Ignore => false,
        }
    }

    pub(super) fn marked(&self, user: &CurrentUser) -> Marked {
        let Some(marker) = self.marker else { return Marked::Settled };
        match user.custom.get(&marker.field).map(Scalar::to_string) {
            Some(value) if value.trim() == marker.value.trim() => Marked::Settled,
            Some(value) if !value.trim().is_empty() => Marked::ByAnother(value),
            Some(_) | None => Marked::Unmarked,
        }
    }

    /// What writing the marker is.
    pub(super) fn marking(&self) -> Option<FieldChange> {
        let marker = self.marker?;
        Some(FieldChange {
            object: Object::User,
            field: marker.field.clone(),
            before: Datum::Null,
            after: Datum::of(&marker.value),
        })
    }

    pub(super) fn field(&self) -> &str {
        self.marker.map_or("the marker", |marker| marker.field.as_str())
    }

    /// Whether a user may not be deactivated or frozen, by either form of the name.
    pub(super) fn protects(&self, username: &Username, org_username: &Username) -> bool {
        self.protected.is_match(username.as_str()) || self.protected.is_match(org_username.as_str())
    }
}

fn unknown(what: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::OwnershipUnknown,
        format!("`[ownership]` names {what} `{name}`, which does not exist in this org"),
    )
    .help("nobody is owned by it: correct the name, or take it out")
}

fn several(name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::OwnershipUnknown,
        format!("`[ownership]` names account `{name}`, and several are called so"),
    )
    .help("nobody is owned by it: name the account by its id, `{ id = \"001…\" }`")
}

/// The active users of the org, sorted by whether the project answers for them.
pub(super) struct Census<'a> {
    /// Owned, and declared nowhere, by username.
    pub(super) undeclared: Vec<&'a CurrentUser>,
    /// How many are neither declared nor owned.
    pub(super) unmanaged: usize,
    /// How many are declared or owned: what percentages are of.
    pub(super) answered_for: u64,
}

/// Whoever of these can sign in from outside.
pub(super) fn active_portal_users<'a>(
    users: impl IntoIterator<Item = &'a CurrentUser>,
    index: &Index<'_>,
) -> impl Iterator<Item = &'a CurrentUser> {
    let running = index.current.running_user.id;
    let active = |user: &&CurrentUser| user.active && user.user_type.is_portal();
    users.into_iter().filter(active).filter(move |user| user.id != running)
}

/// Counts the active portal users among these. `declared` are those whom a declaration means, or may
/// mean: they are told by where they are, as all are users of the same picture.
pub(super) fn census<'a>(
    users: impl IntoIterator<Item = &'a CurrentUser>,
    index: &Index<'_>,
    owner: &Owner<'_>,
    declared: &Set<*const CurrentUser>,
) -> Census<'a> {
    let mut census = Census { undeclared: Vec::new(), unmanaged: 0, answered_for: 0 };
    for user in active_portal_users(users, index) {
        if declared.contains(&ptr::from_ref(user)) {
            census.answered_for += 1;
        } else if owner.owns(user) {
            census.answered_for += 1;
            census.undeclared.push(user);
        } else {
            census.unmanaged += 1;
        }
    }
    census.undeclared.sort_by(|a, b| a.username.cmp(&b.username));
    census
}

/// The deactivation of a user whom no file declares.
pub(super) fn deactivation(user: &CurrentUser, suffix: &str) -> Change {
    let username = without_suffix(&user.username, suffix);
    let account = user.contact.as_ref().and_then(|linked| linked.account_name.as_deref());
    Change {
        username,
        org_username: user.username.clone(),
        name: user.name().into_owned(),
        account: account.unwrap_or_default().to_owned(),
        place: None,
        action: Action::Deactivate,
        reasons: vec![Reason::Undeclared],
        blocked: false,
        subject: Subject::Existing(user.id),
        fields: Vec::new(),
        access: AccessChanges::default(),
        contact: None,
        unfreeze: false,
        activate: false,
        last_reset: None,
        seats: SeatUse::default(),
        switched_off: None,
    }
}

/// The username as a file would declare it.
pub(super) fn without_suffix(username: &Username, suffix: &str) -> Username {
    let bare = username.as_str().strip_suffix(suffix).filter(|_| !suffix.is_empty());
    Username::observed(bare.unwrap_or(username.as_str()))
}

/// The most names that one note lists.
const NAMED: usize = 20;

/// Tells of owned users whom no file declares and nothing happens to.
pub(super) fn note(undeclared: &[Username]) -> Option<Diagnostic> {
    let (first, rest) = (undeclared.first()?, undeclared.len() - 1);
    let names: Vec<&str> = undeclared.iter().take(NAMED).map(Username::as_str).collect();
    let mut list = names.join(", ");
    if undeclared.len() > NAMED {
        // Writing to a string cannot fail.
        let _ = write!(list, " and {} more", undeclared.len() - NAMED);
    }
    let message = if rest == 0 {
        format!("`{first}` is active and owned, and no file declares them")
    } else {
        format!("{} users are active and owned, and no file declares them: {list}", rest + 1)
    };
    Some(
        Diagnostic::new(Code::UndeclaredUsers, message)
            .help("declare them, or deactivate them by `[ownership] undeclared = \"deactivate\"`"),
    )
}
