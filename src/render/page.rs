//! What a plan shows and in which order, for every format that people read. Text in here is raw:
//! each format escapes it for its own medium.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::drift::Part;
use crate::model::{AccessKind, Diagnostic, ProjectName, Rule, Severity};
use crate::plan::{
    Action, Blocker, Change, ContactStep, MailReason, Object, Plan, Reason, SetChanges,
    SwitchedOff, expected_calls,
};

use super::count::count;
use super::invited;

/// Whether an action takes access, gives it, or does neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Takes,
    Gives,
    Changes,
}

/// How an action is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) action: Action,
    pub(super) symbol: char,
    pub(super) word: &'static str,
    pub(super) tone: Tone,
}

const fn look(action: Action, symbol: char, tone: Tone) -> Look {
    Look { action, symbol, word: action.as_str(), tone }
}

/// The actions in the order in which they are shown: who loses access, who gets it back, the rest.
pub(super) const LOOKS: [Look; 8] = [
    look(Action::Deactivate, '-', Tone::Takes),
    look(Action::Freeze, '#', Tone::Takes),
    look(Action::Reactivate, '^', Tone::Gives),
    look(Action::Unfreeze, 'o', Tone::Gives),
    look(Action::Create, '+', Tone::Gives),
    look(Action::Rename, '>', Tone::Changes),
    look(Action::Adopt, '=', Tone::Changes),
    look(Action::Update, '~', Tone::Changes),
];

/// The same for a plan: an invitation updates nobody.
pub(super) fn looks(plan: &Plan) -> [Look; 8] {
    LOOKS.map(|look| match look.action {
        Action::Update if plan.invitation.is_some() => Look { word: "invite", ..look },
        _ => look,
    })
}

/// How much is told of a new user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// What a reviewer looks at first.
    Brief,
    /// Everything that is sent.
    All,
}

/// One thing to be said of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A value: its name, what the org holds, what it will hold.
    Value { name: Cow<'a, str>, before: Option<Cow<'a, str>>, after: Option<Cow<'a, str>> },
    /// A value of somebody new.
    New { name: Cow<'a, str>, value: Cow<'a, str> },
    /// What happens to the contact.
    Contact(&'static str),
    /// Things held: their kind, and what is given, taken and changed.
    Held(&'static str, Vec<Held<'a>>),
    /// Who switched the user off.
    Note(String),
}

/// Something that a user is given, loses, or holds for another time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held<'a> {
    pub(super) sign: char,
    pub(super) name: &'a str,
    /// ` until 2027-03-31`, ` for good`, or nothing where that goes without saying.
    pub(super) until: String,
    /// The same as it is now, where only that changes.
    pub(super) was: Option<String>,
}

impl Held<'_> {
    /// `+Orders_Read until 2027-03-31`, `~Orders_Read until 2027-03-31 (was for good)`.
    pub(super) fn text(&self) -> String {
        let was = self.was.as_ref().map(|was| format!(" (was{was})")).unwrap_or_default();
        format!("{}{}{}{was}", self.sign, self.name, self.until)
    }
}

/// `acme-portal → prod (production)`.
pub(super) fn title(plan: &Plan) -> String {
    let org = &plan.org;
    title_of(&plan.project, &org.name, (&org.instance_url, org.is_sandbox))
}

/// The same of a project and an org that no plan was made of.
pub(super) fn title_of(
    project: &ProjectName,
    org: &str,
    (instance_url, is_sandbox): (&str, bool),
) -> String {
    let kind = if instance_url.starts_with("emulator:") {
        "emulator"
    } else if is_sandbox {
        "sandbox"
    } else {
        "production"
    };
    format!("{project} \u{2192} {org} ({kind})")
}

/// Why something is done, beside that it is declared.
pub(super) fn reasons(change: &Change) -> Vec<&'static str> {
    let unsaid = [Reason::Declared, Reason::Invited];
    let reasons = change.reasons.iter().filter(|reason| !unsaid.contains(reason));
    reasons.map(|reason| reason.as_str()).collect()
}

