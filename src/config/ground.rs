//! What an entry of a user file gets that says nothing itself: from the top of its file, from a
//! template, from `[defaults]`. Whoever writes entries writes what differs from it.

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{
    Access, AccountRef, CustomValues, DeclaredState, FieldValues, OnCreate, PortalRole, ProfileName,
};

use super::files;
use super::level::Level;
use super::merge;
use super::settings::ProjectFile;
use super::source::SourceFile;
use super::users;

/// An entry that could stand at the end of any user file.
const ENTRY: &str = "\n[[users]]\nusername = \"somebody@portal.example\"\n";

/// What stands below the entries of a user file.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Their account.
    pub account: Option<AccountRef>,
    /// Their profile, if it is compared.
    pub profile: Option<ProfileName>,
    /// Their state.
    pub state: DeclaredState,
    /// The first day on which they are to be active.
    pub starts: Option<Date>,
    /// The last day on which they are to be active.
    pub expires: Option<Date>,
    /// Values that are compared.
    pub fields: FieldValues,
    /// Values of other fields of `User`.
    pub custom: CustomValues,
    /// Values of other fields of `Contact`.
    pub contact_custom: CustomValues,
    /// Permission sets, groups and licences.
    pub access: Arc<Access>,
    /// The level of the account role.
    pub portal_role: Option<PortalRole>,
    /// The zone in which days are meant.
    pub zone: Arc<str>,
}

/// What stands below all user files, for one org.
pub struct Grounds {
    project: ProjectFile,
    on_create: OnCreate,
}

impl Grounds {
    pub(super) fn of(project: ProjectFile) -> Self {
        Self { on_create: merge::on_create(&project), project }
    }

    /// What stands below the entries of a file that says nothing at its top.
    pub fn bare(&self) -> Ground {
        self.below(&Level::default())
    }

    /// What stands below an entry at the end of a file with this text; nothing, if none can be put
    /// there.
    pub fn under(&self, text: &str) -> Option<Ground> {
        let file = SourceFile::new("", [text, ENTRY].concat());
        let (level, found, _) =
            files::tree(&file, |reader, table| users::read(reader, table, "").level);
        found.is_empty().then(|| self.below(&level.unwrap_or_default()))
    }

    fn below(&self, file: &Level) -> Ground {
        let template = [file, &self.project.layer.defaults];
        let template = template.into_iter().find_map(|level| level.template.as_ref());
        let merge::Base { level, access, .. } = merge::base(template, file, &self.project);
        Ground {
            account: level.account,
            profile: level.profile,
            state: level.state.unwrap_or_default(),
            starts: level.starts.map(|(day, _)| day),
            expires: level.expires.map(|(day, _)| day),
            zone: merge::zone(&level.fields, &self.on_create).into(),
            fields: level.fields,
            custom: level.custom,
            contact_custom: level.contact_custom,
            access,
            portal_role: level.portal_role,
        }
    }
}
