//! This login: how it signed in and as whom, what it may do, and what it can read.

use crate::model::{ApiName, FieldDef, ObjectFields, UserType};
use crate::org::{OrgError, Read};

use super::{Check, Connected, Group, Status, count, rights};

/// From so few hundredths of the day's calls on, an apply may not get to its end.
const FEW: u64 = 10;

/// Objects that a plan reads: what is found there, and the permission that shows it.
/// Source: Object Reference, the special access rules of each.
const OBJECTS: [(&str, &str, &str); 13] = [
    ("UserLicense", "licence", "View Setup and Configuration"),
    ("Profile", "profile", "View Setup and Configuration"),
    ("PermissionSet", "permission set", "View Setup and Configuration"),
    ("PermissionSetGroup", "permission set group", "View Setup and Configuration"),
    ("PermissionSetLicense", "permission set licence", "View Setup and Configuration"),
    ("PermissionSetAssignment", "assignment", "View Setup and Configuration"),
    ("Group", "public group", "View Setup and Configuration"),
    ("Network", "site", "Create and Set Up Experiences or View All Data"),
    ("UserLogin", "frozen user", "Manage Users"),
    ("SetupAuditTrail", "switched user", "View Setup and Configuration"),
    ("User", "user", "View All Users and View Roles and Role Hierarchy"),
    (
        "Account",
        "declared account",
        "Read and View All on accounts, and View Roles and Role Hierarchy",
    ),
    ("Contact", "free contact", "Read and View All on contacts"),
];

pub(super) fn checks(seen: &Connected<'_>) -> Vec<Check> {
    let mut checks = vec![sign_in(seen), user(seen), version(seen), calls(seen)];
    checks.extend(rights::checks(seen));
    checks.extend(contacts(seen));
    checks.extend(fields(seen));
    checks.extend(unseen(seen));
    checks.extend(seen.found.reads.iter().map(read));
    checks
}

fn check(id: &str, status: Status, message: impl Into<String>) -> Check {
    Check::new(Group::Login, id, status, message)
}

fn sign_in(seen: &Connected<'_>) -> Check {
    match &seen.found.running_user {
        Ok(user) => check("sign-in", Status::Ok, format!("by {}, as {}", seen.way, user.username)),
        Err(error) => {
            let message = format!("by {}, but not known as whom: {}", seen.way, error.gist());
            check("sign-in", Status::Fail, message).maybe_help(error.hint())
        }
    }
}

/// Portal users cannot manage others but for those of their own account.
fn user(seen: &Connected<'_>) -> Check {
    let id = seen.found.running_user.as_ref().map(|user| user.id).ok();
    let users = seen.found.current.iter().flat_map(|current| &current.users);
    let kind = users.into_iter().find(|user| Some(user.id) == id).map(|user| user.user_type);
    match kind {
        Some(UserType::Internal) => check("user-type", Status::Ok, "an internal user"),
        Some(_) => check("user-type", Status::Fail, "the login is not an internal user")
            .help("sign in as an internal user: nobody else manages portal users"),
        None => check("user-type", Status::Unknown, "whether it is an internal user is not known")
            .help("the login does not see its own user: mend what fails below"),
    }
}

fn version(seen: &Connected<'_>) -> Check {
    let why = if seen.version_is_set {
        "as `api_version` says"
    } else {
        "the newest that both sides know"
    };
    check("api-version", Status::Ok, format!("API {}, {why}", seen.version))
}

fn calls(seen: &Connected<'_>) -> Check {
    let Some(calls) = &seen.calls else {
        return check("api-calls", Status::Unknown, "the org does not say how many calls are left")
            .help("look at Setup > Company Information > API Requests");
    };
    let checked = if calls.left.saturating_mul(100) < calls.day.saturating_mul(FEW) {
        check("api-calls", Status::Warn, "few API calls are left")
            .help("go on when the window of 24 hours has moved, or find out who uses them")
    } else {
        check("api-calls", Status::Ok, "enough API calls are left")
    };
    Check { aside: Some(calls.told.clone()), ..checked }
}

