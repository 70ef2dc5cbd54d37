//! All integration tests in one binary: what people and scripts rely on, through the program itself
//! and the emulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

mod apply;
mod auth;
mod begin;
mod client;
mod client_read;
mod client_tls;
mod client_write;
mod config;
mod doctor;
mod emulator;
mod examples;
mod failures;
mod fmt;
mod import;
mod licenses;
mod narrow_login;
mod planner;
mod program;
mod read_org;
mod readme;
mod render;
mod schema;
mod tidy;
mod workflows;
