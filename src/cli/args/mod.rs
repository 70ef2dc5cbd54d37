//! What can be typed.

#[cfg(feature = "emulator")]
mod emulator;
mod global;
mod import;
mod invite;
mod planning;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(feature = "emulator")]
pub(super) use emulator::{EmulatorArgs, EmulatorCommand, SeedArgs, ServeArgs};
pub(super) use global::{Color, Format, Global};
pub(super) use import::ImportArgs;
pub(super) use invite::InviteArgs;
pub(super) use planning::{
    AccessArgs, ApplyArgs, ApprovalArgs, DoctorArgs, DriftArgs, LicensesArgs, PlanArgs, ReportFile,
    RevertArgs, SelectionArgs, ShowArgs,
};

/// Plan and apply for Salesforce portal (Experience Cloud) users.
#[derive(Debug, Parser)]
#[command(
    name = "portalctl",
    version,
    about,
    max_term_width = 100,
    after_help = "Example:\n  portalctl -C examples/quickstart plan\n\nExit status: 0 done, 1 error, 2 changes (if asked for), 3 blocked, 64 usage, 68 partly applied"
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented project and a first user file
    #[command(after_help = "Example:\n  portalctl -C portal init")]
    Init,

    /// Check all files, offline
    #[command(after_help = "Example:\n  portalctl -C examples/quickstart validate")]
    Validate,

    /// Write user files for the people whom the org has already
    ///
    /// One file an account under users/. What the people of an account have in common stands at its
    /// top, and the next plan has nothing to do for them. Whoever is declared already is left alone,
    /// and nothing that was written by hand is changed.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart import --account 'Stark*' --where-active"
    )]
    Import(ImportArgs),

    /// Put files into canonical form; comments and order are kept
    ///
    /// Without FILE: portalctl.toml, the overlays of its orgs, and all user files. Lists the files that
    /// it changes, unless `--quiet`. Errors of meaning do not matter; a file that is not valid TOML is
    /// told and left alone, and the others are done all the same.
    ///
    /// One empty line stands before a table, and never two anywhere. From one empty line to the next,
    /// `=` stands in one column. A list takes one line if it fits into 100 columns and holds no
    /// comment, else one line an item. Comments behind lines that follow each other stand in one
    /// column: the one that they are in, where that is possible. Quotes are `"`, and left out of keys
    /// that need none. Texts of several lines, numbers and dates stay as they are written.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart fmt --check\n\nExit status: 0 done, 1 a file is not valid TOML or could not be read or written, 2 files are not canonical (with --check)"
    )]
    Fmt(FmtArgs),

    /// Show what would change in the org; writes nothing
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart plan --detailed-exitcode\n\nExit status: 0 done, 1 it could not look, 2 changes (with --detailed-exitcode), 3 blocked"
    )]
    Plan(PlanArgs),

    /// Show a saved plan in any format, offline
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart plan --out plan.saved\n  portalctl show plan.saved --format markdown"
    )]
    Show(ShowArgs),

    /// Show what differs in the org, and who changed it; writes nothing
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart drift\n\nExit status: 0 no drift, 2 drift, 1 it could not look"
    )]
    Drift(DriftArgs),

    /// Show the seats of every licence, now and on the days ahead
    ///
    /// The days ahead are those on which a declared `starts` or `expires` changes what a plan would do,
    /// each where the person is, and the `renewal` dates of `[licenses]`. An `apply` on the day is
    /// assumed, and none before it. Users whom something stands in the way of are counted as they are
    /// now.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart licenses --warn-at 90%\n\nExit status: 0 done, 1 it could not look, 2 a licence reaches --warn-at"
    )]
    Licenses(LicensesArgs),

    /// Review who can sign in, with what, and who says so; writes nothing
    ///
    /// One row for everybody who is declared and for every active portal user whom no file declares:
    /// what the files say and where, what the org holds, and in what the two differ.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart access --format csv\n\nExit status: 0 whatever is found, 1 it could not look"
    )]
    Access(AccessArgs),

    /// Check the login, the org and the people, and say the mend; writes nothing
    ///
    /// What cannot be read is a line of its own and stops nothing else.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart doctor\n\nExit status: 0 no check fails, 1 a check fails or it could not look"
    )]
    Doctor(DoctorArgs),

    /// Plan, show, ask, and carry out
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart apply --auto-approve --report json=r.json\n\nExit status: 0 done or nothing to do, 1 nothing could be written, 3 blocked and nothing written, 68 some written and some not"
    )]
    Apply(ApplyArgs),

    /// Plan the inverse of an apply, show, ask, and carry it out
    ///
    /// What somebody else has changed since stays. The files are not changed: a declaration that
    /// still asks for what is reverted asks for it again in the next plan.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart revert report.json --auto-approve"
    )]
    Revert(RevertArgs),

    /// Mail a link to set a password to people who are named or never signed in
    ///
    /// Only declared people who can sign in are mailed, once: whoever was sent a link or changed their
    /// password in the cool-down is left out, also by a second run after one that was cut off. The
    /// link lives for 24 hours and ends the password that somebody has. Whom it is not for, and why,
    /// is said before it is asked for approval.
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart invite --never-signed-in --auto-approve\n\nExit status: 0 done or nobody to mail, 1 no mail could be sent, 3 blocked or not approved and nothing sent, 68 some sent and some not"
    )]
    Invite(InviteArgs),

    /// Print the JSON Schema of a format
    #[command(after_help = "Example:\n  portalctl schema users")]
    Schema(SchemaArgs),

    /// Say what a diagnostic means, and the mend
    #[command(after_help = "Example:\n  portalctl explain P2003")]
    Explain(ExplainArgs),

    /// Print a script by which a shell completes commands and flags
    #[command(after_help = "Example:\n  portalctl completions bash")]
    Completions(CompletionsArgs),

    /// Print the manual page of the program or of a command
    #[command(after_help = "Example:\n  portalctl man plan")]
    Man(ManArgs),

    /// The embedded Salesforce emulator
    #[cfg(feature = "emulator")]
    Emulator(EmulatorArgs),
}

/// `fmt`.
#[derive(Args, Debug)]
pub(super) struct FmtArgs {
    /// Write nothing: print what would change as a unified diff, and exit with 2 if anything would
    #[arg(long)]
    pub(super) check: bool,

    /// These TOML files instead of the project's, seen from the working directory
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
}

/// `schema`.
#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Which format
    #[arg(value_enum)]
    pub(super) document: Document,
}

/// A format that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Document {
    /// portalctl.toml
    Project,
    /// User files
    Users,
    /// What an org overrides
    Overlay,
    /// `plan --json`
    Plan,
    /// `apply --json` and `--report json=FILE`
    Report,
    /// `drift --json`
    Drift,
    /// `licenses --json`
    Licenses,
    /// `access --json`
    Access,
    /// `doctor --json`
    Doctor,
    /// Orgs for the emulator
    #[cfg(feature = "emulator")]
    Seed,
}

/// `explain`.
#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// The code, such as `P2003`
    pub(super) code: String,
}

/// `completions`.
#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// Whose script
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// `man`.
#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// The command, such as `plan` or `emulator serve`; without it, the program
    pub(super) command: Vec<String>,
}
