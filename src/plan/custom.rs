//! Fields that a file names by API name, held against what the org says they are: there, writable,
//! of the declared type, long enough. Compared by type; only what differs is sent.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::fmt::strtime;

use crate::model::{
    ApiName, Code, Contact, CurrentUser, CustomValues, Described, DesiredUser, Diagnostic,
    FieldDef, FieldShape, Number, ObjectFields, RecordId, Scalar, UserField, nearest,
};

use super::change::{Change, Datum, FieldChange, Object};
use super::fields::{HIDDEN, SHARED_WITH_CONTACT};
use super::{Planner, email};

/// What is written, and what stands in the way of it.
#[derive(Default)]
pub(super) struct Written {
    pub(super) changes: Vec<FieldChange>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Fields that follow from other keys, or that must never be written.
/// Source: Object Reference, User: `IsPortalEnabled` false cannot be undone; `AccountId`,
/// `UserType` and `Name` are computed.
const OWN: [(&str, &str); 12] = [
    ("Username", "write it as `username`"),
    ("ProfileId", "write it as `profile`"),
    ("ContactId", "write it as `contact`"),
    ("AccountId", "write it as `account`"),
    ("UserRoleId", "write it as `portal_role`"),
    ("PortalRole", "write it as `portal_role`"),
    ("IsActive", "write it as `state`"),
    ("IsPortalEnabled", "it cannot be undone and is never written"),
    ("IsPrmSuperUser", "it is never written"),
    ("UserType", "it follows from the profile"),
    ("Name", "write `first_name` and `last_name`"),
    ("Id", "Salesforce gives it"),
];

/// A declared value and where it goes.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    object: Object,
    name: &'a ApiName,
    value: &'a Scalar,
    /// What the org holds; nothing, if the record is new.
    observed: Option<&'a Scalar>,
}

/// Fields of an org's own that it wants of new records. They are the same for everybody.
pub(super) struct Demanded<'a> {
    user: Vec<&'a FieldDef>,
    contact: Vec<&'a FieldDef>,
}

impl<'a> Demanded<'a> {
    pub(super) fn of(described: &'a Described) -> Self {
        // A yes-or-no field is never empty, and never asked for.
        let is_demanded = |field: &&FieldDef| {
            let wanted = field.createable && !field.nillable && !field.defaulted;
            wanted && field.shape != FieldShape::Bool && is_custom(&field.name)
        };
        let of = |fields: &'a ObjectFields| fields.iter().filter(is_demanded).collect();
        Self { user: of(&described.user), contact: of(&described.contact) }
    }
}

