//! What the emulator promises, spoken to as any client would.

mod bulk;
mod classic;
mod composite;
mod describe;
mod fuzz;
mod oauth;
mod readme;
mod rows;
mod rules;
mod seed;
mod serve;
mod sites;
mod soql;
mod trouble;
mod wire;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use portalctl::emulator::{Emulator, Running, ServeOptions};

const ORG: &str = r#"
[Organization]
Name = "Acme"
Id = "00D8d0000000001"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 3
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 3
[[UserLicense]]
Name = "Guest User License"
TotalLicenses = 1
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[Profile]]
Name = "Customer Community User"
UserLicense = "Customer Community"
[[PermissionSet]]
Name = "Portal_Base"
[[PermissionSet]]
Name = "Partner_Only"
License = "Partner Community"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[User]]
Username = "rob.roleless@acme.example"
LastName = "Roleless"
Profile = "Standard User"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
[[Account]]
Name = "Ownerless Corp"
Owner = "rob.roleless@acme.example"
[[Contact]]
FirstName = "Jamie"
LastName = "Rivera"
Email = "jamie.rivera@acme.example"
Account = "Acme Corp"
[[Contact]]
LastName = "Lost"
Email = "lost@acme.example"
Account = "Ownerless Corp"
[[User]]
Username = "kim.osei@acme.example"
FirstName = "Kim"
LastName = "Osei"
CommunityNickname = "kim"
FederationIdentifier = "fed-kim"
Account = "Acme Corp"
Profile = "Acme Customer"
PermissionSets = ["Portal_Base"]
[[User]]
Username = "ines.old@acme.example"
LastName = "Old"
Account = "Acme Corp"
Profile = "Acme Customer"
IsActive = false
"#;

/// What an org has beside [`ORG`] to show the rest of the rules.
const MORE: &str = r#"
[[CustomObject]]
Name = "Project__c"
[[CustomField]]
Object = "Project__c"
Name = "Budget__c"
Type = "Currency"
[[CustomField]]
Object = "Project__c"
Name = "Account__c"
Type = "Lookup"
To = "Account"
[[CustomField]]
Object = "Project__c"
Name = "Key__c"
Type = "Text"
ExternalId = true
[[CustomField]]
Object = "Contact"
Name = "Roster_Key__c"
Type = "Text"
ExternalId = true
Unique = true
[[CustomField]]
Object = "Contact"
Name = "Tags__c"
Type = "MultiselectPicklist"
Values = ["A", "B", "C"]
[[UserLicense]]
Name = "Customer Community Login"
TotalLicenses = 5
[[UserLicense]]
Name = "Customer Community Plus"
TotalLicenses = 5
[[UserLicense]]
Name = "External Identity"
TotalLicenses = 5
[[Profile]]
Name = "Acme Login"
UserLicense = "Customer Community Login"
[[Profile]]
Name = "Acme Plus"
UserLicense = "Customer Community Plus"
[[Profile]]
Name = "Acme Identity"
UserLicense = "External Identity"
[[PermissionSetLicense]]
DeveloperName = "Insights"
TotalLicenses = 1
[[PermissionSet]]
Name = "Insights"
License = "Insights"
[[PermissionSet]]
Name = "Heavy"
RefusedFor = ["Customer Community"]
[[PermissionSet]]
Name = "Door"
[[PermissionSetGroup]]
DeveloperName = "Bundle"
PermissionSets = ["Portal_Base"]
[[Group]]
DeveloperName = "Insiders"
[[Network]]
Name = "Help"
Status = "Live"
OptionsSendWelcomeEmail = true
Profiles = ["Acme Customer"]
PermissionSets = ["Door"]
[[Network]]
Name = "Soon"
Status = "UnderConstruction"
OptionsSendWelcomeEmail = true
Profiles = ["Acme Customer", "Acme Plus"]
[[Contact]]
FirstName = "Pia"
LastName = "Plus"
Email = "pia@acme.example"
Account = "Acme Corp"
Roster_Key__c = "R-1"
Tags__c = "A;C"
[[Contact]]
LastName = "Second"
Email = "second@acme.example"
Account = "Acme Corp"
Roster_Key__c = "R-2"
"#;

