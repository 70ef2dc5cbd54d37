//! Tokens → conditions and their literals.
//! Source: SOQL and SOSL Reference, "WHERE" and "Date Formats and Date Literals".

use super::Fault;
use super::ast::{Condition, Constant, Literal, Name, Operand, Operator};
use super::lexer::{Kind, Token, illegal, wildcard};
use super::parser::Parser;
use crate::emulator::value::parse_moment;

/// How deep conditions may be nested.
const DEPTH: usize = 100;
/// The most characters of one text. Source: SOQL Reference, "SOQL Limits".
const MAX_TEXT: usize = 4000;

impl Parser {
    /// Conditions joined by AND or by OR; both together want parentheses.
    pub(super) fn any(&mut self, depth: usize) -> Result<Condition, Fault> {
        if depth > DEPTH {
            return Err(Fault::malformed(self.peek().at, "Filter is too deeply nested"));
        }
        let first = self.one(depth)?;
        let word = if self.is_word("and") {
            "and"
        } else if self.is_word("or") {
            "or"
        } else {
            return Ok(first);
        };
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(self.one(depth)?);
        }
        if self.is_word("and") || self.is_word("or") {
            return Err(self.unexpected());
        }
        Ok(if word == "and" { Condition::All(parts) } else { Condition::Any(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Condition, Fault> {
        if depth > DEPTH {
            return Err(Fault::malformed(self.peek().at, "Filter is too deeply nested"));
        }
        if self.take_word("not") {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take_sign("(") {
            let inner = self.any(depth + 1)?;
            self.want_sign(")")?;
            return Ok(inner);
        }
        let operand = self.operand()?;
        let negated = self.take_word("not");
        if let Operand::Field(path) = &operand {
            if self.take_word("in") {
                return self.list(path.clone(), negated);
            }
            let excludes = self.is_word("excludes");
            if self.take_word("includes") || self.take_word("excludes") {
                let values = self.literals()?;
                return Ok(Condition::Includes { path: path.clone(), values, negated: excludes });
            }
        }
        if negated {
            return Err(self.unexpected());
        }
        let operator = self.operator()?;
        let value = self.literal()?;
        if operator != Operator::Like {
            plain(&value)?;
        }
        Ok(Condition::Compare(operand, operator, value))
    }

    fn list(&mut self, path: Name, negated: bool) -> Result<Condition, Fault> {
        let start = self.next;
        self.want_sign("(")?;
        if self.is_word("select") {
            let query = Box::new(self.query(1)?);
            self.want_sign(")")?;
            return Ok(Condition::Among { path, query, negated });
        }
        self.next = start;
        Ok(Condition::In { path, values: self.literals()?, negated })
    }

    fn literals(&mut self) -> Result<Vec<Literal>, Fault> {
        self.want_sign("(")?;
        let mut values = vec![self.literal()?];
        while self.take_sign(",") {
            values.push(self.literal()?);
        }
        self.want_sign(")")?;
        values.iter().try_for_each(plain)?;
        Ok(values)
    }

    fn operator(&mut self) -> Result<Operator, Fault> {
        if self.take_word("like") {
            return Ok(Operator::Like);
        }
        let operator = match self.peek().kind {
            Kind::Sign("=") => Operator::Equal,
            Kind::Sign("!=" | "<>") => Operator::Unequal,
            Kind::Sign("<") => Operator::Less,
            Kind::Sign("<=") => Operator::LessOrEqual,
            Kind::Sign(">") => Operator::Greater,
            Kind::Sign(">=") => Operator::GreaterOrEqual,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(operator)
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        let Token { kind, at } = self.peek();
        if let Kind::Text(text) = kind {
            if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
                let message = "string literal is longer than 4000 characters";
                return Err(Fault::malformed(*at, message));
            }
            let literal = Literal { value: Constant::Text(text.clone()), at: *at };
            self.next += 1;
            return Ok(literal);
        }
        let fault = self.unexpected();
        let Token { kind, at } = self.advance();
        let value = match kind {
            Kind::Word(word) => self.word(&word).ok_or(fault)?,
            Kind::Number(text) => {
                if let Ok(number) = text.parse() {
                    Constant::Number(number)
                } else if let Ok(date) = text.parse::<jiff::civil::Date>()
                    && !text.contains(['T', 't'])
                {
                    Constant::Day(date)
                } else {
                    Constant::Moment(parse_moment(&text).ok_or(fault)?)
                }
            }
            Kind::Sign(":") => {
                return Err(Fault::malformed(at, "Bind variables only allowed in Apex code"));
            }
            _ => return Err(fault),
        };
        Ok(Literal { value, at })
    }

    /// An unquoted word in the place of a value.
    fn word(&mut self, word: &str) -> Option<Constant> {
        let word = word.to_ascii_uppercase();
        Some(match word.as_str() {
            "NULL" => Constant::Null,
            "TRUE" => Constant::Bool(true),
            "FALSE" => Constant::Bool(false),
            _ if super::dates::is_counted(&word) => {
                if !self.take_sign(":") {
                    return None;
                }
                let Kind::Number(number) = self.advance().kind else { return None };
                Constant::Relative(word, number.parse().ok()?)
            }
            _ if super::dates::is_relative(&word) => Constant::Relative(word, 0),
            _ => return None,
        })
    }
}

/// Wildcards are escaped in LIKE alone.
fn plain(literal: &Literal) -> Result<(), Fault> {
    match &literal.value {
        Constant::Text(text) if text.chars().any(|c| wildcard(c).is_some()) => {
            Err(illegal(literal.at))
        }
        _ => Ok(()),
    }
}
