//! What the planner says, case by case.

#![expect(clippy::format_push_string, reason = "a test may allocate")]

mod cases;
mod fixture;
