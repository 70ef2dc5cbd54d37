//! Several requests in one: composite, graph, batch, tree.

use serde_json::{Value, json};

use super::{MORE, ORG, Org, why};

const DATA: &str = "/services/data/v66.0";

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

#[expect(clippy::needless_pass_by_value, reason = "made where it is used")]
fn make(object: &str, name: &str, body: Value) -> Value {
    json!({ "method": "POST", "url": format!("{DATA}/sobjects/{object}"), "referenceId": name, "body": body })
}

async fn count(org: &Org, object: &str) -> u64 {
    let soql = format!("SELECT COUNT() FROM {object}");
    org.query(&soql).await.1["totalSize"].as_u64().unwrap()
}

#[tokio::test]
async fn later_requests_use_the_answers_of_earlier_ones() {
    let org = org().await;
    let requests = json!([
        make("Account", "acc", json!({ "Name": "New" })),
        make("Contact", "con", json!({ "LastName": "Doe", "AccountId": "@{acc.id}" })),
        { "method": "GET", "url": format!("{DATA}/query?q=SELECT+Id+FROM+Account+WHERE+Name='New'"), "referenceId": "q" },
        { "method": "PATCH", "url": format!("{DATA}/sobjects/Account/@{{q.records[0].Id}}"), "referenceId": "p", "body": { "Site": "S" } },
        make("Contact", "wrong", json!({ "LastName": "Doe", "AccountId": "@{acc.Id}" })),
        { "method": "GET", "url": "/services/data/v66.0/nothing", "referenceId": "n" },
    ]);
    let (status, answer) = org.post("composite", json!({ "compositeRequest": requests })).await;
    assert_eq!(status, 200);
    let responses = answer["compositeResponse"].as_array().unwrap();
    let statuses: Vec<&Value> = responses.iter().map(|one| &one["httpStatusCode"]).collect();
    assert_eq!(statuses, [201, 201, 200, 204, 400, 404]);
    assert!(responses[0]["httpHeaders"]["Location"].is_string());
    assert_eq!((&responses[3]["body"], &responses[3]["referenceId"]), (&Value::Null, &json!("p")));
    let (code, text) = why(&responses[4]["body"]);
    assert_eq!(code, "PROCESSING_HALTED");
    assert!(text.starts_with("Invalid reference specified. No value for acc.Id found in acc."));
    assert_eq!(
        org.rows("SELECT Account.Site FROM Contact WHERE LastName = 'Doe'").await[0]["Account"]["Site"],
        "S"
    );
}

#[tokio::test]
async fn one_failure_takes_everything_back_if_all_or_none_is_wanted() {
    let org = org().await;
    let before = count(&org, "Account").await;
    let requests = json!([
        make("Account", "a", json!({ "Name": "New" })),
        make("Contact", "b", json!({})),
        make("Account", "c", json!({ "Name": "Later" })),
    ]);
    let body = json!({ "allOrNone": true, "compositeRequest": requests });
    let (_, answer) = org.post("composite", body).await;
    let codes: Vec<&str> = answer["compositeResponse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| why(&one["body"]).0)
        .collect();
    assert_eq!(codes, ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]);
    assert_eq!(count(&org, "Account").await, before);
}

#[tokio::test]
async fn setup_and_other_objects_do_not_share_a_transaction() {
    let org = org().await;
    let user = org.new_user("pia@acme.example", "pia@acme.example", "Acme Customer").await;
    let assign = json!({ "AssigneeId": "@{u.id}", "PermissionSetId": org.id("PermissionSet", "Name", "Door").await });
    let requests = json!([
        make("Account", "a", json!({ "Name": "New" })),
        make("User", "u", user),
        make("PermissionSetAssignment", "p", assign),
    ]);
    let body = |whole: bool| json!({ "allOrNone": whole, "compositeRequest": requests });
    let (_, answer) = org.post("composite", body(true)).await;
    let last = &answer["compositeResponse"][2]["body"];
    let (code, text) = why(last);
    assert_eq!(code, "MIXED_DML_OPERATION");
    assert!(
        text.ends_with("(or vice versa): PermissionSetAssignment, original object: Account"),
        "{text}"
    );
    let (_, answer) = org.post("composite", body(false)).await;
    assert_eq!(answer["compositeResponse"][2]["httpStatusCode"], 201, "{answer}");
}

