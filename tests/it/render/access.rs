//! The access review: everybody who can or should be able to sign in, in every format.

use std::collections::BTreeMap;

use serde_json::Value;

use super::formats::settled;
use crate::support::{Portal, Ran, acme, assert_valid};

const TODAY: [&str; 2] = ["--today", "2026-11-24"];
const FORMATS: [&str; 4] = ["text", "csv", "json", "html"];

const PROJECT: &str = r#"
[project]
name = "acme-portal"
[orgs.uat]
emulator = "org.toml"
username_suffix = ".uat"
[ownership]
profiles = ["Acme Customer"]
[permission_sets]
ignore = ["Pkg_*"]
[on_create]
permission_sets = ["Welcome"]
[defaults]
account = "Acme Corp"
profile = "Acme Customer"
permission_sets = ["Portal_Base"]
"#;

const USERS: &str = r#"
[[users]]
username = "settled@acme.example"
last_name = "Settled"
[[users]]
username = "absent@acme.example"
last_name = "Absent"
permission_sets = [{ name = "Orders_Read", expires = 2027-03-31 }]
[[users]]
username = "ahead@acme.example"
last_name = "Ahead"
starts = 2027-01-01
[[users]]
username = "expired@acme.example"
last_name = "Expired"
expires = 2026-10-31
[[users]]
username = "inactive@acme.example"
last_name = "Inactive"
state = "inactive"
[[users]]
username = "frozen@acme.example"
last_name = "Frozen"
[[users]]
username = "disabled4.them@acme.example"
last_name = "Disabled"
[[users]]
username = "extra@acme.example"
first_name = "Una"
last_name = "Extra"
permission_sets = [{ name = "Orders_Read", expires = 2027-03-31 }]
permission_set_licenses = ["OrdersPsl"]
[[users]]
username = "blocked@acme.example"
last_name = "Blocked"
account = "Nowhere Inc."
[[users]]
username = "formula@acme.example"
first_name = "=HYPERLINK(1)"
last_name = "Formula"
account = "@Formula, \"Inc.\""
[[users]]
username = "internal@acme.example"
last_name = "Internal"
[[users]]
username = "renamed@acme.example"
last_name = "Renamed"
renamed_from = "former@acme.example"
[[users]]
username = "partner@acme.example"
last_name = "Partner"
profile = "Acme Partner"
portal_role = "manager"
groups = ["Watchers"]
"#;

const ORG: &str = r#"
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 10
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[PermissionSet]]
Name = "Portal_Base"
[[PermissionSet]]
Name = "Orders_Read"
License = "OrdersPsl"
[[PermissionSet]]
Name = "Beta_Reports"
[[PermissionSet]]
Name = "Pkg_Everyone"
[[PermissionSet]]
Name = "Welcome"
[[PermissionSetLicense]]
DeveloperName = "OrdersPsl"
TotalLicenses = 10
[[PermissionSetGroup]]
DeveloperName = "Unknown_To_Files"
[[Group]]
DeveloperName = "Watchers"
[[Account]]
Name = "@Formula, \"Inc.\""
Owner = "olive.owner@acme.example"
[[Account]]
Name = "Other Corp"
Owner = "olive.owner@acme.example"
"#;

/// A user of the org: the name before `@acme.example`, and further keys.
fn user(name: &str, last: &str, more: &str) -> String {
    let account = if more.contains("Account =") { "" } else { "Account = \"Acme Corp\"\n" };
    let profile = if more.contains("Profile =") { "" } else { "Profile = \"Acme Customer\"\n" };
    format!(
        "[[User]]\nUsername = \"{name}@acme.example.uat\"\nEmail = \"{name}@acme.example\"\nLastName = \"{last}\"\n{account}{profile}{more}\n"
    )
}

