//! What is said about files: every folder of `tests/config/invalid` against the text beside it, and
//! what valid files come to.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use portalctl::config::{self, Loaded};
use portalctl::model::{
    AccountRef, DeclaredProfile, DeclaredState, Limit, SetMode, UserField, Value,
};
use portalctl::render;

use crate::examples::updating;
use crate::support::{Portal, package};

fn rendered(loaded: &Loaded) -> String {
    let mut text = String::new();
    render::diagnostics(&mut text, &loaded.diagnostics, &loaded.sources, false, 100).unwrap();
    text
}

#[test]
fn every_broken_project_gets_the_text_beside_it() {
    let root = package().join("tests/config/invalid");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 20);
    let mut differing = Vec::new();
    for folder in folders {
        let text = rendered(&config::load(&folder));
        let expected = folder.join("expected.txt");
        if updating() {
            fs::write(&expected, &text).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != text {
            differing.push(format!("{}:\n{text}", folder.display()));
        }
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
    assert!(differing.is_empty(), "run again with UPDATE=1\n{}", differing.join("\n"));
}

#[test]
fn five_faults_in_three_files_are_told_in_one_run() {
    let loaded = config::load(&package().join("tests/config/invalid/five_faults_in_three_files"));
    assert_eq!(loaded.diagnostics.len(), 5, "{}", rendered(&loaded));
    let portal = Portal::new(&[]);
    copy_project("five_faults_in_three_files", &portal);
    let run = portal.run(&["validate"]).exits(1);
    assert!(run.stderr.contains("5 errors in 3 files"), "{}", run.stderr);
    let json = portal.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 5);
    portal.run(&["plan"]).exits(1);
}

fn copy_project(name: &str, portal: &Portal) {
    let from = package().join("tests/config/invalid").join(name);
    for path in ["portalctl.toml", "users/acme.toml", "users/globex.toml"] {
        portal.write(path, &fs::read_to_string(from.join(path)).unwrap());
    }
}

