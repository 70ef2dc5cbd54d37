//! The project of this run: found, loaded, and complained about.

use std::path::Path;

use crate::config::{self, Loaded};
use crate::model::{Project, Severity};
use crate::render::{self, count};

use super::args::Global;
use super::error::Failure;
use super::output::Output;

/// Reads the project's files. Warnings are shown; errors end the command.
pub(super) fn load(global: &Global, output: &Output) -> Result<(Loaded, Project), Failure> {
    let mut loaded = read(global)?;
    if global.mask {
        render::mask_findings(&mut loaded);
    }
    output.diagnostics(&loaded.diagnostics, &loaded.sources)?;
    match &loaded.project {
        Some(project) if !loaded.has_errors() => {
            let project = project.clone();
            Ok((loaded, project))
        }
        _ => Err(Failure::error(anyhow::anyhow!("{}", totals(&loaded)))),
    }
}

/// Reads the project's files and judges nothing.
pub(super) fn read(global: &Global) -> Result<Loaded, Failure> {
    let start = global.chdir.as_deref().unwrap_or_else(|| Path::new("."));
    let root = config::discover(start).map_err(|problem| {
        let failure = Failure::error(anyhow::anyhow!("{}", problem.message));
        match problem.help {
            Some(help) => failure.hint(help),
            None => failure,
        }
    })?;
    Ok(config::load(&root))
}

/// `5 errors in 3 files`.
pub(super) fn totals(loaded: &Loaded) -> String {
    let errors = || loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let mut files: Vec<_> =
        errors().filter_map(|found| found.place.as_ref().map(|place| &place.file)).collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        return format!("{} in the project", count(errors().count(), "error"));
    }
    format!("{} in {}", count(errors().count(), "error"), count(files.len(), "file"))
}
