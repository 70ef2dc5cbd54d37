//! What the API wants for a new user and the file may leave out.

use aws_lc_rs::digest::{SHA256, digest};

use crate::model::{DesiredUser, UserField, Username, Value};

/// An alias of at most eight characters: first letter of the given name, then the family name.
/// Source: Object Reference, User, `Alias`.
pub(super) fn alias(user: &DesiredUser) -> String {
    let part = |field| user.fields.get(&field).and_then(Value::text).unwrap_or_default();
    let plain = |c: &char| c.is_ascii_alphanumeric();
    let first = part(UserField::FirstName).chars().filter(plain).take(1);
    let last = part(UserField::LastName).chars().filter(plain).take(7);
    let alias: String = first.chain(last).collect::<String>().to_lowercase();
    if alias.len() > 1 {
        return alias;
    }
    let local = user.username.as_str().chars().take_while(|c| *c != '@');
    let alias: String = local.filter(plain).take(8).collect();
    if alias.is_empty() { "user".to_owned() } else { alias }
}

/// A nickname that is unique without being the address: the site shows it to other people. The
/// name is followed by six characters that depend on the username alone.
/// Source: Object Reference, User, `CommunityNickname` (40 characters, unique in the org).
pub(super) fn nickname(user: &DesiredUser, org_username: &Username) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let name = user.name().to_lowercase();
    let mut nickname = String::with_capacity(name.len() + 7);
    let mut left = 33;
    let mut add = |c: char| {
        if left > 0 && (c.is_alphanumeric() || c == '.') {
            nickname.push(c);
            left -= 1;
        }
    };
    for (at, word) in name.split_whitespace().enumerate() {
        if at > 0 {
            add('.');
        }
        word.chars().for_each(&mut add);
    }
    nickname.push('.');
    let hash = digest(&SHA256, org_username.key().as_bytes());
    let tail = hash.as_ref().iter().take(6).filter_map(|b| ALPHABET.get(usize::from(*b) % 32));
    nickname.extend(tail.map(|b| char::from(*b)));
    nickname
}