impl Planner<'_> {
    /// Other fields of a new user.
    pub(super) fn new_user_custom(&self, declared: &DesiredUser) -> Written {
        let mut written = Written::default();
        for (name, value) in merged(&declared.on_create.custom, &declared.custom) {
            self.write(&mut written, Wanted { object: Object::User, name, value, observed: None });
        }
        written.problems.extend(self.invisible(declared));
        written
    }

    /// Other fields of a new contact.
    pub(super) fn new_contact_custom(&self, declared: &DesiredUser) -> Written {
        let mut written = Written::default();
        for (name, value) in merged(&declared.on_create.contact_custom, &declared.contact_custom) {
            let object = Object::Contact;
            self.write(&mut written, Wanted { object, name, value, observed: None });
        }
        written
    }

    /// Other fields in which a user differs.
    pub(super) fn user_custom(&self, declared: &DesiredUser, user: &CurrentUser) -> Written {
        let mut written = Written::default();
        for (name, value) in &declared.custom {
            let observed = Some(user.custom.get(name).unwrap_or(&Scalar::Null));
            self.write(&mut written, Wanted { object: Object::User, name, value, observed });
        }
        written.problems.extend(self.invisible(declared));
        written
    }

    /// Other fields in which a contact differs.
    pub(super) fn contact_custom(&self, declared: &DesiredUser, contact: &Contact) -> Written {
        let mut written = Written::default();
        for (name, value) in &declared.contact_custom {
            let known = known_of_contact(contact, name);
            let observed =
                Some(known.as_ref().or_else(|| contact.custom.get(name)).unwrap_or(&Scalar::Null));
            self.write(&mut written, Wanted { object: Object::Contact, name, value, observed });
        }
        written
    }

    /// Fields that the org wants of new records and nobody declares.
    pub(super) fn required(&self, change: &Change) -> Vec<Diagnostic> {
        let contact = matches!(change.contact, Some(super::change::ContactStep::Create(_)));
        let is_sent = |object, name: &ApiName| {
            let mut written = change.fields.iter().filter(|field| field.object == object);
            written.any(|field| field.field == *name && field.after != Datum::Null)
        };
        let of_contact = self.demanded.contact.iter().filter(|_| contact);
        let fields = self.demanded.user.iter().map(|field| (Object::User, *field));
        fields
            .chain(of_contact.map(|field| (Object::Contact, *field)))
            .filter(|(object, field)| !is_sent(*object, &field.name))
            .map(|(object, field)| required(object, field))
            .collect()
    }

    /// Declared fields of the catalogue that the login cannot see: invisible is not empty.
    fn invisible(&self, declared: &DesiredUser) -> Vec<Diagnostic> {
        let fields = &self.index.current.described.user;
        let unseen = |field: &&UserField| self.index.unseen.contains(field);
        declared
            .fields
            .keys()
            .filter(unseen)
            .map(|field| unknown(Object::User, &ApiName::of(field.api_name()), fields))
            .collect()
    }

    fn write(&self, written: &mut Written, wanted: Wanted<'_>) {
        match self.replacement_of(wanted) {
            Ok(Some(change)) => written.changes.push(change),
            Ok(None) => {}
            Err(problem) => written.problems.push(problem),
        }
    }

    fn replacement_of(&self, wanted: Wanted<'_>) -> Result<Option<FieldChange>, Diagnostic> {
        let Wanted { object, name, value, observed } = wanted;
        if let Some(why) = own(object, name) {
            let message =
                format!("`{name}` of {} is not written by `{}`", object.as_str(), key(object));
            return Err(Diagnostic::new(Code::FieldReserved, message).help(why));
        }
        let described = &self.index.current.described;
        let fields = match object {
            Object::User => &described.user,
            Object::Contact => &described.contact,
        };
        let field = fields.get(name).ok_or_else(|| unknown(object, name, fields))?;
        let value = &*meant(&field.shape, value);
        let wanted = Wanted { value, ..wanted };
        check(object, field, value)?;
        let before = observed.map_or(Datum::Null, |observed| shown(field, observed));
        let Some(after) = self.after(wanted, field) else { return Ok(None) };
        let (may, when) = match observed {
            None => (field.createable, "when a record is made"),
            Some(_) => (field.updateable, "once the record is there"),
        };
        if !may {
            let message = format!(
                "{} of {} cannot be set by this login {when}",
                named(field),
                object.as_str()
            );
            let help = "give the login the right to edit the field, or leave the field out";
            return Err(Diagnostic::new(Code::FieldReadOnly, message).help(help));
        }
        Ok(Some(FieldChange { object, field: field.name.clone(), before, after }))
    }

    /// What has to be written so that the field holds the value; nothing, if it does.
    fn after(&self, wanted: Wanted<'_>, field: &FieldDef) -> Option<Datum> {
        let Wanted { object, name, value, observed } = wanted;
        if let (Object::Contact, Scalar::Text(address)) = (object, value)
            && *name == "Email"
        {
            return match observed {
                None => Some(Datum::of(&email::created(self.email, address))),
                Some(Scalar::Text(held)) if email::settled(self.email, address, held) => None,
                Some(_) => Some(Datum::of(&email::updated(self.email, address))),
            };
        }
        match observed {
            None => (*value != Scalar::Null).then(|| Datum::from(value)),
            Some(Scalar::Text(held)) if &**held == HIDDEN => None,
            Some(observed) => (!same(&field.shape, value, observed)).then(|| Datum::from(value)),
        }
    }
}

