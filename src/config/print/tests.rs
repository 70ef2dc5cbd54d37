use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{ParseError, Source};
use walkdir::WalkDir;

use super::*;

#[track_caller]
fn is(text: &str, wanted: &str) {
    assert_eq!(canonical(text).unwrap(), wanted);
    assert_eq!(canonical(wanted).unwrap(), wanted);
}

#[test]
fn what_is_canonical_stays_as_it_is() {
    for text in [
        "",
        "# nothing but this\n",
        "a = 1\n",
        "# one\n\n# two\na    = 1\n# a comment is no end of a block\nlong = 2\n\nx = 3\n\n# of the table\n[t]\n\n# a first group\nb = 2 # two\n\n[t.u]\n",
        "text = '''\n  left \r\n   alone\t\n'''\nx    = 1\n",
    ] {
        is(text, text);
    }
}

#[test]
fn blanks_and_line_ends_are_chosen() {
    is(
        "\u{feff}\r\n\r\n[ a . 'b' ] # one\t \r\n\tx=1\r\n\r\n\r\n\r\n  long . \"key\"   =  2\r\n# of c\r\n[[ \"c d\" ]]\r\n#\r\n\r\n",
        "[a.b] # one\nx = 1\n\nlong.key = 2\n\n# of c\n[[\"c d\"]]\n#\n",
    );
    is("\n \n\t\n", "");
    is("a = 1", "a = 1\n");
}

#[test]
fn quotes_are_the_plainest_that_need_no_escapes() {
    is(
        "\"a\" = 'plain'\n'b c' = 'C:\\dir'\n\"\" = 'say \"hi\"'\n\"\\u0064\" = \"\\u00e9\"\n'e\"' = ''\n",
        "a     = \"plain\"\n\"b c\" = 'C:\\dir'\n\"\"    = 'say \"hi\"'\nd     = \"\\u00e9\"\n'e\"'  = \"\"\n",
    );
    let as_written = "n = [0xFF, 1_000, +1.5e3, inf, 2027-06-30 07:30:00z, true]\n";
    is(as_written, as_written);
}

#[test]
fn lists_and_tables_take_one_line_if_they_fit() {
    is(
        "a = [\n  'x' ,\n\n  {b=1,c = [ ] , d={ }},\n]\ne = {\n  f = 1,\n}\n",
        "a = [\"x\", { b = 1, c = [], d = {} }]\ne = { f = 1 }\n",
    );
    let item = "\"a text of thirty characters....\"";
    is(
        &format!("sets=[{item},{item},{item}]\nlong_key={{only=[{item},{item},{item}]}}\n"),
        &format!(
            "sets     = [\n  {item},\n  {item},\n  {item},\n]\nlong_key = {{ only = [\n  {item},\n  {item},\n  {item},\n] }}\n"
        ),
    );
    let long = format!("t = {{ a = {item}, b = {item}, ccc = {item} }}\n");
    is(&long, &long);
    is(
        &format!("t = {{ a={item},\n b={item}, ccc={item} }}\n"),
        &format!("t = {{\n  a   = {item},\n  b   = {item},\n  ccc = {item},\n}}\n"),
    );
    let fits = format!("k = [{item}, {item}, \"{}\"]", "x".repeat(22));
    assert_eq!(fits.chars().count(), WIDTH);
    is(&fits, &format!("{fits}\n"));
}

#[test]
fn comments_stay_with_what_they_stand_at() {
    is(
        "a = [ # all\n  # first\n  1, # one\n\n\n  22 # two\n  , # three\n  # last\n] # end\n# after\n",
        "a = [ # all\n  # first\n  1, # one\n\n  22, # two\n  # three\n  # last\n] # end\n# after\n",
    );
    is("t = { a = 1, # one\n b = [2] }\n", "t = {\n  a = 1, # one\n  b = [2],\n}\n");
    is("t = {a=[ # in\n1], b=2}\n", "t = { a = [ # in\n  1,\n], b = 2 }\n");
}

#[test]
fn comments_behind_lines_stand_in_one_column() {
    is("a=1 # x\nlong=22    # y\n\nb=1    #z\n", "a    = 1  # x\nlong = 22 # y\n\nb = 1  #z\n");
    let chosen =
        "[t] # of the table\na    = 1       # x\nlong = 22      # y\nb    = 3\nc    = 4 # z\n";
    is(chosen, chosen);
}

#[test]
fn what_is_not_valid_is_told() {
    for text in ["a = ", "a = 1\na = 2\n", "a = 1 b = 2\n", "[t]\n[t]\n", "a = \"x\u{0}\"\n"] {
        assert!(canonical(text).is_err(), "{text}");
    }
}

/// The comments of a text and its keys and values, each in their order.
fn order(text: &str) -> (Vec<String>, usize) {
    let mut events: Vec<Event> = Vec::new();
    let source = Source::new(text);
    parse_document(&source.lex().into_vec(), &mut events, &mut None::<ParseError>);
    let comments = events.iter().filter(|event| event.kind() == EventKind::Comment);
    let text = |event: &Event| source.get(event.span()).unwrap().as_str().trim_end().to_owned();
    let values = events.iter().filter(|event| event.kind() == EventKind::Scalar);
    (comments.map(text).collect(), values.count())
}

