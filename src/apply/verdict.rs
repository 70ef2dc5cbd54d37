//! What an answer to one record means, and what follows from it.
//!
//! The same code can mean opposite things: `UNKNOWN_EXCEPTION` is both "the account's owner has no
//! role", which stays so, and "another group operation is running", which passes. The text decides.
//! Sources: Salesforce Help, article 000385901 (owner's role); "Designing Record Access for
//! Enterprise Scale", group membership locking; SOAP API Developer Guide, "Core Data Types",
//! `StatusCode`; Apex Developer Guide, "Bulk DML Exception Handling" (batch retries).

use crate::model::AccessKind;
use crate::salesforce::RecordError;

use super::payload;

/// What kind of write a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// A new record of an object.
    Create(&'static str),
    /// Other values for a record of an object.
    Update(&'static str),
    /// A record ends.
    Delete,
}

/// What follows from a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What was wanted is true already.
    Done,
    /// Somebody was in the way for the moment: try again.
    Again,
    /// The record may exist already, made by a request whose answer was lost or by another run: ask
    /// the org.
    Ask,
    /// It will be refused again.
    Refused,
}

impl Write {
    /// Whether it gives something to a user.
    pub(super) fn gives(self) -> bool {
        let given = |object| AccessKind::ALL.map(payload::holding_object).contains(&object);
        matches!(self, Self::Create(object) if given(object))
    }

    /// What a refusal of such a record means.
    pub(super) fn verdict(self, error: &RecordError) -> Verdict {
        if passes(error) {
            return Verdict::Again;
        }
        match (self, error.code.as_str()) {
            (Self::Create(_), "DUPLICATE_VALUE") if self.gives() => Verdict::Done,
            (Self::Delete, "ENTITY_IS_DELETED" | "INVALID_CROSS_REFERENCE_KEY" | "NOT_FOUND") => {
                Verdict::Done
            }
            (
                Self::Create("User"),
                "DUPLICATE_USERNAME" | "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
            ) => Verdict::Ask,
            _ => Verdict::Refused,
        }
    }
}

/// Whether a refusal is one of the moment.
fn passes(error: &RecordError) -> bool {
    let message = error.message.to_lowercase();
    match error.code.as_str() {
        "UNABLE_TO_LOCK_ROW" | "TXN_SECURITY_METERING_ERROR" => true,
        "UNKNOWN_EXCEPTION" => message.contains("group membership operation already in progress"),
        _ => {
            message.contains("could not acquire lock")
                || message.contains("too many batch retries in the presence of apex triggers")
                || message.contains("unable to obtain exclusive access")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> RecordError {
        RecordError { code: code.to_owned(), message: message.to_owned(), fields: Vec::new() }
    }

    #[test]
    fn locks_pass_and_a_missing_role_stays() {
        let create = Write::Create("User");
        for (code, message) in [
            ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records"),
            ("UNKNOWN_EXCEPTION", "group membership operation already in progress"),
            ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "x: unable to obtain exclusive access to y"),
            ("UNKNOWN_EXCEPTION_X", "Could not acquire lock"),
            (
                "UNKNOWN",
                "Too many batch retries in the presence of Apex triggers and partial failures.",
            ),
        ] {
            assert_eq!(create.verdict(&error(code, message)), Verdict::Again, "{code} {message}");
        }
        let role = error("UNKNOWN_EXCEPTION", "portal account owner must have a role");
        assert_eq!(create.verdict(&role), Verdict::Refused);
    }

    #[test]
    fn what_is_true_already_is_done_where_nothing_else_is_meant() {
        let duplicate = error("DUPLICATE_VALUE", "Duplicate PermissionSetAssignment.");
        assert_eq!(Write::Create("PermissionSetAssignment").verdict(&duplicate), Verdict::Done);
        assert_eq!(Write::Create("User").verdict(&duplicate), Verdict::Refused);
        assert_eq!(Write::Update("User").verdict(&duplicate), Verdict::Refused);
        let gone = error("ENTITY_IS_DELETED", "entity is deleted");
        assert_eq!(Write::Delete.verdict(&gone), Verdict::Done);
        assert_eq!(Write::Update("Contact").verdict(&gone), Verdict::Refused);
        let taken = error("DUPLICATE_USERNAME", "Duplicate Username.");
        assert_eq!(Write::Create("User").verdict(&taken), Verdict::Ask);
        assert_eq!(Write::Update("User").verdict(&taken), Verdict::Refused);
    }
}
