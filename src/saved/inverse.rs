//! The part of an apply's report by which it can be reverted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{
    AccessKind, ApiName, DeclaredState, Number, OrgId, RecordId, SetGrant, SetName, UserId,
    Username,
};
use crate::plan::{Datum, FieldChange, Object, Returned, Undo};

use super::Unusable;

/// What would undo the change of one user.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Inverse")]
pub struct InverseEntry {
    /// The username as declared.
    username: String,
    /// The user's id.
    user: String,
    /// The account's name.
    account: String,
    /// Whether they may sign in afterwards, if the apply changed that.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateWord>,
    /// Values that go back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldEntry>,
    /// Sets, groups and licences, by the key of the user files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    access: BTreeMap<String, AccessEntry>,
}

/// Whether somebody may sign in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum StateWord {
    Active,
    Inactive,
    Frozen,
    Unfrozen,
}

/// A value that goes back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct FieldEntry {
    /// `User` or `Contact`.
    object: String,
    /// API name.
    field: String,
    /// What the apply wrote.
    written: ValueEntry,
    /// What was there before.
    restore: ValueEntry,
}

/// A value.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ValueEntry {
    Null,
    Text(String),
    Bool(bool),
    Number(f64),
    Date(String),
    Reference { id: String, name: String },
}

/// What goes back, of one kind.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
struct AccessEntry {
    /// What the user had.
    #[serde(default)]
    give: Vec<GrantEntry>,
    /// What the user did not have, by API name.
    #[serde(default)]
    take: Vec<String>,
}

/// Something that the user had.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct GrantEntry {
    /// API name.
    name: String,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

impl InverseEntry {
    /// How it stands in the report.
    pub fn of(undo: &Undo) -> Self {
        let state = undo.state.map(|state| match state {
            DeclaredState::Unstated => StateWord::Active,
            DeclaredState::Active => StateWord::Unfrozen,
            DeclaredState::Inactive => StateWord::Inactive,
            DeclaredState::Frozen => StateWord::Frozen,
        });
        let access = undo.access.iter().map(|(kind, back)| {
            let give = back.give.iter().map(|set| GrantEntry {
                name: set.name.as_str().to_owned(),
                expires: set.expires.map(|day| day.to_string()),
            });
            let take = back.take.iter().map(|name| name.as_str().to_owned());
            (kind.key().to_owned(), AccessEntry { give: give.collect(), take: take.collect() })
        });
        Self {
            username: undo.username.as_str().to_owned(),
            user: undo.user.as_str().to_owned(),
            account: undo.account.clone(),
            state,
            fields: undo.fields.iter().map(FieldEntry::of).collect(),
            access: access.collect(),
        }
    }

    fn undo(self) -> Option<Undo> {
        let state = self.state.map(|state| match state {
            StateWord::Active => DeclaredState::Unstated,
            StateWord::Unfrozen => DeclaredState::Active,
            StateWord::Inactive => DeclaredState::Inactive,
            StateWord::Frozen => DeclaredState::Frozen,
        });
        let mut access = Vec::new();
        for (key, entry) in self.access {
            let kind = AccessKind::ALL.into_iter().find(|kind| kind.key() == key)?;
            access.push((kind, entry.returned()?));
        }
        Some(Undo {
            username: Username::parse(&self.username).ok()?,
            user: UserId::parse(&self.user).ok()?,
            account: self.account,
            state,
            fields: self.fields.into_iter().map(FieldEntry::field).collect::<Option<_>>()?,
            access,
        })
    }
}

impl FieldEntry {
    fn of(field: &FieldChange) -> Self {
        Self {
            object: field.object.as_str().to_owned(),
            field: field.field.as_str().to_owned(),
            written: ValueEntry::of(&field.before),
            restore: ValueEntry::of(&field.after),
        }
    }

    fn field(self) -> Option<FieldChange> {
        let objects = [Object::User, Object::Contact];
        Some(FieldChange {
            object: objects.into_iter().find(|object| object.as_str() == self.object)?,
            field: ApiName::parse(&self.field).ok()?,
            before: self.written.datum()?,
            after: self.restore.datum()?,
        })
    }
}

impl ValueEntry {
    fn of(datum: &Datum) -> Self {
        match datum {
            Datum::Null => Self::Null,
            Datum::Text(text) => Self::Text(text.to_string()),
            Datum::Bool(value) => Self::Bool(*value),
            Datum::Number(number) => Self::Number(number.get()),
            Datum::Date(day) => Self::Date(day.to_string()),
            Datum::Reference { id, name } => {
                Self::Reference { id: id.as_str().to_owned(), name: name.to_string() }
            }
        }
    }

    fn datum(self) -> Option<Datum> {
        Some(match self {
            Self::Null => Datum::Null,
            Self::Text(text) => Datum::Text(text.into()),
            Self::Bool(value) => Datum::Bool(value),
            Self::Number(number) => Datum::Number(Number::new(number)?),
            Self::Date(day) => Datum::Date(day.parse().ok()?),
            Self::Reference { id, name } => {
                Datum::Reference { id: RecordId::parse(&id).ok()?, name: name.into() }
            }
        })
    }
}

impl AccessEntry {
    fn returned(self) -> Option<Returned> {
        let grant = |entry: GrantEntry| {
            let expires: Option<Date> = match entry.expires {
                Some(day) => Some(day.parse().ok()?),
                None => None,
            };
            Some(SetGrant { name: SetName::parse(&entry.name).ok()?, expires })
        };
        Some(Returned {
            give: self.give.into_iter().map(grant).collect::<Option<_>>()?,
            take: self.take.iter().map(|name| SetName::parse(name).ok()).collect::<Option<_>>()?,
        })
    }
}

/// A report that is to be reverted.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The project.
    pub project: String,
    /// The org that was written to.
    pub org: OrgId,
    /// Its name in the project.
    pub org_name: String,
    /// What would undo it, user by user.
    pub undos: Vec<Undo>,
}

#[derive(Deserialize)]
struct ReportFile {
    format_version: String,
    project: String,
    org: OrgPart,
    inverse: Vec<InverseEntry>,
}

#[derive(Deserialize)]
struct OrgPart {
    name: String,
    id: String,
}

impl Applied {
    /// Reads what `apply --report json=FILE` wrote.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        let unreadable = |what: String| Unusable::Unreadable("a report", what);
        let file: ReportFile =
            serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        if file.format_version.split('.').next() != Some("1") {
            return Err(Unusable::Format { found: file.format_version });
        }
        let undo = |entry: InverseEntry| {
            let name = entry.username.clone();
            entry
                .undo()
                .ok_or_else(|| unreadable(format!("what it says of `{name}` makes no sense")))
        };
        Ok(Self {
            project: file.project,
            org: OrgId::parse(&file.org.id).map_err(|error| unreadable(error.to_string()))?,
            org_name: file.org.name,
            undos: file.inverse.into_iter().map(undo).collect::<Result<_, _>>()?,
        })
    }
}
