//! What a format is given to show: the plan, with its fingerprint, whole or masked.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::apply::Report;
use crate::drift::Drift;
use crate::plan::{Plan, digest};

use super::mask::Mask;

/// A plan to be shown. The fingerprint is always that of the whole plan, so that an apply can demand
/// it whether or not the reviewed plan was masked.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub(super) plan: Cow<'a, Plan>,
    whole: &'a Plan,
    /// It takes a while and is not shown everywhere.
    digest: OnceCell<String>,
    mask: Option<Mask>,
}

impl<'a> View<'a> {
    /// The plan as it is.
    pub fn whole(plan: &'a Plan) -> Self {
        Self::of(plan, None)
    }

    /// The plan without e-mail addresses, usernames and surnames.
    pub fn masked(plan: &'a Plan) -> Self {
        Self::of(plan, Some(Mask::of(plan)))
    }

    fn of(whole: &'a Plan, mask: Option<Mask>) -> Self {
        let plan = match &mask {
            Some(mask) => Cow::Owned(mask.plan(whole)),
            None => Cow::Borrowed(whole),
        };
        Self { plan, whole, digest: OnceCell::new(), mask }
    }

    /// The plan as it may be shown.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The whole plan's fingerprint: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| digest(self.whole))
    }

    /// Somebody's words as they may be shown.
    pub(super) fn text<'r>(&self, text: &'r str) -> Cow<'r, str> {
        match &self.mask {
            Some(mask) => Cow::Owned(mask.text(text)),
            None => Cow::Borrowed(text),
        }
    }

    /// A drift on the plan as it may be shown.
    pub fn drift<'r>(&self, drift: &'r Drift) -> Cow<'r, Drift> {
        match &self.mask {
            Some(mask) => Cow::Owned(mask.drift(drift)),
            None => Cow::Borrowed(drift),
        }
    }

    /// A report on the plan as it may be shown.
    pub fn report<'r>(&self, report: &'r Report) -> Cow<'r, Report> {
        match &self.mask {
            Some(mask) => Cow::Owned(mask.report(report)),
            None => Cow::Borrowed(report),
        }
    }
}
