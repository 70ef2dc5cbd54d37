//! `portalctl schema`.

use crate::config::schema as files;
use crate::render::json;

use super::args::{Document, SchemaArgs};
use super::error::Failure;
use super::exit::Exit;
use super::output;

pub(super) fn run(args: &SchemaArgs) -> Result<Exit, Failure> {
    let text = match args.document {
        Document::Project => files::project()?,
        Document::Users => files::users()?,
        Document::Overlay => files::overlay()?,
        Document::Plan => json::schema::<json::PlanDocument<'_>>()?,
        Document::Drift => json::schema::<json::DriftDocument<'_>>()?,
        Document::Licenses => json::schema::<json::LicensesDocument<'_>>()?,
        Document::Access => json::schema::<json::AccessDocument<'_>>()?,
        Document::Doctor => json::schema::<json::DoctorDocument<'_>>()?,
        Document::Report => json::schema::<json::ReportDocument<'_>>()?,
        #[cfg(feature = "emulator")]
        Document::Seed => crate::emulator::Emulator::seed_schema(),
    };
    output::result(&text)?;
    Ok(Exit::Done)
}
