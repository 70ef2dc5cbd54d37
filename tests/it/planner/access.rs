//! Access beside the profile, in sentences.

use portalctl::model::*;
use portalctl::plan::{Stage, stages};

use super::fixture::{ACME, Scene, in_zone, scene};
use super::world::*;

use AccessKind::{Group, PermissionSet, PermissionSetGroup, PermissionSetLicense};

/// Kim as declared, with whatever the test adds.
fn kim(profile: &str) -> Scene {
    let mut scene = scene();
    scene.plus();
    scene.user(KIM, ACME, profile);
    scene.declare(KIM, ACME, profile);
    scene
}

fn me(scene: &mut Scene) -> &mut DesiredUser {
    &mut scene.desired.users[0]
}

#[test]
fn every_kind_that_is_declared_and_missing_is_given() {
    let mut scene = kim(PLUS);
    scene.set_group("Sales_Bundle");
    scene.set_license("Analytics", 5);
    scene.group("Dealers");
    grant(me(&mut scene), PermissionSet, &[set("Orders_Read")]);
    grant(me(&mut scene), PermissionSetGroup, &[set("Sales_Bundle")]);
    grant(me(&mut scene), PermissionSetLicense, &[set("Analytics")]);
    grant(me(&mut scene), Group, &[set("Dealers")]);
    assert_eq!(
        scene.lines(),
        [
            "update kim.osei@acme.example because declared; +Analytics; +Orders_Read; +Sales_Bundle; +Dealers"
        ]
    );
}

#[test]
fn every_kind_that_is_held_and_not_declared_is_taken_in_exact_mode() {
    let mut scene = kim(PLUS);
    scene.set_group("Sales_Bundle");
    scene.set_license("Analytics", 5);
    scene.group("Dealers");
    for (kind, name) in [
        (PermissionSet, "Orders_Read"),
        (PermissionSetGroup, "Sales_Bundle"),
        (PermissionSetLicense, "Analytics"),
        (Group, "Dealers"),
    ] {
        scene.hold(KIM, kind, name, None);
        grant(me(&mut scene), kind, &[]);
    }
    assert_eq!(
        scene.lines(),
        [
            "update kim.osei@acme.example because declared; -Analytics; -Orders_Read; -Sales_Bundle; -Dealers"
        ]
    );
}

#[test]
fn a_kind_without_a_key_is_not_managed() {
    let mut scene = kim(PLUS);
    scene.set_license("Analytics", 5);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    scene.hold(KIM, PermissionSet, "Orders_Read", None);
    assert!(scene.lines().is_empty());
}

#[test]
fn at_least_mode_takes_nothing_of_any_kind() {
    let mut scene = kim(PLUS);
    scene.policy.permission_sets.mode = SetMode::AtLeast;
    scene.group("Dealers");
    scene.hold(KIM, Group, "Dealers", None);
    grant(me(&mut scene), Group, &[]);
    assert!(scene.lines().is_empty());
}

#[test]
fn ignored_sets_and_groups_of_sets_are_neither_given_nor_taken() {
    let mut scene = kim(PLUS);
    scene.policy.permission_sets.ignore = vec!["pkg__*".to_owned()];
    scene.permission_set("pkg__Reader", None);
    scene.set_group("pkg__Bundle");
    scene.hold(KIM, PermissionSet, "pkg__Reader", None);
    grant(me(&mut scene), PermissionSet, &[]);
    grant(me(&mut scene), PermissionSetGroup, &[set("pkg__Bundle")]);
    assert!(scene.lines().is_empty());
    let said = scene.finding(Code::SetIgnored).unwrap();
    assert!(said.message.contains("pkg__Bundle"), "{}", said.message);
}

#[test]
fn ignore_does_not_reach_licences_and_public_groups() {
    let mut scene = kim(PLUS);
    scene.policy.permission_sets.ignore = vec!["*".to_owned()];
    scene.group("Dealers");
    grant(me(&mut scene), Group, &[set("Dealers")]);
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; +Dealers"]);
}

#[test]
fn a_name_without_its_namespace_is_answered_with_the_full_one() {
    let mut scene = kim(CUSTOMER);
    scene.permission_set("acme__Reporting", None);
    grant(me(&mut scene), PermissionSet, &[set("Reporting")]);
    let found = scene.finding(Code::UnknownPermissionSet).unwrap();
    assert_eq!(found.help.as_deref(), Some("did you mean `acme__Reporting`?"));
}

