//! What the README shows is what happens.

use std::fs;

use crate::support::{Portal, Ran, package, program};

/// The commands of the `console` blocks, each with the lines shown under it.
fn sessions() -> Vec<(String, Vec<String>)> {
    let readme = fs::read_to_string(package().join("README.md")).unwrap();
    let mut sessions: Vec<(String, Vec<String>)> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match line.strip_prefix("$ ") {
                Some(command) => sessions.push((command.to_owned(), Vec::new())),
                None => sessions.last_mut().unwrap().1.push(line.to_owned()),
            }
        }
    }
    sessions
}

#[test]
fn the_session_in_the_readme_runs_as_shown() {
    let portal = Portal::new(&[]);
    let quickstart = Portal::example("quickstart");
    fs::create_dir_all(portal.path().join("examples")).unwrap();
    fs::rename(quickstart.path(), portal.path().join("examples/quickstart")).unwrap();
    let sessions = sessions();
    assert_eq!(sessions.len(), 4);
    for (command, shown) in sessions {
        let arguments = command.strip_prefix("cargo run -- ").unwrap().split(' ');
        let run = program().args(arguments).current_dir(portal.path()).output().unwrap();
        let run = Ran::from(run).exits(0);
        let mut printed = run.stdout.lines();
        for line in shown.iter().filter(|line| *line != "…") {
            assert!(printed.any(|other| other == line), "`{line}` is not in\n{}", run.stdout);
        }
        assert_eq!(run.last_line(), shown.last().unwrap());
    }
}

#[test]
fn every_command_of_the_readme_exists() {
    let readme = fs::read_to_string(package().join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `portalctl "));
    for row in rows {
        let command = row.split(['`', ' ']).next().unwrap();
        let help = program().args([command, "--help"]).output().unwrap();
        assert_eq!(help.status.code(), Some(0), "{command}");
    }
}

#[test]
fn the_files_in_the_readme_are_a_project() {
    let readme = fs::read_to_string(package().join("README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut files: Vec<(&str, &str)> = blocks
        .map(|block| (block.lines().next().unwrap().trim_start_matches("# "), block))
        .collect();
    files.push(("users/people.csv", "E-mail;Name;Until\npat.lee@acme.example;Lee;30.06.2027\n"));
    let portal = Portal::new(&files);
    assert_eq!(portal.run(&["validate"]).exits(0).stdout, "Valid: 2 users declared.\n");
}
