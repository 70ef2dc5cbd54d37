//! The nightly jobs: dates, and drift with its one issue.

use super::runner::Github;
use crate::support::{Portal, Server};

/// A project whose org matches it, but for one who was switched off in the org.
fn drifted() -> (Portal, Server) {
    let portal = Portal::example("quickstart");
    let org = portal.read("org.toml");
    let server = Server::start(&portal.path().join("org.toml"));
    let project = portal.read("portalctl.toml");
    let prod = format!("[orgs.prod]\nlogin_url = \"{}\"\n", server.url);
    portal
        .write("portalctl.toml", &project.replace("[orgs.dev]\nemulator = \"org.toml\"\n", &prod));
    assert!(org.contains("[[User]]"));
    (portal, server)
}

#[test]
fn drift_opens_one_issue_keeps_it_current_and_closes_it() {
    let (portal, server) = drifted();
    let github = Github::new();
    let night = || github.run("drift.yml", portal.path(), &server.environment());
    night().unwrap();
    let issue = github.get("issue").unwrap();
    assert!(issue.contains("**Drift: 14 users differ"), "{issue}");
    assert!(github.get("log").unwrap().contains("issue create"));
    night().unwrap();
    assert!(github.get("log").unwrap().contains("issue edit 5"));

    let apply = ["apply", "--auto-approve", "-o", "prod"];
    portal.run_with(&apply, &server.environment()).exits(0);
    night().unwrap();
    assert_eq!(github.get("issue"), None, "closed");
    assert!(github.get("log").unwrap().contains("issue close 5"));
    night().unwrap();
}

#[test]
fn a_night_that_cannot_look_fails_and_leaves_the_issue() {
    let (portal, server) = drifted();
    let github = Github::new();
    github.run("drift.yml", portal.path(), &server.environment()).unwrap();
    let nowhere = [("SF_ACCESS_TOKEN", "none"), ("SF_ORG_INSTANCE_URL", server.url.as_str())];
    let failed = github.run("drift.yml", portal.path(), &nowhere).unwrap_err();
    assert!(failed.starts_with("exit status: 1"), "{failed}");
    assert!(github.get("issue").is_some());
}

#[test]
fn dates_are_carried_out_alone() {
    let (portal, server) = drifted();
    let users = portal.read("users/globex.toml");
    // The first user of the file left long ago.
    let users = users.replacen("[[users]]\n", "[[users]]\nexpires = 2020-01-31\n", 1);
    portal.write("users/globex.toml", &users);
    Github::new().run("dates.yml", portal.path(), &server.environment()).unwrap();
    let report: serde_json::Value = serde_json::from_str(&portal.read("report.json")).unwrap();
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{report:#}");
    assert_eq!(results[0]["action"], "deactivate");
}
