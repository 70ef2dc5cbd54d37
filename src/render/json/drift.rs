//! Drift → JSON: the document of a plan, with who changed what.

use schemars::JsonSchema;
use serde::Serialize;

use crate::drift::{Attribution, ChangedBy, Drift, Part, Stranger};
use crate::model::AccessKind;
use crate::plan::{Change, Plan};
use crate::render::view::View;

use super::plan::{ChangeEntry, PlanDocument};

/// What `portalctl drift --json` prints: a plan whose changes say who made them necessary.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "portalctl drift")]
pub struct DriftDocument<'a> {
    #[serde(flatten)]
    plan: PlanDocument<'a, Vec<Differing<'a>>>,
    /// How much of the org's portal the files account for.
    coverage: CoverageEntry,
    /// Users who differed before `--since` already and are not listed.
    older: usize,
    /// Whether the setup audit trail could be read.
    audit_trail: bool,
    /// Active portal users whom no file declares, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    strangers: Option<Vec<StrangerEntry<'a>>>,
}

/// A user who differs.
#[derive(Serialize, JsonSchema)]
struct Differing<'a> {
    #[serde(flatten)]
    change: ChangeEntry<'a>,
    /// Who changed the user; null where the org does not know.
    changed_by: Option<ChangedByEntry<'a>>,
    /// The same for each difference by itself.
    attributions: Vec<AttributionEntry<'a>>,
}

/// Who changed one thing.
#[derive(Serialize, JsonSchema)]
struct AttributionEntry<'a> {
    /// `state`, a field as `User.Title`, or a key such as `permission_sets`.
    of: String,
    changed_by: Option<ChangedByEntry<'a>>,
}

/// Who changed something, when, and how that is known.
#[derive(Serialize, JsonSchema)]
struct ChangedByEntry<'a> {
    name: Option<&'a str>,
    username: Option<&'a str>,
    /// RFC 3339, in UTC.
    at: Option<String>,
    /// `setup-audit-trail`, `user-login` or `last-modified`.
    via: &'static str,
    /// The user whom they were logged in as.
    #[serde(skip_serializing_if = "Option::is_none")]
    acting_as: Option<&'a str>,
    /// Whether it was the very user that the change is about.
    by_the_user: bool,
    /// Whether the evidence names this person and this difference beyond doubt.
    certain: bool,
}

/// Numbers of active portal users.
#[derive(Serialize, JsonSchema)]
struct CoverageEntry {
    /// All of them.
    active: usize,
    /// Those whom a file declares.
    declared: usize,
    /// Those whom the project owns and no file declares.
    undeclared: usize,
    /// Those whom the project does not answer for.
    unmanaged: usize,
}

/// An active portal user whom no file declares.
#[derive(Serialize, JsonSchema)]
struct StrangerEntry<'a> {
    username: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
}

impl<'a> DriftDocument<'a> {
    pub(super) fn of(view: &'a View<'_>, drift: &'a Drift) -> Self {
        let plan: &'a Plan = &view.plan;
        let found = drift
            .found
            .iter()
            .filter_map(|(at, found)| Some(Differing::of(plan.changes.get(*at)?, found)));
        Self {
            plan: PlanDocument::with(view, found.collect()).without_blockers(),
            coverage: CoverageEntry {
                active: drift.coverage.active,
                declared: drift.coverage.declared,
                undeclared: drift.coverage.undeclared(plan.unmanaged),
                unmanaged: plan.unmanaged,
            },
            older: drift.older,
            audit_trail: drift.no_trail.is_none(),
            strangers: drift
                .strangers
                .as_ref()
                .map(|list| list.iter().map(StrangerEntry::of).collect()),
        }
    }
}

impl<'a> Differing<'a> {
    fn of(change: &'a Change, found: &'a Attribution) -> Self {
        let one = |(part, by): &'a (Part, Option<ChangedBy>)| AttributionEntry {
            of: name(change, *part),
            changed_by: by.as_ref().map(ChangedByEntry::of),
        };
        Self {
            change: ChangeEntry::of(change),
            changed_by: found.main().map(ChangedByEntry::of),
            attributions: found.parts.iter().map(one).collect(),
        }
    }
}

fn name(change: &Change, part: Part) -> String {
    match part {
        Part::State => "state".to_owned(),
        Part::Field(at) => change.fields.get(at).map_or_else(String::new, |field| {
            format!("{}.{}", field.object.as_str(), field.field.as_str())
        }),
        Part::Access(AccessKind::PermissionSet) => "permission_sets".to_owned(),
        Part::Access(AccessKind::PermissionSetGroup) => "permission_set_groups".to_owned(),
        Part::Access(AccessKind::PermissionSetLicense) => "permission_set_licenses".to_owned(),
        Part::Access(AccessKind::Group) => "groups".to_owned(),
    }
}

impl<'a> ChangedByEntry<'a> {
    fn of(by: &'a ChangedBy) -> Self {
        Self {
            name: by.name.as_deref(),
            username: by.username.as_deref(),
            at: by.at.map(|at| at.to_string()),
            via: by.via.as_str(),
            acting_as: by.acting_as.as_deref(),
            by_the_user: by.themself,
            certain: by.certain,
        }
    }
}

impl<'a> StrangerEntry<'a> {
    fn of(stranger: &'a Stranger) -> Self {
        Self {
            username: stranger.username.as_str(),
            name: &stranger.name,
            account: stranger.account.as_deref(),
        }
    }
}
