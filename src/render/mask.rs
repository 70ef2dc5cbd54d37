//! Identities out of sight, for logs and comments that the public can read: e-mail addresses,
//! usernames and surnames, and the fields that are made of them.
//!
//! What is shown of a name is its first letter. A message that may name somebody whom the plan does
//! not know is replaced by the title of its code, so that a new kind of message leaks nothing.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::apply::{ChangeResult, Failure, Outcome, Report};
use crate::config::{Loaded, SourceMap};
use crate::doctor::Diagnosis;
use crate::drift::Drift;
use crate::model::{Code, Desired, Diagnostic, UserField, Username, Value};
use crate::plan::{AccessRow, Change, Datum, Plan, PlannedOrg};

/// What stands for the rest of a word.
const REST: &str = "***";

/// Fields that are an address or a username.
const ADDRESSES: [&str; 2] = ["Username", "Email"];
/// Fields that identify a person in another way.
const IDENTITIES: [&str; 7] = [
    "Alias",
    "CommunityNickname",
    "FederationIdentifier",
    "EmployeeNumber",
    "Phone",
    "MobilePhone",
    "Fax",
];

/// Codes whose messages name nobody but the person they are about.
const IMPERSONAL: [Code; 14] = [
    Code::AccountNotFound,
    Code::AccountAmbiguous,
    Code::UnknownProfile,
    Code::InternalProfile,
    Code::StandardProfile,
    Code::UnknownPermissionSet,
    Code::PermissionSetLicense,
    Code::ContactNotFound,
    Code::LicenseMove,
    Code::SeatsShort,
    Code::SandboxWithoutSuffix,
    Code::AbsenceDoesNothing,
    Code::EmailNotCompared,
    Code::FieldInvisible,
];

/// Masks what is said of the files, and forgets the files' text, which is not shown then.
pub fn mask_findings(loaded: &mut Loaded) {
    let mask = Mask::of_files(&loaded.desired);
    for found in &mut loaded.diagnostics {
        found.message = mask.text(&found.message);
        found.help = found.help.as_deref().map(|help| mask.text(help));
        found.username = found.username.as_ref().map(|name| mask.username(name));
        for label in &mut found.labels {
            label.text = mask.text(&label.text);
        }
    }
    loaded.sources = SourceMap::default();
}

/// Masks what was diagnosed. What comes from a plan was masked with it: two people stay two.
pub fn mask_diagnosis(diagnosis: &mut Diagnosis, desired: &Desired) {
    let mask = Mask::of_files(desired);
    if let Some((_, _, Some(user))) = &mut diagnosis.org {
        *user = mask.username(user);
    }
    for check in &mut diagnosis.checks {
        check.message = mask.text(&check.message);
        check.help = check.help.as_deref().map(|help| mask.text(help));
        for username in &mut check.usernames {
            if !username.as_str().contains(REST) {
                *username = mask.username(username);
            }
        }
    }
}

/// The people of a plan, and what is shown instead of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    usernames: HashMap<Username, Username>,
    /// Surnames in lower case.
    surnames: HashSet<String>,
}

