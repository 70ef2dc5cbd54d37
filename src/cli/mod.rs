//! Flags → calls of everything else. The only place that knows clap, the environment, the clock,
//! the terminal and exit statuses.

mod access;
mod apply;
mod approve;
mod args;
mod carry;
mod connect;
mod doctor;
mod drift;
mod environment;
mod error;
mod exit;
mod explain;
mod fmt;
mod import;
mod init;
mod invite;
mod licenses;
mod output;
mod plan;
mod present;
mod project;
mod revert;
mod saved;
mod schema;
mod shell;
mod show;
mod sign_in;
mod target;
mod trace;
mod validate;

#[cfg(feature = "emulator")]
mod embedded;
#[cfg(feature = "emulator")]
mod emulator;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, Format};
use environment::Environment;
use error::Failure;
use exit::Exit;
use output::Output;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; a closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let environment = Environment::of_the_process();
    let output = Output::new(&cli.global, &environment);
    trace::start(&cli.global, output.colors_errors());
    let exit = match dispatch(&cli, &environment, &output) {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => Exit::Done,
        Err(failure) => {
            let _ = output.failure(&failure);
            failure.exit
        }
    };
    exit.into()
}

fn dispatch(cli: &Cli, environment: &Environment, output: &Output) -> Result<Exit, Failure> {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::error(anyhow::Error::new(error).context("cannot start")))
    };
    if cli.global.format() == Format::Csv && !matches!(cli.command, Command::Access(_)) {
        return Err(present::no_csv());
    }
    match &cli.command {
        Command::Init => init::run(&cli.global),
        Command::Validate => validate::run(&cli.global, environment, output),
        Command::Fmt(args) => fmt::run(&cli.global, args, output),
        Command::Import(args) => {
            runtime()?.block_on(import::run(&cli.global, args, environment, output))
        }
        Command::Plan(args) => {
            runtime()?.block_on(plan::run(&cli.global, args, environment, output))
        }
        Command::Apply(args) => {
            runtime()?.block_on(apply::run(&cli.global, args, environment, output))
        }
        Command::Drift(args) => {
            runtime()?.block_on(drift::run(&cli.global, args, environment, output))
        }
        Command::Licenses(args) => {
            runtime()?.block_on(licenses::run(&cli.global, args, environment, output))
        }
        Command::Access(args) => {
            runtime()?.block_on(access::run(&cli.global, args, environment, output))
        }
        Command::Doctor(args) => {
            runtime()?.block_on(doctor::run(&cli.global, args, environment, output))
        }
        Command::Revert(args) => {
            runtime()?.block_on(revert::run(&cli.global, args, environment, output))
        }
        Command::Invite(args) => {
            runtime()?.block_on(invite::run(&cli.global, args, environment, output))
        }
        Command::Show(args) => show::run(&cli.global, args, environment, output),
        Command::Schema(args) => schema::run(args),
        Command::Explain(args) => explain::run(args, output),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(args),
        #[cfg(feature = "emulator")]
        Command::Emulator(args) => runtime()?.block_on(emulator::run(args)),
    }
}
