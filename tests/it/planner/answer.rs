//! Whom the project answers for, how much one plan may do, and plans for a part of the people.

use std::sync::Arc;

use portalctl::model::*;
use portalctl::plan::{Action, Reason, digest};

use super::asked::Why;
use super::fixture::{ACME, CUSTOMER, JAMIE, KIM, PARTNER, Scene, editor, scene};
use super::table::{Case, check};

const PAT: &str = "pat.lee@acme.example";

/// The project answers for everybody with the customer profile.
fn owns_customers(scene: &mut Scene, undeclared: Undeclared) -> &mut Ownership {
    let profiles = vec![ProfileName::parse(CUSTOMER).unwrap()];
    let ownership = Ownership { profiles, undeclared, ..Ownership::default() };
    scene.policy.ownership.insert(ownership)
}

fn marks(scene: &mut Scene) {
    let marker = Marker { field: ApiName::of("ManagedBy__c"), value: "acme-portal".into() };
    scene.policy.ownership = Some(Ownership { marker: Some(marker), ..Ownership::default() });
}

fn marked(user: &mut CurrentUser, value: &str) {
    user.custom.insert(ApiName::of("ManagedBy__c"), Scalar::of(value));
}

/// So many users, named by their number.
fn crowd(scene: &mut Scene, number: usize) -> Vec<String> {
    let names: Vec<String> = (0..number).map(|n| format!("user.n{n:02}@acme.example")).collect();
    for name in &names {
        scene.user(name, ACME, CUSTOMER);
    }
    names
}

