//! Bulk API 1.0, as the clients that still speak it do.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ORG, Org};

impl Org {
    /// A request to the older API: status, content type and text of the answer.
    async fn classic(
        &self,
        method: Method,
        rest: &str,
        (kind, body): (&str, &str),
    ) -> (u16, String, String) {
        let url = format!("{}/services/async/66.0/{rest}", self.running.url());
        let request = self.http.request(method, url).header("content-type", kind);
        let request = request.header("x-sfdc-session", self.running.access_token());
        let response = request.body(body.to_owned()).send().await.unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (response.status().as_u16(), kind, response.text().await.unwrap())
    }

    async fn classic_json(&self, method: Method, rest: &str, body: &Value) -> (u16, Value) {
        let (kind, body) = ("application/json", body.to_string());
        let (status, _, text) = self.classic(method, rest, (kind, &body)).await;
        (status, serde_json::from_str(&text).unwrap())
    }
}

const XML: &str = "application/xml; charset=UTF-8";

/// The text of the first element with a name.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0
}

fn job(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><jobInfo xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">{inner}</jobInfo>"
    )
}

#[tokio::test]
async fn a_job_of_csv_in_xml() {
    let org = Org::start(ORG).await;
    let insert = job("<operation>insert</operation><object>contact</object>\
                      <contentType>CSV</contentType>");
    let (status, kind, told) = org.classic(Method::POST, "job", (XML, &insert)).await;
    assert_eq!((status, kind.as_str()), (201, "application/xml"));
    assert_eq!((element(&told, "object"), element(&told, "state")), ("Contact", "Open"));
    let path = format!("job/{}", element(&told, "id"));

    let rows = "FirstName,LastName\nRobin,\"Moss & Co\"\nNameless,\n";
    let batches = format!("{path}/batch");
    let (status, _, told) = org.classic(Method::POST, &batches, ("text/csv", rows)).await;
    assert_eq!((status, element(&told, "state")), (201, "Queued"));
    let batch = format!("{batches}/{}", element(&told, "id"));
    let result = format!("{batch}/result");
    let (status, _, told) = org.classic(Method::GET, &result, (XML, "")).await;
    assert_eq!((status, element(&told, "exceptionCode")), (400, "InvalidBatch"));
    for state in ["InProgress", "Completed", "Completed"] {
        let (_, _, told) = org.classic(Method::GET, &batch, (XML, "")).await;
        assert_eq!(element(&told, "state"), state);
    }
    let (_, _, told) = org.classic(Method::GET, &batches, (XML, "")).await;
    assert_eq!(element(&told, "numberRecordsFailed"), "1");
    let (_, kind, told) = org.classic(Method::GET, &result, (XML, "")).await;
    assert_eq!(kind, "text/csv");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "\"Id\",\"Success\",\"Created\",\"Error\"");
    assert!(lines[1].starts_with("\"003") && lines[1].ends_with(",\"true\",\"true\",\"\""));
    let refused = "\"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --\"";
    assert_eq!(lines[2], format!("\"\",\"false\",\"false\",{refused}"));
    let (_, _, request) = org.classic(Method::GET, &format!("{batch}/request"), (XML, "")).await;
    assert_eq!(request, rows);

    let closed = job("<state>Closed</state>");
    let (_, _, told) = org.classic(Method::POST, &path, (XML, &closed)).await;
    assert_eq!(
        (element(&told, "state"), element(&told, "numberBatchesCompleted")),
        ("Closed", "1")
    );
    let (status, _, told) = org.classic(Method::POST, &batches, ("text/csv", rows)).await;
    assert_eq!((status, element(&told, "exceptionCode")), (400, "InvalidJobState"));
    let name = "SELECT Name FROM Contact WHERE FirstName = 'Robin'";
    assert_eq!(org.rows(name).await, [json!({"Name": "Robin Moss & Co"})]);
}

#[tokio::test]
async fn a_job_of_json() {
    let org = Org::start(ORG).await;
    let body = json!({"operation": "upsert", "object": "Contact", "externalIdFieldName": "Email",
        "concurrencyMode": 0, "contentType": "JSON"});
    let (status, told) = org.classic_json(Method::POST, "job", &body).await;
    assert_eq!((status, &told["concurrencyMode"]), (201, &json!("Parallel")));
    let batches = format!("job/{}/batch", told["id"].as_str().unwrap());
    let rows = json!([{"Email": "jamie.rivera@acme.example", "LastName": "Ross"},
        {"Email": "new@acme.example", "LastName": "New"}, {"Email": "no@acme.example"}]);
    let (_, told) = org.classic_json(Method::POST, &batches, &rows).await;
    let batch = format!("{batches}/{}", told["id"].as_str().unwrap());
    for _ in 0..2 {
        org.classic_json(Method::GET, &batch, &Value::Null).await;
    }
    let (_, told) = org.classic_json(Method::GET, &format!("{batch}/result"), &Value::Null).await;
    let created: Vec<&Value> = (0..3).map(|at| &told[at]["created"]).collect();
    assert_eq!(created, [&json!(false), &json!(true), &json!(false)]);
    assert_eq!(told[2]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
}

#[tokio::test]
async fn a_job_that_queries() {
    let org = Org::start(ORG).await;
    for kind in ["JSON", "CSV"] {
        let body = json!({"operation": "query", "object": "Account", "contentType": kind});
        let (_, told) = org.classic_json(Method::POST, "job", &body).await;
        let batches = format!("job/{}/batch", told["id"].as_str().unwrap());
        let query = "SELECT Name FROM Account WHERE Name = 'Acme Corp'";
        let posted = org.classic(Method::POST, &batches, ("application/json", query)).await;
        let told: Value = serde_json::from_str(&posted.2).unwrap();
        let batch = format!("{batches}/{}", told["id"].as_str().unwrap());
        for _ in 0..2 {
            org.classic_json(Method::GET, &batch, &Value::Null).await;
        }
        let results = format!("{batch}/result");
        let (_, told) = org.classic_json(Method::GET, &results, &Value::Null).await;
        let result = format!("{results}/{}", told[0].as_str().unwrap());
        let (_, _, text) = org.classic(Method::GET, &result, (XML, "")).await;
        if kind == "CSV" {
            assert_eq!(text, "\"Name\"\n\"Acme Corp\"\n");
        } else {
            let rows: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(rows[0]["Name"], "Acme Corp");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_the_language_of_the_request() {
    let org = Org::start(ORG).await;
    let insert = "<operation>insert</operation><contentType>CSV</contentType>";
    for (body, code) in [
        (job(&format!("{insert}<object>Bacon</object>")), "InvalidJob"),
        (job(&format!("{insert}<object>UserLicense</object>")), "InvalidEntity"),
        (
            job(
                "<operation>insert</operation><object>Contact</object><contentType>XML</contentType>",
            ),
            "InvalidJob",
        ),
        ("<jobInfo>".to_owned(), "InvalidJob"),
        (String::new(), "InvalidJob"),
    ] {
        let (status, _, told) = org.classic(Method::POST, "job", (XML, &body)).await;
        assert_eq!((status, element(&told, "exceptionCode")), (400, code), "{told}");
    }
    let (status, told) = org.classic_json(Method::GET, "job/7508d0000000001", &Value::Null).await;
    assert_eq!((status, &told["exceptionCode"]), (400, &json!("InvalidJob")));
    let url = format!("{}/services/async/66.0/job", org.running.url());
    let response = org.http.post(url).header("x-sfdc-session", "no").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(element(&response.text().await.unwrap(), "exceptionCode"), "InvalidSessionId");
}
