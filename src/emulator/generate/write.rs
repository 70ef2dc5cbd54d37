//! A generated org → seed file.

use std::fmt::Write as _;
use std::io;

use serde_json::Value as Json;

use super::{Generated, TABLES};
use crate::emulator::seed::Source;

/// Writes the file, one table after the other.
pub(super) fn file(org: &Generated, out: &mut dyn io::Write) -> io::Result<()> {
    let wanted = &org.wanted;
    writeln!(
        out,
        "# Made by `portalctl emulator seed --generate users={},accounts={},seed={}`.\n\
         # Everybody here is made up.",
        wanted.users, wanted.accounts, wanted.seed
    )?;
    let mut text = String::new();
    for name in TABLES {
        for table in org.tables(name) {
            text.clear();
            let brackets = if name == "Organization" { ("[", "]") } else { ("[[", "]]") };
            let _ = writeln!(text, "\n{}{name}{}", brackets.0, brackets.1);
            for entry in &table.entries {
                let _ = write!(text, "{} = ", entry.key);
                value(&mut text, &entry.value);
                text.push('\n');
            }
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}

/// A value. Text in quotes is the same in JSON and TOML, as long as it has no control characters.
fn value(out: &mut String, json: &Json) {
    match json {
        Json::Array(list) => {
            out.push('[');
            for (at, one) in list.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                value(out, one);
            }
            out.push(']');
        }
        Json::Object(map) => {
            out.push_str("{ ");
            for (at, (key, one)) in map.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                let _ = write!(out, "{key} = ");
                value(out, one);
            }
            out.push_str(" }");
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}
