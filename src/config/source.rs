//! The files as they were read, and where in them something stands. What looks like a secret is
//! masked before anything is shown.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::model::Place;

/// One file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: Arc<str>,
    text: String,
    shown: String,
    lines: Vec<usize>,
}

impl SourceFile {
    /// A file with this path, relative to the project folder.
    pub(super) fn new(path: &str, text: String) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        let shown = text.clone();
        let mut file = Self { path: path.into(), text, shown, lines };
        file.mask_secret_lines();
        file
    }

    /// The text to read.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text to show: secrets are masked, byte for byte.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Where a span of bytes is.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let line = self.lines.partition_point(|start| *start <= span.start).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..span.start).unwrap_or_default();
        Place {
            file: Arc::clone(&self.path),
            line: small(line),
            column: small(before.chars().count() + 1),
            start: small(span.start),
            end: small(span.end),
        }
    }

    /// Hides a span from everything that is shown.
    pub(super) fn mask(&mut self, span: Range<usize>) {
        let hidden: Option<String> = self.shown.get(span.clone()).map(|text| {
            text.bytes()
                .map(|b| if b == b'\n' || b == b'\r' { char::from(b) } else { '*' })
                .collect()
        });
        if let Some(hidden) = hidden {
            self.shown.replace_range(span, &hidden);
        }
    }

    /// A file that is not valid TOML has no tree in which to find secrets: their lines are masked by
    /// their look.
    fn mask_secret_lines(&mut self) {
        let mut spans = Vec::new();
        for (at, line) in self.text.split_inclusive('\n').scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        }) {
            if let Some((key, value)) = line.split_once('=') {
                let key = key.rsplit(['{', ',', '.']).next().unwrap_or(key);
                if is_secret(key.trim().trim_matches(['"', '\''])) {
                    let start = at + line.len() - value.trim_start().len();
                    spans.push(start..at + line.trim_end().len());
                }
            }
        }
        for span in spans.into_iter().filter(|span| span.start < span.end) {
            self.mask(span);
        }
    }
}

/// Keys that hold what no file may hold.
pub(super) fn is_secret(key: &str) -> bool {
    const SECRETS: [&str; 14] = [
        "client_secret",
        "consumer_secret",
        "secret",
        "password",
        "passwd",
        "security_token",
        "token",
        "access_token",
        "refresh_token",
        "private_key",
        "jwt_key",
        "key",
        "sfdx_auth_url",
        "auth_url",
    ];
    SECRETS.contains(&key.to_lowercase().replace('-', "_").as_str())
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// All files that were read, by path.
#[derive(Clone, Debug, Default)]
pub struct SourceMap(BTreeMap<Arc<str>, SourceFile>);

impl SourceMap {
    pub(super) fn add(&mut self, file: SourceFile) {
        self.0.insert(Arc::clone(&file.path), file);
    }

    /// The file with this path.
    pub fn get(&self, path: &str) -> Option<&SourceFile> {
        self.0.get(path)
    }

    /// How many files were read.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
