//! The JSON that scripts rely on: private shapes, and conversions into them. Keys are added in
//! minor versions of [`FORMAT_VERSION`] and removed only in major ones.

mod plan;
mod report;

pub use plan::PlanDocument;
pub use report::ReportDocument;

use serde::Serialize;

use crate::apply::Report;
use crate::model::Diagnostic;
use crate::plan::Plan;

/// The version of both formats.
pub const FORMAT_VERSION: &str = "1.0";

/// A plan as JSON, with a newline at the end.
pub fn plan(plan: &Plan) -> serde_json::Result<String> {
    text(&PlanDocument::of(plan))
}

/// What `portalctl validate --json` prints.
#[derive(Serialize)]
struct Findings<'a> {
    format_version: &'static str,
    diagnostics: Vec<plan::DiagnosticEntry<'a>>,
}

/// Findings as JSON, with a newline at the end.
pub fn diagnostics(list: &[Diagnostic]) -> serde_json::Result<String> {
    let diagnostics = list.iter().map(plan::DiagnosticEntry::of).collect();
    text(&Findings { format_version: FORMAT_VERSION, diagnostics })
}

/// What is known of an apply beside its results.
#[derive(Clone, Debug, Default)]
pub struct ReportContext<'a> {
    /// Why it was done, in the words of who did it.
    pub reason: Option<&'a str>,
    /// Who approved it.
    pub approver: Option<&'a str>,
}

/// A report as JSON, with a newline at the end.
pub fn report(
    plan: &Plan,
    report: &Report,
    context: &ReportContext<'_>,
) -> serde_json::Result<String> {
    text(&ReportDocument::of(plan, report, context))
}

/// The JSON Schema of a document, with a newline at the end.
pub fn schema<T: schemars::JsonSchema>() -> serde_json::Result<String> {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    text(&settings.into_generator().into_root_schema_for::<T>())
}

fn text<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
