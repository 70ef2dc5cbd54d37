//! Reading at scale and under fire: whatever goes wrong on the way, the result is the same, with no
//! row twice and none missing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::ApiName;
use portalctl::salesforce::{
    AccessToken, Client, ClientCredentials, Connect, Error, FieldValue, Filter, Record, SignIn,
    Soql, Transport,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

const ORG: &str = r#"
[Organization]
Name = "Acme"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
"#;

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    last_name: String,
    email: Option<String>,
    account: Option<Named>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    owner: Option<Owner>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Owner {
    is_active: bool,
}

struct Org {
    running: Running,
    control: reqwest::Client,
}

impl Org {
    /// An org with so many contacts, on pages of so many rows.
    async fn of(contacts: usize, page: usize) -> Self {
        let mut seed = format!("{ORG}[emulator]\npage = {page}\n");
        for n in 0..contacts {
            let account = if n % 3 == 0 { "" } else { "Account = \"Acme Corp\"\n" };
            let email =
                if n % 5 == 0 { String::new() } else { format!("Email = \"n{n}@acme.example\"\n") };
            write!(seed, "[[Contact]]\nLastName = \"Number {n}, \\\"{n}\\\"\"\n{account}{email}")
                .unwrap();
        }
        let running =
            Emulator::from_seed(&seed).unwrap().serve(ServeOptions::default()).await.unwrap();
        Self { running, control: reqwest::Client::new() }
    }

    /// A client whose session can be renewed.
    async fn client(&self, bulk_from: u64) -> Client {
        let sign_in = SignIn::ClientCredentials(ClientCredentials {
            login_url: self.running.url().to_owned(),
            client_id: self.running.client_id().to_owned(),
            client_secret: self.running.client_secret().to_owned().into(),
        });
        Client::connect(Connect { bulk_from, ..Connect::by(sign_in) }).await.unwrap()
    }

    async fn fault(&self, fault: &Value) {
        let url = format!("{}/emulator/faults", self.running.url());
        self.control.delete(&url).send().await.unwrap();
        self.control.post(&url).json(fault).send().await.unwrap();
    }

    fn count(&self, part: &str) -> usize {
        self.running.requests().iter().filter(|request| request.path.contains(part)).count()
    }
}

fn one_of(field: &'static str, values: Vec<String>) -> Filter {
    Filter::one_of(field, values)
}

fn contacts() -> Soql {
    Soql::select(&["Id", "LastName", "Email", "Account.Name", "Account.Owner.IsActive"], "Contact")
}

async fn read(client: &Client) -> Result<Vec<Row>, Error> {
    let mut rows: Vec<Row> = client.reader().query(&contacts()).await?;
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rows)
}

#[tokio::test]
async fn who_is_signed_in_is_known_where_userinfo_is_held_back() {
    let org = Org::of(0, 1).await;
    let client = org.client(u64::MAX).await;
    let known = client.reader().user_info().await.unwrap();
    for status in [403, 404] {
        let trouble = json!({ "Do": "status", "Path": "/userinfo", "Status": status });
        org.fault(&trouble).await;
        assert_eq!(client.reader().user_info().await.unwrap(), known, "{status}");
    }
    org.fault(&json!([
        { "Do": "status", "Path": "/userinfo", "Status": 404, "Code": "NOT_FOUND", "Text": "Gone." },
        { "Do": "status", "Path": "/services/data/v", "Status": 404, "Code": "NOT_FOUND", "Text": "Gone." },
    ]))
    .await;
    let refused = client.reader().user_info().await.unwrap_err();
    assert_eq!(refused.to_string(), "NOT_FOUND: Gone.");
}

