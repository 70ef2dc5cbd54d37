//! For generated orgs and files, all the way through files, org, plan and apply: after an apply there
//! is nothing left to plan, and nobody whom the project does not answer for is touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portalctl::config;
use portalctl::model::{AccessKind, Current, OrgName, Scope, Today, UserField};
use portalctl::org;
use portalctl::plan::{Plan, Request, Selection, diff};
use proptest::prelude::*;
use serde_json::Value;

use super::org::{LiveOrg, run};
use crate::support::Portal;

const ACCOUNTS: [&str; 3] = ["Acme Corp", "Globex", "O'Neil & Söhne"];
const PROFILES: [&str; 4] = ["Acme Customer", "Acme Login", "Acme Plus", "Acme Partner"];
/// The profiles that a user with each may be given.
const MOVES: [&[usize]; 4] = [&[0, 1, 2, 3], &[1, 0, 2, 3], &[2], &[3]];
const SETS: [&str; 4] = ["Portal_Base", "Orders_Read", "Beta_Reports", "Dashboards"];
const OWNED: usize = 0;

/// An org, and what the files say.
#[derive(Clone, Debug)]
struct World {
    people: Vec<Person>,
    ownership: Ownership,
    sandbox: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ownership {
    Nobody,
    /// Of a profile: whoever is not declared is deactivated.
    Profile,
    Marker,
}

/// What a person is in the org and in the files.
#[derive(Clone, Debug)]
struct Person {
    observed: Option<Observed>,
    declared: Option<Declared>,
    account: usize,
    has_contact: bool,
    in_roster: bool,
}

#[derive(Clone, Debug)]
struct Observed {
    profile: usize,
    active: bool,
    frozen: bool,
    title: Option<String>,
    sets: Vec<usize>,
    bundle: bool,
    score: Option<u8>,
}

#[derive(Clone, Debug)]
struct Declared {
    profile: usize,
    account: usize,
    state: Option<&'static str>,
    title: Option<String>,
    sets: Option<Vec<usize>>,
    sets_end: bool,
    bundle: Option<bool>,
    dealers: bool,
    expires: Option<&'static str>,
    score: Option<u8>,
    /// Where in the ring of renamed people; nowhere, if the username stays.
    renamed: bool,
}

fn title() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[A-Za-zäöü'\\\\ ]{0,12}[a-z]")
}

fn sets() -> impl Strategy<Value = Vec<usize>> {
    proptest::sample::subsequence(vec![0, 1, 2, 3], 0..=4)
}

fn observed() -> impl Strategy<Value = Observed> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (0..PROFILES.len(), flags, title(), sets(), proptest::option::of(0..3_u8)).prop_map(
        |(profile, (active, frozen, bundle), title, sets, score)| Observed {
            profile,
            active,
            frozen,
            title,
            sets,
            bundle,
            score,
        },
    )
}

