//! People, sets, seats and limits, in sentences.

use std::sync::Arc;

use portalctl::model::*;
use portalctl::plan::{Stage, digest, stages};
use portalctl::saved::Declared;

use super::asked::Why;
use super::fixture::{ACME, CUSTOMER, JAMIE, KIM, PARTNER, Scene, editor, in_zone, scene};

/// The permission sets of a declaration.
fn sets(declared: &mut DesiredUser) -> &mut Option<Arc<[SetGrant]>> {
    Arc::make_mut(&mut declared.access).get_mut(AccessKind::PermissionSet)
}

fn grants(names: &[&str]) -> Arc<[SetGrant]> {
    let grant = |name: &&str| SetGrant { name: SetName::parse(name).unwrap(), expires: None };
    names.iter().map(grant).collect()
}

/// An org with one user and a declaration that fits it.
fn settled() -> Scene {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    scene
}

#[test]
fn somebody_who_is_as_declared_is_left_alone() {
    let plan = settled().plan();
    assert!(plan.changes.is_empty());
    assert_eq!(plan.unchanged, 1);
}

#[test]
fn a_new_person_gets_a_contact_and_a_user() {
    let mut scene = scene();
    *sets(scene.declare(KIM, ACME, CUSTOMER)) = Some(grants(&["Portal_Base"]));
    assert_eq!(
        scene.lines(),
        ["create kim.osei@acme.example because declared; +Portal_Base; contact create"]
    );
    let plan = scene.plan();
    let sent: Vec<_> = plan.changes[0]
        .user_writes()
        .map(|(field, value)| format!("{field}={}", value.text().unwrap_or("null".into())))
        .collect();
    assert_eq!(
        sent,
        [
            "Username=kim.osei@acme.example",
            "FirstName=Kim",
            "LastName=Osei",
            "Email=kim.osei@acme.example",
            "Alias=kosei",
            "CommunityNickname=kim.osei.fpefrd",
            "TimeZoneSidKey=GMT",
            "LocaleSidKey=en_US",
            "LanguageLocaleKey=en_US",
            "EmailEncodingKey=UTF-8",
            "ProfileId=Acme Customer",
        ]
    );
}

#[test]
fn a_new_person_is_linked_to_the_contact_with_their_address() {
    let mut scene = scene();
    scene.contact(ACME, "Kimberly", "OSEI", "KIM.OSEI@acme.example");
    scene.declare(KIM, ACME, CUSTOMER);
    let plan = scene.plan();
    assert_eq!(plan.changes[0].contact.unwrap().as_str(), "link");
    let contact: Vec<_> = plan.changes[0].contact_writes().map(|(field, _)| field).collect();
    assert_eq!(contact, ["FirstName", "LastName"]);
}

#[test]
fn a_contact_with_another_last_name_is_not_linked() {
    let mut scene = scene();
    scene.contact(ACME, "Pat", "Lee", KIM);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(
        scene.lines(),
        ["create kim.osei@acme.example (blocked) because declared", "error P2012"]
    );
}

#[test]
fn a_named_contact_is_linked_whatever_its_name() {
    let mut scene = scene();
    let contact = scene.contact(ACME, "Pat", "Lee", "other@acme.example");
    scene.declare(KIM, ACME, CUSTOMER).contact = Some(ContactRef::Id(contact).into());
    assert_eq!(scene.plan().changes[0].contact.unwrap().as_str(), "link");
}

#[test]
fn two_contacts_with_one_address_are_not_guessed_between() {
    let mut scene = scene();
    scene.contact(ACME, "Kim", "Osei", KIM);
    scene.contact(ACME, "Kim", "Osei", KIM);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(
        scene.lines(),
        ["create kim.osei@acme.example (blocked) because declared", "error P2011"]
    );
}

#[test]
fn a_contact_whose_user_has_another_name_blocks_and_names_the_holder() {
    let mut scene = scene();
    let held = scene.user("k.osei@acme.example", ACME, CUSTOMER).contact.clone().unwrap().contact;
    scene.current.contacts.push(Contact {
        email: Some(KIM.into()),
        last_name: "Osei".into(),
        ..held
    });
    scene.declare(KIM, ACME, CUSTOMER);
    let plan = scene.plan();
    assert!(plan.changes[0].blocked);
    assert_eq!(plan.diagnostics[0].code, Code::ContactTaken);
    assert!(plan.diagnostics[0].message.contains("k.osei@acme.example"));
}

