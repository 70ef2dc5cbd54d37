//! The org: whether it is the right one, and ready for these people.

use std::collections::{BTreeMap, HashSet};

use crate::model::{
    ApiName, Code, FieldShape, Kind, LicenseBasis, Site, Sites, Undeclared, UserField, Username,
    Value,
};
use crate::plan::{Action, LicenseKind, LicenseLine};

use super::finding::{self, told};
use super::{Check, Connected, Group, Pin, Status, count};

/// What each check of the org takes over from the planner, and what it says if there is nothing.
pub(super) const TAKEN: [(&str, &[Code], &str); 2] = [
    (
        "account-owners",
        &[Code::OwnerWithoutRole, Code::OwnerOutside, Code::OwnerInactive],
        "the owner of every declared account is inside, is active and has a role",
    ),
    ("standard-profiles", &[Code::StandardProfile], "nobody is given a standard external profile"),
];
/// What is told with the seats.
pub(super) const SEATS: &[Code] =
    &[Code::SeatsShort, Code::SeatCounterDiffers, Code::LicenseUnknown];
/// What is told with the suffix.
pub(super) const SUFFIX: &[Code] = &[Code::SandboxWithoutSuffix];

pub(super) fn checks(seen: &Connected<'_>) -> Vec<Check> {
    let mut checks = vec![pin(seen), suffix(seen), sites(seen), self_registration(seen)];
    checks.extend(welcome(seen));
    checks.extend(TAKEN.iter().map(|(id, codes, good)| {
        match seen.plan {
            Some(_) => finding::check((Group::Org, id), seen.diagnostics, codes)
                .unwrap_or_else(|| check(id, Status::Ok, *good)),
            None => unplanned(id),
        }
    }));
    checks.push(seats(seen));
    checks.extend(basis(seen));
    checks.extend(picklists(seen));
    checks.push(deliverability(seen));
    checks
}

fn check(id: &str, status: Status, message: impl Into<String>) -> Check {
    Check::new(Group::Org, id, status, message)
}

/// What only a plan tells.
fn unplanned(id: &str) -> Check {
    check(id, Status::Unknown, "not known without a plan")
        .help("mend what fails above, and run it again")
}

fn pin(seen: &Connected<'_>) -> Check {
    let org = seen.org;
    let kind = if org.is_sandbox { "sandbox" } else { "production org" };
    match seen.pin {
        Pin::Given => check("org-id", Status::Ok, format!("the {kind} {} and no other", org.id)),
        Pin::Needless => check("org-id", Status::Ok, format!("{}, which needs no pin", org.id)),
        Pin::Missing if org.is_sandbox => {
            check("org-id", Status::Ok, format!("the sandbox {}, without a pin", org.id))
        }
        Pin::Missing => {
            check("org-id", Status::Warn, format!("the production org {} is not pinned", org.id))
                .help(format!("write `org_id = \"{}\"` in [orgs.{}]", org.id, seen.name))
        }
    }
}

fn suffix(seen: &Connected<'_>) -> Check {
    let good = match (seen.username_suffix, seen.org.is_sandbox) {
        ("", false) => "usernames are as declared: the org is no sandbox".to_owned(),
        ("", true) => "usernames are as declared".to_owned(),
        (suffix, _) => format!("usernames end in `{suffix}`"),
    };
    finding::check((Group::Org, "username-suffix"), seen.diagnostics, SUFFIX)
        .unwrap_or_else(|| check("username-suffix", Status::Ok, good))
}

fn sites(seen: &Connected<'_>) -> Check {
    let Some(Sites::Seen(sites)) = &seen.found.sites else {
        return check("sites", Status::Unknown, "no site can be seen, so nobody's way in was checked")
            .help("if there are sites, give the login Create and Set Up Experiences or View All Data; if there are none, make one in Setup > Digital Experiences");
    };
    let (live, rest): (Vec<&Site>, Vec<&Site>) = sites.iter().partition(|site| site.live);
    let named = |sites: &[&Site]| told(sites.iter().map(|site| &*site.name));
    if live.is_empty() {
        return check("sites", Status::Fail, format!("no site is live: {}", named(&rest)))
            .help("publish it in the site's Administration > Settings");
    }
    let admits = |site: &&Site| !site.admits.is_empty();
    if !live.iter().any(admits) {
        let message =
            format!("no profile and no permission set is on a live site: {}", named(&live));
        return check("sites", Status::Fail, message)
            .help("add profiles in the site's Administration > Members");
    }
    check("sites", Status::Ok, format!("live, with members: {}", named(&live)))
}