#[tokio::test]
async fn a_composite_request_has_its_limits() {
    let org = org().await;
    let get = json!({ "method": "GET", "url": format!("{DATA}/limits"), "referenceId": "r" });
    let many: Vec<Value> = (0..26).map(|_| get.clone()).collect();
    let (_, answer) = org.post("composite", json!({ "compositeRequest": many })).await;
    let one = &answer["compositeResponse"][0];
    assert_eq!((&one["referenceId"], &one["httpStatusCode"]), (&Value::Null, &json!(400)));
    assert_eq!(
        why(&one["body"]),
        ("LIMIT_EXCEEDED", "The request can’t contain more than 25 operations.")
    );
    let (status, answer) = org.post("composite", json!({ "bacon": 1 })).await;
    assert_eq!((status, why(&answer).0), (400, "JSON_PARSER_ERROR"));
    assert!(why(&answer).1.starts_with("Unrecognized field \"bacon\""));
}

#[tokio::test]
async fn graphs_stand_and_fall_by_themselves() {
    let org = org().await;
    let graph = |id: &str, last: Value| {
        json!({ "graphId": id, "compositeRequest": [
        make("Account", "a", json!({ "Name": id })),
        make("Contact", "b", json!({ "LastName": last, "AccountId": "@{a.id}" })),
    ] })
    };
    let body = json!({ "graphs": [graph("good", json!("Doe")), graph("bad", Value::Null)] });
    let (status, answer) = org.post("composite/graph", body).await;
    assert_eq!(status, 200);
    let well: Vec<&Value> =
        answer["graphs"].as_array().unwrap().iter().map(|one| &one["isSuccessful"]).collect();
    assert_eq!(well, [true, false]);
    assert_eq!(answer["graphs"][0]["graphResponse"]["compositeResponse"][1]["httpStatusCode"], 201);
    let made = org.rows("SELECT Name FROM Account WHERE Name IN ('good', 'bad')").await;
    assert_eq!(made, [json!({ "Name": "good" })]);
}

#[tokio::test]
async fn a_batch_goes_on_or_halts() {
    let org = org().await;
    let requests = json!([
        { "method": "GET", "url": "v66.0/limits" },
        { "method": "GET", "url": "v66.0/sobjects/Bacon/1" },
        { "method": "POST", "url": "v66.0/sobjects/Account", "richInput": { "Name": "B" } },
    ]);
    for (halt, expected) in [(false, [200, 404, 201]), (true, [200, 404, 412])] {
        let body = json!({ "haltOnError": halt, "batchRequests": requests });
        let (status, answer) = org.post("composite/batch", body).await;
        assert_eq!((status, &answer["hasErrors"]), (200, &json!(true)));
        let statuses: Vec<&Value> =
            answer["results"].as_array().unwrap().iter().map(|one| &one["statusCode"]).collect();
        assert_eq!(statuses, expected);
    }
}

#[tokio::test]
async fn a_tree_is_planted_whole_or_not_at_all() {
    let org = org().await;
    let record = |email: &str| {
        json!({ "records": [{
        "attributes": { "type": "Account", "referenceId": "a" }, "Name": "Tree",
        "Contacts": { "records": [
            { "attributes": { "type": "Contact", "referenceId": "c" }, "LastName": "Leaf", "Email": email }
        ] },
    }] })
    };
    let (status, answer) = org.post("composite/tree/Account", record("123")).await;
    assert_eq!((status, &answer["hasErrors"]), (400, &json!(true)));
    let error = &answer["results"][0]["errors"][0];
    assert_eq!(
        (&error["statusCode"], &error["fields"]),
        (&json!("INVALID_EMAIL_ADDRESS"), &json!(["Email"]))
    );
    assert!(org.rows("SELECT Id FROM Account WHERE Name = 'Tree'").await.is_empty());
    let (status, answer) = org.post("composite/tree/Account", record("leaf@acme.example")).await;
    assert_eq!(
        (status, &answer["hasErrors"], answer["results"].as_array().unwrap().len()),
        (201, &json!(false), 2)
    );
    assert_eq!(
        org.rows("SELECT Account.Name FROM Contact WHERE LastName = 'Leaf'").await[0]["Account"]["Name"],
        "Tree"
    );
}
