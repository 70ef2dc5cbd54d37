//! Record ids as Salesforce makes them: key prefix, pod, serial, and a checksum in the long form.
//! Source: Object Reference, "ID Field Type".

use std::fmt;
use std::hash::{Hash, Hasher};

/// An id, by its fifteen significant characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id([u8; 15]);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Id {
    /// The id with this serial number below a key prefix.
    pub(super) fn new(prefix: &str, serial: u64) -> Self {
        let mut id = *b"0008d0000000000";
        for (to, from) in id.iter_mut().zip(prefix.bytes().take(3)) {
            *to = from;
        }
        let mut rest = serial;
        for digit in id.iter_mut().skip(6).rev() {
            if rest == 0 {
                break;
            }
            *digit = usize::try_from(rest % 62)
                .ok()
                .and_then(|n| DIGITS.get(n))
                .copied()
                .unwrap_or(b'0');
            rest /= 62;
        }
        Self(id)
    }

    /// Reads 15 characters, or 18 with the right checksum.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let id = Self(bytes.get(..15)?.try_into().ok()?);
        let right = match bytes.len() {
            15 => true,
            18 => bytes.get(15..) == Some(id.checksum().as_slice()),
            _ => false,
        };
        right.then_some(id)
    }

    /// The first three characters, which tell the object.
    pub(super) fn prefix(&self) -> &str {
        self.0.get(..3).and_then(|prefix| std::str::from_utf8(prefix).ok()).unwrap_or_default()
    }

    /// The form of fifteen characters, which some messages use.
    pub(super) fn short(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Adds the long form to a text.
    pub(super) fn push_to(self, out: &mut String) {
        let mut long = [0; 18];
        let (head, tail) = long.split_at_mut(15);
        head.copy_from_slice(&self.0);
        tail.copy_from_slice(&self.checksum());
        out.push_str(std::str::from_utf8(&long).unwrap_or_default());
    }

    fn checksum(&self) -> [u8; 3] {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
        let mut sum = [b'A'; 3];
        for (to, group) in sum.iter_mut().zip(self.0.as_chunks::<5>().0) {
            let upper = group.iter().rev().map(u8::is_ascii_uppercase);
            let bits = upper.fold(0_usize, |bits, upper| bits << 1 | usize::from(upper));
            *to = ALPHABET.get(bits).copied().unwrap_or(b'A');
        }
        sum
    }
}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // All are of one length, so that need not go in.
        state.write(&self.0);
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())?;
        f.write_str(std::str::from_utf8(&self.checksum()).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
