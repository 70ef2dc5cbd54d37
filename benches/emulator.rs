//! How long a generated org takes to start, how fast it serves all pages of a wide query, and how
//! much memory that takes.
//!
//! `cargo bench --bench emulator -- 100000` for as many portal users.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]
#![expect(clippy::print_stdout, reason = "its results")]

use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use portalctl::emulator::{Emulator, Generate, ServeOptions};
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

/// Twenty columns, four of them through parents.
const QUERY: &str = "SELECT Id, Username, FirstName, LastName, Email, Alias, CommunityNickname, Title, \
    Department, IsActive, TimeZoneSidKey, LocaleSidKey, LanguageLocaleKey, ProfileId, ContactId, LastLoginDate, \
    Profile.Name, Profile.UserLicense.Name, Contact.Email, Contact.Account.Name FROM User WHERE ContactId != null";

/// What of a page the way to the next one needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_size: usize,
    next_records_url: Option<String>,
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn main() {
    let users = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let users: u32 = users.unwrap_or(100_000);
    let begun = Instant::now();
    let wanted: Generate = format!("users={users}").parse().unwrap();
    let emulator = Emulator::generate(&wanted).unwrap();
    println!("start:  {:.2} s for {users} portal users", begun.elapsed().as_secs_f64());
    println!("memory: {} MiB after the start", memory());

    // The server has a thread of its own, as it has a process of its own in real life.
    let (tell, told) = mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = thread::spawn(move || {
        runtime().block_on(async {
            let running = emulator.serve(ServeOptions::default()).await.unwrap();
            tell.send((running.url().to_owned(), running.access_token())).unwrap();
            let _ = stopped.await;
        });
    });
    let (url, token) = told.recv().unwrap();
    runtime().block_on(pages(&url, &token));
    stop.send(()).unwrap();
    server.join().unwrap();
    println!("memory: {} MiB at the most", memory());
}

async fn pages(url: &str, token: &str) {
    let http = reqwest::Client::builder().no_proxy().no_gzip().tls_certs_only([]).build().unwrap();
    let begun = Instant::now();
    let mut bytes = 0;
    let mut pages = 0;
    let first = http.get(format!("{url}/services/data/v66.0/query")).query(&[("q", QUERY)]);
    let mut request = first;
    let rows = loop {
        let body = request.bearer_auth(token).send().await.unwrap().bytes().await.unwrap();
        bytes += body.len();
        pages += 1;
        // The head of a page is before its records.
        let head = body.iter().position(|byte| *byte == b'[').unwrap();
        let head = format!("{}[]}}", String::from_utf8_lossy(&body[..head]));
        let page: Page = serde_json::from_str(&head).unwrap();
        match page.next_records_url {
            Some(path) => request = http.get(format!("{url}{path}")),
            None => break page.total_size,
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let megabytes = bytes as f64 / 1e6;
    println!(
        "pages:  {rows} rows, {pages} pages, {megabytes:.1} MB in {seconds:.2} s: {:.0} MB/s",
        megabytes / seconds
    );
}

/// The most memory that was resident, in MiB; 0 where the system does not tell.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