/// A running org and somebody who talks to it.
struct Org {
    running: Running,
    http: Client,
}

impl Org {
    async fn start(seed: &str) -> Self {
        let emulator = Emulator::from_seed(seed).unwrap();
        Self::of(emulator).await
    }

    async fn of(emulator: Emulator) -> Self {
        let running = emulator.serve(ServeOptions::default()).await.unwrap();
        let http = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { running, http }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let url = format!("{}{path}", self.running.url());
        let request = self.http.request(method, url).bearer_auth(self.running.access_token());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().await.unwrap()
    }

    async fn call(&self, method: Method, rest: &str, body: Option<&Value>) -> (u16, Value) {
        let path = format!("/services/data/v66.0/{rest}");
        let response = self.send(method, &path, body).await;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        (status, value)
    }

    async fn get(&self, rest: &str) -> (u16, Value) {
        self.call(Method::GET, rest, None).await
    }

    async fn post(&self, rest: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, rest, Some(&body)).await
    }

    async fn patch(&self, rest: &str, body: Value) -> (u16, Value) {
        self.call(Method::PATCH, rest, Some(&body)).await
    }

    async fn delete(&self, rest: &str) -> (u16, Value) {
        self.call(Method::DELETE, rest, None).await
    }

    /// Something else than an org has: the emulator's own control.
    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self.send(method, &format!("/emulator/{path}"), Some(&body)).await;
        assert!(response.status().is_success(), "{path}: {}", response.status());
        let text = response.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn query(&self, soql: &str) -> (u16, Value) {
        let url = format!("{}/services/data/v66.0/query", self.running.url());
        let request = self.http.get(url).bearer_auth(self.running.access_token());
        let response = request.query(&[("q", soql)]).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The rows of a query, without their attributes.
    async fn rows(&self, soql: &str) -> Vec<Value> {
        let (status, mut answer) = self.query(soql).await;
        assert_eq!(status, 200, "{answer}");
        let rows = answer["records"].as_array_mut().unwrap();
        rows.iter_mut().for_each(plain);
        rows.clone()
    }

    async fn id(&self, object: &str, field: &str, value: &str) -> String {
        let rows = self.rows(&format!("SELECT Id FROM {object} WHERE {field} = '{value}'")).await;
        rows[0]["Id"].as_str().unwrap().to_owned()
    }

    /// What a new user needs.
    async fn new_user(&self, username: &str, email: &str, profile: &str) -> Value {
        let mut user = json!({
            "Username": username, "LastName": "Rivera", "Email": email, "Alias": "jriv",
            "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US",
            "EmailEncodingKey": "UTF-8", "IsActive": true,
            "ProfileId": self.id("Profile", "Name", profile).await,
        });
        user["ContactId"] = json!(self.id("Contact", "Email", email).await);
        user
    }

    /// The first error of creating a user.
    async fn refusal(&self, user: &Value) -> (String, String) {
        let (status, answer) = self.call(Method::POST, "sobjects/User", Some(user)).await;
        assert_eq!(status, 400, "{answer}");
        let text = |key: &str| answer[0][key].as_str().unwrap().to_owned();
        (text("errorCode"), text("message"))
    }
}

/// The code and text of a refusal, of a request or of a record.
#[track_caller]
fn why(answer: &Value) -> (&str, &str) {
    let error =
        if answer[0]["errors"][0].is_object() { &answer[0]["errors"][0] } else { &answer[0] };
    let code = error.get("errorCode").or_else(|| error.get("statusCode"));
    let text = |json: Option<&Value>| json.and_then(Value::as_str).map(str::len);
    assert!(text(code).is_some() && text(error.get("message")).is_some(), "{answer}");
    (code.unwrap().as_str().unwrap(), error["message"].as_str().unwrap())
}

