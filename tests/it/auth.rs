//! Signing in, by every way and through every refusal, and what becomes of the secrets.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use walkdir::WalkDir;

use crate::support::{Portal, Ran, Server};

const ORG: &str = r#"
[Organization]
Name = "Acme"
Id = "00D8d0000000001"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 30
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "System Administrator"
UserRole = "Sales"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
"#;
const ORG_ID: &str = "00D8d0000000001EAA";
const USER: &str = "olive.owner@acme.example";
const CLIENT: &str = "portalctl-emulator";
const CLIENT_SECRET: &str = "emulator-client-secret";

/// An org behind HTTP, a project that signs in to it, and every credential there is.
struct Login {
    server: Server,
    portal: Portal,
    key_file: PathBuf,
    key: String,
    token: String,
    refresh_token: String,
    bin: PathBuf,
}

/// Variables of the environment.
type Variables = Vec<(String, String)>;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Login {
    async fn new(table: &str) -> Self {
        let portal = Portal::new(&[
            ("org.seed", ORG),
            (
                "users/acme.toml",
                "account = \"Acme Corp\"\nprofile = \"Acme Customer\"\n[[users]]\nusername = \"kim.osei@acme.example\"\nlast_name = \"Osei\"\n",
            ),
        ]);
        let outside = portal.path().join("outside");
        let key_file = outside.join("key.pem");
        let bin = outside.join("bin");
        fs::create_dir_all(&bin).unwrap();
        let seed = portal.path().join("org.seed");
        let key_argument = key_file.to_str().unwrap().to_owned();
        let server = Server::start_with(&seed, &["--jwt-key", &key_argument]);
        let project = format!(
            "[project]\nname = \"acme-portal\"\n[orgs.prod]\nlogin_url = \"{}\"\n{table}",
            server.url
        );
        portal.write("portalctl.toml", &project);
        let opened = post(&server, "sessions", &json!({ "username": USER })).await;
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        Self {
            key: fs::read_to_string(&key_file).unwrap(),
            token: text("access_token"),
            refresh_token: text("refresh_token"),
            server,
            portal,
            key_file,
            bin,
        }
    }

    fn by_token(&self) -> Variables {
        variables(&[("SF_ACCESS_TOKEN", &self.token), ("SF_ORG_INSTANCE_URL", &self.server.url)])
    }

    fn by_jwt(key: (&str, &str)) -> Variables {
        variables(&[key, ("PORTALCTL_CLIENT_ID", CLIENT), ("PORTALCTL_USERNAME", USER)])
    }

    fn by_credentials() -> Variables {
        variables(&[("PORTALCTL_CLIENT_ID", CLIENT), ("PORTALCTL_CLIENT_SECRET", CLIENT_SECRET)])
    }

    fn by_auth_url(&self) -> Variables {
        let host = self.server.url.strip_prefix("http://").unwrap();
        let url = format!("force://{CLIENT}:{CLIENT_SECRET}:{}@{host}", self.refresh_token);
        variables(&[("SFDX_AUTH_URL", &url)])
    }

    /// A Salesforce CLI that knows this org: before May 2026 it shows the token at once, since then
    /// only when asked for it alone.
    fn by_sf_cli(&self, redacted: bool) -> Variables {
        let shown = if redacted {
            "[REDACTED] Use 'sf org auth show-access-token' to view"
        } else {
            &self.token
        };
        let display = json!({ "status": 0, "warnings": [], "result": {
            "id": ORG_ID, "instanceUrl": self.server.url, "accessToken": shown, "username": USER,
            "clientId": "PlatformCLI", "apiVersion": "66.0", "alias": "prod" } });
        let token = json!({ "status": 0, "result": { "accessToken": self.token }, "warnings": [] });
        let alone = if redacted {
            format!("printf '%s' '{token}'")
        } else {
            "printf '%s' '{\"status\":2,\"name\":\"CommandNotFound\",\"message\":\"no such command\"}'; exit 2".to_owned()
        };
        let display = display.to_string().replace('\'', "'\\''");
        self.sf(&format!(
            "case \"$*\" in\n'org display --target-org prod --json') printf '%s' '{display}' ;;\n'org auth show-access-token --target-org prod --json') {alone} ;;\n*) exit 9 ;;\nesac"
        ))
    }

    fn sf(&self, script: &str) -> Variables {
        let path = self.bin.join("sf");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        variables(&[("PATH", &format!("{}:/usr/bin:/bin", self.bin.display()))])
    }

    /// Every way, with a name.
    fn ways(&self) -> Vec<(&'static str, Variables)> {
        let base64 = BASE64_STANDARD.encode(&self.key);
        let one_line = self.key.replace('\n', "\\n");
        let file = self.key_file.to_str().unwrap();
        vec![
            ("access token", self.by_token()),
            ("JWT, text", Self::by_jwt(("PORTALCTL_JWT_KEY", &self.key))),
            ("JWT, one line", Self::by_jwt(("PORTALCTL_JWT_KEY", &one_line))),
            ("JWT, base64", Self::by_jwt(("PORTALCTL_JWT_KEY", &base64))),
            ("JWT, file", Self::by_jwt(("PORTALCTL_JWT_KEY_FILE", file))),
            ("client credentials", Self::by_credentials()),
            ("SFDX auth URL", self.by_auth_url()),
            ("sf CLI of 2025", self.by_sf_cli(false)),
        ]
    }

    /// Plans at the highest verbosity, and looks for secrets in everything that came of it.
    #[track_caller]
    fn run(&self, arguments: &[&str], variables: &Variables) -> Ran {
        let pairs: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let ran = self.portal.run_with(&[arguments, &["-vv"]].concat(), &pairs);
        self.check_secrets(&ran.stdout, "standard output");
        self.check_secrets(&ran.stderr, "standard error");
        for entry in WalkDir::new(self.portal.path())
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "outside" && entry.file_name() != "org.seed")
        {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
                self.check_secrets(&text, &entry.path().display().to_string());
            }
        }
        ran
    }

    #[track_caller]
    fn check_secrets(&self, text: &str, place: &str) {
        let mut secrets = vec![
            self.token.as_str(),
            &self.refresh_token,
            CLIENT_SECRET,
            "AQ0AQEmulatedSession",
            "PRIVATE KEY",
            "force://portalctl",
            "eyJ",
            "Bearer",
        ];
        secrets.extend(self.key.lines().filter(|line| line.len() > 40));
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is in {place}:\n{text}");
        }
    }

    async fn fault(&self, fault: &Value) {
        reset(&self.server).await;
        post(&self.server, "faults", fault).await;
    }
}

