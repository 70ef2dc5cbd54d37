//! The seed of an org that is like a scene, so that the emulator can be asked what the planner
//! foresees.

use std::collections::{BTreeMap, BTreeSet};

use portalctl::model::*;
use serde_json::{Value as Json, json};

use super::fixture::{Scene, described};

/// The field of accounts and contacts that holds the id they have in the scene.
pub(super) const FIXTURE: &str = "Fixture__c";

/// Writes the seed.
pub(super) fn seed(scene: &Scene) -> String {
    let current = &scene.current;
    let seed = json!({
        "Organization": { "Name": current.org.name, "IsSandbox": current.org.is_sandbox },
        "emulator": emulator(scene),
        "CustomField": custom_fields(scene),
        "UserLicense": licenses(current),
        "PermissionSetLicense": set_licenses(current),
        "Profile": profiles(current),
        "PermissionSet": permission_sets(current),
        "PermissionSetGroup": set_groups(current),
        "Group": current.groups.iter().map(|one| json!({ "DeveloperName": one.name.as_str() })).collect::<Json>(),
        "UserRole": [{ "Name": "Sales" }],
        "Network": sites(current),
        "UserAccessPolicy": current.access_policies.iter().map(|name| json!({ "DeveloperName": **name })).collect::<Json>(),
        "User": users(current),
        "Account": current.accounts.iter().map(account).collect::<Json>(),
        "Contact": contacts(current),
    });
    toml::to_string(&without_empty(seed)).unwrap()
}

