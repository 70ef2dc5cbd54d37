//! Text → tokens.
//! Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".

use super::Fault;

/// A token, and the byte where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A keyword, name or path.
    Word(String),
    /// A number, date or datetime, as written.
    Number(String),
    /// A quoted text, without quotes and escapes; an escaped wildcard, which only LIKE may have,
    /// is one of [`ESCAPED`].
    Text(String),
    /// An operator or punctuation.
    Sign(&'static str),
    End,
}

impl Kind {
    /// How the token is named in "unexpected token".
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) | Self::Text(text) => format!("'{text}'"),
            Self::Sign(sign) => format!("'{sign}'"),
            Self::End => "<EOF>".to_owned(),
        }
    }
}

/// Stand for `\%` and `\_`: characters that no text has (they are for private use).
const ESCAPED: [char; 2] = ['\u{F8F0}', '\u{F8F1}'];

/// The wildcard that was escaped.
pub(super) fn wildcard(c: char) -> Option<char> {
    ESCAPED.iter().zip(['%', '_']).find(|(escaped, _)| **escaped == c).map(|(_, c)| c)
}

/// Lists may be long, so what stands in them comes first; of two that begin alike, the longer.
const SIGNS: [&str; 11] = [",", "(", ")", "!=", "<>", "<=", ">=", "=", "<", ">", ":"];

/// All tokens of a statement, the last of which is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        let (kind, length) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let word = run(rest, |c| c.is_ascii_alphanumeric() || "_.".contains(c));
            (Kind::Word(word.to_owned()), word.len())
        } else if first.is_ascii_digit() || "-+.".contains(first) {
            let number = run(rest, |c| c.is_ascii_alphanumeric() || "-+.:".contains(c));
            (Kind::Number(number.to_owned()), number.len())
        } else if first == '\'' {
            quoted(rest, at)?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Kind::Sign(sign), sign.len())
        } else {
            let message = format!("unexpected token: '{first}'");
            return Err(Fault::malformed(at, message));
        };
        tokens.push(Token { kind, at });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, at });
    Ok(tokens)
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// A quoted text and its length with quotes. A backslash before anything but the listed letters is
/// an error.
fn quoted(rest: &str, at: usize) -> Result<(Kind, usize), Fault> {
    let inside = rest.get(1..).unwrap_or_default();
    let plain = inside.find(['\'', '\\']).filter(|end| inside.as_bytes().get(*end) == Some(&b'\''));
    if let Some(text) = plain.and_then(|end| inside.get(..end)) {
        return Ok((Kind::Text(text.to_owned()), text.len() + 2));
    }
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((here, c)) = letters.next() {
        match c {
            '\'' => return Ok((Kind::Text(text), here + 1)),
            '\\' => {
                let escaped = letters.next().map(|(_, c)| c);
                match escaped {
                    Some('n' | 'N') => text.push('\n'),
                    Some('r' | 'R') => text.push('\r'),
                    Some('t' | 'T') => text.push('\t'),
                    Some('b' | 'B') => text.push('\u{8}'),
                    Some('f' | 'F') => text.push('\u{c}'),
                    Some(c @ ('\'' | '"' | '\\')) => text.push(c),
                    Some('%') => text.push(ESCAPED[0]),
                    Some('_') => text.push(ESCAPED[1]),
                    Some('u') => {
                        let digits: String = letters.by_ref().take(4).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.ok_or_else(|| illegal(at + here))?);
                    }
                    _ => return Err(illegal(at + here)),
                }
            }
            c => text.push(c),
        }
    }
    Err(Fault::malformed(at, "line breaks not allowed in string literals"))
}

pub(super) fn illegal(at: usize) -> Fault {
    Fault::malformed(at, "Invalid string literal. Illegal character sequence in string literal.")
}
