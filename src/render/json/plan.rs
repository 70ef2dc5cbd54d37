//! Plan → JSON.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::model::{AccessKind, Diagnostic, LicenseBasis, Place, Username};
use crate::plan::{
    Action, Blocker, Change, ContactStep, Datum, LeftOut, LicenseKind, LicenseLine, Mail,
    MailReason, Obstacle, Plan, PlannedOrg, SetChanges, expected_calls,
};
use crate::render::view::View;

/// What `portalctl plan --json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "portalctl plan")]
pub struct PlanDocument<'a, L = Entries<'a>> {
    /// Version of this format. Keys are added in minor versions and removed only in major ones.
    format_version: &'static str,
    /// Version of the program.
    tool_version: &'static str,
    /// `[project] name`.
    project: &'a str,
    /// The org that was read.
    org: Org<'a>,
    /// How many users get each action, blocked ones aside.
    summary: Summary,
    /// Every user with something to do or something in the way, in file order.
    changes: L,
    /// Seats, one entry a licence of portal profiles.
    licenses: Vec<License<'a>>,
    /// Who may be mailed, and why, in file order.
    mails: Vec<MailEntry<'a>>,
    /// Who was asked for and is not mailed, in file order: of `invite` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<Vec<LeftOutEntry<'a>>>,
    /// What stops the whole plan.
    blockers: Vec<BlockerEntry<'a>>,
    /// What is to be said.
    diagnostics: Vec<DiagnosticEntry<'a>>,
    /// API calls.
    api: Api,
    /// Fingerprint of the changes: `sha256:` and 64 hexadecimal digits.
    digest: String,
}

/// The changes of a plan, each made into its entry while it is written: there may be very many.
pub struct Entries<'a>(&'a [Change]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ChangeEntry::of))
    }
}

impl<'a> JsonSchema for Entries<'a> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Vec::<ChangeEntry<'a>>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<ChangeEntry<'a>>::json_schema(generator)
    }
}

/// The org.
#[derive(Serialize, JsonSchema)]
pub(super) struct Org<'a> {
    /// Its name in the project, or `env`.
    name: &'a str,
    /// Its id, 18 characters.
    id: &'a str,
    /// Where its API is.
    instance_url: &'a str,
    /// Whether it is a sandbox or scratch org.
    is_sandbox: bool,
    /// The user that the program signed in as.
    user: &'a str,
}

/// Numbers of users.
#[derive(Serialize, JsonSchema)]
pub(super) struct Summary {
    create: usize,
    adopt: usize,
    update: usize,
    rename: usize,
    reactivate: usize,
    deactivate: usize,
    freeze: usize,
    unfreeze: usize,
    /// Declared users with nothing to do.
    no_op: usize,
    /// Users whom something stands in the way of.
    blocked: usize,
    /// Active users that the project owns and no file declares.
    undeclared: usize,
    /// Active portal users that the project does not answer for.
    unmanaged: usize,
    /// People who may be mailed.
    emails: usize,
}

/// One user.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangeEntry<'a> {
    /// The username as declared.
    username: &'a str,
    /// The username in the org, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    org_username: Option<&'a str>,
    /// First and last name.
    name: &'a str,
    /// The account's name.
    account: &'a str,
    /// What happens.
    action: ActionWord,
    /// Why.
    reasons: Vec<&'static str>,
    /// Whether something stands in the way; a diagnostic tells what.
    blocked: bool,
    /// Where the user is declared; `null` for a user that no file declares.
    source: Option<Source<'a>>,
    /// Values that are written beside what the action itself says.
    fields: Vec<Field<'a>>,
    /// Permission sets given, taken, and given for another time.
    permission_sets: Sets<'a>,
    /// Permission set groups, where any change.
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_set_groups: Option<Sets<'a>>,
    /// Permission set licences, where any change.
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_set_licenses: Option<Sets<'a>>,
    /// Public groups, where any change.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Sets<'a>>,
    /// What happens to the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'static str>,
}

/// What happens to a user.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ActionWord {
    Create,
    Update,
    Reactivate,
    Deactivate,
    Freeze,
    Unfreeze,
    Rename,
    Adopt,
}

/// A place in the files.
#[derive(Serialize, JsonSchema)]
pub(super) struct Source<'a> {
    file: &'a str,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

/// A field that gets another value.
#[derive(Serialize, JsonSchema)]
struct Field<'a> {
    /// API name.
    field: &'a str,
    /// `User` or `Contact`.
    object: &'static str,
    before: Option<Cow<'a, str>>,
    after: Option<Cow<'a, str>>,
}

/// Permission sets, by API name.
#[derive(Serialize, JsonSchema)]
struct Sets<'a> {
    add: Vec<&'a str>,
    remove: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    change: Vec<Expiry<'a>>,
}

/// A permission set whose last day changes.
#[derive(Serialize, JsonSchema)]
struct Expiry<'a> {
    name: &'a str,
    before: Option<String>,
    after: Option<String>,
}