const OWNERSHIP: &[Case] = &[
    Case {
        says: "without ownership nobody undeclared is touched",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
        },
        then: &[],
    },
    Case {
        says: "owned users whom no file declares are reported",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Report);
        },
        then: &[],
    },
    Case {
        says: "they are deactivated where that is written down",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Deactivate);
        },
        then: &["deactivate kim.osei@acme.example because undeclared"],
    },
    Case {
        says: "they are not looked at where that is written down",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Ignore);
        },
        then: &[],
    },
    Case {
        says: "ownership without a condition owns nobody",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Deactivate).profiles.clear();
        },
        then: &[],
    },
    Case {
        says: "whoever is inactive already is left alone",
        given: |scene| {
            scene.inactive(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Deactivate);
        },
        then: &[],
    },
    Case {
        says: "a guest of the profile is never touched",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER).user_type = UserType::Guest;
            owns_customers(scene, Undeclared::Deactivate);
        },
        then: &[],
    },
    Case {
        says: "the user that the program signs in as is never touched",
        given: |scene| {
            let id = scene.user(KIM, ACME, CUSTOMER).id;
            scene.current.running_user.id = id;
            scene.not_asked(Why::SignedInAs);
            owns_customers(scene, Undeclared::Deactivate);
        },
        then: &[],
    },
    Case {
        says: "conditions hold together",
        given: |scene| {
            scene.account("Globex");
            scene.user(KIM, "Globex", CUSTOMER);
            scene.user(JAMIE, "Globex", PARTNER);
            scene.user(PAT, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Deactivate).accounts =
                vec![AccountRef::Name("Globex".into())];
        },
        then: &["deactivate kim.osei@acme.example because undeclared"],
    },
    Case {
        says: "a protected user is not deactivated for being undeclared",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Deactivate).protect =
                vec!["kim.*@acme.example".to_owned()];
        },
        then: &[],
    },
    Case {
        says: "a protected user declared inactive is that user's blocker",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
            owns_customers(scene, Undeclared::Report).protect = vec!["KIM*".to_owned()];
        },
        then: &["deactivate kim.osei@acme.example (blocked) because state", "error P2304"],
    },
    Case {
        says: "a protected user declared frozen is that user's blocker",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Frozen;
            owns_customers(scene, Undeclared::Report).protect = vec!["kim*".to_owned()];
        },
        then: &["freeze kim.osei@acme.example (blocked) because state", "error P2304"],
    },
    Case {
        says: "a protected user past the last day is that user's blocker",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER).expires = Some("2026-01-01".parse().unwrap());
            owns_customers(scene, Undeclared::Report).protect = vec!["kim*".to_owned()];
        },
        then: &["deactivate kim.osei@acme.example (blocked) because expired", "error P2304"],
    },
    Case {
        says: "who has the contact of somebody declared is not deactivated beside them",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER).username = Username::observed("k.osei@acme.example");
            scene.contact_of_user("k.osei@acme.example");
            scene.declare(KIM, ACME, CUSTOMER);
            owns_customers(scene, Undeclared::Deactivate);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2010"],
    },
    Case {
        says: "a renamed user is not undeclared",
        given: |scene| {
            let old = Username::observed("k.osei@acme.example");
            scene.user(KIM, ACME, CUSTOMER).username = old.clone();
            scene.declare(KIM, ACME, CUSTOMER).renamed_from = [old].into();
            owns_customers(scene, Undeclared::Deactivate);
        },
        then: &[
            "rename kim.osei@acme.example because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
        ],
    },
    Case {
        says: "a user without the marker is adopted",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER);
            marks(scene);
        },
        then: &[
            "adopt kim.osei@acme.example because declared; User.ManagedBy__c null > acme-portal",
        ],
    },
    Case {
        says: "a user with the marker is settled",
        given: |scene| {
            marked(scene.user(KIM, ACME, CUSTOMER), "acme-portal");
            scene.declare(KIM, ACME, CUSTOMER);
            marks(scene);
        },
        then: &[],
    },
    Case {
        says: "a user with another marker is blocked and keeps it",
        given: |scene| {
            marked(scene.user(KIM, ACME, CUSTOMER), "globex-portal");
            scene.declare(KIM, ACME, CUSTOMER);
            marks(scene);
        },
        then: &["update kim.osei@acme.example (blocked) because declared", "error P2303"],
    },
    Case {
        says: "nobody of another marker is deactivated either",
        given: |scene| {
            marked(scene.user(KIM, ACME, CUSTOMER), "globex-portal");
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
            marks(scene);
        },
        then: &["deactivate kim.osei@acme.example (blocked) because state", "error P2303"],
    },
    Case {
        says: "reactivation comes before adoption",
        given: |scene| {
            scene.inactive(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER);
            marks(scene);
        },
        then: &[
            "reactivate kim.osei@acme.example because declared; User.ManagedBy__c null > acme-portal",
        ],
    },
    Case {
        says: "who has the marker and is not declared is undeclared",
        given: |scene| {
            marked(scene.user(KIM, ACME, CUSTOMER), "acme-portal");
            scene.user(JAMIE, ACME, CUSTOMER);
            marks(scene);
            scene.policy.ownership.as_mut().unwrap().undeclared = Undeclared::Deactivate;
        },
        then: &["deactivate kim.osei@acme.example because undeclared"],
    },
    Case {
        says: "somebody who left by themself by the audit trail stays out",
        given: |scene| {
            let id = scene.inactive(KIM, ACME, CUSTOMER).id;
            scene.switched(id, Some(id));
            scene.not_asked(Why::Evidence);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["reactivate kim.osei@acme.example (blocked) because declared", "error P2019"],
    },
    Case {
        says: "somebody whom another switched off by hand has drifted",
        given: |scene| {
            let id = scene.inactive(KIM, ACME, CUSTOMER).id;
            let other = scene.user(JAMIE, ACME, CUSTOMER).id;
            scene.switched(id, Some(other));
            scene.not_asked(Why::Evidence);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["reactivate kim.osei@acme.example because declared+drift"],
    },
    Case {
        says: "somebody whom another switched on again by hand has drifted",
        given: |scene| {
            let id = scene.user(KIM, ACME, CUSTOMER).id;
            let other = scene.user(JAMIE, ACME, CUSTOMER).id;
            scene.switched(id, Some(other));
            scene.current.switches.get_mut(&id).unwrap().active = true;
            scene.declare(KIM, ACME, CUSTOMER).expires = Some("2026-01-01".parse().unwrap());
            scene.not_asked(Why::Evidence);
        },
        then: &["deactivate kim.osei@acme.example because expired+drift"],
    },
    Case {
        says: "somebody whom the program itself switched off has not drifted",
        given: |scene| {
            let id = scene.inactive(KIM, ACME, CUSTOMER).id;
            let running = scene.current.running_user.id;
            scene.switched(id, Some(running));
            scene.not_asked(Why::Evidence);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["reactivate kim.osei@acme.example because declared"],
    },
];

#[test]
fn ownership() {
    check(OWNERSHIP);
}

#[test]
fn created_users_are_marked() {
    let mut scene = scene();
    scene.declare(KIM, ACME, CUSTOMER);
    marks(&mut scene);
    let plan = scene.plan();
    let mut written = plan.changes[0].user_writes();
    assert!(
        written.any(
            |(field, value)| *field == "ManagedBy__c" && value.text().unwrap() == "acme-portal"
        )
    );
}

#[test]
fn users_are_counted_by_who_answers_for_them() {
    let mut scene = scene();
    for name in [KIM, JAMIE] {
        scene.user(name, ACME, CUSTOMER);
    }
    scene.user(PAT, ACME, PARTNER);
    scene.declare(KIM, ACME, CUSTOMER);
    owns_customers(&mut scene, Undeclared::Report);
    let plan = scene.plan();
    assert_eq!((plan.unchanged, plan.undeclared, plan.unmanaged), (1, 1, 1));
    let note = plan.diagnostics.iter().find(|found| found.code == Code::UndeclaredUsers).unwrap();
    assert!(note.message.contains(JAMIE), "{}", note.message);
}

#[test]
fn percentages_are_of_owned_and_declared_active_users() {
    let mut scene = scene();
    scene.current.licenses[0].total = 100;
    let names = crowd(&mut scene, 60);
    for name in &names[..7] {
        scene.declare(name, ACME, CUSTOMER).state = DeclaredState::Inactive;
    }
    let blocker = scene.plan().blockers.remove(0);
    assert_eq!((blocker.count, blocker.limit), (7, 3), "10% of 7, never less than 3");
    owns_customers(&mut scene, Undeclared::Report);
    let blocker = scene.plan().blockers.remove(0);
    assert_eq!((blocker.count, blocker.limit), (7, 6), "10% of 60");
    assert_eq!(blocker.message, "7 deactivations, at most 6 allowed (10% of 60 active users)");
    scene.policy.safety.deactivations = Limit::Percent(12);
    assert!(scene.plan().blockers.is_empty());
}

const LIMITS: &[Case] = &[
    Case {
        says: "freezes count as deactivations",
        given: |scene| {
            for name in crowd(scene, 4) {
                scene.declare(&name, ACME, CUSTOMER).state = DeclaredState::Frozen;
            }
            scene.policy.safety.deactivations = Limit::Count(3);
        },
        then: &[
            "freeze user.n00@acme.example because state",
            "freeze user.n01@acme.example because state",
            "freeze user.n02@acme.example because state",
            "freeze user.n03@acme.example because state",
            "BLOCKED deactivations=4",
        ],
    },
    Case {
        says: "unfreezes count as reactivations",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.freeze(KIM);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Active;
            scene.policy.safety.reactivations = Limit::Count(0);
        },
        then: &["unfreeze kim.osei@acme.example because state", "BLOCKED reactivations=1"],
    },
    Case {
        says: "creations have no limit unless one is set",
        given: |scene| {
            scene.declare(KIM, ACME, CUSTOMER);
            scene.policy.safety.creates = Some(Limit::Count(0));
        },
        then: &[
            "create kim.osei@acme.example because declared; contact create",
            "BLOCKED creates=1",
        ],
    },
    Case {
        says: "renames count as updates",
        given: |scene| {
            let old = Username::observed("k.osei@acme.example");
            scene.user(KIM, ACME, CUSTOMER).username = old.clone();
            scene.declare(KIM, ACME, CUSTOMER).renamed_from = [old].into();
            scene.policy.safety.updates = Some(Limit::Count(0));
        },
        then: &[
            "rename kim.osei@acme.example because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
            "BLOCKED updates=1",
        ],
    },
    Case {
        says: "moving to another account is a change of access",
        given: |scene| {
            scene.account("Globex");
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, "Globex", CUSTOMER);
            scene.policy.safety.access_changes = Limit::Count(0);
        },
        then: &[
            "update kim.osei@acme.example because declared; Contact.AccountId Acme Corp > Globex; contact move",
            "BLOCKED access_changes=1",
        ],
    },
    Case {
        says: "an account may have to keep somebody who can sign in",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Frozen;
            scene.policy.safety.keep_one_active_per_account = true;
        },
        then: &[
            "freeze kim.osei@acme.example because state",
            "BLOCKED keep_one_active_per_account=1",
        ],
    },
    Case {
        says: "somebody new in the account is enough",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Frozen;
            scene.declare(JAMIE, ACME, CUSTOMER);
            scene.policy.safety.keep_one_active_per_account = true;
        },
        then: &[
            "freeze kim.osei@acme.example because state",
            "create jamie.rivera@acme.example because declared; contact create",
        ],
    },
    Case {
        says: "an account may have no more than so many active users",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(JAMIE, ACME, CUSTOMER);
            scene.policy.rules.max_active_per_account = Some(1);
        },
        then: &[
            "create jamie.rivera@acme.example because declared; contact create",
            "BLOCKED max_active_per_account=1",
        ],
    },
    Case {
        says: "an account that is over its number already may shrink",
        given: |scene| {
            crowd(scene, 3);
            scene.declare("user.n00@acme.example", ACME, CUSTOMER).state = DeclaredState::Inactive;
            scene.policy.rules.max_active_per_account = Some(1);
        },
        then: &["deactivate user.n00@acme.example because state"],
    },
    Case {
        says: "a template may require a last day",
        given: |scene| {
            let templates = ["contractor", "customer"].map(Arc::from).into();
            scene.declare(KIM, ACME, CUSTOMER).shared =
                Arc::new(Shared { templates, ..Shared::default() });
            scene.policy.rules.require_expiry = vec!["contract*".to_owned()];
        },
        then: &[
            "create kim.osei@acme.example because declared; contact create",
            "BLOCKED require_expiry=1",
        ],
    },
    Case {
        says: "a permission set may be forbidden",
        given: |scene| {
            let grant =
                SetGrant { name: SetName::parse("Deal_Registration").unwrap(), expires: None };
            let declared = scene.declare(KIM, ACME, CUSTOMER);
            *Arc::make_mut(&mut declared.access).get_mut(AccessKind::PermissionSet) =
                Some(Arc::from([grant]));
            scene.policy.rules.forbid_permission_sets = vec!["deal_*".to_owned()];
        },
        then: &[
            "create kim.osei@acme.example because declared; +Deal_Registration; contact create",
            "BLOCKED forbid_permission_sets=1",
        ],
    },
    Case {
        says: "addresses may have to be of some domain",
        given: |scene| {
            scene.declare(KIM, ACME, CUSTOMER);
            scene.policy.rules.allowed_email_domains.overall = Some(vec!["acme.com".to_owned()]);
        },
        then: &[
            "create kim.osei@acme.example because declared; contact create",
            "BLOCKED allowed_email_domains=1",
        ],
    },
    Case {
        says: "an account may have domains of its own",
        given: |scene| {
            scene.declare(KIM, ACME, CUSTOMER);
            let domains = &mut scene.policy.rules.allowed_email_domains;
            domains.overall = Some(vec!["acme.com".to_owned()]);
            domains.by_account = [(ACME.into(), vec!["ACME.example".to_owned()])].into();
        },
        then: &["create kim.osei@acme.example because declared; contact create"],
    },
    Case {
        says: "an exception for exactly this many lets a policy go",
        given: |scene| {
            scene.declare(KIM, ACME, CUSTOMER);
            scene.policy.rules.allowed_email_domains.overall = Some(vec!["acme.com".to_owned()]);
            scene.request.allow.insert(Rule::AllowedEmailDomains, 1);
        },
        then: &["create kim.osei@acme.example because declared; contact create"],
    },
    Case {
        says: "a blocked user counts for nothing",
        given: |scene| {
            scene.declare(KIM, "Globex", CUSTOMER);
            scene.policy.safety.creates = Some(Limit::Count(0));
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2001"],
    },
];

