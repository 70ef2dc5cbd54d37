//! One person → the `[[users]]` entry that makes them what they are, above what their file, its
//! template and `[defaults]` say.

use crate::config::{Ground, text_fits, value_fits};
use crate::model::{
    AccessKind, ApiName, Contact, DeclaredState, FieldShape, ObjectFields, Scalar, SetGrant,
    UserField, Value,
};
use crate::plan::{HIDDEN, SHARED_WITH_CONTACT, bare_address};

use super::Org;
use super::left_out::{LeftOut, Omitted, Why};
use super::person::{Person, is_same};
use super::toml::{self, Item};

/// An entry, and what it does not say.
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) omitted: Vec<Omitted>,
}

/// Why there is no entry.
type Unfit = (Why, String);

/// Writes the entry of a person.
pub(super) fn entry(person: &Person<'_>, org: &Org<'_>, ground: &Ground) -> Result<Entry, LeftOut> {
    let writing = Writing {
        person,
        org,
        ground,
        zone: zone(person, ground),
        text: "[[users]]\n".to_owned(),
        omitted: Vec::new(),
    };
    writing.entry().map_err(|(why, detail)| LeftOut {
        why,
        username: person.user.username.clone(),
        detail: Some(detail),
    })
}

/// The zone in which somebody's days are meant: a zone that is declared for many is overridden by the
/// person's own.
pub(super) fn zone<'t>(person: &Person<'t>, ground: &'t Ground) -> &'t str {
    let is_declared = ground.fields.contains_key(&UserField::TimeZone);
    let own = person.value(UserField::TimeZone);
    own.filter(|_| is_declared).unwrap_or(&ground.zone)
}

/// What has to be written of a list, so that it comes to what is held.
pub(super) fn list(
    held: &[SetGrant],
    below: Option<&[SetGrant]>,
    is_void: impl Fn(&SetGrant) -> bool,
) -> Option<Item> {
    let write = |grants: &mut dyn Iterator<Item = &SetGrant>| grants.map(toml::grant).collect();
    let below = below.unwrap_or_default();
    let is_held = |one: &SetGrant| held.iter().any(|other| other.name == one.name);
    if below.iter().any(|one| !is_held(one) && !is_void(one)) {
        return Some(Item::Only(write(&mut held.iter())));
    }
    let missing: Vec<String> = write(&mut held.iter().filter(|one| !below.contains(one)));
    (!missing.is_empty()).then_some(Item::List(missing))
}

struct Writing<'a, 'o> {
    person: &'o Person<'a>,
    org: &'o Org<'a>,
    ground: &'o Ground,
    zone: &'o str,
    text: String,
    omitted: Vec<Omitted>,
}

impl Writing<'_, '_> {
    fn entry(mut self) -> Result<Entry, Unfit> {
        self.put("username", &Item::text(self.person.username.as_str()));
        let first_name = self.field(UserField::FirstName)?;
        if self.person.value(UserField::LastName).is_none() {
            return Err((Why::Unwritable, "last_name: it is empty".to_owned()));
        }
        let last_name = self.field(UserField::LastName)?;
        let email = self.email()?;
        if self.ground.profile.as_ref() != Some(&self.person.profile) {
            self.put("profile", &Item::text(self.person.profile.as_str()));
        }
        self.state()?;
        self.role()?;
        for kind in KINDS {
            self.list(kind);
        }
        for field in UserField::ALL.iter().filter(|field| !SHARED_WITH_CONTACT.contains(field)) {
            self.field(*field)?;
        }
        self.custom()?;
        self.contact(&[first_name, last_name, email])?;
        Ok(Entry { text: self.text, omitted: self.omitted })
    }

    fn put(&mut self, key: &str, item: &Item) {
        toml::write(&mut self.text, key, item);
    }

