//! An org of the emulator, read, planned for and written to as the program does it.

use std::time::Duration;

use portalctl::apply::{Options, Report, Unwatched, execute};
use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{Current, Desired, Policy, Scope};
use portalctl::org;
use portalctl::plan::Plan;
use portalctl::salesforce::{Client, Connect};

/// An org that lives as long as the test.
pub(crate) struct LiveOrg {
    pub(crate) client: Client,
    _running: Running,
}

impl LiveOrg {
    /// The org of a seed.
    pub(crate) async fn of(seed: &str) -> Self {
        let emulator = Emulator::from_seed(seed).unwrap_or_else(|error| panic!("{error}\n{seed}"));
        let running = emulator.serve(ServeOptions::default()).await.unwrap();
        let connect = Connect::new(running.url().to_owned(), running.access_token().into());
        let client = Client::connect(connect).await.unwrap();
        Self { client, _running: running }
    }

    /// What these declarations need of the org.
    pub(crate) async fn read(&self, desired: &Desired, policy: &Policy, suffix: &str) -> Current {
        let scope = Scope::of(desired, policy, suffix);
        let reader = self.client.reader();
        let org = org::organization(&reader, "emulator".to_owned()).await.unwrap();
        org::read(&reader, &scope, org).await.unwrap()
    }

    /// Carries a plan out.
    pub(crate) async fn carry_out(&self, plan: &Plan) -> Report {
        let options = Options { pause: Duration::from_millis(1), ..Options::default() };
        execute(plan, &self.client.writer(), &options, &mut Unwatched).await
    }
}

/// Runs a test that talks to an org.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