#[test]
fn secrets_are_never_shown() {
    for name in ["secret", "secret_over_lines", "secret_in_broken_file"] {
        let folder = package().join("tests/config/invalid").join(name);
        let text = rendered(&config::load(&folder));
        for secret in ["3C8A9F0B1D2E", "MIIEvQIBADANBgkq", "AQ0AQ"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn the_examples_are_valid() {
    for example in ["quickstart", "shortfall"] {
        let portal = Portal::example(example);
        let run = portal.run(&["validate"]).exits(0);
        assert!(run.stdout.starts_with("Valid: "), "{}", run.stdout);
    }
}

const PROJECT: &str = r#"
[project]
name = "acme-portal"
include = ["users/*.toml"]

[orgs.uat]
login_url = "https://acme--uat.sandbox.my.salesforce.com"
username_suffix = ".uat"

[defaults]
locale = "en_US"
department = "Portal"
permission_sets = ["Everyone"]

[on_create]
time_zone = "America/New_York"
locale = "fr_FR"

[templates.customer]
profile = "Acme Customer"
permission_sets = ["Portal_Base"]
department = "Customers"

[templates.partner]
extends = "customer"
profile = "Acme Partner"
permission_sets = [{ name = "Deals", expires = 2027-01-31 }]

[contacts]
create = false

[permission_sets]
mode = "at-least"

[safety]
max_deactivations = "5%"
max_creates = 20
"#;

const USERS: &str = r#"
account = "Acme Corp"
template = "partner"
permission_sets = [{ name = "Deals", expires = 2027-06-30 }]

[[users]]
username = "Kim.Osei@acme.example"
last_name = "Osei"
state = "frozen"
phone = ""

[[users]]
username = "pat.lee@acme.example"
last_name = "Lee"
account = { id = "0018d000003QrS1" }
template = "customer"
email = "pat@acme.example"
department = "Sales"
time_zone = "Asia/Tokyo"
permission_sets = { only = ["Reports"] }
"#;

#[test]
fn the_nearest_level_counts_and_lists_add_up() {
    let portal = Portal::new(&[("portalctl.toml", PROJECT), ("users/acme.toml", USERS)]);
    let loaded = config::load(portal.path());
    assert!(loaded.diagnostics.is_empty(), "{}", rendered(&loaded));
    let [kim, pat] = loaded.desired.users.as_slice() else { panic!() };

    let profile = |user: &portalctl::model::DesiredUser| match &user.profile {
        DeclaredProfile::Managed(name) => name.as_str().to_owned(),
        DeclaredProfile::OnCreate(_) => panic!(),
    };
    assert_eq!((profile(kim), profile(pat)), ("Acme Partner".into(), "Acme Customer".into()));
    assert_eq!(kim.account, AccountRef::Name("Acme Corp".into()));
    assert!(matches!(pat.account, AccountRef::Id(_)));
    assert_eq!(kim.state, DeclaredState::Frozen);
    assert_eq!(kim.email(), "Kim.Osei@acme.example");
    assert_eq!(pat.email(), "pat@acme.example");
    assert_eq!(kim.fields[&UserField::Phone], Value::Null);
    assert_eq!(kim.fields[&UserField::Department], Value::of("Customers"));
    assert_eq!(pat.fields[&UserField::Department], Value::of("Sales"));
    assert_eq!(kim.fields[&UserField::Locale], Value::of("en_US"), "managed by [defaults]");
    assert_eq!(kim.on_create.fields[&UserField::TimeZone], Value::of("America/New_York"));
    assert_eq!((&*kim.zone, &*pat.zone), ("America/New_York", "Asia/Tokyo"));

    let sets = |user: &portalctl::model::DesiredUser| -> Vec<String> {
        let show = |grant: &portalctl::model::SetGrant| match grant.expires {
            Some(day) => format!("{} until {day}", grant.name),
            None => grant.name.to_string(),
        };
        user.access
            .get(portalctl::model::AccessKind::PermissionSet)
            .iter()
            .flat_map(|grants| grants.iter())
            .map(show)
            .collect()
    };
    assert_eq!(sets(kim), ["Deals until 2027-06-30", "Portal_Base", "Everyone"]);
    assert_eq!(sets(pat), ["Reports"]);

    let policy = &loaded.project.as_ref().unwrap().policy;
    assert!(!policy.contacts.create && policy.contacts.update);
    assert_eq!(policy.permission_sets.mode, SetMode::AtLeast);
    assert_eq!(policy.safety.deactivations, Limit::Percent(5));
    assert_eq!(policy.safety.reactivations, Limit::Percent(10));
    assert_eq!(policy.safety.creates, Some(Limit::Count(20)));
}

#[test]
fn the_project_is_found_from_a_folder_inside_it() {
    let portal = Portal::example("quickstart");
    assert_eq!(config::discover(&portal.path().join("users/partners")).unwrap(), portal.path());
}

#[test]
fn files_come_in_the_order_of_their_paths() {
    let portal = Portal::example("quickstart");
    let loaded = config::load(portal.path());
    let files: Vec<&str> = loaded.desired.users.iter().map(|user| &*user.place.file).collect();
    let mut sorted = files.clone();
    sorted.sort_unstable();
    assert_eq!(files, sorted);
}

fn load_text(text: &[u8]) -> Loaded {
    let portal = Portal::new(&[("portalctl.toml", PROJECT)]);
    fs::create_dir_all(portal.path().join("users")).unwrap();
    fs::write(portal.path().join(Path::new("users/any.toml")), text).unwrap();
    config::load(portal.path())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        rendered(&load_text(&bytes));
    }

    #[test]
    fn no_near_miss_makes_it_panic(
        cut in 0..USERS.len(),
        insert in proptest::sample::select(vec!["\"", "[", "]", "{", "=", "\n", "'''", "\u{202e}", "ä", "2027-02-31", "\r", "#"])
    ) {
        let text: String = USERS.chars().take(cut).chain(insert.chars()).chain(USERS.chars().skip(cut)).collect();
        let shown = rendered(&load_text(text.as_bytes()));
        let reordered = shown.contains('\u{202e}');
        prop_assert!(!reordered);
    }
}
