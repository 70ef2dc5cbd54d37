//! Query × org → the records it finds, and what of them is wanted.
//! Source: REST API Developer Guide, "Query"; SOQL and SOSL Reference, "SELECT".

use std::borrow::Cow;
use std::cmp::Ordering;

use super::ast::{Group, Item, Name, Operand, Query};
use super::filter::{self, Test};
use super::path::{self, Path, Scope, unknown_object, unknown_relation};
use super::{Fault, compare, group};
use crate::emulator::id::Id;
use crate::emulator::schema::{Field, Kind, Name as Text, Object};
use crate::emulator::store::{Org, Row, own_id};

/// The most child queries. Source: SOQL Reference, "Relationship Query Limitations".
const MAX_CHILDREN: usize = 20;
/// The most rows of a query for all fields.
const MAX_ALL_FIELDS: usize = 200;

/// Where a found record is: its slot, and whether that is in the recycle bin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(u32, bool);

/// What a query finds.
pub(in crate::emulator) enum Found {
    /// `COUNT()`.
    Count(usize),
    /// Rows of groups, as JSON.
    Groups(Vec<String>),
    Rows(Rows),
}

/// Found records, to be written page by page.
pub(in crate::emulator) struct Rows {
    pub(super) object: Object,
    pub(super) places: Vec<Place>,
    pub(super) branches: Vec<Branch>,
    /// What was selected, in order, without children.
    pub(super) columns: Vec<Column>,
}

/// A selected field.
#[derive(Clone, Debug)]
pub(in crate::emulator) struct Column {
    /// The names along its path, as the platform spells them.
    pub(in crate::emulator) header: String,
    pub(in crate::emulator) field: Field,
    pub(super) path: Path,
}

/// A part of the tree that records are written as.
#[derive(Debug)]
pub(super) enum Branch {
    Field {
        at: usize,
        name: Text,
    },
    /// The name of the record's own object.
    Type,
    Parent {
        through: usize,
        name: Text,
        to: Vec<(Object, Vec<Branch>)>,
    },
    Children {
        name: String,
        children: Box<Children>,
    },
}

/// The records below each record.
#[derive(Debug)]
pub(super) struct Children {
    pub(super) object: Object,
    reference: usize,
    test: Option<Test>,
    keys: Vec<Sort>,
    limit: usize,
    pub(super) branches: Vec<Branch>,
}

#[derive(Debug)]
struct Sort {
    path: Path,
    kind: Kind,
    descending: bool,
    nulls_last: bool,
}

impl Rows {
    pub(in crate::emulator) const fn len(&self) -> usize {
        self.places.len()
    }

    pub(in crate::emulator) const fn object(&self) -> Object {
        self.object
    }

    pub(in crate::emulator) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether children are selected, which other ways of reading do not take.
    pub(in crate::emulator) fn has_children(&self) -> bool {
        self.branches.iter().any(|branch| matches!(branch, Branch::Children { .. }))
    }
}

/// Runs a query. `bin`: deleted records as well.
pub(super) fn run(org: &Org, query: &Query, bin: bool) -> Result<Found, Fault> {
    let object =
        org.schema.named(&query.object.text).ok_or_else(|| unknown_object(&query.object))?;
    let scope = Scope { org, object, alias: query.alias.as_deref() };
    let test = query.filter.as_ref().map(|filter| scope.filter(filter)).transpose()?;
    let mut places = places(org, object, test.as_ref(), bin);
    if let [Item::Count] = query.items.as_slice() {
        let limit = query.limit.unwrap_or(usize::MAX);
        return Ok(Found::Count(places.len().min(limit)));
    }
    let grouped = query.items.iter().any(|item| matches!(item, Item::Aggregate(..)));
    if grouped || !query.group.is_empty() {
        let rows = places.iter().filter_map(|place| row(org, object, *place));
        return group::run(&scope, query, rows).map(Found::Groups);
    }
    if let Some(having) = &query.having {
        let at =
            if let super::ast::Condition::Compare(operand, ..) = having { operand.at() } else { 0 };
        return Err(Fault::malformed(at, "HAVING needs GROUP BY"));
    }
    let (branches, columns) = scope.branches(query, 0)?;
    sort(org, object, &mut places, &scope.keys(query)?);
    let places = places.into_iter().skip(query.offset.unwrap_or(0));
    let places = places.take(query.limit.unwrap_or(usize::MAX)).collect();
    Ok(Found::Rows(Rows { object, places, branches, columns }))
}

