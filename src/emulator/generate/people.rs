//! The people of a generated org: who works where, who has not been seen for long, who was switched
//! off.
//!
//! Every account's people follow from its number, so nobody has to be kept while others are made.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::Generate;
use super::names::{DEPARTMENTS, INDUSTRIES, REGIONS, Region, TITLES, company, plain};
use super::setup::ROLES;
use crate::emulator::dice::Dice;
use crate::emulator::seed::Table;

/// The profiles of portal users and their licences.
pub(super) const PROFILES: [(&str, &str); 6] = [
    ("Customer Member", "Customer Community"),
    ("Customer Login", "Customer Community Login"),
    ("Customer Plus Member", "Customer Community Plus"),
    ("Customer Plus Login", "Customer Community Plus Login"),
    ("Partner Member", "Partner Community"),
    ("Partner Login", "Partner Community Login"),
];
/// The position of the profile whose licence has a set of its own.
const PARTNER: usize = 4;

/// One account in so many has contacts but no users, and an owner without a role.
const PROSPECTS: u32 = 40;

/// Somebody in the portal.
pub(super) struct Person {
    first: &'static str,
    last: &'static str,
    username: String,
    pub(super) profile: usize,
    pub(super) active: bool,
    frozen: bool,
    /// Days since the last login; nobody has signed in at a time that is not known.
    seen: Option<u64>,
    pub(super) insights: bool,
    /// What decides the rest.
    dice: Dice,
}

/// Everybody.
pub(super) struct Crowd {
    seed: u64,
    /// The number of users of each account.
    sizes: Vec<u32>,
    /// Owners of accounts.
    owners: Vec<(&'static str, &'static str, String)>,
}

impl Crowd {
    pub(super) fn new(wanted: &Generate) -> Self {
        let mut dice = Dice::new(wanted.seed);
        let owners = (wanted.accounts / 50).clamp(3, 40);
        let mut taken = HashSet::new();
        let owners = (0..owners)
            .filter_map(|_| {
                let (first, last) = named(&mut dice, REGIONS.first()?)?;
                Some((first, last, address((first, last), "corp.example", &mut taken)))
            })
            .collect();
        Self { seed: wanted.seed, sizes: sizes(wanted, &mut dice), owners }
    }

    pub(super) fn accounts(&self) -> u32 {
        u32::try_from(self.sizes.len()).unwrap_or(u32::MAX)
    }

    fn size(&self, account: u32) -> u32 {
        self.sizes.get(account as usize).copied().unwrap_or(0)
    }

    /// The dice of an account.
    fn dice(&self, account: u32) -> Dice {
        let mut dice = Dice::new(self.seed.rotate_left(32) ^ u64::from(account));
        Dice::new(dice.next())
    }

    /// The people inside: owners with roles, one of whom has left, and two without.
    pub(super) fn staff(&self) -> Vec<Table> {
        let one = |(at, (first, last, username)): (usize, &(&str, &str, String))| {
            let role = ROLES.get(1 + at % (ROLES.len() - 1)).copied().unwrap_or_default();
            Table::of(vec![
                ("Username", json!(username)),
                ("FirstName", json!(first)),
                ("LastName", json!(last)),
                ("Profile", json!("Standard User")),
                ("UserRole", json!(role)),
                ("IsActive", json!(at != 2)),
            ])
        };
        let mut tables: Vec<Table> = self.owners.iter().enumerate().map(one).collect();
        for (username, last) in [(LOADER, "Loader"), ("integration@corp.example", "Integration")] {
            tables.push(Table::of(vec![
                ("Username", json!(username)),
                ("LastName", json!(last)),
                ("Profile", json!("Standard User")),
            ]));
        }
        tables
    }

