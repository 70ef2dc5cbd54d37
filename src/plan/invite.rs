//! Who is mailed a link to set a password because somebody asks for it, and who is not. It is a plan
//! like any other: the same people, judged by the same planner, under the same limits; nothing of
//! theirs is written but the mail.
//!
//! A second mail ends the link of the first, and a reset ends the password that somebody has. So
//! whatever is not certain leaves a person out, and a cool-down keeps whoever was sent a link, or
//! changed their password, from being mailed again: also by the run that follows one cut off.
//!
//! Sources: REST API Developer Guide, "sObject User Password"; Object Reference, User: `LastLoginDate`
//! is empty until the first login, `LastPasswordChangeDate` is "Last Password Change or Reset".

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    Code, Current, CurrentUser, Desired, DesiredUser, Diagnostic, Moment, Policy, Severity,
    TrailRow, UserField, UserId, Username,
};

use super::change::{Change, Plan, Reason, Subject};
use super::foresight::{self, Seer};
use super::guard::Scales;
use super::index::Index;
use super::lifecycle::{self, Found, Wanted};
use super::person::{blank, introduce};
use super::resets::Resets;
use super::selection::Pattern;
use super::{
    Draft, Planner, Request, identity, ownership, planned_org, project_notes, rules, sort,
};

/// Who is to be invited.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Whom.
    pub whom: Whom,
    /// For how many days nobody is mailed a second time, nor after they changed their password. None
    /// at all is for people who are named.
    pub cool_down: u16,
    /// Passwords that administrators reset and set in that time, as far as the login may know. Their
    /// texts name people, not records.
    pub trail: Vec<TrailRow>,
    /// Users who were made in that time, and when: a site may have welcomed them by mail.
    pub made: BTreeMap<UserId, Moment>,
}

impl Invite {
    /// Whoever was sent a link or changed their password after this moment is not mailed.
    pub fn since(request: &Request, cool_down: u16) -> Option<Timestamp> {
        (cool_down > 0).then(|| days_ago(request, cool_down))
    }
}

/// The moment so many times 24 hours ago.
fn days_ago(request: &Request, days: u16) -> Timestamp {
    let length = SignedDuration::from_hours(24 * i64::from(days));
    request.today.earliest().checked_sub(length).unwrap_or(Timestamp::MIN)
}

/// Whom an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Declared people by username, or by a pattern of usernames.
    Named(Vec<String>),
    /// Declared people who have never signed in.
    NeverSignedIn,
}

/// What an invitation leaves alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invitation {
    /// The days of the cool-down.
    pub cool_down: u16,
    /// Who was asked for and is not mailed, in file order.
    pub left_out: Vec<LeftOut>,
}

/// Somebody who was asked for and is not mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The username as declared.
    pub username: Username,
    /// Why.
    pub why: Obstacle,
}

/// Why somebody is not mailed: the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// `state = "inactive"`.
    DeclaredInactive,
    /// `state = "frozen"`.
    DeclaredFrozen,
    /// The last day is over.
    Expired,
    /// The first day is still to come.
    NotStarted,
    /// The portal access of the user was switched off for good.
    Disabled,
    /// They have no user.
    Absent,
    /// The user has another username until the next apply.
    OtherUsername,
    /// The user has another address until the next apply: the mail would go there.
    OtherAddress,
    /// The user is inactive.
    Inactive,
    /// The user is frozen.
    Frozen,
    /// The address ends in `.invalid`.
    InvalidAddress,
    /// A privacy flag keeps them out of sites.
    Privacy,
    /// They are on no live site.
    NoLiveSite,
    /// They have a federation id, and were not named.
    SingleSignOn,
    /// They were sent a link or changed their password, at this moment.
    CoolDown(Moment),
    /// They were made at this moment, and a live site welcomes them: its mail has a link as well.
    Welcomed(Moment),
}

impl Obstacle {
    /// The word for JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeclaredInactive => "declared-inactive",
            Self::DeclaredFrozen => "declared-frozen",
            Self::Expired => "expired",
            Self::NotStarted => "not-started",
            Self::Disabled => "disabled",
            Self::Absent => "not-in-org",
            Self::OtherUsername => "other-username",
            Self::OtherAddress => "other-address",
            Self::Inactive => "inactive",
            Self::Frozen => "frozen",
            Self::InvalidAddress => "invalid-address",
            Self::Privacy => "privacy",
            Self::NoLiveSite => "no-live-site",
            Self::SingleSignOn => "single-sign-on",
            Self::Welcomed(_) => "welcomed",
            Self::CoolDown(_) => "cool-down",
        }
    }
}