/// A seed says nothing where there is nothing.
fn without_empty(seed: Json) -> Json {
    match seed {
        Json::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|a| !a.is_empty()))
            .map(|(key, value)| (key, without_empty(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Json::Array(list) => list.into_iter().map(without_empty).collect(),
        other => other,
    }
}

fn emulator(scene: &Scene) -> Json {
    let current = &scene.current;
    let seen = &current.described.user;
    let standard = described();
    let hidden: Vec<String> = standard
        .user
        .iter()
        .filter(|field| seen.get(&field.name).is_none())
        .map(|field| format!("User.{}", field.name))
        .collect();
    let known = current.account_roles.iter().map(|role| role.level);
    let held = current.users.iter().filter_map(|user| user.role.as_ref()?.level);
    let levels = known.chain(held).map(|level| level as usize + 1).max();
    json!({
        // As in the orgs where it matters whether the plan gives the licence.
        "assign_set_licenses": false,
        "gzip": false,
        // The org decides about them; the plan warns.
        "standard_external_profiles": true,
        "account_roles": levels.unwrap_or(2),
        "invisible": hidden,
    })
}

fn custom_fields(scene: &Scene) -> Vec<Json> {
    let text = |object: &str, name: &str| json!({ "Object": object, "Name": name, "Length": 80 });
    let mut fields = vec![text("Account", FIXTURE), text("Contact", FIXTURE)];
    let mut known = BTreeSet::new();
    let described = &scene.current.described;
    for (object, own) in [("User", &described.user), ("Contact", &described.contact)] {
        for field in own.iter().filter(|field| field.name.as_str().ends_with("__c")) {
            known.insert((object, field.name.clone()));
            fields.push(custom_field(object, field));
        }
    }
    let policy = &scene.policy;
    let marker = policy.ownership.as_ref().and_then(|one| one.marker.as_ref());
    let keys = policy.contacts.match_fields.iter().filter(|name| name.as_str().ends_with("__c"));
    let contacts = scene.desired.users.iter().filter_map(|user| match user.contact.as_deref() {
        Some(ContactRef::External(external)) => Some(&external.field),
        Some(ContactRef::Id(_)) | None => None,
    });
    let accounts = scene.current.accounts.iter().flat_map(|account| &account.externals);
    let named = marker
        .map(|marker| ("User", &marker.field))
        .into_iter()
        .chain(keys.chain(contacts).map(|name| ("Contact", name)))
        .chain(accounts.map(|external| ("Account", &external.field)));
    for (object, name) in named {
        if known.insert((object, name.clone())) {
            fields.push(text(object, name.as_str()));
        }
    }
    fields
}

fn custom_field(object: &str, field: &FieldDef) -> Json {
    let list = |values: &Option<std::sync::Arc<[Box<str>]>>| {
        values.iter().flat_map(|values| values.iter()).map(|one| json!(one)).collect::<Vec<_>>()
    };
    let (kind, more) = match &field.shape {
        FieldShape::Text(length) => ("Text", json!({ "Length": length })),
        FieldShape::Email(_) => ("Email", json!({})),
        FieldShape::Bool => ("Checkbox", json!({})),
        FieldShape::Whole | FieldShape::Number | FieldShape::Other(_) => ("Number", json!({})),
        FieldShape::Date => ("Date", json!({})),
        FieldShape::Moment => ("DateTime", json!({})),
        FieldShape::Reference => ("Lookup", json!({ "To": "Account" })),
        FieldShape::Picklist(values) => ("Picklist", json!({ "Values": list(values) })),
        FieldShape::MultiPicklist(values) => {
            ("MultiselectPicklist", json!({ "Values": list(values) }))
        }
    };
    let mut json = json!({
        "Object": object,
        "Name": field.name.as_str(),
        "Type": kind,
        "Required": !field.nillable,
        "ReadOnly": !(field.createable && field.updateable),
    });
    if let (Json::Object(json), Json::Object(more)) = (&mut json, more) {
        json.extend(more);
    }
    json
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Disabled" }
}

fn licenses(current: &Current) -> Vec<Json> {
    let seated = |license: &UserLicense| {
        let held = |user: &&CurrentUser| {
            user.active && profile_of(current, user).is_some_and(|one| one.license == license.id)
        };
        i64::try_from(current.users.iter().filter(held).count()).unwrap()
    };
    current
        .licenses
        .iter()
        .filter(|license| &*license.name != "Salesforce")
        .map(|license| {
            json!({
                "Name": &*license.name,
                "TotalLicenses": license.total,
                // Seats in use beside those of the users that the scene shows.
                "UsedLicenses": license.used - seated(license),
                "Status": status(license.active),
            })
        })
        .chain([json!({ "Name": "Guest User License", "TotalLicenses": 5 })])
        .collect()
}

fn set_licenses(current: &Current) -> Vec<Json> {
    let held = |license: &PermissionSetLicense| {
        let rows = current.holdings.iter().filter(|row| row.what == license.id.record());
        i64::try_from(rows.count()).unwrap()
    };
    current
        .permission_set_licenses
        .iter()
        .map(|license| {
            json!({
                "DeveloperName": license.name.as_str(),
                "MasterLabel": &*license.label,
                "TotalLicenses": license.total,
                "UsedLicenses": license.used - held(license),
                "Status": status(license.active),
            })
        })
        .collect()
}

fn license_name(current: &Current, id: UserLicenseId) -> &str {
    current.licenses.iter().find(|license| license.id == id).map_or("", |license| &license.name)
}

fn profile_of<'a>(current: &'a Current, user: &CurrentUser) -> Option<&'a Profile> {
    current.profiles.iter().find(|profile| profile.id == user.profile)
}

fn profiles(current: &Current) -> Vec<Json> {
    let own = current.profiles.iter().filter(|one| &*one.name != "System Administrator");
    own.map(|profile| {
        json!({ "Name": &*profile.name, "UserLicense": license_name(current, profile.license) })
    })
    .chain([json!({ "Name": "Site Guest", "UserLicense": "Guest User License" })])
    .collect()
}

/// The name of a set in two parts: namespace and name.
fn parts(name: &SetName) -> (Option<&str>, &str) {
    name.as_str().split_once("__").map_or((None, name.as_str()), |(ns, name)| (Some(ns), name))
}

