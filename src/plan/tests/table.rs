//! Cases that read as sentences: an org and a declaration, and the plan that is expected.

use super::fixture::{Scene, scene};

/// One case.
pub(super) struct Case {
    /// What it shows.
    pub(super) says: &'static str,
    /// The org and the declarations, beginning with an org without users.
    pub(super) given: fn(&mut Scene),
    /// The plan, a line each: changes, blockers, codes of what is said about people.
    pub(super) then: &'static [&'static str],
}

/// Plans every case, and shows all that come out otherwise.
pub(super) fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let mut scene = scene();
        (case.given)(&mut scene);
        let lines = scene.lines();
        if lines != case.then {
            wrong.push(format!("{}\n  expected {:#?}\n  got {lines:#?}", case.says, case.then));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