fn plain(value: &mut Value) {
    if let Value::Object(map) = value {
        map.remove("attributes");
        map.values_mut().for_each(plain);
    }
}

const JAMIE: &str = "jamie.rivera@acme.example";

#[tokio::test]
async fn versions_need_no_session_and_come_oldest_first() {
    let org = Org::start(ORG).await;
    let response =
        org.http.get(format!("{}//services/data", org.running.url())).send().await.unwrap();
    assert!(response.headers().get("sforce-limit-info").is_none());
    let list: Vec<Value> = response.json().await.unwrap();
    assert_eq!(list.first().unwrap()["version"], "58.0");
    assert_eq!(list.first().unwrap()["label"], "Summer '23");
    assert_eq!(list.last().unwrap()["label"], "Winter '27");
    for (version, status) in [("v99.0", 404), ("v30.0", 410), ("vx", 404)] {
        let path = format!("/services/data/{version}/limits");
        assert_eq!(org.send(Method::GET, &path, None).await.status().as_u16(), status);
    }
}

#[tokio::test]
async fn without_a_session_there_is_a_401_that_says_token() {
    let org = Org::start(ORG).await;
    let url = format!("{}/services/data/v66.0/limits", org.running.url());
    let response = org.http.get(url).bearer_auth("garbage").send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Token");
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        body,
        json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
    );
}

#[tokio::test]
async fn client_credentials_give_a_session_and_wrong_ones_an_oauth_error() {
    let org = Org::start(ORG).await;
    let url = format!("{}/services/oauth2/token", org.running.url());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", org.running.client_id()),
        ("client_secret", org.running.client_secret()),
    ];
    let token: Value = org.http.post(&url).form(&form).send().await.unwrap().json().await.unwrap();
    let session = token["access_token"].as_str().unwrap();
    let limits = format!("{}/services/data/v66.0/limits", org.running.url());
    let response = org.http.get(&limits).bearer_auth(session).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(token["issued_at"].is_string() && token.get("expires_in").is_none());
    let wrong = [form[0], form[1], ("client_secret", "no")];
    let response = org.http.post(&url).form(&wrong).send().await.unwrap();
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "invalid_client");
}

#[tokio::test]
async fn queries_follow_parents_fold_case_and_know_null() {
    let org = Org::start(ORG).await;
    let rows = org
        .rows("select Username, profile.userlicense.NAME, Contact.Account.Name, Title from user where username = 'KIM.osei@ACME.example'")
        .await;
    assert_eq!(
        rows,
        [json!({"Username": "kim.osei@acme.example",
            "Profile": {"UserLicense": {"Name": "Customer Community"}},
            "Contact": {"Account": {"Name": "Acme Corp"}}, "Title": null})]
    );
    let internal = org
        .rows("SELECT Contact.Email FROM User WHERE Username = 'olive.owner@acme.example'")
        .await;
    assert_eq!(internal, [json!({"Contact": null})]);
    for (soql, found) in [
        ("SELECT Id FROM User WHERE Title = null", 5),
        ("SELECT Id FROM User WHERE ContactId != null", 2),
        ("SELECT Id FROM User WHERE ContactId != null AND IsActive = true", 1),
        (
            "SELECT Id FROM User WHERE (LastName = 'Osei' OR LastName = 'Old') AND NOT IsActive = true",
            1,
        ),
        ("SELECT Id FROM User WHERE LastName IN ('osei', 'OLD', 'nobody')", 2),
        ("SELECT Id FROM User WHERE LastName NOT IN ('Osei') AND ContactId != null", 1),
        ("SELECT Id FROM User WHERE Username LIKE '%@acme.example'", 4),
        ("SELECT Id FROM User WHERE Username LIKE 'k_m.%'", 1),
        ("SELECT Id FROM Account WHERE Name LIKE 'Acme\\_%'", 0),
        ("SELECT Id FROM User WHERE Profile.UserType = 'CspLitePortal'", 2),
        ("SELECT Id FROM User WHERE CreatedDate < 2026-02-01T00:00:00Z", 5),
        ("SELECT Id FROM User WHERE CreatedDate >= 2026-01-05T09:00:00Z", 5),
        ("SELECT u.Id FROM User u ORDER BY u.LastName DESC NULLS LAST LIMIT 2 OFFSET 1", 2),
    ] {
        assert_eq!(org.rows(soql).await.len(), found, "{soql}");
    }
    let (_, count) = org.query("SELECT COUNT() FROM User").await;
    assert_eq!((&count["totalSize"], &count["records"]), (&json!(5), &json!([])));
    assert_eq!(
        org.rows("SELECT COUNT(Id) n, COUNT(ContactId) FROM User").await,
        [json!({"n": 5, "expr0": 2})]
    );
}

