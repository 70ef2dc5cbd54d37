//! `fmt`: files in canonical form, and what is said where they are not.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Portal, package, program};

const PROJECT: &str = "[project]\nname = \"acme-portal\"\n";

/// As somebody has typed it: comments everywhere, and line ends of another system.
const TYPED: &str = "\u{feff}# People of Acme\r\naccount='Acme Corp' # exact\r\ntemplate=\"customer\"\r\n[[users]]\r\n\"username\"=\"kim.osei@acme.example\"\r\nlast_name=\"Osei\"\r\npermission_sets = [\r\n  'Orders_Read', # reads\r\n  { name='Beta_Reports',expires=2027-03-31 }]\r\n\r\n\r\n# Left.   \r\n[[users]]\r\nusername = \"pat.lee@acme.example\"\r\nstate = \"inactive\"\r\n# the end";

const CANONICAL: &str = r#"# People of Acme
account  = "Acme Corp" # exact
template = "customer"

[[users]]
username        = "kim.osei@acme.example"
last_name       = "Osei"
permission_sets = [
  "Orders_Read", # reads
  { name = "Beta_Reports", expires = 2027-03-31 },
]

# Left.
[[users]]
username = "pat.lee@acme.example"
state    = "inactive"
# the end
"#;

fn typed() -> Portal {
    Portal::new(&[("portalctl.toml", PROJECT), ("users/acme.toml", TYPED)])
}