/// Checks everything that is promised of a text, if it is valid.
fn keeps_its_promises(text: &str) -> Result<(), TestCaseError> {
    let Ok(printed) = canonical(text) else { return Ok(()) };
    let again = canonical(&printed);
    prop_assert_eq!(again.as_ref(), Ok(&printed), "of {}", text);
    let value = |text: &str| format!("{:?}", toml::from_str::<toml::Table>(text).unwrap());
    prop_assert_eq!(value(text), value(&printed), "{}", printed);
    prop_assert_eq!(order(text), order(&printed), "{}", printed);
    prop_assert!(!printed.starts_with('\n') && !printed.ends_with("\n\n"), "{}", printed);
    if !text.contains("'''") && !text.contains("\"\"\"") {
        prop_assert!(!printed.contains("\n\n\n") && !printed.contains('\r'), "{}", printed);
        prop_assert!(!printed.lines().any(|line| line.ends_with([' ', '\t'])), "{}", printed);
    }
    Ok(())
}

#[test]
fn the_files_of_this_package_keep_their_meaning() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["examples", "tests"].map(|folder| WalkDir::new(package.join(folder)));
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().into_path());
    let mut valid = 0;
    for file in files.filter(|path| path.extension().is_some_and(|it| it == "toml")) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        valid += usize::from(canonical(&text).is_ok());
        keeps_its_promises(&text).unwrap();
        keeps_its_promises(&text.replace('\n', "\r\n").replace("  ", "\t")).unwrap();
    }
    assert!(valid > 80, "{valid}");
}

proptest! {
    #[test]
    fn a_file_keeps_its_meaning(lines in prop::collection::vec(line(), 0..14)) {
        // Keys are numbered, so that most files are valid.
        let text: String =
            lines.iter().enumerate().map(|(at, line)| line.replace('@', &at.to_string())).collect();
        keeps_its_promises(&text)?;
    }

    #[test]
    fn anything_is_taken(parts in prop::collection::vec(select(PARTS), 0..30)) {
        keeps_its_promises(&parts.concat())?;
    }
}

fn line() -> impl Strategy<Value = String> {
    let blank = || select(&["", " ", "\t", "  "][..]);
    let end = || select(&["\n", "\r\n", " # c\n", "    # c d \n", "\t#\r\n"][..]);
    let key = select(&["k@", "'k@'", "\"long key @\"", "d . e.f@", "\"\\u006b@\"", "é@"][..]);
    let pair =
        (blank(), key, blank(), blank(), value(), end()).prop_map(|(a, key, b, c, value, end)| {
            let key = if key.starts_with('é') { format!("'{key}'") } else { key.to_owned() };
            format!("{a}{key}{b}={c}{value}{end}")
        });
    let header = (blank(), select(&["[t@]", "[ t@ . 'u' ]", "[[a]]", "[[ a . b ]]"][..]), end())
        .prop_map(|(blank, header, end)| format!("{blank}{header}{end}"));
    let other = select(&["\n", "\r\n", "  \n", "# c\n", " \t# own line \r\n"][..]);
    prop_oneof![4 => pair, 1 => header, 2 => other.prop_map(str::to_owned)]
}

fn value() -> impl Strategy<Value = String> {
    let scalar = select(SCALARS).prop_map(str::to_owned);
    scalar.prop_recursive(3, 12, 4, |inner| {
        let gap = || select(&["", " ", "\n", "\n\n \n", " # in\n", "\r\n# own\r\n  "][..]);
        let item = (gap(), inner, gap());
        let items = prop::collection::vec(item, 0..4);
        (items, gap(), any::<bool>(), any::<bool>()).prop_map(|(items, gap, last, is_table)| {
            let item = |(at, (a, value, b)): (usize, &(&str, String, &str))| {
                let key = if is_table { format!("x{at}=") } else { String::new() };
                format!("{a}{key}{value}{b}")
            };
            let all: Vec<String> = items.iter().enumerate().map(item).collect();
            let comma = if last && !all.is_empty() { "," } else { "" };
            let (open, close) = if is_table { ('{', '}') } else { ('[', ']') };
            format!("{open}{}{comma}{gap}{close}", all.join(","))
        })
    })
}

const SCALARS: &[&str] = &[
    "1",
    "-0.5e+10",
    "nan",
    "true",
    "2027-06-30",
    "2027-06-30 07:30:00.5+01:00",
    "07:30:00",
    "\"plain\"",
    "'literal'",
    "'with \"quotes\"'",
    "'C:\\dir'",
    "\"tab\\t\\u00e9 # no comment\"",
    "'a\ttab'",
    "\"a text that is long enough to make lists of several items take more than one line\"",
    "'''\nseveral  \n\n\n lines\r\n'''",
    "\"\"\"one \\\n   two\"\"\"",
    "\"\"",
];

/// What files are made of, well-formed and otherwise.
const PARTS: &[&str] = &[
    "a",
    "b",
    "'c'",
    "\"d e\"",
    ".",
    " ",
    "\t",
    "=",
    "=",
    " = ",
    "1",
    "'x'",
    "\"y\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "# c",
    "#",
    "'''",
    "\"\"\"",
    "\\",
    "\u{feff}",
    "\u{0}",
    "é",
    "[t]\n",
    "[[u]]\n",
    "a = 1\n",
    "b = [1,\n",
];
