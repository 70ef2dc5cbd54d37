//! What the program has to say about the files or the plan: plain data, rendered elsewhere.

use std::sync::Arc;

use super::{Code, Username};

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It stops something: the whole run in a file, that user in a plan.
    Error,
    /// It deserves a look and stops nothing.
    Warning,
    /// Background.
    Note,
}

impl Severity {
    /// The word for people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place in the project's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path relative to the project folder, with `/` between its parts.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// First byte in the file.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// A second place that explains the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there, as a fragment without a period.
    pub text: String,
}

/// One finding, with its mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is the matter, as a fragment: lower case, no period.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The user it is about, as declared.
    pub username: Option<Username>,
    /// Where it is.
    pub place: Option<Place>,
    /// Further places.
    pub labels: Vec<Label>,
}

impl Diagnostic {
    /// A finding of the code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            help: None,
            username: None,
            place: None,
            labels: Vec::new(),
        }
    }

    /// Puts findings into the order in which they are told, each once.
    pub fn sort(list: &mut Vec<Self>) {
        list.sort_by(|a, b| {
            a.place.cmp(&b.place).then(a.code.cmp(&b.code)).then_with(|| a.message.cmp(&b.message))
        });
        list.dedup();
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn label(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.clone(), text: text.into() });
        self
    }

    /// Says about whom.
    #[must_use]
    pub fn about(mut self, username: &Username) -> Self {
        self.username = Some(username.clone());
        self
    }
}