fn permission_sets(current: &Current) -> Vec<Json> {
    let one = |set: &PermissionSet| {
        let (namespace, name) = parts(&set.name);
        let license = set.license.map(|bound| match bound {
            SetBinding::User(id) => license_name(current, id).to_owned(),
            SetBinding::PermissionSet(id) => {
                let found = current.permission_set_licenses.iter().find(|one| one.id == id);
                found.map(|one| one.name.to_string()).unwrap_or_default()
            }
        });
        json!({
            "Name": name,
            "NamespacePrefix": namespace,
            "License": license,
            "HasActivationRequired": set.session,
        })
    };
    current.permission_sets.iter().map(one).collect()
}

fn set_groups(current: &Current) -> Vec<Json> {
    let one = |group: &PermissionSetGroup| {
        let (namespace, name) = parts(&group.name);
        json!({
            "DeveloperName": name,
            "NamespacePrefix": namespace,
            "Status": if group.failed { "Failed" } else { "Updated" },
            "HasActivationRequired": group.session,
        })
    };
    current.permission_set_groups.iter().map(one).collect()
}

fn sites(current: &Current) -> Vec<Json> {
    let names = |site: &Site, of: &dyn Fn(RecordId) -> Option<String>| -> Vec<String> {
        site.admits.iter().filter_map(|id| of(*id)).collect()
    };
    let profile = |id: RecordId| {
        let found = current.profiles.iter().find(|one| one.id.record() == id);
        found.map(|one| one.name.to_string())
    };
    let set = |id: RecordId| {
        let found = current.permission_sets.iter().find(|one| one.id.record() == id);
        found.map(|one| one.name.to_string())
    };
    let one = |site: &Site| {
        json!({
            "Name": &*site.name,
            "Status": if site.live { "Live" } else { "UnderConstruction" },
            "OptionsSendWelcomeEmail": site.welcomes,
            "Profiles": names(site, &profile),
            "PermissionSets": names(site, &set),
        })
    };
    current.sites.seen().iter().map(one).collect()
}

/// The username of an account's owner: everybody with the same properties is one.
fn owner(owner: &Owner) -> String {
    format!("owner.{}.{}@acme.example", owner.has_role, owner.active)
}

fn account(account: &Account) -> Json {
    let mut json = json!({
        "Name": &*account.name,
        "Owner": owner(&account.owner),
        FIXTURE: account.id.as_str(),
    });
    for external in &account.externals {
        json[external.field.as_str()] = json!(&*external.value);
    }
    json
}

fn scalar(value: &Scalar) -> Json {
    match value {
        Scalar::Null => Json::Null,
        Scalar::Text(text) => json!(text),
        Scalar::Bool(value) => json!(value),
        Scalar::Number(number) => json!(number.get()),
        Scalar::Date(day) => json!(day.to_string()),
        Scalar::Cell(cell) => json!(cell.text),
    }
}

/// The contacts of users come first: a user is linked to the first with an address.
fn contacts(current: &Current) -> Vec<Json> {
    let linked = current.users.iter().filter_map(|user| user.contact.as_ref()).map(|c| &c.contact);
    let mut seen = BTreeSet::new();
    let mut all: Vec<&Contact> = linked.chain(&current.contacts).collect();
    all.retain(|contact| seen.insert(contact.id));
    // What was found by itself is what the contact is like.
    let newest: BTreeMap<ContactId, &Contact> =
        current.contacts.iter().map(|contact| (contact.id, contact)).collect();
    let lost = current.users.iter().filter(|user| is_disabled(current, user)).map(|user| {
        let account = current.accounts.first().map(|one| &*one.name);
        json!({ "LastName": "Lost", "Email": lost_contact(user), "Account": account })
    });
    all.into_iter()
        .map(|contact| {
            let contact = newest.get(&contact.id).copied().unwrap_or(contact);
            let account = current.accounts.iter().find(|one| Some(one.id) == contact.account);
            let mut json = json!({
                "FirstName": contact.first_name.as_deref(),
                "LastName": contact.last_name.trim(),
                "Email": contact.email.as_deref(),
                "Account": account.map(|one| &*one.name),
                FIXTURE: contact.id.as_str(),
            });
            for (name, value) in &contact.custom {
                json[name.as_str()] = scalar(value);
            }
            json
        })
        .chain(lost)
        .collect()
}

