//! Seats as bars: what stays taken, what the plan takes, what is free, what is missing.

use crate::plan::LicenseLine;

use super::html;

/// How wide a bar is, in units of the drawing.
const WIDTH: i64 = 1000;

/// The bars, with the numbers beside them.
pub(super) fn seats(lines: &[LicenseLine]) -> String {
    let shown: Vec<&LicenseLine> =
        lines.iter().filter(|line| line.total != 0 || line.used != 0 || line.needed != 0).collect();
    if shown.is_empty() {
        return String::new();
    }
    let bars: String = shown.iter().map(|line| bar(line)).collect();
    let key = [
        key("kept", "taken and kept"),
        key("new", "taken by this plan"),
        key("short", "missing"),
        key("free", "free"),
    ]
    .concat();
    format!(
        "<section>\n<h2>Seats</h2>\n<ul class=\"seats box\">\n{bars}</ul>\n<p class=\"key\">\n{key}</p>\n</section>\n"
    )
}

fn key(class: &str, word: &str) -> String {
    format!(
        "<span><svg class=\"{class}\" aria-hidden=\"true\"><rect width=\"100%\" height=\"100%\"/></svg>{word}</span>\n"
    )
}

fn bar(line: &LicenseLine) -> String {
    let kept = (line.used - line.freed).max(0);
    let after = line.after().max(0);
    let scale = line.total.max(after).max(1);
    let place = |seats: i64| seats.clamp(0, scale) * WIDTH / scale;
    let part = |class: &str, from: i64, to: i64| {
        let (from, to) = (place(from), place(to));
        if to > from {
            format!("<rect class=\"{class}\" x=\"{from}\" width=\"{}\" height=\"10\"/>", to - from)
        } else {
            String::new()
        }
    };
    let within = after.min(line.total);
    let parts = [
        part("free", 0, line.total),
        part("kept", 0, kept.min(line.total)),
        part("new", kept, within),
        part("short", line.total.max(0), after),
    ]
    .concat();
    let short = line.short_users.len();
    let missing = if short > 0 {
        format!(", <strong class=\"takes\">{short} short</strong>")
    } else {
        String::new()
    };
    let said = format!("{} of {} seats taken after this plan", after, line.total);
    format!(
        "<li><div class=\"head\"><span>{}</span><span class=\"numbers\">{} of {} now, {} freed, {} needed: {after} after{missing}</span></div>\n\
         <svg viewBox=\"0 0 {WIDTH} 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{said}\">{parts}</svg></li>\n",
        html(&line.name),
        line.used,
        line.total,
        line.freed,
        line.needed,
    )
}
