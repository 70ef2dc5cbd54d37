//! A night in which people change things that no file says.

use std::fmt::Write as _;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::formats::{FORMATS, settled};
use crate::support::{Portal, Server, acme, assert_valid};

const PROJECT: &str = r#"
[project]
name = "acme-portal"
[orgs.prod]
login_url = "URL"
[defaults]
account = "Acme Corp"
profile = "Acme Customer"
permission_sets = ["Portal_Base"]
"#;

const MORE: &str = r#"
[[User]]
Username = "dana.delegate@acme.example"
FirstName = "Dana"
LastName = "Delegate"
Profile = "Standard User"
[[PermissionSet]]
Name = "Portal_Base"
[[PermissionSet]]
Name = "Orders_Read"
"#;

const PEOPLE: [&str; 6] = ["kim", "jamie", "noor", "sven", "tara", "uma"];

/// A project and a server of its org, which match.
fn matching() -> (Portal, Server) {
    let (mut org, mut users) = (acme(30) + MORE, String::new());
    for name in PEOPLE {
        write!(
            org,
            "[[User]]\nUsername = \"{name}@acme.example\"\nFirstName = \"{name}\"\nLastName = \"Person\"\nTitle = \"Buyer\"\nEmail = \"{name}@acme.example\"\nProfile = \"Acme Customer\"\nAccount = \"Acme Corp\"\nPermissionSets = [\"Portal_Base\"]\n"
        ).unwrap();
        write!(
            users,
            "[[users]]\nusername = \"{name}@acme.example\"\nfirst_name = \"{name}\"\nlast_name = \"Person\"\ntitle = \"Buyer\"\nstate = \"active\"\n"
        ).unwrap();
    }
    // Somebody whom no file declares.
    org += "[[User]]\nUsername = \"stray@acme.example\"\nLastName = \"Stray\"\nProfile = \"Acme Customer\"\nAccount = \"Acme Corp\"\n";
    let portal = Portal::new(&[("org.toml", &org), ("users/all.toml", &users)]);
    let server = Server::start(&portal.path().join("org.toml"));
    portal.write("portalctl.toml", &PROJECT.replace("URL", &server.url));
    (portal, server)
}

/// Somebody at work in the org.
struct Visitor<'a> {
    server: &'a Server,
    token: String,
}

impl<'a> Visitor<'a> {
    async fn new(server: &'a Server, username: &str, delegate: Option<&str>) -> Self {
        let body = json!({ "username": username, "delegate": delegate });
        let url = format!("{}/emulator/sessions", server.url);
        let answer = Client::new().post(url).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        Self { server, token: answer["access_token"].as_str().unwrap().to_owned() }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/services/data/v66.0/{path}", self.server.url);
        let mut request = Client::new().request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null)
    }

    async fn id(&self, query: &str) -> String {
        let found =
            self.call(Method::GET, &format!("query?q={}", query.replace(' ', "+")), None).await;
        found["records"][0]["Id"].as_str().unwrap().to_owned()
    }

    async fn user(&self, name: &str) -> String {
        self.id(&format!("SELECT Id FROM User WHERE Username = '{name}@acme.example'")).await
    }

    async fn set(&self, object: &str, id: &str, body: Value) {
        self.call(Method::PATCH, &format!("sobjects/{object}/{id}"), Some(body)).await;
    }
}

/// Sets the org's clock.
async fn at(server: &Server, time: &str) {
    let clock = format!("{}/emulator/clock", server.url);
    let to = json!({ "to": format!("2027-02-03T{time}:00Z") });
    assert!(Client::new().post(clock).json(&to).send().await.unwrap().status().is_success());
}

/// Four changes by an administrator who is logged in as another, one by the person.
async fn night(server: &Server) {
    at(server, "01:30").await;
    let dana =
        Visitor::new(server, "olive.owner@acme.example", Some("dana.delegate@acme.example")).await;
    let kim = dana.user("kim").await;
    dana.set("User", &kim, json!({ "IsActive": false })).await;
    let jamie = dana.user("jamie").await;
    dana.set("User", &jamie, json!({ "Email": "elsewhere@acme.example" })).await;
    let noor = dana.user("noor").await;
    let login = dana.id(&format!("SELECT Id FROM UserLogin WHERE UserId = '{noor}'")).await;
    dana.set("UserLogin", &login, json!({ "IsFrozen": true })).await;
    let sven = dana.user("sven").await;
    let held = dana
        .id(&format!(
            "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{sven}' AND PermissionSet.Name = 'Portal_Base'"
        ))
        .await;
    dana.call(Method::DELETE, &format!("sobjects/PermissionSetAssignment/{held}"), None).await;

    let themself = Visitor::new(server, "tara@acme.example", None).await;
    let tara = dana.user("tara").await;
    themself.set("User", &tara, json!({ "Title": "Queen" })).await;
}

