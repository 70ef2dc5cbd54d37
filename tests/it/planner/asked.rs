//! What a plan foresees is what an org does. Every scene that a test puts into lines is made an org
//! of the emulator, read back and planned for: the lines must be the same. Then the plan is carried
//! out: what it calls possible must be taken and leave nothing to plan, and what it holds up must be
//! refused when it is sent all the same.
//!
//! What cannot be asked of an org is named: scenes by [`Why`], findings by [`ANSWERS`], rules by
//! [`is_the_orgs`].

use std::collections::{BTreeMap, BTreeSet};

use portalctl::apply::{Cause, Outcome};
use portalctl::model::*;
use portalctl::plan::{Change, ContactStep, Datum, FieldChange, Object, Plan, SetAdd, diff};
use portalctl::salesforce::{FieldValue, Filter, Record, Soql};
use serde::Deserialize;

use super::fixture::{Scene, lines_of};
use super::org::{LiveOrg, run};
use super::seed::{FIXTURE, is_disabled, seed};

/// Why no org can be made like a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Who did something, as the org keeps it, cannot be declared.
    Evidence,
    /// The emulator signs in as an administrator, never as a portal user.
    SignedInAs,
    /// The emulator has no person accounts.
    PersonAccounts,
    /// The emulator's counters are never old.
    StaleCounter,
    /// Somebody was made before a rule of the org that they do not keep.
    OlderThanRule,
    /// The seed links a user to a contact by its address, and two have the same.
    SharedAddress,
    /// What the platform itself defines cannot be declared otherwise.
    Platform,
    /// Whether an org would take it is not documented; the plan does not rely on it.
    Undocumented,
    /// Roles of an account come with its users and cannot be declared by themselves.
    RoleWithoutUser,
}

/// What an org does with what a finding holds up.
#[derive(Clone, Copy)]
enum Answer {
    /// It refuses, once this was added to the change.
    Refuses(Force),
    /// Nothing could be sent: what is meant is not known.
    Unsendable,
    /// It would take it; the program is more careful, or leaves such people alone.
    Takes,
}

/// Adds what the plan held back; says whether that can be sent.
type Force = fn(&mut Change, &DesiredUser, &Current) -> bool;

/// Every finding that holds somebody up, and what the org does.
const ANSWERS: &[(Code, Answer)] = &[
    (Code::AccountNotFound, Answer::Unsendable),
    (Code::AccountAmbiguous, Answer::Unsendable),
    (Code::OwnerWithoutRole, Answer::Refuses(as_planned)),
    (Code::OwnerOutside, Answer::Refuses(as_planned)),
    (Code::UnknownProfile, Answer::Unsendable),
    (Code::InternalProfile, Answer::Unsendable),
    (Code::UnknownPermissionSet, Answer::Unsendable),
    (Code::PermissionSetLicense, Answer::Refuses(give_all)),
    (Code::ContactTaken, Answer::Refuses(take_contact)),
    (Code::ContactAmbiguous, Answer::Unsendable),
    (Code::ContactNameDiffers, Answer::Takes),
    (Code::ContactNotFound, Answer::Unsendable),
    (Code::ContactFixed, Answer::Refuses(change_contact)),
    (Code::ContactMissing, Answer::Takes),
    (Code::NotPortalUser, Answer::Takes),
    (Code::Disabled, Answer::Refuses(switch_on)),
    (Code::LicenseMove, Answer::Refuses(as_planned)),
    (Code::SelfDeactivated, Answer::Takes),
    (Code::SeatsShort, Answer::Refuses(as_planned)),
    (Code::NicknameTaken, Answer::Refuses(as_planned)),
    (Code::FederationIdTaken, Answer::Refuses(as_planned)),
    (Code::FieldInvisible, Answer::Refuses(write_all)),
    (Code::RenameUnclear, Answer::Unsendable),
    (Code::UsernameHeld, Answer::Refuses(as_planned)),
    (Code::MarkerOfAnother, Answer::Takes),
    (Code::Protected, Answer::Takes),
    (Code::PersonAccount, Answer::Takes),
    (Code::ContactKeyMissing, Answer::Takes),
    (Code::FieldReserved, Answer::Takes),
    (Code::FieldReadOnly, Answer::Refuses(write_all)),
    (Code::FieldValue, Answer::Refuses(write_all)),
    (Code::FieldRequired, Answer::Refuses(as_planned)),
    (Code::GroupNeedsRole, Answer::Refuses(give_all)),
    // Whether a disabled licence is refused is not documented.
    (Code::SetLicenseDisabled, Answer::Takes),
    (Code::RoleNeedsLicense, Answer::Refuses(ask_level)),
    (Code::RoleMissing, Answer::Refuses(ask_level)),
];

