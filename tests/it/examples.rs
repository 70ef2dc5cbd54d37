//! The examples do what their pages say.

use std::fs;

use crate::support::{Portal, Server, assert_valid, package};

#[test]
fn quickstart_is_planned_applied_and_then_settled() {
    let portal = Portal::example("quickstart");
    let first = portal.run(&["plan", "--detailed-exitcode", "--today", "2026-11-24"]).exits(2);
    insta::assert_snapshot!("quickstart_plan", first.stdout);
    assert!(first.last_line().starts_with("Plan: "), "{}", first.last_line());
    assert!(first.last_line().ends_with("to deactivate."), "{}", first.last_line());

    let applied = portal.run(&["apply", "--auto-approve", "--today", "2026-11-24"]).exits(0);
    assert!(applied.last_line().ends_with("0 failed."), "{}", applied.stdout);

    let second = portal.run(&["plan", "--detailed-exitcode", "--today", "2026-11-24"]).exits(0);
    assert_eq!(second.last_line(), "No changes. The org matches the 20 declared users.");
}

#[test]
fn people_who_never_signed_in_are_invited_once() {
    let portal = Portal::example("quickstart");
    for wrong in [&["invite"][..], &["invite", "amara.*", "--never-signed-in"]] {
        portal.run(wrong).exits(64);
    }
    portal.run(&["invite", "--never-signed-in", "--cool-down", "0"]).exits(64);
    let unknown = portal.run(&["invite", "nobody@globex.example", "amara.*"]).exits(1);
    assert!(unknown.stderr.contains("nobody is declared as `nobody@globex.example`"));
    let unmatched = portal.run(&["invite", "--never-signed-in", "--target", "Nowhere"]).exits(1);
    assert!(unmatched.stderr.contains("--target matches nothing: `Nowhere`"));
    let invite = ["invite", "--never-signed-in", "--auto-approve"];
    let first = portal.run(&invite).exits(0);
    assert_eq!(first.last_line(), "Apply: 10 changes applied, 0 failed.");
    let second = portal.run(&invite).exits(0);
    assert_eq!(second.last_line(), "Nobody to invite, 20 left out.");
}

#[test]
fn the_pages_show_what_the_program_prints() {
    for name in ["quickstart", "shortfall"] {
        let portal = Portal::example(name);
        let printed = portal.run(&["plan", "--today", "2026-11-24"]).stdout;
        let path = package().join("examples").join(name).join("plan.txt");
        if updating() {
            fs::write(&path, &printed).unwrap();
        }
        assert_eq!(printed, fs::read_to_string(&path).unwrap(), "run again with UPDATE=1");
    }
}

#[test]
fn a_server_gives_the_same_plan_as_the_embedded_emulator() {
    let portal = Portal::example("quickstart");
    let server = Server::start(&portal.path().join("org.toml"));
    let mut inside = portal.run(&["plan", "--json"]).exits(0).json();
    let mut outside =
        portal.run_with(&["plan", "--json", "-o", "env"], &server.environment()).exits(0).json();
    assert_ne!(inside["org"], outside["org"]);
    for plan in [&mut inside, &mut outside] {
        let plan = plan.as_object_mut().unwrap();
        plan.remove("org");
        plan.remove("digest");
    }
    assert_eq!(inside, outside);
    assert_no_write(&server);
}

#[test]
fn a_shortfall_is_told_and_nothing_is_written() {
    let portal = Portal::example("shortfall");
    let plan = portal.run(&["plan"]).exits(3);
    insta::assert_snapshot!("shortfall_plan", plan.stdout);

    let server = Server::start(&portal.path().join("org.toml"));
    let apply =
        portal.run_with(&["apply", "--auto-approve", "-o", "env"], &server.environment()).exits(3);
    assert!(apply.stderr.contains("Nothing was written"), "{}", apply.stderr);
    assert_no_write(&server);
}

#[test]
fn an_approved_shortfall_holds_back_those_who_do_not_fit() {
    let portal = Portal::example("shortfall");
    let run =
        portal.run(&["apply", "--auto-approve", "--allow", "shortfall=2", "--json"]).exits(68);
    let report = run.json();
    assert_valid(&report, "report.schema.json");
    assert_eq!(report["summary"]["applied"], 3);
    assert_eq!(report["summary"]["skipped"], 2);
    let skipped = &report["results"].as_array().unwrap()[4];
    assert_eq!(skipped["error"]["code"], "P2021");
}

#[track_caller]
fn assert_no_write(server: &Server) {
    let requests = server.requests();
    assert!(requests.contains("GET /services/data"), "{requests}");
    assert!(requests.lines().all(|line| line.starts_with("GET ")), "{requests}");
}

#[expect(clippy::disallowed_methods, reason = "how a person asks for new expectations")]
pub(crate) fn updating() -> bool {
    std::env::var("UPDATE").is_ok()
}
