//! Numbers that agree with their nouns.

/// `1 user`, `2 users`.
pub fn count(number: usize, noun: &str) -> String {
    counted(number, noun, &format!("{noun}s"))
}

/// `1 entry`, `2 entries`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
