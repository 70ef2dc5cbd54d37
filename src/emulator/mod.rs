#![doc = include_str!("README.md")]

mod answer;
mod call;
mod connection;
mod error;
mod fault;
mod id;
mod keep;
mod log;
mod picklists;
mod routes;
mod schema;
mod seed;
mod server;
mod session;
mod soql;
mod state;
mod store;
mod value;

use std::path::PathBuf;

pub use log::LoggedRequest;
pub use seed::SeedError;
pub use server::Running;
pub use state::StateError;

/// An org in memory.
pub struct Emulator(store::Org, fault::Faults);

/// How an org is served.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// The port; 0 picks a free one.
    pub port: u16,
    /// A file that gets one line of JSON for every request.
    pub request_log: Option<PathBuf>,
    /// A file that gets the org after every request that may have changed it.
    pub state: Option<PathBuf>,
}

impl Emulator {
    /// Makes an org from the text of a seed file. All its faults are told at once.
    pub fn from_seed(text: &str) -> Result<Self, SeedError> {
        seed::read(text).map(|(org, faults)| Self(org, faults))
    }

    /// Restores an org from what [`Running::state`] gave.
    pub fn from_state(text: &str) -> Result<Self, StateError> {
        state::read(text).map(|org| Self(org, fault::Faults::new(Vec::new(), 0)))
    }

    /// Serves the org on loopback, as a task of the current tokio runtime.
    pub async fn serve(self, options: ServeOptions) -> std::io::Result<Running> {
        server::start(self.0, self.1, options).await
    }
}
