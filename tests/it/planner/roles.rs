//! Roles of accounts and changes of licence, in sentences.

use portalctl::model::*;
use portalctl::plan::{Stage, stages};

use super::asked::Why;
use super::fixture::{ACME, Scene, scene};
use super::world::*;

use PortalRole::{Executive, Manager};

/// Kim as declared, and a declaration of a level.
fn kim(profile: &str, level: PortalRole) -> Scene {
    let mut scene = scene();
    scene.plus();
    scene.user(KIM, ACME, profile);
    scene.declare(KIM, ACME, profile).portal_role = Some(level);
    scene
}

fn held(scene: &mut Scene, level: PortalRole) {
    let role = HeldRole { name: "Acme Corp role".into(), level: Some(level) };
    scene.current.users[0].role = Some(role.into());
}

fn becomes(from: &str, to: &str) -> Vec<String> {
    let mut scene = scene();
    scene.plus();
    scene.license("Customer Community Login", "CspLitePortal", "Acme Login", 10);
    scene.license("Customer Community Plus Login", "PowerCustomerSuccess", "Acme Plus Login", 10);
    scene.license("Partner Community Login", "PowerPartner", "Acme Partner Login", 10);
    scene.license("External Identity", "CspLitePortal", "Acme Identity", 10);
    scene.license("Customer Portal User", "CustomerSuccess", "Acme Old", 10);
    scene.user(KIM, ACME, from);
    scene.declare(KIM, ACME, to);
    scene.lines()
}

#[test]
fn a_role_is_found_by_account_kind_and_level() {
    let mut scene = kim(PARTNER, Manager);
    scene.role(ACME, PortalKind::Customer, Manager);
    scene.role(ACME, PortalKind::Partner, PortalRole::User);
    scene.role(ACME, PortalKind::Partner, Manager);
    let plan = scene.plan();
    let field = &plan.changes[0].fields[0];
    assert_eq!(field.field.as_str(), "UserRoleId");
    let manager = scene.current.account_roles[2].id.record();
    assert!(matches!(&field.after, portalctl::plan::Datum::Reference { id, .. } if *id == manager));
}

#[test]
fn a_role_of_the_declared_level_is_left_alone_whatever_its_id() {
    let mut scene = kim(PARTNER, Manager);
    scene.role(ACME, PortalKind::Partner, Manager);
    held(&mut scene, Manager);
    assert!(scene.lines().is_empty());
}

#[test]
fn a_role_that_nobody_declares_is_not_compared() {
    let mut scene = kim(PARTNER, Manager);
    scene.desired.users[0].portal_role = None;
    scene.role(ACME, PortalKind::Partner, Manager);
    held(&mut scene, Executive);
    assert!(scene.lines().is_empty());
}

#[test]
fn the_shared_role_of_a_first_user_counts_as_the_lowest_level() {
    let mut scene = kim(PLUS, PortalRole::User);
    held(&mut scene, PortalRole::observed("PersonAccount").unwrap());
    assert!(scene.lines().is_empty());
}

#[test]
fn roles_are_refused_for_licences_without_them() {
    assert_eq!(
        kim(CUSTOMER, Manager).lines(),
        ["update kim.osei@acme.example (blocked) because declared", "error P2112"]
    );
}

#[test]
fn a_level_that_the_account_does_not_have_holds_its_user_up() {
    let mut scene = kim(PARTNER, Executive);
    scene.role(ACME, PortalKind::Partner, PortalRole::User);
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example (blocked) because declared", "error P2113"]
    );
    assert!(scene.finding(Code::RoleMissing).unwrap().message.ends_with("it has user"));
}

#[test]
fn the_first_user_of_an_account_sends_the_level_along() {
    let mut scene = scene();
    scene.declare(KIM, ACME, PARTNER).portal_role = Some(Manager);
    scene.lines();
    let plan = scene.plan();
    assert!(!plan.changes[0].blocked);
    let sent = plan.changes[0].user_writes().find(|(name, _)| **name == "PortalRole").unwrap();
    assert_eq!(sent.1.text().unwrap(), "Manager");
    assert!(scene.finding(Code::RoleWithFirstUser).is_some());
}

