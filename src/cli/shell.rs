//! `portalctl completions` and `portalctl man`: what a shell and a reader want to know of the flags.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::{Cli, CompletionsArgs, ManArgs};
use super::error::Failure;
use super::exit::Exit;
use super::output;

pub(super) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "portalctl", &mut script);
    output::result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

pub(super) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut program = Cli::command();
    program.build();
    let mut command: &Command = &program;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            Failure::usage(format!("`{name}` is no command of this program"))
                .hint("`portalctl --help` lists them")
        })?;
    }
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    output::result(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}
