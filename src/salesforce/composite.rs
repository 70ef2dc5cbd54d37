//! Several Collections calls in one request: one API call for up to 1,000 records.
//!
//! Source: REST API Developer Guide, "Composite": at most 25 subrequests, of which at most 5 are
//! Collections calls; the whole answers 200 whatever happens inside; `@{…}` in a body or URL is a
//! reference to an earlier answer.

use std::collections::HashMap;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::RecordId;

use super::call::{Call, Repeat, Reply};
use super::collections::{Answer, Body, WireAnswer, read_all};
use super::{Error, Record, Writer};

/// Up to 200 records for one Collections call, all of one object.
#[derive(Clone, Debug, PartialEq)]
pub enum Batch {
    /// Records to make.
    Create {
        /// The object, by API name.
        object: &'static str,
        /// Records without an id.
        records: Vec<Record>,
    },
    /// Records to change.
    Update {
        /// The object, by API name.
        object: &'static str,
        /// Records with an id.
        records: Vec<Record>,
    },
    /// Records to remove.
    Delete {
        /// Their ids.
        ids: Vec<RecordId>,
    },
}

impl Batch {
    /// Most records of a batch.
    pub const RECORDS: usize = 200;

    /// Whether a value would be taken for a reference to another answer.
    fn has_reference(&self) -> bool {
        let is_reference = |record: &Record| {
            record.fields().any(|(_, value)| value.text().is_some_and(|text| text.contains("@{")))
        };
        match self {
            Self::Create { records, .. } | Self::Update { records, .. } => {
                records.iter().any(is_reference)
            }
            Self::Delete { .. } => false,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Composite<'a> {
    all_or_none: bool,
    // Otherwise neighbours of a kind become one transaction, and one's failure the other's.
    collate_subrequests: bool,
    composite_request: Vec<Subrequest<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subrequest<'a> {
    method: &'a str,
    url: String,
    reference_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompositeAnswer {
    composite_response: Vec<Subanswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subanswer {
    body: Option<Box<RawValue>>,
    http_status_code: u16,
    reference_id: Option<String>,
}

impl Writer {
    /// Most batches of one request.
    pub const BATCHES: usize = 5;

    /// Sends batches, five to a request, one request after the other, and gives the answers batch by
    /// batch. Each batch is a transaction of its own and has a fate of its own.
    ///
    /// After a failure that ends the work the rest is not sent: each such batch gets `None`.
    pub async fn write_all(&self, batches: &[Batch]) -> Vec<Option<Result<Vec<Answer>, Error>>> {
        let mut answers = Vec::with_capacity(batches.len());
        for group in groups(batches) {
            let over = |answer: &Option<Result<_, Error>>| match answer {
                Some(Err(error)) => error.ends_the_work(),
                Some(Ok(_)) | None => false,
            };
            if answers.iter().any(over) {
                answers.extend(group.iter().map(|_| None));
                continue;
            }
            match group {
                [single] => answers.push(Some(self.write(single).await)),
                several => answers.extend(self.composite(several).await.into_iter().map(Some)),
            }
        }
        answers
    }

    async fn composite(&self, batches: &[Batch]) -> Vec<Result<Vec<Answer>, Error>> {
        match self.send_composite(batches).await {
            Ok(mut found) => batches
                .iter()
                .enumerate()
                .map(|(at, batch)| match found.remove(&reference(at)) {
                    Some(answer) => answer.read(batch),
                    None => Err(Error::Unreadable("a batch without an answer".to_owned())),
                })
                .collect(),
            // What befell the request befell each of its batches.
            Err(error) => batches.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn send_composite(&self, batches: &[Batch]) -> Result<HashMap<String, Subanswer>, Error> {
        let subrequest = |(at, batch): (usize, &'_ Batch)| -> (usize, String) {
            (at, self.0.path(&batch.path()))
        };
        let urls = batches.iter().enumerate().map(subrequest);
        let methods: Vec<Method> = batches.iter().map(Batch::method).collect();
        let composite_request = urls
            .zip(batches.iter().zip(&methods))
            .map(|((at, url), (batch, method))| Subrequest {
                method: method.as_str(),
                url,
                reference_id: reference(at),
                body: batch.body(),
            })
            .collect();
        let body = Composite { all_or_none: false, collate_subrequests: false, composite_request };
        let safe = batches.iter().all(|batch| batch.repeat() == Repeat::Safe);
        let repeat = if safe { Repeat::Safe } else { Repeat::IfNotDone };
        let call = Call::json(Method::POST, self.0.at("composite")?, &body, repeat)?;
        let answer: CompositeAnswer = self.0.exchange(&call, Reply::decode).await?;
        let named = |one: Subanswer| Some((one.reference_id.clone()?, one));
        Ok(answer.composite_response.into_iter().filter_map(named).collect())
    }
}

impl Subanswer {
    fn read(self, batch: &Batch) -> Result<Vec<Answer>, Error> {
        let text = self.body.as_deref().map_or("", RawValue::get);
        if !(200..300).contains(&self.http_status_code) {
            return Err(Error::answer(self.http_status_code, text.as_bytes()));
        }
        let answers: Vec<WireAnswer> =
            serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))?;
        read_all(answers, batch)
    }
}

/// The name of a subrequest.
fn reference(at: usize) -> String {
    format!("batch{at}")
}

/// Batches that go into one request. One with something like a reference goes alone, as a plain
/// Collections call, where it is text like any other.
fn groups(batches: &[Batch]) -> Vec<&[Batch]> {
    let mut groups = Vec::new();
    let mut rest = batches;
    while !rest.is_empty() {
        let plain = rest.iter().take_while(|batch| !batch.has_reference()).count();
        let (group, later) = rest.split_at(plain.clamp(1, Writer::BATCHES));
        groups.push(group);
        rest = later;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::FieldValue;
    use super::*;

    fn batch(text: &str) -> Batch {
        let record = Record::new().set("LastName", FieldValue::Text(text.to_owned()));
        Batch::Create { object: "Contact", records: vec![record] }
    }

    #[test]
    fn five_batches_go_into_a_request_and_what_looks_like_a_reference_goes_alone() {
        let mut batches: Vec<Batch> = (0..12).map(|n| batch(&n.to_string())).collect();
        let sizes = |batches: &[Batch]| -> Vec<usize> {
            groups(batches).iter().map(|group| group.len()).collect()
        };
        assert_eq!(sizes(&batches), [5, 5, 2]);
        batches[1] = batch("@{a.id}");
        assert_eq!(sizes(&batches), [1, 1, 5, 5]);
        assert!(groups(&[]).is_empty());
    }
}