/// Everything to be said of a change, beside whom it is about.
pub(super) fn lines(change: &Change, amount: Amount) -> Vec<Line<'_>> {
    told(change, amount).into_iter().map(|(_, line)| line).collect()
}

/// The same, each with the difference that it tells of.
pub(super) fn told(change: &Change, amount: Amount) -> Vec<(Option<Part>, Line<'_>)> {
    let mut lines = Vec::new();
    if let Some(off) = &change.switched_off {
        lines.push((None, Line::Note(switched_off(off))));
    }
    let new = change.action == Action::Create;
    for (at, field) in change.fields.iter().enumerate() {
        let object = match field.object {
            Object::User => "",
            Object::Contact => "Contact.",
        };
        let word = field.field.as_str();
        let word = word.strip_suffix("Id").unwrap_or(word);
        let name =
            if object.is_empty() { word.into() } else { Cow::Owned(format!("{object}{word}")) };
        let (before, after) = (field.before.text(), field.after.text());
        if !new {
            lines.push((Some(Part::Field(at)), Line::Value { name, before, after }));
        } else if amount == Amount::All || field.field == "ProfileId" {
            lines.push((None, Line::New { name, value: after.unwrap_or_default() }));
        }
    }
    if let Some(step @ (ContactStep::Create(_) | ContactStep::Link(_))) = change.contact {
        lines.push((None, Line::Contact(step.as_str())));
    }
    for (kind, changes) in change.access.iter() {
        let held = held(changes);
        if !held.is_empty() {
            lines.push((Some(Part::Access(kind)), Line::Held(kind_word(kind), held)));
        }
    }
    lines
}

fn switched_off(off: &SwitchedOff) -> String {
    let by = off.by.as_deref().unwrap_or("somebody");
    match off.at {
        Some(at) => format!("switched off or last changed by {by} on {}", at.strftime("%Y-%m-%d")),
        None => format!("switched off or last changed by {by}"),
    }
}

/// What things of a kind are called.
pub(super) const fn kind_word(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::PermissionSet => "Permission sets",
        AccessKind::PermissionSetGroup => "Permission set groups",
        AccessKind::PermissionSetLicense => "Permission set licences",
        AccessKind::Group => "Groups",
    }
}

fn held(sets: &SetChanges) -> Vec<Held<'_>> {
    let until = |day: Option<Date>| day.map(|day| format!(" until {day}"));
    let lasts = |day: Option<Date>| until(day).unwrap_or_else(|| " for good".to_owned());
    let add = sets.add.iter().map(|set| Held {
        sign: '+',
        name: set.name.as_str(),
        until: until(set.expires.map(|expiry| expiry.day)).unwrap_or_default(),
        was: None,
    });
    let remove = sets.remove.iter().map(|set| Held {
        sign: '-',
        name: set.name.as_str(),
        until: String::new(),
        was: None,
    });
    let change = sets.change.iter().map(|set| Held {
        sign: '~',
        name: set.name.as_str(),
        until: lasts(set.after.map(|expiry| expiry.day)),
        was: Some(lasts(set.before)),
    });
    add.chain(remove).chain(change).collect()
}

/// The last line: `Plan: 1 to create, 2 to update, 1 to deactivate.`
pub fn summary_line(plan: &Plan) -> String {
    if let Some(invitation) = &plan.invitation {
        return invited::summary_line(plan, invitation);
    }
    if plan.changes.is_empty() && plan.unchanged == 0 {
        return "No changes.".to_owned();
    }
    if plan.changes.is_empty() {
        let declared = count(plan.unchanged, "declared user");
        return format!("No changes. The org matches the {declared}.");
    }
    let mut parts = vec![
        format!("{} to create", plan.count(Action::Create)),
        format!("{} to update", plan.count(Action::Update)),
    ];
    let rare =
        [Action::Rename, Action::Adopt, Action::Reactivate, Action::Unfreeze, Action::Freeze];
    for action in rare.into_iter().filter(|action| plan.count(*action) > 0) {
        parts.push(format!("{} to {}", plan.count(action), action.as_str()));
    }
    parts.push(format!("{} to deactivate", plan.count(Action::Deactivate)));
    if plan.blocked() > 0 {
        parts.push(format!("{} blocked", plan.blocked()));
    }
    format!("Plan: {}.", parts.join(", "))
}