#[tokio::test]
async fn a_fault_on_any_of_fifty_pages_changes_nothing() {
    let org = Org::of(50, 1).await;
    let client = org.client(u64::MAX).await;
    let whole = read(&client).await.unwrap();
    assert_eq!(whole.len(), 50);
    assert_eq!(org.count("/query"), 50);
    let status = |code: u16, name: &str, text: &str| json!({ "Do": "status", "Status": code, "Code": name, "Text": text });
    // What befalls a page alone: every page of one read, each of them once.
    for trouble in [
        json!({ "Do": "drop-before" }),
        json!({ "Do": "drop-after" }),
        status(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
        json!({ "Do": "truncate" }),
    ] {
        let every: Vec<Value> = (0..50).map(|page| on_page(&trouble, page * 2)).collect();
        org.fault(&every.into()).await;
        let before = org.count("/query");
        assert_eq!(read(&client).await.unwrap(), whole, "{trouble}");
        assert_eq!(
            org.count("/query") - before,
            if trouble["Do"] == "drop-before" { 50 } else { 100 }
        );
    }
    // What ends a result: the query starts again, wherever it was.
    for trouble in
        [json!({ "Do": "expire" }), status(400, "INVALID_QUERY_LOCATOR", "invalid query locator")]
    {
        for page in [0, 1, 2, 7, 16, 25, 48, 49] {
            org.fault(&on_page(&trouble, page)).await;
            assert_eq!(read(&client).await.unwrap(), whole, "{trouble} on page {page}");
        }
    }
}

/// Trouble with the request for a page, once.
fn on_page(trouble: &Value, page: usize) -> Value {
    let mut fault = trouble.clone();
    fault["Path"] = "/query".into();
    fault["After"] = page.into();
    fault["Times"] = 1.into();
    fault
}

#[tokio::test]
async fn a_result_that_never_comes_to_its_end_is_an_error() {
    let org = Org::of(10, 1).await;
    let client = org.client(u64::MAX).await;
    let lost = json!({ "Path": "/query/", "Do": "status", "Status": 400, "Code": "INVALID_QUERY_LOCATOR", "Text": "x" });
    org.fault(&lost).await;
    let error = read(&client).await.unwrap_err();
    assert_eq!(error.code(), "INVALID_QUERY_LOCATOR");
    assert_eq!(org.count("?q="), 4, "it starts again three times");
}

#[tokio::test]
async fn a_large_result_is_a_bulk_job_and_the_same_rows() {
    let org = Org::of(120, 20).await;
    let paged = read(&org.client(u64::MAX).await).await.unwrap();
    assert!(paged.iter().any(|row| row.account.is_none() && row.email.is_none()));
    let before = org.count("/query");
    let client = org.client(100).await;
    assert_eq!(read(&client).await.unwrap(), paged);
    assert_eq!(
        org.count("/data/v68.0/query"),
        before + 1,
        "the first page tells how many there are"
    );
    assert!(org.count("/jobs/query") > 2);
    for (path, trouble) in [
        ("/jobs/query", "drop-after"),
        ("/jobs/query/", "drop-before"),
        ("/resultPages", "html"),
        ("/results?", "truncate"),
        ("/results?", "expire"),
    ] {
        let fault = json!({ "Path": path, "Do": trouble, "Times": 1 });
        org.fault(&fault).await;
        assert_eq!(read(&client).await.unwrap(), paged, "{path} {trouble}");
    }
}

/// Pages of a job are read while they come: what was read of one that breaks off counts for nothing.
#[tokio::test]
async fn a_page_that_breaks_off_after_thousands_of_rows_is_read_once_more() {
    let org = Org::of(6000, 6000).await;
    let whole = read(&org.client(u64::MAX).await).await.unwrap();
    assert_eq!(whole.len(), 6000);
    let client = org.client(100).await;
    for times in [1, 2] {
        let before = org.count("/results?");
        org.fault(&json!({ "Path": "/results?", "Do": "truncate", "Times": times })).await;
        assert_eq!(read(&client).await.unwrap(), whole);
        assert_eq!(org.count("/results?") - before, 1 + times);
    }
}

#[tokio::test]
async fn fields_that_a_file_named_have_the_same_types_in_a_bulk_job() {
    let org = Org::of(0, 1).await;
    let name = |text: &str| ApiName::parse(text).unwrap();
    let (active, profile) = (name("IsActive"), name("Name"));
    let query = Soql::select(&["Id", "Username"], "User")
        .also("", [&active].into_iter())
        .also("Profile.", [&profile].into_iter());
    let mut results = Vec::new();
    for bulk_from in [u64::MAX, 1] {
        let reader = org.client(bulk_from).await.reader();
        let mut rows: Vec<BTreeMap<String, Value>> = reader.query(&query).await.unwrap();
        for row in &mut rows {
            row.remove("attributes");
            row.get_mut("Profile").unwrap().as_object_mut().unwrap().remove("attributes");
        }
        rows.sort_by_key(|row| row["Id"].to_string());
        results.push(rows);
    }
    assert!(results[0].len() > 1 && org.count("/results") > 0);
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0][0]["IsActive"], true);
}

