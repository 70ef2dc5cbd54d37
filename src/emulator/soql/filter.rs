//! Conditions, resolved; and which records are worth looking at.

use std::collections::HashSet;

use super::ast::{Condition, Literal, Name, Operand, Operator};
use super::compare::{self, Ready};
use super::path::{self, Path, Scope};
use super::{Fault, select};
use crate::emulator::schema::{Field, Kind, Object};
use crate::emulator::store::{Key, Org, Row};
use crate::emulator::value::Value;

/// The most semi-joins of a condition. Source: SOQL Reference, "Semi-Joins with IN".
const MAX_SEMI_JOINS: usize = 2;

/// A condition, resolved.
#[derive(Clone, Debug)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare(Path, Operator, Ready),
    In(Path, Set, bool),
    /// Each part of a list is a set of values that must all be there.
    Includes(Path, Vec<Vec<String>>, bool),
}

/// The values of an IN list.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    keys: HashSet<Key>,
    rest: Vec<Ready>,
    null: bool,
}

impl Set {
    fn add(&mut self, ready: Ready) {
        match (&ready, ready.key()) {
            (Ready::Exact(_), _) | (_, None) => {
                self.null |= matches!(ready, Ready::Value(Value::Null));
                self.rest.push(ready);
            }
            (_, Some(key)) => {
                self.keys.insert(key);
            }
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match Key::of(value) {
            None if value.is_null() => self.null,
            Some(key) if self.keys.contains(&key) => true,
            _ => self.rest.iter().any(|ready| compare::equal(value, ready)),
        }
    }
}

impl Scope<'_> {
    /// Resolves the condition of a query.
    pub(super) fn filter(&self, condition: &Condition) -> Result<Test, Fault> {
        let joins = semi_joins(condition);
        if let Some(at) = joins.get(MAX_SEMI_JOINS) {
            let message = "maximum 2 semi join sub-selects are allowed";
            return Err(Fault::malformed(*at, message));
        }
        self.test(condition)
    }

    fn test(&self, condition: &Condition) -> Result<Test, Fault> {
        let all = |parts: &[Condition]| -> Result<Vec<Test>, Fault> {
            parts.iter().map(|part| self.test(part)).collect()
        };
        Ok(match condition {
            Condition::All(parts) => Test::All(all(parts)?),
            Condition::Any(parts) => {
                if let Some(at) = parts.iter().flat_map(semi_joins).next() {
                    let message = "Semi join sub-selects are not allowed with the 'OR' operator";
                    return Err(Fault::malformed(at, message));
                }
                Test::Any(all(parts)?)
            }
            Condition::Not(part) => Test::Not(Box::new(self.test(part)?)),
            Condition::Compare(Operand::Aggregate(aggregate), ..) => {
                let message = format!("unexpected token: '{}'", aggregate.path.text);
                return Err(Fault::malformed(aggregate.path.at, message));
            }
            Condition::Compare(Operand::Field(name), operator, literal) => {
                let (path, field) = self.path(name)?;
                check_operator(&field, *operator, literal)?;
                Test::Compare(path, *operator, compare::ready(self.org, &field, literal)?)
            }
            Condition::In { path, values, negated } => {
                let (path, field) = self.path(path)?;
                let mut set = Set::default();
                for value in values {
                    set.add(compare::ready(self.org, &field, value)?);
                }
                Test::In(path, set, *negated)
            }
            Condition::Among { path, query, negated } => self.among(path, query, *negated)?,
            Condition::Includes { path, values, negated } => {
                let (path, field) = self.path(path)?;
                let parts =
                    values.iter().map(|value| parts(&field, value)).collect::<Result<_, _>>()?;
                Test::Includes(path, parts, *negated)
            }
        })
    }

    /// `Id IN (SELECT ContactId FROM User …)`.
    fn among(&self, name: &Name, query: &super::ast::Query, negated: bool) -> Result<Test, Fault> {
        let (path, field) = self.path(name)?;
        if !field.kind.is_id() || name.text.contains('.') && !matches!(path, Path::Field(_)) {
            let message = format!(
                "The left operand '{}' cannot have more than one level of relationships and has to be an id or reference field",
                name.text
            );
            return Err(Fault::malformed(name.at, message));
        }
        let ids = select::ids(self.org, query, &self.targets(&field), (&name.text, self.object))?;
        let set = Set { keys: ids.into_iter().map(Key::Id).collect(), ..Set::default() };
        Ok(Test::In(path, set, negated))
    }