/// Whether contacts can be written, where the project writes them.
fn contacts(seen: &Connected<'_>) -> Option<Check> {
    let policy = &seen.policy.contacts;
    let contact = &seen.found.described.as_ref()?.contact;
    if seen.plan_only || !(policy.create || policy.update) {
        return None;
    }
    let may =
        |name, right: fn(&FieldDef) -> bool| contact.get(&ApiName::of(name)).is_none_or(right);
    let creates = ["LastName", "AccountId", "Email"];
    let create = !policy.create || creates.iter().all(|name| may(name, |field| field.createable));
    let updates = ["LastName", "Email"];
    let update = !policy.update || updates.iter().all(|name| may(name, |field| field.updateable));
    let lacking = [(create, "create"), (update, "update")];
    let lacking: Vec<&str> =
        lacking.into_iter().filter(|(may, _)| !may).map(|(_, what)| what).collect();
    if lacking.is_empty() {
        return Some(check("write-contacts", Status::Ok, "may create and update contacts"));
    }
    let help = format!(
        "give the login Create and Edit on contacts and their fields, or write `{} = false` in [contacts]",
        lacking.join(" = false` and `")
    );
    let message = format!("it may not {} contacts", lacking.join(" or "));
    Some(check("write-contacts", Status::Fail, message).help(help))
}

/// Whether the fields that files declare can be seen and written.
fn fields(seen: &Connected<'_>) -> Option<Check> {
    let described = seen.found.described.as_ref()?;
    let (mut hidden, mut fixed) = (Vec::new(), Vec::new());
    let mut look = |object: &str, fields: &ObjectFields, name: &ApiName| match fields.get(name) {
        None => hidden.push(format!("{object}.{name}")),
        Some(field) if !field.createable && !field.updateable && !seen.plan_only => {
            fixed.push(format!("{object}.{name}"));
        }
        Some(_) => {}
    };
    for field in &seen.scope.fields {
        look("User", &described.user, &ApiName::of(field.api_name()));
    }
    for name in &seen.scope.user_custom {
        look("User", &described.user, name);
    }
    for name in &seen.scope.contact_custom {
        look("Contact", &described.contact, name);
    }
    if hidden.is_empty() && fixed.is_empty() {
        let number = seen.scope.fields.len()
            + seen.scope.user_custom.len()
            + seen.scope.contact_custom.len();
        let message = format!("all {number} fields that the files need can be used");
        return Some(check("declared-fields", Status::Ok, message));
    }
    let told = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{} {what}", names.join(", ")))
    };
    let parts = [told("cannot be seen", &hidden), told("cannot be written", &fixed)];
    let message = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    Some(check("declared-fields", Status::Fail, message).help(
        "check the API names, and give the login read and edit access by field-level security",
    ))
}

/// What no plan can do without.
fn unseen(seen: &Connected<'_>) -> Option<Check> {
    let errors = &seen.found.unseen;
    seen.found.described.as_ref()?;
    if errors.is_empty() {
        let message = "nothing that a plan depends on is hidden";
        return Some(check("needed-fields", Status::Ok, message));
    }
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let mut helps: Vec<String> = errors.iter().filter_map(OrgError::hint).collect();
    helps.sort();
    helps.dedup();
    Some(check("needed-fields", Status::Fail, said.join("; ")).help(helps.join("; ")))
}

/// An object that a plan reads.
fn read(read: &Read) -> Check {
    let object = read.object;
    let id = format!("read-{}", kebab(object));
    let known = OBJECTS.iter().find(|(name, ..)| *name == object);
    let give = known.map(|(.., permission)| format!("give the login {permission}"));
    let what = known.map_or(object, |(_, noun, _)| noun);
    match &read.found {
        Ok(Some(number)) if too_few(object, *number) => {
            check(&id, Status::Fail, format!("only {} can be seen", count(*number, what)))
                .maybe_help(give)
        }
        Ok(Some(number)) => check(&id, Status::Ok, count(*number, what)),
        Ok(None) => {
            let message = format!("no {what} can be seen, which does not mean that there is none");
            check(&id, Status::Unknown, message).maybe_help(give)
        }
        Err(error) => {
            let mend = if error.is_hidden() { give } else { None };
            check(&id, Status::Fail, error.gist()).maybe_help(mend.or_else(|| error.hint()))
        }
    }
}

/// An org has several profiles and at least one licence, and the login's own user.
const fn too_few(object: &str, number: usize) -> bool {
    match object.as_bytes() {
        b"Profile" => number < 2,
        b"UserLicense" | b"User" => number < 1,
        _ => false,
    }
}

/// `PermissionSet` → `permission-set`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