/// Seats of a licence.
#[derive(Serialize, JsonSchema)]
pub(super) struct License<'a> {
    name: &'a str,
    /// `user` or `permission_set`.
    kind: &'static str,
    /// What is paid for, of a user licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<Basis>,
    total: i64,
    used: i64,
    freed: i64,
    needed: i64,
    after: i64,
    /// How many users find no seat.
    shortfall: usize,
    /// Who, in file order.
    short_users: Vec<&'a str>,
}

/// What is paid for with a user licence.
#[derive(Serialize, JsonSchema)]
struct Basis {
    /// `members` or `logins`.
    per: &'static str,
    /// Whether that was guessed from the licence's name, because the org does not show it.
    guessed: bool,
    /// Logins a month that were bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_logins: Option<i64>,
    /// Logins of this month so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_logins_used: Option<i64>,
}

/// Somebody who may be mailed.
#[derive(Serialize, JsonSchema)]
struct MailEntry<'a> {
    username: &'a str,
    /// `activation`, `invited`, `welcome` (to a live site), `username` (a changed one).
    reasons: Vec<&'static str>,
    /// The sites that welcome them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sites: Vec<&'a str>,
}

/// Somebody who was asked for and is not mailed.
#[derive(Serialize, JsonSchema)]
struct LeftOutEntry<'a> {
    username: &'a str,
    /// Why: `declared-inactive`, `declared-frozen`, `expired`, `not-started`, `disabled`, `blocked` (a
    /// diagnostic tells by what), `not-in-org`, `other-username` and `other-address` (until the next
    /// apply), `inactive`, `frozen`, `invalid-address`, `privacy`, `no-live-site`, `single-sign-on`,
    /// `welcomed` (by a live site), `cool-down`.
    reason: &'static str,
    /// When they were made, for `welcomed`; when they were sent a link or changed their password, for
    /// `cool-down`.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// What stops the whole plan.
#[derive(Serialize, JsonSchema)]
struct BlockerEntry<'a> {
    rule: &'static str,
    count: u64,
    limit: u64,
    /// What `--allow` takes to let exactly this plan through.
    allow: String,
    message: &'a str,
}

/// Something to be said.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DiagnosticEntry<'a> {
    /// `error` (blocks), `warning` or `note`.
    severity: &'static str,
    /// Its stable code.
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source<'a>>,
}

/// API calls.
#[derive(Serialize, JsonSchema)]
struct Api {
    /// Calls that carrying the plan out will take.
    calls_expected: usize,
}

impl<'a> PlanDocument<'a> {
    pub(super) fn of(view: &'a View<'_>) -> Self {
        Self::with(view, Entries(&view.plan.changes))
    }
}

impl<'a, L> PlanDocument<'a, L> {
    /// The document with these changes in place of the plan's.
    pub(super) fn with(view: &'a View<'_>, changes: L) -> Self {
        let plan = &*view.plan;
        Self {
            format_version: super::FORMAT_VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            project: plan.project.as_str(),
            org: Org::of(&plan.org),
            summary: Summary::of(plan),
            changes,
            licenses: plan.licenses.iter().map(License::of).collect(),
            mails: plan.mails.iter().map(MailEntry::of).collect(),
            left_out: plan
                .invitation
                .as_ref()
                .map(|invitation| invitation.left_out.iter().map(LeftOutEntry::of).collect()),
            blockers: plan.blockers.iter().map(BlockerEntry::of).collect(),
            diagnostics: plan.diagnostics.iter().map(DiagnosticEntry::of).collect(),
            api: Api { calls_expected: expected_calls(plan) },
            digest: view.digest().to_owned(),
        }
    }

    /// The document of something that cannot be applied, so that nothing can block it.
    pub(super) fn without_blockers(mut self) -> Self {
        self.blockers.clear();
        self
    }
}

impl<'a> Org<'a> {
    pub(super) fn of(org: &'a PlannedOrg) -> Self {
        Self {
            name: &org.name,
            id: org.id.as_str(),
            instance_url: &org.instance_url,
            is_sandbox: org.is_sandbox,
            user: org.user.as_str(),
        }
    }
}

impl Summary {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            create: plan.count(Action::Create),
            adopt: plan.count(Action::Adopt),
            update: plan.count(Action::Update),
            rename: plan.count(Action::Rename),
            reactivate: plan.count(Action::Reactivate),
            deactivate: plan.count(Action::Deactivate),
            freeze: plan.count(Action::Freeze),
            unfreeze: plan.count(Action::Unfreeze),
            no_op: plan.unchanged,
            blocked: plan.blocked(),
            undeclared: plan.undeclared,
            unmanaged: plan.unmanaged,
            emails: plan.mails.len(),
        }
    }
}

