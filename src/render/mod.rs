//! Values → text. Every function writes to the `fmt::Write` it is given and decides nothing: what
//! happens was settled in the plan, where it goes is settled in `cli`.

pub mod csv;
pub mod escape;
pub mod github;
pub mod html;
pub mod json;
pub mod markdown;

mod access;
mod access_view;
mod count;
mod diagnostics;
mod diff;
mod differences;
mod doctor;
mod drift;
mod fold;
mod forecast;
mod highlight;
mod import;
mod invited;
mod licenses;
mod mask;
mod page;
mod plan;
mod report;
mod styles;
mod view;

pub use access::access;
pub use access_view::AccessView;
pub use count::{count, counted};
pub use diagnostics::diagnostics;
pub use diff::diff;
pub use doctor::doctor;
pub use drift::drift;
pub use forecast::{forecast, warning};
pub use import::{adopted, freezes_hidden, import_summary, imported, left_out, shared_by_orgs};
pub use mask::{mask_diagnosis, mask_findings};
pub use page::summary_line;
pub use plan::{Detail, plan};
pub use report::report;
pub use styles::Styles;
pub use view::View;
