//! `SetupAuditTrail` rows: who was made active or inactive by whom.
//!
//! Source: Object Reference, `SetupAuditTrail`: rows are kept for 180 days, and `Display` cannot be
//! filtered by. Its text may be in any language, but names the user by id: `(UserID: [005…])`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Switch, UserId};
use crate::salesforce::{Filter, Reader, Soql};

use super::row::Named;
use super::{OrgError, row};

const OBJECT: &str = "SetupAuditTrail";
const ON: &str = "activateduser";
const OFF: &str = "deactivateduser";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    action: Option<String>,
    display: Option<String>,
    created_date: Option<String>,
    created_by_id: Option<String>,
    created_by: Option<Named>,
}

/// The last switch of every user; nothing, for a login that may not see the trail: it only adds to
/// what the users themselves tell.
pub(super) async fn switches(
    reader: &Reader,
) -> Result<Option<BTreeMap<UserId, Switch>>, OrgError> {
    let fields = ["Action", "Display", "CreatedDate", "CreatedById", "CreatedBy.Name"];
    let actions = Filter::one_of("Action", vec![ON.to_owned(), OFF.to_owned()]);
    let rows: Vec<Row> = match reader.query(&Soql::select(&fields, OBJECT).filter(actions)).await {
        Ok(rows) => rows,
        Err(error) if matches!(error.code(), "INVALID_TYPE" | "INVALID_FIELD") => return Ok(None),
        Err(error) => return Err(OrgError::of(OBJECT)(error)),
    };
    let mut switches: BTreeMap<UserId, Switch> = BTreeMap::new();
    for row in rows {
        if let Some((user, switch)) = row.switch() {
            let later = switches.get(&user).is_some_and(|known| known.at > switch.at);
            if !later {
                switches.insert(user, switch);
            }
        }
    }
    Ok(Some(switches))
}

impl Row {
    fn switch(self) -> Option<(UserId, Switch)> {
        let user = named_user(&self.display?)?;
        let switch = Switch {
            active: self.action? == ON,
            by: self.created_by_id.and_then(|id| UserId::observed(&id).ok()),
            by_name: self.created_by.and_then(|by| by.name).map(|name| name.0),
            at: self.created_date.as_deref().and_then(row::moment),
        };
        Some((user, switch))
    }
}

/// The user whose id stands in brackets in a text of the trail.
fn named_user(display: &str) -> Option<UserId> {
    let (_, rest) = display.rsplit_once('[')?;
    let (id, _) = rest.split_once(']')?;
    UserId::observed(id.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_trail_names_a_user_by_the_id_in_brackets() {
        let user = UserId::observed("0058d0000000123").unwrap();
        let text = "Deactivated user Kim [Osei] (UserID: [0058d0000000123])";
        assert_eq!(named_user(text), Some(user));
        assert_eq!(named_user("Froze user account for Kim Osei"), None);
    }
}
