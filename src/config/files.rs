//! The files of one org: found, read in parallel, merged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use toml::de::DeTable;

use crate::model::{Code, DesiredUser, Diagnostic, OnCreate, Place, Username};

use super::Drafts;
use super::reader::{Reader, Table};
use super::settings::ProjectFile;
use super::source::{SourceFile, SourceMap};
use super::user_files::UserFiles;

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

/// Reads and merges user files, which come in the order of their paths. A draft is read in the place
/// of the file.
pub(super) fn read(
    (root, drafts): (&Path, &Drafts),
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
            let read = UserFiles { root, drafts, project, on_create, rosters: &rosters }.read(path);
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

/// Reads one TOML file, notes what is wrong with it, and keeps it for showing. `from` is where
/// another file names it.
pub(super) fn toml_file<T>(
    root: &Path,
    (path, from): (&str, Option<&Place>),
    (found, sources): (&mut Vec<Diagnostic>, &mut SourceMap),
    read: impl Fn(&mut Reader<'_>, Table<'_>) -> T,
) -> Option<T> {
    let mut file = SourceFile::new(path, text(root, path, from, found)?);
    let (value, here, secrets) = tree(&file, read);
    found.extend(here);
    file.mask_all(secrets);
    sources.add(file);
    value
}

/// Reads a file by the tree that its whole text parses into. Tells what is wrong, and where the
/// secrets are.
pub(super) fn tree<T>(
    file: &SourceFile,
    read: impl Fn(&mut Reader<'_>, Table<'_>) -> T,
) -> (Option<T>, Vec<Diagnostic>, Vec<Range<usize>>) {
    let (tree, errors) = DeTable::parse_recoverable(file.text());
    let mut reader = Reader::new(file);
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
    let (found, secrets) = reader.finish();
    (value, found, secrets)
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
