//! The access review as a page: those who differ first, then those whom no file declares, then
//! everybody else.

use crate::model::PortalRole;
use crate::plan::{AccessRow, ActualStanding, DeclaredStanding, Difference, Granted, Management};
use crate::render::access::{difference, summary_line};
use crate::render::access_view::{AccessView, KINDS, NOT_MANAGED};
use crate::render::page::{Tone, kind_word};

use super::page::{Page, section, tile};
use super::{Badge, Card, html};

/// The review as one HTML file.
pub fn access(view: &AccessView<'_>) -> String {
    let (mut differing, mut strangers, mut settled) = (Vec::new(), Vec::new(), Vec::new());
    for row in view.rows() {
        let part = match row.management {
            Management::Declared if row.is_differing() => &mut differing,
            Management::Declared => &mut settled,
            Management::Owned | Management::Unmanaged => &mut strangers,
        };
        part.push(card(&row));
    }
    let sections = [
        ("Declared and actual differ", differing),
        ("In no file", strangers),
        ("As declared", settled),
    ];
    let parts = sections.into_iter().filter(|(_, people)| !people.is_empty());
    let people: Vec<String> = parts
        .map(|(title, people)| section(&format!("{title} ({})", people.len()), &people))
        .collect();
    let summary = view.summary();
    let tiles = [
        tile(summary.people, "people", "soft"),
        tile(summary.active, "active", "soft"),
        tile(summary.frozen, "frozen", tone(summary.frozen)),
        tile(summary.differing, "differ", tone(summary.differing)),
        tile(summary.blocked, "blocked", tone(summary.blocked)),
        tile(summary.undeclared, "undeclared", tone(summary.undeclared)),
        tile(summary.unmanaged, "unmanaged", tone(summary.unmanaged)),
    ];
    Page {
        title: &view.title(),
        kind: "portalctl access",
        place: &view.place(),
        summary: &summary_line(summary),
        tiles: format!("<ul class=\"tiles\">\n{}</ul>\n", tiles.concat()),
        before: String::new(),
        people: people.concat(),
        after: String::new(),
        digest: &view.digest(),
        filter: "In the org",
    }
    .finish()
}

const fn tone(number: usize) -> &'static str {
    if number > 0 { "changes" } else { "soft" }
}

/// A person at first sight: whether they can sign in, and in what they differ.
fn card(row: &AccessRow<'_>) -> String {
    let symbol = match row.actual_state {
        ActualStanding::Active => '+',
        ActualStanding::Frozen => '#',
        ActualStanding::Unclear => '?',
        ActualStanding::Inactive | ActualStanding::Absent | ActualStanding::Disabled => '-',
    };
    let met = row.management == Management::Declared && !row.is_differing();
    let state = row.differs.contains(&Difference::State);
    let tone = match row.actual_state {
        _ if met => Tone::Gives,
        ActualStanding::Active if state => Tone::Takes,
        _ => Tone::Changes,
    };
    let declared =
        row.declared_state.filter(|_| state).map(|word| format!("declared {}", word.as_str()));
    let action = row.action.map(|action| format!("plan: {}", action.as_str()));
    Card {
        name: &row.name,
        username: &row.username,
        account: &row.account,
        badge: Badge { symbol, word: row.actual_state.as_str(), tone },
        license: row.license,
        gist: vec![declared.unwrap_or_default(), difference(row), action.unwrap_or_default()],
        rows: values(row),
    }
    .html()
}

fn values(row: &AccessRow<'_>) -> Vec<(String, String)> {
    let differs = |one| row.differs.contains(&one);
    let declared = row.management == Management::Declared;
    let mut rows = Vec::new();
    let mut tell = |name: &str, value: String| rows.push((name.to_owned(), value));
    if let Some(place) = row.place {
        tell("Declared in", mono(&format!("{}:{}", place.file, place.line)));
    }
    if let Some(username) = &row.org_username {
        tell("Username in the org", mono(username));
    }
    let wanted = row.declared_state.map(DeclaredStanding::as_str);
    let state = row.actual_state.as_str();
    tell("State", compared((wanted, Some(state)), declared, differs(Difference::State)));
    if let Some(account) = &row.declared_account {
        let sides = (Some(&**account), Some(&*row.account));
        tell("Account", compared(sides, declared, differs(Difference::Account)));
    }
    let sides = (row.declared_profile, row.actual_profile);
    tell("Profile", compared(sides, declared, differs(Difference::Profile)));
    if let Some(license) = row.license {
        tell("User licence", html(license));
    }
    for kind in KINDS {
        let grants = row.access.get(kind);
        if grants.declared.is_none() && grants.actual.is_empty() {
            continue;
        }
        let list = |grants: &[Granted<'_>]| {
            let texts: Vec<String> = grants.iter().map(Granted::text).collect();
            texts.join(", ")
        };
        let (wanted, held) = (grants.declared.as_deref().map(list), list(&grants.actual));
        let sides = (wanted.as_deref(), Some(&*held));
        tell(kind_word(kind), compared(sides, declared, differs(Difference::Access(kind))));
    }
    if row.declared_role.is_some() || row.actual_role.is_some() {
        let sides =
            (row.declared_role.map(PortalRole::as_str), row.actual_role.map(PortalRole::as_str));
        tell("Portal role", compared(sides, declared, differs(Difference::PortalRole)));
    }
    let days = [("Starts", row.starts), ("Expires", row.expires), ("Last sign-in", row.last_login)];
    for (name, day) in days.into_iter().filter_map(|(name, day)| Some((name, day?))) {
        tell(name, day.to_string());
    }
    rows
}

fn mono(text: &str) -> String {
    format!("<span class=\"mono\">{}</span>", html(text))
}

/// What is declared and what is; what differs is marked.
fn compared((wanted, is): (Option<&str>, Option<&str>), declared: bool, differs: bool) -> String {
    let said = |text: &str| match text {
        "" => "<span class=\"soft\">(none)</span>".to_owned(),
        text => html(text),
    };
    let is = said(is.unwrap_or_default());
    if !declared {
        return is;
    }
    let wanted = wanted.map_or_else(|| softly(NOT_MANAGED), said);
    // Both are true, so neither is crossed out.
    let mark = |side: String| {
        if differs { format!("<strong class=\"changes\">{side}</strong>") } else { side }
    };
    let (wanted, is) = (mark(wanted), mark(is));
    format!("declared {wanted}<br>actual {is}")
}

fn softly(text: &str) -> String {
    format!("<span class=\"soft\">{}</span>", html(text))
}