/// The value that a cell stands for in a field of a type; a text that stands for none stays one.
fn meant<'a>(shape: &FieldShape, value: &'a Scalar) -> Cow<'a, Scalar> {
    let Scalar::Cell(cell) = value else { return Cow::Borrowed(value) };
    let text = cell.text.trim();
    let typed = match shape {
        FieldShape::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(Scalar::Bool(true)),
            "false" | "no" | "0" => Some(Scalar::Bool(false)),
            _ => None,
        },
        FieldShape::Whole | FieldShape::Number => {
            text.parse().ok().and_then(Number::new).map(Scalar::Number)
        }
        FieldShape::Date => cell.day.map(Scalar::Date),
        FieldShape::Text(_)
        | FieldShape::Email(_)
        | FieldShape::Moment
        | FieldShape::Reference
        | FieldShape::Picklist(_)
        | FieldShape::MultiPicklist(_)
        | FieldShape::Other(_) => None,
    };
    Cow::Owned(typed.unwrap_or_else(|| Scalar::of(text)))
}

/// The values of both levels; of two for one field, the second.
fn merged<'a>(
    first: &'a CustomValues,
    second: &'a CustomValues,
) -> impl Iterator<Item = (&'a ApiName, &'a Scalar)> {
    first.iter().filter(|(name, _)| !second.contains_key(name)).chain(second)
}

/// Names and address of a contact are read with it.
fn known_of_contact(contact: &Contact, name: &ApiName) -> Option<Scalar> {
    let field = SHARED_WITH_CONTACT.into_iter().find(|field| *name == field.api_name())?;
    Some(Scalar::of(match field {
        UserField::FirstName => contact.first_name.as_deref().unwrap_or_default(),
        UserField::LastName => &contact.last_name,
        _ => contact.email.as_deref().unwrap_or_default(),
    }))
}

/// Why a field cannot be declared by API name, if it cannot.
fn own(object: Object, name: &ApiName) -> Option<String> {
    let listed = OWN.iter().find(|(one, _)| *name == *one);
    match (object, listed) {
        (Object::Contact, Some((one, why))) if matches!(*one, "AccountId" | "Id" | "Name") => {
            Some((*why).to_owned())
        }
        (Object::Contact, _) => None,
        (Object::User, Some((_, why))) => Some((*why).to_owned()),
        (Object::User, None) => {
            let field = UserField::ALL.iter().find(|field| *name == field.api_name())?;
            Some(format!("write it as `{}`", field.key()))
        }
    }
}

const fn key(object: Object) -> &'static str {
    match object {
        Object::User => "fields",
        Object::Contact => "contact_fields",
    }
}

fn is_custom(name: &ApiName) -> bool {
    let name = name.as_str().as_bytes();
    name.len()
        .checked_sub(3)
        .and_then(|at| name.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(b"__c"))
}

/// A field by its label and its API name.
fn named(field: &FieldDef) -> String {
    format!("field \"{}\" (`{}`)", field.label, field.name)
}

fn unknown(object: Object, name: &ApiName, fields: &ObjectFields) -> Diagnostic {
    let known = fields.iter().map(|field| field.name.as_str());
    let near = nearest(name.as_str(), known).filter(|near| *name != **near);
    let did_you_mean =
        near.map(|near| format!("did you mean `{near}`? otherwise ")).unwrap_or_default();
    let message = format!(
        "`{name}` is no field of {} that this login can see, so nothing is planned from it",
        object.as_str()
    );
    Diagnostic::new(Code::FieldInvisible, message).help(format!(
        "{did_you_mean}check the API name, and that the login may read the field (field-level security)"
    ))
}

fn required(object: Object, field: &FieldDef) -> Diagnostic {
    let message =
        format!("{} of {} is required by the org and not declared", named(field), object.as_str());
    Diagnostic::new(Code::FieldRequired, message).help(format!(
        "write `{} = {{ {} = … }}`",
        key(object),
        field.name
    ))
}

