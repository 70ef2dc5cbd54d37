//! Single records, collections and keys.

use reqwest::Method;
use serde_json::{Value, json};

use super::{MORE, ORG, Org, why};

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

#[tokio::test]
async fn a_record_is_made_read_changed_and_deleted() {
    let org = org().await;
    let account = org.id("Account", "Name", "Acme Corp").await;
    let body = json!({ "LastName": "New", "AccountId": account, "Phone": "" });
    let made = org.send(Method::POST, "/services/data/v66.0/sobjects/contact/", Some(&body)).await;
    assert_eq!(made.status(), 201);
    let place = made.headers()["location"].to_str().unwrap().to_owned();
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        place,
        format!("/services/data/v66.0/sobjects/Contact/{}", made["id"].as_str().unwrap())
    );
    assert_eq!((&made["success"], &made["errors"]), (&json!(true), &json!([])));
    let path = place.strip_prefix("/services/data/v66.0/").unwrap();
    let changed = org.send(Method::PATCH, &place, Some(&json!({ "Title": "Buyer" }))).await;
    assert_eq!(changed.status(), 204);
    assert!(changed.headers().get("content-type").is_none());
    let (_, read) = org.get(&format!("{path}?fields=Title,Account.Name")).await;
    assert_eq!(why(&read).0, "INVALID_FIELD", "fields of parents are for queries");
    let (_, read) = org.get(&format!("{path}?fields=Title,Phone")).await;
    assert_eq!(read["attributes"]["url"], place);
    assert_eq!((&read["Title"], &read["Phone"]), (&json!("Buyer"), &Value::Null));
    for (body, code) in [
        (json!({ "Id": "0038d0000000001" }), "INVALID_FIELD"),
        (json!({ "Bacon": 1, "AccountId": "x" }), "INVALID_FIELD"),
        (json!({ "AccountId": "0018d0000000001AAB" }), "MALFORMED_ID"),
        (json!({ "CreatedDate": "2026-01-01T00:00:00Z" }), "INVALID_FIELD_FOR_INSERT_UPDATE"),
        (json!({ "LastName": null }), "REQUIRED_FIELD_MISSING"),
        (json!({ "Birthdate": "soon" }), "JSON_PARSER_ERROR"),
        (json!({ "LastName": { "a": 1 } }), "JSON_PARSER_ERROR"),
    ] {
        let (status, answer) = org.patch(path, body.clone()).await;
        assert_eq!((status, why(&answer).0), (400, code), "{body}");
    }
    assert_eq!(org.delete(path).await, (204, Value::Null));
    assert_eq!(org.get(path).await.0, 404);
    assert_eq!(why(&org.get(path).await.1).0, "ENTITY_IS_DELETED");
    let never = "sobjects/Contact/0038d00000zzzzzAAA";
    assert_eq!(org.get("sobjects/Contact/0038d0000zzzzzz").await.0, 404);
    assert_eq!(org.delete("sobjects/Contact/0038d0000zzzzzz").await.0, 404);
    assert_eq!(org.get(never).await.0, 404);
    assert_eq!(org.get("sobjects/Bacon").await.0, 404);
}

