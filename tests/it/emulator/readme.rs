//! The emulator's README is true: its tables name tests and knobs that exist, all of them, and its
//! seeds can be served.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use serde_json::Value;

use portalctl::emulator::Emulator;

use crate::examples::updating;
use crate::support::package;

fn readme() -> String {
    fs::read_to_string(package().join("src/emulator/README.md")).unwrap()
}

/// The words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of the table of what is held: behaviour, how, source, shown by.
fn rows(readme: &str) -> Vec<Vec<String>> {
    let (_, table) = readme.split_once("| behaviour | | source | shown by |").unwrap();
    let lines = table.lines().skip(2).take_while(|line| line.starts_with("| "));
    lines
        .map(|line| {
            line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// Every test of the emulator.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(package().join("tests/it/emulator")).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("readme.rs") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let marked = text.split("#[test]\n").skip(1).chain(text.split("#[tokio::test]\n").skip(1));
        for after in marked {
            let (_, name) = after.split_once("fn ").unwrap();
            found.insert(name.split('(').next().unwrap().to_owned());
        }
    }
    found
}

fn knobs() -> Vec<(String, String)> {
    let schema: Value = serde_json::from_str(&Emulator::seed_schema()).unwrap();
    let knobs = schema["properties"]["emulator"]["properties"].as_object().unwrap();
    knobs
        .iter()
        .map(|(name, knob)| (name.clone(), knob["description"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn each_behaviour_is_shown_by_a_test_and_each_test_shows_one() {
    let (readme, tests, knobs) = (readme(), tests(), knobs());
    let (mut shown, mut turned) = (BTreeSet::new(), BTreeSet::new());
    for row in rows(&readme) {
        let [what, how, source, by] = row.as_slice() else { panic!("{row:?} has not four cells") };
        assert!(!what.is_empty() && !source.is_empty(), "{row:?}");
        match how.split(':').next().unwrap() {
            "held" | "knob" => assert!(!by.is_empty(), "nothing shows that {what}"),
            "not held" => assert!(by.is_empty(), "{what}"),
            other => panic!("`{other}` is not a way of holding {what}"),
        }
        shown.extend(quoted(by).into_iter().map(str::to_owned));
        if let Some(names) = how.strip_prefix("knob:") {
            turned.extend(quoted(names).into_iter().map(str::to_owned));
        }
    }
    let (_, own) = readme.split_once("Of the emulator itself: ").unwrap();
    let (own, _) = own.split_once("\n\n").unwrap();
    shown.extend(quoted(own).into_iter().map(str::to_owned));
    assert_eq!(shown, tests);
    let knobs: BTreeSet<String> = knobs.into_iter().map(|(name, _)| name).collect();
    assert_eq!(turned, knobs);
}

#[test]
fn the_table_of_knobs_is_the_schemas() {
    let mut table = "| knob | what it does |\n| --- | --- |\n".to_owned();
    for (name, text) in knobs() {
        writeln!(table, "| `{name}` | {text} |").unwrap();
    }
    let (start, end) = ("<!-- knobs: written by the tests -->\n", "<!-- /knobs -->");
    let readme = readme();
    let (before, rest) = readme.split_once(start).unwrap();
    let (found, after) = rest.split_once(end).unwrap();
    if updating() {
        let text = format!("{before}{start}{table}{end}{after}");
        fs::write(package().join("src/emulator/README.md"), text).unwrap();
    } else {
        assert_eq!(found, table, "run again with UPDATE=1");
    }
}

#[test]
fn the_seeds_shown_can_be_served() {
    let readme = readme();
    let blocks: Vec<&str> =
        readme.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 2);
    Emulator::from_seed(blocks[0]).unwrap();
    Emulator::from_seed(blocks[1]).unwrap();
}