impl<'a> ChangeEntry<'a> {
    pub(super) fn of(change: &'a Change) -> Self {
        let differs = change.org_username.as_str() != change.username.as_str();
        Self {
            username: change.username.as_str(),
            org_username: differs.then(|| change.org_username.as_str()),
            name: &change.name,
            account: &change.account,
            action: ActionWord::of(change.action),
            reasons: change.reasons.iter().map(|reason| reason.as_str()).collect(),
            blocked: change.blocked,
            source: change.place.as_ref().map(|place| Source::of(place, false)),
            fields: change
                .fields
                .iter()
                .map(|field| Field {
                    field: field.field.as_str(),
                    object: field.object.as_str(),
                    before: Datum::text(&field.before),
                    after: Datum::text(&field.after),
                })
                .collect(),
            permission_sets: Sets::of(change.access.get(AccessKind::PermissionSet)),
            permission_set_groups: Sets::any(change, AccessKind::PermissionSetGroup),
            permission_set_licenses: Sets::any(change, AccessKind::PermissionSetLicense),
            groups: Sets::any(change, AccessKind::Group),
            contact: change.contact.map(ContactStep::as_str),
        }
    }
}

impl ActionWord {
    pub(super) const fn of(action: Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Deactivate => Self::Deactivate,
            Action::Freeze => Self::Freeze,
            Action::Reactivate => Self::Reactivate,
            Action::Unfreeze => Self::Unfreeze,
            Action::Rename => Self::Rename,
            Action::Adopt => Self::Adopt,
            Action::Update => Self::Update,
        }
    }
}

impl<'a> Source<'a> {
    pub(super) fn of(place: &'a Place, with_column: bool) -> Self {
        Self { file: &place.file, line: place.line, column: with_column.then_some(place.column) }
    }
}

impl<'a> Sets<'a> {
    /// The changes of a kind, if there are any.
    fn any(change: &'a Change, kind: AccessKind) -> Option<Self> {
        let changes = change.access.get(kind);
        (!changes.is_empty()).then(|| Self::of(changes))
    }

    fn of(sets: &'a SetChanges) -> Self {
        Self {
            add: sets.add.iter().map(|set| set.name.as_str()).collect(),
            remove: sets.remove.iter().map(|set| set.name.as_str()).collect(),
            change: sets
                .change
                .iter()
                .map(|set| Expiry {
                    name: set.name.as_str(),
                    before: set.before.map(|day| day.to_string()),
                    after: set.after.map(|expiry| expiry.day.to_string()),
                })
                .collect(),
        }
    }
}

impl<'a> License<'a> {
    pub(super) fn of(line: &'a LicenseLine) -> Self {
        Self {
            name: &line.name,
            kind: line.kind.as_str(),
            basis: Basis::of(line.kind),
            total: line.total,
            used: line.used,
            freed: line.freed,
            needed: line.needed,
            after: line.after(),
            shortfall: line.short_users.len(),
            short_users: line.short_users.iter().map(Username::as_str).collect(),
        }
    }
}

impl Basis {
    const fn of(kind: LicenseKind) -> Option<Self> {
        let LicenseKind::User(basis) = kind else { return None };
        let (per, guessed, monthly) = match basis {
            LicenseBasis::Members { guessed } => ("members", guessed, None),
            LicenseBasis::Logins { monthly } => ("logins", monthly.is_none(), monthly),
        };
        let (monthly_logins, monthly_logins_used) = match monthly {
            Some((bought, used)) => (Some(bought), Some(used)),
            None => (None, None),
        };
        Some(Self { per, guessed, monthly_logins, monthly_logins_used })
    }
}

impl<'a> MailEntry<'a> {
    fn of(mail: &'a Mail) -> Self {
        let site = |reason: &'a MailReason| match reason {
            MailReason::Welcome(site) => Some(&**site),
            MailReason::Activation | MailReason::Invited | MailReason::Username => None,
        };
        let mut reasons: Vec<_> = mail.reasons.iter().map(MailReason::as_str).collect();
        reasons.dedup();
        Self {
            username: mail.username.as_str(),
            reasons,
            sites: mail.reasons.iter().filter_map(site).collect(),
        }
    }
}

impl<'a> LeftOutEntry<'a> {
    fn of(left: &'a LeftOut) -> Self {
        let since = match left.why {
            Obstacle::CoolDown(at) | Obstacle::Welcomed(at) => {
                Some(Timestamp::from(at).to_string())
            }
            _ => None,
        };
        Self { username: left.username.as_str(), reason: left.why.as_str(), since }
    }
}

impl<'a> BlockerEntry<'a> {
    fn of(blocker: &'a Blocker) -> Self {
        Self {
            rule: blocker.rule.as_str(),
            count: blocker.count,
            limit: blocker.limit,
            allow: blocker.allow(),
            message: &blocker.message,
        }
    }
}

impl<'a> DiagnosticEntry<'a> {
    pub(crate) fn of(diagnostic: &'a Diagnostic) -> Self {
        Self {
            severity: diagnostic.severity.as_str(),
            code: diagnostic.code.as_str(),
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            username: diagnostic.username.as_ref().map(Username::as_str),
            source: diagnostic.place.as_ref().map(|place| Source::of(place, true)),
        }
    }
}
