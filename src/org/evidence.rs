//! Who changed what: last modifications and the setup audit trail.
//!
//! Source: Object Reference, `SetupAuditTrail`: kept for 180 days at least; `Display` and `Section`
//! cannot be filtered; `DelegateUser` is who was logged in as the author.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use tokio::try_join;

use crate::model::{Author, ContactId, Evidence, Trace, TrailRow, UserId};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, is_hidden, row, unless_absent};

const TRAIL: &str = "SetupAuditTrail";

/// Everything in the trail that can explain a difference of a portal user, and who was logged in as
/// one.
/// Source: actions as listed from real trails.
const ACTIONS: [&str; 35] = [
    "CSPUserDisabled",
    "PRMUserDisabled",
    "PermSetAssign",
    "PermSetAssign_HasExpiration",
    "PermSetAssignmentExpirationChange",
    "PermSetGroupAssign",
    "PermSetGroupUnassign",
    "PermSetLicenseAssign",
    "PermSetLicenseUnassign",
    "PermSetUnassign",
    "activateduser",
    "changedUserPhoneNumber",
    "changedcommunitynickname",
    "changedemail",
    "changedfederationid",
    "changedprofileforuser",
    "changedprofileforusercusttostd",
    "changedprofileforuserstdtocust",
    "changedprofileforuserstdtostd",
    "changedroleforuser",
    "changedroleforuserfromnone",
    "changedroleforusertonone",
    "changedusername",
    "createdcustomersuccessuser",
    "createdpartneruser",
    "createduser",
    "deactivateduser",
    "frozeuser",
    "groupMembership",
    "suNetworkAdminLogin",
    "suNetworkAdminLogout",
    "suPRMAdminLogin",
    "suPRMAdminLogout",
    "unfrozeuser",
    "useremailchangesent",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Person {
    name: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModifiedRow {
    id: String,
    user_id: Option<String>,
    last_modified_by_id: Option<String>,
    last_modified_by: Option<Person>,
    last_modified_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    created_date: String,
    created_by_id: Option<String>,
    created_by: Option<Person>,
    delegate_user: Option<String>,
    action: Option<String>,
    display: Option<String>,
}

/// Reads the evidence about these people, the trail from `since` on. A trail that this login may not
/// read is no error: the rest is then all that is known.
pub async fn evidence(
    reader: &Reader,
    users: &[UserId],
    contacts: &[ContactId],
    since: Timestamp,
) -> Result<Evidence, OrgError> {
    let user_ids = || users.iter().map(|id| id.record());
    let contact_ids = contacts.iter().map(|id| id.record());
    let (users, contacts, logins, trail) = try_join!(
        modified(reader, "User", Filter::ids("Id", user_ids())),
        modified(reader, "Contact", Filter::ids("Id", contact_ids)),
        modified(reader, "UserLogin", Filter::ids("UserId", user_ids())),
        trail(reader, since, &ACTIONS),
    )?;
    let (trail, no_trail) = match trail {
        Ok(rows) => (rows, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Ok(Evidence {
        users: keyed(&users, |row| UserId::observed(&row.id).ok()),
        contacts: keyed(&contacts, |row| ContactId::observed(&row.id).ok()),
        logins: keyed(&logins, |row| UserId::observed(row.user_id.as_deref()?).ok()),
        trail,
        no_trail,
    })
}

/// The passwords that administrators reset or set from `since` on; none, if the login may not see the
/// trail.
pub async fn resets(reader: &Reader, since: Timestamp) -> Result<Vec<TrailRow>, OrgError> {
    Ok(trail(reader, since, &["changedpassword", "resetpassword"]).await?.unwrap_or_default())
}

async fn modified(
    reader: &Reader,
    object: &'static str,
    filter: Filter,
) -> Result<Vec<ModifiedRow>, OrgError> {
    let mut fields = vec![
        "Id",
        "LastModifiedById",
        "LastModifiedBy.Name",
        "LastModifiedBy.Username",
        "LastModifiedDate",
    ];
    if object == "UserLogin" {
        fields.push("UserId");
    }
    let query = Soql::select(&fields, object).filter(filter);
    // A login that may not see who is frozen has no rows of `UserLogin` either.
    Ok(unless_absent(reader.query(&query), object).await?.unwrap_or_default())
}

fn keyed<Id: Ord>(
    rows: &[ModifiedRow],
    id: impl Fn(&ModifiedRow) -> Option<Id>,
) -> BTreeMap<Id, Trace> {
    let trace = |row: &ModifiedRow| Trace {
        by: author(row.last_modified_by_id.as_deref(), row.last_modified_by.as_ref()),
        at: row.last_modified_date.as_deref().and_then(row::moment),
    };
    rows.iter().filter_map(|row| Some((id(row)?, trace(row)))).collect()
}

fn author(id: Option<&str>, person: Option<&Person>) -> Author {
    let text = |text: &Option<String>| text.as_deref().map(Arc::from);
    Author {
        id: id.and_then(|id| UserId::observed(id).ok()),
        name: person.and_then(|person| text(&person.name)),
        username: person.and_then(|person| text(&person.username)),
    }
}

/// The rows, newest first; why there are none, if the login may not see them.
async fn trail(
    reader: &Reader,
    since: Timestamp,
    actions: &[&str],
) -> Result<Result<Vec<TrailRow>, String>, OrgError> {
    let fields = [
        "Id",
        "CreatedDate",
        "CreatedById",
        "CreatedBy.Name",
        "CreatedBy.Username",
        "DelegateUser",
        "Action",
        "Display",
    ];
    let actions = actions.iter().map(|action| (*action).to_owned()).collect();
    let query = Soql::select(&fields, TRAIL)
        .filter(Filter::Since("CreatedDate", since))
        .filter(Filter::one_of("Action", actions));
    let rows: Vec<Row> = match reader.query(&query).await {
        Ok(rows) => rows,
        Err(error) if is_hidden(&error) => return Ok(Err(error.to_string())),
        Err(error) => return Err(OrgError::of(TRAIL)(error)),
    };
    let mut rows: Vec<(TrailRow, String)> =
        rows.into_iter().filter_map(|row| Some((row.row()?, row.id))).collect();
    rows.sort_by(|(a, a_id), (b, b_id)| b.at.cmp(&a.at).then_with(|| b_id.cmp(a_id)));
    Ok(Ok(rows.into_iter().map(|(row, _)| row).collect()))
}

impl Row {
    fn row(&self) -> Option<TrailRow> {
        Some(TrailRow {
            at: row::moment(&self.created_date)?,
            by: author(self.created_by_id.as_deref(), self.created_by.as_ref()),
            delegate: self.delegate_user.as_deref().filter(|name| !name.is_empty()).map(Arc::from),
            action: self.action.as_deref()?.into(),
            display: self.display.as_deref().unwrap_or_default().into(),
        })
    }
}
