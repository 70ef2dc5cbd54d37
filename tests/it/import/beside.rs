//! What is there already: declarations stay where they are, and no file loses a byte.

use std::fs;

use crate::support::{Portal, acme};

use super::{Import, PROJECT, portal};

/// Two people of Acme Corp.
fn org() -> String {
    let user = |name: &str| {
        format!(
            "[[User]]\nUsername = \"{name}@acme.example\"\nLastName = \"Osei\"\nAccount = \"Acme Corp\"\nProfile = \"Acme Customer\"\nPermissionSets = [\"Portal_Base\"]\n"
        )
    };
    format!("{}[[PermissionSet]]\nName = \"Portal_Base\"\n{}{}", acme(9), user("a"), user("b"))
}

const TEMPLATE: &str =
    "[templates.base]\nprofile = \"Acme Customer\"\npermission_sets = [\"Portal_Base\"]\n";

#[test]
fn declarations_stay_where_they_are() {
    let portal = Portal::example("quickstart");
    let before = portal.user_files();
    let run = portal.import(&[]).exits(0);
    assert_eq!(
        run.stdout,
        "users/stark-industries.toml  1 user\nImport: 1 user in 1 file, 12 declared before.\n"
    );
    let after = portal.user_files();
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|(path, text)| after.get(path) == Some(text)));
    let again = portal.import(&[]).exits(0);
    assert_eq!(again.stdout, "Import: nothing new, 13 declared before.\n");
    assert_eq!(portal.user_files(), after);
}

#[test]
fn a_project_without_declarations_begins_with_the_org() {
    let portal = Portal::example("quickstart");
    fs::remove_dir_all(portal.path().join("users")).unwrap();
    portal.run(&["plan"]).exits(1);
    let run = portal.import(&[]).exits(0);
    assert_eq!(run.last_line(), "Import: 13 users in 5 files.");
    portal.assert_settled();
}

#[test]
fn a_file_of_the_account_gets_new_people_at_its_end() {
    for end in ["\n", "\r\n"] {
        let portal = portal(&org(), TEMPLATE);
        let mine = "# Ours.\naccount = \"Acme Corp\"\ntemplate = \"base\"\n\n[[users]] # first\nusername = \"A@acme.example\"\nlast_name = \"Osei\"";
        let mine = mine.replace('\n', end);
        portal.write("users/acme-corp.toml", &mine);
        let run = portal.import(&[]).exits(0);
        assert_eq!(run.stdout.lines().next(), Some("users/acme-corp.toml  1 user added"));
        let text = portal.read("users/acme-corp.toml");
        let added = text.strip_prefix(&mine).unwrap();
        let wanted = "\n\n[[users]]\nusername  = \"b@acme.example\"\nlast_name = \"Osei\"\n";
        assert_eq!(added, wanted.replace('\n', end));
        portal.assert_settled();
    }
}

#[test]
fn what_a_file_says_at_its_top_is_undone_for_new_people_if_it_was_read() {
    let field = "[[CustomField]]\nObject = \"User\"\nName = \"Score__c\"\nType = \"Number\"\n";
    let org = org().replace(
        "Username = \"b@acme.example\"\n",
        "Username = \"b@acme.example\"\nScore__c = 7\nTimeZoneSidKey = \"Europe/Paris\"\n",
    );
    let top = "account = \"Acme Corp\"\ntemplate = \"base\"\ntime_zone = \"GMT\"\nfields = { Score__c = 3 }\n";
    let first = "[[users]]\nusername = \"a@acme.example\"\nlast_name = \"Osei\"\n";
    for (users, path, added) in [
        (
            first,
            "users/acme-corp.toml",
            "time_zone = \"Europe/Paris\"\nfields    = { Score__c = 7 }\n",
        ),
        ("", "users/acme-corp-2.toml", ""),
    ] {
        let portal = portal(&format!("{org}{field}"), TEMPLATE);
        portal.write("users/acme-corp.toml", &format!("{top}{users}"));
        portal.import(&[]).exits(0);
        let text = portal.read(path);
        assert!(text.contains("b@acme.example") && text.ends_with(added), "{text}");
    }
}

#[test]
fn a_rehearsal_shows_what_would_be_written_and_writes_nothing() {
    let portal = portal(&org(), TEMPLATE);
    portal.write(
        "users/acme-corp.toml",
        "account = \"Acme Corp\"\ntemplate = \"base\"\n\n[[users]]\nusername = \"a@acme.example\"\nlast_name = \"Osei\"\n",
    );
    let before = portal.user_files();
    let run = portal.import(&["--dry-run"]).exits(0);
    insta::assert_snapshot!("rehearsal", run.stdout);
    let masked = portal.import(&["--dry-run", "--mask"]).exits(0);
    assert_eq!(masked.stdout.lines().next(), Some("users/acme-corp.toml  1 user added"));
    assert_eq!(portal.user_files(), before);
}

