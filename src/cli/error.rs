//! Why a command could not go on: the chain of causes, a hint, and the exit status.

use std::io;

use super::exit::Exit;

/// A command that ended early.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) error: anyhow::Error,
    pub(super) hint: Option<String>,
}

impl Failure {
    /// It could not be done.
    pub(super) fn error(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Error, error: error.into(), hint: None }
    }

    /// It was not allowed.
    pub(super) fn blocked(message: impl Into<String>) -> Self {
        Self { exit: Exit::Blocked, error: anyhow::Error::msg(message.into()), hint: None }
    }

    /// It was asked for in the wrong way.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, error: anyhow::Error::msg(message.into()), hint: None }
    }

    /// A second signal ended it.
    pub(super) fn interrupted(exit: Exit) -> Self {
        Self {
            exit,
            error: anyhow::anyhow!("interrupted while a request was under way"),
            hint: Some("run `portalctl plan` to see what became of it".to_owned()),
        }
    }

    /// Says what was being done.
    #[must_use]
    pub(super) fn context(mut self, context: String) -> Self {
        self.error = self.error.context(context);
        self
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether whoever read the output has gone.
    pub(super) fn is_broken_pipe(&self) -> bool {
        self.error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::error(error)
    }
}

impl From<std::fmt::Error> for Failure {
    fn from(error: std::fmt::Error) -> Self {
        Self::error(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::error(error)
    }
}
