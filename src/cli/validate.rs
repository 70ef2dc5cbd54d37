//! `portalctl validate`.

use crate::render::{self, count, github, json};

use super::args::{Format, Global};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::{present, project};

pub(super) fn run(
    global: &Global,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let mut loaded = project::read(global)?;
    if global.mask {
        render::mask_findings(&mut loaded);
    }
    let valid = !loaded.has_errors();
    match global.format() {
        Format::Json => output::result(&json::diagnostics(&loaded.diagnostics)?)?,
        Format::Github => {
            let mut text = String::new();
            let folder = present::folder(environment, &loaded.root);
            github::diagnostics(&mut text, &loaded.diagnostics, &folder)?;
            output::result(&text)?;
        }
        Format::Markdown | Format::Html | Format::Csv => {
            return Err(Failure::usage("`validate` has no such format")
                .hint("the formats are text, json and github"));
        }
        Format::Text => {
            output.diagnostics(&loaded.diagnostics, &loaded.sources)?;
            if valid {
                let users = count(loaded.desired.users.len(), "user");
                output::result(&format!("Valid: {users} declared.\n"))?;
            }
        }
    }
    if valid {
        return Ok(Exit::Done);
    }
    Err(Failure::error(anyhow::anyhow!("{}", project::totals(&loaded.diagnostics))))
}
