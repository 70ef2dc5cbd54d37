//! The two streams. Results go to standard output, everything said along the way to standard error.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use console::Term;

use crate::config::SourceMap;
use crate::model::Diagnostic;
use crate::render::{self, Styles, escape};

use super::args::{Color, Global};
use super::environment::Environment;
use super::error::Failure;

/// What does not fit behind a label hangs below it by so many columns.
const HANG: usize = 4;

/// Where and how to write.
pub(super) struct Output {
    pub(super) out: Styles,
    pub(super) err: Styles,
    err_color: bool,
    quiet: bool,
}

impl Output {
    pub(super) fn new(global: &Global, environment: &Environment) -> Self {
        let plain =
            environment.get("NO_COLOR").is_some() || environment.get("TERM") == Some("dumb");
        let color = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !plain,
        };
        let err_color = color(io::stderr().is_terminal());
        Self {
            out: Styles::new(color(io::stdout().is_terminal())).within(columns(&Term::stdout())),
            err: Styles::new(err_color).within(columns(&Term::stderr())),
            err_color,
            quiet: global.quiet,
        }
    }

    /// Whether standard error is in colour.
    pub(super) const fn colors_errors(&self) -> bool {
        self.err_color
    }

    /// Something said along the way.
    pub(super) fn say(&self, text: &str) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { ask(text) }
    }

    /// Findings in the files.
    pub(super) fn diagnostics(
        &self,
        list: &[Diagnostic],
        sources: &SourceMap,
    ) -> Result<(), Failure> {
        let width = columns(&Term::stderr()).unwrap_or(140);
        let mut text = String::new();
        render::diagnostics(&mut text, list, sources, self.err_color, width)?;
        ask(&text)
    }

    /// Why the command ended early: the chain of causes, then what to do.
    pub(super) fn failure(&self, failure: &Failure) -> Result<(), Failure> {
        let mut text = String::new();
        let mut line = |label: &dyn fmt::Display, said: &str| {
            text.push_str(&self.err.line(&format!("{label} {}", escape::terminal(said)), HANG));
            text.push('\n');
        };
        for (at, cause) in failure.error.chain().enumerate() {
            let cause = cause.to_string();
            if at == 0 {
                line(&self.err.error.apply_to("error:"), &cause);
            } else {
                line(&self.err.faint.apply_to("  caused by:"), &cause);
            }
        }
        if let Some(hint) = &failure.hint {
            line(&self.err.hint.apply_to("  help:"), hint);
        }
        ask(&text)
    }
}

/// How wide a terminal is; nothing for what is none.
fn columns(term: &Term) -> Option<usize> {
    term.size_checked().map(|(_, columns)| usize::from(columns))
}

/// A result.
pub(super) fn result(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// A result that is written piece by piece.
pub(super) fn result_by(
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Something that must be seen, such as a question.
pub(super) fn ask(text: &str) -> Result<(), Failure> {
    let mut err = io::stderr().lock();
    err.write_all(text.as_bytes())?;
    Ok(err.flush()?)
}

/// Writes a file that somebody asked for.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(Failure::error)
}

/// Where a file is written before it takes its place, so that it is whole at every moment.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Replaces a file by another text. It is whole at every moment and keeps its permissions.
pub(super) fn replace_file(path: &Path, text: &str) -> Result<(), Failure> {
    let replace = || {
        let permissions = fs::metadata(path)?.permissions();
        if permissions.readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        let beside = beside(path);
        let mut file = fs::File::create(&beside)?;
        let written =
            file.set_permissions(permissions).and_then(|()| file.write_all(text.as_bytes()));
        drop(file);
        written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
            // Why it could not be done matters more than what is left of it.
            let _ = fs::remove_file(&beside);
        })
    };
    replace().with_context(|| format!("cannot write `{}`", path.display())).map_err(Failure::error)
}

/// Writes a file that is not there yet, with the folders above it. It is whole as soon as it is there.
pub(super) fn new_file(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let beside = beside(path);
        let written = fs::write(&beside, text).and_then(|()| {
            if path.symlink_metadata().is_ok() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is there already"));
            }
            fs::rename(&beside, path)
        });
        written.inspect_err(|_| {
            let _ = fs::remove_file(&beside);
        })
    };
    write().with_context(|| format!("cannot write `{}`", path.display())).map_err(Failure::error)
}

/// Writes a file that somebody asked for, piece by piece.
pub(super) fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let what = || format!("cannot write `{}`", path.display());
    let file = fs::File::create(path).with_context(what).map_err(Failure::error)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out).map_err(|failure| failure.context(what()))?;
    out.flush().with_context(what).map_err(Failure::error)
}
