//! The life of a user as a table: what the org holds × what the files want.

use crate::model::{DeclaredState, DesiredUser, Today};

use super::change::Reason;

/// What the org holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No such user.
    Absent,
    /// A user who can sign in.
    Active,
    /// An active user who is frozen.
    Frozen,
    /// An inactive user, frozen or not.
    Inactive {
        /// Whether a freeze would outlast a reactivation.
        frozen: bool,
    },
    /// A user whose portal access was switched off for good, who still has the username.
    Disabled,
}

/// What the files want today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Active; unfrozen too, if it is written down.
    Active {
        /// `state = "active"`.
        unfreeze: bool,
    },
    /// Frozen.
    Frozen,
    /// Inactive.
    Inactive,
}

/// What has to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing, and nothing about the user is compared.
    Leave,
    /// A new user.
    Create,
    /// The user stays as they are; their values are compared.
    Keep,
    /// Deactivation, and nothing else.
    Deactivate,
    /// A freeze; values are compared.
    Freeze,
    /// Reactivation; values are compared.
    Reactivate {
        /// Whether a freeze is lifted as well.
        unfreeze: bool,
    },
    /// A freeze is lifted; values are compared.
    Unfreeze,
    /// Nothing: it cannot be done.
    Refuse,
}

/// What a declaration wants on a day, and why.
pub(super) fn wanted(user: &DesiredUser, today: Today) -> (Wanted, Reason) {
    match user.state {
        DeclaredState::Inactive => return (Wanted::Inactive, Reason::State),
        DeclaredState::Unstated | DeclaredState::Active | DeclaredState::Frozen => {}
    }
    // Few have dates, and to look up the day of a zone takes longer than all else here.
    if user.expires.or(user.starts).is_some() {
        let day = today.in_zone(&user.shared.zone);
        if user.expires.is_some_and(|last| day > last) {
            return (Wanted::Inactive, Reason::Expired);
        }
        if user.starts.is_some_and(|first| day < first) {
            return (Wanted::Inactive, Reason::NotStarted);
        }
    }
    match user.state {
        DeclaredState::Frozen => (Wanted::Frozen, Reason::State),
        DeclaredState::Active => (Wanted::Active { unfreeze: true }, Reason::State),
        DeclaredState::Unstated | DeclaredState::Inactive => {
            (Wanted::Active { unfreeze: false }, Reason::Declared)
        }
    }
}

/// The table. Before `starts` and after `expires` a user is to be inactive; `""` is no `state`.
///
/// | in the org | `""` | `"active"` | `"frozen"` | `"inactive"`, before, after |
/// |---|---|---|---|---|
/// | absent | create | create | leave | leave |
/// | active | keep | keep | freeze | deactivate |
/// | frozen | keep | unfreeze | keep | deactivate |
/// | inactive | reactivate | reactivate, unfreeze | leave | leave |
/// | disabled | refuse | refuse | leave | leave |
///
/// Sources: Salesforce Help, "Freeze or Unfreeze User Accounts" (a frozen user keeps the seat) and
/// "Disable or Deactivate an Experience Cloud User" (a disabled one cannot be reactivated).
pub(super) const fn step(found: Found, wanted: Wanted) -> Step {
    match (found, wanted) {
        (Found::Absent, Wanted::Active { .. }) => Step::Create,
        (
            Found::Absent | Found::Inactive { .. } | Found::Disabled,
            Wanted::Inactive | Wanted::Frozen,
        ) => Step::Leave,
        (Found::Active, Wanted::Active { .. })
        | (Found::Frozen, Wanted::Frozen | Wanted::Active { unfreeze: false }) => Step::Keep,
        (Found::Active | Found::Frozen, Wanted::Inactive) => Step::Deactivate,
        (Found::Active, Wanted::Frozen) => Step::Freeze,
        (Found::Frozen, Wanted::Active { unfreeze: true }) => Step::Unfreeze,
        (Found::Inactive { frozen }, Wanted::Active { unfreeze }) => {
            Step::Reactivate { unfreeze: frozen && unfreeze }
        }
        (Found::Disabled, Wanted::Active { .. }) => Step::Refuse,
    }
}

/// Whether somebody can sign in if and only if the files want it. Whoever is frozen without a word of
/// the files is left so, and cannot.
pub(super) const fn agrees(found: Found, wanted: Wanted) -> bool {
    match step(found, wanted) {
        Step::Leave => true,
        Step::Keep => {
            matches!((found, wanted), (Found::Frozen, Wanted::Frozen) | (Found::Active, _))
        }
        Step::Create
        | Step::Deactivate
        | Step::Freeze
        | Step::Reactivate { .. }
        | Step::Unfreeze
        | Step::Refuse => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: [(&str, Found); 6] = [
        ("absent", Found::Absent),
        ("active", Found::Active),
        ("frozen", Found::Frozen),
        ("inactive", Found::Inactive { frozen: false }),
        ("inactive and frozen", Found::Inactive { frozen: true }),
        ("disabled", Found::Disabled),
    ];

    const WANTED: [Wanted; 4] = [
        Wanted::Active { unfreeze: false },
        Wanted::Active { unfreeze: true },
        Wanted::Frozen,
        Wanted::Inactive,
    ];

    #[test]
    fn every_edge_is_written_down() {
        let table: Vec<String> = FOUND
            .iter()
            .map(|(name, found)| {
                let steps = WANTED.map(|wanted| format!("{:?}", step(*found, wanted)));
                format!("{name}: {}", steps.join(", "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "absent: Create, Create, Leave, Leave",
                "active: Keep, Keep, Freeze, Deactivate",
                "frozen: Keep, Unfreeze, Keep, Deactivate",
                "inactive: Reactivate { unfreeze: false }, Reactivate { unfreeze: false }, Leave, Leave",
                "inactive and frozen: Reactivate { unfreeze: false }, Reactivate { unfreeze: true }, Leave, Leave",
                "disabled: Refuse, Refuse, Leave, Leave",
            ]
        );
    }
}
