//! Many new people while as many owned ones vanish from the files: most likely the same people
//! under other names.

use std::collections::HashMap;

use crate::model::{Code, CurrentUser, Diagnostic};

use super::change::{Action, Change};
use super::identity::fold;

/// Fewer than this are nothing out of the ordinary.
const MANY: usize = 3;
/// The most examples that are given.
const NAMED: usize = 5;

/// Says so if the plan looks like renames that nobody declared.
pub(super) fn warn(changes: &[Change], vanished: &[&CurrentUser]) -> Option<Diagnostic> {
    let new: Vec<&Change> =
        changes.iter().filter(|change| change.action == Action::Create).collect();
    // As many, give or take a fifth.
    if new.len() < MANY || vanished.len() * 5 < new.len() * 4 {
        return None;
    }
    let mut by_name: HashMap<String, Vec<&CurrentUser>> = HashMap::new();
    for user in vanished {
        by_name.entry(fold(&user.name())).or_default().push(user);
    }
    let likely: Vec<String> = new
        .iter()
        .filter_map(|change| match by_name.get(&fold(&change.name))?.as_slice() {
            [user] => Some(format!("`{}` → `{}`", user.username, change.username)),
            _ => None,
        })
        .take(NAMED)
        .collect();
    let message = format!(
        "{} declared usernames are new while {} owned users are declared no more",
        new.len(),
        vanished.len()
    );
    let help = if likely.is_empty() {
        "if these are the same people under new usernames, write `renamed_from`".to_owned()
    } else {
        format!(
            "if these are the same people under new usernames, write `renamed_from`; by their names: {}",
            likely.join(", ")
        )
    };
    Some(Diagnostic::new(Code::LooksLikeRenames, message).help(help))
}
