//! Flags of every command.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use jiff::civil::Date;

use crate::model::OrgId;
use crate::salesforce::Connect;

use super::value::{markdown_limit, org_id, seconds};

/// Flags of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct Global {
    /// Start in this folder instead of the working directory
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub(in crate::cli) chdir: Option<PathBuf>,

    /// The org: an `[orgs.NAME]` table, `env` for the one of `SF_ACCESS_TOKEN`, or an alias or
    /// username of the Salesforce CLI
    ///
    /// Without it: `SF_TARGET_ORG`, then `default_org`, then the only org of the project.
    #[arg(short = 'o', long, value_name = "NAME", global = true)]
    pub(in crate::cli) target_org: Option<String>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(in crate::cli) format: Format,

    /// Short for `--format json`
    #[arg(long, conflicts_with = "format", global = true)]
    pub(in crate::cli) json: bool,

    /// Mask e-mail addresses, usernames and surnames in everything that is shown or reported
    #[arg(long, global = true)]
    pub(in crate::cli) mask: bool,

    /// Keep Markdown below so many bytes; what does not fit is cut from the middle, and said so
    ///
    /// Without it, 65536: what a comment on GitHub holds.
    #[arg(long, value_name = "BYTES", global = true, value_parser = markdown_limit)]
    pub(in crate::cli) markdown_limit: Option<usize>,

    /// When to use colour; `NO_COLOR` is honoured
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(in crate::cli) color: Color,

    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(in crate::cli) quiet: bool,

    /// Say more: every field of every change, and what the client does; twice, every request
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(in crate::cli) verbose: u8,

    /// Take this day for today in every time zone: for rehearsals
    #[arg(long, value_name = "DATE", global = true)]
    pub(in crate::cli) today: Option<Date>,

    /// Say what is done in plain lines, without a progress bar
    #[arg(long, global = true)]
    pub(in crate::cli) no_progress: bool,

    /// Give up on a request after so many seconds
    #[arg(long, value_name = "SECONDS", global = true, value_parser = seconds)]
    pub(in crate::cli) timeout: Option<Duration>,

    /// Send at most so many requests at once [default: 8, of which 4 may write]
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub(in crate::cli) parallelism: Option<u8>,

    /// Talk only to the org with this id; an org outside the project may then be written to
    #[arg(long, value_name = "ID", global = true, value_parser = org_id)]
    pub(in crate::cli) org_id: Option<OrgId>,
}

impl Global {
    /// How many requests that write may be under way at once.
    pub(in crate::cli) fn writes(&self) -> usize {
        self.parallelism.map_or(Connect::WRITES, usize::from)
    }

    /// The format, by either flag.
    pub(in crate::cli) const fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    #[default]
    Text,
    /// For scripts
    Json,
    /// For comments on pull requests
    Markdown,
    /// For the artifact of a run: one file, read in a browser
    Html,
    /// For the log of GitHub Actions: annotations at file and line
    Github,
    /// For spreadsheets, one row a person: of `access`
    Csv,
}

impl Format {
    /// All formats that a plan has, for messages.
    pub(super) fn names() -> String {
        let names: Vec<String> = Self::value_variants()
            .iter()
            .filter(|format| **format != Self::Csv)
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        names.join(", ")
    }
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
