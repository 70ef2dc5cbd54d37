//! What a drift shows and in which order, for every format that people read. Text in here is raw.

use crate::drift::{Attribution, ChangedBy, Drift, Via};
use crate::model::{Code, Diagnostic};
use crate::plan::{Action, Change, Plan, Reason};

use super::count::count;
use super::page::{self, Amount, LOOKS, Line, Look};

/// One person who differs.
pub(super) struct Differing<'a> {
    pub(super) change: &'a Change,
    pub(super) look: Look,
    found: &'a Attribution,
}

/// Everybody who differs, in the order of a plan.
pub(super) fn people<'a>(plan: &'a Plan, drift: &'a Drift) -> Vec<Differing<'a>> {
    let mut people = Vec::new();
    for look in LOOKS {
        let found = drift.found.iter().filter_map(|(at, found)| {
            let change = plan.changes.get(*at)?;
            (change.action == look.action).then_some(Differing { change, look, found })
        });
        people.extend(found);
    }
    people
}

impl<'a> Differing<'a> {
    /// How the person differs, in a word or two.
    pub(super) const fn word(&self) -> &'static str {
        word(self.change.action)
    }

    /// Who made the person differ as a whole, as a sentence without a period.
    pub(super) fn main(&self) -> String {
        self.said(self.found.main())
    }

    /// What differs, each with who changed it; nothing where the person as a whole says it already.
    pub(super) fn lines(&self) -> Vec<(Line<'a>, Option<String>)> {
        // Of somebody who is not there, everything is missing.
        if self.change.action == Action::Create {
            return Vec::new();
        }
        let main = self.main();
        page::told(self.change, Amount::Brief)
            .into_iter()
            .filter(|(_, line)| !matches!(line, Line::Note(_)))
            .map(|(part, line)| {
                let by = part.and_then(|part| self.found.of(part));
                let told = by.is_some_and(|by| by.is_some_and(|by| self.is_main(by)));
                let said = by.map(|by| self.said(by)).filter(|said| !told && *said != main);
                (line, said)
            })
            .collect()
    }

    /// Whether it is the person who is named for the whole, at the same time.
    fn is_main(&self, by: &ChangedBy) -> bool {
        let told = |by: &ChangedBy| {
            let minute = by.at.map(|at| at.as_second() / 60);
            (by.name.clone(), by.username.clone(), by.acting_as.clone(), by.themself, minute)
        };
        self.found.main().is_some_and(|main| told(main) == told(by))
    }

    fn said(&self, by: Option<&ChangedBy>) -> String {
        if let Some(by) = by {
            return who(by);
        }
        let reasons = &self.change.reasons;
        if reasons.contains(&Reason::Expired) {
            "the last day is over".to_owned()
        } else if reasons.contains(&Reason::NotStarted) {
            "the first day is still to come".to_owned()
        } else if self.change.action == Action::Create {
            "never created, as far as the org knows".to_owned()
        } else {
            "who changed it is unknown".to_owned()
        }
    }
}

/// `changed by Olive Owner (olive@acme.example) on 2026-11-25 02:13 UTC`.
fn who(by: &ChangedBy) -> String {
    let when = by.at.map(|at| format!(" on {}", at.strftime("%Y-%m-%d %H:%M UTC")));
    let when = when.unwrap_or_default();
    if by.themself {
        return format!("changed by the user{when}");
    }
    let name = match (&by.name, &by.username) {
        (Some(name), Some(username)) => format!("{name} ({username})"),
        (Some(name), None) | (None, Some(name)) => name.to_string(),
        (None, None) => "somebody".to_owned(),
    };
    let acting = by.acting_as.as_ref().map(|whose| format!(", logged in as {whose},"));
    let verb = match (by.via, by.certain) {
        (Via::LastModified, _) => "last changed by",
        (Via::AuditTrail | Via::UserLogin, true) => "changed by",
        (Via::AuditTrail | Via::UserLogin, false) => "probably changed by",
    };
    format!("{verb} {name}{}{when}", acting.unwrap_or_default())
}

const fn word(action: Action) -> &'static str {
    match action {
        Action::Create => "missing",
        Action::Deactivate => "active",
        Action::Freeze => "unfrozen",
        Action::Reactivate => "inactive",
        Action::Unfreeze => "frozen",
        Action::Rename | Action::Adopt | Action::Update => "differs",
    }
}

