//! What is read back later: reports, to be reverted, and plans, to be applied. A saved plan is the
//! plan as everybody may read it, the same to the last detail, and a checksum over all of it. It
//! holds no secret.
//!
//! Written anew from the same plan it is the same to the byte.

mod declared;
mod inverse;
mod shape;
mod text;

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::serde_as;

use crate::model::Rule;
use crate::plan::{self, Plan, Selection};

pub use declared::{Declared, Edited};
pub use inverse::{Applied, InverseEntry};

use shape::{PlanShape, SelectionShape};
use text::AsText;

/// What the file says it is.
const FORMAT: &str = "portalctl saved plan";
/// The version of the file's format. Files of another major version are not read.
const VERSION: &str = "1.0";

/// A plan, and what it was made with.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The plan.
    pub plan: Plan,
    /// The flags that shaped it.
    pub flags: Flags,
    /// What the files said.
    pub declared: Declared,
}

/// The flags that shaped a plan. They hold when it is applied, too.
#[serde_as]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `--allow`.
    #[serde_as(as = "BTreeMap<AsText, _>")]
    pub allow: BTreeMap<Rule, u64>,
    /// `--target`, `--exclude`, `--only`, `--only-reason`, `--no-deactivate`.
    #[serde_as(as = "SelectionShape")]
    pub selection: Selection,
}

/// Why a file is not a plan to go by.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is not a whole file of this kind.
    #[error("it is not {0}: {1}")]
    Unreadable(&'static str, String),
    /// It is of a version that this program does not know.
    #[error("it has format version {found}, this program knows {VERSION}")]
    Format {
        /// What it says.
        found: String,
    },
    /// It was changed after it was written.
    #[error("it was edited after it was written")]
    Edited,
}

#[serde_as]
#[derive(Serialize)]
struct File<'a> {
    format: &'static str,
    format_version: &'static str,
    tool_version: &'static str,
    /// As `plan --json` prints it.
    plan: &'a Value,
    flags: &'a Flags,
    declared: &'a Declared,
    #[serde_as(as = "&PlanShape")]
    exact: &'a Plan,
}

#[serde_as]
#[derive(Deserialize)]
struct Read {
    flags: Flags,
    declared: Declared,
    #[serde_as(as = "PlanShape")]
    exact: Plan,
}

impl Saved {
    /// The text of the file. `shown` is the plan as `plan --json` prints it.
    pub fn write(&self, shown: &Value) -> serde_json::Result<String> {
        let file = File {
            format: FORMAT,
            format_version: VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            plan: shown,
            flags: &self.flags,
            declared: &self.declared,
            exact: &self.plan,
        };
        let mut value = serde_json::to_value(&file)?;
        let sum = checksum(&value)?;
        if let Value::Object(map) = &mut value {
            map.insert("checksum".to_owned(), sum.into());
        }
        let mut text = serde_json::to_string_pretty(&value)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a file. `shown` is how this program shows the plan, with which the readable part has to
    /// agree.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        let unreadable =
            |error: serde_json::Error| Unusable::Unreadable("a saved plan", error.to_string());
        let mut map: Map<String, Value> = serde_json::from_str(text).map_err(unreadable)?;
        check_format(&map)?;
        let sum = map.shift_remove("checksum");
        let value = Value::Object(map);
        if sum != Some(checksum(&value).map_err(unreadable)?.into()) {
            return Err(Unusable::Edited);
        }
        let shown = value["plan"]["digest"].as_str().unwrap_or_default().to_owned();
        let Read { flags, declared, exact } = serde_json::from_value(value).map_err(unreadable)?;
        if plan::digest(&exact) != shown {
            return Err(Unusable::Edited);
        }
        Ok(Self { plan: exact, flags, declared })
    }
}

fn check_format(map: &Map<String, Value>) -> Result<(), Unusable> {
    if map.get("format").and_then(Value::as_str) != Some(FORMAT) {
        let what = if map.contains_key("changes") {
            "it is what `plan --json` prints; a plan to be applied is written by `plan --out FILE`"
        } else if map.contains_key("results") {
            "it is the report of an apply, which `portalctl revert` takes"
        } else {
            "it does not say that it is one"
        };
        return Err(Unusable::Unreadable("a saved plan", what.to_owned()));
    }
    let shown = map.get("plan").and_then(|plan| plan.get("format_version"));
    for found in [map.get("format_version"), shown].into_iter().flatten() {
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        if major(&found) != major(VERSION) {
            return Err(Unusable::Format { found });
        }
    }
    Ok(())
}

/// Over the values, not over how they are laid out.
fn checksum(value: &Value) -> serde_json::Result<String> {
    Ok(declared::hex(digest(&SHA256, serde_json::to_string(value)?.as_bytes()).as_ref()))
}