/// The ids that a semi-join's query finds.
pub(super) fn ids(
    org: &Org,
    query: &Query,
    targets: &[Object],
    outer: (&str, Object),
) -> Result<Vec<Id>, Fault> {
    let object =
        org.schema.named(&query.object.text).ok_or_else(|| unknown_object(&query.object))?;
    let scope = Scope { org, object, alias: query.alias.as_deref() };
    let at = query.object.at;
    if object == outer.1 {
        let message = "The inner and outer selects should not be on the same object type";
        return Err(Fault::malformed(at, message));
    }
    if query.filter.as_ref().is_some_and(|filter| !filter::semi_joins(filter).is_empty()) {
        return Err(Fault::malformed(at, "Nesting of semi join sub-selects is not supported"));
    }
    if !query.order.is_empty() || query.limit.is_some() || !query.group.is_empty() {
        return Err(Fault::malformed(
            at,
            "Semi join sub-selects can't be ordered, limited or grouped",
        ));
    }
    let [Item::Path(name, _)] = query.items.as_slice() else {
        let message = "Semi join sub-selects can only select one id or reference field";
        return Err(Fault::malformed(at, message));
    };
    let (path, field) = scope.path(name)?;
    let meets = match &field.kind {
        Kind::Reference(to, _) => to.iter().any(|one| targets.contains(one)),
        Kind::Id => targets.contains(&object),
        _ => false,
    };
    if !meets {
        return Err(Fault::malformed(
            name.at,
            format!(
                "The selected field '{}' in the subquery and the left operand field in the where expression in the outer query '{}' should point to the same object type",
                name.text, outer.0
            ),
        ));
    }
    let test = query.filter.as_ref().map(|filter| scope.filter(filter)).transpose()?;
    let places = places(org, object, test.as_ref(), false);
    let rows = places.iter().filter_map(|place| row(org, object, *place));
    Ok(rows.filter_map(|row| path::value(org, object, row, &path).as_id()).collect())
}

fn places(org: &Org, object: Object, test: Option<&Test>, bin: bool) -> Vec<Place> {
    let Some(table) = org.table(object) else { return Vec::new() };
    let fits = |row: &Row| test.is_none_or(|test| filter::fits(org, object, row, test));
    let fit = |slot: u32| table.at(slot).is_some_and(fits);
    let few = test.and_then(|test| filter::candidates(org, object, test));
    let slots: Vec<u32> = match few {
        Some(slots) => slots.into_iter().filter(|slot| fit(*slot)).collect(),
        None => {
            (0..u32::try_from(table.rows.len()).unwrap_or(u32::MAX)).filter(|s| fit(*s)).collect()
        }
    };
    let mut places: Vec<Place> = slots.into_iter().map(|slot| Place(slot, false)).collect();
    if bin {
        let gone = (0_u32..).zip(&table.bin).filter(|(_, row)| fits(row));
        places.extend(gone.map(|(slot, _)| Place(slot, true)));
    }
    places
}

/// The record at a place; none, if it was deleted since.
pub(super) fn row(org: &Org, object: Object, place: Place) -> Option<&Row> {
    let table = org.table(object)?;
    if place.1 { table.bin.get(place.0 as usize) } else { table.at(place.0) }
}

/// Whether a place is in the recycle bin.
pub(super) const fn is_deleted(place: Place) -> bool {
    place.1
}

fn sort(org: &Org, object: Object, places: &mut [Place], keys: &[Sort]) {
    if keys.is_empty() {
        return;
    }
    let value = |place: &Place, key: &Sort| {
        row(org, object, *place).map_or(Cow::Owned(crate::emulator::value::Value::Null), |row| {
            path::value(org, object, row, &key.path)
        })
    };
    places.sort_by(|left, right| {
        keys.iter().fold(Ordering::Equal, |so_far, key| {
            so_far.then_with(|| {
                let (left, right) = (value(left, key), value(right, key));
                let nulls = left.is_null() != right.is_null();
                let order = compare::sort(&key.kind, &left, &right);
                let turned = if nulls { key.nulls_last } else { key.descending };
                if turned { order.reverse() } else { order }
            })
        })
    });
}

