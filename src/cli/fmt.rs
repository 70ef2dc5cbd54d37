//! `portalctl fmt`: files in canonical form.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{self, Formatted, SourceMap};
use crate::model::{Diagnostic, Place};
use crate::render::{self, count, escape};

use super::args::{FmtArgs, Format, Global};
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::project;

pub(super) fn run(global: &Global, args: &FmtArgs, output: &Output) -> Result<Exit, Failure> {
    if global.format() != Format::Text {
        return Err(Failure::usage("`fmt` has no such format").hint("the format is text"));
    }
    let mut work = Work { global, args, output, done: Done::default() };
    if args.files.is_empty() {
        let opened = project::open(global)?;
        let root = opened.root();
        let home = fs::canonicalize(root)?;
        for (path, from) in opened.toml_files() {
            let real = fs::canonicalize(root.join(&path));
            if real.is_ok_and(|real| !real.starts_with(&home)) {
                let path = escape::terminal(&path).into_owned();
                output.say(&format!("{path} lies outside the project and is left alone.\n"))?;
                continue;
            }
            work.file(root, (&path, from.as_ref()))?;
        }
    } else {
        for path in &args.files {
            work.file(Path::new(""), (&path.to_string_lossy(), None))?;
        }
    }
    work.finish()
}

struct Work<'a> {
    global: &'a Global,
    args: &'a FmtArgs,
    output: &'a Output,
    done: Done,
}

/// What has been done so far.
#[derive(Default)]
struct Done {
    /// Every file that was looked at, whatever ways lead to it.
    seen: BTreeSet<PathBuf>,
    /// How many were not canonical.
    changed: usize,
    /// How many could not be written.
    failed: usize,
    found: Vec<Diagnostic>,
    sources: SourceMap,
}

impl Work<'_> {
    fn file(&mut self, root: &Path, (path, from): (&str, Option<&Place>)) -> Result<(), Failure> {
        // A link stays a link: what it leads to is replaced.
        let real = root.join(path);
        let real = fs::canonicalize(&real).unwrap_or(real);
        let Done { seen, found, sources, .. } = &mut self.done;
        if !seen.insert(real.clone()) {
            return Ok(());
        }
        match config::formatted(root, (path, from), (found, sources)) {
            Some(formatted) if !formatted.is_canonical() => self.mend(path, &real, formatted),
            Some(_) | None => Ok(()),
        }
    }

    /// Shows or writes a file that is not canonical.
    fn mend(&mut self, path: &str, real: &Path, mut file: Formatted) -> Result<(), Failure> {
        let name = || format!("{}\n", escape::terminal(path));
        if self.args.check {
            self.done.changed += 1;
            // Nobody knows who is who in a file that may mean nothing.
            if self.global.mask {
                return output::result(&name());
            }
            let mut text = String::new();
            render::diff(&mut text, path, file.sides(), &self.output.out)?;
            return output::result(&text);
        }
        if let Err(failure) = output::replace_file(real, file.text()) {
            self.done.failed += 1;
            return self.output.failure(&failure);
        }
        self.done.changed += 1;
        if self.global.quiet { Ok(()) } else { output::result(&name()) }
    }

    fn finish(self) -> Result<Exit, Failure> {
        let Done { seen, changed, failed, mut found, sources } = self.done;
        Diagnostic::sort(&mut found);
        let shown = if self.global.mask { SourceMap::default() } else { sources };
        self.output.diagnostics(&found, &shown)?;
        let is_whole = found.is_empty() && failed == 0;
        let files = count(seen.len(), "file");
        if changed > 0 && self.args.check {
            let mend = "The same command without `--check` mends that.";
            self.output.say(&format!("Not canonical: {changed} of {files}. {mend}\n"))?;
        } else if changed > 0 {
            self.output.say(&format!("Rewritten: {changed} of {files}.\n"))?;
        } else if is_whole {
            self.output.say(&format!("Canonical: {files}.\n"))?;
        }
        if !found.is_empty() {
            return Err(Failure::error(anyhow::anyhow!("{}", project::totals(&found))));
        }
        Ok(match (is_whole, self.args.check && changed > 0) {
            (false, _) => Exit::Error,
            (true, true) => Exit::Changes,
            (true, false) => Exit::Done,
        })
    }
}
