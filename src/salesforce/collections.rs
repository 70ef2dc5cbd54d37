//! The side that writes: sObject Collections, up to 200 records a call, an answer for each.
//!
//! Source: REST API Developer Guide, "Use sObject Collections": `allOrNone` false, answers in the
//! order of the request, HTTP 200 even if every record was refused.

use std::sync::Arc;

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::model::RecordId;

use super::call::{Call, Repeat};
use super::error::WireError;
use super::record::Typed;
use super::session::Session;
use super::{Batch, Error, Reader, Record, RecordError, Usage};

/// Writes to an org. Only `apply` is handed one.
#[derive(Clone)]
pub struct Writer(pub(super) Arc<Session>);

/// What became of one record.
pub type Answer = Result<RecordId, RecordError>;

/// The body of a call that creates or updates.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    all_or_none: bool,
    records: Vec<Typed<'a>>,
}

#[derive(Deserialize)]
pub(super) struct WireAnswer {
    id: Option<String>,
    success: bool,
    #[serde(default)]
    errors: Vec<WireError>,
}

impl Writer {
    /// Creates up to 200 records. Repeated only if the server has certainly not carried it out.
    pub async fn create(
        &self,
        object: &'static str,
        records: &[Record],
    ) -> Result<Vec<Answer>, Error> {
        self.write(&Batch::Create { object, records: records.to_vec() }).await
    }

    /// Updates up to 200 records. Values are absolute, so it may be repeated.
    pub async fn update(
        &self,
        object: &'static str,
        records: &[Record],
    ) -> Result<Vec<Answer>, Error> {
        self.write(&Batch::Update { object, records: records.to_vec() }).await
    }

    /// Deletes up to 200 records. Repeated only if the server has certainly not carried it out: the
    /// second answer would be that there is nothing to delete.
    pub async fn delete(&self, ids: &[RecordId]) -> Result<Vec<Answer>, Error> {
        self.write(&Batch::Delete { ids: ids.to_vec() }).await
    }

    /// Sends one batch.
    pub async fn write(&self, batch: &Batch) -> Result<Vec<Answer>, Error> {
        let url = self.0.at(&batch.path())?;
        let call = match batch.body() {
            Some(body) => Call::json(batch.method(), url, &body, batch.repeat())?,
            None => Call::delete(url, batch.repeat()),
        };
        self.0
            .exchange(&call, |reply| {
                let answers: Vec<WireAnswer> = reply.decode()?;
                read_all(answers, batch)
            })
            .await
    }

    /// What reads from the same org.
    pub fn reader(&self) -> Reader {
        Reader(Arc::clone(&self.0))
    }

    /// Calls made so far, and what the org has left.
    pub fn usage(&self) -> Usage {
        self.0.counter.usage()
    }
}

impl Batch {
    pub(super) fn path(&self) -> String {
        match self {
            Self::Create { .. } | Self::Update { .. } => "composite/sobjects".to_owned(),
            Self::Delete { ids } => {
                let list: Vec<&str> = ids.iter().map(RecordId::as_str).collect();
                format!("composite/sobjects?ids={}&allOrNone=false", list.join(","))
            }
        }
    }

    pub(super) const fn method(&self) -> Method {
        match self {
            Self::Create { .. } => Method::POST,
            Self::Update { .. } => Method::PATCH,
            Self::Delete { .. } => Method::DELETE,
        }
    }

    pub(super) fn body(&self) -> Option<Body<'_>> {
        let (Self::Create { object, records } | Self::Update { object, records }) = self else {
            return None;
        };
        let records = records.iter().map(|record| Typed { object, record }).collect();
        Some(Body { all_or_none: false, records })
    }

    pub(super) const fn repeat(&self) -> Repeat {
        match self {
            Self::Update { .. } => Repeat::Safe,
            Self::Create { .. } | Self::Delete { .. } => Repeat::IfNotDone,
        }
    }

    /// The ids that were sent, in order.
    fn sent(&self) -> Vec<Option<RecordId>> {
        match self {
            Self::Create { records, .. } | Self::Update { records, .. } => {
                records.iter().map(Record::id).collect()
            }
            Self::Delete { ids } => ids.iter().copied().map(Some).collect(),
        }
    }
}

/// Reads the answers to a batch, one for each record.
pub(super) fn read_all(answers: Vec<WireAnswer>, batch: &Batch) -> Result<Vec<Answer>, Error> {
    let sent = batch.sent();
    if answers.len() != sent.len() {
        return Err(Error::Unreadable(format!(
            "{} answers to {} records",
            answers.len(),
            sent.len()
        )));
    }
    answers.into_iter().zip(sent).map(|(answer, sent)| read(answer, sent)).collect()
}

fn read(answer: WireAnswer, sent: Option<RecordId>) -> Result<Answer, Error> {
    if answer.success {
        let id = match answer.id {
            Some(text) => RecordId::observed(&text).ok(),
            None => sent,
        };
        return id.map(Ok).ok_or_else(|| Error::Unreadable("a success without an id".to_owned()));
    }
    let error = answer.errors.into_iter().next().map_or_else(
        || RecordError {
            code: "UNKNOWN".to_owned(),
            message: "the record was refused without a reason".to_owned(),
            fields: Vec::new(),
        },
        RecordError::from,
    );
    Ok(Err(error))
}
