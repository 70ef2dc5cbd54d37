//! Fields that a file names by API name, in sentences.

use portalctl::model::*;
use portalctl::plan::{Datum, Object};

use super::asked::Why;
use super::fixture::{ACME, Scene, lines_of, scene};
use super::world::*;

fn number(value: f64) -> Scalar {
    Scalar::Number(Number::new(value).unwrap())
}

fn text(value: &str) -> Scalar {
    Scalar::of(value)
}

fn day(value: &str) -> Scalar {
    Scalar::Date(value.parse().unwrap())
}

fn list(values: &[&str]) -> FieldShape {
    FieldShape::Picklist(Some(values.iter().map(|one| (*one).into()).collect()))
}

fn several(values: &[&str]) -> FieldShape {
    FieldShape::MultiPicklist(Some(values.iter().map(|one| (*one).into()).collect()))
}

/// Kim, who is there, with a field of a shape, what the org holds of it and what is declared.
fn field(shape: FieldShape, observed: Scalar, declared: Scalar) -> Scene {
    let mut scene = scene();
    scene.user_field("Region__c", shape, |_| {});
    scene.user(KIM, ACME, CUSTOMER).custom.insert("Region__c".into(), observed);
    scene.declare(KIM, ACME, CUSTOMER).custom.insert("Region__c".into(), declared);
    scene
}

