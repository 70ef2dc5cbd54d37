//! The shape of a plan in a file: field for field the plan's own, so that whatever is added there
//! has to be added here.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs, serde_as};

use crate::model::{
    AccessKind, AccountId, ApiName, Code, ContactId, Diagnostic, Label, LicenseBasis, Moment,
    Number, OrgId, Place, ProjectName, RecordId, Rule, SetName, Severity, UserId, Username,
};
use crate::plan::{
    AccessChanges, Action, Blocker, Change, ContactStep, Datum, Expiry, FieldChange, Invitation,
    LicenseKind, LicenseLine, Mail, MailReason, Object, Plan, PlannedOrg, Reason, SeatUse,
    Selection, SetAdd, SetChanges, SetExpiry, SetRemove, Subject, SwitchedOff,
};

use super::text::AsText;

/// Lets a shape stand inside lists, options and other shapes.
macro_rules! shapes {
    ($($shape:ident for $value:ty;)+) => {$(
        impl SerializeAs<$value> for $shape {
            fn serialize_as<S: Serializer>(value: &$value, to: S) -> Result<S::Ok, S::Error> {
                Self::serialize(value, to)
            }
        }

        impl<'de> DeserializeAs<'de, $value> for $shape {
            fn deserialize_as<D: Deserializer<'de>>(from: D) -> Result<$value, D::Error> {
                Self::deserialize(from)
            }
        }
    )+};
}

