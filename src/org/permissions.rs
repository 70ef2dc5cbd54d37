//! `UserPermissionAccess`: what the login may do.
//!
//! Source: Object Reference, `UserPermissionAccess`: one row, for whoever asks; a right that comes
//! with a feature which is off is no field. Public tools ask it so, Org Check (`SalesforceLabs`) among
//! them.

use crate::model::{Permission, Permissions};
use crate::salesforce::{Reader, Soql};

use super::{OrgError, row, with_what_is_shown};

const OBJECT: &str = "UserPermissionAccess";

/// The rights that the org tells of; none, if it has no such object.
pub(super) async fn read(reader: &Reader) -> Result<Permissions, OrgError> {
    let fields: Vec<&'static str> = Permission::ALL.iter().map(|one| one.field()).collect();
    let query = |shown: &[&'static str]| Soql::select(&[&["Id"], shown].concat(), OBJECT);
    let rows = match with_what_is_shown(reader, query, &fields, |row: row::Rest| row).await {
        Ok((rows, _)) => rows,
        Err(error) if error.code() == "INVALID_TYPE" => return Ok(Permissions::default()),
        Err(error) => return Err(OrgError::of(OBJECT)(error)),
    };
    let Some(row) = rows.into_iter().next() else { return Ok(Permissions::default()) };
    let known = |one: &Permission| Some((*one, row.get(one.field())?.as_bool()?));
    Ok(Permissions::of(Permission::ALL.iter().filter_map(known)))
}
