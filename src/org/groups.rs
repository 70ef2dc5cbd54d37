//! Public groups: `Group` rows of type `Regular`.

use serde::Deserialize;

use crate::model::{GroupId, PublicGroup, SetName};
use crate::salesforce::{Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "Group";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    developer_name: Option<String>,
}

pub(super) async fn read(reader: &Reader) -> Result<Vec<PublicGroup>, OrgError> {
    let query = Soql::select(&["Id", "DeveloperName"], OBJECT)
        .filter(Filter::one_of("Type", vec!["Regular".to_owned()]));
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    let mut groups: Vec<PublicGroup> = rows
        .into_iter()
        .filter_map(|row| Some((row.id, row.developer_name?)))
        .map(|(id, name)| {
            Ok(PublicGroup {
                id: row::id(OBJECT, "Id", &id, GroupId::observed)?,
                name: SetName::observed(&name, None),
            })
        })
        .collect::<Result<_, OrgError>>()?;
    groups.sort_by_key(|group| group.id);
    Ok(groups)
}
