//! Flags of `invite`.

use clap::Args;

use super::planning::PeopleArgs;
use super::value::{days, pattern};
use super::{ApprovalArgs, SelectionArgs};

/// `invite`.
#[derive(Args, Debug)]
pub(in crate::cli) struct InviteArgs {
    /// Declared people: usernames, or globs over them
    #[arg(value_name = "USERNAME", value_parser = pattern, required_unless_present = "never_signed_in")]
    pub(in crate::cli) usernames: Vec<String>,

    /// Everybody declared who has never signed in
    #[arg(long, conflicts_with = "usernames")]
    pub(in crate::cli) never_signed_in: bool,

    /// Leave out whoever was sent a link or changed their password in so many days
    ///
    /// 0 looks at nothing of the kind: for people who are named, and where the login cannot see when
    /// that was.
    #[arg(long, value_name = "DAYS", default_value = "7", value_parser = days)]
    pub(in crate::cli) cool_down: u16,

    #[command(flatten)]
    people: PeopleArgs,

    #[command(flatten)]
    pub(in crate::cli) approval: ApprovalArgs,
}

impl InviteArgs {
    /// Of whom the flags speak, beside those who are named.
    pub(in crate::cli) fn selection(&self) -> SelectionArgs {
        SelectionArgs { people: self.people.clone(), ..SelectionArgs::default() }
    }
}
