//! Errors in Salesforce's own shapes and words.
//! Source: REST API Developer Guide, "Status Codes and Error Responses".

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::id::Id;

/// A record that is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DmlError {
    pub(super) code: Cow<'static, str>,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
    duplicates: Option<Box<Duplicates>>,
}

/// The records that a new one is like.
#[derive(Clone, Debug, PartialEq)]
struct Duplicates {
    object: String,
    alert: bool,
    ids: Vec<Id>,
}

impl DmlError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), fields: Vec::new(), duplicates: None }
    }

    /// An error with a code that a seed has chosen.
    pub(super) fn coded(code: &str, message: &str) -> Self {
        Self { code: code.to_owned().into(), ..Self::new("", message) }
    }

    #[must_use]
    pub(super) fn duplicates(mut self, object: &str, alert: bool, ids: Vec<Id>) -> Self {
        self.duplicates = Some(Box::new(Duplicates { object: object.to_owned(), alert, ids }));
        self
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
        let mut json =
            json!({ "message": self.message, "errorCode": self.code, "fields": self.fields });
        if self.code == "INVALID_FIELD" || self.code == "JSON_PARSER_ERROR" {
            // Errors of the request rather than of the record carry no fields.
            if let Some(error) = json.as_object_mut() {
                error.remove("fields");
            }
        }
        if let Some(like) = &self.duplicates {
            // The key is misspelt by the platform, and clients rely on it.
            json["duplicateResut"] = like.json(&self.message);
        }
        json
    }

    /// The HTTP status of a single row's answer.
    pub(super) fn status(&self) -> u16 {
        match &*self.code {
            "NOT_FOUND" | "ENTITY_IS_DELETED" => 404,
            _ => 400,
        }
    }
}

impl Duplicates {
    fn json(&self, message: &str) -> Json {
        let object = &self.object;
        let record = |id: &Id| {
            json!({ "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
                "record": { "attributes": { "type": object }, "Id": id.to_string() } })
        };
        let rule = format!("Standard_{object}_Duplicate_Rule");
        json!({
            "allowSave": self.alert,
            "duplicateRule": rule,
            "duplicateRuleEntityType": object,
            "errorMessage": message,
            "matchResults": [{
                "entityType": object,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": self.ids.iter().map(record).collect::<Vec<_>>(),
                "rule": format!("Standard_{object}_Match_Rule"),
                "size": self.ids.len(),
                "success": true,
            }],
        })
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
