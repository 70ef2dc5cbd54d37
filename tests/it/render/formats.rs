//! Snapshots of every format for plans of every kind.

use std::sync::LazyLock;

use crate::render::fixture;
use crate::support::Portal;

const TODAY: [&str; 2] = ["--today", "2026-11-24"];
pub(crate) const FORMATS: [&str; 5] = ["text", "markdown", "github", "html", "json"];

fn plan(portal: &Portal, format: &str) -> String {
    let arguments = ["plan", "--format", format, TODAY[0], TODAY[1]];
    let run = portal.run(&arguments);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    run.stdout
}

fn snapshot(kind: &str, portal: &Portal) {
    for format in FORMATS {
        insta::assert_snapshot!(format!("{kind}_{format}"), settled(&plan(portal, format)));
    }
}

/// The page without its style and script; the text without digests, which change with the rules of the fingerprint.
pub(crate) fn settled(text: &str) -> String {
    let text = match (text.find("<header>"), text.find("<script>")) {
        (Some(from), Some(to)) => &text[from..to],
        _ => text,
    };
    let mut parts = text.split("sha256:");
    let mut settled = parts.next().unwrap().to_owned();
    for part in parts {
        settled.push_str("sha256:\u{2026}");
        settled.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    settled
}

#[test]
fn nothing_to_do() {
    let portal = Portal::example("quickstart");
    portal.run(&["apply", "--auto-approve", TODAY[0], TODAY[1]]).exits(0);
    snapshot("nothing", &portal);
}

#[test]
fn a_small_plan() {
    snapshot("small", &Portal::example("quickstart"));
}

#[test]
fn a_blocked_plan() {
    let portal = Portal::example("shortfall");
    portal.write(
        "users/lost.toml",
        "[[users]]\nusername = \"lost@acme.example\"\nlast_name = \"Lost\"\naccount = \"Nowhere Inc.\"\nprofile = \"Acme Customer\"\n",
    );
    snapshot("blocked", &portal);
}

/// A plan of 3,000 changes in every format, made once.
static LARGE: LazyLock<Portal> = LazyLock::new(|| {
    let portal = fixture::large(1500);
    let path = |name: &str| portal.path().join(name).display().to_string();
    let reports: Vec<String> =
        FORMATS.iter().map(|format| format!("{format}={}", path(format))).collect();
    let mut arguments = vec!["plan"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    portal.run(&arguments).exits(0);
    portal
});

/// The first and the last lines.
fn ends(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (first, last) = (&lines[..12], &lines[lines.len() - 12..]);
    format!("{}\n({} lines)\n{}\n", first.join("\n"), lines.len(), last.join("\n"))
}

#[test]
fn three_thousand_changes() {
    for format in FORMATS {
        insta::assert_snapshot!(format!("large_{format}"), ends(&settled(&LARGE.read(format))));
    }
}

#[test]
fn a_long_plan_names_a_thousand_people_and_says_where_the_rest_is() {
    let text = LARGE.read("text");
    let named = |text: &str| text.lines().filter(|line| line.contains("@acme.example  ")).count();
    assert_eq!(named(&text), 1000);
    assert_eq!(text.matches("\n- deactivate ").count(), 750, "who loses access is named first");
    assert!(text.contains("\u{2026} and 500 more to create\n"));
    assert!(text.contains("\u{2026} and 1500 more to update\n"));
    let (_, end) = text.split_once("Not all is listed: ").unwrap();
    assert!(end.starts_with("`-v` lists everything, `--format json` and"), "{end}");
    assert!(end.contains("Plan: 750 to create, 1500 to update, 750 to deactivate."), "{end}");
    let json: serde_json::Value = serde_json::from_str(&LARGE.read("json")).unwrap();
    assert_eq!(json["changes"].as_array().unwrap().len(), 3000);
    let all = LARGE.run(&["plan", "-v", TODAY[0], TODAY[1]]).exits(0).stdout;
    assert_eq!(named(&all), 3000);
    assert!(!all.contains("Not all is listed"));
}

#[test]
fn a_comment_fits_and_says_that_it_was_cut() {
    let comment = LARGE.read("markdown");
    assert!(comment.len() <= 65_536, "{}", comment.len());
    assert!(comment.len() > 60_000, "the space is used: {}", comment.len());
    assert!(comment.starts_with("<!-- portalctl plan project=acme-portal org=dev digest=sha256:"));
    assert!(comment.lines().next().unwrap().ends_with(" truncated=true -->"));
    assert!(comment.contains("cannot be approved from here"));
    for people in ["### 750 to deactivate", "### 750 to create", "### 1500 to update"] {
        assert!(comment.contains(people), "{people} is told however much is cut");
    }
    assert!(comment.contains("user00002@acme.example"), "the first who lose access stay");
    assert!(comment.contains("user02998@acme.example"), "and the last");
}

#[test]
fn a_limit_is_kept_whatever_it_is() {
    for limit in ["4096", "5000", "20000"] {
        let run =
            fixture::large(100).run(&["plan", "--format", "markdown", "--markdown-limit", limit]);
        let length = run.exits(0).stdout.len();
        assert!(length <= limit.parse().unwrap(), "{length} > {limit}");
    }
    Portal::example("quickstart").run(&["plan", "--markdown-limit", "100"]).exits(64);
}
