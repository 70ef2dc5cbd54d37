//! People who are to be active, cannot sign in, and are left as they are: only a person can say
//! whether that is meant.

use crate::model::{Activation, Code, CurrentUser, DesiredUser, Diagnostic};

use super::Planner;
use super::lifecycle::{Step, Wanted};

impl Planner<'_> {
    /// A mail is sent once, right after the user was created. One that was not sent then, or of which
    /// nobody knows, is for people to see to. It is assumed that the date is empty until a password
    /// is set or reset. Source: Object Reference, User, `LastPasswordChangeDate`.
    pub(super) fn warn_unmailed(&mut self, declared: &DesiredUser, user: &CurrentUser) {
        let mailed = user.last_login.is_some() || user.last_password.is_some();
        let wishes = [declared.activation, declared.on_create.activation];
        if mailed || !user.active || !wishes.contains(&Activation::ResetEmail) {
            return;
        }
        let warning = Diagnostic::new(
            Code::ActivationUnknown,
            format!("{} has never signed in, and nobody knows of an activation mail", user.name()),
        )
        .help("`portalctl invite` with their username mails them a link");
        self.say(declared, warning);
    }

    /// Somebody who is to be active and stays frozen, because nothing says otherwise.
    pub(super) fn warn_frozen(
        &mut self,
        declared: &DesiredUser,
        user: &CurrentUser,
        wanted: Wanted,
        step: Step,
    ) {
        let stays = match step {
            Step::Keep | Step::Reactivate { unfreeze: false } => true,
            Step::Leave
            | Step::Create
            | Step::Deactivate
            | Step::Freeze
            | Step::Reactivate { unfreeze: true }
            | Step::Unfreeze
            | Step::Refuse => false,
        };
        let unstated = wanted == Wanted::Active { unfreeze: false };
        let freeze = self.index.current.frozen.of(user.id);
        let Some(freeze) = freeze.filter(|_| stays && unstated) else {
            return;
        };
        let by = freeze.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let at = freeze.at.map(|at| format!(" on {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
        let warning = Diagnostic::new(Code::Frozen, format!("{} was frozen{by}{at}", user.name()))
            .help("they cannot sign in; to lift it, write `state = \"active\"`");
        self.say(declared, warning);
    }
}