#[test]
fn two_declared_people_never_share_a_contact() {
    let mut scene = scene();
    for username in [KIM, "kim.second@acme.example"] {
        let declared = scene.declare(username, ACME, CUSTOMER);
        declared.fields.insert(UserField::Email, Value::of(KIM));
    }
    assert_eq!(
        scene.lines(),
        [
            "create kim.osei@acme.example because declared; contact create",
            "create kim.second@acme.example (blocked) because declared",
            "error P2010"
        ]
    );
}

#[test]
fn contacts_are_not_made_where_that_is_switched_off() {
    let mut scene = scene();
    scene.policy.contacts.create = false;
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(scene.lines()[1], "error P2015");
}

#[test]
fn usernames_are_found_without_regard_to_case() {
    let mut scene = scene();
    scene.user("Kim.Osei@ACME.example", ACME, CUSTOMER).fields = [
        (UserField::FirstName, Value::of("Kim")),
        (UserField::LastName, Value::of("Osei")),
        (UserField::Email, Value::of(KIM)),
    ]
    .into();
    scene.policy.contacts.update = false;
    scene.declare(KIM, ACME, CUSTOMER);
    assert!(scene.plan().changes.is_empty());
}

#[test]
fn only_what_differs_is_changed() {
    let mut scene = settled();
    let fields = &mut scene.desired.users[0].fields;
    fields.insert(UserField::Title, Value::of("Lead Buyer"));
    fields.insert(UserField::Phone, Value::Null);
    scene.current.users[0].fields.insert(UserField::Title, Value::of("Buyer"));
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; User.Title Buyer > Lead Buyer"]
    );
}

#[test]
fn the_contact_follows_name_and_address() {
    let mut scene = settled();
    scene.desired.users[0].fields.insert(UserField::LastName, Value::of("Osei-Mensah"));
    assert_eq!(
        scene.lines(),
        [
            "update kim.osei@acme.example because declared; User.LastName Osei > Osei-Mensah; Contact.LastName Osei > Osei-Mensah; contact update"
        ]
    );
}

#[test]
fn a_user_who_hides_a_value_is_not_rewritten_for_ever() {
    let mut scene = settled();
    scene.desired.users[0].fields.insert(UserField::Title, Value::of("Buyer"));
    scene.current.users[0].fields.insert(UserField::Title, Value::of("#N/A"));
    assert!(scene.plan().changes.is_empty());
}

#[test]
fn moving_to_another_account_moves_the_contact() {
    let mut scene = settled();
    scene.account("Globex");
    scene.desired.users[0].account = AccountRef::Name("Globex".into());
    assert_eq!(
        scene.lines(),
        [
            "update kim.osei@acme.example because declared; Contact.AccountId Acme Corp > Globex; contact move"
        ]
    );
}