#[tokio::test]
async fn where_bulk_is_refused_the_pages_are_read() {
    let org = Org::of(120, 20).await;
    let paged = read(&org.client(u64::MAX).await).await.unwrap();
    let client = org.client(100).await;
    let refused = json!({ "Path": "/jobs/query", "Do": "status", "Status": 400, "Code": "INVALIDENTITY",
        "Text": "Entity 'Contact' is not supported by the Bulk API." });
    org.fault(&refused).await;
    let before = org.count("/query");
    assert_eq!(read(&client).await.unwrap(), paged);
    assert_eq!(org.count("/query") - before, 6 + 1);
    // Without calls left, nothing is tried instead.
    org.fault(&json!({ "Path": "/jobs/query", "Do": "daily-limit" })).await;
    assert!(read(&client).await.unwrap_err().ends_the_work());
}

#[tokio::test]
async fn a_job_that_stays_in_the_queue_is_not_waited_for_without_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut buffer, mut request) = (vec![0; 65_536], String::new());
            let is_whole = |text: &str| {
                text.split_once("\r\n\r\n")
                    .is_some_and(|(head, body)| head.starts_with("GET") || body.ends_with('}'))
            };
            while !is_whole(&request) {
                let count = stream.read(&mut buffer).await.unwrap();
                request.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
            let path = request.split(' ').nth(1).unwrap();
            let body = if path.contains("/jobs/query") {
                r#"{"id":"7508d0000000001AAA","state":"InProgress"}"#
            } else if path.contains("/query?") {
                r#"{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-1","records":[{"Id":"1","LastName":"A"}]}"#
            } else if path.contains("/query/") {
                r#"{"totalSize":2,"done":true,"records":[{"Id":"2","LastName":"B"}]}"#
            } else {
                r#"[{"version":"66.0"}]"#
            };
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let impatient = Connect {
        bulk_from: 1,
        page_patience: Duration::from_millis(1),
        ..Connect::new(url, "00D!x".to_owned().into())
    };
    let client = Client::connect(impatient).await.unwrap();
    let rows = read(&client).await.unwrap();
    let names: Vec<&str> = rows.iter().map(|row| &*row.last_name).collect();
    assert_eq!(names, ["A", "B"], "the pages are read instead");
}

#[tokio::test]
async fn hostile_values_find_what_they_are_and_nothing_else() {
    let org = Org::of(3, 2000).await;
    let client = org.client(u64::MAX).await;
    let hostile = [
        "x') OR LastName LIKE ('%",
        "O'Neil",
        "back\\slash",
        "back\\'quote",
        "\\",
        "'",
        "two\nlines\r\nand\ta tab",
        "100%",
        "under_score",
        "\"quoted\"",
        "a+b&c=d#e?f/g",
        "{curly}[square]@{ref.id}",
        "Ωμέγα 日本語 🙂",
        "NULL",
        "true",
        "\\u0041",
        "--",
        "/* */",
    ];
    let records: Vec<Record> = hostile
        .iter()
        .map(|name| Record::new().set("LastName", FieldValue::Text((*name).to_owned())))
        .collect();
    for answer in client.writer().create("Contact", &records).await.unwrap() {
        answer.unwrap();
    }
    for name in hostile {
        let query = contacts().filter(one_of("LastName", vec![name.to_owned()]));
        let rows: Vec<Row> = client.reader().query(&query).await.unwrap();
        let found: Vec<&str> = rows.iter().map(|row| row.last_name.as_str()).collect();
        assert_eq!(found, [name]);
    }
    let all: Vec<String> = hostile.iter().map(|name| (*name).to_owned()).collect();
    let query = contacts().filter(one_of("LastName", all));
    let rows: Vec<Row> = client.reader().query(&query).await.unwrap();
    assert_eq!(rows.len(), hostile.len());
    for control in ["\u{0}", "a\u{1b}[31m", "\u{7f}"] {
        let query = contacts().filter(one_of("LastName", vec![control.to_owned()]));
        let error = client.reader().query::<Row>(&query).await.unwrap_err();
        assert_eq!(error.code(), "BAD_QUERY");
    }
}

