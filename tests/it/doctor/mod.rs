//! What `doctor` finds out about a login, an org and people, and how it goes on where nothing can be
//! read.

use std::collections::BTreeSet;

use portalctl::config;
use portalctl::doctor::{self, Connected, Files, Pin, Status};
use portalctl::model::{
    ApiName, ApiVersion, Described, FieldDef, FieldShape, ObjectFields, Org, OrgId, Permissions,
    RunningUser, Scope, UserId, Username,
};
use portalctl::org::Examination;
use serde_json::Value;

use crate::support::{Portal, Ran, Server, acme, assert_valid};

const PROJECT: &str = r#"
[project]
name = "acme-portal"

[orgs.dev]
emulator = "org.toml"

[defaults]
account = "Acme Corp"
profile = "Acme Customer"
"#;
const KIM: &str =
    "[[users]]\nusername = \"kim.osei@acme.example\"\nfirst_name = \"Kim\"\nlast_name = \"Osei\"\n";
/// A site that lets the usual customers in, and welcomes them.
const SITE: &str = "[[Network]]\nName = \"Portal\"\nProfiles = [\"Acme Customer\"]\nOptionsSendWelcomeEmail = true\n";

/// An org with one site and what else is given, and one declared person with what else is given.
fn portal(org: &str, project: &str, users: &str) -> Portal {
    Portal::new(&[
        ("portalctl.toml", &format!("{PROJECT}{project}")),
        ("org.toml", &format!("{}{SITE}{org}", acme(30))),
        ("users/all.toml", &format!("{KIM}{users}")),
    ])
}

/// The check with this id.
#[track_caller]
fn check(ran: &Ran, id: &str) -> Value {
    let document = ran.json();
    assert_valid(&document, "doctor.schema.json");
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("no `{id}` in {}", ran.stdout)).clone()
}

#[test]
fn a_healthy_portal_has_nothing_to_mend() {
    let portal = portal("", "", "");
    let ran = portal.run(&["doctor"]).exits(0);
    insta::assert_snapshot!("healthy", ran.stdout);
    assert!(ran.stderr.starts_with("API calls: "), "{}", ran.stderr);
    let first = portal.run(&["doctor", "--json"]).exits(0);
    assert_valid(&first.json(), "doctor.schema.json");
    assert_eq!(first.stdout, portal.run(&["doctor", "--json"]).exits(0).stdout);
    assert!(!portal.path().join(".portalctl").exists(), "nothing is written");
}

/// An org in which much is wrong, for people with whom much is wrong.
fn wrong() -> Portal {
    let org = r#"
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 1
[[Profile]]
Name = "Partner Community User"
UserLicense = "Partner Community"
[[Account]]
Name = "Ownerless Corp"
Owner = "rob.roleless@acme.example"
[[User]]
Username = "rob.roleless@acme.example"
LastName = "Roleless"
Profile = "Standard User"
[[PermissionSet]]
Name = "Portal_Base"
[emulator]
invisible = ["SetupAuditTrail", "UserLogin"]
lacking = ["ManageUsers", "ManagePartners", "AssignPermissionSets", "ViewAllData", "ModifyAllData"]
"#;
    let users = r#"
permission_sets = ["Portal_Basis"]
[[users]]
username = "ann@acme.example"
last_name = "Ash"
account = "Ownerless Corp"
[[users]]
username = "bob@acme.example"
last_name = "Birch"
profile = "Partner Community User"
[[users]]
username = "cem@acme.example"
last_name = "Cedar"
profile = "Partner Community User"
language = "de"
[[users]]
username = "dee@acme.example"
last_name = "Dogwood"
profile = "Acme Custmer"
activation = "reset-email"
"#;
    portal(org, "", users)
}

#[test]
fn an_org_where_much_is_wrong_is_told_in_full() {
    let portal = wrong();
    insta::assert_snapshot!("wrong", portal.run(&["doctor"]).exits(1).stdout);
    let masked = portal.run(&["doctor", "--mask"]).exits(1);
    insta::assert_snapshot!("wrong_masked", masked.stdout);
    for secret in ["ann@", "Ash", "Roleless", "bob@", "admin@emulator"] {
        assert!(!masked.stdout.contains(secret), "{secret} in {}", masked.stdout);
    }
}

