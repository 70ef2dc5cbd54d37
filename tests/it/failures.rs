//! What the server refuses, and what becomes of the rest.

use std::fmt::Write as _;

use crate::support::{Portal, acme, assert_valid};

const PROJECT: &str = r#"
[project]
name = "acme-portal"

[orgs.dev]
emulator = "org.toml"

[defaults]
account = "Acme Corp"
profile = "Acme Customer"
"#;

/// What the org has beside the usual.
const MORE: &str = r#"
[[Account]]
Name = "Ownerless Corp"
Owner = "rob.roleless@acme.example"
[[User]]
Username = "rob.roleless@acme.example"
LastName = "Roleless"
Profile = "Standard User"
[[PermissionSet]]
Name = "Portal_Base"
[[ValidationRule]]
Object = "User"
Field = "Title"
Equals = "Emperor"
Message = "Nobody is emperor here."
"#;

/// Twenty people, the eighth of whom the org's validation rule refuses.
fn twenty() -> Portal {
    let mut users = String::new();
    for n in 1..=20 {
        let title = if n == 8 { "Emperor" } else { "Buyer" };
        writeln!(
            users,
            "[[users]]\nusername = \"user{n}@acme.example\"\nlast_name = \"Number{n}\"\ntitle = \"{title}\"\npermission_sets = [\"Portal_Base\"]"
        )
        .unwrap();
    }
    let org = acme(30) + MORE;
    Portal::new(&[("portalctl.toml", PROJECT), ("org.toml", &org), ("users/all.toml", &users)])
}

#[test]
fn one_refused_user_of_twenty_leaves_nineteen_done() {
    let portal = twenty();
    let run = portal.run(&["apply", "--auto-approve", "--json"]).exits(68);
    let report = run.json();
    assert_valid(&report, "report.schema.json");
    assert_eq!(report["summary"]["applied"], 19);
    assert_eq!(report["summary"]["failed"], 1);
    let failed = &report["results"].as_array().unwrap()[7];
    assert_eq!(failed["username"], "user8@acme.example");
    assert_eq!(failed["outcome"], "failed");
    assert_eq!(failed["error"]["code"], "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assert_eq!(failed["error"]["message"], "Nobody is emperor here.");

    let again = portal.run(&["plan", "--json"]).exits(0).json();
    assert_eq!(again["summary"]["create"], 1);
    assert_eq!(
        again["changes"][0]["contact"], "link",
        "the contact that was made is not made twice"
    );

    let text = portal.run(&["apply", "--auto-approve"]).exits(1);
    insta::assert_snapshot!("refused_apply", text.stdout);
}

#[test]
fn fail_fast_stops_at_the_first_refusal() {
    let portal = twenty();
    let run = portal.run(&["apply", "--auto-approve", "--fail-fast", "--json"]).exits(68);
    let report = run.json();
    assert_eq!(report["summary"]["failed"].as_u64().unwrap(), 20, "no set was assigned any more");
}

#[test]
fn a_blocked_user_holds_up_nobody_else() {
    let portal = twenty();
    portal.write(
        "users/other.toml",
        "[[users]]\nusername = \"lost@acme.example\"\nlast_name = \"Lost\"\naccount = \"Ownerless Corp\"\n[[users]]\nusername = \"user8@acme.example\"\nlast_name = \"Number8\"\n",
    );
    let without_eighth = portal.read("users/all.toml").replace("Emperor", "Buyer");
    portal.write("users/all.toml", &without_eighth);
    portal.write(
        "users/other.toml",
        "[[users]]\nusername = \"lost@acme.example\"\nlast_name = \"Lost\"\naccount = \"Ownerless Corp\"\n",
    );
    portal.run(&["apply", "--auto-approve", "--fail-fast"]).exits(3);
    let plan = portal.run(&["plan", "--json"]).exits(3).json();
    assert_eq!(plan["summary"]["blocked"], 1);
    assert_eq!(plan["diagnostics"][0]["code"], "P2003");

    let report = portal.run(&["apply", "--auto-approve", "--json"]).exits(68).json();
    assert_eq!(report["summary"]["applied"], 20);
    assert_eq!(report["results"][20]["error"]["code"], "P2003");
    portal.run(&["apply", "--auto-approve"]).exits(3);
}