/// The children of a record, in order.
pub(super) fn children<'a>(org: &'a Org, children: &Children, parent: &Row) -> Vec<&'a Row> {
    let Some((id, table)) = own_id(parent).zip(org.table(children.object)) else {
        return Vec::new();
    };
    let object = children.object;
    let key = crate::emulator::store::Key::Id(id);
    let below = |row: &&Row| org.value(object, row, children.reference).as_id() == Some(id);
    let fit =
        |row: &&Row| children.test.as_ref().is_none_or(|test| filter::fits(org, object, row, test));
    let slots = table.slots(children.reference, &key);
    let mut places: Vec<Place> = match slots {
        Some(slots) => slots.iter().map(|slot| Place(*slot, false)).collect(),
        None => (0..u32::try_from(table.rows.len()).unwrap_or(u32::MAX))
            .map(|slot| Place(slot, false))
            .collect(),
    };
    places.retain(|place| row(org, object, *place).is_some_and(|row| below(&row) && fit(&row)));
    sort(org, object, &mut places, &children.keys);
    places.truncate(children.limit);
    places.into_iter().filter_map(|place| row(org, object, place)).collect()
}

impl Scope<'_> {
    fn keys(&self, query: &Query) -> Result<Vec<Sort>, Fault> {
        let key = |order: &super::ast::Order| {
            let Operand::Field(name) = &order.by else {
                return Err(Fault::malformed(
                    order.by.at(),
                    "ordering by a function needs GROUP BY",
                ));
            };
            let (path, field) = self.path(name)?;
            if matches!(field.kind, Kind::LongText(32_000..)) {
                let message = format!("field '{}' can not be sorted in a query call", field.name);
                return Err(Fault::malformed(name.at, message));
            }
            let (descending, nulls_last) = (order.descending, order.nulls_last);
            Ok(Sort { path, kind: field.kind, descending, nulls_last })
        };
        query.order.iter().map(key).collect()
    }

    fn branches(&self, query: &Query, level: usize) -> Result<(Vec<Branch>, Vec<Column>), Fault> {
        let mut tree = Vec::new();
        let mut columns = Vec::new();
        let below = query.items.iter().filter(|item| matches!(item, Item::Children(_))).count();
        if below > MAX_CHILDREN {
            let message = "No more than 20 child relationships are allowed in a query";
            return Err(Fault::malformed(query.object.at, message));
        }
        for item in &query.items {
            match item {
                Item::Path(name, _) => self.plant_path(&mut tree, &mut columns, name)?,
                Item::Children(children) => tree.push(self.children(children, level)?),
                Item::Fields(which, at) => {
                    self.plant_fields(&mut tree, &mut columns, (*which, *at), query)?;
                }
                Item::Count | Item::Aggregate(..) => {
                    return Err(Fault::malformed(query.object.at, "unexpected token: 'COUNT'"));
                }
            }
        }
        Ok((tree, columns))
    }

    fn plant_path(
        &self,
        tree: &mut Vec<Branch>,
        columns: &mut Vec<Column>,
        name: &Name,
    ) -> Result<(), Fault> {
        let (path, field) = self.path(name)?;
        if !plant(self.org, self.object, tree, &path) {
            let message = format!("duplicate field selected: {}", name.text);
            return Err(Fault { code: "INVALID_FIELD", at: name.at, message });
        }
        let header = header(self.org, self.object, &path);
        columns.push(Column { header, field, path });
        Ok(())
    }

    /// `FIELDS(ALL)` and the like. Source: SOQL Reference, `FIELDS()`.
    fn plant_fields(
        &self,
        tree: &mut Vec<Branch>,
        columns: &mut Vec<Column>,
        (which, at): (Group, usize),
        query: &Query,
    ) -> Result<(), Fault> {
        let bounded = query.limit.is_some_and(|limit| limit <= MAX_ALL_FIELDS);
        if which != Group::Standard && !bounded {
            let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
            return Err(Fault::malformed(at, message));
        }
        let info = self.org.schema.info(self.object);
        let mut some = false;
        for (_, field) in info.visible() {
            if which == Group::All || (which == Group::Custom) == field.custom {
                some = true;
                let name = Name { text: field.name.to_string(), at };
                self.plant_path(tree, columns, &name)?;
            }
        }
        if some {
            return Ok(());
        }
        let message =
            "'FIELDS(...)' expansion function must result in at least one field being selected.";
        Err(Fault::malformed(at, message))
    }

    fn children(&self, query: &Query, level: usize) -> Result<Branch, Fault> {
        let known = self.org.schema.children(self.object);
        let found = known
            .filter(|(.., way)| way.eq_ignore_ascii_case(&query.object.text))
            .map(|(object, at, way)| (object, at, way.to_owned()))
            .next();
        let Some((object, reference, name)) = found else {
            let info = self.org.schema.info(self.object);
            let mut fault = unknown_relation(&query.object, &query.object.text, &info.name);
            fault.code = "INVALID_TYPE";
            return Err(fault);
        };
        let scope = Scope { org: self.org, object, alias: query.alias.as_deref() };
        let test = query.filter.as_ref().map(|filter| scope.filter(filter)).transpose()?;
        let keys = scope.keys(query)?;
        let (branches, _) = scope.branches(query, level + 1)?;
        let limit = query.limit.unwrap_or(usize::MAX);
        let children = Children { object, reference, test, keys, limit, branches };
        Ok(Branch::Children { name, children: Box::new(children) })
    }
}

