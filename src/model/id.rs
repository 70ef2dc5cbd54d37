//! Record ids: 15 case-sensitive characters, usually followed by 3 checksum characters.
//!
//! Source: Object Reference, "ID Field Type". The two forms name the same record, so ids compare,
//! sort and hash by their first 15 characters; the form that was read is the form that is sent.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// An id of a record of any object.
#[derive(Clone, Copy)]
pub struct RecordId([u8; 18]);

/// Why a text is not a record id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not 15 or 18 letters and digits.
    #[error("an id has 15 or 18 letters and digits")]
    Shape,
    /// The last three characters do not belong to the first fifteen.
    #[error("the last three characters do not match the rest: the id was mistyped or cut")]
    Checksum,
    /// An id of another object.
    #[error("an id of this kind starts with `{expected}`")]
    Prefix {
        /// The three characters that ids of the wanted object start with.
        expected: &'static str,
    },
}

impl RecordId {
    /// Reads an id that a person wrote: 15 characters, or 18 with the right checksum.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let id = Self::observed(text)?;
        if text.len() == 18 && id.0.get(15..) != Some(checksum(id.significant()).as_slice()) {
            return Err(InvalidId::Checksum);
        }
        Ok(id)
    }

    /// Reads an id that the org sent. Its checksum is kept as it came.
    pub fn observed(text: &str) -> Result<Self, InvalidId> {
        let bytes = text.as_bytes();
        if !matches!(bytes.len(), 15 | 18) || !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(InvalidId::Shape);
        }
        let mut full = [0; 18];
        let (head, tail) = full.split_at_mut(15);
        let (text_head, text_tail) = bytes.split_at(15);
        head.copy_from_slice(text_head);
        if text_tail.is_empty() {
            tail.copy_from_slice(&checksum(head));
        } else {
            tail.copy_from_slice(text_tail);
        }
        Ok(Self(full))
    }

    fn significant(&self) -> &[u8] {
        self.0.get(..15).unwrap_or_default()
    }

    /// The significant characters as one number, in the same order.
    fn number(&self) -> u128 {
        let all = self.0.first_chunk().map_or(0, |first| u128::from_be_bytes(*first));
        // The sixteenth is of the checksum.
        all >> 8
    }

    /// The 18-character form.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Three characters, each telling which of five id characters are upper-case letters.
fn checksum(significant: &[u8]) -> [u8; 3] {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut sum = [b'A'; 3];
    for (out, group) in sum.iter_mut().zip(significant.chunks(5)) {
        let bits = group
            .iter()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_uppercase())
            .fold(0_usize, |bits, (at, _)| bits | (1 << at));
        *out = ALPHABET.get(bits).copied().unwrap_or(b'A');
    }
    sum
}

impl PartialEq for RecordId {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for RecordId {}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl Hash for RecordId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.number());
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One type an object, so that a contact's id can never be sent as a user's.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(RecordId);

        impl $name {
            /// Reads an id that a person wrote, checking its kind and its checksum.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let id = RecordId::parse(text)?;
                if text.starts_with($prefix) {
                    Ok(Self(id))
                } else {
                    Err(InvalidId::Prefix { expected: $prefix })
                }
            }

            /// Reads an id that the org gave for this kind of record.
            pub fn observed(text: &str) -> Result<Self, InvalidId> {
                RecordId::observed(text).map(Self)
            }

            /// The id of a record that is known to be of this kind.
            pub const fn of(record: RecordId) -> Self {
                Self(record)
            }

            /// The 18-character form.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The id without its kind.
            pub const fn record(self) -> RecordId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

ids! {
    /// An `Organization`.
    OrgId, "00D";
    /// An `Account`.
    AccountId, "001";
    /// A `Contact`.
    ContactId, "003";
    /// A `User`.
    UserId, "005";
    /// A `Profile`.
    ProfileId, "00e";
    /// A `UserLicense`.
    UserLicenseId, "100";
    /// A `PermissionSet`.
    PermissionSetId, "0PS";
    /// A `PermissionSetGroup`.
    PermissionSetGroupId, "0PG";
    /// A `PermissionSetLicense`.
    PermissionSetLicenseId, "0PL";
    /// A `Group`.
    GroupId, "00G";
    /// A `UserLogin`.
    UserLoginId, "0Yw";
    /// A `UserRole`.
    UserRoleId, "00E";
}