/// Whether it is the org that would refuse what a rule stops; the others are the project's own.
const fn is_the_orgs(rule: Rule) -> bool {
    match rule {
        Rule::Shortfall => true,
        Rule::Deactivations
        | Rule::Reactivations
        | Rule::AccessChanges
        | Rule::Creates
        | Rule::Updates
        | Rule::Emails
        | Rule::Reserve
        | Rule::KeepOneActivePerAccount
        | Rule::RequireExpiry
        | Rule::ForbidPermissionSets
        | Rule::AllowedEmailDomains
        | Rule::MaxActivePerAccount => false,
    }
}

const fn as_planned(_: &mut Change, _: &DesiredUser, _: &Current) -> bool {
    true
}

/// Gives everything that is declared.
fn give_all(change: &mut Change, declared: &DesiredUser, current: &Current) -> bool {
    for (kind, grants) in declared.access.iter() {
        for grant in grants.iter().flat_map(|grants| grants.iter()) {
            let Some(id) = record_of(current, kind, &grant.name) else { continue };
            let add = &mut change.access.get_mut(kind).add;
            if add.iter().all(|set| set.name != grant.name) {
                add.push(SetAdd { id, name: grant.name.clone(), expires: None });
            }
        }
    }
    true
}

fn record_of(current: &Current, kind: AccessKind, name: &SetName) -> Option<RecordId> {
    match kind {
        AccessKind::PermissionSet => {
            current.permission_sets.iter().find(|one| one.name == *name).map(|one| one.id.record())
        }
        AccessKind::PermissionSetGroup => {
            let all = &current.permission_set_groups;
            all.iter().find(|one| one.name == *name).map(|one| one.id.record())
        }
        AccessKind::PermissionSetLicense => {
            let all = &current.permission_set_licenses;
            all.iter().find(|one| one.name == *name).map(|one| one.id.record())
        }
        AccessKind::Group => {
            current.groups.iter().find(|one| one.name == *name).map(|one| one.id.record())
        }
    }
}

/// Takes the contact that the person's address leads to, whoever has it.
fn take_contact(change: &mut Change, declared: &DesiredUser, current: &Current) -> bool {
    let linked = current.users.iter().filter_map(|user| user.contact.as_ref()).map(|c| &c.contact);
    let wanted = |contact: &&Contact| match declared.contact.as_deref() {
        Some(ContactRef::Id(id)) => contact.id == *id,
        Some(ContactRef::External(_)) | None => contact
            .email
            .as_deref()
            .is_some_and(|email| email.eq_ignore_ascii_case(declared.email())),
    };
    let contact = linked.chain(&current.contacts).find(wanted);
    change.contact = contact.map(|contact| ContactStep::Link(contact.id));
    // Two new people may have one address; then the contact is still to be made.
    contact.is_some()
}

fn write(change: &mut Change, object: Object, field: ApiName, after: Datum) {
    if change.fields.iter().all(|one| (one.object, &one.field) != (object, &field)) {
        change.fields.push(FieldChange { object, field, before: Datum::Null, after });
    }
}

fn change_contact(change: &mut Change, declared: &DesiredUser, current: &Current) -> bool {
    let wanted = |contact: &&Contact| match declared.contact.as_deref() {
        Some(ContactRef::Id(id)) => contact.id == *id,
        Some(ContactRef::External(external)) => {
            contact.value(&external.field).as_deref() == Some(&*external.value)
        }
        None => false,
    };
    let id = current.contacts.iter().find(wanted).unwrap().id.record();
    write(change, Object::User, ApiName::of("ContactId"), Datum::Reference { id, name: "".into() });
    true
}

fn switch_on(change: &mut Change, _: &DesiredUser, _: &Current) -> bool {
    write(change, Object::User, ApiName::of("IsActive"), Datum::Bool(true));
    true
}

/// Writes everything that is declared.
fn write_all(change: &mut Change, declared: &DesiredUser, _: &Current) -> bool {
    for (field, value) in declared.fields.iter() {
        let value = value.text().map_or(Datum::Null, Datum::of);
        write(change, Object::User, ApiName::of(field.api_name()), value);
    }
    for (name, value) in &declared.custom {
        write(change, Object::User, name.clone(), Datum::from(value));
    }
    for (name, value) in &declared.contact_custom {
        write(change, Object::Contact, name.clone(), Datum::from(value));
    }
    true
}

