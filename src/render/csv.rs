//! Tables for spreadsheets, as RFC 4180 says.
//!
//! A spreadsheet takes a cell that begins like a formula for one, whoever wrote it, so text from
//! outside gets a `'` before such a beginning. Source: OWASP, "CSV Injection".

use std::borrow::Cow;
use std::io;

use csv::{Terminator, Writer, WriterBuilder};
use jiff::civil::Date;

use crate::model::PortalRole;
use crate::plan::{AccessRow, DeclaredStanding, Granted};

use super::access_view::{AccessView, KINDS, NOT_MANAGED};
use super::escape::terminal;

/// The header of an access review; the words of its JSON.
const COLUMNS: [&str; 29] = [
    "username",
    "org_username",
    "name",
    "account",
    "declared_account",
    "management",
    "declared_state",
    "actual_state",
    "differs",
    "action",
    "blocked",
    "blocked_by",
    "declared_profile",
    "actual_profile",
    "license",
    "declared_permission_sets",
    "actual_permission_sets",
    "declared_permission_set_groups",
    "actual_permission_set_groups",
    "declared_permission_set_licenses",
    "actual_permission_set_licenses",
    "declared_groups",
    "actual_groups",
    "declared_portal_role",
    "actual_portal_role",
    "starts",
    "expires",
    "last_login",
    "source",
];

/// Writes an access review, one row a person, each as soon as it is made.
pub fn access(out: &mut dyn io::Write, view: &AccessView<'_>) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for row in view.rows() {
        write(&mut table, &row)?;
    }
    table.flush()
}

fn write(table: &mut Writer<&mut dyn io::Write>, row: &AccessRow<'_>) -> io::Result<()> {
    let declared = row.place.is_some();
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let role = |role: Option<PortalRole>| role.map_or("", PortalRole::as_str);
    let differs: Vec<&str> = row.differs.iter().map(|one| one.as_str()).collect();
    let blocked_by: Vec<&str> = row.blocked_by.iter().map(|code| code.as_str()).collect();
    let unmanaged = if declared { NOT_MANAGED } else { "" };
    let mut cells: Vec<Cow<'_, str>> = vec![
        cell(&row.username),
        cell(row.org_username.as_deref().unwrap_or_default()),
        cell(&row.name),
        cell(&row.account),
        cell(row.declared_account.as_deref().unwrap_or_default()),
        row.management.as_str().into(),
        row.declared_state.map_or("", DeclaredStanding::as_str).into(),
        row.actual_state.as_str().into(),
        differs.join("; ").into(),
        // A line by itself begins no formula.
        row.action.map_or("-", |action| action.as_str()).into(),
        if row.blocked { "yes" } else { "no" }.into(),
        blocked_by.join("; ").into(),
        row.declared_profile.map_or(unmanaged.into(), cell),
        cell(row.actual_profile.unwrap_or_default()),
        cell(row.license.unwrap_or_default()),
    ];
    for kind in KINDS {
        let grants = row.access.get(kind);
        cells.push(grants.declared.as_deref().map_or(unmanaged.into(), list));
        cells.push(list(&grants.actual));
    }
    cells.extend([
        if row.declared_role.is_none() { unmanaged } else { role(row.declared_role) }.into(),
        role(row.actual_role).into(),
        day(row.starts).into(),
        day(row.expires).into(),
        day(row.last_login).into(),
    ]);
    let place = row.place.map(|place| format!("{}:{}", place.file, place.line));
    cells.push(cell(&place.unwrap_or_default()).into_owned().into());
    Ok(table.write_record(cells.iter().map(|cell| cell.as_bytes()))?)
}

fn list<'a>(grants: &[Granted<'_>]) -> Cow<'a, str> {
    let texts: Vec<String> = grants.iter().map(Granted::text).collect();
    cell(&texts.join("; ")).into_owned().into()
}

/// A text that is one, whatever it begins with.
fn cell(text: &str) -> Cow<'_, str> {
    const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    let shown = terminal(text);
    if text.starts_with(FORMULA) { format!("'{shown}").into() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert!(cell(text).starts_with('\''), "{text}");
        }
        assert_eq!(cell("\tx"), "'\\tx");
        assert_eq!(cell("a\u{1b}[1m\nb"), "a\\u{1b}[1m\\nb");
        assert_eq!(cell("O'Neil, Zoë"), "O'Neil, Zoë");
    }
}
