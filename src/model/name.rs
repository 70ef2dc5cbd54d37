//! Names that people write: checked once, trusted from then on.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Why a text is not a name of the wanted kind: a sentence fragment without a period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidName(pub String);

/// A Salesforce username: in the form of an e-mail address, at most 80 characters, compared
/// without regard to case.
///
/// Source: Object Reference, User, `Username`; the text of the org's own refusal is
/// "Username must be in the form of an email address (for example, john@acme.com)".
#[derive(Clone)]
pub struct Username(Arc<str>);

impl Username {
    /// The longest username that an org takes, in characters.
    pub const MAX_CHARS: usize = 80;

    /// Reads a declared username, before any org's suffix.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        address_shape(text)?;
        let length = text.chars().count();
        if length > Self::MAX_CHARS {
            return Err(InvalidName(format!(
                "it has {length} characters, a username at most {}",
                Self::MAX_CHARS
            )));
        }
        Ok(Self(text.into()))
    }

    /// Takes a username as the org has it.
    pub fn observed(text: &str) -> Self {
        Self(text.into())
    }

    /// The same of a text that is kept already.
    pub const fn shared_by(text: Arc<str>) -> Self {
        Self(text)
    }

    /// The name in an org that adds `suffix` to every username.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        if suffix.is_empty() {
            return self.clone();
        }
        Self(format!("{}{suffix}", self.0).into())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// The form under which two spellings of one username are equal.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    fn folded(&self) -> impl Iterator<Item = char> + '_ {
        self.0.chars().flat_map(char::to_lowercase)
    }
}

// Nearly all usernames are ASCII, of which the bytes can be compared one by one: their order is that
// of the characters.

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        if self.0.is_ascii() && other.0.is_ascii() {
            return self.0.eq_ignore_ascii_case(&other.0);
        }
        self.folded().eq(other.folded())
    }
}

impl Eq for Username {}

impl PartialOrd for Username {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Username {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0.is_ascii() && other.0.is_ascii() {
            let folded = |byte: u8| byte.to_ascii_lowercase();
            return self.0.bytes().map(folded).cmp(other.0.bytes().map(folded));
        }
        self.folded().cmp(other.folded())
    }
}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut folded = [0; Self::MAX_CHARS];
        match folded.get_mut(..self.0.len()).filter(|_| self.0.is_ascii()) {
            Some(folded) => {
                folded.copy_from_slice(self.0.as_bytes());
                folded.make_ascii_lowercase();
                folded.hash(state);
            }
            // Letters beyond ASCII may fold into it, so the same bytes have to be hashed.
            None => self.folded().collect::<String>().as_bytes().hash(state),
        }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// An e-mail address that `User.Email` (128 characters) and `Contact.Email` (80) accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(Arc<str>);

impl Email {
    /// The longest address that fits both the user and the contact, in characters.
    pub const MAX_CHARS: usize = 80;

    /// Reads a declared address.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        address_shape(text)?;
        let length = text.chars().count();
        if length > Self::MAX_CHARS {
            return Err(InvalidName(format!(
                "it has {length} characters, an e-mail address here at most {}",
                Self::MAX_CHARS
            )));
        }
        Ok(Self(text.into()))
    }

    /// The text as it was written, shared.
    pub fn shared(self) -> Arc<str> {
        self.0
    }
}

/// Whether a character shows nothing, or changes how text around it looks: controls, changes of
/// direction, separators and joiners.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// One `@`, something before it, a dotted domain after it, and no blanks or controls.
fn address_shape(text: &str) -> Result<(), InvalidName> {
    if is_plain_address(text) {
        return Ok(());
    }
    let fault = |what: &str| Err(InvalidName(what.to_owned()));
    if text.is_empty() {
        return fault("it is empty");
    }
    if text.chars().any(|c| c.is_whitespace() || is_invisible(c)) {
        return fault("it contains a blank or an invisible character");
    }
    if text.contains(|c: char| "()<>[]:;,\\\"".contains(c)) {
        return fault("it contains a character that no address has");
    }
    let Some((local, domain)) = text.split_once('@') else {
        return fault("it has no `@`");
    };
    if local.is_empty() {
        return fault("it has nothing before the `@`");
    }
    if domain.contains('@') {
        return fault("it has more than one `@`");
    }
    if !domain.contains('.') || domain.split('.').any(str::is_empty) {
        return fault("its domain needs a dot with something on both sides");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return fault("the part before the `@` has a misplaced dot");
    }
    Ok(())
}

/// Whether a text is an address of letters, digits and the usual signs, as nearly all are: that takes
/// one look at each byte.
fn is_plain_address(text: &str) -> bool {
    // A dot stands between two other signs, on either side of the one `@`.
    let (mut before, mut has_at, mut dots) = (b'.', false, 0);
    for byte in text.bytes() {
        match byte {
            b'.' if before == b'.' || before == b'@' => return false,
            b'.' => dots += 1,
            b'@' if has_at || before == b'.' => return false,
            b'@' => (has_at, dots) = (true, 0),
            b'-' | b'_' | b'+' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {}
            _ => return false,
        }
        before = byte;
    }
    has_at && dots > 0 && before != b'.'
}

macro_rules! plain_names {
    ($($(#[$doc:meta])* $name:ident, $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads a name.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                check(text).map_err(|fault| InvalidName(fault.to_owned()))?;
                Ok(Self(text.into()))
            }

            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    )+};
}

impl OrgName {
    /// Takes the name of a login of the Salesforce CLI: an alias or a username.
    pub fn login(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() || text.starts_with('-') || text.contains(is_invisible) {
            return Err(InvalidName("it is no alias and no username".to_owned()));
        }
        Ok(Self(text.into()))
    }
}

plain_names! {
    /// The name of a project: lower-case letters, digits and `-`.
    ProjectName, |text| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !text.is_empty() && text.chars().all(allowed) {
            Ok(())
        } else {
            Err("a project name is made of lower-case letters, digits and `-`")
        }
    };
    /// The key of an `[orgs.NAME]` table.
    OrgName, |text| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !text.is_empty() && text.chars().all(allowed) {
            Ok(())
        } else {
            Err("an org name is made of letters, digits, `-` and `_`")
        }
    };
    /// The name of a profile, as Setup shows it.
    ProfileName, |text| {
        if text.trim().is_empty() {
            Err("a profile name is not empty")
        } else {
            Ok(())
        }
    };
}
