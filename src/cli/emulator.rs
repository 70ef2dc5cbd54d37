//! `portalctl emulator`.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use crate::emulator::{Emulator, ServeOptions};

use super::args::{EmulatorArgs, EmulatorCommand, SeedArgs, ServeArgs};
use super::connect::doing;
use super::error::Failure;
use super::exit::Exit;
use super::output;

pub(super) async fn run(args: &EmulatorArgs) -> Result<Exit, Failure> {
    match &args.command {
        EmulatorCommand::Serve(args) => serve(args).await,
        EmulatorCommand::Seed(args) => seed(args),
    }
}

async fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    let mut emulator = org(args)?;
    trust(&mut emulator, args)?;
    let options = ServeOptions {
        port: args.port,
        tls: args.tls.is_some(),
        request_log: args.request_log.clone(),
        state: args.state.clone(),
    };
    let running = doing(emulator.serve(options).await, "cannot listen")?;
    let mut line = json!({
        "url": running.url(),
        "access_token": running.access_token(),
        "client_id": running.client_id(),
        "client_secret": running.client_secret(),
        "username": running.username(),
    });
    if let Some(pem) = running.certificate() {
        let file = certificate_file(args, running.url());
        let written = fs::write(&file, pem).with_context(|| on(&file, "write"));
        written.map_err(Failure::error)?;
        line["certificate"] = json!(file);
    }
    output::result(&format!("{line}\n"))?;
    let exit = stopped().await?;
    running.stop().await;
    Ok(exit)
}

/// The org: the kept one, if there is one.
fn org(args: &ServeArgs) -> Result<Emulator, Failure> {
    let kept = match args.state.as_ref().map(fs::read_to_string) {
        None => None,
        Some(Ok(kept)) => Some(kept),
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => None,
        Some(Err(error)) => return doing(Err(error), "cannot read the state file"),
    };
    match (kept, &args.seed, &args.generate) {
        (Some(kept), ..) => doing(Emulator::from_state(&kept), "cannot use the state file"),
        (None, Some(seed), _) => {
            let text = fs::read_to_string(seed).with_context(|| on(seed, "read"));
            doing(Emulator::from_seed(&text.map_err(Failure::error)?), "cannot use the seed file")
        }
        (None, None, Some(wanted)) => doing(Emulator::generate(wanted), "cannot generate the org"),
        (None, None, None) => Err(Failure::usage("`--seed` or `--generate` is missing")),
    }
}

fn certificate_file(args: &ServeArgs, url: &str) -> PathBuf {
    let port = url.rsplit(':').next().unwrap_or_default();
    let own = || std::env::temp_dir().join(format!("portalctl-emulator-{port}.pem"));
    args.tls.as_ref().filter(|file| !file.is_empty()).map_or_else(own, PathBuf::from)
}

/// Waits until somebody wants the server to end.
#[cfg(unix)]
async fn stopped() -> Result<Exit, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = doing(signal(SignalKind::terminate()), "cannot wait for a signal")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            doing(interrupted, "cannot wait for an interrupt")?;
            Ok(Exit::Interrupted)
        }
        _ = terminated.recv() => Ok(Exit::Terminated),
    }
}

#[cfg(not(unix))]
async fn stopped() -> Result<Exit, Failure> {
    doing(tokio::signal::ctrl_c().await, "cannot wait for an interrupt")?;
    Ok(Exit::Interrupted)
}

fn seed(args: &SeedArgs) -> Result<Exit, Failure> {
    match &args.out {
        None => args.generate.write(&mut BufWriter::new(std::io::stdout().lock()))?,
        Some(file) => {
            let written = File::create(file)
                .and_then(|file| args.generate.write(&mut BufWriter::new(file)))
                .with_context(|| on(file, "write"));
            written.map_err(Failure::error)?;
        }
    }
    Ok(Exit::Done)
}

fn on(file: &Path, what: &str) -> String {
    format!("cannot {what} `{}`", file.display())
}

/// Who may sign in with the JWT bearer flow.
fn trust(emulator: &mut Emulator, args: &ServeArgs) -> Result<(), Failure> {
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
