//! The client against a server that misbehaves.

use std::sync::{Arc, Mutex};

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use portalctl::salesforce::{Client, Connect, Error, FieldValue, Filter, Record, Soql};

const VERSIONS: &str = r#"[{"version":"65.0"},{"version":"66.0"},{"version":"70.0"}]"#;

/// What the server does with a request.
#[derive(Clone)]
enum Act {
    /// Answers with a status and a body.
    Answer(u16, &'static str),
    /// Reads the request and hangs up.
    HangUp,
    /// Answers and hangs up in the middle of the body.
    Truncate(&'static str),
    /// Answers with a redirect to itself.
    Redirect,
    /// Is busy, and says for how many seconds.
    BusyFor(u32),
}

/// A server that does one thing after the other, and remembers what it was sent.
struct Script {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Script {
    async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            for act in acts {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                play(&mut stream, act).await;
            }
        });
        Self { url, requests }
    }

    fn lines(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|request| request.lines().next().unwrap().to_owned()).collect()
    }

    async fn client(&self) -> Result<Client, Error> {
        Client::connect(Connect::new(self.url.clone(), TOKEN.into())).await
    }
}

const TOKEN: &str = "00D8d0000000001!AQ0AQsecretsecret";

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(count > 0, "half a request");
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

async fn play(stream: &mut TcpStream, act: Act) {
    let head = |status: u16, length: usize, more: &str| {
        format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n"
        )
    };
    let text = match act {
        Act::Answer(status, body) => head(status, body.len(), "") + body,
        Act::HangUp => return,
        Act::Truncate(body) => head(200, body.len() + 100, "") + body,
        Act::Redirect => head(302, 0, "location: /elsewhere\r\n"),
        Act::BusyFor(seconds) => {
            head(503, BUSY.len(), &format!("retry-after: {seconds}\r\n")) + BUSY
        }
    };
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
}

fn users() -> Soql {
    Soql::select(&["Id"], "User")
}

const FIRST: &str = r#"{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-1","records":[{"Id":"a"}]}"#;
const SECOND: &str = r#"{"totalSize":2,"done":true,"records":[{"Id":"b"}]}"#;
const ONLY: &str = r#"{"totalSize":1,"done":true,"records":[{"Id":"b"}]}"#;
const BUSY: &str = r#"[{"message":"Server too busy","errorCode":"SERVER_UNAVAILABLE"}]"#;

#[tokio::test]
async fn pages_are_followed_and_a_fault_on_any_of_them_changes_nothing() {
    let faults = [
        Act::Answer(503, BUSY),
        Act::Answer(502, "<html>no healthy upstream</html>"),
        Act::HangUp,
        Act::Truncate("{\"totalSize\":2,"),
        Act::Answer(
            403,
            r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]"#,
        ),
    ];
    for fault in faults {
        for page in 0..2 {
            let mut acts =
                vec![Act::Answer(200, VERSIONS), Act::Answer(200, FIRST), Act::Answer(200, SECOND)];
            acts.insert(page + 1, fault.clone());
            let script = Script::start(acts).await;
            let rows: Vec<Row> =
                script.client().await.unwrap().reader().query(&users()).await.unwrap();
            assert_eq!(rows, [Row { id: "a".to_owned() }, Row { id: "b".to_owned() }]);
            assert_eq!(
                script.lines().last().unwrap(),
                "GET /services/data/v66.0/query/01g-1 HTTP/1.1"
            );
        }
    }
}

#[tokio::test]
async fn a_wait_that_the_server_asks_for_is_kept_unless_it_is_unreasonable() {
    let acts =
        |seconds| vec![Act::Answer(200, VERSIONS), Act::BusyFor(seconds), Act::Answer(200, ONLY)];
    let script = Script::start(acts(0)).await;
    script.client().await.unwrap().reader().query::<Row>(&users()).await.unwrap();
    assert_eq!(script.lines().len(), 3);
    let script = Script::start(acts(3600)).await;
    let error = script.client().await.unwrap().reader().query::<Row>(&users()).await.unwrap_err();
    assert_eq!(error.code(), "SERVER_UNAVAILABLE");
    assert_eq!(script.lines().len(), 2, "an hour is not waited for");
}

