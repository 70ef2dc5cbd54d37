//! Whether a user file can hold what an org holds. Each says why not, as a fragment.

use crate::model::{UserField, Value};

use super::reader::Fault;
use super::source::is_secret_text;
use super::{reference, values};

/// Whether a field may be declared with this text.
pub fn value_fits(field: UserField, text: &str) -> Result<Value, String> {
    shown(text, values::value(field, text))
}

/// Whether a field without a key of its own may be declared with this text.
pub fn text_fits(text: &str) -> Result<(), String> {
    shown(text, values::custom_text(text).map(|_| ()))
}

/// Whether an account may be declared by this name.
pub fn account_fits(name: &str) -> Result<(), String> {
    shown(name, reference::account_name(name).map(|_| ()))
}

/// What looks like a secret is refused, wherever it stands.
fn shown<T>(text: &str, read: Result<T, Fault>) -> Result<T, String> {
    if is_secret_text(text) {
        return Err("it looks like a secret".to_owned());
    }
    read.map_err(|fault| fault.what)
}
