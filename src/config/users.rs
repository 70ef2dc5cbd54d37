//! One user file: its level, the level of each of its entries, and its rosters.

use crate::model::{Code, Diagnostic, Place, Username};

use super::level::{self, Level, Rank};
use super::reader::{Entry, Reader, Table};
use super::roster::{self, Roster};

/// A user file as it was read.
#[derive(Default)]
pub(super) struct UserFile {
    pub(super) level: Level,
    pub(super) users: Vec<UserEntry>,
    pub(super) rosters: Vec<Roster>,
}

/// A `[[users]]` entry as it was read.
pub(super) struct UserEntry {
    pub(super) place: Place,
    pub(super) username: Option<(Username, Place)>,
    pub(super) level: Level,
}

/// Reads a user file in this folder of the project.
pub(super) fn read(reader: &mut Reader<'_>, mut table: Table<'_>, folder: &str) -> UserFile {
    let level = level::read(reader, &mut table, Rank::File);
    let mut file = UserFile { level, ..UserFile::default() };
    if let Some(list) = table.take("users") {
        for item in reader.items(list) {
            file.users.extend(user(reader, item));
        }
    }
    if let Some(list) = table.take("rosters") {
        for item in reader.items(list) {
            file.rosters.extend(roster::read(reader, item, folder));
        }
    }
    reader.close(table, Rank::File.what());
    file
}

pub(super) const USERNAME_HELP: &str =
    "write a username in the form of an e-mail address, such as \"kim.osei@acme.example\"";

fn user(reader: &mut Reader<'_>, item: Entry<'_>) -> Option<UserEntry> {
    let mut table = reader.table(item)?;
    let place = reader.place(&item.span());
    let username = match table.take("username") {
        Some(entry) => {
            let place = reader.place(&entry.span());
            reader.parsed(entry, Username::parse, USERNAME_HELP).map(|username| (username, place))
        }
        None => {
            let found = Diagnostic::new(Code::MissingKey, "`username` is missing")
                .help("write username = \"kim.osei@acme.example\"");
            reader.report(found, &item.span());
            None
        }
    };
    let level = level::read(reader, &mut table, Rank::User);
    reader.close(table, Rank::User.what());
    Some(UserEntry { place, username, level })
}