/// What a value of a shape becomes: what is written, nothing, or why not.
fn outcome(shape: FieldShape, observed: Scalar, declared: Scalar) -> String {
    // A user's own preference hides a value; ids are an org's own; lists of
    // a seed are closed if they are of one value, and open if of several.
    let platform = matches!(
        shape,
        FieldShape::Reference
            | FieldShape::Picklist(None)
            | FieldShape::MultiPicklist(_)
            | FieldShape::Other(_)
    ) || observed == text("#N/A");
    let mut scene = field(shape, observed, declared);
    if platform {
        scene.not_asked(Why::Platform);
    }
    let plan = scene.plan();
    let told = plan.diagnostics.iter().find(|one| one.severity == Severity::Error);
    let kinds = ["a text", "a number", "whole numbers", "`true`", "a date", "a moment"];
    if told.is_some_and(|told| {
        kinds.iter().any(|kind| told.message.contains(&format!("holds {kind}")))
    }) {
        scene.not_asked(Why::Undocumented);
    }
    if let Err(otherwise) = scene.ask(&lines_of(&plan)) {
        return otherwise;
    }
    if let Some(told) = told {
        return told.message.clone();
    }
    let Some(change) = plan.changes.first() else { return "nothing".to_owned() };
    let value =
        |datum: &Datum| datum.text().map_or("null".to_owned(), std::borrow::Cow::into_owned);
    let field = &change.fields[0];
    format!("{} > {}", value(&field.before), value(&field.after))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn values_are_compared_by_type_and_only_differences_are_written() {
    use FieldShape::{Bool, Date, Email, Moment, Number, Picklist, Reference, Text, Whole};
    let label = "field \"Region\" (`Region__c`) of User";
    let cases = [
        ("an equal text", Text(20), text("West"), text("West"), "nothing".to_owned()),
        ("a text with blanks around", Text(20), text("West"), text(" West "), "nothing".to_owned()),
        ("another text", Text(20), text("East"), text("West"), "East > West".to_owned()),
        ("a text in other case", Text(20), text("west"), text("West"), "west > West".to_owned()),
        ("a text for nothing", Text(20), Scalar::Null, text("West"), "null > West".to_owned()),
        ("nothing for a text", Text(20), text("West"), Scalar::Null, "West > null".to_owned()),
        ("nothing for nothing", Text(20), Scalar::Null, Scalar::Null, "nothing".to_owned()),
        ("a hidden text", Text(20), text("#N/A"), text("West"), "nothing".to_owned()),
        (
            "a text that is too long",
            Text(3),
            Scalar::Null,
            text("West"),
            format!("{label} holds at most 3 characters, the value has 4"),
        ),
        (
            "a text as long as may be, in characters",
            Text(4),
            Scalar::Null,
            text("Süd√"),
            "null > Süd√".to_owned(),
        ),
        (
            "a number for a text",
            Text(20),
            Scalar::Null,
            number(7.0),
            format!("{label} holds a text, in quotes, not `7`"),
        ),
        (
            "an address in other case",
            Email(80),
            text("A@x.example"),
            text("a@X.example"),
            "nothing".to_owned(),
        ),
        ("an equal number", Number, number(1.5), number(1.5), "nothing".to_owned()),
        ("another number", Number, number(1.0), number(1.5), "1 > 1.5".to_owned()),
        (
            "a text for a number",
            Number,
            number(1.0),
            text("1"),
            format!("{label} holds a number, without quotes, not `1`"),
        ),
        ("a whole number", Whole, Scalar::Null, number(3.0), "null > 3".to_owned()),
        (
            "half a number for a whole one",
            Whole,
            Scalar::Null,
            number(2.5),
            format!("{label} holds whole numbers, not 2.5"),
        ),
        ("an equal yes", Bool, Scalar::Bool(true), Scalar::Bool(true), "nothing".to_owned()),
        (
            "a yes for a no",
            Bool,
            Scalar::Bool(false),
            Scalar::Bool(true),
            "false > true".to_owned(),
        ),
        (
            "a text for a yes",
            Bool,
            Scalar::Bool(true),
            text("true"),
            format!("{label} holds `true` or `false`, not `true`"),
        ),
        ("an equal day", Date, text("2026-12-24"), day("2026-12-24"), "nothing".to_owned()),
        (
            "another day",
            Date,
            text("2026-12-24"),
            day("2026-12-25"),
            "2026-12-24 > 2026-12-25".to_owned(),
        ),
        (
            "a quoted day",
            Date,
            Scalar::Null,
            text("2026-12-24"),
            format!("{label} holds a date, without quotes, such as 2027-03-31, not `2026-12-24`"),
        ),
        (
            "an equal moment, written otherwise",
            Moment,
            text("2026-12-24T10:00:00.000+0000"),
            text("2026-12-24T11:00:00+01:00"),
            "nothing".to_owned(),
        ),
        (
            "a day for a moment",
            Moment,
            Scalar::Null,
            day("2026-12-24"),
            format!("{label} holds a moment, such as \"2027-03-31T09:00:00Z\", not `2026-12-24`"),
        ),
        (
            "an id of fifteen characters",
            Reference,
            text("0018d00000abcdeAAA"),
            text("0018d00000abcde"),
            "nothing".to_owned(),
        ),
        (
            "no id",
            Reference,
            Scalar::Null,
            text("Acme Corp"),
            format!("{label} holds the id of a record, not `Acme Corp`"),
        ),
        (
            "a value of the list",
            list(&["West", "East"]),
            Scalar::Null,
            text("West"),
            "null > West".to_owned(),
        ),
        (
            "a value that is not of the list",
            list(&["West", "East"]),
            Scalar::Null,
            text("Wets"),
            format!("{label} has no value `Wets`; did you mean `West`?"),
        ),
        (
            "any value of an open list",
            Picklist(None),
            Scalar::Null,
            text("North"),
            "null > North".to_owned(),
        ),
        (
            "several values in another order",
            several(&["A", "B"]),
            text("A;B"),
            text("B;A"),
            "nothing".to_owned(),
        ),
        (
            "several values, one unknown",
            several(&["A", "B"]),
            text("A"),
            text("A;C"),
            format!("{label} has no value `C`"),
        ),
        (
            "something that cannot be declared",
            FieldShape::Other("location".into()),
            Scalar::Null,
            text("x"),
            format!("{label} is of type location, which cannot be declared"),
        ),
    ];
    for (what, shape, observed, declared, expected) in cases {
        assert_eq!(outcome(shape, observed, declared), expected, "{what}");
    }
}

#[test]
fn a_field_that_cannot_be_seen_holds_up_whoever_declares_it() {
    let mut scene = scene();
    scene.user_field("Region__c", FieldShape::Text(20), |_| {});
    scene.declare(KIM, ACME, CUSTOMER).custom.insert("Regoin__c".into(), text("West"));
    scene.declare(JAMIE, ACME, CUSTOMER);
    assert_eq!(
        scene.lines()[0],
        "create kim.osei@acme.example (blocked) because declared; contact create"
    );
    assert_eq!(
        scene.lines()[1],
        "create jamie.rivera@acme.example because declared; contact create"
    );
    let help = scene.finding(Code::FieldInvisible).unwrap().help.unwrap();
    assert!(help.contains("did you mean `Region__c`?"), "{help}");
}

#[test]
fn a_field_of_the_catalogue_that_cannot_be_seen_is_not_taken_for_empty() {
    let mut scene = scene();
    let rest = scene.current.described.user.iter().filter(|one| one.name != *"Title");
    scene.current.described.user = ObjectFields::of(rest.cloned().collect::<Vec<_>>());
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).fields.insert(UserField::Title, Value::of("Buyer"));
    assert!(scene.plan().changes[0].blocked);
    assert!(scene.finding(Code::FieldInvisible).unwrap().message.contains("Title"));
}