#[tokio::test]
async fn a_list_for_many_urls_goes_in_few_calls() {
    for page in [2000, 300] {
        let org = Org::of(3_000, page).await;
        let client = org.client(u64::MAX).await;
        let emails = (0..3_000).map(|n| format!("n{n}@acme.example")).collect();
        let query = contacts().filter(one_of("Email", emails));
        let mut one_by_one: Vec<Row> = client.reader().query(&query).await.unwrap();
        let before = client.usage().calls;
        let mut packed: Vec<Row> = client.reader().query_packed(&query).await.unwrap();
        let calls = client.usage().calls - before;
        one_by_one.sort_by(|a, b| a.id.cmp(&b.id));
        packed.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(packed, one_by_one);
        assert_eq!(packed.len(), 2_400, "every fifth has no address");
        // What does not fit a page is read by itself.
        assert!(if page == 2000 { calls <= 2 } else { calls > 2 }, "{calls} calls");
    }
    let org = Org::of(10, 2000).await;
    let client = org.client(u64::MAX).await;
    let names = (0..1_200).map(|n| format!("n{n}@acme.example")).collect();
    let unknown = Soql::select(&["Id", "Bacon"], "Contact").filter(one_of("Email", names));
    let error = client.reader().query_packed::<Value>(&unknown).await.unwrap_err();
    assert_eq!(error.code(), "INVALID_FIELD");
}

#[tokio::test]
async fn requests_run_at_the_same_time_but_never_more_than_allowed() {
    const AT_ONCE: usize = 3;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // Nobody is answered before three have asked: with fewer at once this would wait for ever.
    let gate = Arc::new(Barrier::new(AT_ONCE));
    let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (gate, now, peak) = (Arc::clone(&gate), Arc::clone(&now), Arc::clone(&peak));
            tokio::spawn(async move {
                let mut buffer = vec![0; 65_536];
                let mut request = String::new();
                while !request.contains("\r\n\r\n") {
                    let count = stream.read(&mut buffer).await.unwrap();
                    request.push_str(&String::from_utf8_lossy(&buffer[..count]));
                }
                assert!(request.to_lowercase().contains("accept-encoding: gzip"), "{request}");
                let body = if request.contains("/query") {
                    peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    gate.wait().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    r#"{"totalSize":0,"done":true,"records":[]}"#
                } else {
                    r#"[{"version":"66.0"}]"#
                };
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    let token = AccessToken::new("access token", "00D!x").unwrap();
    let sign_in = SignIn::Token { instance_url: url, token };
    let client =
        Client::connect(Connect { parallelism: AT_ONCE, ..Connect::by(sign_in) }).await.unwrap();
    let names: Vec<String> = (0..1_200).map(|n| format!("user{n:06}@acme.example")).collect();
    let query = contacts().filter(one_of("Email", names));
    let (one, two, three) = (client.reader(), client.reader(), client.reader());
    let (one, two, three) = tokio::join!(
        one.query::<Row>(&query),
        two.query::<Row>(&query),
        three.query::<Row>(&query)
    );
    assert!(one.unwrap().is_empty() && two.unwrap().is_empty() && three.unwrap().is_empty());
    assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_longer_than_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let transport = Transport { timeout: Some(Duration::from_millis(40)), ..Transport::default() };
    let connect = Connect { transport, ..Connect::new(url, "00D!x".to_owned().into()) };
    let error = Client::connect(connect).await.err().unwrap();
    assert!(matches!(error, Error::NoAnswer { .. }), "{error}");
    assert!(error.hint().unwrap().contains("--timeout"));
    drop(listener);
}
