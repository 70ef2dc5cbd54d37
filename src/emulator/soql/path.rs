//! Paths: from the name of a field to its value, through parents.

use std::borrow::Cow;

use super::Fault;
use super::ast::Name;
use crate::emulator::schema::{Field, Kind, Object};
use crate::emulator::store::{Org, Row};
use crate::emulator::value::Value;

/// The most parents of a path. Source: SOQL Reference, "Relationship Query Limitations".
const LEVELS: usize = 5;

/// The way from a record to a field.
#[derive(Clone, Debug)]
pub(super) enum Path {
    Field(usize),
    /// Through a reference; what it points to decides how it goes on.
    Through(usize, Vec<(Object, Path)>),
    /// The name of the object that a reference points to.
    Type(usize, Vec<Object>),
}

/// What names of a query mean.
pub(super) struct Scope<'a> {
    pub(super) org: &'a Org,
    pub(super) object: Object,
    pub(super) alias: Option<&'a str>,
}

impl Scope<'_> {
    /// Finds a field by its path.
    pub(super) fn path(&self, name: &Name) -> Result<(Path, Field), Fault> {
        let mut parts: Vec<&str> = name.text.split('.').collect();
        let own = |first: &&str| {
            first.eq_ignore_ascii_case(&self.org.schema.info(self.object).name)
                || self.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(first))
        };
        if parts.len() > 1 && parts.first().is_some_and(own) {
            parts.remove(0);
        }
        if parts.len() > LEVELS + 1 {
            let message = "No more than 5 relationships are allowed in a path";
            return Err(Fault::malformed(name.at, message));
        }
        self.follow(self.object, &parts, name)
    }

    fn follow(&self, object: Object, parts: &[&str], name: &Name) -> Result<(Path, Field), Fault> {
        let info = self.org.schema.info(object);
        let (first, rest) = match parts {
            [] | [""] => return Err(unknown_field(name, "", &info.name)),
            [field] => {
                let at = info.field(field).ok_or_else(|| unknown_field(name, field, &info.name))?;
                let found = info.fields.get(at).cloned();
                let found = found.ok_or_else(|| unknown_field(name, field, &info.name))?;
                return Ok((Path::Field(at), found));
            }
            [first, rest @ ..] => (first, rest),
        };
        let Some((at, targets)) = info.way(first) else {
            return Err(unknown_relation(name, first, &info.name));
        };
        if let ([last], true) = (rest, targets.len() > 1)
            && last.eq_ignore_ascii_case("type")
        {
            let field = Field::new("Type".into(), "Type".into(), Kind::Text(80));
            return Ok((Path::Type(at, targets.to_vec()), field));
        }
        let mut ways = Vec::new();
        let mut kind = None;
        let mut fault = None;
        for target in targets {
            match self.follow(*target, rest, name) {
                Ok((path, field)) => {
                    ways.push((*target, path));
                    kind.get_or_insert(field);
                }
                Err(error) => {
                    fault.get_or_insert(error);
                }
            }
        }
        match kind {
            Some(field) => Ok((Path::Through(at, ways), field)),
            None => Err(fault.unwrap_or_else(|| unknown_relation(name, first, &info.name))),
        }
    }
}

/// The value at the end of a path.
pub(super) fn value<'a>(org: &'a Org, object: Object, row: &'a Row, path: &Path) -> Cow<'a, Value> {
    let none = Cow::Borrowed(&Value::Null);
    match path {
        Path::Field(at) => org.value(object, row, *at),
        Path::Through(at, ways) => {
            let Some(id) = org.value(object, row, *at).as_id() else { return none };
            let found = ways.iter().find_map(|(to, path)| Some((*to, org.row(*to, id)?, path)));
            found.map_or(none, |(to, row, path)| value(org, to, row, path))
        }
        Path::Type(at, targets) => {
            let id = org.value(object, row, *at).as_id();
            let found = id.and_then(|id| org.find(targets, id));
            found.map_or(none, |(to, _)| Cow::Owned(Value::text(&org.schema.info(to).name)))
        }
    }
}

pub(super) fn unknown_object(name: &Name) -> Fault {
    Fault {
        code: "INVALID_TYPE",
        at: name.at,
        message: format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
            name.text
        ),
    }
}

fn unknown_field(name: &Name, field: &str, object: &str) -> Fault {
    Fault {
        code: "INVALID_FIELD",
        at: name.at,
        message: format!(
            "No such column '{field}' on entity '{object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
        ),
    }
}

pub(super) fn unknown_relation(name: &Name, part: &str, object: &str) -> Fault {
    Fault {
        code: "INVALID_FIELD",
        at: name.at,
        message: format!(
            "Didn't understand relationship '{part}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names. (entity '{object}')"
        ),
    }
}