shapes! {
    PlanShape for Plan;
    SelectionShape for Selection;
    OrgShape for PlannedOrg;
    ChangeShape for Change;
    PlaceShape for Place;
    SubjectShape for Subject;
    FieldShape for FieldChange;
    DatumShape for Datum;
    SetsShape for SetChanges;
    SetAddShape for SetAdd;
    SetRemoveShape for SetRemove;
    SetExpiryShape for SetExpiry;
    ExpiryShape for Expiry;
    ContactShape for ContactStep;
    SeatsShape for SeatUse;
    SwitchedOffShape for SwitchedOff;
    MailShape for Mail;
    MailReasonShape for MailReason;
    LicenseShape for LicenseLine;
    LicenseKindShape for LicenseKind;
    BasisShape for LicenseBasis;
    BlockerShape for Blocker;
    DiagnosticShape for Diagnostic;
    LabelShape for Label;
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Plan")]
pub(super) struct PlanShape {
    #[serde_as(as = "AsText")]
    project: ProjectName,
    #[serde_as(as = "OrgShape")]
    org: PlannedOrg,
    #[serde_as(as = "Vec<ChangeShape>")]
    changes: Vec<Change>,
    unchanged: usize,
    undeclared: usize,
    unmanaged: usize,
    #[serde_as(as = "Vec<LicenseShape>")]
    licenses: Vec<LicenseLine>,
    #[serde_as(as = "Vec<MailShape>")]
    mails: Vec<Mail>,
    #[serde_as(as = "Vec<BlockerShape>")]
    blockers: Vec<Blocker>,
    #[serde_as(as = "Vec<DiagnosticShape>")]
    diagnostics: Vec<Diagnostic>,
    unmatched_targets: Vec<String>,
    // Invitations are not saved.
    #[serde(skip)]
    invitation: Option<Invitation>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Selection")]
pub(super) struct SelectionShape {
    target: Vec<String>,
    exclude: Vec<String>,
    #[serde_as(as = "Vec<AsText>")]
    only: Vec<Action>,
    #[serde_as(as = "Vec<AsText>")]
    only_reason: Vec<Reason>,
    no_deactivate: bool,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "PlannedOrg")]
struct OrgShape {
    name: String,
    #[serde_as(as = "AsText")]
    id: OrgId,
    instance_url: String,
    is_sandbox: bool,
    #[serde_as(as = "AsText")]
    user: Username,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Change")]
struct ChangeShape {
    #[serde_as(as = "AsText")]
    username: Username,
    #[serde_as(as = "AsText")]
    org_username: Username,
    name: String,
    account: String,
    #[serde_as(as = "Option<PlaceShape>")]
    place: Option<Place>,
    #[serde_as(as = "AsText")]
    action: Action,
    #[serde_as(as = "Vec<AsText>")]
    reasons: Vec<Reason>,
    blocked: bool,
    #[serde_as(as = "SubjectShape")]
    subject: Subject,
    #[serde_as(as = "Vec<FieldShape>")]
    fields: Vec<FieldChange>,
    #[serde_as(as = "ByKindShape")]
    access: AccessChanges,
    #[serde_as(as = "Option<ContactShape>")]
    contact: Option<ContactStep>,
    unfreeze: bool,
    activate: bool,
    #[serde(skip)]
    last_reset: Option<Moment>,
    #[serde_as(as = "SeatsShape")]
    seats: SeatUse,
    #[serde_as(as = "Option<SwitchedOffShape>")]
    switched_off: Option<SwitchedOff>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Place")]
struct PlaceShape {
    #[serde_as(as = "AsText")]
    file: Arc<str>,
    line: u32,
    column: u32,
    start: u32,
    end: u32,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Subject", rename_all = "kebab-case")]
enum SubjectShape {
    New,
    Existing(#[serde_as(as = "AsText")] UserId),
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "FieldChange")]
struct FieldShape {
    #[serde_as(as = "AsText")]
    object: Object,
    #[serde_as(as = "AsText")]
    field: ApiName,
    #[serde_as(as = "DatumShape")]
    before: Datum,
    #[serde_as(as = "DatumShape")]
    after: Datum,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Datum", rename_all = "kebab-case")]
enum DatumShape {
    Null,
    Text(#[serde_as(as = "AsText")] Arc<str>),
    Bool(bool),
    Number(#[serde_as(as = "AsText")] Number),
    Date(#[serde_as(as = "AsText")] Date),
    Reference {
        #[serde_as(as = "AsText")]
        id: RecordId,
        #[serde_as(as = "AsText")]
        name: Arc<str>,
    },
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SetChanges")]
struct SetsShape {
    #[serde_as(as = "Vec<SetAddShape>")]
    add: Vec<SetAdd>,
    #[serde_as(as = "Vec<SetRemoveShape>")]
    remove: Vec<SetRemove>,
    #[serde_as(as = "Vec<SetExpiryShape>")]
    change: Vec<SetExpiry>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SetAdd")]
struct SetAddShape {
    #[serde_as(as = "AsText")]
    id: RecordId,
    #[serde_as(as = "AsText")]
    name: SetName,
    #[serde_as(as = "Option<ExpiryShape>")]
    expires: Option<Expiry>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SetRemove")]
struct SetRemoveShape {
    #[serde_as(as = "AsText")]
    holding: RecordId,
    #[serde_as(as = "AsText")]
    name: SetName,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SetExpiry")]
struct SetExpiryShape {
    #[serde_as(as = "AsText")]
    holding: RecordId,
    #[serde_as(as = "AsText")]
    name: SetName,
    #[serde_as(as = "Option<AsText>")]
    before: Option<Date>,
    #[serde_as(as = "Option<ExpiryShape>")]
    after: Option<Expiry>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Expiry")]
struct ExpiryShape {
    #[serde_as(as = "AsText")]
    day: Date,
    #[serde_as(as = "AsText")]
    at: Timestamp,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "ContactStep", rename_all = "kebab-case")]
enum ContactShape {
    Create(#[serde_as(as = "AsText")] AccountId),
    Link(#[serde_as(as = "AsText")] ContactId),
    Update(#[serde_as(as = "AsText")] ContactId),
    Move(#[serde_as(as = "AsText")] ContactId),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SeatUse")]
struct SeatsShape {
    license: Option<usize>,
    frees: Option<usize>,
    takes: Option<usize>,
    turn: usize,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SwitchedOff")]
struct SwitchedOffShape {
    #[serde_as(as = "Option<AsText>")]
    by: Option<Arc<str>>,
    #[serde_as(as = "Option<AsText>")]
    at: Option<Timestamp>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Mail")]
struct MailShape {
    #[serde_as(as = "AsText")]
    username: Username,
    #[serde_as(as = "Vec<MailReasonShape>")]
    reasons: Vec<MailReason>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "MailReason", rename_all = "kebab-case")]
enum MailReasonShape {
    Activation,
    Invited,
    Welcome(#[serde_as(as = "AsText")] Arc<str>),
    Username,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "LicenseKind", rename_all = "kebab-case")]
enum LicenseKindShape {
    User(#[serde_as(as = "BasisShape")] LicenseBasis),
    PermissionSet,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LicenseBasis", rename_all = "kebab-case")]
enum BasisShape {
    Members { guessed: bool },
    Logins { monthly: Option<(i64, i64)> },
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "LicenseLine")]
struct LicenseShape {
    #[serde_as(as = "AsText")]
    name: Arc<str>,
    #[serde_as(as = "LicenseKindShape")]
    kind: LicenseKind,
    active: bool,
    total: i64,
    used: i64,
    freed: i64,
    needed: i64,
    #[serde_as(as = "Vec<AsText>")]
    short_users: Vec<Username>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Blocker")]
struct BlockerShape {
    #[serde_as(as = "AsText")]
    rule: Rule,
    count: u64,
    limit: u64,
    message: String,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Diagnostic")]
struct DiagnosticShape {
    #[serde_as(as = "AsText")]
    code: Code,
    #[serde_as(as = "AsText")]
    severity: Severity,
    message: String,
    help: Option<String>,
    #[serde_as(as = "Option<AsText>")]
    username: Option<Username>,
    #[serde_as(as = "Option<PlaceShape>")]
    place: Option<Place>,
    #[serde_as(as = "Vec<LabelShape>")]
    labels: Vec<Label>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Label")]
struct LabelShape {
    #[serde_as(as = "PlaceShape")]
    place: Place,
    text: String,
}

/// What is given and taken, under the keys of the user files.
struct ByKindShape;

impl SerializeAs<AccessChanges> for ByKindShape {
    fn serialize_as<S: Serializer>(value: &AccessChanges, to: S) -> Result<S::Ok, S::Error> {
        struct One<'a>(&'a SetChanges);
        impl Serialize for One<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                SetsShape::serialize(self.0, to)
            }
        }
        let mut map = to.serialize_map(None)?;
        for (kind, changes) in value.iter().filter(|(_, changes)| !changes.is_empty()) {
            map.serialize_entry(kind.key(), &One(changes))?;
        }
        map.end()
    }
}

impl<'de> DeserializeAs<'de, AccessChanges> for ByKindShape {
    fn deserialize_as<D: Deserializer<'de>>(from: D) -> Result<AccessChanges, D::Error> {
        #[derive(Deserialize)]
        struct One(#[serde(with = "SetsShape")] SetChanges);
        let mut map = std::collections::BTreeMap::<String, One>::deserialize(from)?;
        let mut access = AccessChanges::default();
        for kind in AccessKind::ALL {
            if let Some(One(changes)) = map.remove(kind.key()) {
                *access.get_mut(kind) = changes;
            }
        }
        Ok(access)
    }
}
