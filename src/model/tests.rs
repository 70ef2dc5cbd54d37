use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use super::*;

#[test]
fn ids_carry_the_checksum_of_salesforce() {
    for (short, long) in [
        ("001RM000003oLnn", "001RM000003oLnnYAE"),
        ("00536000000IigR", "00536000000IigRAAS"),
        ("01gRO0000016PIA", "01gRO0000016PIAYA2"),
    ] {
        let id = RecordId::parse(short).unwrap();
        assert_eq!(id.as_str(), long);
        assert_eq!(RecordId::parse(long).unwrap(), id);
    }
}

#[test]
fn a_mistyped_id_is_told_from_a_foreign_one() {
    assert_eq!(AccountId::parse("001RM000003oLnnYAA"), Err(InvalidId::Checksum));
    assert_eq!(AccountId::parse("00536000000IigR"), Err(InvalidId::Prefix { expected: "001" }));
    assert_eq!(AccountId::parse("001"), Err(InvalidId::Shape));
}

#[test]
fn usernames_compare_without_case_and_are_shaped_like_addresses() {
    let name = Username::parse("Kim.Osei@Acme.example").unwrap();
    assert_eq!(name, Username::observed("kim.osei@acme.EXAMPLE"));
    assert_eq!(name.with_suffix(".uat").as_str(), "Kim.Osei@Acme.example.uat");
    for bad in [
        "",
        "kim",
        "@acme.example",
        "kim@acme",
        "a b@acme.example",
        "a@b@c.d",
        "k@.d",
        "k@d.",
        "k@d..e",
        "k.@d.e",
        ".k@d.e",
        "k..l@d.e",
        "k.l",
        "k@",
        "ö..k@d.e",
        ".ö@d.e",
        "ö@d",
        "ö(k)@d.e",
    ] {
        assert!(Username::parse(bad).is_err(), "{bad:?}");
    }
    for good in ["k.l-m_n+7@d-e.f.G", "o'neil@acme.example", "jörg@acme.example"] {
        assert!(Username::parse(good).is_ok(), "{good:?}");
    }
    assert!(Username::parse(&format!("{}@acme.example", "k".repeat(68))).is_err());
}

#[test]
fn usernames_are_one_whatever_letters_they_fold_from() {
    let state = RandomState::new();
    let names = ["kim@acme.example", "KIM@acme.example", "\u{212a}im@acme.example"];
    let names = names.map(Username::observed);
    for name in &names {
        assert_eq!(*name, names[0]);
        assert!(name.cmp(&names[0]).is_eq());
        assert_eq!(state.hash_one(name), state.hash_one(&names[0]));
    }
    let sigma = ["\u{391}\u{3a3}@x.example", "\u{3b1}\u{3c3}@x.example"].map(Username::observed);
    assert_eq!(sigma[0], sigma[1]);
    assert_eq!(state.hash_one(&sigma[0]), state.hash_one(&sigma[1]));
    assert!(names[0] < sigma[0] && Username::observed("a_b@x.example") < names[0]);
    let long = |letter: &str| Username::observed(&format!("{}@x.example", letter.repeat(100)));
    assert_eq!(long("a"), long("A"));
    assert_eq!(state.hash_one(long("a")), state.hash_one(long("A")));
}

#[test]
fn codes_are_unique_and_found_by_text() {
    let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    assert_eq!(Code::from_text("p2001"), Some(Code::AccountNotFound));
    assert!(Code::ALL.iter().all(|code| !code.explanation().is_empty()));
}

#[test]
fn a_day_depends_on_the_zone() {
    let moment = Today::At("2026-11-24T03:00:00Z".parse().unwrap());
    assert_eq!(moment.in_zone("America/New_York").to_string(), "2026-11-23");
    assert_eq!(moment.in_zone("Asia/Tokyo").to_string(), "2026-11-24");
    assert_eq!(moment.in_zone("Pacific/Enderbury").to_string(), "2026-11-24");
    assert_eq!(moment.in_zone("no/such").to_string(), "2026-11-24");
}

#[test]
fn values_compare_by_kind() {
    assert!(Value::of("A@b.c").same(&Value::of("a@B.C "), Kind::Email));
    assert!(!Value::of("A").same(&Value::of("a"), Kind::Text));
    assert!(Value::of("").same(&Value::Null, Kind::Text));
}
