//! Values of fields that the catalogue does not know: `fields` and `contact_fields` of a user.

use std::fmt;

use jiff::civil::Date;

/// The value of a field of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Nothing: `""` in a file, `null` in the org.
    Null,
    /// A text, a picklist value, or an id.
    Text(Box<str>),
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A day.
    Date(Date),
    /// A cell of a roster: it stands for a value of whatever type the field has.
    Cell(Box<Cell>),
}

/// What stands in a cell of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: Box<str>,
    /// The day that it is, by the roster's `date_format`.
    pub day: Option<Date>,
}

impl Scalar {
    /// The value that a text stands for: nothing, if it is empty.
    pub fn of(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.into()) }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{}", number.get()),
            Self::Date(day) => write!(f, "{day}"),
            Self::Cell(cell) => f.write_str(&cell.text),
        }
    }
}

/// A finite number, as JSON and TOML know it.
#[derive(Clone, Copy, Debug)]
pub struct Number(f64);

impl Number {
    /// The number, if it is finite.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero makes one of the two zeros.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// Its value.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq()
    }
}

impl Eq for Number {}
