//! `portalctl emulator serve`.

use std::fs;

use anyhow::Context;

use crate::emulator::{Emulator, ServeOptions};

use super::args::{EmulatorArgs, EmulatorCommand, ServeArgs};
use super::connect::doing;
use super::error::Failure;
use super::exit::Exit;
use super::output;

pub(super) async fn run(args: &EmulatorArgs) -> Result<Exit, Failure> {
    match &args.command {
        EmulatorCommand::Serve(args) => serve(args).await,
    }
}

async fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    let kept = args.state.as_ref().and_then(|path| fs::read_to_string(path).ok());
    let emulator = match kept {
        Some(kept) => doing(Emulator::from_state(&kept), "cannot use the state file")?,
        None => {
            let text = fs::read_to_string(&args.seed)
                .with_context(|| format!("cannot read `{}`", args.seed.display()))
                .map_err(Failure::error)?;
            doing(Emulator::from_seed(&text), "cannot use the seed file")?
        }
    };
    let options = ServeOptions {
        port: args.port,
        request_log: args.request_log.clone(),
        state: args.state.clone(),
    };
    let running = doing(emulator.serve(options).await, "cannot listen")?;
    let line = serde_json::json!({
        "url": running.url(),
        "access_token": running.access_token(),
        "client_id": running.client_id(),
        "client_secret": running.client_secret(),
        "username": running.username(),
    });
    output::result(&format!("{line}\n"))?;
    doing(tokio::signal::ctrl_c().await, "cannot wait for an interrupt")?;
    running.stop().await;
    Ok(Exit::Interrupted)
}
