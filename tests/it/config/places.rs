//! No file makes the loader panic, and every place it reports exists.

use std::fs;

use proptest::prelude::*;

use portalctl::config::{self, Loaded};
use portalctl::model::Place;

use super::{EVERY_KEY, rendered};
use crate::support::Portal;

const PROJECT: &str = r#"
[project]
name = "acme-portal"

[orgs.dev]
emulator = "org.toml"
overlay = "dev.toml"

[orgs.uat]
login_url = "https://acme--uat.sandbox.my.salesforce.com"
username_suffix = ".uat"
"#;

const OVERLAY: &str = r#"
[defaults]
locale = "en_US"
permission_sets = { only = [{ name = "A", expires = 2027-01-31 }] }

[templates.partner]
extends = "partner"

[safety]
max_creates = "5%"
"#;

const USERS: &str = r#"
account = "Acme Corp"
profile = "Acme Partner"

[[users]]
username = "Kim.Osei@acme.example"
last_name = "Osei"
starts = 2027-01-31
expires = 2027-06-30
groups = ["Leads"]
contact = { Ext__c = "ä" }
renamed_from = "kim@acme.example"
fields = { Score__c = 1.5 }

[[rosters]]
csv = "people.csv"
columns = { username = "E-mail", last_name = "Name", contact = { id = "Contact" } }
"#;

const PEOPLE: &str = "E-mail,Name,Contact,state\n\
    kim@acme.example,\"O\u{2019}S\"\"ei,\nJr\",0038d000003QrS1,active\n\
    \n\
    pat@acme.example,Lee,,frozen\r\n";

/// The files, of which one is to be spoilt.
const FILES: [(&str, &str); 4] = [
    ("portalctl.toml", PROJECT),
    ("dev.toml", OVERLAY),
    ("users/acme.toml", USERS),
    ("users/people.csv", PEOPLE),
];

fn load(files: &[(&str, &str)], spoilt: &str, bytes: &[u8]) -> (Portal, Loaded) {
    let portal = Portal::new(files);
    fs::write(portal.path().join(spoilt), bytes).unwrap();
    let loaded = config::load(portal.path());
    (portal, loaded)
}

/// Whether the place can be pointed at.
fn exists(portal: &Portal, place: &Place) -> bool {
    let bytes = fs::read(portal.path().join(&*place.file)).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let Some(line) = text.split('\n').nth(place.line as usize - 1) else {
        return false;
    };
    let within = place.column as usize <= line.chars().count() + 1;
    within && place.start <= place.end && place.end as usize <= bytes.len()
}

fn check(portal: &Portal, loaded: &Loaded) -> Result<(), TestCaseError> {
    for found in &loaded.diagnostics {
        prop_assert!(found.place.is_some(), "{found:?}");
        let places = found.place.iter().chain(found.labels.iter().map(|label| &label.place));
        for place in places {
            prop_assert!(exists(portal, place), "{found:?}");
        }
    }
    let shown = rendered(loaded);
    let raw = shown.contains('\u{202e}') || shown.contains('\u{1b}');
    prop_assert!(!raw);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(
        file in 0..FILES.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let (portal, loaded) = load(&FILES, FILES[file].0, &bytes);
        check(&portal, &loaded)?;
    }

    #[test]
    fn near_misses_are_read(
        file in 0..FILES.len(),
        cut in 0..2000_usize,
        dropped in 0..3_usize,
        insert in proptest::sample::select(vec![
            "\"", "[", "]", "{", "=", "\n", "'''", "\u{202e}", "ä", "2027-02-31", "\r", "#", ",",
            ";", "\u{feff}", "\0", "1e999", "",
        ])
    ) {
        let (name, text) = FILES[file];
        let at = cut % text.chars().count();
        let spoilt: String =
            text.chars().take(at).chain(insert.chars()).chain(text.chars().skip(at + dropped)).collect();
        let (portal, loaded) = load(&FILES, name, spoilt.as_bytes());
        check(&portal, &loaded)?;
    }

    #[test]
    fn near_misses_of_every_key_are_read(
        cut in 0..EVERY_KEY.len(),
        dropped in 0..12_usize,
        insert in proptest::sample::select(vec!["", "x", "-1", "[", "\"", " = ", "{}", "*", "2027-01-01"])
    ) {
        let spoilt: String =
            EVERY_KEY.chars().take(cut).chain(insert.chars()).chain(EVERY_KEY.chars().skip(cut + dropped)).collect();
        let (portal, loaded) = load(&FILES, "portalctl.toml", spoilt.as_bytes());
        check(&portal, &loaded)?;
    }
}
