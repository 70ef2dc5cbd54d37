//! For generated orgs: after an import the next plan is empty, and another import changes nothing.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value as Json, json};

use crate::support::{Portal, program};

use super::{Import, portal};

#[test]
fn generated_orgs_are_imported_whole() {
    for generate in ["users=40,accounts=9,seed=1", "users=60,accounts=12,seed=7"] {
        let seed = program().args(["emulator", "seed", "--generate", generate]).output().unwrap();
        let portal = portal(&String::from_utf8(seed.stdout).unwrap(), "");
        let run = portal.import(&[]).exits(0);
        let users = generate.split(['=', ',']).nth(1).unwrap();
        assert!(
            run.last_line().starts_with(&format!("Import: {users} users in ")),
            "{}",
            run.stdout
        );
        portal.assert_settled();
    }
}

const ACCOUNTS: [&str; 4] = ["Acme Corp", "ACME, Corp", "O'Neil & \"Söhne\"", "東京"];
const PROFILES: [&str; 3] = ["Acme Customer", "Acme Plus", "Acme Partner"];
const SETS: [&str; 3] = ["Portal_Base", "Orders_Read", "ns_Beta"];
const PROJECTS: [&str; 7] = [
    "",
    "[contacts]\nupdate = false\n",
    "[permission_sets]\nmode = \"at-least\"\n",
    "[permission_sets]\nignore = [\"Orders*\"]\n",
    "[defaults]\ntitle = \"Buyer\"\nprofile = \"Acme Customer\"\npermission_sets = [\"Portal_Base\"]\n",
    "[defaults]\ntime_zone = \"Asia/Tokyo\"\ndepartment = \"\"\ntemplate = \"t\"\n[templates.t]\nprofile = \"Acme Plus\"\ngroups = []\npermission_sets = [{ name = \"Orders_Read\", expires = 2027-03-31 }]\n",
    "[on_create]\ntime_zone = \"America/New_York\"\npermission_sets = [\"Portal_Base\"]\n",
];

#[derive(Clone, Debug)]
struct World {
    people: Vec<Person>,
    suffixed: bool,
    email: &'static str,
    project: &'static str,
}

#[derive(Clone, Debug)]
struct Person {
    account: usize,
    profile: usize,
    names: (Option<String>, String),
    title: Option<String>,
    /// The e-mail addresses of user and contact.
    emails: (&'static str, &'static str),
    contact_last_name: Option<String>,
    state: usize,
    sets: Vec<&'static str>,
    expiring: bool,
    bundle: bool,
    zone: &'static str,
}

/// A text that needs care: quotes, letters of the world, what cannot be seen.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-zäé'\"\\\\#=\\[\\]{}]{1,12}",
        1 => "[A-Z][\t\u{202e}\u{7f}\u{1F600}]{0,2}[a-z]",
    ]
}

