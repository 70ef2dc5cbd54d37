//! What an invitation shows beside its changes: who is left out, and the last line.

use std::mem::discriminant;

use jiff::Timestamp;

use crate::plan::{Invitation, LeftOut, Obstacle, Plan};

use super::count::{count, counted};

/// How many people are named where many are meant.
const NAMED: usize = 10;

/// `Plan: 3 people to invite, 1 left out.`
pub(super) fn summary_line(plan: &Plan, invitation: &Invitation) -> String {
    let left = match invitation.left_out.len() {
        0 => String::new(),
        number => format!(", {number} left out"),
    };
    match plan.ready().count() {
        0 => format!("Nobody to invite{left}."),
        number => format!("Plan: {} to invite{left}.", people(number)),
    }
}

/// Who is left out and why, one sentence a reason.
pub(super) fn left_out(plan: &Plan) -> Vec<String> {
    let Some(invitation) = &plan.invitation else { return Vec::new() };
    let mut groups: Vec<(Obstacle, Vec<&LeftOut>)> = Vec::new();
    for left in &invitation.left_out {
        let same = |group: &&mut (Obstacle, _)| discriminant(&group.0) == discriminant(&left.why);
        match groups.iter_mut().find(same) {
            Some((_, all)) => all.push(left),
            None => groups.push((left.why, vec![left])),
        }
    }
    groups.sort_by_key(|(why, _)| *why);
    groups.iter().map(|(why, all)| sentence(*why, all, invitation.cool_down)).collect()
}

fn sentence(why: Obstacle, all: &[&LeftOut], cool_down: u16) -> String {
    let names: Vec<String> = all.iter().take(NAMED).map(|one| named(one)).collect();
    let more = all.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "Left out: {}, {} ({}{rest}).",
        people(all.len()),
        phrase(why, cool_down),
        names.join(", ")
    )
}

fn named(left: &LeftOut) -> String {
    match left.why {
        Obstacle::CoolDown(at) | Obstacle::Welcomed(at) => {
            format!("{} on {}", left.username, Timestamp::from(at).strftime("%Y-%m-%d"))
        }
        _ => left.username.to_string(),
    }
}

fn phrase(why: Obstacle, cool_down: u16) -> String {
    let words = match why {
        Obstacle::DeclaredInactive => "declared inactive",
        Obstacle::DeclaredFrozen => "declared frozen",
        Obstacle::Expired => "past their last day",
        Obstacle::NotStarted => "before their first day",
        Obstacle::Disabled => "whose portal access was disabled for good",
        Obstacle::Absent => "not in the org yet",
        Obstacle::OtherUsername => "with another username until the next apply",
        Obstacle::OtherAddress => "with another address in the org until the next apply",
        Obstacle::Inactive => "inactive in the org",
        Obstacle::Frozen => "frozen in the org",
        Obstacle::InvalidAddress => "whose address ends in `.invalid`",
        Obstacle::Privacy => "kept out of sites by a privacy flag",
        Obstacle::NoLiveSite => "on no live site",
        Obstacle::SingleSignOn => "with a federation id and not named by their own username",
        Obstacle::Welcomed(_) => {
            return format!(
                "made in the last {} and welcomed by a live site, whose mail has a link",
                count(usize::from(cool_down), "day")
            );
        }
        Obstacle::CoolDown(_) => {
            return format!(
                "with a password reset or changed in the last {}",
                count(usize::from(cool_down), "day")
            );
        }
    };
    words.to_owned()
}

/// `1 person`, `2 people`.
pub(super) fn people(number: usize) -> String {
    counted(number, "person", "people")
}
