//! Bulk API 2.0: jobs that are made, watched, read and thrown away.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use portalctl::emulator::Emulator;

use super::{MORE, ORG, Org, why};

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

impl Org {
    async fn raw(&self, method: Method, rest: &str, csv: Option<&str>) -> Response {
        let url = format!("{}/services/data/v66.0/{rest}", self.running.url());
        let request = self.http.request(method, url).bearer_auth(self.running.access_token());
        let request = match csv {
            Some(csv) => request.header("content-type", "text/csv").body(csv.to_owned()),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn text(&self, rest: &str) -> String {
        self.raw(Method::GET, rest, None).await.text().await.unwrap()
    }

    /// Uploads CSV and looks until the job is over: its id and last state.
    async fn ingest(&self, job: Value, csv: &str) -> (String, Value) {
        let (status, made) = self.post("jobs/ingest", job).await;
        assert_eq!(status, 200, "{made}");
        let path = format!("jobs/ingest/{}", made["id"].as_str().unwrap());
        let uploaded = self.raw(Method::PUT, &format!("{path}/batches"), Some(csv)).await;
        assert_eq!(uploaded.status(), 201);
        self.patch(&path, json!({ "state": "UploadComplete" })).await;
        loop {
            let (_, info) = self.get(&path).await;
            if ["JobComplete", "Failed"].contains(&info["state"].as_str().unwrap()) {
                return (path, info);
            }
        }
    }
}

#[tokio::test]
async fn a_query_job_is_waited_for_and_read_page_by_page() {
    let org = org().await;
    let body = json!({ "operation": "query", "query": "SELECT Username, Profile.Name, Title FROM User ORDER BY Username" });
    let (status, made) = org.post("jobs/query", body).await;
    assert_eq!(
        (status, &made["state"], &made["apiVersion"]),
        (200, &json!("UploadComplete"), &json!(66.0))
    );
    assert!(made.get("query").is_none() && made["id"].as_str().unwrap().starts_with("750"));
    let path = format!("jobs/query/{}", made["id"].as_str().unwrap());
    assert_eq!(org.get(&format!("{path}/results")).await.0, 400, "not yet");
    assert_eq!(why(&org.delete(&path).await.1).0, "API_ERROR");
    let seen: Vec<Value> = [org.get(&path).await, org.get(&path).await, org.get(&path).await]
        .map(|(_, info)| info["state"].clone())
        .into();
    assert_eq!(seen, ["UploadComplete", "InProgress", "JobComplete"]);

    let mut lines = Vec::new();
    let mut locator = String::new();
    while locator != "null" {
        let page = org
            .raw(Method::GET, &format!("{path}/results?maxRecords=2&locator={locator}"), None)
            .await;
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
        locator = page.headers()["sforce-locator"].to_str().unwrap().to_owned();
        let count: usize =
            page.headers()["sforce-numberofrecords"].to_str().unwrap().parse().unwrap();
        let text = page.text().await.unwrap();
        let mut page = text.lines().map(str::to_owned);
        assert_eq!(page.next().unwrap(), "\"Username\",\"Profile.Name\",\"Title\"");
        let page: Vec<String> = page.collect();
        assert_eq!(page.len(), count);
        lines.extend(page);
    }
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[2], "\"kim.osei@acme.example\",\"Acme Customer\",\"\"");

    let pages = org.get(&format!("{path}/resultPages")).await.1;
    assert_eq!(pages["done"], true);
    let other = format!("/services/data/v65.0/{path}/results");
    assert_eq!(org.send(Method::GET, &other, None).await.status(), 409);
    let (status, answer) = org.patch(&path, json!({ "state": "Aborted" })).await;
    assert_eq!(
        (status, why(&answer)),
        (400, ("INVALIDJOBSTATE", "Aborting already Completed Job not allowed"))
    );
    assert_eq!(org.delete(&path).await.0, 204);
    assert_eq!(org.get(&path).await.0, 404);
}

#[tokio::test]
async fn a_long_result_is_sent_while_it_is_made() {
    let org =
        Org::of(Emulator::generate(&"users=700,accounts=300".parse().unwrap()).unwrap()).await;
    let body = json!({ "operation": "query", "query": "SELECT Id, Username FROM User" });
    let made = org.post("jobs/query", body).await.1;
    let path = format!("jobs/query/{}", made["id"].as_str().unwrap());
    while org.get(&path).await.1["state"] != "JobComplete" {}

    let packed = org.text(&format!("{path}/results")).await;
    let plain = reqwest::Client::builder().no_proxy().no_gzip().tls_certs_only([]).build().unwrap();
    let fetch = async || {
        let url = format!("{}/services/data/v66.0/{path}/results", org.running.url());
        plain.get(url).bearer_auth(org.running.access_token()).send().await.unwrap()
    };
    let answer = fetch().await;
    let headers = answer.headers();
    let count: usize = headers["sforce-numberofrecords"].to_str().unwrap().parse().unwrap();
    assert!(!headers.contains_key("content-length"), "nobody knows it yet");
    let whole = answer.text().await.unwrap();
    assert_eq!(whole.lines().count(), count + 1);
    assert_eq!(whole, packed);

    let mut answer = fetch().await;
    let mut length = answer.chunk().await.unwrap().unwrap().len();
    assert_eq!(org.delete(&path).await.0, 204);
    let broken = loop {
        match answer.chunk().await {
            Ok(Some(part)) => length += part.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken || length == whole.len(), "half a page does not look like a whole one");
}

#[tokio::test]
async fn what_bulk_cannot_query_is_told_at_once() {
    let org = Org::start(&format!("{ORG}{MORE}\n[emulator]\nnot_in_bulk = [\"Network\"]\n")).await;
    for (query, code) in [
        ("SELECT COUNT(Id) FROM User", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Bacon FROM User", "INVALID_FIELD"),
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT Id FROM Network", "INVALIDENTITY"),
    ] {
        let body = json!({ "operation": "query", "query": query });
        let (status, answer) = org.post("jobs/query", body).await;
        assert_eq!((status, why(&answer).0), (400, code), "{query}");
    }
    let (_, made) = org
        .post("jobs/query", json!({ "operation": "query", "query": "SELECT Id FROM User" }))
        .await;
    let path = format!("jobs/query/{}", made["id"].as_str().unwrap());
    let (_, aborted) = org.patch(&path, json!({ "state": "Aborted" })).await;
    assert_eq!(aborted["state"], "Aborted");
    assert!(aborted.get("jobType").is_none() && aborted.get("lineEnding").is_none());
}

#[tokio::test]
async fn an_ingest_job_tells_of_every_row() {
    let org = org().await;
    let job = json!({ "object": "Contact", "operation": "insert", "contentType": "CSV", "lineEnding": "LF" });
    let (status, made) = org.post("jobs/ingest", job.clone()).await;
    assert_eq!((status, &made["state"]), (200, &json!("Open")));
    let url = format!("services/data/v66.0/jobs/ingest/{}/batches", made["id"].as_str().unwrap());
    assert_eq!(made["contentUrl"], url);
    assert!(made.get("numberRecordsFailed").is_none());

    let csv = "LastName,Roster_Key__c
\"One, \"\"I\"\"\",B-1
,B-2
Three,R-1
";
    let (path, info) = org.ingest(job, csv).await;
    assert_eq!(
        (&info["state"], &info["numberRecordsProcessed"], &info["numberRecordsFailed"]),
        (&json!("JobComplete"), &json!(3), &json!(2))
    );
    let done = org.text(&format!("{path}/successfulResults/")).await;
    assert!(
        done.starts_with("\"sf__Id\",\"sf__Created\",\"LastName\",\"Roster_Key__c\"\n\"003"),
        "{done}"
    );
    assert!(done.contains("\"true\",\"One, \"\"I\"\"\",\"B-1\""));
    let failed = org.text(&format!("{path}/failedResults")).await;
    assert!(failed.contains("\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --\",\"\",\"B-2\""), "{failed}");
    assert!(failed.contains("DUPLICATE_VALUE:duplicate value found: Roster_Key__c"));
    let left = org.text(&format!("{path}/unprocessedrecords")).await;
    assert_eq!(left, "\"LastName\",\"Roster_Key__c\"\n");
    let again = org.raw(Method::PUT, &format!("{path}/batches"), Some("x")).await;
    assert_eq!(again.status(), 400);
}

#[tokio::test]
async fn ingest_updates_upserts_empties_and_deletes() {
    let org = org().await;
    let job = |operation: &str| json!({ "object": "Contact", "operation": operation, "externalIdFieldName": "Roster_Key__c", "columnDelimiter": "SEMICOLON" });
    let csv = "Roster_Key__c;LastName;Title;FirstName\nR-1;Plus;Chief;#N/A\nN-1;New;;\n";
    let (path, info) = org.ingest(job("upsert"), csv).await;
    assert_eq!(
        (&info["numberRecordsFailed"], &info["externalIdFieldName"]),
        (&json!(0), &json!("Roster_Key__c"))
    );
    let done = org.text(&format!("{path}/successfulResults")).await;
    assert!(done.contains("\"true\";\"N-1\"") && done.contains("\"false\";\"R-1\""), "{done}");
    let pia = "SELECT FirstName, Title FROM Contact WHERE Roster_Key__c = 'R-1'";
    assert_eq!(org.rows(pia).await, [json!({ "FirstName": null, "Title": "Chief" })]);
    // An empty value is no value.
    let id = org.id("Contact", "Roster_Key__c", "R-1").await;
    org.ingest(job("update"), &format!("Id;Title;FirstName\n{id};;Pia\n")).await;
    assert_eq!(org.rows(pia).await, [json!({ "FirstName": "Pia", "Title": "Chief" })]);
    let new = org.id("Contact", "Roster_Key__c", "N-1").await;
    let (_, info) = org.ingest(job("delete"), &format!("Id\n{new}\nbacon\n")).await;
    assert_eq!(
        (&info["numberRecordsProcessed"], &info["numberRecordsFailed"]),
        (&json!(2), &json!(1))
    );

    let (path, info) = org.ingest(job("update"), "Id;Bacon\n1;2\n").await;
    assert_eq!(
        (&info["state"], &info["errorMessage"]),
        (&json!("Failed"), &json!("InvalidBatch : Field name not found : Bacon"))
    );
    assert!(org.text(&format!("{path}/unprocessedRecords")).await.ends_with("\"1\";\"2\"\n"));
    for body in [
        json!({ "object": "Bacon", "operation": "insert" }),
        json!({ "object": "Contact", "operation": "fry" }),
        json!({ "object": "Contact", "operation": "upsert", "externalIdFieldName": "Title" }),
        json!({ "object": "Contact", "operation": "insert", "lineEnding": "CR" }),
    ] {
        let (status, answer) = org.post("jobs/ingest", body).await;
        assert_eq!((status, why(&answer).0), (400, "INVALIDJOB"));
    }
}
