//! The fingerprint of a plan: equal for equal changes, whatever the files look like and however the
//! org counts its calls.

use std::fmt::Write as _;

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;

use super::change::{Change, ContactStep, Datum, Mail, MailReason, Plan, Subject};

/// The version of the fingerprint's own rules.
const VERSION: &str = "1.0";

/// `sha256:` and 64 hexadecimal digits over format version, project, org id, and the changes with
/// what was observed, blockers and mails. Places and order in files, API calls and licence counters stay out.
pub fn digest(plan: &Plan) -> String {
    let mut feed = Feed { hash: Context::new(&SHA256), waiting: Vec::with_capacity(2 * BLOCK) };
    feed.text(VERSION).text(plan.project.as_str()).text(plan.org.id.as_str());
    feed.count(plan.changes.len());
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    changes.sort_by(|a, b| a.org_username.cmp(&b.org_username));
    for change in changes {
        feed.change(change);
    }
    feed.count(plan.blockers.len());
    for blocker in &plan.blockers {
        feed.text(blocker.rule.as_str()).number(blocker.count).number(blocker.limit);
    }
    feed.count(plan.mails.len());
    let mut mails: Vec<&Mail> = plan.mails.iter().collect();
    mails.sort_by(|a, b| a.username.cmp(&b.username));
    for mail in mails {
        feed.mail(mail);
    }
    let mut text = "sha256:".to_owned();
    feed.hash.update(&feed.waiting);
    for byte in feed.hash.finish().as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Every value goes in with its length, so that no two sequences of values look alike.
struct Feed {
    hash: Context,
    /// Values are short, and hashing takes longer to begin than to go on.
    waiting: Vec<u8>,
}

/// How many bytes are hashed at once.
const BLOCK: usize = 4096;

impl Feed {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= BLOCK {
            self.hash.update(&self.waiting);
            self.waiting.clear();
        }
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len());
        self.bytes(text.as_bytes())
    }

    fn count(&mut self, count: usize) -> &mut Self {
        self.number(count as u64)
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    fn datum(&mut self, datum: &Datum) -> &mut Self {
        match datum {
            Datum::Null => self.number(0),
            Datum::Text(text) => self.number(1).text(text),
            Datum::Reference { id, .. } => self.number(2).text(id.as_str()),
            Datum::Bool(value) => self.number(3).number(u64::from(*value)),
            Datum::Number(number) => self.number(4).number(number.get().to_bits()),
            Datum::Date(day) => self.number(5).text(&day.to_string()),
        }
    }

    fn change(&mut self, change: &Change) {
        self.text(change.org_username.as_str()).text(change.action.as_str());
        self.number(u64::from(change.blocked)).number(u64::from(change.unfreeze));
        match change.subject {
            Subject::New => self.text(""),
            Subject::Existing(id) => self.text(id.as_str()),
        };
        self.count(change.reasons.len());
        for reason in &change.reasons {
            self.text(reason.as_str());
        }
        self.count(change.fields.len());
        for field in &change.fields {
            self.text(field.object.as_str()).text(field.field.as_str());
            self.datum(&field.before).datum(&field.after);
        }
        match change.contact {
            None => self.text(""),
            Some(step @ ContactStep::Create(account)) => {
                self.text(step.as_str()).text(account.as_str())
            }
            Some(
                step @ (ContactStep::Link(id) | ContactStep::Update(id) | ContactStep::Move(id)),
            ) => self.text(step.as_str()).text(id.as_str()),
        };
        self.access(change);
        if change.is_invitation() {
            let last = change.last_reset.map(|at| Timestamp::from(at).to_string());
            self.text(&last.unwrap_or_default());
        }
    }

    fn mail(&mut self, mail: &Mail) {
        self.text(mail.username.as_str()).count(mail.reasons.len());
        for reason in &mail.reasons {
            self.text(reason.as_str());
            if let MailReason::Welcome(site) = reason {
                self.text(site);
            }
        }
    }

    fn access(&mut self, change: &Change) {
        let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
        for (kind, changes) in change.access.iter().filter(|(_, changes)| !changes.is_empty()) {
            self.text(kind.key()).count(changes.add.len());
            for set in &changes.add {
                self.text(set.id.as_str()).text(&day(set.expires.map(|e| e.day)));
            }
            self.count(changes.remove.len());
            for set in &changes.remove {
                self.text(set.holding.as_str());
            }
            self.count(changes.change.len());
            for set in &changes.change {
                self.text(set.holding.as_str());
                self.text(&day(set.before)).text(&day(set.after.map(|e| e.day)));
            }
        }
    }
}