fn declared() -> impl Strategy<Value = Declared> {
    let state =
        proptest::sample::select(vec![None, Some("active"), Some("inactive"), Some("frozen")]);
    let expires = proptest::sample::select(vec![None, Some("2026-01-01"), Some("2030-01-01")]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let access = (proptest::option::of(sets()), proptest::option::of(any::<bool>()));
    let place = (0..4_usize, 0..ACCOUNTS.len());
    (place, (state, expires), title(), access, flags, proptest::option::of(0..3_u8)).prop_map(
        |((profile, account), (state, expires), title, (sets, bundle), flags, score)| Declared {
            profile,
            account,
            state,
            title,
            sets,
            sets_end: flags.0,
            bundle,
            dealers: flags.1,
            expires,
            score,
            renamed: flags.2,
        },
    )
}

fn person() -> impl Strategy<Value = Person> {
    (
        proptest::option::of(observed()),
        proptest::option::weighted(0.8, declared()),
        0..ACCOUNTS.len(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(observed, declared, account, has_contact, in_roster)| Person {
            observed,
            declared,
            account,
            has_contact,
            in_roster,
        })
}

fn world() -> impl Strategy<Value = World> {
    let ownership =
        proptest::sample::select(vec![Ownership::Nobody, Ownership::Profile, Ownership::Marker]);
    (proptest::collection::vec(person(), 1..10), ownership, any::<bool>())
        .prop_map(|(people, ownership, sandbox)| World { people, ownership, sandbox })
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl World {
    fn suffix(&self) -> &'static str {
        if self.sandbox { ".uat" } else { "" }
    }

    /// The usernames that the files give: those who are renamed get each other's in a ring, and if
    /// there is only one of them, a new one.
    fn names(&self) -> Vec<String> {
        let ring: Vec<usize> = (0..self.people.len()).filter(|at| self.is_renamed(*at)).collect();
        let mut names: Vec<String> = (0..self.people.len()).map(name).collect();
        for (place, at) in ring.iter().enumerate() {
            names[*at] = match ring.as_slice() {
                [_] => format!("new.{}", name(*at)),
                ring => name(ring[(place + 1) % ring.len()]),
            };
        }
        names
    }

    /// Whoever stays away keeps their name.
    fn is_renamed(&self, at: usize) -> bool {
        let person = &self.people[at];
        let wanted = person.declared.as_ref().filter(|declared| declared.renamed);
        person.observed.is_some()
            && wanted.is_some_and(|one| {
                one.expires != Some("2026-01-01")
                    && !matches!(one.state, Some("inactive" | "frozen"))
            })
    }

    fn seed(&self) -> String {
        let mut text = SEED.replace("SANDBOX", &self.sandbox.to_string());
        for set in &SETS[..3] {
            writeln!(text, "[[PermissionSet]]\nName = \"{set}\"").unwrap();
        }
        for account in ACCOUNTS {
            let name = quoted(account);
            writeln!(text, "[[Account]]\nName = {name}\nOwner = \"olive@acme.example\"").unwrap();
        }
        for (at, person) in self.people.iter().enumerate() {
            self.seed_person(&mut text, at, person);
        }
        text
    }

    fn seed_person(&self, text: &mut String, at: usize, person: &Person) {
        let invalid = if self.sandbox { ".invalid" } else { "" };
        let common = format!(
            "FirstName = \"First{at}\"\nLastName = \"Last{at}\"\nEmail = \"mail{at}@acme.example{invalid}\"\nAccount = {}",
            quoted(ACCOUNTS[person.account])
        );
        let Some(user) = &person.observed else {
            if person.has_contact {
                writeln!(text, "[[Contact]]\n{common}").unwrap();
            }
            return;
        };
        let sets: Vec<_> = user.sets.iter().map(|set| quoted(SETS[*set])).collect();
        let licenses = if user.sets.contains(&3) { "\"Analytics\"" } else { "" };
        writeln!(
            text,
            "[[User]]\nUsername = \"{}{}\"\n{common}\nProfile = \"{}\"\nIsActive = {}\nIsFrozen = {}\nPermissionSets = [{}]\nPermissionSetLicenses = [{licenses}]\nPermissionSetGroups = [{}]",
            name(at).to_uppercase(),
            self.suffix(),
            PROFILES[user.profile],
            user.active,
            user.frozen,
            sets.join(", "),
            if user.bundle { "\"Bundle\"" } else { "" },
        )
        .unwrap();
        if let Some(title) = &user.title {
            writeln!(text, "Title = {}", quoted(title.trim())).unwrap();
        }
        if let Some(score) = user.score {
            writeln!(text, "Score__c = {score}").unwrap();
        }
    }

    fn files(&self) -> Portal {
        let names = self.names();
        let mut users =
            "[[rosters]]\ncsv = \"people.csv\"\ncolumns = { fields = { Score__c = \"Score\" } }\n"
                .to_owned();
        let mut roster = "username,first_name,last_name,email,account,profile,state,title,permission_sets,expires,renamed_from,Score\nkeeper@acme.example,Ann,Keeper,,Acme Corp,Acme Customer,inactive,,,,,\n".to_owned();
        for (at, person) in self.people.iter().enumerate() {
            let Some(declared) = &person.declared else { continue };
            let from = person.observed.as_ref().map_or(0, |user| user.profile);
            let moves = MOVES[from];
            let profile = moves[declared.profile % moves.len()];
            let former = if self.is_renamed(at) { name(at) } else { String::new() };
            if person.in_roster {
                row(&mut roster, (at, &names[at], &former), declared, PROFILES[profile]);
            } else {
                entry(&mut users, (at, &names[at], &former), declared, profile);
            }
        }
        let ownership = match self.ownership {
            Ownership::Nobody => String::new(),
            Ownership::Profile => format!(
                "[ownership]\nprofiles = [\"{}\"]\nundeclared = \"deactivate\"\n",
                PROFILES[OWNED]
            ),
            Ownership::Marker => {
                "[ownership]\nmarker = { field = \"ManagedBy__c\", value = \"acme\" }\n".to_owned()
            }
        };
        let project = format!("{PROJECT}{ownership}");
        Portal::new(&[
            ("portalctl.toml", &project),
            ("users/all.toml", &users),
            ("users/people.csv", &roster),
        ])
    }
}

fn name(at: usize) -> String {
    format!("p{at}@acme.example")
}

/// A person as a row of the roster, in which an empty cell says nothing.
fn row(
    text: &mut String,
    (at, name, former): (usize, &str, &str),
    declared: &Declared,
    profile: &str,
) {
    let sets: Vec<_> = declared.sets.iter().flatten().map(|set| SETS[*set]).collect();
    writeln!(
        text,
        "{name},First{at},Last{at},mail{at}@acme.example,{},{profile},{},\"{}\",{},{},{former},{}",
        ACCOUNTS[declared.account],
        declared.state.unwrap_or_default(),
        declared.title.as_deref().unwrap_or_default().trim(),
        sets.join(";"),
        declared.expires.unwrap_or_default(),
        declared.score.map(|score| format!("{score}.0")).unwrap_or_default(),
    )
    .unwrap();
}

/// A person as an entry of a user file.
fn entry(
    text: &mut String,
    (at, name, former): (usize, &str, &str),
    declared: &Declared,
    profile: usize,
) {
    writeln!(
        text,
        "[[users]]\nusername = \"{name}\"\nfirst_name = \"First{at}\"\nlast_name = \"Last{at}\"\nemail = \"mail{at}@acme.example\"\naccount = {}\nprofile = \"{}\"",
        quoted(ACCOUNTS[declared.account]),
        PROFILES[profile]
    )
    .unwrap();
    if !former.is_empty() {
        writeln!(text, "renamed_from = \"{former}\"").unwrap();
    }
    if let Some(state) = declared.state {
        writeln!(text, "state = \"{state}\"").unwrap();
    }
    if let Some(expires) = declared.expires {
        writeln!(text, "expires = {expires}").unwrap();
    }
    if let Some(title) = &declared.title {
        writeln!(text, "title = {}", quoted(title.trim())).unwrap();
    }
    if let Some(score) = declared.score {
        writeln!(text, "fields = {{ Score__c = {score} }}").unwrap();
    }
    if let Some(sets) = &declared.sets {
        let end = |set: &usize| {
            if declared.sets_end && *set == 1 {
                format!("{{ name = \"{}\", expires = 2030-03-31 }}", SETS[*set])
            } else {
                quoted(SETS[*set])
            }
        };
        let sets: Vec<_> = sets.iter().map(end).collect();
        writeln!(text, "permission_sets = [{}]", sets.join(", ")).unwrap();
    }
    if let Some(bundle) = declared.bundle {
        let bundle = if bundle { "\"Bundle\"" } else { "" };
        writeln!(text, "permission_set_groups = [{bundle}]").unwrap();
    }
    if declared.dealers && profile >= 2 {
        writeln!(text, "groups = [\"Dealers\"]").unwrap();
    }
}

const PROJECT: &str = "[project]\nname = \"acme\"\n[orgs.dev]\nemulator = \"org.toml\"\n[safety]\nmax_deactivations = 1000\nmax_reactivations = 1000\nmax_access_changes = 1000\n";

const SEED: &str = r#"
[Organization]
Name = "Acme"
IsSandbox = SANDBOX
[emulator]
gzip = false
assign_set_licenses = false
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 100
[[UserLicense]]
Name = "Customer Community Login"
TotalLicenses = 100
[[UserLicense]]
Name = "Customer Community Plus"
TotalLicenses = 100
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 100
[[PermissionSetLicense]]
DeveloperName = "Analytics"
TotalLicenses = 100
[[PermissionSet]]
Name = "Dashboards"
License = "Analytics"
[[PermissionSetGroup]]
DeveloperName = "Bundle"
[[Group]]
DeveloperName = "Dealers"
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[Profile]]
Name = "Acme Login"
UserLicense = "Customer Community Login"
[[Profile]]
Name = "Acme Plus"
UserLicense = "Customer Community Plus"
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[CustomField]]
Object = "User"
Name = "Score__c"
Type = "Number"
[[CustomField]]
Object = "User"
Name = "ManagedBy__c"
Length = 40
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
"#;

