//! Seats along the days ahead, against the definition: what the planner itself says on each of them.

use proptest::prelude::*;

use jiff::civil::Date;
use portalctl::model::*;
use portalctl::plan::{Forecast, LicenseForecast, Plan, SeatPoint, diff, forecast};

use super::fixture::{ACME, Scene, in_zone, scene};
use super::world::*;

use AccessKind::{PermissionSet, PermissionSetLicense};

const COMMUNITY: &str = "Customer Community";
const LOGIN: &str = "Acme Login";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl Scene {
    fn forecast(&self, until: Option<Date>) -> Forecast {
        let Self { desired, current, policy, request, .. } = self;
        forecast((desired, current), policy, request, &self.plan(), until)
    }

    fn ahead(&self, license: &str) -> LicenseForecast {
        let found = self.forecast(None).licenses.into_iter().find(|one| &*one.name == license);
        found.unwrap()
    }

    /// The plan that would be made on a day.
    fn plan_on(&self, day: Date) -> Plan {
        let request = portalctl::plan::Request { today: Today::Fixed(day), ..self.request.clone() };
        diff(&self.desired, &self.current, &self.policy, &request)
    }
}

/// `date used` of every point.
fn points(license: &LicenseForecast) -> Vec<String> {
    license.points.iter().map(|point| format!("{} {}", point.date, point.used)).collect()
}

fn used_on(license: &LicenseForecast, day: Date) -> i64 {
    license.points.iter().rev().find(|point| point.date <= day).unwrap().used
}

fn after(plan: &Plan, license: &LicenseForecast) -> Option<i64> {
    let same = |line: &&portalctl::plan::LicenseLine| {
        line.name == license.name && line.kind.as_str() == license.kind.as_str()
    };
    plan.licenses.iter().find(same).map(portalctl::plan::LicenseLine::after)
}

#[test]
fn seats_are_taken_on_the_first_day_and_given_back_after_the_last() {
    let mut scene = scene();
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.starts = Some(day("2027-01-10"));
    declared.expires = Some(day("2027-03-31"));
    scene.user(JAMIE, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER).expires = Some(day("2026-12-31"));
    assert_eq!(
        points(&scene.ahead(COMMUNITY)),
        ["2026-11-24 1", "2027-01-01 0", "2027-01-10 1", "2027-04-01 0"]
    );
    assert_eq!(points(&scene.ahead("Partner Community")), ["2026-11-24 0"]);
}

#[test]
fn nothing_later_than_asked_for_is_foreseen() {
    let mut scene = scene();
    for (username, last) in [(KIM, "2026-12-30"), (JAMIE, "2026-12-31")] {
        scene.user(username, ACME, CUSTOMER);
        scene.declare(username, ACME, CUSTOMER).expires = Some(day(last));
    }
    let forecast = scene.forecast(Some(day("2026-12-31")));
    assert_eq!(points(&forecast.licenses[0]), ["2026-11-24 2", "2026-12-31 1"]);
}

#[test]
fn somebody_who_is_held_up_takes_no_seat_on_any_day() {
    let mut scene = scene();
    scene.declare(KIM, "Nowhere", CUSTOMER).starts = Some(day("2027-01-10"));
    assert_eq!(points(&scene.ahead(COMMUNITY)), ["2026-11-24 0"]);
}

#[test]
fn frozen_people_keep_their_seat_until_they_are_deactivated() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.state = DeclaredState::Frozen;
    declared.expires = Some(day("2026-12-31"));
    assert_eq!(points(&scene.ahead(COMMUNITY)), ["2026-11-24 1", "2027-01-01 0"]);
}

#[test]
fn one_who_goes_and_one_who_comes_make_a_point_though_the_number_stays() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).expires = Some(day("2026-12-31"));
    scene.declare(JAMIE, ACME, CUSTOMER).starts = Some(day("2027-01-01"));
    assert_eq!(points(&scene.ahead(COMMUNITY)), ["2026-11-24 1", "2027-01-01 1"]);
}

