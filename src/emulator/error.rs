//! Errors in Salesforce's own shapes and words.
//! Source: REST API Developer Guide, "Status Codes and Error Responses".

use serde_json::{Value as Json, json};

/// A record that is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DmlError {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
}

impl DmlError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Vec::new() }
    }

    #[must_use]
    pub(super) fn on(mut self, field: &str) -> Self {
        self.fields.push(field.to_owned());
        self
    }

    /// The shape inside a Collections answer.
    pub(super) fn status_json(&self) -> Json {
        json!({ "statusCode": self.code, "message": self.message, "fields": self.fields })
    }

    /// The shape of a single row's answer.
    pub(super) fn error_json(&self) -> Json {
        json!({ "message": self.message, "errorCode": self.code, "fields": self.fields })
    }

    /// The HTTP status of a single row's answer.
    pub(super) fn status(&self) -> u16 {
        match self.code {
            "NOT_FOUND" | "ENTITY_IS_DELETED" => 404,
            _ => 400,
        }
    }
}

/// A request that is refused as a whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    pub(super) fn json(&self) -> Json {
        json!([{ "errorCode": self.code, "message": self.message }])
    }
}