fn ask_level(change: &mut Change, declared: &DesiredUser, _: &Current) -> bool {
    let level = declared.portal_role.map_or(Datum::Null, |level| Datum::of(level.api_value()));
    write(change, Object::User, ApiName::of("PortalRole"), level);
    true
}

/// Asks an org that is like the scene, and says what it does otherwise.
pub(super) fn ask(scene: &Scene, expected: &[String]) -> Result<(), String> {
    run(Asking::of(scene, expected))
}

struct Asking<'a> {
    org: LiveOrg,
    scene: &'a Scene,
    desired: Desired,
    policy: Policy,
}

impl<'a> Asking<'a> {
    async fn of(scene: &'a Scene, expected: &[String]) -> Result<(), String> {
        let org = LiveOrg::of(&seed(scene)).await;
        name_disabled(&org, scene).await;
        hand_over(&org, scene).await;
        let ids = ids(&org).await;
        let mut desired = scene.desired.clone();
        let mut policy = scene.policy.clone();
        for user in &mut desired.users {
            rename_account(&mut user.account, &ids);
            if let Some(ContactRef::Id(id)) = user.contact.as_deref_mut() {
                *id = ids.get(&id.record()).map_or(*id, |new| ContactId::of(*new));
            }
        }
        for account in policy.ownership.iter_mut().flat_map(|one| &mut one.accounts) {
            rename_account(account, &ids);
        }
        let asking = Self { org, scene, desired, policy };
        let (plan, current) = asking.plan().await;
        let read_back = lines_of(&plan);
        if plain(&read_back) != plain(expected) {
            return Err(format!("planned {expected:#?}\n  read back from an org {read_back:#?}"));
        }
        asking.carry_out(plan, &current).await
    }

    async fn plan(&self) -> (Plan, Current) {
        let request = &self.scene.request;
        let current = self.org.read(&self.desired, &self.policy, &request.username_suffix).await;
        (diff(&self.desired, &current, &self.policy, request), current)
    }

    /// Sends everything that can be sent, and compares with what was foreseen.
    async fn carry_out(&self, mut plan: Plan, current: &Current) -> Result<(), String> {
        if plan.changes.is_empty() {
            return Ok(());
        }
        let foreseen = self.force(&mut plan, current);
        let report = self.org.carry_out(&plan).await;
        let done: Vec<&str> = report.results.iter().map(|result| word(&result.outcome)).collect();
        // Of several who want one thing the org takes the first that comes.
        let sorted = |words: &[&'static str]| {
            let mut words = words.to_vec();
            words.sort_unstable();
            words
        };
        if sorted(&done) != sorted(&foreseen) {
            let lines = lines_of(&plan);
            let outcomes: Vec<_> = report.results.iter().map(|result| &result.outcome).collect();
            return Err(format!("foreseen {foreseen:?} of {lines:#?}\n  the org: {outcomes:#?}"));
        }
        let all_done = plan.changes.iter().zip(&done).filter(|(_, what)| **what == DONE);
        let settled: BTreeSet<&Username> = all_done.map(|(change, _)| &change.username).collect();
        if settled.is_empty() {
            return Ok(());
        }
        let (again, _) = self.plan().await;
        let left: Vec<&Change> =
            again.changes.iter().filter(|change| settled.contains(&change.username)).collect();
        if left.is_empty() { Ok(()) } else { Err(format!("done and planned again: {left:#?}")) }
    }

    /// Lets go of everything that can be sent, and says what is foreseen of each change.
    fn force(&self, plan: &mut Plan, current: &Current) -> Vec<&'static str> {
        let of_the_org = plan.blockers.iter().any(|blocker| is_the_orgs(blocker.rule));
        let lines = plan.licenses.iter().filter(|_| of_the_org);
        let short: BTreeSet<Username> = lines.flat_map(|line| line.short_users.clone()).collect();
        plan.blockers.clear();
        let mut foreseen = Vec::new();
        for change in &mut plan.changes {
            if !change.blocked {
                foreseen.push(if short.contains(&change.username) { REFUSED } else { DONE });
                continue;
            }
            let about = |found: &&Diagnostic| {
                found.severity == Severity::Error
                    && found.username.as_ref() == Some(&change.username)
            };
            let codes = plan.diagnostics.iter().filter(about).map(|found| found.code);
            let codes: BTreeSet<Code> = codes.collect();
            let declared = self.desired.users.iter().find(|u| u.username == change.username);
            for code in codes {
                let answer = ANSWERS.iter().find(|(one, _)| *one == code).unwrap().1;
                if let (Answer::Refuses(force), Some(declared)) = (answer, declared) {
                    change.blocked &= !force(change, declared, current);
                }
            }
            foreseen.push(if change.blocked { HELD_UP } else { REFUSED });
        }
        foreseen
    }
}

