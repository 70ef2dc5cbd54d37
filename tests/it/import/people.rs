//! Who is written and how, on an org with everything that is hard about people.

use crate::support::{Portal, acme};

use super::{Import, PROJECT, TODAY, portal, said, shown};

/// A sandbox whose usernames end in `.uat`.
const HARD: &str = include_str!("hard.toml");
const SUFFIX: &str = "username_suffix = \".uat\"\n";

fn hard() -> Portal {
    portal(HARD, &format!("{SUFFIX}\n[permission_sets]\nignore = [\"ns__*\"]\n"))
}

#[test]
fn what_is_hard_is_written_so_that_the_next_plan_is_empty() {
    let portal = hard();
    let run = portal.import(&[]).exits(0);
    insta::assert_snapshot!("hard_files", shown(&portal.user_files()));
    insta::assert_snapshot!("hard_output", format!("{}\n{}", run.stdout, said(&run)));
    portal.assert_settled();
}

#[test]
fn accounts_of_one_name_are_told_apart_by_a_key() {
    let portal = hard();
    portal.import(&[]).exits(0);
    let run = portal.import(&["--account-key", "ERP_Key__c"]).exits(0);
    assert_eq!(run.stdout.lines().next(), Some("users/twins.toml  2 users"));
    let text = portal.read("users/twins.toml");
    assert!(text.starts_with("account = { ERP_Key__c = \"E-1\" }\n"), "{text}");
    portal.assert_settled();
    let wrong = portal.import(&["--account-key", "Nope__c"]).exits(1);
    assert!(wrong.stderr.contains("Nope__c"), "{}", wrong.stderr);
}

#[test]
fn filters_choose_by_account_profile_and_state() {
    for (arguments, users) in [
        (&["--account", "acme corp"][..], "b@acme.example c@acme.example a@acme.example"),
        (&["--account", "O'Neil*", "--account", "*, Corp."], "e@acme.example f@acme.example"),
        (&["--profile", "Acme Partner"], "f@acme.example"),
        (&["--where-active", "--account", "Acme*"], "a@acme.example b@acme.example f@acme.example"),
    ] {
        let portal = hard();
        portal.import(arguments).exits(0);
        let files = shown(&portal.user_files());
        let names =
            files.lines().filter_map(|line| line.strip_prefix("username")?.split('"').nth(1));
        let (mut names, mut wanted): (Vec<_>, Vec<_>) =
            (names.collect(), users.split(' ').collect());
        names.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(names, wanted, "{arguments:?}");
    }
}

