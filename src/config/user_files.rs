//! One user file: read, and merged into users, table by table where that can be done.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use toml::de::DeTable;

use crate::model::{Code, Diagnostic, OnCreate};

use super::Drafts;
use super::files::{self, FilesRead};
use super::level::Level;
use super::merge::{Below, Merger};
use super::pairs::Pairs;
use super::reader::{Reader, Table};
use super::roster::Roster;
use super::rows::Rows;
use super::settings::ProjectFile;
use super::source::{SourceFile, SourceMap};
use super::users::{self, UserFile};

/// More problems of one roster than this are counted, not told one by one.
const MOST_PROBLEMS: usize = 1000;

/// What is needed to read one user file.
pub(super) struct UserFiles<'a> {
    pub(super) root: &'a Path,
    pub(super) drafts: &'a Drafts,
    pub(super) project: &'a ProjectFile,
    pub(super) on_create: &'a Arc<OnCreate>,
    /// The rosters that were read so far, each with the user file that names it.
    pub(super) rosters: &'a Mutex<BTreeMap<String, String>>,
}

/// What a user file says.
struct Said<'a> {
    /// The users of its tables.
    merger: Merger<'a>,
    level: Level,
    rosters: Vec<Roster>,
    found: Vec<Diagnostic>,
    secrets: Vec<Range<usize>>,
}

impl<'a> UserFiles<'a> {
    pub(super) fn read(&self, path: &str) -> FilesRead {
        let mut found = Vec::new();
        let draft = self.drafts.get(path).cloned();
        let Some(text) = draft.or_else(|| files::text(self.root, path, None, &mut found)) else {
            return FilesRead { found, ..FilesRead::default() };
        };
        let mut sources = SourceMap::default();
        let mut file = SourceFile::new(path, text);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let said = self.by_tables(&file, folder).unwrap_or_else(|| self.at_once(&file, folder));
        let Said { mut merger, level, rosters, found, secrets } = said;
        file.mask_all(secrets);
        sources.add(file);
        for roster in &rosters {
            self.roster((path, roster), &level, &mut merger, &mut sources);
        }
        let Merger { users, incomplete, found: merged, .. } = merger;
        let found = found.into_iter().chain(merged).collect();
        FilesRead { users, incomplete, found, sources, rosters: BTreeMap::new() }
    }

