//! A query as it was written, with the place of every name.

/// A name, and the byte where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: usize,
}

/// What is selected.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// A path to a field.
    Path(Name),
    /// `COUNT()`.
    Count,
    /// `COUNT(field)`, and its alias.
    CountOf(Name, Option<String>),
}

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) items: Vec<Item>,
    pub(super) object: Name,
    pub(super) alias: Option<String>,
    pub(super) filter: Option<Condition>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: Option<usize>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Name, Operator, Literal),
    In { path: Name, values: Vec<Literal>, negated: bool },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

/// A value in a condition, and the byte where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub(super) value: Constant,
    pub(super) at: usize,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Text(String),
    Number(f64),
    Moment(jiff::Timestamp),
    Date(jiff::civil::Date),
}

/// A sort key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub(super) path: Name,
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}
