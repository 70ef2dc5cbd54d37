//! A request to be sent, and what came back.

use bytes::Bytes;
use reqwest::header::HeaderName;
use reqwest::{Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Error;

/// Whether a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It changes nothing, or the same thing however often it is sent.
    Safe,
    /// Only if the server has certainly not carried it out.
    IfNotDone,
}

/// A request. It can be sent more than once.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<(&'static str, Bytes)>,
    pub(super) accept: &'static str,
    pub(super) headers: Vec<(HeaderName, &'static str)>,
    pub(super) repeat: Repeat,
    /// The session that a page's locator belongs to; it is dead in any other.
    pub(super) bound_to: Option<u32>,
    /// The answer holds a secret, and is dropped unread.
    pub(super) secret_answer: bool,
}

impl Call {
    fn new(method: Method, url: Url, repeat: Repeat) -> Self {
        Self {
            method,
            url,
            body: None,
            accept: "application/json",
            headers: Vec::new(),
            repeat,
            bound_to: None,
            secret_answer: false,
        }
    }

    pub(super) fn get(url: Url) -> Self {
        Self::new(Method::GET, url, Repeat::Safe)
    }

    /// A request for CSV.
    pub(super) fn get_csv(url: Url) -> Self {
        Self { accept: "text/csv", ..Self::get(url) }
    }

    pub(super) fn delete(url: Url, repeat: Repeat) -> Self {
        Self::new(Method::DELETE, url, repeat)
    }

    /// A request with a JSON body.
    pub(super) fn json<B: Serialize>(
        method: Method,
        url: Url,
        body: &B,
        repeat: Repeat,
    ) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Setup(error.to_string()))?;
        let mut call = Self::new(method, url, repeat);
        call.body = Some(("application/json", body.into()));
        Ok(call)
    }

    /// A request with a CSV body.
    pub(super) fn csv(method: Method, url: Url, body: Vec<u8>, repeat: Repeat) -> Self {
        let mut call = Self::new(method, url, repeat);
        call.body = Some(("text/csv", body.into()));
        call
    }

    #[must_use]
    pub(super) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An answer of which the body is still on the wire.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    response: Response,
    host: String,
    secret: bool,
}

impl Answer {
    /// The answer to a call.
    pub(super) fn of(response: Response, call: &Call, host: &str) -> Self {
        let status = response.status();
        let secret = call.secret_answer && status.is_success();
        Self { status, response, host: host.to_owned(), secret }
    }

    /// A header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next part of the body, unless that was all.
    pub(super) async fn part(&mut self) -> Result<Option<Bytes>, Error> {
        let part = self.response.chunk().await;
        part.map_err(|error| Error::transport(&self.host, &error))
    }

    /// The answer with all of its body, which is dropped unread if it holds a secret.
    pub(super) async fn whole(self) -> Result<Reply, Error> {
        let status = self.status.as_u16();
        if self.secret {
            return Ok(Reply { status, body: Bytes::new() });
        }
        let body = self.response.bytes().await;
        let body = body.map_err(|error| Error::transport(&self.host, &error))?;
        Ok(Reply { status, body })
    }
}

/// An answer that is there.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Reply {
    /// Reads the answer as JSON, straight into its type.
    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.borrow()
    }

    /// The same, for a type that refers to the answer.
    pub(super) fn borrow<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        match serde_json::from_slice(&self.body) {
            Ok(value) => Ok(value),
            // A sign-in page of a proxy comes with status 200.
            Err(_) if self.body.trim_ascii_start().starts_with(b"<") => {
                Err(Error::Foreign { status: self.status, what: "HTML or XML" })
            }
            Err(error) => Err(Error::Unreadable(error.to_string())),
        }
    }
}
