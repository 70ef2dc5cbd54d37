//! `[[allow]]`: reviewed exceptions.

use std::collections::BTreeMap;

use crate::model::{Allow, Code, Diagnostic, OrgName, OrgSettings, Rule, nearest};

use super::reader::{Entry, Reader, Table};

/// Reads one exception.
pub(super) fn read(
    reader: &mut Reader<'_>,
    item: Entry<'_>,
    orgs: &BTreeMap<OrgName, OrgSettings>,
) -> Option<Allow> {
    let mut table = reader.table(item)?;
    let place = reader.place(&item.span());
    let rule = required(reader, &mut table, &item, "rule").and_then(|entry| rule(reader, entry));
    let count = required(reader, &mut table, &item, "count").and_then(|entry| reader.count(entry));
    let expires =
        required(reader, &mut table, &item, "expires").and_then(|entry| reader.date(entry));
    let why = |text: &str| {
        if text.trim().is_empty() { Err("it is empty") } else { Ok(text.to_owned()) }
    };
    let reason = required(reader, &mut table, &item, "reason")
        .and_then(|entry| reader.parsed(entry, why, "say why this is allowed"));
    let org = table.take("org").and_then(|entry| known_org(reader, entry, orgs));
    reader.close(table, "`[[allow]]`");
    Some(Allow { rule: rule?, org, count: count?, reason: reason?, expires: expires?, place })
}

fn required<'d>(
    reader: &mut Reader<'_>,
    table: &mut Table<'d>,
    item: &Entry<'_>,
    key: &'static str,
) -> Option<Entry<'d>> {
    let entry = table.take(key);
    if entry.is_none() {
        let message = format!("`{key}` is missing in `[[allow]]`");
        let help = "an exception needs `rule`, `count`, `reason` and `expires`";
        reader.report(Diagnostic::new(Code::MissingKey, message).help(help), &item.span());
    }
    entry
}

fn rule(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Rule> {
    let text = reader.string(entry)?;
    if let Some(rule) = Rule::from_text(text) {
        return Some(rule);
    }
    let rules = || Rule::ALL.iter().map(|rule| rule.as_str());
    let help = match nearest(text, rules()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("the rules are {}", rules().collect::<Vec<_>>().join(", ")),
    };
    reader.invalid(entry, &format!("\"{text}\" is not a rule"), help);
    None
}

fn known_org(
    reader: &mut Reader<'_>,
    entry: Entry<'_>,
    orgs: &BTreeMap<OrgName, OrgSettings>,
) -> Option<OrgName> {
    let name = reader.parsed(entry, OrgName::parse, "name an [orgs.NAME] table")?;
    if orgs.contains_key(&name) {
        return Some(name);
    }
    reader.report(unknown_org(&name, orgs), &entry.span());
    None
}

/// An org that no table defines.
pub(super) fn unknown_org(name: &OrgName, orgs: &BTreeMap<OrgName, OrgSettings>) -> Diagnostic {
    let found = Diagnostic::new(Code::UnknownOrg, format!("org `{name}` is not defined"));
    match nearest(name.as_str(), orgs.keys().map(OrgName::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("add a table [orgs.{name}]")),
    }
}
