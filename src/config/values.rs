//! Values of fields: those of the catalogue, each under its own key, and others by API name.

use jiff::civil::Date;
use toml::de::DeValue;

use crate::model::{
    ApiName, CustomValues, Email, FieldValues, Kind, Number, Scalar, UserField, Value,
};

use super::picklists;
use super::reader::{Entry, Fault, Reader, Table};

/// Reads the keys of the catalogue that may stand here, and names those that may not.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    personal: Result<(), &str>,
) -> FieldValues {
    let mut values = FieldValues::new();
    for field in UserField::ALL {
        if !field.info().shareable
            && let Err(what) = personal
        {
            refuse_personal(reader, table, field.key(), what);
            continue;
        }
        let Some(entry) = table.take(field.key()) else {
            continue;
        };
        let Some(text) = reader.string(entry) else {
            continue;
        };
        match value(*field, text) {
            Ok(value) => {
                values.insert(*field, value);
            }
            Err(fault) => reader.fault(entry, fault),
        }
    }
    values
}

/// A key that belongs to one person cannot be given to many.
pub(super) fn refuse_personal(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    key: &str,
    what: &str,
) {
    if let Some(entry) = table.take_unlisted(key) {
        let fault = Fault::new(
            format!("belongs to one user and cannot stand in {what}"),
            "move the key into the `[[users]]` entries it is meant for",
        );
        reader.fault_at_key(entry, fault);
    }
}

/// The value of a field of the catalogue, if the org could take it.
pub(super) fn value(field: UserField, text: &str) -> Result<Value, Fault> {
    let info = field.info();
    if text.is_empty() {
        if info.clearable {
            return Ok(Value::Null);
        }
        let help = "every user has this field: write a value or leave the key out";
        return Err(Fault::new("it is empty", help));
    }
    check_text(text, info.max_chars)?;
    match info.kind {
        Kind::Email => Email::parse(text).map(Value::from).map_err(|error| {
            let help = "write an address such as \"kim.osei@acme.example\"";
            Fault::new(error.to_string(), help)
        }),
        Kind::Picklist => picklists::check(field, text).map(|()| Value::of(text)).map_err(|near| {
            let help = near.map_or_else(
                || "see Setup for the values that the org knows".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            );
            Fault::new(format!("Salesforce has no value \"{text}\" here"), help)
        }),
        Kind::Text => Ok(Value::of(text)),
    }
}

fn check_text(text: &str, max_chars: usize) -> Result<(), Fault> {
    // Printable ASCII needs no closer look: it has a byte for each character.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if plain && !text.starts_with(' ') && !text.ends_with(' ') && text.len() <= max_chars {
        return Ok(());
    }
    if text.trim() != text {
        let help = "remove them: Salesforce would do so too";
        return Err(Fault::new("it has blanks around it", help));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::new("it contains a control character", "remove the character"));
    }
    let length = text.chars().count();
    if length > max_chars {
        let what = format!("it has {length} characters, the field takes {max_chars}");
        return Err(Fault::new(what, "shorten it"));
    }
    Ok(())
}

/// The object that a table of API names is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    User,
    Contact,
}

/// Reads `fields` or `contact_fields`.
pub(super) fn custom(reader: &mut Reader<'_>, entry: Entry<'_>, object: Object) -> CustomValues {
    let mut values = CustomValues::new();
    let Some(mut table) = reader.table(entry) else {
        return values;
    };
    for entry in table.drain() {
        let name = custom_name(entry.key, object);
        let name = name.map_err(|fault| reader.fault_at_key(entry, fault)).ok();
        if let (Some(name), Some(value)) = (name, scalar(reader, entry)) {
            let twice = values.insert(name, value).is_some();
            if twice {
                let what = "the field stands here twice: API names do not differ by case";
                reader.fault_at_key(entry, Fault::new(what, "keep one of them"));
            }
        }
    }
    values
}

/// The API name of a field that has no key of its own.
pub(super) fn custom_name(name: &str, object: Object) -> Result<ApiName, Fault> {
    if let Some(fault) = person_account(name) {
        return Err(fault);
    }
    let parsed = ApiName::parse(name).map_err(|error| {
        Fault::new(error.to_string(), "write the field's API name, such as `Badge__c`")
    })?;
    let managed = match object {
        Object::User => {
            let of_catalogue = UserField::ALL.iter().find(|field| parsed == field.api_name());
            of_catalogue.map(|field| field.key()).or_else(|| listed(&parsed, USER_MANAGED))
        }
        Object::Contact => listed(&parsed, CONTACT_MANAGED),
    };
    match managed {
        Some("") => Err(Fault::new(
            "no file sets this field",
            "remove it: Salesforce keeps it, or this program never writes it",
        )),
        Some(key) => {
            Err(Fault::new("the field has a key of its own", format!("write `{key}` instead")))
        }
        None => Ok(parsed),
    }
}

