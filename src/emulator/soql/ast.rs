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
    /// A path to a field, and its alias.
    Path(Name, Option<String>),
    /// `COUNT()`.
    Count,
    /// A function over a field, and its alias.
    Aggregate(Aggregate, Option<String>),
    /// The children along a relationship.
    Children(Box<Query>),
    /// `FIELDS(…)`.
    Fields(Group, usize),
}

/// A function over the rows of a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Aggregate {
    pub(super) function: Function,
    pub(super) path: Name,
}

/// What a function works out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    CountDistinct,
    Min,
    Max,
    Sum,
    Avg,
}

/// A group of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    All,
    Standard,
    Custom,
}

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) items: Vec<Item>,
    /// The object; in a child query, the relationship.
    pub(super) object: Name,
    pub(super) alias: Option<String>,
    pub(super) filter: Option<Condition>,
    pub(super) group: Vec<Name>,
    pub(super) having: Option<Condition>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: Option<usize>,
}

/// What a condition is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Field(Name),
    Aggregate(Aggregate),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Operator, Literal),
    In {
        path: Name,
        values: Vec<Literal>,
        negated: bool,
    },
    /// `Id IN (SELECT …)`.
    Among {
        path: Name,
        query: Box<Query>,
        negated: bool,
    },
    /// `INCLUDES` of a field with several values.
    Includes {
        path: Name,
        values: Vec<Literal>,
        negated: bool,
    },
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
    Day(jiff::civil::Date),
    /// `TODAY`, `LAST_N_DAYS:30`.
    Relative(String, i64),
}

/// A sort key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub(super) by: Operand,
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

impl Operand {
    /// Where it stands.
    pub(super) const fn at(&self) -> usize {
        match self {
            Self::Field(name) => name.at,
            Self::Aggregate(aggregate) => aggregate.path.at,
        }
    }
}
