//! Projects and orgs of any size, and people with names to beware of.

use std::fmt::Write as _;

use crate::support::{Portal, acme};

const PROJECT: &str = r#"
[project]
name = "acme-portal"
[orgs.dev]
emulator = "org.toml"
[safety]
max_deactivations = 5000
max_access_changes = 5000
[defaults]
account = "Acme Corp"
profile = "Acme Customer"
"#;

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\u{:04X}", u32::from(c)).unwrap(),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A project in which `updates` people get a title, and half as many each are new or leave.
pub(crate) fn large(updates: usize) -> Portal {
    let (mut users, mut people) = (String::new(), String::new());
    for n in 1..=updates * 2 {
        let username = format!("user{n:05}@acme.example");
        let names = format!("\"First{n}\"\nLAST = \"Last{n:05}\"");
        writeln!(
            users,
            "[[users]]\nusername = \"{username}\"\nfirst_name = {}",
            names.replace("LAST", "last_name")
        )
        .unwrap();
        if n % 4 < 2 {
            writeln!(users, "title = \"Head of {n}\"").unwrap();
        } else if n % 4 == 2 {
            writeln!(users, "state = \"inactive\"").unwrap();
        }
        if n % 4 != 3 {
            writeln!(people, "[[User]]\nUsername = \"{username}\"\nFirstName = {}\nProfile = \"Acme Customer\"\nAccount = \"Acme Corp\"", names.replace("LAST", "LastName")).unwrap();
        }
    }
    Portal::new(&[
        ("portalctl.toml", PROJECT),
        ("org.toml", &(acme(20_000) + &people)),
        ("users/all.toml", &users),
    ])
}

/// Names that people outside could choose to do harm.
pub(crate) const HOSTILE: [&str; 16] = [
    "a|b|c",
    "back`tick``s",
    "@acme/team",
    "ping @octocat now",
    "<img src=x onerror=alert(1)>",
    "</details><script>alert(1)</script>",
    "\u{1b}[31mred\u{1b}[0m",
    "::error file=x,line=1::pwned",
    "##[error]pwned ##vso[task.setvariable variable=x]y",
    "two\nlines\r\n::set-output name=x::y",
    "\u{202e}left\u{202c}\u{200f}",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "[link](http://evil.example) ![pic](http://evil.example/x.png)",
    "www.evil.example https://evil.example #1 GH-1 deadbeef1",
    "- [x] # *bold* _it_ ~~gone~~ :tada: \\| \\",
    "--> <!-- `' \" & &lt; &#64;team",
];

/// A project of people whose names, titles and accounts are those above, new and known ones.
pub(crate) fn hostile() -> Portal {
    let (mut users, mut rest) = (String::new(), String::new());
    for (n, name) in HOSTILE.iter().enumerate() {
        // Files may not hold control characters; an org may.
        let tame = name.replace(char::is_control, " ");
        let (declared, account) = (quoted(tame.trim()), quoted(&format!("{} {n}", tame.trim())));
        let name = quoted(name);
        let owner = "Owner = \"olive.owner@acme.example\"";
        writeln!(rest, "[[Account]]\nName = {account}\n{owner}").unwrap();
        let kinds = [("new", ""), ("old", ""), ("off", "state = \"inactive\"\n")];
        for (kind, state) in kinds {
            let username = format!("{kind}|`{n}@acme.example");
            writeln!(users, "[[users]]\nusername = \"{username}\"\nlast_name = {declared}\ntitle = {declared}\naccount = {account}\n{state}").unwrap();
            if kind != "new" {
                writeln!(rest, "[[User]]\nUsername = \"{username}\"\nLastName = {name}\nTitle = {account}\nProfile = \"Acme Customer\"\nAccount = {account}").unwrap();
            }
        }
    }
    Portal::new(&[
        ("portalctl.toml", PROJECT),
        ("org.toml", &(acme(20_000) + &rest)),
        ("users/all.toml", &users),
    ])
}
