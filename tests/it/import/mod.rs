//! `portalctl import`: files for the people whom an org has already, of which the next plan is empty.

mod beside;
mod laws;
mod people;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{Portal, Ran};

/// The project of an org that the emulator holds.
const PROJECT: &str = "[project]\nname = \"acme-portal\"\n\n[orgs.dev]\nemulator = \"org.toml\"\n";

/// A day on which nothing of these orgs has ended.
const TODAY: [&str; 2] = ["--today", "2026-11-24"];

/// A project without user files, with more in its project file.
fn portal(org: &str, project: &str) -> Portal {
    Portal::new(&[("org.toml", org), ("portalctl.toml", &format!("{PROJECT}{project}"))])
}

trait Import {
    fn import(&self, arguments: &[&str]) -> Ran;
    fn user_files(&self) -> BTreeMap<String, String>;
    fn assert_settled(&self);
    fn assert_canonical(&self);
}

impl Import for Portal {
    fn import(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["import"], &TODAY[..], arguments].concat())
    }

    /// The user files by path, with their texts.
    fn user_files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        read(self.path(), &self.path().join("users"), &mut files);
        files
    }

    /// The next plan is empty, and another import changes nothing.
    #[track_caller]
    fn assert_settled(&self) {
        let before = self.user_files();
        let plan = self.run(&[&["plan", "--detailed-exitcode"], &TODAY[..]].concat()).exits(0);
        assert!(plan.last_line().starts_with("No changes."), "{}{before:#?}", plan.stdout);
        let again = self.import(&[]).exits(0);
        assert!(again.last_line().starts_with("Import: nothing new"), "{}", again.stdout);
        assert_eq!(self.user_files(), before);
        for (path, text) in &before {
            assert_eq!(ids(text), [""; 0], "{path}");
        }
    }

    /// The files are as `fmt` would write them.
    #[track_caller]
    fn assert_canonical(&self) {
        let files = self.user_files();
        let paths: Vec<String> =
            files.keys().map(|path| self.path().join(path).display().to_string()).collect();
        let mut arguments = vec!["fmt", "--check"];
        arguments.extend(paths.iter().map(String::as_str));
        self.run(&arguments).exits(0);
    }
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// What looks like the id of a record.
fn ids(text: &str) -> Vec<&str> {
    const PREFIXES: [&str; 12] =
        ["001", "003", "005", "00D", "00E", "00G", "00e", "0PG", "0PL", "0PS", "0Pa", "2LA"];
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_id = |word: &&str| {
        matches!(word.len(), 15 | 18) && PREFIXES.iter().any(|prefix| word.starts_with(prefix))
    };
    words.filter(is_id).collect()
}

/// All files as one text.
fn shown(files: &BTreeMap<String, String>) -> String {
    let files: Vec<String> = files.iter().map(|(path, text)| format!("# {path}\n{text}")).collect();
    files.join("\n")
}

/// What was said beside the number of calls.
fn said(run: &Ran) -> String {
    let lines = run.stderr.lines().filter(|line| !line.starts_with("API calls:"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_id_would_be_seen() {
    assert_eq!(
        ids("account = { id = \"0018d00000AbCdE\" } 0018d00000AbCdEAAX"),
        ["0018d00000AbCdE", "0018d00000AbCdEAAX"]
    );
}
