//! How many calls it takes to create 10,000 users with two permission sets each, beside what plain
//! sObject Collections of 200 would take. `cargo bench --bench apply_calls`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use portalctl::apply::{OnFailure, Options, Unwatched, execute};
use portalctl::emulator::{Emulator, ServeOptions};
use portalctl::model::{OrgName, Scope, Today};
use portalctl::plan::{Request, Selection, diff};
use portalctl::salesforce::{Client, Connect};
use portalctl::{config, org};

const USERS: usize = 10_000;
const ACCOUNTS: usize = 1_000;

fn seed() -> String {
    let mut text = format!(
        "[Organization]\nName = \"Acme\"\n\
         [[UserLicense]]\nName = \"Customer Community\"\nTotalLicenses = {USERS}\n\
         [[Profile]]\nName = \"Acme Customer\"\nUserLicense = \"Customer Community\"\n\
         [[PermissionSet]]\nName = \"Portal_Base\"\n[[PermissionSet]]\nName = \"Orders_Read\"\n\
         [[UserRole]]\nName = \"Sales\"\n[[User]]\nUsername = \"olive.owner@acme.example\"\n\
         LastName = \"Owner\"\nProfile = \"Standard User\"\nUserRole = \"Sales\"\n"
    );
    for n in 0..ACCOUNTS {
        let owner = "olive.owner@acme.example";
        writeln!(text, "[[Account]]\nName = \"Account {n}\"\nOwner = \"{owner}\"").unwrap();
    }
    text
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    let mut users = String::new();
    for n in 0..USERS {
        writeln!(
            users,
            "[[users]]\nusername = \"u{n}@acme.example\"\nlast_name = \"N{n}\"\naccount = \"Account {}\"",
            n % ACCOUNTS
        )
        .unwrap();
    }
    let settings = "[project]\nname = \"acme-portal\"\n[defaults]\nprofile = \"Acme Customer\"\n\
                    permission_sets = [\"Portal_Base\", \"Orders_Read\"]\n";
    std::fs::write(folder.path().join("portalctl.toml"), settings).unwrap();
    std::fs::create_dir(folder.path().join("users")).unwrap();
    std::fs::write(folder.path().join("users/all.toml"), users).unwrap();
    folder
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let emulator = Emulator::from_seed(&seed()).unwrap();
    let running = emulator.serve(ServeOptions::default()).await.unwrap();
    let token = running.access_token();
    let client =
        Client::connect(Connect::new(running.url().to_owned(), token.into())).await.unwrap();
    let folder = project();
    let loaded = config::load(folder.path());
    let project = loaded.project.unwrap();
    let reader = client.reader();
    let organization = org::organization(&reader, "emulator".to_owned()).await.unwrap();
    let scope = Scope::of(&loaded.desired, &project.policy, "");
    let current = org::read(&reader, &scope, organization).await.unwrap();
    let request = Request {
        project: project.name.clone(),
        org: OrgName::parse("env").unwrap(),
        username_suffix: String::new(),
        email: None,
        allow: BTreeMap::new(),
        selection: Selection::default(),
        today: Today::Fixed("2026-11-24".parse().unwrap()),
    };
    let plan = diff(&loaded.desired, &current, &project.policy, &request);
    let before = running.requests().len();
    let options = Options {
        on_failure: OnFailure::GoOn,
        parallelism: Connect::WRITES,
        pause: Duration::from_millis(1),
        reserve: 0,
        ..Options::default()
    };
    let report = execute(&plan, &client.writer(), &options, &mut Unwatched).await;
    assert!(report.is_complete(), "everybody arrives");
    let requests = running.requests();
    let during = requests.iter().skip(before);
    let (reads, writes): (Vec<_>, Vec<_>) = during.partition(|request| request.method == "GET");
    // Contacts, users, and two sets for each.
    let without = 4 * USERS.div_ceil(200);
    println!("{USERS} creates with two permission sets each, over {ACCOUNTS} accounts:");
    println!("  calls that write        {}", writes.len());
    println!("  plain collections       {without}");
    println!("  calls that look         {}", reads.len());
    running.stop().await;
}