#[tokio::test]
async fn what_cannot_succeed_is_not_repeated() {
    for (status, body) in [
        (401, r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#),
        (
            403,
            r#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]"#,
        ),
        (400, r#"[{"errorCode":"INVALID_FIELD","message":"No such column"}]"#),
    ] {
        let script =
            Script::start(vec![Act::Answer(200, VERSIONS), Act::Answer(status, body)]).await;
        let client = script.client().await.unwrap();
        let error = client.reader().query::<Row>(&users()).await.unwrap_err();
        assert!(error.hint().is_some(), "{error}");
        assert_eq!(script.lines().len(), 2);
    }
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_sent_once_and_told_as_unknown() {
    let record = || Record::new().set("LastName", FieldValue::Text("Osei".to_owned()));
    for (act, unknown) in [
        (Act::HangUp, true),
        (Act::Truncate("[{\"id\":"), true),
        (Act::Answer(200, "[]"), true),
        (Act::Answer(500, "<html></html>"), true),
        (Act::Answer(503, "upstream connect error"), true),
        (Act::Answer(503, BUSY), false),
        (Act::Answer(400, r#"[{"errorCode":"JSON_PARSER_ERROR","message":"x"}]"#), false),
    ] {
        let script = Script::start(vec![Act::Answer(200, VERSIONS), act]).await;
        let writer = script.client().await.unwrap().writer();
        let error = writer.create("Contact", &[record()]).await.unwrap_err();
        assert_eq!(error.is_outcome_unknown(), unknown, "{error}");
        assert_eq!(script.lines().len(), 2);
    }
}

#[tokio::test]
async fn each_record_gets_its_own_answer() {
    let body = r#"[{"id":"0038d0000000001AAA","success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"DUPLICATE_USERNAME","message":"Duplicate Username.<br>It&#39;s taken. ","fields":["Username"]}]}]"#;
    let script = Script::start(vec![Act::Answer(200, VERSIONS), Act::Answer(200, body)]).await;
    let writer = script.client().await.unwrap().writer();
    let answers = writer.create("Contact", &[Record::new(), Record::new()]).await.unwrap();
    assert!(answers[0].is_ok());
    let refused = answers[1].as_ref().unwrap_err();
    assert_eq!(refused.code, "DUPLICATE_USERNAME");
    assert_eq!(refused.message, "Duplicate Username. It's taken.");
    let sent = script.requests.lock().unwrap()[1].clone();
    assert!(
        sent.contains(r#"{"allOrNone":false,"records":[{"attributes":{"type":"Contact"}}"#),
        "{sent}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_page_elsewhere_is_refused() {
    let script = Script::start(vec![Act::Redirect]).await;
    assert!(script.client().await.is_err());
    assert_eq!(script.lines().len(), 1);
    let elsewhere =
        r#"{"totalSize":2,"done":false,"nextRecordsUrl":"https://evil.example/x","records":[]}"#;
    let script = Script::start(vec![Act::Answer(200, VERSIONS), Act::Answer(200, elsewhere)]).await;
    let error = script.client().await.unwrap().reader().query::<Row>(&users()).await.unwrap_err();
    assert!(matches!(error, Error::BadUrl { .. }), "{error}");
}

#[tokio::test]
async fn versions_are_negotiated_or_the_difference_is_told() {
    let script =
        Script::start(vec![Act::Answer(200, r#"[{"version":"60.0"}]"#), Act::Answer(200, ONLY)])
            .await;
    script.client().await.unwrap().reader().query::<Row>(&users()).await.unwrap();
    assert!(script.lines()[1].contains("/v60.0/"));
    let script = Script::start(vec![Act::Answer(200, r#"[{"version":"40.0"}]"#)]).await;
    let error = script.client().await.err().unwrap();
    assert_eq!(error.to_string(), "the org knows API versions 40.0, this program 58.0 to 68.0");
    let script = Script::start(vec![Act::Answer(200, r#"[{"version":"70.0"}]"#)]).await;
    let error = script.client().await.err().unwrap();
    assert_eq!(error.to_string(), "the org knows API versions 70.0, this program 58.0 to 68.0");
    assert!(error.hint().unwrap().contains("api_version"));
    // A version that was listed and is gone nevertheless.
    let script =
        Script::start(vec![Act::Answer(200, VERSIONS), Act::Answer(410, "<html>gone</html>")])
            .await;
    let error = script.client().await.unwrap().reader().query::<Row>(&users()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("retired this API version"), "{error}");
    let script =
        Script::start(vec![Act::Answer(410, r#"[{"errorCode":"GONE","message":"gone"}]"#)]).await;
    assert_eq!(script.client().await.err().unwrap().to_string(), "GONE: gone");
}

#[tokio::test]
async fn a_token_goes_to_no_plain_http_and_into_no_error() {
    for url in [
        "http://acme.my.salesforce.com",
        "ftp://acme.example",
        "acme.example",
        "https://user:pw@acme.example",
    ] {
        let error =
            Client::connect(Connect::new(url.to_owned(), TOKEN.into())).await.err().unwrap();
        assert!(matches!(error, Error::BadUrl { .. }), "{url}: {error}");
        assert!(!format!("{error:?}{error}").contains("secret"));
    }
    let script = Script::start(vec![
        Act::Answer(200, VERSIONS),
        Act::HangUp,
        Act::HangUp,
        Act::HangUp,
        Act::HangUp,
    ])
    .await;
    let error = script.client().await.unwrap().reader().query::<Row>(&users()).await.unwrap_err();
    assert!(!format!("{error:?}{error}").contains("secret"));
}

#[tokio::test]
async fn a_hostile_value_stays_a_literal() {
    let script = Script::start(vec![Act::Answer(200, VERSIONS), Act::Answer(200, ONLY)]).await;
    let names = vec!["x') OR Name LIKE ('%".to_owned(), "a\\'b\n%".to_owned()];
    let query = users().filter(Filter::one_of("Name", names));
    script.client().await.unwrap().reader().query::<Row>(&query).await.unwrap();
    let line = script.lines()[1].clone();
    assert!(line.contains("%27x%5C%27%29%20OR%20Name%20LIKE%20%28%5C%27%25%27"), "{line}");
    assert!(line.contains("%27a%5C%5C%5C%27b%5Cn%25%27"), "{line}");
}
