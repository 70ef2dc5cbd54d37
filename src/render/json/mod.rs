//! The JSON that scripts rely on: private shapes, and conversions into them. Keys are added in
//! minor versions of [`FORMAT_VERSION`] and removed only in major ones.

mod access;
mod doctor;
mod drift;
mod licenses;
mod plan;
mod report;

pub use access::AccessDocument;
pub use doctor::DoctorDocument;
pub use drift::DriftDocument;
pub use licenses::LicensesDocument;
pub use plan::PlanDocument;
pub use report::ReportDocument;

use std::io;

use serde::Serialize;

use super::access_view::AccessView;
use super::view::View;
use crate::apply::Report;
use crate::doctor::Diagnosis;
use crate::drift::Drift;
use crate::model::Diagnostic;
use crate::plan::Forecast;

/// The version of all these formats.
pub const FORMAT_VERSION: &str = "1.0";

/// Writes a plan as JSON, with a newline at the end. The text is never in memory as a whole.
pub fn plan(out: &mut dyn io::Write, view: &View<'_>) -> io::Result<()> {
    write(out, &PlanDocument::of(view))
}

/// Writes an access review as JSON, person by person, with a newline at the end.
pub fn access(out: &mut dyn io::Write, view: &AccessView<'_>) -> io::Result<()> {
    write(out, &AccessDocument::of(view))
}

/// A plan as JSON, to be part of another document.
pub fn plan_value(view: &View<'_>) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(PlanDocument::of(view))
}

/// A drift as JSON, with a newline at the end.
pub fn drift(view: &View<'_>, drift: &Drift) -> serde_json::Result<String> {
    text(&DriftDocument::of(view, drift))
}

/// Seats along the days ahead as JSON, with a newline at the end.
pub fn licenses(view: &View<'_>, forecast: &Forecast) -> serde_json::Result<String> {
    text(&LicensesDocument::of(view, forecast))
}

/// What was diagnosed as JSON, with a newline at the end.
pub fn doctor(diagnosis: &Diagnosis) -> serde_json::Result<String> {
    text(&DoctorDocument::of(diagnosis))
}

/// The plan as outputs of a pipeline step: `has_changes`, one number for each key of `summary`,
/// `digest`, `blocked` and `blocked_users`.
pub fn outputs(view: &View<'_>) -> serde_json::Result<Vec<(String, String)>> {
    let plan = &view.plan;
    let mut outputs = vec![("has_changes".to_owned(), plan.has_changes().to_string())];
    if let serde_json::Value::Object(summary) = serde_json::to_value(plan::Summary::of(plan))? {
        // Of the numbers, `blocked` is that of users; as an output it says whether anything stands
        // in the way.
        let counts = summary.into_iter().filter(|(name, _)| name != "blocked");
        outputs.extend(counts.map(|(name, number)| (name, number.to_string())));
    }
    outputs.push(("digest".to_owned(), view.digest().to_owned()));
    outputs.push(("blocked".to_owned(), plan.is_blocked().to_string()));
    outputs.push(("blocked_users".to_owned(), plan.blocked().to_string()));
    Ok(outputs)
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
    /// API calls made.
    pub calls: u64,
    /// Those of them that were repeats.
    pub repeats: u64,
}

/// A report as JSON, with a newline at the end.
pub fn report(
    view: &View<'_>,
    report: &Report,
    context: &ReportContext<'_>,
) -> serde_json::Result<String> {
    let masked = |words: Option<&str>| words.map(|words| view.text(words).into_owned());
    let (reason, approver) = (masked(context.reason), masked(context.approver));
    let mut context = context.clone();
    context.reason = reason.as_deref();
    context.approver = approver.as_deref();
    text(&ReportDocument::of(view, report, &context))
}

/// The JSON Schema of a document, with a newline at the end.
pub fn schema<T: schemars::JsonSchema>() -> serde_json::Result<String> {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    text(&settings.into_generator().into_root_schema_for::<T>())
}

fn text<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut text = Vec::new();
    write(&mut text, value).map_err(serde_json::Error::io)?;
    // What serde_json writes is UTF-8.
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn write<T: Serialize>(out: &mut dyn io::Write, value: &T) -> io::Result<()> {
    let mut quiet = Quiet { out, hash: false };
    serde_json::to_writer_pretty(&mut quiet, value)?;
    out.write_all(b"\n")
}

/// Two `#` begin commands of pipeline runners wherever a log shows them. They can only stand in a
/// string, where an escape means the same.
struct Quiet<'a> {
    out: &'a mut dyn io::Write,
    /// The last byte was a `#` that stands as it is.
    hash: bool,
}

impl io::Write for Quiet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        for (at, part) in bytes.split(|byte| *byte == b'#').enumerate() {
            if at > 0 {
                self.out.write_all(if self.hash { b"\\u0023" } else { b"#" })?;
                self.hash = !self.hash;
            }
            self.hash &= part.is_empty();
            self.out.write_all(part)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn no_two_hashes_stand_together_however_they_are_written() {
        for text in ["##", "a##b", "###", "####x##", "#a#", "", "a#"] {
            for size in 1..=text.len().max(1) {
                let mut out = Vec::new();
                let mut quiet = Quiet { out: &mut out, hash: false };
                for part in text.as_bytes().chunks(size) {
                    quiet.write_all(part).unwrap();
                }
                let expected = text.replace("##", "#\\u0023");
                assert_eq!(String::from_utf8(out).unwrap(), expected, "{text} by {size}");
            }
        }
    }
}
