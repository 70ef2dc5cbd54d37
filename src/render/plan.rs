//! The plan for people: who loses access first, then who gets it back, then the rest; seats; what
//! stands in the way; last the summary line.

use std::fmt::{self, Write};

use console::{Style, measure_text_width};

use crate::model::{AccessKind, Diagnostic, Severity};
use crate::plan::{Action, Change, ContactStep, Plan, SetChanges, expected_calls};

use super::count::count;
use super::escape::terminal;
use super::{Styles, highlight, licenses};

/// How much is told of each person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The fields, if the plan is short.
    #[default]
    Auto,
    /// The fields, always.
    Full,
}

/// Up to so many changes are shown with their fields unless asked otherwise.
const FEW: usize = 40;
/// Usernames are aligned up to this width.
const NAME_COLUMN: usize = 36;

/// The order in which actions are shown, with symbol and word.
const SECTIONS: [(Action, char, &str); 6] = [
    (Action::Deactivate, '-', "deactivate"),
    (Action::Freeze, '#', "freeze"),
    (Action::Reactivate, '^', "reactivate"),
    (Action::Unfreeze, 'o', "unfreeze"),
    (Action::Create, '+', "create"),
    (Action::Update, '~', "update"),
];

/// Writes the plan.
pub fn plan(out: &mut dyn Write, plan: &Plan, detail: Detail, styles: &Styles) -> fmt::Result {
    heading(out, plan, styles)?;
    let page = Page {
        styles,
        fields: detail == Detail::Full || plan.changes.len() <= FEW,
        column: name_column(plan),
    };
    for (action, symbol, word) in SECTIONS {
        let mut any = false;
        for change in plan.ready().filter(|change| change.action == action) {
            page.change(out, change, symbol, word)?;
            any = true;
        }
        if any {
            writeln!(out)?;
        }
    }
    page.blocked(out, plan)?;
    legend(out, plan, styles)?;
    licenses::table(out, &plan.licenses, styles)?;
    side_effects(out, plan)?;
    general_notes(out, plan, styles)?;
    blockers(out, plan, styles)?;
    writeln!(out, "{}", styles.strong.apply_to(summary_line(plan)))
}

/// The last line: `Plan: 1 to create, 2 to update, 1 to deactivate.`
pub fn summary_line(plan: &Plan) -> String {
    if plan.changes.is_empty() {
        let declared = count(plan.unchanged, "declared user");
        return format!("No changes. The org matches the {declared}.");
    }
    let mut parts = vec![
        format!("{} to create", plan.count(Action::Create)),
        format!("{} to update", plan.count(Action::Update)),
    ];
    let rare = [Action::Reactivate, Action::Unfreeze, Action::Freeze];
    for action in rare.into_iter().filter(|action| plan.count(*action) > 0) {
        parts.push(format!("{} to {}", plan.count(action), action.as_str()));
    }
    parts.push(format!("{} to deactivate", plan.count(Action::Deactivate)));
    format!("Plan: {}.", parts.join(", "))
}

fn heading(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    let kind = if plan.org.instance_url.starts_with("emulator:") {
        "emulator"
    } else if plan.org.is_sandbox {
        "sandbox"
    } else {
        "production"
    };
    let title = format!("{} → {} ({kind})", plan.project, terminal(&plan.org.name));
    writeln!(out, "{}", styles.strong.apply_to(title))?;
    let place =
        format!("{}, as {}", terminal(&plan.org.instance_url), terminal(plan.org.user.as_str()));
    writeln!(out, "{}\n", styles.faint.apply_to(place))
}

fn name_column(plan: &Plan) -> usize {
    let widths = plan.changes.iter().map(|change| measure_text_width(change.username.as_str()));
    widths.max().unwrap_or(0).min(NAME_COLUMN)
}

/// What every line of people needs.
struct Page<'a> {
    styles: &'a Styles,
    fields: bool,
    column: usize,
}

