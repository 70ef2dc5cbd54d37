//! Values of the catalogue's fields, kept small: there may be a million users.

use std::ops::Index;
use std::sync::Arc;

use super::{Email, Kind, UserField, Username};

/// The value of a text field. Many users may share one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Something.
    Text(Arc<str>),
    /// Nothing: `""` in a file, `null` in the org.
    Null,
}

impl Value {
    /// The value that a text stands for: nothing, if it is empty.
    pub fn of(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text.into()) }
    }

    /// The text, if there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null => None,
        }
    }

    /// Whether two values of a field of this kind count as one. Salesforce trims blanks around a
    /// stored text, and addresses do not differ by case.
    pub fn same(&self, other: &Self, kind: Kind) -> bool {
        let (left, right) = (self.text().unwrap_or_default(), other.text().unwrap_or_default());
        let (left, right) = (left.trim(), right.trim());
        match kind {
            Kind::Text | Kind::Picklist => left == right,
            Kind::Email => left.to_lowercase() == right.to_lowercase(),
        }
    }
}

impl From<&Email> for Value {
    fn from(email: &Email) -> Self {
        Self::of(email.as_str())
    }
}

impl From<&Username> for Value {
    fn from(username: &Username) -> Self {
        Self::Text(username.shared())
    }
}

/// Values of user fields: a sorted list, since a user has few and there are many users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldValues(Vec<(UserField, Value)>);

impl FieldValues {
    /// No values.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a field.
    pub fn get(&self, field: &UserField) -> Option<&Value> {
        self.0.get(self.find(*field).ok()?).map(|(_, value)| value)
    }

    /// Whether the field has a value, be it "none".
    pub fn contains_key(&self, field: &UserField) -> bool {
        self.find(*field).is_ok()
    }

    /// Gives a field a value, and returns the one it had.
    pub fn insert(&mut self, field: UserField, value: Value) -> Option<Value> {
        match self.find(field) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (field, value));
                None
            }
        }
    }

    /// Gives a field a value, if it has none.
    pub fn insert_missing(&mut self, field: UserField, value: impl FnOnce() -> Value) {
        if let Err(at) = self.find(field) {
            self.0.insert(at, (field, value()));
        }
    }

    /// Takes a field's value away.
    pub fn remove(&mut self, field: &UserField) -> Option<Value> {
        self.find(*field).ok().map(|at| self.0.remove(at).1)
    }

    /// The fields, in the order of the catalogue.
    pub fn keys(&self) -> impl Iterator<Item = &UserField> {
        self.0.iter().map(|(field, _)| field)
    }

    /// Fields and values, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = (&UserField, &Value)> {
        self.0.iter().map(|(field, value)| (field, value))
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (UserField, &mut Value)> {
        self.0.iter_mut().map(|(field, value)| (*field, value))
    }

    /// How many fields have a value.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no field has a value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives back the room for values that did not come.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    fn find(&self, field: UserField) -> Result<usize, usize> {
        self.0.binary_search_by_key(&field, |(other, _)| *other)
    }
}

impl Index<&UserField> for FieldValues {
    type Output = Value;

    /// The value of a field; none, if it has none.
    fn index(&self, field: &UserField) -> &Value {
        self.get(field).unwrap_or(&Value::Null)
    }
}

impl Extend<(UserField, Value)> for FieldValues {
    fn extend<I: IntoIterator<Item = (UserField, Value)>>(&mut self, values: I) {
        for (field, value) in values {
            self.insert(field, value);
        }
    }
}

impl FromIterator<(UserField, Value)> for FieldValues {
    fn from_iter<I: IntoIterator<Item = (UserField, Value)>>(values: I) -> Self {
        let mut all = Self::new();
        all.extend(values);
        all
    }
}

impl<const N: usize> From<[(UserField, Value); N]> for FieldValues {
    fn from(values: [(UserField, Value); N]) -> Self {
        values.into_iter().collect()
    }
}

impl IntoIterator for FieldValues {
    type Item = (UserField, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a FieldValues {
    type Item = (&'a UserField, &'a Value);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'a, (UserField, Value)>,
        fn(&'a (UserField, Value)) -> (&'a UserField, &'a Value),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(field, value)| (field, value))
    }
}
