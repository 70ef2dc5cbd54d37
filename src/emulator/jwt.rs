//! JSON Web Tokens as the JWT bearer flow sends them, and the keys that their signatures are
//! checked with.
//! Source: RFC 7523; Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration":
//! RS256, with the certificate that the app holds.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde_json::Value as Json;

/// Why a key or certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected PEM with an RSA key of at least 2048 bits: a public key (`BEGIN PUBLIC KEY`), a \
     certificate (`BEGIN CERTIFICATE`), or for a key pair a PKCS#8 private key (`BEGIN PRIVATE KEY`)"
)]
pub struct KeyError;

/// An RSA public key that assertions are checked with.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Certificate(Vec<u8>);

impl Certificate {
    /// Reads a public key or an X.509 certificate in PEM.
    pub(super) fn read(pem: &str) -> Result<Self, KeyError> {
        let bytes = pem.as_bytes();
        let key = match SubjectPublicKeyInfoDer::from_pem_slice(bytes) {
            Ok(key) => key.to_vec(),
            Err(_) => {
                let certificate = CertificateDer::from_pem_slice(bytes).map_err(|_| KeyError)?;
                let parsed = webpki::EndEntityCert::try_from(&certificate).map_err(|_| KeyError)?;
                parsed.subject_public_key_info().to_vec()
            }
        };
        aws_lc_rs::rsa::PublicKey::from_der(&key).map_err(|_| KeyError)?;
        Ok(Self(key))
    }

    /// The public half of a key pair in PEM.
    pub(super) fn of_pair(pem: &str) -> Result<Self, KeyError> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError)?;
        let pair = KeyPair::from_pkcs8(key.secret_pkcs8_der()).map_err(|_| KeyError)?;
        Self::of(&pair)
    }

    fn of(pair: &KeyPair) -> Result<Self, KeyError> {
        let key: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| KeyError)?;
        Ok(Self(key.as_ref().to_vec()))
    }

    /// The key in PEM.
    pub(super) fn pem(&self) -> String {
        pem("PUBLIC KEY", &self.0)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

/// A new key pair, as the PEM text of its private half.
pub(super) fn new_pair() -> Result<String, KeyError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
    let key: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError)?;
    Ok(pem("PRIVATE KEY", key.as_ref()))
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut lines = format!("-----BEGIN {label}-----\n");
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            lines.push('\n');
        }
        lines.push(c);
    }
    lines + "\n-----END " + label + "-----\n"
}

/// What an assertion says, not yet believed.
pub(super) struct Assertion<'a> {
    /// The consumer key of the app.
    pub(super) issuer: String,
    /// The username.
    pub(super) subject: String,
    pub(super) audiences: Vec<String>,
    /// Seconds since the epoch; clients that send milliseconds mean the far future, and are heard.
    pub(super) expires: f64,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Assertion<'a> {
    /// Reads an assertion; nothing, if it is none or not signed with RS256.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| -> Option<Json> {
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?)
                .ok()
        };
        let (header, claims) = (json(header)?, json(claims)?);
        if header["alg"] != "RS256" {
            return None;
        }
        let audiences = match &claims["aud"] {
            Json::String(one) => vec![one.clone()],
            Json::Array(list) => {
                list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
            }
            _ => return None,
        };
        let expires = match &claims["exp"] {
            Json::Number(number) => number.as_f64()?,
            // Some clients send text, and production takes it.
            Json::String(text) => text.parse().ok()?,
            _ => return None,
        };
        Some(Self {
            issuer: claims["iss"].as_str()?.to_owned(),
            subject: claims["sub"].as_str().or_else(|| claims["prn"].as_str())?.to_owned(),
            audiences,
            expires,
            signed,
            signature: BASE64_URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).ok()?,
        })
    }

    /// Whether the holder of a key has signed it.
    pub(super) fn is_signed_with(&self, certificate: &Certificate) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &certificate.0)
            .verify(self.signed.as_bytes(), &self.signature)
            .is_ok()
    }
}