#[test]
fn files_are_rewritten_once_and_then_left_alone() {
    let portal = typed();
    let first = portal.run(&["fmt"]).exits(0);
    assert_eq!(
        (&*first.stdout, &*first.stderr),
        ("users/acme.toml\n", "Rewritten: 1 of 2 files.\n")
    );
    assert_eq!(portal.read("users/acme.toml"), CANONICAL);
    let second = portal.run(&["fmt"]).exits(0);
    assert_eq!((&*second.stdout, &*second.stderr), ("", "Canonical: 2 files.\n"));
    let left: Vec<_> = fs::read_dir(portal.path().join("users")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is left beside it");

    let quiet = typed().run(&["fmt", "-q"]).exits(0);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
}

#[test]
fn a_check_shows_what_would_change_and_writes_nothing() {
    let portal = typed();
    let run = portal.run(&["fmt", "--check"]).exits(2);
    insta::assert_snapshot!(run.stdout, @r#"
    --- users/acme.toml
    +++ users/acme.toml
    @@ -1,16 +1,17 @@
    -\u{feff}# People of Acme\r
    -account='Acme Corp' # exact\r
    -template="customer"\r
    -[[users]]\r
    -"username"="kim.osei@acme.example"\r
    -last_name="Osei"\r
    -permission_sets = [\r
    -  'Orders_Read', # reads\r
    -  { name='Beta_Reports',expires=2027-03-31 }]\r
    -\r
    -\r
    -# Left.   \r
    -[[users]]\r
    -username = "pat.lee@acme.example"\r
    -state = "inactive"\r
    -# the end
    \ No newline at end of file
    +# People of Acme
    +account  = "Acme Corp" # exact
    +template = "customer"
    +
    +[[users]]
    +username        = "kim.osei@acme.example"
    +last_name       = "Osei"
    +permission_sets = [
    +  "Orders_Read", # reads
    +  { name = "Beta_Reports", expires = 2027-03-31 },
    +]
    +
    +# Left.
    +[[users]]
    +username = "pat.lee@acme.example"
    +state    = "inactive"
    +# the end
    "#);
    let last = "Not canonical: 1 of 2 files. The same command without `--check` mends that.\n";
    assert_eq!(run.stderr, last);
    assert_eq!(portal.read("users/acme.toml"), TYPED);
    let colored = portal.run(&["fmt", "--check", "--color", "always"]).exits(2).stdout;
    assert!(colored.contains("\u{1b}[32m+account  = "), "{colored}");

    portal.run(&["fmt"]).exits(0);
    assert_eq!(portal.run(&["fmt", "--check"]).exits(0).stdout, "");
}

#[test]
fn a_small_change_is_a_small_diff() {
    let portal = typed();
    portal.write("users/acme.toml", &CANONICAL.replace("state    =", "state ="));
    insta::assert_snapshot!(portal.run(&["fmt", "--check"]).exits(2).stdout, @r#"
    --- users/acme.toml
    +++ users/acme.toml
    @@ -13,5 +13,5 @@
     # Left.
     [[users]]
     username = "pat.lee@acme.example"
    -state = "inactive"
    +state    = "inactive"
     # the end
    "#);
}

#[test]
fn the_examples_are_canonical() {
    let mut files = Vec::new();
    toml_files(&package().join("examples"), &mut files);
    assert!(files.len() > 8, "{files:?}");
    let run = program().args(["fmt", "--check"]).args(&files).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    for example in ["quickstart", "shortfall"] {
        Portal::example(example).run(&["fmt", "--check"]).exits(0);
    }
}

fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".portalctl") {
            toml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn a_new_project_is_canonical() {
    let portal = Portal::new(&[]);
    portal.run(&["init"]).exits(0);
    portal.run(&["fmt", "--check"]).exits(0);
}

#[test]
fn overlays_and_files_of_one_org_are_the_projects_and_a_seed_is_not() {
    let project = "[project]\nname = 'acme-portal'\ninclude = [\"**/*.toml\"]\n[orgs.dev]\nemulator = \"org.toml\"\n[orgs.uat]\nlogin_url = 3\noverlay = \"orgs/uat.toml\"\ninclude = [\"personas/*.toml\"]\n";
    let portal = Portal::new(&[
        ("portalctl.toml", project),
        ("org.toml", "a=1"),
        ("orgs/uat.toml", "a=1"),
        ("personas/test.toml", "a=1"),
        ("users/acme.toml", "unknown=1\n[[users]]\nusername=3"),
    ]);
    let run = portal.run(&["fmt"]).exits(0);
    let listed: Vec<&str> = run.stdout.lines().collect();
    let wanted = ["orgs/uat.toml", "personas/test.toml", "portalctl.toml", "users/acme.toml"];
    assert_eq!(listed, wanted, "what files mean does not matter");
    assert_eq!(portal.read("org.toml"), "a=1");
    portal.run(&["validate"]).exits(1);

    portal.write("portalctl.toml", "projcet.name=1");
    portal.write("users/acme.toml", "a=1");
    let run = portal.run(&["fmt"]).exits(0);
    assert_eq!(run.stdout, "portalctl.toml\nusers/acme.toml\n");
}

#[test]
fn a_file_that_is_not_valid_is_told_and_the_others_are_done() {
    let portal = typed();
    portal.write("users/broken.toml", "a = 1\na = 2\nb = \n");
    portal.write("users/nobody.toml", "[[users\n");
    let check = portal.run(&["fmt", "--check"]).exits(1);
    assert!(check.stdout.starts_with("--- users/acme.toml\n"), "{}", check.stdout);
    let run = portal.run(&["fmt"]).exits(1);
    assert_eq!(run.stdout, "users/acme.toml\n");
    insta::assert_snapshot!(run.stderr, @r#"
    error[C1001]: duplicate key
     --> users/broken.toml:2:1
      |
    2 | a = 2
      | ^
      |
      = help: the rest of the file is checked once it is valid TOML

    error[C1001]: string values must be quoted, expected literal string
     --> users/broken.toml:3:5
      |
    3 | b = 
      |     ^
      |
      = help: the rest of the file is checked once it is valid TOML

    error[C1001]: unclosed array table, expected `]]`
     --> users/nobody.toml:1:8
      |
    1 | [[users
      |        ^
      |
      = help: the rest of the file is checked once it is valid TOML

    Rewritten: 1 of 4 files.
    error: 3 errors in 2 files
    "#);
    assert_eq!(portal.read("users/broken.toml"), "a = 1\na = 2\nb = \n");
    assert_eq!(portal.read("users/acme.toml"), CANONICAL);

    // Nothing says what the other files are.
    portal.write("portalctl.toml", "[project\n");
    let run = portal.run(&["fmt"]).exits(1);
    assert!(run.stderr.contains("portalctl.toml:1:9"), "{}", run.stderr);
    assert!(run.stderr.ends_with("error: 1 error in 1 file\n"), "{}", run.stderr);
}

#[test]
fn named_files_need_no_project() {
    let portal = Portal::new(&[("some.toml", "a=1"), ("other.toml", "b=1")]);
    let path = |name: &str| portal.path().join(name).display().to_string();
    let (some, missing) = (path("some.toml"), path("missing.toml"));
    let run = portal.run(&["fmt", &some, &missing, &some]).exits(1);
    assert_eq!(run.stdout, format!("{some}\n"));
    assert!(run.stderr.contains("cannot read"), "{}", run.stderr);
    assert_eq!(
        (portal.read("some.toml"), portal.read("other.toml")),
        ("a = 1\n".into(), "b=1".into())
    );
    assert!(portal.run(&["fmt"]).exits(1).stderr.contains("no portalctl.toml"));
}

#[test]
fn there_is_no_format_but_text() {
    for format in ["json", "markdown", "html", "github"] {
        let run = typed().run(&["fmt", "--check", "--format", format]).exits(64);
        assert!(run.stderr.contains("the format is text"), "{}", run.stderr);
    }
}

#[test]
fn a_diff_shows_no_secrets() {
    let portal = typed();
    let text = "client_secret='3C8A9F0B1D2E'\n# password = \"3C8A9F0B1D2E\"\nnote = {token=\"3C8A9F0B1D2E\", more=[\"force://3C8A9F0B1D2E@acme\"]}\nkey = '''\n3C8A9F0B1D2E\n'''\n";
    portal.write("users/acme.toml", text);
    insta::assert_snapshot!(portal.run(&["fmt", "--check"]).exits(2).stdout, @r#"
    --- users/acme.toml
    +++ users/acme.toml
    @@ -1,6 +1,6 @@
    -client_secret=**************
    +client_secret = **************
     # password = **************
    -note = {token=**************, more=[***************************]}
    -key = ***
    +note          = { token = **************, more = [***************************] }
    +key           = ***
     ************
     ***
    "#);
    portal.run(&["fmt"]).exits(0);
    assert_eq!(portal.read("users/acme.toml").matches("3C8A9F0B1D2E").count(), 5);

    let masked = typed().run(&["fmt", "--check", "--mask"]).exits(2);
    assert_eq!(masked.stdout, "users/acme.toml\n");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_are_kept_and_nothing_outside_is_touched() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let outside = Portal::new(&[("far.toml", "a=1"), ("folder/b.toml", "b=1")]);
    let portal = Portal::new(&[("portalctl.toml", PROJECT), ("near.toml", "a=1")]);
    let path = |name: &str| portal.path().join(name);
    portal.write("users/own.toml", "a=1");
    fs::set_permissions(path("users/own.toml"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink(outside.path().join("far.toml"), path("users/far.toml")).unwrap();
    symlink(outside.path().join("folder"), path("users/folder")).unwrap();
    symlink(path("near.toml"), path("users/near.toml")).unwrap();

    let run = portal.run(&["fmt"]).exits(0);
    assert_eq!(run.stdout, "users/near.toml\nusers/own.toml\n");
    assert_eq!(run.stderr.matches("lies outside the project and is left alone").count(), 2);
    assert_eq!(fs::metadata(path("users/own.toml")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(path("users/near.toml").is_symlink());
    assert_eq!(portal.read("near.toml"), "a = 1\n");
    assert_eq!(
        (outside.read("far.toml"), outside.read("folder/b.toml")),
        ("a=1".into(), "b=1".into())
    );

    let named = path("users/far.toml").display().to_string();
    portal.run(&["fmt", &named]).exits(0);
    assert_eq!(outside.read("far.toml"), "a = 1\n");

    fs::write(path("users/own.toml"), "a=1").unwrap();
    fs::set_permissions(path("users/own.toml"), fs::Permissions::from_mode(0o440)).unwrap();
    let run = portal.run(&["fmt"]).exits(1);
    assert!(run.stderr.contains("it is read-only"), "{}", run.stderr);
    assert_eq!(portal.read("users/own.toml"), "a=1");
}
