//! Nothing that is sent breaks the emulator, and every refusal has one of Salesforce's shapes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use portalctl::emulator::Emulator;

use super::{MORE, ORG, Org};

fn started() -> (Runtime, Org) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let org = runtime.block_on(Org::start(&format!("{ORG}{MORE}")));
    (runtime, org)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Whether an answer has a shape that clients know.
fn check(path: &str, status: u16, kind: &str, text: &str) {
    assert!((200..=503).contains(&status), "{path}: {status}");
    assert_ne!(status, 500, "{path}: {text}");
    if text.is_empty() || kind.starts_with("text/csv") || [413, 414, 431].contains(&status) {
        return;
    }
    if kind.starts_with("text/") {
        assert_eq!(text, "Bad_OAuth_Token", "{path}");
        return;
    }
    let body: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"));
    if status < 400 {
        return;
    }
    if path.contains("/oauth2/") && body.is_object() {
        assert!(
            body["error"].is_string() && body["error_description"].is_string(),
            "{path}: {body}"
        );
        return;
    }
    if body["hasErrors"] == true {
        let errors = &body["results"][0]["errors"][0];
        assert!(
            errors["statusCode"].is_string() && errors["message"].is_string(),
            "{path}: {body}"
        );
        return;
    }
    let list = body.as_array().unwrap_or_else(|| panic!("{path}: {body}"));
    assert!(!list.is_empty(), "{path}");
    for error in list {
        assert!(error["errorCode"].is_string() && error["message"].is_string(), "{path}: {body}");
    }
}

/// Words of statements, right ones and others.
fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        12 => select(vec![
            "SELECT", "FROM", "WHERE", "User", "Account", "Contact", "SetupAuditTrail", "Id", "Name", "LastName",
            "IsActive", "CreatedDate", "Tags__c", "Profile.Name", "Contact.Account.Owner.UserRole.Name", ",", "(",
            ")", "=", "!=", "<", ">=", "LIKE", "IN", "NOT", "AND", "OR", "INCLUDES", "'a'", "'%\\_'", "''", "null",
            "true", "5", "-1e999", "2026-01-01", "2026-01-01T00:00:00Z", "TODAY", "LAST_N_DAYS:", "N_YEARS_AGO:99999",
            "ORDER", "BY", "GROUP", "HAVING", "LIMIT", "OFFSET", "COUNT()", "COUNT(Id)", "MAX(", "FIELDS(ALL)",
            "(SELECT Id FROM Contacts)", "(SELECT ContactId FROM User)", "DESC", "NULLS", "LAST", "FOR", "VIEW",
            "u", "u.Id", ":x", "\\u12", "'\\", "é",
        ]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    vec(word, 0..14).prop_map(|words| words.join(" "))
}

/// Keys that mean something to some endpoint.
const KEYS: &str = "attributes type records allOrNone Id id LastName Name Username AccountId ProfileId ContactId \
    IsActive Account Roster_Key__c compositeRequest method url body referenceId httpHeaders graphs graphId \
    batchRequests richInput haltOnError ids fields operation object query state externalIdFieldName \
    columnDelimiter NewPassword Contacts";

/// Values that do.
const VALUES: &str = "User Contact Account 0058d0000000002 0038d0000000001AAA 0018d0000000001 insert upsert query \
    UploadComplete Aborted GET POST PATCH /services/data/v66.0/sobjects/Account \
    /services/data/v66.0/composite/sobjects v66.0/sobjects/User @{a.id} @{ SELECT+Id+FROM+User \
    kim.osei@acme.example 2026-01-01 R-1 Roster_Key__c";

fn one_of(words: &'static str) -> impl Strategy<Value = String> {
    select(words.split_whitespace().collect::<Vec<_>>()).prop_map(|word| word.replace('+', " "))
}