fn portal() -> Portal {
    let base = "PermissionSets = [\"Portal_Base\"]";
    let people = [
        // The emulator gives the fourth user of an org this name when they are disabled.
        user("them", "Disabled", "Disabled = true"),
        user("settled", "Settled", "PermissionSets = [\"Portal_Base\", \"Pkg_Everyone\", \"Welcome\"]\nLastLoginDate = 2026-11-20T23:30:00Z"),
        user("expired", "Expired", base),
        user("inactive", "Inactive", "IsActive = false"),
        user("frozen", "Frozen", &format!("{base}\nIsFrozen = true")),
        user("extra", "Extra", "FirstName = \"Una\"\nPermissionSets = [\"Portal_Base\", \"Beta_Reports\", { Name = \"Orders_Read\", ExpirationDate = 2027-01-31T23:59:59Z }]\nPermissionSetLicenses = [\"OrdersPsl\"]\nPermissionSetGroups = [\"Unknown_To_Files\"]"),
        user("blocked", "Blocked", base),
        user("formula", "Formula", &format!("FirstName = \"=HYPERLINK(1)\"\nAccount = \"@Formula, \\\"Inc.\\\"\"\n{base}")),
        "[[User]]\nUsername = \"internal@acme.example.uat\"\nLastName = \"Internal\"\nProfile = \"Standard User\"\n".to_owned(),
        user("former", "Renamed", base),
        user("partner", "Partner", "Profile = \"Acme Partner\"\nPermissionSets = [\"Portal_Base\"]\nGroups = [\"Watchers\"]"),
        user("stray", "Stray", "PermissionSetLicenses = [\"OrdersPsl\"]\nPermissionSets = [\"Orders_Read\"]"),
        user("icy", "Icy", "Account = \"Other Corp\"\nIsFrozen = true"),
        user("theirs", "Theirs", "Profile = \"Acme Partner\""),
        user("left", "Left", "IsActive = false"),
    ];
    Portal::new(&[
        ("portalctl.toml", PROJECT),
        ("users/all.toml", USERS),
        ("org.toml", &(acme(30) + ORG + &people.concat())),
    ])
}

fn access(portal: &Portal, arguments: &[&str]) -> Ran {
    portal.run(&[&["access"], &TODAY[..], arguments].concat())
}

#[test]
fn everybody_is_reviewed_in_every_format() {
    let portal = portal();
    for format in FORMATS {
        let shown = access(&portal, &["--format", format]).exits(0).stdout;
        assert_eq!(shown, access(&portal, &["--format", format]).exits(0).stdout);
        insta::assert_snapshot!(format!("access_{format}"), settled(&shown));
    }
}

#[test]
fn json_fits_its_schema_and_says_what_the_plan_says() {
    let portal = portal();
    let review = access(&portal, &["--json"]).exits(0).json();
    assert_valid(&review, "access.schema.json");
    let plan = portal.run(&["plan", "--json", TODAY[0], TODAY[1]]).exits(3).json();
    let said = |document: &Value, list: &str| -> BTreeMap<String, (Value, Value)> {
        let people = document[list].as_array().unwrap().iter();
        let said = people.filter(|one| !one["action"].is_null()).map(|one| {
            let username = one["username"].as_str().unwrap().to_owned();
            (username, (one["action"].clone(), one["blocked"].clone()))
        });
        said.collect()
    };
    assert_eq!(said(&review, "users"), said(&plan, "changes"));
    assert_eq!(review["org"], plan["org"]);
    let partner = review["users"].as_array().unwrap().iter().find(|u| u["name"] == "Partner");
    assert_eq!(partner.unwrap()["differs"], serde_json::json!(["portal_role"]));
    let users = review["users"].as_array().unwrap();
    let count = |key: &str, value: &str| users.iter().filter(|one| one[key] == value).count();
    let summary = &review["summary"];
    assert_eq!(summary["people"], users.len());
    assert_eq!(summary["frozen"], count("actual_state", "frozen"));
    assert_eq!(summary["undeclared"], count("management", "owned"));
    assert_eq!(summary["undeclared"], plan["summary"]["undeclared"]);
    assert_eq!(summary["unmanaged"], plan["summary"]["unmanaged"]);
}

#[test]
fn the_table_is_one_for_any_spreadsheet() {
    let portal = portal();
    let table = access(&portal, &["--format", "csv"]).exits(0).stdout;
    let people = access(&portal, &["--json"]).exits(0).json()["users"].as_array().unwrap().len();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let header = rows.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), people);
    assert!(rows.iter().all(|row| row.len() == header.len()));
    let cells = rows.iter().flat_map(|row| row.iter());
    for cell in cells.filter(|cell| *cell != "-") {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        assert!(!cell.contains(char::is_control), "{cell}");
    }
    assert!(table.contains("'=HYPERLINK(1) Formula,\"'@Formula, \"\"Inc.\"\"\""), "{table}");
}

