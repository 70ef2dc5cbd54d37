//! The wire itself: versions, paths, headers, encodings, limits.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use reqwest::Method;
use serde_json::{Value, json};

use super::{MORE, ORG, Org, why};

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

#[tokio::test]
async fn versions_are_served_deprecated_retired_or_unknown() {
    let org = org().await;
    for (version, status) in
        [("v66.0", 200), ("v31.0", 200), ("v30.0", 410), ("v99.0", 404), ("viAmABad", 404)]
    {
        let response =
            org.send(Method::GET, &format!("/services/data/{version}/limits"), None).await;
        assert_eq!(response.status().as_u16(), status, "{version}");
        assert_eq!(response.headers().contains_key("sforce-limit-info"), status == 200);
        assert_eq!(response.headers().contains_key("warning"), version == "v31.0");
    }
    let (_, root) = org.get("").await;
    assert_eq!(root["sobjects"], "/services/data/v66.0/sobjects");
    assert!(root["identity"].as_str().unwrap().starts_with(org.running.url()));
}

#[tokio::test]
async fn paths_may_have_double_and_trailing_slashes_and_tunnel_methods() {
    let org = org().await;
    for path in [
        "//services/data/v66.0/limits",
        "/services//data/v66.0/limits/",
        "/services/data/v66.0//limits",
    ] {
        assert_eq!(org.send(Method::GET, path, None).await.status(), 200, "{path}");
    }
    let kim = org.id("User", "LastName", "Osei").await;
    let path = format!("sobjects/User/{kim}?_HttpMethod=PATCH");
    assert_eq!(org.post(&path, json!({ "Title": "T" })).await.0, 204);
    let (status, answer) = org.patch("query?q=x", json!({})).await;
    assert_eq!(
        (status, why(&answer)),
        (405, ("METHOD_NOT_ALLOWED", "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET"))
    );
}

#[tokio::test]
async fn bodies_are_refused_in_the_words_of_the_platform() {
    let org = org().await;
    let url = format!("{}/services/data/v66.0/sobjects/Account", org.running.url());
    let send = async |kind: &str, body: &str| {
        let request = org.http.post(&url).bearer_auth(org.running.access_token());
        let response =
            request.header("content-type", kind).body(body.to_owned()).send().await.unwrap();
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        let (code, text) = why(&answer);
        (status, code.to_owned(), text.to_owned())
    };
    for (kind, body, status, code, text) in [
        (
            "text/plain",
            "{}",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "MediaType of 'text/plain' is not supported by this resource",
        ),
        (
            "application/json",
            "",
            400,
            "JSON_PARSER_ERROR",
            "The HTTP entity body is required, but this request has no entity body.",
        ),
        (
            "application/json",
            "{\"a\" j",
            400,
            "JSON_PARSER_ERROR",
            "Unexpected character ('j' (code 106))",
        ),
        ("application/json", "{\"a\":", 400, "JSON_PARSER_ERROR", "Unexpected end-of-input"),
        ("application/json", "[]", 400, "JSON_PARSER_ERROR", "Cannot deserialize instance of"),
    ] {
        let found = send(kind, body).await;
        assert_eq!((found.0, found.1.as_str()), (status, code), "{body}");
        assert!(found.2.starts_with(text), "{}", found.2);
    }
}

#[tokio::test]
async fn bodies_come_and_go_compressed() {
    let org = org().await;
    let url = format!("{}/services/data/v66.0/sobjects/Account", org.running.url());
    let body = json!({ "Name": "Packed" }).to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(body.as_bytes()).unwrap();
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(body.as_bytes()).unwrap();
    for (encoding, bytes) in
        [("gzip", gzip.finish().unwrap()), ("deflate", deflate.finish().unwrap())]
    {
        let request = org.http.post(&url).bearer_auth(org.running.access_token());
        let request =
            request.header("content-type", "application/json").header("content-encoding", encoding);
        assert_eq!(request.body(bytes).send().await.unwrap().status(), 201, "{encoding}");
    }
    let url = format!("{}/services/data/v66.0/sobjects/User/describe", org.running.url());
    let http = reqwest::Client::builder().no_proxy().no_gzip().tls_certs_only([]).build().unwrap();
    for (accepted, packed) in [
        ("gzip", true),
        ("identity", false),
        ("gzip;q=0.5, identity", false),
        ("deflate, gzip, identity;q=0.5", true),
        ("gzip;q=0", false),
    ] {
        let request = http.get(&url).bearer_auth(org.running.access_token());
        let response = request.header("accept-encoding", accepted).send().await.unwrap();
        assert_eq!(response.headers().contains_key("content-encoding"), packed);
    }
}

#[tokio::test]
async fn calls_are_counted_until_the_day_is_used_up() {
    let org = Org::start(&format!("{ORG}\n[emulator]\ndaily_calls = 3\n")).await;
    let limits = "/services/data/v66.0/limits";
    let first = org.send(Method::GET, limits, None).await;
    assert_eq!(first.headers()["sforce-limit-info"], "api-usage=1/3");
    let missing = org.send(Method::GET, "/services/data/v66.0/sobjects/Bacon", None).await;
    assert_eq!(missing.headers()["sforce-limit-info"], "api-usage=2/3");
    let (_, answer) = org.get("limits").await;
    assert_eq!(answer["DailyApiRequests"], json!({ "Max": 3, "Remaining": 1 }));
    let (status, answer) = org.get("limits").await;
    assert_eq!(
        (status, why(&answer)),
        (403, ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    );
}

#[tokio::test]
async fn counts_columns_and_indents_are_there_for_those_who_ask() {
    let org = org().await;
    let (_, counts) = org.get("limits/recordCount?sObjects=User,Contact,Project__c,Bacon").await;
    assert_eq!(
        counts,
        json!({ "sObjects": [{ "count": 5, "name": "User" }, { "count": 6, "name": "Contact" }] })
    );
    let (_, columns) =
        org.get("query?q=SELECT+Id,Profile.Name,COUNT(Id)+FROM+User&columns=true").await;
    assert!(columns.is_array(), "no such query");
    let (_, columns) = org.get("query?q=SELECT+Id,Profile.Name+FROM+User&columns=true").await;
    let list = &columns["columnMetadata"];
    assert_eq!(
        (&list[0]["columnName"], &list[1]["joinColumns"][0]["columnName"]),
        (&json!("Id"), &json!("Name"))
    );
    let url = format!("{}/services/data/v66.0/limits", org.running.url());
    let request = org.http.get(url).bearer_auth(org.running.access_token());
    let text = request.header("x-prettyprint", "1").send().await.unwrap().text().await.unwrap();
    assert!(text.contains("\n  \"DailyApiRequests\": {\n"));
}

#[tokio::test]
async fn headers_may_be_too_many_and_a_login_host_is_no_org() {
    let org = org().await;
    let url = format!("{}/services/data/v66.0/limits", org.running.url());
    let request = org.http.get(&url).bearer_auth(org.running.access_token());
    let response = request.header("x-long", "x".repeat(17_000)).send().await.unwrap();
    assert_eq!(response.status(), 431);
    let org = Org::start(&format!("{ORG}\n[emulator]\nlogin_host = true\n")).await;
    let (status, answer) = org.get("limits").await;
    assert_eq!((status, why(&answer).0), (400, "URL_NOT_RESET"));
}
