//! Mails, last and at most once. One whose sending is not certain is never repeated: the report names
//! the person, and so does the next plan, which sees that the org knows of no reset.
//!
//! Source: REST API Developer Guide, "sObject User Password": a reset mails a link; Object Reference,
//! User, `LastPasswordChangeDate`, "Last Password Change or Reset".

use futures_util::future::join_all;

use crate::model::UserId;
use crate::org;
use crate::plan::COLLECTION;
use crate::salesforce::Error;

use super::report::Failure;
use super::watch::Stop;
use super::work::Work;

impl Work<'_> {
    /// Mails everybody who was made. Somebody who lacks a set can sign in all the same.
    pub(super) async fn mail(&self, people: &[usize]) {
        let made = |at: &usize| Some((*at, self.progress.borrow().user(*at)?));
        let people: Vec<(usize, UserId)> = people.iter().filter_map(made).collect();
        for part in people.chunks(self.options.parallelism.clamp(1, COLLECTION)) {
            let at: Vec<usize> = part.iter().map(|(at, _)| *at).collect();
            if !self.may_send(&at) {
                return;
            }
            join_all(part.iter().map(|(at, user)| self.mail_one(*at, *user))).await;
            self.progress.borrow_mut().landed(&at);
            self.watch.borrow_mut().settled(at.len());
        }
    }

    async fn mail_one(&self, at: usize, user: UserId) {
        let Err(error) = self.writer.reset_password(user).await else {
            self.progress.borrow_mut().wrote(at);
            return;
        };
        if error.is_outcome_unknown() && self.was_mailed(user).await {
            self.progress.borrow_mut().wrote(at);
            return;
        }
        let mut progress = self.progress.borrow_mut();
        if error.ends_the_work() {
            progress.stop(Stop::Exhausted(Failure::of(&error)));
        }
        progress.refused(at, not_certain(&error));
    }

    /// Whether the org knows of a reset of the new user's password.
    async fn was_mailed(&self, user: UserId) -> bool {
        // The server may be still at it.
        self.pause(1).await;
        org::had_reset(&self.writer.reader(), user).await.unwrap_or(false)
    }
}

fn not_certain(error: &Error) -> Failure {
    let what = if error.is_outcome_unknown() {
        "it is not certain that the activation mail was sent"
    } else {
        "the activation mail was not sent"
    };
    Failure {
        code: error.code().to_owned(),
        message: format!("the user was created, but {what}: {error}"),
        help: Some(
            "it is not tried again: ask the person, or reset their password in Setup > Users"
                .to_owned(),
        ),
    }
}
