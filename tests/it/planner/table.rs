//! Cases that read as sentences: an org and a declaration, and the plan that is expected.

use super::fixture::{Scene, lines_of, scene};

/// One case.
pub(super) struct Case {
    /// What it shows.
    pub(super) says: &'static str,
    /// The org and the declarations, beginning with an org without users.
    pub(super) given: fn(&mut Scene),
    /// The plan, a line each: changes, blockers, codes of what is said about people.
    pub(super) then: &'static [&'static str],
}

/// Plans every case and asks an org, and shows all that come out otherwise.
pub(super) fn check(cases: &[Case]) {
    let wrong = side_by_side(cases, |case| {
        let mut scene = scene();
        (case.given)(&mut scene);
        let lines = lines_of(&scene.plan());
        if lines != case.then {
            return Some(format!("{}\n  expected {:#?}\n  got {lines:#?}", case.says, case.then));
        }
        let otherwise = scene.ask(&lines).err()?;
        Some(format!("{}\n  {otherwise}", case.says))
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Does the same with everything of a table, on as many threads as there are, and keeps the order.
pub(super) fn side_by_side<T: Sync, R: Send>(table: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each = table.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> = table
            .chunks(each)
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)))
            .collect()
    })
}
