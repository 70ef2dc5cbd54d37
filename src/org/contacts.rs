//! `Contact` rows: those that people without a user could be linked to.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::model::{AccountId, Contact, ContactId};
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
}

/// Contacts with one of these addresses, as they are or with the `.invalid` of sandboxes, and
/// contacts with one of these ids.
pub(super) async fn read<'a>(
    reader: &Reader,
    addresses: impl Iterator<Item = &'a str>,
    ids: &BTreeSet<ContactId>,
) -> Result<Vec<Contact>, OrgError> {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for address in addresses {
        wanted.insert(format!("{address}.invalid"));
        wanted.insert(address.to_owned());
    }
    let mut contacts = found(reader, Filter::In("Email", wanted.into_iter().collect())).await?;
    contacts.extend(found(reader, Filter::ids("Id", ids.iter().map(|id| id.record()))).await?);
    contacts.sort_by_key(|contact| contact.id);
    contacts.dedup_by_key(|contact| contact.id);
    Ok(contacts)
}

/// Contacts with one of these addresses.
pub async fn contacts_like(reader: &Reader, addresses: &[String]) -> Result<Vec<Contact>, Error> {
    found(reader, Filter::In("Email", addresses.to_vec())).await.map_err(|error| match error {
        OrgError::Query { error, .. } => error,
        other => Error::Unreadable(other.to_string()),
    })
}

async fn found(reader: &Reader, filter: Filter) -> Result<Vec<Contact>, OrgError> {
    let fields = ["Id", "FirstName", "LastName", "Email", "AccountId"];
    let query = Soql::select(&fields, OBJECT).filter(filter);
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
        })
    }
}
