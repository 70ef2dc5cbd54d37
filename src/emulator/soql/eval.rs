//! Query × org → rows as JSON.
//! Source: REST API Developer Guide, "Query": the shape of rows, `attributes` first, parents nested.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::ast::{Condition, Item, Name, Operator, Query};
use super::compare::{self, Ready};
use super::{Fault, parser};
use crate::emulator::error::ApiError;
use crate::emulator::schema::{Field, Object};
use crate::emulator::store::{Org, Row};
use crate::emulator::value::Value;

/// The most rows that OFFSET skips.
const MAX_OFFSET: usize = 2000;

/// What a query finds.
pub(in crate::emulator) struct Answer {
    pub(in crate::emulator) total: usize,
    pub(in crate::emulator) records: Vec<Json>,
}

/// Runs a statement. `base` is the path that record URLs begin with.
pub(in crate::emulator) fn run(org: &Org, statement: &str, base: &str) -> Result<Answer, ApiError> {
    if statement.chars().count() > 100_000 {
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
    evaluate(org, &query, base).map_err(|fault| fault.error(statement))
}

/// The way from a record to a field: references to follow, then the field.
#[derive(Clone, Debug)]
struct Path {
    steps: Vec<(usize, Object)>,
    field: usize,
    object: Object,
}

fn evaluate(org: &Org, query: &Query, base: &str) -> Result<Answer, Fault> {
    let object = Object::named(&query.object.text).ok_or_else(|| unknown_object(&query.object))?;
    let scope = Scope { org, object, alias: query.alias.as_deref() };
    let selected = scope.select(&query.items)?;
    let filter = query.filter.as_ref().map(|filter| scope.filter(filter)).transpose()?;
    let mut rows: Vec<&Row> = org
        .rows(object)
        .filter(|row| filter.as_ref().is_none_or(|filter| scope.fits(row, filter)))
        .collect();
    scope.sort(&mut rows, query)?;
    let rows = rows.into_iter().skip(query.offset.unwrap_or(0));
    let rows: Vec<&Row> = rows.take(query.limit.unwrap_or(usize::MAX)).collect();
    Ok(match selected {
        Selected::Count => Answer { total: rows.len(), records: Vec::new() },
        Selected::Counts(counts) => {
            Answer { total: 1, records: vec![scope.aggregate(&rows, &counts)] }
        }
        Selected::Paths(tree) => Answer {
            total: rows.len(),
            records: rows.iter().map(|row| scope.record(object, row, &tree, base)).collect(),
        },
    })
}

/// What is selected, resolved.
enum Selected {
    Count,
    Counts(Vec<(Path, String)>),
    Paths(Vec<Branch>),
}

/// A field, or the fields of a parent.
enum Branch {
    Field(usize),
    Parent { through: usize, name: &'static str, object: Object, branches: Vec<Branch> },
}

/// A condition, resolved.
enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compare(Path, Operator, Ready),
    In(Path, Vec<Ready>, bool),
}

struct Scope<'a> {
    org: &'a Org,
    object: Object,
    alias: Option<&'a str>,
}

