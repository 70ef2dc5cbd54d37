//! What a declaration asks of the org: that its names exist, that Salesforce will take them, and
//! that nobody else has what only one can have.

use crate::model::{
    Account, AccountRef, Code, ContactId, ContactRef, DesiredUser, Diagnostic, Profile, UserField,
    nearest,
};

use super::Planner;
use super::change::{Change, Object, Subject};

/// Profiles that Salesforce ships and, unless a setting says otherwise, refuses for new users.
/// Source: Salesforce Help, "Allow Using Standard External Profiles".
const STANDARD_EXTERNAL_PROFILES: [&str; 17] = [
    "Customer Community User",
    "Customer Community Login User",
    "Customer Community Plus User",
    "Customer Community Plus Login User",
    "Partner Community User",
    "Partner Community Login User",
    "External Apps Login User",
    "External Apps Plus User",
    "External Apps Plus Login User",
    "External Identity User",
    "High Volume Customer Portal",
    "High Volume Customer Portal User",
    "Authenticated Website",
    "Customer Portal Manager Standard",
    "Customer Portal Manager Custom",
    "Gold Partner User",
    "Silver Partner User",
];

impl<'a> Planner<'a> {
    pub(super) fn warn_standard_profile(&mut self, declared: &DesiredUser, profile: &Profile) {
        if !STANDARD_EXTERNAL_PROFILES.contains(&&*profile.name) {
            return;
        }
        let warning = Diagnostic::new(
            Code::StandardProfile,
            format!("`{}` is a standard external profile, which most orgs refuse", profile.name),
        )
        .help("clone the profile and declare the clone, or allow standard external profiles in Setup > Digital Experiences > Settings");
        self.say(declared, warning);
    }

    pub(super) fn declared_profile(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        name: &str,
    ) -> Option<&'a Profile> {
        let Some(profile) = self.index.profile_named(name) else {
            let portal = self.index.current.profiles.iter().filter(|p| p.user_type.is_portal());
            let help = nearest(name, portal.map(|profile| &*profile.name)).map_or_else(
                || "profiles are found by the name that Setup > Profiles shows".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("profile `{name}` does not exist in this org");
            self.block(change, declared, Diagnostic::new(Code::UnknownProfile, message).help(help));
            return None;
        };
        if !profile.user_type.is_portal() {
            let problem = Diagnostic::new(
                Code::InternalProfile,
                format!("profile `{name}` is not one for portal users"),
            )
            .help("declare a profile of an Experience Cloud licence");
            self.block(change, declared, problem);
            return None;
        }
        Some(profile)
    }

    pub(super) fn declared_account(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
    ) -> Option<&'a Account> {
        let found = self.index.accounts(&declared.account);
        let problem = match found.as_slice() {
            [account] if account.is_person => person_account(account),
            [account] => return Some(account),
            [] => Diagnostic::new(
                Code::AccountNotFound,
                format!("account `{}` does not exist in this org", declared.account),
            )
            .help(account_hint(&declared.account)),
            several => {
                let ids: Vec<String> = several.iter().map(|a| a.id.to_string()).collect();
                Diagnostic::new(
                    Code::AccountAmbiguous,
                    format!(
                        "{} accounts {} `{}`: {}",
                        several.len(),
                        if matches!(declared.account, AccountRef::External(_)) {
                            "have"
                        } else {
                            "are called"
                        },
                        declared.account,
                        ids.join(", ")
                    ),
                )
                .help("name the account by its id: `account = { id = \"001…\" }`")
            }
        };
        self.block(change, declared, problem);
        None
    }

    /// Source: Salesforce Help, article 000385901, "portal account owner must have a role". That the
    /// owner must not be a portal user is known from the refusal of partner users; it is assumed of
    /// all.
    pub(super) fn check_owner(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        account: &Account,
    ) {
        let owner = &account.owner;
        if !owner.inside {
            let message =
                format!("account `{}` is owned by {}, a portal user", account.name, owner.name);
            let problem = Diagnostic::new(Code::OwnerOutside, message)
                .help("change the account's owner to a user inside who has a role");
            self.block(change, declared, problem);
        } else if !owner.has_role {
            let problem = Diagnostic::new(
                Code::OwnerWithoutRole,
                format!("account `{}` is owned by {}, who has no role", account.name, owner.name),
            )
            .help("give the owner a role in Setup > Users, or change the account's owner");
            self.block(change, declared, problem);
        }
        if !owner.active {
            let warning = Diagnostic::new(
                Code::OwnerInactive,
                format!("account `{}` is owned by {}, who is inactive", account.name, owner.name),
            )
            .help("change the account's owner");
            self.say(declared, warning);
        }
    }

    /// A user's contact is theirs for good. Source: Object Reference, User, `ContactId`.
    pub(super) fn check_contact(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        held: ContactId,
    ) {
        let problem = match declared.contact.as_deref() {
            None => return,
            Some(ContactRef::Id(wanted)) if *wanted == held => return,
            Some(wanted @ ContactRef::Id(_)) => fixed_contact(wanted, held),
            Some(wanted @ ContactRef::External(_)) => match self.referenced(wanted) {
                Ok(contact) if contact.id == held => return,
                Ok(_) => fixed_contact(wanted, held),
                Err(problem) => problem,
            },
        };
        self.block(change, declared, problem);
    }

    /// Nicknames and federation ids belong to one user of an org.
    /// Source: Object Reference, User, `CommunityNickname` and `FederationIdentifier`.
    pub(super) fn check_unique(&mut self, change: &mut Change, declared: &DesiredUser) {
        let own = match change.subject {
            Subject::New => None,
            Subject::Existing(id) => Some(id),
        };
        for (field, code, what) in [
            (UserField::Nickname, Code::NicknameTaken, "nickname"),
            (UserField::FederationId, Code::FederationIdTaken, "federation id"),
        ] {
            let written = change
                .fields
                .iter()
                .find(|one| one.object == Object::User && one.field == *field.api_name())
                .and_then(|one| Some(one.after.text()?.into_owned()));
            let Some(value) = written else { continue };
            let holder = self.index.who_has(field, &value);
            let Some(holder) = holder.filter(|holder| Some(holder.id) != own) else { continue };
            let state = if holder.active { "active" } else { "inactive" };
            let problem = Diagnostic::new(
                code,
                format!("{what} `{value}` belongs to the {state} user `{}`", holder.username),
            )
            .help("choose another, or leave the key out");
            self.block(change, declared, problem);
        }
    }
}

fn fixed_contact(wanted: &ContactRef, held: ContactId) -> Diagnostic {
    Diagnostic::new(
        Code::ContactFixed,
        format!("the user's contact is `{held}`, declared is `{wanted}`"),
    )
    .help(format!("write `contact = {{ id = \"{held}\" }}` or leave the key out"))
}

/// Source: Salesforce Help, "Considerations for Using Person Accounts".
fn person_account(account: &Account) -> Diagnostic {
    Diagnostic::new(Code::PersonAccount, format!("`{}` is a person account", account.name))
        .help("users of person accounts are not supported: declare a business account")
}

fn account_hint(wanted: &AccountRef) -> &'static str {
    match wanted {
        AccountRef::Name(_) => {
            "the name must match exactly; check it, and that this login can see the account"
        }
        AccountRef::Id(_) => "ids differ between orgs: check which org this one comes from",
        AccountRef::External(_) => "check the field's API name and the value",
    }
}
