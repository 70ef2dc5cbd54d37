//! Runs the shell steps of a workflow as GitHub's runner would.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::package;

/// The workflow with this name in `examples/ci/github`.
pub(super) fn workflow(name: &str) -> Value {
    let path = package().join("examples/ci/github").join(name);
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A faked GitHub: a `gh` that keeps its state in a folder, and runners.
pub(super) struct Github {
    folder: TempDir,
}

impl Github {
    pub(super) fn new() -> Self {
        let github = Self { folder: TempDir::new().unwrap() };
        for folder in ["bin", "state"] {
            fs::create_dir(github.folder.path().join(folder)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_portalctl"), github.bin().join("portalctl")).unwrap();
        let gh = github.bin().join("gh");
        fs::write(&gh, include_str!("gh")).unwrap();
        fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
        github.set("head", "f00d");
        github.set("merged", "7");
        github
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    fn state(&self, name: &str) -> PathBuf {
        self.folder.path().join("state").join(name)
    }

    pub(super) fn set(&self, name: &str, text: &str) {
        fs::write(self.state(name), text).unwrap();
    }

    /// What is kept under this name, if anything.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.state(name)).ok()
    }

    /// Runs a workflow's shell steps in a checkout. The first step that fails ends it.
    pub(super) fn run(
        &self,
        name: &str,
        checkout: &Path,
        org: &[(&str, &str)],
    ) -> Result<(), String> {
        let workflow = workflow(name);
        let mut outputs = BTreeMap::new();
        for job in workflow["jobs"].as_object().unwrap().values() {
            for step in job["steps"].as_array().unwrap() {
                let Some(script) = step["run"].as_str() else { continue };
                if step["name"] == "Install portalctl" {
                    continue;
                }
                let mut environment = BTreeMap::new();
                for level in [&workflow["env"], &job["env"], &step["env"]] {
                    for (name, value) in level.as_object().into_iter().flatten() {
                        let value = value.as_str().unwrap();
                        environment.insert(name.clone(), expression(value, &outputs));
                    }
                }
                let out = self.step(script, checkout, &environment, org)?;
                let id = step["id"].as_str().unwrap_or_default();
                for line in out.lines() {
                    let (key, value) = line.split_once('=').unwrap();
                    outputs.insert(format!("steps.{id}.outputs.{key}"), value.to_owned());
                }
            }
        }
        Ok(())
    }

    /// Runs one step; its outputs, or what it said when it failed.
    fn step(
        &self,
        script: &str,
        checkout: &Path,
        environment: &BTreeMap<String, String>,
        org: &[(&str, &str)],
    ) -> Result<String, String> {
        let output = self.folder.path().join("output");
        fs::write(&output, "").unwrap();
        // An absent secret is an empty variable there, too.
        let run = Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(checkout)
            .env_clear()
            .envs(environment)
            .envs(org.iter().copied())
            .env("PATH", format!("{}:/usr/bin:/bin", self.bin().display()))
            .env("GH_STATE", self.folder.path().join("state"))
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary"))
            .env("GITHUB_WORKSPACE", checkout)
            .env("GITHUB_REPOSITORY", "acme/portal")
            .env("GITHUB_SHA", "5eed")
            .env("GITHUB_ACTOR", "octocat")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = [run.stdout, run.stderr].concat();
        if run.status.success() {
            Ok(fs::read_to_string(&output).unwrap())
        } else {
            Err(format!("{}\n{}", run.status, String::from_utf8_lossy(&said)))
        }
    }
}

/// What GitHub puts in place of an expression. There are no secrets here: the org is reached by the
/// token of the test.
fn expression(text: &str, outputs: &BTreeMap<String, String>) -> String {
    let Some(inner) = text.strip_prefix("${{ ").and_then(|text| text.strip_suffix(" }}")) else {
        return text.to_owned();
    };
    if let Some(value) = outputs.get(inner) {
        return value.clone();
    }
    match inner {
        "github.event.pull_request.number" => "7",
        "github.event.workflow_run.head_sha" => "f00d",
        "github.repository" => "acme/portal",
        "github.token" => "token",
        "inputs.digest"
        | "secrets.PORTALCTL_JWT_KEY"
        | "vars.PORTALCTL_CLIENT_ID"
        | "vars.PORTALCTL_USERNAME" => "",
        other => panic!("unknown expression {other}"),
    }
    .to_owned()
}
