//! One user file: its level, the level of each of its entries, and its rosters.

use std::ops::Range;

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
    file.users = list(reader, &mut table);
    if let Some(list) = table.take("rosters") {
        for item in reader.items(list) {
            file.rosters.extend(roster::read(reader, item, folder));
        }
    }
    reader.close(table, Rank::File.what());
    file
}

/// Reads the `[[users]]` entries of a table.
pub(super) fn list(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Vec<UserEntry> {
    let list = table.take("users");
    let items = list.map(|list| reader.items(list)).unwrap_or_default();
    let entry = |item: Entry<'_>| {
        let table = reader.table(item)?;
        Some(user(reader, table, &item.span()))
    };
    items.into_iter().filter_map(entry).collect()
}

pub(super) const USERNAME_HELP: &str =
    "write a username in the form of an e-mail address, such as \"kim.osei@acme.example\"";

/// Reads one `[[users]]` entry, which stands here.
pub(super) fn user(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    span: &Range<usize>,
) -> UserEntry {
    let place = reader.place(span);
    let username = match table.take("username") {
        Some(entry) => {
            let place = reader.place(&entry.span());
            reader.parsed(entry, Username::parse, USERNAME_HELP).map(|username| (username, place))
        }
        None => {
            let found = Diagnostic::new(Code::MissingKey, "`username` is missing")
                .help("write username = \"kim.osei@acme.example\"");
            reader.report(found, span);
            None
        }
    };
    let level = level::read(reader, &mut table, Rank::User);
    reader.close(table, Rank::User.what());
    UserEntry { place, username, level }
}
