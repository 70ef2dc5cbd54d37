//! One step of the plan: batches out, one answer a record back.

use std::borrow::Cow;

use crate::model::{AccessKind, AccountId, Contact, ContactId, RecordId, UserId};
use crate::org;
use crate::plan::{COLLECTION, Change, Plan, Stage};
use crate::salesforce::{Error, Record, RecordError, Writer};

use super::payload;
use super::progress::Progress;
use super::report::Failure;

/// A step under way.
pub(super) struct Step<'a> {
    pub(super) plan: &'a Plan,
    pub(super) writer: &'a Writer,
    pub(super) progress: &'a mut Progress,
}

/// A record to write, and the change it belongs to.
type Row = (usize, Record);

/// What kind of write a batch is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Write {
    Create(&'static str),
    Update(&'static str),
    Delete,
}

impl Write {
    /// Whether it gives something to a user.
    fn gives(self) -> bool {
        let given = |object| AccessKind::ALL.map(payload::holding_object).contains(&object);
        matches!(self, Self::Create(object) if given(object))
    }
}

impl Step<'_> {
    pub(super) async fn run(&mut self, stage: &Stage) {
        match stage {
            Stage::Freeze(users) => self.freeze(users, true).await,
            Stage::Unfreeze(users) => self.freeze(users, false).await,
            Stage::Deactivate(users) => {
                let inactive =
                    |_: &Change, id: UserId| payload::active(Record::with_id(id.record()), false);
                self.update("User", users, inactive).await;
            }
            Stage::MoveLicense(users) | Stage::UpdateUsers(users) => {
                self.update("User", users, payload::user_update).await;
            }
            Stage::Reactivate(users) => {
                let active =
                    |change: &Change, id| payload::active(payload::user_update(change, id), true);
                self.update("User", users, active).await;
            }
            Stage::UpdateContacts(contacts) => {
                self.update("Contact", contacts, payload::contact_update).await;
            }
            Stage::CreateContacts(contacts) => self.create_contacts(contacts).await,
            Stage::CreateUsers(changes) => self.create_users(changes).await,
            Stage::Take(_, ends) => {
                let rows = ends.iter().map(|(at, id)| (*at, Record::with_id(*id)));
                self.send(Write::Delete, rows.collect()).await;
            }
            Stage::ChangeExpiry(days) => {
                let rows = days.iter().map(|(at, id, day)| (*at, payload::expiry(*id, *day)));
                self.send(Write::Update("PermissionSetAssignment"), rows.collect()).await;
            }
            Stage::Give(kind, sets) => {
                let rows = sets
                    .iter()
                    .filter(|(at, ..)| !self.progress.has_failed(*at))
                    .filter_map(|(at, set, expires)| {
                        let user = self.progress.user(*at)?;
                        Some((*at, payload::holding(*kind, user, *set, *expires)))
                    })
                    .collect();
                self.send(Write::Create(payload::holding_object(*kind)), rows).await;
            }
        }
    }

    async fn update<Id: Copy>(
        &mut self,
        object: &'static str,
        rows: &[(usize, Id)],
        record: impl Fn(&Change, Id) -> Record,
    ) {
        let rows = rows
            .iter()
            .filter_map(|(at, id)| Some((*at, record(self.plan.changes.get(*at)?, *id))))
            .collect();
        self.send(Write::Update(object), rows).await;
    }

    /// A freeze is a field of the user's login, whose id has to be looked up.
    async fn freeze(&mut self, users: &[(usize, UserId)], frozen: bool) {
        let ids: Vec<UserId> = users.iter().map(|(_, id)| *id).collect();
        let logins = match org::login_ids(&self.writer.reader(), &ids).await {
            Ok(logins) => logins,
            Err(error) => {
                for (at, _) in users {
                    self.progress.refused(*at, Failure::of(&error));
                }
                return;
            }
        };
        let mut rows = Vec::new();
        for (at, user) in users {
            match logins.get(user) {
                Some(login) => rows.push((*at, payload::frozen(login.record(), frozen))),
                None => self.progress.refused(*at, no_login()),
            }
        }
        self.send(Write::Update("UserLogin"), rows).await;
    }

    async fn create_users(&mut self, changes: &[usize]) {
        let mut rows = Vec::new();
        for at in changes {
            let contact = self.progress.contact(*at).filter(|_| !self.progress.has_failed(*at));
            if let (Some(contact), Some(change)) = (contact, self.plan.changes.get(*at)) {
                rows.push((*at, payload::user(change, contact)));
            }
        }
        self.send(Write::Create("User"), rows).await;
    }

    /// Another run may have been at work since the org was read, so contacts are looked up once
    /// more before they are made.
    async fn create_contacts(&mut self, contacts: &[(usize, AccountId)]) {
        for batch in contacts.chunks(COLLECTION) {
            if self.progress.is_stopped() {
                return;
            }
            let mut rows = Vec::new();
            let known = org::contacts_like(&self.writer.reader(), &self.addresses(batch)).await;
            for (at, account) in batch {
                let Some(change) = self.plan.changes.get(*at) else {
                    continue;
                };
                match known.as_ref().map(|known| appeared(known, change, *account)) {
                    Ok(None) => rows.push((*at, payload::contact(change, *account))),
                    Ok(Some(contact)) => self.progress.refused(*at, moved_on(contact)),
                    Err(error) => self.progress.refused(*at, Failure::of(error)),
                }
            }
            self.send(Write::Create("Contact"), rows).await;
        }
    }

    fn addresses(&self, batch: &[(usize, AccountId)]) -> Vec<String> {
        let changes = batch.iter().filter_map(|(at, _)| self.plan.changes.get(*at));
        changes.filter_map(address).map(Cow::into_owned).collect()
    }

    /// Sends rows in batches and books every answer.
    async fn send(&mut self, write: Write, mut rows: Vec<Row>) {
        while !rows.is_empty() && !self.progress.is_stopped() {
            let rest = rows.split_off(rows.len().min(COLLECTION));
            let batch = std::mem::replace(&mut rows, rest);
            let (at, records): (Vec<usize>, Vec<Record>) = batch.into_iter().unzip();
            let answers = match write {
                Write::Create(object) => self.writer.create(object, &records).await,
                Write::Update(object) => self.writer.update(object, &records).await,
                Write::Delete => {
                    let ids: Vec<RecordId> = records.iter().filter_map(Record::id).collect();
                    self.writer.delete(&ids).await
                }
            };
            match answers {
                Ok(answers) => {
                    for (at, answer) in at.into_iter().zip(answers) {
                        self.book(write, at, answer);
                    }
                }
                Err(error) => self.refused_whole(write, &at, &error).await,
            }
        }
    }

    fn book(&mut self, write: Write, at: usize, answer: Result<RecordId, RecordError>) {
        match answer {
            Ok(id) => {
                self.progress.wrote(at);
                match write {
                    Write::Create("User") => self.progress.has_user(at, UserId::of(id)),
                    Write::Create("Contact") => self.progress.has_contact(at, ContactId::of(id)),
                    Write::Create(_) | Write::Update(_) | Write::Delete => {}
                }
            }
            // Somebody else has given the same: what was wanted is true.
            Err(error) if write.gives() && error.code == "DUPLICATE_VALUE" => {
                self.progress.wrote(at);
            }
            Err(error) => self.progress.refused(at, Failure::of_record(&error)),
        }
    }

    /// A request that was refused or lost as a whole.
    async fn refused_whole(&mut self, write: Write, at: &[usize], error: &Error) {
        if error.ends_the_work() {
            self.progress.stop();
        }
        if !error.is_outcome_unknown() {
            for at in at {
                self.progress.refused(*at, Failure::of(error));
            }
            return;
        }
        if write == Write::Create("User") {
            self.find_lost_users(at, error).await;
            return;
        }
        for at in at {
            self.progress.lost(*at, Failure::of(error));
        }
    }

    /// Asks the org which users of a lost request exist now.
    async fn find_lost_users(&mut self, lost: &[usize], error: &Error) {
        let name = |at: &usize| self.plan.changes.get(*at).map(|change| &change.org_username);
        let names: Vec<_> = lost.iter().filter_map(name).collect();
        match org::users_named(&self.writer.reader(), &names).await {
            Ok(found) => {
                for at in lost {
                    let id = self
                        .plan
                        .changes
                        .get(*at)
                        .and_then(|change| found.get(&change.org_username));
                    match id {
                        Some(id) => {
                            self.progress.wrote(*at);
                            self.progress.has_user(*at, *id);
                        }
                        None => self.progress.refused(*at, Failure::of(error)),
                    }
                }
            }
            Err(_) => {
                for at in lost {
                    self.progress.lost(*at, Failure::of(error));
                }
            }
        }
    }
}

/// The address that a change's new contact gets.
fn address(change: &Change) -> Option<Cow<'_, str>> {
    change.contact_writes().find(|(field, _)| **field == "Email")?.1.text()
}

/// A contact like the one to be made, which was not there when the plan was made.
fn appeared<'a>(known: &'a [Contact], change: &Change, account: AccountId) -> Option<&'a Contact> {
    let wanted = address(change)?.to_lowercase();
    known.iter().find(|contact| {
        contact.account == Some(account)
            && contact.email.as_ref().is_some_and(|email| email.to_lowercase() == wanted)
    })
}

fn moved_on(contact: &Contact) -> Failure {
    Failure {
        code: "CONTACT_APPEARED".to_owned(),
        message: format!("contact {} was made since the org was read", contact.id),
        help: Some("run `portalctl plan` again to link it".to_owned()),
    }
}

fn no_login() -> Failure {
    Failure {
        code: "LOGIN_NOT_VISIBLE".to_owned(),
        message: "the user's login record cannot be seen".to_owned(),
        help: Some("freezing needs the permission Manage Users".to_owned()),
    }
}
