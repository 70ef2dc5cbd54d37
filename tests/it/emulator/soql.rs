//! SOQL beyond single records: children, groups, semi-joins, dates, limits.

use reqwest::Method;
use serde_json::{Value, json};

use super::{MORE, ORG, Org, why};

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

#[tokio::test]
async fn children_come_as_answers_of_their_own_or_null() {
    let org = org().await;
    let soql = "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName != 'Old' ORDER BY LastName LIMIT 2) FROM Account ORDER BY Name";
    let (_, answer) = org.query(soql).await;
    let first = &answer["records"][0]["Contacts"];
    assert_eq!((&first["totalSize"], &first["done"]), (&json!(2), &json!(true)));
    assert_eq!(first["records"][0]["attributes"]["type"], "Contact");
    let names: Vec<&Value> =
        first["records"].as_array().unwrap().iter().map(|row| &row["LastName"]).collect();
    assert_eq!(names, ["Osei", "Plus"]);
    let none = "SELECT Name, (SELECT Id FROM Contacts WHERE LastName = 'x') FROM Account";
    assert_eq!(org.query(none).await.1["records"][0]["Contacts"], Value::Null);
    let sets = "SELECT Username, (SELECT PermissionSetId FROM PermissionSetAssignments) FROM User WHERE LastName = 'Osei'";
    assert_eq!(org.query(sets).await.1["records"][0]["PermissionSetAssignments"]["totalSize"], 2);
    let (status, lost) = org.query("SELECT (SELECT Id FROM Bacons) FROM Account").await;
    assert_eq!(status, 400);
    assert!(why(&lost).1.contains("Didn't understand relationship 'Bacons'"));
}

#[tokio::test]
async fn groups_and_functions_have_the_keys_that_clients_read() {
    let org = org().await;
    for (soql, expected) in [
        (
            "SELECT Profile.Name, COUNT(Id) n, COUNT(Title) FROM User WHERE ContactId != null GROUP BY Profile.Name",
            json!([{ "Name": "Acme Customer", "n": 2, "expr0": 0 }]),
        ),
        (
            "SELECT IsActive, COUNT(Id) FROM User GROUP BY IsActive HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC",
            json!([{ "IsActive": true, "expr0": 4 }]),
        ),
        (
            "SELECT MIN(LastName) a, MAX(LastName) z, COUNT_DISTINCT(ProfileId) p FROM User",
            json!([{ "a": "Administrator", "z": "Roleless", "p": 3 }]),
        ),
        (
            "SELECT SUM(TotalLicenses) s, AVG(TotalLicenses) FROM UserLicense WHERE TotalLicenses = 5",
            json!([{ "s": 15, "expr0": 5 }]),
        ),
    ] {
        assert_eq!(Value::from(org.rows(soql).await), expected, "{soql}");
    }
    let (_, answer) = org.query("SELECT COUNT(Id) FROM User").await;
    assert_eq!(answer["records"][0]["attributes"], json!({ "type": "AggregateResult" }));
    for (soql, text) in [
        (
            "SELECT LastName, COUNT(Id) FROM User GROUP BY Alias",
            "Field must be grouped or aggregated: LastName",
        ),
        ("SELECT COUNT(Id) FROM User LIMIT 1", "LIMIT"),
        ("SELECT SUM(LastName) FROM User", "does not support aggregate operator"),
        ("SELECT COUNT(Id) FROM SetupAuditTrail", "does not support aggregates"),
    ] {
        let (status, answer) = org.query(soql).await;
        assert_eq!((status, why(&answer).0), (400, "MALFORMED_QUERY"), "{soql}");
        assert!(why(&answer).1.contains(text), "{soql}: {answer}");
    }
    assert_eq!(org.query("SELECT COUNT() FROM SetupAuditTrail").await.0, 200);
}