    /// Writes a field, unless what stands below says the same. Says what it is declared to be.
    fn field(&mut self, field: UserField) -> Result<Option<String>, Unfit> {
        let info = field.info();
        let below = self.ground.fields.get(&field);
        if !self.person.shows(field) {
            return Ok(None);
        }
        let observed = self.person.value(field);
        let declared = observed.map(str::to_owned);
        if below.is_some_and(|below| is_same(field, observed, below)) {
            return Ok(declared);
        }
        match observed {
            Some(_) if below.is_none() && field.is_own_choice() => Ok(None),
            Some(text) => match value_fits(field, text) {
                Ok(_) => {
                    self.put(info.key, &Item::text(text));
                    Ok(declared)
                }
                Err(why) if below.is_none() && info.clearable => {
                    let username = self.person.user.username.clone();
                    self.omitted.push(Omitted { username, key: info.key, why });
                    Ok(None)
                }
                Err(why) => Err((Why::Unwritable, format!("{}: {why}", info.key))),
            },
            None if below.is_none() => Ok(None),
            None if info.clearable => {
                self.put(info.key, &Item::text(""));
                Ok(None)
            }
            None => Err((Why::Overruled, info.key.to_owned())),
        }
    }

    /// The address, where it is not the username.
    fn email(&mut self) -> Result<Option<String>, Unfit> {
        let username = self.person.username.as_str();
        let Some(observed) = self.person.value(UserField::Email) else { return Ok(None) };
        let address = bare_address(self.org.email, observed);
        if address.to_lowercase() == username.to_lowercase() {
            return Ok(Some(username.to_owned()));
        }
        let key = UserField::Email.key();
        value_fits(UserField::Email, address)
            .map_err(|why| (Why::Unwritable, format!("{key}: {why}")))?;
        self.put(key, &Item::text(address));
        Ok(Some(address.to_owned()))
    }

    fn state(&mut self) -> Result<(), Unfit> {
        let (state, below) = (self.person.state, self.ground.state);
        let word = match (state, below) {
            (DeclaredState::Inactive, DeclaredState::Inactive)
            | (DeclaredState::Frozen, DeclaredState::Frozen)
            | (
                DeclaredState::Unstated | DeclaredState::Active,
                DeclaredState::Unstated | DeclaredState::Active,
            ) => None,
            (DeclaredState::Inactive, _) => Some("inactive"),
            (DeclaredState::Frozen, _) => Some("frozen"),
            (DeclaredState::Unstated | DeclaredState::Active, _) => Some("active"),
        };
        if let Some(word) = word {
            self.put("state", &Item::text(word));
        }
        if state == DeclaredState::Inactive {
            return Ok(());
        }
        let today = || self.org.source.request.today.in_zone(self.zone);
        let ahead = self.ground.starts.is_some_and(|first| today() < first);
        let over = self.org.is_over(self.ground.expires, self.zone);
        match (ahead, over) {
            (false, false) => Ok(()),
            (true, _) => Err((Why::Overruled, "starts".to_owned())),
            (false, true) => Err((Why::Overruled, "expires".to_owned())),
        }
    }

    fn role(&mut self) -> Result<(), Unfit> {
        let below = self.ground.portal_role;
        match self.person.role {
            own if own == below => {}
            Some(level) => self.put("portal_role", &Item::text(level.as_str())),
            None if self.person.state == DeclaredState::Inactive => {}
            None => return Err((Why::Overruled, "portal_role".to_owned())),
        }
        Ok(())
    }

    fn list(&mut self, kind: AccessKind) {
        let held = self.person.grants(kind, self.zone, self.org);
        let below = self.ground.access.get(kind).as_deref();
        let is_void = |one: &SetGrant| {
            self.org.ignored.hold(kind, &one.name) || self.org.is_over(one.expires, self.zone)
        };
        if let Some(item) = list(&held, below, is_void) {
            self.put(kind.key(), &item);
        }
    }

    /// Other fields of `User` that are declared for many.
    fn custom(&mut self) -> Result<(), Unfit> {
        let fields = &self.org.source.current.described.user;
        let mut pairs = Vec::new();
        for (name, below) in &self.ground.custom {
            let observed = self.person.user.custom.get(name).unwrap_or(&Scalar::Null);
            pairs.extend(differing(fields, name, (below, observed))?);
        }
        if !pairs.is_empty() {
            self.put("fields", &Item::table(&pairs));
        }
        Ok(())
    }

