//! What the times of whole commands are measured against; run by `benches/scale.py`.
//!
//! `floor fetch URL TOKEN CONCURRENCY` is a bare HTTP client that fetches the same answers as a plan
//! and drops them: their paths come on standard input, one a line. It prints calls and bytes.
//! `floor toml FOLDER` parses the TOML files of a folder, and no more.

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

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        ["fetch", base, token, concurrency] => fetch(base, token, concurrency),
        ["toml", folder] => parse(folder),
        _ => println!("floor: run by benches/scale.py"),
    }
}

fn parse(folder: &str) {
    let mut tables = 0;
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(path).expect("a text");
            let table: toml::Table = text.parse().expect("TOML");
            tables += table.get("users").and_then(toml::Value::as_array).map_or(0, Vec::len);
        }
    }
    println!("{tables}");
}

#[tokio::main(flavor = "current_thread")]
async fn fetch(base: &str, token: &str, concurrency: &str) {
    let mut paths = String::new();
    std::io::stdin().read_to_string(&mut paths).expect("paths");
    let http = reqwest::Client::builder()
        .no_proxy()
        .no_gzip()
        .tls_certs_only([])
        .build()
        .expect("a client");
    let count = Arc::new(Count::default());
    let turns = Arc::new(Semaphore::new(concurrency.parse().expect("a number")));
    let mut tasks = JoinSet::new();
    for path in paths.lines() {
        let (http, base, token) = (http.clone(), base.to_owned(), token.to_owned());
        let (path, count, turns) = (path.to_owned(), Arc::clone(&count), Arc::clone(&turns));
        tasks.spawn(async move {
            let turn = turns.acquire().await.expect("a turn");
            let answer = http.get(format!("{base}{path}")).bearer_auth(&token).send().await;
            let body = answer.expect("an answer").bytes().await.expect("a body");
            drop(turn);
            count.calls.fetch_add(1, Ordering::Relaxed);
            count.bytes.fetch_add(body.len(), Ordering::Relaxed);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a task that ends well");
    }
    let (calls, bytes) = (count.calls.load(Ordering::Relaxed), count.bytes.load(Ordering::Relaxed));
    println!("{{\"calls\": {calls}, \"bytes\": {bytes}}}");
}
