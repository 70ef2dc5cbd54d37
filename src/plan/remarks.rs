//! What concerns many people alike and is said once, with their number.

use std::collections::BTreeMap;

use crate::model::{AccessKind, Code, Diagnostic, SetName};

use super::index::{Flaw, Offer};

/// Something to be said about a thing that people are given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Remark {
    code: Code,
    kind: AccessKind,
    name: SetName,
}

/// Remarks, each with the number of people it concerns.
#[derive(Default)]
pub(super) struct Remarks(BTreeMap<Remark, usize>);

impl Remark {
    /// It is declared, and a pattern of `ignore` fits it.
    pub(super) fn ignored(kind: AccessKind, name: &SetName) -> Self {
        Self { code: Code::SetIgnored, kind, name: name.clone() }
    }

    /// It may have no effect, unless that is a fault.
    pub(super) fn flaw(flaw: Flaw, offer: Offer<'_>) -> Option<Self> {
        let code = match flaw {
            Flaw::Session => Code::SetNeedsSession,
            Flaw::Failed => Code::SetGroupFailed,
            Flaw::Disabled => return None,
        };
        Some(Self { code, kind: offer.kind, name: offer.name.clone() })
    }

    /// It is held, and made for another licence than the user is to have.
    pub(super) fn outgrown(offer: Offer<'_>) -> Self {
        Self { code: Code::SetOutgrown, kind: offer.kind, name: offer.name.clone() }
    }

    fn finding(&self, people: usize) -> Diagnostic {
        let (what, name) = (self.kind.what(), &self.name);
        let whom = if people == 1 { "1 user".to_owned() } else { format!("{people} users") };
        let (message, help) = match self.code {
            Code::SetIgnored => (
                format!(
                    "{what} `{name}` is declared for {whom} and ignored by `[permission_sets] ignore`"
                ),
                "take it out of the declaration or out of `ignore`",
            ),
            Code::SetNeedsSession => (
                format!("{what} `{name}`, given to {whom}, has to be activated in a session"),
                "the assignment alone gives nothing: a flow or an app has to activate it",
            ),
            Code::SetGroupFailed => (
                format!("{what} `{name}`, given to {whom}, could not be recalculated by the org"),
                "its permissions may be missing: recalculate it in Setup > Permission Set Groups",
            ),
            _ => (
                format!("{what} `{name}` stays with {whom} and is made for the licence they leave"),
                "the org may refuse the move or take the set away: declare `permission_sets` without it",
            ),
        };
        Diagnostic::new(self.code, message).help(help)
    }
}

impl Remarks {
    /// Takes others over.
    pub(super) fn join(&mut self, mut others: Self) {
        // The larger of the two is kept, so that many small ones cost little.
        std::mem::swap(&mut self.0, &mut others.0);
        for (remark, people) in others.0 {
            *self.0.entry(remark).or_default() += people;
        }
    }

    /// Notes what was found for one person.
    pub(super) fn add(&mut self, remarks: impl IntoIterator<Item = Remark>) {
        for remark in remarks {
            *self.0.entry(remark).or_default() += 1;
        }
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = Diagnostic> + '_ {
        self.0.iter().map(|(remark, people)| remark.finding(*people))
    }
}
