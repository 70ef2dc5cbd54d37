//! How a file names an account or a contact: by name, by `{ id = "…" }`, or by an external id.

use toml::de::DeValue;

use crate::model::{AccountId, AccountRef, ApiName, ContactId, ContactRef, ExternalRef, Place};

use super::reader::{Entry, Fault, Reader};
use super::values::person_account;

pub(super) const ACCOUNT_ID: &str = "an account's id starts with 001 and has 15 or 18 characters";
pub(super) const CONTACT_ID: &str = "a contact's id starts with 003 and has 15 or 18 characters";

/// A record by its id, or by an external id.
enum Record<T> {
    Id(T),
    External(ExternalRef),
}

/// The value of `account`.
pub(super) fn account(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<AccountRef> {
    if let DeValue::Table(_) = entry.raw() {
        return Some(match record(reader, entry, AccountId::parse, ACCOUNT_ID)? {
            Record::Id(id) => AccountRef::Id(id),
            Record::External(external) => AccountRef::External(external.into()),
        });
    }
    let name = reader.string(entry)?;
    match account_name(name) {
        Ok(account) => Some(account),
        Err(fault) => {
            reader.fault(entry, fault);
            None
        }
    }
}

/// An account by its name.
pub(super) fn account_name(name: &str) -> Result<AccountRef, Fault> {
    if name.trim().is_empty() {
        return Err(Fault::new("the account's name is empty", "write the account's exact name"));
    }
    if name.trim() != name {
        return Err(Fault::new(
            "it has blanks around it",
            "remove them: no account has such a name",
        ));
    }
    Ok(AccountRef::Name(name.into()))
}

/// The value of `contact`.
pub(super) fn contact(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<(ContactRef, Place)> {
    let place = reader.place(&entry.span());
    if let DeValue::String(_) = entry.raw() {
        let fault = "a contact is not named by a text";
        reader.invalid(entry, fault, "write `{ id = \"003…\" }` or `{ Ext__c = \"…\" }`");
        return None;
    }
    let contact = match record(reader, entry, ContactId::parse, CONTACT_ID)? {
        Record::Id(id) => ContactRef::Id(id),
        Record::External(external) => ContactRef::External(external.into()),
    };
    Some((contact, place))
}

/// `{ id = "…" }` or `{ Ext__c = "…" }`.
fn record<T, E: std::fmt::Display>(
    reader: &mut Reader<'_>,
    entry: Entry<'_>,
    parse: impl Fn(&str) -> Result<T, E>,
    help: &str,
) -> Option<Record<T>> {
    let mut table = reader.table(entry)?;
    let id = table.take("id");
    let externals = table.drain();
    let mut given = id.iter().chain(&externals);
    let (first, second) = (given.next(), given.next());
    let Some(first) = first else {
        let fault = "the table is empty";
        reader.invalid(entry, fault, "write `{ id = \"…\" }` or `{ Ext__c = \"…\" }`");
        return None;
    };
    if let Some(second) = second {
        let fault =
            format!("the record is named twice, by `{}` and by `{}`", first.key, second.key);
        reader.invalid(entry, &fault, "keep one of them");
        return None;
    }
    if id.is_some() {
        return reader.parsed(*first, parse, help).map(Record::Id);
    }
    external(reader, *first).map(Record::External)
}

/// One `Ext__c = "A-1001"`; the value of a number field may be written as a number.
fn external(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<ExternalRef> {
    let field = external_field(entry.key).map_err(|fault| reader.fault_at_key(entry, fault)).ok();
    let number;
    let value = match entry.raw() {
        DeValue::Integer(integer) if integer.radix() == 10 => {
            number = integer.to_string();
            &number
        }
        _ => reader.string(entry)?,
    };
    match external_value(value) {
        Ok(value) => Some(ExternalRef { field: field?, value: value.into() }),
        Err(fault) => {
            reader.fault(entry, fault);
            None
        }
    }
}

/// The field of an external id.
pub(super) fn external_field(name: &str) -> Result<ApiName, Fault> {
    if let Some(fault) = person_account(name) {
        return Err(fault);
    }
    if name.eq_ignore_ascii_case("name") {
        let help = "write the account's name as a text, without a table: account = \"Acme Corp\"";
        return Err(Fault::new("names are no external ids", help));
    }
    ApiName::parse(name).map_err(|error| {
        Fault::new(error.to_string(), "write the API name of the external id, such as `Ext__c`")
    })
}

/// The value of an external id.
pub(super) fn external_value(text: &str) -> Result<&str, Fault> {
    let help = "write the value that the record has in this field";
    if text.trim().is_empty() {
        return Err(Fault::new("the external id is empty", help));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(Fault::new("the external id has blanks around it or control characters", help));
    }
    // Source: Salesforce Help, "Custom Field Types": an external id of type text has at most 255.
    if text.chars().count() > 255 {
        return Err(Fault::new("the external id has more than 255 characters", help));
    }
    Ok(text)
}
