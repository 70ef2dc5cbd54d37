//! TOML files → [`Desired`], together with every problem of every file: reading never stops at the
//! first. It knows what the project says of each org, and nothing of any org itself. A file's canonical
//! form comes from its text alone, whatever it means.

mod access;
mod allow;
mod check;
mod discover;
mod files;
mod fit;
mod format;
mod ground;
mod intern;
mod layer;
mod level;
mod merge;
mod pairs;
mod picklists;
mod print;
mod reader;
mod reference;
mod roster;
mod rows;
mod rules;
mod safety;
pub mod schema;
mod settings;
mod source;
mod user_files;
mod users;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::{Code, Desired, Diagnostic, OrgName, OrgTarget, Place, Project, Severity};

pub use discover::{PROJECT_FILE, discover};
pub use fit::{account_fits, text_fits, value_fits};
pub use format::{Formatted, Side, formatted, without_secrets};
pub use ground::{Ground, Grounds};
pub use print::canonical;
pub use source::{Excerpt, SourceMap};

use discover::Matches;
use settings::{Include, OrgFiles, ProjectFile};

/// Texts of user files that are not written yet, by path: each is read in the place of the file.
pub type Drafts = BTreeMap<String, String>;

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
    /// The files that something is said of.
    pub sources: SourceMap,
}

impl Loaded {
    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
}

/// Reads the project in this folder for every org. The users are those that all orgs share.
pub fn load(root: &Path) -> Loaded {
    open(root).load_all()
}

/// Reads portalctl.toml in this folder, and no other file yet.
pub fn open(root: &Path) -> Opened {
    let (mut found, mut sources) = (Vec::new(), SourceMap::default());
    let read =
        files::toml_file(root, (PROJECT_FILE, None), (&mut found, &mut sources), settings::read);
    Opened { root: root.to_owned(), file: read.unwrap_or_default(), found, sources }
}

/// A project of which portalctl.toml was read.
pub struct Opened {
    root: PathBuf,
    file: ProjectFile,
    found: Vec<Diagnostic>,
    sources: SourceMap,
}

impl Opened {
    /// The folder that holds portalctl.toml.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What portalctl.toml says, without any org's overlay, if it says enough.
    pub fn project(&self) -> Option<Project> {
        self.file.finish()
    }

    /// The TOML files of the project, of every org's: portalctl.toml, overlays and user files, each with
    /// the place that names it, if there is one. What is wrong in them does not matter.
    pub fn toml_files(&self) -> BTreeMap<String, Option<Place>> {
        let orgs = || self.file.org_files.values();
        let include = orgs().flat_map(|files| &files.include).cloned().collect();
        let every = OrgFiles { overlay: None, include };
        let users = self.user_files(Some(&every), &Drafts::new(), &mut Vec::new()).files;
        let overlays = orgs().filter_map(|files| files.overlay.clone());
        let named = overlays.map(|(path, place)| (path, Some(place)));
        let project = (PROJECT_FILE.to_owned(), None);
        users.into_keys().map(|path| (path, None)).chain(named).chain([project]).collect()
    }

    /// Reads what one org sees: its overlay, and the users that are declared for it.
    pub fn load(&self, org: &OrgName) -> Loaded {
        self.load_with(org, &Drafts::new())
    }

    /// The same with files that are not written yet.
    pub fn load_with(&self, org: &OrgName, drafts: &Drafts) -> Loaded {
        let mut loaded = self.view(Some(org), drafts);
        self.finish(&mut loaded);
        loaded
    }

    /// Reads everything: what each org sees is checked.
    pub fn load_all(&self) -> Loaded {
        self.load_all_with(&Drafts::new())
    }

    /// The same with files that are not written yet.
    pub fn load_all_with(&self, drafts: &Drafts) -> Loaded {
        let own = |org: &&OrgName| {
            let files = self.file.org_files.get(org);
            files.is_some_and(|files| files.overlay.is_some() || !files.include.is_empty())
        };
        let orgs: Vec<&OrgName> = self.file.orgs.keys().filter(own).collect();
        // What no org sees need not be right.
        let plain = self.file.orgs.is_empty() || orgs.len() < self.file.orgs.len();
        let mut views = plain.then_some(None).into_iter().chain(orgs.into_iter().map(Some));
        let mut loaded = self.view(views.next().flatten(), drafts);
        loaded.project = self.project();
        for org in views {
            let view = self.view(org, drafts);
            loaded.diagnostics.extend(view.diagnostics);
            loaded.sources.extend(view.sources);
        }
        self.finish(&mut loaded);
        loaded
    }

