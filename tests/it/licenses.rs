//! `portalctl licenses`: seats now, after the plan and on the days ahead, on the embedded emulator.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Portal, Ran, Server, acme, assert_valid};

const TODAY: [&str; 2] = ["--today", "2026-11-24"];

fn licenses(portal: &Portal, arguments: &[&str]) -> Ran {
    portal.run(&[&["licenses", TODAY[0], TODAY[1]], arguments].concat())
}

/// The quickstart with so many seats of Partner Community and one more partner from a day on: of
/// seven seats in use, one is given back on 2035-07-01.
fn partners(seats: u32, starts: &str) -> Portal {
    let portal = Portal::example("quickstart");
    let org =
        portal.read("org.toml").replace("TotalLicenses = 10", &format!("TotalLicenses = {seats}"));
    portal.write("org.toml", &org);
    let pia = format!(
        "account = \"Wayne Distribution\"\ntemplate = \"partner\"\n[[users]]\nusername = \"pia.lund@wayne.example\"\nlast_name = \"Lund\"\nstarts = {starts}\n"
    );
    portal.write("users/pia.toml", &pia);
    portal
}

#[test]
fn seats_are_told_now_after_the_plan_and_ahead() {
    let portal = Portal::example("quickstart");
    insta::assert_snapshot!(licenses(&portal, &[]).exits(0).stdout);
    let markdown = licenses(&portal, &["--format", "markdown"]).exits(0).stdout;
    let (_, page) = markdown.split_once('\n').unwrap();
    insta::assert_snapshot!("licenses_markdown", page);
}

#[test]
fn json_fits_its_schema_agrees_with_the_plan_and_repeats_byte_for_byte() {
    let portal = Portal::example("quickstart");
    let run = licenses(&portal, &["--json"]).exits(0);
    let document = run.json();
    assert_valid(&document, "licenses.schema.json");
    assert_eq!(run.stdout, licenses(&portal, &["--format", "json"]).exits(0).stdout);
    let plan = portal.run(&["plan", "--json", TODAY[0], TODAY[1]]).exits(0).json();
    for key in ["format_version", "tool_version", "project", "org", "licenses"] {
        assert_eq!(document[key], plan[key], "{key}");
    }
    let point = |date: &str, name: &str, used: i64, total: i64, renewal: bool| json!({ "date": date, "name": name, "kind": "user", "used": used, "total": total, "renewal": renewal });
    assert_eq!(
        document["forecast"],
        json!([
            point("2026-11-24", "Customer Community", 13, 20, false),
            point("2026-11-24", "Partner Community", 7, 10, false),
            point("2035-07-01", "Partner Community", 6, 10, false),
            point("2035-09-30", "Partner Community", 6, 10, true),
        ])
    );
}

