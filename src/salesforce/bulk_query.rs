//! Queries with many rows, as Bulk API 2.0 jobs: the server prepares the whole result, and its pages
//! come several at a time.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Query Jobs": create, poll, result pages;
//! results must be asked for in the version of the job.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt, stream};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, Repeat, Reply};
use super::csv_row::{Kind, Kinds};
use super::rows::{self, Keep};
use super::session::Session;
use super::{Describe, Error, FieldDescribe, FieldType, Soql};

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
    #[serde(default)]
    pub(super) number_records_failed: Option<u64>,
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

impl State {
    /// Whether nothing more will happen.
    pub(super) const fn is_over(&self) -> bool {
        match self {
            Self::JobComplete | Self::Failed | Self::Aborted => true,
            Self::Open | Self::UploadComplete | Self::InProgress | Self::Unknown => false,
        }
    }
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

/// Every row that a statement finds, which are about so many.
pub(super) async fn read<K: Keep>(
    session: &Session,
    query: &Soql,
    (statement, about): (&str, u64),
    keep: &Arc<K>,
) -> Result<Vec<K::Kept>, Error> {
    let kinds = &Arc::new(kinds(session, query).await?);
    let job = finished(session, statement, patience(session, about)).await?;
    tracing::info!(job = ?job.id, rows = ?job.number_records_processed, "reading a Bulk job");
    let pages = result_urls(session, &job)
        .map_ok(|url| async move {
            let call = Call::get_csv(session.url(&url)?);
            session
                .exchange_as_it_comes(&call, async |answer| page(answer, kinds, keep).await)
                .await
        })
        .try_buffered(session.parallelism);
    let mut pages = pin!(pages);
    let mut rows = room(job.number_records_processed);
    while let Some(page) = pages.try_next().await? {
        rows.extend(page);
    }
    let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    match job.number_records_processed {
        Some(promised) if promised != found => {
            Err(Error::Unreadable(format!("{found} rows of a job that has found {promised}")))
        }
        Some(_) | None => Ok(rows),
    }
}

/// Room for so many rows as are announced, within reason: growing step by step takes it twice.
fn room<T>(announced: Option<u64>) -> Vec<T> {
    const MOST: u64 = 2_000_000;
    Vec::with_capacity(usize::try_from(announced.unwrap_or(0).min(MOST)).unwrap_or(0))
}

/// How long a job of so many rows is waited for: jobs stand in a queue of the org.
fn patience(session: &Session, rows: u64) -> Duration {
    let pages = u32::try_from(rows.div_ceil(2000)).unwrap_or(u32::MAX);
    session.page_patience.saturating_mul(pages.max(FEW_PAGES))
}

/// As for so many pages even the smallest job is waited for.
const FEW_PAGES: u32 = 30;

/// A job that has found what a statement asks for.
async fn finished(session: &Session, statement: &str, patience: Duration) -> Result<Job, Error> {
    let body = Create { operation: "query", query: statement };
    let url = session.at("jobs/query")?;
    // A job that was made twice is read once; nothing else comes of it.
    let call = Call::json(Method::POST, url, &body, Repeat::Safe)?;
    let job: Job = session.exchange(&call, Reply::decode).await?;
    let job = over(session, &path(&job), patience).await?;
    if job.state == State::JobComplete { Ok(job) } else { Err(failed(&job, false)) }
}

fn path(job: &Job) -> String {
    format!("jobs/query/{}", job.id)
}

/// Waits for the end of a job, but not much longer than told.
pub(super) async fn over(session: &Session, path: &str, patience: Duration) -> Result<Job, Error> {
    let mut pause = session.pace.short;
    let longest = session.pace.short * 20;
    let mut waited = Duration::ZERO;
    loop {
        let job: Job = session.get(&session.path(path)).await?;
        if job.state.is_over() {
            return Ok(job);
        }
        if waited >= patience {
            return Err(Error::Job {
                id: job.id,
                state: format!("{:?}", job.state),
                message: format!("it was waited for {} seconds", waited.as_secs()),
                begun: false,
            });
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 3 / 2).min(longest);
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
async fn page<K: Keep>(
    answer: Answer,
    kinds: &Arc<Kinds>,
    keep: &Arc<K>,
) -> Result<Vec<K::Kept>, Error> {
    let promised: Option<u64> =
        answer.header("sforce-numberofrecords").and_then(|text| text.parse().ok());
    let rows = rows::of_csv(answer, kinds, keep, room(promised)).await?;
    match promised {
        Some(promised) if u64::try_from(rows.len()).ok() != Some(promised) => {
            Err(Error::Unreadable(format!("{} rows on a page that has {promised}", rows.len())))
        }
        Some(_) | None => Ok(rows),
    }
}

/// What the columns hold whose type only the org knows.
async fn kinds(session: &Session, query: &Soql) -> Result<Kinds, Error> {
    let mut known: BTreeMap<String, Describe> = BTreeMap::new();
    let mut kinds = Kinds::new();
    for column in query.named() {
        let (path, name) = column.rsplit_once('.').unwrap_or(("", column));
        let mut object = query.object().to_owned();
        for way in path.split('.').filter(|way| !way.is_empty()) {
            let leads = |field: &&FieldDescribe| {
                field.relationship_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(way))
            };
            let described = describe(session, &mut known, &object).await?;
            let parent = described.fields.iter().find(leads);
            let Some(next) = parent.and_then(|field| field.reference_to.first()) else { break };
            object.clone_from(next);
        }
        let described = describe(session, &mut known, &object).await?;
        let kind = match described.field(name).map(|field| &field.kind) {
            Some(FieldType::Boolean) => Kind::Boolean,
            Some(FieldType::Integer | FieldType::Decimal) => Kind::Number,
            Some(
                FieldType::Id
                | FieldType::Reference
                | FieldType::Text
                | FieldType::Email
                | FieldType::Phone
                | FieldType::Url
                | FieldType::Date
                | FieldType::DateTime
                | FieldType::Time
                | FieldType::Picklist
                | FieldType::MultiPicklist
                | FieldType::Other(_),
            )
            | None => Kind::Text,
        };
        kinds.insert(column.to_lowercase(), kind);
    }
    Ok(kinds)
}

async fn describe<'a>(
    session: &Session,
    known: &'a mut BTreeMap<String, Describe>,
    object: &str,
) -> Result<&'a Describe, Error> {
    if !known.contains_key(object) {
        let path = session.path(&format!("sobjects/{object}/describe"));
        let described = session.get(&path).await?;
        known.insert(object.to_owned(), described);
    }
    known.get(object).ok_or_else(|| Error::Query(format!("the object `{object}`")))
}

/// Where the pages of a result are. They are listed a few at a time, and can be fetched meanwhile.
fn result_urls(session: &Session, job: &Job) -> impl Stream<Item = Result<String, Error>> {
    let first = session.path(&format!("{}/resultPages", path(job)));
    let lists = stream::try_unfold(Some(first), async |next| {
        let Some(url) = next else { return Ok(None) };
        let pages: Pages = session.get(&url).await?;
        let later = pages.next_records_url.filter(|later| *later != url);
        let urls = pages.result_pages.into_iter().map(|page| Ok(page.result_url));
        Ok(Some((stream::iter(urls), later)))
    });
    lists.try_flatten()
}