#[test]
fn the_first_user_of_an_account_gets_the_lowest_level_by_itself() {
    let mut scene = scene();
    scene.declare(KIM, ACME, PARTNER).portal_role = Some(PortalRole::User);
    scene.lines();
    let plan = scene.plan();
    assert!(
        plan.changes[0]
            .user_writes()
            .all(|(name, _)| *name != "PortalRole" && *name != "UserRoleId")
    );
}

#[test]
fn a_level_that_cannot_be_sent_along_holds_the_first_user_up() {
    let mut scene = scene();
    scene.user_field("PortalRole", FieldShape::Picklist(None), |one| one.createable = false);
    scene.not_asked(Why::Platform);
    scene.declare(KIM, ACME, PARTNER).portal_role = Some(Manager);
    assert_eq!(scene.lines().last().unwrap(), "error P2113");
}

#[test]
fn a_role_of_on_create_is_given_to_new_people_alone() {
    let mut scene = scene();
    scene.role(ACME, PortalKind::Partner, Manager);
    let declared = scene.declare(KIM, ACME, PARTNER);
    once(declared, |on| on.portal_role = Some(Manager));
    let role = |scene: &Scene| {
        scene
            .plan()
            .changes
            .first()
            .is_some_and(|change| change.user_writes().any(|(name, _)| *name == "UserRoleId"))
    };
    assert!(role(&scene));
    scene.user(KIM, ACME, PARTNER);
    assert!(!role(&scene));
}

#[test]
fn a_user_who_moves_gets_the_role_in_the_new_account() {
    let mut scene = kim(PARTNER, Manager);
    held(&mut scene, Manager);
    scene.account("Globex");
    scene.role("Globex", PortalKind::Partner, Manager);
    scene.not_asked(Why::RoleWithoutUser);
    scene.desired.users[0].account = AccountRef::Name("Globex".into());
    assert!(
        scene.lines()[0].contains("User.UserRoleId Acme Corp role > Globex Manager"),
        "{:?}",
        scene.lines()
    );
}

#[test]
fn licences_move_as_salesforce_lets_them() {
    let cases = [
        (CUSTOMER, "Acme Login", None),
        ("Acme Login", CUSTOMER, None),
        (PLUS, "Acme Plus Login", None),
        (PARTNER, "Acme Partner Login", None),
        (CUSTOMER, PLUS, None),
        (CUSTOMER, PARTNER, None),
        ("Acme Login", "Acme Plus Login", None),
        ("Acme Identity", PLUS, None),
        ("Acme Identity", CUSTOMER, Some("warning P2116")),
        (PLUS, CUSTOMER, Some("error P2018")),
        (PLUS, PARTNER, Some("error P2018")),
        (PARTNER, PLUS, Some("error P2018")),
        (PARTNER, CUSTOMER, Some("error P2018")),
        ("Acme Old", PLUS, Some("error P2018")),
        (CUSTOMER, "Acme Old", Some("error P2018")),
    ];
    for (from, to, said) in cases {
        let lines = becomes(from, to);
        assert_eq!(lines.get(1).map(String::as_str), said, "{from} to {to}: {lines:?}");
        let blocked = said.is_some_and(|said| said.starts_with("error"));
        assert_eq!(lines[0].contains("(blocked)"), blocked, "{from} to {to}");
    }
}

#[test]
fn a_refused_move_tells_the_reason() {
    let mut scene = scene();
    scene.user(KIM, ACME, PARTNER);
    scene.declare(KIM, ACME, CUSTOMER);
    let message = scene.finding(Code::LicenseMove).unwrap().message;
    assert!(message.ends_with("a partner cannot be turned into a customer"), "{message}");
}

#[test]
fn a_move_up_comes_before_creations_and_frees_a_seat_for_them() {
    let mut scene = scene();
    scene.current.licenses[0].total = 1;
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.declare(KIM, ACME, PARTNER);
    let plan = scene.plan();
    assert!(plan.blockers.is_empty(), "{:?}", plan.blockers);
    let order = stages(&plan);
    let moves = order.iter().position(|stage| matches!(stage, Stage::MoveLicense(_))).unwrap();
    let creates = order.iter().position(|stage| matches!(stage, Stage::CreateUsers(_))).unwrap();
    assert!(moves < creates);
}