/// Everything in the org about each user, by their id.
fn pictures(current: &Current) -> BTreeMap<String, String> {
    let picture = |user: &portalctl::model::CurrentUser| {
        let held: Vec<_> = current.holdings.iter().filter(|row| row.user == user.id).collect();
        let frozen = current.frozen.of(user.id).is_some();
        (user.id.to_string(), format!("{user:?} {held:?} {frozen}"))
    };
    current.users.iter().map(picture).collect()
}

/// The whole org, whatever is declared.
async fn look(org: &LiveOrg) -> Current {
    let reader = org.client.reader();
    let scope = Scope {
        fields: [UserField::Title].into(),
        kinds: AccessKind::ALL.into(),
        freezes: true,
        ..Scope::default()
    };
    let picture = org::organization(&reader, String::new()).await.unwrap();
    org::read(&reader, &scope, picture).await.unwrap()
}

async fn plan(portal: &Portal, org: &LiveOrg, suffix: &str) -> Plan {
    let loaded = config::load(portal.path());
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let project = loaded.project.unwrap();
    let current = org.read(&loaded.desired, &project.policy, suffix).await;
    let request = Request {
        project: project.name.clone(),
        org: OrgName::parse("dev").unwrap(),
        username_suffix: suffix.to_owned(),
        email: None,
        allow: BTreeMap::new(),
        selection: Selection::default(),
        today: Today::Fixed("2026-11-24".parse().unwrap()),
    };
    diff(&loaded.desired, &current, &project.policy, &request)
}