#[test]
fn an_inactive_user_is_reactivated_never_created_again() {
    let mut scene = scene();
    scene.inactive(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(scene.lines(), ["reactivate kim.osei@acme.example because declared"]);
}

#[test]
fn somebody_who_left_by_themself_stays_out_until_that_is_approved() {
    let mut scene = scene();
    let user = scene.inactive(KIM, ACME, CUSTOMER);
    user.last_modified_by = Some(editor(user.id));
    scene.not_asked(Why::Evidence);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(
        scene.lines(),
        ["reactivate kim.osei@acme.example (blocked) because declared", "error P2019"]
    );
    scene.request.allow.insert(Rule::Reactivations, 1);
    assert_eq!(scene.lines(), ["reactivate kim.osei@acme.example because declared"]);
}

#[test]
fn state_inactive_deactivates_and_changes_nothing_else() {
    let mut scene = settled();
    let declared = &mut scene.desired.users[0];
    declared.state = DeclaredState::Inactive;
    declared.fields.insert(UserField::Title, Value::of("Buyer"));
    *sets(declared) = Some(grants(&["Portal_Base"]));
    assert_eq!(scene.lines(), ["deactivate kim.osei@acme.example because state"]);
}

#[test]
fn nobody_is_created_for_a_day_that_is_not_today() {
    for change in [
        (|user: &mut DesiredUser| user.state = DeclaredState::Inactive) as fn(&mut DesiredUser),
        |user| user.state = DeclaredState::Frozen,
        |user| user.starts = Some("2026-11-25".parse().unwrap()),
        |user| user.expires = Some("2026-11-23".parse().unwrap()),
    ] {
        let mut scene = scene();
        change(scene.declare(KIM, ACME, CUSTOMER));
        assert!(scene.plan().changes.is_empty());
    }
}

#[test]
fn the_last_day_is_inclusive() {
    let mut scene = settled();
    scene.desired.users[0].expires = Some("2026-11-24".parse().unwrap());
    assert!(scene.plan().changes.is_empty());
    scene.desired.users[0].expires = Some("2026-11-23".parse().unwrap());
    assert_eq!(scene.lines(), ["deactivate kim.osei@acme.example because expired"]);
    scene.desired.users[0].expires = None;
    scene.desired.users[0].starts = Some("2026-11-25".parse().unwrap());
    assert_eq!(scene.lines(), ["deactivate kim.osei@acme.example because not-started"]);
}

#[test]
fn people_are_called_as_the_org_calls_them() {
    let mut scene = settled();
    scene.freeze("kim.osei@acme.example");
    let mut frozen = |name: &str, is_seen: bool| {
        let user = &mut scene.current.users[0];
        if !is_seen {
            user.fields.remove(&UserField::LastName);
        }
        user.set_name(name);
        assert_eq!(user.name(), name);
        let found = scene.plan().diagnostics;
        let said = found.iter().find(|found| found.code == Code::Frozen).unwrap();
        assert_eq!(said.message, format!("{name} was frozen by Ann Admin"));
    };
    for name in ["Kim Osei", "Kim van Osei", "Osei Kim", "Kim", "kim osei", ""] {
        frozen(name, true);
    }
    for name in ["Kim Osei", "Kim", "Osei", ""] {
        frozen(name, false);
    }
}

#[test]
fn freezing_is_lifted_only_where_that_is_written_down() {
    let mut scene = settled();
    scene.freeze("kim.osei@acme.example");
    assert_eq!(scene.lines(), ["warning P2020"]);
    scene.desired.users[0].state = DeclaredState::Active;
    assert_eq!(scene.lines(), ["unfreeze kim.osei@acme.example because state"]);
    scene.desired.users[0].state = DeclaredState::Frozen;
    assert!(scene.plan().changes.is_empty());
    scene.current.frozen = Freezes::default();
    assert_eq!(scene.lines(), ["freeze kim.osei@acme.example because state"]);
}

#[test]
fn internal_users_guests_and_the_running_user_are_never_written() {
    let mut scene = scene();
    for (username, kind) in [(KIM, "Standard"), (JAMIE, "Guest")] {
        scene.user(username, ACME, CUSTOMER).user_type = UserType::observed(kind);
        scene.declare(username, ACME, PARTNER);
    }
    let running = scene.user("ci@acme.example", ACME, CUSTOMER).id;
    scene.current.running_user.id = running;
    scene.declare("ci@acme.example", ACME, PARTNER);
    let plan = scene.plan();
    assert!(plan.changes.iter().all(|change| change.blocked));
    assert!(plan.diagnostics.iter().take(3).all(|found| found.code == Code::NotPortalUser));
    assert!(stages(&plan).is_empty());
}

#[test]
fn a_disabled_user_is_not_matched() {
    let mut scene = scene();
    scene.inactive(KIM, ACME, CUSTOMER).contact = None;
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(scene.lines()[1], "error P2017");
}

#[test]
fn accounts_must_be_found_exactly_once_and_owned_by_somebody_with_a_role() {
    let mut scene = scene();
    scene.declare(KIM, "Acme corp", CUSTOMER);
    assert_eq!(scene.lines()[1], "error P2001");
    scene.desired.users[0].account = AccountRef::Name(ACME.into());
    scene.account(ACME);
    assert_eq!(scene.lines()[1], "error P2002");
    scene.current.accounts.pop();
    Arc::make_mut(&mut scene.current.accounts[0].owner).has_role = false;
    assert!(scene.lines().contains(&"error P2003".to_owned()));
}

#[test]
fn names_that_the_org_does_not_know_are_blockers_with_a_suggestion() {
    let mut scene = scene();
    *sets(scene.declare(KIM, ACME, "Acme Custmer")) = Some(grants(&["Portal_Bse"]));
    let plan = scene.plan();
    assert_eq!(plan.diagnostics[0].help.as_deref(), Some("did you mean `Acme Customer`?"));
    scene.desired.users[0].profile =
        DeclaredProfile::Managed(ProfileName::parse(CUSTOMER).unwrap());
    let plan = scene.plan();
    assert_eq!(plan.diagnostics[0].code, Code::UnknownPermissionSet);
    assert_eq!(plan.diagnostics[0].help.as_deref(), Some("did you mean `Portal_Base`?"));
    scene.desired.users[0].profile =
        DeclaredProfile::Managed(ProfileName::parse("System Administrator").unwrap());
    assert_eq!(scene.plan().diagnostics[0].code, Code::InternalProfile);
}

#[test]
fn permission_sets_are_exact_unless_told_otherwise() {
    let mut scene = settled();
    scene.assign(KIM, "Orders_Read", None);
    assert!(scene.plan().changes.is_empty(), "a key that is not declared is not managed");
    *sets(&mut scene.desired.users[0]) = Some(grants(&["Portal_Base"]));
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; +Portal_Base; -Orders_Read"]
    );
    scene.policy.permission_sets.mode = SetMode::AtLeast;
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; +Portal_Base"]);
    scene.policy.permission_sets.mode = SetMode::Exact;
    scene.policy.permission_sets.ignore = vec!["orders_*".to_owned()];
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; +Portal_Base"]);
    *sets(&mut scene.desired.users[0]) = Some(grants(&[]));
    assert!(scene.plan().changes.is_empty());
}

