//! `Contact` rows: those that people without a user could be linked to.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{AccountId, ApiName, Contact, ContactId, DesiredUser, Scope};
use crate::salesforce::{Error, Filter, Reader, Soql};

use super::{OrgError, row};

const OBJECT: &str = "Contact";
const FIELDS: [&str; 5] = ["Id", "FirstName", "LastName", "Email", "AccountId"];

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

/// Contacts that one of these people may have, by the fields in which people are looked for, with
/// addresses as they are or with the `.invalid` of sandboxes; and contacts that declarations name.
pub(super) async fn read<'a>(
    reader: &Reader,
    scope: &Scope<'_>,
    people: impl Iterator<Item = &'a DesiredUser>,
    custom: &[&ApiName],
) -> Result<Vec<Contact>, OrgError> {
    let mut wanted: BTreeMap<&ApiName, Vec<String>> = BTreeMap::new();
    let by_email = scope.match_fields.iter().find(|field| **field == "Email");
    for person in people {
        if let Some((field, address)) =
            by_email.and_then(|field| Some((field, person.contact_value(field)?)))
        {
            let addresses = wanted.entry(field).or_default();
            addresses.push(format!("{address}.invalid"));
            addresses.push(address);
        }
        for field in scope.match_fields.iter().filter(|field| **field != "Email") {
            if let Some(value) = person.contact_value(field) {
                wanted.entry(field).or_default().push(value);
            }
        }
    }
    for external in &scope.contact_externals {
        wanted.entry(&external.field).or_default().push(external.value.to_string());
    }
    let ids = Filter::ids("Id", scope.contact_ids.iter().map(|id| id.record()));
    // For a long list all contacts are asked for.
    let mut contacts = found(reader, ids, custom).await?;
    contacts.retain(|contact| scope.contact_ids.contains(&contact.id));
    for (field, mut values) in wanted {
        values.sort_unstable();
        values.dedup();
        let filter = Filter::one_of(field.as_str().to_owned(), values.clone());
        let mut read = found(reader, filter, custom).await?;
        if read.is_empty() {
            continue;
        }
        let known: HashSet<String> = values.iter().map(|value| value.to_lowercase()).collect();
        read.retain(|contact| {
            let value = contact.value(field);
            value.is_some_and(|value| known.contains(&value.trim().to_lowercase()))
        });
        contacts.extend(read);
    }
    contacts.sort_by_key(|contact| contact.id);
    contacts.dedup_by_key(|contact| contact.id);
    Ok(contacts)
}

/// Contacts that have one of the values in a field.
pub async fn contacts_like(
    reader: &Reader,
    field: &ApiName,
    values: Vec<String>,
) -> Result<Vec<Contact>, Error> {
    let filter = Filter::one_of(field.as_str().to_owned(), values);
    let query = Soql::select(&FIELDS, OBJECT).also("", [field].into_iter()).filter(filter);
    let rows: Vec<Row> = reader.query_packed(&query).await?;
    let contact = |row: Row| row.contact().map_err(|error| Error::Unreadable(error.to_string()));
    rows.into_iter().map(contact).collect()
}

async fn found(
    reader: &Reader,
    filter: Filter,
    custom: &[&ApiName],
) -> Result<Vec<Contact>, OrgError> {
    let query =
        Soql::select(&FIELDS, OBJECT).also("", custom.iter().copied()).filter(filter).or_all();
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
            first_name: self.first_name.map(Into::into),
            last_name: self.last_name.unwrap_or_default().into(),
            email: self.email.map(Into::into),
            custom: row::custom(self.rest),
        })
    }
}