fn person() -> impl Strategy<Value = Person> {
    let place = (0..ACCOUNTS.len(), 0..PROFILES.len(), 0..4_usize);
    let texts = (
        proptest::option::of(text()),
        text(),
        proptest::option::of(prop_oneof![text(), Just("Buyer".to_owned())]),
        proptest::option::weighted(0.2, text()),
    );
    let addresses = select(vec!["", "", "@home.example", "@home.example.invalid"]);
    let access = (subsequence(SETS.to_vec(), 0..=3), any::<bool>(), any::<bool>());
    let zone = select(vec!["America/New_York", "Asia/Tokyo"]);
    (place, texts, (addresses.clone(), addresses), access, zone).prop_map(
        |(
            (account, profile, state),
            (first, last, title, contact_last_name),
            emails,
            access,
            zone,
        )| {
            let (sets, expiring, bundle) = access;
            let names = (first, last);
            Person {
                account,
                profile,
                names,
                title,
                emails,
                contact_last_name,
                state,
                sets,
                expiring,
                bundle,
                zone,
            }
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let email = select(vec!["", "keep-invalid", "append-invalid", "as-declared"]);
    (proptest::collection::vec(person(), 1..8), any::<bool>(), email, select(PROJECTS.to_vec()))
        .prop_map(|(people, suffixed, email, project)| World { people, suffixed, email, project })
}

impl World {
    fn seed(&self) -> String {
        let suffix = if self.suffixed { ".uat" } else { "" };
        let (mut contacts, mut users) = (
            Vec::new(),
            vec![json!({
                "Username": "olive@acme.example", "LastName": "Owner",
                "Profile": "Standard User", "UserRole": "Sales",
            })],
        );
        for (at, person) in self.people.iter().enumerate() {
            let address = |end: &str| match end {
                "" => format!("p{at}@acme.example"),
                end => format!("h{at}{end}"),
            };
            let last = person.contact_last_name.as_ref().unwrap_or(&person.names.1);
            contacts.push(json!({
                "FirstName": person.names.0, "LastName": last, "Email": address(person.emails.1),
                "Account": ACCOUNTS[person.account],
            }));
            users.push(person.user(
                &format!("p{at}@acme.example{suffix}"),
                (&address(person.emails.0), &address(person.emails.1)),
            ));
        }
        let named = |key: &str, names: &[&str]| -> Json {
            names.iter().map(|name| json!({ key: name })).collect()
        };
        let licenses = ["Customer Community", "Customer Community Plus", "Partner Community"];
        let profiles = PROFILES.iter().zip(licenses);
        without_nulls(json!({
            "Organization": { "Name": "Acme", "IsSandbox": self.suffixed },
            "UserLicense": licenses.map(|name| json!({ "Name": name, "TotalLicenses": 50 })),
            "Profile": profiles.map(|(name, license)| json!({ "Name": name, "UserLicense": license })).collect::<Json>(),
            "PermissionSet": named("Name", &SETS),
            "PermissionSetGroup": named("DeveloperName", &["Bundle"]),
            "Group": named("DeveloperName", &["Dealers"]),
            "UserRole": named("Name", &["Sales"]),
            "Account": ACCOUNTS.map(|name| json!({ "Name": name, "Owner": "olive@acme.example" })),
            "Contact": contacts,
            "User": users,
        }))
    }

    fn portal(&self) -> Portal {
        let mut project = String::new();
        if self.suffixed {
            project.push_str("username_suffix = \".uat\"\n");
        }
        if !self.email.is_empty() {
            writeln!(project, "email = \"{}\"", self.email).unwrap();
        }
        portal(&self.seed(), &format!("{project}{}", self.project))
    }
}

impl Person {
    fn user(&self, username: &str, (email, contact): (&str, &str)) -> Json {
        let sets = self.sets.iter().enumerate().map(|(at, name)| match (at, self.expiring) {
            (0, true) => json!({ "Name": name, "ExpirationDate": "2027-04-01T02:59:59Z" }),
            _ => json!(name),
        });
        json!({
            "Username": username,
            "FirstName": self.names.0,
            "LastName": self.names.1,
            "Title": self.title,
            "Email": email,
            "Contact": contact,
            "Profile": PROFILES[self.profile],
            "TimeZoneSidKey": self.zone,
            "IsActive": self.state != 1,
            "IsFrozen": self.state == 2,
            "PermissionSets": sets.collect::<Json>(),
            "PermissionSetGroups": if self.bundle { json!(["Bundle"]) } else { json!([]) },
            "Groups": if self.bundle && self.profile > 0 { json!(["Dealers"]) } else { json!([]) },
        })
    }
}

/// A seed says nothing where there is nothing.
fn without_nulls(seed: Json) -> String {
    fn clean(value: Json) -> Json {
        match value {
            Json::Object(map) => {
                let kept = map.into_iter().filter(|(_, value)| !value.is_null());
                Json::Object(kept.map(|(key, value)| (key, clean(value))).collect())
            }
            Json::Array(list) => list.into_iter().map(clean).collect(),
            other => other,
        }
    }
    toml::to_string(&clean(seed)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn an_org_is_imported_so_that_nothing_is_left_to_plan(world in world()) {
        let portal = world.portal();
        let run = portal.import(&[]).exits(0);
        let imported: usize = portal.user_files().values().map(|text| text.matches("[[users]]").count()).sum();
        let left: usize = run.stdout.split(" left out").next()
            .filter(|_| run.stdout.contains(" left out"))
            .and_then(|text| text.rsplit(' ').next()?.parse().ok())
            .unwrap_or(0);
        prop_assert_eq!(world.people.len(), imported + left, "{}{}", run.stdout, run.stderr);
        // Nobody is left out without need.
        let reasons = run.stderr.lines().filter_map(|line| line.split_once(" left out: "));
        for (_, reason) in reasons {
            let by_policy = world.email == "append-invalid" && reason.ends_with("would change them");
            let by_value = reason == "a value that they need cannot stand in a file";
            prop_assert!(by_policy || by_value, "{}", run.stderr);
        }
        if imported > 0 {
            portal.assert_settled();
            portal.assert_canonical();
        }
    }
}
