//! What the fields of `User` and `Contact` are, and that those a plan depends on can be seen.

use tokio::try_join;

use crate::model::{ApiName, Described, FieldDef, FieldShape, ObjectFields};
use crate::salesforce::{FieldDescribe, FieldType, Reader};

use super::OrgError;

/// Fields of `User` without which nothing can be planned, with what is not known without them and
/// the permission that shows them.
/// Source: Salesforce Help, "View Setup and Configuration" and "View Roles and Role Hierarchy":
/// without them the fields are missing, as if they were empty.
const NEEDED: [(&str, &str, &str); 8] = [
    ("Username", "which username a user has", "View All Users"),
    ("IsActive", "whether a user is active", "View All Users"),
    ("UserType", "whether a user is a portal user", "View All Users"),
    ("Email", "which address a user has", "View All Users"),
    ("ProfileId", "which profile a user has", "View Setup and Configuration"),
    ("UserRoleId", "whether the owner of an account has a role", "View Roles and Role Hierarchy"),
    ("ContactId", "which contact a user has", "Manage External Users"),
    ("LastModifiedById", "who changed a user last", "View All Users"),
];

pub(super) async fn read(reader: &Reader) -> Result<Described, OrgError> {
    let (user, contact) = try_join!(object(reader, "User"), object(reader, "Contact"))?;
    let described = Described { user, contact };
    let missing = missing(&described).next();
    missing.map_or(Ok(described), Err)
}

/// What a plan cannot do without and this login cannot see.
pub(super) fn missing(described: &Described) -> impl Iterator<Item = OrgError> {
    let user = NEEDED
        .into_iter()
        .filter(|(field, ..)| !described.user.has(field))
        .map(|(_, what, permission)| OrgError::Invisible { what, permission });
    let contact = &described.contact;
    let blind = !contact.has("AccountId") || !contact.has("LastName");
    user.chain(blind.then_some(OrgError::Invisible {
        what: "which contacts there are",
        permission: "Read on contacts and their fields",
    }))
}

/// The fields of one object.
pub(super) async fn object(reader: &Reader, name: &'static str) -> Result<ObjectFields, OrgError> {
    let described = reader.describe(name).await.map_err(OrgError::of(name))?;
    Ok(ObjectFields::of(described.fields.iter().filter_map(field)))
}

/// A field, unless its name is like that of no field.
fn field(field: &FieldDescribe) -> Option<FieldDef> {
    Some(FieldDef {
        name: ApiName::parse(&field.name).ok()?,
        shape: shape(field),
        label: if field.label.is_empty() { &field.name } else { &field.label }.as_str().into(),
        createable: field.createable,
        updateable: field.updateable,
        nillable: field.nillable,
        defaulted: field.defaulted_on_create,
    })
}

fn shape(field: &FieldDescribe) -> FieldShape {
    let values = || {
        let active = field.picklist_values.iter().filter(|value| value.active);
        field.restricted_picklist.then(|| active.map(|value| value.value.as_str().into()).collect())
    };
    match &field.kind {
        FieldType::Id | FieldType::Reference => FieldShape::Reference,
        FieldType::Text | FieldType::Phone | FieldType::Url => FieldShape::Text(field.length),
        FieldType::Email => FieldShape::Email(field.length),
        FieldType::Boolean => FieldShape::Bool,
        FieldType::Integer => FieldShape::Whole,
        FieldType::Decimal => FieldShape::Number,
        FieldType::Date => FieldShape::Date,
        FieldType::DateTime => FieldShape::Moment,
        FieldType::Time => FieldShape::Other("time".into()),
        FieldType::Picklist => FieldShape::Picklist(values()),
        FieldType::MultiPicklist => FieldShape::MultiPicklist(values()),
        FieldType::Other(word) => FieldShape::Other(word.as_str().into()),
    }
}
