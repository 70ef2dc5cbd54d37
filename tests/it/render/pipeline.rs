//! What a run leaves behind for GitHub Actions.

use std::fs;

use crate::support::{Portal, assert_valid};

#[test]
fn a_plan_leaves_outputs_and_a_summary() {
    let portal = Portal::example("quickstart");
    let path = |name: &str| portal.path().join(name).display().to_string();
    let (output, summary) = (path("output"), path("summary"));
    let github = [("GITHUB_OUTPUT", output.as_str()), ("GITHUB_STEP_SUMMARY", summary.as_str())];
    fs::write(&summary, "# Of another step\n").unwrap();
    let plan = portal.run_with(&["plan", "--json"], &github).exits(0).json();
    let expected = format!(
        "has_changes=true\ncreate=8\nadopt=0\nupdate=4\nrename=0\nreactivate=1\ndeactivate=1\nfreeze=0\nunfreeze=0\nno_op=6\nundeclared=0\nunmanaged=1\nemails=0\ndigest={}\nblocked=false\nblocked_users=0\n",
        plan["digest"].as_str().unwrap()
    );
    assert_eq!(portal.read("output"), expected);
    let page = portal.read("summary");
    assert!(page.starts_with("# Of another step\n<!-- portalctl plan "), "{page}");

    portal.run_with(&["apply", "--auto-approve"], &github).exits(0);
    let last: Vec<String> =
        portal.read("output").lines().rev().take(3).map(str::to_owned).collect();
    assert_eq!(last, ["skipped=0", "failed=0", "applied=14"]);
    assert!(portal.read("summary").contains("<!-- portalctl apply "));
}

#[test]
fn a_blocked_plan_says_so_in_the_outputs() {
    let portal = Portal::example("shortfall");
    let output = portal.path().join("output").display().to_string();
    portal.run_with(&["plan"], &[("GITHUB_OUTPUT", &output)]).exits(3);
    assert!(portal.read("output").ends_with("blocked=true\nblocked_users=0\n"));
}

#[test]
fn a_summary_is_left_alone_when_it_is_full() {
    let portal = Portal::example("quickstart");
    let summary = portal.path().join("summary").display().to_string();
    let before = "x".repeat(1_047_000);
    fs::write(&summary, &before).unwrap();
    portal.run_with(&["plan"], &[("GITHUB_STEP_SUMMARY", &summary)]).exits(0);
    assert_eq!(portal.read("summary"), before);
}

#[test]
fn several_reports_are_written_at_once() {
    let portal = Portal::example("quickstart");
    let report = |format: &str| format!("{format}={}", portal.path().join(format).display());
    let (json, markdown, text) = (report("json"), report("markdown"), report("text"));
    let arguments = ["plan", "--report", &json, "--report", &markdown, "--report", &text];
    let shown = portal.run(&arguments).exits(0).stdout;
    assert_eq!(portal.read("text"), shown);
    assert_eq!(portal.read("markdown"), portal.run(&["plan", "--format", "markdown"]).stdout);
    assert_valid(&serde_json::from_str(&portal.read("json")).unwrap(), "plan.schema.json");
    portal.run(&["plan", "--report", "pdf=plan.pdf"]).exits(64);
}

#[test]
fn a_report_that_cannot_be_written_stops_an_apply_before_the_first_write() {
    let portal = Portal::example("quickstart");
    let missing = format!("json={}", portal.path().join("no/such/folder/r.json").display());
    let run = portal.run(&["apply", "--auto-approve", "--report", &missing]).exits(1);
    assert!(run.stderr.contains("nothing was applied"), "{}", run.stderr);
    portal.run(&["plan", "--detailed-exitcode"]).exits(2);
}

#[test]
fn annotations_name_files_from_the_root_of_the_repository() {
    let portal = Portal::example("quickstart");
    let parent = portal.path().parent().unwrap().display().to_string();
    let folder = portal.path().file_name().unwrap().to_str().unwrap();
    let run = portal.run_with(&["plan", "--format", "github"], &[("GITHUB_WORKSPACE", &parent)]);
    let wanted = format!("::warning file={folder}/users/globex.toml,line=17,col=1,title=");
    assert!(run.exits(0).stdout.contains(&wanted), "{wanted}");
}