#[tokio::test]
async fn a_fault_in_a_query_is_pointed_at() {
    let org = Org::start(ORG).await;
    for (soql, code, position) in [
        (
            "SELECT Bacon__c FROM Account",
            "INVALID_FIELD",
            "ERROR at Row:1:Column:8\nNo such column 'Bacon__c' on entity 'Account'.",
        ),
        (
            "SELECT Id FROM XYZZY",
            "INVALID_TYPE",
            "ERROR at Row:1:Column:16\nsObject type 'XYZZY' is not supported.",
        ),
        ("SELECT Id FROM User WHERE", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        (
            "SELECT Id FROM User WHERE IsActive = 'true'",
            "INVALID_FIELD",
            "value of filter criterion for field 'IsActive' must be of type boolean",
        ),
        (
            "SELECT Id FROM User WHERE LastName = 'a\\z'",
            "MALFORMED_QUERY",
            "Illegal character sequence",
        ),
        (
            "SELECT Id FROM User WHERE IsActive = true AND LastName = 'a' OR LastName = 'b'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM User WHERE Id = '005abc'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: 005abc",
        ),
        ("SELECT Id, Id FROM User", "INVALID_FIELD", "duplicate field selected: Id"),
        (
            "SELECT Id FROM User OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
    ] {
        let (status, answer) = org.query(soql).await;
        assert_eq!((status, answer[0]["errorCode"].as_str().unwrap()), (400, code), "{soql}");
        let message = answer[0]["message"].as_str().unwrap();
        assert!(message.contains(position), "{soql}: {message}");
    }
}

#[tokio::test]
async fn pages_end_and_a_foreign_locator_is_refused() {
    let org = Org::start(&format!("{ORG}\n[emulator]\npage = 2\n")).await;
    let (_, first) = org.query("SELECT Id FROM User ORDER BY Id").await;
    assert_eq!((&first["totalSize"], &first["done"]), (&json!(5), &json!(false)));
    let mut seen = first["records"].as_array().unwrap().len();
    let mut next = first["nextRecordsUrl"].as_str().map(str::to_owned);
    while let Some(path) = next {
        let page: Value = org.send(Method::GET, &path, None).await.json().await.unwrap();
        assert_eq!(page["totalSize"], 5);
        seen += page["records"].as_array().unwrap().len();
        next = page["nextRecordsUrl"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 5);
    let (status, lost) = org.call(Method::GET, "query/01g8d0000000099AAA-2", None).await;
    assert_eq!((status, lost[0]["errorCode"].as_str()), (400, Some("INVALID_QUERY_LOCATOR")));
}

#[tokio::test]
async fn an_endless_url_gets_html() {
    let org = Org::start(ORG).await;
    let (long, path) = ("x".repeat(17_000), "/services/data/v66.0/query?q=");
    let response = org.send(Method::GET, &format!("{path}{long}"), None).await;
    assert_eq!(response.status(), 414);
    assert!(response.text().await.unwrap().contains("URI Too Long"));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn users_are_refused_in_the_words_of_salesforce() {
    let org = Org::start(ORG).await;
    let good = org.new_user(JAMIE, JAMIE, "Acme Customer").await;
    let kim = org.id("Contact", "Email", "kim.osei@acme.example").await;
    let lost = org.id("Contact", "Email", "lost@acme.example").await;
    let internal = org.id("Profile", "Name", "Standard User").await;
    let standard = org.id("Profile", "Name", "Customer Community User").await;
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        (
            "Username",
            json!("kim.osei@ACME.example"),
            "DUPLICATE_USERNAME",
            "Duplicate Username.<br>",
        ),
        (
            "Username",
            json!("ines.old@acme.example"),
            "DUPLICATE_USERNAME",
            "Duplicate Username.<br>",
        ),
        (
            "Username",
            json!("jamie"),
            "FIELD_INTEGRITY_EXCEPTION",
            "in the form of an email address",
        ),
        ("CommunityNickname", json!("KIM"), "DUPLICATE_COMM_NICKNAME", "Duplicate Nickname.<br>"),
        (
            "FederationIdentifier",
            json!("fed-kim"),
            "FIELD_INTEGRITY_EXCEPTION",
            "Federation ID is already in use",
        ),
        (
            "ContactId",
            json!(kim),
            "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
            "portal user already exists for contact",
        ),
        (
            "ContactId",
            Value::Null,
            "INVALID_CROSS_REFERENCE_KEY",
            "Cannot create a portal user without contact",
        ),
        ("ContactId", json!(lost), "UNKNOWN_EXCEPTION", "portal account owner must have a role"),
        (
            "ContactId",
            json!("0038d0000009999"),
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        (
            "ContactId",
            json!("0018d0000000001"),
            "MALFORMED_ID",
            "Contact ID: id value of incorrect type: 0018d0000000001",
        ),
        (
            "ProfileId",
            json!(internal),
            "FIELD_INTEGRITY_EXCEPTION",
            "only portal users can be associated to a contact",
        ),
        (
            "ProfileId",
            json!(standard),
            "FIELD_INTEGRITY_EXCEPTION",
            "Allow using standard external profiles",
        ),
        (
            "LastName",
            Value::Null,
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]",
        ),
        (
            "Email",
            json!("jamie at acme"),
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: jamie at acme",
        ),
        (
            "Alias",
            json!("jamierivera"),
            "STRING_TOO_LONG",
            "Alias: data value too large: jamierivera (max length=8)",
        ),
        (
            "TimeZoneSidKey",
            json!("Europe/Kyiv"),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Time Zone: bad value for restricted picklist field: Europe/Kyiv",
        ),
        (
            "AccountId",
            json!("0018d0000000001"),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: AccountId.",
        ),
        (
            "IsPortalEnabled",
            json!(true),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: IsPortalEnabled.",
        ),
        (
            "Bacon__c",
            json!(1),
            "INVALID_FIELD",
            "No such column 'Bacon__c' on sobject of type User",
        ),
    ];
    for (field, value, code, text) in cases {
        let mut user = good.clone();
        user[field] = value;
        let (found, message) = org.refusal(&user).await;
        assert_eq!(found, code, "{field}: {message}");
        assert!(message.contains(text), "{field}: {message}");
    }
    let (status, made) = org.call(Method::POST, "sobjects/User", Some(&good)).await;
    assert_eq!((status, &made["success"]), (201, &json!(true)));
    let path = format!("sobjects/User/{}", made["id"].as_str().unwrap());
    let (status, refused) = org.call(Method::DELETE, &path, None).await;
    assert_eq!(status, 400, "{refused}");
}

#[tokio::test]
async fn seats_are_counted_by_active_users() {
    let org = Org::start(ORG).await;
    let seats = "SELECT UsedLicenses FROM UserLicense WHERE Name = 'Customer Community'";
    assert_eq!(org.rows(seats).await, [json!({"UsedLicenses": 1})]);
    for n in 1..=3 {
        let contact = json!({"LastName": "New", "Email": format!("n{n}@acme.example"),
            "AccountId": org.id("Account", "Name", "Acme Corp").await});
        org.call(Method::POST, "sobjects/Contact", Some(&contact)).await;
        let email = format!("n{n}@acme.example");
        let user = org.new_user(&email, &email, "Acme Customer").await;
        if n < 3 {
            assert_eq!(org.call(Method::POST, "sobjects/User", Some(&user)).await.0, 201);
        } else {
            let (code, message) = org.refusal(&user).await;
            assert_eq!(code, "LICENSE_LIMIT_EXCEEDED");
            assert_eq!(message, "License Limit Exceeded - Customer Community");
        }
    }
    let old = org.id("User", "Username", "ines.old@acme.example").await;
    let path = format!("sobjects/User/{old}");
    let (status, answer) = org.call(Method::PATCH, &path, Some(&json!({"IsActive": true}))).await;
    assert_eq!((status, answer[0]["errorCode"].as_str()), (400, Some("LICENSE_LIMIT_EXCEEDED")));
    let kim =
        format!("sobjects/User/{}", org.id("User", "Username", "kim.osei@acme.example").await);
    assert_eq!(
        org.call(Method::PATCH, &kim, Some(&json!({"IsActive": false}))).await,
        (204, Value::Null)
    );
    assert_eq!(org.call(Method::PATCH, &path, Some(&json!({"IsActive": true}))).await.0, 204);
}

#[tokio::test]
async fn freezing_deactivating_and_disabling_are_three_things() {
    let org = Org::start(ORG).await;
    let kim = org.id("User", "Username", "kim.osei@acme.example").await;
    let login = org.id("UserLogin", "UserId", &kim).await;
    let freeze = json!({"IsFrozen": true});
    assert_eq!(
        org.call(Method::PATCH, &format!("sobjects/UserLogin/{login}"), Some(&freeze)).await.0,
        204
    );
    let state = format!("SELECT IsActive, Username, ContactId FROM User WHERE Id = '{kim}'");
    let frozen = org.rows(&state).await;
    assert_eq!(frozen[0]["IsActive"], true);
    let user = format!("sobjects/User/{kim}");
    org.call(Method::PATCH, &user, Some(&json!({"IsActive": false}))).await;
    let inactive = org.rows(&state).await;
    assert_eq!(
        (&inactive[0]["IsActive"], &inactive[0]["ContactId"]),
        (&json!(false), &frozen[0]["ContactId"])
    );
    org.call(Method::PATCH, &user, Some(&json!({"IsPortalEnabled": false}))).await;
    let disabled = org.rows(&state).await;
    assert_eq!(disabled[0]["ContactId"], Value::Null);
    assert_ne!(disabled[0]["Username"], frozen[0]["Username"]);
    let own = org.id("User", "Username", &org.running.username()).await;
    let own = org.id("UserLogin", "UserId", &own).await;
    let (status, answer) =
        org.call(Method::PATCH, &format!("sobjects/UserLogin/{own}"), Some(&freeze)).await;
    assert_eq!((status, answer[0]["errorCode"].as_str()), (400, Some("CANNOT_FREEZE_SELF")));
}

#[tokio::test]
async fn permission_sets_are_assigned_once_and_by_licence() {
    let org = Org::start(ORG).await;
    let kim = org.id("User", "Username", "kim.osei@acme.example").await;
    let owned = format!(
        "SELECT PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment WHERE AssigneeId = '{kim}' ORDER BY PermissionSet.IsOwnedByProfile"
    );
    let owned: Vec<Value> = org
        .rows(&owned)
        .await
        .into_iter()
        .map(|mut row| row["PermissionSet"]["IsOwnedByProfile"].take())
        .collect();
    assert_eq!(owned, [json!(false), json!(true)]);
    for (set, code) in
        [("Portal_Base", "DUPLICATE_VALUE"), ("Partner_Only", "FIELD_INTEGRITY_EXCEPTION")]
    {
        let body = json!({"AssigneeId": kim, "PermissionSetId": org.id("PermissionSet", "Name", set).await});
        let (status, answer) =
            org.call(Method::POST, "sobjects/PermissionSetAssignment", Some(&body)).await;
        assert_eq!((status, answer[0]["errorCode"].as_str()), (400, Some(code)));
    }
}

#[tokio::test]
async fn collections_answer_each_record_in_order() {
    let org = Org::start(ORG).await;
    let account = org.id("Account", "Name", "Acme Corp").await;
    let contact = |last: Value| json!({"attributes": {"type": "Contact"}, "LastName": last, "AccountId": account});
    let body = json!({"allOrNone": false, "records": [contact(json!("One")), contact(Value::Null), contact(json!("Three"))]});
    let (status, answer) = org.call(Method::POST, "composite/sobjects", Some(&body)).await;
    assert_eq!(status, 200);
    assert_eq!((&answer[0]["success"], &answer[2]["success"]), (&json!(true), &json!(true)));
    assert_eq!(answer[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert!(answer[1].get("id").is_none());
    let ids = format!(
        "composite/sobjects?ids={},{}",
        answer[0]["id"].as_str().unwrap(),
        "0038d00000099zz"
    );
    let (status, gone) = org.call(Method::DELETE, &ids, None).await;
    assert_eq!((status, &gone[0]["success"]), (200, &json!(true)));
    assert_eq!(gone[1]["errors"][0]["statusCode"], "ENTITY_IS_DELETED");

    let many: Vec<Value> = (0..201).map(|_| contact(json!("Many"))).collect();
    let (status, answer) =
        org.call(Method::POST, "composite/sobjects", Some(&json!({"records": many}))).await;
    assert_eq!((status, answer[0]["errorCode"].as_str()), (400, Some("EXCEEDED_ID_LIMIT")));
    let mixed = json!({"records": [contact(json!("A")), {"attributes": {"type": "User"}, "LastName": "B"}]});
    let (status, answer) = org.call(Method::POST, "composite/sobjects", Some(&mixed)).await;
    assert_eq!((status, answer[0]["errorCode"].as_str()), (400, Some("MIXED_DML_OPERATION")));
}

#[tokio::test]
async fn a_kept_org_is_the_same_org() {
    let org = Org::start(ORG).await;
    let user = org.new_user(JAMIE, JAMIE, "Acme Customer").await;
    org.call(Method::POST, "sobjects/User", Some(&user)).await;
    let kept = org.running.state();
    let again = Org::of(Emulator::from_state(&kept).unwrap()).await;
    assert_eq!(again.running.state(), kept);
    let (code, _) = again.refusal(&user).await;
    assert_eq!(code, "DUPLICATE_USERNAME");
    assert!(Emulator::from_state("{}").is_err() && Emulator::from_state("no").is_err());
}

#[test]
fn a_seed_tells_all_its_faults_with_their_places() {
    let seed = "[[Account]]\nName = \"Acme\"\nOwner = \"nobody@acme.example\"\nColour = 1\n[[Contakt]]\nx = 1\n[[Profile]]\nName = \"P\"\n[[User]]\nUsername = \"x\"\nProfile = \"Q\"\nAccount = \"Acme\"\n";
    let faults = Emulator::from_seed(seed).err().unwrap().to_string();
    for part in [
        "3:9: User `nobody@acme.example`",
        "4:1: `Colour`",
        "`Contakt`",
        "profile `P`",
        "Profile `Q`",
    ] {
        assert!(faults.contains(part), "{part} in {faults}");
    }
    assert!(Emulator::from_seed("[[").is_err());
}