/// Adds a path to the tree; false, if it is there already.
fn plant(org: &Org, object: Object, tree: &mut Vec<Branch>, path: &Path) -> bool {
    let field = |at: usize| org.schema.info(object).fields.get(at);
    match path {
        Path::Field(at) => {
            let there =
                tree.iter().any(|b| matches!(b, Branch::Field { at: one, .. } if one == at));
            let name = field(*at).map(|field| field.name.clone()).unwrap_or_default();
            tree.push(Branch::Field { at: *at, name });
            !there
        }
        Path::Type(at, targets) => {
            let name = way(field(*at));
            let inner = |to: &Object| (*to, vec![Branch::Type]);
            tree.push(Branch::Parent {
                through: *at,
                name,
                to: targets.iter().map(inner).collect(),
            });
            true
        }
        Path::Through(at, ways) => {
            let known = tree.iter_mut().find_map(|branch| match branch {
                Branch::Parent { through, to, .. } if through == at => Some(to),
                _ => None,
            });
            let mut fresh = true;
            let mut add = |to: &mut Vec<(Object, Vec<Branch>)>| {
                for (target, path) in ways {
                    let at = to.iter().position(|(one, _)| one == target).unwrap_or_else(|| {
                        to.push((*target, Vec::new()));
                        to.len() - 1
                    });
                    if let Some((_, inner)) = to.get_mut(at) {
                        fresh &= plant(org, *target, inner, path);
                    }
                }
            };
            if let Some(to) = known {
                add(to);
            } else {
                let mut to = Vec::new();
                add(&mut to);
                tree.push(Branch::Parent { through: *at, name: way(field(*at)), to });
            }
            fresh
        }
    }
}

fn way(field: Option<&Field>) -> Text {
    match field.map(|field| &field.kind) {
        Some(Kind::Reference(_, way)) => way.clone(),
        _ => Text::default(),
    }
}

/// `Profile.UserLicense.Name`, as the platform spells it.
fn header(org: &Org, object: Object, path: &Path) -> String {
    let field = |at: usize| org.schema.info(object).fields.get(at);
    match path {
        Path::Field(at) => field(*at).map(|field| field.name.to_string()).unwrap_or_default(),
        Path::Type(at, _) => format!("{}.Type", way(field(*at))),
        Path::Through(at, ways) => {
            let rest = ways.first().map(|(to, path)| header(org, *to, path)).unwrap_or_default();
            format!("{}.{rest}", way(field(*at)))
        }
    }
}
