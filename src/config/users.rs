//! One user file: its level, and the level of each of its entries.

use crate::model::{Code, Diagnostic, Place, Username};

use super::level::{self, Level, Rank};
use super::reader::{Entry, Reader, Table};

/// A user file as it was read.
#[derive(Default)]
pub(super) struct UserFile {
    pub(super) level: Level,
    pub(super) users: Vec<UserEntry>,
}

/// A `[[users]]` entry as it was read.
pub(super) struct UserEntry {
    pub(super) place: Place,
    pub(super) username: Option<(Username, Place)>,
    pub(super) level: Level,
}

/// Reads a user file.
pub(super) fn read(reader: &mut Reader<'_>, mut table: Table<'_>) -> UserFile {
    let mut file =
        UserFile { level: level::read(reader, &mut table, Rank::File), users: Vec::new() };
    if let Some(list) = table.take("users") {
        for item in reader.items(list) {
            file.users.extend(user(reader, item));
        }
    }
    reader.refuse_later(&mut table, &["rosters"]);
    reader.close(table, Rank::File.what());
    file
}

fn user(reader: &mut Reader<'_>, item: Entry<'_>) -> Option<UserEntry> {
    let mut table = reader.table(item)?;
    let place = reader.place(&item.span());
    let username = match table.take("username") {
        Some(entry) => {
            let place = reader.place(&entry.span());
            let help = "write a username in the form of an e-mail address, such as \"kim.osei@acme.example\"";
            reader.parsed(entry, Username::parse, help).map(|username| (username, place))
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
