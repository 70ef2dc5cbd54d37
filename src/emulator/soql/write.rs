//! Found records → JSON and CSV, straight into the answer.
//! Source: REST API Developer Guide, "Query": `attributes` first, parents nested, children as
//! answers of their own or null.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::Offset;
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

    /// Writes records from a position on as lines of CSV, every value quoted; the number that were
    /// still there.
    /// Source: Bulk API 2.0 Developer Guide, "Get Results for a Query Job".
    pub(in crate::emulator) fn write_csv(
        &self,
        org: &Org,
        (from, count): (usize, usize),
        (delimiter, end): (char, &str),
        out: &mut String,
    ) -> usize {
        let mut written = 0;
        for place in self.places.iter().skip(from).take(count) {
            let Some(found) = row(org, self.object, *place) else { continue };
            written += 1;
            for (at, column) in self.columns.iter().enumerate() {
                if at > 0 {
                    out.push(delimiter);
                }
                let value = path::value(org, self.object, found, &column.path);
                out.push('"');
                match &*value {
                    Value::Null => {}
                    Value::Text(text) if text.contains('"') => {
                        out.push_str(&text.replace('"', "\"\""));
                    }
                    Value::Text(text) => out.push_str(text),
                    Value::Id(id) => id.push_to(out),
                    Value::Moment(moment) => push_moment(out, *moment),
                    Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
                    Value::Day(day) => {
                        let _ = write!(out, "{day}");
                    }
                    Value::Number(_) => {
                        let _ = write!(out, "{}", value.json());
                    }
                }
                out.push('"');
            }
            out.push_str(end);
        }
        written
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
    let name = &*org.schema.info(object).name;
    for part in ["{\"type\":\"", name, "\""] {
        out.push_str(part);
    }
    if let Some(id) = own_id(row) {
        for part in [",\"url\":\"", base, "/sobjects/", name, "/"] {
            out.push_str(part);
        }
        id.push_to(out);
        out.push('"');
    }
    out.push('}');
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
            out.push('"');
            id.push_to(out);
            out.push('"');
        }
        Value::Moment(moment) => {
            out.push('"');
            push_moment(out, *moment);
            out.push('"');
        }
        other => {
            let _ = write!(out, "{}", other.json());
        }
    }
}

/// `2026-11-23T06:17:00.000+0000`, digit by digit: answers are full of them.
fn push_moment(out: &mut String, moment: Timestamp) {
    let at = Offset::UTC.to_datetime(moment);
    let two = |out: &mut String, number: i16| {
        for digit in [number / 10 % 10, number % 10] {
            out.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
        }
    };
    two(out, at.year() / 100);
    two(out, at.year() % 100);
    for (before, number) in [
        ('-', at.month()),
        ('-', at.day()),
        ('T', at.hour()),
        (':', at.minute()),
        (':', at.second()),
    ] {
        out.push(before);
        two(out, number.into());
    }
    out.push_str(".000+0000");
}