#[test]
fn limits() {
    check(LIMITS);
}

#[test]
fn coming_back_by_ones_own_leave_takes_the_exact_number() {
    let mut scene = scene();
    for name in [KIM, JAMIE] {
        let user = scene.inactive(name, ACME, CUSTOMER);
        user.last_modified_by = (name == KIM).then(|| editor(user.id));
        scene.declare(name, ACME, CUSTOMER);
    }
    let plan = scene.plan();
    assert_eq!((plan.count(Action::Reactivate), plan.blocked()), (1, 1));
    let help = plan.diagnostics.iter().find_map(|found| found.help.clone()).unwrap();
    assert!(help.contains("`--allow reactivations=2`"), "{help}");
    scene.request.allow.insert(Rule::Reactivations, 1);
    assert_eq!(scene.plan().blocked(), 1, "the number is that of all with them");
    scene.request.allow.insert(Rule::Reactivations, 2);
    assert_eq!(scene.plan().count(Action::Reactivate), 2);
}

#[test]
fn many_new_names_while_as_many_vanish_look_like_renames() {
    let mut scene = scene();
    for name in ["ann.lee", "bob.ray", "cat.fox"] {
        scene.user(&format!("{name}@old.example"), ACME, CUSTOMER);
        scene.declare(&format!("{name}@new.example"), ACME, CUSTOMER);
    }
    owns_customers(&mut scene, Undeclared::Report);
    let plan = scene.plan();
    let found = plan.diagnostics.iter().find(|found| found.code == Code::LooksLikeRenames).unwrap();
    assert_eq!(
        found.message,
        "3 declared usernames are new while 3 owned users are declared no more"
    );
    assert!(found.help.as_ref().unwrap().contains("`ann.lee@old.example` → `ann.lee@new.example`"));
}

