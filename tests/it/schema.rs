//! The published schemas are current, and what the program prints fits them.

use std::fs;

use serde_json::Value;

use crate::examples::updating;
use crate::support::{Portal, assert_valid, package, program};

#[test]
fn the_schema_folder_is_what_the_program_prints() {
    for document in [
        "project", "users", "overlay", "plan", "report", "drift", "licenses", "access", "doctor",
        "seed",
    ] {
        let output = program().args(["schema", document]).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let path = package().join("schema").join(format!("{document}.schema.json"));
        if updating() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &printed).unwrap();
        }
        assert_eq!(printed, fs::read_to_string(&path).unwrap(), "run again with UPDATE=1");
    }
}

#[test]
fn plans_and_reports_fit_their_schemas_and_repeat_byte_for_byte() {
    let portal = Portal::example("quickstart");
    let first = portal.run(&["plan", "--json"]).exits(0);
    assert_valid(&first.json(), "plan.schema.json");
    assert_eq!(first.stdout, portal.run(&["plan", "--json"]).exits(0).stdout);

    let again = Portal::example("quickstart");
    let report = portal.run(&["apply", "--auto-approve", "--json"]).exits(0);
    assert_valid(&report.json(), "report.schema.json");
    assert_eq!(report.stdout, again.run(&["apply", "--auto-approve", "--json"]).exits(0).stdout);
    let planned = first.json()["changes"].as_array().unwrap().len();
    assert_eq!(report.json()["results"].as_array().unwrap().len(), planned);
}

#[test]
fn a_report_file_holds_what_json_prints() {
    let portal = Portal::example("quickstart");
    let file = portal.path().join("report.json");
    let argument = format!("json={}", file.display());
    portal.run(&["apply", "--auto-approve", "--report", &argument]).exits(0);
    let report: Value = serde_json::from_str(&portal.read("report.json")).unwrap();
    assert_valid(&report, "report.schema.json");
}
