//! Links mailed to people who were there: nobody twice, nobody forgotten, nothing of it in any output.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use portalctl::apply::{Options, Outcome, Report, Unwatched, execute};
use portalctl::config;
use portalctl::model::{OrgName, Scope, Today, UserField};
use portalctl::org;
use portalctl::plan::{Invite, Plan, Request, Selection, Subject, Whom, invite};
use portalctl::render::{self, Detail, Styles, View, github, html, markdown};
use portalctl::salesforce::Client;
use serde_json::{Value, json};

use crate::render::formats::settled;
use crate::support::assert_valid;

use super::interrupted::{answered, hang, report, spawn_as};
use super::sweep::PROJECT;
use super::world::{World, at, unaccounted};

/// People with and without a password that was set long ago.
const ORG: &str = r#"
[Organization]
Name = "Acme"
Id = "00D8d0000000001"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 50
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
[[User]]
Username = "first@acme.example"
LastName = "First"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "second@acme.example"
LastName = "Second"
Account = "Acme Corp"
Profile = "Acme Customer"
LastPasswordChangeDate = "2026-01-05T08:00:00Z"
[[User]]
Username = "third@acme.example"
LastName = "Third"
Account = "Acme Corp"
Profile = "Acme Customer"
LastLoginDate = "2026-01-05T08:00:00Z"
LastPasswordChangeDate = "2026-01-05T08:00:00Z"
"#;

const USERS: &str = r#"
[[users]]
username = "first@acme.example"
last_name = "First"
[[users]]
username = "second@acme.example"
last_name = "Second"
[[users]]
username = "third@acme.example"
last_name = "Third"
"#;

impl World {
    async fn inviting() -> Self {
        Self::new(ORG, USERS, PROJECT).await
    }

    /// The invitation of everybody.
    async fn invitation(&self, client: &Client) -> Plan {
        self.invitation_of(client, &["*"]).await
    }

    async fn invitation_of(&self, client: &Client, names: &[&str]) -> Plan {
        let loaded = config::load(self.portal.path());
        let project = loaded.project.unwrap();
        let reader = client.reader();
        let org = org::organization(&reader, "emulator".to_owned()).await.unwrap();
        let mut scope = Scope::of(&loaded.desired, &project.policy, "");
        scope.fields.insert(UserField::FederationId);
        let current = org::read(&reader, &scope, org).await.unwrap();
        let request = Request {
            project: project.name.clone(),
            org: OrgName::parse("env").unwrap(),
            username_suffix: String::new(),
            email: None,
            allow: BTreeMap::new(),
            today: Today::Fixed("2026-11-24".parse().unwrap()),
            selection: Selection::default(),
        };
        let whom = Whom::Named(names.iter().map(|name| (*name).to_owned()).collect());
        let asked = Invite { whom, cool_down: 7, trail: Vec::new(), made: BTreeMap::new() };
        invite(&loaded.desired, &current, &project.policy, &request, &asked).unwrap()
    }

    async fn invite(&self) -> (Plan, Report) {
        let client = self.client().await;
        let plan = self.invitation(&client).await;
        let options =
            Options { pause: Duration::from_millis(1), parallelism: 1, ..Options::default() };
        let report = execute(&plan, &client.writer(), &options, &mut Unwatched).await;
        assert_eq!(report.results.len(), plan.changes.len());
        (plan, report)
    }

    /// Who was mailed, in order.
    async fn letters(&self) -> Vec<String> {
        let outbox = self.control(reqwest::Method::GET, "outbox", None).await;
        let outbox: Value = serde_json::from_str(&outbox).unwrap();
        let mut to: Vec<String> = outbox
            .as_array()
            .unwrap()
            .iter()
            .inspect(|mail| assert_eq!(mail["kind"], "reset"))
            .map(|mail| mail["to"].as_str().unwrap().to_owned())
            .collect();
        to.sort();
        to
    }
}

const EVERYBODY: [&str; 3] = ["first@acme.example", "second@acme.example", "third@acme.example"];

