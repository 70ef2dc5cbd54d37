//! Signing in and out, and who one is.

mod identity;
mod token;

use serde_json::json;

use super::{Answer, ApiError, Call, World, pairs};

pub(super) use identity::{identity, identity_url, user_info};
pub(super) use token::{revoke, token};

/// An error in the shape of OAuth endpoints: one object, not a list.
pub(in crate::emulator) fn refused(error: &str, description: &str) -> Answer {
    Answer::json(400, &json!({ "error": error, "error_description": description })).uncounted()
}

/// The answer to a session that is not good, at the endpoints that speak for OAuth.
fn bad_token() -> Answer {
    let mut answer = Answer::html(403, "Bad_OAuth_Token");
    answer.kind = Some("text/plain;charset=UTF-8");
    answer
}
