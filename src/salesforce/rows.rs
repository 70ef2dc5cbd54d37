//! Rows of a query's answers, read on a thread of their own: while one page is read, the next is on
//! the wire. Each row is turned into what is kept of it at once.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};

use super::Error;
use super::csv_row::{self, Kinds};

/// What is kept of a row.
pub trait Keep<R, T>: Fn(R) -> T + Send + Sync + 'static {}

impl<R, T, F: Fn(R) -> T + Send + Sync + 'static> Keep<R, T> for F {}

/// Texts shorter than this are read on the spot: it takes less time than a thread.
const SHORT: usize = 64 * 1024;

/// Reads an array of JSON.
pub(super) async fn of_json<R, T>(text: Bytes, keep: &Arc<impl Keep<R, T>>) -> Result<Vec<T>, Error>
where
    R: DeserializeOwned + 'static,
    T: Send + 'static,
{
    let keep = Arc::clone(keep);
    aside(text.len(), move || {
        let mut json = serde_json::Deserializer::from_slice(&text);
        let each = Each { keep: &*keep, row: PhantomData };
        json.deserialize_seq(each).map_err(|error| Error::Unreadable(error.to_string()))
    })
    .await
}

/// Reads a table of CSV.
pub(super) async fn of_csv<R, T>(
    text: Bytes,
    kinds: &Arc<Kinds>,
    keep: &Arc<impl Keep<R, T>>,
) -> Result<Vec<T>, Error>
where
    R: DeserializeOwned + 'static,
    T: Send + 'static,
{
    let (keep, kinds) = (Arc::clone(keep), Arc::clone(kinds));
    aside(text.len(), move || csv_row::read(&text, &kinds, &*keep)).await
}

async fn aside<T: Send + 'static>(
    size: usize,
    read: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    if size < SHORT {
        return read();
    }
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Err(Error::Unreadable(error.to_string())))
}

/// The items of an array, one after the other.
struct Each<'a, R, K> {
    keep: &'a K,
    row: PhantomData<R>,
}

impl<'de, R: DeserializeOwned, T, K: Fn(R) -> T> Visitor<'de> for Each<'_, R, K> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = items.next_element()? {
            rows.push((self.keep)(row));
        }
        Ok(rows)
    }
}