async fn converges(world: &World) {
    let org = LiveOrg::of(&world.seed()).await;
    let portal = world.files();
    let before = look(&org).await;
    let first = plan(&portal, &org, world.suffix()).await;
    assert!(!first.is_blocked(), "{:?} {:?}", first.blockers, first.diagnostics);
    let report = org.carry_out(&first).await;
    assert_eq!(report.applied(), first.changes.len(), "{report:#?}");
    let second = plan(&portal, &org, world.suffix()).await;
    assert!(second.changes.is_empty(), "{:#?}", second.changes);
    let after = pictures(&look(&org).await);
    for user in &before.users {
        let digits: String =
            user.username.as_str().chars().skip(1).take_while(char::is_ascii_digit).collect();
        let person = digits.parse().ok().and_then(|at: usize| world.people.get(at));
        let declared = person.is_some_and(|person| person.declared.is_some());
        let owned = world.ownership == Ownership::Profile
            && person
                .and_then(|person| person.observed.as_ref())
                .is_some_and(|user| user.profile == OWNED);
        let id = user.id.to_string();
        let same = after[&id] == pictures(&before)[&id];
        assert!(declared || owned || same, "{} was touched", user.username);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn after_an_apply_nothing_is_left_and_nobody_else_was_touched(world in world()) {
        run(converges(&world));
    }
}
