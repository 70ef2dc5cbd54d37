//! Who may be mailed, and who could not sign in all the same, in sentences.

use portalctl::model::*;

use super::fixture::{ACME, Scene, scene};
use super::world::*;

use AccessKind::PermissionSet;

/// Kim, new, on a live site that welcomes its members.
fn newcomer() -> Scene {
    let mut scene = scene();
    scene.site("Help", true, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    scene
}

fn settled() -> Scene {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    scene
}

fn invite(scene: &mut Scene) {
    scene.desired.users[0].activation = Activation::ResetEmail;
}

const WELCOME: &str = "kim.osei@acme.example welcome";

#[test]
fn a_new_member_of_a_live_site_with_welcome_mails_may_be_mailed() {
    assert_eq!(newcomer().mails(), [WELCOME]);
}

#[test]
fn sites_that_are_not_live_or_do_not_welcome_mail_nobody() {
    let mut scene = newcomer();
    scene.current.sites = Sites::Invisible;
    scene.site("Help", false, CUSTOMER);
    scene.site("Later", true, CUSTOMER).live = false;
    assert!(scene.mails().is_empty());
}

#[test]
fn a_permission_set_may_lead_into_a_site() {
    let mut scene = settled();
    scene.site("Orders", true, "Orders_Read");
    assert!(scene.mails().is_empty());
    grant(&mut scene.desired.users[0], PermissionSet, &[set("Orders_Read")]);
    assert_eq!(scene.mails(), [WELCOME]);
}

#[test]
fn whoever_is_a_member_already_is_not_welcomed_again() {
    let mut scene = settled();
    let set_of = scene.current.permission_sets[1].id.record();
    scene.site("Help", true, CUSTOMER).admits.insert(set_of);
    grant(&mut scene.desired.users[0], PermissionSet, &[set("Orders_Read")]);
    assert_eq!(scene.plan().changes.len(), 1);
    assert!(scene.mails().is_empty());
}

#[test]
fn another_profile_may_lead_into_a_site() {
    let mut scene = settled();
    scene.site("Partners", true, PARTNER);
    scene.desired.users[0].profile = DeclaredProfile::Managed(ProfileName::parse(PARTNER).unwrap());
    assert_eq!(scene.mails(), [WELCOME]);
}

#[test]
fn people_who_come_back_may_be_welcomed() {
    let mut scene = scene();
    scene.site("Help", true, CUSTOMER);
    scene.inactive(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(scene.mails(), [WELCOME]);
}

#[test]
fn nobody_is_mailed_for_being_switched_off() {
    let mut scene = settled();
    scene.site("Help", true, CUSTOMER);
    scene.desired.users[0].state = DeclaredState::Inactive;
    assert!(scene.mails().is_empty());
}

#[test]
fn two_sites_mail_one_person() {
    let mut scene = newcomer();
    scene.site("Shop", true, CUSTOMER);
    assert_eq!(scene.mails(), ["kim.osei@acme.example welcome+welcome"]);
}

#[test]
fn an_activation_mail_is_counted() {
    let mut scene = scene();
    scene.declare(KIM, ACME, CUSTOMER);
    invite(&mut scene);
    assert_eq!(scene.mails(), ["kim.osei@acme.example activation"]);
    assert!(scene.plan().changes[0].activate);
}

#[test]
fn people_who_are_there_get_no_activation_mail() {
    let mut scene = settled();
    invite(&mut scene);
    scene.desired.users[0].fields.insert(UserField::Title, Value::of("Buyer"));
    assert_eq!(scene.plan().changes.len(), 1);
    assert!(scene.mails().is_empty());
}

#[test]
fn an_address_that_ends_in_invalid_is_never_mailed() {
    let mut scene = newcomer();
    scene.current.org.is_sandbox = true;
    invite(&mut scene);
    assert!(scene.mails().is_empty());
    assert!(!scene.plan().changes[0].activate);
    assert!(scene.finding(Code::ActivationNotSent).unwrap().message.contains("`.invalid`"));
}

#[test]
fn whoever_is_on_no_live_site_gets_no_activation_mail() {
    let mut scene = scene();
    scene.site("Partners", false, PARTNER);
    scene.declare(KIM, ACME, CUSTOMER);
    invite(&mut scene);
    assert!(scene.mails().is_empty());
    assert!(scene.finding(Code::ActivationNotSent).unwrap().message.contains("no live site"));
}

#[test]
fn sites_that_cannot_be_seen_do_not_keep_an_activation_mail_back() {
    let mut scene = scene();
    scene.declare(KIM, ACME, CUSTOMER);
    invite(&mut scene);
    assert!(scene.plan().changes[0].activate);
    assert!(scene.finding(Code::SitesInvisible).is_some());
    assert!(scene.finding(Code::NoLiveSite).is_none());
}

#[test]
fn nobody_is_taken_for_free_to_sign_in_by_a_login_that_cannot_see_who_is_frozen() {
    let mut scene = scene();
    assert!(scene.finding(Code::FreezesInvisible).is_none());
    scene.current.frozen = Freezes::Invisible;
    assert!(scene.finding(Code::FreezesInvisible).is_some());
}

#[test]
fn people_who_are_held_up_are_not_mailed() {
    let mut scene = newcomer();
    scene.desired.users[0].account = AccountRef::Name("Nowhere".into());
    invite(&mut scene);
    assert!(scene.mails().is_empty());
}

#[test]
fn more_mails_than_allowed_stop_the_plan() {
    let mut scene = newcomer();
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.policy.safety.emails = Some(Limit::Count(1));
    assert_eq!(scene.plan().blockers[0].allow(), "emails=2");
    scene.request.allow.insert(Rule::Emails, 2);
    assert!(scene.plan().blockers.is_empty());
}

#[test]
fn a_profile_on_no_live_site_is_told_once_with_its_people() {
    let mut scene = settled();
    scene.site("Partners", false, PARTNER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.user(NOOR, ACME, PARTNER);
    scene.declare(NOOR, ACME, PARTNER);
    let message = scene.finding(Code::NoLiveSite).unwrap().message;
    assert!(
        message.starts_with("2 users with profile `Acme Customer` cannot sign in"),
        "{message}"
    );
    assert!(message.contains("kim.osei@acme.example, jamie.rivera@acme.example"), "{message}");
}

#[test]
fn a_permission_set_on_a_live_site_is_enough_to_sign_in() {
    let mut scene = settled();
    scene.site("Orders", false, "Orders_Read");
    assert!(scene.finding(Code::NoLiveSite).is_some());
    scene.hold(KIM, PermissionSet, "Orders_Read", None);
    assert!(scene.finding(Code::NoLiveSite).is_none());
}

#[test]
fn a_permission_set_that_is_taken_or_has_ended_lets_nobody_in() {
    let mut scene = settled();
    scene.site("Orders", false, "Orders_Read");
    scene.hold(KIM, PermissionSet, "Orders_Read", Some("2026-01-01T00:00:00Z"));
    assert!(scene.finding(Code::NoLiveSite).is_some());
    let mut scene = settled();
    scene.site("Orders", false, "Orders_Read");
    scene.hold(KIM, PermissionSet, "Orders_Read", None);
    grant(&mut scene.desired.users[0], PermissionSet, &[]);
    assert!(scene.finding(Code::NoLiveSite).is_some());
}

#[test]
fn whoever_is_not_to_be_active_needs_no_site() {
    let mut scene = settled();
    scene.site("Partners", false, PARTNER);
    scene.desired.users[0].state = DeclaredState::Inactive;
    assert!(scene.finding(Code::NoLiveSite).is_none());
}

#[test]
fn privacy_flags_keep_people_out_and_are_told() {
    let mut scene = settled();
    scene.current.users[0].privacy = Privacy { forget: true, opted_out: false };
    assert!(scene.finding(Code::PrivacyFlag).unwrap().message.contains("Forget this Individual"));
    scene.current.users[0].privacy = Privacy { forget: false, opted_out: true };
    assert!(scene.finding(Code::PrivacyFlag).unwrap().message.contains("Don't Process"));
}

#[test]
fn the_last_active_user_of_an_account_is_told() {
    let mut scene = settled();
    scene.desired.users[0].state = DeclaredState::Inactive;
    let found = scene.finding(Code::LastActiveUser).unwrap();
    assert!(found.message.contains(ACME));
    assert_eq!(found.username.unwrap().as_str(), KIM);
    scene.user(JAMIE, ACME, CUSTOMER);
    assert!(scene.finding(Code::LastActiveUser).is_none());
}

#[test]
fn an_account_that_gets_somebody_new_is_not_empty() {
    let mut scene = settled();
    scene.desired.users[0].state = DeclaredState::Inactive;
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert!(scene.finding(Code::LastActiveUser).is_none());
}

#[test]
fn an_account_that_its_only_user_moves_away_from_is_told() {
    let mut scene = settled();
    scene.account("Globex");
    scene.desired.users[0].account = AccountRef::Name("Globex".into());
    assert!(scene.finding(Code::LastActiveUser).unwrap().message.contains(ACME));
}

#[test]
fn a_changed_address_is_told_to_be_unverified_where_that_matters() {
    let mut scene = settled();
    scene.desired.users[0].fields.insert(UserField::Email, Value::of("k@acme.example"));
    assert!(scene.finding(Code::EmailUnverified).is_none());
    scene.user_field("HasUserVerifiedEmail", FieldShape::Bool, |_| {});
    assert!(
        scene
            .finding(Code::EmailUnverified)
            .unwrap()
            .message
            .starts_with("1 user gets another address")
    );
    assert!(scene.mails().is_empty());
}

#[test]
fn an_account_that_gets_its_first_partner_user_is_told() {
    let mut scene = scene();
    scene.current.accounts[0].is_partner = Some(false);
    scene.declare(KIM, ACME, CUSTOMER);
    assert!(scene.finding(Code::PartnerAccount).is_none(), "customers change nothing");
    scene.declare(JAMIE, ACME, PARTNER);
    assert_eq!(
        scene.finding(Code::PartnerAccount).unwrap().message,
        "1 account gets the first partner user and is for partners from then on (Acme Corp)"
    );
    scene.current.accounts[0].is_partner = Some(true);
    assert!(scene.finding(Code::PartnerAccount).is_none());
    scene.current.accounts[0].is_partner = None;
    assert!(scene.finding(Code::PartnerAccount).is_none(), "what cannot be seen is not false");
}

#[test]
fn an_account_becomes_a_partner_account_by_a_move_too() {
    let mut scene = settled();
    scene.account("Globex").is_partner = Some(false);
    scene.current.accounts[0].is_partner = Some(false);
    scene.desired.users[0].profile = DeclaredProfile::Managed(ProfileName::parse(PARTNER).unwrap());
    assert!(scene.finding(Code::PartnerAccount).unwrap().message.contains(ACME));
    scene.desired.users[0].account = AccountRef::Name("Globex".into());
    assert!(scene.finding(Code::PartnerAccount).unwrap().message.contains("Globex"));
}

#[test]
fn an_account_that_grows_beyond_ten_thousand_people_is_told() {
    let mut scene = scene();
    let first = scene.user("p.n0@acme.example", ACME, CUSTOMER).clone();
    scene.current.users.extend((1..10_000_u32).map(|at| CurrentUser {
        id: UserId::observed(&format!("0057d0{at:09}")).unwrap(),
        username: Username::observed(&format!("p.n{at}@acme.example")),
        ..first.clone()
    }));
    assert!(scene.finding(Code::CrowdedAccount).is_none(), "nobody is added");
    scene.current.licenses[0].total = 20_000;
    scene.declare(KIM, ACME, CUSTOMER);
    assert_eq!(
        scene.finding(Code::CrowdedAccount).unwrap().message,
        "account `Acme Corp` has 10001 portal users after this plan"
    );
}