#[tokio::test]
async fn conditions_in_headers_have_whole_seconds_and_tags_are_for_accounts() {
    let org = org().await;
    let kim = org.id("User", "LastName", "Osei").await;
    let url = format!("{}/services/data/v66.0/sobjects/User/{kim}", org.running.url());
    let token = org.running.access_token();
    let send = async |method: Method, header: &str, value: &str| {
        let request =
            org.http.request(method.clone(), &url).bearer_auth(&token).header(header, value);
        let request =
            if method == Method::PATCH { request.json(&json!({ "Title": "T" })) } else { request };
        request.send().await.unwrap().status().as_u16()
    };
    // The seed's moment is the fifth of January 2026.
    let (before, after) = ("Sun, 04 Jan 2026 10:00:00 GMT", "Tue, 06 Jan 2026 10:00:00 GMT");
    assert_eq!(send(Method::GET, "if-modified-since", after).await, 304);
    assert_eq!(send(Method::GET, "if-modified-since", before).await, 200);
    assert_eq!(send(Method::PATCH, "if-unmodified-since", before).await, 412);
    assert_eq!(send(Method::PATCH, "if-unmodified-since", "yesterday").await, 400);
    assert_eq!(send(Method::PATCH, "if-unmodified-since", after).await, 204);
    assert_eq!(send(Method::PATCH, "if-unmodified-since", after).await, 412, "it was changed");
    assert_eq!(send(Method::PATCH, "if-match", "\"other\"").await, 204, "no tags for users");

    let account = org.id("Account", "Name", "Acme Corp").await;
    let path = format!("/services/data/v66.0/sobjects/Account/{account}");
    let read = org.send(Method::GET, &path, None).await;
    let tag = read.headers()["etag"].to_str().unwrap().to_owned();
    let request = org.http.get(format!("{}{path}", org.running.url())).bearer_auth(&token);
    assert_eq!(request.header("if-none-match", tag).send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn upserts_by_key_tell_what_became_of_the_record() {
    let org = org().await;
    let key = "sobjects/Contact/Roster_Key__c";
    let (status, made) = org.patch(&format!("{key}/R-9"), json!({ "LastName": "Nine" })).await;
    assert_eq!((status, &made["created"]), (201, &json!(true)));
    let (status, kept) = org.patch(&format!("{key}/R-9"), json!({ "Title": "T" })).await;
    assert_eq!((status, &kept["created"], &kept["id"]), (200, &json!(false), &made["id"]));
    let old = "/services/data/v45.0/sobjects/Contact/Roster_Key__c/R-9";
    assert_eq!(org.send(Method::PATCH, old, Some(&json!({ "Title": "U" }))).await.status(), 204);
    assert_eq!(org.get(&format!("{key}/R-9")).await.1["Title"], "U");
    assert_eq!(org.patch(&format!("{key}/R-8?updateOnly=true"), json!({})).await.0, 404);
    let twice = json!({ "Roster_Key__c": "R-9" });
    assert_eq!(why(&org.patch(&format!("{key}/R-9"), twice).await.1).0, "INVALID_FIELD");
    let (status, none) = org.get("sobjects/Contact/Title/T").await;
    assert_eq!(
        (status, why(&none).1),
        (404, "Provided external ID field does not exist or is not accessible: Title")
    );
    // What ends like a file name is read as one.
    assert_eq!(org.get("sobjects/Contact/Email/pia@acme.example").await.0, 404);
    assert_eq!(org.delete(&format!("{key}/R-9")).await.0, 204);

    for _ in 0..2 {
        org.post("sobjects/Project__c", json!({ "Key__c": "same" })).await;
    }
    let (status, several) = org.patch("sobjects/Project__c/Key__c/same", json!({})).await;
    assert_eq!((status, several.as_array().unwrap().len()), (300, 2));
    assert!(several[0].as_str().unwrap().starts_with("/services/data/v66.0/sobjects/Project__c/a"));

    let taken = json!({ "LastName": "X", "Roster_Key__c": "R-1" });
    let (_, answer) = org.post("sobjects/Contact", taken).await;
    let (code, text) = why(&answer);
    assert_eq!(code, "DUPLICATE_VALUE");
    let (before, id) = text.rsplit_once(' ').unwrap();
    assert_eq!(before, "duplicate value found: Roster_Key__c duplicates value on record with id:");
    assert_eq!(id.len(), 15);
    let parent = json!({ "Name": "P", "Account__r": { "Name": "Acme Corp" } });
    assert_eq!(why(&org.post("sobjects/Project__c", parent).await.1).0, "INVALID_FIELD");
    let parent = json!({ "LastName": "P", "ReportsTo": { "Roster_Key__c": "R-1" } });
    assert_eq!(org.post("sobjects/Contact", parent).await.0, 201);
}

#[tokio::test]
async fn collections_roll_back_upsert_and_read_in_order() {
    let org = org().await;
    let contact = |last: Value, key: &str| json!({ "attributes": { "type": "Contact" }, "LastName": last, "Roster_Key__c": key });
    let body = json!({ "allOrNone": true, "records": [contact(json!("A"), "K1"), contact(Value::Null, "K2")] });
    let (status, answer) = org.post("composite/sobjects", body).await;
    assert_eq!((status, &answer[0]["success"]), (200, &json!(false)));
    assert_eq!(answer[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(answer[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert!(org.rows("SELECT Id FROM Contact WHERE LastName = 'A'").await.is_empty());

    let upsert = json!({ "records": [contact(json!("A"), "K1"), contact(json!("B"), "R-1")] });
    let (_, answer) = org.patch("composite/sobjects/Contact/Roster_Key__c", upsert).await;
    assert_eq!((&answer[0]["created"], &answer[1]["created"]), (&json!(true), &json!(false)));
    let new = json!({ "records": [{ "attributes": { "type": "Contact" }, "Id": null, "LastName": "C" }] });
    let (_, answer) = org.patch("composite/sobjects/Contact/Id", new).await;
    assert_eq!((&answer[0]["success"], &answer[0]["created"]), (&json!(true), &json!(true)));

    let id = answer[0]["id"].as_str().unwrap().to_owned();
    let record = |title: u32| json!({ "id": id, "Title": format!("T{title}"), "attributes": { "type": "Contact" } });
    let many: Vec<Value> = (0..13).map(record).collect();
    let (_, answer) = org.patch("composite/sobjects", json!({ "records": many })).await;
    assert_eq!(answer[11]["success"], true);
    assert_eq!(answer[12]["errors"][0]["statusCode"], "DUPLICATE_VALUE");
    let nameless = json!({ "records": [{ "attributes": { "type": "Contact" } }] });
    let (_, answer) = org.patch("composite/sobjects", nameless).await;
    assert_eq!(answer[0]["errors"][0]["statusCode"], "MISSING_ARGUMENT");

    let wanted = json!({ "ids": [id, "0038d0000zzzzzz", "x"], "fields": ["LastName"] });
    let (_, found) = org.post("composite/sobjects/Contact", wanted).await;
    assert_eq!(
        (&found[0]["LastName"], &found[1], &found[2]),
        (&json!("C"), &Value::Null, &Value::Null)
    );
    let (status, answer) =
        org.get(&format!("composite/sobjects/Contact?ids={id}&fields=Bacon")).await;
    assert_eq!((status, why(&answer).0), (400, "INVALID_FIELD"));

    let account = json!({ "attributes": { "type": "Account" }, "Name": "N" });
    let chunks: Vec<Value> = (0..11)
        .map(|n| if n % 2 == 0 { account.clone() } else { contact(json!("D"), "") })
        .collect();
    assert_eq!(org.post("composite/sobjects", json!({ "records": chunks })).await.0, 400);
    for body in [json!({ "records": [{ "LastName": "E" }] }), json!({ "records": 5 }), json!({})] {
        let (status, answer) = org.post("composite/sobjects", body).await;
        assert_eq!((status, why(&answer).0), (400, "INVALID_INPUT"));
    }
}

#[tokio::test]
async fn a_reset_password_is_mailed_and_answered_once() {
    let org = org().await;
    let path = format!("sobjects/User/{}/password", org.id("User", "LastName", "Osei").await);
    assert_eq!(org.get(&path).await, (200, json!({ "isExpired": false })));
    let (status, answer) = org.post(&path, json!({ "NewPassword": "letters" })).await;
    assert_eq!(
        (status, why(&answer)),
        (400, ("INVALID_NEW_PASSWORD", "Your password must have a mix of letters and numbers."))
    );
    assert_eq!(org.post(&path, json!({ "NewPassword": "letters123" })).await, (204, Value::Null));
    assert_eq!(org.control(Method::GET, "outbox", json!({})).await, json!([]));
    let (status, answer) = org.delete(&path).await;
    assert_eq!(status, 200);
    assert!(answer["NewPassword"].is_string());
    let outbox = org.control(Method::GET, "outbox", json!({})).await;
    assert_eq!(
        (&outbox[0]["kind"], &outbox[0]["to"]),
        (&json!("reset"), &json!("kim.osei@acme.example"))
    );
    assert_eq!(outbox.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn duplicate_rules_block_or_warn() {
    for (action, insisting) in [("Alert", 201), ("Block", 400)] {
        let rule = format!(
            "\n[[DuplicateRule]]\nObject = \"Contact\"\nField = \"Email\"\nAction = \"{action}\"\n"
        );
        let org = Org::start(&format!("{ORG}{MORE}{rule}")).await;
        let body = json!({ "LastName": "Again", "Email": "pia@acme.example" });
        let (status, answer) = org.post("sobjects/Contact", body.clone()).await;
        assert_eq!(
            (status, why(&answer)),
            (400, ("DUPLICATES_DETECTED", "Use one of these records?"))
        );
        // The key is misspelt by the platform.
        let like = &answer[0]["duplicateResut"];
        assert_eq!(like["allowSave"], action == "Alert");
        assert_eq!(like["matchResults"][0]["size"], 1);
        let url = format!("{}/services/data/v66.0/sobjects/Contact", org.running.url());
        let request = org.http.post(url).bearer_auth(org.running.access_token()).json(&body);
        let insists = request.header("Sforce-Duplicate-Rule-Header", "allowSave=true");
        assert_eq!(insists.send().await.unwrap().status().as_u16(), insisting);
    }
}