#[tokio::test]
async fn semi_joins_keep_their_rules() {
    let org = org().await;
    let with = "SELECT COUNT() FROM Contact WHERE Id IN (SELECT ContactId FROM User WHERE IsActive = true)";
    assert_eq!(org.query(with).await.1["totalSize"], 1);
    let without = "SELECT COUNT() FROM Contact WHERE Id NOT IN (SELECT ContactId FROM User)";
    assert_eq!(org.query(without).await.1["totalSize"], 4);
    for (filter, text) in [
        ("Id IN (SELECT ContactId FROM User) OR LastName = 'x'", "'OR'"),
        ("Id IN (SELECT ContactId FROM User ORDER BY Id)", "can't be ordered"),
        ("Id IN (SELECT ReportsToId FROM Contact)", "should not be on the same object type"),
        ("Id IN (SELECT ProfileId FROM User)", "should point to the same object type"),
        ("LastName IN (SELECT ContactId FROM User)", "id or reference field"),
        (
            "Id IN (SELECT ContactId FROM User WHERE ProfileId IN (SELECT Id FROM Profile))",
            "Nesting of semi join",
        ),
    ] {
        let (status, answer) = org.query(&format!("SELECT Id FROM Contact WHERE {filter}")).await;
        assert_eq!((status, why(&answer).0), (400, "MALFORMED_QUERY"), "{filter}");
        assert!(why(&answer).1.contains(text), "{filter}: {answer}");
    }
}

#[tokio::test]
async fn relative_dates_are_those_of_whoever_asks() {
    let org = org().await;
    org.control(Method::POST, "clock", json!({ "to": "2030-01-02T03:30:00Z" })).await;
    let account = org.id("Account", "Name", "Acme Corp").await;
    org.post("sobjects/Contact", json!({ "LastName": "Late", "AccountId": account })).await;
    // Late on the first of January in New York, where the administrator is.
    for (literal, found) in [
        ("CreatedDate = TODAY", 1),
        ("CreatedDate = THIS_YEAR", 1),
        ("CreatedDate = LAST_YEAR", 0),
        ("CreatedDate > TODAY", 0),
        ("CreatedDate < TODAY", 6),
        ("CreatedDate = LAST_N_DAYS:3", 1),
        ("CreatedDate >= 2030-01-02T03:00:00Z", 1),
        ("CreatedDate > 2030-01-02T04:00:00+01:00", 1),
    ] {
        let soql = format!("SELECT COUNT() FROM Contact WHERE {literal}");
        assert_eq!(org.query(&soql).await.1["totalSize"], found, "{literal}");
    }
    org.control(Method::POST, "clock", json!({ "to": "2030-01-02T05:30:00Z" })).await;
    let yesterday = "SELECT COUNT() FROM Contact WHERE CreatedDate = YESTERDAY";
    assert_eq!(org.query(yesterday).await.1["totalSize"], 1);
    for (filter, text) in [
        (
            "CreatedDate = 2030-01-01",
            "must be of type dateTime and should not be enclosed in quotes",
        ),
        (
            "Birthdate = '2030-01-01'",
            "field 'Birthdate' must be of type date and should not be enclosed in quotes",
        ),
        ("CreatedDate = :today", "Bind variables only allowed in Apex code"),
    ] {
        let (_, answer) = org.query(&format!("SELECT Id FROM Contact WHERE {filter}")).await;
        assert!(why(&answer).1.contains(text), "{answer}");
    }
}

#[tokio::test]
async fn lists_wildcards_and_own_objects_are_compared_as_documented() {
    let org = org().await;
    for (name, budget) in [("50% off", 10.0), ("a_b", 2.5), ("axb", 100.0)] {
        let body = json!({ "Name": name, "Budget__c": budget });
        assert_eq!(org.post("sobjects/Project__c", body).await.0, 201);
    }
    for (object, filter, found) in [
        ("Project__c", "Name LIKE '%\\%%'", 1),
        ("Project__c", "Name LIKE 'a\\_b'", 1),
        ("Project__c", "Name LIKE 'A_B'", 2),
        ("Project__c", "Budget__c > 5", 2),
        ("Project__c", "Budget__c IN (2.5, 100)", 2),
        ("Contact", "Tags__c INCLUDES ('A;C', 'B')", 1),
        ("Contact", "Tags__c INCLUDES ('A;B')", 0),
        ("Contact", "Tags__c EXCLUDES ('A')", 5),
        ("Contact", "Tags__c = 'A;C'", 1),
        ("Contact", "Roster_Key__c = ''", 4),
    ] {
        let soql = format!("SELECT COUNT() FROM {object} WHERE {filter}");
        assert_eq!(org.query(&soql).await.1["totalSize"], found, "{filter}");
    }
    let (status, answer) = org.query("SELECT Id FROM Project__c WHERE Name = 'a\\%'").await;
    assert_eq!((status, why(&answer).0), (400, "MALFORMED_QUERY"));
    let order = org.rows("SELECT Name FROM Project__c ORDER BY Budget__c DESC").await;
    assert_eq!(order[0]["Name"], "axb");
}

