//! Names from outside stay names, in every format.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

use crate::render::fixture::{self, HOSTILE};
use crate::support::Portal;

/// The raw HTML that the program itself writes.
const OWN_HTML: [&str; 3] = ["<!-- portalctl ", "<details><summary>", "</details>"];

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options
}

#[derive(Debug, Default)]
struct Found {
    tables: usize,
    rows: Vec<usize>,
    wrong: Vec<String>,
}

fn read(markdown: &str) -> Found {
    let arena = Arena::new();
    let mut found = Found::default();
    for node in parse_document(&arena, markdown, &options()).descendants() {
        match &node.data.borrow().value {
            NodeValue::Table(_) => found.tables += 1,
            NodeValue::TableRow(_) => found.rows.push(node.children().count()),
            NodeValue::HtmlBlock(html) => {
                let own = |line: &str| OWN_HTML.iter().any(|own| line.starts_with(own));
                let strange = html.literal.lines().filter(|line| !line.is_empty() && !own(line));
                found.wrong.extend(strange.map(|line| format!("html {line}")));
            }
            NodeValue::Text(text) if text.contains('@') => {
                found.wrong.push(format!("mention {text}"));
            }
            other @ (NodeValue::Link(_)
            | NodeValue::Image(_)
            | NodeValue::HtmlInline(_)
            | NodeValue::Emph
            | NodeValue::Strikethrough
            | NodeValue::FootnoteReference(_)
            | NodeValue::TaskItem(_)) => found.wrong.push(format!("{other:?}")),
            _ => {}
        }
    }
    found
}

#[test]
fn markdown_stays_one_page_whatever_people_are_called() {
    let plan = fixture::hostile().run(&["plan", "--format", "markdown"]).exits(0).stdout;
    let found = read(&plan);
    assert!(found.wrong.is_empty(), "{:#?}\n{plan}", found.wrong);
    // Deactivations, creates, updates; every value of those who are new.
    assert_eq!(found.tables, 4, "{plan}");
    assert_eq!(found.rows.len(), HOSTILE.len() * 4 + 4, "{plan}");
    assert!(found.rows.iter().all(|cells| matches!(cells, 2 | 6)), "{:?}", found.rows);
}

#[test]
fn no_line_of_a_log_is_a_command_but_our_own() {
    let portal = fixture::hostile();
    for format in ["text", "markdown", "github", "html", "json"] {
        let shown = portal.run(&["plan", "-v", "--format", format]).exits(0).stdout;
        assert!(!shown.contains("##["), "{format}");
        assert!(!shown.contains("##vso["), "{format}");
        for line in shown.lines().filter(|line| line.trim_start().starts_with("::")) {
            let own = ["::error ", "::warning ", "::notice "];
            assert!(format == "github" && own.iter().any(|own| line.starts_with(own)), "{line}");
            assert!(!line.starts_with("::error file=x"), "{line}");
        }
        for unsafe_sign in ['\u{1b}', '\u{202e}', '\u{200f}', '\r'] {
            assert!(format == "json" || !shown.contains(unsafe_sign), "{format} {unsafe_sign:?}");
        }
    }
}

