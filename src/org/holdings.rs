//! What users hold beside their profile: `PermissionSetAssignment`, `PermissionSetLicenseAssign`
//! and `GroupMember` rows.
//!
//! Source: Object Reference, `PermissionSetAssignment`: every user has a row for the set that their
//! profile owns, which is not looked at; a row for a permission set group also names the group's
//! aggregate set, and is a holding of the group alone.

use std::collections::BTreeSet;

use serde::Deserialize;
use tokio::try_join;

use crate::model::{AccessKind, Holding, RecordId, UserId};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, if_any, row};

const ASSIGNMENT: &str = "PermissionSetAssignment";
const LICENSE_ASSIGN: &str = "PermissionSetLicenseAssign";
const MEMBER: &str = "GroupMember";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssignmentRow {
    id: String,
    assignee_id: String,
    permission_set_id: Option<String>,
    permission_set_group_id: Option<String>,
    expiration_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LicenseRow {
    id: String,
    assignee_id: String,
    permission_set_license_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MemberRow {
    id: String,
    user_or_group_id: String,
    group_id: String,
}

/// What matters to declarations. Where no set is declared, assignments of those that let people
/// into a site matter all the same.
pub(super) struct Matter<'a> {
    pub(super) kinds: &'a BTreeSet<AccessKind>,
    /// Permission sets that let people into a site.
    pub(super) ways_in: Vec<RecordId>,
}

impl Matter<'_> {
    /// Whether all assignments of sets and of groups of them matter.
    fn all_assigned(&self) -> bool {
        let assigned = [AccessKind::PermissionSet, AccessKind::PermissionSetGroup];
        assigned.iter().any(|kind| self.kinds.contains(kind))
    }

    /// Whether one does that was read beside others.
    pub(super) fn has(&self, holding: &Holding) -> bool {
        match holding.kind {
            AccessKind::PermissionSet | AccessKind::PermissionSetGroup => {
                self.all_assigned() || self.ways_in.contains(&holding.what)
            }
            AccessKind::PermissionSetLicense | AccessKind::Group => {
                self.kinds.contains(&holding.kind)
            }
        }
    }
}

/// Everything that matters, by kind and id.
pub(super) async fn read(reader: &Reader, matter: &Matter<'_>) -> Result<Vec<Holding>, OrgError> {
    let limit =
        (!matter.all_assigned()).then(|| Filter::ids("PermissionSetId", matter.ways_in.clone()));
    let has = |kind: AccessKind| matter.kinds.contains(&kind);
    let read = try_join!(
        assignments(reader, limit),
        if_any(has(AccessKind::PermissionSetLicense), licenses(reader)),
        if_any(has(AccessKind::Group), members(reader)),
    );
    read.map(sorted)
}

/// Everything of every kind, by kind and id.
pub(super) async fn all(reader: &Reader) -> Result<Vec<Holding>, OrgError> {
    try_join!(assignments(reader, None), licenses(reader), members(reader)).map(sorted)
}

fn sorted((sets, licenses, members): (Vec<Holding>, Vec<Holding>, Vec<Holding>)) -> Vec<Holding> {
    let mut holdings: Vec<Holding> = sets.into_iter().chain(licenses).chain(members).collect();
    holdings.sort_by_key(|holding| (holding.kind, holding.id));
    holdings
}

async fn assignments(reader: &Reader, limit: Option<Filter>) -> Result<Vec<Holding>, OrgError> {
    let fields = ["Id", "AssigneeId", "PermissionSetId", "PermissionSetGroupId", "ExpirationDate"];
    let mut query = Soql::select(&fields, ASSIGNMENT)
        .filter(Filter::is("PermissionSet.IsOwnedByProfile", false));
    if let Some(limit) = limit {
        query = query.filter(limit);
    }
    let rows = reader.query_as(&query, AssignmentRow::holding).await;
    let rows = rows.map_err(OrgError::of(ASSIGNMENT))?;
    rows.into_iter().filter_map(Result::transpose).collect()
}

async fn licenses(reader: &Reader) -> Result<Vec<Holding>, OrgError> {
    let query = Soql::select(&["Id", "AssigneeId", "PermissionSetLicenseId"], LICENSE_ASSIGN);
    let holding = |row: LicenseRow| {
        Ok(Holding {
            kind: AccessKind::PermissionSetLicense,
            id: record(LICENSE_ASSIGN, "Id", &row.id)?,
            user: row::id(LICENSE_ASSIGN, "AssigneeId", &row.assignee_id, UserId::observed)?,
            what: record(LICENSE_ASSIGN, "PermissionSetLicenseId", &row.permission_set_license_id)?,
            expires: None,
        })
    };
    let rows = reader.query_as(&query, holding).await.map_err(OrgError::of(LICENSE_ASSIGN))?;
    rows.into_iter().collect()
}

/// Members of public groups that are users; a group may also be made of roles and groups.
async fn members(reader: &Reader) -> Result<Vec<Holding>, OrgError> {
    let query = Soql::select(&["Id", "UserOrGroupId", "GroupId"], MEMBER)
        .filter(Filter::one_of("Group.Type", vec!["Regular".to_owned()]));
    let holding = |row: MemberRow| {
        if !row.user_or_group_id.starts_with("005") {
            return Ok(None);
        }
        Ok(Some(Holding {
            kind: AccessKind::Group,
            id: record(MEMBER, "Id", &row.id)?,
            user: row::id(MEMBER, "UserOrGroupId", &row.user_or_group_id, UserId::observed)?,
            what: record(MEMBER, "GroupId", &row.group_id)?,
            expires: None,
        }))
    };
    let rows = reader.query_as(&query, holding).await.map_err(OrgError::of(MEMBER))?;
    rows.into_iter().filter_map(Result::transpose).collect()
}

fn record(object: &'static str, field: &'static str, text: &str) -> Result<RecordId, OrgError> {
    row::id(object, field, text, RecordId::observed)
}

impl AssignmentRow {
    fn holding(self) -> Result<Option<Holding>, OrgError> {
        let (kind, what) = match (self.permission_set_group_id, self.permission_set_id) {
            (Some(group), _) => (AccessKind::PermissionSetGroup, group),
            (None, Some(set)) => (AccessKind::PermissionSet, set),
            (None, None) => return Ok(None),
        };
        let expires = self.expiration_date.map(|text| {
            let bad = || OrgError::Row {
                object: ASSIGNMENT,
                field: "ExpirationDate",
                value: text.clone(),
            };
            row::moment(&text).ok_or_else(bad)
        });
        Ok(Some(Holding {
            kind,
            id: record(ASSIGNMENT, "Id", &self.id)?,
            user: row::id(ASSIGNMENT, "AssigneeId", &self.assignee_id, UserId::observed)?,
            what: record(ASSIGNMENT, "PermissionSetId", &what)?,
            expires: expires.transpose()?,
        }))
    }
}
