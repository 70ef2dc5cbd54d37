//! The setup of a generated org: licences, profiles, permission sets, roles, sites.

use serde_json::{Value as Json, json};

use super::people::PROFILES;
use crate::emulator::seed::Table;

/// The external licences and their keys, member-based before login-based.
const LICENSES: [(&str, &str); 6] = [
    ("Customer Community", "PID_Customer_Community"),
    ("Customer Community Login", "PID_Customer_Community_Login"),
    ("Customer Community Plus", "PID_Customer_Community_Plus"),
    ("Customer Community Plus Login", "PID_Customer_Community_Plus_Login"),
    ("Partner Community", "PID_Partner_Community"),
    ("Partner Community Login", "PID_Partner_Community_Login"),
];

/// Seats for everybody and an eighth more, but at least ten.
fn seats(used: u64) -> u64 {
    (used + (used / 8).max(10)).div_ceil(5) * 5
}

pub(super) fn licenses(active: &[u64]) -> Vec<Table> {
    let used = |license: &str| -> u64 {
        let of = PROFILES.iter().zip(active).filter(|((_, name), _)| *name == license);
        of.map(|(_, active)| active).sum()
    };
    let one = |(name, key): (&'static str, &'static str)| {
        let total = seats(used(name));
        let mut entries = vec![
            ("Name", json!(name)),
            ("LicenseDefinitionKey", json!(key)),
            ("TotalLicenses", json!(total)),
        ];
        if name.ends_with(" Login") {
            // Twenty seats come with one monthly login.
            entries.push(("MonthlyLoginsEntitlement", json!(total.div_ceil(20))));
            entries.push(("MonthlyLoginsUsed", json!(total / 40)));
        }
        Table::of(entries)
    };
    LICENSES.into_iter().map(one).collect()
}

pub(super) fn set_licenses(held: u64) -> Vec<Table> {
    vec![Table::of(vec![
        ("DeveloperName", json!("Insights_Viewer")),
        ("MasterLabel", json!("Insights Viewer")),
        ("TotalLicenses", json!(seats(held))),
    ])]
}

/// The tables that do not depend on the people.
pub(super) fn tables(name: &str) -> Vec<Table> {
    match name {
        "Organization" => vec![Table::of(vec![("Name", json!("Generated Org"))])],
        "CustomField" => vec![
            key("Account", "ERP_Key__c", "ERP Key"),
            key("Contact", "Roster_Key__c", "Roster Key"),
        ],
        "Profile" => PROFILES
            .iter()
            .map(|(name, license)| {
                Table::of(vec![("Name", json!(name)), ("UserLicense", json!(license))])
            })
            .collect(),
        "PermissionSet" => permission_sets(),
        "PermissionSetGroup" => vec![Table::of(vec![
            ("DeveloperName", json!("Support_Bundle")),
            ("MasterLabel", json!("Support Bundle")),
            ("PermissionSets", json!(["Cases_Read", "Knowledge_Read"])),
        ])],
        "UserRole" => roles(),
        "Group" => vec![Table::of(vec![
            ("DeveloperName", json!("Partner_Insiders")),
            ("Name", json!("Partner Insiders")),
        ])],
        "Network" => sites(),
        _ => Vec::new(),
    }
}

fn key(object: &str, name: &str, label: &str) -> Table {
    Table::of(vec![
        ("Object", json!(object)),
        ("Name", json!(name)),
        ("Label", json!(label)),
        ("Type", json!("Text")),
        ("Length", json!(40)),
        ("ExternalId", json!(true)),
        ("Unique", json!(true)),
    ])
}

fn permission_sets() -> Vec<Table> {
    let sets = [
        ("Portal_Base", None),
        ("Orders_Read", None),
        ("Beta_Reports", None),
        ("Cases_Read", None),
        ("Knowledge_Read", None),
        ("Deal_Registration", Some("Partner Community")),
        ("Insights", Some("Insights_Viewer")),
    ];
    let one = |(name, license): (&str, Option<&str>)| {
        let mut entries: Vec<(&'static str, Json)> =
            vec![("Name", json!(name)), ("Label", json!(name.replace('_', " ")))];
        entries.extend(license.map(|license| ("License", json!(license))));
        Table::of(entries)
    };
    sets.into_iter().map(one).collect()
}

/// The roles of people inside, the top one first.
pub(super) const ROLES: [&str; 6] =
    ["Executive", "Sales Lead", "Sales East", "Sales West", "Sales Europe", "Sales Pacific"];

fn roles() -> Vec<Table> {
    let above = [None, Some("Executive"), Some("Sales Lead")];
    let one = |(at, name): (usize, &&str)| {
        let mut entries: Vec<(&'static str, Json)> = vec![("Name", json!(name))];
        let parent = above.get(at.min(2)).copied().flatten();
        entries.extend(parent.map(|parent| ("ParentRole", json!(parent))));
        Table::of(entries)
    };
    ROLES.iter().enumerate().map(one).collect()
}

fn sites() -> Vec<Table> {
    let all: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
    let partners: Vec<&str> =
        all.iter().filter(|name| name.starts_with("Partner")).copied().collect();
    let one = |name: &str, path: &str, status: &str, profiles: &[&str]| {
        Table::of(vec![
            ("Name", json!(name)),
            ("UrlPathPrefix", json!(path)),
            ("Status", json!(status)),
            ("OptionsSendWelcomeEmail", json!(true)),
            ("Profiles", json!(profiles)),
        ])
    };
    vec![
        one("Help Center", "help", "Live", &all),
        one("Partner Academy", "academy", "UnderConstruction", &partners),
    ]
}