#[test]
fn an_expiry_is_the_last_second_of_the_day_in_the_persons_zone() {
    let mut scene = settled();
    scene.desired.users[0].shared = in_zone("America/New_York");
    *sets(&mut scene.desired.users[0]) = Some(Arc::from([SetGrant {
        name: SetName::parse("Portal_Base").unwrap(),
        expires: Some("2027-03-31".parse().unwrap()),
    }]));
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; +Portal_Base until 2027-04-01T03:59:59Z"]
    );
    scene.assign(KIM, "Portal_Base", Some("2027-03-31T18:00:00Z"));
    assert!(scene.plan().changes.is_empty(), "the day is what counts");
    scene.current.holdings[0].expires = None;
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; ~Portal_Base 2027-03-31"]
    );
    scene.request.today = Today::Fixed("2027-04-01".parse().unwrap());
    assert_eq!(scene.lines(), ["update kim.osei@acme.example because declared; -Portal_Base"]);
    scene.current.holdings[0].expires = Some("2027-04-01T03:59:59Z".parse().unwrap());
    assert!(scene.plan().changes.is_empty(), "an assignment that has ended is not held");
}

#[test]
fn a_set_of_another_licence_is_a_blocker() {
    let mut scene = settled();
    scene.permission_set("Partner_Only", Some(2));
    *sets(&mut scene.desired.users[0]) = Some(grants(&["Partner_Only"]));
    assert_eq!(scene.lines()[1], "error P2009");
}

#[test]
fn licences_move_up_but_not_down() {
    let mut scene = settled();
    scene.desired.users[0].profile = DeclaredProfile::Managed(ProfileName::parse(PARTNER).unwrap());
    assert_eq!(
        scene.lines(),
        [
            "update kim.osei@acme.example because declared; User.ProfileId Acme Customer > Acme Partner"
        ]
    );
    assert!(matches!(stages(&scene.plan())[0], Stage::MoveLicense(_)));
    let mut scene = super::fixture::scene();
    scene.user(KIM, ACME, PARTNER);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(scene.lines()[1], "error P2018");
}

