//! The side that writes: sObject Collections, up to 200 records a call, an answer for each.
//!
//! Source: REST API Developer Guide, "Use sObject Collections": `allOrNone` false, answers in the
//! order of the request, HTTP 200 even if every record was refused.

use std::sync::Arc;

use reqwest::RequestBuilder;
use serde::{Deserialize, Serialize};

use crate::model::RecordId;

use super::client::{Session, decode};
use super::error::WireError;
use super::record::Typed;
use super::{Error, Reader, Record, RecordError};

/// Writes to an org. Only `apply` is handed one.
#[derive(Clone)]
pub struct Writer(pub(super) Arc<Session>);

/// What became of one record.
pub(super) type Answer = Result<RecordId, RecordError>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    all_or_none: bool,
    records: Vec<Typed<'a>>,
}

#[derive(Deserialize)]
struct WireAnswer {
    id: Option<String>,
    success: bool,
    #[serde(default)]
    errors: Vec<WireError>,
}

impl Writer {
    /// Creates up to 200 records. Never repeated here: the caller knows whether that is safe.
    pub async fn create(
        &self,
        object: &'static str,
        records: &[Record],
    ) -> Result<Vec<Answer>, Error> {
        let request = self.0.http().post(self.0.url(&self.0.path("composite/sobjects"))?);
        let ids = records.iter().map(Record::id).collect();
        self.send(request.json(&body(object, records)), ids).await
    }

    /// Updates up to 200 records.
    pub async fn update(
        &self,
        object: &'static str,
        records: &[Record],
    ) -> Result<Vec<Answer>, Error> {
        let request = self.0.http().patch(self.0.url(&self.0.path("composite/sobjects"))?);
        let ids = records.iter().map(Record::id).collect();
        self.send(request.json(&body(object, records)), ids).await
    }

    /// Deletes up to 200 records.
    pub async fn delete(&self, ids: &[RecordId]) -> Result<Vec<Answer>, Error> {
        let list: Vec<&str> = ids.iter().map(RecordId::as_str).collect();
        let path = format!("composite/sobjects?ids={}&allOrNone=false", list.join(","));
        let request = self.0.http().delete(self.0.url(&self.0.path(&path))?);
        self.send(request, ids.iter().copied().map(Some).collect()).await
    }

    /// What reads from the same org.
    pub fn reader(&self) -> Reader {
        Reader(Arc::clone(&self.0))
    }

    async fn send(
        &self,
        request: RequestBuilder,
        sent: Vec<Option<RecordId>>,
    ) -> Result<Vec<Answer>, Error> {
        let body = self.0.send(request).await?;
        let answers: Vec<WireAnswer> = decode(&body)?;
        if answers.len() != sent.len() {
            return Err(Error::Unreadable(format!(
                "{} answers to {} records",
                answers.len(),
                sent.len()
            )));
        }
        answers.into_iter().zip(sent).map(|(answer, sent)| read(answer, sent)).collect()
    }
}

fn body<'a>(object: &'static str, records: &'a [Record]) -> Body<'a> {
    let typed = |record| Typed { object, record };
    Body { all_or_none: false, records: records.iter().map(typed).collect() }
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
