//! Which contact of the org a declared person has or gets. What is not certain is never guessed:
//! it becomes a diagnostic that holds the person up.

use crate::model::{
    Account, AccountId, ApiName, Code, Contact, ContactId, ContactRef, CurrentUser, DesiredUser,
    Diagnostic, ExternalRef, Policy, UserField, Username, Value,
};

use super::Planner;
use super::email;
use super::identity::fold;
use super::index::Map;

/// What a new user is attached to.
pub(super) enum NewContact<'a> {
    /// A contact that exists.
    Link(&'a Contact),
    /// One that is made.
    Create,
}

/// A contact as somebody asks for it, who is the only one to get it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Claim<'a> {
    /// One that exists.
    Existing(ContactId),
    /// One that is made: in this account, with this value in this field.
    Future(AccountId, &'a ApiName, String),
}

/// Contacts that a declared person has been given.
#[derive(Default)]
pub(super) struct Claims<'a> {
    given: Map<Claim<'a>, &'a Username>,
    /// Users who have the contact of somebody declared under another name.
    pub(super) holders: Vec<&'a CurrentUser>,
}

impl<'a> Planner<'a> {
    /// Whether a user may be written at all.
    pub(super) fn writable(&self, user: &CurrentUser) -> Result<(), Diagnostic> {
        let name = &user.username;
        let refuse = |message: String, help: &str| {
            Err(Diagnostic::new(Code::NotPortalUser, message).help(help))
        };
        if user.id == self.index.current.running_user.id {
            return refuse(
                format!("`{name}` is the user this program signs in as"),
                "declare portal users only",
            );
        }
        if !user.user_type.is_portal() {
            return refuse(
                format!("`{name}` is not a portal user of this org"),
                "internal and guest users are never written: choose another username",
            );
        }
        Ok(())
    }

