//! Rows of a query's answers, read on a thread of their own: while one page is read, the next is on
//! the wire. Each row is turned into what is kept of it at once.

use std::fmt;
use std::io::{self, Read};
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};
use tokio::join;
use tokio::sync::mpsc;

use super::Error;
use super::call::Answer;
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

/// Reads a table of CSV while it comes: a page of one has tens of thousands of rows.
pub(super) async fn of_csv<R, T>(
    mut answer: Answer,
    kinds: &Arc<Kinds>,
    keep: &Arc<impl Keep<R, T>>,
) -> Result<Vec<T>, Error>
where
    R: DeserializeOwned + 'static,
    T: Send + 'static,
{
    let (keep, kinds) = (Arc::clone(keep), Arc::clone(kinds));
    let (wire, parts) = mpsc::channel(WAITING);
    let come = async move {
        while let Some(part) = answer.part().await? {
            // Whoever reads has found something that makes the rest pointless.
            if wire.send(part).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    let text = Parts { parts, part: Bytes::new() };
    let read = tokio::task::spawn_blocking(move || csv_row::read(text, &kinds, &*keep));
    let (come, read) = join!(come, read);
    // Without its end, what was read may look like a whole or like nonsense.
    come?;
    read.unwrap_or_else(|error| Err(Error::Unreadable(error.to_string())))
}

/// So many parts of an answer may wait to be read.
const WAITING: usize = 16;

/// The parts of an answer, in a row.
struct Parts {
    parts: mpsc::Receiver<Bytes>,
    part: Bytes,
}

impl Read for Parts {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.parts.blocking_recv() {
                Some(part) => self.part = part,
                None => return Ok(0),
            }
        }
        let some = self.part.split_to(room.len().min(self.part.len()));
        if let Some(room) = room.get_mut(..some.len()) {
            room.copy_from_slice(&some);
        }
        Ok(some.len())
    }
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
