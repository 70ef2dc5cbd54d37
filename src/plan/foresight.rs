//! What a plan brings about beside what it writes: who may be mailed and why, who will not be able
//! to sign in all the same, whose account is left without anybody.
//!
//! Sources: Salesforce Help, "External Member Login Info" (the welcome mail goes with membership of
//! a live site, whatever made it), article 000390958 (who opted out does not become a member),
//! article 005103627 (an address that an administrator changes is unverified), article 000002700 (a
//! new username is told to its owner); Object Reference, `NetworkMemberGroup`. Whether permission
//! sets of a group let people into a site is not documented; only those assigned by themselves
//! count here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{
    AccessKind, AccountId, Code, CurrentUser, Desired, DesiredUser, Diagnostic, Freezes, ProfileId,
    RecordId, Site, Sites, UserField, UserType, Username, Value, day_of,
};

use super::Request;
use super::change::{Action, Change, Datum, Mail, MailReason, Object, Subject};
use super::email::is_invalid;
use super::headcount;
use super::index::{Index, Map};
use super::invite::Obstacle;

/// More people than this below one account are too many.
const CROWD: usize = 10_000;

/// How many people are named where many are meant.
const NAMED: usize = 5;

/// What was foreseen.
#[derive(Default)]
pub(super) struct Foresight {
    /// Who may be mailed, in file order.
    pub(super) mails: Vec<Mail>,
    pub(super) findings: Vec<Diagnostic>,
}

/// Looks at a plan whose changes are final, of declared people and the users whom they have now.
pub(super) fn foresee<'a>(
    changes: &mut [Change],
    (desired, users): (&Desired, &[Option<&'a CurrentUser>]),
    index: &'a Index<'a>,
    request: &Request,
) -> Foresight {
    let mut seer = Seer::new(index, request);
    let by_name: Map<Username, usize> =
        changes.iter().enumerate().map(|(at, c)| (c.username.clone(), at)).collect();
    let mut strangers: BTreeMap<Arc<str>, Vec<Username>> = BTreeMap::new();
    for (declared, user) in desired.users.iter().zip(users) {
        let change = by_name.get(&declared.username).and_then(|at| changes.get_mut(*at));
        let Some(after) = seer.after(*user, change.as_deref()) else { continue };
        seer.readiness(declared, &after, &mut strangers);
        if let Some(change) = change.filter(|change| !change.blocked) {
            seer.activation(declared, change, &after);
        }
    }
    for change in changes.iter().filter(|change| !change.blocked) {
        seer.mail(change);
    }
    seer.without_site(strangers);
    seer.sites_unseen(changes);
    seer.freezes_unseen();
    seer.addresses(changes);
    seer.partners(changes);
    seer.crowds(changes);
    seer.policies(changes);
    seer.kept_licenses(changes, desired);
    for (username, account) in headcount::emptied(changes, index) {
        let message = format!("the last active user of account `{account}` is switched off");
        let mut finding = Diagnostic::new(Code::LastActiveUser, message)
            .help("nobody of the account can sign in any more")
            .about(username);
        finding.place =
            by_name.get(username).and_then(|at| changes.get(*at)).and_then(|c| c.place.clone());
        seer.found.findings.push(finding);
    }
    seer.found
}

/// What a user is once the plan is carried out.
struct After<'a> {
    user: Option<&'a CurrentUser>,
    profile: Option<RecordId>,
    /// The profile and the permission sets that may let the user into a site.
    keys: Vec<RecordId>,
    frozen: bool,
}

/// Whether one of these lets its holder into the site.
fn admits(site: &Site, keys: &[RecordId]) -> bool {
    keys.iter().any(|key| site.admits.contains(key))
}

pub(super) struct Seer<'a> {
    index: &'a Index<'a>,
    request: &'a Request,
    today: Date,
    found: Foresight,
}

impl<'a> Seer<'a> {
    pub(super) fn new(index: &'a Index<'a>, request: &'a Request) -> Self {
        Self { index, request, today: request.today.in_gmt(), found: Foresight::default() }
    }

