//! Which declared person is which user and which contact of the org. What is not certain is never
//! guessed: it becomes a diagnostic that holds the person up.

use std::collections::HashMap;

use crate::model::{
    Account, AccountId, Code, Contact, ContactId, ContactRef, CurrentUser, DesiredUser, Diagnostic,
    UserField, Username, Value,
};

use super::Planner;
use super::email;

/// Who a declared person is.
pub(super) enum Pairing<'a> {
    /// A user of the org.
    Existing(&'a CurrentUser),
    /// Nobody yet.
    New,
}

/// What a new user is attached to.
pub(super) enum NewContact<'a> {
    /// A contact that exists.
    Link(&'a Contact),
    /// One that is made.
    Create,
}

/// Contacts, existing and future, that a declared person has been given.
#[derive(Default)]
pub(super) struct Claims<'a> {
    existing: HashMap<ContactId, &'a Username>,
    future: HashMap<(AccountId, String), &'a Username>,
}

impl<'a> Planner<'a> {
    /// Finds the user with the declared username.
    pub(super) fn pair(
        &self,
        declared: &DesiredUser,
        org_username: &Username,
    ) -> Result<Pairing<'a>, Diagnostic> {
        let Some(user) = self.index.user(org_username) else {
            return Ok(Pairing::New);
        };
        let refuse =
            |code, message: String| Diagnostic::new(code, message).about(&declared.username);
        if user.id == self.index.current.running_user.id {
            return Err(refuse(
                Code::NotPortalUser,
                format!("`{org_username}` is the user this program signs in as"),
            )
            .help("declare portal users only"));
        }
        if !user.user_type.is_portal() {
            return Err(refuse(
                Code::NotPortalUser,
                format!("`{org_username}` is not a portal user of this org"),
            )
            .help("internal and guest users are never written: choose another username"));
        }
        if self.is_disabled(user) {
            return Err(refuse(
                Code::Disabled,
                format!("`{org_username}` belongs to a user whose portal access was disabled"),
            )
            .help("that cannot be undone: choose another username"));
        }
        Ok(Pairing::Existing(user))
    }

    /// A user whose portal access was switched off for good: inactive, and their contact is gone.
    /// Users with an External Identity licence may be without a contact.
    /// Source: Salesforce Help, "Disable or Deactivate an Experience Cloud User".
    fn is_disabled(&self, user: &CurrentUser) -> bool {
        let license = self.index.profile(user.profile).and_then(|p| self.index.license(p.license));
        user.contact.is_none()
            && !user.active
            && license.is_none_or(|license| &*license.name != "External Identity")
    }

    /// Finds the contact that a new user is attached to.
    pub(super) fn contact_for(
        &mut self,
        declared: &'a DesiredUser,
        account: &Account,
    ) -> Result<NewContact<'a>, Diagnostic> {
        let found = match &declared.contact {
            Some(ContactRef::Id(id)) => Some(self.named_contact(*id, account)?),
            // Configuration refuses external ids until contacts are read with them.
            Some(ContactRef::External(_)) => None,
            None => self.contact_by_email(declared, account)?,
        };
        let Some(contact) = found else {
            return self.future_contact(declared, account);
        };
        if let Some(holder) = self.index.holder(contact.id) {
            return Err(taken(contact, &holder.username, holder.active));
        }
        if let Some(first) = self.claims.existing.insert(contact.id, &declared.username) {
            return Err(shared(declared, first));
        }
        Ok(NewContact::Link(contact))
    }

    fn named_contact(&self, id: ContactId, account: &Account) -> Result<&'a Contact, Diagnostic> {
        match self.index.contact(id) {
            Some(contact) if contact.account == Some(account.id) => Ok(contact),
            Some(_) => Err(Diagnostic::new(
                Code::ContactNotFound,
                format!("contact `{id}` belongs to another account than `{}`", account.name),
            )
            .help("declare the contact's own account, or another contact")),
            None => Err(Diagnostic::new(
                Code::ContactNotFound,
                format!("contact `{id}` does not exist in this org"),
            )
            .help("ids differ between orgs: check which org this one comes from")),
        }
    }

    fn contact_by_email(
        &self,
        declared: &DesiredUser,
        account: &Account,
    ) -> Result<Option<&'a Contact>, Diagnostic> {
        let mut found: Vec<&Contact> = Vec::new();
        for address in email::lookups(self.email, declared.email()) {
            found.extend(self.index.contacts(account.id, address));
        }
        let [contact] = found.as_slice() else {
            if found.is_empty() {
                return Ok(None);
            }
            return Err(ambiguous(declared, account, &found));
        };
        let declared_last =
            declared.fields.get(&UserField::LastName).and_then(Value::text).unwrap_or_default();
        if fold(declared_last) != fold(&contact.last_name) {
            return Err(Diagnostic::new(
                Code::ContactNameDiffers,
                format!(
                    "the contact with e-mail `{}` in `{}` is called `{}`, not `{}`",
                    declared.email(),
                    account.name,
                    full_name(contact),
                    declared.name()
                ),
            )
            .help(format!(
                "if that is the same person, write `contact = {{ id = \"{}\" }}`",
                contact.id
            )));
        }
        Ok(Some(contact))
    }

    fn future_contact(
        &mut self,
        declared: &'a DesiredUser,
        account: &Account,
    ) -> Result<NewContact<'a>, Diagnostic> {
        if !self.policy.contacts.create {
            return Err(Diagnostic::new(
                Code::ContactMissing,
                format!("no contact with e-mail `{}` in `{}`", declared.email(), account.name),
            )
            .help("create the contact, name one by id, or allow `[contacts] create = true`"));
        }
        let key = (account.id, declared.email().to_lowercase());
        match self.claims.future.insert(key, &declared.username) {
            Some(first) => Err(shared(declared, first)),
            None => Ok(NewContact::Create),
        }
    }
}

fn taken(contact: &Contact, holder: &Username, active: bool) -> Diagnostic {
    let state = if active { "active" } else { "inactive" };
    Diagnostic::new(
        Code::ContactTaken,
        format!("contact `{}` already has the {state} user `{holder}`", full_name(contact)),
    )
    .help(format!(
        "declare this person as `{holder}`, or give them a contact of their own by `contact` or another `email`"
    ))
}

fn shared(declared: &DesiredUser, first: &Username) -> Diagnostic {
    Diagnostic::new(
        Code::ContactTaken,
        format!("`{first}` is declared before and would use the same contact"),
    )
    .help(format!(
        "a contact can have one portal user: give `{}` another `email` or name their `contact`",
        declared.username
    ))
}

fn ambiguous(declared: &DesiredUser, account: &Account, found: &[&Contact]) -> Diagnostic {
    let candidates: Vec<String> =
        found.iter().map(|c| format!("{} ({})", full_name(c), c.id)).collect();
    Diagnostic::new(
        Code::ContactAmbiguous,
        format!(
            "{} contacts of `{}` have the e-mail `{}`: {}",
            found.len(),
            account.name,
            declared.email(),
            candidates.join(", ")
        ),
    )
    .help("name the right one: `contact = { id = \"003…\" }`")
}

/// First and last name of a contact as one line.
fn full_name(contact: &Contact) -> String {
    match &contact.first_name {
        Some(first) => format!("{first} {}", contact.last_name),
        None => contact.last_name.clone(),
    }
}

/// A name without case and without the blanks around and inside it.
fn fold(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
