//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

#[cfg(feature = "emulator")]
use crate::emulator::Generate;
use crate::model::{OrgId, Rule};
use crate::plan::{Action, Reason, Selection};
use crate::render::markdown::LEAST_LIMIT;
use crate::salesforce::Connect;

/// Plan and apply for Salesforce portal (Experience Cloud) users.
#[derive(Debug, Parser)]
#[command(
    name = "portalctl",
    version,
    about,
    max_term_width = 100,
    after_help = "Example:\n  portalctl -C examples/quickstart plan\n\nExit status: 0 done, 1 error, 2 changes (with --detailed-exitcode), 3 blocked, 64 usage, 68 partly applied"
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Global {
    /// Start in this folder instead of the working directory
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true)]
    pub(super) chdir: Option<PathBuf>,

    /// The org: an `[orgs.NAME]` table, `env` for the one of `SF_ACCESS_TOKEN`, or an alias or
    /// username of the Salesforce CLI
    ///
    /// Without it: `SF_TARGET_ORG`, then `default_org`, then the only org of the project.
    #[arg(short = 'o', long, value_name = "NAME", global = true)]
    pub(super) target_org: Option<String>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(super) format: Format,

    /// Short for `--format json`
    #[arg(long, conflicts_with = "format", global = true)]
    pub(super) json: bool,

    /// Mask e-mail addresses, usernames and surnames in everything that is shown or reported
    #[arg(long, global = true)]
    pub(super) mask: bool,

    /// Keep Markdown below so many bytes; what does not fit is cut from the middle, and said so
    ///
    /// Without it, 65536: what a comment on GitHub holds.
    #[arg(long, value_name = "BYTES", global = true, value_parser = markdown_limit)]
    pub(super) markdown_limit: Option<usize>,

    /// When to use colour; `NO_COLOR` is honoured
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(super) color: Color,

    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,

    /// Say more: every field of every change, and what the client does; twice, every request
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,

    /// Take this day for today in every time zone: for rehearsals
    #[arg(long, value_name = "DATE", global = true)]
    pub(super) today: Option<Date>,

    /// Say what is done in plain lines, without a progress bar
    #[arg(long, global = true)]
    pub(super) no_progress: bool,

    /// Give up on a request after so many seconds
    #[arg(long, value_name = "SECONDS", global = true, value_parser = seconds)]
    pub(super) timeout: Option<Duration>,

    /// Send at most so many requests at once
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub(super) parallelism: Option<u8>,

    /// Talk only to the org with this id; an org outside the project may then be written to
    #[arg(long, value_name = "ID", global = true, value_parser = org_id)]
    pub(super) org_id: Option<OrgId>,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
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
}

impl Format {
    /// All formats, for messages.
    fn names() -> String {
        let names: Vec<String> = Self::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        names.join(", ")
    }
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check all files, offline
    #[command(after_help = "Example:\n  portalctl -C examples/quickstart validate")]
    Validate,

    /// Show what would change in the org; writes nothing to it
    #[command(after_help = "Example:\n  portalctl -C examples/quickstart plan --detailed-exitcode")]
    Plan(PlanArgs),

    /// Show what differs in the org, and who changed it; writes nothing to it
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart drift\n\nExit status: 0 no drift, 2 drift, 1 it could not look"
    )]
    Drift(DriftArgs),

    /// Plan, show, ask, and carry out
    #[command(
        after_help = "Example:\n  portalctl -C examples/quickstart apply --auto-approve --report json=report.json"
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

    /// Print the JSON Schema of a format
    #[command(after_help = "Example:\n  portalctl schema users")]
    Schema(SchemaArgs),

    /// Say what a diagnostic means, and the mend
    #[command(after_help = "Example:\n  portalctl explain P2003")]
    Explain(ExplainArgs),

    /// The embedded Salesforce emulator
    #[cfg(feature = "emulator")]
    Emulator(EmulatorArgs),
}

/// `plan`.
#[derive(Args, Debug)]
pub(super) struct PlanArgs {
    /// Exit with 2 if there are changes
    #[arg(long)]
    pub(super) detailed_exitcode: bool,

    #[command(flatten)]
    pub(super) selection: SelectionArgs,

    /// Lift one rule for exactly this many changes, such as `deactivations=42`
    #[arg(long, value_name = "RULE=COUNT", value_parser = allow)]
    pub(super) allow: Vec<(Rule, u64)>,

