//! Asking the org before anybody is made: what became of a request whose answer was lost, and what
//! another run has made in the meantime.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::{AccountId, ApiName, Contact, ContactId, Username};
use crate::org::{self, UserOf};
use crate::plan::{Change, ContactStep};
use crate::salesforce::Error;

use super::lanes::Row;
use super::report::Failure;
use super::watch::Stop;
use super::work::{Trouble, Work};

impl Work<'_> {
    /// Contacts are looked up once more before they are made: a request whose answer was lost, or
    /// another run, may have made them. They are known by the same fields as in the plan.
    pub(super) async fn not_there_yet(&self, rows: Vec<Row>) -> (Vec<Row>, Vec<Trouble>) {
        let known = match self.appeared(&rows).await {
            Ok(known) => known,
            Err(error) => return (Vec::new(), self.not_asked(rows, &error, false)),
        };
        let mut missing = Vec::new();
        for row in rows {
            let found = match self.plan.changes.get(row.at) {
                Some(change) => known.find(change, &self.options.match_fields),
                None => Found::Nobody,
            };
            let mut progress = self.progress.borrow_mut();
            match found {
                Found::Nobody => missing.push(row),
                Found::Them(contact) => {
                    progress.has_contact(row.at, contact);
                    progress.wrote(row.at);
                }
                Found::Another(failure) => progress.refused(row.at, failure),
            }
        }
        (missing, Vec::new())
    }

    /// The contacts that have what these rows would write into the fields by which they are known.
    async fn appeared(&self, rows: &[Row]) -> Result<Known, Error> {
        let mut known = Known::default();
        for field in &self.options.match_fields {
            let written = |row: &Row| Some(written(self.plan.changes.get(row.at)?, field)?.into());
            let values: Vec<String> = rows.iter().filter_map(written).collect();
            if values.is_empty() {
                continue;
            }
            for contact in org::contacts_like(&self.writer.reader(), field, values).await? {
                known.add(field, contact);
            }
        }
        Ok(known)
    }

    /// What became of users that may exist: each is looked for by username and by contact.
    pub(super) async fn ask(&self, asked: Vec<Trouble>) -> Vec<Trouble> {
        if asked.iter().any(|trouble| trouble.lost) {
            // The server may be still at it.
            self.pause(1).await;
        }
        let mut names: Vec<&Username> = Vec::new();
        let mut contacts: Vec<ContactId> = Vec::new();
        for trouble in &asked {
            let at = trouble.row.at;
            names.extend(self.plan.changes.get(at).map(|change| &change.org_username));
            contacts.extend(self.progress.borrow().contact(at));
        }
        let found = match org::users_like(&self.writer.reader(), &names, &contacts).await {
            Ok(found) => found,
            Err(error) => {
                if error.ends_the_work() {
                    self.progress.borrow_mut().stop(Stop::Exhausted(Failure::of(&error)));
                }
                return asked;
            }
        };
        asked.into_iter().filter_map(|trouble| self.settle(trouble, &found)).collect()
    }

    fn settle(&self, trouble: Trouble, found: &[UserOf]) -> Option<Trouble> {
        let at = trouble.row.at;
        let change = self.plan.changes.get(at)?;
        let mut progress = self.progress.borrow_mut();
        let contact = progress.contact(at);
        let named = found.iter().find(|user| user.username == change.org_username);
        let holder = found.iter().find(|user| contact.is_some() && user.contact == contact);
        match (named, holder) {
            (Some(user), _) if user.contact == contact => {
                progress.has_user(at, user.id);
                progress.wrote(at);
            }
            (Some(_), _) => {
                let mut failure = trouble.failure;
                failure.help = Some(
                    "somebody else of this org has the username: run `portalctl plan` to see who"
                        .to_owned(),
                );
                progress.refused(at, failure);
            }
            (None, Some(holder)) => {
                let mut failure = trouble.failure;
                failure.help = Some(format!(
                    "the contact has the user `{}`: declare the person by this username, or name it in `renamed_from`",
                    holder.username
                ));
                progress.refused(at, failure);
            }
            // The org was asked: it is not there, so it may be sent again.
            (None, None) if trouble.lost => return Some(Trouble { lost: false, ..trouble }),
            (None, None) => progress.refused(at, trouble.failure),
        }
        None
    }

    /// Rows about which the org could not be asked.
    fn not_asked(&self, rows: Vec<Row>, error: &Error, lost: bool) -> Vec<Trouble> {
        let failure = Failure::of(error);
        if error.ends_the_work() {
            self.progress.borrow_mut().stop(Stop::Exhausted(failure));
            return Vec::new();
        }
        rows.into_iter().map(|row| Trouble { row, failure: failure.clone(), lost }).collect()
    }
}

/// Who was found in the place of a contact to be made.
enum Found {
    Nobody,
    Them(ContactId),
    Another(Failure),
}

/// The value that a change's new contact gets in a field.
fn written<'a>(change: &'a Change, name: &ApiName) -> Option<Cow<'a, str>> {
    change.contact_writes().find(|(field, _)| *field == name)?.1.text()
}

/// Contacts by account, field and value.
#[derive(Default)]
struct Known(HashMap<(AccountId, String, String), Vec<Contact>>);

impl Known {
    fn add(&mut self, field: &ApiName, contact: Contact) {
        let value = contact.value(field).map(|value| fold(&value));
        if let (Some(account), Some(value)) = (contact.account, value) {
            let key = (account, fold(field.as_str()), value);
            self.0.entry(key).or_default().push(contact);
        }
    }

    /// A contact like the one to be made, which was not there when the plan was made. The first
    /// field that finds somebody decides.
    fn find(&self, change: &Change, fields: &[ApiName]) -> Found {
        let Some(ContactStep::Create(account)) = change.contact else { return Found::Nobody };
        if self.0.is_empty() {
            return Found::Nobody;
        }
        let found = fields.iter().find_map(|field| {
            let key = (account, fold(field.as_str()), fold(&written(change, field)?));
            Some((field, self.0.get(&key)?.as_slice()))
        });
        let last_name = || written(change, &ApiName::of("LastName")).map(|name| fold(&name));
        match found {
            None | Some((_, [])) => Found::Nobody,
            // An address may be shared; a key is one person's.
            Some((field, [contact]))
                if *field != "Email" || Some(fold(&contact.last_name)) == last_name() =>
            {
                Found::Them(contact.id)
            }
            Some((_, [contact, ..])) => Found::Another(Failure {
                code: "CONTACT_APPEARED".to_owned(),
                message: format!("contact {} was made since the org was read", contact.id),
                help: Some("run `portalctl plan` again to see whether it is the person".to_owned()),
            }),
        }
    }
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