impl Page<'_> {
    const fn style(&self, action: Action) -> &Style {
        match action {
            Action::Deactivate | Action::Freeze => &self.styles.removed,
            Action::Create | Action::Reactivate | Action::Unfreeze => &self.styles.added,
            Action::Update => &self.styles.changed,
        }
    }

    fn change(
        &self,
        out: &mut dyn Write,
        change: &Change,
        symbol: char,
        word: &str,
    ) -> fmt::Result {
        self.person(out, change, (symbol, word, self.style(change.action)))?;
        if let Some(off) = &change.switched_off {
            writeln!(out, "             {}", self.styles.faint.apply_to(switched_off(off)))?;
        }
        if self.fields {
            self.details(out, change)?;
        }
        Ok(())
    }

    fn person(
        &self,
        out: &mut dyn Write,
        change: &Change,
        (symbol, word, style): (char, &str, &Style),
    ) -> fmt::Result {
        let username = terminal(change.username.as_str());
        let pad = " ".repeat(self.column.saturating_sub(measure_text_width(&username)));
        let who = format!("{}, {}", terminal(&change.name), terminal(&change.account));
        let mut why = Vec::new();
        if change.reasons.iter().any(|reason| reason.as_str() != "declared") {
            why.extend(change.reasons.iter().map(|reason| reason.as_str().to_owned()));
        }
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
        writeln!(
            out,
            "{} {username}{pad}  {who}{}",
            style.apply_to(format!("{symbol} {word:<10}")),
            self.styles.faint.apply_to(why)
        )
    }

    fn details(&self, out: &mut dyn Write, change: &Change) -> fmt::Result {
        let quiet = change.action == Action::Create;
        for field in change.fields.iter().filter(|field| !quiet || field.field == "ProfileId") {
            let object = match field.object {
                crate::plan::Object::User => "",
                crate::plan::Object::Contact => "Contact.",
            };
            let name = field.field.as_str();
            let name = name.strip_suffix("Id").unwrap_or(name);
            if quiet {
                let value = field.after.text().unwrap_or_default();
                let value = terminal(&value);
                writeln!(out, "             {object}{name}: {value}")?;
            } else {
                let (before, after) = (field.before.text(), field.after.text());
                let values = highlight::change(before.as_deref(), after.as_deref(), self.styles);
                writeln!(out, "             {object}{name}: {values}")?;
            }
        }
        if let Some(step @ (ContactStep::Create(_) | ContactStep::Link(_))) = change.contact {
            writeln!(out, "             Contact: {}", step.as_str())?;
        }
        for (kind, changes) in change.access.iter() {
            self.access(out, kind, changes)?;
        }
        Ok(())
    }

    fn access(&self, out: &mut dyn Write, kind: AccessKind, sets: &SetChanges) -> fmt::Result {
        let until = |day: Option<jiff::civil::Date>| {
            day.map(|day| format!(" until {day}")).unwrap_or_default()
        };
        let mut parts = Vec::new();
        for set in &sets.add {
            let text = format!("+{}{}", set.name, until(set.expires.map(|e| e.day)));
            parts.push(self.styles.added.apply_to(text).to_string());
        }
        for set in &sets.remove {
            parts.push(self.styles.removed.apply_to(format!("-{}", set.name)).to_string());
        }
        for set in &sets.change {
            let forever = |text: String| {
                if text.is_empty() { " for good".into() } else { text }
            };
            let after = forever(until(set.after.map(|e| e.day)));
            let text = format!("~{}{after}", set.name);
            parts.push(self.styles.changed.apply_to(text).to_string());
        }
        if parts.is_empty() {
            return Ok(());
        }
        let what = match kind {
            AccessKind::PermissionSet => "Permission sets",
            AccessKind::PermissionSetGroup => "Permission set groups",
            AccessKind::PermissionSetLicense => "Permission set licences",
            AccessKind::Group => "Groups",
        };
        writeln!(out, "             {what}: {}", parts.join(", "))
    }

    /// Users whom something stands in the way of, with what and the mend.
    fn blocked(&self, out: &mut dyn Write, plan: &Plan) -> fmt::Result {
        let mut any = false;
        for change in plan.changes.iter().filter(|change| change.blocked) {
            any = true;
            self.person(out, change, ('!', "blocked", &self.styles.error))?;
        }
        let personal = plan.diagnostics.iter().filter(|found| found.username.is_some());
        for found in personal.clone().filter(|found| found.severity == Severity::Error) {
            self.finding(out, found)?;
        }
        if any {
            writeln!(out)?;
        }
        let rest = personal.filter(|found| found.severity != Severity::Error);
        let mut told = false;
        for found in rest {
            told = true;
            self.finding(out, found)?;
        }
        if told { writeln!(out) } else { Ok(()) }
    }

    fn finding(&self, out: &mut dyn Write, found: &Diagnostic) -> fmt::Result {
        finding(out, found, self.styles)
    }
}

