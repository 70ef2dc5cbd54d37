//! One person: everything that differs, and everything that stands in the way, in one change.

use crate::model::{
    Account, Activation, ApiName, Code, CurrentUser, DeclaredProfile, DesiredUser, Diagnostic,
    Profile, UserField, Username,
};

use super::Planner;
use super::access_change::AccessChanges;
use super::change::{
    Action, Change, ContactStep, Datum, FieldChange, Object, Reason, SeatUse, Subject, SwitchedOff,
};
use super::custom::Written;
use super::fields::profile_datum;
use super::identity::Identity;
use super::license_move::LicenseMove;
use super::lifecycle::{self, Found, Step};
use super::ownership::Marked;
use super::pairing::NewContact;

/// A declared person and their user.
#[derive(Clone, Copy)]
struct Pair<'a> {
    declared: &'a DesiredUser,
    user: &'a CurrentUser,
    is_renamed: bool,
}

impl<'a> Planner<'a> {
    /// Plans one declared user; nothing, if there is nothing to do and nothing in the way.
    pub(super) fn person(
        &mut self,
        declared: &'a DesiredUser,
        org_username: &Username,
        identity: &Identity<'a>,
    ) -> Option<Change> {
        let mut change = self.judged(declared, org_username, identity)?;
        introduce(&mut change, declared, identity.certain());
        Some(change)
    }

    /// The change, before it says whom it is about.
    fn judged(
        &mut self,
        declared: &'a DesiredUser,
        org_username: &Username,
        identity: &Identity<'a>,
    ) -> Option<Change> {
        let (wanted, reason) = lifecycle::wanted(declared, self.request.today);
        let mut change = blank(declared, org_username.clone(), reason);
        let user = match identity {
            Identity::New => None,
            Identity::Same(user) | Identity::Renamed(user) => Some(*user),
            Identity::Unclear(unclear) => {
                self.block(&mut change, declared, unclear.problem.clone());
                return Some(change);
            }
        };
        let Some(user) = user else {
            if lifecycle::step(Found::Absent, wanted) == Step::Leave {
                return None;
            }
            change.action = Action::Create;
            change.reasons = vec![Reason::Declared];
            self.create(&mut change, declared);
            return Some(change);
        };
        change.subject = Subject::Existing(user.id);
        if let Err(problem) = self.writable(user) {
            self.block(&mut change, declared, problem);
            return Some(change);
        }
        let step = lifecycle::step(self.index.found(user), wanted);
        self.warn_frozen(declared, user, wanted, step);
        if step == Step::Keep {
            self.warn_unmailed(declared, user);
        }
        let is_renamed = matches!(identity, Identity::Renamed(_));
        self.take(step, &mut change, Pair { declared, user, is_renamed }).then_some(change)
    }

    /// Carries a step of the table over to the change. Says whether that makes it one.
    fn take(&mut self, step: Step, change: &mut Change, pair: Pair<'a>) -> bool {
        let Pair { declared, user, is_renamed } = pair;
        match step {
            Step::Leave => return false,
            Step::Refuse => {
                let problem = Diagnostic::new(
                    Code::Disabled,
                    format!(
                        "`{}` belongs to a user whose portal access was disabled",
                        user.username
                    ),
                )
                .help("that cannot be undone: choose another username");
                self.block(change, declared, problem);
                return true;
            }
            Step::Deactivate => {
                change.action = Action::Deactivate;
                if self.switched_by_another(user, true) {
                    change.reasons.push(Reason::Drift);
                }
                self.spare_protected(change, declared, user);
                self.respect_marker(change, declared, user);
                return true;
            }
            Step::Freeze => {
                change.action = Action::Freeze;
                self.spare_protected(change, declared, user);
            }
            Step::Unfreeze => {
                change.action = Action::Unfreeze;
                change.unfreeze = true;
            }
            Step::Reactivate { unfreeze } => {
                change.action = Action::Reactivate;
                change.unfreeze = unfreeze;
                self.reactivate(change, user);
            }
            Step::Create | Step::Keep => change.reasons = vec![Reason::Declared],
        }
        self.compare(change, declared, user);
        let adopts = self.respect_marker(change, declared, user);
        if is_renamed {
            rename(change, user);
        }
        if matches!(step, Step::Create | Step::Keep) {
            change.action = match (is_renamed, adopts) {
                (true, _) => Action::Rename,
                (false, true) => Action::Adopt,
                (false, false) => Action::Update,
            };
            return !is_idle(change);
        }
        true
    }

    /// Nobody who is protected is deactivated or frozen.
    fn spare_protected(&mut self, change: &mut Change, declared: &DesiredUser, user: &CurrentUser) {
        if !self.owner.protects(&change.username, &change.org_username) {
            return;
        }
        let what = if change.action == Action::Freeze { "frozen" } else { "deactivated" };
        let problem = Diagnostic::new(
            Code::Protected,
            format!("{} is protected and would be {what}", called(declared, Some(user))),
        )
        .help("take the username out of `[ownership] protect`, or correct the declaration");
        self.block(change, declared, problem);
    }

    /// Writes the marker to a user without one, and keeps off those of somebody else. Says whether
    /// it is written.
    fn respect_marker(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        user: &CurrentUser,
    ) -> bool {
        match self.owner.marked(user) {
            Marked::Settled => false,
            Marked::Unmarked if change.action == Action::Deactivate => false,
            Marked::Unmarked => {
                change.fields.extend(self.owner.marking());
                true
            }
            Marked::ByAnother(value) => {
                let problem = Diagnostic::new(
                    Code::MarkerOfAnother,
                    format!("`{}` says that `{value}` answers for this user", self.owner.field()),
                )
                .help("if the user is handed over, empty the field in the org; if not, take the declaration out");
                self.block(change, declared, problem);
                false
            }
        }
    }

