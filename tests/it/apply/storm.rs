//! Much goes wrong at once, and everybody arrives.

use std::fmt::Write as _;

use serde_json::json;

use portalctl::apply::{Options, Outcome, Report, Stop, Watch};
use portalctl::plan::Subject;

use super::sweep::{ORG, PROJECT, USERS};
use super::world::World;

/// So many people in so many accounts, with an org that has seats for them.
pub(super) fn crowd(users: usize, accounts: usize, sets: &str) -> (String, String) {
    let mut org = ORG.replace("TotalLicenses = 2000", "TotalLicenses = 20000");
    let mut text = String::new();
    for n in 0..accounts {
        writeln!(org, "[[Account]]\nName = \"Account {n}\"\nOwner = \"olive.owner@acme.example\"")
            .unwrap();
    }
    for n in 0..users {
        writeln!(
            text,
            "[[users]]\nusername = \"crowd{n}@acme.example\"\nlast_name = \"N{n}\"\naccount = \"Account {}\"\npermission_sets = [{sets}]",
            n % accounts
        )
        .unwrap();
    }
    (org, text)
}

#[tokio::test]
async fn two_thousand_people_arrive_through_a_storm() {
    let (org, users) = crowd(2000, 300, "\"Portal_Base\"");
    let world = World::new(&org, &users, PROJECT).await;
    let client = world.renewing_client().await;
    let plan = world.plan(&client).await;
    world
        .fault(json!([
            { "Do": "status", "Status": 503, "Chance": 0.05 },
            { "Do": "lock-rows", "Records": 0.05, "Path": "/composite" },
            { "Do": "truncate", "Chance": 0.02 },
            { "Do": "concurrent-limit", "After": 3, "Times": 1 },
            { "Do": "expire", "Path": "/composite", "After": 4, "Times": 1 },
        ]))
        .await;
    let first = world.carry_out(&client, &plan).await;
    assert!(first.retries > 0, "somebody was in the way");
    world.no_faults().await;
    let plan = world.plan(&client).await;
    assert!(world.carry_out(&client, &plan).await.is_complete());
    world.sign_in_again().await;
    let picture = world.picture().await;
    let count = |text: &str| picture.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("\"Username\":\"crowd"), 6000, "every user, their set and their profile's");
    assert!(!picture.iter().any(|line| line.ends_with("again")));
    println!("storm: {} applied at once, {} records sent again", first.applied(), first.retries);
}

#[tokio::test]
async fn group_locks_pass_and_a_missing_role_does_not() {
    let world = World::new(ORG, USERS, PROJECT).await;
    world.fault(json!({ "Do": "lock-groups", "Records": 0.5, "Path": "/composite" })).await;
    let (_, report) = world.apply().await;
    world.no_faults().await;
    assert!(report.retries > 0);
    let (_, second) = world.apply().await;
    assert!(second.is_complete(), "{second:#?}");
}

#[tokio::test]
async fn the_daily_limit_and_a_lost_session_stop_cleanly() {
    for what in ["daily-limit", "expire"] {
        let world = World::new(ORG, USERS, PROJECT).await;
        let client = world.client().await;
        let plan = world.plan(&client).await;
        world.fault(json!({ "Do": what, "After": 4, "Times": 1 })).await;
        let report = world.carry_out(&client, &plan).await;
        assert!(report.wrote() && !report.is_complete());
        assert!(matches!(report.stop, Some(Stop::Exhausted(_))), "{:?}", report.stop);
        assert!(report.left() > 0, "{report:#?}");
        assert_eq!(report.count(|outcome| matches!(outcome, Outcome::Unknown(_))), 0);
    }
}

#[tokio::test]
async fn what_the_org_accepts_and_does_not_keep_has_failed() {
    let org = format!(
        "{ORG}\n[[UserAccessPolicy]]\nDeveloperName = \"NoOrders\"\nRevokes = [\"Portal_Base\"]\n"
    );
    let world = World::new(&org, USERS, PROJECT).await;
    let (plan, report) = world.apply().await;
    let result = |name: &str| {
        let at = plan.changes.iter().position(|change| change.username.as_str() == name).unwrap();
        &report.results[at].outcome
    };
    let Outcome::Failed(why) = result("new@acme.example") else { panic!("{report:#?}") };
    assert_eq!(why.code, "NOT_EFFECTIVE");
    assert!(why.message.contains("Portal_Base"), "{}", why.message);
    assert_eq!(*result("linked@acme.example"), Outcome::Applied);
}

