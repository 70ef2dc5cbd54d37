//! `portalctl validate`.

use crate::render::{count, json};

use super::args::{Format, Global};
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::project;

pub(super) fn run(global: &Global, output: &Output) -> Result<Exit, Failure> {
    let loaded = project::read(global)?;
    let valid = !loaded.has_errors();
    match global.format() {
        Format::Json => output::result(&json::diagnostics(&loaded.diagnostics)?)?,
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
    Err(Failure::error(anyhow::anyhow!("{}", project::totals(&loaded))))
}