    pub(super) fn account(&self, account: u32) -> Table {
        let mut dice = self.dice(account);
        let profile = profile(&mut dice);
        let region = region(&mut dice);
        let owner = if self.size(account) == 0 {
            LOADER
        } else {
            dice.pick(&self.owners).map_or(LOADER, |(.., username)| username)
        };
        let kind = if profile < PARTNER { "Customer" } else { "Partner" };
        let industry = dice.pick(&INDUSTRIES).copied().unwrap_or_default();
        Table::of(vec![
            ("Name", json!(company(u64::from(account)))),
            ("ERP_Key__c", json!(format!("E-{:06}", account + 1))),
            ("Owner", json!(owner)),
            ("Type", json!(kind)),
            ("Industry", json!(industry)),
            ("BillingCity", json!(region.city)),
            ("BillingCountry", json!(region.country)),
        ])
    }

    /// The portal users of an account.
    pub(super) fn people(&self, account: u32) -> impl Iterator<Item = Person> {
        let mut dice = self.dice(account);
        let profile = profile(&mut dice);
        let region = region(&mut dice);
        let domain = domain(account);
        let mut taken = HashSet::new();
        (0..self.size(account)).filter_map(move |_| {
            let (first, last) = named(&mut dice, region)?;
            let username = address((first, last), &domain, &mut taken);
            let active = !dice.percent(12);
            let frozen = active && dice.percent(2);
            let seen = match dice.below(100) {
                0..15 => None,
                15..40 => Some(180 + dice.below(900)),
                _ => Some(dice.below(90)),
            };
            let insights = profile >= PARTNER && active && dice.percent(5);
            let dice = Dice::new(dice.next());
            Some(Person { first, last, username, profile, active, frozen, seen, insights, dice })
        })
    }

    /// The contacts of an account: one of each user, and some who cannot sign in.
    pub(super) fn contacts(&self, account: u32) -> impl Iterator<Item = Table> {
        let name = company(u64::from(account));
        let size = self.size(account);
        let domain = domain(account);
        let key = move |at: u32| json!(format!("R-{:06}-{at}", account + 1));
        let with_users = self.people(account).zip(1..);
        let account_name = name.clone();
        let with_users = with_users.map(move |(mut person, at)| {
            let title = person.dice.pick(&TITLES).copied().unwrap_or_default();
            Table::of(vec![
                ("FirstName", json!(person.first)),
                ("LastName", json!(person.last)),
                ("Email", json!(person.username)),
                ("Account", json!(account_name)),
                ("Roster_Key__c", key(at)),
                ("Title", json!(title)),
            ])
        });
        let mut dice = self.dice(account.wrapping_add(u32::MAX / 2));
        let others = (size / 5).max(u32::from(size == 0 || dice.percent(30)));
        let mut taken = HashSet::new();
        let others = (0..others).filter_map(move |at| {
            let region = region(&mut dice);
            let (first, last) = named(&mut dice, region)?;
            let email = address((first, last), &format!("office.{domain}"), &mut taken);
            Some(Table::of(vec![
                ("FirstName", json!(first)),
                ("LastName", json!(last)),
                ("Email", json!(email)),
                ("Account", json!(name)),
                ("Roster_Key__c", key(size + at + 1)),
            ]))
        });
        with_users.chain(others)
    }

    /// The portal users of an account as tables.
    pub(super) fn users(&self, account: u32) -> impl Iterator<Item = Table> {
        let region = {
            let mut dice = self.dice(account);
            profile(&mut dice);
            region(&mut dice)
        };
        let name = company(u64::from(account));
        self.people(account).map(move |person| person.table(&name, region))
    }
}

/// The user who owns what nobody looks after.
const LOADER: &str = "etl.loader@corp.example";