#[test]
fn a_set_licence_is_given_back_when_it_or_the_set_that_needs_it_ends() {
    let mut scene = scene();
    let analytics = scene.set_license("Analytics", 5);
    scene.bound_set("Dashboards", analytics);
    for username in [KIM, JAMIE] {
        scene.user(username, ACME, CUSTOMER);
        scene.declare(username, ACME, CUSTOMER);
        scene.hold(username, PermissionSetLicense, "Analytics", None);
    }
    grant(&mut scene.desired.users[0], PermissionSetLicense, &[until("Analytics", "2026-12-31")]);
    grant(&mut scene.desired.users[1], PermissionSetLicense, &[]);
    grant(&mut scene.desired.users[1], PermissionSet, &[until("Dashboards", "2027-01-31")]);
    let ahead = scene.ahead("Analytics");
    assert_eq!(points(&ahead), ["2026-11-24 2", "2027-01-01 1", "2027-02-01 0"]);
}

#[test]
fn days_are_those_of_each_persons_zone() {
    let mut scene = scene();
    // In Auckland it is the 25th already, in New York still the 23rd.
    scene.request.today = Today::At("2026-11-24T03:30:00Z".parse().unwrap());
    let people = [
        ("Pacific/Kiritimati", "2026-11-24"),
        ("GMT", "2026-11-24"),
        ("GMT", "2026-11-25"),
        ("America/New_York", "2026-11-24"),
        ("America/New_York", "2026-11-26"),
    ];
    for (at, (zone, first)) in people.into_iter().enumerate() {
        let declared = scene.declare(&format!("p.n{at}@acme.example"), ACME, CUSTOMER);
        declared.shared = in_zone(zone);
        declared.starts = Some(day(first));
    }
    // Whoever begins later today, where they are, is there with the next day's apply.
    assert_eq!(points(&scene.ahead(COMMUNITY)), ["2026-11-24 2", "2026-11-25 4", "2026-11-26 5"]);
}

fn renewal(scene: &mut Scene, day: &str) {
    let settings = scene.policy.licenses.entry("customer community".into()).or_default();
    settings.renewal = Some(day.parse().unwrap());
}

#[test]
fn the_day_of_the_renewal_is_a_point_of_its_own() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).expires = Some(day("2026-12-31"));
    for (date, used, points) in
        [("2026-11-24", 1, 2), ("2026-12-20", 1, 3), ("2027-01-01", 0, 2), ("2027-02-01", 0, 3)]
    {
        renewal(&mut scene, date);
        let ahead = scene.ahead(COMMUNITY);
        let renewals: Vec<&SeatPoint> = ahead.points.iter().filter(|p| p.is_renewal).collect();
        assert_eq!(renewals, [&SeatPoint { date: day(date), used, is_renewal: true }]);
        assert_eq!(ahead.points.len(), points, "{ahead:?}");
        assert!(ahead.points.is_sorted_by_key(|point| point.date));
    }
    renewal(&mut scene, "2026-11-23");
    let forecast = scene.forecast(None);
    assert_eq!(forecast.findings[0].code, Code::RenewalPast);
    assert_eq!(forecast.licenses[0].points.len(), 2);
    renewal(&mut scene, "2027-02-01");
    assert_eq!(scene.forecast(Some(day("2027-01-31"))).licenses[0].points.len(), 2);
}

#[test]
fn the_threshold_is_reached_by_exactly_that_share() {
    let mut scene = scene();
    scene.current.licenses[0].total = 3;
    for username in [KIM, JAMIE] {
        scene.declare(username, ACME, CUSTOMER).starts = Some(day("2027-01-10"));
    }
    let ahead = scene.ahead(COMMUNITY);
    assert_eq!(ahead.reaching(66).map(|point| point.date), Some(day("2027-01-10")));
    assert_eq!(ahead.reaching(67), None);
    assert_eq!(ahead.reaching(0).map(|point| point.date), Some(day("2026-11-24")));
    let none = LicenseForecast { total: 0, ..ahead };
    assert_eq!(none.reaching(100).map(|point| point.date), Some(day("2027-01-10")));
    assert_eq!(scene.ahead("Partner Community").reaching(1), None);
}

