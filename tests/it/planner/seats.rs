//! Seats, in sentences.

use proptest::prelude::*;

use portalctl::model::*;
use portalctl::plan::LicenseKind;

use super::asked::Why;
use super::fixture::{ACME, Scene, moment, scene};
use super::world::*;

use AccessKind::{PermissionSet, PermissionSetLicense};

const COMMUNITY: &str = "Customer Community";

/// An org with so many seats of Customer Community.
fn seats(total: i64) -> Scene {
    let mut scene = scene();
    scene.current.licenses[0].total = total;
    scene
}

fn short(scene: &Scene, license: &str) -> Vec<String> {
    scene.seats(license).short_users.iter().map(ToString::to_string).collect()
}

fn settings(scene: &mut Scene, license: &str, change: impl FnOnce(&mut LicenseSettings)) {
    change(scene.policy.licenses.entry(license.into()).or_default());
}

#[test]
fn who_does_not_fit_is_named_in_file_order() {
    let mut scene = seats(1);
    for username in [KIM, JAMIE, NOOR] {
        scene.declare(username, ACME, CUSTOMER);
    }
    assert_eq!(short(&scene, COMMUNITY), [JAMIE, NOOR]);
    assert_eq!(scene.plan().blockers[0].allow(), "shortfall=2");
}

#[test]
fn frozen_people_keep_their_seat() {
    let mut scene = seats(1);
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Frozen;
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert_eq!(short(&scene, COMMUNITY), [JAMIE]);
}

#[test]
fn an_org_that_uses_more_than_it_bought_lets_nobody_in() {
    let mut scene = seats(1);
    scene.user(KIM, ACME, CUSTOMER);
    scene.current.licenses[0].used = 3;
    scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
    scene.declare(JAMIE, ACME, CUSTOMER);
    let line = scene.seats(COMMUNITY);
    assert_eq!((line.used, line.freed, line.needed, line.after()), (3, 1, 1, 3));
    assert_eq!(short(&scene, COMMUNITY), [JAMIE]);
}

#[test]
fn of_a_stale_counter_and_a_higher_count_the_count_is_assumed() {
    let mut scene = seats(2);
    scene.current.licenses[0].used = 1;
    scene.current.licenses[0].counted = Some(2);
    scene.not_asked(Why::StaleCounter);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(short(&scene, COMMUNITY), [KIM]);
    let message = scene.finding(Code::SeatCounterDiffers).unwrap().message;
    assert!(message.ends_with("2 is assumed"), "{message}");
}

#[test]
fn an_over_allocated_counter_is_doubted_and_kept() {
    let mut scene = seats(2);
    scene.current.licenses[0].used = 4;
    scene.current.licenses[0].counted = Some(1);
    scene.not_asked(Why::StaleCounter);
    scene.declare(KIM, ACME, CUSTOMER);
    assert!(scene.finding(Code::SeatCounterDiffers).unwrap().message.ends_with("4 is assumed"));
    assert_eq!(short(&scene, COMMUNITY), [KIM]);
}

#[test]
fn a_counter_that_nothing_hangs_on_is_not_doubted() {
    let mut scene = seats(2);
    scene.current.licenses[0].used = 4;
    scene.current.licenses[0].counted = Some(1);
    assert!(scene.finding(Code::SeatCounterDiffers).is_none());
}

#[test]
fn a_disabled_licence_has_no_seats_to_give() {
    let mut scene = seats(10);
    scene.current.licenses[0].active = false;
    scene.not_asked(Why::Undocumented);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(short(&scene, COMMUNITY), [KIM]);
    assert!(scene.plan().blockers[0].message.contains("(disabled)"));
}

#[test]
fn two_who_wait_for_each_others_seat_are_short_although_the_end_fits() {
    let mut scene = seats(1);
    scene.license("Customer Community Login", "CspLitePortal", "Acme Login", 1);
    scene.user(KIM, ACME, CUSTOMER);
    scene.user(JAMIE, ACME, "Acme Login");
    scene.declare(KIM, ACME, "Acme Login");
    scene.declare(JAMIE, ACME, CUSTOMER);
    let line = scene.seats(COMMUNITY);
    assert_eq!(line.after(), line.total);
    assert_eq!(scene.plan().blockers[0].allow(), "shortfall=2");
}