    /// Sorts what there is to say, and keeps what is needed to show it.
    fn finish(&self, loaded: &mut Loaded) {
        let found = &mut loaded.diagnostics;
        found.extend(self.found.iter().cloned());
        check::project(&self.file, found);
        Diagnostic::sort(found);
        loaded.sources.extend(self.sources.clone());
        files::keep_told(&self.root, found, &mut loaded.sources);
    }

    /// What stands below what user files say for an org.
    pub fn grounds(&self, org: &OrgName) -> Grounds {
        let (mut found, mut sources) = (Vec::new(), SourceMap::default());
        let own = self.file.org_files.get(org);
        Grounds::of(self.project_for(own, (&mut found, &mut sources)))
    }

    /// Whether an org sees a user file at this path, once there is one.
    pub fn includes(&self, org: &OrgName, path: &str) -> bool {
        let own = self.file.org_files.get(org).map(|own| own.include.as_slice());
        self.is_shared(path) || matches_any(own.unwrap_or_default(), path)
    }

    /// Whether every org sees a file with this path.
    pub fn is_shared(&self, path: &str) -> bool {
        matches_any(&self.file.include, path)
    }

    /// The project file under an org's overlay.
    fn project_for(
        &self,
        own: Option<&OrgFiles>,
        told: (&mut Vec<Diagnostic>, &mut SourceMap),
    ) -> ProjectFile {
        let mut project = self.file.clone();
        if let Some((path, place)) = own.and_then(|own| own.overlay.as_ref()) {
            let overlay = files::toml_file(&self.root, (path, Some(place)), told, layer::overlay);
            project.layer = overlay.map_or(project.layer.clone(), |it| project.layer.under(&it));
        }
        project
    }

    /// What one org sees, or an org without files of its own.
    fn view(&self, org: Option<&OrgName>, drafts: &Drafts) -> Loaded {
        let (mut found, mut sources) = (Vec::new(), SourceMap::default());
        let own = org.and_then(|org| self.file.org_files.get(org));
        let project = self.project_for(own, (&mut found, &mut sources));
        let paths = self.user_files(own, drafts, &mut found);
        let names: Vec<String> = paths.files.keys().cloned().collect();
        let on_create = Arc::new(merge::on_create(&project));
        let mut read = files::read((&self.root, drafts), &names, &project, &on_create);
        let rosters = std::mem::take(&mut read.rosters);
        let shared = |path: &str| {
            let first = paths.files.get(rosters.get(path).map_or(path, |file| file));
            first.is_none_or(|first| *first < self.file.include.len())
        };
        merge::check_templates(&project.layer.templates, &mut found);
        check::usernames(&read, &self.file.orgs, (org, shared), &mut found);
        check::unique_values(&read.users, &mut found);
        check::renames(&read.users, &mut found);
        check::marker(&read.users, &project, &mut found);
        found.append(&mut read.found);
        sources.extend(read.sources);
        Loaded {
            root: self.root.clone(),
            project: project.finish(),
            desired: Desired { users: read.users },
            diagnostics: found,
            sources,
        }
    }

    /// The user files that an org sees. Patterns of the project come before its own.
    fn user_files(
        &self,
        own: Option<&OrgFiles>,
        drafts: &Drafts,
        found: &mut Vec<Diagnostic>,
    ) -> Matches {
        let own = own.map(|own| own.include.as_slice()).unwrap_or_default();
        let includes: Vec<&Include> = self.file.include.iter().chain(own).collect();
        let patterns: Vec<&str> = includes.iter().map(|include| &*include.glob).collect();
        let mut matches = discover::matching(&self.root, &patterns, drafts.keys());
        for include in matches.idle.iter().filter_map(|at| includes.get(*at)) {
            let message = format!("`{}` matches no file", include.glob);
            let idle = Diagnostic::new(Code::NoMatch, message)
                .help("correct the pattern in `include`, add a user file, or let `portalctl import` write them");
            let start = Place { file: PROJECT_FILE.into(), line: 1, column: 1, start: 0, end: 0 };
            found.push(idle.at(include.place.as_ref().unwrap_or(&start)));
        }
        // Files that the project names for another purpose are no user files.
        for files in self.file.org_files.values() {
            if let Some((path, _)) = &files.overlay {
                matches.files.remove(path);
            }
        }
        for org in self.file.orgs.values() {
            match &org.target {
                OrgTarget::Emulator(seed) => {
                    matches.files.remove(seed);
                }
                OrgTarget::LoginUrl(_) => {}
            }
        }
        matches
    }
}

fn matches_any(include: &[Include], path: &str) -> bool {
    include.iter().any(|include| {
        discover::matcher(&include.glob).is_some_and(|matcher| matcher.is_match(path))
    })
}