fn approve_shortage(scene: &mut Scene, last: Date) {
    let place = scene.desired.users[0].place.clone();
    scene.policy.allows.push(Allow {
        rule: Rule::Shortfall,
        org: None,
        count: 3,
        reason: "seats are on their way".to_owned(),
        expires: last,
        place,
    });
}

#[test]
fn whom_an_approved_shortage_holds_back_takes_a_seat_when_the_approval_ends() {
    let mut scene = scene();
    scene.current.licenses[0].total = 1;
    scene.declare(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER).starts = Some(day("2026-12-01"));
    approve_shortage(&mut scene, day("2026-12-31"));
    assert_eq!(points(&scene.ahead(COMMUNITY)), ["2026-11-24 1", "2026-12-01 1", "2027-01-01 2"]);
}

#[test]
fn people_who_wait_for_each_others_seat_are_held_back_with_what_else_they_get() {
    let mut scene = scene();
    scene.current.licenses[0].total = 1;
    scene.license("Customer Community Login", "CspLitePortal", LOGIN, 1);
    scene.set_license("Analytics", 5);
    scene.user(KIM, ACME, CUSTOMER);
    scene.user(JAMIE, ACME, LOGIN);
    grant(scene.declare(KIM, ACME, LOGIN), PermissionSetLicense, &[set("Analytics")]);
    scene.declare(JAMIE, ACME, CUSTOMER);
    scene.declare(NOOR, ACME, PARTNER).starts = Some(day("2026-12-01"));
    approve_shortage(&mut scene, day("2026-12-31"));
    assert_eq!(points(&scene.ahead("Analytics")), ["2026-11-24 0", "2027-01-01 1"]);
}

/// A person of a generated org, who may be there, may be declared, and may be in another's way.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own")]
struct Somebody {
    observed: Option<(bool, bool, bool)>,
    declared: bool,
    is_login: bool,
    moves: bool,
    state: u8,
    starts: Option<i8>,
    expires: Option<i8>,
    zone: u8,
    /// Has the address of the person before them.
    follows: bool,
    renamed: bool,
    holds: Option<Term>,
    licence: Option<Term>,
    set: Option<Term>,
}

/// How long something is given for.
#[derive(Clone, Copy, Debug)]
enum Term {
    Good,
    Days(i8),
}

impl Term {
    fn last(self) -> Option<Date> {
        match self {
            Self::Good => None,
            Self::Days(more) => Some(days(more)),
        }
    }
}

fn somebody() -> impl Strategy<Value = Somebody> {
    let date = || proptest::option::weighted(0.5, -2..9_i8);
    let found = (proptest::option::weighted(0.6, any::<(bool, bool, bool)>()), any::<bool>());
    let what = (proptest::bool::weighted(0.85), any::<bool>(), proptest::bool::weighted(0.2));
    let when = (0..5_u8, date(), date(), 0..3_u8);
    let ways = (proptest::bool::weighted(0.3), proptest::bool::weighted(0.25));
    let term = || prop_oneof![Just(Term::Good), (-2..9_i8).prop_map(Term::Days)];
    let access = [(); 3].map(|()| proptest::option::weighted(0.3, term()));
    (found, what, when, ways, access).prop_map(
        |(
            (observed, is_login),
            (declared, licensed, moves),
            (state, starts, expires, zone),
            (follows, renamed),
            [holds, licence, set],
        )| Somebody {
            observed,
            declared,
            is_login,
            moves,
            state,
            starts,
            expires,
            zone,
            follows,
            renamed,
            holds,
            licence: licence.filter(|_| licensed),
            set,
        },
    )
}

fn name(at: usize) -> String {
    format!("first{at}.last{at}@acme.example")
}

const TODAY: &str = "2026-11-24";

fn days(more: i8) -> Date {
    day(TODAY).saturating_add(jiff::Span::new().days(more))
}