/// People who made their user by themselves are in no file.
fn self_registration(seen: &Connected<'_>) -> Check {
    let id = "self-registration";
    let ownership = seen.policy.ownership.as_ref();
    let takes = ownership.is_some_and(|own| own.undeclared == Undeclared::Deactivate);
    match &seen.found.self_registering {
        None => {
            check(id, Status::Unknown, "whether people can register by themselves cannot be seen")
                .help("look at the site's Administration > Login & Registration")
        }
        Some(sites) if sites.is_empty() => {
            check(id, Status::Ok, "nobody can register by themselves")
        }
        Some(sites) if takes => {
            let names = told(sites.iter().map(|name| &**name));
            let message = format!(
                "people register by themselves on {names}, and `undeclared = \"deactivate\"` would take their access"
            );
            check(id, Status::Warn, message).help(
                "narrow `[ownership]` by `marker` or `profiles`, or switch self-registration off",
            )
        }
        Some(sites) => {
            let names = told(sites.iter().map(|name| &**name));
            check(
                id,
                Status::Ok,
                format!("people register by themselves on {names}; they are left alone"),
            )
        }
    }
}

/// Whether somebody who is created hears of it.
fn welcome(seen: &Connected<'_>) -> Option<Check> {
    let id = "first-mail";
    let plan = seen.plan?;
    let Some(Sites::Seen(sites)) = &seen.found.sites else { return None };
    let mailed: HashSet<&Username> = plan.mails.iter().map(|mail| &mail.username).collect();
    let silent: Vec<Username> = plan
        .ready()
        .filter(|change| change.action == Action::Create)
        .filter(|change| !mailed.contains(&change.username))
        .map(|change| change.username.clone())
        .collect();
    let welcoming: Vec<&Site> = sites.iter().filter(|site| site.live && site.welcomes).collect();
    if !silent.is_empty() {
        let message = format!(
            "{} would be created and get no mail: no live site of theirs welcomes new members",
            count(silent.len(), "user")
        );
        return Some(check(id, Status::Warn, message).about(&silent).help(
            "switch the welcome mail on in the site's Administration > Emails, or write `activation = \"reset-email\"`; nothing is amiss where people sign in by single sign-on",
        ));
    }
    let message = if welcoming.is_empty() {
        "no live site welcomes new members by mail, and nobody waits for one".to_owned()
    } else {
        let names = told(welcoming.iter().map(|site| &*site.name));
        format!("new members are welcomed by mail on {names}")
    };
    Some(check(id, Status::Ok, message))
}

/// Seats, as the plan counts them.
fn seats(seen: &Connected<'_>) -> Check {
    let Some(plan) = seen.plan else { return unplanned("seats") };
    let used = |line: &&LicenseLine| line.total != 0 || line.used != 0 || line.needed != 0;
    let lines: Vec<&LicenseLine> = plan.licenses.iter().filter(used).collect();
    let short: Vec<&&LicenseLine> =
        lines.iter().filter(|line| !line.short_users.is_empty()).collect();
    if !short.is_empty() {
        let said: Vec<String> = short.iter().map(|line| shortfall(line)).collect();
        let people: Vec<Username> =
            short.iter().flat_map(|line| &line.short_users).cloned().collect();
        return check("seats", Status::Fail, said.join("; "))
            .about(&people)
            .help("buy seats, or free some by deactivating others; `portalctl explain P2021`");
    }
    let tight: Vec<String> =
        lines.iter().filter(|line| line.is_tight()).map(|line| standing(line)).collect();
    let noted = finding::check((Group::Org, "seats"), seen.diagnostics, SEATS);
    if !tight.is_empty() {
        let more = noted.map(|noted| format!("; {}", noted.message)).unwrap_or_default();
        let message = format!("nearly full after the plan: {}{more}", tight.join(", "));
        return check("seats", Status::Warn, message).help("buy seats before they are needed");
    }
    noted.unwrap_or_else(|| {
        let said: Vec<String> = lines.iter().map(|line| standing(line)).collect();
        if said.is_empty() {
            let help =
                "check that the org has a licence for portal users, and that the login sees it";
            return check("seats", Status::Warn, "no licence of portal users has seats").help(help);
        }
        check("seats", Status::Ok, format!("after the plan {}", said.join(", ")))
    })
}

