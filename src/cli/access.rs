//! `portalctl access`.

use std::io::Write;

use crate::plan::{AccessReview, Lookup};
use crate::render::{self, AccessView, Detail, csv, html, json};

use super::args::{AccessArgs, Format, Global};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::plan::{self, Made};

pub(super) async fn run(
    global: &Global,
    args: &AccessArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    if matches!(global.format(), Format::Markdown | Format::Github) {
        return Err(no_such_format());
    }
    let made = plan::make_for_review(global, environment, output).await?;
    let Made { plan, loaded, project, current, request, .. } = &made;
    let desired = &loaded.desired;
    let lookup = Lookup::of(desired, current, &project.policy);
    let selection = args.people.selection();
    let review = AccessReview::of((desired, &lookup), (&project.policy, request), &selection, plan);
    plan::refuse_unmatched(review.unmatched_targets())?;
    let view = if global.mask { AccessView::masked(&review) } else { AccessView::whole(&review) };
    output::result_by(|out| show(out, &view, global, output))?;
    Ok(Exit::Done)
}

fn show(
    out: &mut dyn Write,
    view: &AccessView<'_>,
    global: &Global,
    output: &Output,
) -> Result<(), Failure> {
    match global.format() {
        Format::Json => Ok(json::access(out, view)?),
        Format::Csv => Ok(csv::access(out, view)?),
        Format::Html => Ok(out.write_all(html::access(view).as_bytes())?),
        Format::Markdown | Format::Github => Err(no_such_format()),
        Format::Text => {
            let detail = if global.verbose > 0 { Detail::FULL } else { Detail::AUTO };
            let mut text = String::new();
            render::access(&mut text, view, detail, &output.out)?;
            Ok(out.write_all(text.as_bytes())?)
        }
    }
}

fn no_such_format() -> Failure {
    Failure::usage("`access` has no such format").hint("the formats are text, json, csv and html")
}