impl Scope<'_> {
    fn path(&self, name: &Name) -> Result<Path, Fault> {
        let mut parts: Vec<&str> = name.text.split('.').collect();
        let own = |first: &&str| {
            first.eq_ignore_ascii_case(self.object.info().name)
                || self.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(first))
        };
        if parts.len() > 1 && parts.first().is_some_and(own) {
            parts.remove(0);
        }
        let mut object = self.object;
        let mut steps = Vec::new();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            let Some((at, next)) = object.way(part) else {
                return Err(unknown_relation(name, part, object));
            };
            steps.push((at, object));
            object = next;
        }
        let field = object.field(last).ok_or_else(|| unknown_field(name, last, object))?;
        Ok(Path { steps, field, object })
    }

    fn value(&self, row: &Row, path: &Path) -> Value {
        let mut row = row;
        for (index, (at, _)) in path.steps.iter().enumerate() {
            let next = path.steps.get(index + 1).map_or(path.object, |(_, object)| *object);
            let (_, here) = path.steps[index];
            let Some(id) = self.org.value(here, row, *at).as_id() else { return Value::Null };
            let Some(parent) = self.org.row(next, id) else { return Value::Null };
            row = parent;
        }
        self.org.value(path.object, row, path.field)
    }

    fn select(&self, items: &[Item]) -> Result<Selected, Fault> {
        if let [Item::Count] = items {
            return Ok(Selected::Count);
        }
        if items.iter().all(|item| matches!(item, Item::CountOf(..))) {
            let mut counts = Vec::new();
            for (at, item) in items.iter().enumerate() {
                let Item::CountOf(name, alias) = item else { continue };
                let key = alias.clone().unwrap_or_else(|| format!("expr{at}"));
                counts.push((self.path(name)?, key));
            }
            return Ok(Selected::Counts(counts));
        }
        let mut tree = Vec::new();
        for item in items {
            let Item::Path(name) = item else {
                return Err(Fault::malformed(0, "Field must be grouped or aggregated"));
            };
            let path = self.path(name)?;
            if !plant(&mut tree, &path, 0) {
                return Err(Fault {
                    code: "INVALID_FIELD",
                    at: name.at,
                    message: format!("duplicate field selected: {}", name.text),
                });
            }
        }
        Ok(Selected::Paths(tree))
    }

    fn filter(&self, condition: &Condition) -> Result<Test, Fault> {
        let all = |parts: &[Condition]| -> Result<Vec<Test>, Fault> {
            parts.iter().map(|part| self.filter(part)).collect()
        };
        Ok(match condition {
            Condition::All(parts) => Test::All(all(parts)?),
            Condition::Any(parts) => Test::Any(all(parts)?),
            Condition::Not(part) => Test::Not(Box::new(self.filter(part)?)),
            Condition::Compare(name, operator, literal) => {
                let path = self.path(name)?;
                let ready = compare::ready(info(&path), literal)?;
                Test::Compare(path, *operator, ready)
            }
            Condition::In { path, values, negated } => {
                let path = self.path(path)?;
                let ready: Vec<Ready> = values
                    .iter()
                    .map(|v| compare::ready(info(&path), v))
                    .collect::<Result<_, _>>()?;
                Test::In(path, ready, *negated)
            }
        })
    }

    fn fits(&self, row: &Row, test: &Test) -> bool {
        match test {
            Test::All(parts) => parts.iter().all(|part| self.fits(row, part)),
            Test::Any(parts) => parts.iter().any(|part| self.fits(row, part)),
            Test::Not(part) => !self.fits(row, part),
            Test::Compare(path, operator, ready) => {
                compare::holds(&self.value(row, path), *operator, ready)
            }
            Test::In(path, values, negated) => {
                let value = self.value(row, path);
                values.iter().any(|wanted| compare::equal(&value, wanted)) != *negated
            }
        }
    }

    fn sort(&self, rows: &mut [&Row], query: &Query) -> Result<(), Fault> {
        let mut keys = Vec::new();
        for order in &query.order {
            keys.push((self.path(&order.path)?, order));
        }
        rows.sort_by(|left, right| {
            keys.iter().fold(Ordering::Equal, |so_far, (path, order)| {
                so_far.then_with(|| {
                    let (left, right) = (self.value(left, path), self.value(right, path));
                    let nulls = left.is_null() != right.is_null();
                    let order_of = compare::sort(&left, &right);
                    let turned = if nulls { order.nulls_last } else { order.descending };
                    if turned { order_of.reverse() } else { order_of }
                })
            })
        });
        Ok(())
    }

    fn aggregate(&self, rows: &[&Row], counts: &[(Path, String)]) -> Json {
        let mut record = Map::new();
        record.insert("attributes".to_owned(), json!({ "type": "AggregateResult" }));
        for (path, key) in counts {
            let count = rows.iter().filter(|row| !self.value(row, path).is_null()).count();
            record.insert(key.clone(), Json::from(count));
        }
        Json::Object(record)
    }

    fn record(&self, object: Object, row: &Row, branches: &[Branch], base: &str) -> Json {
        let mut record = Map::new();
        record.insert("attributes".to_owned(), attributes(object, row, base));
        for branch in branches {
            match branch {
                Branch::Field(at) => {
                    let name = object.info().fields.get(*at).map_or("", |field| field.name);
                    record.insert(name.to_owned(), self.org.value(object, row, *at).json());
                }
                Branch::Parent { through, name, object: parent, branches } => {
                    let id = self.org.value(object, row, *through).as_id();
                    let found = id.and_then(|id| self.org.row(*parent, id));
                    let json =
                        found.map_or(Json::Null, |row| self.record(*parent, row, branches, base));
                    record.insert((*name).to_owned(), json);
                }
            }
        }
        Json::Object(record)
    }
}

/// `attributes` of a record.
pub(in crate::emulator) fn attributes(object: Object, row: &Row, base: &str) -> Json {
    let id = row.first().and_then(Value::as_id).map(|id| id.to_string()).unwrap_or_default();
    let name = object.info().name;
    json!({ "type": name, "url": format!("{base}/sobjects/{name}/{id}") })
}

/// Adds a path to the tree; false, if it is there already.
fn plant(branches: &mut Vec<Branch>, path: &Path, depth: usize) -> bool {
    let Some((through, object)) = path.steps.get(depth).copied() else {
        let there = branches.iter().any(|b| matches!(b, Branch::Field(at) if *at == path.field));
        branches.push(Branch::Field(path.field));
        return !there;
    };
    let known = branches.iter_mut().find_map(|branch| match branch {
        Branch::Parent { through: at, branches, .. } if *at == through => Some(branches),
        _ => None,
    });
    if let Some(inner) = known {
        return plant(inner, path, depth + 1);
    }
    let field = object.info().fields.get(through);
    let (parent, name) = match field.map(|field| field.kind) {
        Some(crate::emulator::schema::Kind::Reference(parent, name)) => (parent, name),
        _ => (object, ""),
    };
    let mut inner = Vec::new();
    let fresh = plant(&mut inner, path, depth + 1);
    branches.push(Branch::Parent { through, name, object: parent, branches: inner });
    fresh
}

fn info(path: &Path) -> &'static Field {
    let fields = &path.object.info().fields;
    fields.get(path.field).unwrap_or(&fields[0])
}

fn unknown_object(name: &Name) -> Fault {
    Fault {
        code: "INVALID_TYPE",
        at: name.at,
        message: format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
            name.text
        ),
    }
}

fn unknown_field(name: &Name, field: &str, object: Object) -> Fault {
    Fault {
        code: "INVALID_FIELD",
        at: name.at,
        message: format!(
            "No such column '{field}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            object.info().name
        ),
    }
}

fn unknown_relation(name: &Name, part: &str, object: Object) -> Fault {
    Fault {
        code: "INVALID_FIELD",
        at: name.at,
        message: format!(
            "Didn't understand relationship '{part}' in field path on entity '{}'. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
            object.info().name
        ),
    }
}