impl Person {
    fn table(mut self, account: &str, region: &Region) -> Table {
        let (profile, _) = PROFILES.get(self.profile).copied().unwrap_or_default();
        let dice = &mut self.dice;
        let title = dice.pick(&TITLES).copied().unwrap_or_default();
        let mut sets: Vec<Json> = Vec::new();
        if dice.percent(80) {
            sets.push(json!("Portal_Base"));
        }
        if dice.percent(35) {
            sets.push(json!("Orders_Read"));
        }
        if dice.percent(8) {
            let days = 20 + dice.below(300);
            sets.push(json!({ "Name": "Beta_Reports", "ExpirationDate": format!("+{days}d") }));
        }
        if self.profile == PARTNER && dice.percent(60) {
            sets.push(json!("Deal_Registration"));
        }
        if self.insights {
            sets.push(json!("Insights"));
        }
        let mut entries = vec![
            ("Username", json!(self.username)),
            ("FirstName", json!(self.first)),
            ("LastName", json!(self.last)),
            ("Account", json!(account)),
            ("Profile", json!(profile)),
            ("Title", json!(title)),
            ("Department", json!(dice.pick(&DEPARTMENTS))),
            ("TimeZoneSidKey", json!(region.zone)),
            ("LocaleSidKey", json!(region.locale)),
            ("LanguageLocaleKey", json!(region.language)),
        ];
        if !self.active {
            entries.push(("IsActive", json!(false)));
        }
        if self.frozen {
            entries.push(("IsFrozen", json!(true)));
        }
        entries.extend(self.seen.map(|days| ("LastLoginDate", json!(format!("-{days}d")))));
        if !sets.is_empty() {
            entries.push(("PermissionSets", json!(sets)));
        }
        if dice.percent(5) {
            entries.push(("PermissionSetGroups", json!(["Support_Bundle"])));
        }
        if self.profile >= PARTNER && dice.percent(10) {
            entries.push(("Groups", json!(["Partner_Insiders"])));
        }
        Table::of(entries)
    }
}

/// How many users each account has: some with none, most with one or two, a few with many.
fn sizes(wanted: &Generate, dice: &mut Dice) -> Vec<u32> {
    let mut sizes = vec![0; wanted.accounts as usize];
    let is_prospect = |at: u32| wanted.accounts > 10 && at % PROSPECTS == 7;
    let places: Vec<u32> = (0..wanted.accounts).filter(|at| !is_prospect(*at)).collect();
    let mut left = wanted.users;
    let mut add = |at: u32| {
        if let Some(size) = sizes.get_mut(at as usize) {
            *size += 1;
        }
    };
    for at in &places {
        if left > 0 {
            add(*at);
            left -= 1;
        }
    }
    for _ in 0..left {
        let roll = dice.roll();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "from 0 up to the number of accounts"
        )]
        let at = (roll * roll * places.len() as f64) as usize;
        if let Some(at) = places.get(at.min(places.len().saturating_sub(1))) {
            add(*at);
        }
    }
    sizes
}

/// The profile that an account's people have.
const fn profile(dice: &mut Dice) -> usize {
    match dice.below(100) {
        0..44 => 0,
        44..58 => 1,
        58..69 => 2,
        69..73 => 3,
        73..94 => PARTNER,
        _ => 5,
    }
}

/// Half of the world is at home.
fn region(dice: &mut Dice) -> &'static Region {
    let at = if dice.percent(50) { dice.below(2) } else { dice.below(REGIONS.len() as u64) };
    usize::try_from(at).ok().and_then(|at| REGIONS.get(at)).unwrap_or(&REGIONS[0])
}

fn named(dice: &mut Dice, region: &Region) -> Option<(&'static str, &'static str)> {
    Some((*dice.pick(region.first)?, *dice.pick(region.last)?))
}

fn domain(account: u32) -> String {
    format!("{}.example", plain(&company(u64::from(account))))
}

/// An address that nobody else has.
fn address(name: (&str, &str), domain: &str, taken: &mut HashSet<String>) -> String {
    let stem = format!("{}.{}", plain(name.0), plain(name.1));
    let mut text = stem.clone();
    let mut number = 1;
    while !taken.insert(text.clone()) {
        number += 1;
        text = format!("{stem}{number}");
    }
    format!("{text}@{domain}")
}
