//! What portalctl.toml says beside users: orgs, policy, safety.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::{AccountRef, ApiName, InvalidName, OrgId, OrgName, Place, ProfileName, ProjectName};

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
    /// The consumer key of the app to sign in through.
    pub client_id: Option<String>,
    /// The username in the org to sign in as.
    pub username: Option<String>,
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
    /// An assertion that a private key signs.
    Jwt,
    /// The app's own user, by consumer key and secret.
    ClientCredentials,
    /// `SFDX_AUTH_URL`.
    RefreshToken,
    /// What the Salesforce CLI is signed in to.
    SfCli,
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
    /// `[ownership]`, if the table is there.
    pub ownership: Option<Ownership>,
    /// `[licenses]`, by licence name.
    pub licenses: BTreeMap<Arc<str>, LicenseSettings>,
    /// `[policy]`.
    pub rules: PolicyRules,
}

/// `[ownership]`: which users of the org the project answers for, beside those it declares. Given
/// conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// Users with one of these profiles; empty, with any.
    pub profiles: Vec<ProfileName>,
    /// Users of one of these accounts; empty, of any.
    pub accounts: Vec<AccountRef>,
    /// Users with this value in this field.
    pub marker: Option<Marker>,
    /// What happens to an active owned user that no file declares.
    pub undeclared: Undeclared,
    /// Usernames that are never deactivated or frozen, as globs.
    pub protect: Vec<String>,
}

/// `marker`: a field of `User` that says which project answers for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The field.
    pub field: ApiName,
    /// The value that stands for this project.
    pub value: Arc<str>,
}

/// `undeclared`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undeclared {
    /// They are counted and named.
    #[default]
    Report,
    /// They are deactivated.
    Deactivate,
    /// They are not looked at.
    Ignore,
}

/// `[licenses."NAME"]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LicenseSettings {
    /// Seats that must stay free.
    pub reserve: u64,
    /// Money per seat and month.
    pub price: Option<f64>,
    /// When the contract is renewed.
    pub renewal: Option<Date>,
}

impl LicenseSettings {
    /// What so many seats cost a month, where a price is known.
    #[expect(clippy::cast_precision_loss, reason = "a number of seats is far below 2^52")]
    pub fn monthly(&self, seats: u64) -> Option<f64> {
        self.price.map(|price| price * seats as f64)
    }
}

/// `[policy]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyRules {
    /// Templates whose users must have `expires`, as globs.
    pub require_expiry: Vec<String>,
    /// Permission sets that nobody may be given, as globs over API names.
    pub forbid_permission_sets: Vec<String>,
    /// Domains that declared addresses must have.
    pub allowed_email_domains: EmailDomains,
    /// The most active users of one account.
    pub max_active_per_account: Option<u64>,
}

/// `allowed_email_domains`: for every account, or by the account's name as declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailDomains {
    /// For accounts without an entry of their own; absent, any domain.
    pub overall: Option<Vec<String>>,
    /// For one account.
    pub by_account: BTreeMap<Arc<str>, Vec<String>>,
}

/// `[contacts]`.
#[derive(Clone, Debug)]
pub struct ContactPolicy {
    /// Whether a missing contact is created.
    pub create: bool,
    /// Whether name and e-mail of the linked contact follow the declaration.
    pub update: bool,
    /// Fields of `Contact` by which a person is looked for in the account, in order.
    pub match_fields: Vec<ApiName>,
}

impl Default for ContactPolicy {
    fn default() -> Self {
        Self { create: true, update: true, match_fields: vec![ApiName::of("Email")] }
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

impl Limit {
    /// Reads a percentage such as `10%`.
    pub fn percent(text: &str) -> Option<u8> {
        let digits = text.strip_suffix('%').filter(|text| !text.starts_with('+'))?;
        digits.parse().ok().filter(|number| *number <= 100)
    }
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
    /// People who may be mailed; no limit unless set.
    pub emails: Option<Limit>,
    /// Whether the last active user of an account may not be switched off.
    pub keep_one_active_per_account: bool,
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
            emails: None,
            keep_one_active_per_account: false,
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
    /// `max_emails`.
    Emails,
    /// `[licenses] reserve`.
    Reserve,
    /// `keep_one_active_per_account`.
    KeepOneActivePerAccount,
    /// `[policy] require_expiry`.
    RequireExpiry,
    /// `[policy] forbid_permission_sets`.
    ForbidPermissionSets,
    /// `[policy] allowed_email_domains`.
    AllowedEmailDomains,
    /// `[policy] max_active_per_account`.
    MaxActivePerAccount,
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
        Self::Emails,
        Self::Reserve,
        Self::KeepOneActivePerAccount,
        Self::RequireExpiry,
        Self::ForbidPermissionSets,
        Self::AllowedEmailDomains,
        Self::MaxActivePerAccount,
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
            Self::Emails => "emails",
            Self::Reserve => "reserve",
            Self::KeepOneActivePerAccount => "keep_one_active_per_account",
            Self::RequireExpiry => "require_expiry",
            Self::ForbidPermissionSets => "forbid_permission_sets",
            Self::AllowedEmailDomains => "allowed_email_domains",
            Self::MaxActivePerAccount => "max_active_per_account",
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
