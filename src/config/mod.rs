//! TOML files → [`Desired`], together with every problem of every file: reading never stops at the
//! first. It knows nothing of any org.

mod access;
mod check;
mod discover;
mod level;
mod merge;
mod picklists;
mod reader;
mod reference;
mod rules;
pub mod schema;
mod settings;
mod source;
mod users;
mod values;

use std::fs;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::model::{Code, Desired, Diagnostic, Place, Project, Severity};

pub use discover::discover;
pub use source::{SourceFile, SourceMap};

use discover::PROJECT_FILE;
use reader::{Reader, Table};
use settings::ProjectFile;

/// A project as far as it could be read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The folder that holds portalctl.toml.
    pub root: PathBuf,
    /// What portalctl.toml says, if it says enough.
    pub project: Option<Project>,
    /// The declared users, without those that could not be read.
    pub desired: Desired,
    /// Everything there is to say, by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// The files.
    pub sources: SourceMap,
}

impl Loaded {
    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
}

/// Reads the project in this folder.
pub fn load(root: &Path) -> Loaded {
    let mut load = Load { root, found: Vec::new(), sources: SourceMap::default() };
    let project = load.file(PROJECT_FILE, settings::read).unwrap_or_default();
    let mut files = Vec::new();
    for path in load.user_files(&project) {
        files.extend(load.file(&path, users::read));
    }
    let found = &mut load.found;
    merge::check_templates(&project.templates, found);
    check::project(&project, found);
    check::usernames(files.iter().flat_map(|file| &file.users), &project, found);
    let mut users = Vec::new();
    for file in &files {
        users.extend(merge::users(file, &project, found));
    }
    check::unique_values(&users, found);
    merge::share_zones(&mut users);
    found.sort_by(|a, b| a.place.cmp(&b.place).then(a.code.cmp(&b.code)));
    found.dedup();
    Loaded {
        root: root.to_owned(),
        project: finish(project),
        desired: Desired { users },
        diagnostics: load.found,
        sources: load.sources,
    }
}

fn finish(file: ProjectFile) -> Option<Project> {
    Some(Project {
        name: file.name?,
        default_org: file.default_org.map(|(name, _)| name),
        api_version: file.api_version,
        orgs: file.orgs,
        policy: file.policy,
    })
}

/// The reading of a project under way.
struct Load<'a> {
    root: &'a Path,
    found: Vec<Diagnostic>,
    sources: SourceMap,
}

impl Load<'_> {
    /// Reads one file, notes what is wrong with it, and keeps it for showing.
    fn file<T>(&mut self, path: &str, read: impl Fn(&mut Reader<'_>, Table<'_>) -> T) -> Option<T> {
        let text = self.text(path)?;
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
            read(&mut reader, Table::of(tree.get_ref(), 0..0))
        });
        let (found, secrets) = reader.finish();
        drop(tree);
        for span in secrets {
            file.mask(span);
        }
        self.found.extend(found);
        self.sources.add(file);
        value
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let problem = match fs::read(self.root.join(path)) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => return Some(text),
                Err(_) => "it is not UTF-8 text".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        let place = Place { file: path.into(), line: 1, column: 1, start: 0, end: 0 };
        self.found.push(
            Diagnostic::new(Code::FileUnreadable, format!("cannot read `{path}`: {problem}"))
                .help("check the file and its permissions")
                .at(&place),
        );
        None
    }

    fn user_files(&mut self, project: &ProjectFile) -> Vec<String> {
        let patterns: Vec<String> = project.include.iter().map(|(glob, _)| glob.clone()).collect();
        let (files, idle) = discover::matching(self.root, &patterns);
        for (pattern, place) in idle.into_iter().filter_map(|at| project.include.get(at)) {
            let message = format!("`{pattern}` matches no file");
            let found = Diagnostic::new(Code::NoMatch, message)
                .help("correct the pattern in `[project] include`, or add a user file");
            let start = Place { file: PROJECT_FILE.into(), line: 1, column: 1, start: 0, end: 0 };
            self.found.push(found.at(place.as_ref().unwrap_or(&start)));
        }
        files.into_iter().collect()
    }
}