#[tokio::test]
async fn a_lost_connection_at_any_request_mails_nobody_twice_and_forgets_nobody() {
    let world = World::inviting().await;
    let before = world.requests();
    let (plan, report) = world.invite().await;
    assert_eq!(report.applied(), 3, "{plan:#?} {report:#?}");
    assert_eq!(world.letters().await, EVERYBODY);
    let calls = world.requests() - before;
    let mut cases = 0;
    for what in ["drop-before", "drop-after", "truncate"] {
        for k in 0..calls {
            let world = World::inviting().await;
            let client = world.client().await;
            let plan = world.invitation(&client).await;
            let begun = world.requests();
            world.fault(at(k, what)).await;
            let options =
                Options { pause: Duration::from_millis(1), parallelism: 1, ..Options::default() };
            let report = execute(&plan, &client.writer(), &options, &mut Unwatched).await;
            let went_on = world.requests() - begun > k;
            world.no_faults().await;
            assert_eq!(unaccounted(&report), 0, "{what} {k}: {report:#?}");
            let first = world.letters().await;
            for (change, result) in plan.changes.iter().zip(&report.results) {
                let mailed = first.iter().filter(|to| **to == change.username.as_str()).count();
                let told = usize::from(result.outcome == Outcome::Applied);
                assert_eq!(mailed, told, "{what} {k}: {result:#?}");
            }
            // The next run mails who was not mailed, and nobody else.
            let (again, report) = world.invite().await;
            assert_eq!(again.changes.len() + first.len(), 3, "{what} {k}");
            assert!(report.is_complete(), "{what} {k}: {report:#?}");
            assert_eq!(world.letters().await, EVERYBODY, "{what} {k}");
            cases += 1;
            if !went_on {
                break;
            }
        }
    }
    assert!(cases > 9, "{cases} cases of {calls} requests");
}

#[tokio::test]
async fn a_kill_at_any_request_mails_nobody_twice_and_forgets_nobody() {
    let approved = ["invite", "*", "--auto-approve", "--parallelism", "1"];
    let world = World::inviting().await;
    world.run(&["invite", "*"]).await.exits(3);
    let read = world.requests();
    let all = read + 1 + EVERYBODY.len();
    for k in read..all {
        let world = World::inviting().await;
        hang(&world, k).await;
        let mut child = spawn_as(&world, &world.portal, &approved);
        answered(&world, &mut child, k).await;
        child.kill().unwrap();
        child.wait().unwrap();
        world.no_faults().await;
        let mailed = world.letters().await.len();
        assert_eq!(mailed, (k - read).saturating_sub(1), "{k} of {read}..{all}");
        // The account is there before the first mail, and whoever was mailed is not untold in it.
        let report = report(&world.portal);
        assert!(report.is_some() || mailed == 0, "{k}");
        let results = report.iter().flat_map(|report| report["results"].as_array().unwrap());
        let of = |outcome: &str| results.clone().filter(|one| one["outcome"] == outcome).count();
        let (applied, unknown) = (of("applied"), of("unknown"));
        assert!(applied <= mailed && mailed <= applied + unknown, "{k}: {report:#?}");
        assert!(report.is_none() || results.count() == 3, "{k}");
        world.run(&approved).await.exits(0);
        assert_eq!(world.letters().await, EVERYBODY, "{k}");
    }
}

#[tokio::test]
async fn an_old_password_is_no_proof_of_a_new_mail() {
    let world = World::inviting().await;
    let client = world.client().await;
    let plan = world.invitation(&client).await;
    let options = Options { pause: Duration::from_millis(1), ..Options::default() };
    // Every reset is lost before the org has done it.
    let fault = json!({ "Do": "drop-before", "Path": "/password" });
    world.fault(fault).await;
    let report = execute(&plan, &client.writer(), &options, &mut Unwatched).await;
    world.no_faults().await;
    assert_eq!((report.failed(), report.applied()), (3, 0), "{report:#?}");
    assert!(world.letters().await.is_empty());
}

