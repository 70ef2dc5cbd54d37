//! Values of fields that the catalogue does not know, of one user or contact.

use std::fmt;

use super::{ApiName, Scalar};

/// Values by field, in the order of the fields' names. Nearly nobody has any, and who has none
/// takes one word.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(clippy::box_collection, reason = "a list takes three words where there is none")]
pub struct CustomValues(Option<Box<Vec<(ApiName, Scalar)>>>);

impl CustomValues {
    /// No values.
    pub const fn new() -> Self {
        Self(None)
    }

    /// The value of a field.
    pub fn get(&self, field: &ApiName) -> Option<&Scalar> {
        let values = self.as_slice();
        values.get(self.find(field).ok()?).map(|(_, value)| value)
    }

    /// Whether the field has a value, be it "none".
    pub fn contains_key(&self, field: &ApiName) -> bool {
        self.find(field).is_ok()
    }

    /// Gives a field a value, and returns the one it had.
    pub fn insert(&mut self, field: ApiName, value: Scalar) -> Option<Scalar> {
        let found = self.find(&field);
        let values = self.0.get_or_insert_default();
        match found {
            Ok(at) => values.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                values.insert(at, (field, value));
                None
            }
        }
    }

    /// Gives a field a value, if it has none.
    pub fn insert_missing(&mut self, field: &ApiName, value: &Scalar) {
        if !self.contains_key(field) {
            self.insert(field.clone(), value.clone());
        }
    }

    /// The fields.
    pub fn keys(&self) -> impl Iterator<Item = &ApiName> {
        self.as_slice().iter().map(|(field, _)| field)
    }

    /// Fields and values.
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }

    /// How many fields have a value.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether no field has a value.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    fn as_slice(&self) -> &[(ApiName, Scalar)] {
        self.0.as_deref().map(Vec::as_slice).unwrap_or_default()
    }

    /// Where the value of a field is, or would be.
    fn find(&self, field: &ApiName) -> Result<usize, usize> {
        self.as_slice().binary_search_by(|(known, _)| known.cmp(field))
    }
}

impl fmt::Debug for CustomValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a CustomValues {
    type Item = (&'a ApiName, &'a Scalar);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'a, (ApiName, Scalar)>,
        fn(&'a (ApiName, Scalar)) -> (&'a ApiName, &'a Scalar),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter().map(|(field, value)| (field, value))
    }
}

impl FromIterator<(ApiName, Scalar)> for CustomValues {
    fn from_iter<I: IntoIterator<Item = (ApiName, Scalar)>>(values: I) -> Self {
        let mut all = Self::new();
        for (field, value) in values {
            all.insert(field, value);
        }
        if let Some(values) = &mut all.0 {
            values.shrink_to_fit();
        }
        all
    }
}
