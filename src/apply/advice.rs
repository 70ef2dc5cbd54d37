//! What to do about the refusals that people meet most, by the server's own code and, where the
//! code is a generic one, its text.

/// Advice on a refusal, if there is any.
pub(super) fn on(code: &str, message: &str) -> Option<&'static str> {
    let says = |text: &str| message.to_lowercase().contains(text);
    Some(match code {
        "UNKNOWN_EXCEPTION" if says("must have a role") => {
            "give the account's owner a role, or change the account's owner"
        }
        "UNKNOWN_EXCEPTION" if says("group membership operation") => {
            "another role or sharing job is running: apply again later"
        }
        "UNABLE_TO_LOCK_ROW" => "the record was locked by another change: apply again",
        "LICENSE_LIMIT_EXCEEDED" => {
            "no seat was left: deactivate others who have this licence, or buy seats"
        }
        "DUPLICATE_USERNAME" => {
            "the username is taken, perhaps in another Salesforce org: choose another, it need not equal the e-mail address"
        }
        "DUPLICATE_COMM_NICKNAME" => "choose another `nickname`, or leave the key out",
        "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT" => {
            "the contact has a user already: run `portalctl plan` to see who"
        }
        "FIELD_INTEGRITY_EXCEPTION" if says("standard external profiles") => {
            "clone the profile and declare the clone, or allow standard external profiles in Setup"
        }
        "FIELD_CUSTOM_VALIDATION_EXCEPTION" => "a validation rule of the org refused the value",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" | "MIXED_DML_OPERATION" => {
            "an automation in the org (a trigger or flow) caused this: show it to an administrator"
        }
        "DUPLICATES_DETECTED" => {
            "a duplicate rule matched: name the right contact by `contact = { id = \"003…\" }`"
        }
        "INSUFFICIENT_ACCESS_OR_READONLY" | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
            "the login lacks a permission: it needs Manage External Users and access to the account and contact"
        }
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" => {
            "the org does not have this value: it may have to be enabled in Setup"
        }
        _ => return None,
    })
}