/// A finding of the plan: what, about whom, where, and the mend.
fn finding(out: &mut dyn Write, found: &Diagnostic, styles: &Styles) -> fmt::Result {
    let style = match found.severity {
        Severity::Error => &styles.error,
        Severity::Warning => &styles.warning,
        Severity::Note => &styles.strong,
    };
    let label = format!("{}[{}]", found.severity.as_str(), found.code.as_str());
    let who = found.username.as_ref().map(|name| format!("{}: ", terminal(name.as_str())));
    writeln!(
        out,
        "{}: {}{}",
        style.apply_to(label),
        who.unwrap_or_default(),
        terminal(&found.message)
    )?;
    if let Some(place) = &found.place {
        let place = format!("{}:{}:{}", terminal(&place.file), place.line, place.column);
        writeln!(out, "  {}", styles.faint.apply_to(format!("--> {place}")))?;
    }
    if let Some(help) = &found.help {
        writeln!(out, "  {}", styles.hint.apply_to(format!("help: {}", terminal(help))))?;
    }
    Ok(())
}

fn switched_off(off: &crate::plan::SwitchedOff) -> String {
    let by = off.by.as_ref().map_or_else(|| "somebody".into(), |by| terminal(by));
    match off.at {
        Some(at) => format!("switched off or last changed by {by} on {}", at.strftime("%Y-%m-%d")),
        None => format!("switched off or last changed by {by}"),
    }
}

fn legend(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    let mut parts: Vec<String> = SECTIONS
        .iter()
        .filter(|(action, ..)| plan.count(*action) > 0)
        .map(|(_, symbol, word)| format!("{symbol} {word}"))
        .collect();
    if plan.blocked() > 0 {
        parts.push("! blocked".to_owned());
    }
    if parts.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", styles.faint.apply_to(format!("Legend: {}", parts.join("  "))))
}

/// What happens beside the users themselves.
fn side_effects(out: &mut dyn Write, plan: &Plan) -> fmt::Result {
    let steps = |wanted: &str| {
        plan.ready().filter(|c| c.contact.is_some_and(|step| step.as_str() == wanted)).count()
    };
    let parts: Vec<String> = [
        ("create", "created"),
        ("link", "linked"),
        ("update", "updated"),
        ("move", "moved to another account"),
    ]
    .into_iter()
    .filter(|(step, _)| steps(step) > 0)
    .map(|(step, done)| format!("{} {done}", count(steps(step), "contact")))
    .collect();
    if !parts.is_empty() {
        writeln!(out, "Side effects: {}.", parts.join(", "))?;
    }
    let calls = expected_calls(plan);
    if calls > 0 {
        writeln!(out, "About {} to apply.\n", count(calls, "API call"))?;
    }
    Ok(())
}

/// Findings about the project or the org rather than about one person.
fn general_notes(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    let mut any = false;
    for found in plan.diagnostics.iter().filter(|found| found.username.is_none()) {
        finding(out, found, styles)?;
        any = true;
    }
    if plan.unmanaged > 0 {
        writeln!(
            out,
            "{} of this org {} not declared here and {} left alone.",
            count(plan.unmanaged, "active portal user"),
            if plan.unmanaged == 1 { "is" } else { "are" },
            if plan.unmanaged == 1 { "is" } else { "are" }
        )?;
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn blockers(out: &mut dyn Write, plan: &Plan, styles: &Styles) -> fmt::Result {
    for blocker in &plan.blockers {
        let label = format!("blocked[{}]", blocker.rule.as_str());
        writeln!(out, "{}: {}", styles.error.apply_to(label), terminal(&blocker.message))?;
        let way = match blocker.rule {
            crate::model::Rule::Shortfall => "to go on without those users",
            _ => "if this is intended",
        };
        let help = format!("help: {way}, run again with `--allow {}`", blocker.allow());
        writeln!(out, "  {}\n", styles.hint.apply_to(help))?;
    }
    if plan.blocked() > 0 {
        let line = format!("{} blocked; the others can be applied.", are(plan.blocked()));
        writeln!(out, "{}", styles.error.apply_to(line))?;
    }
    Ok(())
}

fn are(users: usize) -> String {
    format!("{} {}", count(users, "user"), if users == 1 { "is" } else { "are" })
}
