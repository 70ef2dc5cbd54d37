//! `portalctl drift`.

use jiff::{SignedDuration, Timestamp};

use crate::drift::{self, Drift};
use crate::model::Today;
use crate::org;
use crate::render::{Styles, markdown};

use super::args::{DriftArgs, Global, SelectionArgs};
use super::connect;
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output, write_file};
use super::plan::{self, Asked, Made};
use super::present::Present;

/// How long an org keeps its audit trail at least. Source: Salesforce Help, "Monitor Setup Changes".
const KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);

pub(super) async fn run(
    global: &Global,
    args: &DriftArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let flags = plan::flags(&[], &SelectionArgs::default())?;
    let asked = Asked { flags: &flags, reviewed: None, applied: None };
    let compared = plan::make(global, &asked, environment, output).await?;
    let drift = read(args, &compared).await?;
    let present = Present::new(global, environment, &compared.loaded.root);
    let view = present.view(&compared.plan);
    let shown = view.drift(&drift);
    let text = |format, styles: &Styles| present.drift(&view, &shown, (format, styles));
    output::result(&text(global.format(), &output.out)?)?;
    for file in &args.report {
        write_file(&file.path, &text(file.format, &Styles::new(false))?)?;
    }
    present.drift_outputs(&view, &shown)?;
    present.summary(|limit| markdown::drift(&view, &shown, limit))?;
    Ok(if drift.is_clean() { Exit::Done } else { Exit::Changes })
}

/// Reads who changed what, and attributes the plan's changes.
async fn read(args: &DriftArgs, compared: &Made) -> Result<Drift, Failure> {
    let today = compared.request.today;
    let since = args.since.map(|day| start(Today::Fixed(day)));
    let from = start(today).checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    let subjects = drift::subjects(&compared.plan);
    let reader = compared.connection.client.reader();
    let evidence = org::evidence(&reader, &subjects.0, &subjects.1, from)
        .await
        .map_err(|error| connect::read_failed(&error))?;
    let mut found = Drift::of(&compared.plan, &compared.current, &evidence, since);
    found.coverage = drift::coverage(
        &compared.loaded.desired,
        &compared.current,
        &compared.request.username_suffix,
    );
    if args.list_undeclared {
        found.strangers = Some(drift::strangers(
            &compared.loaded.desired,
            &compared.current,
            &compared.request.username_suffix,
        ));
    }
    Ok(found)
}

/// The first moment of a day in GMT.
fn start(today: Today) -> Timestamp {
    today
        .in_gmt()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::MIN, |moment| moment.timestamp())
}
