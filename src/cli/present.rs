//! What a result looks like in each format, and where it goes: standard output, files, and the files
//! that GitHub Actions reads.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::apply::Report;
use crate::drift::Drift;
use crate::plan::{Forecast, Plan};
use crate::render::json::ReportContext;
use crate::render::markdown::{COMMENT_LIMIT, LEAST_LIMIT, SUMMARY_LIMIT};
use crate::render::{self, Detail, Styles, View, github, html, json, markdown};

use super::args::{Format, Global, ReportFile};
use super::environment::Environment;
use super::error::Failure;
use super::output::to_file;

/// How results are shown in this run.
pub(super) struct Present<'a> {
    global: &'a Global,
    environment: &'a Environment,
    folder: github::Folder,
}

impl<'a> Present<'a> {
    pub(super) fn new(global: &'a Global, environment: &'a Environment, root: &Path) -> Self {
        Self { global, environment, folder: folder(environment, root) }
    }

    /// The plan as this run may show it.
    pub(super) fn view<'p>(&self, plan: &'p Plan) -> View<'p> {
        if self.global.mask { View::masked(plan) } else { View::whole(plan) }
    }

    /// Writes the plan in a format.
    pub(super) fn plan_to(
        &self,
        out: &mut dyn Write,
        view: &View<'_>,
        (format, styles): (Format, &Styles),
    ) -> Result<(), Failure> {
        let text = match format {
            Format::Json => return Ok(json::plan(out, view)?),
            Format::Markdown => markdown::plan(view, self.limit()),
            Format::Html => html::plan(view),
            Format::Github => {
                let mut text = String::new();
                github::plan(&mut text, view, &self.folder)?;
                text
            }
            Format::Csv => return Err(no_csv()),
            Format::Text => {
                let detail = if self.global.verbose > 0 { Detail::FULL } else { Detail::AUTO };
                let mut text = String::new();
                render::plan(&mut text, view, detail, styles)?;
                text
            }
        };
        Ok(out.write_all(text.as_bytes())?)
    }

    /// The plan in a format.
    pub(super) fn plan(
        &self,
        view: &View<'_>,
        format: Format,
        styles: &Styles,
    ) -> Result<String, Failure> {
        let mut text = Vec::new();
        self.plan_to(&mut text, view, (format, styles))?;
        String::from_utf8(text).map_err(Failure::error)
    }

    /// The report in a format.
    pub(super) fn report(
        &self,
        view: &View<'_>,
        report: &Report,
        context: &ReportContext<'_>,
        how: (Format, &Styles),
    ) -> Result<String, Failure> {
        Ok(match how {
            (Format::Json, _) => json::report(view, report, context)?,
            (Format::Markdown, _) => markdown::report(view, report, self.limit()),
            (Format::Html, _) => html::report(view, report),
            (Format::Csv, _) => return Err(no_csv()),
            (Format::Github, _) => {
                let mut text = String::new();
                github::report(&mut text, view, report, &self.folder)?;
                text
            }
            (Format::Text, styles) => {
                let mut text = String::new();
                render::report(&mut text, view, report, styles)?;
                text
            }
        })
    }

    /// The drift in a format.
    pub(super) fn drift(
        &self,
        view: &View<'_>,
        drift: &Drift,
        how: (Format, &Styles),
    ) -> Result<String, Failure> {
        let mut text = String::new();
        match how {
            (Format::Json, _) => text = json::drift(view, drift)?,
            (Format::Markdown, _) => text = markdown::drift(view, drift, self.limit()),
            (Format::Html, _) => text = html::drift(view, drift),
            (Format::Csv, _) => return Err(no_csv()),
            (Format::Github, _) => github::drift(&mut text, view, drift, &self.folder)?,
            (Format::Text, styles) => render::drift(&mut text, view, drift, styles)?,
        }
        Ok(text)
    }

    /// Seats along the days ahead, in the format of this run. Annotations and a page for the browser
    /// are not made of them.
    pub(super) fn licenses(
        &self,
        view: &View<'_>,
        forecast: &Forecast,
        styles: &Styles,
    ) -> Result<String, Failure> {
        Ok(match self.global.format() {
            Format::Json => json::licenses(view, forecast)?,
            Format::Markdown => markdown::licenses(view, forecast, self.limit()),
            Format::Csv => return Err(no_csv()),
            Format::Text | Format::Html | Format::Github => {
                let mut text = String::new();
                let all = self.global.verbose > 0;
                render::forecast(&mut text, view, forecast, all, styles)?;
                text
            }
        })
    }

    /// How many bytes Markdown may have.
    fn limit(&self) -> usize {
        self.global.markdown_limit.unwrap_or(COMMENT_LIMIT)
    }

    /// Writes the plan to the files that were asked for.
    pub(super) fn plan_files(&self, view: &View<'_>, files: &[ReportFile]) -> Result<(), Failure> {
        for file in files {
            let styles = Styles::new(false);
            to_file(&file.path, |out| self.plan_to(out, view, (file.format, &styles)))?;
        }
        Ok(())
    }

    /// Tells GitHub Actions about the plan, if it listens: outputs of the step.
    pub(super) fn plan_outputs(&self, view: &View<'_>) -> Result<(), Failure> {
        self.outputs(|| Ok(json::outputs(view)?))
    }

    /// Tells GitHub Actions about a drift: `has_changes` says whether there is any.
    pub(super) fn drift_outputs(&self, view: &View<'_>, drift: &Drift) -> Result<(), Failure> {
        self.outputs(|| {
            let mut outputs = json::outputs(view)?;
            for (name, value) in &mut outputs {
                match name.as_str() {
                    "has_changes" => *value = (!drift.is_clean()).to_string(),
                    // A drift is never applied, so nothing stands in its way.
                    "blocked" => *value = false.to_string(),
                    "blocked_users" => *value = 0.to_string(),
                    _ => {}
                }
            }
            Ok(outputs)
        })
    }

    /// Tells GitHub Actions about an apply: how many changes ended how.
    pub(super) fn report_outputs(&self, report: &Report) -> Result<(), Failure> {
        let number = |name: &str, number: usize| (name.to_owned(), number.to_string());
        self.outputs(|| {
            Ok(vec![
                number("applied", report.applied()),
                number("failed", report.failed()),
                number("skipped", report.skipped()),
            ])
        })
    }

    /// Names and values are words, numbers and digests, so no line needs quoting.
    fn outputs(
        &self,
        pairs: impl FnOnce() -> Result<Vec<(String, String)>, Failure>,
    ) -> Result<(), Failure> {
        let Some(file) = self.environment.get("GITHUB_OUTPUT") else { return Ok(()) };
        let mut lines = String::new();
        for (name, value) in pairs()? {
            lines.push_str(&name);
            lines.push('=');
            lines.push_str(&value);
            lines.push('\n');
        }
        append(Path::new(file), &lines)
    }

    /// Writes a page to the job summary of GitHub Actions, if there is one. The page is made for the
    /// space that other steps have left: an overfull summary would be dropped whole.
    pub(super) fn summary(&self, page: impl Fn(usize) -> String) -> Result<(), Failure> {
        let Some(file) = self.environment.get("GITHUB_STEP_SUMMARY") else { return Ok(()) };
        let file = Path::new(file);
        let taken = fs::metadata(file).map_or(0, |data| usize::try_from(data.len()).unwrap_or(0));
        let left = SUMMARY_LIMIT.saturating_sub(taken + 1024);
        if left < LEAST_LIMIT {
            return Ok(());
        }
        append(file, &page(left))
    }
}

/// A table has a row for everybody, which a plan, a report and a drift have not.
pub(super) fn no_csv() -> Failure {
    Failure::usage("only `access` has the format csv")
}

fn append(path: &Path, text: &str) -> Result<(), Failure> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(Failure::error)
}

/// Where the project lies in the repository: annotations name files from the repository's root.
pub(super) fn folder(environment: &Environment, root: &Path) -> github::Folder {
    let inside = || {
        let root = root.canonicalize().ok()?;
        let base = match environment.get("GITHUB_WORKSPACE") {
            Some(base) => Path::new(base).canonicalize().ok()?,
            None => Path::new(".").canonicalize().ok()?,
        };
        let parts = root.strip_prefix(base).ok()?.iter();
        Some(parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
    };
    github::Folder(inside().unwrap_or_default())
}
