//! A pull request, from the first check to what the merge applies.

use std::fs;
use std::os::unix::fs::symlink;

use super::runner::Github;
use crate::support::{Portal, Server};

/// The repository of the project, and a server of its org.
fn repository() -> (Portal, Server) {
    let portal = Portal::example("quickstart");
    let server = Server::start(&portal.path().join("org.toml"));
    let project = portal.read("portalctl.toml");
    let org = format!("[orgs.prod]\nlogin_url = \"{}\"\n", server.url);
    let project = project.replace("[orgs.dev]\nemulator = \"org.toml\"\n", &org);
    assert!(project.contains("[orgs.prod]"), "{project}");
    portal.write("portalctl.toml", &project);
    (portal, server)
}

/// The same repository with a pull request's commit: one more user.
fn pull_request(base: &Portal) -> Portal {
    let fork = Portal::example("quickstart");
    fork.write("portalctl.toml", &base.read("portalctl.toml"));
    fork.write(
        "users/new.toml",
        "template = \"customer\"\naccount = \"Globex\"\n[[users]]\nusername = \"nina.newman@globex.example\"\nfirst_name = \"Nina\"\nlast_name = \"Newman\"\n",
    );
    fork
}

/// What the artifact carries from the first stage to the second.
fn hand_over(fork: &Portal, base: &Portal) {
    let (from, to) = (fork.path().join("declaration"), base.path().join("declaration"));
    let copied = std::process::Command::new("cp").arg("-R").args([&from, &to]).status().unwrap();
    assert!(copied.success());
}

#[test]
fn a_fork_is_checked_without_secrets_and_planned_as_data() {
    let (base, server) = repository();
    let github = Github::new();
    let fork = pull_request(&base);
    // A fork that would like to have the token sent elsewhere.
    let project = fork.read("portalctl.toml").replace(&server.url, "http://127.0.0.1:9");
    fork.write("portalctl.toml", &project);
    github.run("plan.yml", fork.path(), &[]).unwrap();
    hand_over(&fork, &base);
    let before = base.read("portalctl.toml");
    github.run("comment.yml", base.path(), &server.environment()).unwrap();
    let comment = github.get("comment").unwrap();
    assert!(comment.contains("nina.newman@globex.example"), "{comment}");
    assert_eq!(base.read("portalctl.toml"), before, "what decides where to sign in is the base's");
    let log = github.get("log").unwrap();
    assert!(log.contains("-X POST repos/acme/portal/issues/7/comments"), "{log}");
    assert!(log.contains("statuses/f00d -f state=success -f context=portalctl/plan"), "{log}");
    assert!(base.path().join("plan.html").exists(), "the artifact");

    fs::remove_dir_all(base.path().join("declaration")).unwrap();
    hand_over(&fork, &base);
    github.run("comment.yml", base.path(), &server.environment()).unwrap();
    let log = github.get("log").unwrap();
    assert!(log.contains("-X PATCH repos/acme/portal/issues/comments/99"), "{log}");
    assert!(
        server.requests().lines().all(|line| line.starts_with("GET ")),
        "a plan writes nothing"
    );
}

#[test]
fn a_first_stage_with_errors_says_so_and_hands_over_nothing() {
    let (base, _server) = repository();
    let fork = pull_request(&base);
    fork.write("users/new.toml", "[[users]]\nusername = \"nobody\"\n");
    let failed = Github::new().run("plan.yml", fork.path(), &[]).unwrap_err();
    assert!(failed.contains("::error file=users/new.toml,line="), "{failed}");
    assert!(!fork.path().join("declaration").exists());
}

#[test]
fn an_artifact_that_lies_is_refused() {
    let (base, server) = repository();
    let fork = pull_request(&base);
    let github = Github::new();
    github.run("plan.yml", fork.path(), &[]).unwrap();
    let refused = |what: &str| {
        let said = github.run("comment.yml", base.path(), &server.environment()).unwrap_err();
        assert!(said.contains(what), "{said}");
        assert_eq!(github.get("comment"), None);
        let _ = fs::remove_dir_all(base.path().join("declaration"));
    };
    hand_over(&fork, &base);
    base.write("declaration/pull-request", "7; touch pwned\n");
    refused("named no pull request");
    hand_over(&fork, &base);
    github.set("head", "another");
    refused("another head");
    github.set("head", "f00d");
    hand_over(&fork, &base);
    symlink("/etc/passwd", base.path().join("declaration/users/passwd.toml")).unwrap();
    refused("neither a file nor a folder");
}

#[test]
fn a_blocked_plan_is_commented_and_marked() {
    let (base, server) = repository();
    let fork = pull_request(&base);
    fork.write(
        "users/new.toml",
        "template = \"customer\"\naccount = \"Nowhere\"\n[[users]]\nusername = \"nina@globex.example\"\nlast_name = \"Newman\"\n",
    );
    let github = Github::new();
    github.run("plan.yml", fork.path(), &[]).unwrap();
    hand_over(&fork, &base);
    github.run("comment.yml", base.path(), &server.environment()).unwrap();
    assert!(github.get("comment").unwrap().contains("1 user is blocked"));
    assert!(github.get("log").unwrap().contains("-f state=failure"));
}

/// A pull request that was planned, commented and merged.
fn merged() -> (Portal, Server, Github) {
    let (base, server) = repository();
    let fork = pull_request(&base);
    let github = Github::new();
    github.run("plan.yml", fork.path(), &[]).unwrap();
    hand_over(&fork, &base);
    github.run("comment.yml", base.path(), &server.environment()).unwrap();
    (base, server, github)
}

#[test]
fn a_merge_applies_what_was_reviewed() {
    let (base, server, github) = merged();
    github.run("apply.yml", base.path(), &server.environment()).unwrap();
    let report: serde_json::Value = serde_json::from_str(&base.read("report.json")).unwrap();
    assert_eq!(report["summary"]["failed"], 0);
    let usernames = report["results"].to_string();
    assert!(usernames.contains("nina.newman@globex.example"), "{usernames}");
}

#[test]
fn a_merge_of_something_else_than_was_reviewed_writes_nothing() {
    let (base, server, github) = merged();
    let more = "[[users]]\nusername = \"late@globex.example\"\nlast_name = \"Late\"\n";
    base.write("users/new.toml", &(base.read("users/new.toml") + more));
    let refused = github.run("apply.yml", base.path(), &server.environment()).unwrap_err();
    assert!(refused.starts_with("exit status: 3"), "{refused}");
    assert!(server.requests().lines().all(|line| line.starts_with("GET ")), "nothing was written");
}

#[test]
fn nothing_is_applied_without_a_review_or_from_a_cut_comment() {
    let (base, server, github) = merged();
    let comment = github.get("comment").unwrap();
    let refused = |what: &str| {
        let said = github.run("apply.yml", base.path(), &server.environment()).unwrap_err();
        assert!(said.contains(what), "{said}");
    };
    github.set("comment", &comment.replacen("truncated=false", "truncated=true", 1));
    refused("the comment was cut");
    github.set("comment", "looks good to me");
    refused("no reviewed plan");
    github.set("merged", "");
    refused("nobody has reviewed");
    assert!(server.requests().lines().all(|line| line.starts_with("GET ")), "nothing was written");
}
