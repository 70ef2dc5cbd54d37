//! Records that are found by a field of their own. A set of them takes half of what a map takes that
//! has the field beside each.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

use crate::model::{Account, CurrentUser, Username};

macro_rules! keyed {
    ($($(#[$doc:meta])* $name:ident($record:ty) $field:ident: $key:ty;)+) => {$(
        $(#[$doc])*
        pub(super) struct $name<'a>(pub(super) &'a $record);

        impl Borrow<$key> for $name<'_> {
            fn borrow(&self) -> &$key {
                &self.0.$field
            }
        }

        impl Hash for $name<'_> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                let key: &$key = self.borrow();
                key.hash(state);
            }
        }

        impl PartialEq for $name<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.0.$field == other.0.$field
            }
        }

        impl Eq for $name<'_> {}
    )+};
}

keyed! {
    /// A user, by username.
    ByUsername(CurrentUser) username: Username;
    /// An account, by name.
    ByName(Account) name: str;
}
