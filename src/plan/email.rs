//! What an address in the files means in this org: sandboxes append `.invalid` to copied addresses
//! so that nobody is mailed from them.
//!
//! Source: Salesforce Help, "Sandboxes: User and Contact Considerations".

use std::borrow::Cow;

use crate::model::EmailPolicy;

const INVALID: &str = ".invalid";

/// The address that is written when a user or contact is created.
pub(super) fn created(policy: EmailPolicy, declared: &str) -> Cow<'_, str> {
    match policy {
        EmailPolicy::AsDeclared => Cow::Borrowed(declared),
        EmailPolicy::KeepInvalid | EmailPolicy::AppendInvalid => with_invalid(declared),
    }
}

/// The address that replaces another one.
pub(super) fn updated(policy: EmailPolicy, declared: &str) -> Cow<'_, str> {
    match policy {
        EmailPolicy::AsDeclared | EmailPolicy::KeepInvalid => Cow::Borrowed(declared),
        EmailPolicy::AppendInvalid => with_invalid(declared),
    }
}

/// Whether the org's address needs no change.
pub(super) fn settled(policy: EmailPolicy, declared: &str, observed: &str) -> bool {
    let observed = observed.trim();
    if policy != EmailPolicy::AppendInvalid && observed.eq_ignore_ascii_case(declared) {
        return true;
    }
    let observed = observed.to_lowercase();
    match policy {
        EmailPolicy::AsDeclared => observed == declared.to_lowercase(),
        EmailPolicy::KeepInvalid => {
            observed.ends_with(INVALID) || observed == declared.to_lowercase()
        }
        EmailPolicy::AppendInvalid => observed == with_invalid(declared).to_lowercase(),
    }
}

/// The addresses, in lower case, by which a person's contact may be found.
pub(super) fn lookups(policy: EmailPolicy, declared: &str) -> Vec<String> {
    let mut found = vec![declared.to_lowercase()];
    if policy != EmailPolicy::AsDeclared {
        found.push(with_invalid(declared).to_lowercase());
        found.dedup();
    }
    found
}

/// The address that a file holds for one of the org.
pub(crate) fn bare(policy: EmailPolicy, observed: &str) -> &str {
    let observed = observed.trim();
    if policy == EmailPolicy::AsDeclared || !is_invalid(observed) {
        return observed;
    }
    observed.get(..observed.len() - INVALID.len()).unwrap_or(observed)
}

/// Whether mail to an address goes nowhere.
pub(super) fn is_invalid(address: &str) -> bool {
    let end = address.len().checked_sub(INVALID.len()).and_then(|at| address.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(INVALID))
}

fn with_invalid(declared: &str) -> Cow<'_, str> {
    if is_invalid(declared) {
        Cow::Borrowed(declared)
    } else {
        Cow::Owned(format!("{declared}{INVALID}"))
    }
}