async fn post(server: &Server, path: &str, body: &Value) -> Value {
    let url = format!("{}/emulator/{path}", server.url);
    let answer = reqwest::Client::new().post(url).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_default()
}

async fn reset(server: &Server) {
    let url = format!("{}/emulator/faults", server.url);
    reqwest::Client::new().delete(url).send().await.unwrap();
}

/// The objects that were queried since the server started.
fn queried(server: &Server) -> Vec<String> {
    let mut objects: Vec<String> = server
        .requests()
        .lines()
        .filter_map(|line| line.split_once("/query?q=")?.1.split_once("%20FROM%20"))
        .map(|(_, rest)| rest.split([' ', '%']).next().unwrap().to_owned())
        .collect();
    objects.dedup();
    objects
}

#[tokio::test]
async fn every_way_leads_into_the_org_and_leaves_no_secret_behind() {
    let login = Login::new("").await;
    for (way, variables) in login.ways() {
        let ran = login.run(&["plan", "--json"], &variables);
        assert_eq!(ran.status, 0, "{way}: {}", ran.stderr);
        assert_eq!(ran.json()["summary"]["create"], 1, "{way}");
    }
    // The CLI of today, which hides the token.
    let ran = login.run(&["plan", "--json"], &login.by_sf_cli(true)).exits(0);
    assert!(ran.stderr.contains("signing in by the sf CLI"), "{}", ran.stderr);
}

