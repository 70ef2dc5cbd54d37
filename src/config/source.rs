//! The files as they were read, and where in them something stands. What looks like a secret is
//! masked before anything is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::model::Place;

/// One file of which the text is kept.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    path: Arc<str>,
    text: String,
    /// The text without its secrets, if it has any.
    shown: Option<String>,
    lines: Vec<usize>,
}

impl SourceFile {
    /// A file with this path, relative to the project folder.
    pub(super) fn new(path: &str, text: String) -> Self {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { path: path.into(), text, shown: None, lines }
    }

    /// The text to read.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text to show.
    pub(super) fn shown(&self) -> &str {
        self.shown.as_ref().unwrap_or(&self.text)
    }

    /// Where lines begin that begin with this text.
    pub(super) fn lines_with(&self, text: &str) -> impl Iterator<Item = usize> {
        let begins = |at: &usize| {
            self.text.as_bytes().get(*at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
        };
        self.lines.iter().copied().filter(begins)
    }

    /// The lines from one place to another, if they are not too many to be shown.
    fn excerpt(&self, first: &Place, last: &Place) -> Option<Excerpt<'_>> {
        const MOST_LINES: u32 = 2000;
        if first.line.abs_diff(last.line) > MOST_LINES {
            return None;
        }
        let line = first.line.min(last.line).max(1);
        let start = *self.lines.get(line as usize - 1)?;
        let end = self.lines.get(first.line.max(last.line) as usize).copied();
        let shown = self.shown();
        let text = shown.get(start..end.unwrap_or(shown.len()))?;
        Some(Excerpt { text: text.trim_end_matches(['\n', '\r']), line, start })
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

    /// Hides spans from everything that is shown.
    pub(super) fn mask_all(&mut self, spans: Vec<Range<usize>>) {
        for span in spans {
            self.mask(span);
        }
    }

    fn mask(&mut self, span: Range<usize>) {
        let shown = self.shown.get_or_insert_with(|| self.text.clone());
        let hidden: Option<String> = shown.get(span.clone()).map(|text| {
            text.bytes()
                .map(|b| if b == b'\n' || b == b'\r' { char::from(b) } else { '*' })
                .collect()
        });
        if let Some(hidden) = hidden {
            shown.replace_range(span, &hidden);
        }
    }

    /// A file that is not valid TOML, or a comment, has no tree in which to find secrets: their lines
    /// are masked by their look.
    pub(super) fn mask_secret_lines(&mut self) {
        let mut spans = Vec::new();
        for (at, line) in self.text.split_inclusive('\n').scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        }) {
            if let Some((key, value)) = line.split_once('=') {
                let key = key.rsplit(['#', '{', ',', '.']).next().unwrap_or(key);
                let shown = value.trim_start().trim_start_matches(['"', '\'']);
                if is_secret(key.trim().trim_matches(['"', '\''])) || is_secret_text(shown) {
                    let start = at + line.len() - value.trim_start().len();
                    spans.push(start..at + line.trim_end().len());
                }
            }
        }
        spans.retain(|span| span.start < span.end);
        self.mask_all(spans);
    }
}

/// Keys that hold what no file may hold.
pub(super) fn is_secret(key: &str) -> bool {
    const SECRETS: [&str; 18] = [
        "client_secret",
        "consumer_secret",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "security_token",
        "session_id",
        "token",
        "access_token",
        "refresh_token",
        "private_key",
        "jwt_key",
        "api_key",
        "key",
        "assertion",
        "sfdx_auth_url",
        "auth_url",
    ];
    let key =
        key.strip_prefix("portalctl_").or_else(|| key.strip_prefix("PORTALCTL_")).unwrap_or(key);
    let same = |secret: &&str| {
        let folded = |b: u8| if b == b'-' { b'_' } else { b.to_ascii_lowercase() };
        secret.len() == key.len() && key.bytes().map(folded).eq(secret.bytes())
    };
    SECRETS.iter().any(same)
}

