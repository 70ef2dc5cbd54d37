//! Who is signed in.
//!
//! `userinfo` needs no permission, but is not for every kind of session, and gateways hold it back.
//! The same is then read from the version's own resource, whose `identity` ends with the ids of the
//! org and the user. Sources: Salesforce Help, "The `UserInfo` Endpoint"; REST API Developer Guide,
//! "Resources by Version".

use serde::Deserialize;

use super::{Error, Filter, Reader, Soql};

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// The user's id.
    pub user_id: String,
    /// The user's username.
    pub username: String,
}

#[derive(Deserialize)]
struct OpenId {
    user_id: String,
    preferred_username: String,
}

#[derive(Deserialize)]
struct Root {
    identity: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    username: String,
}

impl Reader {
    /// Who is signed in.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        let refused = match self.0.get::<OpenId>("/services/oauth2/userinfo").await {
            Ok(known) => {
                return Ok(UserInfo { user_id: known.user_id, username: known.preferred_username });
            }
            Err(error) => error,
        };
        if !held_back(&refused) {
            return Err(refused);
        }
        tracing::info!(code = refused.code(), "userinfo is held back, the API itself is asked");
        let Ok(root) = self.0.get::<Root>(&self.0.path("")).await else { return Err(refused) };
        let Some(user_id) = user_of(&root.identity) else { return Err(refused) };
        let of =
            Soql::select(&["Username"], "User").filter(Filter::one_of("Id", vec![user_id.clone()]));
        let rows: Vec<Named> = self.query(&of).await?;
        let username = rows.into_iter().next().ok_or(refused)?.username;
        Ok(UserInfo { user_id, username })
    }
}

/// Whether the server has an answer for others, or none for anybody.
fn held_back(error: &Error) -> bool {
    matches!(
        error,
        Error::Api { status: 403..=405, .. }
            | Error::Foreign { status: 403..=405, .. }
            | Error::Unreadable(_)
    )
}

/// The user in an identity URL, `https://login.salesforce.com/id/ORG/USER`.
fn user_of(identity: &str) -> Option<String> {
    let (_, user) = identity.trim_end_matches('/').rsplit_once('/')?;
    user.starts_with("005").then(|| user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::user_of;

    #[test]
    fn an_identity_url_ends_with_the_user() {
        let url = "https://login.salesforce.com/id/00D5e000000AbCdEAF/0055e000003XyZaAAK";
        assert_eq!(user_of(url).as_deref(), Some("0055e000003XyZaAAK"));
        assert_eq!(user_of("https://login.salesforce.com/id/00D5e000000AbCdEAF"), None);
        assert_eq!(user_of(""), None);
    }
}
