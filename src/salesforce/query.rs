//! The side that reads.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::Session;
use super::{Error, Soql};

/// Reads from an org. It has no method that writes.
#[derive(Clone)]
pub struct Reader(pub(super) Arc<Session>);

/// Who is signed in.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct UserInfo {
    /// The user's id.
    pub user_id: String,
    /// The user's username.
    #[serde(rename = "preferred_username")]
    pub username: String,
}

/// One page of a result.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    #[serde(default = "yes")]
    done: bool,
    next_records_url: Option<String>,
    records: Vec<T>,
}

const fn yes() -> bool {
    true
}

impl Reader {
    /// Every row that a query finds. The order is the server's.
    pub async fn query<T: DeserializeOwned>(&self, query: &Soql) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        for statement in query.statements()? {
            let mut url = url::query(&self.0.path("query"), &statement);
            loop {
                let page: Page<T> = self.0.read(&url).await?;
                rows.extend(page.records);
                match page.next_records_url {
                    Some(next) if !page.done && next != url => url = next,
                    _ if page.done => break,
                    _ => return Err(Error::Unreadable("a page has no successor".to_owned())),
                }
            }
        }
        Ok(rows)
    }

    /// Who is signed in.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        self.0.read("/services/oauth2/userinfo").await
    }

    /// Requests sent so far, by everything that shares the session.
    pub fn calls(&self) -> usize {
        self.0.calls()
    }
}

/// Paths with a query part.
mod url {
    /// `path?q=…`, with everything but unreserved characters encoded.
    pub(super) fn query(path: &str, statement: &str) -> String {
        let mut url = format!("{path}?q=");
        for byte in statement.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                url.push(char::from(byte));
            } else {
                url.push('%');
                for half in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(half), 16).unwrap_or('0');
                    url.push(digit.to_ascii_uppercase());
                }
            }
        }
        url
    }
}