#[tokio::test]
async fn drift_names_who_and_when_and_apply_ends_it() {
    let (portal, server) = matching();
    let run = |arguments: &[&str]| portal.run_with(arguments, &server.environment());
    let clean = run(&["drift"]).exits(0);
    assert_eq!(clean.last_line(), "No drift. The org matches the 6 declared users.");
    snapshot("clean", &portal, &server, 0);

    night(&server).await;
    let drift = run(&["drift", "--json"]).exits(2);
    let json = drift.json();
    assert_valid(&json, "drift.schema.json");
    let expected = [
        ("kim", "dana.delegate@acme.example", "setup-audit-trail", false),
        ("jamie", "dana.delegate@acme.example", "setup-audit-trail", false),
        ("noor", "dana.delegate@acme.example", "user-login", false),
        ("sven", "dana.delegate@acme.example", "setup-audit-trail", false),
        ("tara", "tara@acme.example", "last-modified", true),
    ];
    let changes = json["changes"].as_array().unwrap();
    assert_eq!(changes.len(), expected.len(), "{json:#}");
    for (change, (name, author, via, themself)) in changes.iter().zip(expected) {
        let by = &change["changed_by"];
        assert_eq!(change["username"], format!("{name}@acme.example"));
        assert_eq!(by["username"], author, "{change:#}");
        assert_eq!(by["via"], via, "{change:#}");
        assert_eq!(by["by_the_user"], themself);
        assert!(by["at"].as_str().unwrap().starts_with("2027-02-03T01:3"), "{by}");
    }
    assert_eq!(changes[0]["changed_by"]["name"], "Dana Delegate");
    assert_eq!(changes[0]["changed_by"]["acting_as"], "olive.owner@acme.example");
    assert_eq!(
        json["coverage"],
        json!({ "active": 6, "declared": 5, "undeclared": 0, "unmanaged": 1 })
    );
    assert_eq!(drift.stdout, run(&["drift", "--json"]).exits(2).stdout, "same input, same bytes");
    snapshot("night", &portal, &server, 2);
    let writes = server.requests();
    assert!(
        !writes.lines().any(|line| line.contains("composite") && !line.starts_with("GET ")),
        "{writes}"
    );

    run(&["apply", "--auto-approve", "--allow", "reactivations=2"]).exits(0);
    run(&["drift"]).exits(0);
}

/// Who changed somebody, by a drift in JSON.
fn changed_by<'d>(drift: &'d Value, name: &str) -> &'d Value {
    let username = format!("{name}@acme.example");
    let mut changes = drift["changes"].as_array().unwrap().iter();
    &changes.find(|change| change["username"] == username).unwrap()["changed_by"]
}

#[tokio::test]
async fn nobody_is_named_for_what_the_evidence_does_not_say() {
    let (portal, server) = matching();
    let run = |arguments: &[&str]| portal.run_with(arguments, &server.environment());
    night(&server).await;
    let olive = Visitor::new(&server, "olive.owner@acme.example", None).await;

    // Half an hour after somebody was logged in as Olive, she changes what the trail does not record.
    at(&server, "02:00").await;
    let uma = olive.user("uma").await;
    olive.set("User", &uma, json!({ "Title": "Empress" })).await;

    // Later she takes another set from the one whom a delegate took the declared one from.
    at(&server, "03:00").await;
    let sven = olive.user("sven").await;
    let other = olive.id("SELECT Id FROM PermissionSet WHERE Name = 'Orders_Read'").await;
    let assignment = json!({ "AssigneeId": sven, "PermissionSetId": other });
    let path = "sobjects/PermissionSetAssignment";
    let given = olive.call(Method::POST, path, Some(assignment)).await;
    let given = format!("{path}/{}", given["id"].as_str().unwrap());
    olive.call(Method::DELETE, &given, None).await;

    // Last, the program's own login writes an address.
    at(&server, "04:00").await;
    let own = Visitor { server: &server, token: server.token.clone() };
    let jamie = own.user("jamie").await;
    own.set("User", &jamie, json!({ "Email": "other@acme.example" })).await;

    let drift = run(&["drift", "--json"]).exits(2).json();
    let by = changed_by(&drift, "uma");
    assert_eq!(by["username"], "olive.owner@acme.example", "{by}");
    assert_eq!(by["acting_as"], Value::Null, "{by}");
    let by = changed_by(&drift, "sven");
    assert_eq!(by["username"], "dana.delegate@acme.example", "{by}");
    assert_eq!(
        (&by["at"].as_str().unwrap()[..14], &by["certain"]),
        ("2027-02-03T01:", &json!(true))
    );
    assert_eq!(changed_by(&drift, "jamie"), &Value::Null);
}