#[test]
fn seats_freed_by_the_plan_can_be_used_by_it() {
    let mut scene = settled();
    scene.current.licenses[0].total = 1;
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert_eq!(scene.lines().last().unwrap(), "BLOCKED shortfall=1");
    scene.desired.users[0].state = DeclaredState::Inactive;
    assert!(scene.plan().blockers.is_empty());
}

#[test]
fn a_shortfall_names_who_does_not_fit_in_file_order() {
    let mut scene = scene();
    scene.current.licenses[0].total = 1;
    for username in [KIM, JAMIE, "pat.lee@acme.example"] {
        scene.declare(username, ACME, CUSTOMER);
    }
    let plan = scene.plan();
    let line = &plan.licenses[0];
    assert_eq!((line.total, line.used, line.needed, line.after()), (1, 0, 3, 3));
    let short: Vec<_> = line.short_users.iter().map(Username::as_str).collect();
    assert_eq!(short, [JAMIE, "pat.lee@acme.example"]);
    assert_eq!(plan.blockers[0].allow(), "shortfall=2");

    scene.request.allow.insert(Rule::Shortfall, 2);
    let plan = scene.plan();
    assert!(plan.blockers.is_empty());
    assert_eq!((plan.ready().count(), plan.blocked()), (1, 2));
    assert_eq!(plan.licenses[0].after(), 1);
}

#[test]
fn an_overallocated_licence_lets_nobody_in_until_it_is_positive() {
    let mut scene = settled();
    scene.current.licenses[0].total = 1;
    scene.current.licenses[0].used = 3;
    scene.desired.users[0].state = DeclaredState::Inactive;
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert_eq!(scene.lines().last().unwrap(), "BLOCKED shortfall=1");
}

#[test]
fn licences_are_swapped_in_the_order_that_works() {
    let mut scene = scene();
    scene.current.licenses[1].total = 0;
    scene.current.licenses[0].total = 2;
    let mut plus = scene.current.licenses[1].clone();
    plus.id = UserLicenseId::observed("1008d0000000009").unwrap();
    plus.name = "Customer Community Login".into();
    plus.total = 1;
    let mut profile = scene.current.profiles[0].clone();
    profile.id = ProfileId::observed("00e8d0000000009").unwrap();
    profile.name = "Acme Login".into();
    profile.license = plus.id;
    scene.current.licenses.push(plus);
    scene.current.profiles.push(profile);
    scene.user(KIM, ACME, "Acme Login");
    scene.user(JAMIE, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, "Acme Login");
    scene.declare(KIM, ACME, CUSTOMER);
    let plan = scene.plan();
    assert!(plan.blockers.is_empty(), "{:?}", plan.blockers);
    let Stage::MoveLicense(moves) = &stages(&plan)[0] else { panic!() };
    assert_eq!(moves.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 0]);
    scene.current.licenses[0].total = 1;
    assert_eq!(scene.plan().blockers.len(), 1, "no order fits");
}

#[test]
fn more_than_a_tenth_is_not_deactivated_without_a_word() {
    let mut scene = scene();
    for n in 0..8 {
        let username = format!("user.n{n}@acme.example");
        scene.user(&username, ACME, CUSTOMER);
        let declared = scene.declare(&username, ACME, CUSTOMER);
        if n < 4 {
            declared.state = DeclaredState::Inactive;
        }
    }
    let blocker = scene.plan().blockers.remove(0);
    assert_eq!((blocker.rule, blocker.count, blocker.limit), (Rule::Deactivations, 4, 3));
    assert_eq!(blocker.message, "4 deactivations, at most 3 allowed (10% of 8 active users)");
    scene.request.allow.insert(Rule::Deactivations, 5);
    assert_eq!(scene.plan().blockers.len(), 1, "the number must be the plan's");
    scene.request.allow.insert(Rule::Deactivations, 4);
    assert!(scene.plan().blockers.is_empty());
    scene.request.allow.clear();
    scene.policy.safety.deactivations = Limit::Count(4);
    assert!(scene.plan().blockers.is_empty());
}