#[tokio::test]
async fn what_the_org_cannot_be_asked_about_is_unknown_and_not_sent_again() {
    let world = World::inviting().await;
    let client = world.client().await;
    let plan = world.invitation(&client).await;
    let options = Options { pause: Duration::from_millis(1), parallelism: 1, ..Options::default() };
    world.fault(json!({ "Do": "drop-after", "Path": "/password", "Times": 1 })).await;
    // The look before the mails is let through, what comes after it is not.
    world.fault(json!({ "Do": "drop-before", "Path": "/query", "After": 1 })).await;
    let report = execute(&plan, &client.writer(), &options, &mut Unwatched).await;
    world.no_faults().await;
    let unknown = report.count(|outcome| matches!(outcome, Outcome::Unknown(_)));
    assert_eq!((unknown, report.applied()), (1, 2), "{report:#?}");
    assert_eq!(world.letters().await, EVERYBODY);
    let (again, _) = world.invite().await;
    assert!(again.changes.is_empty(), "the cool-down keeps everybody");
}

#[tokio::test]
async fn whoever_was_mailed_since_the_plan_was_made_is_not_mailed_again() {
    let world = World::inviting().await;
    let client = world.client().await;
    let plan = world.invitation(&client).await;
    world.carry_out(&client, &plan).await;
    // Somebody else had planned the same and approves it later.
    let report = world.carry_out(&client, &plan).await;
    assert_eq!(report.failed(), 3, "{report:#?}");
    let Outcome::Failed(why) = &report.results[0].outcome else { panic!("{report:#?}") };
    assert_eq!(why.code, "RESET_SINCE_PLAN");
    assert_eq!(world.letters().await, EVERYBODY);
}

#[tokio::test]
async fn the_program_mails_reports_and_lets_nothing_out() {
    let world = World::inviting().await;
    let file = world.portal.path().join("r.json");
    let report_to = format!("json={}", file.display());
    let asked = ["invite", "*@acme.example", "--cool-down", "7d", "--report", &report_to, "-vv"];
    world.run(&asked).await.exits(3);
    assert!(world.letters().await.is_empty(), "nobody had approved");
    let reason = ["--auto-approve", "--reason", "they asked for it"];
    let run = world.run(&[&asked[..], &reason].concat()).await.exits(0);
    assert_eq!(world.letters().await, EVERYBODY);
    let text = world.portal.read("r.json");
    for out in [&run.stdout, &run.stderr, &text] {
        assert!(!out.contains("Tmp") && !out.contains("NewPassword"), "{out}");
    }
    assert!(run.stderr.contains("/password 200"), "{}", run.stderr);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_valid(&report, "report.schema.json");
    assert_eq!(report["summary"]["applied"], 3);
    assert_eq!(report["reason"], "they asked for it");
    let outcomes: Vec<&Value> =
        report["results"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["applied"; 3]);

    let run = world.run(&["invite", "*", "--auto-approve"]).await.exits(0);
    assert_eq!(run.last_line(), "Nobody to invite, 3 left out.");
    let file = file.display().to_string();
    let revert = world.run(&["revert", &file, "--json"]).await.exits(0);
    let revert = world.run(&["revert", &file]).await.exits(0).stdout + &revert.stderr;
    assert!(revert.contains("cannot be taken back"), "{revert}");
    assert_eq!(world.letters().await, EVERYBODY, "and once each");
}

#[tokio::test]
async fn more_mails_than_allowed_stop_the_invitation() {
    let project = format!("{PROJECT}[safety]\nmax_emails = 2\nmax_updates = 0\n");
    let world = World::new(ORG, USERS, &project).await;
    let run = world.run(&["invite", "*", "--auto-approve"]).await.exits(3);
    assert!(run.stdout.contains("--allow emails=3"), "{}", run.stdout);
    world.run(&["invite", "*", "--auto-approve", "--allow", "emails=2"]).await.exits(3);
    assert!(world.letters().await.is_empty());
    world.run(&["invite", "*", "--auto-approve", "--allow", "emails=3"]).await.exits(0);
    assert_eq!(world.letters().await, EVERYBODY);
}

