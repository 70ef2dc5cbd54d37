//! Values → text. Every function writes to the `fmt::Write` it is given and decides nothing: what
//! happens was settled in the plan, where it goes is settled in `cli`.

pub mod escape;
pub mod json;

mod count;
mod diagnostics;
mod highlight;
mod licenses;
mod plan;
mod report;
mod styles;

pub use count::{count, counted};
pub use diagnostics::diagnostics;
pub use plan::{Detail, plan, summary_line};
pub use report::report;
pub use styles::Styles;
