//! Which API version to speak.
//!
//! Source: REST API Developer Guide, "Versions": listed without a token, oldest first.

use serde::Deserialize;

use crate::model::ApiVersion;

use super::Error;

/// An entry of `/services/data`.
#[derive(Deserialize)]
pub(super) struct Offered {
    version: String,
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
