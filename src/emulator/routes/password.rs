//! The password of a user.
//! Source: REST API Developer Guide, "sObject User Password": GET tells whether it has expired,
//! POST sets it, DELETE resets it, mails a link and answers a temporary one.

use serde_json::json;

use super::{Answer, ApiError, Call, World, wrong_method};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::store::MailKind;
use crate::emulator::value::Value;

pub(super) fn answer(world: &mut World, call: &Call, id: &str) -> Answer {
    let id = Id::parse(id).filter(|id| world.org.row(Object::USER, *id).is_some());
    let Some(id) = id else { return ApiError::not_found().into() };
    match call.method.as_str() {
        "GET" | "HEAD" => Answer::json(200, &json!({ "isExpired": false })),
        "POST" => match call.object() {
            Ok(body) => set(body.get("NewPassword").and_then(|text| text.as_str())),
            Err(error) => error.into(),
        },
        "DELETE" => {
            world.org.password_changed(id);
            world.org.mail(MailKind::Reset, id, None);
            let row = world.org.row(Object::USER, id);
            let name = row.map(|row| world.org.value_of(Object::USER, row, "Name"));
            let name = name.as_ref().and_then(Value::as_text).unwrap_or_default();
            let text = format!("Reset password for user {name}");
            world.org.audit("resetpassword", "Manage Users", &text);
            // Made up, and different for each user so that a leak can be traced.
            Answer::json(200, &json!({ "NewPassword": format!("Tmp{}x9", id.short()) }))
        }
        method => wrong_method(method, "DELETE,GET,HEAD,POST"),
    }
}

fn set(password: Option<&str>) -> Answer {
    let password = password.unwrap_or_default();
    let mixed = password.chars().any(char::is_alphabetic) && password.chars().any(char::is_numeric);
    if password.chars().count() < 8 || !mixed {
        let message = "Your password must have a mix of letters and numbers.";
        return ApiError::new(400, "INVALID_NEW_PASSWORD", message).into();
    }
    Answer::empty(204)
}
