//! Steps that go by Bulk API job: cut off, refused, aborted. Whatever happens to a job, the org ends up
//! as if the same had been done by requests, and nobody is there twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use portalctl::apply::{Options, Outcome, Report, Stop, Unwatched, Watch};
use portalctl::plan::Plan;
use portalctl::salesforce::Client;

use super::storm::crowd;
use super::sweep::PROJECT;
use super::world::{World, at, unaccounted};

const PEOPLE: usize = 12;

/// The same, with jobs for steps of so few.
fn by_jobs() -> Options {
    Options { jobs_from: 5, pause: Duration::from_millis(1), ..Options::default() }
}

async fn world(knobs: &str) -> (World, Client, Plan) {
    let (org, users) = crowd(PEOPLE, 3, "\"Portal_Base\", \"Orders_Read\"");
    let world = World::new(&format!("{org}\n{knobs}"), &users, PROJECT).await;
    let client = world.client().await;
    let plan = world.plan(&client).await;
    assert_eq!(plan.changes.len(), PEOPLE);
    (world, client, plan)
}

impl World {
    async fn with_jobs(&self, client: &Client, plan: &Plan) -> Report {
        self.carry_out_as(client, plan, &by_jobs(), &mut Unwatched).await
    }
}

async fn undisturbed() -> BTreeSet<String> {
    let (world, client, plan) = world("").await;
    let start = world.requests();
    assert!(world.carry_out(&client, &plan).await.is_complete());
    assert!(world.writes_since(start).iter().all(|write| write.contains("/composite")));
    world.picture().await
}

#[tokio::test]
async fn jobs_make_the_same_org_as_requests() {
    let (world, client, plan) = world("").await;
    let start = world.requests();
    let report = world.with_jobs(&client, &plan).await;
    assert!(report.is_complete(), "{report:#?}");
    let ids = report.results.iter().filter(|result| result.ids.user.is_some());
    assert_eq!(ids.count(), PEOPLE);
    let writes = world.writes_since(start);
    assert_eq!(writes.len(), 9, "three jobs: made, filled, closed: {writes:?}");
    assert!(writes.iter().all(|write| write.contains("/jobs/ingest")), "{writes:?}");
    assert_eq!(world.picture().await, undisturbed().await);
}

#[tokio::test]
async fn a_lost_connection_at_any_request_of_a_job_costs_nothing() {
    let undisturbed = undisturbed().await;
    let (first, client, plan) = world("").await;
    let before = first.requests();
    first.with_jobs(&client, &plan).await;
    let calls = first.requests() - before;
    for what in ["drop-before", "drop-after"] {
        for k in 0..calls {
            let (world, client, plan) = world("").await;
            world.fault(at(k, what)).await;
            let report = world.with_jobs(&client, &plan).await;
            assert_eq!(unaccounted(&report), 0, "{what} {k}: {report:#?}");
            assert!(report.is_complete(), "{what} {k}: {report:#?}");
            assert_eq!(world.picture().await, undisturbed, "{what} {k}");
        }
    }
}

/// A job that the org works on goes on when the program is gone.
#[tokio::test]
async fn a_kill_at_any_request_of_a_job_costs_nothing() {
    let undisturbed = undisturbed().await;
    let (first, client, plan) = world("").await;
    let before = first.requests();
    first.with_jobs(&client, &plan).await;
    let calls = first.requests() - before;
    for k in 0..calls {
        let (world, client, plan) = world("").await;
        let before = world.requests();
        let slow = json!({ "Do": "slow", "After": k, "Times": 1, "Milliseconds": 600_000 });
        world.fault(slow).await;
        let killed = async {
            let started = Instant::now();
            while world.requests() < before + k {
                assert!(started.elapsed() < Duration::from_mins(1), "{k}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            report = world.with_jobs(&client, &plan) => panic!("{k}: {report:#?}"),
            () = killed => {}
        }
        world.no_faults().await;
        // The next run is one of requests: it may have far less to do.
        let (_, report) = world.apply().await;
        assert!(report.is_complete(), "{k}: {report:#?}");
        assert_eq!(world.picture().await, undisturbed, "{k}");
    }
}

#[tokio::test]
async fn what_the_bulk_api_does_not_take_goes_by_requests() {
    let refused = "[emulator]\nnot_in_bulk = [\"User\", \"PermissionSetAssignment\"]\n";
    let (world, client, plan) = world(refused).await;
    let start = world.requests();
    let report = world.with_jobs(&client, &plan).await;
    assert!(report.is_complete(), "{report:#?}");
    let writes = world.writes_since(start);
    let jobs = writes.iter().filter(|write| write.ends_with("/jobs/ingest"));
    assert_eq!(jobs.count(), 3, "one for contacts, and one refusal each: {writes:?}");
    assert_eq!(writes.iter().filter(|write| write.contains("/composite")).count(), 2);
    assert_eq!(world.picture().await, undisturbed().await);
}

#[tokio::test]
async fn locked_records_of_a_job_are_sent_again_and_refused_ones_are_told() {
    let (world, client, plan) = world("").await;
    let path = "/jobs/ingest/";
    world.fault(json!({ "Do": "lock-rows", "Records": 0.4, "Path": path })).await;
    let report = world.with_jobs(&client, &plan).await;
    assert!(report.is_complete(), "{report:#?}");
    assert!(report.retries > 0);
    assert_eq!(world.picture().await, undisturbed().await);

    let (world, client, plan) = self::world("").await;
    let refuse = json!({
        "Do": "refuse", "Records": 0.3, "Path": path,
        "Code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Text": "Ask the portal team: first",
    });
    world.fault(refuse).await;
    let report = world.with_jobs(&client, &plan).await;
    let failed = report.count(|outcome| match outcome {
        Outcome::Failed(why) => {
            why.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
                && why.message == "Ask the portal team: first"
        }
        _ => false,
    });
    assert!(failed > 0 && report.applied() > 0, "{report:#?}");
    assert_eq!(failed + report.applied(), PEOPLE);
    world.no_faults().await;
    assert!(world.apply().await.1.is_complete());
    assert_eq!(world.picture().await, undisturbed().await);
}

/// Wants to stop after being asked so often.
struct Impatient(usize);

impl Watch for Impatient {
    fn begins(&mut self, _what: &'static str, _records: usize) {}

    fn settled(&mut self, _records: usize) {}

    fn may_go_on(&mut self, _account: &dyn Fn() -> Report) -> Result<(), Stop> {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Err(Stop::Interrupted) } else { Ok(()) }
    }
}

#[tokio::test]
async fn an_interrupted_job_is_aborted_and_the_rest_is_not_attempted() {
    let undisturbed = undisturbed().await;
    for patience in 1..7 {
        let (world, client, plan) = world("").await;
        let mut watch = Impatient(patience);
        let report = world.carry_out_as(&client, &plan, &by_jobs(), &mut watch).await;
        assert_eq!(report.stop, Some(Stop::Interrupted), "{patience}");
        assert_eq!(report.count(|one| matches!(one, Outcome::Unknown(_))), 0, "{report:#?}");
        assert!(!report.is_complete(), "{patience}");
        let (_, second) = world.apply().await;
        assert!(second.is_complete(), "{patience}: {second:#?}");
        assert_eq!(world.picture().await, undisturbed, "{patience}");
    }
}