#[test]
fn whether_absence_does_nothing_is_said() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    let said = |scene: &Scene| {
        scene.plan().diagnostics.iter().any(|found| found.code == Code::AbsenceDoesNothing)
    };
    assert!(said(&scene));
    owns_customers(&mut scene, Undeclared::Report);
    assert!(said(&scene));
    owns_customers(&mut scene, Undeclared::Deactivate);
    assert!(!said(&scene));
}

/// Three people of two accounts: one to be created, one updated, one deactivated.
fn three() -> Scene {
    let mut scene = scene();
    scene.account("Globex");
    scene.user(JAMIE, "Globex", CUSTOMER);
    scene.user(PAT, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    let jamie = scene.declare(JAMIE, "Globex", CUSTOMER);
    jamie.fields.insert(UserField::Title, Value::of("Buyer"));
    jamie.place.file = "users/globex/north.toml".into();
    scene.declare(PAT, ACME, CUSTOMER).state = DeclaredState::Inactive;
    scene
}

#[test]
fn a_part_of_the_people_is_planned_as_in_the_whole() {
    let whole = three().plan();
    for (target, expected) in [
        (KIM, vec![KIM]),
        ("*@acme.example", vec![KIM, JAMIE, PAT]),
        ("globex", vec![JAMIE]),
        ("users/globex/*", vec![JAMIE]),
        ("./users/acme.toml", vec![KIM, PAT]),
        ("[jp]*", vec![JAMIE, PAT]),
    ] {
        let mut scene = three();
        scene.request.selection.target = vec![target.to_owned()];
        let plan = scene.plan();
        let names: Vec<_> = plan.changes.iter().map(|change| change.username.as_str()).collect();
        assert_eq!(names, expected, "{target}");
        assert!(plan.unmatched_targets.is_empty());
        assert!(plan.changes.iter().all(|change| whole.changes.contains(change)), "{target}");
    }
    let mut scene = three();
    scene.request.selection.target = vec!["*acme*".to_owned(), "nobody@*".to_owned()];
    scene.request.selection.exclude = vec!["Globex".to_owned(), PAT.to_owned()];
    let plan = scene.plan();
    assert_eq!(plan.unmatched_targets, ["nobody@*"]);
    assert_eq!(plan.changes.len(), 1);
}

#[test]
fn seats_and_limits_are_those_of_the_part() {
    let mut scene = three();
    scene.current.licenses[0].total = 2;
    scene.policy.safety.deactivations = Limit::Count(0);
    assert_eq!(scene.plan().blockers.len(), 1, "the seat that is freed is taken");
    scene.request.selection.no_deactivate = true;
    let rules: Vec<_> = scene.plan().blockers.iter().map(|blocker| blocker.rule).collect();
    assert_eq!(rules, [Rule::Shortfall]);
}

#[test]
fn actions_and_reasons_can_be_picked() {
    let mut scene = three();
    scene.request.selection.only = vec![Action::Create, Action::Update];
    let actions: Vec<_> = scene.plan().changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Create, Action::Update]);
    scene.request.selection.only.clear();
    scene.request.selection.only_reason = vec![Reason::State, Reason::Expired];
    let actions: Vec<_> = scene.plan().changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Deactivate]);
    assert_eq!(scene.plan().unchanged, 0, "who is left out is not called unchanged");
}

#[test]
fn whoever_needs_the_name_of_somebody_left_out_is_held_up() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER).username = Username::observed("k.osei@acme.example");
    scene.user(JAMIE, ACME, CUSTOMER).username = Username::observed(KIM);
    scene.declare(KIM, ACME, CUSTOMER).renamed_from =
        [Username::observed("k.osei@acme.example")].into();
    scene.declare(JAMIE, ACME, CUSTOMER).renamed_from = [Username::observed(KIM)].into();
    scene.request.selection.target = vec![KIM.to_owned()];
    assert_eq!(scene.lines().last().unwrap(), "error P2302");
}

#[test]
fn the_order_of_files_does_not_show_in_the_digest() {
    let scene = three();
    let first = digest(&scene.plan());
    let mut other = three();
    for user in &mut other.desired.users {
        user.place.file = format!("users/z-{}", user.place.file).into();
    }
    assert_eq!(digest(&other.plan()), first);
    other.desired.users.reverse();
    assert_eq!(digest(&other.plan()), first);
}
