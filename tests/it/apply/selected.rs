//! A saved plan holds which part of the work was wanted.

use serde_json::Value;

use super::sweep::{ORG, PROJECT, USERS};
use super::world::{World, at};

/// The changes of a plan: who, and what.
fn changes(plan: &Value) -> Vec<String> {
    let changes = plan["changes"].as_array().unwrap().iter();
    let text = |change: &Value, key: &str| change[key].as_str().unwrap().to_owned();
    changes.map(|one| format!("{} {}", text(one, "action"), text(one, "username"))).collect()
}

#[tokio::test]
async fn a_saved_plan_applies_exactly_the_part_that_was_chosen() {
    let cases: [&[&str]; 6] = [
        &["--target", "updated@acme.example"],
        &["--target", "*@globex.example", "--target", "new@acme.example"],
        &["--exclude", "*@acme.example"],
        &["--only", "create,freeze"],
        &["--no-deactivate"],
        &["--target", "*@acme.example", "--only", "update,deactivate", "--no-deactivate"],
    ];
    for selection in cases {
        let world = World::new(ORG, USERS, PROJECT).await;
        let allow = ["--allow", "reactivations=1"];
        let whole = world.run(&["plan", "--json", allow[0], allow[1]]).await.exits(0).json();
        let file = world.portal.path().join("plan.out").display().to_string();
        let mut plan = vec!["plan", "--json", "--out", &file];
        plan.extend(allow);
        plan.extend(selection);
        let part = world.run(&plan).await.exits(0).json();
        let chosen = changes(&part);
        assert!(!chosen.is_empty() && chosen.len() < 11, "{selection:?}: {chosen:?}");
        let report = world.run(&["apply", &file, "--auto-approve", "--json"]).await;
        let report = report.exits(0).json();
        assert_eq!(report["summary"]["applied"], chosen.len(), "{selection:?}");
        let left = world.run(&["plan", "--json", allow[0], allow[1]]).await.exits(0).json();
        let mut rest = changes(&whole);
        rest.retain(|change| !chosen.contains(change));
        assert_eq!(changes(&left), rest, "{selection:?}: nothing else was touched");
        let again = world.run(&["apply", &file, "--auto-approve", "--json"]).await.exits(0).json();
        assert_eq!(again["summary"]["skipped"], chosen.len(), "{selection:?}");
    }
}

#[tokio::test]
async fn a_part_that_was_cut_off_is_finished_and_no_more() {
    let world = World::new(ORG, USERS, PROJECT).await;
    let file = world.portal.path().join("plan.out").display().to_string();
    let only = ["plan", "--json", "--out", &file, "--only", "create,update,freeze"];
    let chosen = changes(&world.run(&only).await.exits(0).json());
    let mut fault = at(2, "daily-limit");
    fault["Path"] = "/composite".into();
    world.fault(fault).await;
    let first = world.run(&["apply", &file, "--auto-approve", "--json"]).await.exits(68).json();
    let applied = first["summary"]["applied"].as_u64().unwrap();
    assert!(applied > 0 && applied < chosen.len() as u64, "{first:#}");
    world.no_faults().await;
    let second = world.run(&["apply", &file, "--auto-approve", "--json"]).await.exits(0).json();
    assert_eq!(second["results"].as_array().unwrap().len(), chosen.len());
    let left = world.run(&["plan", "--json", "--allow", "reactivations=1"]).await.exits(0).json();
    let left = changes(&left);
    assert!(left.contains(&"deactivate leaving@acme.example".to_owned()), "{left:?}");
    assert!(left.iter().all(|change| !chosen.contains(change)), "{left:?}");
}
