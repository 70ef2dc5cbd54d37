//! Rows of a CSV result, read into the same types as rows of JSON: `Contact.Account.Name` is a
//! field of a field of a field, and what is empty is null.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Results for a Query Job": all values are
//! quoted, null is empty, relationships are columns with dots.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value as Json;

use super::Error;
use super::rows::{ByPath, Keep};

/// What columns hold whose type is not known to the reader of the rows, by name in lower case. In
/// CSV all is text.
pub(super) type Kinds = BTreeMap<String, Kind>;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or anything that is text in JSON as well.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
}

/// So many bytes are read at once.
const BUFFER: usize = 64 * 1024;

/// Reads all rows of a result, and keeps something of each in `rows`.
pub(super) fn read<K: Keep>(
    text: impl Read,
    kinds: &Kinds,
    keep: &K,
    mut rows: Vec<K::Kept>,
) -> Result<Vec<K::Kept>, Error> {
    let bad = |error: csv::Error| Error::Unreadable(error.to_string());
    let unreadable = |error: Fault| Error::Unreadable(error.to_string());
    let mut reader = ReaderBuilder::new().buffer_capacity(BUFFER).from_reader(text);
    let header = reader.headers().map_err(bad)?;
    let tree = Tree::of(header, kinds);
    let named = if K::NAMED { named(header, kinds) } else { Vec::new() };
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(bad)? {
        let row =
            K::Row::deserialize(Branch { tree: &tree, record: &record }).map_err(unreadable)?;
        let mut values = ByPath::new();
        for (path, at, kind) in &named {
            let value = Value::Text(record.get(*at).unwrap_or_default(), *kind);
            values.insert(path.clone(), Json::deserialize(value).map_err(unreadable)?);
        }
        rows.push(keep.keep(row, values));
    }
    Ok(rows)
}

/// The columns of which only the org knows what they hold.
fn named(header: &StringRecord, kinds: &Kinds) -> Vec<(String, usize, Kind)> {
    let columns = header.iter().enumerate();
    let known = columns.filter_map(|(at, path)| {
        kinds.get(&path.to_lowercase()).map(|kind| (path.to_owned(), at, *kind))
    });
    known.collect()
}

/// The columns, by the first part of their names.
#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<(String, Node)>,
    /// Where the fields are of what is read from these columns, in its order. All rows are of one type.
    order: OnceCell<Vec<Option<usize>>>,
}

#[derive(Debug)]
enum Node {
    Column(usize, Kind),
    Parent(Tree),
}

impl Tree {
    fn of(header: &StringRecord, kinds: &Kinds) -> Self {
        let mut tree = Self::default();
        for (at, name) in header.iter().enumerate() {
            let kind = kinds.get(&name.to_lowercase()).copied().unwrap_or(Kind::Text);
            tree.add(name, (at, kind));
        }
        tree
    }

    fn add(&mut self, name: &str, column: (usize, Kind)) {
        let Some((parent, rest)) = name.split_once('.') else {
            self.nodes.push((name.to_owned(), Node::Column(column.0, column.1)));
            return;
        };
        let known = self
            .nodes
            .iter()
            .position(|(known, node)| known == parent && matches!(node, Node::Parent(_)));
        let at = known.unwrap_or_else(|| {
            self.nodes.push((parent.to_owned(), Node::Parent(Self::default())));
            self.nodes.len() - 1
        });
        if let Some((_, Node::Parent(tree))) = self.nodes.get_mut(at) {
            tree.add(rest, column);
        }
    }

    fn is_empty(&self, record: &StringRecord) -> bool {
        self.nodes.iter().all(|(_, node)| match node {
            Node::Column(at, _) => record.get(*at).unwrap_or_default().is_empty(),
            Node::Parent(tree) => tree.is_empty(record),
        })
    }
}

type Fault = serde::de::value::Error;

/// A row, or a parent in it.
#[derive(Clone, Copy)]
struct Branch<'a> {
    tree: &'a Tree,
    record: &'a StringRecord,
}

