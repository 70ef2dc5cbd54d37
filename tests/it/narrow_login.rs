//! What a login that may not see everything can still do, and what it says about the rest.

use crate::support::Portal;

/// The quickstart's org, whose login cannot see who is frozen.
fn without_logins() -> Portal {
    let portal = Portal::example("quickstart");
    let org = portal.read("org.toml");
    portal.write("org.toml", &format!("{org}\n[emulator]\ninvisible = [\"UserLogin\"]\n"));
    portal
}

#[test]
fn a_login_that_cannot_see_who_is_frozen_plans_applies_and_finds_drift() {
    let portal = without_logins();
    let plan = portal.run(&["plan", "--json"]).exits(0).json();
    let codes: Vec<&str> = plan["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|diagnostic| diagnostic["code"].as_str())
        .collect();
    assert!(codes.contains(&"P2130"), "{codes:?}");
    portal.run(&["apply", "--auto-approve"]).exits(0);
    portal.run(&["plan", "--detailed-exitcode"]).exits(0);
    portal.write("users/late.toml", "account = \"Globex\"\ntemplate = \"customer\"\n[[users]]\nusername = \"late@globex.example\"\nlast_name = \"Late\"\n");
    portal.run(&["drift"]).exits(2);
}

#[test]
fn whoever_freezes_has_to_see_who_is_frozen() {
    let portal = without_logins();
    portal.write(
        "users/late.toml",
        "account = \"Globex\"\ntemplate = \"customer\"\n[[users]]\nusername = \"late@globex.example\"\nlast_name = \"Late\"\nstate = \"frozen\"\n",
    );
    let refused = portal.run(&["plan"]).exits(1);
    assert!(refused.stderr.contains("who is frozen cannot be seen"), "{}", refused.stderr);
    assert!(refused.stderr.contains("Manage Users"), "{}", refused.stderr);
}

#[test]
fn columns_that_an_org_does_not_have_are_done_without() {
    let portal = Portal::example("quickstart");
    let org = portal.read("org.toml");
    let whole = portal.run(&["plan", "--json"]).exits(0).json();
    portal.write(
        "org.toml",
        &format!(
            "{org}\n[emulator]\ninvisible = [\"UserLicense.Status\", \"PermissionSet.Type\", \"PermissionSet.HasActivationRequired\"]\n"
        ),
    );
    let without = portal.run(&["plan", "--json"]).exits(0).json();
    assert_eq!(whole["changes"], without["changes"]);
    assert_eq!(whole["licenses"], without["licenses"]);
}

#[test]
fn nobody_is_invited_on_the_strength_of_what_cannot_be_seen() {
    let portal = Portal::example("quickstart");
    let org = portal.read("org.toml");
    let hidden = |field: &str| {
        portal.write("org.toml", &format!("{org}\n[emulator]\ninvisible = [\"User.{field}\"]\n"));
    };
    let kept = portal.path().join(".portalctl");
    let invite = |arguments: &[&str]| {
        // Every run begins with the org of the seed.
        let _ = std::fs::remove_dir_all(&kept);
        portal.run(&[&["invite", "--auto-approve"], arguments].concat())
    };
    let amara = "amara.diallo@globex.example";
    hidden("LastLoginDate");
    let refused = invite(&["--never-signed-in"]).exits(1);
    assert!(
        refused.stderr.contains("who has never signed in cannot be seen"),
        "{}",
        refused.stderr
    );
    let warned = invite(&[amara]).exits(0);
    assert!(
        warned.stdout.contains("whether they ever signed in cannot be seen"),
        "{}",
        warned.stdout
    );

    hidden("LastPasswordChangeDate");
    invite(&["--never-signed-in"]).exits(1);
    let refused = invite(&[amara]).exits(1);
    assert!(refused.stderr.contains("--cool-down 0"), "{}", refused.stderr);
    invite(&[amara, "--cool-down", "0"]).exits(0);

    hidden("FederationIdentifier");
    invite(&["--never-signed-in"]).exits(1);
    invite(&["amara.*"]).exits(1);
    invite(&[amara]).exits(0);
}
