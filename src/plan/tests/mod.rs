//! What the planner says, case by case.

#![expect(clippy::format_push_string, reason = "a test may allocate")]

mod access;
mod cases;
mod fields;
mod fixture;
mod foresight;
mod roles;
mod seats;
mod world;
