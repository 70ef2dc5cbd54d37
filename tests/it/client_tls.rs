//! Certificates, proxies and URLs: to whom a token is sent, and how.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_blocking;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::Acceptor;

use crate::support::{Portal, Ran, Server};

const NAME: &str = "acme.my.salesforce.com";

/// A project, and an org that it can reach only by TLS.
fn portal() -> Portal {
    let portal = Portal::example("quickstart");
    let project = portal.read("portalctl.toml");
    portal.write(
        "portalctl.toml",
        &format!("{project}\n[orgs.prod]\nlogin_url = \"https://{NAME}\"\n"),
    );
    portal
}

/// Runs the program while the test's own servers go on.
async fn plan(portal: &Arc<Portal>, org: &'static str, variables: &[(&str, &str)]) -> Ran {
    let portal = Arc::clone(portal);
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let run = move || {
        let pairs: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        portal.run_with(&["plan", "-o", org, "--json", "-vv"], &pairs)
    };
    spawn_blocking(run).await.unwrap()
}

#[tokio::test]
async fn a_server_is_trusted_if_its_authority_is_named() {
    let portal = Arc::new(portal());
    let file = portal.path().join("certificate.pem");
    let flag = format!("--tls={}", file.display());
    let server = Server::start_with(&portal.path().join("org.toml"), &[&flag]);
    assert!(server.url.starts_with("https://"));
    let login = [("SF_ACCESS_TOKEN", server.token.as_str()), ("SF_ORG_INSTANCE_URL", &server.url)];
    let refused = plan(&portal, "env", &login).await.exits(1);
    assert!(refused.stderr.contains("not trusted"), "{}", refused.stderr);
    assert!(refused.stderr.contains("PORTALCTL_CA_FILE"), "{}", refused.stderr);
    assert_eq!(server.requests(), "", "nothing was sent");
    for name in ["PORTALCTL_CA_FILE", "SSL_CERT_FILE"] {
        let with = [&login[..], &[(name, file.to_str().unwrap())]].concat();
        plan(&portal, "env", &with).await.exits(0);
    }
    let wrong = [&login[..], &[("PORTALCTL_CA_FILE", "no/such/file.pem")]].concat();
    let ran = plan(&portal, "env", &wrong).await.exits(1);
    assert!(ran.stderr.contains("PORTALCTL_CA_FILE: cannot read"), "{}", ran.stderr);
}

/// An authority, and a server that has a certificate of it for the org's name.
struct Authority {
    file: PathBuf,
    server: Arc<ServerConfig>,
}

fn authority(portal: &Portal) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap();
    let file = portal.path().join("authority.pem");
    fs::write(&file, root.pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let names = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    let leaf = names.signed_by(&own, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    Authority { file, server: Arc::new(server) }
}

/// What a proxy was asked for, and which protocols were offered behind it.
#[derive(Default)]
struct Seen {
    asked: Vec<String>,
    offered: Vec<Vec<u8>>,
}

/// An HTTP proxy that leads every name to one org.
async fn proxy(server: Arc<ServerConfig>, org: String, seen: Arc<Mutex<Seen>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(tunnel(stream, Arc::clone(&server), org.clone(), Arc::clone(&seen)));
        }
    });
    url
}

async fn tunnel(
    mut stream: TcpStream,
    server: Arc<ServerConfig>,
    org: String,
    seen: Arc<Mutex<Seen>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    seen.lock().unwrap().asked.push(String::from_utf8(head).unwrap());
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let Ok(hello) = LazyConfigAcceptor::new(Acceptor::default(), stream).await else { return };
    if let Some(offered) = hello.client_hello().alpn() {
        seen.lock().unwrap().offered.extend(offered.map(<[u8]>::to_vec));
    }
    let Ok(mut inside) = hello.into_stream(server).await else { return };
    let mut org = TcpStream::connect(org.strip_prefix("http://").unwrap()).await.unwrap();
    let _ = copy_bidirectional(&mut inside, &mut org).await;
}

#[tokio::test]
async fn a_proxy_gets_a_name_to_connect_to_and_never_the_token() {
    let portal = Arc::new(portal());
    let org = Server::start(&portal.path().join("org.toml"));
    let authority = authority(&portal);
    let seen = Arc::new(Mutex::new(Seen::default()));
    let proxy = proxy(Arc::clone(&authority.server), org.url.clone(), Arc::clone(&seen)).await;
    let url = format!("https://{NAME}");
    let login = [
        ("SF_ACCESS_TOKEN", org.token.as_str()),
        ("SF_ORG_INSTANCE_URL", &url),
        ("HTTPS_PROXY", &proxy),
    ];
    let refused = plan(&portal, "prod", &login).await.exits(1);
    assert!(refused.stderr.contains("not trusted"), "{}", refused.stderr);
    let file = authority.file.to_str().unwrap();
    let ran = plan(&portal, "prod", &[&login[..], &[("PORTALCTL_CA_FILE", file)]].concat()).await;
    assert_eq!(ran.exits(0).json()["org"]["instance_url"], url);
    let seen = seen.lock().unwrap();
    for head in &seen.asked {
        assert!(head.starts_with("CONNECT acme.my.salesforce.com:443 "), "{head}");
        assert!(!head.contains(&org.token), "{head}");
    }
    assert!(seen.offered.contains(&b"h2".to_vec()), "HTTP/2 is offered");
}

#[tokio::test]
async fn plain_http_is_refused_before_a_byte_is_sent() {
    let portal = Arc::new(portal());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connected = tokio::spawn(async move { listener.accept().await.is_ok() });
    for instance in
        ["http://acme.my.salesforce.com", "http://192.0.2.1", "http://localhost.acme.example"]
    {
        let login = [
            ("SF_ACCESS_TOKEN", "00D8d0000000001!AQ0AQsecret"),
            ("SF_ORG_INSTANCE_URL", instance),
            ("HTTP_PROXY", &url),
            ("HTTPS_PROXY", &url),
            ("ALL_PROXY", &url),
        ];
        let ran = plan(&portal, "env", &login).await.exits(1);
        assert!(ran.stderr.contains("plain http"), "{}", ran.stderr);
    }
    assert!(!connected.is_finished(), "nobody connected");
}

#[tokio::test]
async fn a_machine_without_certificates_is_told_so_and_can_still_rehearse() {
    let portal = Arc::new(portal());
    let empty = portal.path().join("certificates");
    fs::create_dir(&empty).unwrap();
    let none = [
        ("SSL_CERT_DIR", empty.to_str().unwrap()),
        ("SF_ACCESS_TOKEN", "00D8d0000000001!AQ0AQsecret"),
        ("SF_ORG_INSTANCE_URL", "https://acme.my.salesforce.com"),
    ];
    let ran = plan(&portal, "prod", &none).await.exits(1);
    assert!(ran.stderr.contains("ca-certificates"), "{}", ran.stderr);
    plan(&portal, "dev", &none).await.exits(0);
    // The given ones will do.
    let file = portal.path().join("certificate.pem");
    let flag = format!("--tls={}", file.display());
    let server = Server::start_with(&portal.path().join("org.toml"), &[&flag]);
    let given = [
        none[0],
        ("SF_ACCESS_TOKEN", server.token.as_str()),
        ("SF_ORG_INSTANCE_URL", &server.url),
        ("PORTALCTL_CA_FILE", file.to_str().unwrap()),
    ];
    plan(&portal, "env", &given).await.exits(0);
}