impl Mask {
    /// A mask for everybody whom the plan names.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut mask = Self::default();
        let mut taken = HashMap::new();
        let short = plan.licenses.iter().flat_map(|line| &line.short_users);
        let changed = plan.changes.iter().flat_map(|c| [&c.username, &c.org_username]);
        let told = plan.diagnostics.iter().filter_map(|found| found.username.as_ref());
        let left = plan.invitation.iter().flat_map(|it| &it.left_out).map(|one| &one.username);
        for username in changed.chain(short).chain(told).chain(left).chain([&plan.org.user]) {
            mask.person(username, &mut taken);
        }
        for change in &plan.changes {
            mask.learn(&change.name);
            if let Some(by) = change.switched_off.as_ref().and_then(|off| off.by.as_deref()) {
                mask.learn(by);
            }
            for field in change.fields.iter().filter(|field| field.field == "LastName") {
                mask.surname(&field.before.text().unwrap_or_default());
                mask.surname(&field.after.text().unwrap_or_default());
            }
        }
        mask
    }

    /// A mask for everybody whom a review names.
    pub(super) fn of_rows<'r>(rows: impl Iterator<Item = AccessRow<'r>>, org: &PlannedOrg) -> Self {
        let mut mask = Self::default();
        let mut taken = HashMap::new();
        for row in rows {
            for username in [Some(&row.username), row.org_username.as_ref()].into_iter().flatten() {
                mask.person(&Username::observed(username), &mut taken);
            }
            mask.learn(&row.name);
        }
        mask.person(&org.user, &mut taken);
        mask
    }

    /// A mask for everybody whom the files name.
    fn of_files(desired: &Desired) -> Self {
        let mut mask = Self::default();
        for user in &desired.users {
            let last = user.fields.get(&UserField::LastName).and_then(Value::text);
            mask.surname(last.unwrap_or_default());
        }
        mask
    }

    fn person(&mut self, username: &Username, taken: &mut HashMap<String, usize>) {
        if !self.usernames.contains_key(username) {
            let shown = unused(username.as_str(), taken);
            self.usernames.insert(username.clone(), Username::observed(&shown));
        }
    }

    fn learn(&mut self, name: &str) {
        self.surname(surname(name));
    }

    fn surname(&mut self, name: &str) {
        let words = name.split(|c: char| !c.is_alphanumeric());
        self.surnames.extend(words.filter(|w| !w.is_empty()).map(str::to_lowercase));
    }

    /// The plan with everybody masked.
    pub(super) fn plan(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        plan.org = self.org(&plan.org);
        for change in &mut plan.changes {
            self.change(change);
        }
        for line in &mut plan.licenses {
            for username in &mut line.short_users {
                *username = self.username(username);
            }
        }
        for mail in &mut plan.mails {
            mail.username = self.username(&mail.username);
        }
        for left in plan.invitation.iter_mut().flat_map(|it| &mut it.left_out) {
            left.username = self.username(&left.username);
        }
        for found in &mut plan.diagnostics {
            self.diagnostic(found);
        }
        for blocker in &mut plan.blockers {
            blocker.message = self.text(&blocker.message);
        }
        plan
    }

    /// The org without the user whom the program signs in as.
    pub(super) fn org(&self, org: &PlannedOrg) -> PlannedOrg {
        PlannedOrg { user: self.username(&org.user), ..org.clone() }
    }

    /// A row of a review with its person masked.
    pub(super) fn row<'r>(&self, row: AccessRow<'r>) -> AccessRow<'r> {
        let username = |shown: Cow<'r, str>| -> Cow<'r, str> {
            self.username(&Username::observed(&shown)).as_str().to_owned().into()
        };
        let text = |shown: Cow<'r, str>| -> Cow<'r, str> { self.text(&shown).into() };
        AccessRow {
            username: username(row.username),
            org_username: row.org_username.map(username),
            name: name(&row.name).into(),
            account: text(row.account),
            declared_account: row.declared_account.map(text),
            ..row
        }
    }

    fn change(&self, change: &mut Change) {
        change.username = self.username(&change.username);
        change.org_username = self.username(&change.org_username);
        change.name = name(&change.name);
        change.account = self.text(&change.account);
        if let Some(off) = &mut change.switched_off {
            off.by = off.by.as_deref().map(|by| name(by).into());
        }
        for field in &mut change.fields {
            let name = field.field.clone();
            self.datum(name.as_str(), &mut field.before);
            self.datum(name.as_str(), &mut field.after);
        }
    }

    fn datum(&self, field: &str, datum: &mut Datum) {
        let Datum::Text(text) = datum else { return };
        let shown = if ADDRESSES.contains(&field) {
            address(text)
        } else if field == "LastName" {
            words(text)
        } else if IDENTITIES.contains(&field) {
            REST.to_owned()
        } else {
            self.text(text)
        };
        *text = shown.into();
    }

    fn diagnostic(&self, found: &mut Diagnostic) {
        if let Some(username) = &mut found.username {
            *username = self.username(username);
        }
        if IMPERSONAL.contains(&found.code) {
            found.message = self.text(&found.message);
            found.help = found.help.as_deref().map(|help| self.text(help));
        } else {
            found.code.title().clone_into(&mut found.message);
            found.help = Some(format!("see `portalctl explain {}`", found.code.as_str()));
        }
        found.labels.clear();
    }

    /// The report with everybody masked.
    pub(super) fn report(&self, report: &Report) -> Report {
        let failure = |failure: &Failure| Failure {
            code: failure.code.clone(),
            message: self.text(&failure.message),
            help: failure.help.as_deref().map(|help| self.text(help)),
        };
        let result = |result: &ChangeResult| {
            let outcome = match &result.outcome {
                Outcome::Applied => Outcome::Applied,
                Outcome::Failed(why) => Outcome::Failed(failure(why)),
                Outcome::Skipped(cause) => Outcome::Skipped(cause.clone()),
                Outcome::Unknown(why) => Outcome::Unknown(failure(why)),
            };
            ChangeResult { outcome, ..result.clone() }
        };
        Report { results: report.results.iter().map(result).collect(), ..report.clone() }
    }

    /// The drift with everybody masked, those who changed something and those nobody declares too.
    pub(super) fn drift(&self, drift: &Drift) -> Drift {
        let mut drift = drift.clone();
        let parts = drift.found.iter_mut().flat_map(|(_, found)| &mut found.parts);
        for by in parts.filter_map(|(_, by)| by.as_mut()) {
            by.name = by.name.as_deref().map(|by| name(by).into());
            by.username = by.username.as_deref().map(|by| address(by).into());
            by.acting_as = by.acting_as.as_deref().map(|whose| address(whose).into());
        }
        for stranger in drift.strangers.iter_mut().flatten() {
            stranger.username = self.username(&stranger.username);
            stranger.name = name(&stranger.name);
            stranger.account = stranger.account.as_deref().map(|account| self.text(account));
        }
        drift
    }

    fn username(&self, username: &Username) -> Username {
        self.usernames
            .get(username)
            .cloned()
            .unwrap_or_else(|| Username::observed(&address(username.as_str())))
    }

    /// A text with its addresses and the known surnames masked.
    pub(super) fn text(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for (at, part) in text.split(' ').enumerate() {
            if at > 0 {
                shown.push(' ');
            }
            if part.contains('@') {
                shown.push_str(&addresses(part));
            } else {
                self.part(&mut shown, part);
            }
        }
        shown
    }

    fn part(&self, shown: &mut String, part: &str) {
        let mut rest = part;
        while !rest.is_empty() {
            let letters = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(letters);
            if self.surnames.contains(&word.to_lowercase()) {
                shown.push_str(&first(word));
            } else {
                shown.push_str(word);
            }
            let sign = after.chars().next();
            shown.extend(sign);
            rest = after.get(sign.map_or(0, char::len_utf8)..).unwrap_or_default();
        }
    }
}

