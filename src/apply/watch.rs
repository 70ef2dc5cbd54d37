//! What an apply tells while it works, and what it is told.

use super::report::{Failure, Report};

/// Whoever looks on.
pub trait Watch {
    /// A step begins: what it does, such as `creating users`, and how many records it writes.
    fn begins(&mut self, what: &'static str, records: usize);

    /// Records of the step are settled.
    fn settled(&mut self, records: usize);

    /// Asked before every request that writes, and once at the end: this is the account so far, with
    /// whatever the request concerns as unknown. Nothing is sent unless the answer is to go on.
    fn may_go_on(&mut self, account: &dyn Fn() -> Report) -> Result<(), Stop>;
}

/// Nobody looks on, and nothing stops the work.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn begins(&mut self, _what: &'static str, _records: usize) {}

    fn settled(&mut self, _records: usize) {}

    fn may_go_on(&mut self, _account: &dyn Fn() -> Report) -> Result<(), Stop> {
        Ok(())
    }
}

/// Why the work ends before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The first write failed, and that was to stop the rest.
    FirstFailure,
    /// Somebody asked for it.
    Interrupted,
    /// Nothing further would succeed: no session, no calls left today, no room for the account.
    Exhausted(Failure),
}

impl Stop {
    /// What ended the work, and how to go on.
    pub fn cause(&self) -> Failure {
        let cause = |code: &str, message: &str, help: Option<&str>| Failure {
            code: code.to_owned(),
            message: message.to_owned(),
            help: help.map(str::to_owned),
        };
        match self {
            Self::FirstFailure => {
                cause("FIRST_FAILURE", "the first failed write stopped the rest", None)
            }
            Self::Interrupted => cause(
                "INTERRUPTED",
                "the work was interrupted",
                Some("run it again for what is left"),
            ),
            Self::Exhausted(failure) => failure.clone(),
        }
    }

    /// What is said of a change that was not attempted.
    pub fn failure(&self) -> Failure {
        let again = "run it again for what is left";
        let failure = |code: &str, message: &str| Failure {
            code: code.to_owned(),
            message: message.to_owned(),
            help: Some(again.to_owned()),
        };
        match self {
            Self::FirstFailure => {
                failure("NOT_ATTEMPTED", "the first failed write stopped the rest")
            }
            Self::Interrupted => {
                failure("NOT_ATTEMPTED", "the work was interrupted before this change")
            }
            Self::Exhausted(cause) => Failure {
                code: "NOT_ATTEMPTED".to_owned(),
                message: format!("the work stopped before this change: {}", cause.message),
                help: Some(cause.help.clone().unwrap_or_else(|| again.to_owned())),
            },
        }
    }
}
