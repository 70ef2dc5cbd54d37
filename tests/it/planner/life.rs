//! The life of a user: what the org holds × what the files say, every edge.

use portalctl::model::*;

use super::fixture::{ACME, CUSTOMER, KIM, Scene, in_zone, scene};
use super::table::side_by_side;

/// A word for a state, and how it comes about.
type Org = (&'static str, fn(&mut Scene));
type File = (&'static str, fn(&mut DesiredUser));

const ORGS: [Org; 6] = [
    ("absent", |_| {}),
    ("active", |scene| {
        scene.user(KIM, ACME, CUSTOMER);
    }),
    ("frozen", |scene| {
        scene.user(KIM, ACME, CUSTOMER);
        scene.freeze(KIM);
    }),
    ("inactive", |scene| {
        scene.inactive(KIM, ACME, CUSTOMER);
    }),
    ("inactive and frozen", |scene| {
        scene.inactive(KIM, ACME, CUSTOMER);
        scene.freeze(KIM);
    }),
    ("disabled", |scene| scene.inactive(KIM, ACME, CUSTOMER).contact = None),
];

const FILES: [File; 8] = [
    ("without a state", |_| {}),
    ("active", |user| user.state = DeclaredState::Active),
    ("frozen", |user| user.state = DeclaredState::Frozen),
    ("inactive", |user| user.state = DeclaredState::Inactive),
    ("from tomorrow", |user| user.starts = Some("2026-11-25".parse().unwrap())),
    ("from today", |user| user.starts = Some("2026-11-24".parse().unwrap())),
    ("through yesterday", |user| user.expires = Some("2026-11-23".parse().unwrap())),
    ("through today", |user| user.expires = Some("2026-11-24".parse().unwrap())),
];

/// Every line of the plan of a cell, as one.
fn cell(org: fn(&mut Scene), file: fn(&mut DesiredUser)) -> String {
    let mut scene = scene();
    org(&mut scene);
    file(scene.declare(KIM, ACME, CUSTOMER));
    let lines = scene.lines();
    if lines.is_empty() {
        return "nothing".to_owned();
    }
    lines.join("; ").replace(&format!(" {KIM}"), "").replace("; contact create", "")
}

#[test]
fn what_the_org_holds_and_what_the_files_say() {
    let cells: Vec<(Org, File)> =
        ORGS.into_iter().flat_map(|org| FILES.map(|file| (org, file))).collect();
    let table = side_by_side(&cells, |((org, given), (file, declared))| {
        format!("{org}, declared {file}: {}", cell(*given, *declared))
    });
    assert_eq!(
        table,
        [
            "absent, declared without a state: create because declared",
            "absent, declared active: create because declared",
            "absent, declared frozen: nothing",
            "absent, declared inactive: nothing",
            "absent, declared from tomorrow: nothing",
            "absent, declared from today: create because declared",
            "absent, declared through yesterday: nothing",
            "absent, declared through today: create because declared",
            "active, declared without a state: nothing",
            "active, declared active: nothing",
            "active, declared frozen: freeze because state",
            "active, declared inactive: deactivate because state",
            "active, declared from tomorrow: deactivate because not-started",
            "active, declared from today: nothing",
            "active, declared through yesterday: deactivate because expired",
            "active, declared through today: nothing",
            "frozen, declared without a state: warning P2020",
            "frozen, declared active: unfreeze because state",
            "frozen, declared frozen: nothing",
            "frozen, declared inactive: deactivate because state",
            "frozen, declared from tomorrow: deactivate because not-started",
            "frozen, declared from today: warning P2020",
            "frozen, declared through yesterday: deactivate because expired",
            "frozen, declared through today: warning P2020",
            "inactive, declared without a state: reactivate because declared",
            "inactive, declared active: reactivate because state",
            "inactive, declared frozen: nothing",
            "inactive, declared inactive: nothing",
            "inactive, declared from tomorrow: nothing",
            "inactive, declared from today: reactivate because declared",
            "inactive, declared through yesterday: nothing",
            "inactive, declared through today: reactivate because declared",
            "inactive and frozen, declared without a state: reactivate because declared; warning P2020",
            "inactive and frozen, declared active: reactivate because state; unfreeze",
            "inactive and frozen, declared frozen: nothing",
            "inactive and frozen, declared inactive: nothing",
            "inactive and frozen, declared from tomorrow: nothing",
            "inactive and frozen, declared from today: reactivate because declared; warning P2020",
            "inactive and frozen, declared through yesterday: nothing",
            "inactive and frozen, declared through today: reactivate because declared; warning P2020",
            "disabled, declared without a state: update (blocked) because declared; error P2017",
            "disabled, declared active: update (blocked) because state; error P2017",
            "disabled, declared frozen: nothing",
            "disabled, declared inactive: nothing",
            "disabled, declared from tomorrow: nothing",
            "disabled, declared from today: update (blocked) because declared; error P2017",
            "disabled, declared through yesterday: nothing",
            "disabled, declared through today: update (blocked) because declared; error P2017",
        ]
    );
}

#[test]
fn days_are_those_of_the_persons_zone() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.expires = Some("2026-11-23".parse().unwrap());
    declared.shared = in_zone("America/Los_Angeles");
    scene.request.today = Today::At("2026-11-24T07:59:00Z".parse().unwrap());
    assert!(scene.lines().is_empty(), "it is still the 23rd there");
    scene.request.today = Today::At("2026-11-24T08:00:00Z".parse().unwrap());
    assert_eq!(scene.lines(), [format!("deactivate {KIM} because expired")]);
    scene.request.today = Today::Fixed("2026-11-23".parse().unwrap());
    assert!(scene.lines().is_empty(), "a given day is that day in every zone");
}
