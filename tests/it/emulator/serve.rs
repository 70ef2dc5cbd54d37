//! `portalctl emulator serve` as whoever starts it sees it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use reqwest::{Certificate, Client};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program;

/// A server that ends with the test.
struct Served {
    process: Child,
    hello: Value,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut process = program()
            .args(["emulator", "serve"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, hello: serde_json::from_str(&line).unwrap() }
    }

    fn text(&self, key: &str) -> &str {
        self.hello[key].as_str().unwrap()
    }

    /// The number of users whose names are `Renamed`.
    async fn renamed(&self, http: &Client) -> u64 {
        let query = [("q", "SELECT COUNT() FROM User WHERE LastName = 'Renamed'")];
        let url = format!("{}/services/data/v66.0/query", self.text("url"));
        let answer = http.get(url).bearer_auth(self.text("access_token")).query(&query);
        let answer: Value = answer.send().await.unwrap().json().await.unwrap();
        answer["totalSize"].as_u64().unwrap()
    }

    /// Asks it to end, as a supervisor does; its status.
    fn terminate(mut self) -> Option<i32> {
        let kill = std::process::Command::new("kill").arg(self.process.id().to_string()).status();
        assert!(kill.unwrap().success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn client() -> Client {
    Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

#[tokio::test]
async fn one_line_says_everything_that_a_client_needs() {
    let served = Served::start(&["--generate", "users=5,accounts=2,seed=1", "--port", "0"]);
    let keys: Vec<&String> = served.hello.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["url", "access_token", "client_id", "client_secret", "username"]);
    assert!(served.text("url").starts_with("http://127.0.0.1:"));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", served.text("client_id")),
        ("client_secret", served.text("client_secret")),
    ];
    let url = format!("{}/services/oauth2/token", served.text("url"));
    let token: Value = client().post(url).form(&form).send().await.unwrap().json().await.unwrap();
    assert!(token["access_token"].is_string());
}

#[cfg(unix)]
#[tokio::test]
async fn an_org_that_is_kept_survives_a_restart_and_says_what_was_asked() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (state, log) = (path("org.json"), path("requests.jsonl"));
    let arguments = ["--generate", "users=5,accounts=2", "--state", &state, "--request-log", &log];
    let http = client();
    let served = Served::start(&arguments);
    assert_eq!(served.renamed(&http).await, 0);
    let url = format!(
        "{}/services/data/v66.0/sobjects/User/{}",
        served.text("url"),
        "0058d0000000002AAA"
    );
    let request = http.patch(url).bearer_auth(served.text("access_token"));
    let patched = request.json(&json!({ "LastName": "Renamed" })).send().await.unwrap();
    assert_eq!(patched.status(), 204, "{}", patched.text().await.unwrap());
    assert_eq!(served.terminate(), Some(143));

    let served = Served::start(&arguments);
    assert_eq!(served.renamed(&http).await, 1);
    let lines = fs::read_to_string(&log).unwrap();
    let methods: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["method"].clone())
        .collect();
    assert_eq!(methods, ["GET", "PATCH", "GET"]);
}

#[tokio::test]
async fn tls_comes_with_a_certificate_to_trust() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("emulator.pem");
    let flag = format!("--tls={}", file.display());
    let served = Served::start(&["--generate", "users=5", &flag]);
    assert_eq!(Path::new(served.text("certificate")), file);
    assert!(served.text("url").starts_with("https://127.0.0.1:"));
    let trusted = Certificate::from_pem(&fs::read(&file).unwrap()).unwrap();
    let http = Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    assert_eq!(served.renamed(&http).await, 0);
    let url = format!("{}/services/data", served.text("url"));
    assert!(client().get(url).send().await.is_err(), "nobody else is trusted");
    let elsewhere = Served::start(&["--generate", "users=5", "--tls"]);
    let file = Path::new(elsewhere.text("certificate"));
    assert!(Certificate::from_pem(&fs::read(file).unwrap()).is_ok());
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_key_of_its_own_is_made_once_and_kept_private() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key.pem");
    let flag = file.display().to_string();
    let served = Served::start(&["--generate", "users=5", "--jwt-key", &flag]);
    let key = fs::read_to_string(&file).unwrap();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    drop(served);
    drop(Served::start(&["--generate", "users=5", "--jwt-key", &flag]));
    assert_eq!(fs::read_to_string(&file).unwrap(), key);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_cannot_be_served_is_told() {
    for (arguments, status) in [
        (&["--port", "0"][..], 64),
        (&["--generate", "users=5", "--seed", "org.toml"], 64),
        (&["--seed", "no-such-file.toml"], 1),
        (&["--generate", "users=5", "--jwt-certificate", "no-such-file.pem"], 1),
    ] {
        let output = program().args(["emulator", "serve"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}
