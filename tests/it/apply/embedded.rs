//! An org inside the process is kept as it changes: a kill in the middle of an apply leaves what the
//! org had taken by then.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::sweep::{ORG, PROJECT, USERS};
use crate::support::{Portal, program};

#[test]
fn an_embedded_org_survives_a_kill() {
    let project = format!("{PROJECT}\n[orgs.dev]\nemulator = \"org.toml\"\n");
    // The freeze passes, and the deactivation never comes to its end.
    let slow =
        "[[Fault]]\nPath = \"/composite\"\nDo = \"slow\"\nAfter = 1\nMilliseconds = 600000\n";
    let portal = Portal::new(&[
        ("portalctl.toml", &project),
        ("users/all.toml", USERS),
        ("org.toml", &format!("{ORG}\n{slow}")),
    ]);
    let plan = |portal: &Portal| {
        portal.run(&["plan", "--json", "--today", "2026-11-24", "--allow", "reactivations=1"])
    };
    let planned = |plan: &Value| -> Vec<String> {
        let changes = plan["changes"].as_array().unwrap().iter();
        changes.map(|change| change["username"].as_str().unwrap().to_owned()).collect()
    };
    let before = planned(&plan(&portal).exits(0).json());
    assert!(!portal.path().join(".portalctl").exists(), "a plan keeps nothing");
    let report = portal.path().join("report.json");
    let mut child = program()
        .arg("-C")
        .arg(portal.path())
        .args(["apply", "--auto-approve", "--allow", "reactivations=1"])
        .args(["--today", "2026-11-24", "--report"])
        .arg(format!("json={}", report.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let applied = || -> Vec<String> {
        let text = std::fs::read_to_string(&report).unwrap_or_else(|_| "{}".to_owned());
        let told: Value = serde_json::from_str(&text).unwrap();
        let results = told["results"].as_array().cloned().unwrap_or_default();
        let done = results.iter().filter(|result| result["outcome"] == "applied");
        done.map(|result| result["username"].as_str().unwrap().to_owned()).collect()
    };
    let started = Instant::now();
    while applied().is_empty() {
        assert!(child.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_mins(3));
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(applied(), ["frozen@acme.example"]);
    let after = planned(&plan(&portal).exits(0).json());
    assert!(!after.contains(&"frozen@acme.example".to_owned()), "{after:?}");
    assert_eq!(after.len(), before.len() - 1);
    let apply = ["apply", "--auto-approve", "--allow", "reactivations=1", "--today", "2026-11-24"];
    portal.run(&apply).exits(0);
    assert!(planned(&plan(&portal).exits(0).json()).is_empty());
}
