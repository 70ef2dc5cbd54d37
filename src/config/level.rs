//! The keys that may stand at a user, in a file, in a template, in `[defaults]` and in
//! `[on_create]`: one level of a declaration, and how a nearer level covers a further one.

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{
    AccountRef, Activation, ContactRef, CustomValues, DeclaredState, FieldValues, Place,
    PortalRole, ProfileName, Username,
};

use super::access::{self, Lists};
use super::reader::{Entry, Fault, Reader, Table};
use super::reference;
use super::values::{self, Object};

/// Where a level stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    User,
    File,
    Roster,
    Template,
    Defaults,
    OnCreate,
}

/// What one level says.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    pub(super) account: Option<AccountRef>,
    pub(super) contact: Option<(ContactRef, Place)>,
    pub(super) template: Option<(Arc<str>, Place)>,
    pub(super) profile: Option<ProfileName>,
    pub(super) state: Option<DeclaredState>,
    pub(super) starts: Option<(Date, Place)>,
    pub(super) expires: Option<(Date, Place)>,
    pub(super) fields: FieldValues,
    pub(super) custom: CustomValues,
    pub(super) contact_custom: CustomValues,
    pub(super) access: Lists,
    pub(super) portal_role: Option<PortalRole>,
    pub(super) activation: Option<Activation>,
    pub(super) renamed_from: Vec<(Username, Place)>,
    /// Required keys that stand here, right or wrong.
    pub(super) attempted: Attempted,
}

/// Which required keys a level has: one that was written and is wrong has been told already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempted {
    pub(super) last_name: bool,
    pub(super) account: bool,
    pub(super) profile: bool,
}

impl Rank {
    /// What the level is called in messages.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::User => "a user",
            Self::File => "a user file",
            Self::Roster => "a roster",
            Self::Template => "a template",
            Self::Defaults => "`[defaults]`",
            Self::OnCreate => "`[on_create]`",
        }
    }

    /// Whether keys may stand here that belong to one person.
    const fn personal(self) -> Result<(), &'static str> {
        match self {
            Self::User => Ok(()),
            Self::File | Self::Roster | Self::Template | Self::Defaults | Self::OnCreate => {
                Err(self.what())
            }
        }
    }
}

/// Reads the keys of a level out of a table that may hold others as well.
pub(super) fn read(reader: &mut Reader<'_>, table: &mut Table<'_>, rank: Rank) -> Level {
    let mut level = Level {
        attempted: Attempted {
            last_name: table.has("last_name"),
            account: table.has("account"),
            profile: table.has("profile"),
        },
        ..Level::default()
    };
    if rank == Rank::OnCreate {
        refuse_daily(reader, table);
    } else {
        level.account = table.take("account").and_then(|entry| reference::account(reader, entry));
        level.state = table.take("state").and_then(|entry| reader.word(entry, STATES));
        level.starts = table.take("starts").and_then(|entry| day(reader, entry));
        level.expires = table.take("expires").and_then(|entry| day(reader, entry));
    }
    if matches!(rank, Rank::User | Rank::File | Rank::Roster | Rank::Defaults)
        && let Some(entry) = table.take("template")
    {
        let place = reader.place(&entry.span());
        level.template = reader.string(entry).map(|name| (name.into(), place));
    }
    level.profile = table
        .take("profile")
        .and_then(|entry| reader.parsed(entry, ProfileName::parse, PROFILE_HELP));
    level.access = access::read(reader, table);
    level.fields = values::read(reader, table, rank.personal());
    if let Some(entry) = table.take("fields") {
        level.custom = values::custom(reader, entry, Object::User);
    }
    if let Some(entry) = table.take("contact_fields") {
        level.contact_custom = values::custom(reader, entry, Object::Contact);
    }
    level.portal_role = table.take("portal_role").and_then(|entry| reader.word(entry, ROLES));
    level.activation = table.take("activation").and_then(|entry| reader.word(entry, ACTIVATIONS));
    match rank.personal() {
        Ok(()) => {
            level.contact =
                table.take("contact").and_then(|entry| reference::contact(reader, entry));
            if let Some(entry) = table.take("renamed_from") {
                level.renamed_from = former_names(reader, entry);
            }
        }
        Err(what) => {
            for key in ["username", "contact", "renamed_from"] {
                values::refuse_personal(reader, table, key, what);
            }
        }
    }
    level
}