fn observe(scene: &mut Scene, at: usize, one: &Somebody) {
    let Some((active, frozen, left)) = one.observed else { return };
    let profile = if one.is_login { LOGIN } else { CUSTOMER };
    let user = if active {
        scene.user(&name(at), ACME, profile)
    } else {
        scene.inactive(&name(at), ACME, profile)
    };
    if left && !active {
        user.last_modified_by = Some(super::fixture::editor(user.id));
    }
    if frozen {
        scene.freeze(&name(at));
    }
    if one.follows {
        scene.contact_of_user(&name(at));
    }
    if let Some(term) = one.holds {
        let until = term.last().map(|day| format!("{day}T12:00:00Z"));
        scene.hold(&name(at), PermissionSet, "Dashboards", until.as_deref());
        scene.hold(&name(at), PermissionSetLicense, "Analytics", None);
    }
}

fn declare(scene: &mut Scene, at: usize, one: &Somebody) {
    if !one.declared {
        return;
    }
    let profile = if one.is_login == one.moves { CUSTOMER } else { LOGIN };
    let declared = scene.declare(&name(at), ACME, profile);
    declared.state = match one.state {
        0 => DeclaredState::Inactive,
        1 => DeclaredState::Frozen,
        2 => DeclaredState::Active,
        _ => DeclaredState::Unstated,
    };
    declared.starts = one.starts.map(days);
    declared.expires = one.expires.map(days);
    let zones = ["GMT", "Pacific/Kiritimati", "America/Los_Angeles"];
    declared.shared = in_zone(zones[usize::from(one.zone)]);
    if one.follows && at > 0 {
        declared.fields.insert(UserField::Email, Value::of(&name(at - 1)));
        declared.fields.insert(UserField::LastName, Value::of(&format!("Last{}", at - 1)));
    }
    if one.renamed {
        declared.renamed_from = [Username::observed(&name(at + 1))].into();
    }
    let grants = |name: &str, term: Term| [SetGrant { expires: term.last(), ..set(name) }];
    if let Some(term) = one.licence {
        grant(declared, PermissionSetLicense, &grants("Analytics", term));
    }
    if let Some(term) = one.set {
        grant(declared, PermissionSet, &grants("Dashboards", term));
    }
}

fn org(
    people: &[Somebody],
    (totals, now, undeclared, allow): (i64, bool, u8, Option<i8>),
) -> Scene {
    let mut scene = scene();
    scene.license("Customer Community Login", "CspLitePortal", LOGIN, totals);
    let analytics = scene.set_license("Analytics", totals);
    scene.bound_set("Dashboards", analytics);
    scene.current.licenses[0].total = totals;
    for (at, one) in people.iter().enumerate() {
        observe(&mut scene, at, one);
        declare(&mut scene, at, one);
    }
    if now {
        scene.request.today = Today::At(format!("{TODAY}T05:00:00Z").parse().unwrap());
    }
    scene.policy.ownership = Some(Ownership {
        profiles: vec![ProfileName::parse(CUSTOMER).unwrap()],
        undeclared: if undeclared == 0 { Undeclared::Report } else { Undeclared::Deactivate },
        ..Ownership::default()
    });
    if let Some(last) = allow.filter(|_| !scene.desired.users.is_empty()) {
        approve_shortage(&mut scene, days(last));
    }
    scene
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_forecast_is_what_the_plan_of_that_day_says(
        people in proptest::collection::vec(somebody(), 1..9),
        around in (
            0..6_i64,
            any::<bool>(),
            0..2_u8,
            proptest::option::weighted(0.3, -1..8_i8),
        ),
    ) {
        let scene = org(&people, around);
        let forecast = scene.forecast(None);
        let plan = scene.plan();
        for license in &forecast.licenses {
            let first = license.points[0];
            let used = after(&plan, license);
            prop_assert_eq!((first.date, used.unwrap_or(first.used)), (day(TODAY), first.used));
        }
        for more in 1..12 {
            let then = scene.plan_on(days(more));
            for license in &forecast.licenses {
                let idle = scene.current.permission_set_licenses[0].used;
                let expected = after(&then, license).unwrap_or(idle);
                prop_assert_eq!(used_on(license, days(more)), expected, "{} {}", license.name, days(more));
            }
            for line in &then.licenses {
                let known = forecast.licenses.iter().any(|one| one.name == line.name);
                prop_assert!(known || line.after() == line.used, "{:?}", line);
            }
        }
    }
}
