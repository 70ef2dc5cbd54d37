//! One person: everything that differs, and everything that stands in the way, in one change.

use crate::model::{
    Account, AccountRef, Activation, ApiName, Code, ContactRef, CurrentUser, DeclaredProfile,
    DesiredUser, Diagnostic, Profile, Rule, Username, nearest,
};

use super::Planner;
use super::change::{
    AccessChanges, Action, Change, ContactStep, Datum, FieldChange, Object, Reason, SeatUse,
    Subject, SwitchedOff,
};
use super::custom::Written;
use super::fields::profile_datum;
use super::license_move::LicenseMove;
use super::lifecycle::{self, Found, Step};
use super::pairing::{NewContact, Pairing};

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
    /// Plans one declared user; nothing, if there is nothing to do and nothing in the way.
    pub(super) fn person(&mut self, declared: &'a DesiredUser) -> Option<Change> {
        let org_username = declared.username.with_suffix(&self.request.username_suffix);
        let (wanted, reason) = lifecycle::wanted(declared, self.request.today);
        let mut change = blank(declared, org_username, reason);
        let user = match self.pair(declared, &change.org_username) {
            Ok(Pairing::Existing(user)) => Some(user),
            Ok(Pairing::New) => None,
            Err(problem) => {
                self.block(&mut change, declared, problem);
                return Some(change);
            }
        };
        if let Some(user) = user {
            recognise(&mut change, user);
        }
        let step = lifecycle::step(self.found(user), wanted);
        match (step, user) {
            (Step::Leave, _) => return None,
            (Step::Create, _) | (_, None) => {
                change.action = Action::Create;
                self.create(&mut change, declared);
            }
            (Step::Deactivate, Some(_)) => change.action = Action::Deactivate,
            (Step::Freeze, Some(user)) => {
                change.action = Action::Freeze;
                self.compare(&mut change, declared, user);
            }
            (Step::Unfreeze, Some(user)) => {
                change.action = Action::Unfreeze;
                change.unfreeze = true;
                self.compare(&mut change, declared, user);
            }
            (Step::Reactivate { unfreeze }, Some(user)) => {
                change.action = Action::Reactivate;
                change.unfreeze = unfreeze;
                self.reactivate(&mut change, declared, user);
            }
            (Step::Keep, Some(user)) => {
                change.action = Action::Update;
                change.reasons = vec![Reason::Declared];
                self.compare(&mut change, declared, user);
                self.warn_frozen(declared, user, wanted);
                self.warn_unmailed(declared, user);
                if is_idle(&change) {
                    return None;
                }
            }
        }
        Some(change)
    }

    fn found(&self, user: Option<&CurrentUser>) -> Found {
        let Some(user) = user else {
            return Found::Absent;
        };
        let frozen = self.index.current.frozen.contains_key(&user.id);
        match (user.active, frozen) {
            (true, false) => Found::Active,
            (true, true) => Found::Frozen,
            (false, frozen) => Found::Inactive { frozen },
        }
    }

    /// Holds the user up and says why.
    fn block(&mut self, change: &mut Change, declared: &DesiredUser, problem: Diagnostic) {
        change.blocked = true;
        self.say(declared, problem);
    }

    fn say(&mut self, declared: &DesiredUser, finding: Diagnostic) {
        self.diagnostics.push(finding.about(&declared.username).at(&declared.place));
    }

    fn create(&mut self, change: &mut Change, declared: &'a DesiredUser) {
        let profile = self.declared_profile(change, declared, declared.profile.name().as_str());
        let account = self.declared_account(change, declared);
        if let Some(profile) = profile {
            change.fields = self.new_user(declared, &change.org_username, profile);
            let custom = self.new_user_custom(declared);
            self.settle(change, declared, custom);
            self.add_sets(change, declared, None, profile);
            if STANDARD_EXTERNAL_PROFILES.contains(&&*profile.name) {
                self.say(declared, standard_profile(profile));
            }
        }
        let Some(account) = account else { return };
        change.account = account.name.to_string();
        self.check_owner(change, declared, account);
        match self.contact_for(declared, account) {
            Ok(NewContact::Create) => {
                change.contact = Some(ContactStep::Create(account.id));
                change.fields.extend(self.new_contact(declared));
                let custom = self.new_contact_custom(declared);
                self.settle(change, declared, custom);
            }
            Ok(NewContact::Link(contact)) => {
                change.contact = Some(ContactStep::Link(contact.id));
                change.fields.extend(self.contact_fields(declared, contact));
                let custom = self.contact_custom(declared, contact);
                self.settle(change, declared, custom);
            }
            Err(problem) => self.block(change, declared, problem),
        }
        // What `[on_create]` says is the declaration's own, unless a nearer level speaks.
        change.activate = declared.activation == Activation::ResetEmail;
        if let Some(profile) = profile {
            self.set_role(change, declared, None, (profile, account));
        }
        for problem in self.required(change) {
            self.block(change, declared, problem);
        }
    }

    /// Takes over values of fields that a file names by API name.
    fn settle(&mut self, change: &mut Change, declared: &DesiredUser, written: Written) {
        change.fields.extend(written.changes);
        for problem in written.problems {
            self.block(change, declared, problem);
        }
    }

    fn set_role(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
        place: (&Profile, &Account),
    ) {
        let plan = self.portal_role(declared, user, place);
        change.fields.extend(plan.change);
        if let Some(remark) = plan.remark {
            self.say(declared, remark);
        }
        if let Some(problem) = plan.problem {
            self.block(change, declared, problem);
        }
    }

    fn reactivate(
        &mut self,
        change: &mut Change,
        declared: &'a DesiredUser,
        user: &'a CurrentUser,
    ) {
        self.compare(change, declared, user);
        let by_themself = user.last_modified_by == Some(user.id);
        change.switched_off =
            Some(SwitchedOff { by: user.last_modified_by_name.clone(), at: user.last_modified });
        if by_themself && !self.request.allow.contains_key(&Rule::Reactivations) {
            let when = user.last_modified.map(|at| format!(" on {}", at.strftime("%Y-%m-%d")));
            let problem = Diagnostic::new(
                Code::SelfDeactivated,
                format!("{} deactivated themself{}", change.name, when.unwrap_or_default()),
            )
            .help("if they are to come back, run again with `--allow reactivations=N`, N being the plan's number of reactivations with them");
            self.block(change, declared, problem);
        }
    }

    /// Compares an existing user with the declaration.
    fn compare(&mut self, change: &mut Change, declared: &'a DesiredUser, user: &'a CurrentUser) {
        let account = self.declared_account(change, declared);
        let profile = match &declared.profile {
            DeclaredProfile::Managed(name) => {
                self.declared_profile(change, declared, name.as_str())
            }
            DeclaredProfile::OnCreate(_) => self.index.profile(user.profile),
        };
        change.fields = self.user_fields(declared, user);
        let custom = self.user_custom(declared, user);
        self.settle(change, declared, custom);
        if let Some(profile) = profile {
            self.compare_profile(change, declared, user, profile);
            self.add_sets(change, declared, Some(user), profile);
            if let Some(account) = account {
                self.set_role(change, declared, Some(user), (profile, account));
            }
        }
        self.compare_contact(change, declared, user, account);
    }

    fn compare_profile(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        user: &CurrentUser,
        wanted: &Profile,
    ) {
        if wanted.id == user.profile {
            return;
        }
        let observed = self.index.profile(user.profile);
        change.fields.push(FieldChange {
            object: Object::User,
            field: ApiName::of("ProfileId"),
            before: observed.map_or(Datum::Null, profile_datum),
            after: profile_datum(wanted),
        });
        if let Some(observed) = observed
            && let (Some(from), Some(to)) =
                (self.index.license(observed.license), self.index.license(wanted.license))
        {
            let step = LicenseMove::between((observed, from), (wanted, to));
            match (step.finding(from, to), &step) {
                (Some(problem), LicenseMove::Refused(_)) => self.block(change, declared, problem),
                (Some(finding), _) => self.say(declared, finding),
                (None, _) => {}
            }
        }
    }

    fn compare_contact(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        user: &CurrentUser,
        account: Option<&'a Account>,
    ) {
        let Some(linked) = &user.contact else { return };
        let contact = &linked.contact;
        if let Some(ContactRef::Id(wanted)) = declared.contact
            && wanted != contact.id
        {
            let problem = Diagnostic::new(
                Code::ContactFixed,
                format!("the user's contact is `{}`, declared is `{wanted}`", contact.id),
            )
            .help(format!("write `contact = {{ id = \"{}\" }}` or leave the key out", contact.id));
            self.block(change, declared, problem);
        }
        let mut differing = self.contact_fields(declared, contact);
        let custom = self.contact_custom(declared, contact);
        differing.extend(custom.changes.iter().cloned());
        if !differing.is_empty() {
            change.contact = Some(ContactStep::Update(contact.id));
        }
        change.fields.extend(differing);
        for problem in custom.problems {
            self.block(change, declared, problem);
        }
        let Some(account) = account.filter(|account| contact.account != Some(account.id)) else {
            return;
        };
        let before = match (contact.account, &linked.account_name) {
            (Some(id), Some(name)) => Datum::Reference { id: id.record(), name: name.clone() },
            _ => Datum::Null,
        };
        change.contact = Some(ContactStep::Move(contact.id));
        change.account = account.name.to_string();
        change.fields.push(FieldChange {
            object: Object::Contact,
            field: ApiName::of("AccountId"),
            before,
            after: Datum::Reference { id: account.id.record(), name: account.name.clone() },
        });
        self.check_owner(change, declared, account);
    }

    fn add_sets(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
        profile: &Profile,
    ) {
        let plan = self.access(declared, user, profile);
        change.access = plan.changes;
        self.remarks.add(plan.remarks);
        for problem in plan.problems {
            self.block(change, declared, problem);
        }
    }

    fn declared_profile(
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

    fn declared_account(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
    ) -> Option<&'a Account> {
        let found = self.index.accounts(&declared.account);
        let problem = match found.as_slice() {
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
                        "{} accounts are called `{}`: {}",
                        several.len(),
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

    /// Source: Salesforce Help, article 000385901, "portal account owner must have a role".
    fn check_owner(&mut self, change: &mut Change, declared: &DesiredUser, account: &Account) {
        let owner = &account.owner;
        if !owner.has_role {
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

    /// A mail is sent once, right after the user was created. One that was not sent then, or of which
    /// nobody knows, is for people to see to. It is assumed that the date is empty until a password
    /// is set or reset. Source: Object Reference, User, `LastPasswordChangeDate`.
    fn warn_unmailed(&mut self, declared: &DesiredUser, user: &CurrentUser) {
        let mailed = user.last_login.is_some() || user.last_password.is_some();
        let wishes = [declared.activation, declared.on_create.activation];
        if mailed || !user.active || !wishes.contains(&Activation::ResetEmail) {
            return;
        }
        let warning = Diagnostic::new(
            Code::ActivationUnknown,
            format!("{} has never signed in, and nobody knows of an activation mail", user.name),
        )
        .help("reset their password in Setup > Users, which mails them a link");
        self.say(declared, warning);
    }

    fn warn_frozen(
        &mut self,
        declared: &DesiredUser,
        user: &CurrentUser,
        wanted: lifecycle::Wanted,
    ) {
        let unstated = matches!(wanted, lifecycle::Wanted::Active { unfreeze: false });
        let Some(freeze) = self.index.current.frozen.get(&user.id).filter(|_| unstated) else {
            return;
        };
        let by = freeze.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let at = freeze.at.map(|at| format!(" on {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
        let warning = Diagnostic::new(Code::Frozen, format!("{} was frozen{by}{at}", user.name))
            .help("they cannot sign in; to lift it, write `state = \"active\"`");
        self.say(declared, warning);
    }
}

/// A change in which nothing has been found yet.
fn blank(declared: &DesiredUser, org_username: Username, reason: Reason) -> Change {
    Change {
        username: declared.username.clone(),
        org_username,
        name: declared.name(),
        account: declared.account.to_string(),
        place: declared.place.clone(),
        action: Action::Update,
        reasons: vec![reason],
        blocked: false,
        subject: Subject::New,
        fields: Vec::new(),
        access: AccessChanges::default(),
        contact: None,
        unfreeze: false,
        activate: false,
        seats: SeatUse::default(),
        switched_off: None,
    }
}

/// The change is about this user.
fn recognise(change: &mut Change, user: &CurrentUser) {
    change.subject = Subject::Existing(user.id);
    if let Some(account) = user.contact.as_ref().and_then(|c| c.account_name.as_deref()) {
        account.clone_into(&mut change.account);
    }
}

fn is_idle(change: &Change) -> bool {
    !change.blocked
        && change.fields.is_empty()
        && change.access.is_empty()
        && change.contact.is_none()
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

fn standard_profile(profile: &Profile) -> Diagnostic {
    Diagnostic::new(
        Code::StandardProfile,
        format!("`{}` is a standard external profile, which most orgs refuse", profile.name),
    )
    .help("clone the profile and declare the clone, or allow standard external profiles in Setup > Digital Experiences > Settings")
}
