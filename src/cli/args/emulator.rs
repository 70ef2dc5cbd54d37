//! Flags of the embedded emulator.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::emulator::Generate;

/// `emulator`.
#[derive(Args, Debug)]
pub(in crate::cli) struct EmulatorArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: EmulatorCommand,
}

/// What the emulator does.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EmulatorCommand {
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
#[derive(Args, Debug)]
#[group(skip)]
pub(in crate::cli) struct ServeArgs {
    /// The org's seed file
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "generate",
        conflicts_with = "generate"
    )]
    pub(in crate::cli) seed: Option<PathBuf>,

    /// An org of so many made-up people, such as `users=1000,accounts=400,seed=7`
    #[arg(long, value_name = "users=N,…")]
    pub(in crate::cli) generate: Option<Generate>,

    /// The port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub(in crate::cli) port: u16,

    /// Keep the org in this file: taken up at the start if it exists, written after every change
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,

    /// Trust whoever signs with the key of this public key or X.509 certificate (PEM) to sign in
    /// with the JWT bearer flow, as any active user
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) jwt_certificate: Option<PathBuf>,

    /// The same with a private key (PEM, PKCS#8): read if the file exists, else made and written
    #[arg(long, value_name = "FILE", conflicts_with = "jwt_certificate")]
    pub(in crate::cli) jwt_key: Option<PathBuf>,

    /// Speak TLS, and write the certificate that clients have to trust to a file (by default in the
    /// folder for temporary files); the line of JSON says where
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(in crate::cli) tls: Option<std::ffi::OsString>,

    /// Append one line of JSON to this file for every request
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) request_log: Option<PathBuf>,
}

/// `emulator seed`.
#[derive(Args, Debug)]
pub(in crate::cli) struct SeedArgs {
    /// How many people, such as `users=1000,accounts=400,seed=7`
    #[arg(long, value_name = "users=N,…")]
    pub(in crate::cli) generate: Generate,

    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}
