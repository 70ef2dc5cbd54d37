//! What holds of every plan, over generated orgs and declarations.

use proptest::prelude::*;

use portalctl::model::*;
use portalctl::plan::{Action, Change, Plan, SeatUse, Stage, Subject, digest, stages};

use super::fixture::{ACME, CUSTOMER, PARTNER, Scene, editor, scene};

/// What a person is in the org and in the files.
#[derive(Clone, Debug)]
struct Somebody {
    observed: Option<(bool, bool, u8)>,
    declared: Option<(u8, bool, bool)>,
    is_partner: bool,
    in_globex: bool,
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let observed = proptest::option::weighted(0.8, (any::<bool>(), any::<bool>(), 0..8_u8));
    let declared = proptest::option::weighted(0.7, (0..6_u8, any::<bool>(), any::<bool>()));
    (observed, declared, any::<bool>(), any::<bool>()).prop_map(
        |(observed, declared, is_partner, in_globex)| Somebody {
            observed,
            declared,
            is_partner,
            in_globex,
        },
    )
}

fn name(at: usize) -> String {
    format!("first{at}.last{at}@acme.example")
}

fn place(one: &Somebody) -> (&'static str, &'static str) {
    let account = if one.in_globex { "Globex" } else { ACME };
    (account, if one.is_partner { PARTNER } else { CUSTOMER })
}

/// An org with these people, some of them guests, internal, running or disabled.
fn observe(scene: &mut Scene, at: usize, one: &Somebody) {
    let Some((active, frozen, kind)) = one.observed else { return };
    let (account, profile) = place(one);
    let user = if active {
        scene.user(&name(at), account, profile)
    } else {
        scene.inactive(&name(at), account, profile)
    };
    let id = user.id;
    match kind {
        0 => user.user_type = UserType::Guest,
        1 => user.user_type = UserType::observed("Standard"),
        2 => user.contact = None,
        3 => user.last_modified_by = Some(editor(id)),
        4 => scene.current.running_user.id = id,
        _ => {}
    }
    if frozen {
        scene.freeze(&name(at));
    }
}

fn declare(scene: &mut Scene, at: usize, one: &Somebody, renames: bool) {
    let Some((state, has_title, moves)) = one.declared else { return };
    let (account, profile) = place(one);
    let account = if moves { "Globex" } else { account };
    let declared = scene.declare(&name(at), account, profile);
    match state {
        0 => declared.state = DeclaredState::Active,
        1 => declared.state = DeclaredState::Inactive,
        2 => declared.state = DeclaredState::Frozen,
        3 => declared.expires = Some("2026-01-01".parse().unwrap()),
        _ => {}
    }
    if has_title {
        declared.fields.insert(UserField::Title, Value::of("Buyer"));
    }
    if renames {
        declared.renamed_from = [Username::observed(&name(at + 1))].into();
    }
}

fn org(people: &[Somebody], undeclared: u8, renames: bool) -> Scene {
    let mut scene = scene();
    scene.account("Globex");
    for license in &mut scene.current.licenses {
        license.total = 6;
    }
    for (at, one) in people.iter().enumerate() {
        observe(&mut scene, at, one);
        declare(&mut scene, at, one, renames && at % 3 == 0);
    }
    scene.policy.ownership = Some(Ownership {
        profiles: vec![ProfileName::parse(CUSTOMER).unwrap()],
        undeclared: match undeclared {
            0 => Undeclared::Report,
            1 => Undeclared::Ignore,
            _ => Undeclared::Deactivate,
        },
        protect: vec!["first[02468].*".to_owned()],
        ..Ownership::default()
    });
    scene
}

/// The user of a change.
fn user<'a>(scene: &'a Scene, change: &Change) -> Option<&'a CurrentUser> {
    match change.subject {
        Subject::New => None,
        Subject::Existing(id) => scene.current.users.iter().find(|user| user.id == id),
    }
}

/// A change without what depends on the others of its plan.
fn alone(change: &Change) -> Change {
    Change { seats: SeatUse::default(), ..change.clone() }
}

fn touches_nobody_it_must_not(scene: &Scene, plan: &Plan) {
    for change in plan.ready() {
        let takes = matches!(change.action, Action::Deactivate | Action::Freeze);
        let even = ["0", "2", "4", "6", "8"];
        let protected =
            even.iter().any(|n| change.username.as_str().starts_with(&format!("first{n}.")));
        assert!(!(takes && protected), "{} is protected", change.username);
        let Some(user) = user(scene, change) else { continue };
        assert!(user.user_type.is_portal(), "{} is no portal user", user.username);
        assert_ne!(user.id, scene.current.running_user.id, "{} runs this", user.username);
        assert!(user.active || user.contact.is_some(), "{} is disabled", user.username);
        let declared = change.place.is_some();
        let owned = &*scene.current.profiles[0].name == CUSTOMER
            && user.profile == scene.current.profiles[0].id;
        assert!(declared || owned, "{} is neither declared nor owned", user.username);
    }
}

/// Nobody is written twice by one kind of step, and everybody ready is written.
fn writes_everybody_once(plan: &Plan) {
    let mut written: Vec<usize> = stages(plan).iter().flat_map(Stage::positions).collect();
    written.sort_unstable();
    written.dedup();
    let ready: Vec<usize> = plan
        .changes
        .iter()
        .enumerate()
        .filter(|(_, change)| !change.blocked)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(written, ready);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_plan(
        people in proptest::collection::vec(somebody(), 1..10),
        undeclared in 0..3_u8,
        renames in any::<bool>(),
        part in "[0-9]",
    ) {
        let mut scene = org(&people, undeclared, renames);
        let whole = scene.plan();
        touches_nobody_it_must_not(&scene, &whole);
        writes_everybody_once(&whole);
        let print = digest(&whole);
        scene.desired.users.reverse();
        prop_assert_eq!(digest(&scene.plan()), print, "files in another order");
        scene.desired.users.reverse();

        let short: usize = whole.licenses.iter().map(|line| line.short_users.len()).sum();
        let over = whole.licenses.iter().any(|line| {
            line.after() > line.total && line.after() > line.used
        });
        prop_assert!(short > 0 || !over, "more seats than there are, and nobody is short");

        scene.request.selection.target = vec![format!("first[{part}5-7]*")];
        let changes: Vec<Change> = whole.ready().map(alone).collect();
        for change in scene.plan().ready().map(alone) {
            prop_assert!(changes.contains(&change), "{:?} is no change of the whole", change);
        }
    }
}
