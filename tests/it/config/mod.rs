//! What is said about files: every folder of `tests/config/invalid` against the text beside it, and
//! what valid files come to.

mod orgs;
mod places;
mod rosters;
mod schemas;

use std::fs;

use portalctl::config::{self, Loaded};
use portalctl::model::{
    AccessKind, AccountRef, Activation, ApiName, Code, ContactRef, DeclaredProfile, DeclaredState,
    DesiredUser, Limit, Number, PortalRole, Rule, Scalar, SetGrant, SetMode, Undeclared, UserField,
    Value,
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
fn a_secret_is_found_however_deep_it_stands() {
    let secret = "-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkq";
    for value in [
        format!("[[[\"{secret}\"]]]"),
        format!("[[{{ note = [[\"{secret}\"]] }}]]"),
        format!("{{ note = {{ deeper = \"{secret}\" }} }}"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let project = format!("[project]\nname = \"acme\"\nextra = {value}\n");
        fs::write(folder.path().join("portalctl.toml"), project).unwrap();
        let loaded = config::load(folder.path());
        let told = loaded.diagnostics.iter().filter(|found| found.code == Code::SecretInFile);
        assert_eq!(told.count(), 1, "{value}");
        assert!(!rendered(&loaded).contains(secret), "{value}");
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

/// The declared grants of one kind, as text.
fn grants(user: &DesiredUser, kind: AccessKind) -> Vec<String> {
    let show = |grant: &SetGrant| match grant.expires {
        Some(day) => format!("{} until {day}", grant.name),
        None => grant.name.to_string(),
    };
    user.access.get(kind).iter().flat_map(|grants| grants.iter()).map(show).collect()
}

/// A project that is read without a word.
fn valid(files: &[(&str, &str)]) -> (Portal, Loaded) {
    let portal = Portal::new(files);
    let loaded = config::load(portal.path());
    assert!(loaded.diagnostics.is_empty(), "{}", rendered(&loaded));
    (portal, loaded)
}

#[test]
fn the_nearest_level_counts_and_lists_add_up() {
    let portal = Portal::new(&[("portalctl.toml", PROJECT), ("users/acme.toml", USERS)]);
    let loaded = config::load(portal.path());
    assert!(loaded.diagnostics.is_empty(), "{}", rendered(&loaded));
    let [kim, pat] = loaded.desired.users.as_slice() else { panic!() };

    let profile = |user: &DesiredUser| match &user.profile {
        DeclaredProfile::Managed(name) => name.as_str().to_owned(),
        DeclaredProfile::OnCreate(_) => panic!(),
    };
    assert_eq!((profile(kim), profile(pat)), ("Acme Partner".into(), "Acme Customer".into()));
    assert_eq!(kim.account, AccountRef::Name("Acme Corp".into()));
    assert!(matches!(pat.account, AccountRef::Id(_)));
    assert_eq!(kim.state, DeclaredState::Frozen);
    assert_eq!(kim.email(), "Kim.Osei@acme.example");
    assert_eq!(pat.email(), "pat@acme.example");
    assert_eq!(kim.fields.get(&UserField::Phone), Some(&Value::Null));
    assert_eq!(kim.fields.get(&UserField::Department), Some(&Value::of("Customers")));
    assert_eq!(pat.fields.get(&UserField::Department), Some(&Value::of("Sales")));
    assert_eq!(
        kim.fields.get(&UserField::Locale),
        Some(&Value::of("en_US")),
        "managed by [defaults]"
    );
    assert_eq!(
        kim.on_create.fields.get(&UserField::TimeZone),
        Some(&Value::of("America/New_York"))
    );
    assert_eq!((&*kim.shared.zone, &*pat.shared.zone), ("America/New_York", "Asia/Tokyo"));

    let sets = |user: &DesiredUser| grants(user, AccessKind::PermissionSet);
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

const EVERY_KEY: &str = r#"
[project]
name = "acme-portal"

[defaults]
template = "customer"
groups = ["Everyone"]
activation = "reset-email"

[on_create]
profile = "Acme Customer"
portal_role = "user"
fields = { Origin__c = "portalctl", LanguageLevel__c = 2 }
contact_fields = { LeadSource = "Portal" }
permission_set_licenses = ["Loyalty"]

[templates.customer]
permission_set_groups = ["Order_Desk"]
fields = { Region__c = "EMEA", Vip__c = false }

[templates.partner]
extends = "customer"
permission_set_groups = { only = ["Deal_Desk"] }
portal_role = "manager"

[contacts]
match = ["Roster_Key__c", "Email"]

[ownership]
profiles = ["Acme Customer", "Acme Partner"]
accounts = ["Acme Corp", { id = "0018d000003QrS1" }, { Ext__c = 1001 }]
marker = { field = "ManagedBy__c", value = "acme-portal" }
undeclared = "deactivate"
protect = ["*.admin@acme.example"]

[licenses."Customer Community"]
reserve = 5
price = 4.5
renewal = 2027-01-31

[policy]
require_expiry = ["partner*"]
forbid_permission_sets = ["*_Admin"]
allowed_email_domains = { "*" = ["acme.example"], "Globex" = ["Globex.example"] }
max_active_per_account = 50

[safety]
max_emails = 100
keep_one_active_per_account = true

[[allow]]
rule = "allowed_email_domains"
count = 2
reason = "auditors"
expires = 2027-01-31
"#;

#[test]
fn every_key_arrives() {
    let users = r#"
account = { Ext__c = "A-1001" }

[[users]]
username = "kim.osei@acme.example"
last_name = "Osei"
template = "partner"
groups = ["Leads"]
permission_set_licenses = [{ name = "Sales", expires = 2027-03-31 }]
contact = { Roster_Key__c = "R-7" }
renamed_from = ["kim@acme.example"]
activation = "none"
fields = { Region__c = "", Vip__c = true, Score__c = 1.5, Since__c = 2026-01-31 }

[[users]]
username = "pat.lee@acme.example"
last_name = "Lee"
"#;
    let (_portal, loaded) = valid(&[("portalctl.toml", EVERY_KEY), ("users/acme.toml", users)]);
    let [kim, pat] = loaded.desired.users.as_slice() else { panic!() };
    assert_eq!(grants(kim, AccessKind::PermissionSetGroup), ["Deal_Desk"]);
    assert_eq!(grants(pat, AccessKind::PermissionSetGroup), ["Order_Desk"]);
    assert_eq!(grants(kim, AccessKind::Group), ["Leads", "Everyone"]);
    assert_eq!(grants(kim, AccessKind::PermissionSetLicense), ["Sales until 2027-03-31"]);
    assert!(pat.access.get(AccessKind::PermissionSet).is_none(), "nobody declares it");
    assert_eq!((kim.portal_role, pat.portal_role), (Some(PortalRole::Manager), None));
    assert_eq!((kim.activation, pat.activation), (Activation::None, Activation::ResetEmail));
    assert_eq!(kim.renamed_from[0].as_str(), "kim@acme.example");
    assert!(
        matches!(kim.contact.as_deref(), Some(ContactRef::External(key)) if &*key.value == "R-7")
    );
    assert!(matches!(&pat.account, AccountRef::External(key) if key.field == "ext__c"));
    assert_eq!(
        kim.shared.templates.iter().map(|name| &**name).collect::<Vec<_>>(),
        ["partner", "customer"]
    );
    assert_eq!(pat.shared.templates.len(), 1, "[defaults] names a template");

    let custom = |name: &str| kim.custom.get(&ApiName::parse(name).unwrap());
    assert_eq!(custom("region__c"), Some(&Scalar::Null));
    assert_eq!(custom("Vip__c"), Some(&Scalar::Bool(true)));
    assert_eq!(custom("Score__c"), Some(&Scalar::Number(Number::new(1.5).unwrap())));
    assert!(matches!(custom("Since__c"), Some(Scalar::Date(day)) if day.year() == 2026));
    assert_eq!(pat.custom.len(), 2, "from the template");
    assert_eq!(pat.on_create.custom.len(), 2);
    assert_eq!(pat.on_create.contact_custom.len(), 1);
    assert_eq!(pat.on_create.portal_role, Some(PortalRole::User));
    assert!(matches!(&pat.profile, DeclaredProfile::OnCreate(_)));
}

#[test]
fn what_steers_the_plan_arrives() {
    let users = "account = \"Acme Corp\"\n[[users]]\nusername = \"kim@acme.example\"\nlast_name = \"Osei\"\n";
    let (_portal, loaded) = valid(&[("portalctl.toml", EVERY_KEY), ("users/acme.toml", users)]);
    let policy = loaded.project.unwrap().policy;
    let ownership = policy.ownership.unwrap();
    assert_eq!((ownership.profiles.len(), ownership.accounts.len()), (2, 3));
    assert_eq!(ownership.undeclared, Undeclared::Deactivate);
    assert_eq!(&*ownership.marker.unwrap().value, "acme-portal");
    assert_eq!(policy.contacts.match_fields, ["Roster_Key__c", "Email"]);
    let license = &policy.licenses["Customer Community"];
    assert_eq!((license.reserve, license.price), (5, Some(4.5)));
    let domains = &policy.rules.allowed_email_domains;
    assert_eq!(domains.overall.as_deref(), Some(["acme.example".to_owned()].as_slice()));
    assert_eq!(domains.by_account["Globex"], ["globex.example"]);
    assert_eq!(policy.rules.max_active_per_account, Some(50));
    assert_eq!(policy.safety.emails, Some(Limit::Count(100)));
    assert!(policy.safety.keep_one_active_per_account);
    assert_eq!(policy.allows[0].rule, Rule::AllowedEmailDomains);
}
