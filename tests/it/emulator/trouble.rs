//! Trouble on demand, and the rest of the control that no org has.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{MORE, ORG, Org, why};

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

impl Org {
    async fn trouble(&self, fault: Value) {
        self.control(Method::POST, "faults", fault).await;
    }

    /// A request over a connection of its own, which may be cut: status and text.
    async fn risk(
        &self,
        method: Method,
        rest: &str,
        body: &Value,
    ) -> Result<(u16, String), reqwest::Error> {
        let http = Client::builder().no_proxy().tls_certs_only([]).build()?;
        let url = format!("{}/services/data/v66.0/{rest}", self.running.url());
        let request = http.request(method, url).bearer_auth(self.running.access_token());
        let response = request.json(body).send().await?;
        let status = response.status().as_u16();
        Ok((status, response.text().await?))
    }
}

#[tokio::test]
async fn answers_of_the_edge_and_of_limits_come_on_demand() {
    let org = org().await;
    for (fault, status, text) in [
        (
            json!({ "Do": "status" }),
            503,
            "[{\"message\":\"Server too busy\",\"errorCode\":\"SERVER_UNAVAILABLE\"}]",
        ),
        (
            json!({ "Do": "status", "Status": 500, "Code": "UNKNOWN_EXCEPTION", "Text": "An unexpected error occurred." }),
            500,
            "UNKNOWN_EXCEPTION",
        ),
        (
            json!({ "Do": "html", "Status": 502, "Text": "no healthy upstream" }),
            502,
            "no healthy upstream",
        ),
        (json!({ "Do": "html", "Status": 406, "Text": "" }), 406, ""),
        (json!({ "Do": "daily-limit" }), 403, "TotalRequests Limit exceeded."),
        (
            json!({ "Do": "concurrent-limit" }),
            403,
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
        (json!({ "Do": "slow", "Milliseconds": 1 }), 200, "DailyApiRequests"),
    ] {
        let mut once = fault.clone();
        once["Times"] = json!(1);
        org.trouble(once).await;
        let (found, answer) = org.risk(Method::GET, "limits", &Value::Null).await.unwrap();
        assert_eq!(found, status, "{fault}");
        assert!(answer.contains(text), "{fault}: {answer}");
        assert_eq!(org.get("limits").await.0, 200, "once");
    }
}

#[tokio::test]
async fn a_lost_answer_may_have_been_carried_out() {
    let org = org().await;
    let count = async |name: &str| {
        let soql = format!("SELECT COUNT() FROM Account WHERE Name = '{name}'");
        org.query(&soql).await.1["totalSize"].as_u64().unwrap()
    };
    for (what, made) in [("drop-before", 0), ("drop-after", 1), ("truncate", 1)] {
        org.trouble(
            json!({ "Do": what, "Path": "sobjects/Account", "Method": "POST", "Times": 1 }),
        )
        .await;
        let lost = org.risk(Method::POST, "sobjects/Account", &json!({ "Name": what })).await;
        assert!(lost.is_err(), "{what}: {lost:?}");
        assert_eq!(count(what).await, made, "{what}");
    }
}

#[tokio::test]
async fn sessions_expire_and_records_are_locked() {
    let org = org().await;
    org.trouble(json!({ "Do": "lock-rows", "Records": 1.0, "Path": "composite", "Times": 1 }))
        .await;
    let records = json!({ "records": [{ "attributes": { "type": "Account" }, "Name": "A" }] });
    let (_, answer) = org.post("composite/sobjects", records.clone()).await;
    assert_eq!(
        why(&answer),
        ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    );
    org.trouble(json!({ "Do": "lock-groups", "Times": 1 })).await;
    let (_, answer) = org.post("composite/sobjects", records.clone()).await;
    assert_eq!(
        why(&answer),
        ("UNKNOWN_EXCEPTION", "group membership operation already in progress")
    );
    let text = "Too many batch retries in the presence of Apex triggers and partial failures.";
    org.trouble(json!({ "Do": "refuse", "Code": "UNKNOWN_EXCEPTION", "Text": text, "Times": 1 }))
        .await;
    let (_, answer) = org.post("composite/sobjects", records.clone()).await;
    assert_eq!(why(&answer).1, text);

    let many: Vec<Value> = (0..100)
        .map(|n| json!({ "attributes": { "type": "Account" }, "Name": format!("N{n}") }))
        .collect();
    org.trouble(json!({ "Do": "lock-rows", "Records": 0.3, "Times": 1 })).await;
    let (_, answer) = org.post("composite/sobjects", json!({ "records": many })).await;
    let failed = answer.as_array().unwrap().iter().filter(|one| one["success"] == false).count();
    assert!((10..60).contains(&failed), "{failed}");

    org.trouble(json!({ "Do": "expire", "Times": 1 })).await;
    let (status, answer) = org.get("limits").await;
    assert_eq!((status, why(&answer).0), (401, "INVALID_SESSION_ID"));
}

#[tokio::test]
async fn trouble_is_by_path_by_count_and_by_chance() {
    let seed = "\n[emulator]\nchance = 5\n[[Fault]]\nDo = \"status\"\nStatus = 503\nPath = \"/query\"\nAfter = 1\nTimes = 2\n";
    let org = Org::start(&format!("{ORG}{seed}")).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(org.query("SELECT Id FROM User").await.0);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert_eq!(org.get("limits").await.0, 200);
    org.trouble(json!([{ "Do": "status", "Chance": 0.5 }])).await;
    let mut failed = 0;
    for _ in 0..40 {
        failed += usize::from(org.get("limits").await.0 == 503);
    }
    assert!((8..32).contains(&failed), "{failed}");
    org.control(Method::DELETE, "faults", json!({})).await;
    assert_eq!(org.get("limits").await.0, 200);
    for wrong in
        [json!({}), json!({ "Do": "dance" }), json!({ "Do": "slow", "Colour": 1 }), json!(1)]
    {
        assert_eq!(org.send(Method::POST, "/emulator/faults", Some(&wrong)).await.status(), 400);
    }
}

#[tokio::test]
async fn an_org_can_be_marked_compared_and_put_back() {
    let org = org().await;
    let before = org.control(Method::GET, "state", json!({})).await;
    org.control(Method::POST, "mark", json!({})).await;
    let kim = org.id("User", "LastName", "Osei").await;
    org.patch(&format!("sobjects/User/{kim}"), json!({ "Title": "Buyer" })).await;
    let second = org.id("Contact", "LastName", "Second").await;
    org.delete(&format!("sobjects/Contact/{second}")).await;
    org.post("sobjects/Account", json!({ "Name": "New" })).await;
    let diff = org.control(Method::GET, "diff", json!({})).await;
    assert_eq!(diff["Account"]["created"].as_array().unwrap().len(), 1);
    assert_eq!(diff["Contact"]["deleted"].as_array().unwrap().len(), 1);
    let text = diff["User"]["updated"].to_string();
    assert!(text.contains(&kim) && text.contains("Buyer"), "{text}");
    org.control(Method::PUT, "state", before.clone()).await;
    assert_eq!(org.control(Method::GET, "state", json!({})).await, before);
    let requests = org.control(Method::GET, "requests", json!({})).await;
    assert!(
        requests
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["method"] == "DELETE" && one["status"] == 204)
    );
}
