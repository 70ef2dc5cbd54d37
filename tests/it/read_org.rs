//! What is read of an org is the same by Bulk jobs, in CSV, and page by page, in JSON.

use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{AccessKind, ApiName, Current, Freezes, Scalar, Scope, UserField};
use portalctl::org;
use portalctl::salesforce::{Client, Connect};

use crate::support::acme;

/// What the usual org has beside.
const MORE: &str = r#"
[emulator]
page = 2
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 20
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[PermissionSet]]
Name = "Portal_Base"
[[CustomField]]
Object = "User"
Name = "Vip__c"
Type = "Checkbox"
[[CustomField]]
Object = "User"
Name = "Badge__c"
Length = 40
[[CustomField]]
Object = "Contact"
Name = "Score__c"
Type = "Number"
[[Account]]
Name = "Globex, \"Ltd\""
Owner = "olive.owner@acme.example"
[[Account]]
Name = "Initech"
Owner = "olive.owner@acme.example"
[[Contact]]
LastName = "Osei \"K\", jr"
FirstName = "Kim"
Email = "kim@acme.example"
Account = "Acme Corp"
Score__c = 2.5
[[User]]
Username = "kim@acme.example"
LastName = "Osei \"K\", jr"
FirstName = "Kim"
Title = "Buyer\nof things"
Contact = "kim@acme.example"
Profile = "Acme Customer"
Vip__c = true
Badge__c = "007"
PermissionSets = ["Portal_Base"]
[[User]]
Username = "lea@globex.example"
LastName = "Léa"
Account = "Globex, \"Ltd\""
Profile = "Acme Partner"
PermissionSets = ["Portal_Base"]
[[User]]
Username = "mo@acme.example"
LastName = "Mo"
Account = "Acme Corp"
Profile = "Acme Customer"
IsActive = false
[[User]]
Username = "nia@acme.example"
LastName = "Nia"
Account = "Acme Corp"
Profile = "Acme Customer"
IsFrozen = true
PermissionSets = ["Portal_Base"]
"#;

async fn read(running: &Running, bulk_from: u64) -> Current {
    let connect = Connect::new(running.url().to_owned(), running.access_token().into());
    let client = Client::connect(Connect { bulk_from, ..connect }).await.unwrap();
    let reader = client.reader();
    let accounts = ["Acme Corp", "Globex, \"Ltd\"", "Initech"];
    let mut scope = Scope {
        fields: [UserField::FirstName, UserField::LastName, UserField::Email, UserField::Title]
            .into(),
        user_custom: ["Vip__c", "Badge__c"].map(ApiName::of).into(),
        contact_custom: [ApiName::of("score__C")].into(),
        kinds: AccessKind::ALL.into(),
        freezes: true,
        portal_roles: true,
        ..Scope::default()
    };
    scope.account_names.extend(accounts.map(Into::into));
    let organization = org::organization(&reader, String::new()).await.unwrap();
    org::read(&reader, &scope, organization).await.unwrap()
}

#[tokio::test]
async fn an_org_is_the_same_by_jobs_and_page_by_page() {
    let emulator = Emulator::from_seed(&(acme(20) + MORE)).unwrap();
    let running = emulator.serve(ServeOptions::default()).await.unwrap();
    let by_pages = read(&running, u64::MAX).await;
    let jobs = |running: &Running| {
        let requests = running.requests();
        requests.iter().filter(|request| request.path.ends_with("/jobs/query")).count()
    };
    assert_eq!(jobs(&running), 0);
    let by_jobs = read(&running, 1).await;
    assert!(jobs(&running) >= 3, "users, accounts and assignments go by job");

    assert_eq!(by_jobs.users, by_pages.users);
    assert_eq!(by_jobs.accounts, by_pages.accounts);
    assert_eq!(by_jobs.holdings, by_pages.holdings);
    let kim = by_jobs.users.iter().find(|user| user.username.as_str() == "kim@acme.example");
    let kim = kim.unwrap();
    assert_eq!(kim.custom.get(&ApiName::of("Vip__c")), Some(&Scalar::Bool(true)));
    assert_eq!(kim.custom.get(&ApiName::of("Badge__c")), Some(&Scalar::of("007")));
    let contact = &kim.contact.as_ref().unwrap().contact;
    assert_eq!(contact.custom.get(&ApiName::of("Score__c")).unwrap().to_string(), "2.5");
    assert!(by_jobs.users.iter().any(|user| user.role.is_some()), "roles are read");
    let Freezes::Seen(frozen) = by_jobs.frozen else { panic!("freezes can be seen") };
    assert_eq!(frozen.len(), 1);
}
