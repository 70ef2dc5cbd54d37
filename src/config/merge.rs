//! Levels → declared users. For one value the nearest level counts: user, file, template with what
//! it extends, `[defaults]`. Lists add up.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{
    Access, AccessKind, Code, DeclaredProfile, DesiredUser, Diagnostic, FieldValues, OnCreate,
    Place, Shared, UserField, Username, Value, nearest,
};

use super::access;
use super::intern::Intern;
use super::layer::Template;
use super::level::Level;
use super::settings::ProjectFile;
use super::users::UserEntry;

/// Makes users of entries, for one org.
pub(super) struct Merger<'a> {
    project: &'a ProjectFile,
    on_create: &'a Arc<OnCreate>,
    intern: Intern,
    pub(super) users: Vec<DesiredUser>,
    /// Entries with a username that do not come to a user.
    pub(super) incomplete: Vec<(Username, Place)>,
    pub(super) found: Vec<Diagnostic>,
}

/// What stands below the entries of one file or roster.
pub(super) struct Below {
    level: Level,
    bases: BTreeMap<Option<Arc<str>>, Base>,
}

/// What stands below the entries with one template.
pub(super) struct Base {
    pub(super) level: Level,
    pub(super) access: Arc<Access>,
    templates: Box<[Arc<str>]>,
    /// What its users have in common, for each zone in which days are meant.
    shared: Vec<Arc<Shared>>,
    /// Whether the template could be found.
    complete: bool,
}

impl Base {
    fn shared(&mut self, zone: &str) -> Arc<Shared> {
        if let Some(known) = self.shared.iter().find(|known| *known.zone == *zone) {
            return Arc::clone(known);
        }
        let shared = Shared { zone: zone.into(), templates: self.templates.clone() };
        self.shared.push(Arc::new(shared));
        self.shared(zone)
    }
}

impl Below {
    pub(super) fn new(level: Level) -> Self {
        Self { level, bases: BTreeMap::new() }
    }
}

impl<'a> Merger<'a> {
    pub(super) fn new(project: &'a ProjectFile, on_create: &'a Arc<OnCreate>) -> Self {
        let intern = Intern::default();
        let (users, incomplete, found) = (Vec::new(), Vec::new(), Vec::new());
        Self { project, on_create, intern, users, incomplete, found }
    }

    /// Adds an entry to the users, or to the incomplete ones.
    pub(super) fn add(&mut self, entry: UserEntry, below: &mut Below) {
        let nearest = [&entry.level, &below.level, &self.project.layer.defaults];
        let template = nearest.into_iter().find_map(|level| level.template.as_ref());
        let name = template.map(|(name, _)| Arc::clone(name));
        let base = match below.bases.entry(name) {
            Entry::Occupied(base) => base.into_mut(),
            Entry::Vacant(place) => {
                let base = base(template, &below.level, self.project);
                if let (false, Some((name, place))) = (base.complete, template)
                    && entry.level.template.is_none()
                {
                    self.found.push(unknown_template(name, place, &self.project.layer.templates));
                }
                place.insert(base)
            }
        };
        if let (false, Some((name, place))) = (base.complete, &entry.level.template) {
            self.found.push(unknown_template(name, place, &self.project.layer.templates));
        }
        let username = entry.username.clone();
        match user(entry, base, (self.project, self.on_create, &mut self.intern), &mut self.found) {
            Some(user) => self.users.push(user),
            None => self.incomplete.extend(username),
        }
    }
}

/// What a template makes of a level, with `[defaults]` below both.
pub(super) fn base(
    template: Option<&(Arc<str>, Place)>,
    nearest: &Level,
    project: &ProjectFile,
) -> Base {
    let mut level = nearest.clone();
    let mut templates = Vec::new();
    let mut complete = true;
    if let Some((name, _)) = template {
        let chain = chain(name, &project.layer.templates);
        complete = !chain.is_empty();
        for (name, template) in chain {
            level = level.over(&template.level);
            templates.push(Arc::from(name));
        }
    }
    let level = level.over(&project.layer.defaults);
    let access = Arc::new(access::finish(&level.access));
    Base { access, level, templates: templates.into(), shared: Vec::new(), complete }
}

