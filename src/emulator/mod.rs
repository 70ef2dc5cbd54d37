#![doc = include_str!("README.md")]

mod answer;
mod app;
mod call;
mod connection;
mod dice;
mod error;
mod fault;
mod generate;
mod id;
mod jwt;
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
mod tls;
mod value;

use std::path::PathBuf;

pub use generate::Generate;
pub use jwt::KeyError;
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
    /// Speak TLS, with a certificate of [`Running::certificate`]'s.
    pub tls: bool,
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

    /// The JSON Schema of seed files.
    pub fn seed_schema() -> String {
        format!("{:#}\n", seed::schema())
    }

    /// Makes an org that nobody had to write.
    pub fn generate(wanted: &Generate) -> Result<Self, SeedError> {
        seed::build(&wanted.org()).map(|(org, faults)| Self(org, faults))
    }

    /// Restores an org from what [`Running::state`] gave.
    pub fn from_state(text: &str) -> Result<Self, StateError> {
        state::read(text).map(|org| Self(org, fault::Faults::new(Vec::new(), 0)))
    }

    /// Lets the holder of a private key sign in with the JWT bearer flow, as any active user.
    ///
    /// `pem` is the public key or an X.509 certificate of it.
    pub fn trust_certificate(&mut self, pem: &str) -> Result<(), KeyError> {
        let certificate = jwt::Certificate::read(pem)?;
        self.trust(certificate);
        Ok(())
    }

    /// The same with the private key itself, in PEM as PKCS#8.
    pub fn trust_key_pair(&mut self, pem: &str) -> Result<(), KeyError> {
        let certificate = jwt::Certificate::of_pair(pem)?;
        self.trust(certificate);
        Ok(())
    }

    /// A new private key, in PEM as PKCS#8.
    pub fn new_private_key() -> Result<String, KeyError> {
        jwt::new_pair()
    }

    fn trust(&mut self, certificate: jwt::Certificate) {
        let apps = &mut self.0.settings.apps;
        if let Some(app) = apps.iter_mut().find(|app| app.key == app::CLIENT_ID) {
            app.certificate = Some(certificate);
        }
    }

    /// Serves the org on loopback, as a task of the current tokio runtime.
    pub async fn serve(self, options: ServeOptions) -> std::io::Result<Running> {
        server::start(self.0, self.1, options).await
    }
}