/// A second run is at work at the same time.
#[tokio::test]
async fn two_runs_at_once_make_nobody_twice() {
    let world = World::new(ORG, USERS, PROJECT).await;
    let (one, two) = (world.client().await, world.client().await);
    let (first, second) = (world.plan(&one).await, world.plan(&two).await);
    world.carry_out(&one, &first).await;
    world.carry_out(&two, &second).await;
    let picture = world.picture().await;
    assert!(!picture.iter().any(|line| line.ends_with("again")), "{picture:#?}");
    let (plan, _) = world.apply().await;
    assert!(plan.changes.is_empty(), "{plan:#?}");
}

/// Calls stay few, and no account is in two requests at once.
#[tokio::test]
async fn five_batches_go_into_a_request() {
    let (org, users) = crowd(2000, 300, "\"Portal_Base\", \"Orders_Read\"");
    let world = World::new(&org, &users, PROJECT).await;
    let client = world.client().await;
    let plan = world.plan(&client).await;
    let before = world.requests();
    let report = world.carry_out(&client, &plan).await;
    assert!(report.is_complete());
    // Contacts, users, and two sets each: 2,000, 2,000 and 4,000 records, a thousand a request, and
    // one more where no account may be in two requests at once. Beside that, what is looked at before
    // and after: contacts by batch, then who is active and what they hold.
    let calls = world.requests() - before;
    assert!((8..=9 + 4 + 2).contains(&calls), "{calls}: {:?}", world.writes_since(before));
}

/// An automation of the org: it undoes what was written, as soon as it was.
struct Undo<'a> {
    world: &'a World,
    user: String,
}

impl Watch for Undo<'_> {
    fn begins(&mut self, _what: &'static str, _records: usize) {}

    fn settled(&mut self, _records: usize) {
        let (url, token) = (self.world.running.url().to_owned(), self.world.running.access_token());
        let url = format!("{url}/services/data/v66.0/sobjects/User/{}", self.user);
        let undo = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let http =
                    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
                let title = json!({ "Title": "Buyer" });
                let answer = http.patch(url).bearer_auth(token).json(&title).send().await.unwrap();
                assert!(answer.status().is_success());
            });
        };
        std::thread::spawn(undo).join().unwrap();
    }

    fn may_go_on(&mut self, _account: &dyn Fn() -> Report) -> Result<(), Stop> {
        Ok(())
    }
}

#[tokio::test]
async fn a_value_that_is_not_kept_is_named_with_both_values() {
    // On a thread of its own the org answers while the watch waits for it.
    let (give, given) = std::sync::mpsc::channel();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let org = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            give.send(World::new(ORG, USERS, PROJECT).await).unwrap();
            ended.await.unwrap();
        });
    });
    let world = given.recv().unwrap();
    let client = world.client().await;
    let plan = world.plan(&client).await;
    let change = |name: &str| {
        plan.changes.iter().position(|change| change.username.as_str() == name).unwrap()
    };
    let updated = change("updated@acme.example");
    let Subject::Existing(user) = plan.changes[updated].subject else { panic!() };
    let mut watch = Undo { world: &world, user: user.to_string() };
    let report = world.carry_out_as(&client, &plan, &Options::default(), &mut watch).await;
    let Outcome::Failed(why) = &report.results[updated].outcome else { panic!("{report:#?}") };
    assert_eq!(why.code, "NOT_EFFECTIVE");
    assert!(why.message.contains("User.Title is `Buyer`, not `Lead Buyer`"), "{}", why.message);
    assert_eq!(report.results[change("moved@acme.example")].outcome, Outcome::Applied);
    end.send(()).unwrap();
    org.join().unwrap();
}
