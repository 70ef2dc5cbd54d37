//! What the planner says, case by case.

#![expect(clippy::format_push_string, reason = "a test may allocate")]

mod access;
mod answer;
mod asked;
mod cases;
mod converge;
mod fields;
mod fixture;
mod forecast;
mod foresight;
mod invite;
mod laws;
mod life;
mod org;
mod people;
mod roles;
mod seats;
mod seed;
mod table;
mod told;
mod world;
