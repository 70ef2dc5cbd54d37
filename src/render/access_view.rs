//! What a format is given to show of an access review, whole or masked.

use std::borrow::Cow;

use crate::model::AccessKind;
use crate::plan::{AccessReview, AccessRow, AccessSummary, PlannedOrg, digest};

use super::mask::Mask;
use super::page;

/// What stands where a declaration does not say anything.
pub(super) const NOT_MANAGED: &str = "(not managed)";

/// What is given beside the profile, in the order in which a review shows it.
pub(super) const KINDS: [AccessKind; 4] = [
    AccessKind::PermissionSet,
    AccessKind::PermissionSetGroup,
    AccessKind::PermissionSetLicense,
    AccessKind::Group,
];

/// A review to be shown.
pub struct AccessView<'a> {
    review: &'a AccessReview<'a>,
    org: Cow<'a, PlannedOrg>,
    summary: AccessSummary,
    mask: Option<Mask>,
}

impl<'a> AccessView<'a> {
    /// The review as it is.
    pub fn whole(review: &'a AccessReview<'a>) -> Self {
        Self::of(review, None)
    }

    /// The review without e-mail addresses, usernames and surnames.
    pub fn masked(review: &'a AccessReview<'a>) -> Self {
        Self::of(review, Some(Mask::of_rows(review.rows(), review.org())))
    }

    fn of(review: &'a AccessReview<'a>, mask: Option<Mask>) -> Self {
        let org = match &mask {
            Some(mask) => Cow::Owned(mask.org(review.org())),
            None => Cow::Borrowed(review.org()),
        };
        Self { review, org, summary: review.summary(), mask }
    }

    /// The rows as they may be shown, each made when it is asked for.
    pub(super) fn rows(&self) -> impl Iterator<Item = AccessRow<'_>> {
        self.review.rows().map(|row| match &self.mask {
            Some(mask) => mask.row(row),
            None => row,
        })
    }

    /// `acme-portal → prod (production)`.
    pub(super) fn title(&self) -> String {
        page::title(self.review.plan())
    }

    /// Where the org is, and who looks.
    pub(super) fn place(&self) -> String {
        format!("{}, as {}", self.org.instance_url, self.org.user)
    }

    pub(super) fn project(&self) -> &str {
        self.review.project().as_str()
    }

    pub(super) fn org(&self) -> &PlannedOrg {
        &self.org
    }

    pub(super) const fn summary(&self) -> AccessSummary {
        self.summary
    }

    /// The fingerprint of the whole plan that the actions are of.
    pub(super) fn digest(&self) -> String {
        digest(self.review.plan())
    }
}
