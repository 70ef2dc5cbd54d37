//! Values of the catalogue's fields, kept small: there may be a million users.

use std::borrow::Cow;
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
        if left == right {
            return true;
        }
        let (left, right) = (left.trim(), right.trim());
        match kind {
            Kind::Text | Kind::Picklist => left == right,
            Kind::Email => {
                left.eq_ignore_ascii_case(right) || left.to_lowercase() == right.to_lowercase()
            }
        }
    }
}

impl From<Email> for Value {
    fn from(email: Email) -> Self {
        Self::Text(email.shared())
    }
}

impl From<&Username> for Value {
    fn from(username: &Username) -> Self {
        Self::Text(username.shared())
    }
}

/// Values of user fields, in the order of the catalogue: a user has few, and there are many users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldValues {
    /// One bit for each field that has a value.
    fields: u32,
    values: Vec<Value>,
}

impl FieldValues {
    /// No values.
    pub const fn new() -> Self {
        Self { fields: 0, values: Vec::new() }
    }

    /// No values, and room for some.
    pub fn with_capacity(values: usize) -> Self {
        Self { fields: 0, values: Vec::with_capacity(values) }
    }

    /// The value of a field.
    pub fn get(&self, field: &UserField) -> Option<&Value> {
        self.values.get(self.find(*field).ok()?)
    }

    /// Whether the field has a value, be it "none".
    pub fn contains_key(&self, field: &UserField) -> bool {
        self.find(*field).is_ok()
    }

    /// Gives a field a value, and returns the one it had.
    pub fn insert(&mut self, field: UserField, value: Value) -> Option<Value> {
        match self.find(field) {
            Ok(at) => self.values.get_mut(at).map(|old| std::mem::replace(old, value)),
            Err(at) => {
                self.fields |= bit(field);
                self.values.insert(at, value);
                None
            }
        }
    }

    /// Gives a field a value, if it has none.
    pub fn insert_missing(&mut self, field: UserField, value: impl FnOnce() -> Value) {
        if !self.contains_key(&field) {
            self.insert(field, value());
        }
    }

    /// Takes a field's value away.
    pub fn remove(&mut self, field: &UserField) -> Option<Value> {
        let at = self.find(*field).ok()?;
        self.fields &= !bit(*field);
        Some(self.values.remove(at))
    }

    /// The fields, in the order of the catalogue.
    pub fn keys(&self) -> impl Iterator<Item = &'static UserField> + use<> {
        let fields = self.fields;
        UserField::ALL.iter().filter(move |field| fields & bit(**field) != 0)
    }

    /// Fields and values, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = (&'static UserField, &Value)> {
        self.keys().zip(&self.values)
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = (UserField, &mut Value)> {
        self.keys().copied().zip(&mut self.values)
    }

    /// How many fields have a value.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no field has a value.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// First and last name as one line.
    pub fn full_name(&self) -> Cow<'_, str> {
        let part = |field| self.get(&field).and_then(Value::text);
        match (part(UserField::FirstName), part(UserField::LastName)) {
            (Some(first), Some(last)) => Cow::Owned([first, " ", last].concat()),
            (Some(only), None) | (None, Some(only)) => Cow::Borrowed(only),
            (None, None) => Cow::Borrowed(""),
        }
    }

    /// Whether this is the first and last name, without making one line of them.
    pub fn are_called(&self, name: &str) -> bool {
        let part = |field| self.get(&field).and_then(Value::text);
        match (part(UserField::FirstName), part(UserField::LastName)) {
            (Some(first), Some(last)) => {
                name.strip_prefix(first).and_then(|rest| rest.strip_prefix(' ')) == Some(last)
            }
            (only, None) | (None, only) => name == only.unwrap_or_default(),
        }
    }

    /// Gives back the room for values that did not come.
    pub fn shrink_to_fit(&mut self) {
        self.values.shrink_to_fit();
    }

    /// Where the value of a field is, or would be.
    const fn find(&self, field: UserField) -> Result<usize, usize> {
        let before = (self.fields & (bit(field) - 1)).count_ones() as usize;
        if self.fields & bit(field) == 0 { Err(before) } else { Ok(before) }
    }
}

const fn bit(field: UserField) -> u32 {
    1 << field as u32
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
        let pairs: Vec<_> = self.keys().copied().zip(self.values).collect();
        pairs.into_iter()
    }
}
