//! Signing in: every flow, and every refusal in its own words.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};

use portalctl::emulator::Emulator;

use super::{ORG, Org};

const JWT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const KIM: &str = "kim.osei@acme.example";

/// Somebody with a private key.
struct Signer(KeyPair);

impl Signer {
    fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// The public half in PEM.
    fn certificate(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        let text = BASE64_STANDARD.encode(der.as_ref());
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "RS256" })), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        self.0.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Org {
    /// An org whose app `ci` trusts a signer, with further keys of the app.
    async fn trusting(signer: &Signer, more: &str) -> Self {
        let pem = signer.certificate();
        let app = format!(
            "{ORG}\n[[ConnectedApplication]]\nConsumerKey = \"ci\"\nCertificate = '''\n{pem}'''\n{more}"
        );
        Self::start(&app).await
    }

    async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/services/oauth2/token", self.running.url());
        let response = self.http.post(&url).form(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn assert(&self, assertion: &str) -> (u16, Value) {
        self.token(&[("grant_type", JWT), ("assertion", assertion)]).await
    }

    /// Claims that are right.
    fn claims(&self, username: &str) -> Value {
        json!({ "iss": "ci", "sub": username, "aud": self.running.url(), "exp": 4_000_000_000_u64 })
    }

    /// The error and description of a refused assertion.
    async fn refused(&self, assertion: &str) -> String {
        let (status, body) = self.assert(assertion).await;
        assert_eq!(status, 400, "{body}");
        format!(
            "{}: {}",
            body["error"].as_str().unwrap(),
            body["error_description"].as_str().unwrap()
        )
    }

    /// What `limits` answers to a session.
    async fn try_session(&self, token: &str) -> (u16, String) {
        let url = format!("{}/services/data/v66.0/limits", self.running.url());
        let response = self.http.get(url).bearer_auth(token).send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        (status, body[0]["message"].as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test]
async fn an_assertion_opens_a_session_of_its_subject() {
    let signer = Signer::new();
    let org = Org::trusting(&signer, "").await;
    let (status, token) = org.assert(&signer.sign(&org.claims(KIM))).await;
    assert_eq!(status, 200, "{token}");
    let keys: Vec<&String> = token.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["access_token", "scope", "instance_url", "id", "token_type"]);
    let session = token["access_token"].as_str().unwrap();
    assert!(session.starts_with("00D8d0000000001!"));
    assert_eq!(token["instance_url"], org.running.url());

    let who = org.http.get(format!("{}/services/oauth2/userinfo", org.running.url()));
    let who: Value = who.bearer_auth(session).send().await.unwrap().json().await.unwrap();
    assert_eq!(who["preferred_username"], KIM);
    assert_eq!(who["user_type"], "CSP_LITE_PORTAL");
    let identity = org.http.get(token["id"].as_str().unwrap()).bearer_auth(session);
    let identity: Value = identity.send().await.unwrap().json().await.unwrap();
    assert_eq!((&identity["username"], &identity["id"]), (&json!(KIM), &token["id"]));
    let logins = org.rows("SELECT User.Username, LoginType FROM LoginHistory").await;
    assert_eq!(logins, [json!({ "User": { "Username": KIM }, "LoginType": "Remote Access 2.0" })]);
}

#[tokio::test]
async fn what_common_clients_sign_is_taken() {
    let signer = Signer::new();
    let org = Org::trusting(&signer, "").await;
    for (key, value) in [
        // Milliseconds, as the most used client sends them.
        ("exp", json!(4_000_000_000_000_u64)),
        ("exp", json!("4000000000")),
        ("aud", json!("https://login.salesforce.com")),
        ("aud", json!("https://login.salesforce.com/")),
        ("aud", json!([org.running.url()])),
        ("sub", json!("Kim.Osei@ACME.example")),
    ] {
        let mut claims = org.claims(KIM);
        claims[key] = value;
        let (status, body) = org.assert(&signer.sign(&claims)).await;
        assert_eq!(status, 200, "{claims} {body}");
    }
}

#[tokio::test]
async fn a_wrong_assertion_is_refused_in_the_words_of_salesforce() {
    let signer = Signer::new();
    let org = Org::trusting(&signer, "").await;
    let with = |key: &str, value: Value| {
        let mut claims = org.claims(KIM);
        claims[key] = value;
        signer.sign(&claims)
    };
    let good = signer.sign(&org.claims(KIM));
    let (head, _) = good.rsplit_once('.').unwrap();
    for (assertion, expected) in [
        (Signer::new().sign(&org.claims(KIM)), "invalid_grant: invalid assertion"),
        ("nonsense".to_owned(), "invalid_grant: invalid assertion"),
        (format!("{head}."), "invalid_grant: invalid assertion"),
        (with("iss", json!("other")), "invalid_client_id: client identifier invalid"),
        (with("aud", json!("https://test.salesforce.com")), "invalid_grant: audience is invalid"),
        (with("exp", json!(1_000_000_000)), "invalid_grant: expired authorization code"),
        (with("sub", json!("nobody@acme.example")), "invalid_grant: authentication failure"),
        (with("sub", json!("ines.old@acme.example")), "invalid_grant: inactive user"),
    ] {
        assert_eq!(org.refused(&assertion).await, expected);
    }
}

#[tokio::test]
async fn a_sandbox_is_meant_by_the_other_login_host() {
    let signer = Signer::new();
    let seed = ORG.replace("Name = \"Acme\"\n", "Name = \"Acme\"\nIsSandbox = true\n");
    let mut emulator = Emulator::from_seed(&seed).unwrap();
    emulator.trust_certificate(&signer.certificate()).unwrap();
    let org = Org::of(emulator).await;
    let mut claims = org.claims(KIM);
    claims["iss"] = json!(org.running.client_id());
    claims["aud"] = json!("https://test.salesforce.com");
    assert_eq!(org.assert(&signer.sign(&claims)).await.0, 200);
    claims["aud"] = json!("https://login.salesforce.com");
    let refused = org.refused(&signer.sign(&claims)).await;
    assert_eq!(refused, "invalid_grant: audience is invalid");
}

#[tokio::test]
async fn an_app_refuses_whom_it_was_set_up_to_refuse() {
    let signer = Signer::new();
    for (setup, expected) in [
        ("PermittedUsers = \"SelfAuthorize\"", "invalid_grant: user hasn't approved this consumer"),
        (
            "PermittedUsers = \"AdminApproved\"\nUsers = [\"olive.owner@acme.example\"]",
            "invalid_app_access: user is not admin approved to access this app",
        ),
        ("LoginIpRanges = [\"10.0.0.0-10.0.0.255\"]", "invalid_grant: ip restricted"),
        (
            "Scopes = [\"api\"]",
            "invalid_request: The JWT bearer and SAML assertion bearer flows require a \
             refresh_token scope. Install and preauthorize the app.",
        ),
    ] {
        let org = Org::trusting(&signer, setup).await;
        assert_eq!(org.refused(&signer.sign(&org.claims(KIM))).await, expected);
    }
    let org = Org::trusting(
        &signer,
        &format!("PermittedUsers = \"AdminApproved\"\nUsers = [\"{KIM}\"]\nLoginIpRanges = [\"127.0.0.0-127.0.0.255\"]"),
    )
    .await;
    assert_eq!(org.assert(&signer.sign(&org.claims(KIM))).await.0, 200);
}

#[tokio::test]
async fn the_clock_of_the_org_decides_what_has_expired() {
    let signer = Signer::new();
    let org = Org::trusting(&signer, "").await;
    let now = org.control(Method::POST, "clock", json!({ "to": "2030-01-01T00:00:00Z" })).await;
    assert_eq!(now["now"], "2030-01-01T00:00:00.000+0000");
    let mut claims = org.claims(KIM);
    claims["exp"] = json!(1_893_455_990); // Ten seconds too late.
    let refused = org.refused(&signer.sign(&claims)).await;
    assert_eq!(refused, "invalid_grant: expired authorization code");
    claims["exp"] = json!(1_893_456_180);
    assert_eq!(org.assert(&signer.sign(&claims)).await.0, 200);
}

#[tokio::test]
async fn client_credentials_are_for_apps_with_a_user_of_their_own() {
    let more = "\n[[ConnectedApplication]]\nConsumerKey = \"bare\"\nConsumerSecret = \"s\"\n\
                [[ConnectedApplication]]\nConsumerKey = \"ci\"\nConsumerSecret = \"s\"\nRunAs = \"olive.owner@acme.example\"\n";
    let org = Org::start(&format!("{ORG}{more}")).await;
    let form =
        |key| [("grant_type", "client_credentials"), ("client_id", key), ("client_secret", "s")];
    let (status, body) = org.token(&form("bare")).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(body["error_description"], "no client credentials user enabled");
    let url = format!("{}/services/oauth2/token", org.running.url());
    let basic = org.http.post(&url).basic_auth("ci", Some("s"));
    let token = basic.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
    let token: Value = token.json().await.unwrap();
    assert!(token["issued_at"].as_str().unwrap().len() == 13 && token["signature"].is_string());
    assert!(token.get("refresh_token").is_none() && token.get("expires_in").is_none());
    let login = org.http.post(&url).header("host", "login.salesforce.com").form(&form("ci"));
    let refused: Value = login.send().await.unwrap().json().await.unwrap();
    assert_eq!(refused["error_description"], "request not supported on this domain");
    let (_, body) = org.token(&[("grant_type", "password")]).await;
    assert_eq!(body["error_description"], "grant type not supported");
    assert_eq!(body["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn a_refresh_token_renews_until_it_is_revoked_or_used() {
    let rotating = format!(
        "{ORG}\n[[ConnectedApplication]]\nConsumerKey = \"web\"\nRotateRefreshTokens = true\n"
    );
    let org = Org::start(&rotating).await;
    let open = |app: &'static str| json!({ "username": KIM, "app": app });
    let one = org.control(Method::POST, "sessions", open("web")).await;
    let first = one["refresh_token"].as_str().unwrap();
    let form =
        |token| [("grant_type", "refresh_token"), ("client_id", "web"), ("refresh_token", token)];
    let (status, token) = org.token(&form(first)).await;
    assert_eq!(status, 200, "{token}");
    let second = token["refresh_token"].as_str().unwrap();
    assert_ne!(second, first);
    let session = token["access_token"].as_str().unwrap();
    assert_eq!(org.try_session(session).await.0, 200);
    let dead =
        json!({ "error": "invalid_grant", "error_description": "expired access/refresh token" });
    assert_eq!(org.token(&form(first)).await, (400, dead.clone()));

    let revoke = format!("{}/services/oauth2/revoke", org.running.url());
    let revoked = org.http.post(&revoke).form(&[("token", second)]).send().await.unwrap();
    assert_eq!(revoked.status(), 200);
    assert_eq!(org.token(&form(second)).await, (400, dead.clone()));
    assert_eq!(org.try_session(session).await.0, 401);
    let again = org.http.post(&revoke).form(&[("token", second)]).send().await.unwrap();
    assert_eq!(again.status(), 400);
    assert_eq!(again.json::<Value>().await.unwrap()["error"], "invalid_token");

    // Five at a time for one user and app.
    let oldest = org.control(Method::POST, "sessions", open("web")).await;
    for _ in 0..5 {
        org.control(Method::POST, "sessions", open("web")).await;
    }
    assert_eq!(org.token(&form(oldest["refresh_token"].as_str().unwrap())).await, (400, dead));
}

#[tokio::test]
async fn sessions_end_by_idleness_by_freezing_and_on_demand() {
    let org = Org::start(&format!("{ORG}\n[emulator]\nsession_minutes = 120\n")).await;
    let session = async || {
        let opened = org.control(Method::POST, "sessions", json!({ "username": KIM })).await;
        opened["access_token"].as_str().unwrap().to_owned()
    };
    let ended = (401, "Session expired or invalid".to_owned());
    let idle = session().await;
    org.control(Method::POST, "clock", json!({ "ahead": 3600 })).await;
    assert_eq!(org.try_session(&idle).await.0, 200);
    org.control(Method::POST, "clock", json!({ "ahead": 3600 * 2 + 1800 })).await;
    assert_eq!(org.try_session(&idle).await.0, 200, "activity keeps it open");
    org.control(Method::POST, "clock", json!({ "ahead": 3600 * 5 })).await;
    assert_eq!(org.try_session(&idle).await, ended);

    let login = "SELECT Id FROM UserLogin WHERE User.Username = '";
    org.control(Method::POST, "clock", json!({ "ahead": 0 })).await;
    let login = org.rows(&format!("{login}{KIM}'")).await;
    let frozen = session().await;
    assert_eq!(org.try_session(&frozen).await.0, 200);
    let path = format!("sobjects/UserLogin/{}", login[0]["Id"].as_str().unwrap());
    let (status, _) = org.patch(&path, json!({ "IsFrozen": true })).await;
    assert_eq!(status, 204);
    assert_eq!(org.try_session(&frozen).await, ended);

    let open = json!({ "username": "olive.owner@acme.example", "api": false });
    let opened = org.control(Method::POST, "sessions", open).await;
    let text = "This session is not valid for use with the REST API".to_owned();
    assert_eq!(org.try_session(opened["access_token"].as_str().unwrap()).await, (401, text));

    org.control(
        Method::POST,
        "faults",
        json!({ "Do": "oauth", "Path": "oauth2/token",
        "Code": "invalid_grant", "Text": "inactive organization", "Times": 1 }),
    )
    .await;
    let (status, body) = org.token(&[("grant_type", "client_credentials")]).await;
    assert_eq!(
        (status, body["error_description"].as_str().unwrap()),
        (400, "inactive organization")
    );
}

#[test]
fn the_programs_own_key_pair_and_certificates_are_trusted() {
    let mut emulator = Emulator::from_seed(ORG).unwrap();
    let pem = Emulator::new_private_key().unwrap();
    emulator.trust_key_pair(&pem).unwrap();
    assert!(emulator.trust_certificate(&pem).is_err());
    assert!(
        emulator
            .trust_certificate("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
            .is_err()
    );
}