#[tokio::test]
async fn every_refusal_of_the_token_endpoint_says_what_to_do() {
    let login = Login::new("").await;
    let jwt = Login::by_jwt(("PORTALCTL_JWT_KEY", &login.key));
    let (credentials, auth_url) = (Login::by_credentials(), login.by_auth_url());
    for (way, code, text, expected) in [
        (&jwt, "invalid_grant", "user hasn't approved this consumer", "pre-authorized"),
        (
            &jwt,
            "invalid_app_access",
            "user is not admin approved to access this app",
            "assign the app",
        ),
        (&jwt, "invalid_grant", "audience is invalid", "PORTALCTL_AUDIENCE"),
        (&jwt, "invalid_grant", "invalid assertion", "certificate of the app"),
        (&jwt, "invalid_client_id", "client identifier invalid", "PORTALCTL_CLIENT_ID"),
        (&credentials, "invalid_client", "invalid client credentials", "PORTALCTL_CLIENT_SECRET"),
        (&jwt, "invalid_grant", "ip restricted", "login IP ranges"),
        (&credentials, "invalid_grant", "no client credentials user enabled", "user to run as"),
        (&credentials, "invalid_grant", "request not supported on this domain", "My Domain"),
        (&auth_url, "invalid_grant", "expired access/refresh token", "SFDX_AUTH_URL"),
        (&auth_url, "invalid_grant", "inactive user", "inactive"),
        (&auth_url, "unsupported_grant_type", "grant type not supported", "flow"),
    ] {
        let fault = json!({ "Path": "/oauth2/token", "Do": "oauth", "Code": code, "Text": text });
        login.fault(&fault).await;
        let ran = login.run(&["plan"], way).exits(1);
        assert!(ran.stderr.contains(&format!("{code}: {text}")), "{}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    assert!(queried(&login.server).is_empty(), "nothing is read without a session");
}

#[tokio::test]
async fn what_is_really_wrong_is_refused_by_the_org_itself() {
    let login = Login::new("").await;
    let other_key = {
        let outside = login.portal.path().join("outside/other.pem");
        let argument = outside.to_str().unwrap().to_owned();
        let seed = login.portal.path().join("org.seed");
        let _other = Server::start_with(&seed, &["--jwt-key", &argument]);
        fs::read_to_string(outside).unwrap()
    };
    let with = |way: Variables, name: &str, value: &str| {
        let mut way = way;
        way.retain(|(known, _)| known != name);
        way.push((name.to_owned(), value.to_owned()));
        way
    };
    let jwt = || Login::by_jwt(("PORTALCTL_JWT_KEY", &login.key));
    for (way, expected) in [
        (with(jwt(), "PORTALCTL_JWT_KEY", &other_key), "certificate of the app"),
        (with(jwt(), "PORTALCTL_AUDIENCE", "https://test.salesforce.com"), "PORTALCTL_AUDIENCE"),
        (with(jwt(), "SF_AUDIENCE_URL", "https://test.salesforce.com"), "PORTALCTL_AUDIENCE"),
        (with(jwt(), "PORTALCTL_CLIENT_ID", "unknown"), "ten minutes"),
        (with(jwt(), "PORTALCTL_USERNAME", "nobody@acme.example"), "PORTALCTL_USERNAME"),
        (with(jwt(), "PORTALCTL_JWT_KEY", "nonsense!"), "PEM"),
        (
            with(Login::by_credentials(), "PORTALCTL_CLIENT_SECRET", "wrong"),
            "PORTALCTL_CLIENT_SECRET",
        ),
        (with(Login::by_credentials(), "PORTALCTL_CLIENT_ID", "unknown"), "PORTALCTL_CLIENT_ID"),
        (variables(&[("SFDX_AUTH_URL", "force://nonsense")]), "show-sfdx-auth-url"),
        (with(login.by_token(), "SF_ACCESS_TOKEN", "00D!expired"), "expired"),
        (with(login.by_token(), "SF_ACCESS_TOKEN", "[REDACTED] Use 'sf'"), "show-access-token"),
        (Login::by_jwt(("PORTALCTL_JWT_KEY_FILE", "no/such/file")), "no/such/file"),
        (variables(&[("PORTALCTL_JWT_KEY", &login.key)]), "PORTALCTL_CLIENT_ID"),
        (Variables::new(), "SF_ACCESS_TOKEN"),
    ] {
        let ran = login.run(&["plan"], &way).exits(1);
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    post(&login.server, "clock", &json!({ "ahead": 3600 })).await;
    let ran = login.run(&["plan"], &jwt()).exits(1);
    assert!(ran.stderr.contains("clock"), "{}", ran.stderr);
}

#[tokio::test]
async fn the_clis_troubles_are_told_and_a_hidden_token_is_never_sent() {
    let login = Login::new("").await;
    for (script, expected) in [
        ("exit 1", "no JSON"),
        ("printf 'no json'", "no JSON"),
        (
            r#"printf '{"status":1,"name":"NamedOrgNotFoundError","message":"No authorization information found for prod."}'; exit 1"#,
            "No authorization information found for prod.",
        ),
        (
            // Both commands hide it.
            r#"printf '{"status":0,"result":{"instanceUrl":"https://acme.my.salesforce.com","accessToken":"[REDACTED] x"}}'"#,
            "hidden the token",
        ),
        (
            r#"printf '{"status":0,"result":{"instanceUrl":"http://acme.my.salesforce.com","accessToken":"00D!x"}}'"#,
            "plain http",
        ),
    ] {
        let ran = login.run(&["plan"], &login.sf(script)).exits(1);
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    assert!(!login.server.requests().contains("/services"), "{}", login.server.requests());
}

#[tokio::test]
async fn a_login_of_another_org_reads_nothing_but_organization() {
    let login = Login::new("").await;
    login.portal.write(
        "portalctl.toml",
        "[project]\nname = \"acme-portal\"\n[orgs.prod]\nlogin_url = \"https://acme.my.salesforce.com\"\n",
    );
    for way in [login.by_token(), login.by_auth_url(), login.by_sf_cli(true)] {
        let ran = login.run(&["plan"], &way).exits(3);
        assert!(ran.stderr.contains("nothing") || ran.stderr.contains("Nothing"), "{}", ran.stderr);
        assert!(ran.stderr.contains(ORG_ID), "the id to pin is told: {}", ran.stderr);
    }
    let table = "[project]\nname = \"acme-portal\"\n[orgs.prod]\nlogin_url = \"https://acme.my.salesforce.com\"\norg_id = ";
    login.portal.write("portalctl.toml", &format!("{table}\"00D8d0000000009EAA\"\n"));
    login.run(&["plan"], &login.by_token()).exits(3);
    assert_eq!(queried(&login.server), ["Organization"]);
    assert!(!login.server.requests().contains("userinfo"));
    // The right id is proof enough.
    login.portal.write("portalctl.toml", &format!("{table}\"{ORG_ID}\"\n"));
    login.run(&["plan"], &login.by_token()).exits(0);
}

#[tokio::test]
async fn a_pin_holds_for_every_way() {
    let login = Login::new("org_id = \"00D8d0000000009EAA\"\n").await;
    for (way, variables) in login.ways() {
        let ran = login.run(&["plan"], &variables);
        assert_eq!(ran.status, 3, "{way}: {}", ran.stderr);
    }
    assert_eq!(queried(&login.server), ["Organization"]);
    let login = Login::new(&format!("org_id = \"{ORG_ID}\"\n")).await;
    login.run(&["plan", "--org-id", "00D8d0000000009EAA"], &login.by_token()).exits(3);
    login.run(&["plan", "--org-id", "00D8d0000000001"], &login.by_token()).exits(0);
}

#[tokio::test]
async fn an_ended_session_is_followed_by_another_where_that_is_possible() {
    let login = Login::new("").await;
    let expire = json!({ "Path": "/query", "Do": "expire", "After": 2, "Times": 1 });
    for (way, variables) in login.ways() {
        login.fault(&expire).await;
        let ran = login.run(&["plan", "--json"], &variables);
        // What the CLI and the environment hand out is the session that has ended.
        let lasting =
            way.starts_with("JWT") || way == "client credentials" || way == "SFDX auth URL";
        assert_eq!(ran.status, i32::from(!lasting), "{way}: {}", ran.stderr);
        if lasting {
            assert_eq!(ran.json()["summary"]["create"], 1, "{way}");
            assert!(ran.stderr.contains("signing in again"), "{}", ran.stderr);
        } else {
            assert!(ran.stderr.contains("expired"), "{way}: {}", ran.stderr);
            let opened = post(&login.server, "sessions", &json!({ "username": USER })).await;
            assert!(opened["access_token"].is_string());
        }
    }
}

#[tokio::test]
async fn a_token_that_may_not_use_the_api_is_refused_once() {
    let login = Login::new("").await;
    let session = json!({ "username": USER, "api": false });
    let opened = post(&login.server, "sessions", &session).await;
    let token = opened["access_token"].as_str().unwrap();
    let way = variables(&[("SF_ACCESS_TOKEN", token), ("SF_INSTANCE_URL", &login.server.url)]);
    let ran = login.run(&["plan"], &way).exits(1);
    assert!(ran.stderr.contains("scope `api`"), "{}", ran.stderr);
    // A way that could be repeated is not repeated for it either.
    let fault = json!({ "Path": "/query", "Do": "status", "Status": 401, "Code": "INVALID_SESSION_ID",
        "Text": "This session is not valid for use with the REST API" });
    login.fault(&fault).await;
    let before = login.server.requests().matches("oauth2/token").count();
    login.run(&["plan"], &Login::by_credentials()).exits(1);
    let after = login.server.requests().matches("oauth2/token").count();
    assert_eq!(after - before, 1);
    // A session that ends at once, every time, is renewed once for a request.
    login.fault(&json!({ "Path": "/query", "Do": "expire" })).await;
    login.run(&["plan"], &Login::by_credentials()).exits(1);
    let again = login.server.requests().matches("oauth2/token").count();
    assert_eq!(again - after, 2);
}

#[tokio::test]
async fn variables_with_the_orgs_name_are_for_that_org() {
    let login = Login::new("[orgs.uat-2]\nlogin_url = \"https://127.0.0.1:9\"\n").await;
    let own = variables(&[
        ("PORTALCTL_PROD_CLIENT_ID", CLIENT),
        ("PORTALCTL_PROD_CLIENT_SECRET", CLIENT_SECRET),
        ("PORTALCTL_CLIENT_ID", "another"),
        ("PORTALCTL_CLIENT_SECRET", "another"),
    ]);
    login.run(&["plan", "-o", "prod"], &own).exits(0);
    // The table names what is no secret.
    login.portal.write(
        "portalctl.toml",
        &format!(
            "[project]\nname = \"acme-portal\"\n[orgs.prod]\nlogin_url = \"{}\"\nauth = \"jwt\"\nclient_id = \"{CLIENT}\"\nusername = \"{USER}\"\n",
            login.server.url
        ),
    );
    login.run(&["plan"], &variables(&[("PORTALCTL_PROD_JWT_KEY", &login.key)])).exits(0);
}

#[tokio::test]
async fn the_environments_org_and_the_clis_orgs_can_be_chosen() {
    let login = Login::new("").await;
    let both = [login.by_token(), login.by_sf_cli(true)].concat();
    login.run(&["plan", "-o", "env"], &both).exits(0);
    let ran = login.run(&["plan", "-o", "prod-alias"], &login.by_sf_cli(true)).exits(1);
    assert!(ran.stderr.contains("prod-alias"), "{}", ran.stderr);

    // Outside the project's orgs nothing is written unless the org is named by its id.
    let apply = ["apply", "-o", "env", "--auto-approve"];
    let ran = login.run(&apply, &both).exits(3);
    assert!(ran.stderr.contains("read-only") && ran.stderr.contains(ORG_ID), "{}", ran.stderr);
    assert!(!login.server.requests().contains("composite"));
    let foreign = variables(&[("SF_TARGET_ORG", "elsewhere")]);
    let ran = login.run(&["plan"], &foreign).exits(1);
    assert!(ran.stderr.contains("SF_TARGET_ORG"), "{}", ran.stderr);
    login.run(&[&apply[..], &["--org-id", ORG_ID]].concat(), &both).exits(0);

    // Without orgs of its own, a project is about whatever one is signed in to.
    login.portal.write("portalctl.toml", "[project]\nname = \"acme-portal\"\n");
    login.run(&["apply", "--auto-approve"], &login.by_token()).exits(0);
    let cli = [login.by_sf_cli(true), variables(&[("SF_TARGET_ORG", "prod")])].concat();
    login.run(&["plan"], &cli).exits(0);
    login.run(&["plan", "-o", "prod"], &login.by_sf_cli(true)).exits(0);
}

#[tokio::test]
async fn an_embedded_org_never_looks_at_the_environment() {
    let login = Login::new("[orgs.dev]\nemulator = \"org.seed\"\n").await;
    let ran = login.run(&["plan", "-o", "dev", "--json"], &login.by_token()).exits(0);
    assert_eq!(ran.json()["org"]["instance_url"], "emulator:org.seed");
    assert!(queried(&login.server).is_empty());
}

#[tokio::test]
async fn the_days_last_call_ends_it_at_once() {
    let login = Login::new("").await;
    login.fault(&json!({ "Path": "/query", "Do": "daily-limit", "After": 3 })).await;
    let ran = login.run(&["plan"], &login.by_token()).exits(1);
    assert!(ran.stderr.contains("used up"), "{}", ran.stderr);
    assert!(ran.stderr.contains("403"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
}

#[tokio::test]
async fn requests_are_traced_without_what_they_say() {
    let login = Login::new("").await;
    let ran = login.run(&["plan"], &Login::by_credentials()).exits(0);
    for expected in
        ["POST /services/oauth2/token 200", "GET /services/data/ 200", "/query 200", "API calls: "]
    {
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("SELECT"), "queries name people: {}", ran.stderr);
    let pairs: Vec<_> = Login::by_credentials();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let quiet = login.portal.run_with(&["plan"], &pairs).exits(0);
    assert!(quiet.stderr.starts_with("API calls: "), "{}", quiet.stderr);
}
