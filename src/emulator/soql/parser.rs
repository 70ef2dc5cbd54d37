//! Tokens → query, by recursive descent.

use super::Fault;
use super::ast::{Condition, Constant, Item, Literal, Name, Operator, Order, Query};
use super::lexer::{Kind, Token, tokens};
use crate::emulator::value::parse_moment;

/// How deep conditions may be nested.
const DEPTH: usize = 100;

/// Reads a statement.
pub(super) fn parse(statement: &str) -> Result<Query, Fault> {
    let mut parser = Parser { tokens: tokens(statement)?, next: 0 };
    let query = parser.query()?;
    match parser.peek().kind {
        Kind::End => Ok(query),
        _ => Err(parser.unexpected()),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
}

const END: Token = Token { kind: Kind::End, at: 0 };

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).or(self.tokens.last()).unwrap_or(&END)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn unexpected(&self) -> Fault {
        let token = self.peek();
        Fault::malformed(token.at, format!("unexpected token: {}", token.kind.shown()))
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(&self.peek().kind, Kind::Word(text) if text.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        self.next += usize::from(there);
        there
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek().kind, Kind::Sign(text) if text == sign);
        self.next += usize::from(there);
        there
    }

    fn want_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn want_sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<Name, Fault> {
        match self.peek().clone() {
            Token { kind: Kind::Word(text), at } => {
                self.next += 1;
                Ok(Name { text, at })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn query(&mut self) -> Result<Query, Fault> {
        self.want_word("select")?;
        let mut items = vec![self.item()?];
        while self.take_sign(",") {
            items.push(self.item()?);
        }
        self.want_word("from")?;
        let object = self.name()?;
        let clause = ["where", "order", "limit", "offset", "group", "for", "using", "with"];
        let alias = match &self.peek().kind {
            Kind::Word(word) if !clause.iter().any(|one| word.eq_ignore_ascii_case(one)) => {
                Some(self.name()?.text)
            }
            _ => None,
        };
        let filter = if self.take_word("where") { Some(self.any(0)?) } else { None };
        let order = if self.take_word("order") { self.order()? } else { Vec::new() };
        let limit = if self.take_word("limit") { Some(self.count()?) } else { None };
        let offset = if self.take_word("offset") { Some(self.count()?) } else { None };
        Ok(Query { items, object, alias, filter, order, limit, offset })
    }

    fn item(&mut self) -> Result<Item, Fault> {
        let path = self.name()?;
        if !self.take_sign("(") {
            return Ok(Item::Path(path));
        }
        if !path.text.eq_ignore_ascii_case("count") {
            return Err(Fault::malformed(path.at, format!("unexpected token: '{}'", path.text)));
        }
        if self.take_sign(")") {
            return Ok(Item::Count);
        }
        let field = self.name()?;
        self.want_sign(")")?;
        let alias = match &self.peek().kind {
            Kind::Word(word) if !word.eq_ignore_ascii_case("from") => Some(self.name()?.text),
            _ => None,
        };
        Ok(Item::CountOf(field, alias))
    }

    /// Conditions joined by AND or by OR; both together want parentheses.
    fn any(&mut self, depth: usize) -> Result<Condition, Fault> {
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
        let path = self.name()?;
        let negated = self.take_word("not");
        if self.take_word("in") {
            return self.list(path, negated);
        }
        if negated {
            return Err(self.unexpected());
        }
        let operator = self.operator()?;
        let value = self.literal()?;
        Ok(Condition::Compare(path, operator, value))
    }

    fn list(&mut self, path: Name, negated: bool) -> Result<Condition, Fault> {
        self.want_sign("(")?;
        let mut values = vec![self.literal()?];
        while self.take_sign(",") {
            values.push(self.literal()?);
        }
        self.want_sign(")")?;
        Ok(Condition::In { path, values, negated })
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
        let fault = self.unexpected();
        let Token { kind, at } = self.advance();
        let value = match kind {
            Kind::Text(text) => Constant::Text(text),
            Kind::Word(word) if word.eq_ignore_ascii_case("null") => Constant::Null,
            Kind::Word(word) if word.eq_ignore_ascii_case("true") => Constant::Bool(true),
            Kind::Word(word) if word.eq_ignore_ascii_case("false") => Constant::Bool(false),
            Kind::Number(text) => {
                if let Ok(number) = text.parse() {
                    Constant::Number(number)
                } else if let Ok(date) = text.parse::<jiff::civil::Date>()
                    && !text.contains(['T', 't'])
                {
                    Constant::Date(date)
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

    fn order(&mut self) -> Result<Vec<Order>, Fault> {
        self.want_word("by")?;
        let mut keys = Vec::new();
        loop {
            let path = self.name()?;
            let descending = self.take_word("desc");
            if !descending {
                self.take_word("asc");
            }
            let mut nulls_last = false;
            if self.take_word("nulls") {
                nulls_last = self.take_word("last");
                if !nulls_last {
                    self.want_word("first")?;
                }
            }
            keys.push(Order { path, descending, nulls_last });
            if !self.take_sign(",") {
                return Ok(keys);
            }
        }
    }

    fn count(&mut self) -> Result<usize, Fault> {
        let number = match &self.peek().kind {
            Kind::Number(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(number)
    }
}
