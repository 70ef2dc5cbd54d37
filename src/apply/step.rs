//! One step of the plan: its records, in the order in which they are to be written.

use crate::model::{AccessKind, AccountId, RecordId, UserId};
use crate::org;
use crate::plan::{Change, Expiry, Stage};
use crate::salesforce::Record;

use super::lanes::Row;
use super::payload;
use super::report::Failure;
use super::verdict::Write;
use super::watch::Stop;
use super::work::{Order, Work};

impl Work<'_> {
    pub(super) async fn run(&self, stage: &Stage) {
        match stage {
            Stage::Freeze(users) => self.freeze(users, true).await,
            Stage::Unfreeze(users) => {
                // Who was to get something first and did not is not let in.
                let ready: Vec<_> =
                    users.iter().filter(|(at, _)| !self.has_failed(*at)).copied().collect();
                self.freeze(&ready, false).await;
            }
            Stage::Deactivate(users) => {
                let inactive =
                    |_: &Change, id: UserId| payload::active(Record::with_id(id.record()), false);
                self.update("User", users, Order::Any, inactive).await;
            }
            Stage::MoveLicense(users) => {
                self.update("User", users, Order::AsGiven, payload::user_update).await;
            }
            Stage::UpdateUsers(users) => {
                self.update("User", users, Order::Any, payload::user_update).await;
            }
            Stage::Reactivate(users) => {
                let active =
                    |change: &Change, id| payload::active(payload::user_update(change, id), true);
                self.update("User", users, Order::Roles, active).await;
            }
            Stage::UpdateContacts(contacts) => {
                self.update("Contact", contacts, Order::Any, payload::contact_update).await;
            }
            Stage::Rename(users) => {
                let rows = users
                    .iter()
                    .filter(|(at, ..)| !self.has_failed(*at))
                    .map(|(at, id, name)| Row { at: *at, record: payload::renamed(*id, name) })
                    .collect();
                self.send(Write::Update("User"), rows, Order::Any).await;
            }
            Stage::CreateContacts(contacts) => self.create_contacts(contacts).await,
            Stage::CreateUsers(changes) => self.create_users(changes).await,
            Stage::Take(_, ends) => {
                let row =
                    |(at, id): &(usize, RecordId)| Row { at: *at, record: Record::with_id(*id) };
                self.send(Write::Delete, ends.iter().map(row).collect(), Order::Any).await;
            }
            Stage::ChangeExpiry(days) => {
                let rows = days
                    .iter()
                    .map(|(at, id, day)| Row { at: *at, record: payload::expiry(*id, *day) })
                    .collect();
                self.send(Write::Update("PermissionSetAssignment"), rows, Order::Any).await;
            }
            Stage::Give(kind, sets) => self.give(*kind, sets).await,
            Stage::Mail(people) => self.mail(people).await,
        }
    }

    async fn create_contacts(&self, contacts: &[(usize, AccountId)]) {
        let row = |(at, account): &(usize, AccountId)| {
            let record = payload::contact(self.plan.changes.get(*at)?, *account);
            Some(Row { at: *at, record })
        };
        let rows = contacts.iter().filter_map(row).collect();
        self.send(Write::Create("Contact"), rows, Order::Any).await;
    }

    async fn create_users(&self, changes: &[usize]) {
        let row = |at: &usize| {
            let contact = self.progress.borrow().contact(*at)?;
            let record = payload::user(self.plan.changes.get(*at)?, contact);
            (!self.has_failed(*at)).then_some(Row { at: *at, record })
        };
        let rows = changes.iter().filter_map(row).collect();
        self.send(Write::Create("User"), rows, Order::Roles).await;
    }

    async fn give(&self, kind: AccessKind, sets: &[(usize, RecordId, Option<Expiry>)]) {
        let rows = sets
            .iter()
            .filter(|(at, ..)| !self.has_failed(*at))
            .filter_map(|(at, set, expires)| {
                let user = self.progress.borrow().user(*at)?;
                Some(Row { at: *at, record: payload::holding(kind, user, *set, *expires) })
            })
            .collect();
        self.send(Write::Create(payload::holding_object(kind)), rows, Order::Any).await;
    }

    fn has_failed(&self, at: usize) -> bool {
        self.progress.borrow().has_failed(at)
    }

    async fn update<Id: Copy>(
        &self,
        object: &'static str,
        rows: &[(usize, Id)],
        order: Order,
        record: impl Fn(&Change, Id) -> Record,
    ) {
        let rows = rows
            .iter()
            .filter_map(|(at, id)| {
                Some(Row { at: *at, record: record(self.plan.changes.get(*at)?, *id) })
            })
            .collect();
        self.send(Write::Update(object), rows, order).await;
    }

    /// A freeze is a field of the user's login, whose id has to be looked up.
    async fn freeze(&self, users: &[(usize, UserId)], frozen: bool) {
        if self.progress.borrow().is_stopped() {
            return;
        }
        let ids: Vec<UserId> = users.iter().map(|(_, id)| *id).collect();
        let logins = match org::login_ids(&self.writer.reader(), &ids).await {
            Ok(logins) => logins,
            Err(error) => {
                let mut progress = self.progress.borrow_mut();
                if error.ends_the_work() {
                    progress.stop(Stop::Exhausted(Failure::of(&error)));
                    return;
                }
                for (at, _) in users {
                    progress.refused(*at, Failure::of(&error));
                }
                return;
            }
        };
        let mut rows = Vec::new();
        for (at, user) in users {
            match logins.get(user) {
                Some(login) => {
                    rows.push(Row { at: *at, record: payload::frozen(login.record(), frozen) });
                }
                None => self.progress.borrow_mut().refused(*at, no_login()),
            }
        }
        self.send(Write::Update("UserLogin"), rows, Order::Any).await;
    }
}

fn no_login() -> Failure {
    Failure {
        code: "LOGIN_NOT_VISIBLE".to_owned(),
        message: "the user's login record cannot be seen".to_owned(),
        help: Some("freezing needs the permission Manage Users".to_owned()),
    }
}
