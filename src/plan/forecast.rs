//! Seats along the days ahead: what a plan would come to if it were made and applied on each of them.
//!
//! Of every day this says what [`diff`] would, with that day for today. What cannot be known is left
//! out: nobody knows what else happens until then, nor how many seats will have been bought. That
//! goes for what a plan on the way would leave behind as well: a seat of a permission set licence
//! that somebody takes in spring and keeps when they are deactivated in autumn is foreseen for the
//! time between and not for afterwards.
//!
//! Only those whom a day is about are planned anew on it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::model::{
    Code, Current, CurrentUser, Desired, Diagnostic, LicenseSettings, Policy, Rule, Today,
};

use super::agenda::{Person, agenda};
use super::change::{Change, LicenseKind, LicenseLine, Plan};
use super::guard::lifts;
use super::identity;
use super::index::Index;
use super::shortage::settings_of;
use super::{Draft, Planner, Request, diff, ownership, seats, waits};

/// Seats of every licence after a plan and on the days ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Of user licences, then of permission set licences, by name.
    pub licenses: Vec<LicenseForecast>,
    /// What is to be said.
    pub findings: Vec<Diagnostic>,
}

/// Seats of one licence.
#[derive(Clone, Debug, PartialEq)]
pub struct LicenseForecast {
    /// The licence's name; of a permission set licence, its API name.
    pub name: Arc<str>,
    /// What it is for.
    pub kind: LicenseKind,
    /// Seats bought.
    pub total: i64,
    /// What `[licenses]` says of it.
    pub settings: LicenseSettings,
    /// By day. The first is what there is once the plan is carried out.
    pub points: Vec<SeatPoint>,
}

/// Seats taken from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatPoint {
    /// The day on which an apply would bring it about.
    pub date: Date,
    /// Seats taken.
    pub used: i64,
    /// Whether the contract is renewed on that day.
    pub is_renewal: bool,
}

impl LicenseForecast {
    /// The first point at which the most seats are taken.
    pub fn highest(&self) -> Option<SeatPoint> {
        // Of several that are equal the last would be taken.
        self.points.iter().rev().copied().max_by_key(|point| point.used)
    }

    /// How many of a hundred seats are taken, rounded down; nothing, if there are no seats.
    pub fn percent(&self, point: SeatPoint) -> Option<i128> {
        (self.total > 0).then(|| i128::from(point.used) * 100 / i128::from(self.total))
    }

    /// The first point at which at least so many hundredths of the seats are taken, or one where
    /// there are none at all.
    pub fn reaching(&self, percent: u8) -> Option<SeatPoint> {
        let reaches = |used: i64| {
            let (used, total) = (i128::from(used), i128::from(self.total));
            if total > 0 { used * 100 >= total * i128::from(percent) } else { used > 0 }
        };
        self.points.iter().copied().find(|point| reaches(point.used))
    }
}

/// Foresees the seats of a plan that was made of the same and without exceptions for one run, on
/// every day after it on which they change, and no later than `until`.
pub fn forecast(
    (desired, current): (&Desired, &Current),
    policy: &Policy,
    request: &Request,
    plan: &Plan,
    until: Option<Date>,
) -> Forecast {
    let until = until.unwrap_or(Date::MAX);
    let request = Request { allow: BTreeMap::new(), ..request.clone() };
    let suffix = request.username_suffix.as_str();
    let names = identity::names(desired, suffix);
    let index = Index::of(current, desired, policy);
    let identities = identity::identify(desired, &index, &names, suffix);
    let people = desired.users.iter().zip(&names).zip(&identities);
    let people: Vec<Person<'_>> = people.map(|((one, name), who)| (one, name, who)).collect();
    let mut days = agenda(&people, &Planner::new(&index, policy, &request), until);
    let today = request.today.in_gmt();
    for day in approvals_end(policy).filter(|day| *day > today && *day <= until) {
        days.entry(day).or_default();
    }

    // Whom an approved shortage holds back depends on everybody else, so what is added up is what
    // there would be without the approval.
    let unapproved = shortage_is_approved(policy, &request).then(|| {
        let allows = policy.allows.iter().filter(|allow| allow.rule != Rule::Shortfall);
        let policy = Policy { allows: allows.cloned().collect(), ..policy.clone() };
        diff(desired, current, &policy, &request)
    });
    let mut ledger = Ledger::of(unapproved.as_ref().unwrap_or(plan), plan, today);
    let around = Around { people: &people, index: &index, policy, request: &request };
    for (day, whom) in days {
        let [before, after] = around.tallies(day, &whom);
        ledger.add(&before, -1);
        ledger.add(&after, 1);
        let then = Request { today: Today::Fixed(day), ..request.clone() };
        // The one case in which everybody is planned anew.
        let approved = ledger.is_short() && shortage_is_approved(policy, &then);
        let exact = approved.then(|| diff(desired, current, policy, &then));
        ledger.close(day, exact.as_ref());
    }
    ledger.finish(policy, today, until)
}