    /// Save the plan to be applied by `portalctl apply FILE`, also if it is blocked
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Write the plan to a file as well, such as `markdown=plan.md`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(super) report: Vec<ReportFile>,
}

/// Which part of a plan is wanted.
#[derive(Args, Debug, Default)]
pub(super) struct SelectionArgs {
    /// Plan for these people alone: a glob over usernames, accounts or user files; repeatable
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub(super) target: Vec<String>,

    /// Leave these people out: a glob over usernames, accounts or user files; repeatable
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub(super) exclude: Vec<String>,

    /// Plan these actions alone, such as `create,update`
    #[arg(long, value_name = "ACTION", value_delimiter = ',', value_parser = action)]
    pub(super) only: Vec<Action>,

    /// Plan what has one of these reasons alone, such as `expired,not-started`
    #[arg(long, value_name = "REASON", value_delimiter = ',', value_parser = reason)]
    pub(super) only_reason: Vec<Reason>,

    /// Deactivate nobody
    #[arg(long)]
    pub(super) no_deactivate: bool,
}

impl SelectionArgs {
    /// What the flags say.
    pub(super) fn selection(&self) -> Selection {
        Selection {
            target: self.target.clone(),
            exclude: self.exclude.clone(),
            only: self.only.clone(),
            only_reason: self.only_reason.clone(),
            no_deactivate: self.no_deactivate,
        }
    }
}

/// `apply`.
#[derive(Args, Debug)]
pub(super) struct ApplyArgs {
    /// A plan saved by `plan --out`: nothing but what it holds is applied
    #[arg(conflicts_with_all = ["target", "exclude", "only", "only_reason", "no_deactivate"])]
    pub(super) plan: Option<PathBuf>,

    #[command(flatten)]
    pub(super) selection: SelectionArgs,

    /// Apply only a plan with this digest, as `plan` printed it
    #[arg(long, value_name = "SHA256", value_parser = digest)]
    pub(super) expect_digest: Option<String>,

    #[command(flatten)]
    pub(super) approval: ApprovalArgs,
}

/// `revert`.
#[derive(Args, Debug)]
pub(super) struct RevertArgs {
    /// A report written by `apply --report json=FILE`
    #[arg(id = "applied", value_name = "REPORT")]
    pub(super) applied: PathBuf,

    #[command(flatten)]
    pub(super) approval: ApprovalArgs,
}

/// How a plan is approved and what is told of it.
#[derive(Args, Debug)]
pub(super) struct ApprovalArgs {
    /// Do not ask
    #[arg(long)]
    pub(super) auto_approve: bool,

    /// Lift one rule for exactly this many changes, such as `deactivations=42`
    #[arg(long, value_name = "RULE=COUNT", value_parser = allow)]
    pub(super) allow: Vec<(Rule, u64)>,

    /// Stop before the first write if any user is blocked, and after the first write that fails
    #[arg(long)]
    pub(super) fail_fast: bool,

    /// Why this is done, for the report
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,

    /// Write the report to a file as well, such as `json=report.json`; repeatable
    ///
    /// It is written as the work goes on, so that it is there and whole whatever happens.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(super) report: Vec<ReportFile>,
}

/// `drift`.
#[derive(Args, Debug)]
pub(super) struct DriftArgs {
    /// Only what changed on this day or later, and what the org cannot date
    #[arg(long, value_name = "DATE")]
    pub(super) since: Option<Date>,

    /// List the active portal users whom no file declares, too
    #[arg(long)]
    pub(super) list_undeclared: bool,

    /// Write the drift to a file as well, such as `markdown=drift.md`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(super) report: Vec<ReportFile>,
}

/// A file that gets a plan or report.
#[derive(Clone, Debug)]
pub(super) struct ReportFile {
    pub(super) format: Format,
    pub(super) path: PathBuf,
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

/// `emulator`.
#[cfg(feature = "emulator")]
#[derive(Args, Debug)]
pub(super) struct EmulatorArgs {
    #[command(subcommand)]
    pub(super) command: EmulatorCommand,
}

/// What the emulator does.
#[cfg(feature = "emulator")]
#[derive(Debug, Subcommand)]
pub(super) enum EmulatorCommand {
    /// Serve an org on loopback until interrupted; prints one line of JSON when it listens
    #[command(
        after_help = "Example:\n  portalctl emulator serve --seed examples/quickstart/org.toml --port 0"
    )]
    Serve(ServeArgs),

    /// Write a seed file of an org that nobody had to make up
    #[command(
        after_help = "Example:\n  portalctl emulator seed --generate users=500,accounts=200,seed=1 --out org.toml"
    )]
    Seed(SeedArgs),
}

