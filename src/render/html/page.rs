//! The frame of every page: head, policy, style, script.

use aws_lc_rs::digest::{SHA256, digest};

use super::html;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the frame is filled with; all but `title` and `kind` is HTML already.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) kind: &'a str,
    pub(super) place: &'a str,
    pub(super) summary: &'a str,
    /// Numbers at a glance.
    pub(super) tiles: String,
    /// What comes before the people.
    pub(super) before: String,
    /// The people, in sections.
    pub(super) people: String,
    /// What comes after them.
    pub(super) after: String,
    /// The plan's fingerprint.
    pub(super) digest: &'a str,
    /// What the words of badges are called where one can be chosen.
    pub(super) filter: &'a str,
}

impl Page<'_> {
    pub(super) fn finish(self) -> String {
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            fingerprint(STYLE),
            fingerprint(SCRIPT)
        );
        let title = html(self.title);
        let head = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        );
        let header = format!(
            "<header>\n<p class=\"kind\">{}</p>\n<h1>{title}</h1>\n<p class=\"soft\">{}</p>\n\
             <p class=\"summary\">{}</p>\n{}</header>\n<main>\n",
            html(self.kind),
            html(self.place),
            html(self.summary),
            self.tiles
        );
        let foot = format!(
            "</main>\n<footer>portalctl {}, digest <code>{}</code></footer>\n\
             <script>{SCRIPT}</script>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION"),
            html(self.digest)
        );
        let filters = if self.people.is_empty() {
            String::new()
        } else {
            FILTERS.replace(ACTION, self.filter)
        };
        [head, header, self.before, filters, self.people, self.after, foot].concat()
    }
}

/// From so many people on, a section is long.
const MANY: usize = 200;

/// What a plan's badges say.
pub(super) const ACTION: &str = "Action";

const FILTERS: &str = "<form class=\"filters\" role=\"search\" hidden>\n\
    <label class=\"search\">Search<input type=\"search\" name=\"search\" placeholder=\"Name, username, field, value\" autocomplete=\"off\"></label>\n\
    <label>Action<select name=\"action\"><option value=\"\">All</option></select></label>\n\
    <label>Account<select name=\"account\"><option value=\"\">All</option></select></label>\n\
    <label>Licence<select name=\"license\"><option value=\"\">All</option></select></label>\n\
    <p class=\"count\" role=\"status\"></p>\n</form>\n\
    <p class=\"empty box\" hidden>Nobody fits. Try fewer words or another filter.</p>\n";

/// A number at a glance.
pub(super) fn tile(number: usize, word: &str, class: &str) -> String {
    format!("<li class=\"box\"><b class=\"{class}\">{number}</b>{word}</li>\n")
}

/// People under a heading.
pub(super) fn section(title: &str, people: &[String]) -> String {
    // Of many, a browser draws only those in sight.
    let many = if people.len() > MANY { " many" } else { "" };
    format!(
        "<section class=\"people{many}\">\n<h2>{}</h2>\n<div class=\"box\">\n{}</div>\n</section>\n",
        html(title),
        people.concat()
    )
}

/// The source expression of a policy for an inline style or script.
/// Source: Content Security Policy Level 3, section 8.3.
fn fingerprint(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = digest(&SHA256, text.as_bytes());
    let mut encoded = String::from("sha256-");
    for bytes in hash.as_ref().chunks(3) {
        let bits = bytes.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - bytes.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            encoded.push(if at > bytes.len() { '=' } else { char::from(letter) });
        }
    }
    encoded
}
