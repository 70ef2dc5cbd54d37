//! SOQL: text → tokens → query → records, written as JSON or CSV.
//!
//! Source: SOQL and SOSL Reference.

mod ast;
mod compare;
mod condition;
mod dates;
mod filter;
mod group;
mod lexer;
mod parser;
mod path;
mod select;
mod write;

pub(super) use select::{Found, Rows};
pub(super) use write::attributes;

use super::error::ApiError;
use super::store::Org;

/// The most characters of a statement. Source: SOQL Reference, "SOQL Limits".
const MAX_STATEMENT: usize = 100_000;
/// The most rows that OFFSET skips.
const MAX_OFFSET: usize = 2000;
/// Longer statements are quoted around the fault alone.
const MAX_QUOTED: usize = 300;

/// Runs a statement; `bin`: over deleted records as well.
pub(super) fn run(org: &Org, statement: &str, bin: bool) -> Result<Found, ApiError> {
    if statement.chars().count() > MAX_STATEMENT {
        let message = "SOQL statements can not be longer than 100000 characters";
        return Err(ApiError::new(400, "MALFORMED_QUERY", message));
    }
    let first = statement.split_whitespace().next().unwrap_or_default();
    if !first.is_empty() && !first.eq_ignore_ascii_case("select") {
        let message = format!("unexpected token: {first}");
        return Err(ApiError::new(400, "MALFORMED_QUERY", message));
    }
    let query = parser::parse(statement).map_err(|fault| fault.error(statement))?;
    if query.offset.is_some_and(|offset| offset > MAX_OFFSET) {
        let message = "Maximum SOQL offset allowed is 2000";
        return Err(ApiError::new(400, "NUMBER_OUTSIDE_VALID_RANGE", message));
    }
    select::run(org, &query, bin).map_err(|fault| fault.error(statement))
}

/// A fault in a statement, at a byte of it; past its end, if it has no place.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    code: &'static str,
    at: usize,
    message: String,
}

impl Fault {
    fn malformed(at: usize, message: impl Into<String>) -> Self {
        Self { code: "MALFORMED_QUERY", at, message: message.into() }
    }

    /// The error with its position block: the statement, or what of a long one is around the
    /// fault; a caret under the fault; row and column.
    fn error(&self, statement: &str) -> ApiError {
        if self.at == usize::MAX {
            return ApiError::new(400, self.code, self.message.clone());
        }
        let before = statement.get(..self.at.min(statement.len())).unwrap_or(statement);
        let row = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        let (quoted, indent) = if statement.len() <= MAX_QUOTED {
            (statement.to_owned(), column - 1)
        } else {
            let line =
                statement.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
            let skipped = (column - 1).saturating_sub(30);
            (line.chars().skip(skipped).take(60).collect(), column - 1 - skipped)
        };
        let caret = format!("{}^", " ".repeat(indent));
        let message =
            format!("\n{quoted}\n{caret}\nERROR at Row:{row}:Column:{column}\n{}", self.message);
        ApiError::new(400, self.code, message)
    }
}