/// Whether a field can hold a value.
fn check(object: Object, field: &FieldDef, value: &Scalar) -> Result<(), Diagnostic> {
    let fault = match (&field.shape, value) {
        (FieldShape::Other(kind), _) => {
            Some(format!("is of type {kind}, which cannot be declared"))
        }
        (_, Scalar::Null) => (!field.nillable).then(|| "cannot be empty".to_owned()),
        (FieldShape::Text(length) | FieldShape::Email(length), Scalar::Text(text)) => {
            too_long(text, *length)
        }
        (FieldShape::Bool, Scalar::Bool(_))
        | (FieldShape::Date, Scalar::Date(_))
        | (FieldShape::Number, Scalar::Number(_)) => None,
        (FieldShape::Whole, Scalar::Number(number)) => {
            (number.get().fract() != 0.0).then(|| format!("holds whole numbers, not {value}"))
        }
        (FieldShape::Moment, Scalar::Text(text)) => moment(text)
            .is_none()
            .then(|| wants("a moment, such as \"2027-03-31T09:00:00Z\"", value)),
        (FieldShape::Reference, Scalar::Text(text)) => {
            RecordId::observed(text).is_err().then(|| wants("the id of a record", value))
        }
        (FieldShape::Picklist(values), Scalar::Text(text)) => outside(values.as_deref(), text),
        (FieldShape::MultiPicklist(values), Scalar::Text(text)) => {
            text.split(';').find_map(|one| outside(values.as_deref(), one.trim()))
        }
        (FieldShape::Bool, _) => Some(wants("`true` or `false`", value)),
        (FieldShape::Whole | FieldShape::Number, _) => {
            Some(wants("a number, without quotes", value))
        }
        (FieldShape::Date, _) => Some(wants("a date, without quotes, such as 2027-03-31", value)),
        (FieldShape::Moment, _) => Some(wants("a moment, such as \"2027-03-31T09:00:00Z\"", value)),
        (FieldShape::Reference, _) => Some(wants("the id of a record", value)),
        (
            FieldShape::Text(_)
            | FieldShape::Email(_)
            | FieldShape::Picklist(_)
            | FieldShape::MultiPicklist(_),
            _,
        ) => Some(wants("a text, in quotes", value)),
    };
    fault.map_or(Ok(()), |fault| {
        let message = format!("{} of {} {fault}", named(field), object.as_str());
        Err(Diagnostic::new(Code::FieldValue, message).help("correct the value in the file"))
    })
}

fn wants(what: &str, value: &Scalar) -> String {
    format!("holds {what}, not `{value}`")
}

fn too_long(text: &str, length: u32) -> Option<String> {
    let chars = text.chars().count();
    let over = length > 0 && chars > usize::try_from(length).unwrap_or(usize::MAX);
    over.then(|| format!("holds at most {length} characters, the value has {chars}"))
}

/// Says that a value is not among those allowed.
fn outside(values: Option<&[Box<str>]>, text: &str) -> Option<String> {
    let values = values?;
    if values.iter().any(|value| **value == *text) {
        return None;
    }
    let near = nearest(text, values.iter().map(|value| &**value));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("has no value `{text}`{hint}"))
}

/// Whether two values of a field count as one.
fn same(shape: &FieldShape, wanted: &Scalar, observed: &Scalar) -> bool {
    let (Scalar::Text(left), right) = (wanted, observed) else {
        return match (wanted, observed) {
            (Scalar::Date(day), Scalar::Text(text)) => day.to_string() == **text,
            _ => wanted == observed,
        };
    };
    let Scalar::Text(right) = right else {
        return left.trim().is_empty() && *right == Scalar::Null;
    };
    let (left, right) = (left.trim(), right.trim());
    match shape {
        FieldShape::Email(_) => left.to_lowercase() == right.to_lowercase(),
        FieldShape::Moment => moment(left) == moment(right),
        FieldShape::Reference => match (RecordId::observed(left), RecordId::observed(right)) {
            (Ok(left), Ok(right)) => left == right,
            _ => left == right,
        },
        FieldShape::MultiPicklist(_) => {
            let set = |text: &str| -> BTreeSet<String> {
                text.split(';').map(|one| one.trim().to_owned()).collect()
            };
            set(left) == set(right)
        }
        FieldShape::Text(_)
        | FieldShape::Bool
        | FieldShape::Whole
        | FieldShape::Number
        | FieldShape::Date
        | FieldShape::Picklist(_)
        | FieldShape::Other(_) => left == right,
    }
}

/// What the org holds, by type: the API gives days as texts.
fn shown(field: &FieldDef, observed: &Scalar) -> Datum {
    match (&field.shape, observed) {
        (FieldShape::Date, Scalar::Text(text)) => {
            text.parse().map_or_else(|_| Datum::from(observed), Datum::Date)
        }
        _ => Datum::from(observed),
    }
}

/// Reads a moment as files and the API write it.
/// Source: REST API Developer Guide, "Valid Date and Time Formats".
fn moment(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok())
}
