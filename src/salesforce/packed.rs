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

/// The answer to queries that all went well.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pages<T> {
    composite_response: Vec<Answered<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered<T> {
    body: Page<T>,
    http_status_code: u16,
}

/// Nearly always all is well, and rows are read at once; only otherwise parts are told apart first.
enum Packed<T> {
    Pages(Vec<Page<T>>),
    Parts(Vec<Subanswer>),
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
        let packed = self.0.exchange(&call, Packed::of).await?;
        if packed.len() != statements.len() {
            return Err(Error::Unreadable("a query without an answer".to_owned()));
        }
        let mut rows = Vec::new();
        for (page, statement) in packed.pages()?.into_iter().zip(statements) {
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

impl<T: DeserializeOwned> Packed<T> {
    fn of(reply: &Reply) -> Result<Self, Error> {
        if let Ok(answer) = reply.decode::<Pages<T>>()
            && answer.composite_response.iter().all(|one| one.http_status_code == 200)
        {
            let pages = answer.composite_response.into_iter().map(|one| one.body);
            return Ok(Self::Pages(pages.collect()));
        }
        let answer: CompositeAnswer = reply.decode()?;
        Ok(Self::Parts(answer.composite_response))
    }

    const fn len(&self) -> usize {
        match self {
            Self::Pages(pages) => pages.len(),
            Self::Parts(parts) => parts.len(),
        }
    }

    fn pages(self) -> Result<Vec<Page<T>>, Error> {
        match self {
            Self::Pages(pages) => Ok(pages),
            Self::Parts(parts) => parts.iter().map(Subanswer::page).collect(),
        }
    }
}

impl Subanswer {
    fn page<T: DeserializeOwned>(&self) -> Result<Page<T>, Error> {
        let text = self.body.get();
        if self.http_status_code != 200 {
            return Err(Error::answer(self.http_status_code, text.as_bytes()));
        }
        serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))
    }
}