#[test]
fn losing_access_counts_against_its_own_limit() {
    let mut scene = scene();
    for n in 0..4 {
        let username = format!("user.n{n}@acme.example");
        scene.user(&username, ACME, CUSTOMER);
        scene.assign(&username, "Orders_Read", None);
        *sets(scene.declare(&username, ACME, CUSTOMER)) = Some(grants(&[]));
    }
    assert_eq!(scene.lines().last().unwrap(), "BLOCKED access_changes=4");
}

#[test]
fn a_reviewed_exception_is_an_upper_bound_for_an_org_and_a_time() {
    let mut scene = scene();
    for n in 0..4 {
        let username = format!("user.n{n}@acme.example");
        scene.inactive(&username, ACME, CUSTOMER);
        scene.declare(&username, ACME, CUSTOMER);
    }
    assert_eq!(scene.lines().last().unwrap(), "BLOCKED reactivations=4");
    let place = scene.desired.users[0].place.clone();
    scene.policy.allows = vec![Allow {
        rule: Rule::Reactivations,
        org: Some(OrgName::parse("prod").unwrap()),
        count: 5,
        reason: "spring intake".to_owned(),
        expires: "2026-11-24".parse().unwrap(),
        place,
    }];
    assert!(scene.plan().blockers.is_empty());
    scene.request.today = Today::Fixed("2026-11-25".parse().unwrap());
    assert_eq!(scene.plan().blockers.len(), 1);
}

#[test]
fn a_sandbox_keeps_its_invalid_addresses_and_mails_nobody() {
    let mut scene = settled();
    scene.current.org.is_sandbox = true;
    scene.request.username_suffix = ".uat".to_owned();
    let user = &mut scene.current.users[0];
    user.username = Username::observed("kim.osei@acme.example.uat");
    user.fields.insert(UserField::Email, Value::of("kim.osei@acme.example.invalid"));
    user.contact.as_mut().unwrap().contact.email = Some("other@acme.example.invalid".into());
    scene.declare(JAMIE, ACME, CUSTOMER);
    let plan = scene.plan();
    assert_eq!(plan.changes.len(), 1);
    let sent: Vec<_> = plan.changes[0]
        .user_writes()
        .chain(plan.changes[0].contact_writes())
        .filter(|(field, _)| matches!(field.as_str(), "Username" | "Email"))
        .map(|(_, value)| value.text().unwrap())
        .collect();
    assert_eq!(
        sent,
        [
            "jamie.rivera@acme.example.uat",
            "jamie.rivera@acme.example.invalid",
            "jamie.rivera@acme.example.invalid"
        ]
    );
}

#[test]
fn the_digest_changes_with_what_is_written_and_with_nothing_else() {
    let mut scene = settled();
    scene.desired.users[0].fields.insert(UserField::Title, Value::of("Buyer"));
    let first = digest(&scene.plan());
    scene.desired.users[0].place.line += 7;
    scene.current.licenses[0].used += 1;
    assert_eq!(digest(&scene.plan()), first);
    scene.current.users[0].fields.insert(UserField::Title, Value::of("Owner"));
    assert_ne!(digest(&scene.plan()), first);
}

/// A print that changes makes every saved plan look as if its files had been edited: then the version
/// of the format has to change as well.
#[test]
fn what_is_declared_has_the_same_print_in_every_version_and_wherever_it_stands() {
    let mut scene = scene();
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.fields.insert(UserField::Title, Value::of("Lead"));
    declared.custom.insert(ApiName::of("Badge__c"), Scalar::of("7"));
    declared.renamed_from = [Username::observed("k@acme.example")].into();
    declared.portal_role = Some(PortalRole::Manager);
    let print = |scene: &Scene| {
        let declared = Declared::of(&scene.plan(), &scene.desired, &scene.policy);
        let print = serde_json::to_value(declared).unwrap();
        print["users"][KIM].as_str().unwrap().to_owned()
    };
    let expected = "sha256:a45baad9449e53ad4e853da082333a62f899876b17184f8a321340919101d6bd";
    assert_eq!(print(&scene), expected);
    scene.desired.users[0].place.line += 1;
    assert_eq!(print(&scene), expected);
    scene.desired.users[0].portal_role = None;
    assert_ne!(print(&scene), expected);
}
