//! The process is told to end, or is killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::sweep::{ORG, PROJECT, USERS, is_unmailed};
use super::world::World;
use crate::support::{Portal, assert_valid, program};

const REPORT: &str = "report.json";

/// The program, applying; its report goes to a file in the project.
fn spawn(world: &World, portal: &Portal) -> Child {
    spawn_as(world, portal, &["apply", "--auto-approve", "--allow", "reactivations=1"])
}

/// The program, at work as it is told.
pub(super) fn spawn_as(world: &World, portal: &Portal, arguments: &[&str]) -> Child {
    let report = format!("json={}", portal.path().join(REPORT).display());
    program()
        .arg("-C")
        .arg(portal.path())
        .args(arguments)
        .args(["--today", "2026-11-24", "--report", &report])
        .envs(world.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the org has answered so many requests. The next one hangs, so that nothing moves.
pub(super) async fn answered(world: &World, child: &mut Child, requests: usize) {
    let started = Instant::now();
    while world.requests() < requests {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{:?}", world.running.requests());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Lets the request after so many others hang before anything is done.
pub(super) async fn hang(world: &World, after: usize) {
    world.fault(json!({ "Do": "slow", "After": after, "Times": 1, "Milliseconds": 600_000 })).await;
}

pub(super) fn report(portal: &Portal) -> Option<Value> {
    let text = std::fs::read_to_string(portal.path().join(REPORT)).ok()?;
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_valid(&report, "report.schema.json");
    Some(report)
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(name).arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
}

/// How many requests reading takes, and how many the whole apply.
async fn calls() -> (usize, usize) {
    let world = World::new(ORG, USERS, PROJECT).await;
    let client = world.client().await;
    let plan = world.plan(&client).await;
    let read = world.requests();
    world.carry_out(&client, &plan).await;
    (read, world.requests())
}

#[tokio::test]
async fn a_kill_at_any_request_costs_nothing() {
    let undisturbed = World::new(ORG, USERS, PROJECT).await;
    undisturbed.apply().await;
    let undisturbed = undisturbed.picture().await;
    let (read, all) = calls().await;
    for k in read..all {
        let world = World::new(ORG, USERS, PROJECT).await;
        hang(&world, k).await;
        let mut child = spawn(&world, &world.portal);
        answered(&world, &mut child, k).await;
        child.kill().unwrap();
        child.wait().unwrap();
        world.no_faults().await;
        let mailed = world.mailed().await;
        assert!(mailed <= 1, "request {k}: mailed {mailed} times");
        if let Some(report) = report(&world.portal) {
            let results = report["results"].as_array().unwrap();
            assert_eq!(results.len(), 11, "request {k}: every change, once");
            let claimed = |word: &str| results.iter().filter(|r| r["outcome"] == word).count();
            let (plan, _) = world.apply().await;
            let left = plan.changes.len();
            assert!(claimed("applied") <= 11 - left, "request {k}: {left} left: {report:#}");
        }
        let (_, second) = world.apply().await;
        assert!(second.is_complete(), "request {k}: {second:#?}");
        assert_eq!(world.picture().await, undisturbed, "request {k}");
        let client = world.client().await;
        let named = world.plan(&client).await.diagnostics.iter().any(is_unmailed);
        assert_eq!(world.mailed().await, usize::from(!named), "request {k}: mailed or named");
    }
}

#[tokio::test]
async fn a_signal_lets_the_request_under_way_finish() {
    let (read, all) = calls().await;
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        let world = World::new(ORG, USERS, PROJECT).await;
        let k = read + (all - read) / 3;
        let slow = json!({ "Do": "slow", "After": k, "Times": 1, "Milliseconds": 300 });
        world.fault(slow).await;
        let mut child = spawn(&world, &world.portal);
        answered(&world, &mut child, k).await;
        signal(&child, name);
        let output = tokio::task::spawn_blocking(move || child.wait_with_output());
        let output = output.await.unwrap().unwrap();
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let report = report(&world.portal).unwrap();
        assert_eq!(report["summary"]["unknown"], 0, "{report:#}");
        let left = report["results"].as_array().unwrap().iter();
        let left = left.filter(|result| result["error"]["code"] == "NOT_ATTEMPTED").count();
        assert!(left > 0, "{report:#}");
        assert_eq!(report["stopped"]["code"], "INTERRUPTED");
        let (_, second) = world.apply().await;
        assert!(second.is_complete());
    }
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let (read, all) = calls().await;
    let world = World::new(ORG, USERS, PROJECT).await;
    let k = read + (all - read) / 2;
    hang(&world, k).await;
    let mut child = spawn(&world, &world.portal);
    answered(&world, &mut child, k).await;
    // The first is told of before the second is sent.
    let mut told = BufReader::new(child.stderr.take().unwrap());
    signal(&child, "-TERM");
    let second = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        while !line.contains("once more") {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0);
        }
        signal(&child, "-TERM");
        child.wait().unwrap().code()
    });
    assert_eq!(second.await.unwrap(), Some(143));
    let report = report(&world.portal).unwrap();
    assert!(report["summary"]["unknown"].as_u64().unwrap() > 0, "{report:#}");
}
