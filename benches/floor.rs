//! The floor of a plan's time: a bare HTTP client that fetches the same answers and drops them.
//!
//! `floor URL TOKEN CONCURRENCY`, with the paths of first pages on standard input, one a line; the
//! pages behind them are followed. Prints calls and bytes.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measuring tool stops at the first surprise"
)]

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What was fetched.
#[derive(Default)]
struct Count {
    calls: AtomicUsize,
    bytes: AtomicUsize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(base) = arguments.next() else {
        println!("floor: run by benches/scale.py");
        return;
    };
    let token = arguments.next().expect("a token");
    let concurrency = arguments.next().expect("a concurrency").parse().expect("a number");
    let mut paths = String::new();
    std::io::stdin().read_to_string(&mut paths).expect("paths");
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let count = Arc::new(Count::default());
    let turns = Arc::new(Semaphore::new(concurrency));
    let mut tasks = JoinSet::new();
    for path in paths.lines() {
        let (http, base, token) = (http.clone(), base.clone(), token.clone());
        let (path, count, turns) = (path.to_owned(), Arc::clone(&count), Arc::clone(&turns));
        tasks.spawn(async move {
            let mut next = Some(path);
            while let Some(path) = next {
                let turn = turns.acquire().await.expect("a turn");
                let answer = http.get(format!("{base}{path}")).bearer_auth(&token).send().await;
                let body = answer.expect("an answer").bytes().await.expect("a body");
                drop(turn);
                count.calls.fetch_add(1, Ordering::Relaxed);
                count.bytes.fetch_add(body.len(), Ordering::Relaxed);
                next = next_page(&body);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a task that ends well");
    }
    let (calls, bytes) = (count.calls.load(Ordering::Relaxed), count.bytes.load(Ordering::Relaxed));
    println!("{{\"calls\": {calls}, \"bytes\": {bytes}}}");
}

/// The path of the next page: it stands before the records.
fn next_page(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(body.get(..body.len().min(400))?);
    let (_, rest) = head.split_once("\"nextRecordsUrl\":\"")?;
    rest.split_once('"').map(|(path, _)| path.to_owned())
}