/// A value as it is and as it is declared; nothing for what a line says by itself.
pub(super) fn is_and_declared(line: &Line<'_>) -> (String, Vec<String>, Vec<String>) {
    let none = || "(none)".to_owned();
    match line {
        Line::Value { name, before, after } => (
            name.to_string(),
            vec![before.as_deref().map_or_else(none, str::to_owned)],
            vec![after.as_deref().map_or_else(none, str::to_owned)],
        ),
        Line::New { name, value } => (name.to_string(), Vec::new(), vec![value.to_string()]),
        Line::Contact(_) => ("Contact".to_owned(), vec!["missing".to_owned()], Vec::new()),
        Line::Held(kind, list) => {
            let (mut has, mut declared) = (Vec::new(), Vec::new());
            for held in list {
                let text = |until: &str| format!("{}{until}", held.name);
                match (held.sign, &held.was) {
                    ('+', _) => declared.push(text(&held.until)),
                    (_, Some(was)) => {
                        has.push(text(was));
                        declared.push(text(&held.until));
                    }
                    (_, None) => has.push(text("")),
                }
            }
            ((*kind).to_owned(), has, declared)
        }
        Line::Note(text) => (text.clone(), Vec::new(), Vec::new()),
    }
}

/// A line as a sentence without a period: `Title: is Buyer, declared Lead Buyer`.
pub(super) fn sentence(line: &Line<'_>) -> String {
    let (name, is, declared) = is_and_declared(line);
    let sides = compared(line, &is, &declared);
    if sides.is_empty() { name } else { format!("{name}: {sides}") }
}

/// Both sides of a line: `is Buyer, declared Lead Buyer`.
pub(super) fn compared(line: &Line<'_>, is: &[String], declared: &[String]) -> String {
    let (has, lacks) = verbs(line);
    let side = |verb: &str, values: &[String]| {
        (!values.is_empty()).then(|| format!("{verb} {}", values.join(", ")))
    };
    let sides: Vec<String> = [side(has, is), side(lacks, declared)].into_iter().flatten().collect();
    sides.join(", ")
}

/// What the org and the files say of a value, each in a word.
pub(super) const fn verbs(line: &Line<'_>) -> (&'static str, &'static str) {
    match line {
        Line::Held(..) => ("has", "lacks"),
        Line::Value { .. } | Line::New { .. } | Line::Contact(_) | Line::Note(_) => {
            ("is", "declared")
        }
    }
}

/// The last line: `Drift: 3 users differ (1 inactive, 2 differs).`
pub(super) fn summary_line(plan: &Plan, drift: &Drift) -> String {
    if drift.is_clean() {
        let declared = count(plan.unchanged + drift.older, "declared user");
        return if drift.older > 0 {
            format!("No drift since then; {} differ from before.", count(drift.older, "user"))
        } else {
            format!("No drift. The org matches the {declared}.")
        };
    }
    let people = people(plan, drift);
    let parts: Vec<String> = LOOKS
        .iter()
        .map(|look| {
            (look.action, people.iter().filter(|one| one.look.action == look.action).count())
        })
        .filter(|(_, number)| *number > 0)
        .map(|(action, number)| match action {
            Action::Update => format!("{number} with other values"),
            action => format!("{number} {}", word(action)),
        })
        .collect();
    let verb = if people.len() == 1 { "differs" } else { "differ" };
    format!("Drift: {} {verb}: {}.", count(people.len(), "user"), parts.join(", "))
}

/// Declared people who are frozen. No file says that they should not be, so that they do not differ;
/// but they cannot sign in.
pub(super) fn frozen(plan: &Plan) -> impl Iterator<Item = &Diagnostic> {
    plan.diagnostics.iter().filter(|found| found.code == Code::Frozen)
}

/// How much the comparison covers, one sentence each.
pub(super) fn coverage(plan: &Plan, drift: &Drift) -> Vec<String> {
    let covered = drift.coverage;
    let share = (covered.declared * 100).checked_div(covered.active).unwrap_or(100);
    let mut said = vec![format!(
        "Coverage: {} of {} declared here ({share}%); {} undeclared, {} unmanaged.",
        covered.declared,
        count(covered.active, "active portal user"),
        covered.undeclared(plan.unmanaged),
        plan.unmanaged,
    )];
    if drift.older > 0 && !drift.is_clean() {
        said.push(format!(
            "{} differed before the given day already.",
            count(drift.older, "more user")
        ));
    }
    if let Some(why) = &drift.no_trail {
        said.push(format!(
            "The setup audit trail cannot be read ({why}), so only last changes are known; the login needs View Setup and Configuration."
        ));
    }
    said
}