fn user(
    entry: UserEntry,
    base: &mut Base,
    (project, on_create, intern): (&ProjectFile, &Arc<OnCreate>, &mut Intern),
    found: &mut Vec<Diagnostic>,
) -> Option<DesiredUser> {
    let UserEntry { place, username, level } = entry;
    let own = AccessKind::ALL.into_iter().any(|kind| level.access.get(kind).is_some());
    let access = if own {
        intern.access(&access::over(&level.access, &base.level.access))
    } else {
        Arc::clone(&base.access)
    };
    let level = level.covering(&base.level);
    let managed = level.profile.map(|name| DeclaredProfile::Managed(intern.profile(name)));
    let at_create = || project.on_create.profile.clone().map(DeclaredProfile::OnCreate);
    let profile = managed.or_else(at_create);
    let last_name = level.fields.contains_key(&UserField::LastName);
    let attempted = level.attempted;
    for (there, attempted, key) in [
        (last_name, attempted.last_name, "last_name"),
        (level.account.is_some(), attempted.account, "account"),
        (profile.is_some(), attempted.profile || project.on_create.attempted.profile, "profile"),
    ] {
        if !there && !attempted && base.complete {
            found.push(missing(key, username.as_ref(), &place));
        }
    }
    dates(level.starts.as_ref(), level.expires.as_ref(), found);
    let (username, _) = username?;
    let mut fields = level.fields;
    fields.insert_missing(UserField::Email, || Value::from(&username));
    // Very often the address is the username.
    if fields[&UserField::Email].text() == Some(username.as_str()) {
        fields.insert(UserField::Email, Value::from(&username));
    }
    intern.values(&mut fields);
    Some(DesiredUser {
        place,
        account: intern.account(level.account?),
        contact: level.contact.map(|(contact, _)| Box::new(contact)),
        profile: profile?,
        custom: level.custom,
        contact_custom: level.contact_custom,
        on_create: Arc::clone(on_create),
        state: level.state.unwrap_or_default(),
        starts: level.starts.map(|(day, _)| day),
        expires: level.expires.map(|(day, _)| day),
        access,
        portal_role: level.portal_role,
        renamed_from: level.renamed_from.into_iter().map(|(name, _)| name).collect(),
        activation: level.activation.unwrap_or(on_create.activation),
        shared: base.shared(zone(&fields, on_create)),
        username,
        fields,
    })
}

/// The zone in which a user's days are meant.
pub(super) fn zone<'a>(fields: &'a FieldValues, on_create: &'a OnCreate) -> &'a str {
    let declared = [fields, &on_create.fields];
    let zone = declared.into_iter().find_map(|values| match values.get(&UserField::TimeZone) {
        Some(Value::Text(zone)) => Some(&**zone),
        Some(Value::Null) | None => None,
    });
    zone.unwrap_or("GMT")
}

/// What new users get beside what is declared for them.
pub(super) fn on_create(project: &ProjectFile) -> OnCreate {
    let level = &project.on_create;
    OnCreate {
        fields: level.fields.clone(),
        custom: level.custom.clone(),
        contact_custom: level.contact_custom.clone(),
        access: access::finish(&level.access),
        portal_role: level.portal_role,
        activation: level.activation.unwrap_or_default(),
    }
}

/// The template, and what it extends, nearest first; nothing, if there is no such template.
fn chain<'a>(
    name: &str,
    templates: &'a BTreeMap<String, Template>,
) -> Vec<(&'a str, &'a Template)> {
    let mut levels: Vec<(&str, &Template)> = Vec::new();
    let mut next = templates.get_key_value(name);
    // Unknown parents and circles are reported once, at the template.
    while let Some((name, template)) = next
        && levels.iter().all(|(seen, _)| seen != name)
    {
        levels.push((name, template));
        next = template.extends.as_ref().and_then(|(parent, _)| templates.get_key_value(parent));
    }
    levels
}

/// What is wrong with the templates themselves.
pub(super) fn check_templates(templates: &BTreeMap<String, Template>, found: &mut Vec<Diagnostic>) {
    for (name, template) in templates {
        let Some((parent, place)) = &template.extends else {
            continue;
        };
        if !templates.contains_key(parent) {
            found.push(unknown_template(parent, place, templates));
            continue;
        }
        let mut path = vec![name.as_str()];
        let mut next = Some(parent.as_str());
        while let Some(step) = next {
            path.push(step);
            if step == name {
                // A circle is told once, at the first of its names.
                if path.iter().min() != Some(&name.as_str()) {
                    break;
                }
                let circle = path.join("` → `");
                let message = format!("template `{name}` extends itself: `{circle}`");
                let help = "remove one `extends` of the circle";
                found.push(Diagnostic::new(Code::TemplateCycle, message).help(help).at(place));
                break;
            }
            if path.iter().filter(|seen| **seen == step).count() > 1 {
                break;
            }
            next =
                templates.get(step).and_then(|t| t.extends.as_ref()).map(|(name, _)| name.as_str());
        }
    }
}

fn unknown_template(
    name: &str,
    place: &Place,
    templates: &BTreeMap<String, Template>,
) -> Diagnostic {
    let found = Diagnostic::new(Code::UnknownTemplate, format!("template `{name}` is not defined"))
        .at(place);
    match nearest(name, templates.keys().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("add a table [templates.{name}] to portalctl.toml")),
    }
}

fn missing(key: &str, username: Option<&(Username, Place)>, place: &Place) -> Diagnostic {
    let who = username.map(|(name, _)| format!(" for `{name}`")).unwrap_or_default();
    let help = match key {
        "last_name" => "every user needs a last name: write last_name = \"Osei\"".to_owned(),
        _ => format!(
            "write `{key}` at the user, at the top of the file, in its template or in [defaults]"
        ),
    };
    Diagnostic::new(Code::MissingKey, format!("`{key}` is missing{who}")).help(help).at(place)
}

fn dates(
    starts: Option<&(Date, Place)>,
    expires: Option<&(Date, Place)>,
    found: &mut Vec<Diagnostic>,
) {
    if let (Some((first, from)), Some((last, until))) = (starts, expires)
        && first > last
    {
        let crossed = Diagnostic::new(
            Code::DatesCross,
            format!("`starts` ({first}) is after `expires` ({last})"),
        )
        .help("the user would never be active: correct one of the dates")
        .at(until)
        .label(from, "starts here");
        // Dates of a file or template are wrong once, not for every user.
        if found.last() != Some(&crossed) {
            found.push(crossed);
        }
    }
}
