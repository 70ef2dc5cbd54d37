//! The API name of a field, as custom as an org may have it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::InvalidName;

/// The API name of a field, such as `Title` or `Roster_Key__c`. Compared without regard to case.
#[derive(Clone)]
pub struct ApiName(Cow<'static, str>);

impl ApiName {
    /// Reads a name: letters, digits and underscores, beginning with a letter.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let shaped = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if shaped {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidName(
                "a field's API name is made of letters, digits and `_` and begins with a letter"
                    .to_owned(),
            ))
        }
    }

    /// The name of a field that this program knows.
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl From<&'static str> for ApiName {
    fn from(name: &'static str) -> Self {
        Self::of(name)
    }
}

impl PartialEq for ApiName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ApiName {}

impl PartialEq<str> for ApiName {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for ApiName {
    fn eq(&self, other: &&str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl Ord for ApiName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl PartialOrd for ApiName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for ApiName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut folded = [0; 64];
        match folded.get_mut(..self.0.len()) {
            Some(folded) => {
                folded.copy_from_slice(self.0.as_bytes());
                folded.make_ascii_lowercase();
                state.write(folded);
            }
            None => self.folded().for_each(|byte| state.write_u8(byte)),
        }
        state.write_u8(0xff);
    }
}

impl fmt::Display for ApiName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ApiName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