/// Whether an exception would let people be held back for want of seats.
fn shortage_is_approved(policy: &Policy, request: &Request) -> bool {
    lifts(Rule::Shortfall, 1, policy, request)
}

/// The days on which exceptions to shortages hold no more.
fn approvals_end(policy: &Policy) -> impl Iterator<Item = Date> {
    let allows = policy.allows.iter().filter(|allow| allow.rule == Rule::Shortfall);
    allows.filter_map(|allow| allow.expires.tomorrow().ok())
}

/// Everything that people are planned with.
struct Around<'a> {
    people: &'a [Person<'a>],
    index: &'a Index<'a>,
    policy: &'a Policy,
    request: &'a Request,
}

/// What some people do to seats.
struct Tally {
    lines: Vec<LicenseLine>,
    /// How many of them move between licences.
    moving: i64,
}

/// Some people's part of a plan.
struct Part<'a> {
    planner: Planner<'a>,
    draft: Draft<'a>,
}

impl<'a> Around<'a> {
    /// What these people do to seats on the day before and on the day.
    fn tallies(&self, day: Date, whom: &BTreeSet<usize>) -> [Tally; 2] {
        let on = |today| Request { today, ..self.request.clone() };
        let eve = day.yesterday().ok().filter(|eve| *eve > self.request.today.in_gmt());
        let requests = [on(eve.map_or(self.request.today, Today::Fixed)), on(Today::Fixed(day))];
        let mut parts = requests.each_ref().map(|request| self.part(request, whom));
        // Whoever has the contact that somebody else asks for counts as declared from that day on.
        let mut seen = HashSet::new();
        let holders: Vec<&CurrentUser> = parts
            .iter()
            .flat_map(|part| &part.planner.claims.holders)
            .copied()
            .filter(|holder| seen.insert(holder.id))
            .collect();
        if !holders.is_empty() {
            for Part { planner, draft } in &mut parts {
                let meant = planner.meant(self.people.iter().map(|(_, _, identity)| *identity));
                let holders = holders.iter().copied();
                let census = ownership::census(holders, self.index, &planner.owner, &meant);
                planner.undeclared(&census, draft);
            }
        }
        parts.map(|part| self.tally(part))
    }

    fn part<'r>(&self, request: &'r Request, whom: &BTreeSet<usize>) -> Part<'r>
    where
        'a: 'r,
    {
        let people: Vec<Person<'r>> =
            whom.iter().filter_map(|at| self.people.get(*at)).copied().collect();
        let mut planner = Planner::new(self.index, self.policy, request);
        let draft = planner.draft(people.into_iter());
        Part { planner, draft }
    }

    fn tally(&self, Part { planner, draft }: Part<'_>) -> Tally {
        let Draft { mut changes, .. } = draft;
        let Planner { mut diagnostics, left, request, .. } = planner;
        waits::hold_names(&mut changes, self.index, &mut diagnostics);
        waits::hold_left(&mut changes, &left, request, &mut diagnostics);
        // Licences that only declarations name have no part in a sum.
        let nobody = Desired::default();
        let walk = seats::walk(&mut changes, (self.index, &nobody), &BTreeSet::new());
        Tally { lines: walk.lines, moving: moving(&changes) }
    }
}

fn moving(changes: &[Change]) -> i64 {
    changes.iter().map(|change| i64::from(change.moves_license())).sum()
}

/// The sum of what everybody does to seats, day by day.
struct Ledger {
    rows: Vec<Row>,
    moving: i64,
    /// The day of the plan.
    today: Date,
}

/// One licence.
struct Row {
    line: LicenseLine,
    /// What was given back and taken when the last day was closed.
    closed: (i64, i64),
    points: Vec<SeatPoint>,
}

