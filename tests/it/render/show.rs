//! A saved plan is shown as it was when it was made, by whoever has the file alone.

use std::fs;

use serde_json::Value;

use super::fixture;
use super::formats::FORMATS;
use crate::support::{Portal, Server};

/// The plan of a project in a file of its own, far from the project.
fn saved(portal: &Portal) -> (Portal, String) {
    let elsewhere = Portal::new(&[]);
    let path = elsewhere.path().join("plan.saved").display().to_string();
    let run = portal.run(&["plan", "--out", &path]);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    (elsewhere, path)
}

#[test]
fn what_was_reviewed_and_what_is_shown_are_the_same_bytes() {
    for portal in [Portal::example("quickstart"), Portal::example("shortfall"), fixture::hostile()]
    {
        let (_elsewhere, path) = saved(&portal);
        for format in FORMATS {
            for more in [&[][..], &["--mask"], &["-v"], &["--markdown-limit", "4096"]] {
                let plan = portal.run(&[&["plan", "--format", format], more].concat());
                let show = portal.run(&[&["show", &path, "--format", format], more].concat());
                assert_eq!(show.exits(0).stdout, plan.stdout, "{format} {more:?}");
            }
        }
    }
}

#[test]
fn neither_the_project_nor_the_org_is_needed() {
    let portal = Portal::example("quickstart");
    let server = Server::start(&portal.path().join("org.toml"));
    let project = portal.read("portalctl.toml");
    let prod = format!("[orgs.prod]\nlogin_url = \"{}\"\n", server.url);
    portal
        .write("portalctl.toml", &project.replace("[orgs.dev]\nemulator = \"org.toml\"\n", &prod));
    let elsewhere = Portal::new(&[]);
    let file = |name: &str| elsewhere.path().join(name).display().to_string();
    let (saved, html) = (file("plan.saved"), format!("html={}", file("plan.html")));
    let plan = portal.run_with(&["plan", "--out", &saved], &server.environment()).exits(0);
    drop((portal, server));
    let show = elsewhere.run(&["show", &saved, "--report", &html]).exits(0);
    assert_eq!(show.stdout, plan.stdout);
    assert_eq!(show.stderr, "");
    assert!(elsewhere.read("plan.html").starts_with("<!doctype html>"));
}

#[test]
fn annotations_name_files_from_the_root_of_the_repository() {
    let portal = Portal::example("quickstart");
    let (_elsewhere, path) = saved(&portal);
    let parent = portal.path().parent().unwrap().display().to_string();
    let github = [("GITHUB_WORKSPACE", parent.as_str())];
    let show = portal.run_with(&["show", &path, "--format", "github"], &github).exits(0);
    assert_eq!(show.stdout, portal.run_with(&["plan", "--format", "github"], &github).stdout);
    let folder = portal.path().file_name().unwrap().to_str().unwrap();
    assert!(show.stdout.contains(&format!("file={folder}/users/globex.toml")), "{}", show.stdout);
}

#[test]
fn what_apply_refuses_is_not_shown_and_for_the_same_reason() {
    let portal = Portal::example("quickstart");
    let (elsewhere, path) = saved(&portal);
    let whole = elsewhere.read("plan.saved");
    let renamed = whole.replace("Head of Purchasing", "Head of Everything");
    assert_ne!(renamed, whole);
    let json = portal.run(&["plan", "--json"]).stdout;
    let mut later: Value = serde_json::from_str(&whole).unwrap();
    later["format_version"] = "2.0".into();
    let cut = &whole[..whole.len() / 2];
    let cases = [
        (cut, 1, "EOF"),
        (&renamed, 3, "edited"),
        (&json, 1, "plan --json"),
        (&later.to_string(), 1, "2.0"),
    ];
    for (text, status, what) in cases {
        fs::write(&path, text).unwrap();
        let show = elsewhere.run(&["show", &path]).exits(status);
        assert!(show.stderr.contains(what), "{what}: {}", show.stderr);
        assert_eq!(show.stdout, "");
        assert_eq!(show.stderr, portal.run(&["apply", &path]).exits(status).stderr);
    }
    fs::remove_file(&path).unwrap();
    elsewhere.run(&["show", &path]).exits(1);
    elsewhere.run(&["show"]).exits(64);
}

#[test]
fn a_saved_report_is_told_from_a_plan() {
    let portal = Portal::example("quickstart");
    let report = portal.path().join("report.json").display().to_string();
    portal.run(&["apply", "--auto-approve", "--report", &format!("json={report}")]).exits(0);
    let show = portal.run(&["show", &report]).exits(1);
    assert!(show.stderr.contains("`portalctl revert` takes"), "{}", show.stderr);
}