#[tokio::test]
async fn a_statement_has_its_limits() {
    let org = org().await;
    let nested = format!("{}Id = null{}", "(".repeat(200), ")".repeat(200));
    for (soql, code, text) in [
        ("SELECT FIELDS(ALL) FROM User", "MALFORMED_QUERY", "LIMIT"),
        ("SELECT FIELDS(CUSTOM) FROM User LIMIT 1", "MALFORMED_QUERY", "at least one field"),
        ("SELECT FIELDS(STANDARD), Id FROM User", "INVALID_FIELD", "duplicate field selected: Id"),
        (
            "SELECT Contact.Account.Owner.Manager.Manager.Manager.Name FROM User",
            "MALFORMED_QUERY",
            "No more than 5",
        ),
        (
            "SELECT Id FROM SetupAuditTrail WHERE Display = 'x'",
            "INVALID_FIELD",
            "field 'Display' can not be filtered",
        ),
        (
            "SELECT Id FROM LoginHistory WHERE Status = 'x'",
            "INVALID_FIELD",
            "field 'Status' can not be filtered",
        ),
        (&format!("SELECT Id FROM User WHERE {nested}"), "MALFORMED_QUERY", "too deeply nested"),
        ("SELEKT Id FROM User", "MALFORMED_QUERY", "unexpected token: SELEKT"),
    ] {
        let (status, answer) = org.query(soql).await;
        assert_eq!((status, why(&answer).0), (400, code), "{soql}");
        assert!(why(&answer).1.contains(text), "{soql}: {answer}");
    }
    let long = "x".repeat(4001);
    let (_, answer) = org.query(&format!("SELECT Id FROM User WHERE LastName = '{long}'")).await;
    assert!(why(&answer).1.contains("4000"));
    assert_eq!(org.query("SELECT FIELDS(ALL) FROM User LIMIT 200").await.0, 200);
}

#[tokio::test]
async fn deleted_records_are_in_query_all() {
    let org = org().await;
    let id = org.id("Contact", "LastName", "Second").await;
    assert_eq!(org.delete(&format!("sobjects/Contact/{id}")).await.0, 204);
    let rest = "q=SELECT+LastName,IsDeleted+FROM+Contact+WHERE+LastName='Second'";
    assert_eq!(org.get(&format!("query?{rest}")).await.1["totalSize"], 0);
    let (_, all) = org.get(&format!("queryAll?{rest}")).await;
    assert_eq!(all["records"][0]["IsDeleted"], true);
}

#[tokio::test]
async fn what_the_login_cannot_see_does_not_exist() {
    let hidden = "\n[emulator]\ninvisible = [\"User.ProfileId\", \"UserRole\"]\n";
    let org = Org::start(&format!("{ORG}{hidden}")).await;
    for (soql, code) in [
        ("SELECT ProfileId FROM User", "INVALID_FIELD"),
        ("SELECT Profile.Name FROM User", "INVALID_FIELD"),
        ("SELECT Id FROM UserRole", "INVALID_TYPE"),
    ] {
        assert_eq!(why(&org.query(soql).await.1).0, code, "{soql}");
    }
    assert_eq!(org.get("sobjects/UserRole/describe").await.0, 404);
    let off = "\n[emulator]\ndigital_experiences = false\n";
    let org = Org::start(&format!("{ORG}{off}")).await;
    assert_eq!(why(&org.query("SELECT Id FROM Network").await.1).0, "INVALID_TYPE");
    assert_eq!(why(&org.query("SELECT PortalRole FROM User").await.1).0, "INVALID_FIELD");
}

#[tokio::test]
async fn the_login_is_told_what_it_may_do() {
    let soql = "SELECT PermissionsViewSetup, PermissionsManageUsers FROM UserPermissionAccess";
    let org = Org::start(ORG).await;
    let all = json!({ "PermissionsViewSetup": true, "PermissionsManageUsers": true });
    assert_eq!(org.rows(soql).await, [all]);
    let org = Org::start(&format!("{ORG}\n[emulator]\nlacking = [\"ManageUsers\"]\n")).await;
    let less = json!({ "PermissionsViewSetup": true, "PermissionsManageUsers": false });
    assert_eq!(org.rows(soql).await, [less]);
    let off = format!("{ORG}\n[emulator]\ndigital_experiences = false\n");
    let sites = "SELECT PermissionsManageNetworks FROM UserPermissionAccess";
    assert_eq!(why(&Org::start(&off).await.query(sites).await.1).0, "INVALID_FIELD");
}