    /// The objects whose ids a field holds.
    fn targets(&self, field: &Field) -> Vec<Object> {
        match &field.kind {
            Kind::Reference(to, _) => to.to_vec(),
            _ => vec![self.object],
        }
    }
}

fn check_operator(field: &Field, operator: Operator, literal: &Literal) -> Result<(), Fault> {
    let fits = match operator {
        Operator::Like => field.kind.is_text(),
        Operator::Equal | Operator::Unequal => true,
        _ => !matches!(field.kind, Kind::Bool),
    };
    if fits {
        return Ok(());
    }
    let message = format!("invalid operator on {} field", field.name);
    Err(Fault { code: "INVALID_FIELD", at: literal.at, message })
}

fn parts(field: &Field, literal: &Literal) -> Result<Vec<String>, Fault> {
    match &literal.value {
        super::ast::Constant::Text(text) if matches!(field.kind, Kind::Multipicklist(_)) => {
            Ok(text.split(';').map(str::to_owned).collect())
        }
        _ => {
            let message = format!(
                "includes or excludes operator only valid on multipicklist field: {}",
                field.name
            );
            Err(Fault { code: "INVALID_FIELD", at: literal.at, message })
        }
    }
}

/// The places of the semi-joins in a condition.
pub(super) fn semi_joins(condition: &Condition) -> Vec<usize> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().flat_map(semi_joins).collect()
        }
        Condition::Not(part) => semi_joins(part),
        Condition::Among { path, .. } => vec![path.at],
        _ => Vec::new(),
    }
}

/// Whether a record fits.
pub(super) fn fits(org: &Org, object: Object, row: &Row, test: &Test) -> bool {
    match test {
        Test::All(parts) => parts.iter().all(|part| fits(org, object, row, part)),
        Test::Any(parts) => parts.iter().any(|part| fits(org, object, row, part)),
        Test::Not(part) => !fits(org, object, row, part),
        Test::Compare(path, operator, ready) => {
            compare::holds(&path::value(org, object, row, path), *operator, ready)
        }
        Test::In(path, set, negated) => set.holds(&path::value(org, object, row, path)) != *negated,
        Test::Includes(path, parts, negated) => {
            let value = path::value(org, object, row, path);
            let held: Vec<&str> =
                value.as_text().map(|t| t.split(';').collect()).unwrap_or_default();
            let there = |part: &Vec<String>| part.iter().all(|one| held.contains(&one.as_str()));
            parts.iter().any(there) != *negated
        }
    }
}

/// The slots of the records that may fit, in order, if an index tells; otherwise all may.
pub(super) fn candidates(org: &Org, object: Object, test: &Test) -> Option<Vec<u32>> {
    let table = org.table(object)?;
    let slots = |at: usize, key: &Key| -> Option<Vec<u32>> {
        match key {
            Key::Id(id) if at == 0 => Some(table.slot(*id).into_iter().collect()),
            key => table.slots(at, key).map(<[u32]>::to_vec),
        }
    };
    let mut found = match test {
        Test::Compare(Path::Field(at), Operator::Equal, ready) => slots(*at, &ready.key()?)?,
        Test::In(Path::Field(at), set, false) if set.rest.is_empty() && !set.null => {
            let mut all = Vec::new();
            for key in &set.keys {
                all.extend(slots(*at, key)?);
            }
            all
        }
        Test::All(parts) => {
            parts.iter().filter_map(|part| candidates(org, object, part)).min_by_key(Vec::len)?
        }
        Test::Any(parts) => {
            let each: Option<Vec<Vec<u32>>> =
                parts.iter().map(|part| candidates(org, object, part)).collect();
            each?.into_iter().flatten().collect()
        }
        _ => return None,
    };
    found.sort_unstable();
    found.dedup();
    Some(found)
}
