//! Finding the project and its files, in an order that depends on nothing but their names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use walkdir::WalkDir;

use crate::model::{Code, Diagnostic};

/// The project file's name.
pub const PROJECT_FILE: &str = "portalctl.toml";

/// The folder, `start` or its nearest parent, that holds portalctl.toml.
pub fn discover(start: &Path) -> Result<PathBuf, Diagnostic> {
    let absolute = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
    let found = absolute.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file());
    found.map(Path::to_owned).ok_or_else(|| {
        Diagnostic::new(
            Code::ProjectMissing,
            format!("no {PROJECT_FILE} in `{}` or a folder above it", start.display()),
        )
        .help("go to the project's folder, or name it by `-C DIR`")
    })
}

/// What patterns match.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Paths relative to the project folder, each with the first pattern that matches it.
    pub(super) files: BTreeMap<String, usize>,
    /// Patterns that match nothing.
    pub(super) idle: Vec<usize>,
}

/// The files that patterns match, bytewise sorted; `drafts` are taken for files that are there.
/// Hidden folders are not entered.
pub(super) fn matching<'a>(
    root: &Path,
    patterns: &[&str],
    drafts: impl Iterator<Item = &'a String>,
) -> Matches {
    let matchers: Vec<Option<GlobMatcher>> = patterns.iter().map(|text| matcher(text)).collect();
    let mut used = vec![false; patterns.len()];
    let mut files = BTreeMap::new();
    let mut take = |path: String| {
        let mut first = None;
        for (at, matcher) in matchers.iter().enumerate() {
            if matcher.as_ref().is_some_and(|matcher| matcher.is_match(&path)) {
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
                first = first.or(Some(at));
            }
        }
        if let Some(first) = first {
            files.insert(path, first);
        }
    };
    drafts.cloned().for_each(&mut take);
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    for entry in WalkDir::new(root).follow_links(true).into_iter().filter_entry(visible).flatten() {
        if !entry.file_type().is_file() {
            continue;
        }
        if let Some(path) = relative(root, entry.path()) {
            take(path);
        }
    }
    files.remove(PROJECT_FILE);
    let idle = used.iter().enumerate().filter(|(_, used)| !**used).map(|(at, _)| at).collect();
    Matches { files, idle }
}

/// The matcher of a pattern of `include`.
pub(super) fn matcher(pattern: &str) -> Option<GlobMatcher> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?;
    Some(glob.compile_matcher())
}

/// The path below the root, with `/` between its parts.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(root).ok()?;
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Some(parts.join("/"))
}