/// `emulator serve`.
#[cfg(feature = "emulator")]
#[derive(Args, Debug)]
#[group(skip)]
pub(super) struct ServeArgs {
    /// The org's seed file
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "generate",
        conflicts_with = "generate"
    )]
    pub(super) seed: Option<PathBuf>,

    /// An org of so many made-up people, such as `users=1000,accounts=400,seed=7`
    #[arg(long, value_name = "users=N,…")]
    pub(super) generate: Option<Generate>,

    /// The port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub(super) port: u16,

    /// Keep the org in this file: taken up at the start if it exists, written after every change
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,

    /// Trust whoever signs with the key of this public key or X.509 certificate (PEM) to sign in
    /// with the JWT bearer flow, as any active user
    #[arg(long, value_name = "FILE")]
    pub(super) jwt_certificate: Option<PathBuf>,

    /// The same with a private key (PEM, PKCS#8): read if the file exists, else made and written
    #[arg(long, value_name = "FILE", conflicts_with = "jwt_certificate")]
    pub(super) jwt_key: Option<PathBuf>,

    /// Speak TLS, and write the certificate that clients have to trust to a file (by default in the
    /// folder for temporary files); the line of JSON says where
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) tls: Option<std::ffi::OsString>,

    /// Append one line of JSON to this file for every request
    #[arg(long, value_name = "FILE")]
    pub(super) request_log: Option<PathBuf>,
}

/// `emulator seed`.
#[cfg(feature = "emulator")]
#[derive(Args, Debug)]
pub(super) struct SeedArgs {
    /// How many people, such as `users=1000,accounts=400,seed=7`
    #[arg(long, value_name = "users=N,…")]
    pub(super) generate: Generate,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

impl Global {
    /// How many requests may be under way at once.
    pub(super) fn parallelism(&self) -> usize {
        self.parallelism.map_or(Connect::PARALLELISM, usize::from)
    }

    /// The format, by either flag.
    pub(super) const fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

fn pattern(text: &str) -> Result<String, String> {
    if Selection::is_pattern(text) {
        Ok(text.to_owned())
    } else {
        Err("it is not a pattern: `*` stands for anything, `?` for one character, `[ab]` for one of several".to_owned())
    }
}

fn action(text: &str) -> Result<Action, String> {
    let actions = || Action::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    Action::from_text(text).ok_or_else(|| format!("the actions are {}", actions()))
}

fn reason(text: &str) -> Result<Reason, String> {
    let reasons = || Reason::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    Reason::from_text(text).ok_or_else(|| format!("the reasons are {}", reasons()))
}

fn allow(text: &str) -> Result<(Rule, u64), String> {
    let rules = || Rule::ALL.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ");
    let (rule, count) = text
        .split_once('=')
        .ok_or_else(|| "expected RULE=COUNT, such as `deactivations=42`".to_owned())?;
    let rule = Rule::from_text(rule)
        .ok_or_else(|| format!("`{rule}` is not a rule; the rules are {}", rules()))?;
    let count = count.parse().map_err(|_| format!("`{count}` is not a number"))?;
    Ok((rule, count))
}

fn report(text: &str) -> Result<ReportFile, String> {
    let (format, path) = text
        .split_once('=')
        .ok_or_else(|| "expected FORMAT=FILE, such as `json=report.json`".to_owned())?;
    let format = Format::from_str(format, true)
        .map_err(|_| format!("`{format}` is not a format; the formats are {}", Format::names()))?;
    if path.is_empty() {
        return Err("the file's name is missing".to_owned());
    }
    Ok(ReportFile { format, path: path.into() })
}

fn markdown_limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes) if bytes >= LEAST_LIMIT => Ok(bytes),
        _ => Err(format!("expected a number of bytes, at least {LEAST_LIMIT}")),
    }
}

/// With or without the name of the algorithm.
fn digest(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(format!("sha256:{}", digits.to_ascii_lowercase()))
    } else {
        Err("expected `sha256:` and 64 hexadecimal digits".to_owned())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err("expected a whole number of seconds, at least 1".to_owned()),
    }
}

fn org_id(text: &str) -> Result<OrgId, String> {
    OrgId::parse(text).map_err(|error| error.to_string())
}
