//! Fields: what they hold, and what may be done with them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;

use super::{Feature, Name, Object};
use crate::emulator::value::Value;

/// Everything that is known of a field.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of a describe answer")]
pub(in crate::emulator) struct Field {
    pub(in crate::emulator) name: Name,
    pub(in crate::emulator) label: Name,
    pub(in crate::emulator) kind: Kind,
    pub(in crate::emulator) create: bool,
    pub(in crate::emulator) update: bool,
    pub(in crate::emulator) required: bool,
    /// Filled in by the platform when a create leaves it out.
    pub(in crate::emulator) defaulted: bool,
    pub(in crate::emulator) unique: bool,
    pub(in crate::emulator) external_id: bool,
    /// Usable as a key in requests, as an external id is.
    pub(in crate::emulator) id_lookup: bool,
    pub(in crate::emulator) case_sensitive: bool,
    /// Usable in WHERE.
    pub(in crate::emulator) filterable: bool,
    pub(in crate::emulator) custom: bool,
    /// Looked up often enough to have an index.
    pub(in crate::emulator) indexed: bool,
    /// Out of the login's sight.
    pub(in crate::emulator) hidden: bool,
    pub(in crate::emulator) computed: Option<Computed>,
    /// For a reference: the name of the way back, from the parent to its children.
    pub(in crate::emulator) children: Option<Name>,
    pub(super) feature: Option<Feature>,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emulator) enum Kind {
    Id,
    /// Text of so many characters.
    Text(usize),
    LongText(usize),
    Email(usize),
    Phone(usize),
    Url(usize),
    /// A restricted picklist.
    Picklist(Values),
    /// A picklist that takes other values as well.
    OpenPicklist(Values),
    /// Several values of a list, separated by semicolons.
    Multipicklist(Values),
    Bool,
    Int,
    Number,
    Currency,
    Percent,
    Day,
    Moment,
    /// The objects it may point to, and the name of the way there.
    Reference(Cow<'static, [Object]>, Name),
}

/// The values of a picklist, in order.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emulator) enum Values {
    /// Words of this program.
    Words(Words),
    List(Arc<[String]>),
}

/// How the value of a field is worked out instead of stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emulator) enum Computed {
    /// First and last name.
    FullName,
    /// The account of a user's contact.
    UserAccount,
    /// The user type of a user's profile.
    UserType,
    /// Seats in use.
    UsedSeats,
    /// Seats in use of a permission set licence.
    UsedSetSeats,
    /// Whether an assignment has not expired.
    AssignmentActive,
}

impl Kind {
    /// Whether it holds text.
    pub(in crate::emulator) const fn is_text(&self) -> bool {
        self.length().is_some()
            || matches!(self, Self::Picklist(_) | Self::OpenPicklist(_) | Self::Multipicklist(_))
    }

    /// The most characters of a text.
    pub(in crate::emulator) const fn length(&self) -> Option<usize> {
        match self {
            Self::Text(length)
            | Self::LongText(length)
            | Self::Email(length)
            | Self::Phone(length)
            | Self::Url(length) => Some(*length),
            _ => None,
        }
    }

    /// Whether it holds a number.
    pub(in crate::emulator) const fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Number | Self::Currency | Self::Percent)
    }

    /// Whether it holds the id of a record.
    pub(in crate::emulator) const fn is_id(&self) -> bool {
        matches!(self, Self::Id | Self::Reference(..))
    }

    /// The value of a field that has none: yes-or-no fields are never null.
    pub(in crate::emulator) const fn empty(&self) -> Value {
        match self {
            Self::Bool => Value::Bool(false),
            _ => Value::Null,
        }
    }

    /// The values it is limited or tuned to.
    pub(in crate::emulator) const fn values(&self) -> Option<&Values> {
        match self {
            Self::Picklist(values) | Self::OpenPicklist(values) | Self::Multipicklist(values) => {
                Some(values)
            }
            _ => None,
        }
    }
}

/// Words separated by blanks. There may be hundreds, and every new record is held against them.
#[derive(Clone, Debug)]
pub(in crate::emulator) struct Words {
    text: &'static str,
    set: OnceLock<HashSet<&'static str, RandomState>>,
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Words {
    pub(super) const fn of(text: &'static str) -> Self {
        Self { text, set: OnceLock::new() }
    }

    fn contain(&self, word: &str) -> bool {
        let all = || self.text.split_ascii_whitespace().collect();
        self.set.get_or_init(all).contains(word)
    }
}

impl Values {
    pub(in crate::emulator) fn iter(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Words(words) => Box::new(words.text.split_ascii_whitespace()),
            Self::List(list) => Box::new(list.iter().map(String::as_str)),
        }
    }

    /// Whether a value is one of them.
    pub(in crate::emulator) fn contains(&self, value: &str) -> bool {
        match self {
            Self::Words(words) => words.contain(value),
            Self::List(list) => list.iter().any(|one| one == value),
        }
    }

    /// The place of a value in the order of setup.
    pub(in crate::emulator) fn position(&self, value: &str) -> Option<usize> {
        self.iter().position(|one| one == value)
    }
}

impl Field {
    pub(in crate::emulator) const fn new(name: Name, label: Name, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            create: true,
            update: true,
            required: false,
            defaulted: false,
            unique: false,
            external_id: false,
            id_lookup: false,
            case_sensitive: false,
            filterable: true,
            custom: false,
            indexed: false,
            hidden: false,
            computed: None,
            children: None,
            feature: None,
        }
    }

    pub(super) const fn standard(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self::new(Cow::Borrowed(name), Cow::Borrowed(label), kind)
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn defaulted(mut self) -> Self {
        self.defaulted = true;
        self
    }

    /// A key of its object: unique, indexed, and usable in requests.
    pub(super) const fn key(mut self) -> Self {
        self.indexed = true;
        self.id_lookup = true;
        self
    }

    pub(super) const fn unique(mut self) -> Self {
        self.unique = true;
        self.indexed = true;
        self
    }

    pub(super) const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(super) const fn unfilterable(mut self) -> Self {
        self.filterable = false;
        self
    }

    pub(super) const fn read_only(mut self) -> Self {
        self.create = false;
        self.update = false;
        self
    }

    pub(super) const fn create_only(mut self) -> Self {
        self.update = false;
        self
    }

    pub(super) const fn update_only(mut self) -> Self {
        self.create = false;
        self
    }

    pub(super) const fn computed(mut self, how: Computed) -> Self {
        self.computed = Some(how);
        self.read_only()
    }

    pub(super) fn children(mut self, way: &'static str) -> Self {
        self.children = Some(Cow::Borrowed(way));
        self
    }

    pub(super) const fn only_with(mut self, feature: Feature) -> Self {
        self.feature = Some(feature);
        self
    }
}
