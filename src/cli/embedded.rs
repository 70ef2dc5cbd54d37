//! `[orgs.NAME] emulator = "…"`: an org inside this process, kept between runs in the project's
//! `.portalctl/` folder so that the next plan sees what was applied.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use aws_lc_rs::digest::{SHA256, digest};
use secrecy::SecretString;

use crate::emulator::{Emulator, Running, ServeOptions};
use crate::salesforce::{ClientCredentials, SignIn};

use super::connect::doing;
use super::error::Failure;

/// The running org.
pub(super) struct Embedded {
    running: Running,
    state: PathBuf,
}

impl Embedded {
    /// Starts the org, from what was kept if the seed file is still the same.
    pub(super) async fn start(root: &Path, seed: &str, org: &str) -> Result<Self, Failure> {
        let path = root.join(seed);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read the seed file `{seed}`"))
            .map_err(Failure::error)?;
        let state = root.join(".portalctl").join(format!("{org}-{}.json", fingerprint(&text)));
        let emulator = match fs::read_to_string(&state) {
            Ok(kept) => Emulator::from_state(&kept)
                .with_context(|| format!("cannot use `{}`", state.display()))
                .map_err(|error| {
                    Failure::error(error).hint("delete the file to start from the seed again")
                })?,
            Err(_) => doing(Emulator::from_seed(&text), "cannot use the seed file")
                .map_err(|failure| failure.hint(format!("correct `{seed}`")))?,
        };
        let running = doing(
            emulator.serve(ServeOptions::default()).await,
            "cannot start the embedded emulator",
        )?;
        Ok(Self { running, state })
    }

    /// How to sign in. The credentials of an emulated org protect nothing.
    pub(super) fn sign_in(&self) -> SignIn {
        SignIn::ClientCredentials(ClientCredentials {
            login_url: self.running.url().to_owned(),
            client_id: self.running.client_id().to_owned(),
            client_secret: SecretString::from(self.running.client_secret()),
        })
    }

    /// Keeps the org for the next run from now on, as it changes: who is killed in the middle of an
    /// apply finds what the org had taken by then. The folder ignores itself in version control.
    pub(super) fn keep(&self) -> Result<(), Failure> {
        let prepare = || -> std::io::Result<()> {
            let Some(folder) = self.state.parent() else {
                return Ok(());
            };
            fs::create_dir_all(folder)?;
            fs::write(folder.join(".gitignore"), "*\n")
        };
        doing(prepare(), "cannot keep the emulator's state")?;
        self.running.keep_in(self.state.clone());
        Ok(())
    }

    /// Keeps the org as it is now.
    pub(super) fn save(&self) -> Result<(), Failure> {
        let write = || -> std::io::Result<()> {
            let fresh = self.state.with_extension("json.new");
            fs::write(&fresh, self.running.state())?;
            fs::rename(&fresh, &self.state)
        };
        doing(write(), "cannot keep the emulator's state")
    }
}

/// Eight characters that change with the seed: an edited seed starts a new org.
fn fingerprint(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    let first = hash.as_ref().iter().take(4).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    format!("{first:08x}")
}
