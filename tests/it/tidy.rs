//! The map in `src/README.md` is true: imports go the way its table says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::package;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file below `src`, as its path there and its text.
fn files() -> Vec<(String, String)> {
    let root = package().join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    let mut files: Vec<_> =
        found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect();
    files.sort();
    files
}

/// The table of `src/README.md`: module → what it may import of ours; absent for "everything".
fn table() -> BTreeMap<String, Option<Vec<String>>> {
    let map = fs::read_to_string(package().join("src/README.md")).unwrap();
    let names = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    map.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let allowed = (cells[2].trim() != "everything").then(|| names(cells[2]));
            (names(cells[0]).remove(0), allowed)
        })
        .collect()
}

#[test]
fn modules_import_only_what_the_map_allows() {
    let table = table();
    let mut wrong = Vec::new();
    for (file, text) in files() {
        let Some((module, _)) = file.split_once('/') else {
            continue;
        };
        let Some(allowed) = table.get(module) else {
            wrong.push(format!("{module} is missing in the table of src/README.md"));
            continue;
        };
        let Some(allowed) = allowed else { continue };
        for imported in text.split("crate::").skip(1) {
            let imported: String =
                imported.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if table.contains_key(&imported) && imported != module && !allowed.contains(&imported) {
                wrong.push(format!("{file} imports {imported}"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn plans_and_models_are_not_serialisable() {
    for (file, text) in files() {
        let pure = ["model/", "plan/", "apply/"].iter().any(|module| file.starts_with(module));
        assert!(!(pure && text.contains("serde")), "{file} names serde");
    }
}

#[test]
fn literals_are_quoted_at_one_place() {
    for (file, text) in files() {
        let builds = text.contains("\"SELECT ");
        let may = file == "salesforce/soql.rs" || file.starts_with("emulator/");
        assert!(may || !builds, "{file} builds SOQL by hand");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (file, text) in files() {
        let tests = file.contains("tests");
        let said = text.starts_with("//!") || text.starts_with("#![doc = include_str!");
        assert!(tests || said, "{file} has no module text");
    }
}
