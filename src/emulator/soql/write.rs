//! Found records → JSON and CSV, straight into the answer.
//! Source: REST API Developer Guide, "Query": `attributes` first, parents nested, children as
//! answers of their own or null.

use std::fmt::Write;

use serde_json::Value as Json;

use super::path;
use super::select::{Branch, Children, Rows, children, is_deleted, row};
use crate::emulator::schema::Object;
use crate::emulator::store::{Org, Row, own_id};
use crate::emulator::value::Value;

impl Rows {
    /// Writes records from a position on as the elements of an array; the number that were still
    /// there.
    pub(in crate::emulator) fn write(
        &self,
        (org, base): (&Org, &str),
        from: usize,
        count: usize,
        out: &mut String,
    ) {
        let mut first = true;
        for place in self.places.iter().skip(from).take(count) {
            let Some(found) = row(org, self.object, *place) else { continue };
            if !first {
                out.push(',');
            }
            first = false;
            let deleted = is_deleted(*place);
            let writer = Writer { org, base };
            writer.record(out, (self.object, found, deleted), &self.branches);
        }
    }

    /// Writes records from a position on as lines of CSV, every value quoted.
    /// Source: Bulk API 2.0 Developer Guide, "Get Results for a Query Job".
    pub(in crate::emulator) fn write_csv(
        &self,
        org: &Org,
        (from, count): (usize, usize),
        (delimiter, end): (char, &str),
        out: &mut String,
    ) {
        for place in self.places.iter().skip(from).take(count) {
            let Some(found) = row(org, self.object, *place) else { continue };
            for (at, column) in self.columns.iter().enumerate() {
                if at > 0 {
                    out.push(delimiter);
                }
                let value = path::value(org, self.object, found, &column.path);
                out.push('"');
                match value.json() {
                    Json::Null => {}
                    Json::String(text) => out.push_str(&text.replace('"', "\"\"")),
                    other => {
                        let _ = write!(out, "{other}");
                    }
                }
                out.push('"');
            }
            out.push_str(end);
        }
    }
}

struct Writer<'a> {
    org: &'a Org,
    base: &'a str,
}

impl Writer<'_> {
    fn record(
        &self,
        out: &mut String,
        (object, row, deleted): (Object, &Row, bool),
        branches: &[Branch],
    ) {
        out.push_str("{\"attributes\":");
        attributes(out, self.org, object, row, self.base);
        for branch in branches {
            out.push(',');
            match branch {
                Branch::Field { at, name } => {
                    text(out, name);
                    out.push(':');
                    let there = self.org.value(object, row, *at);
                    let gone = deleted && name == "IsDeleted";
                    value(out, if gone { &Value::Bool(true) } else { &there });
                }
                Branch::Type => {
                    out.push_str("\"Type\":");
                    text(out, &self.org.schema.info(object).name);
                }
                Branch::Parent { through, name, to } => {
                    text(out, name);
                    out.push(':');
                    let id = self.org.value(object, row, *through).as_id();
                    let found = id.and_then(|id| {
                        to.iter().find_map(|(to, inner)| Some((*to, self.org.row(*to, id)?, inner)))
                    });
                    match found {
                        Some((to, row, inner)) => self.record(out, (to, row, false), inner),
                        None => out.push_str("null"),
                    }
                }
                Branch::Children { name, children } => {
                    text(out, name);
                    out.push(':');
                    self.children(out, row, children);
                }
            }
        }
        out.push('}');
    }

    fn children(&self, out: &mut String, parent: &Row, below: &Children) {
        let rows = children(self.org, below, parent);
        if rows.is_empty() {
            out.push_str("null");
            return;
        }
        let _ = write!(out, "{{\"totalSize\":{},\"done\":true,\"records\":[", rows.len());
        for (at, row) in rows.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            self.record(out, (below.object, row, false), &below.branches);
        }
        out.push_str("]}");
    }
}

/// `attributes` of a record.
pub(in crate::emulator) fn attributes(
    out: &mut String,
    org: &Org,
    object: Object,
    row: &Row,
    base: &str,
) {
    let name = &org.schema.info(object).name;
    let _ = match own_id(row) {
        Some(id) => write!(out, "{{\"type\":\"{name}\",\"url\":\"{base}/sobjects/{name}/{id}\"}}"),
        None => write!(out, "{{\"type\":\"{name}\"}}"),
    };
}

/// A text with quotes.
pub(super) fn text(out: &mut String, text: &str) {
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        let _ = write!(out, "{}", Json::from(text));
    }
}

/// A value.
pub(super) fn value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Text(inner) => text(out, inner),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Id(id) => {
            let _ = write!(out, "\"{id}\"");
        }
        other => {
            let _ = write!(out, "{}", other.json());
        }
    }
}
