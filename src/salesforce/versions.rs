//! Which API version to speak.
//!
//! Source: REST API Developer Guide, "Versions": listed without a token, oldest first.

use std::time::Instant;

use reqwest::Url;
use serde::Deserialize;

use crate::model::ApiVersion;

use super::Error;
use super::call::{Repeat, Reply};
use super::http::is_loopback;
use super::retry::{self, Failed, Pace};

/// An entry of `/services/data`.
#[derive(Deserialize)]
pub(super) struct Offered {
    version: String,
}

/// Asks which versions there are. The token is not needed, and not sent.
pub(super) async fn offered(http: &reqwest::Client, base: &Url) -> Result<Vec<Offered>, Error> {
    let url = base.join("/services/data/").map_err(|error| Error::Setup(error.to_string()))?;
    let pace = if is_loopback(base) { Pace::LOOPBACK } else { Pace::NETWORK };
    let mut attempt = 1;
    loop {
        let error = match once(http, &url).await {
            Ok(list) => return Ok(list),
            Err(error) => error,
        };
        let failed = Failed { attempt, error: &error, repeat: Repeat::Safe, retry_after: None };
        let Some(pause) = retry::wait(&failed, pace, 0.5) else { return Err(error) };
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

async fn once(http: &reqwest::Client, url: &Url) -> Result<Vec<Offered>, Error> {
    let started = Instant::now();
    let lost = |error| Error::transport(url.authority(), &error);
    let answer = http.get(url.clone()).send().await.map_err(lost)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(lost)?;
    let took = started.elapsed().as_millis();
    tracing::debug!("GET {} {} {took} ms", url.path(), status.as_str());
    if !status.is_success() {
        return Err(Error::answer(status.as_u16(), &body));
    }
    Reply { status: status.as_u16(), body }.decode()
}

/// The wanted version if the org knows it, else the newest that both sides know.
pub(super) fn choose(offered: &[Offered], wanted: Option<ApiVersion>) -> Result<ApiVersion, Error> {
    let known: Vec<ApiVersion> =
        offered.iter().filter_map(|entry| ApiVersion::parse(&entry.version).ok()).collect();
    let chosen = match wanted {
        Some(wanted) => known.iter().find(|version| **version == wanted),
        None => known
            .iter()
            .filter(|version| (ApiVersion::OLDEST..=ApiVersion::NEWEST).contains(version))
            .max(),
    };
    chosen.copied().ok_or_else(|| Error::Version {
        offered: range(&known),
        wanted: wanted.map_or_else(
            || format!("{} to {}", ApiVersion::OLDEST, ApiVersion::NEWEST),
            |wanted| wanted.to_string(),
        ),
    })
}

fn range(versions: &[ApiVersion]) -> String {
    match (versions.iter().min(), versions.iter().max()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(only), _) => only.to_string(),
        (None, _) => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(versions: &[&str]) -> Vec<Offered> {
        versions.iter().map(|version| Offered { version: (*version).to_owned() }).collect()
    }

    #[test]
    fn the_newest_version_that_both_know_is_spoken() {
        assert_eq!(choose(&offered(&["58.0", "60.0"]), None).unwrap(), ApiVersion(60));
        assert_eq!(choose(&offered(&["66.0", "68.0", "70.0"]), None).unwrap(), ApiVersion(68));
        assert_eq!(
            choose(&offered(&["60.0", "61.0"]), Some(ApiVersion(60))).unwrap(),
            ApiVersion(60)
        );
    }

    #[test]
    fn no_common_version_is_an_error_that_says_what_there_is() {
        let error = choose(&offered(&["40.0", "41.0"]), None).err().unwrap().to_string();
        assert_eq!(error, "the org knows API versions 40.0 to 41.0, this program 58.0 to 68.0");
        assert!(choose(&offered(&["66.0"]), Some(ApiVersion(67))).is_err());
        assert!(choose(&[], None).is_err());
    }
}
