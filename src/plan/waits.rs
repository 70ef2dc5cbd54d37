//! What has to wait: a username that is not free yet, a return that somebody has to approve.

use std::collections::{HashMap, HashSet};

use crate::model::{Code, Diagnostic, Rule, UserId, Username};

use super::Request;
use super::change::{Action, Change, Subject};
use super::guard::counted;
use super::index::Index;
use super::rename;

/// Holds up everybody who is to get a username that its present holder does not give away in this
/// plan, and then everybody who waits for them.
pub(super) fn hold_names(
    changes: &mut [Change],
    index: &Index<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let leaving: HashMap<UserId, usize> = changes
        .iter()
        .enumerate()
        .filter_map(|(at, change)| Some((rename::renamed(change)?.0, at)))
        .collect();
    // Of everybody who wants a name that is held: who holds it, and the change that frees it.
    let wants: Vec<Option<(&Username, Option<usize>)>> = changes
        .iter()
        .map(|change| {
            let own = match change.subject {
                Subject::New if change.action == Action::Create => None,
                Subject::Existing(id) => Some(rename::renamed(change).map(|_| id)?),
                Subject::New => return None,
            };
            let holder = index.user(&change.org_username)?;
            let waits = Some(holder.id) != own;
            waits.then(|| (&holder.username, leaving.get(&holder.id).copied()))
        })
        .collect();
    let mut followers: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, want) in wants.iter().enumerate() {
        if let Some((_, Some(before))) = want {
            followers.entry(*before).or_default().push(at);
        }
    }
    let stuck = |at: usize| match wants.get(at).copied().flatten() {
        Some((_, None)) => true,
        Some((_, Some(_))) | None => false,
    };
    let mut queue: Vec<usize> = (0..changes.len())
        .filter(|at| stuck(*at) || changes.get(*at).is_some_and(|change| change.blocked))
        .collect();
    while let Some(at) = queue.pop() {
        let Some(change) = changes.get_mut(at) else { continue };
        if !change.blocked {
            change.blocked = true;
            let holder = wants.get(at).copied().flatten().map(|(holder, _)| holder);
            diagnostics.push(held(change, holder));
        }
        queue.extend(followers.remove(&at).unwrap_or_default());
    }
}

fn held(change: &Change, holder: Option<&Username>) -> Diagnostic {
    let name = holder.unwrap_or(&change.org_username);
    let mut problem = Diagnostic::new(
        Code::UsernameHeld,
        format!("the username `{name}` is held by a user who is not renamed in this plan"),
    )
    .help("let the holder be renamed first, in this plan or one before it")
    .about(&change.username);
    problem.place.clone_from(&change.place);
    problem
}

/// People who left by themselves come back only by the exact number of all reactivations with
/// them.
pub(super) fn hold_left(
    changes: &mut [Change],
    left: &HashSet<Username>,
    request: &Request,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let count = counted(changes, Rule::Reactivations);
    if left.is_empty() || request.allow.get(&Rule::Reactivations) == Some(&count) {
        return;
    }
    for change in changes.iter_mut().filter(|change| left.contains(&change.username)) {
        let when = change.switched_off.as_ref().and_then(|off| off.at);
        let when = when.map(|at| format!(" on {}", at.strftime("%Y-%m-%d"))).unwrap_or_default();
        let mut problem = Diagnostic::new(
            Code::SelfDeactivated,
            format!("{} deactivated themself{when}", change.name),
        )
        .help(format!(
            "if they are to come back, run again with `--allow reactivations={count}`: the plan's number with them"
        ))
        .about(&change.username);
        problem.place.clone_from(&change.place);
        change.blocked = true;
        diagnostics.push(problem);
    }
}