/// Why nobody can be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is declared under these names.
    Undeclared(Vec<String>),
    /// A field of `User` cannot be seen, so what it says of people is not known.
    Invisible(&'static str),
    /// Without a cool-down, people have to be named one by one: a second run would mail the others again.
    WithoutCoolDown,
}

/// How somebody was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// By their username.
    ByName,
    /// By a pattern, or with everybody who has never signed in.
    AmongOthers,
}

/// Plans the mails that are asked for.
pub fn invite(
    desired: &Desired,
    current: &Current,
    policy: &Policy,
    request: &Request,
    invite: &Invite,
) -> Result<Plan, Refusal> {
    let asked = asked(desired, request, &invite.whom)?;
    let all_by_name = asked.values().all(|how| *how == Asked::ByName);
    if invite.cool_down == 0 && !all_by_name {
        return Err(Refusal::WithoutCoolDown);
    }
    refuse_unseen(current, invite, all_by_name)?;
    let suffix = request.username_suffix.as_str();
    let names = identity::names(desired, suffix);
    let index = Index::of(current, desired, policy);
    let identities = identity::identify(desired, &index, &names, suffix);
    let mut planner = Planner::new(&index, policy, request);
    let people = desired.users.iter().zip(&names).zip(&identities);
    let draft = planner.draft(people.map(|((one, name), identity)| (one, name, identity)));
    let meant = planner.meant(&identities);
    let census = ownership::census(&current.users, &index, &planner.owner, &meant);

    let host = Host {
        planner: &planner,
        since: Invite::since(request, invite.cool_down),
        living_links: days_ago(request, 1),
        resets: Resets::of(&invite.trail),
        made: &invite.made,
        seer: Seer::new(&index, request),
        found: Vec::new(),
    };
    let Guests { mut changes, people, users, left_out, found } =
        host.choose(&draft, &asked, invite.whom == Whom::NeverSignedIn);
    let mut diagnostics = found;
    diagnostics.extend(causes(&planner.diagnostics, &changes, &left_out));
    let people = Desired { users: people };
    let foresight = foresight::foresee(&mut changes, (&people, &users), &index, request);
    diagnostics.extend(foresight.findings);
    let emails = foresight.mails.len() as u64;
    let scales = Scales { policy, request, base: census.answered_for, emails };
    let mut blockers = scales.blockers(&changes);
    blockers.extend(rules::blockers(&people.users, &changes, &index, scales));
    diagnostics.extend(project_notes(desired, &current.org, policy, request));
    sort(&mut diagnostics);
    Ok(Plan {
        project: request.project.clone(),
        org: planned_org(current, request),
        changes,
        unchanged: left_out.len(),
        undeclared: census.undeclared.len(),
        unmanaged: census.unmanaged,
        licenses: Vec::new(),
        mails: foresight.mails,
        blockers,
        diagnostics,
        unmatched_targets: draft.selector.unmatched(),
        invitation: Some(Invitation { cool_down: invite.cool_down, left_out }),
    })
}

/// Who is asked for, and how. Whoever is named must be declared: a mail to somebody whom nobody
/// answers for is never sent.
fn asked<'a>(
    desired: &'a Desired,
    request: &Request,
    whom: &Whom,
) -> Result<HashMap<&'a Username, Asked>, Refusal> {
    let Whom::Named(texts) = whom else {
        return Ok(desired.users.iter().map(|one| (&one.username, Asked::AmongOthers)).collect());
    };
    let mut patterns = Pattern::all(texts);
    let mut asked = HashMap::new();
    for declared in &desired.users {
        let in_org = declared.username.with_suffix(&request.username_suffix);
        let names = [declared.username.as_str(), in_org.as_str()];
        for pattern in &mut patterns {
            if !pattern.fits(&names) {
                continue;
            }
            let how = if pattern.is_one_of(&names) { Asked::ByName } else { Asked::AmongOthers };
            let known = asked.entry(&declared.username).or_insert(how);
            if how == Asked::ByName {
                *known = how;
            }
        }
    }
    let unknown: Vec<String> = Pattern::unmatched(patterns);
    if unknown.is_empty() { Ok(asked) } else { Err(Refusal::Undeclared(unknown)) }
}

