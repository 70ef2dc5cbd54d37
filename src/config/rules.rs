//! `[ownership]`, `[licenses]`, `[policy]` and the smaller tables that steer a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::Glob;
use toml::de::DeValue;

use crate::model::{
    AccountRef, ApiName, ContactPolicy, EmailDomains, LicenseSettings, Marker, Ownership,
    PolicyRules, ProfileName, SetMode, SetPolicy, Undeclared,
};

use super::level::PROFILE_HELP;
use super::reader::{Entry, Fault, Reader};
use super::reference;
use super::values::{self, Object, person_account};

/// The keys of `[ownership]`, as far as they are there.
#[derive(Clone, Default)]
pub(super) struct OwnershipKeys {
    profiles: Option<Vec<ProfileName>>,
    accounts: Option<Vec<AccountRef>>,
    marker: Option<Marker>,
    undeclared: Option<Undeclared>,
    protect: Option<Vec<String>>,
}

/// Reads `[ownership]`.
pub(super) fn ownership(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<OwnershipKeys> {
    let mut keys = OwnershipKeys::default();
    let mut table = reader.table(entry)?;
    keys.profiles = table.take("profiles").map(|entry| {
        let mut profiles = Vec::new();
        let nobody = "it would own nobody: remove the key to own any profile";
        for item in filled(reader, entry, nobody) {
            let profile = reader.parsed(item, ProfileName::parse, PROFILE_HELP);
            unique(reader, item, &mut profiles, profile);
        }
        profiles
    });
    keys.accounts = table.take("accounts").map(|entry| {
        let mut accounts = Vec::new();
        let nobody = "it would own nobody: remove the key to own any account";
        for item in filled(reader, entry, nobody) {
            let account = reference::account(reader, item);
            unique(reader, item, &mut accounts, account);
        }
        accounts
    });
    keys.marker = table.take("marker").and_then(|entry| marker(reader, entry));
    let words = [
        ("report", Undeclared::Report),
        ("deactivate", Undeclared::Deactivate),
        ("ignore", Undeclared::Ignore),
    ];
    keys.undeclared = table.take("undeclared").and_then(|entry| reader.word(entry, &words));
    keys.protect = table.take("protect").map(|entry| {
        let help = "write a username, or a glob such as \"*.admin@acme.example\"";
        reader.items(entry).into_iter().filter_map(|item| glob(reader, item, help)).collect()
    });
    reader.close(table, "`[ownership]`");
    Some(keys)
}

impl OwnershipKeys {
    /// These keys, and others where these are silent.
    pub(super) fn or(self, others: &Self) -> Self {
        let others = others.clone();
        Self {
            profiles: self.profiles.or(others.profiles),
            accounts: self.accounts.or(others.accounts),
            marker: self.marker.or(others.marker),
            undeclared: self.undeclared.or(others.undeclared),
            protect: self.protect.or(others.protect),
        }
    }

    pub(super) const fn marker(&self) -> Option<&Marker> {
        self.marker.as_ref()
    }

    /// What they come to.
    pub(super) fn finish(self) -> Ownership {
        Ownership {
            profiles: self.profiles.unwrap_or_default(),
            accounts: self.accounts.unwrap_or_default(),
            marker: self.marker,
            undeclared: self.undeclared.unwrap_or_default(),
            protect: self.protect.unwrap_or_default(),
        }
    }
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
fn glob(reader: &mut Reader<'_>, entry: Entry<'_>, help: &str) -> Option<String> {
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

/// The fields of `match`.
fn match_fields(reader: &mut Reader<'_>, entry: Entry<'_>) -> Vec<ApiName> {
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

/// Reads `[contacts]`.
pub(super) fn contacts(reader: &mut Reader<'_>, entry: Entry<'_>) -> ContactPolicy {
    let mut policy = ContactPolicy::default();
    let Some(mut table) = reader.table(entry) else {
        return policy;
    };
    for (key, value) in [("create", &mut policy.create), ("update", &mut policy.update)] {
        if let Some(given) = table.take(key).and_then(|entry| reader.boolean(entry)) {
            *value = given;
        }
    }
    if let Some(entry) = table.take("match") {
        policy.match_fields = match_fields(reader, entry);
    }
    reader.close(table, "`[contacts]`");
    policy
}

/// Reads `[permission_sets]`.
pub(super) fn permission_sets(reader: &mut Reader<'_>, entry: Entry<'_>) -> SetPolicy {
    let mut policy = SetPolicy::default();
    let Some(mut table) = reader.table(entry) else {
        return policy;
    };
    if let Some(entry) = table.take("mode") {
        let words = [("exact", SetMode::Exact), ("at-least", SetMode::AtLeast)];
        policy.mode = reader.word(entry, &words).unwrap_or_default();
    }
    if let Some(entry) = table.take("ignore") {
        for item in reader.items(entry) {
            policy.ignore.extend(glob(reader, item, "write a glob such as \"ns__*\""));
        }
    }
    reader.close(table, "`[permission_sets]`");
    policy
}