    /// Holds the user up and says why.
    pub(super) fn block(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        problem: Diagnostic,
    ) {
        change.blocked = true;
        self.say(declared, problem);
    }

    pub(super) fn say(&mut self, declared: &DesiredUser, finding: Diagnostic) {
        self.diagnostics.push(finding.about(&declared.username).at(&declared.place));
    }

    fn create(&mut self, change: &mut Change, declared: &'a DesiredUser) {
        let profile = self.declared_profile(change, declared, declared.profile.name().as_str());
        let account = self.declared_account(change, declared);
        if let Some(profile) = profile {
            change.fields = self.new_user(declared, &change.org_username, profile);
            let custom = self.new_user_custom(declared);
            self.settle(change, declared, custom);
            change.fields.extend(self.owner.marking());
            self.add_sets(change, declared, None, profile);
            self.warn_standard_profile(declared, profile);
        }
        self.check_unique(change, declared);
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

    /// Who switched the user off. If it was they themself, more is asked for before they come back.
    fn reactivate(&mut self, change: &mut Change, user: &CurrentUser) {
        let by_hand = self.index.current.switches.get(&user.id).filter(|switch| !switch.active);
        let editor = user.last_modified_by.as_deref();
        let (editor, name) = (editor.map(|one| one.id), editor.and_then(|one| one.name.clone()));
        let (by, name, at) = match by_hand {
            Some(switch) => (switch.by, switch.by_name.clone(), switch.at),
            None => (editor, name, user.last_modified.map(Into::into)),
        };
        let themself = by == Some(user.id) || editor == Some(user.id);
        change.switched_off = Some(SwitchedOff { by: name, at });
        if themself {
            self.left.insert(change.username.clone());
        } else if self.switched_by_another(user, false) {
            change.reasons.push(Reason::Drift);
        }
    }

    /// Whether the org shows that somebody else, neither this program nor they themself, switched
    /// the user on or off last.
    fn switched_by_another(&self, user: &CurrentUser, on: bool) -> bool {
        let switch = self.index.current.switches.get(&user.id);
        let by = switch.filter(|switch| switch.active == on).and_then(|switch| switch.by);
        by.is_some_and(|by| by != self.index.current.running_user.id && by != user.id)
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
            let gets_roles = self.compare_profile(change, declared, user, profile);
            let stays = user.contact.as_ref().and_then(|linked| linked.contact.account);
            if let Some(account) = account.filter(|one| gets_roles && stays == Some(one.id)) {
                self.check_owner(change, declared, account);
            }
            self.add_sets(change, declared, Some(user), profile);
            if let Some(account) = account {
                self.set_role(change, declared, Some(user), (profile, account));
            }
        }
        self.check_unique(change, declared);
        self.compare_contact(change, declared, user, account);
    }

    /// Says whether the user gets roles with the profile: Salesforce makes them below the role of
    /// the account's owner, who must have one. That this is asked for here is assumed.
    fn compare_profile(
        &mut self,
        change: &mut Change,
        declared: &DesiredUser,
        user: &CurrentUser,
        wanted: &Profile,
    ) -> bool {
        if wanted.id == user.profile {
            return false;
        }
        self.warn_standard_profile(declared, wanted);
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
            return step == LicenseMove::Up;
        }
        false
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
        self.check_contact(change, declared, contact.id);
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
}

/// A change in which nothing has been found yet. Nearly all stay so: it says who somebody is once it
/// is known to be needed.
pub(super) fn blank(declared: &DesiredUser, org_username: Username, reason: Reason) -> Change {
    Change {
        username: declared.username.clone(),
        org_username,
        name: String::new(),
        account: String::new(),
        place: Some(declared.place.clone()),
        action: Action::Update,
        reasons: vec![reason],
        blocked: false,
        subject: Subject::New,
        fields: Vec::new(),
        access: AccessChanges::default(),
        contact: None,
        unfreeze: false,
        activate: false,
        last_reset: None,
        seats: SeatUse::default(),
        switched_off: None,
    }
}

/// The user gets the declared username.
fn rename(change: &mut Change, user: &CurrentUser) {
    change.fields.insert(
        0,
        FieldChange {
            object: Object::User,
            field: ApiName::of("Username"),
            before: Datum::of(user.username.as_str()),
            after: Datum::of(change.org_username.as_str()),
        },
    );
}

/// Says whom the change is about, and in which account unless it found that itself.
pub(super) fn introduce(change: &mut Change, declared: &DesiredUser, user: Option<&CurrentUser>) {
    change.name = called(declared, user);
    if change.account.is_empty() {
        let own = user.and_then(|user| user.contact.as_ref()?.account_name.as_deref());
        change.account = own.map_or_else(|| declared.account.to_string(), str::to_owned);
    }
}

/// What somebody is called. The inverse of an apply need not say it.
pub(super) fn called(declared: &DesiredUser, user: Option<&CurrentUser>) -> String {
    match user {
        Some(user) if declared.fields.get(&UserField::LastName).is_none() => {
            user.name().into_owned()
        }
        Some(_) | None => declared.name(),
    }
}

fn is_idle(change: &Change) -> bool {
    !change.blocked
        && change.fields.is_empty()
        && change.access.is_empty()
        && change.contact.is_none()
}
