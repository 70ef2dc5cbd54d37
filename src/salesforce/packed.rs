//! Several statements of one query in one call.
//!
//! Source: REST API Developer Guide, "Composite": the whole counts as one call; at most 25
//! subrequests, of which at most 5 are queries or Collections calls.

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::call::{Call, Repeat, Reply};
use super::query::{append, url};
use super::{Error, Reader, Soql};

/// The most queries of one call.
const QUERIES: usize = 5;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Composite {
    all_or_none: bool,
    composite_request: Vec<Subrequest>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subrequest {
    method: &'static str,
    url: String,
    reference_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompositeAnswer {
    composite_response: Vec<Subanswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subanswer {
    body: Box<RawValue>,
    http_status_code: u16,
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default)]
    done: Option<bool>,
    records: Vec<T>,
}

impl Reader {
    /// Every row that a query finds. Where its lists do not fit one URL, five statements go in one
    /// call: for long lists of which each value has few rows.
    pub async fn query_packed<T>(&self, query: &Soql) -> Result<Vec<T>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let statements = query.statements()?;
        if statements.len() < 2 {
            return self.query(query).await;
        }
        let mut parts = stream::iter(statements.chunks(QUERIES))
            .map(|group| self.pack(query, group))
            .buffered(self.0.parallelism);
        let mut rows = Vec::new();
        while let Some(part) = parts.try_next().await? {
            append(&mut rows, part);
        }
        Ok(rows)
    }

    async fn pack<T>(&self, query: &Soql, statements: &[String]) -> Result<Vec<T>, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let subrequest = |(at, statement): (usize, &String)| Subrequest {
            method: "GET",
            url: url::query(&self.0.path("query"), statement),
            reference_id: format!("q{at}"),
        };
        let composite_request = statements.iter().enumerate().map(subrequest).collect();
        let body = Composite { all_or_none: false, composite_request };
        let call = Call::json(Method::POST, self.0.at("composite")?, &body, Repeat::Safe)?;
        let answer: CompositeAnswer = self.0.exchange(&call, Reply::decode).await?;
        if answer.composite_response.len() != statements.len() {
            return Err(Error::Unreadable("a query without an answer".to_owned()));
        }
        let mut rows = Vec::new();
        for (one, statement) in answer.composite_response.iter().zip(statements) {
            let text = one.body.get();
            if one.http_status_code != 200 {
                return Err(Error::answer(one.http_status_code, text.as_bytes()));
            }
            let page: Page<T> =
                serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))?;
            // More rows than a page holds are read by themselves.
            let part = match page.done {
                Some(false) => self.alone(query, statement).await?,
                Some(true) | None => page.records,
            };
            append(&mut rows, part);
        }
        Ok(rows)
    }
}
