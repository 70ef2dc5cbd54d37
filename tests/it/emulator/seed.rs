//! Seed files, generated orgs, and that both are what the schema says.

use std::fs;

use serde_json::{Map, Value, json};

use portalctl::emulator::{Emulator, Generate, ServeOptions};

use super::{ORG, Org};
use crate::support::{assert_valid, package, program};

/// A TOML text as JSON, dates as text.
fn json_of(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(moment) => json!(moment.to_string()),
            toml::Value::Array(list) => list.into_iter().map(convert).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(key, one)| (key, convert(one)))
                .collect::<Map<_, _>>()
                .into(),
            other => serde_json::to_value(other).unwrap(),
        }
    }
    convert(toml::Value::Table(text.parse().unwrap()))
}

fn wanted(text: &str) -> Generate {
    text.parse().unwrap()
}

fn file_of(wanted: Generate) -> String {
    let mut file = Vec::new();
    wanted.write(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

async fn state(emulator: Emulator) -> Value {
    let running = emulator.serve(ServeOptions::default()).await.unwrap();
    serde_json::from_str(&running.state()).unwrap()
}

#[tokio::test]
async fn a_generated_org_is_what_its_seed_file_makes() {
    let wanted = wanted("users=60,accounts=25,seed=9");
    let file = file_of(wanted);
    assert_eq!(file, file_of(wanted), "the same numbers make the same file");
    assert_ne!(file, file_of(Generate { seed: 10, ..wanted }));
    let from_file = state(Emulator::from_seed(&file).unwrap()).await;
    let direct = state(Emulator::generate(&wanted).unwrap()).await;
    assert_eq!(from_file, direct);
}

#[test]
fn seeds_fit_their_schema() {
    assert_valid(&json_of(&file_of(wanted("users=40"))), "seed.schema.json");
    assert_valid(&json_of(ORG), "seed.schema.json");
    for example in ["quickstart", "shortfall"] {
        let file = package().join("examples").join(example).join("org.toml");
        assert_valid(&json_of(&fs::read_to_string(file).unwrap()), "seed.schema.json");
    }
}

#[test]
fn every_knob_of_the_schema_can_be_turned() {
    let schema: Value = serde_json::from_str(&Emulator::seed_schema()).unwrap();
    let knobs = schema["properties"]["emulator"]["properties"].as_object().unwrap();
    assert!(knobs.len() > 20);
    for (name, knob) in knobs {
        let value = match knob["type"].as_str().unwrap() {
            "boolean" => "true",
            "integer" => "2",
            "string" => "\"text\"",
            _ if name == "lacking" => "[\"ManageUsers\"]",
            _ => "[\"User.Fax\"]",
        };
        let seed = format!("[emulator]\n{name} = {value}\n");
        assert!(Emulator::from_seed(&seed).is_ok(), "{seed}");
        let seed = format!("[emulator]\n{name} = {{ }}\n");
        assert!(Emulator::from_seed(&seed).is_err() || name == "invisible", "{seed}");
    }
}

/// What a rehearsal needs to find.
#[tokio::test]
async fn a_generated_org_has_what_real_ones_have() {
    let org = Org::of(Emulator::generate(&wanted("users=500,accounts=200")).unwrap()).await;
    let count = async |soql: &str| org.query(soql).await.1["totalSize"].as_u64().unwrap();
    let portal = "SELECT COUNT() FROM User WHERE ContactId != null";
    assert_eq!(count(portal).await, 500);
    assert_eq!(count("SELECT COUNT() FROM Account").await, 200);
    assert!(count("SELECT COUNT() FROM Contact").await > 520);
    for (filter, from, to) in [
        ("IsActive = false", 30, 90),
        ("IsActive = true AND LastLoginDate = null", 40, 110),
        ("IsActive = true AND LastLoginDate < LAST_N_DAYS:170", 70, 160),
        ("LastLoginDate = LAST_N_DAYS:120", 200, 400),
        ("Profile.UserLicense.Name LIKE '% Login'", 50, 150),
        ("LocaleSidKey != 'en_US'", 100, 300),
    ] {
        let found = count(&format!("{portal} AND {filter}")).await;
        assert!((from..to).contains(&found), "{filter}: {found}");
    }
    let licenses =
        "SELECT Name, TotalLicenses, UsedLicenses FROM UserLicense WHERE Name != 'Salesforce'";
    let licenses = org.rows(licenses).await;
    assert_eq!(licenses.len(), 6);
    for license in &licenses {
        let number = |key: &str| license[key].as_u64().unwrap();
        assert!(number("UsedLicenses") > 0 && number("UsedLicenses") < number("TotalLicenses"));
    }
    for (query, least) in [
        ("SELECT COUNT() FROM UserLogin WHERE IsFrozen = true", 1),
        ("SELECT COUNT() FROM Account WHERE Owner.UserRoleId = null", 2),
        ("SELECT COUNT() FROM Account WHERE Owner.IsActive = false", 1),
        (
            "SELECT COUNT() FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = false",
            400,
        ),
        ("SELECT COUNT() FROM PermissionSetAssignment WHERE PermissionSetGroupId != null", 5),
        ("SELECT COUNT() FROM PermissionSetAssignment WHERE ExpirationDate != null", 10),
        (
            "SELECT COUNT() FROM PermissionSetAssignment WHERE PermissionSet.License.Name = 'Partner Community'",
            10,
        ),
        ("SELECT COUNT() FROM PermissionSetLicenseAssign", 1),
        ("SELECT COUNT() FROM GroupMember", 2),
        ("SELECT COUNT() FROM UserRole WHERE PortalAccountId != null", 20),
        ("SELECT COUNT() FROM NetworkMember", 400),
        ("SELECT COUNT() FROM Account WHERE ERP_Key__c != null", 200),
        ("SELECT COUNT() FROM Contact WHERE Roster_Key__c != null", 520),
    ] {
        let found = count(query).await;
        assert!(found >= least, "{query}: {found}");
    }
    let sites = org.rows("SELECT Name, Status FROM Network ORDER BY Name").await;
    assert_eq!(sites[0], json!({ "Name": "Help Center", "Status": "Live" }));
    assert_eq!(sites[1]["Status"], "UnderConstruction");
}

#[test]
fn numbers_that_make_no_org_are_told() {
    for (text, expected) in [
        ("accounts=3", "`users=N` is missing"),
        ("users=0", "`users` is from 1 to 5000000"),
        ("users=ten", "`ten` is not a number"),
        ("users", "`users` is not of the form KEY=N"),
        ("users=1,people=2", "`people` is not one of users, accounts, seed"),
    ] {
        assert_eq!(text.parse::<Generate>().unwrap_err(), expected);
    }
    let output = program().args(["emulator", "seed", "--generate", "users=0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
}

#[tokio::test]
async fn dates_can_be_told_by_their_distance_from_today() {
    let seed =
        format!("{ORG}\n[[LoginHistory]]\nUser = \"kim.osei@acme.example\"\nLoginTime = \"-3d\"\n");
    let org = Org::of(Emulator::from_seed(&seed).unwrap()).await;
    let found = org.rows("SELECT Id FROM LoginHistory WHERE LoginTime = N_DAYS_AGO:3").await;
    assert_eq!(found.len(), 1);
}
