//! The table of exit statuses. It holds for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done; for `plan`, with or without changes.
    Done,
    /// It could not look, or could not do it; nothing was written.
    Error,
    /// Changes are present, and the caller asked to be told by the status.
    Changes,
    /// A plan was made but cannot be applied as declared; nothing was written.
    Blocked,
    /// A bad flag or argument.
    Usage,
    /// `apply` wrote some changes; others failed, were blocked or were not attempted.
    Partial,
    /// Interrupted by SIGINT.
    Interrupted,
    /// Ended by SIGTERM.
    #[cfg(unix)]
    Terminated,
}

impl Exit {
    const fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Blocked => 3,
            Self::Usage => 64,
            Self::Partial => 68,
            Self::Interrupted => 130,
            #[cfg(unix)]
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}