#[test]
fn a_right_that_is_missing_is_named_with_what_goes_wrong_without_it() {
    let users = "permission_sets = [\"Base\"]\ngroups = [\"All\"]\nstate = \"frozen\"\nactivation = \"reset-email\"\n";
    let more =
        "[[PermissionSet]]\nName = \"Base\"\n[[Group]]\nDeveloperName = \"All\"\nName = \"All\"\n";
    for (lacking, id, status, help) in [
        ("\"ViewSetup\"", "view-setup", "warn", "View Setup and Configuration"),
        ("\"ViewRoles\"", "view-roles", "warn", "View Roles and Role Hierarchy"),
        (
            "\"ManageUsers\", \"ViewAllUsers\", \"ViewAllData\", \"ModifyAllData\"",
            "view-users",
            "warn",
            "View All Users",
        ),
        ("\"ViewAllData\", \"ModifyAllData\"", "view-records", "unknown", "View All on accounts"),
        (
            "\"ManageNetworks\", \"ViewAllData\", \"ModifyAllData\"",
            "view-sites",
            "unknown",
            "Create and Set Up Experiences",
        ),
        ("\"ManageUsers\", \"ManagePartners\"", "manage-users", "fail", "Manage External Users"),
        ("\"AssignPermissionSets\"", "assign-sets", "fail", "Assign Permission Sets"),
        ("\"ManageUsers\"", "manage-groups", "fail", "Manage Users"),
        ("\"ManageUsers\"", "freeze", "fail", "Manage Users"),
        (
            "\"ManageUsers\", \"ManagePartners\", \"ResetPasswords\"",
            "reset-passwords",
            "fail",
            "Reset User Passwords",
        ),
    ] {
        let portal = portal(&format!("{more}[emulator]\nlacking = [{lacking}]\n"), "", users);
        let ran = portal.run(&["doctor", "--json"]);
        let check = check(&ran, id);
        assert_eq!(check["status"], status, "{check}");
        assert!(check["help"].as_str().unwrap().contains(help), "{check}");
    }
}

#[test]
fn a_login_that_only_plans_is_not_asked_for_rights_to_write() {
    let org = "[emulator]\nlacking = [\"ManageUsers\", \"ManagePartners\"]\n";
    let portal = portal(org, "", "");
    portal.run(&["doctor"]).exits(1);
    let ran = portal.run(&["doctor", "--plan-only", "--json"]).exits(0);
    assert!(!ran.stdout.contains("manage-users"), "{}", ran.stdout);
}

#[test]
fn an_org_that_does_not_tell_of_rights_leaves_them_unknown() {
    let portal = portal("[emulator]\ninvisible = [\"UserPermissionAccess\"]\n", "", "");
    let ran = portal.run(&["doctor", "--json"]).exits(0);
    assert_eq!(check(&ran, "manage-users")["status"], "unknown");
}

#[test]
fn an_object_that_cannot_be_read_stops_nothing_else() {
    let users = "permission_sets = [\"Base\"]\n";
    for (object, id, help) in [
        ("UserLicense", "read-user-license", "View Setup and Configuration"),
        ("Profile", "read-profile", "View Setup and Configuration"),
        ("PermissionSet", "read-permission-set", "View Setup and Configuration"),
        ("PermissionSetAssignment", "read-permission-set-assignment", "View Setup"),
        ("Account", "read-account", "View All on accounts"),
        ("Contact", "read-contact", "View All on contacts"),
        ("User", "read-user", "View All Users"),
    ] {
        let org =
            format!("[[PermissionSet]]\nName = \"Base\"\n[emulator]\ninvisible = [\"{object}\"]\n");
        let portal = portal(&org, "", users);
        let ran = portal.run(&["doctor", "--json"]).exits(1);
        let found = check(&ran, id);
        assert_eq!(found["status"], "fail", "{found}");
        assert!(found["help"].as_str().unwrap().contains(help), "{found}");
        assert_eq!(check(&ran, "sites")["status"], "ok");
        assert_eq!(check(&ran, "people")["status"], "unknown");
        assert_eq!(check(&ran, "seats")["status"], "unknown");
    }
}

