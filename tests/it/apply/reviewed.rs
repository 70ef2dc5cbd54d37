//! Saved plans: only what was reviewed is applied, and nothing before everything is checked.

use std::fs;

use serde_json::Value;

use super::sweep::{ORG, PROJECT, USERS};
use super::world::{World, at};
use crate::support::assert_valid;

const ALLOW: [&str; 2] = ["--allow", "reactivations=1"];

async fn saved() -> World {
    let world = World::new(ORG, USERS, PROJECT).await;
    let plan = world.portal.path().join("plan.out").display().to_string();
    world.run(&["plan", "--out", &plan, ALLOW[0], ALLOW[1]]).await.exits(0);
    world
}

impl World {
    fn saved_plan(&self) -> String {
        self.portal.path().join("plan.out").display().to_string()
    }

    async fn apply_saved(&self) -> crate::support::Ran {
        self.run(&["apply", &self.saved_plan(), "--auto-approve", "--json"]).await
    }

    /// Nothing was written since this request.
    #[track_caller]
    fn is_untouched_since(&self, start: usize) {
        assert_eq!(self.writes_since(start), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_reviewed_plan_is_applied_with_its_flags() {
    let world = saved().await;
    let again = world.portal.path().join("again.out").display().to_string();
    world.run(&["plan", "--out", &again, ALLOW[0], ALLOW[1]]).await.exits(0);
    assert_eq!(
        fs::read_to_string(world.saved_plan()).unwrap(),
        fs::read_to_string(&again).unwrap(),
        "the same plan is the same file"
    );
    assert!(!world.portal.read("plan.out").contains(&world.running.access_token()));
    let report = world.apply_saved().await.exits(0).json();
    assert_valid(&report, "report.schema.json");
    assert_eq!(report["summary"]["applied"], 11);
    let report = world.apply_saved().await.exits(0).json();
    assert_eq!(report["summary"]["skipped"], 11, "all of it is true already");
    assert_eq!(report["results"][0]["error"]["code"], "ALREADY_TRUE");
}

#[tokio::test]
async fn a_saved_plan_finishes_what_was_cut_off() {
    let world = saved().await;
    let mut fault = at(4, "daily-limit");
    fault["Path"] = "/composite".into();
    world.fault(fault).await;
    let first = world.apply_saved().await.exits(68).json();
    assert!(first["summary"]["applied"].as_u64().unwrap() < 11);
    world.no_faults().await;
    let second = world.apply_saved().await.exits(0).json();
    assert_eq!(second["results"].as_array().unwrap().len(), 11);
    world.run(&["plan", "--detailed-exitcode"]).await.exits(0);
}

#[tokio::test]
async fn a_plan_that_is_not_what_was_reviewed_is_refused() {
    let world = saved().await;
    let start = world.requests();

    let users = USERS.replace("Lead Buyer", "Chief Buyer");
    world.portal.write("users/all.toml", &users);
    let refused = world.apply_saved().await.exits(3);
    assert!(refused.stderr.contains("updated@acme.example"), "{}", refused.stderr);
    assert!(refused.stderr.contains("Chief Buyer"), "{}", refused.stderr);

    let users =
        format!("{USERS}[[users]]\nusername = \"more@acme.example\"\nlast_name = \"More\"\n");
    world.portal.write("users/all.toml", &users);
    let refused = world.apply_saved().await.exits(3);
    assert!(refused.stderr.contains("more@acme.example: create"), "{}", refused.stderr);
    world.is_untouched_since(start);

    // Comments, blank lines and other places of the entries are not what was reviewed.
    world.portal.write("users/all.toml", &format!("# moved\n\n\n{USERS}"));
    world.apply_saved().await.exits(0);
}

#[tokio::test]
async fn what_moved_in_the_org_is_named() {
    let world = saved().await;
    let other = World::new(&ORG.replace("\"Buyer\"", "\"Director\""), USERS, PROJECT).await;
    let start = other.requests();
    let plan = world.saved_plan();
    let refused = other.run(&["apply", &plan, "--auto-approve"]).await.exits(3);
    assert!(refused.stderr.contains("Director"), "{}", refused.stderr);
    assert!(refused.stderr.contains("the reviewed plan saw `Buyer`"), "{}", refused.stderr);
    other.is_untouched_since(start);
}

#[tokio::test]
async fn another_orgs_plan_an_edited_one_and_half_of_one_are_refused() {
    let world = saved().await;
    let plan = world.saved_plan();
    let foreign =
        World::new(&ORG.replace("00D8d0000000001", "00D8d0000000002"), USERS, PROJECT).await;
    let start = foreign.requests();
    let refused = foreign.run(&["apply", &plan, "--auto-approve"]).await.exits(3);
    assert!(refused.stderr.contains("made for org 00D8d0000000001"), "{}", refused.stderr);
    foreign.is_untouched_since(start);

    let whole = fs::read_to_string(&plan).unwrap();
    let start = world.requests();
    let mut document: Value = serde_json::from_str(&whole).unwrap();
    for (text, status, says) in [
        (whole.replace("Lead Buyer", "Emperor"), 3, "edited"),
        (whole[..whole.len() / 2].to_owned(), 1, "not a saved plan"),
        ("not even JSON".to_owned(), 1, "not a saved plan"),
        (String::new(), 1, "not a saved plan"),
        (whole.replace("\"format_version\": \"1.0\"", "\"format_version\": \"2.0\""), 1, "2.0"),
        (document["plan"].take().to_string(), 1, "plan --out"),
    ] {
        fs::write(&plan, text).unwrap();
        let refused = world.apply_saved().await.exits(status);
        assert!(refused.stderr.contains(says), "{says}: {}", refused.stderr);
    }
    fs::remove_file(&plan).unwrap();
    world.apply_saved().await.exits(1);
    assert_eq!(world.requests(), start, "the org was not even asked");
}

#[tokio::test]
async fn an_exception_is_for_exactly_what_was_reviewed() {
    let project = format!("{PROJECT}[safety]\nmax_creates = 1\n");
    let world = World::new(ORG, USERS, &project).await;
    let plan = world.saved_plan();
    world.run(&["plan", "--out", &plan, ALLOW[0], ALLOW[1]]).await.exits(3);
    let start = world.requests();
    world.apply_saved().await.exits(3);
    world.run(&["apply", &plan, "--auto-approve", "--allow", "creates=2"]).await.exits(3);
    world.run(&["apply", &plan, "--auto-approve", "--allow", "updates=3"]).await.exits(3);
    world.is_untouched_since(start);
    world.run(&["apply", &plan, "--auto-approve", "--allow", "creates=3"]).await.exits(0);
}

#[tokio::test]
async fn a_digest_is_demanded() {
    let world = World::new(ORG, USERS, PROJECT).await;
    let plan = world.run(&["plan", "--json", ALLOW[0], ALLOW[1]]).await.exits(0).json();
    let digest = plan["digest"].as_str().unwrap().to_owned();
    let wrong = format!("sha256:{}", "0".repeat(64));
    let start = world.requests();
    let apply = |digest: String| {
        let world = &world;
        async move {
            world
                .run(&["apply", "--auto-approve", ALLOW[0], ALLOW[1], "--expect-digest", &digest])
                .await
        }
    };
    let refused = apply(wrong).await.exits(3);
    assert!(refused.stderr.contains(&digest), "{}", refused.stderr);
    world.is_untouched_since(start);
    apply("nonsense".to_owned()).await.exits(64);
    apply(digest).await.exits(0);
}

#[tokio::test]
async fn a_revert_puts_back_what_an_apply_changed() {
    let world = World::new(ORG, USERS, PROJECT).await;
    let before = world.picture().await;
    let report = world.portal.path().join("report.json").display().to_string();
    let to_file = format!("json={report}");
    let args = ["apply", "--auto-approve", ALLOW[0], ALLOW[1], "--report", &to_file];
    world.run(&args).await.exits(0);
    let start = world.requests();
    world.run(&["revert", &report]).await.exits(3);
    world.is_untouched_since(start);
    // A user who moved up to a licence with roles cannot move down again.
    let run = world.run(&["revert", &report, "--auto-approve", "--allow", "deactivations=5"]).await;
    let run = run.exits(68);
    assert!(run.stdout.contains("raised@acme.example"), "{}", run.stdout);
    let after = world.picture().await;
    let people = |picture: &std::collections::BTreeSet<String>| -> Vec<String> {
        let known = ["updated@", "moved@", "thawed@", "dated@", "leaving@", "frozen@", "back@"];
        let about = |line: &&String| known.iter().any(|name| line.contains(name));
        picture.iter().filter(about).cloned().collect()
    };
    assert_eq!(people(&after), people(&before));
    let active = |name: &str| {
        let user = format!("\"Username\":\"{name}\"");
        let mut lines = after.iter().filter(|line| line.contains(&user));
        lines.any(|line| line.contains("\"IsActive\":true"))
    };
    assert!(!active("new@acme.example") && !active("linked@acme.example"), "{after:#?}");

    let foreign =
        World::new(&ORG.replace("00D8d0000000001", "00D8d0000000002"), USERS, PROJECT).await;
    foreign.run(&["revert", &report, "--auto-approve"]).await.exits(3);
    world.run(&["revert", "portalctl.toml", "--auto-approve"]).await.exits(1);
}