/// What is to be said beside what blocks the changes of people. Whoever is blocked and not invited has
/// no change.
pub(super) fn notes(plan: &Plan) -> impl Iterator<Item = &Diagnostic> {
    let elsewhere = plan.blocked() > 0;
    plan.diagnostics.iter().filter(move |found| {
        let personal = found.username.is_some() && found.severity == Severity::Error;
        !(elsewhere && personal)
    })
}

/// What happens beside the users themselves, one sentence each.
pub(super) fn side_effects(plan: &Plan) -> Vec<String> {
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
    let mut effects = Vec::new();
    if !parts.is_empty() {
        effects.push(format!("Side effects: {}.", parts.join(", ")));
    }
    effects.extend(mails(plan));
    let calls = expected_calls(plan);
    if calls > 0 {
        effects.push(format!("About {} to apply.", count(calls, "API call")));
    }
    effects
}

/// How many people may be mailed, and why, as a sentence.
fn mails(plan: &Plan) -> Option<String> {
    let mut whys: BTreeMap<&MailReason, usize> = BTreeMap::new();
    for reason in plan.mails.iter().flat_map(|mail| &mail.reasons) {
        *whys.entry(reason).or_default() += 1;
    }
    let parts: Vec<String> = whys
        .into_iter()
        .map(|(reason, people)| match reason {
            MailReason::Activation => format!("{people} by an activation mail"),
            MailReason::Invited => format!("{people} by a link to set a password"),
            MailReason::Welcome(site) => {
                format!("{people} because site {site} is live and welcomes new members")
            }
            MailReason::Username => format!("{people} because their username changes"),
        })
        .collect();
    let people = plan.mails.len();
    let sentence = || format!("{} may be mailed: {}.", invited::people(people), parts.join(", "));
    (people > 0).then(sentence)
}

/// How many people of the org are none of this project's business, as a sentence.
pub(super) fn strangers(plan: &Plan) -> Option<String> {
    let verb = if plan.unmanaged == 1 { "is" } else { "are" };
    (plan.unmanaged > 0).then(|| {
        format!(
            "{} of this org {verb} not declared here and {verb} left alone.",
            count(plan.unmanaged, "active portal user"),
        )
    })
}

/// How a blocker is lifted.
pub(super) fn way_out(blocker: &Blocker) -> String {
    let way = match blocker.rule {
        Rule::Shortfall => "to go on without those users",
        _ => "if this is intended",
    };
    format!("{way}, run again with `--allow {}`", blocker.allow())
}

/// How many are held up and what becomes of the others, as a sentence without a period.
pub(super) fn held_up(plan: &Plan) -> Option<String> {
    let blocked = plan.blocked();
    let verb = if blocked == 1 { "is" } else { "are" };
    let others = if !plan.blockers.is_empty() {
        ", and so is the plan as a whole"
    } else if plan.ready().next().is_none() {
        ", and nothing else is to be done"
    } else {
        "; the others can be applied"
    };
    (blocked > 0).then(|| format!("{} {verb} blocked{others}", count(blocked, "user")))
}

/// Whether any licence is short or nearly used up by the plan.
pub(super) fn seats_are_tight(plan: &Plan) -> bool {
    plan.licenses
        .iter()
        .any(|line| !line.short_users.is_empty() || (line.needed > 0 && line.is_tight()))
}
