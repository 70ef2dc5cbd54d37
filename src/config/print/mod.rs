//! The canonical form of TOML, from text to text.
//!
//! It is made from the parser's events and not from a tree: a tree groups dotted keys, and this may
//! move nothing. What stands where is kept; only blanks, line ends and quotes are chosen.

mod layout;
mod piece;
#[cfg(test)]
mod tests;

use toml::de::{DeTable, Error};

/// A text in canonical form; the first error, if it is not valid TOML. It means the same as before,
/// has the same comments and the same order, and its own canonical form is itself.
///
/// The rules: LF, no blanks at the end of a line, one line end at the end, no byte order mark. One
/// empty line before a table (and the comment that stands right above it), none at the beginning,
/// never two. From one empty line to the next, `=` stands in one column. A list takes one line if it
/// fits into 100 columns and holds no comment, else one line an item. An inline table takes one
/// line, or one a pair if it holds comments, or has several already and does not fit. Comments behind
/// lines that follow each other stand in one column. Texts and keys have the plainest quotes that need
/// no escapes; what has several lines, and numbers and dates, are as they were written.
pub fn canonical(text: &str) -> Result<String, Error> {
    DeTable::parse(text)?;
    Ok(layout::lay_out(piece::pieces(text)))
}

/// How long a line with a list may be.
const WIDTH: usize = 100;
