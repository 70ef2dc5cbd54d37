//! What the plan calls possible the org accepts, and what it calls blocked the org refuses when it
//! is tried all the same.

use std::collections::BTreeMap;
use std::time::Duration;

use portalctl::apply::{OnFailure, Options, Outcome, Unwatched, execute};
use portalctl::config;
use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{ContactId, OrgName, Scope, Today};
use portalctl::org;
use portalctl::plan::{Action, ContactStep, Plan, Request, Selection, diff};
use portalctl::salesforce::{Client, Connect};

use crate::support::Portal;

const PROJECT: &str = r#"
[project]
name = "acme-portal"
[orgs.dev]
emulator = "org.toml"
[defaults]
account = "Acme Corp"
profile = "Acme Customer"
"#;

const ORG: &str = r#"
[Organization]
Name = "Acme"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 30
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[UserRole]]
Name = "Sales"
[[CustomField]]
Object = "User"
Name = "ManagedBy__c"
Length = 40
[[CustomField]]
Object = "Account"
Name = "Account_Key__c"
Length = 40
ExternalId = true
[[CustomField]]
Object = "Contact"
Name = "Roster_Key__c"
Length = 40
ExternalId = true
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[User]]
Username = "rob.roleless@acme.example"
LastName = "Roleless"
Profile = "Standard User"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
[[Account]]
Name = "Globex"
Owner = "olive.owner@acme.example"
Account_Key__c = "A-7"
[[Account]]
Name = "Ownerless Corp"
Owner = "rob.roleless@acme.example"
[[User]]
Username = "kim.osei@acme.example"
FirstName = "Kim"
LastName = "Osei"
Email = "kim.osei@acme.example"
CommunityNickname = "kimmy"
FederationIdentifier = "K-1"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "jamie.rivera@acme.example"
FirstName = "Jamie"
LastName = "Rivera"
Email = "jamie.rivera@acme.example"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "pat.lee@acme.example"
FirstName = "Pat"
LastName = "Lee"
Email = "pat.lee@acme.example"
Account = "Acme Corp"
Profile = "Acme Customer"
IsActive = false
[[Contact]]
FirstName = "Sam"
LastName = "Gray"
Email = "sam.old@acme.example"
Account = "Acme Corp"
Roster_Key__c = "R-7"
"#;

/// A declared person: username, names, and further lines.
fn person(username: &str, first: &str, last: &str, more: &str) -> String {
    format!(
        "[[users]]\nusername = \"{username}@acme.example\"\nfirst_name = \"{first}\"\nlast_name = \"{last}\"\n{more}\n"
    )
}

fn new(more: &str) -> String {
    person("ann.new", "Ann", "New", more)
}

struct Org {
    _running: Running,
    client: Client,
    portal: Portal,
}

impl Org {
    async fn new(project: &str, users: &str) -> Self {
        let running =
            Emulator::from_seed(ORG).unwrap().serve(ServeOptions::default()).await.unwrap();
        let connect = Connect::new(running.url().to_owned(), running.access_token().into());
        let client = Client::connect(connect).await.unwrap();
        let project = format!("{PROJECT}{project}");
        let portal = Portal::new(&[("portalctl.toml", &project), ("users/all.toml", users)]);
        Self { _running: running, client, portal }
    }

    async fn plan(&self) -> Plan {
        let loaded = config::load(self.portal.path());
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let reader = self.client.reader();
        let (org, user) = org::identify(&reader, "emulator".to_owned()).await.unwrap();
        let project = loaded.project.unwrap();
        let scope = Scope::of(&loaded.desired, &project.policy, "");
        let current = org::read(&reader, &scope, org, user).await.unwrap();
        let request = Request {
            project: project.name.clone(),
            org: OrgName::parse("dev").unwrap(),
            username_suffix: String::new(),
            email: None,
            allow: BTreeMap::new(),
            selection: Selection::default(),
            today: Today::Fixed("2026-11-24".parse().unwrap()),
        };
        diff(&loaded.desired, &current, &project.policy, &request)
    }

    /// Carries the plan out, and says of every change what the org refused it with.
    async fn carry_out(&self, plan: &Plan) -> Vec<Option<String>> {
        let options = Options {
            on_failure: OnFailure::GoOn,
            parallelism: Connect::PARALLELISM,
            pause: Duration::from_millis(1),
            reserve: 0,
        };
        let report = execute(plan, &self.client.writer(), &options, &mut Unwatched).await;
        let refused = |outcome: &Outcome| match outcome {
            Outcome::Applied => None,
            Outcome::Failed(failure) | Outcome::Unknown(failure) => Some(failure.code.clone()),
            Outcome::Skipped(_) => Some("skipped".to_owned()),
        };
        report.results.iter().map(|result| refused(&result.outcome)).collect()
    }

    async fn holder_contact(&self, username: &str) -> ContactId {
        let reader = self.client.reader();
        let (org, user) = org::identify(&reader, String::new()).await.unwrap();
        let current = org::read(&reader, &Scope::default(), org, user).await.unwrap();
        let holder = current.users.iter().find(|user| user.username.as_str() == username);
        holder.unwrap().contact.as_ref().unwrap().contact.id
    }
}

