//! What one org sees of a project: its overlay, and the users that are declared for it alone.

use portalctl::config::{self, Loaded};
use portalctl::model::{AccessKind, DesiredUser, Limit, OrgName, Undeclared, UserField, Value};

use super::{grants, rendered};
use crate::support::Portal;

const PROJECT: &str = r#"
[project]
name = "acme-portal"

[orgs.prod]
login_url = "https://acme.my.salesforce.com"

[orgs.uat]
login_url = "https://acme--uat.sandbox.my.salesforce.com"
username_suffix = ".uat"
overlay = "orgs/uat.toml"
include = ["personas/*.toml"]

[defaults]
department = "Portal"
locale = "en_US"
permission_sets = ["Everyone"]

[templates.customer]
profile = "Acme Customer"
permission_sets = ["Portal_Base"]

[ownership]
profiles = ["Acme Customer"]
undeclared = "report"

[safety]
max_deactivations = 5
max_creates = 10
"#;

const OVERLAY: &str = r#"
[defaults]
department = "Test"
permission_sets = ["Testers"]

[templates.customer]
profile = "UAT Customer"

[templates.tester]
extends = "customer"

[ownership]
undeclared = "ignore"

[safety]
max_creates = 1000
"#;

fn portal() -> Portal {
    let users = "account = \"Acme Corp\"\ntemplate = \"customer\"\n[[users]]\nusername = \"kim@acme.example\"\nlast_name = \"Osei\"\n";
    let persona = "account = \"Acme Corp\"\ntemplate = \"tester\"\n[[users]]\nusername = \"test@acme.example\"\nlast_name = \"Test\"\n";
    Portal::new(&[
        ("portalctl.toml", PROJECT),
        ("orgs/uat.toml", OVERLAY),
        ("users/acme.toml", users),
        ("personas/test.toml", persona),
    ])
}

fn seen(portal: &Portal, org: &str) -> Loaded {
    let loaded = config::open(portal.path()).load(&OrgName::parse(org).unwrap());
    assert!(loaded.diagnostics.is_empty(), "{}", rendered(&loaded));
    loaded
}

#[test]
fn an_overlay_overrides_by_key_for_its_org_alone() {
    let portal = portal();
    let (prod, uat) = (seen(&portal, "prod"), seen(&portal, "uat"));
    let values = |loaded: &Loaded| {
        let kim = loaded.desired.users.iter().find(|user| user.name() == "Osei").unwrap();
        let sets = grants(kim, AccessKind::PermissionSet).join(" ");
        let department = kim.fields.get(&UserField::Department).and_then(Value::text);
        let locale = kim.fields.get(&UserField::Locale).and_then(Value::text);
        format!("{} {sets} {department:?} {locale:?}", kim.profile.name())
    };
    let prod_says = r#"Acme Customer Portal_Base Everyone Some("Portal") Some("en_US")"#;
    assert_eq!(values(&prod), prod_says);
    let uat_says = r#"UAT Customer Portal_Base Testers Some("Test") Some("en_US")"#;
    assert_eq!(values(&uat), uat_says);

    let steers = |loaded: &Loaded| {
        let policy = &loaded.project.as_ref().unwrap().policy;
        let ownership = policy.ownership.clone().unwrap();
        let (safety, owned) = (policy.safety, ownership.profiles.len());
        (safety.deactivations, safety.creates, ownership.undeclared, owned)
    };
    assert_eq!(steers(&prod), (Limit::Count(5), Some(Limit::Count(10)), Undeclared::Report, 1));
    assert_eq!(steers(&uat), (Limit::Count(5), Some(Limit::Count(1000)), Undeclared::Ignore, 1));
}

#[test]
fn an_org_has_users_of_its_own() {
    let portal = portal();
    let names = |org| {
        let users = seen(&portal, org).desired.users;
        users.iter().map(DesiredUser::name).collect::<Vec<_>>()
    };
    assert_eq!(names("prod"), ["Osei"]);
    assert_eq!(names("uat"), ["Test", "Osei"], "in the order of the files");
}

#[test]
fn a_plan_for_one_org_does_not_stumble_over_another_and_validate_sees_all() {
    let portal = portal();
    portal.write("orgs/uat.toml", "[defaults]\nlocal = \"en_US\"\n");
    seen(&portal, "prod");
    let all = config::load(portal.path());
    assert!(rendered(&all).contains("did you mean `locale`?"), "{}", rendered(&all));
}

#[test]
fn what_no_org_sees_need_not_be_right() {
    let portal = Portal::new(&[
        (
            "portalctl.toml",
            "[project]\nname = \"acme\"\n[orgs.dev]\nemulator = \"org.toml\"\noverlay = \"dev.toml\"\n",
        ),
        ("dev.toml", "[defaults]\nprofile = \"Acme Customer\"\naccount = \"Acme Corp\"\n"),
        ("users/acme.toml", "[[users]]\nusername = \"kim@acme.example\"\nlast_name = \"Osei\"\n"),
    ]);
    let loaded = config::load(portal.path());
    assert!(loaded.diagnostics.is_empty(), "{}", rendered(&loaded));
    assert_eq!(loaded.desired.users.len(), 1);
}
