//! `Contact` rows: those that people without a user could be linked to.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{AccountId, ApiName, Contact, ContactId};
use crate::salesforce::{Error, Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "Contact";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    account_id: Option<String>,
    #[serde(rename = "attributes")]
    _attributes: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: row::Rest,
}

/// Contacts with one of these addresses, as they are or with the `.invalid` of sandboxes, and
/// contacts with one of these ids, with other fields that are asked for.
pub(super) async fn read<'a>(
    reader: &Reader,
    addresses: impl Iterator<Item = &'a str>,
    ids: &BTreeSet<ContactId>,
    custom: &[&ApiName],
) -> Result<Vec<Contact>, OrgError> {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for address in addresses {
        wanted.insert(format!("{address}.invalid"));
        wanted.insert(address.to_owned());
    }
    let folded: HashSet<String> = wanted.iter().map(|address| address.to_lowercase()).collect();
    let mut contacts =
        found(reader, Filter::one_of("Email", wanted.into_iter().collect()), custom).await?;
    // For a long list all contacts are asked for.
    contacts.retain(|contact| {
        contact.email.as_ref().is_some_and(|email| folded.contains(&email.to_lowercase()))
    });
    let ids = Filter::ids("Id", ids.iter().map(|id| id.record()));
    contacts.extend(found(reader, ids, custom).await?);
    contacts.sort_by_key(|contact| contact.id);
    contacts.dedup_by_key(|contact| contact.id);
    Ok(contacts)
}

/// Contacts with one of these addresses.
pub async fn contacts_like(reader: &Reader, addresses: &[String]) -> Result<Vec<Contact>, Error> {
    let filter = Filter::one_of("Email", addresses.to_vec());
    found(reader, filter, &[]).await.map_err(|error| match error {
        OrgError::Query { error, .. } => error,
        other => Error::Unreadable(other.to_string()),
    })
}

async fn found(
    reader: &Reader,
    filter: Filter,
    custom: &[&ApiName],
) -> Result<Vec<Contact>, OrgError> {
    let fields = ["Id", "FirstName", "LastName", "Email", "AccountId"];
    let query =
        Soql::select(&fields, OBJECT).also("", custom.iter().copied()).filter(filter).or_all();
    let rows: Vec<Row> = reader.query(&query).await.map_err(OrgError::of(OBJECT))?;
    rows.into_iter().map(Row::contact).collect()
}

impl Row {
    fn contact(self) -> Result<Contact, OrgError> {
        let account = self.account_id;
        Ok(Contact {
            id: row::id(OBJECT, "Id", &self.id, ContactId::observed)?,
            account: account
                .map(|id| row::id(OBJECT, "AccountId", &id, AccountId::observed))
                .transpose()?,
            first_name: self.first_name,
            last_name: self.last_name.unwrap_or_default(),
            email: self.email,
            custom: row::custom(self.rest),
        })
    }
}
