//! What portalctl.toml says beside users: orgs, policy, safety.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use super::{InvalidName, OrgId, OrgName, Place, ProjectName};

/// The project file without its users.
#[derive(Clone, Debug)]
pub struct Project {
    /// `[project] name`.
    pub name: ProjectName,
    /// `[project] default_org`.
    pub default_org: Option<OrgName>,
    /// `[project] api_version`.
    pub api_version: Option<ApiVersion>,
    /// The `[orgs.NAME]` tables.
    pub orgs: BTreeMap<OrgName, OrgSettings>,
    /// What steers the plan.
    pub policy: Policy,
}

/// An `[orgs.NAME]` table.
#[derive(Clone, Debug)]
pub struct OrgSettings {
    /// Where the org is.
    pub target: OrgTarget,
    /// The only org that may answer.
    pub org_id: Option<OrgId>,
    /// What this org adds to every declared username.
    pub username_suffix: String,
    /// `email`; absent, it depends on whether the org is a sandbox.
    pub email: Option<EmailPolicy>,
    /// How to sign in.
    pub auth: AuthKind,
    /// Where the table is.
    pub place: Place,
}

/// Where an org is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgTarget {
    /// A real org, by the URL where one signs in.
    LoginUrl(String),
    /// The embedded emulator, by the path of its seed file, relative to the project folder.
    Emulator(String),
}

/// How addresses are treated in an org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailPolicy {
    /// The declared address, as it is.
    AsDeclared,
    /// An org address ending in `.invalid` equals the declared one and is never rewritten; users
    /// and contacts created get `.invalid` appended.
    KeepInvalid,
    /// Every address gets `.invalid` appended.
    AppendInvalid,
}

/// `auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthKind {
    /// Whatever the environment offers.
    Auto,
    /// `SF_ACCESS_TOKEN` with `SF_ORG_INSTANCE_URL`.
    AccessToken,
}

/// A REST API version such as 66.0, by its whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(pub u16);

impl ApiVersion {
    /// The newest version that this program was written for.
    pub const NEWEST: Self = Self(68);
    /// The oldest version whose objects and fields this program needs.
    /// `PermissionSetAssignment.ExpirationDate` exists since 52.0, versions before 58.0 were not tried.
    pub const OLDEST: Self = Self(58);

    /// Reads a version such as `"66.0"`.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        text.strip_suffix(".0")
            .and_then(|whole| whole.parse().ok())
            .map(Self)
            .ok_or_else(|| InvalidName("a version looks like \"66.0\"".to_owned()))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

/// Everything of the project file that steers the plan, beside the declarations.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// `[contacts]`.
    pub contacts: ContactPolicy,
    /// `[permission_sets]`.
    pub permission_sets: SetPolicy,
    /// `[safety]`.
    pub safety: Safety,
    /// `[[allow]]`.
    pub allows: Vec<Allow>,
}

/// `[contacts]`.
#[derive(Clone, Copy, Debug)]
pub struct ContactPolicy {
    /// Whether a missing contact is created.
    pub create: bool,
    /// Whether name and e-mail of the linked contact follow the declaration.
    pub update: bool,
}

impl Default for ContactPolicy {
    fn default() -> Self {
        Self { create: true, update: true }
    }
}

/// `[permission_sets]`.
#[derive(Clone, Debug, Default)]
pub struct SetPolicy {
    /// What happens to assignments that are not declared.
    pub mode: SetMode,
    /// Sets that are never looked at, as globs over API names.
    pub ignore: Vec<String>,
}

/// `[permission_sets] mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetMode {
    /// Assignments that are not declared are removed, for users with declared sets.
    #[default]
    Exact,
    /// Assignments are only ever added.
    AtLeast,
}

/// A limit on a number of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    Count(u64),
    /// So many hundredths of the active users that the project answers for, rounded down, never
    /// less than 3 nor more than 500.
    Percent(u8),
}

/// `[safety]`.
#[derive(Clone, Copy, Debug)]
pub struct Safety {
    /// Deactivations and freezes.
    pub deactivations: Limit,
    /// Reactivations and unfreezes.
    pub reactivations: Limit,
    /// Existing users who lose a set or licence, or change account or profile.
    pub access_changes: Limit,
    /// Creations; no limit unless set.
    pub creates: Option<Limit>,
    /// Updates; no limit unless set.
    pub updates: Option<Limit>,
}

impl Default for Safety {
    fn default() -> Self {
        let tenth = Limit::Percent(10);
        Self {
            deactivations: tenth,
            reactivations: tenth,
            access_changes: tenth,
            creates: None,
            updates: None,
        }
    }
}

/// A rule that can stop a whole plan, and that an exception can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Seats short.
    Shortfall,
    /// `max_deactivations`.
    Deactivations,
    /// `max_reactivations`.
    Reactivations,
    /// `max_access_changes`.
    AccessChanges,
    /// `max_creates`.
    Creates,
    /// `max_updates`.
    Updates,
}

impl Rule {
    /// Every rule.
    pub const ALL: &'static [Self] = &[
        Self::Shortfall,
        Self::Deactivations,
        Self::Reactivations,
        Self::AccessChanges,
        Self::Creates,
        Self::Updates,
    ];

    /// The word for `--allow`, `[[allow]]` and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shortfall => "shortfall",
            Self::Deactivations => "deactivations",
            Self::Reactivations => "reactivations",
            Self::AccessChanges => "access_changes",
            Self::Creates => "creates",
            Self::Updates => "updates",
        }
    }

    /// The rule with this name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == text)
    }
}

/// A reviewed exception, `[[allow]]`.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The rule it lifts.
    pub rule: Rule,
    /// The only org it holds for, if one is named.
    pub org: Option<OrgName>,
    /// The most that it lets through.
    pub count: u64,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, in GMT.
    pub expires: Date,
    /// Where it is written.
    pub place: Place,
}
