//! Every pipeline file is what its runner reads, and says only what the program understands.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::runner::workflow;
use crate::support::{package, program};

const WORKFLOWS: [&str; 5] = ["plan.yml", "comment.yml", "apply.yml", "dates.yml", "drift.yml"];

/// The keys of a workflow that these files may have. Source: GitHub Docs, "Workflow syntax".
fn schema() -> Value {
    let text = json!({ "type": "string" });
    let words = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let level = json!({ "enum": ["read", "write", "none"] });
    let concurrency = json!({
        "type": "object",
        "required": ["group"],
        "additionalProperties": false,
        "properties": { "group": text, "cancel-in-progress": { "type": "boolean" } }
    });
    let step = json!({
        "type": "object",
        "oneOf": [{ "required": ["uses"] }, { "required": ["run", "name"] }],
        "additionalProperties": false,
        "properties": {
            "name": text, "id": text, "if": text, "run": text, "env": words,
            "uses": { "type": "string", "pattern": "^actions/[a-z-]+@v[0-9]+$" },
            "with": { "type": "object" }
        }
    });
    let job = json!({
        "type": "object",
        "required": ["runs-on", "steps", "timeout-minutes"],
        "additionalProperties": false,
        "properties": {
            "runs-on": text, "if": text, "environment": text, "env": words,
            "timeout-minutes": { "type": "integer" },
            "steps": { "type": "array", "minItems": 1, "items": step }
        }
    });
    json!({
        "type": "object",
        "required": ["name", "on", "permissions", "jobs"],
        "additionalProperties": false,
        "properties": {
            "name": text,
            "on": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "pull_request": { "type": "object" },
                    "push": { "type": "object" },
                    "schedule": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": { "cron": { "type": "string", "pattern": "^([0-9*,/-]+ ){4}[0-9*,/-]+$" } }
                        }
                    },
                    "workflow_dispatch": {},
                    "workflow_run": { "type": "object", "required": ["workflows", "types"] }
                }
            },
            "permissions": { "type": "object", "additionalProperties": level },
            "concurrency": concurrency,
            "jobs": { "type": "object", "minProperties": 1, "additionalProperties": job }
        }
    })
}

#[test]
fn workflows_have_the_shape_that_github_reads() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for name in WORKFLOWS {
        let workflow = workflow(name);
        let errors: Vec<String> = validator.iter_errors(&workflow).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn scripts_hold_no_expressions() {
    for name in WORKFLOWS {
        for job in workflow(name)["jobs"].as_object().unwrap().values() {
            for step in job["steps"].as_array().unwrap() {
                let script = step["run"].as_str().unwrap_or_default();
                assert!(!script.contains("${{"), "{name}: an expression in a script runs as code");
            }
        }
    }
}

#[test]
fn what_runs_on_a_pull_request_has_no_secret_and_writes_nothing() {
    let workflow = workflow("plan.yml");
    assert_eq!(workflow["permissions"], json!({ "contents": "read" }));
    let text = workflow.to_string();
    assert!(!text.contains("secrets.") && !text.contains("environment"), "{text}");
    for name in WORKFLOWS {
        let text = super::runner::workflow(name).to_string();
        assert!(!text.contains("pull_request_target"), "{name}");
    }
}

#[test]
fn what_writes_to_the_org_runs_one_at_a_time_and_not_cancelled() {
    for name in ["apply.yml", "dates.yml"] {
        let concurrency = json!({ "group": "portal-prod", "cancel-in-progress": false });
        assert_eq!(workflow(name)["concurrency"], concurrency, "{name}");
    }
}

fn files() -> Vec<PathBuf> {
    let root = package().join("examples/ci");
    let mut files: Vec<PathBuf> =
        WORKFLOWS.iter().map(|name| root.join("github").join(name)).collect();
    files.extend(
        [
            "gitlab/.gitlab-ci.yml",
            "azure/azure-pipelines.yml",
            "bitbucket/bitbucket-pipelines.yml",
            "jenkins/Jenkinsfile",
        ]
        .map(|name| root.join(name)),
    );
    files
}

#[test]
fn pipelines_use_flags_that_exist() {
    let help = |command: &str| {
        let output = program().args([command, "--help"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for file in files() {
        let text = fs::read_to_string(&file).unwrap().replace("\\\n", " ");
        let mut seen = 0;
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let Some((_, call)) = line.split_once("portalctl ") else { continue };
            let mut words = call.split_whitespace();
            let Some(command @ ("validate" | "plan" | "show" | "apply" | "drift")) = words.next()
            else {
                continue;
            };
            seen += 1;
            let help = help(command);
            for flag in words.filter(|word| word.starts_with("--")) {
                let flag = flag.trim_end_matches(|c: char| !c.is_alphanumeric());
                assert!(help.contains(flag), "{}: {command} {flag}", file.display());
            }
        }
        assert!(seen > 0, "{} runs the program", file.display());
    }
}

#[test]
fn the_other_pipelines_are_yaml() {
    for file in files().into_iter().filter(|file| file.extension().is_some()) {
        let text = fs::read_to_string(&file).unwrap();
        let parsed: Result<Value, _> = serde_saphyr::from_str(&text);
        assert!(parsed.is_ok(), "{}: {:?}", file.display(), parsed.err());
    }
}