    fn sites(&self) -> &'a [Site] {
        self.index.current.sites.seen()
    }

    /// The user after the plan, if they are to be active.
    fn after(&self, user: Option<&'a CurrentUser>, change: Option<&Change>) -> Option<After<'a>> {
        let change = change.filter(|change| !change.blocked);
        let frozen = user.is_some_and(|user| self.index.current.frozen.of(user.id).is_some());
        let (active, frozen) = match change.map(|change| (change.action, change.unfreeze)) {
            Some((Action::Create, _)) => (true, false),
            Some((Action::Deactivate, _)) => (false, frozen),
            Some((Action::Freeze, _)) => (true, true),
            Some((Action::Reactivate, unfreeze)) => (true, frozen && !unfreeze),
            Some((
                Action::Unfreeze | Action::Rename | Action::Adopt | Action::Update,
                unfreeze,
            )) => (user.is_some_and(|user| user.active), frozen && !unfreeze),
            None => (user.is_some_and(|user| user.active), frozen),
        };
        let portal = user.is_none_or(|user| user.user_type.is_portal());
        (active && portal).then(|| {
            if self.sites().is_empty() {
                // What lets nobody in anywhere is asked about by nobody.
                return After { user, profile: None, keys: Vec::new(), frozen };
            }
            let profile = change.and_then(new_profile).or(user.map(|user| user.profile.record()));
            let mut keys = self.sets(user, change);
            keys.extend(profile);
            After { user, profile, keys, frozen }
        })
    }

    /// The permission sets that a user has by themselves, before a change or after it.
    fn sets(&self, user: Option<&CurrentUser>, change: Option<&Change>) -> Vec<RecordId> {
        let kind = AccessKind::PermissionSet;
        let sets = change.map(|change| change.access.get(kind));
        let gone: BTreeSet<RecordId> =
            sets.into_iter().flat_map(|sets| &sets.remove).map(|set| set.holding).collect();
        let rows = user.map(|user| self.index.holdings(user.id)).unwrap_or_default();
        rows.iter()
            .filter(|row| row.kind == kind && !gone.contains(&row.id))
            .filter(|row| row.expires.is_none_or(|at| day_of(at, "GMT") >= self.today))
            .map(|row| row.what)
            .chain(sets.into_iter().flat_map(|sets| &sets.add).map(|set| set.id))
            .collect()
    }

    fn admitted(&self, keys: &[RecordId]) -> bool {
        self.sites().iter().any(|site| site.live && admits(site, keys))
    }

    /// Whether a declared person who is active can sign in at all.
    fn readiness(
        &mut self,
        declared: &DesiredUser,
        after: &After<'_>,
        strangers: &mut BTreeMap<Arc<str>, Vec<Username>>,
    ) {
        if let Some(user) = after.user {
            let why = match (user.privacy.forget, user.privacy.opted_out) {
                (true, _) => Some("Forget this Individual"),
                (false, true) => Some("Don't Process"),
                (false, false) => None,
            };
            if let Some(why) = why {
                let message = format!(
                    "{} has the privacy flag \"{why}\" and is let into no site",
                    user.name()
                );
                self.found.findings.push(
                    Diagnostic::new(Code::PrivacyFlag, message)
                        .help("respect the flag: write `state = \"inactive\"`, or have it cleared")
                        .about(&declared.username)
                        .at(&declared.place),
                );
            }
        }
        if self.sites().is_empty() || self.admitted(&after.keys) {
            return;
        }
        let profile = after.profile.and_then(|id| self.index.profile(ProfileId::of(id)));
        let name =
            profile.map_or_else(|| Arc::from(declared.profile.name().as_str()), |p| p.name.clone());
        strangers.entry(name).or_default().push(declared.username.clone());
    }

    /// Whether a site that welcomes its members by mail lets a user in.
    pub(super) fn is_welcomed(&self, user: &CurrentUser) -> bool {
        let mut keys = self.sets(Some(user), None);
        keys.push(user.profile.record());
        self.sites().iter().any(|site| site.live && site.welcomes && admits(site, &keys))
    }

    /// Why a user who is there could not use a link that is mailed.
    pub(super) fn unreachable(&self, user: &'a CurrentUser, change: &Change) -> Option<Obstacle> {
        match self.after(Some(user), Some(change)) {
            Some(after) => self.of_no_use(change, &after),
            None => Some(Obstacle::Inactive),
        }
    }

    /// Why a link that is mailed would be of no use.
    fn of_no_use(&self, change: &Change, after: &After<'_>) -> Option<Obstacle> {
        let flagged = |user: &CurrentUser| user.privacy.forget || user.privacy.opted_out;
        if invalid(change, after.user) {
            Some(Obstacle::InvalidAddress)
        } else if after.frozen {
            Some(Obstacle::Frozen)
        } else if after.user.is_some_and(flagged) {
            Some(Obstacle::Privacy)
        } else if !self.sites().is_empty() && !self.admitted(&after.keys) {
            Some(Obstacle::NoLiveSite)
        } else {
            None
        }
    }

    /// A link is not mailed to somebody who could not use it.
    fn activation(&mut self, declared: &DesiredUser, change: &mut Change, after: &After<'_>) {
        if !change.activate {
            return;
        }
        let why = match self.of_no_use(change, after) {
            None => return,
            Some(Obstacle::InvalidAddress) => "their address ends in `.invalid`",
            Some(Obstacle::Frozen) => "they are frozen",
            Some(Obstacle::Privacy) => "a privacy flag keeps them out",
            Some(_) => "they are on no live site",
        };
        change.activate = false;
        self.found.findings.push(
            Diagnostic::new(Code::ActivationNotSent, format!("no activation mail is sent: {why}"))
                .help("once that has changed, `portalctl invite` mails it")
                .about(&declared.username)
                .at(&declared.place),
        );
    }

    /// Notes whether a change may mail its person.
    fn mail(&mut self, change: &Change) {
        let user = match change.subject {
            Subject::Existing(id) => self.index.user_with(id),
            Subject::New => None,
        };
        let may_mail = change.activate || user.is_some() || !self.sites().is_empty();
        if !may_mail || invalid(change, user) {
            return;
        }
        let mut reasons = Vec::new();
        if change.activate {
            let invited = change.is_invitation();
            reasons.push(if invited { MailReason::Invited } else { MailReason::Activation });
        }
        reasons.extend(self.welcomes(change, user));
        let renamed = user.is_some()
            && change
                .fields
                .iter()
                .any(|field| field.object == Object::User && field.field == "Username");
        if renamed {
            reasons.push(MailReason::Username);
        }
        if !reasons.is_empty() {
            self.found.mails.push(Mail { username: change.username.clone(), reasons });
        }
    }

    /// The sites that welcome a user whom a change makes a member.
    fn welcomes(&self, change: &Change, user: Option<&CurrentUser>) -> Vec<MailReason> {
        if change.action == Action::Deactivate {
            return Vec::new();
        }
        let active = user.is_some_and(|user| user.active);
        let begins = matches!(change.action, Action::Create | Action::Reactivate);
        if !active && !begins {
            return Vec::new();
        }
        let mut before = self.sets(user, None);
        before.extend(user.map(|user| user.profile.record()));
        let mut after = self.sets(user, Some(change));
        after.extend(new_profile(change).or(user.map(|user| user.profile.record())));
        let joins = |site: &&Site| {
            site.live && site.welcomes && admits(site, &after) && (begins || !admits(site, &before))
        };
        self.sites()
            .iter()
            .filter(joins)
            .map(|site| MailReason::Welcome(site.name.clone()))
            .collect()
    }

    fn without_site(&mut self, strangers: BTreeMap<Arc<str>, Vec<Username>>) {
        for (profile, people) in strangers {
            let message = format!(
                "{} with profile `{profile}` cannot sign in: neither the profile nor a permission set of theirs is on a live site ({})",
                users(people.len()),
                first(&people, Username::as_str)
            );
            self.found.findings.push(Diagnostic::new(Code::NoLiveSite, message).help(
                "add the profile in the site's Administration > Members, or publish the site",
            ));
        }
    }

    /// Nothing is concluded from sites that cannot be seen.
    fn sites_unseen(&mut self, changes: &[Change]) {
        let begins = |change: &Change| {
            let comes = matches!(change.action, Action::Create | Action::Reactivate);
            !change.blocked && (comes || change.activate)
        };
        if self.index.current.sites == Sites::Invisible && changes.iter().any(begins) {
            self.found.findings.push(
                Diagnostic::new(Code::SitesInvisible, "this login sees no site, so neither welcome mails nor whether people can sign in were checked")
                    .help("if there are sites, give the login Create and Set Up Experiences or View All Data"),
            );
        }
    }

    fn freezes_unseen(&mut self) {
        if self.index.current.frozen == Freezes::Invisible {
            self.found.findings.push(
                Diagnostic::new(Code::FreezesInvisible, "this login cannot see who is frozen, so a user who is active here may be unable to sign in")
                    .help("give the login Manage Users"),
            );
        }
    }

    /// Accounts that are for partners from then on. Whether Salesforce marks them by itself when the
    /// user comes through the API is not documented; it is assumed.
    /// Source: Object Reference, Account, `IsPartner`.
    fn partners(&mut self, changes: &[Change]) {
        let profiles = &self.index.current.profiles;
        if !profiles.iter().any(|profile| profile.user_type == UserType::PowerPartner) {
            return;
        }
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for change in changes.iter().filter(|change| !change.blocked) {
            let user = match change.subject {
                Subject::Existing(id) => self.index.user_with(id),
                Subject::New => None,
            };
            let profile = new_profile(change).map(ProfileId::of).or(user.map(|user| user.profile));
            let partner = profile
                .and_then(|id| self.index.profile(id))
                .is_some_and(|profile| profile.user_type == UserType::PowerPartner);
            let arrives = headcount::account_after(change, self.index);
            let stays = || user.and_then(headcount::account_of);
            let joins = match change.action {
                Action::Create | Action::Reactivate => true,
                Action::Deactivate => false,
                Action::Freeze
                | Action::Unfreeze
                | Action::Rename
                | Action::Adopt
                | Action::Update => arrives.is_some() || change.moves_license(),
            };
            let account = arrives.or_else(stays).and_then(|id| self.index.account(id));
            if let Some(account) =
                account.filter(|one| partner && joins && one.is_partner == Some(false))
            {
                names.insert(&account.name);
            }
        }
        let names: Vec<&str> = names.into_iter().collect();
        if !names.is_empty() {
            let message = format!(
                "{} {} the first partner user and {} for partners from then on ({})",
                if names.len() == 1 {
                    "1 account".to_owned()
                } else {
                    format!("{} accounts", names.len())
                },
                if names.len() == 1 { "gets" } else { "get" },
                if names.len() == 1 { "is" } else { "are" },
                first(&names, |name| name)
            );
            self.found.findings.push(
                Diagnostic::new(Code::PartnerAccount, message)
                    .help("that is for good: switched back, it disables partner users and deletes their roles"),
            );
        }
    }

    /// Accounts that get more people although they hold very many.
    /// Source: Salesforce, "Designing Record Access for Enterprise Scale", account data skew.
    fn crowds(&mut self, changes: &[Change]) {
        if self.index.current.users.len() + changes.len() <= CROWD {
            return;
        }
        let ready = changes.iter().filter(|change| !change.blocked);
        let mut people: Map<AccountId, usize> = Map::default();
        for account in ready.filter_map(|change| headcount::account_after(change, self.index)) {
            *people.entry(account).or_default() += 1;
        }
        for account in self.index.current.users.iter().filter_map(headcount::account_of) {
            if let Some(number) = people.get_mut(&account) {
                *number += 1;
            }
        }
        let mut crowded: Vec<(&str, usize)> = people
            .into_iter()
            .filter(|(_, number)| *number > CROWD)
            .filter_map(|(id, number)| Some((&*self.index.account(id)?.name, number)))
            .collect();
        crowded.sort_unstable();
        for (name, number) in crowded {
            let message = format!("account `{name}` has {number} portal users after this plan");
            self.found.findings.push(
                Diagnostic::new(Code::CrowdedAccount, message)
                    .help("work on so large an account is slow and fails by locks: spread the people over several accounts"),
            );
        }
    }

    fn addresses(&mut self, changes: &[Change]) {
        if !self.index.current.described.user.has("HasUserVerifiedEmail") {
            return;
        }
        let people: Vec<Username> = changes
            .iter()
            .filter(|change| !change.blocked && matches!(change.subject, Subject::Existing(_)))
            .filter(|change| {
                change.fields.iter().any(|f| f.object == Object::User && f.field == "Email")
            })
            .map(|change| change.username.clone())
            .collect();
        if !people.is_empty() {
            let message = format!(
                "{} another address, which is unverified from then on ({})",
                if people.len() == 1 {
                    "1 user gets".to_owned()
                } else {
                    format!("{} users get", people.len())
                },
                first(&people, Username::as_str)
            );
            self.found.findings.push(
                Diagnostic::new(Code::EmailUnverified, message).help(
                    "until they verify it they cannot sign in by a code that is mailed to them",
                ),
            );
        }
    }

    fn policies(&mut self, changes: &[Change]) {
        let policies = &self.index.current.access_policies;
        let touched = changes.iter().any(|change| !change.blocked && !change.access.is_empty());
        if !policies.is_empty() && touched {
            let names: Vec<&str> = policies.iter().take(NAMED).map(|name| &**name).collect();
            let message = format!(
                "active user access policies may give and take access by themselves: {}",
                names.join(", ")
            );
            self.found.findings.push(
                Diagnostic::new(Code::AccessPolicies, message)
                    .help("if the next plan shows the same changes again, a policy undoes them"),
            );
        }
    }

    /// Permission set licences that people keep although they are switched off.
    fn kept_licenses(&mut self, changes: &[Change], desired: &Desired) {
        let kind = AccessKind::PermissionSetLicense;
        if self.index.current.holdings.iter().all(|row| row.kind != kind) {
            return;
        }
        let leaving: BTreeSet<&Username> = changes
            .iter()
            .filter(|change| !change.blocked && change.action == Action::Deactivate)
            .map(|change| &change.org_username)
            .collect();
        let (mut people, mut seats) = (Vec::new(), 0_usize);
        for declared in &desired.users {
            let name = declared.username.with_suffix(&self.request.username_suffix);
            let Some(user) = self.index.user(&name).filter(|u| u.user_type.is_portal()) else {
                continue;
            };
            if user.active && !leaving.contains(&name) {
                continue;
            }
            let held = self.index.holdings(user.id).iter().filter(|row| row.kind == kind).count();
            if held > 0 {
                people.push(declared.username.clone());
                seats += held;
            }
        }
        if !people.is_empty() {
            let message = format!(
                "{} who {} inactive {} {seats} permission set licence {} ({})",
                users(people.len()),
                if people.len() == 1 { "is" } else { "are" },
                if people.len() == 1 { "holds" } else { "hold" },
                if seats == 1 { "seat" } else { "seats" },
                first(&people, Username::as_str)
            );
            self.found.findings.push(
                Diagnostic::new(Code::SetLicensesKept, message)
                    .help("deactivation does not give them back: take the licences away in Setup"),
            );
        }
    }
}

/// The profile that a change gives.
fn new_profile(change: &Change) -> Option<RecordId> {
    change.fields.iter().find_map(|field| match &field.after {
        Datum::Reference { id, .. }
            if field.object == Object::User && field.field == "ProfileId" =>
        {
            Some(*id)
        }
        _ => None,
    })
}

/// Whether mail to a person goes nowhere.
fn invalid(change: &Change, user: Option<&CurrentUser>) -> bool {
    let written = change
        .fields
        .iter()
        .find(|field| field.object == Object::User && field.field == "Email")
        .and_then(|field| field.after.text());
    let held = user.and_then(|user| user.fields.get(&UserField::Email)).and_then(Value::text);
    let address = written.as_deref().or(held).unwrap_or_default();
    is_invalid(address)
}

fn users(count: usize) -> String {
    if count == 1 { "1 user".to_owned() } else { format!("{count} users") }
}

fn first<T>(all: &[T], name: impl Fn(&T) -> &str) -> String {
    let names: Vec<&str> = all.iter().take(NAMED).map(name).collect();
    let more = all.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", names.join(", "))
}
