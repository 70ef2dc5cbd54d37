//! The name that was probably meant: one idea of likeness for files, orgs and commands.

use similar::TextDiff;

/// The candidate most like `text`, if one is like it at all.
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = text.to_lowercase();
    candidates
        .map(|candidate| {
            let ratio = TextDiff::from_chars(&wanted, candidate.to_lowercase()).ratio();
            (ratio, candidate)
        })
        .filter(|(ratio, _)| *ratio > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}
