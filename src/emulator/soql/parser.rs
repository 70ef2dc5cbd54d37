//! Tokens → query, by recursive descent. Conditions are read in [`condition`](super::condition).

use super::Fault;
use super::ast::{Aggregate, Function, Group, Item, Name, Operand, Order, Query};
use super::lexer::{Kind, Token, tokens};

/// How deep child queries may be nested. Source: SOQL Reference, "Relationship Query Limitations".
const LEVELS: usize = 5;

/// Words that end the name of an object and its alias.
const CLAUSES: [&str; 11] = [
    "where", "order", "limit", "offset", "group", "having", "for", "using", "with", "update", "all",
];

/// Reads a statement.
pub(super) fn parse(statement: &str) -> Result<Query, Fault> {
    let mut parser = Parser { tokens: tokens(statement)?, next: 0 };
    let query = parser.query(0)?;
    match parser.peek().kind {
        Kind::End => Ok(query),
        _ => Err(parser.unexpected()),
    }
}

pub(super) struct Parser {
    tokens: Vec<Token>,
    pub(super) next: usize,
}

const END: Token = Token { kind: Kind::End, at: 0 };

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.next).or(self.tokens.last()).unwrap_or(&END)
    }

    fn peek_after(&self) -> &Kind {
        self.tokens.get(self.next + 1).map_or(&Kind::End, |token| &token.kind)
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    pub(super) fn unexpected(&self) -> Fault {
        let token = self.peek();
        Fault::malformed(token.at, format!("unexpected token: {}", token.kind.shown()))
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(&self.peek().kind, Kind::Word(text) if text.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        self.next += usize::from(there);
        there
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek().kind, Kind::Sign(text) if text == sign);
        self.next += usize::from(there);
        there
    }

    fn want_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn want_sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn name(&mut self) -> Result<Name, Fault> {
        match self.peek().clone() {
            Token { kind: Kind::Word(text), at } => {
                self.next += 1;
                Ok(Name { text, at })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A query; `level` counts the queries around it.
    pub(super) fn query(&mut self, level: usize) -> Result<Query, Fault> {
        if level > LEVELS {
            return Err(self.unexpected());
        }
        self.want_word("select")?;
        let mut items = vec![self.item(level)?];
        while self.take_sign(",") {
            items.push(self.item(level)?);
        }
        self.want_word("from")?;
        let object = self.name()?;
        let alias = self.alias(&CLAUSES)?;
        if self.take_word("using") {
            self.want_word("scope")?;
            self.name()?;
        }
        let filter = if self.take_word("where") { Some(self.any(0)?) } else { None };
        if self.take_word("with") {
            // Access checks of the running user: in the emulator it may see everything.
            self.name()?;
        }
        let group = if self.take_word("group") { self.group()? } else { Vec::new() };
        let having = if self.take_word("having") { Some(self.any(0)?) } else { None };
        let order = if self.take_word("order") { self.order()? } else { Vec::new() };
        let limit = if self.take_word("limit") { Some(self.count()?) } else { None };
        let offset = if self.take_word("offset") { Some(self.count()?) } else { None };
        while self.take_word("for") {
            self.name()?;
        }
        Ok(Query { items, object, alias, filter, group, having, order, limit, offset })
    }

    /// A name that is not the next clause.
    fn alias(&mut self, ends: &[&str]) -> Result<Option<String>, Fault> {
        self.take_word("as");
        match &self.peek().kind {
            Kind::Word(word) if !ends.iter().any(|end| word.eq_ignore_ascii_case(end)) => {
                Ok(Some(self.name()?.text))
            }
            _ => Ok(None),
        }
    }

    fn item(&mut self, level: usize) -> Result<Item, Fault> {
        if self.take_sign("(") {
            let children = self.query(level + 1)?;
            self.want_sign(")")?;
            return Ok(Item::Children(Box::new(children)));
        }
        if !matches!(self.peek_after(), Kind::Sign("(")) {
            let path = self.name()?;
            return Ok(Item::Path(path, self.alias(&["from"])?));
        }
        if self.is_word("count")
            && matches!(self.tokens.get(self.next + 2), Some(Token { kind: Kind::Sign(")"), .. }))
        {
            self.next += 3;
            return Ok(Item::Count);
        }
        if self.is_word("fields") {
            return self.fields();
        }
        if self.is_word("tolabel") || self.is_word("format") {
            // The emulator's labels are its values.
            self.next += 2;
            let path = self.name()?;
            self.want_sign(")")?;
            return Ok(Item::Path(path, self.alias(&["from"])?));
        }
        let aggregate = self.aggregate()?;
        Ok(Item::Aggregate(aggregate, self.alias(&["from"])?))
    }

    fn fields(&mut self) -> Result<Item, Fault> {
        let at = self.advance().at;
        self.want_sign("(")?;
        let which = self.name()?;
        self.want_sign(")")?;
        let group = match which.text.to_ascii_lowercase().as_str() {
            "all" => Group::All,
            "standard" => Group::Standard,
            "custom" => Group::Custom,
            _ => {
                return Err(Fault::malformed(
                    which.at,
                    format!("unexpected token: '{}'", which.text),
                ));
            }
        };
        Ok(Item::Fields(group, at))
    }

    fn aggregate(&mut self) -> Result<Aggregate, Fault> {
        let function = match &self.peek().kind {
            Kind::Word(word) => match word.to_ascii_lowercase().as_str() {
                "count" => Function::Count,
                "count_distinct" => Function::CountDistinct,
                "min" => Function::Min,
                "max" => Function::Max,
                "sum" => Function::Sum,
                "avg" => Function::Avg,
                _ => return Err(self.unexpected()),
            },
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        self.want_sign("(")?;
        let path = self.name()?;
        self.want_sign(")")?;
        Ok(Aggregate { function, path })
    }

    /// A field, or a function over one.
    pub(super) fn operand(&mut self) -> Result<Operand, Fault> {
        if matches!(self.peek_after(), Kind::Sign("(")) {
            return Ok(Operand::Aggregate(self.aggregate()?));
        }
        Ok(Operand::Field(self.name()?))
    }

    fn group(&mut self) -> Result<Vec<Name>, Fault> {
        self.want_word("by")?;
        let mut keys = vec![self.name()?];
        while self.take_sign(",") {
            keys.push(self.name()?);
        }
        Ok(keys)
    }

    fn order(&mut self) -> Result<Vec<Order>, Fault> {
        self.want_word("by")?;
        let mut keys = Vec::new();
        loop {
            let by = self.operand()?;
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
            keys.push(Order { by, descending, nulls_last });
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