/// Values that are secrets by their look: private keys, session ids (`00D…!…`), auth URLs of the
/// Salesforce CLI, and URLs with a password in them.
pub(super) fn is_secret_text(text: &str) -> bool {
    let text = text.trim_start();
    let session = text.starts_with("00D")
        && text.split_once('!').is_some_and(|(org, rest)| {
            matches!(org.len(), 15 | 18)
                && org.bytes().all(|b| b.is_ascii_alphanumeric())
                && rest.len() > 20
        });
    let userinfo = || {
        // Nearly all values end here.
        text.as_bytes().contains(&b':').then_some(())?;
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let url = scheme.bytes().all(|b| b.is_ascii_alphanumeric());
        Some(url && authority.split_once('@').is_some_and(|(user, _)| user.contains(':')))
    };
    session
        || text.starts_with("-----BEGIN ")
        || text.starts_with("force://")
        || userinfo().unwrap_or(false)
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Some lines of a file, to be shown: secrets are masked, byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a> {
    /// The lines.
    pub text: &'a str,
    /// The number of the first, from 1.
    pub line: u32,
    /// The first byte in the file.
    pub start: usize,
}

/// The files that were read, by path. What nothing is said of is not kept: of rosters, only lines.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: BTreeMap<Arc<str>, SourceFile>,
    rosters: BTreeMap<Arc<str>, BTreeMap<u32, Line>>,
}

/// A line of a roster, and its first byte in the file.
#[derive(Clone, Debug)]
struct Line {
    text: String,
    start: usize,
}

impl SourceMap {
    pub(super) fn add(&mut self, file: SourceFile) {
        self.files.insert(Arc::clone(&file.path), file);
    }

    /// Notes that a roster was read.
    pub(super) fn add_roster(&mut self, path: &str) {
        self.rosters.entry(path.into()).or_default();
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        for (path, lines) in other.rosters {
            self.rosters.entry(path).or_default().extend(lines);
        }
    }

    /// The rosters that were read.
    pub(super) fn rosters(&self) -> Vec<Arc<str>> {
        self.rosters.keys().cloned().collect()
    }

    /// Keeps these lines of a roster.
    pub(super) fn keep(&mut self, path: &str, text: &str, wanted: &BTreeSet<u32>) {
        let Some(kept) = self.rosters.get_mut(path) else {
            return;
        };
        let (mut start, mut number) = (0, 0);
        for line in text.split_inclusive('\n') {
            number += 1;
            if wanted.contains(&number) {
                let text = line.trim_end_matches(['\n', '\r']).to_owned();
                kept.insert(number, Line { text, start });
            }
            start += line.len();
        }
    }

    /// The lines from one place to another in the same file. Of a roster, one line alone.
    pub fn excerpt(&self, first: &Place, last: &Place) -> Option<Excerpt<'_>> {
        if let Some(file) = self.files.get(&first.file) {
            return file.excerpt(first, last);
        }
        let Line { text, start } = self.rosters.get(&first.file)?.get(&first.line)?;
        let one = first.line == last.line;
        one.then_some(Excerpt { text, line: first.line, start: *start })
    }

    /// Forgets files that nothing is said of, and makes the others fit to be shown.
    pub(super) fn retain(&mut self, told: impl Fn(&str) -> bool) {
        self.files.retain(|path, _| told(path));
        self.files.values_mut().for_each(SourceFile::mask_secret_lines);
    }

    /// Where a text stands in quotes, after a place; the place itself, if it stands nowhere.
    pub(super) fn quoted(&self, after: &Place, text: &str) -> Place {
        let found = self.files.get(&after.file).and_then(|file| {
            let rest = file.text.get(after.start as usize..)?;
            let quoted = |quote| rest.find(&format!("{quote}{text}{quote}"));
            let at = after.start as usize + quoted('"').or_else(|| quoted('\''))?;
            Some(file.place(&(at..at + text.len() + 2)))
        });
        found.unwrap_or_else(|| after.clone())
    }
}
