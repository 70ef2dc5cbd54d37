//! A part of a plan: some people, some actions, some reasons. What is left out is left out of
//! everything: seats, limits and what depends on it are worked out for what remains.

use globset::{GlobBuilder, GlobMatcher};

use crate::model::{CurrentUser, DesiredUser, Username};

use super::change::{Action, Change, Reason};
use super::index::Index;
use super::ownership::without_suffix;

/// Which part of a plan is wanted; by default, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// People to plan for: globs over usernames, accounts and files. Empty: everybody.
    pub target: Vec<String>,
    /// People to leave out, in the same way.
    pub exclude: Vec<String>,
    /// Actions to plan. Empty: all.
    pub only: Vec<Action>,
    /// Reasons to plan for. Empty: all.
    pub only_reason: Vec<Reason>,
    /// Whether nobody is deactivated.
    pub no_deactivate: bool,
}

impl Selection {
    /// Whether a text can be a pattern of `target` and `exclude`.
    pub fn is_pattern(text: &str) -> bool {
        pattern(text).is_some()
    }

    /// Whether a change of a selected person is wanted.
    pub(super) fn takes(&self, change: &Change) -> bool {
        let action = self.only.is_empty() || self.only.contains(&change.action);
        let reason = self.only_reason.is_empty()
            || change.reasons.iter().any(|reason| self.only_reason.contains(reason));
        action && reason && !(self.no_deactivate && change.action == Action::Deactivate)
    }

    /// Whether everybody is wanted.
    const fn is_everybody(&self) -> bool {
        self.target.is_empty() && self.exclude.is_empty()
    }
}

fn pattern(text: &str) -> Option<GlobMatcher> {
    let text = text.strip_prefix("./").unwrap_or(text);
    Some(GlobBuilder::new(text).case_insensitive(true).build().ok()?.compile_matcher())
}

/// A pattern, and whether it has matched anybody.
pub(crate) struct Pattern {
    text: String,
    matcher: Option<GlobMatcher>,
    matched: bool,
}

impl Pattern {
    pub(crate) fn all(texts: &[String]) -> Vec<Self> {
        let one =
            |text: &String| Self { text: text.clone(), matcher: pattern(text), matched: false };
        texts.iter().map(one).collect()
    }

    /// An account's name may hold what is special in a pattern, so the text itself fits as well.
    pub(crate) fn fits(&mut self, texts: &[&str]) -> bool {
        let fits = texts.iter().any(|text| {
            text.eq_ignore_ascii_case(&self.text)
                || self.matcher.as_ref().is_some_and(|matcher| matcher.is_match(text))
        });
        self.matched |= fits;
        fits
    }

    /// Whether the pattern is one of these texts, and not merely like it.
    pub(super) fn is_one_of(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| text.eq_ignore_ascii_case(&self.text))
    }

    /// The patterns that have matched nobody.
    pub(crate) fn unmatched(patterns: Vec<Self>) -> Vec<String> {
        patterns.into_iter().filter(|one| !one.matched).map(|one| one.text).collect()
    }
}

/// The selection at work.
pub(super) struct Selector<'a> {
    selection: &'a Selection,
    target: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl<'a> Selector<'a> {
    pub(super) fn of(selection: &'a Selection) -> Self {
        Self {
            selection,
            target: Pattern::all(&selection.target),
            exclude: Pattern::all(&selection.exclude),
        }
    }

    /// Whether a declared person is wanted, by what the files and the org call them.
    pub(super) fn wants(
        &mut self,
        declared: &DesiredUser,
        org_username: &Username,
        user: Option<&CurrentUser>,
        index: &Index<'_>,
    ) -> bool {
        if self.selection.is_everybody() {
            return true;
        }
        let written = declared.account.to_string();
        let mut texts =
            vec![declared.username.as_str(), org_username.as_str(), &written, &declared.place.file];
        texts.extend(user.and_then(account_of));
        let found = index.accounts(&declared.account);
        texts.extend(found.iter().map(|account| &*account.name));
        self.fits(&texts)
    }

    /// Whether a user whom no file declares is wanted.
    pub(super) fn wants_user(&mut self, user: &CurrentUser, suffix: &str) -> bool {
        if self.selection.is_everybody() {
            return true;
        }
        let bare = without_suffix(&user.username, suffix);
        let mut texts = vec![bare.as_str(), user.username.as_str()];
        texts.extend(account_of(user));
        self.fits(&texts)
    }

    fn fits(&mut self, texts: &[&str]) -> bool {
        let mut wanted = self.target.is_empty();
        for pattern in &mut self.target {
            wanted |= pattern.fits(texts);
        }
        for pattern in &mut self.exclude {
            wanted &= !pattern.fits(texts);
        }
        wanted
    }

    /// Targets that fit nobody.
    pub(super) fn unmatched(self) -> Vec<String> {
        Pattern::unmatched(self.target)
    }
}

/// The name of the account that a user belongs to.
pub(super) fn account_of(user: &CurrentUser) -> Option<&str> {
    user.contact.as_ref()?.account_name.as_deref()
}