#[test]
fn a_share_that_is_just_reached_is_warned_about_and_one_that_is_not_quite_is_not() {
    let portal = Portal::example("quickstart");
    let run = licenses(&portal, &["--warn-at", "70%"]).exits(2);
    let said = "warning: Partner Community: 7 of 10 seats are in use after the plan (70%)\n";
    assert!(run.stderr.ends_with(said), "{}", run.stderr);
    assert!(!run.stderr.contains("Customer"), "{}", run.stderr);
    let run = licenses(&portal, &["--warn-at", "71%"]).exits(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let json = licenses(&portal, &["--warn-at", "0%", "--json", "-q"]).exits(2);
    assert_eq!(json.stderr, "");
    json.json();
}

#[test]
fn seats_that_run_short_one_day_are_told_with_the_day() {
    let portal = partners(7, "2027-03-01");
    portal.run(&["plan", TODAY[0], TODAY[1]]).exits(0);
    let run = licenses(&portal, &["--warn-at", "101%"]).exits(64);
    assert_eq!(run.stdout, "");
    let run = licenses(&portal, &["--warn-at", "100%", "--until", "2027-02-28"]).exits(2);
    assert!(run.stderr.contains("7 of 7 seats are in use after the plan"), "{}", run.stderr);
    let run = licenses(&portal, &[]).exits(0);
    insta::assert_snapshot!("licenses_short_ahead", run.stdout);

    let roomy = partners(8, "2027-03-01");
    let run = licenses(&roomy, &["--warn-at", "100%"]).exits(2);
    let said = "Partner Community: 8 of 8 seats are in use from 2027-03-01 on (100%)";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    licenses(&roomy, &["--warn-at", "100%", "--until", "2027-02-28"]).exits(0);
    // She comes on the day after another has left.
    let later = partners(7, "2035-07-01");
    assert!(licenses(&later, &[]).exits(0).last_line().starts_with("Seats: enough through"));
}

#[test]
fn what_blocks_a_plan_does_not_keep_its_seats_from_being_told() {
    let portal = Portal::example("shortfall");
    portal.write(
        "users/lost.toml",
        "[[users]]\nusername = \"lost@acme.example\"\nlast_name = \"Lost\"\naccount = \"Nowhere Inc.\"\nprofile = \"Acme Customer\"\n",
    );
    portal.run(&["plan"]).exits(3);
    let run = licenses(&portal, &[]).exits(0);
    insta::assert_snapshot!("licenses_short_now", run.stdout);
    let json = licenses(&portal, &["--json"]).exits(0).json();
    assert_eq!((&json["licenses"][0]["shortfall"], &json["blocked"]), (&json!(2), &json!(1)));
    licenses(&portal, &["--warn-at", "100%"]).exits(2);
}

#[test]
fn a_day_is_the_one_where_the_person_is() {
    let portal = partners(8, "2027-03-01");
    // Nobody is asked what the time is when the day is given.
    let pia = portal.read("users/pia.toml") + "time_zone = \"Pacific/Auckland\"\n";
    portal.write("users/pia.toml", &pia);
    let dates = |portal: &Portal| -> Vec<Value> {
        let json = licenses(portal, &["--json"]).exits(0).json();
        let points = json["forecast"].as_array().unwrap().iter();
        points.map(|point| point["date"].clone()).collect()
    };
    assert!(dates(&portal).contains(&json!("2027-03-01")));
    // With the clock, far dates stay as they are declared.
    let run = portal.run(&["licenses", "--json"]).exits(0).json();
    let far: Vec<&Value> =
        run["forecast"].as_array().unwrap().iter().filter(|p| p["date"] == "2035-07-01").collect();
    assert_eq!(far.len(), 1, "{run}");
}

#[test]
fn many_days_are_folded_by_month_and_all_are_in_the_json() {
    let mut roster = "username,last_name,expires\n".to_owned();
    for n in 0..40 {
        let (month, day) = (n / 20 + 1, n % 20 + 1);
        writeln!(roster, "n{n}@acme.example,Number {n},2027-{month:02}-{day:02}").unwrap();
    }
    let portal = Portal::new(&[
        (
            "portalctl.toml",
            "[project]\nname = \"acme-portal\"\n[orgs.dev]\nemulator = \"org.toml\"\n[licenses.\"Customer Community\"]\nrenewal = 2026-01-31\nreserve = 62\n",
        ),
        (
            "users/all.toml",
            "account = \"Acme Corp\"\nprofile = \"Acme Customer\"\n[[rosters]]\ncsv = \"all.csv\"\n",
        ),
        ("users/all.csv", &roster),
        ("org.toml", &acme(100)),
    ]);
    insta::assert_snapshot!("licenses_many_days", licenses(&portal, &[]).exits(0).stdout);
    let days = |text: &str| text.lines().filter(|line| line.starts_with("  2027-")).count();
    let all = licenses(&portal, &["-v"]).exits(0).stdout;
    assert_eq!(days(&all), 40, "{all}");
    let json = licenses(&portal, &["--json"]).exits(0).json();
    assert_eq!(json["forecast"].as_array().unwrap().len(), 41);
    assert_eq!(json["diagnostics"][0]["code"], "P2131");
}

#[test]
fn flags_that_mean_nothing_are_usage_errors() {
    let portal = Portal::example("quickstart");
    for arguments in [
        ["--warn-at", "90"],
        ["--warn-at", "-1%"],
        ["--warn-at", "+5%"],
        ["--warn-at", "89.5%"],
        ["--until", "2026-11-23"],
        ["--until", "soon"],
        ["--format", "html"],
        ["--format", "github"],
    ] {
        let run = licenses(&portal, &arguments).exits(64);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
    licenses(&portal, &["--until", TODAY[1]]).exits(0);
}

#[test]
fn an_org_that_cannot_be_reached_is_an_error_and_no_warning() {
    let portal = Portal::example("quickstart");
    let nowhere =
        [("SF_ACCESS_TOKEN", "00D000000000001!A"), ("SF_ORG_INSTANCE_URL", "http://127.0.0.1:9")];
    let run = portal.run_with(&["licenses", "--warn-at", "0%", "-o", "env"], &nowhere).exits(1);
    assert_eq!(run.stdout, "");
}

#[test]
fn nothing_is_written_and_nobody_is_named_under_a_mask() {
    let portal = Portal::example("shortfall");
    let server = Server::start(&portal.path().join("org.toml"));
    for format in ["text", "json", "markdown"] {
        let arguments = ["licenses", "--mask", "-o", "env", "--format", format];
        let run = portal.run_with(&arguments, &server.environment()).exits(0);
        assert!(!run.stdout.contains("@acme.example"), "{}", run.stdout);
        assert!(!run.stdout.contains("admin@"), "{}", run.stdout);
    }
    let requests = server.requests();
    assert!(requests.lines().all(|line| line.starts_with("GET ")), "{requests}");
}