#[tokio::test]
async fn what_is_possible_is_accepted_and_then_there() {
    let kim = |more: &str| person("kim.osei", "Kim", "Osei", more);
    let jamie = |more: &str| person("jamie.rivera", "Jamie", "Rivera", more);
    let renamed = |from: &str| format!("renamed_from = \"{from}@acme.example\"");
    let marker = "[ownership]\nmarker = { field = \"ManagedBy__c\", value = \"acme-portal\" }\n";
    let matched = "[contacts]\nmatch = [\"Roster_Key__c\", \"Email\"]\n";
    let undeclared = "[ownership]\nprofiles = [\"Acme Customer\"]\nundeclared = \"deactivate\"\n";
    let key = "contact_fields = { Roster_Key__c = \"R-7\" }";
    // The people, the project's further tables, and the actions that are planned.
    let cases: Vec<(String, &str, &[&str])> = vec![
        (new(""), "", &["create"]),
        (new("account = { Account_Key__c = \"A-7\" }"), "", &["create"]),
        (
            person("sam.gray", "Sam", "Gray", "contact = { Roster_Key__c = \"R-7\" }"),
            "",
            &["create"],
        ),
        (person("sam.gray", "Sam", "Gray", key), matched, &["create"]),
        (
            person("sam.new", "Sam", "New", "contact_fields = { Roster_Key__c = \"R-8\" }"),
            matched,
            &["create"],
        ),
        (person("k.osei", "Kim", "Osei", &renamed("kim.osei")), "", &["rename"]),
        (
            [
                person("kim.osei", "Jamie", "Rivera", &renamed("jamie.rivera")),
                person("k.osei", "Kim", "Osei", &renamed("kim.osei")),
            ]
            .concat(),
            "",
            &["rename", "rename"],
        ),
        (
            [
                person("kim.osei", "Jamie", "Rivera", &renamed("jamie.rivera")),
                person("jamie.rivera", "Kim", "Osei", &renamed("kim.osei")),
            ]
            .concat(),
            "",
            &["rename", "rename"],
        ),
        (person("p.lee", "Pat", "Lee", &renamed("pat.lee")), "", &["reactivate"]),
        (kim("state = \"frozen\""), "", &["freeze"]),
        (kim("state = \"inactive\""), "", &["deactivate"]),
        (kim("expires = 2026-11-23"), "", &["deactivate"]),
        (kim("account = \"Globex\""), "", &["update"]),
        (kim(""), marker, &["adopt"]),
        (new(""), marker, &["create"]),
        (kim(""), undeclared, &["deactivate"]),
        ([kim(""), jamie("nickname = \"jay\"\nfederation_id = \"J-1\"")].concat(), "", &["update"]),
    ];
    for (users, project, expected) in cases {
        let org = Org::new(project, &users).await;
        let plan = org.plan().await;
        let actions: Vec<_> = plan.changes.iter().map(|change| change.action.as_str()).collect();
        assert_eq!(actions, expected, "{users}{project}{:?}", plan.diagnostics);
        assert!(!plan.is_blocked(), "{users}{:?} {:?}", plan.blockers, plan.diagnostics);
        assert!(org.carry_out(&plan).await.iter().all(Option::is_none), "{users}");
        let left = org.plan().await.changes;
        assert!(left.is_empty(), "{users}{project}{left:#?}");
    }
}

#[tokio::test]
async fn what_is_blocked_is_refused_if_it_is_tried() {
    let renamed = "renamed_from = \"jamie.rivera@acme.example\"";
    let cases = [
        (new("account = \"Ownerless Corp\""), "P2003", "UNKNOWN_EXCEPTION"),
        (new("nickname = \"kimmy\""), "P2022", "DUPLICATE_COMM_NICKNAME"),
        (new("federation_id = \"K-1\""), "P2023", "FIELD_INTEGRITY_EXCEPTION"),
        (
            new("email = \"kim.osei@acme.example\""),
            "P2010",
            "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
        ),
        (
            // The holder of the wanted name is held up, so the name is not free.
            [
                person("kim.osei", "Jamie", "Rivera", renamed),
                person(
                    "k.osei",
                    "Kim",
                    "Osei",
                    "renamed_from = \"kim.osei@acme.example\"\naccount = \"Nowhere\"",
                ),
            ]
            .concat(),
            "P2302",
            "DUPLICATE_USERNAME",
        ),
    ];
    for (users, code, refusal) in cases {
        let org = Org::new("", &users).await;
        let mut plan = org.plan().await;
        let about = |plan: &Plan| {
            let found = plan.diagnostics.iter().find(|found| found.code.as_str() == code);
            found.and_then(|found| found.username.clone())
        };
        let who = about(&plan).unwrap_or_else(|| panic!("{users}{:?}", plan.diagnostics));
        let change = plan.changes.iter_mut().find(|change| change.username == who).unwrap();
        assert!(change.blocked, "{users}");
        if code == "P2010" {
            change.contact =
                Some(ContactStep::Link(org.holder_contact("kim.osei@acme.example").await));
        }
        change.blocked = false;
        assert!(change.action != Action::Deactivate);
        let at = plan.changes.iter().position(|change| change.username == who).unwrap();
        let refused = org.carry_out(&plan).await;
        assert_eq!(refused[at].as_deref(), Some(refusal), "{users}");
    }
}
