//! SOQL, put together from typed parts. The only place that quotes a literal or writes a query.
//!
//! Source: SOQL and SOSL Reference, "Quoted String Escape Sequences" and "SOQL SELECT Syntax".

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::model::{ApiName, RecordId};

use super::Error;

/// The most statements of a query that may ask for all rows instead.
const STATEMENTS: usize = 10;
/// The longest query, percent-encoded: the server takes 16,384 bytes of URL, host and path included.
const ENCODED_LIMIT: usize = 14_000;
/// The longest that cannot be cut. Source: REST API Developer Guide, "Status Codes": 414.
const MOST: usize = 16_000;
/// The longest query in characters. Source: SOQL and SOSL Reference, "SOQL SELECT Syntax".
const SOQL: usize = 100_000;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soql {
    fields: Vec<Cow<'static, str>>,
    object: &'static str,
    filters: Vec<Filter>,
    or_all: bool,
}

/// A condition. All conditions of a query hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A yes-or-no field has this value.
    Is(Cow<'static, str>, bool),
    /// A moment is not before this one.
    Since(&'static str, Timestamp),
    /// A field has one of these texts.
    In(Cow<'static, str>, Vec<String>),
}

impl Filter {
    /// A yes-or-no field has this value.
    pub fn is(field: impl Into<Cow<'static, str>>, value: bool) -> Self {
        Self::Is(field.into(), value)
    }

    /// A field has one of these texts.
    pub fn one_of(field: impl Into<Cow<'static, str>>, values: Vec<String>) -> Self {
        Self::In(field.into(), values)
    }

    /// A field holds one of these ids.
    pub fn ids(
        field: impl Into<Cow<'static, str>>,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Self {
        Self::In(field.into(), ids.into_iter().map(|id| id.as_str().to_owned()).collect())
    }
}

impl Soql {
    /// Fields of an object, by path.
    pub fn select(fields: &[&'static str], object: &'static str) -> Self {
        let fields = fields.iter().copied().map(Cow::Borrowed).collect();
        Self { fields, object, filters: Vec::new(), or_all: false }
    }

    /// Adds fields that an org or a file named, found by way of `parent`, such as `Contact.`.
    #[must_use]
    pub fn also<'a>(mut self, parent: &str, fields: impl Iterator<Item = &'a ApiName>) -> Self {
        for field in fields {
            let path = format!("{parent}{field}");
            if !self.fields.iter().any(|known| known.eq_ignore_ascii_case(&path)) {
                self.fields.push(path.into());
            }
        }
        self
    }

    /// The object that is asked for.
    pub(super) const fn object(&self) -> &'static str {
        self.object
    }

    /// Fields that an org or a file named: nobody here knows what they hold.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter_map(|field| match field {
            Cow::Owned(name) => Some(name.as_str()),
            Cow::Borrowed(_) => None,
        })
    }

    /// Where asking by its list takes more than ten statements, asks for all rows instead: one
    /// large result costs less than many small ones, and their number does not grow with the list.
    /// Whoever asks must be ready for rows that are in no list.
    #[must_use]
    pub fn or_all(mut self) -> Self {
        self.or_all = true;
        self
    }

    /// Adds a condition.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The queries that together ask this: lists that are too long for one URL are cut.
    pub(super) fn statements(&self) -> Result<Vec<String>, Error> {
        let lists = self.filters.iter().filter_map(|filter| match filter {
            Filter::In(field, values) => Some((&**field, values)),
            Filter::Is(..) | Filter::Since(..) => None,
        });
        let Some((field, values)) = lists.max_by_key(|(_, values)| values.len()) else {
            return Ok(vec![self.text("", "")?]);
        };
        let comma = encoded(",");
        let head = encoded(&self.text(field, "")?);
        let (mut lists, mut length): (Vec<String>, usize) = (Vec::new(), 0);
        let mut literal = String::new();
        for value in values {
            literal.clear();
            quote(&mut literal, value)?;
            let more = encoded(&literal) + comma;
            length += more;
            match lists.last_mut() {
                Some(list) if length <= ENCODED_LIMIT => {
                    list.push(',');
                    list.push_str(&literal);
                }
                Some(_) | None => {
                    lists.push(literal.clone());
                    length = head + more;
                }
            }
        }
        if self.or_all && lists.len() > STATEMENTS {
            return self.without(values).statements();
        }
        let statements: Vec<String> =
            lists.iter().map(|list| self.text(field, list)).collect::<Result<_, _>>()?;
        match statements.iter().find(|text| encoded(text) > MOST || text.len() > SOQL) {
            Some(text) => Err(Error::Query(format!("a statement of {} characters", text.len()))),
            None => Ok(statements),
        }
    }

    /// The query without the condition on these values.
    fn without(&self, list: &[String]) -> Self {
        let is_list =
            |filter: &Filter| matches!(filter, Filter::In(_, values) if values.as_slice() == list);
        let filters = self.filters.iter().filter(|filter| !is_list(filter)).cloned().collect();
        Self { fields: self.fields.clone(), filters, ..*self }
    }

    /// The text of the query, with these literals for the list over `cut`.
    fn text(&self, cut: &str, literals: &str) -> Result<String, Error> {
        check_name(self.object)?;
        for name in &self.fields {
            check_name(name)?;
        }
        let mut text = format!("SELECT {} FROM {}", self.fields.join(", "), self.object);
        for (at, filter) in self.filters.iter().enumerate() {
            text.push_str(if at == 0 { " WHERE " } else { " AND " });
            // Writing to a string cannot fail.
            let _ = match filter {
                Filter::Is(field, value) => {
                    check_name(field)?;
                    write!(text, "{field} = {value}")
                }
                Filter::Since(field, moment) => {
                    check_name(field)?;
                    write!(text, "{field} >= {}", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
                }
                Filter::In(field, _) if field == cut => {
                    check_name(field)?;
                    write!(text, "{field} IN ({literals})")
                }
                Filter::In(field, values) => {
                    check_name(field)?;
                    text.push_str(field);
                    text.push_str(" IN (");
                    for (at, value) in values.iter().enumerate() {
                        text.push_str(if at == 0 { "" } else { "," });
                        quote(&mut text, value)?;
                    }
                    text.push(')');
                    Ok(())
                }
            };
        }
        Ok(text)
    }
}

pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let shaped = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if shaped { Ok(()) } else { Err(Error::Query(format!("the name `{name}`"))) }
}

/// Writes a quoted literal that means exactly this text.
fn quote(quoted: &mut String, text: &str) -> Result<(), Error> {
    quoted.push('\'');
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\'' && byte != b'\\') {
        quoted.push_str(text);
        quoted.push('\'');
        return Ok(());
    }
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str("\\\\"),
            '\'' => quoted.push_str("\\'"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => return Err(Error::Query("a control character".to_owned())),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    Ok(())
}

/// How long a text is in a URL.
fn encoded(text: &str) -> usize {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'*');
    text.len() + 2 * text.bytes().filter(|byte| !is_plain(*byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn users() -> Soql {
        Soql::select(&["Id", "Profile.Name"], "User").filter(Filter::is("IsActive", true))
    }

    #[test]
    fn a_query_reads_as_soql() {
        let query = users().filter(Filter::one_of("Username", vec!["o'neil\\@x.y".to_owned()]));
        assert_eq!(
            query.statements().unwrap(),
            [
                "SELECT Id, Profile.Name FROM User WHERE IsActive = true AND Username IN ('o\\'neil\\\\@x.y')"
            ]
        );
    }

    #[test]
    fn long_lists_are_cut_to_fit_a_url_and_none_is_lost() {
        let names: Vec<String> = (0..2000).map(|n| format!("user{n:05}@acme.example")).collect();
        let cut = users().filter(Filter::one_of("Username", names.clone())).statements().unwrap();
        assert!(cut.len() > 1 && cut.iter().all(|text| encoded(text) <= ENCODED_LIMIT + 100));
        for name in &names {
            assert_eq!(cut.iter().filter(|text| text.contains(&format!("'{name}'"))).count(), 1);
        }
    }

    #[test]
    fn a_very_long_list_asks_for_everything_if_that_is_allowed() {
        let count = |names: usize| {
            let names = (0..names).map(|n| format!("user{n:05}@acme.example")).collect();
            let query = users().filter(Filter::one_of("Username", names)).or_all();
            query.statements().unwrap()
        };
        assert_eq!(count(100).len(), 1);
        assert!(count(100)[0].contains("user00099"));
        for many in [20_000, 200_000] {
            assert_eq!(count(many), ["SELECT Id, Profile.Name FROM User WHERE IsActive = true"]);
        }
    }

    #[test]
    fn what_fits_no_url_is_not_sent() {
        let query = users().filter(Filter::one_of("Username", vec!["x".repeat(20_000)]));
        assert!(matches!(query.statements(), Err(Error::Query(_))));
    }

    #[test]
    fn an_empty_list_asks_nothing() {
        assert!(
            users().filter(Filter::one_of("Username", Vec::new())).statements().unwrap().is_empty()
        );
    }

    proptest! {
        #[test]
        fn nothing_escapes_from_a_literal(text in any::<String>()) {
            let mut quoted = String::new();
            if quote(&mut quoted, &text).is_ok() {
                let inside = &quoted[1..quoted.len() - 1];
                let mut read = String::new();
                let mut letters = inside.chars();
                while let Some(c) = letters.next() {
                    prop_assert_ne!(c, '\'');
                    read.push(match c {
                        '\\' => match letters.next().unwrap() {
                            'n' => '\n',
                            'r' => '\r',
                            't' => '\t',
                            other => other,
                        },
                        other => other,
                    });
                }
                prop_assert_eq!(read, text);
            }
        }
    }
}
