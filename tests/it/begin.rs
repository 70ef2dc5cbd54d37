//! Setting out: a project to begin with, and what a shell and a reader are told.

use crate::support::{Portal, program};

#[test]
fn a_new_project_is_valid_and_never_overwrites_one() {
    let portal = Portal::new(&[]);
    portal.run(&["init"]).exits(0);
    let valid = portal.run(&["validate"]).exits(0);
    assert_eq!(valid.last_line(), "Valid: 0 users declared.");
    portal.write("portalctl.toml", "[project]\nname = \"mine\"\n");
    let refused = portal.run(&["init"]).exits(1);
    assert!(refused.stderr.contains("is there already"), "{}", refused.stderr);
    assert_eq!(portal.read("portalctl.toml"), "[project]\nname = \"mine\"\n");
}

#[test]
fn what_a_new_project_says_in_comments_is_valid_too() {
    let portal = Portal::new(&[]);
    portal.run(&["init"]).exits(0);
    for (file, blanks) in [("portalctl.toml", "00D…"), ("users/first.toml", "001…")] {
        let text = portal.read(file);
        let lines = text.lines().map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let code = bare.starts_with('[') || bare.contains(" = ");
            if code && !bare.contains(blanks) { bare } else { "" }
        });
        portal.write(file, &lines.collect::<Vec<_>>().join("\n"));
    }
    portal.write(
        "users/first.toml",
        &portal.read("users/first.toml").replace(
            "username   = \"…\"",
            "account = \"Acme Corp\"\nusername = \"kim.osei@acme.example\"",
        ),
    );
    let said = portal.run(&["validate", "-o", "prod"]);
    assert!(said.stdout.contains("Valid: 1 user declared."), "{}\n{}", said.stdout, said.stderr);
}

#[test]
fn every_command_has_a_page_with_an_example() {
    let help = program().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|name| !matches!(*name, "help" | "emulator"))
        .collect();
    assert!(commands.contains(&"plan") && commands.contains(&"man"), "{commands:?}");
    for command in commands {
        let page = program().args(["man", command]).output().unwrap();
        let page = String::from_utf8(page.stdout).unwrap();
        assert!(page.contains(&format!("portalctl\\-{command}")), "{command}:\n{page}");
        assert!(page.contains("Example:"), "{command}:\n{page}");
    }
    assert_eq!(program().args(["man", "nope"]).output().unwrap().status.code(), Some(64));
}

#[test]
fn shells_get_their_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = program().args(["completions", shell]).output().unwrap();
        assert!(String::from_utf8(script.stdout).unwrap().contains("detailed-exitcode"), "{shell}");
    }
}
