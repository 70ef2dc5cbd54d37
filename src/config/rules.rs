//! `[ownership]`, `[licenses]`, `[policy]` and the smaller tables that steer a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::Glob;
use toml::de::DeValue;

use crate::model::{
    AccountRef, ApiName, EmailDomains, LicenseSettings, Marker, Ownership, PolicyRules,
    ProfileName, Undeclared,
};

use super::level::PROFILE_HELP;
use super::reader::{Entry, Fault, Reader};
use super::reference;
use super::values::{self, Object, person_account};

/// Reads `[ownership]`.
pub(super) fn ownership(reader: &mut Reader<'_>, entry: Entry<'_>) -> Ownership {
    let mut ownership = Ownership::default();
    let Some(mut table) = reader.table(entry) else {
        return ownership;
    };
    if let Some(entry) = table.take("profiles") {
        for item in filled(reader, entry, "it would own nobody: remove the key to own any profile")
        {
            let profile = reader.parsed(item, ProfileName::parse, PROFILE_HELP);
            unique(reader, item, &mut ownership.profiles, profile);
        }
    }
    if let Some(entry) = table.take("accounts") {
        for item in filled(reader, entry, "it would own nobody: remove the key to own any account")
        {
            let account: Option<AccountRef> = reference::account(reader, item);
            unique(reader, item, &mut ownership.accounts, account);
        }
    }
    ownership.marker = table.take("marker").and_then(|entry| marker(reader, entry));
    let words = [
        ("report", Undeclared::Report),
        ("deactivate", Undeclared::Deactivate),
        ("ignore", Undeclared::Ignore),
    ];
    if let Some(entry) = table.take("undeclared") {
        ownership.undeclared = reader.word(entry, &words).unwrap_or_default();
    }
    if let Some(entry) = table.take("protect") {
        for item in reader.items(entry) {
            let help = "write a username, or a glob such as \"*.admin@acme.example\"";
            ownership.protect.extend(glob(reader, item, help));
        }
    }
    reader.close(table, "`[ownership]`");
    ownership
}

/// The items of a list that must have some.
fn filled<'d>(reader: &mut Reader<'_>, entry: Entry<'d>, help: &str) -> Vec<Entry<'d>> {
    let items = reader.items(entry);
    if items.is_empty() && matches!(entry.raw(), DeValue::Array(_)) {
        reader.invalid(entry, "the list is empty", help);
    }
    items
}

fn unique<T: PartialEq>(
    reader: &mut Reader<'_>,
    item: Entry<'_>,
    list: &mut Vec<T>,
    value: Option<T>,
) {
    let Some(value) = value else {
        return;
    };
    if list.contains(&value) {
        reader.invalid(item, "this stands here twice", "keep one of them");
    } else {
        list.push(value);
    }
}