#[test]
fn one_free_seat_lets_a_whole_ring_move() {
    let mut scene = seats(2);
    scene.license("Customer Community Login", "CspLitePortal", "Acme Login", 1);
    scene.user(KIM, ACME, CUSTOMER);
    scene.user(JAMIE, ACME, "Acme Login");
    scene.declare(KIM, ACME, "Acme Login");
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert!(scene.plan().blockers.is_empty());
}

#[test]
fn people_who_are_held_up_take_and_free_no_seat() {
    let mut scene = seats(1);
    scene.declare(KIM, "Nowhere", CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert!(scene.plan().blockers.is_empty());
    assert_eq!(scene.seats(COMMUNITY).needed, 1);
}

#[test]
fn set_licences_have_seats_of_their_own() {
    let mut scene = scene();
    scene.set_license("Analytics", 1);
    for username in [KIM, JAMIE] {
        grant(scene.declare(username, ACME, CUSTOMER), PermissionSetLicense, &[set("Analytics")]);
    }
    let line = scene.seats("Analytics");
    assert_eq!(line.kind, LicenseKind::PermissionSet);
    assert_eq!((line.total, line.used, line.needed, line.after()), (1, 0, 2, 2));
    assert_eq!(short(&scene, "Analytics"), [JAMIE]);
    assert_eq!(scene.plan().blockers[0].allow(), "shortfall=1");
}

#[test]
fn a_set_that_brings_its_licence_takes_a_seat_of_it() {
    let mut scene = scene();
    let license = scene.set_license("Analytics", 0);
    scene.bound_set("Dashboards", license);
    grant(scene.declare(KIM, ACME, CUSTOMER), PermissionSet, &[set("Dashboards")]);
    assert_eq!(short(&scene, "Analytics"), [KIM]);
}

#[test]
fn a_set_licence_that_is_taken_frees_a_seat_for_another() {
    let mut scene = scene();
    scene.set_license("Analytics", 1);
    for username in [KIM, JAMIE] {
        scene.user(username, ACME, CUSTOMER);
        scene.declare(username, ACME, CUSTOMER);
    }
    scene.hold(JAMIE, PermissionSetLicense, "Analytics", None);
    grant(&mut scene.desired.users[0], PermissionSetLicense, &[set("Analytics")]);
    grant(&mut scene.desired.users[1], PermissionSetLicense, &[]);
    assert!(scene.plan().blockers.is_empty());
    let line = scene.seats("Analytics");
    assert_eq!((line.used, line.freed, line.needed, line.after()), (1, 1, 1, 1));
}

#[test]
fn deactivation_frees_no_set_licence() {
    let mut scene = scene();
    scene.set_license("Analytics", 1);
    scene.user(KIM, ACME, CUSTOMER);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
    grant(scene.declare(JAMIE, ACME, CUSTOMER), PermissionSetLicense, &[set("Analytics")]);
    assert_eq!(short(&scene, "Analytics"), [JAMIE]);
    let message = scene.finding(Code::SetLicensesKept).unwrap().message;
    assert_eq!(
        message,
        "1 user who is inactive holds 1 permission set licence seat (kim.osei@acme.example)"
    );
}

#[test]
fn one_who_is_short_of_two_licences_counts_once() {
    let mut scene = seats(0);
    scene.set_license("Analytics", 0);
    grant(scene.declare(KIM, ACME, CUSTOMER), PermissionSetLicense, &[set("Analytics")]);
    assert_eq!(scene.plan().blockers[0].count, 1);
}

#[test]
fn an_approved_shortage_holds_back_exactly_those_who_do_not_fit() {
    let mut scene = seats(1);
    scene.declare(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.request.allow.insert(Rule::Shortfall, 1);
    assert_eq!(
        scene.lines(),
        [
            "create kim.osei@acme.example because declared; contact create",
            "create jamie.rivera@acme.example (blocked) because declared; contact create",
            "error P2021",
        ]
    );
    assert!(scene.seats(COMMUNITY).short_users.is_empty());
    assert_eq!(scene.seats(COMMUNITY).after(), 1);
}

#[test]
fn an_approval_for_another_number_does_not_count() {
    let mut scene = seats(1);
    scene.declare(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.request.allow.insert(Rule::Shortfall, 2);
    assert_eq!(scene.plan().blockers[0].allow(), "shortfall=1");
}

#[test]
fn a_reviewed_exception_covers_shortages_up_to_its_count() {
    let mut scene = seats(1);
    scene.declare(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    let place = scene.desired.users[0].place.clone();
    scene.policy.allows.push(Allow {
        rule: Rule::Shortfall,
        org: None,
        count: 5,
        reason: "new seats are on their way".to_owned(),
        expires: "2026-12-31".parse().unwrap(),
        place,
    });
    assert!(scene.plan().blockers.is_empty());
    assert_eq!(scene.plan().blocked(), 1);
}

#[test]
fn whoever_waits_for_the_seat_of_somebody_held_back_is_held_back_too() {
    let mut scene = seats(1);
    scene.license("Customer Community Login", "CspLitePortal", "Acme Login", 5);
    scene.set_license("Analytics", 0);
    scene.user(KIM, ACME, CUSTOMER);
    grant(scene.declare(KIM, ACME, "Acme Login"), PermissionSetLicense, &[set("Analytics")]);
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert_eq!(scene.plan().blockers[0].allow(), "shortfall=2");
    scene.request.allow.insert(Rule::Shortfall, 2);
    assert_eq!(scene.plan().blocked(), 2);
}

#[test]
fn what_would_free_seats_is_told_longest_unseen_first() {
    let mut scene = seats(2);
    scene.user(KIM, ACME, CUSTOMER).last_login = Some(moment("2025-03-01T08:00:00Z"));
    scene.user(JAMIE, ACME, CUSTOMER);
    scene.declare(NOOR, ACME, CUSTOMER);
    assert_eq!(
        scene.finding(Code::SeatsToFree).unwrap().message,
        "Customer Community: 2 seats are held by people who do not sign in: jamie.rivera@acme.example (never signed in), kim.osei@acme.example (last seen 2025-03-01)"
    );
}

#[test]
fn people_who_were_seen_lately_or_are_leaving_free_no_seat() {
    let mut scene = seats(2);
    scene.user(KIM, ACME, CUSTOMER).last_login = Some(moment("2026-11-01T08:00:00Z"));
    scene.user(JAMIE, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER).state = DeclaredState::Inactive;
    for username in [NOOR, "ada.moreau@acme.example"] {
        scene.declare(username, ACME, CUSTOMER);
    }
    assert!(scene.finding(Code::SeatsToFree).is_none());
}

#[test]
fn inactive_people_who_keep_a_set_licence_are_told_where_it_is_short() {
    let mut scene = scene();
    scene.set_license("Analytics", 1);
    scene.inactive(KIM, ACME, CUSTOMER);
    scene.hold(KIM, PermissionSetLicense, "Analytics", None);
    grant(scene.declare(JAMIE, ACME, CUSTOMER), PermissionSetLicense, &[set("Analytics")]);
    let message = scene.finding(Code::SeatsToFree).unwrap().message;
    assert!(
        message.contains("1 seat is held by somebody inactive: kim.osei@acme.example"),
        "{message}"
    );
}

#[test]
fn a_price_and_a_renewal_are_told_where_seats_are_short() {
    let mut scene = seats(0);
    settings(&mut scene, COMMUNITY, |one| {
        one.price = Some(2.5);
        one.renewal = Some("2027-01-31".parse().unwrap());
    });
    scene.declare(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert_eq!(
        scene.finding(Code::SeatsToFree).unwrap().message,
        "Customer Community: 2 more would cost 5.00 a month; the contract is renewed on 2027-01-31"
    );
}

#[test]
fn reserved_seats_are_not_taken() {
    let mut scene = seats(3);
    settings(&mut scene, COMMUNITY, |one| one.reserve = 2);
    scene.declare(KIM, ACME, CUSTOMER);
    assert!(scene.plan().blockers.is_empty());
    scene.declare(JAMIE, ACME, CUSTOMER);
    let plan = scene.plan();
    assert_eq!(plan.blockers[0].allow(), "reserve=1");
    assert_eq!(
        plan.blockers[0].message,
        "1 reserved seat would be taken: Customer Community keeps 1 of 2 seats free"
    );
    scene.request.allow.insert(Rule::Reserve, 1);
    assert!(scene.plan().blockers.is_empty());
}

#[test]
fn a_reserve_that_was_broken_before_stops_no_plan_that_takes_no_seat() {
    let mut scene = seats(3);
    settings(&mut scene, COMMUNITY, |one| one.reserve = 2);
    scene.current.licenses[0].used = 3;
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).fields.insert(UserField::Title, Value::of("Buyer"));
    assert!(scene.plan().blockers.is_empty());
}

#[test]
fn set_licences_may_be_reserved_by_their_api_name() {
    let mut scene = scene();
    scene.set_license("Analytics", 1);
    settings(&mut scene, "analytics", |one| one.reserve = 1);
    grant(scene.declare(KIM, ACME, CUSTOMER), PermissionSetLicense, &[set("Analytics")]);
    assert_eq!(scene.plan().blockers[0].allow(), "reserve=1");
}

/// A person of a generated org: whether they are there and active, where, and what is declared.
fn person() -> impl Strategy<Value = (Option<(usize, bool)>, usize, bool, bool)> {
    (proptest::option::of((0..4_usize, any::<bool>())), 0..4_usize, any::<bool>(), any::<bool>())
}

proptest! {
    #[test]
    fn seats_never_go_below_zero_unless_a_shortage_is_told(
        totals in proptest::collection::vec(0..4_i64, 4),
        analytics in 0..3_i64,
        people in proptest::collection::vec(person(), 1..10),
    ) {
        let mut scene = scene();
        scene.license("Customer Community Login", "CspLitePortal", "Acme Login", 0);
        scene.plus();
        scene.set_license("Analytics", analytics);
        let profiles = [CUSTOMER, "Acme Login", PLUS, PARTNER];
        for (at, (found, profile, active, licensed)) in people.iter().enumerate() {
            let username = format!("p.n{at}@acme.example");
            match found {
                Some((profile, true)) => { scene.user(&username, ACME, profiles[*profile]); }
                Some((profile, false)) => { scene.inactive(&username, ACME, profiles[*profile]); }
                None => {}
            }
            let declared = scene.declare(&username, ACME, profiles[*profile]);
            declared.state = if *active { DeclaredState::Active } else { DeclaredState::Inactive };
            if *licensed {
                grant(declared, PermissionSetLicense, &[set("Analytics")]);
            }
        }
        for (name, total) in ["Customer Community", "Customer Community Login", "Customer Community Plus", "Partner Community"].into_iter().zip(&totals) {
            scene.current.licenses.iter_mut().find(|l| &*l.name == name).unwrap().total = *total;
        }
        scene.policy.safety.deactivations = Limit::Count(100);
        scene.policy.safety.reactivations = Limit::Count(100);
        scene.policy.safety.access_changes = Limit::Count(100);
        let plan = scene.plan();
        let told = plan.blockers.iter().find(|one| one.rule == Rule::Shortfall);
        for line in &plan.licenses {
            let worse = line.after() > line.total && line.after() > line.used;
            prop_assert!(!worse || told.is_some(), "{line:?}");
            prop_assert!(line.short_users.is_empty() || told.is_some());
        }
        // Going on without those who do not fit leaves nobody short.
        if let Some(told) = told {
            scene.request.allow.insert(Rule::Shortfall, told.count);
            let rest = scene.plan();
            prop_assert!(rest.blockers.is_empty(), "{:?}", rest.blockers);
            for line in &rest.licenses {
                prop_assert!(line.after() <= line.total || line.after() <= line.used, "{line:?}");
            }
        }
    }
}
