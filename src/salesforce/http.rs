//! The connection: which URLs are allowed, which certificates are trusted, how long to wait.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Url};

use super::Error;

/// How connections are made.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// How long a request may take; absent, as long as the server's own limits need.
    pub timeout: Option<Duration>,
    /// Files of certificates in PEM that are trusted beside those of the machine, and who named
    /// them. They are read where TLS is spoken.
    pub authorities: Vec<(&'static str, PathBuf)>,
}

/// A write may run for ten minutes on the server.
/// Source: Salesforce Developer Limits Quick Reference, "API Request Limits".
const LONGEST: Duration = Duration::from_mins(10);

impl Transport {
    /// A client for a URL. On this machine proxies are not wanted, compression costs more time than it
    /// saves, and without TLS no certificates are needed: a machine that has none can still use the
    /// emulator.
    pub(super) fn client(&self, url: &Url) -> Result<reqwest::Client, Error> {
        let base = || {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("portalctl/", env!("CARGO_PKG_VERSION")))
                .redirect(Policy::none())
                .connect_timeout(self.timeout.unwrap_or(LONGEST).min(Duration::from_secs(10)))
                // Idle connections are dropped in silence on the way; a shorter life avoids that.
                .pool_idle_timeout(Duration::from_secs(50))
                .timeout(self.timeout.unwrap_or(LONGEST));
            if is_loopback(url) {
                let rather_not = HeaderValue::from_static("gzip;q=0.5, identity");
                let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, rather_not)]);
                builder.no_proxy().default_headers(headers)
            } else {
                builder.https_only(true)
            }
        };
        if url.scheme() == "http" {
            return base().tls_certs_only([]).build().map_err(|error| setup(&error));
        }
        let own = self.certificates()?;
        if own.is_empty() {
            return base().build().map_err(|error| setup(&error));
        }
        let merged = base().tls_certs_merge(own.clone()).build();
        // Without any certificate of the machine, the given ones will do.
        merged.or_else(|_| base().tls_certs_only(own).build()).map_err(|error| setup(&error))
    }

    fn certificates(&self) -> Result<Vec<Certificate>, Error> {
        let mut all = Vec::new();
        for (name, file) in &self.authorities {
            let pem = fs::read(file).map_err(|error| {
                Error::Setup(format!("{name}: cannot read `{}`: {error}", file.display()))
            })?;
            let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
            if found.is_empty() {
                return Err(Error::Setup(format!("{name} holds no certificate in PEM form")));
            }
            all.extend(found);
        }
        Ok(all)
    }
}

fn setup(error: &reqwest::Error) -> Error {
    Error::Setup(Error::transport("", error).cause().to_owned())
}

/// Checks a URL that gets credentials: https, or http on this machine. What comes after the host is
/// dropped.
pub(super) fn origin(text: &str) -> Result<Url, Error> {
    let refuse = |why| Error::BadUrl { url: text.to_owned(), why };
    let mut url = Url::parse(text.trim()).map_err(|_| refuse("it is not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::BadUrl {
            url: "the URL".to_owned(),
            why: "it contains a username or password",
        });
    }
    match url.scheme() {
        "https" if url.host_str().is_some() => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(refuse("a token is not sent over plain http")),
        _ => return Err(refuse("it is not an https URL")),
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Whether a URL is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_wanted_except_on_this_machine() {
        for text in [
            "https://acme.my.salesforce.com/x?y#z",
            "http://127.0.0.1:80",
            "http://localhost:1",
            "http://[::1]:8080",
        ] {
            assert_eq!(origin(text).unwrap().path(), "/");
        }
        for text in [
            "http://acme.my.salesforce.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "https://user:pw@acme.example",
            "http://user:pw@127.0.0.1",
            "ftp://127.0.0.1",
            "acme.my.salesforce.com",
            "",
        ] {
            let error = origin(text).unwrap_err();
            assert!(matches!(error, Error::BadUrl { .. }), "{text}");
            assert!(!error.to_string().contains("pw"), "{error}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_told_where_one_is_needed() {
        for (file, expected) in [
            (concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "PORTALCTL_CA_FILE holds no"),
            ("no/such/file.pem", "PORTALCTL_CA_FILE: cannot read"),
        ] {
            let authorities = vec![("PORTALCTL_CA_FILE", file.into())];
            let transport = Transport { timeout: None, authorities };
            let tls = Url::parse("https://acme.example").unwrap();
            let error = transport.client(&tls).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            let plain = Url::parse("http://127.0.0.1:80").unwrap();
            assert!(transport.client(&plain).is_ok());
        }
    }
}