    /// Names and address of the contact where they are not the declared ones, and other fields of
    /// `Contact` that are declared for many.
    fn contact(&mut self, declared: &[Option<String>; 3]) -> Result<(), Unfit> {
        let Some(linked) = &self.person.user.contact else { return Ok(()) };
        let contact = &linked.contact;
        let mut pairs = Vec::new();
        for (field, declared) in SHARED_WITH_CONTACT.into_iter().zip(declared) {
            pairs.extend(self.of_contact(field, declared.as_deref(), contact)?);
        }
        let fields = &self.org.source.current.described.contact;
        for (name, below) in &self.ground.contact_custom {
            let shared = SHARED_WITH_CONTACT.iter().any(|field| *name == field.api_name());
            if !shared {
                let observed = contact.custom.get(name).unwrap_or(&Scalar::Null);
                pairs.extend(differing(fields, name, (below, observed))?);
            }
        }
        if !pairs.is_empty() {
            self.put("contact_fields", &Item::table(&pairs));
        }
        Ok(())
    }

    /// A field that a contact takes over from the user, where it holds something else.
    fn of_contact(
        &self,
        field: UserField,
        declared: Option<&str>,
        contact: &Contact,
    ) -> Result<Option<(String, String)>, Unfit> {
        let name = ApiName::of(field.api_name());
        let observed = match field {
            UserField::FirstName => contact.first_name.as_deref(),
            UserField::LastName => Some(&*contact.last_name),
            _ => contact.email.as_deref().map(|address| bare_address(self.org.email, address)),
        };
        let observed = observed.unwrap_or_default().trim();
        let own = self.ground.contact_custom.get(&name).map(ToString::to_string);
        let followed = declared.filter(|_| self.org.source.policy.contacts.update);
        let Some(below) = own.as_deref().or(followed) else { return Ok(None) };
        if observed == HIDDEN || is_same(field, Some(observed), &Value::of(below)) {
            return Ok(None);
        }
        text_fits(observed)
            .map_err(|why| (Why::Unwritable, format!("{name} of the contact: {why}")))?;
        Ok(Some((name.to_string(), toml::string(observed))))
    }
}

/// The order of lists in an entry.
pub(super) const KINDS: [AccessKind; 4] = [
    AccessKind::PermissionSet,
    AccessKind::PermissionSetGroup,
    AccessKind::PermissionSetLicense,
    AccessKind::Group,
];

/// What has to be written of a field that is declared for many; nothing, if it holds that value.
fn differing(
    fields: &ObjectFields,
    name: &ApiName,
    (below, observed): (&Scalar, &Scalar),
) -> Result<Option<(String, String)>, Unfit> {
    // A field that cannot be seen holds everybody up, which the plan tells.
    let Some(field) = fields.get(name) else { return Ok(None) };
    let observed = match (&field.shape, observed) {
        (_, Scalar::Text(text)) if &**text == HIDDEN => return Ok(None),
        (FieldShape::Date, Scalar::Text(text)) => {
            text.parse().map_or_else(|_| observed.clone(), Scalar::Date)
        }
        (_, observed) => observed.clone(),
    };
    if observed == *below {
        return Ok(None);
    }
    let value = match (&field.shape, &observed) {
        (FieldShape::Reference, Scalar::Text(_)) => {
            return Err((Why::Overruled, format!("{name}, which holds the id of a record")));
        }
        (_, Scalar::Bool(_) | Scalar::Number(_) | Scalar::Date(_)) => observed.to_string(),
        (_, Scalar::Null | Scalar::Text(_) | Scalar::Cell(_)) => {
            let text = observed.to_string();
            let text = text.trim();
            text_fits(text).map_err(|why| (Why::Unwritable, format!("{name}: {why}")))?;
            toml::string(text)
        }
    };
    Ok(Some((name.to_string(), value)))
}