impl<'a> Branch<'a> {
    fn value(self, node: &'a Node) -> Value<'a> {
        match node {
            Node::Column(at, kind) => Value::Text(self.record.get(*at).unwrap_or_default(), *kind),
            Node::Parent(tree) => Value::Branch(Branch { tree, record: self.record }),
        }
    }
}

impl<'de> Deserializer<'de> for Branch<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let nodes = self.tree.nodes.iter();
        let entries = nodes.map(|(name, node)| (name.as_str(), self.value(node)));
        visitor.visit_map(MapDeserializer::new(entries))
    }

    /// The names of the columns are compared with those of the fields once, not for every row. So no
    /// field may have another name beside its own, and none but an `Option` may be left out.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let nodes = &self.tree.nodes;
        let at = |field: &&str| nodes.iter().position(|(name, _)| name == field);
        let order = self.tree.order.get_or_init(|| fields.iter().map(at).collect());
        let values =
            order.iter().zip(fields).map(|(at, field)| match at.and_then(|at| nodes.get(at)) {
                Some((_, node)) => self.value(node),
                None => Value::Missing(field),
            });
        visitor.visit_seq(SeqDeserializer::new(values))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.tree.is_empty(self.record) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// What a field holds.
#[derive(Clone, Copy)]
enum Value<'a> {
    Text(&'a str, Kind),
    Branch(Branch<'a>),
    /// There is no column for this field.
    Missing(&'static str),
}

impl<'de> IntoDeserializer<'de, Fault> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self {
                Self::Text(text, _) => {
                    let number = text.parse();
                    visitor.$visit(number.map_err(|_| Fault::custom("a number was expected"))?)
                }
                Self::Branch(branch) => branch.deserialize_any(visitor),
                Self::Missing(field) => Err(Fault::missing_field(field)),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Text("", _) => visitor.visit_unit(),
            Self::Text(text, Kind::Text) => visitor.visit_borrowed_str(text),
            Self::Text(_, Kind::Boolean) => self.deserialize_bool(visitor),
            Self::Text(_, Kind::Number) => self.deserialize_f64(visitor),
            Self::Branch(branch) => branch.deserialize_any(visitor),
            Self::Missing(field) => Err(Fault::missing_field(field)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Text(text, _) => visitor.visit_borrowed_str(text),
            Self::Branch(branch) => branch.deserialize_any(visitor),
            Self::Missing(field) => Err(Fault::missing_field(field)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Self::Text(..) => self.deserialize_any(visitor),
            Self::Branch(branch) => branch.deserialize_struct(name, fields, visitor),
            Self::Missing(field) => Err(Fault::missing_field(field)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Text("", _) | Self::Missing(_) => visitor.visit_none(),
            Self::Text(..) => visitor.visit_some(self),
            Self::Branch(branch) => branch.deserialize_option(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Text("true", _) => visitor.visit_bool(true),
            Self::Text("false", _) => visitor.visit_bool(false),
            Self::Text(..) => Err(Fault::custom("`true` or `false` was expected")),
            Self::Branch(branch) => branch.deserialize_any(visitor),
            Self::Missing(field) => Err(Fault::missing_field(field)),
        }
    }

    numbers! {
        deserialize_i64 visit_i64
        deserialize_u64 visit_u64
        deserialize_f64 visit_f64
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 f32 char bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::super::rows::{self, Owned};
    use super::*;

    fn all<T: DeserializeOwned + Send + 'static>(
        body: &[u8],
        kinds: &Kinds,
    ) -> Result<Vec<T>, Error> {
        read(body, kinds, &Owned::new(|row: T| row), Vec::new())
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        id: String,
        title: Option<String>,
        is_active: bool,
        used: Option<f64>,
        contact: Option<Contact>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Contact {
        email: Option<String>,
        account: Option<Account>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Account {
        name: String,
    }

    #[test]
    fn a_row_is_the_same_in_csv_and_in_json() {
        let csv = concat!(
            "\"Id\",\"Title\",\"IsActive\",\"Used\",\"Contact.Email\",\"Contact.Account.Name\"\n",
            "\"005\",\"a \"\"b\"\",\nc\",\"true\",\"12.0\",\"k@x.example\",\"Acme\"\n",
            "\"006\",\"\",\"false\",\"\",\"\",\"\"\n",
            "\"007\",\"7\",\"false\",\"3\",\"k@x.example\",\"\"\n",
        );
        let json = r#"[
            {"attributes":{"type":"User"},"Id":"005","Title":"a \"b\",\nc","IsActive":true,"Used":12.0,
             "Contact":{"attributes":{},"Email":"k@x.example","Account":{"Name":"Acme"}}},
            {"Id":"006","Title":null,"IsActive":false,"Used":null,"Contact":null},
            {"Id":"007","Title":"7","IsActive":false,"Used":3,"Contact":{"Email":"k@x.example","Account":null}}
        ]"#;
        let from_csv: Vec<Row> = all(csv.as_bytes(), &Kinds::new()).unwrap();
        assert_eq!(from_csv, serde_json::from_str::<Vec<Row>>(json).unwrap());
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Open {
        #[serde(rename = "Id")]
        id: String,
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    }

    #[test]
    fn columns_that_a_file_named_are_typed_as_the_org_describes_them() {
        let csv = "\"Id\",\"Vip__c\",\"Score__c\",\"Note__c\",\"Code__c\",\"Contact.Vip__c\"\n\"005\",\"true\",\"2.5\",\"\",\"007\",\"false\"\n";
        let kinds = Kinds::from([
            ("vip__c".to_owned(), Kind::Boolean),
            ("score__c".to_owned(), Kind::Number),
            ("contact.vip__c".to_owned(), Kind::Boolean),
        ]);
        let json = r#"[{"Id":"005","Vip__c":true,"Score__c":2.5,"Note__c":null,"Code__c":"007","Contact":{"Vip__c":false}}]"#;
        let rows: Vec<Open> = all(csv.as_bytes(), &kinds).unwrap();
        assert_eq!(rows, serde_json::from_str::<Vec<Open>>(json).unwrap());
    }

    #[test]
    fn an_empty_result_has_no_rows_and_a_broken_one_is_an_error() {
        let none = Kinds::new();
        assert!(all::<Row>(b"\"Id\",\"Title\"\n", &none).unwrap().is_empty());
        assert!(all::<Row>(b"", &none).unwrap().is_empty());
        for body in [
            &b"\"Id\",\"IsActive\"\n\"005\",\"perhaps\"\n"[..],
            b"\"Id\"\n\"005\"\n",
            b"\"IsActive\"\n\"true\"\n",
            b"\"Id\",\"IsActive\"\n\"005\"\n",
            b"\"Id\",\"IsActive\",\"Used\"\n\"005\",\"true\",\"many\"\n",
        ] {
            assert!(matches!(all::<Row>(body, &none), Err(Error::Unreadable(_))));
        }
    }

    /// Keeps the id and what a file named.
    struct IdAndNamed;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct IdRow<'a> {
        id: &'a str,
    }

    impl Keep for IdAndNamed {
        type Row<'a> = IdRow<'a>;
        type Kept = (String, ByPath);
        const NAMED: bool = true;

        fn keep(&self, row: IdRow<'_>, named: ByPath) -> Self::Kept {
            (row.id.to_owned(), named)
        }
    }

    #[tokio::test]
    async fn what_a_file_named_comes_by_its_path_from_either() {
        let paths = ["Vip__c", "Contact.Score__c", "Note__c"];
        let kinds = Kinds::from([
            ("vip__c".to_owned(), Kind::Boolean),
            ("contact.score__c".to_owned(), Kind::Number),
            ("note__c".to_owned(), Kind::Text),
        ]);
        let csv =
            "\"Id\",\"Vip__c\",\"Contact.Score__c\",\"Note__c\"\n\"005\",\"true\",\"2.5\",\"\"\n";
        let json = r#"[{"attributes":{},"Id":"005","VIP__c":true,"Contact":{"Score__c":2.5},"Note__c":null}]"#;
        let paths: Arc<[String]> = paths.into_iter().map(str::to_owned).collect();
        let from_json = rows::of_json(json.into(), &paths, &Arc::new(IdAndNamed)).await.unwrap();
        assert_eq!(read(csv.as_bytes(), &kinds, &IdAndNamed, Vec::new()).unwrap(), from_json);
        let (id, named) = from_json.into_iter().next().unwrap();
        assert_eq!((id.as_str(), named.len()), ("005", 3));
    }
}