#[test]
fn a_licence_may_be_called_anything() {
    let portal = Portal::example("shortfall");
    let name = r"External @team <b>x</b> ##[error]y \u001b[31m|#1 \u202e`z`";
    let org = portal.read("org.toml").replace("Customer Community", name);
    portal.write("org.toml", &org);
    let project = portal.read("portalctl.toml");
    let licence = format!("[licenses.\"{name}\"]\nrenewal = 2035-01-31\nprice = 2\n");
    portal.write("portalctl.toml", &(project + &licence));
    for format in ["text", "markdown", "json"] {
        let run = portal.run(&["licenses", "--warn-at", "1%", "--format", format]).exits(2);
        for shown in [&run.stdout, &run.stderr] {
            assert!(!shown.contains("##["), "{format}: {shown}");
            assert!(format == "json" || !shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
        }
        if format == "markdown" {
            let found = read(&run.stdout);
            assert!(found.wrong.is_empty(), "{:#?}\n{}", found.wrong, run.stdout);
            assert_eq!(found.tables, 2, "{}", run.stdout);
        }
    }
}

#[test]
fn html_holds_no_markup_but_its_own() {
    let page = fixture::hostile().run(&["plan", "--format", "html"]).exits(0).stdout;
    let own = [
        "!doctype", "html", "head", "meta", "title", "style", "body", "header", "main", "footer",
        "script", "section", "form", "label", "input", "select", "option", "p", "h1", "h2", "ul",
        "li", "div", "span", "svg", "rect", "details", "summary", "dl", "dt", "dd", "b", "br",
        "code", "ins", "del", "strong",
    ];
    let (from, to) = (page.find("<body>").unwrap(), page.find("<script>").unwrap());
    for tag in page[from..to].split('<').skip(1) {
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '!')
            .collect();
        assert!(own.contains(&name.as_str()), "<{tag}");
        // Outside of quotes, as quoted values are text.
        let attributes: String = tag.split('>').next().unwrap().split('"').step_by(2).collect();
        assert!(!attributes.contains(" on") && !attributes.contains("href"), "<{tag}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("http://") || page.contains("=HYPERLINK"), "nothing is loaded");
}

#[test]
fn an_account_of_an_apply_is_as_safe() {
    let portal = fixture::hostile();
    let file = portal.path().join("report.md");
    let argument = format!("markdown={}", file.display());
    portal.run(&["apply", "--auto-approve", "--report", &argument]).exits(0);
    let found = read(&portal.read("report.md"));
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    assert_eq!(found.tables, 1);
}

#[test]
fn a_mask_hides_addresses_usernames_and_surnames_in_every_format() {
    let portal = Portal::example("quickstart");
    let whole = portal.run(&["plan", "--json"]).exits(0).json();
    for format in ["text", "markdown", "github", "html", "json"] {
        let shown = portal.run(&["plan", "-v", "--mask", "--format", format]).exits(0).stdout;
        assert_masked(&shown, &whole);
    }
    let masked = portal.run(&["plan", "--json", "--mask"]).exits(0).json();
    assert_eq!(masked["digest"], whole["digest"], "what was reviewed masked can be demanded");
    let again = Portal::example("quickstart");
    let why = ["--reason", "asked for by carla.mendes@globex.example"];
    let apply = ["apply", "--auto-approve", "--mask", "--json", why[0], why[1]];
    let actor = [("BUILD_REQUESTEDFOREMAIL", "boss@acme.example")];
    let json = again.run_with(&apply, &actor).exits(0);
    assert!(!json.stdout.contains("boss@"), "{}", json.stdout);
    assert_masked(&json.stdout, &whole);
    let apply = portal.run(&["apply", "--auto-approve", "--mask"]).exits(0);
    assert_masked(&(apply.stdout + &apply.stderr), &whole);
}

fn assert_masked(shown: &str, plan: &serde_json::Value) {
    for change in plan["changes"].as_array().unwrap() {
        let username = change["username"].as_str().unwrap();
        let (_, surname) = change["name"].as_str().unwrap().split_once(' ').unwrap();
        for secret in [username, surname] {
            assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{secret}: {shown}");
        }
    }
}

#[test]
fn a_mask_covers_findings_in_the_files() {
    let portal = Portal::new(&[
        ("portalctl.toml", "[project]\nname = \"acme\"\n"),
        (
            "users/a.toml",
            "[[users]]\nusername = \"kim@acme.example\"\nlast_name = \"Osei\"\n[[users]]\nusername = \"kim@acme.example\"\nlast_name = \"Osei\"\n",
        ),
    ]);
    for format in ["text", "json", "github"] {
        let run = portal.run(&["validate", "--mask", "--format", format]).exits(1);
        let shown = run.stdout + &run.stderr;
        assert!(shown.contains("C1009"), "{shown}");
        assert!(shown.contains("users/a.toml"), "{shown}");
        assert!(!shown.contains("kim@") && !shown.contains("Osei"), "{shown}");
    }
}