/// What is paid for, where the org does not show it.
fn basis(seen: &Connected<'_>) -> Option<Check> {
    let guessed = |line: &&LicenseLine| match line.kind {
        LicenseKind::User(LicenseBasis::Members { guessed }) => guessed,
        LicenseKind::User(LicenseBasis::Logins { monthly }) => monthly.is_none(),
        LicenseKind::PermissionSet => false,
    };
    let lines = seen.plan?.licenses.iter().filter(guessed).filter(|line| line.total != 0);
    let names: Vec<&str> = lines.map(|line| &*line.name).collect();
    (!names.is_empty()).then(|| {
        let message = format!(
            "whether people or logins are paid for is guessed from the names: {}",
            told(names.into_iter())
        );
        check("license-basis", Status::Unknown, message).help(
            "give the login View Setup and Configuration, or look at Setup > Company Information",
        )
    })
}

/// `Customer Community 13 of 20`.
fn standing(line: &LicenseLine) -> String {
    format!("{} {} of {}", line.name, line.after(), line.total)
}

fn shortfall(line: &LicenseLine) -> String {
    let short = count(line.short_users.len(), "user");
    if line.active {
        format!("{short} would find no seat: {}", standing(line))
    } else {
        format!("{short} would find no seat: {} is disabled", line.name)
    }
}

/// Whether the org has the declared time zones, locales, languages and encodings. They are compared
/// with what it offers: a language, for one, has to be switched on.
fn picklists(seen: &Connected<'_>) -> Option<Check> {
    let described = &seen.found.described.as_ref()?.user;
    let mut lacking: BTreeMap<(UserField, &str), Vec<&Username>> = BTreeMap::new();
    for field in UserField::ALL.iter().copied().filter(|one| one.info().kind == Kind::Picklist) {
        let shape = described.get(&ApiName::of(field.api_name())).map(|one| &one.shape);
        let Some(FieldShape::Picklist(Some(offered))) = shape else { continue };
        let offered: HashSet<&str> = offered.iter().map(|value| &**value).collect();
        for user in &seen.desired.users {
            let declared = [&user.fields, &user.on_create.fields].into_iter();
            let values = declared.filter_map(|fields| fields.get(&field).and_then(Value::text));
            for text in values.filter(|text| !offered.contains(text)) {
                lacking.entry((field, text)).or_default().push(&user.username);
            }
        }
    }
    if lacking.is_empty() {
        let message = "the org has every declared time zone, locale, language and encoding";
        return Some(check("picklist-values", Status::Ok, message));
    }
    let said: Vec<String> = lacking
        .keys()
        .map(|(field, value)| format!("{} `{value}` is not in this org", field.info().key))
        .collect();
    let mut people: Vec<Username> = lacking.into_values().flatten().cloned().collect();
    people.sort();
    people.dedup();
    Some(
        check("picklist-values", Status::Fail, told(said.iter().map(String::as_str)))
            .about(&people)
            .help("declare another value; a language is switched on in Setup > Translation Workbench > Language Settings"),
    )
}

/// Source: Salesforce Help, "Email Deliverability Settings": a setting that no API tells.
fn deliverability(seen: &Connected<'_>) -> Check {
    let people = seen.plan.map_or(0, |plan| plan.mails.len());
    let message = if people > 0 {
        let whom = count(people, "user");
        format!("whether mails leave the org cannot be asked; this plan may mail {whom}")
    } else {
        "whether mails leave the org cannot be asked".to_owned()
    };
    check("email-deliverability", Status::Unknown, message).help(
        "look at Setup > Email > Deliverability, which has to say \"All email\", and that the sites' sender addresses are verified",
    )
}