#[test]
fn what_a_plan_can_do_without_leaves_the_people_to_be_looked_at() {
    let org = "[[Fault]]\nDo = \"status\"\nPath = \"SetupAuditTrail\"\nStatus = 403\nCode = \"INSUFFICIENT_ACCESS\"\nText = \"not for you\"\n";
    let portal = portal(org, "", "");
    portal.run(&["plan"]).exits(1);
    let ran = portal.run(&["doctor", "--json"]).exits(1);
    let trail = check(&ran, "read-setup-audit-trail");
    assert_eq!(trail["status"], "fail");
    assert_eq!(trail["help"], "give the login View Setup and Configuration");
    assert_eq!(check(&ran, "held-up")["status"], "ok");
    assert_eq!(check(&ran, "ways-in")["status"], "ok");
}

#[test]
fn fields_that_are_needed_and_hidden_are_all_named() {
    let org = "[[CustomField]]\nObject = \"User\"\nName = \"ManagedBy__c\"\nType = \"Text\"\n[emulator]\ninvisible = [\"User.ProfileId\", \"User.UserRoleId\", \"User.ManagedBy__c\", \"User.Title\"]\n";
    let project = "[contacts]\nmatch = [\"Roster_Key__c\"]\n[ownership]\nmarker = { field = \"ManagedBy__c\", value = \"acme\" }\n";
    let users = "title = \"Buyer\"\nfields = { Level__c = \"gold\" }\n";
    let ran = portal(org, project, users).run(&["doctor", "--json"]).exits(1);
    let needed = check(&ran, "needed-fields");
    for name in ["which profile a user has", "has a role", "ManagedBy__c", "Roster_Key__c"] {
        assert!(needed["message"].as_str().unwrap().contains(name), "{name}: {needed}");
    }
    let help = needed["help"].as_str().unwrap();
    assert!(help.contains("View Setup and") && help.contains("field-level security"), "{help}");
    let declared = check(&ran, "declared-fields");
    for name in ["User.Title", "User.Level__c", "User.ManagedBy__c", "Contact.Roster_Key__c"] {
        assert!(declared["message"].as_str().unwrap().contains(name), "{name}: {declared}");
    }
}

#[test]
fn an_org_that_is_not_ready_is_told_what_to_set_up() {
    let dark = SITE.replace("OptionsSend", "Status = \"UnderConstruction\"\nOptionsSend");
    let bare = SITE.replace("Profiles = [\"Acme Customer\"]\n", "");
    let open = format!("{SITE}OptionsSelfRegistrationEnabled = true\n");
    let take = "[ownership]\nprofiles = [\"Acme Customer\"]\nundeclared = \"deactivate\"\n";
    let inside = format!(
        "{}Profile = \"Acme Customer\"\nAccount = \"Acme Corp\"\n",
        KIM.replace("users", "User")
            .replace("username", "Username")
            .replace("first_name", "FirstName")
            .replace("last_name", "LastName")
    );
    let sandbox = acme(30).replace("[Organization]", "[Organization]\nIsSandbox = true");
    for (org, project, id, status, help) in [
        (acme(30) + &dark, "", "sites", "fail", "publish it"),
        (acme(30) + &bare, "", "sites", "fail", "Administration > Members"),
        (acme(30), "", "sites", "unknown", "Digital Experiences"),
        (acme(30), "", "ways-in", "unknown", "site"),
        (acme(30) + &inside, "", "ways-in", "unknown", "site"),
        (acme(30) + &open, take, "self-registration", "warn", "marker"),
        (sandbox + SITE, "", "username-suffix", "warn", "username_suffix"),
        (acme(0) + SITE, "", "seats", "fail", "buy seats"),
        (acme(1) + SITE, "", "seats", "warn", "buy seats"),
    ] {
        let portal = portal("", project, "");
        portal.write("org.toml", &org);
        let ran = portal.run(&["doctor", "--json"]).exits(i32::from(status == "fail"));
        let found = check(&ran, id);
        assert_eq!(found["status"], status, "{found}");
        assert!(found["help"].as_str().unwrap().contains(help), "{found}");
    }
}

