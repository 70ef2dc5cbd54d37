//! `portalctl emulator serve`.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

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
    let mut emulator = match kept {
        Some(kept) => doing(Emulator::from_state(&kept), "cannot use the state file")?,
        None => {
            let text = fs::read_to_string(&args.seed)
                .with_context(|| format!("cannot read `{}`", args.seed.display()))
                .map_err(Failure::error)?;
            doing(Emulator::from_seed(&text), "cannot use the seed file")?
        }
    };
    trust(&mut emulator, args)?;
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

/// Who may sign in with the JWT bearer flow.
fn trust(emulator: &mut Emulator, args: &ServeArgs) -> Result<(), Failure> {
    let on = |file: &Path, what: &str| format!("cannot {what} `{}`", file.display());
    if let Some(file) = &args.jwt_certificate {
        let pem = fs::read_to_string(file).with_context(|| on(file, "read"));
        let pem = pem.map_err(Failure::error)?;
        let trusted = emulator.trust_certificate(&pem).with_context(|| on(file, "use"));
        trusted.map_err(Failure::error)?;
    }
    let Some(file) = &args.jwt_key else { return Ok(()) };
    let pem = match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let pem = doing(Emulator::new_private_key(), "cannot make a key")?;
            write_key(file, &pem).with_context(|| on(file, "write")).map_err(Failure::error)?;
            pem
        }
        read => read.with_context(|| on(file, "read")).map_err(Failure::error)?,
    };
    let trusted = emulator.trust_key_pair(&pem).with_context(|| on(file, "use"));
    trusted.map_err(Failure::error)
}

/// A private key is its owner's alone, even that of an org that does not exist.
fn write_key(file: &Path, pem: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(pem.as_bytes())
}