#[test]
fn a_file_that_says_something_else_is_not_touched() {
    for mine in [
        "account = \"Other\"\n",
        "# Nobody yet.\n",
        "account = \"Acme Corp\"\nusers = []\n",
        "account = \"Acme Corp\"\nexpires = 2026-01-01\n",
        "account = \"Acme Corp\"\nportal_role = \"user\"\n",
    ] {
        let portal = portal(&org(), TEMPLATE);
        portal.write("users/acme-corp.toml", mine);
        let run = portal.import(&[]).exits(0);
        assert_eq!(run.stdout.lines().next(), Some("users/acme-corp-2.toml  2 users"), "{mine}");
        assert_eq!(portal.read("users/acme-corp.toml"), mine);
        portal.assert_settled();
    }
}

#[test]
fn somebody_about_to_be_renamed_is_declared_already() {
    let portal = portal(&org(), TEMPLATE);
    portal.write(
        "users/acme.toml",
        "account = \"Acme Corp\"\ntemplate = \"base\"\n[[users]]\nusername = \"kim@acme.example\"\nlast_name = \"Osei\"\nrenamed_from = \"a@acme.example\"\n",
    );
    let run = portal.import(&[]).exits(0);
    assert_eq!(run.last_line(), "Import: 1 user in 1 file, 1 declared before.");
    assert!(!portal.read("users/acme-corp.toml").contains("a@acme"));
}

#[test]
fn whoever_another_org_declares_for_itself_is_not_declared_for_all() {
    let portal = portal(
        &org(),
        "[orgs.other]\nemulator = \"org.toml\"\nusername_suffix = \".other\"\ninclude = [\"other.toml\"]\n",
    );
    portal.write(
        "other.toml",
        "account = \"Acme Corp\"\nprofile = \"Acme Customer\"\n[[users]]\nusername = \"a@acme.example\"\nlast_name = \"Osei\"\n",
    );
    let run = portal.import(&["-o", "dev"]).exits(0);
    assert_eq!(run.last_line(), "Import: 1 user in 1 file, 1 left out.");
    assert!(run.stderr.contains("`a@acme.example` is declared twice"), "{}", run.stderr);
    portal.run(&["validate"]).exits(0);
}

#[test]
fn a_file_that_nobody_would_read_is_not_written() {
    let project =
        PROJECT.replace("\"acme-portal\"\n", "\"acme-portal\"\ninclude = [\"p/*.toml\"]\n");
    let portal = Portal::new(&[("org.toml", &org()), ("portalctl.toml", &project)]);
    let run = portal.import(&[]).exits(1);
    assert!(
        run.stderr.contains("no pattern of `include` matches `users/acme-corp.toml`"),
        "{}",
        run.stderr
    );
    assert!(portal.user_files().is_empty());
}

#[test]
fn what_could_not_be_written_is_told() {
    let portal = portal(&org(), "");
    portal.write("users", "not a folder");
    let run = portal.import(&[]).exits(1);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
    assert!(run.stderr.contains("0 of 1 file were written"), "{}", run.stderr);
    assert_eq!(portal.read("users"), "not a folder");
}

#[test]
fn an_invalid_project_is_not_added_to() {
    let portal = portal(&org(), "[nope]\n");
    let run = portal.import(&[]).exits(1);
    assert!(run.stderr.contains("`nope`"), "{}", run.stderr);
    assert!(portal.user_files().is_empty());
}

#[test]
fn a_link_that_leads_out_of_the_project_is_followed_by_nobody() {
    let other = Portal::new(&[("theirs.toml", "account = \"Acme Corp\"\n")]);
    let portal = portal(&org(), TEMPLATE);
    fs::create_dir_all(portal.path().join("users")).unwrap();
    let link = portal.path().join("users/acme-corp.toml");
    std::os::unix::fs::symlink(other.path().join("theirs.toml"), link).unwrap();
    let run = portal.import(&[]).exits(0);
    assert_eq!(run.stdout.lines().next(), Some("users/acme-corp-2.toml  2 users"));
    assert_eq!(other.read("theirs.toml"), "account = \"Acme Corp\"\n");
}

#[test]
fn whoever_imports_for_one_org_of_several_is_told_that_all_have_the_people() {
    let portal = portal(&org(), TEMPLATE);
    let told = "every org of the project declares these people from now on";
    assert!(!portal.import(&["--dry-run"]).exits(0).stderr.contains(told));
    let project = format!(
        "{}\n[orgs.uat]\nlogin_url = \"https://acme--uat.sandbox.my.salesforce.com\"\n",
        portal.read("portalctl.toml")
    );
    portal.write("portalctl.toml", &project);
    let run = portal.import(&["-o", "dev", "--dry-run"]).exits(0);
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn an_account_key_that_no_account_has_is_named() {
    let run = portal(&org(), TEMPLATE).import(&["--account-key", "Nope__c"]).exits(1);
    assert!(run.stderr.contains("Account has no field `Nope__c`"), "{}", run.stderr);
    assert!(!run.stderr.contains("SELECT"), "{}", run.stderr);
}
