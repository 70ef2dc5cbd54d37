//! Who is mailed a link because somebody asks for it, and who is not, in sentences.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use portalctl::model::*;
use portalctl::plan::{Blocker, Invite, Obstacle, Plan, Refusal, Whom, digest, invite};

use super::fixture::{ACME, Scene, moment, scene};
use super::world::*;

const DAY: Duration = Duration::from_hours(24);

/// An org that shows when people signed in and when their passwords were changed.
fn inviting() -> Scene {
    let mut scene = scene();
    for field in ["LastLoginDate", "LastPasswordChangeDate"] {
        scene.user_field(field, FieldShape::Moment, |_| {});
    }
    scene
}

/// Kim and Jamie are in the org and declared.
fn two() -> Scene {
    let mut scene = inviting();
    for name in [KIM, JAMIE] {
        scene.user(name, ACME, CUSTOMER);
        scene.declare(name, ACME, CUSTOMER);
    }
    scene
}

fn named(names: &[&str]) -> Whom {
    Whom::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn asked(scene: &Scene, whom: Whom, cool_down: u16) -> Result<Plan, Refusal> {
    let asked = Invite { whom, cool_down, trail: Vec::new(), made: BTreeMap::new() };
    invite(&scene.desired, &scene.current, &scene.policy, &scene.request, &asked)
}

/// Who is mailed.
fn mailed(plan: &Plan) -> Vec<&str> {
    assert!(plan.changes.iter().all(|change| {
        change.is_invitation()
            && change.fields.is_empty()
            && change.contact.is_none()
            && change.access.is_empty()
            && !change.blocked
    }));
    let changes: Vec<&str> = plan.changes.iter().map(|change| change.username.as_str()).collect();
    let mails: Vec<&str> = plan.mails.iter().map(|mail| mail.username.as_str()).collect();
    assert_eq!(changes, mails, "one change, one mail");
    changes
}

/// Why Kim is not mailed.
#[track_caller]
fn kept_out(scene: &Scene, whom: Whom) -> Obstacle {
    let plan = asked(scene, whom, 7).unwrap();
    assert!(!mailed(&plan).contains(&KIM));
    let left = &plan.invitation.as_ref().unwrap().left_out;
    let [why] = *left.iter().filter(|one| one.username.as_str() == KIM).collect::<Vec<_>>() else {
        panic!("{left:?}")
    };
    why.why
}

fn codes(plan: &Plan) -> Vec<Code> {
    let personal = plan.diagnostics.iter().filter(|found| found.username.is_some());
    personal.map(|found| found.code).collect()
}

#[test]
fn people_who_are_named_are_mailed_and_nothing_of_theirs_is_written() {
    let mut scene = two();
    scene.declared(KIM).fields.insert(UserField::Title, Value::of("Buyer"));
    let plan = asked(&scene, named(&[KIM]), 7).unwrap();
    assert_eq!(mailed(&plan), [KIM]);
    assert!(codes(&plan).is_empty(), "{:?}", plan.diagnostics);
    assert_eq!(mailed(&asked(&scene, named(&["*@ACME.example"]), 7).unwrap()), [KIM, JAMIE]);
}

#[test]
fn whoever_is_declared_nowhere_is_an_error_that_names_them() {
    let mut scene = two();
    scene.user(NOOR, ACME, CUSTOMER);
    let refused = asked(&scene, named(&[KIM, NOOR, "*@globex.example", ACME]), 7).unwrap_err();
    let unknown = [NOOR, "*@globex.example", ACME].map(str::to_owned).to_vec();
    assert_eq!(refused, Refusal::Undeclared(unknown));
}

#[test]
fn the_cool_down_ends_to_the_microsecond() {
    let mut scene = two();
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    scene.request.today = Today::At(now);
    let last = now - 7 * DAY;
    scene.observed(KIM).last_password = Some(last.into());
    assert_eq!(mailed(&asked(&scene, named(&[KIM]), 7).unwrap()), [KIM]);
    let fresh = Moment::from(last + Duration::from_micros(1));
    scene.observed(KIM).last_password = Some(fresh);
    assert_eq!(kept_out(&scene, named(&[KIM])), Obstacle::CoolDown(fresh));
    assert_eq!(mailed(&asked(&scene, named(&[KIM]), 6).unwrap()), [KIM]);
    assert_eq!(mailed(&asked(&scene, named(&[KIM]), 0).unwrap()), [KIM]);
    // The org's clock may be ahead of ours.
    let ahead = Moment::from(now + DAY);
    scene.observed(KIM).last_password = Some(ahead);
    assert_eq!(kept_out(&scene, Whom::NeverSignedIn), Obstacle::CoolDown(ahead));
}

#[test]
fn a_day_that_is_given_begins_at_midnight_in_gmt() {
    let mut scene = two();
    scene.observed(KIM).last_password = Some(moment("2026-11-17T00:00:00Z"));
    assert_eq!(mailed(&asked(&scene, named(&[KIM]), 7).unwrap()), [KIM]);
    let fresh = moment("2026-11-17T00:00:01Z");
    scene.observed(KIM).last_password = Some(fresh);
    assert_eq!(kept_out(&scene, named(&[KIM])), Obstacle::CoolDown(fresh));
}

#[test]
fn a_reset_that_the_trail_tells_of_counts_for_whoever_is_called_so() {
    let mut scene = two();
    scene.request.today = Today::At("2026-11-24T12:00:00Z".parse().unwrap());
    let row = |display: &str, at: &str| TrailRow {
        at: at.parse().unwrap(),
        by: Author::default(),
        delegate: None,
        action: "resetpassword".into(),
        display: display.into(),
    };
    let trail = vec![
        row("Reset password for user Kim Osei", "2026-11-20T08:00:00Z"),
        row("Reset password for user Jamie Osei", "2026-11-23T08:00:00Z"),
        row("Reset password for user Jamie Rivera", "2026-11-16T08:00:00Z"),
    ];
    let asked = Invite { whom: named(&[KIM, JAMIE]), cool_down: 7, trail, made: BTreeMap::new() };
    let Scene { desired, current, policy, request, .. } = &scene;
    let plan = invite(desired, current, policy, request, &asked).unwrap();
    assert_eq!(mailed(&plan), [JAMIE]);
    let why = plan.invitation.unwrap().left_out[0].why;
    assert_eq!(why, Obstacle::CoolDown(moment("2026-11-20T08:00:00Z")));
}

#[test]
fn whoever_has_signed_in_is_not_among_those_who_never_did() {
    let mut scene = two();
    scene.observed(KIM).last_login = Some(moment("2026-01-05T08:00:00Z"));
    let plan = asked(&scene, Whom::NeverSignedIn, 7).unwrap();
    assert_eq!(mailed(&plan), [JAMIE]);
    assert!(plan.invitation.as_ref().unwrap().left_out.is_empty());
    let plan = asked(&scene, named(&[KIM]), 7).unwrap();
    assert_eq!(mailed(&plan), [KIM]);
    assert_eq!(codes(&plan), [Code::PasswordEnds]);
    assert!(plan.diagnostics[0].message.contains("present password stops working"));
}

#[test]
fn what_cannot_be_seen_is_not_empty() {
    let hide = |field: &str| {
        let mut scene = two();
        let fields = scene.current.described.user.iter().filter(|one| one.name != *field);
        scene.current.described.user = ObjectFields::of(fields.cloned().collect::<Vec<_>>());
        scene
    };
    let refused = |field| Err(Refusal::Invisible(field));
    for (field, pattern, name, without) in [
        ("LastLoginDate", true, true, true),
        ("LastPasswordChangeDate", false, false, true),
        ("FederationIdentifier", false, true, true),
    ] {
        let scene = hide(field);
        let result = |whom, days| asked(&scene, whom, days).map(|_| ());
        let expected = |fine: bool| if fine { Ok(()) } else { refused(field) };
        assert_eq!(result(Whom::NeverSignedIn, 7), refused(field));
        assert_eq!(result(named(&["kim.*"]), 7), expected(pattern), "{field}");
        assert_eq!(result(named(&[KIM]), 7), expected(name), "{field}");
        assert_eq!(result(named(&[KIM]), 0), expected(without), "{field}");
    }
    let plan = asked(&hide("LastLoginDate"), named(&[KIM]), 7).unwrap();
    assert_eq!(codes(&plan), [Code::PasswordEnds]);
}

#[test]
fn single_sign_on_people_are_mailed_only_under_their_own_name() {
    let mut scene = two();
    scene.observed(KIM).fields.insert(UserField::FederationId, Value::of("kim@idp"));
    assert_eq!(kept_out(&scene, Whom::NeverSignedIn), Obstacle::SingleSignOn);
    assert_eq!(kept_out(&scene, named(&["kim.*", JAMIE])), Obstacle::SingleSignOn);
    let plan = asked(&scene, named(&["kim.*", "KIM.OSEI@acme.example"]), 7).unwrap();
    assert_eq!(mailed(&plan), [KIM]);
    assert_eq!(codes(&plan), [Code::InvitedFederated]);
}

#[test]
fn a_declared_federation_id_counts_before_it_is_written() {
    let mut scene = two();
    scene.declared(KIM).fields.insert(UserField::FederationId, Value::of("kim@idp"));
    assert_eq!(kept_out(&scene, Whom::NeverSignedIn), Obstacle::SingleSignOn);
}

#[test]
fn a_mail_never_goes_to_another_address_or_name_than_the_declared_one() {
    let mut scene = two();
    scene.observed(KIM).fields.insert(UserField::Email, Value::of("stranger@other.example"));
    assert_eq!(kept_out(&scene, named(&[KIM])), Obstacle::OtherAddress);

    let mut scene = inviting();
    scene.user("kim.old@acme.example", ACME, CUSTOMER);
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.renamed_from = [Username::parse("kim.old@acme.example").unwrap()].into();
    assert_eq!(kept_out(&scene, named(&[KIM])), Obstacle::OtherUsername);
}

#[test]
fn whoever_could_not_use_a_link_gets_none() {
    type Change = fn(&mut Scene);
    let cases: [(Change, Obstacle); 10] = [
        (|scene| scene.declared(KIM).state = DeclaredState::Inactive, Obstacle::DeclaredInactive),
        (|scene| scene.declared(KIM).state = DeclaredState::Frozen, Obstacle::DeclaredFrozen),
        (|scene| scene.declared(KIM).expires = "2026-11-23".parse().ok(), Obstacle::Expired),
        (|scene| scene.declared(KIM).starts = "2026-11-25".parse().ok(), Obstacle::NotStarted),
        (|scene| scene.observed(KIM).active = false, Obstacle::Inactive),
        (
            |scene| {
                scene.observed(KIM).active = false;
                scene.observed(KIM).contact = None;
            },
            Obstacle::Disabled,
        ),
        (|scene| scene.freeze(KIM), Obstacle::Frozen),
        (|scene| scene.observed(KIM).privacy.opted_out = true, Obstacle::Privacy),
        (|scene| scene.observed(KIM).privacy.forget = true, Obstacle::Privacy),
        (|scene| scene.site("Partners", false, PARTNER).live = true, Obstacle::NoLiveSite),
    ];
    for (change, why) in cases {
        let mut scene = two();
        change(&mut scene);
        assert_eq!(kept_out(&scene, named(&[KIM])), why);
        assert_eq!(kept_out(&scene, Whom::NeverSignedIn), why);
    }
}

#[test]
fn whoever_is_held_up_is_not_mailed_and_said_to_be_as_by_a_plan() {
    let mut scene = two();
    scene.declared(KIM).account = AccountRef::Name("Nowhere".into());
    for whom in [named(&[KIM]), Whom::NeverSignedIn] {
        let plan = asked(&scene, whom, 7).unwrap();
        assert!(codes(&plan).contains(&Code::AccountNotFound), "{:?}", codes(&plan));
        assert_eq!(plan.blocked(), 1);
        assert!(plan.mails.iter().all(|mail| mail.username.as_str() != KIM));
    }
}

#[test]
fn without_a_cool_down_people_are_named_one_by_one() {
    let scene = two();
    for many in [named(&["*"]), named(&[KIM, "jamie*"]), Whom::NeverSignedIn] {
        assert_eq!(asked(&scene, many, 0), Err(Refusal::WithoutCoolDown));
    }
    assert_eq!(mailed(&asked(&scene, named(&[KIM]), 0).unwrap()), [KIM]);
}

#[test]
fn an_address_of_a_sandbox_and_somebody_who_is_not_there_get_no_mail() {
    let mut scene = two();
    scene.current.org.is_sandbox = true;
    let address = Value::of(&format!("{KIM}.invalid"));
    scene.observed(KIM).fields.insert(UserField::Email, address);
    assert_eq!(kept_out(&scene, named(&[KIM])), Obstacle::InvalidAddress);
    scene.current.users.retain(|user| user.username.as_str() != KIM);
    assert_eq!(kept_out(&scene, named(&[KIM])), Obstacle::Absent);
}

#[test]
fn the_running_user_and_people_inside_are_never_mailed() {
    let mut scene = two();
    scene.observed(KIM).user_type = UserType::Internal;
    let plan = asked(&scene, named(&[KIM]), 7).unwrap();
    assert!(plan.is_blocked() && !plan.has_changes() && plan.mails.is_empty());
}

#[test]
fn mails_are_limited_as_those_of_an_apply_and_are_no_updates() {
    let mut scene = two();
    scene.policy.safety.updates = Some(Limit::Count(0));
    scene.policy.safety.emails = Some(Limit::Count(1));
    let all = || named(&["*"]);
    let blocked = asked(&scene, all(), 7).unwrap();
    let allow: Vec<String> = blocked.blockers.iter().map(Blocker::allow).collect();
    assert_eq!(allow, ["emails=2"]);
    scene.request.allow.insert(Rule::Emails, 3);
    assert!(asked(&scene, all(), 7).unwrap().is_blocked(), "for another plan");
    scene.request.allow.insert(Rule::Emails, 2);
    assert!(!asked(&scene, all(), 7).unwrap().is_blocked());
}

#[test]
fn the_digest_holds_when_somebody_was_mailed_last() {
    let mut scene = two();
    let before = digest(&asked(&scene, named(&[KIM]), 7).unwrap());
    assert_eq!(before, digest(&asked(&scene, named(&[KIM]), 7).unwrap()));
    scene.observed(KIM).last_password = Some(moment("2026-01-05T08:00:00Z"));
    assert_ne!(before, digest(&asked(&scene, named(&[KIM]), 7).unwrap()));
}

#[test]
fn a_part_of_the_people_can_be_asked_for() {
    let mut scene = two();
    scene.request.selection.exclude = vec![KIM.to_owned()];
    let plan = asked(&scene, Whom::NeverSignedIn, 7).unwrap();
    assert_eq!(mailed(&plan), [JAMIE]);
    scene.request.selection.target = vec!["nobody@*".to_owned()];
    let plan = asked(&scene, Whom::NeverSignedIn, 7).unwrap();
    assert_eq!(plan.unmatched_targets, ["nobody@*"]);
}

#[test]
fn a_link_that_still_lives_is_told_to_end() {
    let mut scene = two();
    scene.request.today = Today::At("2026-11-24T12:00:00Z".parse().unwrap());
    scene.observed(KIM).last_password = Some(moment("2026-11-23T12:00:01Z"));
    let plan = asked(&scene, named(&[KIM]), 0).unwrap();
    assert_eq!(codes(&plan), [Code::PasswordEnds]);
    assert!(plan.diagnostics[0].message.contains("got on 2026-11-23 stops working"));
    scene.observed(KIM).last_password = Some(moment("2026-11-23T12:00:00Z"));
    assert!(codes(&asked(&scene, named(&[KIM]), 0).unwrap()).is_empty(), "it is over");
}

#[test]
fn whoever_was_just_welcomed_by_a_site_has_a_link() {
    let mut scene = two();
    scene.request.today = Today::At("2026-11-24T12:00:00Z".parse().unwrap());
    scene.site("Help", true, CUSTOMER);
    let made = moment("2026-11-17T12:00:01Z");
    let asked = |scene: &Scene, at: Moment| {
        let made = BTreeMap::from([(scene.current.users[0].id, at)]);
        let asked = Invite { whom: Whom::NeverSignedIn, cool_down: 7, trail: Vec::new(), made };
        let Scene { desired, current, policy, request, .. } = scene;
        invite(desired, current, policy, request, &asked).unwrap()
    };
    let plan = asked(&scene, made);
    assert_eq!(mailed(&plan), [JAMIE]);
    assert_eq!(plan.invitation.unwrap().left_out[0].why, Obstacle::Welcomed(made));
    assert_eq!(mailed(&asked(&scene, moment("2026-11-17T12:00:00Z"))), [KIM, JAMIE]);
    scene.current.sites = Sites::Invisible;
    scene.site("Help", false, CUSTOMER);
    assert_eq!(mailed(&asked(&scene, made)), [KIM, JAMIE], "nobody was welcomed");
}
