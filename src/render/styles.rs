//! Colours, all plain unless colour was decided on, and how wide lines may be. Nothing is told by
//! colour alone.

use std::borrow::Cow;

use console::Style;

use super::fold::fold;

/// A terminal that is narrower has to break lines by itself.
const LEAST: usize = 40;

/// So many columns are left at least for what is folded.
const ROOM: usize = 10;
/// How far in it stands otherwise.
const SHORT: usize = 4;

/// How each kind of text looks.
#[derive(Clone, Debug)]
pub struct Styles {
    /// Headings and totals.
    pub strong: Style,
    /// Background.
    pub faint: Style,
    /// Something new or given.
    pub added: Style,
    /// Something changed.
    pub changed: Style,
    /// Something taken away.
    pub removed: Style,
    /// An error or a blocker.
    pub error: Style,
    /// A warning.
    pub warning: Style,
    /// What to do.
    pub hint: Style,
    /// How many columns a line may have; without it, lines are as long as they are.
    width: Option<usize>,
}

impl Styles {
    /// Styles with or without colour, for lines of any length.
    pub fn new(color: bool) -> Self {
        let style = || Style::new().force_styling(color);
        Self {
            strong: style().bold(),
            faint: style().dim(),
            added: style().green(),
            changed: style().yellow(),
            removed: style().red(),
            error: style().red().bold(),
            warning: style().yellow().bold(),
            hint: style().cyan(),
            width: None,
        }
    }

    /// The same for a terminal of so many columns.
    #[must_use]
    pub fn within(self, width: Option<usize>) -> Self {
        Self { width: width.map(|columns| columns.max(LEAST)), ..self }
    }

    /// A line, folded if it is too long; what follows the first piece stands `hang` columns in, or
    /// less where that would leave no room.
    pub fn line<'t>(&self, text: &'t str, hang: usize) -> Cow<'t, str> {
        match self.width {
            Some(width) if hang + ROOM > width => fold(text, width, SHORT),
            Some(width) => fold(text, width, hang),
            None => text.into(),
        }
    }
}