#[test]
fn a_field_that_cannot_be_changed_is_refused_only_where_it_differs() {
    let fixed = |observed: &str| {
        let mut scene = field(FieldShape::Text(20), text(observed), text("West"));
        scene.user_field("Region__c", FieldShape::Text(20), |one| one.updateable = false);
        scene.lines()
    };
    assert!(fixed("West").is_empty());
    assert_eq!(
        fixed("East"),
        ["update kim.osei@acme.example (blocked) because declared", "error P2102"]
    );
}

#[test]
fn a_field_that_cannot_be_set_at_creation_is_refused_for_new_people() {
    let mut scene = scene();
    scene.user_field("Region__c", FieldShape::Text(20), |one| one.createable = false);
    scene.declare(KIM, ACME, CUSTOMER).custom.insert("Region__c".into(), text("West"));
    assert_eq!(scene.lines().last().unwrap(), "error P2102");
}

#[test]
fn a_field_that_may_not_be_empty_is_not_emptied() {
    let mut scene = field(FieldShape::Text(20), text("West"), Scalar::Null);
    scene.user_field("Region__c", FieldShape::Text(20), |one| one.nillable = false);
    assert_eq!(
        scene.finding(Code::FieldValue).unwrap().message,
        "field \"Region\" (`Region__c`) of User cannot be empty"
    );
}

#[test]
fn fields_with_a_key_of_their_own_are_declared_by_it() {
    for (name, key) in [
        ("IsActive", "state"),
        ("Title", "title"),
        ("ProfileId", "profile"),
        ("UserRoleId", "portal_role"),
    ] {
        let mut scene = scene();
        scene.declare(KIM, ACME, CUSTOMER).custom.insert(name.into(), text("x"));
        let help = scene.finding(Code::FieldReserved).unwrap().help.unwrap();
        assert!(help.contains(&format!("`{key}`")), "{name}: {help}");
    }
}

#[test]
fn portal_access_is_never_switched_off_for_good() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).custom.insert("IsPortalEnabled".into(), Scalar::Bool(false));
    assert!(scene.plan().changes[0].blocked);
    assert!(scene.finding(Code::FieldReserved).unwrap().help.unwrap().contains("cannot be undone"));
}

#[test]
fn required_fields_that_nobody_declares_hold_new_people_up() {
    let mut scene = scene();
    scene.user_field("Badge__c", FieldShape::Text(20), |one| one.nillable = false);
    scene.declare(KIM, ACME, CUSTOMER);
    let found = scene.finding(Code::FieldRequired).unwrap();
    assert_eq!(
        found.message,
        "field \"Badge\" (`Badge__c`) of User is required by the org and not declared"
    );
    assert_eq!(found.help.unwrap(), "write `fields = { Badge__c = … }`");
    scene.desired.users[0].custom.insert("Badge__c".into(), text("7"));
    assert!(scene.finding(Code::FieldRequired).is_none());
}

#[test]
fn required_fields_may_come_from_on_create() {
    let mut scene = scene();
    scene.user_field("Badge__c", FieldShape::Text(20), |one| one.nillable = false);
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    once(declared, |on| {
        on.custom.insert("Badge__c".into(), text("7"));
    });
    assert!(!scene.plan().changes[0].blocked);
}

#[test]
fn required_fields_with_a_default_and_of_people_who_are_there_are_nobodys_business() {
    let mut scene = scene();
    scene.user_field("Badge__c", FieldShape::Text(20), |one| {
        one.nillable = false;
        one.defaulted = true;
    });
    scene.declare(KIM, ACME, CUSTOMER);
    assert!(!scene.plan().changes[0].blocked);
    scene.user_field("Badge__c", FieldShape::Text(20), |one| one.nillable = false);
    scene.user(KIM, ACME, CUSTOMER);
    scene.not_asked(Why::OlderThanRule);
    assert!(scene.lines().is_empty());
}

