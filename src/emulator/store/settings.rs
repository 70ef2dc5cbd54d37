//! What an administrator has set up, and what is uncertain about the platform and can be chosen.

use jiff::Timestamp;

use crate::emulator::app::App;
use crate::emulator::id::Id;
use crate::emulator::schema::Object;

/// A rule that an administrator of the org has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emulator) struct ValidationRule {
    pub(in crate::emulator) object: Object,
    pub(in crate::emulator) field: String,
    pub(in crate::emulator) equals: String,
    pub(in crate::emulator) message: String,
    /// `FIELD_CUSTOM_VALIDATION_EXCEPTION`, unless the rule stands for something else.
    pub(in crate::emulator) code: String,
}

/// A rule against records that are like others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emulator) struct DuplicateRule {
    pub(in crate::emulator) object: Object,
    pub(in crate::emulator) field: String,
    /// Alert: whoever insists may save. Otherwise it blocks.
    pub(in crate::emulator) alert: bool,
}

/// A mail that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emulator) struct Mail {
    pub(in crate::emulator) kind: MailKind,
    pub(in crate::emulator) user: Id,
    pub(in crate::emulator) to: String,
    pub(in crate::emulator) at: Timestamp,
    /// The site that a welcome is to.
    pub(in crate::emulator) site: Option<String>,
}

/// Why a mail left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emulator) enum MailKind {
    /// A site welcomes a new member.
    Welcome,
    /// A password was reset.
    Reset,
    /// A username was changed, which cannot be kept from its owner.
    Username,
    /// Somebody was switched on again.
    Reactivation,
}

impl MailKind {
    pub(in crate::emulator) const fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Reset => "reset",
            Self::Username => "username",
            Self::Reactivation => "reactivation",
        }
    }

    pub(in crate::emulator) fn named(name: &str) -> Option<Self> {
        [Self::Welcome, Self::Reset, Self::Username, Self::Reactivation]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What can be chosen. The defaults are what is documented.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the switches of an org's setup")]
pub(in crate::emulator) struct Settings {
    pub(in crate::emulator) rules: Vec<ValidationRule>,
    pub(in crate::emulator) duplicate_rules: Vec<DuplicateRule>,
    /// Setup > Digital Experiences > Settings > Allow using standard external profiles.
    pub(in crate::emulator) standard_external_profiles: bool,
    /// The most rows of a page; absent, 2,000.
    pub(in crate::emulator) page: Option<usize>,
    /// Role levels of an account: 1 to 3.
    pub(in crate::emulator) account_roles: usize,
    /// The first user of an account shares a role with others.
    pub(in crate::emulator) account_role_optimization: bool,
    /// Domains that addresses of users are limited to.
    pub(in crate::emulator) email_domains: Vec<String>,
    /// Usernames that are taken in other orgs.
    pub(in crate::emulator) taken_usernames: Vec<String>,
    /// Assigning a set that needs a permission set licence assigns the licence as well.
    pub(in crate::emulator) assign_set_licenses: bool,
    /// A profile change takes memberships of the old profile's sites away.
    pub(in crate::emulator) profile_change_removes_members: bool,
    /// Switching somebody on again mails them.
    pub(in crate::emulator) reactivation_mail: bool,
    /// Customer Community Plus may go back to Customer Community.
    pub(in crate::emulator) plus_to_community: bool,
    /// `License Limit Exceeded` names the licence.
    pub(in crate::emulator) license_name_in_error: bool,
    /// How often one call may change the same record.
    pub(in crate::emulator) repeats_in_call: usize,
    /// Calls of a day.
    pub(in crate::emulator) daily_calls: u64,
    /// Whether answers are compressed for who can read that.
    pub(in crate::emulator) gzip: bool,
    /// The oldest and the newest API version.
    pub(in crate::emulator) versions: (u32, u32),
    /// Versions below this one come with a warning.
    pub(in crate::emulator) deprecated_below: u32,
    /// Objects that the Bulk API does not take.
    pub(in crate::emulator) not_in_bulk: Vec<String>,
    /// Results of ingest jobs come in another order than the upload.
    pub(in crate::emulator) bulk_reorders: bool,
    /// The users that setup refers to as default owner of cases.
    pub(in crate::emulator) case_owners: Vec<Id>,
    /// Sets that a licence does not allow, with the permission that is one too many.
    pub(in crate::emulator) beyond_license: Vec<(Id, Id, String)>,
    /// Sets that an access policy takes away again.
    pub(in crate::emulator) revoked_sets: Vec<Id>,
    /// What people and machines sign in through.
    pub(in crate::emulator) apps: Vec<App>,
    /// Minutes after which an unused session ends; absent, never.
    pub(in crate::emulator) session_minutes: Option<u64>,
    /// The server stands for a login host, which takes no client credentials.
    pub(in crate::emulator) login_host: bool,
    /// What an assertion whose time is over is called.
    pub(in crate::emulator) expired_assertion: String,
    /// The person behind the request insists on saving duplicates.
    pub(in crate::emulator) save_duplicates: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            duplicate_rules: Vec::new(),
            standard_external_profiles: false,
            page: None,
            account_roles: 1,
            account_role_optimization: false,
            email_domains: Vec::new(),
            taken_usernames: Vec::new(),
            assign_set_licenses: true,
            profile_change_removes_members: false,
            reactivation_mail: false,
            plus_to_community: false,
            license_name_in_error: true,
            repeats_in_call: 12,
            daily_calls: 100_000,
            gzip: true,
            versions: (31, 68),
            deprecated_below: 41,
            not_in_bulk: Vec::new(),
            bulk_reorders: true,
            case_owners: Vec::new(),
            beyond_license: Vec::new(),
            revoked_sets: Vec::new(),
            apps: Vec::new(),
            session_minutes: None,
            login_host: false,
            expired_assertion: "expired authorization code".to_owned(),
            save_duplicates: false,
        }
    }
}
