//! What a person reads off a plan before the first write, through the program itself.

use crate::support::{Portal, assert_valid};

const ORG: &str = r#"
[Organization]
Name = "Acme"
[emulator]
account_roles = 2
assign_set_licenses = false
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 3
[[UserLicense]]
Name = "Customer Community Login"
TotalLicenses = 3
[[UserLicense]]
Name = "Customer Community Plus"
TotalLicenses = 3
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 3
[[UserLicense]]
Name = "Partner Community Login"
TotalLicenses = 0
[[PermissionSetLicense]]
DeveloperName = "Analytics"
TotalLicenses = 5
[[PermissionSetLicense]]
DeveloperName = "Sold_Out"
TotalLicenses = 0
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[Profile]]
Name = "Acme Login"
UserLicense = "Customer Community Login"
[[Profile]]
Name = "Acme Plus"
UserLicense = "Customer Community Plus"
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[Profile]]
Name = "Acme Partner Login"
UserLicense = "Partner Community Login"
[[PermissionSet]]
Name = "Orders_Read"
[[PermissionSet]]
Name = "Partners_Only"
License = "Partner Community"
[[PermissionSet]]
Name = "Dashboards"
License = "Analytics"
[[PermissionSetGroup]]
DeveloperName = "Bundle"
[[Group]]
DeveloperName = "Dealers"
[[CustomField]]
Object = "User"
Name = "Region__c"
Type = "Picklist"
Values = ["West", "East"]
[[CustomField]]
Object = "User"
Name = "Badge__c"
Length = 5
[[CustomField]]
Object = "User"
Name = "Since__c"
Type = "Date"
[[CustomField]]
Object = "User"
Name = "Score__c"
Type = "Number"
ReadOnly = true
[[CustomField]]
Object = "Contact"
Name = "Tier__c"
Type = "Number"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
[[User]]
Username = "kim.osei@acme.example"
FirstName = "Kim"
LastName = "Osei"
Account = "Acme Corp"
Profile = "PROFILE"
"#;

const PROJECT: &str = "[project]\nname = \"acme\"\n[orgs.dev]\nemulator = \"org.toml\"\n";

#[test]
fn seats_mails_and_sites_are_told_before_the_first_write() {
    let org = ORG.replace("PROFILE", "Acme Customer").replace(
        "[[UserRole]]",
        "[[Network]]\nName = \"Acme Help\"\nOptionsSendWelcomeEmail = true\nProfiles = [\"Acme Customer\"]\n[[UserRole]]",
    );
    let project = format!(
        "{PROJECT}[defaults]\naccount = \"Acme Corp\"\n[licenses.\"Customer Community\"]\nreserve = 1\n[safety]\nmax_emails = 1\n"
    );
    let user = |name: &str, more: &str| {
        format!("[[users]]\nusername = \"{name}@acme.example\"\nlast_name = \"{name}\"\n{more}\n")
    };
    let users = user("one", "profile = \"Acme Customer\"\nactivation = \"reset-email\"")
        + &user("two", "profile = \"Acme Customer\"\npermission_sets = [\"Dashboards\"]")
        + &user("three", "profile = \"Acme Customer\"\nfields = { Region__c = \"Nort\" }")
        + &user("four", "profile = \"Acme Login\"");
    let files = [("portalctl.toml", &*project), ("org.toml", &*org), ("users/all.toml", &*users)];
    let plan = Portal::new(&files).run(&["plan", "--json"]).exits(3).json();
    assert_valid(&plan, "plan.schema.json");
    assert_eq!(plan["summary"]["emails"], 2);
    assert_eq!(plan["mails"][0]["reasons"], serde_json::json!(["activation", "welcome"]));
    let licenses = plan["licenses"].as_array().unwrap();
    let line = licenses.iter().find(|line| line["name"] == "Analytics").unwrap();
    assert_eq!((&line["kind"], &line["needed"]), (&"permission_set".into(), &1.into()));
    let allows: Vec<_> = plan["blockers"].as_array().unwrap().iter().map(|b| &b["allow"]).collect();
    assert_eq!(allows, ["reserve=1", "emails=2"]);
    let codes: Vec<_> = plan["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"P2103") && codes.contains(&"P2121"), "{codes:?}");
}
