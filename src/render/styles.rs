//! Colours: all plain unless colour was decided on. Nothing is told by colour alone.

use console::Style;

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
}

impl Styles {
    /// Styles with or without colour.
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
        }
    }
}
