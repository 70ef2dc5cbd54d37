//! Groups of records and functions over them.
//! Source: SOQL and SOSL Reference, "GROUP BY" and "Aggregate Functions": all ignore nulls except
//! `COUNT(Id)`; a function without alias is called `expr0`, `expr1` and so on.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::ast::{Aggregate, Condition, Function, Item, Literal, Operand, Query};
use super::compare::{self, Ready};
use super::path::{self, Path, Scope};
use super::{Fault, write};
use crate::emulator::schema::{Field, Kind, Object};
use crate::emulator::store::Row;
use crate::emulator::value::Value;

/// The most groups of an answer. Source: recorded; there is no further page.
const MAX_GROUPS: usize = 2000;

/// What is asked of each group.
#[derive(Clone)]
enum Wanted {
    Key(usize),
    Function(Function, Path, Kind),
}

/// The rows of groups as JSON.
pub(super) fn run<'a>(
    scope: &Scope<'_>,
    query: &Query,
    rows: impl Iterator<Item = &'a Row>,
) -> Result<Vec<String>, Fault> {
    if scope.object == Object::SETUP_AUDIT_TRAIL {
        return Err(Fault::malformed(
            query.object.at,
            "SetupAuditTrail does not support aggregates",
        ));
    }
    let mut keys = Vec::new();
    for name in &query.group {
        let (path, field) = scope.path(name)?;
        if matches!(field.kind, Kind::LongText(_) | Kind::Moment) {
            let message = format!("field '{}' can not be grouped in a query call", name.text);
            return Err(Fault::malformed(name.at, message));
        }
        keys.push((path, field, name.text.to_ascii_lowercase()));
    }
    if keys.is_empty() && query.limit.is_some() {
        let message = "LIMIT is not allowed with an aggregate function without GROUP BY";
        return Err(Fault::malformed(query.object.at, message));
    }
    let columns = columns(scope, query, &keys)?;
    let groups = collect(scope, &keys, rows);
    let mut results = Vec::new();
    for (values, rows) in groups {
        let group = Found { scope, keys: &keys, values, rows };
        if query.having.as_ref().map_or(Ok(true), |having| group.holds(having))? {
            results.push(group);
        }
    }
    sort(&mut results, query)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    if results.len().min(limit) > MAX_GROUPS {
        let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        return Err(Fault {
            code: "EXCEEDED_ID_LIMIT",
            at: usize::MAX,
            message: message.to_owned(),
        });
    }
    let shown = results.into_iter().skip(query.offset.unwrap_or(0)).take(limit);
    Ok(shown.map(|group| group.json(&columns)).collect())
}

type Keys = Vec<(Path, Field, String)>;

fn collect<'a>(
    scope: &Scope<'_>,
    keys: &Keys,
    rows: impl Iterator<Item = &'a Row>,
) -> Vec<(Vec<Value>, Vec<&'a Row>)> {
    let mut groups: Vec<(Vec<Value>, Vec<&Row>)> = Vec::new();
    if keys.is_empty() {
        return vec![(Vec::new(), rows.collect())];
    }
    let mut known: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let values: Vec<Value> = keys
            .iter()
            .map(|(path, ..)| path::value(scope.org, scope.object, row, path).into_owned())
            .collect();
        let key = format!("{values:?}").to_lowercase();
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, members)) => members.push(row),
            None => groups.push((values, vec![row])),
        }
    }
    groups
}

fn columns(scope: &Scope<'_>, query: &Query, keys: &Keys) -> Result<Vec<(String, Wanted)>, Fault> {
    let mut columns = Vec::new();
    let mut unnamed = 0;
    for item in &query.items {
        columns.push(match item {
            Item::Path(name, alias) => {
                let at = keys.iter().position(|(.., text)| *text == name.text.to_ascii_lowercase());
                let Some((at, (_, field, _))) = at.and_then(|at| Some((at, keys.get(at)?))) else {
                    // An unknown field is told before an ungrouped one.
                    scope.path(name)?;
                    let message = format!("Field must be grouped or aggregated: {}", name.text);
                    return Err(Fault::malformed(name.at, message));
                };
                (alias.clone().unwrap_or_else(|| field.name.to_string()), Wanted::Key(at))
            }
            Item::Aggregate(aggregate, alias) => {
                let key = alias.clone().unwrap_or_else(|| {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1)
                });
                (key, function(scope, aggregate)?)
            }
            Item::Count | Item::Children(_) | Item::Fields(..) => {
                let message = "Grouped query cannot use this select item";
                return Err(Fault::malformed(query.object.at, message));
            }
        });
    }
    Ok(columns)
}

fn function(scope: &Scope<'_>, aggregate: &Aggregate) -> Result<Wanted, Fault> {
    let (path, field) = scope.path(&aggregate.path)?;
    let sums = matches!(aggregate.function, Function::Sum | Function::Avg);
    let ordered = matches!(aggregate.function, Function::Min | Function::Max);
    if (sums && !field.kind.is_number()) || (ordered && field.kind == Kind::Bool) {
        let message = format!("field {} does not support aggregate operator", field.name);
        return Err(Fault::malformed(aggregate.path.at, message));
    }
    Ok(Wanted::Function(aggregate.function, path, field.kind))
}

