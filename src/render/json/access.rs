//! Access review → JSON.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::model::{AccessKind, PortalRole};
use crate::plan::{AccessRow, AccessSummary, DeclaredStanding, Granted};
use crate::render::access_view::AccessView;

use super::plan::{ActionWord, Org, Source};

/// What `portalctl access --json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "portalctl access")]
pub struct AccessDocument<'a> {
    /// Version of this format. Keys are added in minor versions and removed only in major ones.
    format_version: &'static str,
    /// Version of the program.
    tool_version: &'static str,
    /// `[project] name`.
    project: &'a str,
    /// The org that was read.
    org: Org<'a>,
    /// How many people there are of which kind.
    summary: Summary,
    /// Every declared person in file order, then the active portal users whom no file declares, by
    /// account and username.
    users: Entries<'a>,
}

/// Numbers of people.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// Entries of `users`.
    people: usize,
    /// Those whom a file declares.
    declared: usize,
    /// Declared people in whom files and org differ, or whom something stands in the way of.
    differing: usize,
    /// Declared people whom something stands in the way of.
    blocked: usize,
    /// Active users whom no file declares and the project owns.
    undeclared: usize,
    /// Active users whom no file declares and the project does not answer for.
    unmanaged: usize,
    /// People who are active and not frozen.
    active: usize,
    /// People who are frozen.
    frozen: usize,
}

/// The people, each made into their entry while it is written: there may be very many.
struct Entries<'a>(&'a AccessView<'a>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows().map(Entry))
    }
}

/// A row that is written as its entry.
struct Entry<'a>(AccessRow<'a>);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        UserEntry::of(&self.0).serialize(serializer)
    }
}

impl JsonSchema for Entries<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Vec::<UserEntry<'_>>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<UserEntry<'_>>::json_schema(generator)
    }
}

/// One person.
#[derive(Serialize, JsonSchema)]
struct UserEntry<'a> {
    /// The username as declared, or as it would be.
    username: &'a str,
    /// The username in the org, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    org_username: Option<&'a str>,
    /// First and last name.
    name: &'a str,
    /// The account that they belong to, or would belong to.
    account: &'a str,
    /// The account that they are declared in, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_account: Option<&'a str>,
    /// `declared`, `owned` (by `[ownership]`, in no file) or `unmanaged`.
    management: &'static str,
    /// `active`, `inactive`, `frozen`, `not-started` or `expired`; `null` for whoever is in no file.
    declared_state: Option<&'static str>,
    /// `active`, `inactive`, `frozen`, `absent`, `disabled`, or `unclear` where it is not certain
    /// which user is meant.
    actual_state: &'static str,
    /// Where files and org differ: `state`, `username`, `account`, `profile`, `portal_role`,
    /// `permission_sets`, `permission_set_groups`, `permission_set_licenses`, `groups`, or `fields`
    /// for any other value.
    differs: Vec<&'static str>,
    /// What a plan does; `null` for nothing.
    action: Option<ActionWord>,
    /// Whether something stands in the way of it.
    blocked: bool,
    /// The codes of what does, for `portalctl explain`. Empty, if it is not about this person alone.
    blocked_by: Vec<&'static str>,
    /// `null`, if the files do not manage it.
    declared_profile: Option<&'a str>,
    /// The profile in the org.
    actual_profile: Option<&'a str>,
    /// The user licence of that profile.
    license: Option<&'a str>,
    /// `null`, if the files do not manage them; as for the other kinds below.
    declared_permission_sets: Option<Vec<GrantEntry<'a>>>,
    /// What is held, whether or not it is managed; as for the other kinds below.
    actual_permission_sets: Vec<GrantEntry<'a>>,
    declared_permission_set_groups: Option<Vec<GrantEntry<'a>>>,
    actual_permission_set_groups: Vec<GrantEntry<'a>>,
    declared_permission_set_licenses: Option<Vec<GrantEntry<'a>>>,
    actual_permission_set_licenses: Vec<GrantEntry<'a>>,
    declared_groups: Option<Vec<GrantEntry<'a>>>,
    actual_groups: Vec<GrantEntry<'a>>,
    /// `user`, `manager` or `executive`; `null`, if the files do not manage it.
    declared_portal_role: Option<&'static str>,
    /// The same in the org; `null` for users without a role of their account.
    actual_portal_role: Option<&'static str>,
    /// The declared first day.
    starts: Option<String>,
    /// The declared last day.
    expires: Option<String>,
    /// The day, in GMT, of the last sign-in; `null` for never, or where the login cannot see it.
    last_login: Option<String>,
    /// Where they are declared.
    source: Option<Source<'a>>,
}

/// Something that is given.
#[derive(Serialize, JsonSchema)]
struct GrantEntry<'a> {
    /// API name.
    name: &'a str,
    /// The last day; `null` for good.
    expires: Option<String>,
}

impl<'a> AccessDocument<'a> {
    pub(super) fn of(view: &'a AccessView<'a>) -> Self {
        Self {
            format_version: super::FORMAT_VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            project: view.project(),
            org: Org::of(view.org()),
            summary: Summary::of(view.summary()),
            users: Entries(view),
        }
    }
}

impl Summary {
    const fn of(summary: AccessSummary) -> Self {
        let AccessSummary {
            people,
            declared,
            differing,
            blocked,
            undeclared,
            unmanaged,
            active,
            frozen,
        } = summary;
        Self { people, declared, differing, blocked, undeclared, unmanaged, active, frozen }
    }
}

impl<'a> UserEntry<'a> {
    fn of(row: &'a AccessRow<'_>) -> Self {
        let declared = |kind| row.access.get(kind).declared.as_deref().map(grants);
        let actual = |kind| grants(&row.access.get(kind).actual);
        Self {
            username: &row.username,
            org_username: row.org_username.as_deref(),
            name: &row.name,
            account: &row.account,
            declared_account: row.declared_account.as_deref(),
            management: row.management.as_str(),
            declared_state: row.declared_state.map(DeclaredStanding::as_str),
            actual_state: row.actual_state.as_str(),
            differs: row.differs.iter().map(|one| one.as_str()).collect(),
            action: row.action.map(ActionWord::of),
            blocked: row.blocked,
            blocked_by: row.blocked_by.iter().map(|code| code.as_str()).collect(),
            declared_profile: row.declared_profile,
            actual_profile: row.actual_profile,
            license: row.license,
            declared_permission_sets: declared(AccessKind::PermissionSet),
            actual_permission_sets: actual(AccessKind::PermissionSet),
            declared_permission_set_groups: declared(AccessKind::PermissionSetGroup),
            actual_permission_set_groups: actual(AccessKind::PermissionSetGroup),
            declared_permission_set_licenses: declared(AccessKind::PermissionSetLicense),
            actual_permission_set_licenses: actual(AccessKind::PermissionSetLicense),
            declared_groups: declared(AccessKind::Group),
            actual_groups: actual(AccessKind::Group),
            declared_portal_role: row.declared_role.map(PortalRole::as_str),
            actual_portal_role: row.actual_role.map(PortalRole::as_str),
            starts: row.starts.map(|day| day.to_string()),
            expires: row.expires.map(|day| day.to_string()),
            last_login: row.last_login.map(|day| day.to_string()),
            source: row.place.map(|place| Source::of(place, false)),
        }
    }
}

fn grants<'a>(grants: &[Granted<'a>]) -> Vec<GrantEntry<'a>> {
    let entry = |grant: &Granted<'a>| GrantEntry {
        name: grant.name,
        expires: grant.expires.map(|day| day.to_string()),
    };
    grants.iter().map(entry).collect()
}
