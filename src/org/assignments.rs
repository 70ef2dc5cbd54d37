//! `PermissionSetAssignment` rows: what users hold directly.
//!
//! Source: Object Reference, `PermissionSetAssignment`: every user has a row for the set that their
//! profile owns, and one for each permission set group; those are not looked at.

use serde::Deserialize;

use crate::model::{Assignment, AssignmentId, PermissionSetId, UserId};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "PermissionSetAssignment";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    assignee_id: String,
    permission_set_id: Option<String>,
    permission_set_group_id: Option<String>,
    expiration_date: Option<String>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<Assignment>, OrgError> {
    let fields = ["Id", "AssigneeId", "PermissionSetId", "PermissionSetGroupId", "ExpirationDate"];
    let query =
        Soql::select(&fields, OBJECT).filter(Filter::Is("PermissionSet.IsOwnedByProfile", false));
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let mut assignments = Vec::new();
    for row in rows {
        assignments.extend(row.assignment()?);
    }
    assignments.sort_by_key(|assignment: &Assignment| assignment.id);
    Ok(assignments)
}

impl Row {
    fn assignment(self) -> Result<Option<Assignment>, OrgError> {
        let (Some(set), None) = (self.permission_set_id, self.permission_set_group_id) else {
            return Ok(None);
        };
        let expires = self.expiration_date.map(|text| {
            let bad =
                || OrgError::Row { object: OBJECT, field: "ExpirationDate", value: text.clone() };
            row::moment(&text).ok_or_else(bad)
        });
        Ok(Some(Assignment {
            id: row::id(OBJECT, "Id", &self.id, AssignmentId::observed)?,
            user: row::id(OBJECT, "AssigneeId", &self.assignee_id, UserId::observed)?,
            set: row::id(OBJECT, "PermissionSetId", &set, PermissionSetId::observed)?,
            expires: expires.transpose()?,
        }))
    }
}
