//! The project of this run: found, loaded, and complained about.

use std::path::{Path, PathBuf};

use crate::config::{self, Loaded, Opened};
use crate::model::{Code, Diagnostic, Project, Severity};
use crate::render::{self, count};

use super::args::Global;
use super::environment::Environment;
use super::error::Failure;
use super::output::Output;
use super::target::{self, Target};

/// A project as the org of this run sees it.
pub(super) struct Chosen {
    pub(super) opened: Opened,
    pub(super) loaded: Loaded,
    pub(super) project: Project,
    pub(super) target: Target,
}

/// What a project is loaded for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'a> {
    /// A plan, for the org of a saved one if there is one.
    Plan(Option<&'a str>),
    /// Files that are not there yet: patterns that match nothing are no errors.
    Files,
}

/// Chooses the org, and reads what it sees of the project's files. Warnings are shown; errors end the
/// command.
pub(super) fn load(
    global: &Global,
    environment: &Environment,
    output: &Output,
    purpose: Purpose<'_>,
) -> Result<Chosen, Failure> {
    let opened = open(global)?;
    let planned = match purpose {
        Purpose::Plan(planned) => planned,
        Purpose::Files => None,
    };
    let (mut loaded, target) = match opened.project() {
        Some(project) => {
            let target = target::choose(global, &project, environment, planned)?;
            (opened.load(&target.name), Some(target))
        }
        None => (opened.load_all(), None),
    };
    match purpose {
        Purpose::Plan(_) => {}
        Purpose::Files => loaded.diagnostics.retain(|found| found.code != Code::NoMatch),
    }
    if global.mask {
        render::mask_findings(&mut loaded);
    }
    output.diagnostics(&loaded.diagnostics, &loaded.sources)?;
    match (loaded.project.clone(), target) {
        (Some(project), Some(target)) if !loaded.has_errors() => {
            Ok(Chosen { opened, loaded, project, target })
        }
        _ => Err(Failure::error(anyhow::anyhow!("{}", totals(&loaded.diagnostics)))),
    }
}

/// Reads the project's files for every org and judges nothing.
pub(super) fn read(global: &Global) -> Result<Loaded, Failure> {
    Ok(open(global)?.load_all())
}

/// The project's folder; without a project, the one to start in.
pub(super) fn folder(global: &Global) -> PathBuf {
    let start = start(global);
    config::discover(start).unwrap_or_else(|_| start.to_owned())
}

fn start(global: &Global) -> &Path {
    global.chdir.as_deref().unwrap_or_else(|| Path::new("."))
}

/// Finds the project and reads portalctl.toml.
pub(super) fn open(global: &Global) -> Result<Opened, Failure> {
    let root = config::discover(start(global)).map_err(|problem| {
        let failure = Failure::error(anyhow::anyhow!("{}", problem.message));
        match problem.help {
            Some(help) => failure.hint(help),
            None => failure,
        }
    })?;
    Ok(config::open(&root))
}

/// `5 errors in 3 files`.
pub(super) fn totals(found: &[Diagnostic]) -> String {
    let errors = || found.iter().filter(|found| found.severity == Severity::Error);
    let mut files: Vec<_> =
        errors().filter_map(|found| found.place.as_ref().map(|place| &place.file)).collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        return format!("{} in the project", count(errors().count(), "error"));
    }
    format!("{} in {}", count(errors().count(), "error"), count(files.len(), "file"))
}
