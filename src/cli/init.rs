//! `portalctl init`: a project to begin with.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::PROJECT_FILE;

use super::args::Global;
use super::error::Failure;
use super::exit::Exit;
use super::output;

const USER_FILE: &str = "users/first.toml";
const PROJECT: &str = include_str!("init/portalctl.toml");
const USERS: &str = include_str!("init/users.toml");

/// Writes both files, or neither if one is there.
pub(super) fn run(global: &Global) -> Result<Exit, Failure> {
    let folder = global.chdir.as_deref().unwrap_or_else(|| Path::new("."));
    let files = [
        (folder.join(PROJECT_FILE), PROJECT.replace("PROJECT", &project_name(folder))),
        (folder.join(USER_FILE), USERS.to_owned()),
    ];
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(there_is(path));
    }
    for (path, text) in &files {
        write(path, text)?;
        output::result(&format!("wrote {}\n", path.display()))?;
    }
    let there =
        global.chdir.as_ref().map_or_else(String::new, |at| format!("-C {} ", at.display()));
    output::result(&format!(
        "\nName your org and a template in the first, people in the second, then:\n  portalctl {there}validate\n  portalctl {there}plan\n"
    ))?;
    Ok(Exit::Done)
}

/// Writes a file that is not there yet, whoever else is writing.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let what = || format!("cannot write {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(what).map_err(Failure::error)?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(there_is(path)),
        opened => opened.with_context(what).map_err(Failure::error)?,
    };
    file.write_all(text.as_bytes()).with_context(what).map_err(Failure::error)
}

fn there_is(path: &Path) -> Failure {
    Failure::error(anyhow::anyhow!("{} is there already, and nothing was written", path.display()))
        .hint("start in another folder with `-C`, or edit the file")
}

/// The folder's name as a project may be called.
fn project_name(folder: &Path) -> String {
    let whole: PathBuf = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = whole.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let letter = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let name: String = name.chars().map(letter).collect();
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "portal".to_owned() } else { words.join("-") }
}
