//! Queries with many rows, as Bulk API 2.0 jobs: the server prepares the whole result, and its pages
//! come several at a time.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Query Jobs": create, poll, result pages;
//! results must be asked for in the version of the job.

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::call::{Call, Repeat, Reply};
use super::session::Session;
use super::{Error, csv_row};

#[derive(Serialize)]
struct Create<'a> {
    operation: &'static str,
    query: &'a str,
}

/// A job, as far as we look.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) state: State,
    pub(super) error_message: Option<String>,
    #[serde(default)]
    pub(super) number_records_processed: Option<u64>,
}

/// Where a job stands.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pages {
    result_pages: Vec<Page>,
    // The guide's table and its sample differ.
    #[serde(alias = "nextRecordUrl")]
    next_records_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    result_url: String,
}

/// Every row that a statement finds.
pub(super) async fn rows<T: DeserializeOwned>(
    session: &Session,
    statement: &str,
) -> Result<Vec<T>, Error> {
    let body = Create { operation: "query", query: statement };
    let url = session.at("jobs/query")?;
    // A job that was made twice is read once; nothing else comes of it.
    let call = Call::json(Method::POST, url, &body, Repeat::Safe)?;
    let job: Job = session.exchange(&call, Reply::decode).await?;
    let path = format!("jobs/query/{}", job.id);
    let job = over(session, &path).await?;
    if job.state != State::JobComplete {
        return Err(failed(&job, false));
    }
    tracing::info!(job = ?job.id, rows = ?job.number_records_processed, "reading a Bulk job");
    let urls = result_urls(session, &path).await?;
    let pages: Vec<Vec<T>> = stream::iter(urls)
        .map(|url| async move {
            let call = Call::get_csv(session.url(&url)?);
            session.exchange(&call, |reply| page(reply)).await
        })
        .buffered(session.parallelism)
        .try_collect()
        .await?;
    let rows: Vec<T> = pages.into_iter().flatten().collect();
    let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    match job.number_records_processed {
        Some(promised) if promised != found => {
            Err(Error::Unreadable(format!("{found} rows of a job that has found {promised}")))
        }
        Some(_) | None => Ok(rows),
    }
}

/// Waits for the end of a job.
pub(super) async fn over(session: &Session, path: &str) -> Result<Job, Error> {
    let mut pause = session.pace.short;
    let longest = session.pace.short * 20;
    loop {
        let job: Job = session.get(&session.path(path)).await?;
        match job.state {
            State::JobComplete | State::Failed | State::Aborted => return Ok(job),
            State::Open | State::UploadComplete | State::InProgress | State::Unknown => {
                tokio::time::sleep(pause).await;
                pause = (pause * 3 / 2).min(longest);
            }
        }
    }
}

pub(super) fn failed(job: &Job, begun: bool) -> Error {
    Error::Job {
        id: job.id.clone(),
        state: format!("{:?}", job.state),
        message: job.error_message.clone().unwrap_or_else(|| "no reason is given".to_owned()),
        begun,
    }
}

/// A page of a result. It says how many rows it has, so half a page is noticed.
fn page<T: DeserializeOwned>(reply: &Reply) -> Result<Vec<T>, Error> {
    let rows = csv_row::read(&reply.body)?;
    let promised: Option<usize> =
        reply.header("sforce-numberofrecords").and_then(|text| text.parse().ok());
    match promised {
        Some(promised) if promised != rows.len() => {
            Err(Error::Unreadable(format!("{} rows on a page that has {promised}", rows.len())))
        }
        Some(_) | None => Ok(rows),
    }
}

async fn result_urls(session: &Session, path: &str) -> Result<Vec<String>, Error> {
    let mut urls = Vec::new();
    let mut next = Some(session.path(&format!("{path}/resultPages")));
    while let Some(url) = next {
        let pages: Pages = session.get(&url).await?;
        urls.extend(pages.result_pages.into_iter().map(|page| page.result_url));
        next = pages.next_records_url.filter(|later| *later != url);
    }
    Ok(urls)
}
