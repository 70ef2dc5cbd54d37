//! A project in a folder of its own, and the program run on it.

mod seed;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) use seed::acme;

/// The folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A project that is thrown away after the test.
pub(crate) struct Portal {
    folder: TempDir,
}

impl Portal {
    /// A copy of an example.
    pub(crate) fn example(name: &str) -> Self {
        let portal = Self { folder: TempDir::new().unwrap() };
        copy(&package().join("examples").join(name), portal.path());
        portal
    }

    /// A project with the files given by path and text.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let portal = Self { folder: TempDir::new().unwrap() };
        for (path, text) in files {
            portal.write(path, text);
        }
        portal
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs the program in the project, with nothing of the caller's environment that it looks at.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = program()
            .arg("-C")
            .arg(self.path())
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Ran::from(output)
    }
}

/// The program, cut off from the environment of whoever runs the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portalctl"));
    command.env_clear().env("NO_COLOR", "1");
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name == ".portalctl" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// The run, if it ended with this status.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub(crate) fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap()
    }
}

/// `portalctl emulator serve` as a process of its own.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    pub(crate) token: String,
    log: PathBuf,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(seed: &Path) -> Self {
        Self::start_with(seed, &[])
    }

    pub(crate) fn start_with(seed: &Path, arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let log = folder.path().join("requests.jsonl");
        let mut process = program()
            .args(["emulator", "serve", "--port", "0", "--seed"])
            .arg(seed)
            .arg("--request-log")
            .arg(&log)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let hello: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| hello[key].as_str().unwrap().to_owned();
        Self { process, url: text("url"), token: text("access_token"), log, _folder: folder }
    }

    /// The variables that point the program at this server.
    pub(crate) fn environment(&self) -> [(&str, &str); 2] {
        [("SF_ACCESS_TOKEN", &self.token), ("SF_ORG_INSTANCE_URL", &self.url)]
    }

    /// The requests that were answered, one a line: method, path, status.
    pub(crate) fn requests(&self) -> String {
        let mut lines = String::new();
        for line in fs::read_to_string(&self.log).unwrap_or_default().lines() {
            let request: Value = serde_json::from_str(line).unwrap();
            let path = request["path"].as_str().unwrap();
            let method = request["method"].as_str().unwrap();
            writeln!(lines, "{method} {path} {}", request["status"]).unwrap();
        }
        lines
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Checks JSON against one of the published schemas.
#[track_caller]
pub(crate) fn assert_valid(document: &Value, schema: &str) {
    let path = package().join("schema").join(schema);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