/// A group.
struct Found<'a> {
    scope: &'a Scope<'a>,
    keys: &'a Keys,
    values: Vec<Value>,
    rows: Vec<&'a Row>,
}

impl Found<'_> {
    fn value(&self, wanted: &Wanted) -> Value {
        match wanted {
            Wanted::Key(at) => self.values.get(*at).cloned().unwrap_or(Value::Null),
            Wanted::Function(function, path, kind) => self.apply(*function, path, kind),
        }
    }

    fn apply(&self, function: Function, path: &Path, kind: &Kind) -> Value {
        let values = || {
            let all = self
                .rows
                .iter()
                .map(|row| path::value(self.scope.org, self.scope.object, row, path).into_owned());
            all.filter(|value| !value.is_null())
        };
        let number = |value: Value| if let Value::Number(n) = value { n } else { 0.0 };
        #[expect(clippy::cast_precision_loss, reason = "a number of records is far below 2^52")]
        let count = |n: usize| n as f64;
        match function {
            Function::Count => Value::Number(count(values().count())),
            Function::CountDistinct => {
                let distinct: HashSet<String> =
                    values().map(|value| format!("{value:?}").to_lowercase()).collect();
                Value::Number(count(distinct.len()))
            }
            Function::Min => {
                values().min_by(|a, b| compare::sort(kind, a, b)).unwrap_or(Value::Null)
            }
            Function::Max => {
                values().max_by(|a, b| compare::sort(kind, a, b)).unwrap_or(Value::Null)
            }
            Function::Sum if values().next().is_none() => Value::Null,
            Function::Sum => Value::Number(values().map(number).sum()),
            Function::Avg => match values().count() {
                0 => Value::Null,
                n => Value::Number(values().map(number).sum::<f64>() / count(n)),
            },
        }
    }

    fn operand(&self, operand: &Operand) -> Result<(Value, Field), Fault> {
        match operand {
            Operand::Field(name) => {
                let text = name.text.to_ascii_lowercase();
                let at = self.keys.iter().position(|(.., key)| *key == text);
                let found = at.and_then(|at| Some((self.values.get(at)?, self.keys.get(at)?)));
                found.map(|(value, (_, field, _))| (value.clone(), field.clone())).ok_or_else(
                    || {
                        let message = format!("Field must be grouped or aggregated: {}", name.text);
                        Fault::malformed(name.at, message)
                    },
                )
            }
            Operand::Aggregate(aggregate) => {
                let (_, mut field) = self.scope.path(&aggregate.path)?;
                let wanted = function(self.scope, aggregate)?;
                if !matches!(aggregate.function, Function::Min | Function::Max) {
                    field.kind = Kind::Number;
                }
                Ok((self.value(&wanted), field))
            }
        }
    }

    fn holds(&self, condition: &Condition) -> Result<bool, Fault> {
        let ready = |field: &Field, literal: &Literal| -> Result<Ready, Fault> {
            compare::ready(self.scope.org, field, literal)
        };
        Ok(match condition {
            Condition::All(parts) => parts
                .iter()
                .map(|part| self.holds(part))
                .collect::<Result<Vec<_>, _>>()?
                .iter()
                .all(|b| *b),
            Condition::Any(parts) => parts
                .iter()
                .map(|part| self.holds(part))
                .collect::<Result<Vec<_>, _>>()?
                .iter()
                .any(|b| *b),
            Condition::Not(part) => !self.holds(part)?,
            Condition::Compare(operand, operator, literal) => {
                let (value, field) = self.operand(operand)?;
                compare::holds(&value, *operator, &ready(&field, literal)?)
            }
            Condition::In { path, values, negated } => {
                let (value, field) = self.operand(&Operand::Field(path.clone()))?;
                let mut found = false;
                for literal in values {
                    found |= compare::equal(&value, &ready(&field, literal)?);
                }
                found != *negated
            }
            Condition::Among { path, .. } | Condition::Includes { path, .. } => {
                return Err(Fault::malformed(path.at, "not allowed in HAVING"));
            }
        })
    }

    fn json(&self, columns: &[(String, Wanted)]) -> String {
        let mut out = "{\"attributes\":{\"type\":\"AggregateResult\"}".to_owned();
        for (name, wanted) in columns {
            out.push(',');
            write::text(&mut out, name);
            out.push(':');
            write::value(&mut out, &self.value(wanted));
        }
        out.push('}');
        out
    }
}

fn sort(groups: &mut [Found<'_>], query: &Query) -> Result<(), Fault> {
    if let Some(group) = groups.first() {
        for order in &query.order {
            group.operand(&order.by)?;
        }
    }
    groups.sort_by(|left, right| {
        query.order.iter().fold(Ordering::Equal, |so_far, order| {
            so_far.then_with(|| {
                let (Ok((left, field)), Ok((right, _))) =
                    (left.operand(&order.by), right.operand(&order.by))
                else {
                    return Ordering::Equal;
                };
                let nulls = left.is_null() != right.is_null();
                let by = compare::sort(&field.kind, &left, &right);
                let turned = if nulls { order.nulls_last } else { order.descending };
                if turned { by.reverse() } else { by }
            })
        })
    });
    Ok(())
}
