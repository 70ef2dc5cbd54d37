//! A project and an org that can be put into trouble, both inside this process.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use portalctl::apply::{Options, Outcome, Report, Unwatched, Watch, execute};
use portalctl::config;
use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{OrgName, Rule, Scope, Today};
use portalctl::org;
use portalctl::plan::{Plan, Request, Selection, diff};
use portalctl::salesforce::{Client, ClientCredentials, Connect, SignIn};

use crate::support::{Portal, Ran, program};

/// The day of every plan here.
const TODAY: &str = "2026-11-24";

pub(super) struct World {
    pub(super) running: Running,
    pub(super) portal: Portal,
    http: reqwest::Client,
    token: Mutex<String>,
}

impl World {
    pub(super) async fn new(seed: &str, users: &str, project: &str) -> Self {
        let running =
            Emulator::from_seed(seed).unwrap().serve(ServeOptions::default()).await.unwrap();
        let portal = Portal::new(&[("portalctl.toml", project), ("users/all.toml", users)]);
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let token = Mutex::new(running.access_token());
        Self { running, portal, http, token }
    }

    /// Looks on in a new session, after all have ended.
    pub(super) async fn sign_in_again(&self) {
        let user = json!({ "username": self.running.username() });
        let opened = self.control(reqwest::Method::POST, "sessions", Some(user)).await;
        let opened: Value = serde_json::from_str(&opened).unwrap();
        let token = opened["access_token"].as_str().unwrap();
        token.clone_into(&mut self.token.lock().unwrap());
    }

    pub(super) async fn client(&self) -> Client {
        let token = self.running.access_token();
        Client::connect(Connect::new(self.running.url().to_owned(), token.into())).await.unwrap()
    }

    /// A client that can sign in again.
    pub(super) async fn renewing_client(&self) -> Client {
        let sign_in = SignIn::ClientCredentials(ClientCredentials {
            login_url: self.running.url().to_owned(),
            client_id: self.running.client_id().to_owned(),
            client_secret: self.running.client_secret().into(),
        });
        Client::connect(Connect::by(sign_in)).await.unwrap()
    }

    /// The plan of the moment.
    pub(super) async fn plan(&self, client: &Client) -> Plan {
        let loaded = config::load(self.portal.path());
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let project = loaded.project.unwrap();
        let reader = client.reader();
        let org = org::organization(&reader, "emulator".to_owned()).await.unwrap();
        let scope = Scope::of(&loaded.desired, &project.policy, "");
        let current = org::read(&reader, &scope, org).await.unwrap();
        let request = Request {
            project: project.name.clone(),
            org: OrgName::parse("env").unwrap(),
            username_suffix: String::new(),
            email: None,
            allow: BTreeMap::from([(Rule::Reactivations, 1)]),
            today: Today::Fixed(TODAY.parse().unwrap()),
            selection: Selection::default(),
        };
        diff(&loaded.desired, &current, &project.policy, &request)
    }

    /// Plans and applies. A plan that cannot be made, because the org cannot be read, is none.
    pub(super) async fn apply(&self) -> (Plan, Report) {
        let client = self.client().await;
        let plan = self.plan(&client).await;
        assert!(!plan.is_blocked(), "{:?} {:?}", plan.blockers, plan.diagnostics);
        (plan.clone(), self.carry_out(&client, &plan).await)
    }

    pub(super) async fn carry_out(&self, client: &Client, plan: &Plan) -> Report {
        let options = Options { pause: Duration::from_millis(1), ..Options::default() };
        self.carry_out_as(client, plan, &options, &mut Unwatched).await
    }

    pub(super) async fn carry_out_as(
        &self,
        client: &Client,
        plan: &Plan,
        options: &Options,
        watch: &mut dyn Watch,
    ) -> Report {
        let report = execute(plan, &client.writer(), options, watch).await;
        assert_eq!(report.results.len(), plan.changes.len(), "every change, once");
        report
    }

    /// Lets something go wrong from now on.
    pub(super) async fn fault(&self, fault: Value) {
        self.control(reqwest::Method::POST, "faults", Some(fault)).await;
    }

    pub(super) async fn no_faults(&self) {
        self.control(reqwest::Method::DELETE, "faults", None).await;
    }