    /// Reads a file that consists of its own keys and of `[[users]]` tables, one table after the
    /// other: the tree of all of them would be many times as large as the text. Says nothing of a
    /// file that has anything else, or that is no valid TOML.
    ///
    /// Where such a line stands inside a text, a list or an inline table, what is before it has no end
    /// and is not valid by itself, so the whole is parsed at once.
    fn by_tables(&self, file: &SourceFile, folder: &str) -> Option<Said<'a>> {
        let starts: Vec<usize> = file.lines_with("[[users]]").collect();
        let bounds: Vec<usize> = starts.iter().copied().chain([file.text().len()]).collect();
        let (head_end, ends) = bounds.split_first()?;
        let head = DeTable::parse(file.text().get(..*head_end)?).ok()?;
        if head.get_ref().contains_key("users") {
            return None;
        }
        let mut reader = Reader::new(file);
        reader.refuse_secrets(head.get_ref());
        let table = reader.open(head.get_ref(), 0..0);
        let UserFile { level, rosters, .. } = users::read(&mut reader, table, folder);
        let mut merger = Merger::new(self.project, self.on_create);
        let mut below = Below::new(level.clone());
        merger.users.reserve_exact(starts.len());
        let mut room = Pairs::default();
        for (start, end) in starts.into_iter().zip(ends) {
            let text = file.text().get(start..*end)?;
            reader.begin_at(start);
            if let Some((pairs, span)) = room.of(text) {
                for (key, value) in pairs {
                    reader.refuse_secret(key, value);
                }
                let table = reader.open_pairs(pairs, span.clone());
                merger.add(users::user(&mut reader, table, &span), &mut below);
                continue;
            }
            let tree = DeTable::parse(text).ok()?;
            if tree.get_ref().keys().any(|key| key.get_ref() != "users") {
                return None;
            }
            reader.refuse_secrets(tree.get_ref());
            let mut table = reader.open(tree.get_ref(), 0..0);
            for entry in users::list(&mut reader, &mut table) {
                merger.add(entry, &mut below);
            }
        }
        let (found, secrets) = reader.finish();
        Some(Said { merger, level, rosters, found, secrets })
    }

    fn at_once(&self, file: &SourceFile, folder: &str) -> Said<'a> {
        let read = |reader: &mut Reader<'_>, table: Table<'_>| users::read(reader, table, folder);
        let (said, found, secrets) = files::tree(file, read);
        let UserFile { level, users, rosters } = said.unwrap_or_default();
        let mut merger = Merger::new(self.project, self.on_create);
        let mut below = Below::new(level.clone());
        merger.users.reserve_exact(users.len());
        for entry in users {
            merger.add(entry, &mut below);
        }
        Said { merger, level, rosters, found, secrets }
    }

    fn roster(
        &self,
        (file, roster): (&str, &Roster),
        level: &Level,
        merger: &mut Merger<'_>,
        sources: &mut SourceMap,
    ) {
        let (path, place) = &roster.csv;
        let mut seen = self.rosters.lock().unwrap_or_else(PoisonError::into_inner);
        let again = seen.insert(path.clone(), file.to_owned());
        drop(seen);
        if again.is_some() {
            let message = format!("`{path}` is read by two rosters");
            let help = "every row would be declared twice: keep one of them";
            merger.found.push(Diagnostic::new(Code::DuplicateUser, message).help(help).at(place));
            return;
        }
        let Some(text) = files::text(self.root, path, Some(place), &mut merger.found) else {
            return;
        };
        sources.add_roster(path);
        let mut below = Below::new(roster.level.over(level));
        // A row has a line: growing step by step would need the room twice.
        merger.users.reserve_exact(text.matches('\n').count());
        let before = merger.found.len();
        let mut untold = 0;
        Rows::new(roster, &text).each(|entry, found| {
            merger.found.extend(found);
            if let Some(entry) = entry {
                merger.add(entry, &mut below);
            }
            let told = merger.found.len() - before;
            if told > MOST_PROBLEMS {
                untold += told - MOST_PROBLEMS;
                merger.found.truncate(before + MOST_PROBLEMS);
            }
        });
        if untold > 0 {
            let message = format!("`{path}` has {untold} more problems, which are not listed");
            let help = "mend those that are listed first: they are probably of the same kinds";
            merger.found.push(Diagnostic::new(Code::InvalidValue, message).help(help).at(place));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Says what a file comes to, in a form that can be compared.
    fn told(said: &mut Said<'_>) -> String {
        let Said { merger, level, rosters, found, secrets } = said;
        found.append(&mut merger.found);
        found.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
        secrets.sort_by_key(|span| (span.start, span.end));
        let csv: Vec<_> = rosters.iter().map(|roster| &roster.csv).collect();
        let (users, incomplete) = (&merger.users, &merger.incomplete);
        format!("{users:#?}\n{incomplete:#?}\n{level:#?}\n{csv:#?}\n{found:#?}\n{secrets:?}")
    }

    /// What a text comes to, by its tables and at once.
    fn both(text: &str) -> (Option<String>, String) {
        let (rosters, on_create) = (Mutex::default(), Arc::default());
        let (root, drafts) = (Path::new("."), &Drafts::new());
        let project = &ProjectFile::default();
        let files = UserFiles { root, drafts, project, on_create: &on_create, rosters: &rosters };
        let file = SourceFile::new("users/a.toml", text.to_owned());
        let by_tables = files.by_tables(&file, "users");
        (by_tables.map(|mut said| told(&mut said)), told(&mut files.at_once(&file, "users")))
    }

    const USER: &str = "[[users]]\nusername = \"kim@acme.example\"\nlast_name = 'Osei'\naccount = { id = \"001000000000001AAA\" }\nprofile = \"Customer\"\n";

    #[test]
    fn a_plain_file_is_read_by_its_tables() {
        let odd = "[[ users ]]\nusername = \"lea@acme.example\"\nexpires = 2027-06-30\n\n[users.fields]\nBadge__c = 0x10\n";
        let text = format!("# People\npermission_sets = [\"Portal_Base\"]\n\n{USER}\n{USER}{odd}");
        let (by_tables, at_once) = both(&text);
        assert_eq!(by_tables.as_ref(), Some(&at_once));
        assert_eq!(at_once.matches("DesiredUser {").count(), 2, "{at_once}");
    }

    #[test]
    fn the_pairs_of_a_table_are_those_of_its_tree() {
        let text = "[[users]] # one\r\n\"a\" = \"x\\u00e9\"\nb = '''\n[[users]]\n'''\nc.d = 1\n";
        let plain = text.replace("c.d", "c-d");
        let texts = [
            plain.as_str(),
            "[[users]]\nn = [1.5, 0b1, -2, 2027-01-01, 07:30:00, true]\nt = { a = [ { b = \"\" } ], \"c d\" = {} }\n",
            "[[users]]",
        ];
        for text in texts {
            let tree = DeTable::parse(text).unwrap();
            let mut pairs = Pairs::default();
            let (pairs, span) = pairs.of(text).unwrap();
            let list = tree.get_ref().get("users").unwrap();
            let item = &list.get_ref().as_array().unwrap()[0];
            assert_eq!(span, item.span());
            let mut sorted: Vec<_> = pairs.iter().map(|(key, value)| (key, value)).collect();
            sorted.sort_by(|(a, _), (b, _)| a.get_ref().cmp(b.get_ref()));
            let table: Vec<_> = item.get_ref().as_table().unwrap().iter().collect();
            assert_eq!(format!("{sorted:?}"), format!("{table:?}"));
        }
        for odd in [text, "[[users]]\na = 1\na = 2\n", "[users]\n", "a = 1\n", "[[users.a]]\n"] {
            assert!(Pairs::default().of(odd).is_none(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn a_file_says_the_same_by_its_tables_and_at_once(
            parts in prop::collection::vec(select(PARTS), 0..12),
        ) {
            let (by_tables, at_once) = both(&parts.concat());
            if let Some(by_tables) = by_tables {
                prop_assert_eq!(by_tables, at_once);
            }
        }
    }

    /// What files are made of, well-formed and otherwise.
    const PARTS: &[&str] = &[
        USER,
        USER,
        USER,
        "profile = \"Customer\"\n",
        "[[users]]\n",
        "[[users]] # somebody\r\n",
        "[[ users ]]\n",
        "[[users]]]\n",
        "username = \"lea@acme.example\"\n",
        "first_name = \"Léa \\\"L\\\" \\U0001F600\"\n",
        "first_name = \"\"\"\nLéa\n[[users]]\n\"\"\"\n",
        "title = '''\n[[users]]\n",
        "'''\n",
        "permission_sets = [\"Portal_Base\",\n[[users]]\n]\n",
        "permission_sets = [\n  \"Portal_Base\", # all\n  { name = \"Orders_Read\", expires = 2027-03-31 },\n]\n",
        "permission_sets = { only = [\"A\"] }\n",
        "expires = 2027-06-30\n",
        "fields = { Badge__c = \"7\", Badge__c = \"8\" }\n",
        "fields.Badge__c = 7\n",
        "fields = { Score__c = 1_000, Ratio__c = 0.5, Vip__c = true }\n",
        "[users.fields]\nBadge__c = \"7\"\n",
        "[users]\n",
        "[[rosters]]\ncsv = \"people.csv\"\n",
        "[rosters.columns]\nusername = \"Login\"\n",
        "users = []\n",
        "users.name = 1\n",
        "password = \"hunter2\"\n",
        "note = { token = [\"x\"], deep = [[[[[[[[[[1]]]]]]]]]] }\n",
        "title = \"00D000000000001!AQEAQNotARealSessionIdNotARealSession\"\n",
        "unknown = 1\n",
        "= 1\n",
        "\"\" = 1\n",
        "é = 1\n",
        "fields = { = 1 }\n",
        "account = {\n  id = \"001000000000001AAA\",\n}\n",
        " [[users]]\n",
        "[[\"users\"]]\n",
        "email = \"no\n",
        "email = 3\n",
        "title = \"Buyer\"\r",
        "title = \"Buyer\"\r\n",
        "title  =\t\"Buyer\"\n",
        "title      = \"Buyer\"\n",
        "title= \"Buyer\"\n",
        " = \"Buyer\"\n",
        "ti tle = \"Buyer\"\n",
        "title = \"Buyer\" # comment\n",
        "title = \"\"\n",
        "\u{feff}",
        "\u{0}",
        "# a comment\u{7}\n",
        "\n",
        " \t\r\n",
    ];
}
