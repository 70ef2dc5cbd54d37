//! People → files: one an account, named after it. What people wrote themselves is never changed: a file
//! of the account gets new entries at its end, or another file is begun.

use std::collections::HashSet;

use crate::config::{Drafts, Ground, canonical};
use crate::model::{AccountRef, ApiName, Scope, UserId};
use crate::plan::SHARED_WITH_CONTACT;

use super::common;
use super::entry::{Entry, entry};
use super::left_out::{LeftOut, Omitted};
use super::person::Person;
use super::{Org, Selected};

/// The folder of user files.
const FOLDER: &str = "users";

/// The longest name of a file without its number and ending: some file systems take 255 bytes.
const LONGEST: usize = 80;

/// What is on disk where a file is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing.
    Nothing,
    /// A file with this text.
    Text(String),
    /// Something that is no readable text.
    Other,
}

/// No pattern of `include` fits the path where a file is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotIncluded(pub String);

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFile {
    /// Its path in the project.
    pub path: String,
    /// What is there now, and stays at its beginning.
    pub before: Option<String>,
    /// The whole text.
    pub text: String,
    /// The people it gets: where each entry begins, and whose it is.
    pub(super) entries: Vec<(usize, UserId)>,
}

impl UserFile {
    /// How many people it gets.
    pub const fn people(&self) -> usize {
        self.entries.len()
    }

    /// Whose entry holds a byte of the text.
    pub(super) fn person_at(&self, byte: usize) -> Option<UserId> {
        let after = self.entries.partition_point(|(start, _)| *start <= byte);
        self.entries.get(after.checked_sub(1)?).map(|(_, user)| *user)
    }
}

/// Files to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// In the order of the accounts' names.
    pub files: Vec<UserFile>,
    /// Who is in none of them.
    pub left: Vec<LeftOut>,
    /// Values that are in none of them.
    pub omitted: Vec<Omitted>,
}

impl Draft {
    /// The texts by path, as configuration is read from them.
    pub fn texts(&self) -> Drafts {
        self.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
    }

    /// How many people the files get.
    pub fn people(&self) -> usize {
        self.files.iter().map(UserFile::people).sum()
    }
}

impl Selected<'_> {
    /// Puts everybody who is selected into files. `existing` says what is on disk, `included` whether
    /// the project would read a file.
    pub fn compose(
        &self,
        mut existing: impl FnMut(&str) -> Existing,
        included: impl Fn(&str) -> bool,
    ) -> Result<Draft, NotIncluded> {
        let bare = self.org.source.grounds.bare();
        let mut draft = Draft { left: self.left.clone(), ..Draft::default() };
        let mut taken = HashSet::new();
        for people in self.people.chunk_by(|a, b| a.account == b.account) {
            let Some(first) = people.first() else { continue };
            let stem = stem(first.account_name);
            for path in paths(&stem).filter(|path| !taken.contains(path)) {
                let written = match existing(&path) {
                    Existing::Other => None,
                    Existing::Nothing => {
                        Some(new_file(people, (&self.org, &bare), &mut draft.left))
                    }
                    Existing::Text(text) => appended(people, &first.account, &self.org, text),
                };
                let Some(written) = written else { continue };
                if written.file.entries.is_empty() {
                    break;
                }
                if !included(&path) {
                    return Err(NotIncluded(path));
                }
                draft.omitted.extend(written.omitted);
                draft.files.push(UserFile { path: path.clone(), ..written.file });
                taken.insert(path);
                break;
            }
        }
        Ok(draft)
    }
}

/// The name of an account's file.
fn stem(account: &str) -> String {
    let mut stem = slug::slugify(account);
    stem.truncate(LONGEST);
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() { "account".to_owned() } else { stem.to_owned() }
}

/// Where the file may be, first choice first.
fn paths(stem: &str) -> impl Iterator<Item = String> {
    let numbered = (2_usize..).map(move |number| format!("{FOLDER}/{stem}-{number}.toml"));
    std::iter::once(format!("{FOLDER}/{stem}.toml")).chain(numbered)
}

/// A file under way.
struct Written {
    file: UserFile,
    omitted: Vec<Omitted>,
}

impl Written {
    fn on(text: String, before: Option<String>) -> Self {
        let file = UserFile { path: String::new(), before, text, entries: Vec::new() };
        Self { file, omitted: Vec::new() }
    }

    fn add(&mut self, entry: Entry, user: UserId, end: &str) {
        let text = &mut self.file.text;
        text.push_str(end);
        self.file.entries.push((text.len(), user));
        let lines = laid_out(entry.text);
        if end == "\n" {
            text.push_str(&lines);
        } else {
            text.push_str(&lines.replace('\n', end));
        }
        self.omitted.extend(entry.omitted);
    }
}

/// A text in canonical form. Tables keep it when they are put one behind the other.
fn laid_out(text: String) -> String {
    canonical(&text).unwrap_or(text)
}

/// A file of its own. Whoever cannot be declared is left out.
fn new_file(
    people: &[Person<'_>],
    (org, bare): (&Org<'_>, &Ground),
    left: &mut Vec<LeftOut>,
) -> Written {
    let everybody: Vec<&Person<'_>> = people.iter().collect();
    let top = laid_out(common::top(&everybody, org, bare));
    let ground = org.source.grounds.under(&top);
    let mut written = Written::on(top, None);
    for person in people {
        match entry(person, org, ground.as_ref().unwrap_or(bare)) {
            Ok(entry) => written.add(entry, person.user.id, "\n"),
            Err(why) => left.push(why),
        }
    }
    written
}

/// A file that is there, with new entries at its end; nothing, if it is another account's, or says
/// something at its top that does not hold for all of them.
fn appended(
    people: &[Person<'_>],
    account: &AccountRef,
    org: &Org<'_>,
    before: String,
) -> Option<Written> {
    let ground = org.source.grounds.under(&before)?;
    if ground.account.as_ref() != Some(account) || !is_read(&ground, org.source.scope) {
        return None;
    }
    let end = if before.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = before.clone();
    if !text.ends_with('\n') {
        text.push_str(end);
    }
    let mut written = Written::on(text, Some(before));
    for person in people {
        written.add(entry(person, org, &ground).ok()?, person.user.id, end);
    }
    Some(written)
}

/// Whether it is known what people hold of everything that stands below them: a file in which nobody is
/// declared may say anything.
fn is_read(ground: &Ground, scope: &Scope<'_>) -> bool {
    let of_contact = |name: &ApiName| {
        SHARED_WITH_CONTACT.iter().any(|field| *name == field.api_name())
            || scope.contact_custom.contains(name)
    };
    ground.fields.keys().all(|field| scope.fields.contains(field))
        && ground.custom.keys().all(|name| scope.user_custom.contains(name))
        && ground.contact_custom.keys().all(of_contact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_accounts() {
        for (account, name) in [
            ("Acme Corp", "acme-corp"),
            ("O'Neil & Söhne", "o-neil-sohne"),
            ("  ACME, Inc. (EMEA)", "acme-inc-emea"),
            ("東京", "dong-jing"),
            ("../../etc", "etc"),
            ("!!!", "account"),
        ] {
            assert_eq!(stem(account), name, "{account}");
        }
        assert_eq!(stem(&"a-".repeat(200)).len(), LONGEST - 1);
    }
}
