//! A TOML file as it is and in canonical form. What it means does not matter, if it is valid TOML.

use std::path::Path;

use crate::model::{Diagnostic, Place};

use super::files;
use super::print::canonical;
use super::source::{SourceFile, SourceMap};

/// A file as it is and in canonical form.
pub struct Formatted {
    before: SourceFile,
    after: SourceFile,
}

/// A text, and the same without what looks like a secret, byte for byte.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The text.
    pub text: &'a str,
    /// What may be shown of it.
    pub shown: &'a str,
}

/// Reads one file in this folder. What is wrong with it is said where another file names it, if one
/// does, and what there is to show is kept.
pub fn formatted(
    root: &Path,
    (path, from): (&str, Option<&Place>),
    (found, sources): (&mut Vec<Diagnostic>, &mut SourceMap),
) -> Option<Formatted> {
    let mut before = SourceFile::new(path, files::text(root, path, from, found)?);
    if let Ok(text) = canonical(before.text()) {
        return Some(Formatted { before, after: SourceFile::new(path, text) });
    }
    let (_, errors, _) = files::tree(&before, |_, _| ());
    found.extend(errors);
    before.mask_secret_lines();
    sources.add(before);
    None
}

impl Formatted {
    /// Whether nothing is to be done.
    pub fn is_canonical(&self) -> bool {
        self.before.text() == self.after.text()
    }

    /// The canonical form.
    pub fn text(&self) -> &str {
        self.after.text()
    }

    /// The file as it is and as it should be, fit to be shown.
    pub fn sides(&mut self) -> (Side<'_>, Side<'_>) {
        for file in [&mut self.before, &mut self.after] {
            mask(file);
        }
        let side = |file| Side { text: SourceFile::text(file), shown: SourceFile::shown(file) };
        (side(&self.before), side(&self.after))
    }
}

/// A text of TOML without what looks like a secret, byte for byte.
pub fn without_secrets(text: &str) -> String {
    let mut file = SourceFile::new("", text.to_owned());
    mask(&mut file);
    file.shown().to_owned()
}

fn mask(file: &mut SourceFile) {
    let (_, _, secrets) = files::tree(file, |_, _| ());
    file.mask_all(secrets);
    file.mask_secret_lines();
}