/// The address of the contact that a disabled user had.
fn lost_contact(user: &CurrentUser) -> String {
    format!("{}@lost.example", user.id)
}

fn users(current: &Current) -> Vec<Json> {
    let owners: BTreeMap<String, &Owner> =
        current.accounts.iter().map(|one| (owner(&one.owner), &*one.owner)).collect();
    let owners = owners.into_iter().map(|(username, owner)| {
        json!({
            "Username": username,
            "LastName": "Owner",
            "Profile": "Standard User",
            "UserRole": owner.has_role.then_some("Sales"),
            "IsActive": owner.active,
        })
    });
    owners.chain(current.users.iter().map(|one| user(current, one))).collect()
}

fn user(current: &Current, user: &CurrentUser) -> Json {
    let profile = match &user.user_type {
        UserType::Guest => "Site Guest",
        UserType::Internal => "Standard User",
        UserType::CspLitePortal
        | UserType::PowerCustomerSuccess
        | UserType::CustomerSuccess
        | UserType::PowerPartner => profile_of(current, user).map_or("", |one| &one.name),
    };
    let newest = |linked: &LinkedContact| {
        let found = current.contacts.iter().find(|contact| contact.id == linked.contact.id);
        found.unwrap_or(&linked.contact).email.as_deref().map(str::to_owned)
    };
    let contact = user.contact.as_ref().filter(|_| user.user_type.is_portal()).and_then(newest);
    let disabled = is_disabled(current, user);
    let contact = if disabled { Some(lost_contact(user)) } else { contact };
    let mut json = json!({
        "Username": user.username.as_str(),
        "LastName": "Nobody",
        "Profile": profile,
        "Contact": contact,
        "Disabled": disabled,
        "IsActive": user.active,
        "IsFrozen": current.frozen.of(user.id).is_some(),
        "PortalRole": user.role.as_ref().and_then(|role| role.level).map(PortalRole::api_value),
    });
    for (field, value) in user.fields.iter() {
        json[field.api_name()] = value.text().map_or(Json::Null, |text| json!(text));
    }
    for (name, value) in &user.custom {
        json[name.as_str()] = scalar(value);
    }
    for kind in AccessKind::ALL {
        let held: Vec<Json> = current
            .holdings
            .iter()
            .filter(|row| row.user == user.id && row.kind == kind)
            .filter_map(|row| {
                let name = name_of(current, kind, row.what)?.as_str();
                let ends = row.expires.map(|at| at.to_string());
                Some(json!({ "Name": name, "ExpirationDate": ends }))
            })
            .collect();
        let key = match kind {
            AccessKind::PermissionSetLicense => "PermissionSetLicenses",
            AccessKind::PermissionSet => "PermissionSets",
            AccessKind::PermissionSetGroup => "PermissionSetGroups",
            AccessKind::Group => "Groups",
        };
        json[key] = held.into();
    }
    json
}

/// Whether portal access was switched off for good. Salesforce renames whoever that happens to, so
/// their old name has to be given back to them.
pub(super) fn is_disabled(current: &Current, user: &CurrentUser) -> bool {
    let license = profile_of(current, user).map(|one| license_name(current, one.license));
    user.contact.is_none() && user.user_type.is_portal() && license != Some("External Identity")
}

/// The name of something that can be given.
fn name_of(current: &Current, kind: AccessKind, id: RecordId) -> Option<&SetName> {
    match kind {
        AccessKind::PermissionSetLicense => {
            let all = &current.permission_set_licenses;
            all.iter().find(|one| one.id.record() == id).map(|one| &one.name)
        }
        AccessKind::PermissionSet => {
            let all = &current.permission_sets;
            all.iter().find(|one| one.id.record() == id).map(|one| &one.name)
        }
        AccessKind::PermissionSetGroup => {
            let all = &current.permission_set_groups;
            all.iter().find(|one| one.id.record() == id).map(|one| &one.name)
        }
        AccessKind::Group => {
            current.groups.iter().find(|one| one.id.record() == id).map(|one| &one.name)
        }
    }
}