#[test]
fn a_required_field_of_contacts_matters_where_a_contact_is_made() {
    let mut scene = scene();
    scene.contact_field("Source__c", FieldShape::Text(20), |one| one.nillable = false);
    scene.declare(KIM, ACME, CUSTOMER);
    let help = scene.finding(Code::FieldRequired).unwrap().help.unwrap();
    assert_eq!(help, "write `contact_fields = { Source__c = … }`");
    scene.contact(ACME, "Kim", "Osei", KIM);
    assert!(scene.finding(Code::FieldRequired).is_none());
}

#[test]
fn fields_of_the_contact_follow_the_declaration() {
    let mut scene = scene();
    scene.contact_field("Tier__c", FieldShape::Whole, |_| {});
    scene.user(KIM, ACME, CUSTOMER);
    scene.declare(KIM, ACME, CUSTOMER).contact_custom.insert("Tier__c".into(), number(2.0));
    assert_eq!(
        scene.lines(),
        ["update kim.osei@acme.example because declared; Contact.Tier__c null > 2; contact update"]
    );
}

#[test]
fn a_contact_may_have_an_address_of_its_own() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER);
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.contact_custom.insert("Email".into(), text("office@acme.example"));
    assert_eq!(
        scene.lines(),
        [
            "update kim.osei@acme.example because declared; Contact.Email kim.osei@acme.example > office@acme.example; contact update"
        ]
    );
}

#[test]
fn a_contacts_own_address_gets_invalid_in_a_sandbox() {
    let mut scene = scene();
    scene.current.org.is_sandbox = true;
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.contact_custom.insert("Email".into(), text("office@acme.example"));
    let plan = scene.plan();
    let sent: Vec<_> =
        plan.changes[0].contact_writes().filter(|(name, _)| **name == "Email").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].1, &Datum::of("office@acme.example.invalid"));
}

#[test]
fn new_people_get_every_declared_field_with_its_type() {
    let mut scene = scene();
    scene.user_field("Region__c", FieldShape::Text(20), |_| {});
    scene.user_field("Since__c", FieldShape::Date, |_| {});
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.custom.insert("Region__c".into(), text("West"));
    declared.custom.insert("Since__c".into(), day("2026-01-01"));
    once(declared, |on| {
        on.custom.insert("Region__c".into(), text("East"));
    });
    let plan = scene.plan();
    let sent: Vec<_> = plan.changes[0]
        .fields
        .iter()
        .filter(|one| one.object == Object::User && one.field.as_str().ends_with("__c"))
        .map(|one| (one.field.as_str(), one.after.clone()))
        .collect();
    assert_eq!(
        sent,
        [
            ("Region__c", Datum::of("West")),
            ("Since__c", Datum::Date("2026-01-01".parse().unwrap()))
        ]
    );
}

/// A cell of a roster whose dates are written as in `31.03.2027`.
fn cell(text: &str) -> Scalar {
    let day = jiff::fmt::strtime::parse("%d.%m.%Y", text).and_then(|parsed| parsed.to_date()).ok();
    Scalar::Cell(Box::new(Cell { text: text.into(), day }))
}

#[test]
fn a_cell_of_a_roster_stands_for_a_value_of_the_fields_type() {
    use FieldShape::{Bool, Date, Number, Text, Whole};
    let nothing = "nothing".to_owned();
    for (shape, observed, text, expected) in [
        (Text(20), Scalar::of("007"), "007", nothing.clone()),
        (Number, number(7.5), "7.50", nothing.clone()),
        (Whole, number(7.0), "007", nothing.clone()),
        (Whole, number(7.0), "8", "7 > 8".to_owned()),
        (Bool, Scalar::Bool(true), "TRUE", nothing.clone()),
        (Bool, Scalar::Bool(true), "no", "true > false".to_owned()),
        (Date, Scalar::of("2027-03-31"), "31.03.2027", nothing),
        (Date, Scalar::Null, "31.03.2027", "null > 2027-03-31".to_owned()),
        (
            Number,
            Scalar::Null,
            "many",
            "field \"Region\" (`Region__c`) of User holds a number, without quotes, not `many`"
                .to_owned(),
        ),
    ] {
        assert_eq!(outcome(shape, observed, cell(text)), expected, "{text}");
    }
}