#[test]
fn a_filter_that_fits_nobody_is_an_error() {
    let portal = hard();
    for (arguments, told) in [
        (["--account", "Acne*"], "--account matches nobody's account: `Acne*`"),
        (["--profile", "Acme Custome"], "did you mean `Acme Customer`?"),
    ] {
        let run = portal.import(&arguments).exits(1);
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    portal.import(&["--account", "a[b"]).exits(64);
    portal.import(&["--json"]).exits(64);
    assert!(portal.user_files().is_empty());
}

#[test]
fn nobody_is_named_where_names_are_masked() {
    let portal = hard();
    let run = portal.import(&["--mask"]).exits(0);
    assert!(run.stderr.contains("1 user is left out"), "{}", run.stderr);
    assert!(!run.stderr.contains('@') && !run.stdout.contains('@'), "{}", run.stderr);
}

/// Users of Acme Corp, one for each of these further lines of their table.
fn users(lines: &[&str]) -> String {
    let one = |(name, line): (&str, &&str)| {
        format!(
            "[[User]]\nUsername = \"{name}@acme.example\"\nFirstName = \"Kim\"\nLastName = \"Osei\"\nAccount = \"Acme Corp\"\nProfile = \"Acme Customer\"\n{line}\n"
        )
    };
    let sets =
        "[[PermissionSet]]\nName = \"Portal_Base\"\n[[PermissionSet]]\nName = \"Orders_Read\"\n";
    let users: String = ["a", "b", "c", "d"].into_iter().zip(lines).map(one).collect();
    format!("{}{sets}{users}", acme(20))
}

#[test]
fn what_all_have_in_common_stands_at_the_top() {
    let portal = portal(
        &users(&[
            "Title = \"Buyer\"\nCompanyName = \"Acme\"\nPermissionSets = [\"Portal_Base\", \"Orders_Read\"]",
            "Title = \"Buyer\"\nCompanyName = \"Acme\"\nPermissionSets = [\"Portal_Base\"]",
            "Title = \"Clerk\"\nCompanyName = \"Acme\"\nPermissionSets = [\"Portal_Base\"]",
            "CompanyName = \"Globex\"\nIsActive = false",
        ]),
        "",
    );
    portal.import(&[]).exits(0);
    insta::assert_snapshot!("common", portal.read("users/acme-corp.toml"));
    portal.assert_settled();
}

#[test]
fn what_the_project_says_of_everybody_is_undone_where_somebody_differs() {
    let org = users(&[
        "Title = \"Buyer\"\nPermissionSets = [\"Portal_Base\"]",
        "Title = \"Clerk\"\nTimeZoneSidKey = \"Europe/Paris\"",
        "PermissionSets = [\"Orders_Read\"]\nIsFrozen = true",
        "IsActive = false",
    ]);
    let field = "[[CustomField]]\nObject = \"Contact\"\nName = \"Score__c\"\nType = \"Number\"\n";
    let portal = portal(
        &format!("{org}{field}"),
        "[defaults]\ntitle = \"Buyer\"\ntime_zone = \"America/New_York\"\nstate = \"frozen\"\ntemplate = \"base\"\ncontact_fields = { Score__c = 3 }\n[templates.base]\nprofile = \"Acme Customer\"\npermission_sets = [\"Portal_Base\"]\n",
    );
    portal.import(&[]).exits(0);
    insta::assert_snapshot!("undone", portal.read("users/acme-corp.toml"));
    portal.assert_settled();
}

#[test]
fn whoever_cannot_be_declared_without_a_change_is_left_out_and_told() {
    let lines = ["PermissionSets = [\"Orders_Read\"]", "Email = \"b@home.example\"", "", ""];
    for (project, told) in [
        ("[defaults]\nexpires = 2026-01-01\n", "portalctl.toml says otherwise for everybody"),
        (
            "[policy]\nforbid_permission_sets = [\"Orders_*\"]\n",
            "the rule `forbid_permission_sets`",
        ),
        (
            "[policy]\nallowed_email_domains = [\"acme.example\"]\n",
            "the rule `allowed_email_domains`",
        ),
    ] {
        let portal = portal(&users(&lines), project);
        let run = portal.import(&[]).exits(0);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert!(run.stdout.contains(" left out"), "{}", run.stdout);
        if !portal.user_files().is_empty() {
            portal.assert_settled();
        }
    }
}

#[test]
fn the_marker_is_left_to_the_next_plan_and_never_taken_from_another_project() {
    let field = "[[CustomField]]\nObject = \"User\"\nName = \"ManagedBy__c\"\nLength = 40\n";
    let lines = ["ManagedBy__c = \"acme-portal\"", "ManagedBy__c = \"other\"", ""];
    let portal = portal(
        &format!("{}{field}", users(&lines)),
        "[ownership]\nmarker = { field = \"ManagedBy__c\", value = \"acme-portal\" }\n",
    );
    let run = portal.import(&[]).exits(0);
    assert_eq!(run.last_line(), "Import: 2 users in 1 file, 1 left out.");
    assert!(run.stderr.contains("another project answers for the user (P2303)"), "{}", run.stderr);
    assert!(run.stderr.contains("1 user has no marker"), "{}", run.stderr);
    let plan = portal.run(&["plan", "--json", TODAY[0], TODAY[1]]).exits(0).json();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1);
    assert_eq!(plan["changes"][0]["action"], "adopt");
}

#[test]
fn what_cannot_be_seen_is_not_declared() {
    let org = users(&["IsFrozen = true", "Title = \"Buyer\""]);
    let hidden =
        "[emulator]\ninvisible = [\"UserLogin\", \"PermissionSetGroup\", \"User.Title\"]\n";
    let portal = portal(&format!("{org}{hidden}"), "");
    let run = portal.import(&[]).exits(0);
    assert!(run.stderr.contains("who is frozen cannot be seen"), "{}", run.stderr);
    let text = portal.read("users/acme-corp.toml");
    assert!(!text.contains("title") && !text.contains("state"), "{text}");
    portal.assert_settled();
}

#[test]
fn a_sandbox_without_a_suffix_is_warned_about() {
    let org = users(&[""]).replace("Name = \"Acme\"\n", "Name = \"Acme\"\nIsSandbox = true\n");
    let run = Portal::new(&[("org.toml", &org), ("portalctl.toml", PROJECT)]).import(&[]).exits(0);
    assert!(run.stderr.contains("warning[P2025]"), "{}", run.stderr);
}
