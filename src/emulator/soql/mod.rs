//! SOQL: text → tokens → query → rows as JSON.
//!
//! Source: SOQL and SOSL Reference. Held: paths to parents, `COUNT()`, `COUNT(field)` with alias,
//! comparisons, `LIKE`, `IN`, `AND`/`OR`/`NOT`, `ORDER BY`, `LIMIT`, `OFFSET`, date and datetime
//! literals. Child queries, `GROUP BY` and semi-joins are refused as malformed.

mod ast;
mod compare;
mod eval;
mod lexer;
mod parser;

pub(super) use eval::{attributes, run};

use super::error::ApiError;

/// A fault in a statement, at a byte of it.
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

    /// The error with its position block: the statement, a caret under the fault, row and column.
    fn error(&self, statement: &str) -> ApiError {
        let before = statement.get(..self.at.min(statement.len())).unwrap_or(statement);
        let row = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        let caret = format!("{}^", " ".repeat(column - 1));
        let message =
            format!("\n{statement}\n{caret}\nERROR at Row:{row}:Column:{column}\n{}", self.message);
        ApiError::new(400, self.code, message)
    }
}