#[test]
fn a_set_and_its_packaged_namesake_are_two() {
    let mut scene = kim(CUSTOMER);
    scene.permission_set("pkg__Orders_Read", None);
    scene.hold(KIM, PermissionSet, "pkg__Orders_Read", None);
    grant(me(&mut scene), PermissionSet, &[set("Orders_Read")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; +Orders_Read; -pkg__Orders_Read"]
    );
}

#[test]
fn a_last_day_is_sent_as_its_last_second_in_the_persons_zone() {
    let mut scene = kim(CUSTOMER);
    me(&mut scene).shared = in_zone("America/New_York");
    grant(me(&mut scene), PermissionSet, &[until("Orders_Read", "2027-01-31")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; +Orders_Read until 2027-02-01T04:59:59Z"]
    );
}

#[test]
fn a_last_day_is_compared_by_day_and_not_by_second() {
    let mut scene = kim(CUSTOMER);
    scene.hold(KIM, PermissionSet, "Orders_Read", Some("2027-01-31T12:00:00Z"));
    grant(me(&mut scene), PermissionSet, &[until("Orders_Read", "2027-01-31")]);
    assert!(scene.lines().is_empty());
}

#[test]
fn an_assignment_that_has_ended_is_prolonged_and_not_made_anew() {
    let mut scene = kim(CUSTOMER);
    scene.hold(KIM, PermissionSet, "Orders_Read", Some("2026-01-31T23:59:59Z"));
    grant(me(&mut scene), PermissionSet, &[set("Orders_Read")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; ~Orders_Read for good"]
    );
}

#[test]
fn an_assignment_that_has_ended_and_is_not_declared_is_left_alone() {
    let mut scene = kim(CUSTOMER);
    scene.hold(KIM, PermissionSet, "Orders_Read", Some("2026-01-31T23:59:59Z"));
    grant(me(&mut scene), PermissionSet, &[]);
    assert!(scene.lines().is_empty());
}

#[test]
fn a_set_licence_is_taken_once_its_last_day_is_over() {
    let mut scene = kim(CUSTOMER);
    scene.set_license("Analytics", 5);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    grant(me(&mut scene), PermissionSetLicense, &[until("Analytics", "2026-11-23")]);
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; -Analytics"]);
}

#[test]
fn a_set_licence_stays_through_its_last_day() {
    let mut scene = kim(CUSTOMER);
    scene.set_license("Analytics", 5);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    grant(me(&mut scene), PermissionSetLicense, &[until("Analytics", "2026-11-24")]);
    assert!(scene.lines().is_empty());
}

#[test]
fn a_set_brings_the_set_licence_that_it_needs() {
    let mut scene = kim(CUSTOMER);
    let license = scene.set_license("Analytics", 5);
    scene.bound_set("Dashboards", license);
    grant(me(&mut scene), PermissionSet, &[set("Dashboards")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; +Analytics; +Dashboards"]
    );
    let order: Vec<_> = stages(&scene.plan())
        .into_iter()
        .filter_map(|stage| match stage {
            Stage::Give(kind, _) => Some(kind),
            _ => None,
        })
        .collect();
    assert_eq!(order, [PermissionSetLicense, PermissionSet]);
}

#[test]
fn a_set_licence_that_is_held_is_not_given_again() {
    let mut scene = kim(CUSTOMER);
    let license = scene.set_license("Analytics", 5);
    scene.bound_set("Dashboards", license);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    grant(me(&mut scene), PermissionSet, &[set("Dashboards")]);
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; +Dashboards"]);
}

#[test]
fn a_set_licence_that_a_set_needs_is_not_taken_for_not_being_declared() {
    let mut scene = kim(CUSTOMER);
    let license = scene.set_license("Analytics", 5);
    scene.bound_set("Dashboards", license);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    scene.hold(KIM, PermissionSet, "Dashboards", None);
    grant(me(&mut scene), PermissionSetLicense, &[]);
    assert!(scene.lines().is_empty());
}

#[test]
fn a_set_licence_goes_with_the_set_that_needed_it() {
    let mut scene = kim(CUSTOMER);
    let license = scene.set_license("Analytics", 5);
    scene.bound_set("Dashboards", license);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    scene.hold(KIM, PermissionSet, "Dashboards", None);
    grant(me(&mut scene), PermissionSetLicense, &[]);
    grant(me(&mut scene), PermissionSet, &[]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; -Analytics; -Dashboards"]
    );
}

#[test]
fn a_disabled_set_licence_holds_its_user_up() {
    let mut scene = kim(CUSTOMER);
    scene.set_license("Analytics", 5);
    scene.current.permission_set_licenses[0].active = false;
    grant(me(&mut scene), PermissionSetLicense, &[set("Analytics")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example (blocked) because declared", "error P2106"]
    );
}

#[test]
fn public_groups_are_refused_for_licences_without_roles() {
    let mut scene = kim(CUSTOMER);
    scene.group("Dealers");
    grant(me(&mut scene), Group, &[set("Dealers")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example (blocked) because declared", "error P2105"]
    );
}

#[test]
fn no_public_groups_are_fine_for_licences_without_roles() {
    let mut scene = kim(CUSTOMER);
    grant(me(&mut scene), Group, &[]);
    assert!(scene.lines().is_empty());
}

#[test]
fn public_groups_are_given_to_partners() {
    let mut scene = kim(PARTNER);
    scene.group("Dealers");
    grant(me(&mut scene), Group, &[set("Dealers")]);
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; +Dealers"]);
}

#[test]
fn a_set_that_a_session_has_to_activate_is_given_and_told_once() {
    let mut scene = kim(CUSTOMER);
    scene.user(JAMIE, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.current.permission_sets[1].session = true;
    for declared in &mut scene.desired.users {
        grant(declared, PermissionSet, &[set("Orders_Read")]);
    }
    assert_eq!(scene.plan().changes.len(), 2);
    let said = scene.finding(Code::SetNeedsSession).unwrap();
    assert!(said.message.contains("given to 2 users"), "{}", said.message);
}

#[test]
fn a_group_of_sets_that_failed_is_given_with_a_warning() {
    let mut scene = kim(CUSTOMER);
    scene.set_group("Sales_Bundle").failed = true;
    grant(me(&mut scene), PermissionSetGroup, &[set("Sales_Bundle")]);
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; +Sales_Bundle"]);
    assert!(scene.finding(Code::SetGroupFailed).is_some());
}

#[test]
fn a_set_for_another_licence_holds_its_user_up() {
    let mut scene = kim(CUSTOMER);
    scene.permission_set("Deals", Some(2));
    grant(me(&mut scene), PermissionSet, &[set("Deals")]);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example (blocked) because declared", "error P2009"]
    );
}

#[test]
fn a_set_of_the_old_licence_that_stays_through_a_move_is_told() {
    let mut scene = kim(CUSTOMER);
    scene.permission_set("Community_Only", Some(1));
    scene.hold(KIM, PermissionSet, "Community_Only", None);
    me(&mut scene).profile = DeclaredProfile::Managed(ProfileName::parse(PARTNER).unwrap());
    assert!(scene.finding(Code::SetOutgrown).unwrap().message.contains("Community_Only"));
    grant(me(&mut scene), PermissionSet, &[]);
    assert!(scene.finding(Code::SetOutgrown).is_none());
}

#[test]
fn what_on_create_lists_is_given_to_new_people() {
    let mut scene = scene();
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    once(declared, |on| *on.access.get_mut(PermissionSet) = Some([set("Portal_Base")].into()));
    grant(declared, PermissionSet, &[set("Orders_Read")]);
    assert_eq!(
        scene.lines(),
        [
            "create kim.osei@acme.example because declared; +Orders_Read; +Portal_Base; contact create"
        ]
    );
}

#[test]
fn what_on_create_lists_is_not_given_later() {
    let mut scene = kim(CUSTOMER);
    once(me(&mut scene), |on| {
        *on.access.get_mut(PermissionSet) = Some([set("Portal_Base")].into());
    });
    assert!(scene.lines().is_empty());
}

#[test]
fn what_on_create_gave_is_not_taken_by_exact_mode() {
    let mut scene = kim(CUSTOMER);
    scene.hold(KIM, PermissionSet, "Portal_Base", None);
    scene.hold(KIM, PermissionSet, "Orders_Read", None);
    once(me(&mut scene), |on| {
        *on.access.get_mut(PermissionSet) = Some([set("Portal_Base")].into());
    });
    grant(me(&mut scene), PermissionSet, &[]);
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; -Orders_Read"]);
}

#[test]
fn active_access_policies_are_named_when_access_changes() {
    let mut scene = kim(CUSTOMER);
    scene.current.access_policies = vec!["Grant_All".into()];
    assert!(scene.finding(Code::AccessPolicies).is_none());
    grant(me(&mut scene), PermissionSet, &[set("Orders_Read")]);
    assert!(scene.finding(Code::AccessPolicies).unwrap().message.contains("Grant_All"));
}
