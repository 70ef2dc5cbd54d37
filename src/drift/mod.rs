//! [`Plan`] × evidence → who changed what, as far as the org knows. Pure: the evidence was read before.
//!
//! Nothing is guessed: where evidence names a person by display name alone, or only says who changed
//! a record last, the attribution says that it is not certain; where a date came due or the org
//! knows nothing, there is none.

mod attribution;
mod coverage;
mod trail;

use jiff::Timestamp;

use crate::model::{Current, Evidence};
use crate::plan::Plan;

pub use attribution::{Attribution, ChangedBy, Part, Via, subjects};
pub use coverage::{Coverage, Stranger, coverage, strangers};

/// Who differs from the files, and who changed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Those who differ, by position in [`Plan::changes`].
    pub found: Vec<(usize, Attribution)>,
    /// How many more are known to have differed before the day that was asked from.
    pub older: usize,
    /// How much the comparison covers.
    pub coverage: Coverage,
    /// Active portal users whom no file declares, if they were asked for.
    pub strangers: Option<Vec<Stranger>>,
    /// Why there is no audit trail, if it could not be read.
    pub no_trail: Option<String>,
}

impl Drift {
    /// Attributes every change of the plan. With `since`, those whose every difference is known to be
    /// older are only counted; what the org cannot date is never left out.
    pub fn of(
        plan: &Plan,
        current: &Current,
        evidence: &Evidence,
        since: Option<Timestamp>,
    ) -> Self {
        let all = attribution::attribute(plan, current, evidence);
        let number = all.len();
        let is_older = |found: &Attribution| since.is_some_and(|since| found.is_before(since));
        let found: Vec<_> =
            all.into_iter().enumerate().filter(|(_, found)| !is_older(found)).collect();
        Self {
            older: number - found.len(),
            found,
            coverage: Coverage::default(),
            strangers: None,
            no_trail: evidence.no_trail.clone(),
        }
    }

    /// Whether nobody differs.
    pub const fn is_clean(&self) -> bool {
        self.found.is_empty()
    }
}