/// Fields that decide who is mailed must be visible: empty and invisible look the same.
fn refuse_unseen(current: &Current, invite: &Invite, all_by_name: bool) -> Result<(), Refusal> {
    let never = invite.whom == Whom::NeverSignedIn;
    let needed = [
        ("LastLoginDate", never),
        ("LastPasswordChangeDate", never || invite.cool_down > 0),
        ("FederationIdentifier", never || !all_by_name),
    ];
    let unseen = needed
        .into_iter()
        .find(|(field, is_needed)| *is_needed && !current.described.user.has(field));
    unseen.map_or(Ok(()), |(field, _)| Err(Refusal::Invisible(field)))
}

/// What the planner says of those who get no mail because of it.
fn causes(found: &[Diagnostic], changes: &[Change], left_out: &[LeftOut]) -> Vec<Diagnostic> {
    let disabled = left_out.iter().filter(|one| matches!(one.why, Obstacle::Disabled));
    let blocked = changes.iter().filter(|change| change.blocked).map(|change| &change.username);
    let blocked: HashSet<&Username> = disabled.map(|one| &one.username).chain(blocked).collect();
    let about = |one: &&Diagnostic| {
        one.severity == Severity::Error
            && one.username.as_ref().is_some_and(|name| blocked.contains(name))
    };
    found.iter().filter(about).cloned().collect()
}

/// The mail to somebody in whose way something stands: it is not sent.
fn held_up(declared: &DesiredUser, planned: &Change) -> Change {
    let mut change = blank(declared, planned.org_username.clone(), Reason::Invited);
    change.name.clone_from(&planned.name);
    change.account.clone_from(&planned.account);
    change.subject = planned.subject;
    change.activate = true;
    change.blocked = true;
    change
}

/// Decides about one person after the other.
struct Host<'a, 'p> {
    planner: &'p Planner<'a>,
    since: Option<Timestamp>,
    /// Links that were sent after this moment may still be used.
    living_links: Timestamp,
    resets: Resets<'p>,
    made: &'p BTreeMap<UserId, Moment>,
    seer: Seer<'p>,
    found: Vec<Diagnostic>,
}

/// Who is mailed and who is not.
#[derive(Default)]
struct Guests<'p> {
    changes: Vec<Change>,
    people: Vec<DesiredUser>,
    users: Vec<Option<&'p CurrentUser>>,
    left_out: Vec<LeftOut>,
    found: Vec<Diagnostic>,
}

