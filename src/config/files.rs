//! The files of one org: found, read in parallel, merged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use toml::de::DeTable;

use crate::model::{Code, DesiredUser, Diagnostic, OnCreate, Place, Username};

use super::level::Level;
use super::merge::{Below, Merger};
use super::reader::{Reader, Table};
use super::roster::Roster;
use super::rows::Rows;
use super::settings::ProjectFile;
use super::source::{SourceFile, SourceMap};
use super::users;

/// More problems of one roster than this are counted, not told one by one.
const MOST_PROBLEMS: usize = 1000;

/// What user files come to.
#[derive(Default)]
pub(super) struct FilesRead {
    pub(super) users: Vec<DesiredUser>,
    /// Entries with a username that do not come to a user.
    pub(super) incomplete: Vec<(Username, Place)>,
    pub(super) found: Vec<Diagnostic>,
    pub(super) sources: SourceMap,
    /// Rosters, each with the user file that names it.
    pub(super) rosters: BTreeMap<String, String>,
}

/// Reads and merges user files, which come in the order of their paths.
pub(super) fn read(
    root: &Path,
    paths: &[String],
    project: &ProjectFile,
    on_create: &Arc<OnCreate>,
) -> FilesRead {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, FilesRead)>> = Mutex::new(Vec::new());
    let rosters = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((at, path)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            paths.get(at).map(|path| (at, path))
        } {
            let read = UserFiles { root, project, on_create, rosters: &rosters }.read(path);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, read));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be had, this one does the work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    let mut all = FilesRead::default();
    let users: usize = done.iter().map(|(_, read)| read.users.len()).sum();
    for (_, read) in done {
        if read.users.len() == users {
            all.users = read.users;
        } else {
            all.users.reserve_exact(users - all.users.len());
            all.users.extend(read.users);
        }
        all.incomplete.extend(read.incomplete);
        all.found.extend(read.found);
        all.sources.extend(read.sources);
    }
    all.rosters = rosters.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Rosters are read with the file that names them, and have a path of their own.
    if !all.users.is_sorted_by(|a, b| a.place <= b.place) {
        all.users.sort_by(|a, b| a.place.cmp(&b.place));
    }
    all
}

/// What is needed to read one user file.
struct UserFiles<'a> {
    root: &'a Path,
    project: &'a ProjectFile,
    on_create: &'a Arc<OnCreate>,
    /// The rosters that were read so far, each with the user file that names it.
    rosters: &'a Mutex<BTreeMap<String, String>>,
}

impl UserFiles<'_> {
    fn read(&self, path: &str) -> FilesRead {
        let mut found = Vec::new();
        let mut sources = SourceMap::default();
        let mut merger = Merger::new(self.project, self.on_create);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let read = |reader: &mut Reader<'_>, table: Table<'_>| users::read(reader, table, folder);
        if let Some(file) = toml_file(self.root, (path, None), (&mut found, &mut sources), read) {
            let level = file.level;
            for roster in &file.rosters {
                self.roster((path, roster), &level, &mut merger, &mut sources);
            }
            let mut below = Below::new(level);
            merger.users.reserve_exact(file.users.len());
            for entry in file.users {
                merger.add(entry, &mut below);
            }
        }
        found.append(&mut merger.found);
        let Merger { users, incomplete, .. } = merger;
        FilesRead { users, incomplete, found, sources, rosters: BTreeMap::new() }
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
        let Some(text) = text(self.root, path, Some(place), &mut merger.found) else {
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

/// Reads one TOML file, notes what is wrong with it, and keeps it for showing. `from` is where
/// another file names it.
pub(super) fn toml_file<T>(
    root: &Path,
    (path, from): (&str, Option<&Place>),
    (found, sources): (&mut Vec<Diagnostic>, &mut SourceMap),
    read: impl Fn(&mut Reader<'_>, Table<'_>) -> T,
) -> Option<T> {
    let text = text(root, path, from, found)?;
    let mut file = SourceFile::new(path, text);
    let (tree, errors) = DeTable::parse_recoverable(file.text());
    let mut reader = Reader::new(&file);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        let found = Diagnostic::new(Code::SyntaxError, message)
            .help("the rest of the file is checked once it is valid TOML");
        reader.report(found, &span);
    }
    // What is left of a broken file would only lead to findings that are not true.
    let value = errors.is_empty().then(|| {
        reader.refuse_secrets(tree.get_ref());
        let table = reader.open(tree.get_ref(), 0..0);
        read(&mut reader, table)
    });
    let (here, secrets) = reader.finish();
    drop(tree);
    for span in secrets {
        file.mask(span);
    }
    found.extend(here);
    sources.add(file);
    value
}

/// A file's text. What is wrong is said where another file names it, if one does.
pub(super) fn text(
    root: &Path,
    path: &str,
    from: Option<&Place>,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let problem = match fs::read(root.join(path)) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(_) => "it is not UTF-8 text".to_owned(),
        },
        Err(error) => error.to_string(),
    };
    let start = Place { file: path.into(), line: 1, column: 1, start: 0, end: 0 };
    found.push(
        Diagnostic::new(Code::FileUnreadable, format!("cannot read `{path}`: {problem}"))
            .help("check the file and its permissions")
            .at(from.unwrap_or(&start)),
    );
    None
}

/// Keeps the files and lines that something is said of; lines of rosters are read again.
pub(super) fn keep_told(root: &Path, found: &[Diagnostic], sources: &mut SourceMap) {
    let mut told: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for found in found {
        let labels = found.labels.iter().map(|label| &label.place);
        for place in found.place.iter().chain(labels) {
            told.entry(&place.file).or_default().insert(place.line);
        }
    }
    sources.retain(|path| told.contains_key(path));
    for path in sources.rosters() {
        if let Some(lines) = told.get(&*path)
            && let Ok(text) = fs::read_to_string(root.join(&*path))
        {
            sources.keep(&path, &text, lines);
        }
    }
}
