//! Bulk API 2.0 jobs that are under way.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Information About All Ingest Jobs".

use std::time::Duration;

use serde::Deserialize;

use super::bulk_query::{self, Job, State};
use super::{Error, Reader};

/// A job that writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningJob {
    /// Its id, as Setup lists it.
    pub id: String,
    /// The object it writes, by API name.
    pub object: String,
}

/// Most pages of the list that are looked at.
const PAGES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    records: Vec<Listed>,
    next_records_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(flatten)]
    job: Job,
    object: String,
    created_by_id: Option<String>,
}

impl Reader {
    /// Jobs of this login's that write to one of these objects and are not over.
    pub async fn running_jobs(&self, objects: &[&str]) -> Result<Vec<RunningJob>, Error> {
        let mut found = Vec::new();
        let mut next = Some(self.0.path("jobs/ingest?jobType=V2Ingest"));
        for _ in 0..PAGES {
            let Some(url) = next else { break };
            let page: Page = self.0.get(&url).await?;
            found.extend(page.records.into_iter().filter(|one| one.is_at_work(objects)));
            next = page.next_records_url.filter(|later| *later != url);
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let own = self.user_info().await?.user_id;
        found.retain(|one| one.created_by_id.as_deref().is_some_and(|by| is_same(by, &own)));
        let running = |one: Listed| RunningJob { id: one.job.id, object: one.object };
        Ok(found.into_iter().map(running).collect())
    }

    /// Waits for the end of a job.
    pub async fn job_over(&self, job: &RunningJob) -> Result<(), Error> {
        bulk_query::over(&self.0, &format!("jobs/ingest/{}", job.id), Duration::MAX)
            .await
            .map(|_| ())
    }
}

impl Listed {
    fn is_at_work(&self, objects: &[&str]) -> bool {
        let is_wanted = objects.iter().any(|object| self.object.eq_ignore_ascii_case(object));
        // One that was never closed does nothing.
        is_wanted && !self.job.state.is_over() && self.job.state != State::Open
    }
}

/// Ids have 15 letters, and three more that only check them.
fn is_same(one: &str, other: &str) -> bool {
    matches!((one.get(..15), other.get(..15)), (Some(one), Some(other)) if one == other)
}
