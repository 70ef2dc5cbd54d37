//! What the client does, on standard error: warnings always, steps with `-v`, requests with `-vv`.

use std::io;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::args::Global;

/// Starts it. Only this program's own words are let through: what libraries say may hold headers.
pub(super) fn start(global: &Global, color: bool) {
    let level = match global.verbose {
        _ if global.quiet => LevelFilter::ERROR,
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let lines =
        fmt::layer().with_writer(io::stderr).with_ansi(color).without_time().with_target(false);
    let ours = Targets::new().with_target("portalctl", level);
    // A second run in one process keeps what the first has set.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
