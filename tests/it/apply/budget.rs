//! The org's API calls of the day: looked at before the first write, and kept for others during it.

use portalctl::apply::{Options, Outcome, Stop, Unwatched};
use portalctl::plan::expected_calls;

use super::storm::crowd;
use super::sweep::{ORG, PROJECT, USERS};
use super::world::{World, at};

async fn with_calls(calls: usize) -> World {
    World::new(&format!("{ORG}\n[emulator]\ndaily_calls = {calls}\n"), USERS, PROJECT).await
}

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--allow", "reactivations=1"];

#[tokio::test]
async fn an_apply_that_the_day_has_no_calls_for_does_not_begin() {
    let world = World::new(ORG, USERS, PROJECT).await;
    world.run(&["plan", "--allow", "reactivations=1"]).await.exits(0);
    let reads = world.requests();

    let world = with_calls(reads + 5).await;
    let refused = world.run(&APPLY).await.exits(3);
    assert!(refused.stderr.contains("API calls"), "{}", refused.stderr);
    assert!(refused.stderr.contains("left today"), "{}", refused.stderr);
    assert!(refused.stderr.contains("apply a part"), "{}", refused.stderr);
    assert_eq!(world.writes_since(0), Vec::<String>::new());

    let world = with_calls(reads + 60).await;
    world.run(&APPLY).await.exits(0);
}

#[tokio::test]
async fn a_plan_says_about_how_many_calls_it_takes() {
    let (org, users) = crowd(2000, 300, "\"Portal_Base\"");
    let world = World::new(&org, &users, PROJECT).await;
    let client = world.client().await;
    let plan = world.plan(&client).await;
    let before = world.requests();
    assert!(world.carry_out(&client, &plan).await.is_complete());
    let (expected, taken) = (expected_calls(&plan), world.requests() - before);
    // What is looked at afterwards is not counted.
    let close = taken.abs_diff(expected) <= expected / 2;
    assert!(close, "{expected} were expected, {taken} were taken");
}

#[tokio::test]
async fn calls_that_are_kept_for_others_are_not_used() {
    let world = with_calls(1000).await;
    let client = world.client().await;
    let plan = world.plan(&client).await;
    let left = client.usage().day.unwrap().left();
    let options = Options { reserve: left - 4, ..Options::default() };
    let report = world.carry_out_as(&client, &plan, &options, &mut Unwatched).await;
    let Some(Stop::Exhausted(why)) = &report.stop else { panic!("{report:#?}") };
    assert_eq!(why.code, "API_RESERVE");
    assert!(report.wrote() && report.left() > 0, "{report:#?}");
    let again = |outcome: &Outcome| match outcome {
        Outcome::Skipped(portalctl::apply::Cause::NotAttempted(why)) => {
            why.help.as_deref().is_some_and(|help| help.contains("the same command again"))
        }
        _ => false,
    };
    assert_eq!(report.count(again), report.left());
    assert!(world.apply().await.1.is_complete());
}

#[tokio::test]
async fn a_day_that_is_used_up_says_when_to_go_on() {
    let world = World::new(ORG, USERS, PROJECT).await;
    let mut fault = at(3, "daily-limit");
    fault["Path"] = "/composite".into();
    world.fault(fault).await;
    let stopped = world.run(&APPLY).await.exits(68);
    assert!(stopped.stdout.contains("go on when the window has moved"), "{}", stopped.stdout);
    world.no_faults().await;
    world.run(&APPLY).await.exits(0);
}
