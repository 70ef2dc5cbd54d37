//! Orgs that nobody had to write: setup and people as real orgs have them, the same ones for the
//! same numbers.
//!
//! A generated org comes as a seed file, or straight into memory without one. Everybody in it is
//! made up, and every address is in `example`, which mail never leaves for.

mod names;
mod people;
mod setup;
mod write;

use std::io;
use std::str::FromStr;

use super::seed::{Source, Table};
use people::{Crowd, PROFILES};

/// What to generate: `users=1000,accounts=400,seed=7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generate {
    /// Portal users.
    pub users: u32,
    /// Accounts; left out, two for every five users.
    pub accounts: u32,
    /// Another number makes other people; left out, 1.
    pub seed: u64,
}

/// The most users and accounts.
const MOST: u32 = 5_000_000;

impl FromStr for Generate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut users, mut accounts, mut seed) = (None, None, 1);
        for part in text.split(',') {
            let (key, value) =
                part.split_once('=').ok_or_else(|| format!("`{part}` is not of the form KEY=N"))?;
            let number: u64 = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
            let size = || {
                let size = u32::try_from(number).ok().filter(|size| (1..=MOST).contains(size));
                size.ok_or_else(|| format!("`{key}` is from 1 to {MOST}"))
            };
            match key {
                "users" => users = Some(size()?),
                "accounts" => accounts = Some(size()?),
                "seed" => seed = number,
                _ => return Err(format!("`{key}` is not one of users, accounts, seed")),
            }
        }
        let users = users.ok_or("`users=N` is missing")?;
        Ok(Self { users, accounts: accounts.unwrap_or((users / 5 * 2).max(1)), seed })
    }
}

impl Generate {
    /// Writes the org as a seed file.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        write::file(&self.org(), out)?;
        out.flush()
    }

    pub(super) fn org(&self) -> Generated {
        let crowd = Crowd::new(self);
        let mut active = [0; PROFILES.len()];
        let mut insights = 0;
        for person in (0..crowd.accounts()).flat_map(|account| crowd.people(account)) {
            if let Some(count) = active.get_mut(person.profile) {
                *count += u64::from(person.active);
            }
            insights += u64::from(person.insights);
        }
        Generated { wanted: *self, crowd, active, insights }
    }
}

/// A generated org.
pub(super) struct Generated {
    wanted: Generate,
    crowd: Crowd,
    /// Active users of each profile.
    active: [u64; PROFILES.len()],
    /// Holders of the permission set licence.
    insights: u64,
}

/// The tables of a generated org, in the order of its file.
const TABLES: [&str; 13] = [
    "Organization",
    "CustomField",
    "UserLicense",
    "PermissionSetLicense",
    "Profile",
    "PermissionSet",
    "PermissionSetGroup",
    "UserRole",
    "Group",
    "Network",
    "Account",
    "Contact",
    "User",
];

impl Source for Generated {
    fn tables<'a>(&'a self, name: &str) -> Box<dyn Iterator<Item = Table> + 'a> {
        let crowd = &self.crowd;
        match name {
            "UserLicense" => Box::new(setup::licenses(&self.active).into_iter()),
            "PermissionSetLicense" => Box::new(setup::set_licenses(self.insights).into_iter()),
            "Account" => Box::new((0..crowd.accounts()).map(|account| crowd.account(account))),
            "Contact" => {
                Box::new((0..crowd.accounts()).flat_map(|account| crowd.contacts(account)))
            }
            "User" => Box::new(
                crowd
                    .staff()
                    .into_iter()
                    .chain((0..crowd.accounts()).flat_map(|account| crowd.users(account))),
            ),
            name => Box::new(setup::tables(name).into_iter()),
        }
    }

    fn users(&self, portal: bool) -> Box<dyn Iterator<Item = Table> + '_> {
        if portal {
            Box::new((0..self.crowd.accounts()).flat_map(|account| self.crowd.users(account)))
        } else {
            Box::new(self.crowd.staff().into_iter())
        }
    }

    fn names(&self) -> Vec<(String, usize)> {
        TABLES.iter().map(|name| ((*name).to_owned(), 0)).collect()
    }
}
