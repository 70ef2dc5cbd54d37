//! Rows of a query's answers, read on a thread of their own: while one page is read, the next is on
//! the wire. Each row is turned into what is kept of it at once.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use tokio::join;
use tokio::sync::mpsc;

use super::Error;
use super::call::Answer;
use super::csv_row::{self, Kinds};

/// What is kept of the rows of a query, of which there may be a million: a row can borrow its texts,
/// and is gone when it was looked at.
pub trait Keep: Send + Sync + 'static {
    /// A row.
    type Row<'a>: Deserialize<'a>;
    /// What is kept of one.
    type Kept: Send + 'static;
    /// Whether [`ByPath`] is wanted.
    const NAMED: bool;

    /// Looks at a row.
    fn keep(&self, row: Self::Row<'_>, named: ByPath) -> Self::Kept;
}

/// Values of the fields that an org or a file named, by path, such as `Contact.Badge__c`.
pub type ByPath = BTreeMap<String, Json>;

/// Keeps something of rows that borrow nothing.
pub(super) struct Owned<F, R>(F, PhantomData<fn(R)>);

impl<F, R> Owned<F, R> {
    pub(super) const fn new(keep: F) -> Self {
        Self(keep, PhantomData)
    }
}

impl<F, R, T> Keep for Owned<F, R>
where
    F: Fn(R) -> T + Send + Sync + 'static,
    R: DeserializeOwned + 'static,
    T: Send + 'static,
{
    type Row<'a> = R;
    type Kept = T;
    const NAMED: bool = false;

    fn keep(&self, row: R, _: ByPath) -> T {
        (self.0)(row)
    }
}

/// Texts shorter than this are read on the spot: it takes less time than a thread.
const SHORT: usize = 64 * 1024;

/// Reads an array of JSON. `named`: the paths of the fields that an org or a file named.
pub(super) async fn of_json<K: Keep>(
    text: Bytes,
    named: &Arc<[String]>,
    keep: &Arc<K>,
) -> Result<Vec<K::Kept>, Error> {
    let (keep, named) = (Arc::clone(keep), Arc::clone(named));
    aside(text.len(), move || {
        let mut json = serde_json::Deserializer::from_slice(&text);
        let each = Each { keep: &*keep, named: if K::NAMED { &named } else { &[] } };
        json.deserialize_seq(each).map_err(|error| Error::Unreadable(error.to_string()))
    })
    .await
}

/// Reads a table of CSV into `rows` while it comes: a page of one has tens of thousands of rows.
pub(super) async fn of_csv<K: Keep>(
    mut answer: Answer,
    kinds: &Arc<Kinds>,
    keep: &Arc<K>,
    rows: Vec<K::Kept>,
) -> Result<Vec<K::Kept>, Error> {
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
    let read = tokio::task::spawn_blocking(move || csv_row::read(text, &kinds, &*keep, rows));
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
struct Each<'a, K> {
    keep: &'a K,
    named: &'a [String],
}

impl<'de, K: Keep> Visitor<'de> for Each<'_, K> {
    type Value = Vec<K::Kept>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        if self.named.is_empty() {
            while let Some(row) = items.next_element()? {
                rows.push(self.keep.keep(row, ByPath::new()));
            }
            return Ok(rows);
        }
        while let Some(text) = items.next_element::<&RawValue>()? {
            let bad = |error| A::Error::custom(error);
            let row = serde_json::from_str(text.get()).map_err(bad)?;
            let all: Json = serde_json::from_str(text.get()).map_err(bad)?;
            let values = self.named.iter().filter_map(|path| Some((path.clone(), at(&all, path)?)));
            rows.push(self.keep.keep(row, values.collect()));
        }
        Ok(rows)
    }
}

/// What stands at a path in a row. Names of fields do not differ by case.
fn at(row: &Json, path: &str) -> Option<Json> {
    let found = path.split('.').try_fold(row, |row, name| {
        let mut fields = row.as_object()?.iter();
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    });
    found.cloned()
}
