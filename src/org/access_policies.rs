//! `UserAccessPolicy` rows: what may give and take access by itself.
//! Source: Object Reference, `UserAccessPolicy`, in orgs where the feature is on.

use std::sync::Arc;

use serde::Deserialize;

use crate::salesforce::{Filter, Reader, Soql};

use super::OrgError;

const OBJECT: &str = "UserAccessPolicy";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    developer_name: Option<String>,
}

/// The names of active policies; none, where there is no such object.
pub(super) async fn read(reader: &Reader) -> Result<Vec<Arc<str>>, OrgError> {
    let query = Soql::select(&["DeveloperName"], OBJECT)
        .filter(Filter::one_of("Status", vec!["Active".to_owned()]));
    let rows = super::unless_absent(reader.query::<Row>(&query), OBJECT).await?;
    let mut names: Vec<Arc<str>> = rows
        .unwrap_or_default()
        .into_iter()
        .filter_map(|row| row.developer_name)
        .map(Into::into)
        .collect();
    names.sort();
    Ok(names)
}