const DONE: &str = "done";
const REFUSED: &str = "refused";
const HELD_UP: &str = "held up";

const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => DONE,
        Outcome::Failed(_) | Outcome::Unknown(_) => REFUSED,
        Outcome::Skipped(Cause::Blocked) => HELD_UP,
        Outcome::Skipped(Cause::AlreadyTrue | Cause::NotAttempted(_)) => "not tried",
    }
}

fn rename_account(account: &mut AccountRef, ids: &BTreeMap<RecordId, RecordId>) {
    if let AccountRef::Id(id) = account {
        *id = ids.get(&id.record()).map_or(*id, |new| AccountId::of(*new));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    #[serde(rename = "Fixture__c")]
    fixture: Option<String>,
}

/// The ids that the scene's accounts and contacts have in the org.
async fn ids(org: &LiveOrg) -> BTreeMap<RecordId, RecordId> {
    let mut ids = BTreeMap::new();
    for object in ["Account", "Contact"] {
        let rows = Soql::select(&["Id", FIXTURE], object).filter(Filter::is("IsDeleted", false));
        let rows: Vec<Row> = org.client.reader().query(&rows).await.unwrap();
        let record = |text: &str| RecordId::observed(text).unwrap();
        let pair = |row: &Row| Some((record(row.fixture.as_ref()?), record(&row.id)));
        ids.extend(rows.iter().filter_map(pair));
    }
    ids
}

/// Gives those who were disabled their old names.
async fn name_disabled(org: &LiveOrg, scene: &Scene) {
    let disabled = scene.current.users.iter().filter(|user| is_disabled(&scene.current, user));
    let names: Vec<&Username> = disabled.map(|user| &user.username).collect();
    if names.is_empty() {
        return;
    }
    let users = Soql::select(&["Id", "Username"], "User").filter(Filter::is("IsActive", false));
    let users: Vec<Named> = org.client.reader().query(&users).await.unwrap();
    for name in names {
        let renamed = |user: &&Named| user.username.ends_with(&format!(".{name}"));
        let id = RecordId::observed(&users.iter().find(renamed).unwrap().id).unwrap();
        let value = FieldValue::Text(name.to_string());
        let record = Record::with_id(id).set("Username", value);
        org.client.writer().update("User", &[record]).await.unwrap().remove(0).unwrap();
    }
}

/// Gives accounts to a portal user, who is not there yet when a seed makes accounts.
async fn hand_over(org: &LiveOrg, scene: &Scene) {
    let outside = |account: &&Account| !account.owner.inside;
    let names: Vec<String> =
        scene.current.accounts.iter().filter(outside).map(|one| one.name.to_string()).collect();
    let portal = scene.current.users.iter().find(|user| user.user_type.is_portal());
    let (false, Some(owner)) = (names.is_empty(), portal) else { return };
    let reader = org.client.reader();
    let users = Soql::select(&["Id", "Username"], "User")
        .filter(Filter::one_of("Username", vec![owner.username.to_string()]));
    let owner = reader.query::<Named>(&users).await.unwrap().remove(0).id;
    let accounts = Soql::select(&["Id", FIXTURE], "Account").filter(Filter::one_of("Name", names));
    for account in reader.query::<Row>(&accounts).await.unwrap() {
        let id = RecordId::observed(&account.id).unwrap();
        let record = Record::with_id(id).set("OwnerId", FieldValue::Text(owner.clone()));
        org.client.writer().update("Account", &[record]).await.unwrap().remove(0).unwrap();
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    id: String,
    username: String,
}

/// Lines without what an org makes up itself: the names of roles.
fn plain(lines: &[String]) -> Vec<String> {
    let role = "User.UserRoleId ";
    let bare = |line: &String| match line.split_once(role) {
        Some((head, tail)) => {
            let rest = tail.split_once("; ").map_or("", |(_, rest)| rest);
            format!("{head}{role}…; {rest}")
        }
        None => line.clone(),
    };
    lines.iter().map(bare).collect()
}

#[test]
fn every_finding_that_holds_somebody_up_has_an_answer() {
    let about_people =
        |code: &&Code| code.severity() == Severity::Error && code.as_str().starts_with('P');
    let mut expected: Vec<Code> = Code::ALL.iter().filter(about_people).copied().collect();
    let mut answered: Vec<Code> = ANSWERS.iter().map(|(code, _)| *code).collect();
    expected.sort();
    answered.sort();
    assert_eq!(answered, expected);
}
