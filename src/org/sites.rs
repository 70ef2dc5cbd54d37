//! `Network` and `NetworkMemberGroup` rows: sites, and whom they let in.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use tokio::try_join;

use crate::model::{RecordId, Site, Sites};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row};

const NETWORK: &str = "Network";
const WAY_IN: &str = "NetworkMemberGroup";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkRow {
    id: String,
    name: Option<String>,
    status: Option<String>,
    options_send_welcome_email: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WayInRow {
    network_id: String,
    parent_id: String,
}

/// Names of the live sites in which people can make a user by themselves; nothing, where the org does
/// not say.
pub(super) async fn self_registering(reader: &Reader) -> Result<Option<Vec<Arc<str>>>, OrgError> {
    let query = Soql::select(&["Id", "Name"], NETWORK)
        .filter(Filter::one_of("Status", vec!["Live".to_owned()]))
        .filter(Filter::is("OptionsSelfRegistrationEnabled", true));
    let rows: Vec<row::Named> = match reader.query(&query).await {
        Ok(rows) => rows,
        Err(error) if matches!(error.code(), "INVALID_TYPE" | "INVALID_FIELD") => return Ok(None),
        Err(error) => return Err(OrgError::of(NETWORK)(error)),
    };
    let mut names: Vec<Arc<str>> =
        rows.into_iter().filter_map(|row| row.name).map(|name| name.0).collect();
    names.sort();
    Ok(Some(names))
}

/// The sites that the login can see. An org without Digital Experiences has no such object.
pub(super) async fn read(reader: &Reader) -> Result<Sites, OrgError> {
    let networks = Soql::select(&["Id", "Name", "Status", "OptionsSendWelcomeEmail"], NETWORK);
    let ways_in = Soql::select(&["NetworkId", "ParentId"], WAY_IN)
        .filter(Filter::one_of("AssignmentStatus", vec!["Added".to_owned()]));
    let rows = try_join!(
        super::unless_absent(reader.query::<NetworkRow>(&networks), NETWORK),
        super::unless_absent(reader.query::<WayInRow>(&ways_in), WAY_IN),
    )?;
    let (Some(networks), Some(ways_in)) = rows else { return Ok(Sites::Invisible) };
    if networks.is_empty() {
        return Ok(Sites::Invisible);
    }
    let id = |object, field, text: &str| row::id(object, field, text, RecordId::observed);
    let mut sites: HashMap<RecordId, Site> = HashMap::new();
    for network in networks {
        let site = Site {
            name: network.name.unwrap_or_default().into(),
            live: network.status.as_deref() == Some("Live"),
            welcomes: network.options_send_welcome_email == Some(true),
            admits: std::collections::BTreeSet::new(),
        };
        sites.insert(id(NETWORK, "Id", &network.id)?, site);
    }
    for way_in in ways_in {
        let site = sites.get_mut(&id(WAY_IN, "NetworkId", &way_in.network_id)?);
        if let Some(site) = site {
            site.admits.insert(id(WAY_IN, "ParentId", &way_in.parent_id)?);
        }
    }
    let mut sites: Vec<(RecordId, Site)> = sites.into_iter().collect();
    sites.sort_by_key(|(id, _)| *id);
    Ok(Sites::Seen(sites.into_iter().map(|(_, site)| site).collect()))
}