    pub(super) async fn control(
        &self,
        method: reqwest::Method,
        what: &str,
        body: Option<Value>,
    ) -> String {
        let request = self.http.request(method, format!("{}/emulator/{what}", self.running.url()));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        answer.text().await.unwrap()
    }

    /// How many links were mailed.
    pub(super) async fn mailed(&self) -> usize {
        let outbox = self.control(reqwest::Method::GET, "outbox", None).await;
        outbox.matches("\"reset\"").count()
    }

    async fn query(&self, soql: &str) -> Vec<Value> {
        let url = format!("{}/services/data/v66.0/query", self.running.url());
        let token = self.token.lock().unwrap().clone();
        let mut answer: Value = self
            .http
            .get(url)
            .query(&[("q", soql)])
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let mut rows = answer["records"].as_array().unwrap().clone();
        while let Some(next) = answer["nextRecordsUrl"].as_str() {
            let url = format!("{}{next}", self.running.url());
            let request = self.http.get(url).bearer_auth(&token);
            answer = request.send().await.unwrap().json().await.unwrap();
            rows.extend(answer["records"].as_array().unwrap().clone());
        }
        rows
    }

    /// Everything that an apply can change, without ids and times: equal for equal orgs.
    pub(super) async fn picture(&self) -> BTreeSet<String> {
        let mut picture = BTreeSet::new();
        for soql in [
            "SELECT Username, FirstName, LastName, Email, Title, Alias, IsActive, Profile.Name, \
             Contact.Email, Contact.LastName, Contact.Account.Name FROM User",
            "SELECT Email, FirstName, LastName, Account.Name FROM Contact",
            "SELECT Assignee.Username, PermissionSet.Name, PermissionSetGroup.DeveloperName, \
             ExpirationDate FROM PermissionSetAssignment",
            "SELECT Assignee.Username, PermissionSetLicense.DeveloperName \
             FROM PermissionSetLicenseAssign",
            "SELECT Group.DeveloperName FROM GroupMember",
            "SELECT UserId, IsFrozen FROM UserLogin WHERE IsFrozen = true",
        ] {
            for (at, row) in self.query(soql).await.iter().enumerate() {
                // A record that is there twice is two lines.
                let mut line = format!("{}", plain(row));
                while picture.contains(&line) {
                    line = format!("{line} again");
                }
                assert!(at < 100_000);
                picture.insert(line);
            }
        }
        picture
    }

    /// Runs the program against this org, which is served meanwhile.
    pub(super) async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = program();
        command.arg("-C").arg(self.portal.path()).args(arguments);
        command.args(["--today", TODAY]).envs(self.environment()).stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
        Ran::from(output.unwrap())
    }

    /// What the program needs to reach this org.
    pub(super) fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("SF_ACCESS_TOKEN", self.running.access_token()),
            ("SF_ORG_INSTANCE_URL", self.running.url().to_owned()),
            ("SF_TARGET_ORG", "env".to_owned()),
        ]
    }

    /// How many requests were answered.
    pub(super) fn requests(&self) -> usize {
        self.running.requests().len()
    }

    /// The requests that write, from the one at this position on.
    pub(super) fn writes_since(&self, start: usize) -> Vec<String> {
        let requests = self.running.requests();
        let writes = requests.iter().skip(start).filter(|request| request.method != "GET");
        writes.map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

/// A row without what is different in every org.
fn plain(row: &Value) -> Value {
    match row {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| *key != "attributes");
            kept.map(|(key, value)| (key.clone(), plain(value))).collect()
        }
        other => other.clone(),
    }
}

/// Whether every change is accounted for: what is applied is applied, and whatever is not says why.
pub(super) fn unaccounted(report: &Report) -> usize {
    report.count(|outcome| match outcome {
        Outcome::Applied | Outcome::Skipped(_) => false,
        Outcome::Failed(why) | Outcome::Unknown(why) => why.code.is_empty(),
    })
}

/// A fault that hits one request: the one that comes after so many others.
pub(super) fn at(k: usize, what: &str) -> Value {
    json!({ "Do": what, "After": k, "Times": 1 })
}