#[tokio::test]
async fn whoever_is_held_up_counts_as_in_an_apply() {
    let nowhere = "[[users]]\nusername = \"third@acme.example\"\nlast_name = \"Third\"\naccount = \"Nowhere\"\n";
    let (others, _) = USERS.rsplit_once("[[users]]").unwrap();
    let world = World::new(ORG, &format!("{others}{nowhere}"), PROJECT).await;
    world.run(&["invite", "third@acme.example", "--auto-approve"]).await.exits(3);
    world.run(&["invite", "*", "--auto-approve", "--fail-fast"]).await.exits(3);
    assert!(world.letters().await.is_empty());
    let report = world.run(&["invite", "*", "--auto-approve", "--json"]).await.exits(68).json();
    assert_eq!(report["results"].as_array().unwrap().len(), 3, "{report:#}");
    assert_eq!(world.letters().await.len(), 2);
}

#[tokio::test]
async fn a_refused_mail_is_a_failure_and_the_first_one_may_end_it() {
    let world = World::inviting().await;
    let refuse = json!({
        "Do": "status", "Path": "/password", "Times": 1, "Status": 403,
        "Code": "INSUFFICIENT_ACCESS", "Text": "You do not have permission to view this record.",
    });
    world.fault(refuse.clone()).await;
    let run = world.run(&["invite", "first@*", "--auto-approve"]).await.exits(1);
    assert!(run.stdout.contains("the mail was not sent"), "{}", run.stdout);
    world.fault(refuse).await;
    let stop = ["invite", "*", "--auto-approve", "--fail-fast", "--parallelism", "1", "--json"];
    let report = world.run(&stop).await.exits(1).json();
    assert_eq!(
        (&report["summary"]["failed"], &report["summary"]["skipped"]),
        (&json!(1), &json!(2))
    );
    assert!(world.letters().await.is_empty());
}

/// Somebody for every reason to be left out, by the name before the `@`.
const OBSTACLES: &str = r#"
[[Profile]]
Name = "Acme Outside"
UserLicense = "Customer Community"
[[Network]]
Name = "Acme Portal"
Profiles = ["Acme Customer"]
[[Individual]]
LastName = "Shy"
HasOptedOutProcessing = true
[[Contact]]
LastName = "Shy"
Email = "shy@acme.example"
Account = "Acme Corp"
Individual = "Shy"
"#;

const LEFT_OUT: [(&str, &str, &str); 17] = [
    ("gone", "", "state = \"inactive\""),
    ("cold", "", "state = \"frozen\""),
    ("past", "", "expires = 2026-11-01"),
    ("soon", "", "starts = 2026-12-24"),
    ("disabled", "Disabled = true", ""),
    ("blocked", "", "account = \"Nowhere\""),
    ("renamed", "Username = \"former@acme.example\"", "renamed_from = \"former@acme.example\""),
    ("moved", "Email = \"stranger@other.example\"", ""),
    ("off", "IsActive = false", ""),
    ("stiff", "IsFrozen = true", ""),
    ("nowhere", "Email = \"n@acme.example.invalid\"", "email = \"n@acme.example.invalid\""),
    ("shy", "", ""),
    ("outside", "Profile = \"Acme Outside\"", "profile = \"Acme Outside\""),
    ("sso", "FederationIdentifier = \"sso@idp\"", ""),
    ("fresh", "LastPasswordChangeDate = \"2026-11-20T08:00:00Z\"", ""),
    ("fresher", "LastPasswordChangeDate = \"2026-11-23T08:00:00Z\"", ""),
    ("federated", "FederationIdentifier = \"federated@idp\"", ""),
];

/// The org and the declarations of everybody above.
async fn with_obstacles() -> World {
    let (mut org, mut users) = (format!("{ORG}{OBSTACLES}"), USERS.to_owned());
    users.push_str("[[users]]\nusername = \"new@acme.example\"\nlast_name = \"New\"\n");
    for (who, held, declared) in LEFT_OUT {
        let known = |key: &str, text: &str, value: String| {
            if text.starts_with(key) { String::new() } else { value }
        };
        let username = known("Username", held, format!("Username = \"{who}@acme.example\""));
        let profile = known("Profile", held, "Profile = \"Acme Customer\"".to_owned());
        writeln!(
            org,
            "[[User]]\nLastName = \"{who}\"\nAccount = \"Acme Corp\"\n{username}\n{profile}\n{held}"
        )
        .unwrap();
        writeln!(
            users,
            "[[users]]\nusername = \"{who}@acme.example\"\nlast_name = \"{who}\"\n{declared}"
        )
        .unwrap();
    }
    World::new(&org, &users, PROJECT).await
}