#[test]
fn a_masked_review_names_nobody() {
    let portal = portal();
    let surnames = ["Settled", "Absent", "Extra", "Renamed", "Formula", "Stray", "Icy", "Theirs"];
    for format in FORMATS {
        let shown = access(&portal, &["--mask", "--format", format]).exits(0).stdout;
        assert!(shown.contains("s***2@a***.example"), "{format}: {shown}");
        for secret in surnames {
            assert!(!shown.contains(secret), "{format}: {secret}: {shown}");
        }
        for address in ["@acme", "admin@", "former"] {
            assert!(!shown.contains(address), "{format}: {address}: {shown}");
        }
    }
}

#[test]
fn hostile_names_stay_names() {
    let portal = super::fixture::hostile();
    for format in FORMATS {
        let shown = access(&portal, &["--format", format]).exits(0).stdout;
        assert!(!shown.contains("##[") && !shown.contains("##vso["), "{format}");
        assert!(format == "csv" || !shown.contains('\r'), "{format}");
        for sign in ['\u{1b}', '\u{202e}', '\u{200f}'] {
            assert!(format == "json" || !shown.contains(sign), "{format} {sign:?}");
        }
        assert!(format != "html" || shown.matches("<script").count() == 1, "{format}");
        assert!(format != "html" || !shown.contains("<img"), "{format}");
    }
}

#[test]
fn a_review_of_some_is_asked_for_as_a_plan_of_some() {
    let portal = portal();
    let some = ["--target", "icy@*", "--target", "e*@acme.example", "--exclude", "extra@*"];
    let review = access(&portal, &[&["--json"], &some[..]].concat()).exits(0).json();
    let names: Vec<&str> = review["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| u["username"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["expired@acme.example", "icy@acme.example"]);
    let none = access(&portal, &["--target", "nobody@*"]).exits(1);
    assert!(none.stderr.contains("`nobody@*`"), "{}", none.stderr);
}

#[test]
fn formats_are_refused_where_they_are_not() {
    let portal = portal();
    for format in ["markdown", "github"] {
        let refused = access(&portal, &["--format", format]).exits(64);
        assert!(refused.stderr.contains("text, json, csv and html"), "{}", refused.stderr);
    }
    for command in ["plan", "apply", "drift", "validate"] {
        let refused = portal.run(&[command, "--format", "csv"]).exits(64);
        assert!(refused.stderr.contains("csv"), "{command}: {}", refused.stderr);
        assert_eq!(refused.stdout, "");
    }
    portal.run(&["plan", "--report", "csv=plan.csv"]).exits(64);
    access(&portal, &["-o", "nowhere"]).exits(1);
}

#[test]
fn access_that_no_file_manages_is_seen_and_changes_no_plan() {
    let portal = portal();
    let silent = |text: String| {
        let kept = |line: &&str| {
            let keys = ["permission_set", "groups", "portal_role"];
            !keys.iter().any(|key| line.starts_with(key))
        };
        text.lines().filter(kept).collect::<Vec<_>>().join("\n")
    };
    for file in ["portalctl.toml", "users/all.toml"] {
        portal.write(file, &silent(portal.read(file)));
    }
    let review = access(&portal, &["--json"]).exits(0).json();
    let user = |name: &str| {
        let username = format!("{name}@acme.example");
        review["users"].as_array().unwrap().iter().find(|u| u["username"] == username).unwrap()
    };
    let extra = user("extra");
    assert_eq!(extra["declared_permission_sets"], Value::Null);
    assert_eq!(extra["actual_permission_sets"].as_array().unwrap().len(), 3);
    assert_eq!(extra["actual_permission_set_groups"][0]["name"], "Unknown_To_Files");
    assert_eq!(extra["actual_permission_set_licenses"][0]["name"], "OrdersPsl");
    assert_eq!(extra["action"], Value::Null);
    assert_eq!(extra["differs"].as_array().unwrap().len(), 0);
    let partner = user("partner");
    assert_eq!(partner["actual_groups"][0]["name"], "Watchers");
    assert_eq!(partner["actual_portal_role"], "user");
    let plan = portal.run(&["plan", "--json", TODAY[0], TODAY[1]]).json();
    let planned = plan["changes"].as_array().unwrap().len();
    let acting = |one: &&Value| !one["action"].is_null();
    assert_eq!(review["users"].as_array().unwrap().iter().filter(acting).count(), planned);
}
