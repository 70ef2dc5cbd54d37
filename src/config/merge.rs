//! Levels → declared users. For one value the nearest level counts: user, file, template with what
//! it extends, `[defaults]`. Lists add up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{
    Access, AccessKind, Activation, Code, ContactRef, CustomValues, DeclaredProfile, DesiredUser,
    Diagnostic, FieldValues, OnCreate, Place, SetGrant, UserField, Value, nearest,
};

use super::level::Level;
use super::settings::{ProjectFile, Template};
use super::users::{UserEntry, UserFile};

/// Merges the entries of one file.
pub(super) fn users(
    file: UserFile,
    project: &ProjectFile,
    found: &mut Vec<Diagnostic>,
) -> Vec<DesiredUser> {
    let UserFile { level, users } = file;
    let on_create = Arc::new(on_create(project));
    users.iter().filter_map(|entry| user(entry, &level, (project, &on_create), found)).collect()
}

fn user(
    entry: &UserEntry,
    file: &Level,
    (project, on_create): (&ProjectFile, &Arc<OnCreate>),
    found: &mut Vec<Diagnostic>,
) -> Option<DesiredUser> {
    let template = entry.level.template.as_ref().or(file.template.as_ref());
    let mut levels = vec![&entry.level, file];
    let mut complete = true;
    if let Some((name, place)) = template {
        let chain = chain(name, place, &project.templates, found);
        complete = !chain.is_empty();
        levels.extend(chain);
    }
    levels.push(&project.defaults);
    let profile = levels.iter().find_map(|level| level.profile.clone());
    let at_create = project.on_create.profile.clone().map(DeclaredProfile::OnCreate);
    let profile = profile.map(DeclaredProfile::Managed).or(at_create);
    let account = levels.iter().find_map(|level| level.account.clone());
    let mut fields = values(&levels);
    let last_name = fields.contains_key(&UserField::LastName);
    for (there, key) in
        [(last_name, "last_name"), (account.is_some(), "account"), (profile.is_some(), "profile")]
    {
        // One that was written and is wrong has been told already.
        if !there && complete && !levels.iter().any(|level| level.attempted.contains(key)) {
            found.push(missing(key, entry));
        }
    }
    dates(&levels, found);
    let (username, _) = entry.username.clone()?;
    fields.entry(UserField::Email).or_insert_with(|| Value::of(username.as_str()));
    Some(DesiredUser {
        place: entry.place.clone(),
        account: account?,
        contact: entry.level.contact.as_ref().map(|(id, _)| ContactRef::Id(*id)),
        profile: profile?,
        custom: CustomValues::new(),
        contact_custom: CustomValues::new(),
        on_create: Arc::clone(on_create),
        state: levels.iter().find_map(|level| level.state).unwrap_or_default(),
        starts: levels.iter().find_map(|level| level.starts.as_ref()).map(|(day, _)| *day),
        expires: levels.iter().find_map(|level| level.expires.as_ref()).map(|(day, _)| *day),
        zone: zone(&fields, &on_create.fields),
        access: access(&levels),
        portal_role: None,
        renamed_from: Vec::new(),
        activation: Activation::None,
        templates: Arc::from([]),
        username,
        fields,
    })
}

/// What new users get beside what is declared for them.
fn on_create(project: &ProjectFile) -> OnCreate {
    let level = &project.on_create;
    OnCreate { fields: level.fields.clone(), access: access(&[level]), ..OnCreate::default() }
}

/// The nearest level's value of each field.
fn values(levels: &[&Level]) -> FieldValues {
    let mut fields = FieldValues::new();
    for level in levels.iter().rev() {
        fields.extend(level.fields.iter().map(|(field, value)| (*field, value.clone())));
    }
    fields
}

/// The zone in which a user's days are meant.
fn zone(fields: &FieldValues, on_create: &FieldValues) -> Arc<str> {
    let declared = fields.get(&UserField::TimeZone).or(on_create.get(&UserField::TimeZone));
    declared.and_then(Value::text).unwrap_or("GMT").into()
}

/// The template, and what it extends, nearest first.
fn chain<'a>(
    name: &str,
    place: &Place,
    templates: &'a BTreeMap<String, Template>,
    found: &mut Vec<Diagnostic>,
) -> Vec<&'a Level> {
    let Some(first) = templates.get(name) else {
        found.push(unknown_template(name, place, templates));
        return Vec::new();
    };
    let mut levels = vec![&first.level];
    let mut seen = BTreeSet::from([name]);
    let mut next = first.extends.as_ref();
    while let Some((name, _)) = next {
        // Unknown names and circles are reported once, at the template.
        let Some(template) = templates.get(name).filter(|_| seen.insert(name)) else {
            break;
        };
        levels.push(&template.level);
        next = template.extends.as_ref();
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

/// The declared sets: levels add up until one says `only`; of one set named twice, the nearest
/// level's expiry counts. Nothing, if no level has the key.
fn sets(levels: &[&Level]) -> Option<Arc<[SetGrant]>> {
    let mut declared = false;
    let mut grants: Vec<SetGrant> = Vec::new();
    for sets in levels.iter().filter_map(|level| level.sets.as_ref()) {
        declared = true;
        for grant in &sets.grants {
            if grants.iter().all(|nearer| nearer.name != grant.name) {
                grants.push(grant.clone());
            }
        }
        if sets.only {
            break;
        }
    }
    declared.then(|| grants.into())
}

/// What is declared of each kind of access.
fn access(levels: &[&Level]) -> Access {
    let mut access = Access::default();
    *access.get_mut(AccessKind::PermissionSet) = sets(levels);
    access
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

fn dates(levels: &[&Level], found: &mut Vec<Diagnostic>) {
    let starts = levels.iter().find_map(|level| level.starts.as_ref());
    let expires = levels.iter().find_map(|level| level.expires.as_ref());
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