fn marker(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Marker> {
    let mut table = reader.table(entry)?;
    let field = table.take("field");
    let value = table.take("value");
    reader.close(table, "`marker`");
    let (Some(field), Some(value)) = (field, value) else {
        let fault = "a marker needs `field` and `value`";
        let help = "write marker = { field = \"ManagedBy__c\", value = \"acme-portal\" }";
        reader.invalid(entry, fault, help);
        return None;
    };
    let field = text(reader, field, |text| values::custom_name(text, Object::User));
    let value = text(reader, value, |text| {
        if text.trim().is_empty() {
            return Err(Fault::new("it is empty", "write what stands for this project"));
        }
        values::custom_text(text).map(|_| Arc::from(text))
    });
    Some(Marker { field: field?, value: value? })
}

/// A text that a check accepts.
fn text<T>(
    reader: &mut Reader<'_>,
    entry: Entry<'_>,
    check: impl Fn(&str) -> Result<T, Fault>,
) -> Option<T> {
    match check(reader.string(entry)?) {
        Ok(value) => Some(value),
        Err(fault) => {
            reader.fault(entry, fault);
            None
        }
    }
}

/// A glob over names.
pub(super) fn glob(reader: &mut Reader<'_>, entry: Entry<'_>, help: &str) -> Option<String> {
    text(reader, entry, |text| {
        if text.trim().is_empty() {
            return Err(Fault::new("the pattern is empty", help));
        }
        match Glob::new(text) {
            Ok(glob) => Ok(glob.glob().to_owned()),
            Err(error) => Err(Fault::new(format!("it is not a glob: {}", error.kind()), help)),
        }
    })
}

/// Reads one `[licenses."NAME"]`.
pub(super) fn license(
    reader: &mut Reader<'_>,
    entry: Entry<'_>,
    licenses: &mut BTreeMap<Arc<str>, LicenseSettings>,
) {
    let mut settings = LicenseSettings::default();
    let Some(mut table) = reader.table(entry) else {
        return;
    };
    if let Some(entry) = table.take("reserve") {
        settings.reserve = reader.count(entry).unwrap_or_default();
    }
    settings.price = table.take("price").and_then(|entry| price(reader, entry));
    settings.renewal = table.take("renewal").and_then(|entry| reader.date(entry));
    reader.close(table, "a licence");
    if entry.key.trim().is_empty() || entry.key.trim() != entry.key {
        let help = "write the name as Setup > Company Information shows it";
        reader.fault_at_key(entry, Fault::new("it is not the name of a licence", help));
    }
    licenses.insert(entry.key.into(), settings);
}

fn price(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<f64> {
    let price = reader.number(entry)?;
    if price.is_finite() && price >= 0.0 {
        return Some(price);
    }
    reader.invalid(entry, "it is not a price", "write money per seat and month, such as 4.50");
    None
}

/// Reads `[policy]`.
pub(super) fn policy(reader: &mut Reader<'_>, entry: Entry<'_>) -> PolicyRules {
    let mut rules = PolicyRules::default();
    let Some(mut table) = reader.table(entry) else {
        return rules;
    };
    let lists = [
        ("require_expiry", &mut rules.require_expiry, "write a template, or a glob such as \"*\""),
        (
            "forbid_permission_sets",
            &mut rules.forbid_permission_sets,
            "write an API name, or a glob such as \"*_Admin\"",
        ),
    ];
    for (key, list, help) in lists {
        if let Some(entry) = table.take(key) {
            for item in reader.items(entry) {
                list.extend(glob(reader, item, help));
            }
        }
    }
    if let Some(entry) = table.take("allowed_email_domains") {
        rules.allowed_email_domains = email_domains(reader, entry);
    }
    rules.max_active_per_account =
        table.take("max_active_per_account").and_then(|entry| reader.count(entry));
    reader.close(table, "`[policy]`");
    rules
}

/// A list for all accounts, or a table from account to list, where `*` stands for all others.
fn email_domains(reader: &mut Reader<'_>, entry: Entry<'_>) -> EmailDomains {
    let mut allowed = EmailDomains::default();
    if let DeValue::Array(_) = entry.raw() {
        allowed.overall = Some(domains(reader, entry));
        return allowed;
    }
    let DeValue::Table(_) = entry.raw() else {
        let help = "write [\"acme.example\"], or a table: \"Acme Corp\" = [\"acme.example\"]";
        reader.invalid(entry, "it is neither a list nor a table of lists", help);
        return allowed;
    };
    for entry in reader.table(entry).map(|mut table| table.drain()).unwrap_or_default() {
        if entry.key == "*" {
            allowed.overall = Some(domains(reader, entry));
        } else if let Err(fault) = reference::account_name(entry.key) {
            reader.fault_at_key(entry, fault);
        } else {
            let list = domains(reader, entry);
            allowed.by_account.insert(entry.key.into(), list);
        }
    }
    allowed
}

fn domains(reader: &mut Reader<'_>, entry: Entry<'_>) -> Vec<String> {
    let mut list = Vec::new();
    for item in filled(reader, entry, "no address would be allowed: name at least one domain") {
        let domain = text(reader, item, |text| {
            let label = |label: &str| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            };
            if text.contains('.') && text.split('.').all(label) {
                return Ok(text.to_lowercase());
            }
            Err(Fault::new("it is not a domain", "write what follows the `@`: \"acme.example\""))
        });
        unique(reader, item, &mut list, domain);
    }
    list
}

/// Reads `[contacts] match`.
pub(super) fn match_fields(reader: &mut Reader<'_>, entry: Entry<'_>) -> Vec<ApiName> {
    let mut fields = Vec::new();
    for item in filled(reader, entry, "write [\"Email\"], or name contacts by `contact`") {
        let field = text(reader, item, |text| {
            if let Some(fault) = person_account(text) {
                return Err(fault);
            }
            ApiName::parse(text).map_err(|error| {
                let help = "write a field of Contact, such as \"Email\" or \"Roster_Key__c\"";
                Fault::new(error.to_string(), help)
            })
        });
        unique(reader, item, &mut fields, field);
    }
    fields
}
