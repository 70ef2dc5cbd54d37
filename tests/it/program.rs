//! Exit statuses, streams and refusals, through the program itself.

use std::fmt::Write as _;

use crate::support::{Portal, Server, acme, program};

#[test]
fn usage_errors_have_a_status_of_their_own() {
    let portal = Portal::example("quickstart");
    for arguments in [
        &["plan", "--no-such-flag"][..],
        &["no-such-command"],
        &["plan", "--allow", "force=1"],
        &["plan", "--allow", "deactivations"],
        &["plan", "--today", "tomorrow"],
    ] {
        portal.run(arguments).exits(64);
    }
    assert_eq!(program().arg("--help").output().unwrap().status.code(), Some(0));
    assert_eq!(program().arg("--version").output().unwrap().status.code(), Some(0));
}

#[test]
fn without_a_terminal_and_without_approval_nothing_is_written() {
    let portal = Portal::example("quickstart");
    let refused = portal.run(&["apply"]).exits(3);
    assert!(refused.stderr.contains("--auto-approve"), "{}", refused.stderr);
    portal.run(&["plan", "--detailed-exitcode"]).exits(2);
}

#[test]
fn an_apply_with_nothing_to_do_needs_no_terminal() {
    let portal = Portal::example("quickstart");
    portal.run(&["apply", "--auto-approve"]).exits(0);
    portal.run(&["apply"]).exits(0);
}

#[test]
fn no_project_no_org_no_token() {
    let empty = Portal::new(&[]);
    let run = empty.run(&["plan"]).exits(1);
    assert!(run.stderr.contains("portalctl.toml"), "{}", run.stderr);

    let portal = Portal::example("quickstart");
    let run = portal.run(&["plan", "-o", "nowhere"]).exits(1);
    assert!(run.stderr.contains("`dev`"), "{}", run.stderr);
    let run = portal.run(&["plan", "-o", "env"]).exits(1);
    assert!(run.stderr.contains("SF_ACCESS_TOKEN"), "{}", run.stderr);
}

#[test]
fn another_org_than_the_pinned_one_is_refused() {
    let portal = Portal::example("quickstart");
    let pinned = portal.read("portalctl.toml").replace(
        "emulator = \"org.toml\"",
        "emulator = \"org.toml\"\norg_id = \"00D000000000001EAA\"",
    );
    portal.write("portalctl.toml", &pinned);
    let run = portal.run(&["plan"]).exits(3);
    assert!(run.stderr.contains("pinned"), "{}", run.stderr);
}

#[test]
fn results_go_to_stdout_and_everything_else_to_stderr() {
    let portal = Portal::example("quickstart");
    let plan = portal.run(&["plan", "--json"]).exits(0);
    plan.json();
    assert!(plan.stderr.starts_with("API calls: "), "{}", plan.stderr);
    let apply = portal.run(&["apply", "--auto-approve", "--json"]).exits(0);
    apply.json();
    assert!(apply.stderr.contains("creating users"), "{}", apply.stderr);
    let quiet = portal.run(&["apply", "--auto-approve", "--json", "-q"]).exits(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn whoever_watches_a_plan_sees_nothing_but_gets() {
    let mut roster = "username,last_name\n".to_owned();
    for n in 0..300 {
        writeln!(roster, "n{n}@acme.example,Number {n}").unwrap();
    }
    let portal = Portal::new(&[
        ("portalctl.toml", "[project]\nname = \"acme-portal\"\n"),
        (
            "users/all.toml",
            "account = \"Acme Corp\"\nprofile = \"Acme Customer\"\n[[rosters]]\ncsv = \"all.csv\"\n",
        ),
        ("users/all.csv", &roster),
        ("org.toml", &acme(500)),
    ]);
    let server = Server::start(&portal.path().join("org.toml"));
    let plan = portal.run_with(&["plan"], &server.environment()).exits(0);
    assert_eq!(plan.last_line(), "Plan: 300 to create, 0 to update, 0 to deactivate.");
    let requests = server.requests();
    assert!(requests.matches("FROM%20Contact%20").count() > 1, "{requests}");
    assert!(requests.lines().all(|request| request.starts_with("GET ")), "{requests}");
}

#[test]
fn the_token_is_never_printed() {
    let portal = Portal::example("quickstart");
    let token = "00D000000000001!AQ0AQsecretsecret";
    let run = portal.run_with(
        &["plan", "-o", "env", "-v"],
        &[("SF_ACCESS_TOKEN", token), ("SF_ORG_INSTANCE_URL", "http://127.0.0.1:9")],
    );
    let run = run.exits(1);
    assert!(!run.stdout.contains(token) && !run.stderr.contains(token), "{}", run.stderr);
    let run = portal.run_with(
        &["plan", "-o", "env"],
        &[("SF_ACCESS_TOKEN", token), ("SF_ORG_INSTANCE_URL", "http://acme.example")],
    );
    assert!(run.exits(1).stderr.contains("http"), "plain http is refused");
}

#[test]
fn explain_knows_every_code_and_no_other() {
    let known = program().args(["explain", "p2003"]).output().unwrap();
    assert!(String::from_utf8(known.stdout).unwrap().contains("role"));
    let unknown = program().args(["explain", "P2x03"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(64));
}