#[tokio::test]
async fn who_is_frozen_where_no_file_objects_is_told_and_is_no_drift() {
    let (portal, server) = matching();
    let users = portal.read("users/all.toml").replace("state = \"active\"\n", "");
    portal.write("users/all.toml", &users);
    let olive = Visitor::new(&server, "olive.owner@acme.example", None).await;
    let noor = olive.user("noor").await;
    let login = olive.id(&format!("SELECT Id FROM UserLogin WHERE UserId = '{noor}'")).await;
    olive.set("UserLogin", &login, json!({ "IsFrozen": true })).await;
    for format in FORMATS {
        let drift = ["drift", "--format", format];
        let drift = portal.run_with(&drift, &server.environment()).exits(0).stdout;
        assert!(drift.contains("noor Person was frozen by Olive Owner on "), "{format}: {drift}");
    }
}

/// The drift in every format.
fn snapshot(kind: &str, portal: &Portal, server: &Server, status: i32) {
    for format in FORMATS {
        let drift = ["drift", "--format", format];
        let shown = portal.run_with(&drift, &server.environment()).exits(status).stdout;
        insta::assert_snapshot!(format!("{kind}_{format}"), tame(&shown, server));
    }
}

/// The text without what differs between two runs of the server: its address, and seconds.
fn tame(text: &str, server: &Server) -> String {
    let text = settled(text).replace(&server.url, "URL");
    let text =
        text.replace(server.url.trim_start_matches("http://"), "URL").replace("`URL`", "URL");
    let mut moments = text.split("T01:3");
    let mut tamed = moments.next().unwrap().to_owned();
    for rest in moments {
        let (_, rest) = rest.split_once('Z').unwrap();
        tamed.push_str("T01:3\u{2026}Z");
        tamed.push_str(rest);
    }
    tamed
}

#[tokio::test]
async fn drift_that_is_older_than_a_day_is_only_counted() {
    let (portal, server) = matching();
    night(&server).await;
    let run = |arguments: &[&str]| portal.run_with(arguments, &server.environment());
    run(&["drift", "--since", "2027-02-03"]).exits(2);
    let older = run(&["drift", "--since", "2027-02-04", "--json"]).exits(0).json();
    assert_eq!(older["older"], 5);
    assert_eq!(older["changes"], json!([]));
}

#[tokio::test]
async fn drift_without_a_trail_says_so_and_knows_last_changes() {
    let (portal, server) = matching();
    night(&server).await;
    let fault = json!({
        "Path": "SetupAuditTrail", "Do": "status", "Status": 400, "Code": "INVALID_TYPE",
        "Text": "sObject type 'SetupAuditTrail' is not supported."
    });
    let url = format!("{}/emulator/faults", server.url);
    assert!(Client::new().post(url).json(&fault).send().await.unwrap().status().is_success());
    let run = |arguments: &[&str]| portal.run_with(arguments, &server.environment());
    let json = run(&["drift", "--json"]).exits(2).json();
    assert_eq!(json["audit_trail"], false);
    let kim = changed_by(&json, "kim");
    assert_eq!(kim["username"], "olive.owner@acme.example");
    assert_eq!(kim["via"], "last-modified");
    assert_eq!(kim["certain"], false);
    assert_eq!(changed_by(&json, "noor")["certain"], false, "an unlocked password looks the same");
    assert_eq!(
        changed_by(&json, "sven"),
        &Value::Null,
        "nobody knows who took a permission set away"
    );
    snapshot("unknown", &portal, &server, 2);
}

#[tokio::test]
async fn a_masked_drift_names_nobody() {
    let (portal, server) = matching();
    night(&server).await;
    let run = |arguments: &[&str]| portal.run_with(arguments, &server.environment());
    for format in ["text", "json", "markdown", "html", "github"] {
        let listed = run(&["drift", "--list-undeclared", "--mask", "--format", format]).exits(2);
        assert!(listed.stdout.contains("s***@a***.example"), "{}", listed.stdout);
        for secret in ["Delegate", "dana.delegate", "Stray", "kim@", "Person"] {
            assert!(!listed.stdout.contains(secret), "{format}: {secret}: {}", listed.stdout);
        }
    }
    run(&["drift", "-o", "nowhere"]).exits(1);
}
