//! For generated orgs and declarations: after an apply there is nothing left to plan, and nobody
//! who is not declared is touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use portalctl::apply::{OnFailure, Options, Unwatched, execute};
use portalctl::config;
use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{OrgName, Scope, Today};
use portalctl::org;
use portalctl::plan::{Plan, Request, Selection, diff};
use portalctl::salesforce::{Client, Connect};

use crate::support::Portal;

const ACCOUNTS: [&str; 3] = ["Acme Corp", "Globex", "O'Neil & Söhne"];
const PROFILES: [&str; 2] = ["Acme Customer", "Acme Partner"];
const SETS: [&str; 3] = ["Portal_Base", "Orders_Read", "Beta_Reports"];

/// What a person is in the org and in the files.
#[derive(Clone, Debug)]
struct Person {
    observed: Option<Observed>,
    declared: Option<Declared>,
    account: usize,
    has_contact: bool,
}

#[derive(Clone, Debug)]
struct Observed {
    profile: usize,
    active: bool,
    frozen: bool,
    title: Option<String>,
    sets: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Declared {
    partner: bool,
    state: Option<&'static str>,
    title: Option<String>,
    sets: Option<Vec<usize>>,
    expires: Option<&'static str>,
}

fn title() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[A-Za-zäöü'\\\\ ]{0,12}[a-z]")
}

fn sets() -> impl Strategy<Value = Vec<usize>> {
    proptest::sample::subsequence(vec![0, 1, 2], 0..=3)
}

fn person() -> impl Strategy<Value = Person> {
    let observed = (0..2_usize, any::<bool>(), any::<bool>(), title(), sets()).prop_map(
        |(profile, active, frozen, title, sets)| Observed { profile, active, frozen, title, sets },
    );
    let declared = (
        any::<bool>(),
        proptest::sample::select(vec![None, Some("active"), Some("inactive"), Some("frozen")]),
        title(),
        proptest::option::of(sets()),
        proptest::sample::select(vec![None, Some("2026-01-01"), Some("2030-01-01")]),
    )
        .prop_map(|(partner, state, title, sets, expires)| Declared {
            partner,
            state,
            title,
            sets,
            expires,
        });
    (
        proptest::option::of(observed),
        proptest::option::weighted(0.8, declared),
        0..ACCOUNTS.len(),
        any::<bool>(),
    )
        .prop_map(|(observed, declared, account, has_contact)| Person {
            observed,
            declared,
            account,
            has_contact,
        })
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn seed(people: &[Person]) -> String {
    let mut text = String::from(
        r#"
[Organization]
Name = "Acme"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 100
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 100
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
"#,
    );
    for set in SETS {
        writeln!(text, "[[PermissionSet]]\nName = \"{set}\"").unwrap();
    }
    for account in ACCOUNTS {
        let name = quoted(account);
        writeln!(text, "[[Account]]\nName = {name}\nOwner = \"olive.owner@acme.example\"").unwrap();
    }
    for (at, person) in people.iter().enumerate() {
        let account = quoted(ACCOUNTS[person.account]);
        let names =
            format!("FirstName = \"First{at}\"\nLastName = \"Last{at}\"\nAccount = {account}");
        let Some(user) = &person.observed else {
            if person.has_contact {
                writeln!(text, "[[Contact]]\n{names}\nEmail = \"p{at}@acme.example\"").unwrap();
            }
            continue;
        };
        let sets: Vec<_> = user.sets.iter().map(|set| quoted(SETS[*set])).collect();
        writeln!(
            text,
            "[[User]]\nUsername = \"P{at}@acme.example\"\n{names}\nEmail = \"p{at}@acme.example\"\nProfile = \"{}\"\nIsActive = {}\nIsFrozen = {}\nPermissionSets = [{}]",
            PROFILES[user.profile],
            user.active,
            user.frozen,
            sets.join(", ")
        )
        .unwrap();
        if let Some(title) = &user.title {
            writeln!(text, "Title = {}", quoted(title.trim())).unwrap();
        }
    }
    text
}

fn files(people: &[Person]) -> Portal {
    let mut users = String::new();
    for (at, person) in people.iter().enumerate() {
        let Some(declared) = &person.declared else {
            continue;
        };
        // A partner cannot be turned back into a customer; that is a blocker with a test of its own.
        let partner = declared.partner || person.observed.as_ref().is_some_and(|u| u.profile == 1);
        writeln!(
            users,
            "[[users]]\nusername = \"p{at}@acme.example\"\nfirst_name = \"First{at}\"\nlast_name = \"Last{at}\"\naccount = {}\nprofile = \"{}\"",
            quoted(ACCOUNTS[person.account]),
            PROFILES[usize::from(partner)]
        )
        .unwrap();
        if let Some(state) = declared.state {
            writeln!(users, "state = \"{state}\"").unwrap();
        }
        if let Some(expires) = declared.expires {
            writeln!(users, "expires = {expires}").unwrap();
        }
        if let Some(title) = &declared.title {
            writeln!(users, "title = {}", quoted(title.trim())).unwrap();
        }
        if let Some(sets) = &declared.sets {
            let sets: Vec<_> = sets.iter().map(|set| quoted(SETS[*set])).collect();
            writeln!(users, "permission_sets = [{}]", sets.join(", ")).unwrap();
        }
    }
    let project = "[project]\nname = \"acme\"\n[orgs.dev]\nemulator = \"org.toml\"\n[safety]\nmax_deactivations = 1000\nmax_reactivations = 1000\nmax_access_changes = 1000\n";
    Portal::new(&[("portalctl.toml", project), ("users/all.toml", &users)])
}

/// Everything in the org about somebody, as the API shows it.
async fn pictures(client: &Client) -> BTreeMap<String, String> {
    let reader = client.reader();
    let scope = Scope {
        fields: [portalctl::model::UserField::Title].into(),
        kinds: portalctl::model::AccessKind::ALL.into(),
        ..Scope::default()
    };
    let (org, user) = org::identify(&reader, String::new()).await.unwrap();
    let current = org::read(&reader, &scope, org, user).await.unwrap();
    current
        .users
        .iter()
        .map(|user| {
            let held: Vec<_> = current.holdings.iter().filter(|a| a.user == user.id).collect();
            let frozen = current.frozen.of(user.id).is_some();
            (user.username.key(), format!("{user:?} {held:?} {frozen}"))
        })
        .collect()
}

async fn plan(portal: &Portal, client: &Client) -> Plan {
    let loaded = config::load(portal.path());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let reader = client.reader();
    let (org, user) = org::identify(&reader, "emulator".to_owned()).await.unwrap();
    let policy = loaded.project.as_ref().unwrap().policy.clone();
    let scope = Scope::of(&loaded.desired, &policy, "");
    let current = org::read(&reader, &scope, org, user).await.unwrap();
    let request = Request {
        project: loaded.project.as_ref().unwrap().name.clone(),
        org: OrgName::parse("dev").unwrap(),
        username_suffix: String::new(),
        email: None,
        allow: BTreeMap::new(),
        selection: Selection::default(),
        today: Today::Fixed("2026-11-24".parse().unwrap()),
    };
    diff(&loaded.desired, &current, &policy, &request)
}

async fn serve(seed: &str) -> (Running, Client) {
    let emulator = Emulator::from_seed(seed).unwrap();
    let running = emulator.serve(ServeOptions::default()).await.unwrap();
    let connect = Connect::new(running.url().to_owned(), running.access_token().into());
    let client = Client::connect(connect).await.unwrap();
    (running, client)
}

async fn converges(people: &[Person]) {
    let (_running, client) = serve(&seed(people)).await;
    let portal = files(people);
    let before = pictures(&client).await;
    let first = plan(&portal, &client).await;
    assert!(!first.is_blocked(), "{:?} {:?}", first.blockers, first.diagnostics);
    let options = Options {
        on_failure: OnFailure::GoOn,
        parallelism: 4,
        pause: std::time::Duration::from_millis(1),
        reserve: 0,
    };
    let report = execute(&first, &client.writer(), &options, &mut Unwatched).await;
    assert_eq!(report.applied(), first.changes.len(), "{report:?}");
    let second = plan(&portal, &client).await;
    assert!(second.changes.is_empty(), "{:#?}", second.changes);
    let after = pictures(&client).await;
    for (username, picture) in before {
        let person =
            username.strip_prefix('p').and_then(|rest| rest.split('@').next()?.parse().ok());
        let declared = person.is_some_and(|at: usize| people[at].declared.is_some());
        assert!(declared || after[&username] == picture, "{username} was touched");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn after_an_apply_nothing_is_left_and_nobody_else_was_touched(
        people in proptest::collection::vec(person(), 1..12)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(converges(&people));
    }
}