pub(super) const PROFILE_HELP: &str =
    "profiles are declared by the name that Setup > Profiles shows";

/// The words of `state`.
pub(super) const STATES: &[(&str, DeclaredState)] = &[
    ("active", DeclaredState::Active),
    ("inactive", DeclaredState::Inactive),
    ("frozen", DeclaredState::Frozen),
];

/// The words of `portal_role`.
pub(super) const ROLES: &[(&str, PortalRole)] = &[
    ("user", PortalRole::User),
    ("manager", PortalRole::Manager),
    ("executive", PortalRole::Executive),
];

/// The words of `activation`.
pub(super) const ACTIVATIONS: &[(&str, Activation)] =
    &[("none", Activation::None), ("reset-email", Activation::ResetEmail)];

/// Keys that say how a user is to be every day, not only on the first.
fn refuse_daily(reader: &mut Reader<'_>, table: &mut Table<'_>) {
    for key in ["account", "template", "state", "starts", "expires"] {
        if let Some(entry) = table.take_unlisted(key) {
            let fault = Fault::new(
                "holds every day, not only when a user is created",
                "move the key to [defaults], a template, a user file or a user",
            );
            reader.fault_at_key(entry, fault);
        }
    }
}

fn day(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<(Date, Place)> {
    let place = reader.place(&entry.span());
    reader.date(entry).map(|date| (date, place))
}

/// `renamed_from`: one username, or a list.
fn former_names(reader: &mut Reader<'_>, entry: Entry<'_>) -> Vec<(Username, Place)> {
    let mut names: Vec<(Username, Place)> = Vec::new();
    for item in reader.one_or_more(entry) {
        let Some(name) = reader.parsed(item, Username::parse, FORMER_HELP) else {
            continue;
        };
        if names.iter().any(|(earlier, _)| *earlier == name) {
            reader.invalid(item, &format!("`{name}` stands here twice"), "keep one of them");
        } else {
            names.push((name, reader.place(&item.span())));
        }
    }
    names
}

pub(super) const FORMER_HELP: &str =
    "write the username that the person had, without the org's suffix";

impl Level {
    /// This level, and what a level further away adds to it.
    pub(super) fn over(&self, further: &Self) -> Self {
        let mut level = self.clone().covering(further);
        level.access = access::over(&self.access, &further.access);
        level
    }

    /// This level instead of another one, key by key: lists do not add up.
    pub(super) fn instead_of(self, other: &Self) -> Self {
        let mut access = self.access.clone();
        for (kind, below) in other.access.iter() {
            let above = access.get_mut(kind);
            if above.is_none() {
                above.clone_from(below);
            }
        }
        Self { access, ..self.covering(other) }
    }

    /// Everything but the lists.
    pub(super) fn covering(mut self, further: &Self) -> Self {
        macro_rules! fill {
            ($($key:ident)+) => {$(
                if self.$key.is_none() {
                    self.$key.clone_from(&further.$key);
                }
            )+};
        }
        fill!(account template profile state starts expires portal_role activation);
        for (field, value) in further.fields.iter() {
            self.fields.insert_missing(*field, || value.clone());
        }
        for (nearer, further) in [
            (&mut self.custom, &further.custom),
            (&mut self.contact_custom, &further.contact_custom),
        ] {
            for (name, value) in further {
                nearer.insert_missing(name, value);
            }
        }
        self.attempted.last_name |= further.attempted.last_name;
        self.attempted.account |= further.attempted.account;
        self.attempted.profile |= further.attempted.profile;
        self
    }
}