impl Row {
    fn of(line: &LicenseLine, date: Date, used: i64) -> Self {
        Self {
            closed: (line.freed, line.needed),
            line: LicenseLine { short_users: Vec::new(), ..line.clone() },
            points: vec![SeatPoint { date, used, is_renewal: false }],
        }
    }

    fn used(&self) -> Option<i64> {
        self.points.last().map(|point| point.used)
    }
}

fn is_same(one: &LicenseLine, other: &LicenseLine) -> bool {
    one.name == other.name && one.kind.as_str() == other.kind.as_str()
}

/// What is taken of a licence after a plan: what is taken now, where the plan says nothing of it.
fn after(plan: &Plan, line: &LicenseLine) -> i64 {
    let found = plan.licenses.iter().find(|other| is_same(line, other));
    found.map_or(line.used, LicenseLine::after)
}

impl Ledger {
    /// Begins with everything that a plan does to seats; `shown` is the one whose outcome is shown.
    fn of(plan: &Plan, shown: &Plan, today: Date) -> Self {
        let row = |line| Row::of(line, today, after(shown, line));
        Self { rows: plan.licenses.iter().map(row).collect(), moving: moving(&plan.changes), today }
    }

    fn add(&mut self, tally: &Tally, sign: i64) {
        self.moving += sign * tally.moving;
        for line in &tally.lines {
            let at = self.rows.iter().position(|row| is_same(&row.line, line));
            let at = at.unwrap_or_else(|| {
                let untouched = LicenseLine { freed: 0, needed: 0, ..line.clone() };
                self.rows.push(Row::of(&untouched, self.today, line.used));
                self.rows.len() - 1
            });
            if let Some(row) = self.rows.get_mut(at) {
                row.line.freed += sign * line.freed;
                row.line.needed += sign * line.needed;
            }
        }
    }

    /// Whether somebody may be without a seat. Who moves may be so although the end fits.
    fn is_short(&self) -> bool {
        let tight =
            |line: &LicenseLine| line.needed > 0 && (line.after() > line.total || !line.active);
        self.moving > 0 || self.rows.iter().any(|row| tight(&row.line))
    }

    /// Notes what a day has come to; by its whole plan, where that was made.
    fn close(&mut self, date: Date, exact: Option<&Plan>) {
        for row in &mut self.rows {
            let used = exact.map_or_else(|| row.line.after(), |plan| after(plan, &row.line));
            let sums = (row.line.freed, row.line.needed);
            if sums != row.closed || row.used() != Some(used) {
                row.points.push(SeatPoint { date, used, is_renewal: false });
                row.closed = sums;
            }
        }
    }

    fn finish(self, policy: &Policy, today: Date, until: Date) -> Forecast {
        let mut findings = Vec::new();
        let mut licenses: Vec<LicenseForecast> = self
            .rows
            .into_iter()
            .map(|row| {
                let settings = settings_of(&row.line.name, policy).cloned().unwrap_or_default();
                let mut points = row.points;
                match settings.renewal {
                    Some(day) if day < today => findings.push(renewed(&row.line.name, day)),
                    Some(day) if day <= until => mark_renewal(&mut points, day),
                    Some(_) | None => {}
                }
                let LicenseLine { name, kind, total, .. } = row.line;
                LicenseForecast { name, kind, total, settings, points }
            })
            .collect();
        let place =
            |one: &LicenseForecast| (one.kind == LicenseKind::PermissionSet, one.name.clone());
        licenses.sort_by_key(place);
        Forecast { licenses, findings }
    }
}

/// What is renewed for is what is taken on the day.
fn mark_renewal(points: &mut Vec<SeatPoint>, day: Date) {
    let later = points.partition_point(|point| point.date < day);
    match points.get_mut(later) {
        Some(point) if point.date == day => point.is_renewal = true,
        Some(_) | None => {
            let before = later.checked_sub(1).and_then(|at| points.get(at));
            if let Some(used) = before.map(|point| point.used) {
                points.insert(later, SeatPoint { date: day, used, is_renewal: true });
            }
        }
    }
}

fn renewed(license: &str, day: Date) -> Diagnostic {
    Diagnostic::new(
        Code::RenewalPast,
        format!("the renewal of `{license}` on {day} is in the past"),
    )
    .help("write the next one into `[licenses]`")
}