/// A masked address that nobody else has yet: two people with the same letters get a number.
fn unused(username: &str, taken: &mut HashMap<String, usize>) -> String {
    let shown = address(username);
    let number = taken.entry(shown.clone()).and_modify(|number| *number += 1).or_insert(1);
    if *number == 1 {
        return shown;
    }
    let (local, domain) = shown.split_once('@').unwrap_or((&shown, ""));
    format!("{local}{number}@{domain}")
}

/// All but the first word of a name; the whole of a single word.
fn surname(name: &str) -> &str {
    let name = name.trim();
    name.split_once(char::is_whitespace).map_or(name, |(_, rest)| rest)
}

/// `Kim Osei` → `Kim O***`.
fn name(name: &str) -> String {
    match name.trim().split_once(char::is_whitespace) {
        Some((first, rest)) => format!("{first} {}", words(rest)),
        None => words(name),
    }
}

fn words(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(first).collect();
    words.join(" ")
}

fn first(word: &str) -> String {
    let letter: String = word.chars().take(1).collect();
    format!("{letter}{REST}")
}

/// `kim.osei@acme.example` → `k***@a***.example`.
fn address(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return first(address);
    };
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    let domain = top.map_or_else(|| first(domain), |top| format!("{}.{top}", first(domain)));
    format!("{}@{domain}", first(local))
}

/// A word with an address in it, in brackets or quotes perhaps.
fn addresses(word: &str) -> String {
    let around = |c: char| !c.is_alphanumeric();
    let core = word.trim_matches(around);
    let (before, after) = word.split_once(core).unwrap_or((word, ""));
    if core.is_empty() { word.to_owned() } else { format!("{before}{}{after}", address(core)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_letters_are_left() {
        assert_eq!(name("Kim Osei"), "Kim O***");
        assert_eq!(name("Jan van der Berg"), "Jan v*** d*** B***");
        assert_eq!(name("Osei"), "O***");
        assert_eq!(address("kim.osei@acme.co.example"), "k***@a***.example");
        assert_eq!(addresses("(`kim@acme.example`),"), "(`k***@a***.example`),");
    }

    #[test]
    fn two_people_do_not_become_one() {
        let mut taken = HashMap::new();
        assert_eq!(unused("kim@acme.example", &mut taken), "k***@a***.example");
        assert_eq!(unused("kurt@acme.example", &mut taken), "k***2@a***.example");
    }

    #[test]
    fn known_surnames_are_found_in_texts() {
        let mask = Mask { usernames: HashMap::new(), surnames: HashSet::from(["osei".to_owned()]) };
        assert_eq!(
            mask.text("Osei's boss, (OSEI) x@y.example"),
            "O***'s boss, (O***) x***@y***.example"
        );
        assert_eq!(mask.text("Oseis a\u{e9}b"), "Oseis a\u{e9}b");
    }
}