    /// Finds the contact that a new user is attached to.
    pub(super) fn contact_for(
        &mut self,
        declared: &'a DesiredUser,
        account: &Account,
    ) -> Result<NewContact<'a>, Diagnostic> {
        let Some(contact) = self.found_contact(declared, account)? else {
            return self.future_contact(declared, account);
        };
        if let Some(holder) = self.index.holder(contact.id) {
            self.claims.holders.push(holder);
            return Err(taken(contact, holder));
        }
        if let Some(first) = self.give(Claim::Existing(contact.id), declared) {
            return Err(shared(declared, first));
        }
        Ok(NewContact::Link(contact))
    }

    /// What a new user of this declaration would ask for; nothing, if it is not certain.
    pub(super) fn claim(&self, declared: &DesiredUser, account: &Account) -> Option<Claim<'a>> {
        match self.found_contact(declared, account).ok()? {
            Some(contact) => Some(Claim::Existing(contact.id)),
            None => self.future_claim(declared, account),
        }
    }

    fn found_contact(
        &self,
        declared: &DesiredUser,
        account: &Account,
    ) -> Result<Option<&'a Contact>, Diagnostic> {
        match &declared.contact {
            Some(wanted) => self.named_contact(wanted, account).map(Some),
            None => self.matching_contact(declared, account),
        }
    }

    /// The contact that a file names, in the account.
    fn named_contact(
        &self,
        wanted: &ContactRef,
        account: &Account,
    ) -> Result<&'a Contact, Diagnostic> {
        let contact = self.referenced(wanted)?;
        if contact.account == Some(account.id) {
            return Ok(contact);
        }
        let message = if contact.account.is_none() {
            format!("contact `{wanted}` belongs to no account")
        } else {
            format!("contact `{wanted}` belongs to another account than `{}`", account.name)
        };
        Err(Diagnostic::new(Code::ContactNotFound, message)
            .help("declare the contact's own account, or another contact"))
    }

    /// The contact that a file names, in any account.
    pub(super) fn referenced(&self, wanted: &ContactRef) -> Result<&'a Contact, Diagnostic> {
        let absent = |help: &str| {
            let message = format!("contact `{wanted}` does not exist in this org");
            Diagnostic::new(Code::ContactNotFound, message).help(help)
        };
        match wanted {
            ContactRef::Id(id) => self.index.contact(*id).ok_or_else(|| {
                absent("ids differ between orgs: check which org this one comes from")
            }),
            ContactRef::External(external) => {
                let ExternalRef { field, value } = &**external;
                match self.index.contacts_with(field, value) {
                    [contact] => Ok(*contact),
                    [] => Err(absent("check the field's API name and the value")),
                    several => Err(ambiguous(&format!("have {wanted}"), several)),
                }
            }
        }
    }

    /// Looks for the person in the account, by the first field for which the file has a value and
    /// the account a contact.
    fn matching_contact(
        &self,
        declared: &DesiredUser,
        account: &Account,
    ) -> Result<Option<&'a Contact>, Diagnostic> {
        for field in &self.policy.contacts.match_fields {
            let found = self.with_value(declared, account, field);
            match found.as_slice() {
                [] => {}
                [contact] => return self.first_link(declared, account, field, contact).map(Some),
                several => {
                    let value = declared.contact_value(field).unwrap_or_default();
                    let what = format!("of `{}` have the {} `{value}`", account.name, word(field));
                    return Err(ambiguous(&what, several));
                }
            }
        }
        Ok(None)
    }

    fn with_value(
        &self,
        declared: &DesiredUser,
        account: &Account,
        field: &ApiName,
    ) -> Vec<&'a Contact> {
        if !self.index.has_contacts_by(field) {
            return Vec::new();
        }
        let Some(value) = declared.contact_value(field) else {
            return Vec::new();
        };
        let values =
            if *field == "Email" { email::lookups(self.email, &value) } else { vec![fold(&value)] };
        let found = values.iter().flat_map(|value| self.index.contacts(account.id, field, value));
        found.copied().collect()
    }

    /// An address may have been handed on, so who is found by it must bear the name as well.
    fn first_link(
        &self,
        declared: &DesiredUser,
        account: &Account,
        field: &ApiName,
        contact: &'a Contact,
    ) -> Result<&'a Contact, Diagnostic> {
        let last = declared.fields.get(&UserField::LastName).and_then(Value::text);
        if *field != "Email" || fold(last.unwrap_or_default()) == fold(&contact.last_name) {
            return Ok(contact);
        }
        // Whoever has the contact already is told about first: that is the likelier mistake.
        if self.index.holder(contact.id).is_some() {
            return Ok(contact);
        }
        Err(Diagnostic::new(
            Code::ContactNameDiffers,
            format!(
                "the contact with e-mail `{}` in `{}` is called `{}`, not `{}`",
                declared.contact_value(field).unwrap_or_default(),
                account.name,
                full_name(contact),
                declared.name()
            ),
        )
        .help(format!(
            "if that is the same person, write `contact = {{ id = \"{}\" }}`",
            contact.id
        )))
    }

    fn future_contact(
        &mut self,
        declared: &'a DesiredUser,
        account: &Account,
    ) -> Result<NewContact<'a>, Diagnostic> {
        if !self.policy.contacts.create {
            return Err(Diagnostic::new(
                Code::ContactMissing,
                format!("no contact of `{}` in `{}`", declared.name(), account.name),
            )
            .help("create the contact, name one by id, or allow `[contacts] create = true`"));
        }
        let Some(claim) = self.future_claim(declared, account) else {
            let fields = &self.policy.contacts.match_fields;
            let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
            return Err(Diagnostic::new(
                Code::ContactKeyMissing,
                format!("no value is declared for {}", fields.join(" or ")),
            )
            .help("a contact without one could not be found again: declare it in `contact_fields`, or add `Email` to `[contacts] match`"));
        };
        match self.give(claim, declared) {
            Some(first) => Err(shared(declared, first)),
            None => Ok(NewContact::Create),
        }
    }

    fn future_claim(&self, declared: &DesiredUser, account: &Account) -> Option<Claim<'a>> {
        let policy: &'a Policy = self.policy;
        let mut keys = policy.contacts.match_fields.iter();
        let (field, value) =
            keys.find_map(|field| Some((field, declared.contact_value(field)?)))?;
        Some(Claim::Future(account.id, field, fold(&value)))
    }

    /// Gives a contact to somebody, and says who had it before.
    fn give(&mut self, claim: Claim<'a>, declared: &'a DesiredUser) -> Option<&'a Username> {
        self.claims.given.insert(claim, &declared.username)
    }
}

fn word(field: &ApiName) -> &str {
    if *field == "Email" { "e-mail" } else { field.as_str() }
}

fn taken(contact: &Contact, holder: &CurrentUser) -> Diagnostic {
    let state = if holder.active { "active" } else { "inactive" };
    let name = &holder.username;
    Diagnostic::new(
        Code::ContactTaken,
        format!("contact `{}` already has the {state} user `{name}`", full_name(contact)),
    )
    .help(format!(
        "if that is the same person, declare them as `{name}`, or rename them by `renamed_from = \"{name}\"`; if not, give this one a contact of their own by `contact` or another `email`"
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

fn ambiguous(what: &str, found: &[&Contact]) -> Diagnostic {
    let candidates: Vec<String> =
        found.iter().map(|contact| format!("{} ({})", full_name(contact), contact.id)).collect();
    Diagnostic::new(
        Code::ContactAmbiguous,
        format!("{} contacts {what}: {}", found.len(), candidates.join(", ")),
    )
    .help("name the right one: `contact = { id = \"003…\" }`")
}

/// First and last name of a contact as one line.
fn full_name(contact: &Contact) -> String {
    match &contact.first_name {
        Some(first) => format!("{first} {}", contact.last_name),
        None => contact.last_name.to_string(),
    }
}
