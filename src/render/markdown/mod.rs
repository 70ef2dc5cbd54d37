//! The plan and the report as Markdown for comments and job summaries.
//!
//! Summary and lost access come first. What does not fit is cut from the middle of lists, said so,
//! and the comment then says that nobody can approve from it.

mod document;
mod drift;
mod licenses;
mod plan;
mod report;

pub use drift::drift;
pub use licenses::licenses;
pub use plan::plan;
pub use report::report;

use crate::plan::Plan;

use super::escape::{code, markdown};

/// What a comment of GitHub holds, in characters; counted here in bytes, which are never fewer.
/// Source: GitHub REST API, "Issue comments"; longer bodies are refused.
pub const COMMENT_LIMIT: usize = 65_536;
/// What a job summary of GitHub holds: 1 MiB a step, and an upload that is larger is dropped whole.
/// Source: GitHub Docs, "Workflow commands", "Step isolation and limits".
pub const SUMMARY_LIMIT: usize = 1_048_576;
/// The least that a limit can be: what cannot be cut fits into it.
pub const LEAST_LIMIT: usize = 4_096;

/// The invisible first line, by which a workflow finds its own comment and knows what it is about.
fn marker(kind: &str, plan: &Plan, digest: &str, truncated: bool) -> String {
    let word = |text: &str| -> String {
        let mut word = String::new();
        for c in text.chars() {
            match c {
                // Two hyphens could end the comment.
                '-' if word.ends_with('-') => word.push('_'),
                c if c.is_ascii_alphanumeric() || ".-_:".contains(c) => word.push(c),
                _ => word.push('_'),
            }
        }
        word
    };
    format!(
        "<!-- portalctl {kind} project={} org={} digest={} truncated={truncated} -->\n",
        word(plan.project.as_str()),
        word(&plan.org.name),
        word(digest),
    )
}

/// A row of a table.
fn row<const N: usize>(cells: [&str; N]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// The head of a table, with an empty line before it.
fn head<const N: usize>(cells: [&str; N]) -> String {
    format!("\n{}|{}\n", row(cells), " --- |".repeat(N))
}
