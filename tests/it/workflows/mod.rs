//! The pipelines of `examples/ci`: shaped as GitHub reads them, and their shell steps run against the
//! emulator in a faked GitHub.

mod lint;
mod nights;
mod reviews;
mod runner;