/// JSON of any shape, with keys and values that mean something to some endpoint.
fn body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        one_of(VALUES).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let object = vec((one_of(KEYS), inner.clone()), 0..6);
        prop_oneof![
            vec(inner, 0..5).prop_map(Value::from),
            object.prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Paths of parts that exist, and others.
fn path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        10 => select(vec![
            "sobjects", "User", "Contact", "Account", "Project__c", "describe", "query", "queryAll", "composite", "graph",
            "batch", "tree", "jobs", "ingest", "limits", "recordCount", "results", "batches", "resultPages", "password",
            "Id", "Roster_Key__c", "R-1", "0058d0000000002AAA", "0038d0000000001", "7508d0000000001", "01g8d0000000001AAA-2",
            "?q=SELECT+Id+FROM+User", "?ids=0038d0000000001,x", "?fields=Id", "?locator=M000001FFFFFFFFFFFFFFFF",
        ]).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9%._~-]{0,10}",
    ];
    let root = select(vec![
        "/services/data/v66.0/",
        "/services/data/v66.0/composite/sobjects/",
        "/services/data/v66.0/jobs/query/",
        "/services/data/v66.0/jobs/ingest/",
        "/services/data/v66.0/sobjects/",
        "/services/data/v31.0/",
        "/services/",
        "/services/oauth2/token",
        "/services/oauth2/userinfo",
        "/id/",
        "/",
    ]);
    (root, vec(part, 0..5)).prop_map(|(root, parts)| format!("{root}{}", parts.join("/")))
}

#[test]
fn no_statement_breaks_the_parser() {
    let (runtime, org) = started();
    proptest!(cases(200), |(statement in prop_oneof![words(), words().prop_map(|rest| format!("SELECT Id FROM {rest}")), ".{0,40}"])| {
        runtime.block_on(async {
            let url = format!("{}/services/data/v66.0/query", org.running.url());
            let request = org.http.get(url).bearer_auth(org.running.access_token());
            let response = request.query(&[("q", &statement)]).send().await.unwrap();
            let status = response.status().as_u16();
            prop_assert!(status == 200 || status == 400, "{statement}: {status}");
            check("query", status, "application/json", &response.text().await.unwrap());
            Ok(())
        })?;
    });
}

#[test]
fn no_request_breaks_an_endpoint() {
    let (runtime, org) = started();
    let method = || select(vec!["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]);
    let kind = || {
        select(vec![
            "application/json",
            "application/json;charset=UTF-8",
            "text/csv",
            "text/plain",
            "application/x-www-form-urlencoded",
        ])
    };
    proptest!(cases(200), |(method in method(), path in path(), kind in kind(), body in prop_oneof![body().prop_map(|json| json.to_string()), ".{0,40}"])| {
        runtime.block_on(async {
            let url = format!("{}{path}", org.running.url());
            let request = org.http.request(method.parse::<Method>().unwrap(), url);
            let request = request.bearer_auth(org.running.access_token()).header("content-type", kind);
            let response = request.body(body).send().await.unwrap();
            let status = response.status().as_u16();
            let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
            check(&path, status, &kind.unwrap_or_default(), &response.text().await.unwrap());
        });
    });
    // Whatever was done to it, it is still an org that can be kept.
    let kept = org.running.state();
    let again = runtime.block_on(Org::of(Emulator::from_state(&kept).unwrap()));
    assert_eq!(again.running.state(), kept);
}

#[test]
fn any_org_survives_being_dumped() {
    let (runtime, org) = started();
    let ids = runtime.block_on(async {
        let mut ids = Vec::new();
        for object in ["User", "Contact", "Account"] {
            for row in org.rows(&format!("SELECT Id FROM {object}")).await {
                ids.push(format!("sobjects/{object}/{}", row["Id"].as_str().unwrap()));
            }
        }
        ids
    });
    let value = || {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from)
        ]
    };
    let field = || {
        select(vec![
            "FirstName",
            "LastName",
            "Title",
            "IsActive",
            "Phone",
            "Description",
            "Email",
            "Name",
            "Tags__c",
            "IsPortalEnabled",
        ])
    };
    proptest!(cases(30), |(path in select(ids), field in field(), value in value(), delete in 0..10)| {
        runtime.block_on(async {
            if delete == 0 {
                org.delete(&path).await;
            } else {
                org.patch(&path, json!({ field: value })).await;
            }
        });
        let kept = org.running.state();
        let again = runtime.block_on(Org::of(Emulator::from_state(&kept).unwrap()));
        prop_assert_eq!(again.running.state(), kept);
    });
}
