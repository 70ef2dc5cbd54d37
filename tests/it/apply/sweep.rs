//! The connection is lost at every request, before the server has done its work and after it. A
//! second run finishes the job, and the org is as after an undisturbed run.

use std::fmt::Write as _;

use portalctl::apply::Outcome;
use portalctl::model::{Code, Diagnostic};

use super::world::{World, at, unaccounted};

pub(super) const PROJECT: &str = r#"
[project]
name = "acme-portal"

[permission_sets]
mode = "exact"

[defaults]
account = "Acme Corp"
profile = "Acme Customer"
"#;

pub(super) const ORG: &str = r#"
[Organization]
Name = "Acme"
Id = "00D8d0000000001"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 2000
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 50
[[PermissionSetLicense]]
DeveloperName = "Analytics"
TotalLicenses = 10
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[PermissionSet]]
Name = "Portal_Base"
[[PermissionSet]]
Name = "Orders_Read"
[[PermissionSetGroup]]
DeveloperName = "Resellers"
[[Group]]
DeveloperName = "Newsletter"
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
[[Account]]
Name = "Globex"
Owner = "olive.owner@acme.example"
[[Contact]]
LastName = "Linked"
Email = "linked@acme.example"
Account = "Acme Corp"
[[User]]
Username = "updated@acme.example"
LastName = "Updated"
Title = "Buyer"
Account = "Acme Corp"
Profile = "Acme Customer"
PermissionSets = ["Orders_Read"]
[[User]]
Username = "moved@acme.example"
LastName = "Moved"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "raised@acme.example"
LastName = "Raised"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "leaving@acme.example"
LastName = "Leaving"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "frozen@acme.example"
LastName = "Frozen"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "thawed@acme.example"
LastName = "Thawed"
Account = "Acme Corp"
Profile = "Acme Customer"
IsFrozen = true
[[User]]
Username = "back@acme.example"
LastName = "Back"
Account = "Acme Corp"
Profile = "Acme Customer"
IsActive = false
[[User]]
Username = "dated@acme.example"
LastName = "Dated"
Account = "Acme Corp"
Profile = "Acme Customer"
PermissionSets = ["Portal_Base"]
"#;

/// One person for every kind of change.
pub(super) const USERS: &str = r#"
[[users]]
username = "new@acme.example"
last_name = "New"
activation = "reset-email"
permission_sets = ["Portal_Base", { name = "Orders_Read", expires = 2027-03-31 }]
permission_set_licenses = ["Analytics"]
[[users]]
username = "linked@acme.example"
last_name = "Linked"
[[users]]
username = "partner@globex.example"
last_name = "Partner"
account = "Globex"
profile = "Acme Partner"
permission_set_groups = ["Resellers"]
groups = ["Newsletter"]
[[users]]
username = "updated@acme.example"
last_name = "Renamed"
title = "Lead Buyer"
permission_sets = ["Portal_Base"]
[[users]]
username = "moved@acme.example"
last_name = "Moved"
account = "Globex"
[[users]]
username = "raised@acme.example"
last_name = "Raised"
profile = "Acme Partner"
[[users]]
username = "leaving@acme.example"
last_name = "Leaving"
state = "inactive"
[[users]]
username = "frozen@acme.example"
last_name = "Frozen"
state = "frozen"
[[users]]
username = "thawed@acme.example"
last_name = "Thawed"
state = "active"
[[users]]
username = "back@acme.example"
last_name = "Back"
[[users]]
username = "dated@acme.example"
last_name = "Dated"
permission_sets = [{ name = "Portal_Base", expires = 2027-06-30 }]
"#;

/// Whether a finding names the person who should have been mailed.
pub(super) fn is_unmailed(found: &Diagnostic) -> bool {
    found.code == Code::ActivationUnknown
        && found.username.as_ref().is_some_and(|name| name.as_str() == "new@acme.example")
}

/// Drops request `k` of an apply, then applies once more.
async fn disturbed(k: usize, what: &str) -> (World, bool) {
    let world = World::new(ORG, USERS, PROJECT).await;
    let client = world.client().await;
    let plan = world.plan(&client).await;
    assert!(!plan.is_blocked(), "{:?} {:?}", plan.blockers, plan.diagnostics);
    let before = world.requests();
    world.fault(at(k, what)).await;
    let report = world.carry_out(&client, &plan).await;
    assert_eq!(unaccounted(&report), 0, "{what} {k}: {report:#?}");
    world.no_faults().await;
    let unknown = report.count(|outcome| matches!(outcome, Outcome::Unknown(_)));
    assert_eq!(unknown, 0, "{what} {k}: the org could be asked: {report:#?}");
    let went_on = world.requests() - before > k;
    let mailed = world.mailed().await;
    assert!(mailed <= 1, "{what} {k}: mailed {mailed} times");
    let (plan, report) = world.apply().await;
    assert!(report.is_complete(), "{what} {k}: {report:#?}");
    let finished = plan.changes.iter().any(|change| change.activate);
    if mailed == 0 && !finished {
        assert!(plan.diagnostics.iter().any(is_unmailed), "{what} {k}: {:#?}", plan.diagnostics);
        assert_eq!(world.mailed().await, 0, "{what} {k}: never again");
    } else {
        assert_eq!(world.mailed().await, 1, "{what} {k}");
    }
    (world, went_on)
}

#[tokio::test]
async fn a_lost_connection_at_any_request_costs_nothing() {
    let world = World::new(ORG, USERS, PROJECT).await;
    let before = world.requests();
    let (plan, report) = world.apply().await;
    assert_eq!(report.applied(), 11, "{plan:#?} {report:#?}");
    let calls = world.requests() - before;
    let undisturbed = world.picture().await;
    let mut cases = 0;
    for what in ["drop-before", "drop-after", "truncate"] {
        for k in 0..calls {
            let (world, went_on) = disturbed(k, what).await;
            assert_eq!(world.picture().await, undisturbed, "{what} at request {k}");
            cases += 1;
            if !went_on {
                break;
            }
        }
    }
    assert!(cases > 60, "{cases} cases of {calls} requests");
}

/// As many as one request can carry.
#[tokio::test]
async fn the_largest_request_may_be_lost_too() {
    let mut users = String::new();
    for n in 0..1000 {
        writeln!(
            users,
            "[[users]]\nusername = \"crowd{n}@acme.example\"\nlast_name = \"N{n}\"\npermission_sets = [\"Portal_Base\"]"
        )
        .unwrap();
    }
    for what in ["drop-before", "drop-after"] {
        let world = World::new(ORG, &users, PROJECT).await;
        // The contacts, the users and the sets are a composite request each.
        for k in 0..3 {
            let mut fault = at(2 * k, what);
            fault["Path"] = "/composite".into();
            world.fault(fault).await;
        }
        let (_, first) = world.apply().await;
        world.no_faults().await;
        assert_eq!(first.applied(), 1000, "{what}: {:#?}", first.results[0]);
        let picture = world.picture().await;
        let contacts = picture.iter().filter(|line| line.starts_with("{\"Email\":\"crowd"));
        assert_eq!(contacts.count(), 1000, "a contact each");
        let count = |text: &str| picture.iter().filter(|line| line.contains(text)).count();
        // Users, and for each of them the profile's own set and the one that was given.
        assert_eq!(count("\"Username\":\"crowd"), 3000);
        assert!(!picture.iter().any(|line| line.ends_with("again")));
    }
}
