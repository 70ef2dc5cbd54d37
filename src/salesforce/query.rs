//! The side that reads.
//!
//! Source: REST API Developer Guide, "Query": pages, `nextRecordsUrl`; a locator belongs to the
//! session that made it, so after signing in again a query starts from the beginning.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::HeaderName;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::join;

use super::call::{Call, Reply};
use super::rows::{self, Keep, Owned};
use super::session::Session;
use super::{Error, Soql, Usage, bulk_query};

/// Reads from an org. It has no method that writes.
#[derive(Clone)]
pub struct Reader(pub(super) Arc<Session>);

/// How often a query starts again.
const RESTARTS: u32 = 3;

/// One page of a result, of which the rows are still text.
struct Page {
    total_size: Option<u64>,
    done: bool,
    next_records_url: Option<String>,
    records: Bytes,
}

/// What is around the rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    total_size: Option<u64>,
    #[serde(default = "yes")]
    done: bool,
    next_records_url: Option<String>,
    #[serde(borrow)]
    records: &'a RawValue,
}

const fn yes() -> bool {
    true
}

impl Page {
    /// Opens an answer. What was cut off is noticed here.
    fn of(reply: &Reply) -> Result<Self, Error> {
        let envelope: Envelope<'_> = reply.borrow()?;
        Ok(Self {
            total_size: envelope.total_size,
            done: envelope.done,
            next_records_url: envelope.next_records_url,
            records: reply.body.slice_ref(envelope.records.get().as_bytes()),
        })
    }
}

impl Reader {
    /// Every row that a query finds. The order is the server's.
    ///
    /// A query whose lists do not fit one URL is several statements, which run at the same time.
    pub async fn query<T>(&self, query: &Soql) -> Result<Vec<T>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.query_as(query, |row: T| row).await
    }

    /// The same, where something else is kept of each row. Rows are read while later ones are on the
    /// wire, and never exist all at once.
    pub async fn query_as<R, T>(
        &self,
        query: &Soql,
        keep: impl Fn(R) -> T + Send + Sync + 'static,
    ) -> Result<Vec<T>, Error>
    where
        R: DeserializeOwned + 'static,
        T: Send + 'static,
    {
        self.query_by(query, Owned::new(keep)).await
    }

    /// The same, where rows may borrow.
    pub async fn query_by<K: Keep>(&self, query: &Soql, keep: K) -> Result<Vec<K::Kept>, Error> {
        let keep = &Arc::new(keep);
        let mut parts = stream::iter(query.statements()?)
            .map(|statement| async move { self.statement(query, &statement, keep).await })
            .buffered(self.0.parallelism);
        let mut rows = Vec::new();
        while let Some(part) = parts.try_next().await? {
            append(&mut rows, part);
        }
        Ok(rows)
    }

    /// Calls made so far, and what the org has left.
    pub fn usage(&self) -> Usage {
        self.0.counter.usage()
    }

    /// The rows of one statement.
    pub(super) async fn alone<T>(&self, query: &Soql, statement: &str) -> Result<Vec<T>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.statement(query, statement, &Arc::new(Owned::new(|row: T| row))).await
    }

    /// The rows of one statement, from the beginning as often as its cursor is lost.
    async fn statement<K: Keep>(
        &self,
        query: &Soql,
        statement: &str,
        keep: &Arc<K>,
    ) -> Result<Vec<K::Kept>, Error> {
        let mut restarts = 0;
        loop {
            let error = match self.pages(query, statement, keep).await {
                Ok(rows) => return Ok(rows),
                Err(error) => error,
            };
            if !error.is_lost_cursor() || restarts == RESTARTS {
                return Err(error);
            }
            restarts += 1;
            tracing::info!(code = error.code(), "a query starts again from its first page");
        }
    }

    async fn pages<K: Keep>(
        &self,
        query: &Soql,
        statement: &str,
        keep: &Arc<K>,
    ) -> Result<Vec<K::Kept>, Error> {
        let url = url::query(&self.0.path("query"), statement);
        let mut page = self.page(&url, None).await?;
        // A session that was replaced meanwhile has a dead locator, which is noticed on the next page.
        let session = self.0.number();
        let total = page.total_size;
        if let Some(rows) = total.filter(|rows| !page.done && *rows >= self.0.bulk_from) {
            match bulk_query::read(&self.0, query, (statement, rows), keep).await {
                Ok(rows) => return Ok(rows),
                Err(error) if error.ends_the_work() => return Err(error),
                // Not every object is known there, and not everybody may use it.
                Err(error) => {
                    tracing::info!(code = error.code(), "no Bulk job, reading page by page");
                }
            }
        }
        let named: Arc<[String]> = query.named().map(str::to_owned).collect();
        let mut rows = Vec::new();
        let mut last = url;
        while !page.done {
            let Some(url) = page.next_records_url.take().filter(|url| *url != last) else {
                return Err(Error::Unreadable("a page has no successor".to_owned()));
            };
            let read = rows::of_json(page.records, &named, keep);
            let (next, read) = join!(self.page(&url, Some(session)), read);
            append(&mut rows, read?);
            (page, last) = (next?, url);
        }
        append(&mut rows, rows::of_json(page.records, &named, keep).await?);
        complete(rows, total)
    }

    async fn page(&self, url: &str, bound_to: Option<u32>) -> Result<Page, Error> {
        const OPTIONS: HeaderName = HeaderName::from_static("sforce-query-options");
        let mut call = Call::get(self.0.url(url)?).header(OPTIONS, "batchSize=2000");
        call.bound_to = bound_to;
        self.0.exchange(&call, Page::of).await
    }
}

/// Adds a part to what is there; the first part is taken as it is.
pub(super) fn append<T>(rows: &mut Vec<T>, part: Vec<T>) {
    if rows.is_empty() {
        *rows = part;
    } else {
        rows.extend(part);
    }
}

/// A result with fewer rows than it was said to have must not pass for a smaller org.
fn complete<T>(rows: Vec<T>, total: Option<u64>) -> Result<Vec<T>, Error> {
    let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    match total {
        Some(total) if found < total => {
            Err(Error::Unreadable(format!("{found} rows of a result that has {total}")))
        }
        Some(_) | None => Ok(rows),
    }
}

/// Paths with a query part.
pub(super) mod url {
    /// `path?q=…`, with everything but unreserved characters encoded.
    pub(in crate::salesforce) fn query(path: &str, statement: &str) -> String {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |half: u8| DIGITS.get(usize::from(half)).copied().map_or('0', char::from);
        let mut url = String::with_capacity(path.len() + 3 + 2 * statement.len());
        url.push_str(path);
        url.push_str("?q=");
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        let mut rest = statement;
        loop {
            let plain = rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
            let (plain, special) = rest.split_at(plain);
            url.push_str(plain);
            let mut chars = special.chars();
            let Some(special) = chars.next() else { return url };
            for byte in special.encode_utf8(&mut [0; 4]).bytes() {
                url.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
            rest = chars.as_str();
        }
    }
}
