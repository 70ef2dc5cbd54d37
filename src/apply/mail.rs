//! Mails, last and at most once. One whose sending is not certain is never repeated: the report names
//! the person, and so does the next plan, which sees that the org knows of no reset.
//!
//! Source: REST API Developer Guide, "sObject User Password": a reset mails a link; Object Reference,
//! User, `LastPasswordChangeDate`, "Last Password Change or Reset".

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::model::{Moment, UserId};
use crate::org;
use crate::plan::COLLECTION;
use crate::salesforce::Error;

use super::Options;
use super::report::Failure;
use super::watch::Stop;
use super::work::Work;

/// Somebody who is mailed.
#[derive(Clone, Copy)]
struct Addressee {
    at: usize,
    user: UserId,
    /// Whether they were there before, and somebody invites them.
    invited: bool,
    /// When their password was set or reset last. Whoever was just made has none.
    last_reset: Option<Moment>,
}

impl Work<'_> {
    /// Mails everybody who was made, and who is invited. Somebody who lacks a set can sign in all the
    /// same.
    pub(super) async fn mail(&self, people: &[usize]) {
        let coarse = Options::is_coarse(self.plan);
        if coarse {
            self.progress.borrow_mut().in_flight(people);
        }
        let all: Vec<Addressee> = people.iter().filter_map(|at| self.addressee(*at)).collect();
        self.mail_all(&all, coarse).await;
        if coarse {
            self.progress.borrow_mut().landed(people);
        }
    }

    async fn mail_all(&self, people: &[Addressee], coarse: bool) {
        for some in people.chunks(COLLECTION) {
            if self.progress.borrow().is_stopped() {
                return;
            }
            let some = self.as_planned(some).await;
            for part in some.chunks(self.options.parallelism.clamp(1, COLLECTION)) {
                let at: Vec<usize> = part.iter().map(|one| one.at).collect();
                if !self.may_send(&at) {
                    return;
                }
                join_all(part.iter().map(|one| self.mail_one(*one))).await;
                if !coarse {
                    self.progress.borrow_mut().landed(&at);
                }
                self.watch.borrow_mut().settled(at.len());
            }
        }
    }

    fn addressee(&self, at: usize) -> Option<Addressee> {
        let user = self.progress.borrow().user(at)?;
        let change = self.plan.changes.get(at)?;
        Some(Addressee { at, user, invited: change.is_invitation(), last_reset: change.last_reset })
    }

    /// Those whose passwords are as old as the plan saw them. Between the plan and its approval
    /// somebody else may have invited the same people, or they themselves have asked for a link.
    async fn as_planned(&self, people: &[Addressee]) -> Vec<Addressee> {
        let invited: Vec<UserId> =
            people.iter().filter(|one| one.invited).map(|one| one.user).collect();
        if invited.is_empty() {
            return people.to_vec();
        }
        let known = match org::last_resets(&self.writer.reader(), &invited).await {
            Ok(known) => known,
            // Without that field people are named one by one, whenever they were mailed last.
            Err(error) if error.code() == "INVALID_FIELD" => return people.to_vec(),
            Err(error) => return self.not_looked_at(people, &error),
        };
        let (same, moved): (Vec<_>, Vec<_>) =
            people.iter().copied().partition(|one| !one.invited || is_same(&known, *one));
        for one in moved {
            self.progress.borrow_mut().refused(
                one.at,
                Failure {
                    code: "RESET_SINCE_PLAN".to_owned(),
                    message:
                        "no mail was sent: their password was set or reset after the plan was made"
                            .to_owned(),
                    help: Some(
                        "if they are to get another link, run `portalctl invite` again".to_owned(),
                    ),
                },
            );
        }
        same
    }

    /// Nobody is mailed of whom it is not known whether they were mailed meanwhile.
    fn not_looked_at(&self, people: &[Addressee], error: &Error) -> Vec<Addressee> {
        let mut progress = self.progress.borrow_mut();
        if error.ends_the_work() {
            progress.stop(Stop::Exhausted(Failure::of(error)));
            return Vec::new();
        }
        let failure = Failure::of(error);
        let message = format!("no mail was sent: {}", failure.message);
        for one in people {
            progress.refused(one.at, Failure { message: message.clone(), ..failure.clone() });
        }
        Vec::new()
    }

    async fn mail_one(&self, one: Addressee) {
        let Err(error) = self.writer.reset_password(one.user).await else {
            self.progress.borrow_mut().wrote(one.at);
            return;
        };
        let mailed =
            if error.is_outcome_unknown() { self.was_mailed(one).await } else { Some(false) };
        let mut progress = self.progress.borrow_mut();
        if mailed == Some(true) {
            progress.wrote(one.at);
            return;
        }
        if error.ends_the_work() {
            progress.stop(Stop::Exhausted(Failure::of(&error)));
        }
        let failure = not_certain(&error, one.invited);
        if mailed.is_none() {
            progress.lost(one.at, failure);
        } else {
            progress.refused(one.at, failure);
        }
    }

    /// Whether the org knows of a later reset than the one before the mail, by its own clock; nothing,
    /// if it cannot be asked.
    async fn was_mailed(&self, one: Addressee) -> Option<bool> {
        // The server may be still at it.
        self.pause(1).await;
        let known = org::last_resets(&self.writer.reader(), &[one.user]).await.ok()?;
        Some(*known.get(&one.user)? > one.last_reset)
    }
}

/// Whether the org knows of no other reset than the plan saw.
fn is_same(known: &BTreeMap<UserId, Option<Moment>>, one: Addressee) -> bool {
    known.get(&one.user) == Some(&one.last_reset)
}

fn not_certain(error: &Error, invited: bool) -> Failure {
    let unknown = error.is_outcome_unknown();
    let (mail, made) =
        if invited { ("mail", "") } else { ("activation mail", "the user was created, but ") };
    let what = if unknown {
        format!("it is not certain that the {mail} was sent")
    } else {
        format!("the {mail} was not sent")
    };
    let help = if unknown {
        "it is not tried again: ask the person; `portalctl invite` with their username mails another link, which ends the first"
    } else {
        "it is not tried again: `portalctl invite` with their username does it"
    };
    Failure {
        code: error.code().to_owned(),
        message: format!("{made}{what}: {error}"),
        help: Some(help.to_owned()),
    }
}