#[tokio::test]
async fn everybody_who_is_left_out_is_told_and_why() {
    let world = with_obstacles().await;
    let client = world.client().await;
    let plan = world.invitation_of(&client, &["*", "federated@acme.example"]).await;
    let reasons: Vec<&str> = plan
        .invitation
        .iter()
        .flat_map(|invitation| &invitation.left_out)
        .map(|left| left.why.as_str())
        .collect();
    assert_eq!(reasons.len() + plan.changes.len(), LEFT_OUT.len() + 4, "everybody: {reasons:?}");
    let view = View::whole(&plan);
    let (mut text, mut lines, mut document) = (String::new(), String::new(), Vec::new());
    render::plan(&mut text, &view, Detail::AUTO, &Styles::new(false)).unwrap();
    github::plan(&mut lines, &view, &github::Folder(String::new())).unwrap();
    render::json::plan(&mut document, &view).unwrap();
    let document = String::from_utf8(document).unwrap();
    assert_valid(&serde_json::from_str(&document).unwrap(), "plan.schema.json");
    for (format, shown) in [
        ("text", text),
        ("json", document),
        ("github", lines),
        ("markdown", markdown::plan(&view, markdown::COMMENT_LIMIT)),
        ("html", html::plan(&view)),
    ] {
        let shown = settled(&shown).replace(world.running.url(), "http://127.0.0.1");
        insta::assert_snapshot!(format!("invitation_{format}"), shown);
    }
    let masked = View::masked(&plan);
    let mut text = String::new();
    render::plan(&mut text, &masked, Detail::AUTO, &Styles::new(false)).unwrap();
    let named = plan.invitation.iter().flat_map(|it| &it.left_out);
    for left in named.map(|left| left.username.as_str()) {
        assert!(!text.contains(left), "{left} is shown:\n{text}");
    }
}

#[tokio::test]
async fn what_the_org_knows_of_the_cool_down_is_read() {
    let world = World::inviting().await;
    let client = world.client().await;
    let since = "2026-11-01T00:00:00Z".parse().unwrap();
    let plan = world.invitation(&client).await;
    let reader = client.reader();
    assert!(org::resets(&reader, since).await.unwrap().is_empty());
    world.carry_out(&client, &plan).await;
    let told: Vec<_> = org::resets(&reader, since).await.unwrap();
    assert!(told.iter().any(|row| row.display.contains("Second")), "{told:?}");
    assert_eq!(told.len(), 3);
    // Everybody of a seed is made on one day.
    let first = plan.changes[0].subject;
    let made = org::made_since(&reader, "2020-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    assert!(made.keys().any(|user| first == Subject::Existing(*user)), "{made:?}");
    let later = "2100-01-01T00:00:00Z".parse().unwrap();
    assert!(org::made_since(&reader, later).await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_an_apply_has_just_made_is_not_mailed_besides_the_welcome() {
    let users = "[[users]]\nusername = \"new@acme.example\"\nlast_name = \"New\"\n";
    let site = "[[Network]]\nName = \"Acme Portal\"\nProfiles = [\"Acme Customer\"]\n";
    for (welcomes, mails) in [("true", 0), ("false", 1)] {
        let org = format!("{ORG}{site}OptionsSendWelcomeEmail = {welcomes}\n");
        let world = World::new(&org, users, PROJECT).await;
        world.run(&["apply", "--auto-approve"]).await.exits(0);
        let run = world.run(&["invite", "--never-signed-in", "--auto-approve"]).await.exits(0);
        assert_eq!(world.mailed().await, mails, "{}", run.stdout);
        assert_eq!(run.stdout.contains("welcomed by a live site"), mails == 0, "{}", run.stdout);
    }
}