impl<'p> Host<'_, 'p> {
    /// Goes through the selected people, in file order.
    fn choose(
        mut self,
        draft: &Draft<'p>,
        asked: &HashMap<&Username, Asked>,
        never_signed_in: bool,
    ) -> Guests<'p> {
        let changes: HashMap<&Username, &Change> =
            draft.changes.iter().map(|change| (&change.username, change)).collect();
        let mut guests = Guests::default();
        for (declared, user) in draft.people.iter().zip(&draft.users) {
            let Some(how) = asked.get(&declared.username) else { continue };
            if never_signed_in && user.is_some_and(|user| user.last_login.is_some()) {
                continue;
            }
            let change = changes.get(&declared.username).copied();
            match self.invited(declared, *user, change, *how) {
                Ok(change) if change.blocked => guests.changes.push(change),
                Ok(change) => {
                    guests.changes.push(change);
                    guests.people.push((*declared).clone());
                    guests.users.push(*user);
                }
                Err(why) => {
                    guests.left_out.push(LeftOut { username: declared.username.clone(), why });
                }
            }
        }
        guests.found = self.found;
        guests
    }

    /// The change that mails a person, or why there is none.
    fn invited(
        &mut self,
        declared: &DesiredUser,
        user: Option<&'p CurrentUser>,
        planned: Option<&Change>,
        how: Asked,
    ) -> Result<Change, Obstacle> {
        self.is_meant_to(declared, user)?;
        if let Some(planned) = planned.filter(|planned| planned.blocked) {
            return Ok(held_up(declared, planned));
        }
        self.may_sign_in(user, planned)?;
        let user = user.ok_or(Obstacle::Absent)?;
        let mut change = blank(declared, user.username.clone(), Reason::Invited);
        change.subject = Subject::Existing(user.id);
        change.activate = true;
        change.last_reset = user.last_password;
        introduce(&mut change, declared, Some(user));
        if let Some(why) = self.seer.unreachable(user, &change) {
            return Err(why);
        }
        let federated = [user.fields.get(&UserField::FederationId)]
            .into_iter()
            .chain([declared.fields.get(&UserField::FederationId)])
            .flatten()
            .any(|id| id.text().is_some_and(|text| !text.is_empty()));
        if federated && how == Asked::AmongOthers {
            return Err(Obstacle::SingleSignOn);
        }
        if let Some(at) = self.too_fresh(user) {
            return Err(Obstacle::CoolDown(at));
        }
        if let Some(at) = self.welcomed(user) {
            return Err(Obstacle::Welcomed(at));
        }
        if federated {
            let message = format!("{} signs in by single sign-on (a federation id)", user.name());
            self.say(
                declared,
                Code::InvitedFederated,
                message,
                "they may have no use for a password: leave them out unless they asked for one",
            );
        }
        self.warn_of_password(declared, user);
        Ok(change)
    }

    /// What keeps somebody from signing in for good, or as their declaration says.
    fn is_meant_to(
        &self,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
    ) -> Result<(), Obstacle> {
        match lifecycle::wanted(declared, self.planner.request.today) {
            (Wanted::Active { .. }, _) => {}
            (Wanted::Frozen, _) => return Err(Obstacle::DeclaredFrozen),
            (Wanted::Inactive, Reason::Expired) => return Err(Obstacle::Expired),
            (Wanted::Inactive, Reason::NotStarted) => return Err(Obstacle::NotStarted),
            (Wanted::Inactive, _) => return Err(Obstacle::DeclaredInactive),
        }
        match user.map(|user| self.planner.index.found(user)) {
            Some(Found::Disabled) => Err(Obstacle::Disabled),
            _ => Ok(()),
        }
    }

    /// What keeps somebody from signing in until the next apply.
    fn may_sign_in(
        &self,
        user: Option<&CurrentUser>,
        planned: Option<&Change>,
    ) -> Result<(), Obstacle> {
        match user.map(|user| self.planner.index.found(user)) {
            None | Some(Found::Absent) => return Err(Obstacle::Absent),
            Some(Found::Inactive { .. } | Found::Disabled) => return Err(Obstacle::Inactive),
            Some(Found::Active | Found::Frozen) => {}
        }
        let gets = |field| planned.is_some_and(|change| change.gets(field));
        if gets("Username") {
            return Err(Obstacle::OtherUsername);
        }
        if gets("Email") {
            return Err(Obstacle::OtherAddress);
        }
        Ok(())
    }

    /// When the person was sent a link or changed their password, if that was in the cool-down.
    fn too_fresh(&self, user: &CurrentUser) -> Option<Moment> {
        let since = self.since?;
        let is_fresh = |at: &Moment| Timestamp::from(*at) > since;
        // The trail is asked of those alone whom the user's own record leaves open.
        user.last_password
            .filter(is_fresh)
            .or_else(|| self.resets.last(&user.name()).map(Moment::from).filter(is_fresh))
    }

    /// When the user was made, if that was in the cool-down and a site has welcomed them.
    /// Source: Salesforce Help, "External Member Login Info".
    fn welcomed(&self, user: &CurrentUser) -> Option<Moment> {
        let since = self.since?;
        let at = *self.made.get(&user.id)?;
        let fresh = Timestamp::from(at) > since && user.last_login.is_none();
        (fresh && self.seer.is_welcomed(user)).then_some(at)
    }

    /// A reset ends the password that somebody has, and the link that they were sent before.
    fn warn_of_password(&mut self, declared: &DesiredUser, user: &CurrentUser) {
        let seen = self.planner.index.current.described.user.has("LastLoginDate");
        let day = |at: Moment| Timestamp::from(at).strftime("%Y-%m-%d").to_string();
        let fresh = user.last_password.filter(|at| Timestamp::from(*at) > self.living_links);
        let message = match (user.last_login, fresh) {
            (Some(at), _) => format!(
                "their present password stops working (they signed in last on {})",
                day(at)
            ),
            (None, Some(at)) => {
                format!("the link or password that they got on {} stops working", day(at))
            }
            (None, None) if seen => return,
            (None, None) => "if they have a password, it stops working: whether they ever signed in cannot be seen".to_owned(),
        };
        self.say(
            declared,
            Code::PasswordEnds,
            message,
            "they can sign in again once they have used the new link, which lives for 24 hours",
        );
    }

    fn say(&mut self, declared: &DesiredUser, code: Code, message: String, help: &str) {
        let finding = Diagnostic::new(code, message).help(help);
        self.found.push(finding.about(&declared.username).at(&declared.place));
    }
}