fn listed(name: &ApiName, list: &[(&'static str, &'static str)]) -> Option<&'static str> {
    list.iter().find(|(field, _)| *name == *field).map(|(_, key)| *key)
}

/// Fields of `User` that are managed under another name, or (`""`) by nobody.
const USER_MANAGED: &[(&str, &str)] = &[
    ("Username", "username"),
    ("ProfileId", "profile"),
    ("IsActive", "state"),
    ("AccountId", "account"),
    ("ContactId", "contact"),
    ("UserRoleId", "portal_role"),
    ("PortalRole", "portal_role"),
    ("Id", ""),
    ("Name", ""),
    ("UserType", ""),
    ("IsPortalEnabled", ""),
    ("IsPortalSelfRegistered", ""),
    ("LastLoginDate", ""),
    ("CreatedDate", ""),
    ("CreatedById", ""),
    ("LastModifiedDate", ""),
    ("LastModifiedById", ""),
    ("SystemModstamp", ""),
];

/// The same for `Contact`, where name and address may differ from the user's.
const CONTACT_MANAGED: &[(&str, &str)] = &[
    ("AccountId", "account"),
    ("Id", "contact"),
    ("Name", ""),
    ("IsDeleted", ""),
    ("MasterRecordId", ""),
    ("CreatedDate", ""),
    ("CreatedById", ""),
    ("LastModifiedDate", ""),
    ("LastModifiedById", ""),
    ("SystemModstamp", ""),
];

/// Why a key or field that exists for person accounts alone is refused.
pub(super) fn person_account(name: &str) -> Option<Fault> {
    let folded = name.to_ascii_lowercase();
    let standard =
        name.strip_prefix("Person").is_some_and(|rest| rest.starts_with(char::is_uppercase));
    let is = folded.ends_with("__pc")
        || folded == "ispersonaccount"
        || !folded.ends_with("__c") && (folded.starts_with("person_") || standard);
    is.then(|| {
        Fault::unsupported(
            "it belongs to person accounts, which are not supported",
            "declare users of business accounts, with `account` and a contact in it",
        )
    })
}

/// A value of any type that a field may have.
fn scalar(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Scalar> {
    let number = |value: Option<f64>| value.and_then(Number::new).map(Scalar::Number);
    let value = match entry.raw() {
        DeValue::String(text) => {
            return match custom_text(text) {
                Ok(value) => Some(value),
                Err(fault) => {
                    reader.fault(entry, fault);
                    None
                }
            };
        }
        DeValue::Boolean(value) => Some(Scalar::Bool(*value)),
        DeValue::Integer(integer) => {
            number(i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(exact))
        }
        DeValue::Float(float) => number(float.as_str().parse().ok()),
        DeValue::Datetime(_) => return reader.date(entry).map(|day: Date| Scalar::Date(day)),
        DeValue::Array(_) => {
            let help = "values of a multi-select picklist are written as one text: \"A;B\"";
            reader.invalid(entry, "a field holds no list", help);
            return None;
        }
        DeValue::Table(_) => {
            let help = "write a text, a number, true or false, a date, or \"\" for none";
            reader.invalid(entry, "a field holds no table", help);
            return None;
        }
    };
    if value.is_none() {
        let help = "write a number with at most 15 digits, or a text";
        reader.invalid(entry, "the number cannot be kept exactly", help);
    }
    value
}

/// Numbers of an org are doubles: integers beyond 2^53 would change on the way.
fn exact(value: i64) -> Option<f64> {
    let bound = 1_i64 << 53;
    #[expect(clippy::cast_precision_loss, reason = "the bound keeps the conversion exact")]
    (-bound..=bound).contains(&value).then_some(value as f64)
}

/// A text for any field: longer ones than any field takes are refused.
pub(super) fn custom_text(text: &str) -> Result<Scalar, Fault> {
    // Source: Salesforce Help, "Custom Field Types": a long text area has at most 131,072.
    const LONGEST: usize = 131_072;
    if text.trim() != text {
        let help = "remove them: Salesforce would do so too";
        return Err(Fault::new("it has blanks around it", help));
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(control) {
        return Err(Fault::new("it contains a control character", "remove the character"));
    }
    if text.chars().count() > LONGEST {
        return Err(Fault::new("it has more characters than any field takes", "shorten it"));
    }
    Ok(Scalar::of(text))
}
