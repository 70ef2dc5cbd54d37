//! CSV files that declare one user a row.

use std::fmt::Write;
use std::sync::Arc;

use portalctl::config;
use portalctl::model::{AccessKind, AccountRef, ApiName, DeclaredState, Scalar, UserField, Value};

use super::{grants, valid};
use crate::support::Portal;

const PROJECT: &str = r#"
[project]
name = "acme-portal"

[defaults]
profile = "Acme Customer"

[on_create]
time_zone = "America/New_York"

[templates.customer]
permission_sets = ["Portal_Base"]
"#;

#[test]
fn a_row_is_a_user_below_roster_file_and_template() {
    let users = r#"
account = "Acme Corp"
template = "customer"
title = "Buyer"
department = "Portal"

[[rosters]]
csv = "../data/people.csv"
delimiter = ";"
date_format = "%d.%m.%Y"
department = "Roster"
permission_sets = ["From_Roster"]
columns = { username = "E-mail", last_name = "Name", account = { Ext__c = "Customer no." }, expires = "Until", permission_sets = "Sets", fields = { Badge__c = "Badge" }, contact = { id = "Contact" } }

[[users]]
username = "first.by.path@acme.example"
last_name = "Path"
"#;
    let people = "\u{feff}E-mail;Name;Customer no.;Until;Sets;Badge;state;title;Contact;Salary\r\n\
        kim@acme.example;\"O\"\"Sei; Jr\";A-1;30.06.2027;Orders_Read; Deals;B-1;frozen;;;1\r\n";
    let people = people.replace("Orders_Read; Deals", "\"Orders_Read; Deals\"");
    let (_portal, loaded) = valid(&[
        ("portalctl.toml", PROJECT),
        ("users/acme.toml", users),
        ("data/people.csv", &people),
    ]);
    let [kim, path] = loaded.desired.users.as_slice() else { panic!() };
    assert_eq!(path.name(), "Path", "data/people.csv comes before users/acme.toml");
    assert_eq!((&*kim.place.file, kim.place.line, kim.place.column), ("data/people.csv", 2, 1));
    assert_eq!(kim.name(), "O\"Sei; Jr");
    assert!(matches!(&kim.account, AccountRef::External(key) if &*key.value == "A-1"));
    assert_eq!(kim.expires.unwrap().to_string(), "2027-06-30");
    assert_eq!(&*kim.shared.zone, "America/New_York");
    assert_eq!(kim.state, DeclaredState::Frozen, "the head is a key");
    assert_eq!(kim.contact, None, "an empty cell says nothing");
    assert_eq!(kim.fields.get(&UserField::Title), Some(&Value::of("Buyer")));
    assert_eq!(kim.fields.get(&UserField::Department), Some(&Value::of("Roster")));
    let badge = kim.custom.get(&ApiName::of("Badge__c"));
    assert!(matches!(badge, Some(Scalar::Cell(cell)) if &*cell.text == "B-1"));
    let sets = ["Orders_Read", "Deals", "From_Roster", "Portal_Base"];
    assert_eq!(grants(kim, AccessKind::PermissionSet), sets);
    assert_eq!(kim.email(), "kim@acme.example");
}

#[test]
fn problems_name_row_and_column_and_show_the_line() {
    let portal = Portal::new(&[
        ("portalctl.toml", PROJECT),
        ("users/acme.toml", "account = \"Acme Corp\"\n[[rosters]]\ncsv = \"people.csv\"\n"),
        (
            "users/people.csv",
            "username,last_name,locale\nkim@acme.example,Osei,en_US\npat,Lee,xx\n",
        ),
    ]);
    let run = portal.run(&["validate"]).exits(1);
    for part in [
        "row 3, column `username`: it has no `@`",
        "users/people.csv:3:1",
        "pat,Lee,xx",
        "row 3, column `locale`: Salesforce has no value \"xx\" here",
        "users/people.csv:3:9",
    ] {
        assert!(run.stderr.contains(part), "{part} is not in\n{}", run.stderr);
    }
    let json = portal.run(&["validate", "--json"]).exits(1).json();
    assert_eq!(json["diagnostics"][0]["source"]["line"], 3);
}

#[test]
fn many_problems_are_counted_and_not_all_told() {
    let mut people = "username,last_name\n".to_owned();
    for at in 0..3000 {
        writeln!(people, "user{at},Osei").unwrap();
    }
    let portal = Portal::new(&[
        ("portalctl.toml", PROJECT),
        ("users/acme.toml", "account = \"Acme Corp\"\n[[rosters]]\ncsv = \"people.csv\"\n"),
        ("users/people.csv", &people),
    ]);
    let loaded = config::load(portal.path());
    assert_eq!(loaded.diagnostics.len(), 1001);
    let last = loaded.diagnostics.iter().find(|found| found.message.contains("more problems"));
    assert_eq!(
        last.unwrap().message,
        "`users/people.csv` has 2000 more problems, which are not listed"
    );
}

#[test]
fn users_share_what_they_have_in_common() {
    let mut people = "username,last_name,account,title,time_zone\n".to_owned();
    for at in 0..20 {
        writeln!(people, "user{at}@acme.example,Osei,Acme {},Buyer,Asia/Tokyo", at % 2).unwrap();
    }
    let (_portal, loaded) = valid(&[
        ("portalctl.toml", PROJECT),
        ("users/acme.toml", "template = \"customer\"\n[[rosters]]\ncsv = \"people.csv\"\n"),
        ("users/people.csv", &people),
    ]);
    let users = &loaded.desired.users;
    let (first, third) = (&users[0], &users[2]);
    let title = |at: usize| match users[at].fields.get(&UserField::Title) {
        Some(Value::Text(text)) => text.as_ptr(),
        _ => panic!(),
    };
    assert_eq!(title(0), title(1));
    assert_eq!(Arc::as_ptr(&first.shared), Arc::as_ptr(&users[1].shared));
    match (&first.account, &third.account) {
        (AccountRef::Name(a), AccountRef::Name(b)) => assert_eq!(a.as_ptr(), b.as_ptr()),
        _ => panic!(),
    }
    let sets =
        |at: usize| users[at].access.get(AccessKind::PermissionSet).as_ref().unwrap().as_ptr();
    assert_eq!(sets(0), sets(1));
    assert_eq!(first.profile.name().as_str().as_ptr(), third.profile.name().as_str().as_ptr());
    // One user costs this and its own names: a million must fit a small runner.
    assert!(size_of::<portalctl::model::DesiredUser>() <= 400);
}