#[test]
fn files_with_errors_leave_the_login_and_the_org_to_be_looked_at() {
    let bad = portal("", "", "titel = \"Buyer\"\n");
    let ran = bad.run(&["doctor", "--json"]).exits(1);
    let files = check(&ran, "files");
    assert_eq!(files["status"], "fail");
    assert!(files["help"].as_str().unwrap().contains("validate"), "{files}");
    assert_eq!(ran.json()["checks"][0], files, "it comes first");
    assert_eq!(check(&ran, "sign-in")["status"], "ok");
    assert_eq!(check(&ran, "sites")["status"], "ok");
    assert_eq!(check(&ran, "people")["status"], "unknown");

    let worse = portal("", "[orgz.dev]\n", "");
    let ran = worse.run(&["doctor", "--json"]).exits(1);
    assert_eq!(check(&ran, "files")["status"], "fail");
    assert_eq!(check(&ran, "sign-in")["status"], "unknown");
    assert_eq!(ran.json()["org"], Value::Null);
}

#[test]
fn a_wrong_token_is_a_failing_check_and_is_shown_nowhere() {
    let portal = portal("", "", "");
    let server = Server::start(&portal.path().join("org.toml"));
    let token = "00D8d0000000001!AQ0AQsecretsecret";
    let variables = [("SF_ACCESS_TOKEN", token), ("SF_ORG_INSTANCE_URL", &server.url)];
    let ran = portal.run_with(&["doctor", "-o", "env", "-vv"], &variables).exits(1);
    assert!(ran.stdout.contains("FAIL     sign-in: "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("help: the access token is wrong or has expired"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("secretsecret") && !ran.stderr.contains("secretsecret"));
    let ran = portal.run_with(&["doctor", "-o", "env", "--json"], &variables).exits(1);
    assert_eq!(check(&ran, "sign-in")["status"], "fail");
}

#[test]
fn everything_that_a_plan_asks_is_asked_here() {
    let org = "[[PermissionSet]]\nName = \"Portal_Base\"\n[[PermissionSetGroup]]\nDeveloperName = \"Bundle\"\n[[PermissionSetLicense]]\nDeveloperName = \"Analytics\"\nTotalLicenses = 5\n[[PermissionSet]]\nName = \"Dashboards\"\nLicense = \"Analytics\"\n[[Group]]\nDeveloperName = \"Dealers\"\n";
    for keys in [
        "",
        "permission_sets = [\"Portal_Base\"]\n",
        "permission_set_groups = [\"Bundle\"]\nstate = \"active\"\n",
        "permission_set_licenses = [\"Analytics\"]\ntitle = \"Buyer\"\n",
        "groups = [\"Dealers\"]\nportal_role = \"user\"\n",
    ] {
        let portal = portal(org, "", keys);
        let asked = |command: &str| -> BTreeSet<String> {
            let server = Server::start(&portal.path().join("org.toml"));
            portal.run_with(&[command, "-q", "-o", "env"], &server.environment());
            server.requests().lines().map(str::to_owned).collect()
        };
        let (plan, doctor) = (asked("plan"), asked("doctor"));
        assert!(plan.len() > 8, "{plan:#?}");
        let missing: Vec<_> = plan.difference(&doctor).collect();
        assert!(missing.is_empty(), "{keys}: {missing:#?}");
    }
}

#[test]
fn whoever_watches_sees_nothing_but_gets_and_an_org_wants_a_pin() {
    let portal = portal("", "", "");
    let server = Server::start(&portal.path().join("org.toml"));
    let table = format!("[orgs.dev]\nlogin_url = \"{}\"", server.url);
    let project = portal.read("portalctl.toml");
    portal.write("portalctl.toml", &project.replace("[orgs.dev]\nemulator = \"org.toml\"", &table));
    let ran = portal.run_with(&["doctor", "--json"], &server.environment()).exits(0);
    let pin = check(&ran, "org-id");
    assert_eq!(pin["status"], "warn");
    assert!(pin["help"].as_str().unwrap().contains("org_id = \"00D"), "{pin}");
    let requests = server.requests();
    assert!(requests.lines().all(|request| request.starts_with("GET ")), "{requests}");
    assert!(!ran.stdout.contains(&server.token) && !ran.stderr.contains(&server.token));

    let other = ["doctor", "--json", "--org-id", "00D000000000001EAA"];
    let ran = portal.run_with(&other, &server.environment()).exits(1);
    assert_eq!(check(&ran, "org-id")["status"], "fail");
    assert_eq!(check(&ran, "people")["status"], "unknown");
}

#[test]
fn formats_that_it_does_not_have_are_refused() {
    for format in ["markdown", "html", "github"] {
        portal("", "", "").run(&["doctor", "--format", format]).exits(64);
    }
}

/// The emulator has every language and lets everybody write contacts, so this org is made by hand.
fn without_german_and_with_fixed_contacts() -> Examination {
    let language = FieldDef {
        name: ApiName::parse("LanguageLocaleKey").unwrap(),
        shape: FieldShape::Picklist(Some(["en_US".into(), "fr".into()].into())),
        label: "Language".into(),
        createable: true,
        updateable: true,
        nillable: false,
        defaulted: false,
    };
    let last_name = FieldDef {
        name: ApiName::parse("LastName").unwrap(),
        shape: FieldShape::Text(80),
        createable: false,
        ..language.clone()
    };
    let described =
        Described { user: ObjectFields::of([language]), contact: ObjectFields::of([last_name]) };
    Examination {
        running_user: Ok(RunningUser {
            id: UserId::observed("005000000000001AAA").unwrap(),
            username: Username::observed("ci@acme.example"),
        }),
        permissions: Permissions::default(),
        reads: Vec::new(),
        described: Some(described),
        unseen: Vec::new(),
        sites: None,
        self_registering: None,
        current: None,
    }
}

#[test]
fn a_language_that_is_not_there_and_contacts_that_are_read_only_are_named() {
    let portal = portal("", "[on_create]\nlanguage = \"de\"\n", "");
    let loaded = config::load(portal.path());
    let project = loaded.project.unwrap();
    let found = without_german_and_with_fixed_contacts();
    let org = Org {
        id: OrgId::observed("00D000000000001EAA").unwrap(),
        name: "Acme".to_owned(),
        is_sandbox: false,
        instance_url: "https://acme.my.salesforce.com".to_owned(),
    };
    let seen = Connected {
        way: "JWT",
        version: ApiVersion::NEWEST,
        version_is_set: false,
        calls: None,
        org: &org,
        name: "prod",
        username_suffix: "",
        pin: Pin::Given,
        plan_only: false,
        desired: &loaded.desired,
        scope: &Scope::of(&loaded.desired, &project.policy, ""),
        policy: &project.policy,
        found: &found,
        plan: None,
        diagnostics: &[],
    };
    let files = Files { errors: 0, warnings: 0, users: 1 };
    let checks = doctor::checks(files, Ok(&seen));
    let check = checks.iter().find(|check| check.id == "picklist-values").unwrap();
    assert_eq!(check.status, Status::Fail);
    assert_eq!(check.message, "language `de` is not in this org");
    assert_eq!(check.count, Some(1));
    assert!(check.help.as_ref().unwrap().contains("Language Settings"));
    let contacts = checks.iter().find(|check| check.id == "write-contacts").unwrap();
    assert_eq!(contacts.status, Status::Fail);
    assert_eq!(contacts.message, "it may not create contacts");
    assert!(contacts.help.as_ref().unwrap().contains("`create = false` in [contacts]"));
}
