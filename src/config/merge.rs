//! Levels → declared users. For one value the nearest level counts: user, file, template with what
//! it extends, `[defaults]`. Lists add up.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{
    Code, DeclaredProfile, DesiredUser, Diagnostic, OnCreate, Place, UserField, Value, nearest,
};

use super::access;
use super::level::Level;
use super::settings::{ProjectFile, Template};
use super::users::{UserEntry, UserFile};

/// What stands below the users of one file: file, template, `[defaults]`.
struct Base {
    level: Level,
    templates: Arc<[Arc<str>]>,
    /// Whether the template could be found.
    complete: bool,
}

/// Merges the entries of one file.
pub(super) fn users(
    file: &UserFile,
    project: &ProjectFile,
    found: &mut Vec<Diagnostic>,
) -> Vec<DesiredUser> {
    let on_create = Arc::new(on_create(project));
    let mut bases: BTreeMap<Option<Arc<str>>, Base> = BTreeMap::new();
    let mut users = Vec::with_capacity(file.users.len());
    for entry in &file.users {
        let nearest = [&entry.level, &file.level, &project.defaults];
        let template = nearest.into_iter().find_map(|level| level.template.as_ref());
        let name = template.map(|(name, _)| Arc::clone(name));
        let base = bases.entry(name).or_insert_with(|| base(template, &file.level, project, found));
        if let (false, Some((name, place))) = (base.complete, &entry.level.template) {
            found.push(unknown_template(name, place, &project.templates));
        }
        users.extend(user(entry, base, (&project.on_create, &on_create), found));
    }
    users
}

fn base(
    template: Option<&(Arc<str>, Place)>,
    file: &Level,
    project: &ProjectFile,
    found: &mut Vec<Diagnostic>,
) -> Base {
    let mut level = file.clone();
    let mut templates = Vec::new();
    let mut complete = true;
    if let Some((name, place)) = template {
        let chain = chain(name, &project.templates);
        if chain.is_empty() {
            complete = false;
            found.push(unknown_template(name, place, &project.templates));
        }
        for (name, template) in chain {
            level = level.over(&template.level);
            templates.push(Arc::from(name));
        }
    }
    Base { level: level.over(&project.defaults), templates: templates.into(), complete }
}

fn user(
    entry: &UserEntry,
    base: &Base,
    (first, on_create): (&Level, &Arc<OnCreate>),
    found: &mut Vec<Diagnostic>,
) -> Option<DesiredUser> {
    let level = entry.level.over(&base.level);
    let managed = level.profile.clone().map(DeclaredProfile::Managed);
    let at_create = first.profile.clone().map(DeclaredProfile::OnCreate);
    let profile = managed.or(at_create);
    let last_name = level.fields.contains_key(&UserField::LastName);
    for (there, attempted, key) in [
        (last_name, level.attempted.last_name, "last_name"),
        (level.account.is_some(), level.attempted.account, "account"),
        (profile.is_some(), level.attempted.profile || first.attempted.profile, "profile"),
    ] {
        if !there && !attempted && base.complete {
            found.push(missing(key, entry));
        }
    }
    dates(&level, found);
    let (username, _) = entry.username.clone()?;
    let mut fields = level.fields;
    fields.entry(UserField::Email).or_insert_with(|| Value::of(username.as_str()));
    let zone = [&fields, &on_create.fields]
        .into_iter()
        .find_map(|values| values.get(&UserField::TimeZone).and_then(Value::text));
    Some(DesiredUser {
        place: entry.place.clone(),
        account: level.account?,
        contact: level.contact.map(|(contact, _)| contact),
        profile: profile?,
        custom: level.custom,
        contact_custom: level.contact_custom,
        on_create: Arc::clone(on_create),
        state: level.state.unwrap_or_default(),
        starts: level.starts.map(|(day, _)| day),
        expires: level.expires.map(|(day, _)| day),
        zone: zone.unwrap_or("GMT").into(),
        access: access::finish(&level.access),
        portal_role: level.portal_role,
        renamed_from: level.renamed_from.into_iter().map(|(name, _)| name).collect(),
        activation: level.activation.unwrap_or(on_create.activation),
        templates: Arc::clone(&base.templates),
        username,
        fields,
    })
}

/// What new users get beside what is declared for them.
fn on_create(project: &ProjectFile) -> OnCreate {
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

fn missing(key: &str, entry: &UserEntry) -> Diagnostic {
    let who = entry.username.as_ref().map(|(name, _)| format!(" for `{name}`")).unwrap_or_default();
    let help = match key {
        "last_name" => "every user needs a last name: write last_name = \"Osei\"".to_owned(),
        _ => format!(
            "write `{key}` at the user, at the top of the file, in its template or in [defaults]"
        ),
    };
    Diagnostic::new(Code::MissingKey, format!("`{key}` is missing{who}"))
        .help(help)
        .at(&entry.place)
}

fn dates(level: &Level, found: &mut Vec<Diagnostic>) {
    if let (Some((first, from)), Some((last, until))) = (&level.starts, &level.expires)
        && first > last
    {
        let crossed = Diagnostic::new(
            Code::DatesCross,
            format!("`starts` ({first}) is after `expires` ({last})"),
        )
        .help("the user would never be active: correct one of the dates")
        .at(until)
        .label(from, "starts here");
        if !found.contains(&crossed) {
            found.push(crossed);
        }
    }
}

/// Kept once for all users of a zone.
pub(super) fn share_zones(users: &mut [DesiredUser]) {
    let mut zones: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    for user in users {
        let shared = zones.entry(Arc::clone(&user.zone)).or_insert_with(|| Arc::clone(&user.zone));
        user.zone = Arc::clone(shared);
    }
}
